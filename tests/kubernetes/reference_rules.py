"""Our own rules on names: what an object names is there, or is in the README's table of what is needed from outside."""
import re

from rendered import K8S, ROOT, component_of, containers_of, label, pod_labels, pod_of, render
from rules import rule

SETTING = re.compile(r'\.(?:add|add_choice)\(\s*"([a-z_]+\.[a-z_]+)"')
# Made by operators of what an overlay has: of CloudNativePG's Cluster, of Strimzi's Kafka and its users.
MADE_BY_OPERATORS = {"tollgate-db-app", "tollgate-db-ca", "kafka-cluster-ca-cert", "tollgate-relay", "tollgate-enrichment",
                     "tollgate-billing", "tollgate-delivery"}

# What libpq takes from the environment, if the URL does not say it.
BY_LIBPQ = {"PGSSLMODE", "PGSSLROOTCERT"}


def sources():
    for folder in ("libs", "services"):
        for file in (ROOT / folder).rglob("*.cpp"):
            yield file.read_text(encoding="utf-8")


def known_settings():
    found = {name for text in sources() for name in SETTING.findall(text)}
    return {f"TOLLGATE_{name.replace('.', '_').upper()}" for name in found}


def known_commands():
    text = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "services/tollgate").glob("*.cpp"))
    return set(re.findall(r'(?:\.words = |operator_command<\w+>\(\s*)"([a-z -]+)"', text))


@rule
def settings_are_known(rendered):
    """A name that no program knows is a setting that somebody believes in."""
    known = known_settings() | BY_LIBPQ
    told = {name: label(each) for each in rendered.of("ConfigMap") for name in each.get("data", {})
            if name.startswith("TOLLGATE_")}
    for workload in rendered.workloads():
        for container in containers_of(workload):
            told.update({each["name"]: label(workload) for each in container.get("env", [])})
    for name, where in sorted(told.items()):
        if name not in known and name.removesuffix("_FILE") not in known:
            yield f"{where}: no program has a setting {name}"


@rule
def commands_are_real(rendered):
    commands = known_commands()
    for workload in rendered.workloads():
        for container in containers_of(workload):
            words = [word for word in container.get("args", []) if not word.startswith("-")][:2]
            if words and words[0] not in commands and " ".join(words) not in commands:
                yield f"{label(workload)}: `tollgate {' '.join(words)}` is no command"


@rule
def what_is_mounted_is_there(rendered):
    table = (K8S / "README.md").read_text(encoding="utf-8")
    brought = {each["metadata"]["name"] for each in rendered.of("ExternalSecret", "Secret")}
    for workload in rendered.workloads():
        volumes = {each["name"] for each in pod_of(workload).get("volumes", [])}
        for volume in pod_of(workload).get("volumes", []):
            for name in secrets_of(volume):
                if name not in brought | MADE_BY_OPERATORS and f"`{name}`" not in table:
                    yield f"{label(workload)}: secret {name} is neither brought nor in the table of k8s/README.md"
        for container in containers_of(workload):
            for mount in container.get("volumeMounts", []):
                if mount["name"] not in volumes:
                    yield f"{label(workload)}: mounts {mount['name']}, which is no volume of its"
            yield from unknown_maps(rendered, workload, container)
        if not rendered.one("ServiceAccount", pod_of(workload)["serviceAccountName"]):
            yield f"{label(workload)}: its account is not there"


def secrets_of(volume):
    whole = [volume["secret"]["secretName"]] if "secret" in volume else []
    return whole + [each["secret"]["name"] for each in volume.get("projected", {}).get("sources", [])]


def unknown_maps(rendered, workload, container):
    for each in container.get("envFrom", []):
        if not rendered.one("ConfigMap", each["configMapRef"]["name"]):
            yield f"{label(workload)}: config map {each['configMapRef']['name']} is not there"


@rule
def services_reach_their_pods(rendered):
    for service in rendered.of("Service"):
        wanted = service["spec"]["selector"].items()
        reached = [each for each in rendered.of("Deployment") if not wanted - pod_labels(each).items()]
        if len(reached) != 1:
            yield f"{label(service)}: selects {len(reached)} deployments"
            continue
        ports = {port["name"]: port["containerPort"] for port in pod_of(reached[0])["containers"][0]["ports"]}
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in ports:
                yield f"{label(service)}: port {port['targetPort']} is none of {label(reached[0])}"
    for workload in rendered.of("Deployment"):
        port = f".probes_port = {pod_of(workload)['containers'][0]['ports'][-1]['containerPort']}"
        main = "services/tollgate/up.cpp" if component_of(workload) == "up" else \
            f"services/{component_of(workload)}/main.cpp"
        if port not in (ROOT / main).read_text(encoding="utf-8"):
            yield f"{label(workload)}: the port of its probes is not that of {main}"


