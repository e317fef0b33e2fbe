"""The stages of tests/run. Each returns an Outcome; what is said on a failure is for who has to mend it."""
import ast
import json
import os
import re
import subprocess
import xml.etree.ElementTree
from dataclasses import dataclass

import coverage
from commands import ROOT, CannotRun, lines_of, run, sources, tail

NEED_NO_SERVERS = {"unit"}
SHELL = re.compile(rb"^#!.*\b(bash|sh)\b")
COUNT = re.compile(r"^(\d+) passed, (\d+) failed$")
SYMBOLIZER = "/usr/lib/llvm-19/bin/llvm-symbolizer"


@dataclass
class Outcome:
    passed: int
    failed: int
    said: str = ""


def format_stage(options):
    files = sources(".cpp", ".hpp")
    if not files:
        return Outcome(0, 0)
    log = options.logs / "format.log"
    status = run(["clang-format-19", "--dry-run", "-Werror", "--ferror-limit=1", *files], log)
    wrong = sorted(set(re.findall(r"^([^:\n]+):\d+:\d+: error", tail(log, 100000), re.MULTILINE)))
    if status != 0 and not wrong:
        raise CannotRun(f"clang-format-19 failed, see {log}: {tail(log, 3)}")
    said = f"not formatted; mend with: clang-format-19 -i {' '.join(wrong)}" if wrong else ""
    return Outcome(len(files) - len(wrong), len(wrong), said)


def scripts_stage(options):
    """shellcheck for shell, and whether Python parses."""
    shell, wrong, said = [], set(), []
    python = []
    for name in sources(""):
        with open(ROOT / name, "rb") as script:
            first = script.readline()
        if SHELL.match(first):
            shell.append(name)
        elif name.endswith(".py") or first.startswith(b"#!/usr/bin/env python3"):
            python.append(name)
    log = options.logs / "scripts.log"
    if shell and run(["shellcheck", "--format=gcc", *shell], log) != 0:
        said.append(tail(log))
        wrong |= {line.split(":")[0] for line in tail(log, 100000).splitlines()}
    for name in python:
        try:
            ast.parse((ROOT / name).read_text(encoding="utf-8"), name)
        except SyntaxError as error:
            said.append(f"{name}:{error.lineno}: {error.msg}")
            wrong.add(name)
    return Outcome(len(shell) + len(python) - len(wrong), len(wrong), "\n".join(said))


def counted_stage(options, name, command, environment=None):
    """A check that counts for itself: its last line is `N passed, N failed`."""
    log = options.logs / f"{name}.log"
    run(command, log, environment)
    lines = tail(log, 400).splitlines()
    count = COUNT.match(lines[-1]) if lines else None
    if not count:
        raise CannotRun(f"{name} did not come to its end, see {log}: {' '.join(lines[-3:])}")
    outcome = Outcome(int(count[1]), int(count[2]))
    if outcome.failed:
        outcome.said = "\n".join(lines[:-1])
    return outcome


def taste_stage(options):
    mended = counted_stage(options, "taste-self-test", ["tests/taste", "--self-test"])
    tree = counted_stage(options, "taste", ["tests/taste"])
    said = "\n".join(filter(None, [mended.said, tree.said]))
    return Outcome(mended.passed + tree.passed, mended.failed + tree.failed, said)


def alerts_stage(options):
    return counted_stage(options, "alerts", [".local/python/bin/python", "tests/alerts/check.py"])


def tidy_stage(options):
    everything = ["--all"] if options.all else []
    return counted_stage(options, "tidy", ["tests/tidy", "--preset", options.preset, *everything])


def fuzz_stage(options):
    return counted_stage(options, "fuzz", ["tests/fuzz/run", "--seconds", "3"])


def kubernetes_stage(options):
    return counted_stage(options, "kubernetes", ["tests/kubernetes/run"])


def local_stage(options):
    return counted_stage(options, "local", ["tests/local/check.py", "--programs", options.build / "bin"],
                         environment_of_programs(options))


def build_stage(options):
    for name, command in (("configure", ["cmake", "--preset", options.preset]),
                          ("build", ["cmake", "--build", "--preset", options.preset])):
        log = options.logs / f"{name}.log"
        if run(command, log) != 0:
            return Outcome(0, 1, f"{first_failure(log)}\n(the whole log: {log})")
    return Outcome(1, 0)


