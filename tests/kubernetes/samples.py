"""Of each rule a way to break it: a rule that finds nothing then is no rule. Each changes one thing of an overlay that is
well; those without a name of their own change production."""
import copy

import rules
from rendered import Rendered, containers_of, pod_of, render

OPTIONS = "argocd.argoproj.io/sync-options"


def deployment(rendered, name="tollgate-billing"):
    return rendered.one("Deployment", name)


def container(rendered, name="tollgate-billing"):
    return containers_of(deployment(rendered, name))[0]


def drop(rendered, kind, name=None):
    rendered.objects = [each for each in rendered.objects
                        if each["kind"] != kind or (name and each["metadata"]["name"] != name)]


def policy(rendered, name):
    return rendered.one("NetworkPolicy", name)["spec"]


def no_waves(rendered):
    for each in rendered.objects:
        each["metadata"].pop("annotations", None)


def cluster(rendered):
    return rendered.one("Cluster", "tollgate-db")["spec"]


def ports_of_peers(rendered, way):
    """Between the pods of the database."""
    return policy(rendered, "tollgate-db")[way][{"ingress": 1, "egress": 0}[way]]["ports"]


def unset(rendered, setting):
    for each in rendered.of("ConfigMap"):
        each.get("data", {}).pop(setting, None)


def stored(rendered, name, **annotations):
    rendered.objects.append({"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
                             "metadata": {"name": name, "annotations": annotations}, "spec": {"data": []}})


