"""Keeps processes running: starts them, restarts what died, waits for their readiness, stops them in order."""
import http.client
import os
import select
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN = 60.0
# Longer than a process gives itself (probes.drain_max, 30 s), so that it can say why it took all of that.
STOPS_WITHIN = 35.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
# What a process of ours ends itself with, to be started again: it was unavailable (process::Exit), or a handler was past
# its deadline (consumer::end_process).
COME_AGAIN = (5, 70)
# Who has run this long had no trouble in starting: the next pause is short again.
SETTLED_AFTER = 60.0


class CannotRun(Exception):
    """The message is for who called deploy/local/up: what happened, where, what to do."""


@dataclass
class Process:
    """One of ours: what runs, where it listens and where it says that it is ready."""
    name: str
    command: list
    ports: dict
    ready: tuple
    log: Path
    child: subprocess.Popen = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    restart_at: float = None
    log_begin: int = 0


class Signals:
    """Lets the main loop wait for a signal with a timeout, without blocking signals (children would inherit that)."""

    def __init__(self):
        self.stop = False
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _on_stop(self, *_):
        self.stop = True

    def wait(self, seconds):
        if select.select([self._reader], [], [], seconds)[0]:
            self._reader.recv(4096)


def tail(path, begin=0, lines=15):
    with open(path, "rb") as log:
        log.seek(begin)
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])


class Supervisor:
    def __init__(self, signals, detached, environment):
        self.signals = signals
        self.detached = detached
        self.environment = {**os.environ, **environment}
        self.running = []

    def start(self, process):
        output = None
        if self.detached:
            output = open(process.log, "ab")
            process.log_begin = output.tell()
        # --pdeathsig: it does not outlive a supervisor that was killed.
        process.child = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *process.command], env=self.environment,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        if output:
            output.close()
        process.started = time.monotonic()
        process.restart_at = None
        if process not in self.running:
            self.running.append(process)

    def look_after(self):
        """Restarts what died. Returns how long nothing is to be done."""
        now = time.monotonic()
        for process in self.running:
            if process.restart_at is None and process.child.poll() is not None:
                self._plan_restart(process, now)
            if process.restart_at is not None and now >= process.restart_at:
                self.start(process)
        due = [process.restart_at - now for process in self.running if process.restart_at is not None]
        return max(0.0, min(due, default=LONGEST_PAUSE))

    def _plan_restart(self, process, now):
        status = process.child.returncode
        if 0 <= status < 128 and status not in COME_AGAIN:
            said = f":\n{tail(process.log, process.log_begin)}" if self.detached else "; why stands above"
            raise CannotRun(f"{process.name} ended by itself with exit code {status}{said}")
        if now - process.started > SETTLED_AFTER:
            process.pause = FIRST_PAUSE
        how = f"died of {signal.Signals(-status).name}" if status < 0 else f"ended with exit code {status}"
        print(f"{time.strftime('%H:%M:%S')} up: {process.name} {how}, starting it again in {process.pause:.0f} s",
              flush=True)
        process.restart_at = now + process.pause
        process.pause = min(process.pause * 2, LONGEST_PAUSE)

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_WITHIN
        while not self.signals.stop and not all(answers(process) for process in self.running):
            if time.monotonic() > deadline:
                late = ", ".join(process.name for process in self.running if not answers(process))
                raise CannotRun(f"not ready after {READY_WITHIN:.0f} s: {late}; its log "
                                + (f"is in {self.running[0].log.parent}" if self.detached else "stands above"))
            self.signals.wait(min(0.1, self.look_after()))

    def watch(self):
        while not self.signals.stop:
            self.signals.wait(self.look_after())

    def stop(self):
        for process in reversed(self.running):
            if process.child.poll() is None:
                process.child.terminate()
                try:
                    process.child.wait(STOPS_WITHIN)
                except subprocess.TimeoutExpired:
                    print(f"up: {process.name} has not stopped within {STOPS_WITHIN:.0f} s and is killed", flush=True)
                    process.child.kill()
                    process.child.wait()


def answers(process):
    port, path = process.ready
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False  # not yet; who waits has a deadline
    finally:
        connection.close()
