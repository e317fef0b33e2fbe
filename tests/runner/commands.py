"""Runs a command with its output in a log, so that an interruption ends the whole family of processes it started."""
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENDS_WITHIN = 20.0
PROGRESS = re.compile(r"^\[\d+/\d+\]")


class CannotRun(Exception):
    """The message says what happened, where, and what to do."""


def run(command, log, environment=None):
    """Returns the exit code. On a terminal the build's [12/340] is shown while it runs."""
    log.parent.mkdir(parents=True, exist_ok=True)
    child = subprocess.Popen([str(word) for word in command], cwd=ROOT, env={**os.environ, **(environment or {})},
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, errors="replace", start_new_session=True)
    try:
        with open(log, "w", encoding="utf-8") as output:
            for line in child.stdout:
                output.write(line)
                show_progress(line)
        return child.wait()
    except BaseException:
        end_family(child)
        raise


def show_progress(line):
    progress = PROGRESS.match(line)
    if progress and sys.stdout.isatty():
        print(f"{progress[0]:12}\b\b\b\b\b\b\b\b\b\b\b\b", end="", flush=True)


def end_family(child):
    """Ends a command of ours, and what it started in its session."""
    if child.poll() is not None:
        return
    os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def lines_of(*command):
    """The output of a quick command that cannot sensibly fail; if it does, why."""
    answer = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise CannotRun(f"'{' '.join(map(str, command))}' failed: {answer.stderr.strip()}")
    return answer.stdout.splitlines()


def sources(*endings):
    """Files of the checkout that git knows or would add."""
    names = lines_of("git", "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate")
    return [name for name in names if name.endswith(endings) and (ROOT / name).is_file()]


def tail(log, lines=60):
    return "\n".join(Path(log).read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