@rule
def targets_are_there(rendered):
    """What scalers, routes and monitors name."""
    for each in rendered.of("HorizontalPodAutoscaler", "ScaledObject"):
        if not rendered.one("Deployment", each["spec"]["scaleTargetRef"]["name"]):
            yield f"{label(each)}: scales what is not there"
    for route in rendered.of("HTTPRoute"):
        for way in route["spec"]["rules"]:
            for back in way["backendRefs"]:
                service = rendered.one("Service", back["name"])
                if not service or back["port"] not in [port["port"] for port in service["spec"]["ports"]]:
                    yield f"{label(route)}: leads to {back['name']}:{back['port']}, which is not there"
    for monitor in rendered.of("ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        for service in rendered.of("Service"):
            if wanted - service["metadata"]["labels"].items():
                yield f"{label(monitor)}: does not see {label(service)}"


@rule
def senders_know_our_url(rendered):
    """Some providers sign the URL that they send to: what ingress takes for it is the route's."""
    hosts = {host for route in rendered.of("HTTPRoute") for host in route["spec"]["hostnames"]}
    told = {each["data"].get("TOLLGATE_HTTP_PUBLIC_URL") for each in rendered.of("ConfigMap")
            if each["metadata"]["name"].startswith("tollgate-settings")}
    if hosts and told != {f"https://{host}" for host in hosts}:
        yield f"routes are of {sorted(hosts)}, and ingress is told that senders use {told}"


@rule
def metrics_are_alerted_on(rendered):
    """What scales asks for metrics that alerts name too: those are looked for in a real scrape."""
    alerts = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "deploy/prometheus").glob("*.rules.yml"))
    for scaled in rendered.of("ScaledObject"):
        for trigger in scaled["spec"]["triggers"]:
            for metric in re.findall(r"tollgate_\w+", trigger["metadata"].get("query", "")):
                if not re.search(rf"\b{metric}\b", alerts):
                    yield f"{label(scaled)}: no rule of deploy/prometheus knows {metric}"


@rule
def topics_are_those_of_the_relay(rendered):
    topics = {each["metadata"]["name"]: each["spec"] for each in rendered.of("KafkaTopic")}
    if rendered.name == "overlays/dev" or rendered.name == "single":
        return
    wanted = {"tollgate.raw": 12, "tollgate.payment": 12, "tollgate.enrichment.dlq": 3, "tollgate.billing.dlq": 3,
              "tollgate.delivery.dlq": 3}
    if {name: spec["partitions"] for name, spec in topics.items()} != wanted:
        yield f"topics are {sorted(topics)}, not as the relay would make them"
    for name, spec in topics.items():
        if (spec["replicas"], spec["config"]["min.insync.replicas"]) != (3, 2):
            yield f"KafkaTopic {name}: what is acknowledged may be lost with one broker"
    writers = [each["metadata"]["name"] for each in rendered.of("KafkaUser")
               if any("Write" in acl["operations"] for acl in each["spec"]["authorization"]["acls"])]
    if writers != ["tollgate-relay"]:
        yield f"{writers} may write to Kafka, not the relay alone"


@rule
def runbooks_are_links(rendered):
    """Whoever is woken opens it from a message, and not from a checkout."""
    for each in rendered.of("PrometheusRule"):
        for group in each["spec"]["groups"]:
            for alert in (one for one in group["rules"] if "alert" in one):
                url = alert["annotations"]["runbook_url"]
                path = re.fullmatch(r"https://[^/]+/.*?(deploy/runbooks/[\w-]+\.md)#\w+", url)
                if not path or not (ROOT / path[1]).is_file():
                    yield f"{label(each)}: {alert['alert']}: {url} leads to no runbook"


@rule
def kubectl_keeps_the_order(rendered):
    """By the commands of k8s/README.md: first all that is of no program, and the migration."""
    text = (K8S / "README.md").read_text(encoding="utf-8")
    later = re.search(r"app\.kubernetes\.io/component notin \(([\w, ]+)\)", text)[1].split(", ")
    for each in rendered.objects:
        is_later = each["metadata"].get("labels", {}).get("app.kubernetes.io/component") in later
        name = label(each)
        if not is_later and (each["kind"] == "Deployment" or name == "Job tollgate-smoke"):
            yield f"{name}: comes with the migration, and not after it"
        if is_later and (each["kind"] == "ConfigMap" or name.startswith(("NetworkPolicy tollgate-calls-p", "Job tollgate-m"))):
            yield f"{name}: comes after the migration, which needs it"


@rule
def leftovers_are_no_difference(rendered):
    """A map of settings has another name after each change, and production deletes no old one by itself."""
    for each in rendered.of("ConfigMap"):
        is_generated = re.search(r"-[0-9a-z]{10}$", each["metadata"]["name"])
        notes = each["metadata"].get("annotations", {})
        if is_generated and notes.get("argocd.argoproj.io/compare-options") != "IgnoreExtraneous":
            yield f"{label(each)}: keeps its application OutOfSync when another takes its place"


@rule
def argo_may_make_it(rendered):
    if rendered.name == "single":
        return
    project = next(each for each in render("argocd").objects if each["kind"] == "AppProject")["spec"]
    allowed = {(each["group"], each["kind"])
               for each in project["namespaceResourceWhitelist"] + project["clusterResourceWhitelist"]}
    for thing in rendered.objects:
        group = thing["apiVersion"].rpartition("/")[0]
        if (group, thing["kind"]) not in allowed:
            yield f"{label(thing)}: AppProject tollgate does not allow {group}/{thing['kind']}"
    namespaces = {each["namespace"] for each in project["destinations"]}
    for namespace in rendered.of("Namespace"):
        if namespace["metadata"]["name"] not in namespaces:
            yield f"{label(namespace)}: is no destination of AppProject tollgate"
