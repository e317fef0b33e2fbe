#!/usr/bin/env python3
"""tests/run local: deploy/local/up, with a Postgres and a Kafka of its own, but for the build.

   tests/local/check.py [--programs FOLDER] [NAME]...   those tests alone

The last line is `N passed, N failed`. FOLDER is where `tollgate` was built, build/asan/bin unless given.
"""
import argparse
import os
import re
import signal
import socket
import sys
import time
import unittest
import urllib.request
from pathlib import Path

from installation import KAFKA_PORT, PORTS, ROOT, Installation, pasted, readme_commands

sys.path.append(str(ROOT / "deploy/local"))
import processes
from environment import forget_settings
from processes import CannotRun, Process, Supervisor

PROGRAMS = ROOT / "build/asan/bin"
BOOKED_WITHIN = 30
INSTALLATIONS = []


def remove_all():
    while INSTALLATIONS:
        INSTALLATIONS.pop().remove()


def interrupt(*_):
    raise KeyboardInterrupt


class Ends(unittest.TestCase):
    """What the supervisor does about how a process ends."""

    def after(self, ending, pause=0.01, began_before=0.0):
        """The process, once it was seen to have ended."""
        process = Process("it", ["sh", "-c", ending], {}, (0, ""), Path(os.devnull), pause=pause)
        supervisor = Supervisor(signals=None, detached=False, environment={})
        supervisor.start(process)
        process.started -= began_before
        process.child.wait()
        supervisor.look_after()
        return process

    def test_what_asks_for_it_is_started_again(self):
        for ending in ("exit 5", "exit 70", "kill -SEGV $$", "kill -KILL $$"):
            with self.subTest(ending):
                self.assertIsNotNone(self.after(ending).restart_at)

    def test_what_would_end_so_again_is_not(self):
        for code in (0, 1, 2, 3, 4):
            with self.subTest(code), self.assertRaisesRegex(CannotRun, f"exit code {code}"):
                self.after(f"exit {code}")

    def test_the_pause_grows_to_a_longest_and_is_short_again_for_who_has_run(self):
        self.assertEqual(self.after("exit 70", pause=4.0).pause, 8.0)
        self.assertEqual(self.after("exit 70", pause=processes.LONGEST_PAUSE).pause, processes.LONGEST_PAUSE)
        settled = self.after("exit 70", pause=processes.LONGEST_PAUSE, began_before=processes.SETTLED_AFTER + 1)
        self.assertEqual(settled.pause, 2 * processes.FIRST_PAUSE)


