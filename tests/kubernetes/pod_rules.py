"""Our own rules on what runs: images, rights, resources, probes, how it ends."""
import re

from rendered import component_of, containers_of, label, pod_of
from rules import rule

READY, LIVE = "/healthz/ready", "/healthz/live"
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def each_container(rendered):
    for workload in rendered.workloads():
        for container in containers_of(workload):
            yield workload, container, f"{label(workload)}, container {container['name']}"


@rule
def images_are_named_exactly(rendered):
    for _, container, where in each_container(rendered):
        image = container["image"]
        if not re.search(r"@sha256:[0-9a-f]{64}$|:(?!latest$)[\w.-]+$", image):
            yield f"{where}: image {image} has neither a digest nor a tag that stays"


@rule
def pods_are_restricted(rendered):
    """Pod Security's level of that name, and a root that is read-only."""
    for workload in rendered.workloads():
        pod, where = pod_of(workload), label(workload)
        security = pod.get("securityContext", {})
        if not security.get("runAsNonRoot") or security.get("runAsUser", 0) < 10000:
            yield f"{where}: does not run as a user above 10000"
        if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{where}: has no seccomp profile"
        if any(pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{where}: is in a namespace of its host"
        for volume in pod.get("volumes", []):
            if not VOLUMES & set(volume):
                yield f"{where}: volume {volume['name']} is of a kind that is not allowed"
        for key in ("automountServiceAccountToken", "enableServiceLinks"):
            if pod.get(key) is not False:
                yield f"{where}: {key} is not false"
        if pod.get("serviceAccountName") in (None, "default"):
            yield f"{where}: has no account of its own"
    for _, container, where in each_container(rendered):
        security = container.get("securityContext", {})
        if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
            yield f"{where}: may get more rights"
        if security.get("capabilities") != {"drop": ["ALL"]}:
            yield f"{where}: keeps capabilities"
        if security.get("readOnlyRootFilesystem") is not True:
            yield f"{where}: may write to its root"


@rule
def namespaces_enforce_it(rendered):
    names = rendered.of("Namespace")
    if len(names) != 1:
        yield f"{len(names)} namespaces, not one"
    for namespace in names:
        if namespace["metadata"]["labels"].get("pod-security.kubernetes.io/enforce") != "restricted":
            yield f"{label(namespace)} does not enforce Pod Security's level restricted"
        for thing in rendered.objects:
            if thing["kind"] != "Namespace" and thing["metadata"].get("namespace") != namespace["metadata"]["name"]:
                yield f"{label(thing)} is not in {namespace['metadata']['name']}"


@rule
def resources_are_said(rendered):
    for _, container, where in each_container(rendered):
        resources = container.get("resources", {})
        requests, limits = resources.get("requests", {}), resources.get("limits", {})
        if "cpu" not in requests:
            yield f"{where}: asks for no CPU"
        for name in ("memory", "ephemeral-storage"):
            if name not in limits or limits[name] != requests.get(name):
                yield f"{where}: {name} has not a limit that is what it asks for"


@rule
def selectors_are_stable(rendered):
    """They can never be changed: no version in them, and those of the workloads are the same three everywhere."""
    keys = {f"app.kubernetes.io/{name}" for name in ("name", "instance", "component")}
    for workload in rendered.of("Deployment"):
        wanted = workload["spec"]["selector"]["matchLabels"]
        if set(wanted) != keys:
            yield f"{label(workload)}: selects by {', '.join(sorted(wanted))}"
        labels = workload["spec"]["template"]["metadata"]["labels"]
        if wanted.items() - labels.items():
            yield f"{label(workload)}: does not select its own pods"
        for key in ("part-of", "managed-by", "version"):
            if f"app.kubernetes.io/{key}" not in labels:
                yield f"{label(workload)}: its pods have no label {key}"


@rule
def probes_differ(rendered):
    for workload in rendered.of("Deployment"):
        where = label(workload)
        (container,) = containers_of(workload)
        paths = {name: container.get(f"{name}Probe", {}).get("httpGet", {}).get("path")
                 for name in ("startup", "liveness", "readiness")}
        if paths != {"startup": LIVE, "liveness": LIVE, "readiness": READY}:
            yield f"{where}: probes ask {paths}; a database that is away must restart nothing"
        startup = container.get("startupProbe", {})
        if startup.get("periodSeconds", 0) * startup.get("failureThreshold", 0) < 60:
            yield f"{where}: has less than a minute to start"


def seconds_of(text):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m)", text).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60}[unit]


@rule
def grace_covers_the_drain(rendered):
    """SIGKILL comes at the end of the grace period, in which the pause before SIGTERM counts."""
    for workload in rendered.of("Deployment"):
        pod = pod_of(workload)
        (container,) = pod["containers"]
        pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        drain = seconds_of(settings_of(rendered, container).get("TOLLGATE_PROBES_DRAIN_MAX", "30s"))
        if pod.get("terminationGracePeriodSeconds", 30) < pause + drain + 5:
            yield f"{label(workload)}: is killed before its drain of {drain:.0f} s after {pause} s is over"
        serves = any(port["name"] == "http" for port in container["ports"])
        if serves and pause < 5:
            yield f"{label(workload)}: gets SIGTERM while connections still come to it"