def first_failure(log):
    """From ninja's first FAILED on: the later ones are mostly its consequences, or the same header again."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    begin = next((index for index, line in enumerate(lines) if line.startswith("FAILED:")), max(0, len(lines) - 40))
    return "\n".join(line[:300] for line in lines[begin:begin + 40])


def known_suites():
    """Those that the build makes, in its order, and that have a folder."""
    declared = re.findall(r"^tollgate_suite\((\w+)", (ROOT / "tests/CMakeLists.txt").read_text(encoding="utf-8"), re.M)
    return [name for name in declared if (ROOT / "tests" / name).is_dir()]


def in_order(names):
    known = [name for name in known_suites() if name in names]
    return known + sorted(set(names) - set(known))


def suites(options):
    """Name of each suite (a label of ctest) -> number of its tests that match the filter."""
    if not (options.build / "CTestTestfile.cmake").exists():
        return {}
    command = ["ctest", "--test-dir", options.build, "--show-only=json-v1"]
    if options.filter:
        command += ["-R", options.filter]
    answer = "\n".join(lines_of(*command))
    counts = {}
    for test in json.loads(answer[answer.index("{"):])["tests"]:
        for one in test.get("properties", []):
            for label in one["value"] if one["name"] == "LABELS" else []:
                counts[label] = counts.get(label, 0) + 1
    return counts


def sanitizer_environment():
    supp = {tool: ROOT / f"tests/support/{tool}.supp" for tool in ("lsan", "tsan", "ubsan")}
    suppress = {tool: f":suppressions={path}" if path.exists() else "" for tool, path in supp.items()}
    return {
        "ASAN_OPTIONS": f"detect_leaks=1:halt_on_error=1:detect_stack_use_after_return=1:"
                        f"external_symbolizer_path={SYMBOLIZER}",
        "LSAN_OPTIONS": f"print_suppressions=0{suppress['lsan']}",
        "UBSAN_OPTIONS": f"print_stacktrace=1:halt_on_error=1:"
                         f"external_symbolizer_path={SYMBOLIZER}{suppress['ubsan']}",
        "TSAN_OPTIONS": f"halt_on_error=1:second_deadlock_stack=1:"
                        f"external_symbolizer_path={SYMBOLIZER}{suppress['tsan']}",
    }


def environment_of_programs(options):
    """For what was built, wherever it runs."""
    return {**sanitizer_environment(), "LLVM_PROFILE_FILE": str(coverage.profiles(options) / coverage.PATTERN)}


def suite_stage(options, suite, servers):
    environment = {
        **environment_of_programs(options),
        "TOLLGATE_TEST_BIN": str(options.build / "bin"),
        "TOLLGATE_SOURCE_DIR": str(ROOT),
    }
    if suite not in NEED_NO_SERVERS:
        environment.update(servers.environment())
    report = options.logs / f"{suite}.xml"
    report.unlink(missing_ok=True)
    command = ["ctest", "--test-dir", options.build, "--output-on-failure", "-j", 2 * os.cpu_count(),
               "-L", f"^{suite}$", "--output-junit", report]
    if options.filter:
        command += ["-R", options.filter]
    run(command, options.logs / f"{suite}.log", environment)
    return read_report(report, options.logs / f"{suite}.log")


def read_report(report, log):
    if not report.exists():
        raise CannotRun(f"ctest did not come to its end, see {log}:\n{tail(log, 10)}")
    passed, said = 0, []
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        if case.get("status") == "run":
            passed += 1
            continue
        # Skipped and disabled count as failed too: nothing is left out without a word.
        output = (case.findtext("system-out") or "").strip().splitlines()[-80:]
        # The time, because a test that was ended for taking too long has no output.
        how = f"{case.get('status')} {reason(case)}".strip()
        said.append("\n".join([f"--- {case.get('name')}: {how} after {case.get('time')} s", *output]))
    return Outcome(passed, len(said), "\n".join([*said, f"(the whole log: {log})"]) if said else "")


def reason(case):
    for kind in ("failure", "skipped", "error"):
        found = case.find(kind)
        if found is not None:
            return found.get("message") or ""
    return ""
