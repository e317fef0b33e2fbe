"""The ports of an installation: which variable chooses each, what it is for, and whether it can be had."""
import os
import subprocess
from dataclasses import dataclass

from places import HERE, KAFKA, POSTGRES
from processes import CannotRun


@dataclass(frozen=True)
class Port:
    variable: str
    default: str
    what: str

    def text(self):
        return os.environ.get(self.variable) or self.default

    def number(self):
        return int(self.text())


WEBHOOKS = Port("TOLLGATE_LOCAL_HTTP_PORT", "8080", "webhooks")
PROBES = Port("TOLLGATE_LOCAL_PROBES_PORT", "9100", "probes and metrics")
OF_POSTGRES = Port("TOLLGATE_LOCAL_POSTGRES_PORT", "5433", "Postgres")
OF_KAFKA = Port("TOLLGATE_LOCAL_KAFKA_PORT", "9092", "Kafka")


def ask(*command):
    """One of our scripts: silent, or it says in one line what is wrong."""
    answer = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if answer.returncode != 0:
        raise CannotRun(answer.stderr.strip())


def check(with_kafka):
    """Raises CannotRun where one is no port, is chosen twice, or is held by somebody else."""
    for port in (WEBHOOKS, PROBES, OF_POSTGRES, OF_KAFKA):
        ask(HERE / "port", "number", port.text(), port.variable)
    wanted = {}
    for port in (OF_POSTGRES, WEBHOOKS, PROBES) + (OF_KAFKA,) * with_kafka:
        # Kafka's controller is one above.
        for number in (port.number(), port.number() + 1)[:2 if port is OF_KAFKA else 1]:
            if number in wanted:
                raise CannotRun(f"port {number} is wanted by both {wanted[number].what} ({wanted[number].variable}) "
                                f"and {port.what} ({port.variable}): give one of them another")
            wanted[number] = port
    for port in (WEBHOOKS, PROBES):
        ask(HERE / "port", "check", port.text(), port.what, f"choose another ({port.variable})")
    # These two know their own server, left over by a supervisor that was killed.
    ask(HERE / "postgres", "check", POSTGRES, OF_POSTGRES.text())
    if with_kafka:
        ask(HERE / "kafka", "check", KAFKA, OF_KAFKA.text())
