"""The real Postgres and the real Kafka that the tests use: started when needed, on free ports, removed at the end."""
import os
import shutil
import subprocess

from commands import ROOT, CannotRun, end_family, lines_of

LOCAL = ROOT / "deploy/local"
ALL_RUNS = ROOT / ".local/tests"
# The tests' data may be lost with the machine; what they prove about commits does not depend on the disk.
SETTINGS = ("fsync=off", "full_page_writes=off", "max_connections=300")


class Servers:
    def __init__(self, logs):
        self.logs = logs
        self.folder = ALL_RUNS / str(os.getpid())
        self.kafka_start = None
        self.kafka_said = None
        self.kafka_port = None
        self.postgres_url = None
        remove_leftovers()

    def begin_kafka(self):
        """Returns at once: the broker starts while the build runs."""
        if os.environ.get("TOLLGATE_TEST_KAFKA") or self.kafka_start:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.kafka_port, controller_port = lines_of(LOCAL / "port", "free", 2)
        self.kafka_start = subprocess.Popen(
            [LOCAL / "kafka", "start", self.folder / "kafka", self.kafka_port, controller_port],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True)

    def environment(self):
        """What the tests are told. Raises CannotRun if a server could not be started."""
        return {"TOLLGATE_TEST_POSTGRES": self._postgres(), "TOLLGATE_TEST_KAFKA": self._kafka()}

    def _kafka(self):
        if os.environ.get("TOLLGATE_TEST_KAFKA"):
            return os.environ["TOLLGATE_TEST_KAFKA"]
        self.begin_kafka()
        if self.kafka_said is None:
            self.kafka_said, _ = self.kafka_start.communicate()
        if self.kafka_start.returncode != 0:
            raise CannotRun(f"no Kafka broker for the tests: {self.kafka_said.strip()}")
        return f"127.0.0.1:{self.kafka_port}"

    def _postgres(self):
        if not self.postgres_url:
            folder = self.folder / "postgres"
            folder.parent.mkdir(parents=True, exist_ok=True)
            (port,) = lines_of(LOCAL / "port", "free", 1)
            settings = [word for setting in SETTINGS for word in ("-c", setting)]
            lines_of(LOCAL / "postgres", "start", folder, port, "--trust", *settings)
            # Not a superuser: nothing connects as one, in tests too.
            lines_of(LOCAL / "postgres", "login", folder, "tollgate_test", "postgres", "createdb", "createrole")
            self.postgres_url = (folder / "logins/tollgate_test.url").read_text(encoding="ascii").strip()
        return self.postgres_url

    def stop(self):
        if self.kafka_start:
            end_family(self.kafka_start)
        remove_run(self.folder, self.logs)


def remove_leftovers():
    """Of runs that were killed before they could clean up."""
    for folder in ALL_RUNS.glob("[0-9]*"):
        if not os.path.exists(f"/proc/{folder.name}"):
            remove_run(folder)


def remove_run(folder, keep_logs=None):
    for server in ("kafka", "postgres"):
        log = folder / server / "server.log"
        if keep_logs and log.exists():
            shutil.copy(log, keep_logs / f"{server}.log")
    if (folder / "kafka").exists():
        lines_of(LOCAL / "kafka", "stop", folder / "kafka")
    if (folder / "postgres").exists():
        lines_of(LOCAL / "postgres", "remove", folder / "postgres")
    if folder.exists():
        shutil.rmtree(folder)
