"""kube-score and checkov, with what we have decided otherwise, and why."""
import json
import os
import subprocess

from rendered import TOOLS

KUBE_SCORE_IGNORED = {
    "container-image-pull-policy": "a tag of a release is never moved; who deploys names place and digest (k8s/README.md)",
    "deployment-has-host-podantiaffinity": "topologySpreadConstraints over hosts say the same, and count",
    "deployment-replicas": "our own rule knows which overlay has how many, and who autoscales",
    "networkpolicy-targets-pod": "those of the database and the brokers are made by their operators",
}
CHECKOV_SKIPPED = {
    "CKV_K8S_11": "a limit of CPU throttles before the node is busy; requests share it out",
    "CKV_K8S_15": "a tag of a release is never moved; who deploys names place and digest (k8s/README.md)",
    "CKV_K8S_43": "digests are of whoever has built and pushed the images: `kustomize edit set image`",
}


def kube_score(text):
    command = [TOOLS / "bin/kube-score", "score", "--output-format", "json", "--kubernetes-version", "v1.34",
               "--ignore-container-cpu-limit", "--enable-optional-test", "container-seccomp-profile"]
    for name in KUBE_SCORE_IGNORED:
        command += ["--ignore-test", name]
    done = subprocess.run([*command, "-"], input=text, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        raise ValueError(f"kube-score said nothing: {done.stderr.strip()}")
    findings = []
    for thing in json.loads(done.stdout):
        for check in thing["checks"]:
            if check["skipped"] or check["grade"] >= 10:
                continue
            for comment in check["comments"] or [{"path": "", "summary": ""}]:
                findings.append(f"{thing['object_name']}: {check['check']['id']}: {comment['path']} {comment['summary']}")
    return findings


def checkov(text, folder):
    file = folder / "rendered.yaml"
    file.write_text(text, encoding="utf-8")
    command = [TOOLS / "python/bin/checkov", "--file", file, "--framework", "kubernetes", "--output", "json",
               "--skip-download", "--skip-check", ",".join(CHECKOV_SKIPPED)]
    # It reports home unless it is told otherwise.
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env={**os.environ, "LOG_LEVEL": "ERROR", "BC_SKIP_MAPPING": "TRUE"})
    report = json.loads(done.stdout)
    if "results" not in report:
        raise ValueError(f"checkov looked at nothing: {done.stdout[:200]}")
    return [f"{each['resource']}: {each['check_id']}: {each['check_name']}"
            for each in report["results"]["failed_checks"]], report["summary"]["passed"]
