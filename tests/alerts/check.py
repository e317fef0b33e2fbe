"""tests/run alerts: the rules, their tests, the runbooks and the dashboards, as far as it is seen without a server.

Each finding is one line; the last line is `N passed, N failed`. Run by .local/python, which has YAML.
"""
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

import dashboards

ROOT = Path(__file__).resolve().parents[2]
PROMTOOL = ROOT / ".local/unpacked/prometheus/usr/bin/promtool"
RULES = sorted((ROOT / "deploy/prometheus").glob("*.rules.yml"))
RUNBOOKS = sorted((ROOT / "deploy/runbooks").glob("*.md"))
TESTS = ROOT / "tests/alerts"
SEVERITIES = {"page", "ticket"}


def area(path):
    return path.name.split(".")[0]


def rules_in(path):
    return [rule for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def promtool(*arguments):
    """What it complains of, or nothing."""
    answer = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, check=False)
    return "" if answer.returncode == 0 else (answer.stdout + answer.stderr).strip()


def wrong_with_file(path):
    """As Prometheus reads it, and as its test has it."""
    test = TESTS / f"{area(path)}.test.yml"
    if not test.exists():
        return [f"{test.relative_to(ROOT)} is missing: each file of rules has one, see tests/alerts/README.md"]
    return [said for said in (promtool("check", "rules", path), promtool("test", "rules", test)) if said]


def sections_of(runbook):
    return re.findall(r"^## (Tollgate\w+)$", runbook.read_text(encoding="utf-8"), re.MULTILINE)


def wrong_with_alert(rule, path):
    """What a rule needs so that whoever is woken by it knows what to do."""
    name = rule["alert"]
    runbook = ROOT / "deploy/runbooks" / f"{area(path)}.md"
    annotations = rule.get("annotations", {})
    if not name.startswith("Tollgate"):
        yield "its name begins with Tollgate, as it stands among those of others"
    if rule.get("labels", {}).get("severity") not in SEVERITIES:
        yield f"its severity is one of {', '.join(sorted(SEVERITIES))}"
    if not annotations.get("summary"):
        yield "it has no summary"
    if annotations.get("runbook_url") != f"deploy/runbooks/{area(path)}.md#{name.lower()}":
        yield f"its runbook_url is deploy/runbooks/{area(path)}.md#{name.lower()}"
    if not runbook.exists() or name not in sections_of(runbook):
        yield f"deploy/runbooks/{area(path)}.md has no section '## {name}'"
    if "namespace" not in rule["expr"] and "tollgate:" not in rule["expr"]:  # which those keep
        yield "it does not keep the namespace: installations of one Prometheus are told apart by it"


def wrong_with_test(rule, path):
    """Whether it is tested both ways: that it fires, and that it does not."""
    name = rule["alert"]
    tests = yaml.safe_load((TESTS / f"{area(path)}.test.yml").read_text(encoding="utf-8"))["tests"]
    expected = [bool(case.get("exp_alerts")) for test in tests for case in test.get("alert_rule_test", [])
                if case["alertname"] == name]
    if True not in expected:
        yield "no test shows that it fires"
    if False not in expected:
        yield "no test shows that it does not fire"


def wrong_with_sections(alerts):
    """Sections of runbooks that are of no alert."""
    for runbook in RUNBOOKS:
        for section in sections_of(runbook):
            if section not in alerts:
                yield f"{runbook.relative_to(ROOT)}: '## {section}' is of no alert"


def unreadable(expressions):
    """What Prometheus says of expressions that it cannot read."""
    rules = [{"record": f"r{number}", "expr": each} for number, each in enumerate(expressions)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        yaml.safe_dump({"groups": [{"name": "g", "rules": rules}]}, file)
        file.flush()
        return promtool("check", "rules", file.name)


def wrong_with_expressions(shown):
    """All at once costs one process; which (where, expression) is at fault is asked only if there is one."""
    if not unreadable([expression for _, expression in shown]):
        return []
    return [f"{where}: {said.splitlines()[-1].strip()}" for where, expression in shown
            if (said := unreadable([expression]))]


def wrong_with_records(expressions):
    """What rules and dashboards take from recording rules, and nobody records."""
    recorded = {rule["record"] for path in RULES for rule in rules_in(path) if "record" in rule}
    for where, expression in expressions:
        for name in set(re.findall(r"tollgate:[\w:]+", expression)) - recorded:
            yield f"{where}: nobody records {name}"


def main():
    findings = []  # one list for each thing that was looked at
    with ThreadPoolExecutor() as pool:
        findings += pool.map(wrong_with_file, RULES)
    alerts = [(rule, path) for path in RULES for rule in rules_in(path) if "alert" in rule]
    names = [rule["alert"] for rule, _ in alerts]
    findings.append([f"{name} is there twice" for name in set(names) if names.count(name) > 1])
    for rule, path in alerts:
        findings.append([f"{path.relative_to(ROOT)}: {rule['alert']}: {said}"
                         for check in (wrong_with_alert, wrong_with_test) for said in check(rule, path)])
    findings.append(list(wrong_with_sections(set(names))))
    boards = sorted((ROOT / "deploy/grafana").glob("*.json"))
    findings += [[f"{board.relative_to(ROOT)}: {said}" for said in dashboards.wrong_with(board)] for board in boards]
    findings.append(dashboards.wrong_with_all(boards))
    shown = [each for board in boards for each in dashboards.expressions(board)]
    findings.append(wrong_with_expressions(shown))
    findings.append(list(wrong_with_records([*shown, *((rule["alert"], rule["expr"]) for rule, _ in alerts)])))
    for finding in findings:
        print(*finding, sep="\n", end="\n" * bool(finding))
    failed = sum(bool(finding) for finding in findings)
    print(f"{len(findings) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
