"""`tollgate` as it is run here, and who gives orders: the operator of this machine, and what makes a shell his."""
import base64
import getpass
import json
import os
import re
import secrets
import shlex
import subprocess
import sys

import ports
from places import LOCAL, OPERATOR, POSTGRES, SEAL_KEYS, TOKEN, TOLLGATE


def write_private(path, text):
    """Nobody else ever reads it, also not while it is written."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
    new.rename(path)


def settings():
    return {"TOLLGATE_DATABASE_URL_FILE": str(POSTGRES / "logins/tollgate.url"),
            "TOLLGATE_SEAL_KEYS_FILE": str(SEAL_KEYS)}


def kafka_settings():
    return {"TOLLGATE_KAFKA_BROKERS": f"127.0.0.1:{ports.OF_KAFKA.number()}"}


def tollgate(*arguments, **environment):
    """Its output is not kept: it may have a token in it."""
    return subprocess.run([TOLLGATE, *arguments], env={**os.environ, **settings(), **environment}, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True, check=False)


def as_operator(*arguments):
    return tollgate(*arguments, TOLLGATE_OPERATOR_TOKEN_FILE=str(TOKEN))


def write_operators_environment(with_kafka):
    exports = {**settings(), "TOLLGATE_OPERATOR_TOKEN_FILE": str(TOKEN), **(kafka_settings() if with_kafka else {})}
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in exports.items()]
    # A shell may have them from an installation that had Kafka.
    lines += [f"unset {name}\n" for name in kafka_settings() if not with_kafka]
    lines.append(f"export PATH={shlex.quote(str(TOLLGATE.parent))}:$PATH\n")
    write_private(OPERATOR, "".join(lines))


def make_operator(with_kafka):
    """Who runs this may give orders here, and has what seals secrets. False if that could not be."""
    if not SEAL_KEYS.exists():
        write_private(SEAL_KEYS, f"local {base64.b64encode(secrets.token_bytes(32)).decode()}\n")
    write_operators_environment(with_kafka)
    if TOKEN.exists() and as_operator("operator", "list").returncode == 0:
        return True
    # The first one; the owner adds no further.
    name = re.sub(r"[^a-z0-9._-]", "-", getpass.getuser().lower()).strip("._-") or "local"
    added = tollgate("operator", "add", name, "--json", HOME=str(LOCAL),
                     TOLLGATE_DATABASE_URL_FILE=str(POSTGRES / "logins/tollgate_migrate.url"))
    if added.returncode == 0:
        write_private(TOKEN, json.loads(added.stdout)["token"] + "\n")
        return True
    print(f"\nup: {TOKEN} is no operator's token in this database, and none can be made ({added.stderr.strip()}); if "
          "the token was lost, libs/tenants/README.md tells what to do", file=sys.stderr)
    return False
