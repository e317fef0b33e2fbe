"""What kustomize makes of k8s, as objects."""
import functools
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
K8S = ROOT / "k8s"
TOOLS = ROOT / ".local/kubernetes"
# What somebody deploys. The components are in these, each in one at least.
DEPLOYED = ("overlays/dev", "overlays/staging", "overlays/prod", "single")


class Rendered:
    """The objects of one overlay, and how to find among them."""

    def __init__(self, name, objects):
        self.name = name
        self.objects = objects

    def of(self, *kinds):
        return [each for each in self.objects if each["kind"] in kinds]

    def one(self, kind, name):
        return next((each for each in self.of(kind) if each["metadata"]["name"] == name), None)

    def workloads(self):
        return self.of("Deployment", "Job")


def label(thing):
    return f"{thing['kind']} {thing['metadata']['name']}"


def pod_of(workload):
    return workload["spec"]["template"]["spec"]


def pod_labels(workload):
    return workload["spec"]["template"]["metadata"]["labels"]


def containers_of(workload):
    return [*pod_of(workload).get("initContainers", []), *pod_of(workload)["containers"]]


def component_of(workload):
    return pod_labels(workload).get("app.kubernetes.io/component", "?")


def render_text(folder):
    done = subprocess.run([TOOLS / "bin/kustomize", "build", K8S / folder], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ValueError(f"k8s/{folder} cannot be rendered: {done.stderr.strip()}")
    return done.stdout


@functools.cache
def render(folder):
    return Rendered(folder, [each for each in yaml.safe_load_all(render_text(folder)) if each])