class Up(unittest.TestCase):
    def setUp(self):
        self.here = Installation(PROGRAMS)
        INSTALLATIONS.append(self.here)
        self.addCleanup(remove_all)

    def must(self, outcome):
        code, said = outcome
        self.assertEqual(code, 0, said)
        return said

    def must_not(self, outcome, why):
        code, said = outcome
        self.assertEqual(code, 1, said)
        self.assertRegex(said, why)
        return said

    def comes_to_list(self, payment):
        """Some time after its event."""
        deadline = time.monotonic() + BOOKED_WITHIN
        while not re.search(payment, listed := self.must(self.here.shell("tollgate payment list --tenant demo"))):
            self.assertLess(time.monotonic(), deadline, listed)

    def test_a_newcomer_does_what_is_on_the_screen_and_in_the_readme(self):
        screen = self.must(self.here.up())
        self.assertIn("later Slack would show", screen)
        lines = pasted(screen)
        self.assertEqual(set(lines), {"stripe", "shopify", "orders"})
        for source, line in lines.items():
            with self.subTest(source):
                self.assertIn('"duplicate":false', self.must(self.here.shell(line)))
        # Slack's address is his own.
        typed = "\n".join(line for line in readme_commands().splitlines() if "destination create" not in line)
        self.assertIn("tollgate send", typed)
        typed = typed.replace(":8080/", f":{self.here.ports[PORTS[0]]}/")
        self.must(self.here.shell(typed))
        self.comes_to_list(r"stripe +failed +49\.00 USD")  # what the screen has for Stripe
        following = screen[screen.index("What next:"):].splitlines()[1:]
        self.must(self.here.shell("\n".join(following)))
        ready = f"http://127.0.0.1:{self.here.ports[PORTS[1]]}/healthz/ready"
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(ready, timeout=10) as answer:
            self.assertEqual(answer.status, 200)

    def test_who_ended_himself_is_started_again_and_a_wrong_configuration_stops_all(self):
        self.here.next_ends_with(70)
        self.assertIn("ended with exit code 70, starting it again", self.must(self.here.up()))
        self.must(self.here.down())
        self.here.next_ends_with(1)
        self.must_not(self.here.up(), "ended by itself with exit code 1")
        self.assertIn("not running", self.must(self.here.down()))

    def test_it_runs_also_where_the_demo_does_not(self):
        self.must(self.here.up())
        secret = self.here.local("demo/stripe.secret")
        kept = secret.read_text(encoding="ascii")
        for change, what in (("tollgate source disable stripe --tenant demo", "No event was sent: its source stripe is"),
                             ("tollgate tenant disable demo", "No event was sent: the tenant demo is disabled")):
            with self.subTest(what):
                self.must(self.here.shell(change))
                self.must(self.here.down())
                screen = self.must(self.here.up())
                self.assertIn("Tollgate is ready", screen)
                self.assertIn(what, screen)
        self.must(self.here.shell("tollgate tenant enable demo; tollgate source enable stripe --tenant demo"))
        self.must(self.here.down())
        secret.write_text("whsec_of_somebody_else\n", encoding="ascii")
        self.assertRegex(self.must(self.here.up()), r"The demo shows no message: the demo event was not taken: .*401")
        self.must(self.here.down())
        secret.write_text(kept, encoding="ascii")
        self.assertIn("later Slack would show", self.must(self.here.up()))

    def test_the_operators_shell_knows_of_kafka_where_there_is_one(self):
        self.must(self.here.up("--kafka"))
        self.assertRegex(self.must(self.here.shell("tollgate doctor")), r"ok +bus +Kafka")
        self.must(self.here.down())
        self.must(self.here.up())
        doctor = self.must(self.here.shell("export TOLLGATE_KAFKA_BROKERS=127.0.0.1:1; . .local/operator.env; tollgate doctor"))
        self.assertRegex(doctor, r"ok +bus +the journal")

    def test_ports_are_looked_at_before_the_build(self):
        for variable in (*PORTS, KAFKA_PORT):
            with self.subTest(variable), socket.create_server(("127.0.0.1", int(self.here.ports[variable]))):
                said = self.must_not(self.here.run("up", "--kafka"), rf"is taken by .*\({variable}")
                self.assertNotIn("configuring", said)
        taken = self.here.ports[PORTS[1]]
        said = self.must_not(self.here.run("up", **{PORTS[0]: taken}), f"both .*{PORTS[0]}.*{PORTS[1]}")
        self.assertNotIn("configuring", said)
        self.must_not(self.here.run("up", **{PORTS[0]: "80x"}), rf"'80x' \({PORTS[0]}\) is not a port")

    def test_its_own_postgres_does_not_take_its_port(self):
        self.must(self.here.up())
        os.kill(self.here.supervisor(), signal.SIGKILL)
        with socket.create_connection(("127.0.0.1", int(self.here.ports[PORTS[2]])), timeout=10):
            pass
        self.must(self.here.run("postgres", "check", str(self.here.local("postgres")), self.here.ports[PORTS[2]]))


def main():
    global PROGRAMS
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=Path, default=PROGRAMS)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    PROGRAMS = options.programs.resolve()
    forget_settings()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    loader = unittest.defaultTestLoader
    names = options.names or ["Ends", "Up"]
    try:
        outcome = unittest.TextTestRunner(verbosity=2).run(loader.loadTestsFromNames(names, sys.modules[__name__]))
    finally:
        remove_all()  # unittest itself leaves out what cleans up when it is interrupted
    failed = len({getattr(test, "test_case", test) for test, _ in outcome.failures + outcome.errors})
    print(f"{outcome.testsRun - failed} passed, {failed} failed")
    return 0 if failed == 0 else 1


sys.exit(main())
