"""Our own rule on who may talk to whom: what the policies add up to is what the programs call, no more and no less."""
import re

from rendered import ROOT, component_of, containers_of, label, pod_labels
from rules import rule

BY_PORT = {53: "names", 5432: "postgres", 9092: "kafka", 9093: "kafka", 443: "internet", 8080: "ingress"}
# Where a URL that a tenant has entered must not lead.
INWARD = {"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"}


def source_of(service):
    folder = ROOT / "services" / service
    return "\n".join(each.read_text(encoding="utf-8") for each in sorted(folder.glob("*.cpp")))


def calls_of(component, has_brokers):
    """As its source says."""
    if component == "migrate":
        return {"names", "postgres"}
    if component == "smoke":
        return {"names", "postgres", "ingress"}
    calls = {"names", "postgres"}
    parts = ("ingress", "relay", "enrichment", "billing", "delivery") if component == "up" else (component,)
    for part in parts:
        source = source_of(part)
        if has_brokers and re.search(r"KafkaConfig|consumer_command|ConsumerService", source):
            calls.add("kafka")
        if "http/client.hpp" in source or "http::Client" in source:
            calls.add("internet")
    return calls


def selects(selector, labels):
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


def policies_on(rendered, workload):
    labels = pod_labels(workload)
    return [each["spec"] for each in rendered.of("NetworkPolicy") if selects(each["spec"]["podSelector"], labels)]


def allowed_out(policies):
    return {BY_PORT.get(port["port"], str(port["port"])) for policy in policies for way in policy.get("egress", [])
            for port in way["ports"]}


@rule
def denied_by_default(rendered):
    everything = [each for each in rendered.of("NetworkPolicy") if each["spec"]["podSelector"] == {}]
    if not any(set(each["spec"]["policyTypes"]) == {"Ingress", "Egress"} and "ingress" not in each["spec"] and
               "egress" not in each["spec"] for each in everything):
        yield "no policy denies all pods everything by default"


@rule
def allowed_what_is_called(rendered):
    has_brokers = rendered.name != "single"
    for workload in rendered.workloads():
        wanted = calls_of(component_of(workload), has_brokers)
        allowed = allowed_out(policies_on(rendered, workload))
        for missing in sorted(wanted - allowed):
            yield f"{label(workload)}: calls {missing}, and no policy lets it"
        for needless in sorted(allowed - wanted):
            yield f"{label(workload)}: may call {needless}, and does not"


def pods_of_ours(rendered, selector):
    return [each for each in rendered.workloads() if selects(selector, pod_labels(each))]


def named_pods(spec):
    """Selectors of the pods that a policy is about: whose it is, and who of this namespace may call or be called."""
    yield spec["podSelector"]
    for way in [*spec.get("ingress", []), *spec.get("egress", [])]:
        for peer in [*way.get("from", []), *way.get("to", [])]:
            if "podSelector" in peer and "namespaceSelector" not in peer:
                yield peer["podSelector"]


@rule
def peers_are_there(rendered):
    """Whom a policy names by our labels is there: one that lets nobody through looks as well as one that does."""
    for policy in rendered.of("NetworkPolicy"):
        for selector in named_pods(policy["spec"]):
            is_ours = selector.get("matchLabels", {}).get("app.kubernetes.io/name") == "tollgate"
            if is_ours and not pods_of_ours(rendered, selector):
                yield f"{label(policy)}: nobody has the labels {selector['matchLabels']}"
        yield from closed_ports(rendered, policy)


def closed_ports(rendered, policy):
    """Of calls to our own pods: a port that those have not got."""
    for way in policy["spec"].get("egress", []):
        called = [each for peer in way.get("to", []) if peer.get("podSelector")
                  for each in pods_of_ours(rendered, peer["podSelector"])]
        for workload in called:
            ports = {port["containerPort"] for each in containers_of(workload) for port in each.get("ports", [])}
            for port in way["ports"]:
                if port["port"] not in ports:
                    yield f"{label(policy)}: leads to port {port['port']} of {label(workload)}, which has {sorted(ports)}"


@rule
def called_by_those_who_may(rendered):
    for workload in rendered.workloads():
        policies = policies_on(rendered, workload)
        ports = {port["port"] for policy in policies for way in policy.get("ingress", []) for port in way["ports"]}
        wanted = set() if workload["kind"] == "Job" else {"metrics"}
        if component_of(workload) in ("ingress", "up"):
            wanted.add("http")
        if ports != wanted:
            yield f"{label(workload)}: is reached at {sorted(ports)}, not at {sorted(wanted)}"
        for policy in policies:
            for way in policy.get("ingress", []):
                if not way.get("from"):
                    yield f"{label(workload)}: is reached from anywhere"


@rule
def the_internet_is_not_inside(rendered):
    for policy in rendered.of("NetworkPolicy"):
        for way in policy["spec"].get("egress", []):
            for peer in way.get("to", []):
                block = peer.get("ipBlock", {})
                if block.get("cidr") == "0.0.0.0/0" and not INWARD <= set(block.get("except", [])):
                    yield f"{label(policy)}: lets a tenant's URL lead inside"
