"""An installation to try deploy/local with: its scripts in a folder of their own, ports of its own, built programs."""
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PORTS = ("TOLLGATE_LOCAL_HTTP_PORT", "TOLLGATE_LOCAL_PROBES_PORT", "TOLLGATE_LOCAL_POSTGRES_PORT")
KAFKA_PORT = "TOLLGATE_LOCAL_KAFKA_PORT"  # with the one above it
# Of a sanitized program on a busy machine; a good run needs some seconds.
ENDS_WITHIN = 240

# Stands for `tollgate`: ends as ends_with says, once, where it should run all of Tollgate. How a process ends is all that
# it makes up.
PROGRAM = """#!/bin/sh
if [ "$1" = up ] && [ -e {folder}/ends_with ]; then
    code=$(cat {folder}/ends_with)
    rm {folder}/ends_with
    exit "$code"
fi
exec {program} "$@"
"""


def free_ports(count):
    answer = subprocess.run([ROOT / "deploy/local/port", "free", str(count)], check=True, capture_output=True, text=True)
    return answer.stdout.split()


def port_and_next():
    """Kafka's and its controller's."""
    wanted = free_ports(200)
    return next(port for port in wanted if str(int(port) + 1) in wanted)


class Installation:
    def __init__(self, programs):
        self.folder = Path(tempfile.mkdtemp(prefix="tollgate-local."))
        self.folder.chmod(0o755)  # Postgres runs as another user
        shutil.copytree(ROOT / "deploy/local", self.folder / "deploy/local", ignore=shutil.ignore_patterns("__pycache__"))
        bin_folder = self.folder / "build/release/bin"
        bin_folder.mkdir(parents=True)
        program = bin_folder / "tollgate"
        program.write_text(PROGRAM.format(folder=shlex.quote(str(self.folder)),
                                          program=shlex.quote(str(programs / "tollgate"))), encoding="utf-8")
        program.chmod(0o755)
        jars = ROOT / ".local/kafka/jars"
        if jars.exists():
            (self.folder / ".local/kafka").mkdir(parents=True)
            (self.folder / ".local/kafka/jars").symlink_to(jars.resolve())
        kafka = port_and_next()
        others = [port for port in free_ports(5) if port not in (kafka, str(int(kafka) + 1))]
        self.ports = {**dict(zip(PORTS, others)), KAFKA_PORT: kafka}

    def run(self, command, *arguments, **environment):
        """One of deploy/local; gives its exit code and all that it says."""
        with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
            # A file: who runs in the background may hold the output for ever.
            code = subprocess.run([self.folder / "deploy/local" / command, *arguments], stdin=subprocess.DEVNULL,
                                  env={**os.environ, **self.ports, **environment}, stdout=said, stderr=said,
                                  cwd=self.folder, timeout=ENDS_WITHIN, check=False).returncode
            said.seek(0)
            return code, said.read()

    def up(self, *arguments):
        return self.run("supervise", "--detach", *arguments)

    def down(self):
        return self.run("down")

    def shell(self, script):
        """What somebody types next to it. Stops at the first thing that fails."""
        answer = subprocess.run(["bash", "-euo", "pipefail", "-c", f". .local/operator.env\n{script}"], cwd=self.folder,
                                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ENDS_WITHIN, check=False)
        return answer.returncode, answer.stdout + answer.stderr

    def next_ends_with(self, code):
        (self.folder / "ends_with").write_text(str(code), encoding="ascii")

    def supervisor(self):
        return int((self.folder / ".local/up.lock").read_text(encoding="ascii"))

    def local(self, name):
        return self.folder / ".local" / name

    def remove(self):
        self.down()
        self.run("postgres", "remove", str(self.local("postgres")))
        shutil.rmtree(self.folder)


def pasted(screen):
    """The lines of curl on the last screen of `up`, by source."""
    return dict(re.findall(r"^# (\w+): [^\n]*\n(.*?)\n(?=\n)", screen, re.MULTILINE | re.DOTALL))


def readme_commands():
    """What README has a newcomer type next to a running Tollgate."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if "operator.env" in block)