# rule -> changes, each of which it has to find.
SAMPLES = {
    "images_are_named_exactly": lambda r: container(r).update(image="tollgate-billing:latest"),
    "pods_are_restricted": lambda r: container(r)["securityContext"].update(readOnlyRootFilesystem=False),
    "namespaces_enforce_it": lambda r: r.of("Namespace")[0]["metadata"].update(labels={}),
    "resources_are_said": lambda r: container(r)["resources"].pop("limits"),
    "selectors_are_stable": lambda r: deployment(r)["spec"]["selector"]["matchLabels"].update(
        {"app.kubernetes.io/version": "0.1.0"}),
    "probes_differ": lambda r: container(r)["livenessProbe"]["httpGet"].update(path="/healthz/ready"),
    "grace_covers_the_drain": lambda r: pod_of(deployment(r)).update(terminationGracePeriodSeconds=20),
    "one_pod_may_go": lambda r: drop(r, "PodDisruptionBudget", "tollgate-billing"),
    "replicas_are_as_promised": lambda r: r.one("ScaledObject", "tollgate-billing")["spec"].update(minReplicaCount=2),
    "pods_are_spread": (lambda r: pod_of(deployment(r))["topologySpreadConstraints"].pop(0),
                        lambda r: pod_of(deployment(r))["topologySpreadConstraints"][0].pop("nodeTaintsPolicy")),
    "the_migration_comes_first": no_waves,
    "jobs_come_to_an_end": (lambda r: r.one("Job", "tollgate-migrate")["spec"].pop("activeDeadlineSeconds"),
                            lambda r: r.one("Job", "tollgate-smoke")["spec"].pop("ttlSecondsAfterFinished")),
    "denied_by_default": lambda r: drop(r, "NetworkPolicy", "tollgate-default-deny"),
    "allowed_what_is_called": lambda r: deployment(r)["spec"]["template"]["metadata"]["labels"].pop(
        "tollgate/calls-kafka"),
    "peers_are_there": (
        lambda r: policy(r, "tollgate-calls-ingress")["egress"][0]["to"][0]["podSelector"]["matchLabels"].update(
            {"app.kubernetes.io/component": "up"}),
        lambda r: policy(r, "tollgate-billing")["podSelector"]["matchLabels"].update(
            {"app.kubernetes.io/component": "bills"}),
        lambda r: policy(r, "tollgate-calls-ingress")["egress"][0]["ports"][0].update(port=80)),
    "called_by_those_who_may": lambda r: drop(r, "NetworkPolicy", "tollgate-billing"),
    "the_internet_is_not_inside": lambda r: policy(r, "tollgate-calls-internet")["egress"][0]["to"][0]["ipBlock"].pop(
        "except"),
    "settings_are_known": lambda r: container(r)["env"].append({"name": "TOLLGATE_HTTP_THREAD", "value": "2"}),
    "commands_are_real": lambda r: containers_of(r.one("Job", "tollgate-smoke"))[0].update(args=["smock"]),
    "what_is_mounted_is_there": lambda r: pod_of(deployment(r))["volumes"].append(
        {"name": "more", "secret": {"secretName": "tollgate-unheard-of"}}),
    "services_reach_their_pods": lambda r: r.one("Service", "tollgate-ingress")["spec"]["ports"][0].update(
        targetPort="web"),
    "targets_are_there": lambda r: r.one("HTTPRoute", "tollgate-ingress")["spec"]["rules"][0]["backendRefs"][0].update(
        port=8080),
    "senders_know_our_url": (
        lambda r: unset(r, "TOLLGATE_HTTP_PUBLIC_URL"),
        lambda r: r.one("HTTPRoute", "tollgate-ingress")["spec"].update(hostnames=["hooks.example.org"])),
    "metrics_are_alerted_on": lambda r: r.one("ScaledObject", "tollgate-billing")["spec"]["triggers"][1]["metadata"].update(
        query="max(tollgate_billing_oldest_age_seconds)"),
    "topics_are_those_of_the_relay": lambda r: drop(r, "KafkaTopic", "tollgate.raw"),
    "databases_are_verified": (
        lambda r: pod_of(deployment(r))["volumes"][0]["projected"]["sources"].pop(),
        lambda r: container(r).update(env=[each for each in container(r)["env"] if each["name"] != "PGSSLMODE"]),
        lambda r: pod_of(deployment(r))["volumes"].__setitem__(0, {"name": "database", "secret": {
            "secretName": "tollgate-database-billing", "defaultMode": 0o440}})),
    "each_logs_in_as_itself": (
        lambda r: pod_of(deployment(r))["volumes"][0]["projected"]["sources"][0]["secret"].update(
            name="tollgate-database-ingress"),
        lambda r: containers_of(r.one("Job", "tollgate-migrate"))[0].update(args=["migrate", "--grant-to", "tollgate"])),
    "logins_are_as_the_migration_has_them": (
        lambda r: cluster(r)["managed"]["roles"].pop(),
        lambda r: cluster(r)["managed"]["roles"][1].pop("inRoles"),
        lambda r: cluster(r)["managed"]["roles"].append({"name": "tollgate_migrate"}),
        lambda r: cluster(r)["bootstrap"]["initdb"]["postInitSQL"].pop()),
    "database_has_connections_for_all": (
        lambda r: cluster(r)["postgresql"]["parameters"].update(max_connections="400"),
        lambda r: r.one("ScaledObject", "tollgate-billing")["spec"].update(maxReplicaCount=24)),
    "alerts_know_the_room": (lambda r: unset(r, "TOLLGATE_DATABASE_BYTES_MAX"),
                             lambda r: cluster(r)["storage"].update(size="50Gi")),
    "database_is_backed_up": (lambda r: cluster(r).pop("plugins"), lambda r: drop(r, "ScheduledBackup")),
    "what_holds_data_is_not_deleted": (
        lambda r: r.one("Cluster", "tollgate-db")["metadata"].pop("annotations"),
        lambda r: r.of("KafkaTopic")[0]["metadata"]["annotations"].update({OPTIONS: "Prune=false"}),
        lambda r: r.of("Namespace")[0]["metadata"]["annotations"].update({OPTIONS: "Delete=false"})),
    "database_pods_reach_each_other": (lambda r: ports_of_peers(r, "ingress").pop(),
                                       lambda r: ports_of_peers(r, "egress").pop()),
    "first_sync_comes_to_its_end": (
        lambda r: stored(r, "tollgate-database-owner"),
        lambda r: drop(r, "ExternalSecret", "tollgate-db-login"),
        lambda r: r.one("ExternalSecret", "tollgate-smoke")["metadata"].pop("annotations")),
    "runbooks_are_links": lambda r: r.of("PrometheusRule")[0]["spec"]["groups"][0]["rules"][0]["annotations"].update(
        runbook_url="deploy/runbooks/consumers.md#tollgateconsumerfailing"),
    "kubectl_keeps_the_order": (
        lambda r: deployment(r)["metadata"]["labels"].update({"app.kubernetes.io/component": "bills"}),
        lambda r: r.one("Job", "tollgate-migrate")["metadata"]["labels"].update({"app.kubernetes.io/component": "up"})),
    "leftovers_are_no_difference": lambda r: r.of("ConfigMap")[0]["metadata"].pop("annotations"),
    "argo_may_make_it": lambda r: r.objects.append(
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "all"}}),
}


def changes(name):
    made = SAMPLES[name]
    return made if isinstance(made, tuple) else (made,)


def broken(change):
    """Production with that one thing wrong."""
    good = render("overlays/prod")
    made = Rendered(good.name, copy.deepcopy(good.objects))
    change(made)
    return made


def findings():
    """Of the rules that do not see their sample, or have none."""
    for name, rule in rules.RULES.items():
        if name not in SAMPLES:
            yield f"rule {name} has no sample that it finds"
            continue
        for number, change in enumerate(changes(name), 1):
            if not list(rule(broken(change))):
                yield f"rule {name} does not find what its sample {number} has wrong"


def misspelled():
    """An unknown field in one object of each kind: what validation has to find."""
    good = render("overlays/prod")
    seen = {}
    for each in good.objects:
        seen.setdefault((each["apiVersion"], each["kind"]), each)
    for thing in seen.values():
        made = copy.deepcopy(thing)
        made.setdefault("spec" if "spec" in made else "data", {})
        part = "spec" if "spec" in made else None
        (made[part] if part else made)["replicaz"] = 3
        yield made
