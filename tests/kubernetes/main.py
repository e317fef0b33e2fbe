"""tests/kubernetes/run, once its tools are there: each check with what it finds, then the sum."""
import argparse
import difflib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

import compose_rules
import database_rules  # noqa: F401  their import makes the rules known
import linters
import network_rules  # noqa: F401
import pod_rules  # noqa: F401
import reference_rules  # noqa: F401
import rules
import samples
import schemas
from rendered import DEPLOYED, K8S, Rendered, render, render_text


def checks():
    """Name and function of each check; a function yields findings."""
    for folder in (*DEPLOYED, "argocd"):
        yield f"{folder} is rendered", lambda folder=folder: [] if render(folder).objects else ["nothing is in it"]
    for folder in DEPLOYED:
        for version in schemas.VERSIONS:
            yield (f"{folder} is valid in Kubernetes {version}",
                   lambda folder=folder, version=version: schemas.validate(render(folder), version))
        for name, rule in rules.RULES.items():
            yield f"{folder}: {name}", lambda folder=folder, rule=rule: rule(render(folder))
        yield f"{folder}: kube-score", lambda folder=folder: linters.kube_score(render_text(folder))
        yield f"{folder}: checkov", lambda folder=folder: by_checkov(render_text(folder))
    yield "every component is in an overlay", unused_components
    yield "rules of alerts are those of deploy/prometheus", rules_in_step
    yield "Argo CD's applications lead to overlays", applications
    yield "deploy/compose is valid", compose_rules.invalid
    yield "deploy/compose: programs can read what prepare makes", \
        lambda: compose_rules.unreadable_secrets(compose_rules.composed())
    yield "deploy/compose: images are built of what is committed", compose_rules.context
    yield "deploy/compose: every rule finds its sample", compose_rules.unnoticed
    yield "every rule finds its sample", samples.findings
    yield "validation finds a field that does not exist, in every kind", unnoticed_fields
    yield "kube-score and checkov find a privileged pod", unnoticed_by_linters


def by_checkov(text):
    with tempfile.TemporaryDirectory() as folder:
        findings, passed = linters.checkov(text, Path(folder))
    return findings if passed > 100 else [*findings, f"it made {passed} checks only"]


def unused_components():
    used = {Path(each).name for folder in DEPLOYED
            for each in yaml.safe_load((K8S / folder / "kustomization.yaml").read_text()).get("components", [])}
    return [f"component {each.name} is in no overlay, so nobody sees whether it can be rendered"
            for each in sorted((K8S / "components").iterdir()) if each.name not in used]


def rules_in_step():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([K8S / "components/prometheus/write_rules", folder], check=True)
        here, wanted = K8S / "components/prometheus/rules", Path(folder)
        for name in sorted({each.name for each in [*here.iterdir(), *wanted.iterdir()]}):
            texts = [(side / name).read_text() if (side / name).exists() else "" for side in (here, wanted)]
            if texts[0] != texts[1]:
                line = next(each for each in difflib.unified_diff(*[text.splitlines() for text in texts], n=0)
                            if each.startswith(("+", "-")) and not each.startswith(("+++", "---")))
                yield f"rules/{name} is not as deploy/prometheus has it ({line}): run k8s/components/prometheus/write_rules"


def applications():
    one = next(each for each in render("argocd").objects if each["kind"] == "ApplicationSet")["spec"]
    elements = one["generators"][0]["list"]["elements"]
    named = {f"overlays/{each['overlay']}": each["namespace"] for each in elements}
    for folder in DEPLOYED:
        if folder.startswith("overlays/") and folder not in named:
            yield f"{folder} has no application"
    for folder, namespace in named.items():
        if not (K8S / folder).is_dir():
            yield f"the application of {folder} leads nowhere"
        elif render(folder).of("Namespace")[0]["metadata"]["name"] != namespace:
            yield f"the application of {folder} is for namespace {namespace}, which the overlay is not"
    if "selfHeal: true" not in one["templatePatch"]:
        yield "what somebody changes by hand stays changed"
    if "ignoreDifferences" in one["template"]["spec"]:
        yield "a number of replicas that changes in the repository is not applied: who autoscales has none there"
    if not one.get("syncPolicy", {}).get("preserveResourcesOnDeletion"):
        yield "an application that is renamed or taken out takes with it all that it has made, Postgres and topics too"
    if [each["prune"] for each in elements if each["overlay"] == "prod"] != ["false"]:
        yield "production deletes by itself what is no longer in the repository"


def unnoticed_fields():
    for thing in samples.misspelled():
        if thing["apiVersion"].split("/")[0] in schemas.WITHOUT_SCHEMA:
            continue
        if not schemas.validate(Rendered("a sample", [thing]), schemas.VERSIONS[-1]):
            yield f"{thing['kind']} may have a field that does not exist"


def unnoticed_by_linters():
    made = samples.broken(samples.SAMPLES["pods_are_restricted"])
    pods = [each["spec"]["template"]["spec"]["containers"][0] for each in made.of("Deployment")]
    for each in pods:
        each["securityContext"]["privileged"] = True
    text = yaml.safe_dump_all(made.of("Deployment"))
    if not linters.kube_score(text):
        yield "kube-score lets a privileged pod pass"
    with tempfile.TemporaryDirectory() as folder:
        if not linters.checkov(text, Path(folder))[0]:
            yield "checkov lets a privileged pod pass"


def run(function):
    try:
        return list(function())
    except (ValueError, OSError, KeyError, TypeError, StopIteration, subprocess.SubprocessError) as error:
        return [f"it did not come to its end: {type(error).__name__}: {error}"]


def main():
    parser = argparse.ArgumentParser(prog="tests/kubernetes/run")
    parser.add_argument("--only", action="append", default=[], help="checks whose name has this in it")
    parser.add_argument("--times", action="store_true", help="how long each takes")
    options = parser.parse_args()
    passed = failed = 0
    for name, function in checks():
        if options.only and not any(part in name for part in options.only):
            continue
        began = time.monotonic()
        findings = run(function)
        for finding in findings:
            print(f"{name}: {finding}")
        if options.times:
            print(f"{time.monotonic() - began:6.2f} s  {name}")
        passed, failed = passed + (not findings), failed + bool(findings)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