def settings_of(rendered, container):
    """What it is told by its environment."""
    settings = {}
    for each in container.get("envFrom", []):
        of = rendered.one("ConfigMap", each["configMapRef"]["name"])
        settings.update(of.get("data", {}) if of else {})
    settings.update({each["name"]: each.get("value", "") for each in container.get("env", [])})
    return settings


@rule
def one_pod_may_go(rendered):
    """Each Deployment has a budget that lets a node be drained."""
    budgets = {frozenset(each["spec"]["selector"]["matchLabels"].items()): each["spec"]
               for each in rendered.of("PodDisruptionBudget")}
    for workload in rendered.of("Deployment"):
        spec = budgets.get(frozenset(workload["spec"]["selector"]["matchLabels"].items()))
        if spec is None:
            yield f"{label(workload)}: has no PodDisruptionBudget"
        elif spec.get("maxUnavailable") != 1 or spec.get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield f"{label(workload)}: its PodDisruptionBudget keeps a node from being drained"


def replicas_of(rendered, workload):
    """The least that there are, by whoever counts them."""
    name = workload["metadata"]["name"]
    scalers = [each["spec"].get("minReplicas", each["spec"].get("minReplicaCount", 0))
               for each in rendered.of("HorizontalPodAutoscaler", "ScaledObject")
               if each["spec"]["scaleTargetRef"]["name"] == name]
    return workload["spec"].get("replicas"), scalers


@rule
def replicas_are_as_promised(rendered):
    least = {"overlays/dev": 1, "overlays/staging": 2, "overlays/prod": 3, "single": 2}[rendered.name]
    for workload in rendered.of("Deployment"):
        number, scalers = replicas_of(rendered, workload)
        if scalers and number is not None:
            yield f"{label(workload)}: has replicas, and who scales it would be set back"
        if len(scalers) > 1:
            yield f"{label(workload)}: is scaled by two"
        if min(scalers, default=number or 1) != least:
            yield f"{label(workload)}: has {min(scalers, default=number or 1)} replicas here, not {least}"


@rule
def pods_are_spread(rendered):
    for workload in rendered.of("Deployment"):
        spread = {each["topologyKey"]: each for each in pod_of(workload).get("topologySpreadConstraints", [])}
        zone = spread.get("topology.kubernetes.io/zone", {})
        if not zone or "kubernetes.io/hostname" not in spread:
            yield f"{label(workload)}: is not spread over zones and hosts"
        if rendered.name == "overlays/prod" and zone.get("whenUnsatisfiable") != "DoNotSchedule":
            yield f"{label(workload)}: may be in one zone alone"
        for key, each in spread.items():
            if each["whenUnsatisfiable"] == "DoNotSchedule" and each.get("nodeTaintsPolicy") != "Honor":
                yield f"{label(workload)}: when a {key} is away it counts as empty, and no pod is scheduled anywhere"
        for each in spread.values():
            if each["labelSelector"]["matchLabels"] != workload["spec"]["selector"]["matchLabels"]:
                yield f"{label(workload)}: counts other pods than its own over {each['topologyKey']}"


@rule
def the_migration_comes_first(rendered):
    """Argo CD's order: what all stand on, the migration, the programs, the smoke test."""
    notes = {label(each): each["metadata"].get("annotations", {}) for each in rendered.objects}
    wave = {name: int(each.get("argocd.argoproj.io/sync-wave", "0")) for name, each in notes.items()}
    migrate, smoke = notes.get("Job tollgate-migrate", {}), notes.get("Job tollgate-smoke", {})
    if migrate.get("argocd.argoproj.io/hook") != "Sync" or wave.get("Job tollgate-migrate", 0) >= 0:
        yield "Job tollgate-migrate does not run before the rollout"
    if smoke.get("argocd.argoproj.io/hook") != "PostSync":
        yield "Job tollgate-smoke does not run after the rollout"
    for name in wave:
        if is_needed_by_migration(name) and wave[name] >= wave.get("Job tollgate-migrate", 0):
            yield f"{name} comes after the migration, which needs it"


def is_needed_by_migration(name):
    kind, _, rest = name.partition(" ")
    if kind == "NetworkPolicy":
        return rest.startswith(("tollgate-calls-", "tollgate-default-"))
    if name == "ExternalSecret tollgate-smoke":
        return False
    return kind in ("Cluster", "ExternalSecret", "Namespace") or name == "ServiceAccount tollgate-migrate"


@rule
def jobs_come_to_an_end(rendered):
    for job in rendered.of("Job"):
        if not job["spec"].get("activeDeadlineSeconds") or job["spec"].get("backoffLimit", 6) > 6:
            yield f"{label(job)}: may go on for ever"
        if not job["spec"].get("ttlSecondsAfterFinished"):
            yield f"{label(job)}: stays there for ever"
        if job["metadata"].get("annotations", {}).get("argocd.argoproj.io/hook-delete-policy") != "BeforeHookCreation":
            yield f"{label(job)}: the one of the last sync is in its way"
        if component_of(job) not in ("migrate", "smoke"):
            yield f"{label(job)}: is a job that nobody knows"
