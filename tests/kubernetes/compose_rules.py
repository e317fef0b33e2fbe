"""deploy/compose: its schema, that its programs can read what `prepare` makes, and what its images are built from."""
import copy
import os
import subprocess
import tempfile
from pathlib import Path

import yaml

from rendered import ROOT, TOOLS

FILE = ROOT / "deploy/compose/compose.yaml"
USER = 65532
SECRETS = "/run/secrets/"


def composed():
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def invalid():
    done = subprocess.run([TOOLS / "python/bin/check-jsonschema", "--builtin-schema", "vendor.compose-spec", FILE],
                          capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else done.stdout.strip().splitlines()


def unreadable_secrets(compose):
    """Of a fresh folder of secrets: each file that a program is told of is there, and 65532 can read it."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        subprocess.run([FILE.parent / "prepare", folder / "secrets"], check=True)
        (folder / "volumes").mkdir()
        for name, service in compose["services"].items():
            for setting, path in told_files(service):
                place = find(compose, service, path, folder)
                yield from (f"{name}: {setting}: {said}" for said in wrong_with(setting, path, place))


def told_files(service):
    settings = service.get("environment", {})
    return [(name, path) for name, path in settings.items() if name.startswith("TOLLGATE_") and name.endswith("_FILE")]


def find(compose, service, path, folder):
    """Where the file is that a container sees at this path: a secret, or a volume that a service before it fills."""
    if path.startswith(SECRETS):
        name = path.removeprefix(SECRETS)
        if name not in service.get("secrets", []):
            return None
        return folder / compose["secrets"][name]["file"]
    for volume in service.get("volumes", []):
        source, inside = volume.split(":")[:2]
        if path.startswith(f"{inside}/"):
            fill(compose, service, source, folder)
            return folder / "volumes" / source / path.removeprefix(f"{inside}/")
    return None


def fill(compose, service, volume, folder):
    """Does what the services do that have to end before this one, and write to that volume."""
    place = folder / "volumes" / volume
    before = service.get("depends_on", {}) or compose["x-program"]["depends_on"]
    place.mkdir(exist_ok=True)
    for name, condition in before.items():
        other = compose["services"][name]
        inside = next((each.split(":")[1] for each in other.get("volumes", []) if each.startswith(f"{volume}:")), None)
        if inside and condition["condition"] == "service_completed_successfully":
            words = [str(folder / "secrets" / word.removeprefix(SECRETS)) if word.startswith(SECRETS) else
                     word.replace(inside, str(place), 1) if word.startswith(inside) else word
                     for word in other["entrypoint"]]
            # Who is not root cannot give a file away; the mode is looked at all the same.
            if os.geteuid() != 0:
                words = [word for word in words if not word.startswith(("--owner", "--group"))]
            subprocess.run(words, check=True, capture_output=True)


def wrong_with(setting, path, place):
    if place is None or not place.exists():
        yield f"nothing is mounted at {path}"
        return
    status = place.stat()
    is_its_own = status.st_uid == USER or (os.geteuid() != 0 and not path.startswith(SECRETS))
    if not status.st_mode & (0o400 if is_its_own else 0o004):
        yield f"user {USER} cannot read {path}, of mode {status.st_mode & 0o7777:04o}"
    # libs/crypto/key_file.cpp: `(status.st_mode & (S_IRWXO | S_IWGRP)) != 0` is refused.
    if setting == "TOLLGATE_SEAL_KEYS_FILE" and status.st_mode & 0o027:
        yield f"{path} has mode {status.st_mode & 0o7777:04o}, and no program takes a key that others can read"


def context():
    """What must not get into a layer, and what breaks a build, is no part of what the images are built from."""
    ignored = {line.strip("/") for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
               if line.startswith("/")}
    for line in [*(ROOT / ".gitignore").read_text(encoding="utf-8").splitlines(), "/.git"]:
        if line.startswith("/") and line.strip("/") not in ignored:
            yield f".dockerignore does not have {line.rstrip('/')}"
    for name, secret in composed()["secrets"].items():
        place = (FILE.parent / secret["file"]).relative_to(ROOT)
        if not any(str(parent) in ignored for parent in place.parents):
            yield f"secret {name} ({place}) gets into the layers of images"


def unnoticed():
    """What the rules above have to find."""
    exposed = copy.deepcopy(composed())
    exposed["services"]["ingress"]["environment"] = {"TOLLGATE_SEAL_KEYS_FILE": "/run/secrets/seal_keys"}
    exposed["services"]["ingress"]["secrets"] = ["seal_keys"]
    loose = copy.deepcopy(composed())
    loose["services"]["keys"]["entrypoint"][3] = "--mode=0444"
    lonely = copy.deepcopy(composed())
    del lonely["services"]["ingress"]["depends_on"]["keys"]
    unmounted = copy.deepcopy(composed())
    unmounted["services"]["relay"]["secrets"] = []
    for name, made in {"a key that is mounted as it is": exposed, "a key that all can read": loose,
                       "a key that nobody hands over": lonely, "a secret that is not mounted": unmounted}.items():
        if not list(unreadable_secrets(made)):
            yield f"{name} is not found"
