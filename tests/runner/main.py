"""tests/run, once Python is there: chooses the stages, runs them in order, sums up."""
import argparse
import signal
import sys
import time

import coverage
import stages
from commands import ROOT, CannotRun
from servers import Servers
from stages import Outcome

sys.path.append(str(ROOT / "deploy/local"))
from environment import forget_settings

# In this order; the suites come after these. What stands in front costs least.
CHECKS = {
    "format": stages.format_stage,
    "scripts": stages.scripts_stage,
    "taste": stages.taste_stage,
    "alerts": stages.alerts_stage,
    "build": stages.build_stage,
    "tidy": stages.tidy_stage,
    "fuzz": stages.fuzz_stage,
    "kubernetes": stages.kubernetes_stage,
    "local": stages.local_stage,
}
COME_BEFORE_BUILD = {"format", "scripts", "taste", "alerts"}
# Those, what has a build of its own, and what looks at files alone.
NEED_NO_BUILD = COME_BEFORE_BUILD | {"fuzz", "kubernetes"}


class Run:
    def __init__(self, options):
        self.options = options
        self.total = Outcome(0, 0)
        self.servers = Servers(options.logs)

    def everything(self):
        chosen = self.options.stages
        needs_build = not chosen or set(chosen) - NEED_NO_BUILD
        named_suites = [name for name in chosen if name not in CHECKS]
        if not chosen or set(named_suites) - stages.NEED_NO_SERVERS:
            self.servers.begin_kafka()
        for name, check in CHECKS.items():
            if name == "build":
                if needs_build and not self.stage(name, lambda: stages.build_stage(self.options)):
                    self.say_not_run(chosen)
                    return
            elif not chosen or name in chosen:
                self.stage(name, lambda check=check: check(self.options))
        if not chosen or named_suites:
            coverage.forget(self.options)
            self.suites(named_suites)
            if self.options.preset == "coverage":
                print(coverage.report(self.options))

    def suites(self, named):
        counts = stages.suites(self.options)
        for suite in stages.in_order(named or set(counts) | set(stages.known_suites())):
            if counts.get(suite):
                self.stage(suite, lambda suite=suite: stages.suite_stage(self.options, suite, self.servers))
            elif named:
                hint = f" that match '{self.options.filter}'" if self.options.filter else ""
                self.count(suite, Outcome(0, 1, f"no tests{hint}; tests/run --list shows what there is"), 0.0)
            else:
                print(f"{suite:16}no tests")

    def say_not_run(self, chosen):
        """What was asked for and cannot be run has failed, so that the sum does not look better than it is."""
        for name in chosen or ["tidy", "fuzz", "kubernetes", "local", *stages.known_suites()]:
            if name not in COME_BEFORE_BUILD and name != "build":
                self.count(name, Outcome(0, 1, "not run: the build failed"), 0.0)

    def stage(self, name, work):
        print(f"{name:16}", end="", flush=True)
        began = time.monotonic()
        try:
            outcome = work()
        except CannotRun as reason:
            outcome = Outcome(0, 1, str(reason))
        self.count("", outcome, time.monotonic() - began)
        return outcome.failed == 0

    def count(self, name, outcome, seconds):
        self.total.passed += outcome.passed
        self.total.failed += outcome.failed
        figures = f"{outcome.passed} passed, {outcome.failed} failed"
        print(f"{name:16}" * bool(name) + f"{figures:28}{seconds:7.1f} s", flush=True)
        if outcome.said:
            print(outcome.said, flush=True)


def show_list(options):
    try:
        counts = stages.suites(options)
    except CannotRun as reason:
        print(f"tests/run: {reason}", file=sys.stderr)
        return 1
    print(*CHECKS, sep="\n")
    for suite in stages.in_order(set(counts) | set(stages.known_suites())):
        print(f"{suite:16}{counts.get(suite, 0)} tests")
    return 0


def read_arguments():
    parser = argparse.ArgumentParser(prog="tests/run", add_help=False)
    parser.add_argument("stages", nargs="*")
    parser.add_argument("--preset", choices=["asan", "tsan", "dev", "coverage"], default="asan")
    parser.add_argument("--filter")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    stages_there_are = [*CHECKS, *stages.known_suites()]
    for name in options.stages:
        if name not in stages_there_are:
            parser.error(f"there is no stage or suite '{name}'; there are: {', '.join(stages_there_are)}")
    options.build = ROOT / "build" / options.preset
    options.logs = options.build / "log"
    return options


def interrupt(*_):
    raise KeyboardInterrupt


def attempt(run, work):
    try:
        work()
    except KeyboardInterrupt:
        run.count("\ninterrupted", Outcome(0, 1), 0.0)
    except CannotRun as reason:
        run.count("\ntests/run", Outcome(0, 1, str(reason)), 0.0)


def main():
    forget_settings()
    options = read_arguments()
    if options.list:
        return show_list(options)
    options.logs.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    run = Run(options)
    try:
        attempt(run, run.everything)
    finally:
        attempt(run, run.servers.stop)
    print(f"{run.total.passed} passed, {run.total.failed} failed")
    return 0 if run.total.failed == 0 else 1


sys.exit(main())
