"""Our own rules on Postgres, and on what else holds data: verified, with room for all, backed up, with its secrets there
when they are needed, and deleted by nobody but people."""
import re

from rendered import K8S, ROOT, component_of, containers_of, label, pod_of
from rules import rule

# For jobs, operators, CloudNativePG and what Postgres keeps for its superuser.
CONNECTIONS_KEPT = 20
UNITS = {"Gi": "GiB", "Mi": "MiB"}
REPLICATION, STATUS = 5432, 8000


def readme():
    return (K8S / "README.md").read_text(encoding="utf-8")


def wave_of(thing):
    return int(thing["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", "0"))


def url_folder(container):
    """Where the URL is, and who vouches for the server beside it."""
    files = [each["value"] for each in container.get("env", []) if each["name"] == "TOLLGATE_DATABASE_URL_FILE"]
    return files[0].removesuffix("/url") if files else None


def volume_at(workload, container, folder):
    names = [each["name"] for each in container.get("volumeMounts", []) if each["mountPath"] == folder]
    return next((each for each in pod_of(workload).get("volumes", []) if each["name"] in names), {})


@rule
def databases_are_verified(rendered):
    """A server is who it says: its authority is mounted, and the URL or the environment tells libpq to ask for it."""
    for workload in rendered.workloads():
        for container in containers_of(workload):
            folder = url_folder(container)
            volume = volume_at(workload, container, folder)
            if "projected" in volume:
                yield from unverified_by_environment(workload, container, folder, volume)
            else:
                yield from unverified_by_url(rendered, workload, folder, volume)


def unverified_by_environment(workload, container, folder, volume):
    paths = [item["path"] for source in volume["projected"]["sources"] for item in source["secret"]["items"]]
    told = {each["name"]: each.get("value") for each in container["env"]}
    if sorted(paths) != ["ca.crt", "url"]:
        yield f"{label(workload)}: {folder} has {paths}, not the URL and who vouches for the server"
    if (told.get("PGSSLMODE"), told.get("PGSSLROOTCERT")) != ("verify-full", f"{folder}/ca.crt"):
        yield f"{label(workload)}: does not verify the database"


def unverified_by_url(rendered, workload, folder, volume):
    name = volume.get("secret", {}).get("secretName")
    if not name or "items" in volume["secret"]:
        yield f"{label(workload)}: no secret as a whole is mounted at {folder}, so ca.crt is not beside the URL"
    if f"?sslmode=verify-full&sslrootcert={folder}/ca.crt" not in readme():
        yield f"{label(workload)}: the table of k8s/README.md has no URL that works there and verifies the database"
    brought = rendered.one("ExternalSecret", name)
    if brought and {each["secretKey"] for each in brought["spec"]["data"]} != {"url", "ca.crt"}:
        yield f"{label(brought)}: does not bring url and ca.crt"


def grants_of(rendered):
    """Login and service, as the migration gives them; a login without one takes all roles."""
    words = containers_of(rendered.one("Job", "tollgate-migrate"))[0]["args"]
    pairs = [part.partition("=") for part in words[words.index("--grant-to") + 1].split(",")]
    return {login: service for login, _, service in pairs}


def secret_of_url(workload):
    container = containers_of(workload)[0]
    volume = volume_at(workload, container, url_folder(container))
    if "projected" in volume:
        return volume["projected"]["sources"][0]["secret"]["name"]
    return volume["secret"]["secretName"]


@rule
def each_logs_in_as_itself(rendered):
    """Whoever takes over a pod has the rights of its service in the database, and of no other."""
    if rendered.name == "single":
        return
    grants = grants_of(rendered)
    for workload in rendered.workloads():
        component = component_of(workload)
        if component == "migrate":
            continue
        if secret_of_url(workload) != f"tollgate-database-{component}":
            yield f"{label(workload)}: logs in by {secret_of_url(workload)}, which is not its own"
        wanted = "operator" if component == "smoke" else component
        if grants.get(f"tollgate_at_{component}") != wanted:
            yield f"{label(workload)}: the migration does not give its login the role of {wanted} alone"


def roles_of_services():
    text = (ROOT / "libs/postgres/migrate.cpp").read_text(encoding="utf-8")
    return set(re.findall(r'"(tollgate_\w+)"', re.search(r"service_roles = .*?;", text, re.S)[0]))


@rule
def logins_are_as_the_migration_has_them(rendered):
    """CloudNativePG makes them, and takes from them each role that it is not told of."""
    grants = grants_of(rendered)
    for cluster in rendered.of("Cluster"):
        logins = {each["name"]: each for each in cluster["spec"]["managed"]["roles"]}
        for login, service in grants.items():
            made = logins.pop(login, {})
            secret = f"tollgate-database-{login.removeprefix('tollgate_at_')}" if service else "tollgate-db-login"
            if made.get("passwordSecret", {}).get("name") != secret:
                yield f"{label(cluster)}: login {login} has not the password of {secret}"
            wanted = {f"tollgate_{service}"} if service else roles_of_services()
            if set(made.get("inRoles", [])) != wanted:
                yield f"{label(cluster)}: CloudNativePG leaves {login} the roles {sorted(made.get('inRoles', []))}, " \
                      f"not {sorted(wanted)}"
        for login in logins:
            yield f"{label(cluster)}: the migration knows no login {login}"
        first = "\n".join(cluster["spec"]["bootstrap"]["initdb"].get("postInitSQL", []))
        for role in sorted(roles_of_services()):
            if not re.search(rf"^create role {role} nologin$", first, re.M):
                yield f"{label(cluster)}: {role} is not there when logins are made members of it"


def connections_of_pods():
    """Of the table in k8s/README.md, which tests/end_to_end/pods counts in real processes."""
    found = {}
    for names, number in re.findall(r"^\| ([a-z, ]+) \| \d+ MiB, [\d.]+ CPU \| (\d+) \|", readme(), re.M):
        found.update({name.strip(): int(number) for name in names.split(",")})
    return found


def pods_at_most(rendered, workload):
    """With those that a rollout starts before it ends others."""
    name = workload["metadata"]["name"]
    scaled = [each["spec"].get("maxReplicas", each["spec"].get("maxReplicaCount", 0))
              for each in rendered.of("HorizontalPodAutoscaler", "ScaledObject")
              if each["spec"]["scaleTargetRef"]["name"] == name]
    return max([*scaled, workload["spec"].get("replicas", 0)]) + \
        workload["spec"]["strategy"]["rollingUpdate"]["maxSurge"]


@rule
def database_has_connections_for_all(rendered):
    for cluster in rendered.of("Cluster"):
        each_has = connections_of_pods()
        needed = CONNECTIONS_KEPT + sum(pods_at_most(rendered, each) * each_has[component_of(each)]
                                        for each in rendered.of("Deployment"))
        there = int(cluster["spec"]["postgresql"]["parameters"]["max_connections"])
        if there < needed:
            yield f"{label(cluster)}: has {there} connections, and all pods that there may be want {needed}"


@rule
def alerts_know_the_room(rendered):
    """Alerts on the disk are silent unless programs are told how large it is."""
    for cluster in rendered.of("Cluster"):
        size = re.fullmatch(r"(\d+)(\w+)", cluster["spec"]["storage"]["size"])
        room = f"{size[1]}{UNITS[size[2]]}"
        for each in rendered.of("ConfigMap"):
            if each["metadata"]["name"].startswith("tollgate-settings"):
                told = each["data"].get("TOLLGATE_DATABASE_BYTES_MAX")
                if told != room:
                    yield f"{label(each)}: says that the database has room for {told}, and it has {room}"


@rule
def database_is_backed_up(rendered):
    for cluster in rendered.of("Cluster"):
        archivers = [each["name"] for each in cluster["spec"].get("plugins", []) if each.get("isWALArchiver")]
        if len(archivers) != 1:
            yield f"{label(cluster)}: what is written is not archived"
        backups = [each for each in rendered.of("ScheduledBackup")
                   if each["spec"]["cluster"]["name"] == cluster["metadata"]["name"]]
        if [each["spec"].get("pluginConfiguration", {}).get("name") for each in backups] != archivers:
            yield f"{label(cluster)}: no backup is made of it by whom archives it"
        for plugin in cluster["spec"].get("plugins", []):
            if f"`{plugin['parameters']['barmanObjectName']}`" not in readme():
                yield f"{label(cluster)}: its ObjectStore is not in the table of k8s/README.md"


@rule
def what_holds_data_is_not_deleted(rendered):
    """By Argo CD, when it goes from the repository or its application is deleted. A namespace takes all with it."""
    for each in rendered.of("Cluster", "KafkaTopic", "Namespace"):
        options = each["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-options", "").split(",")
        for wanted in ("Prune=false", "Delete=false"):
            if wanted not in options:
                yield f"{label(each)}: Argo CD deletes it, and what is in it ({wanted} is not among its options)"


@rule
def database_pods_reach_each_other(rendered):
    """To replicate, and at the port of their status: a primary that reaches neither the API server nor them ends."""
    for cluster in rendered.of("Cluster"):
        pods = {"cnpg.io/cluster": cluster["metadata"]["name"]}
        policies = [each["spec"] for each in rendered.of("NetworkPolicy")
                    if each["spec"]["podSelector"].get("matchLabels") == pods]
        for way, peers in (("ingress", "from"), ("egress", "to")):
            ports = {port["port"] for policy in policies for each in policy.get(way, [])
                     if {"podSelector": {"matchLabels": pods}} in each.get(peers, []) for port in each["ports"]}
            for port in sorted({REPLICATION, STATUS} - ports):
                yield f"{label(cluster)}: its pods do not reach each other at {port} ({way})"


@rule
def first_sync_comes_to_its_end(rendered):
    """No secret is waited for that nobody can have put into the store by then, or that is made here."""
    stored = {each["metadata"]["name"]: each for each in rendered.of("ExternalSecret")}
    programs = max(wave_of(each) for each in rendered.of("Deployment"))
    if "tollgate-smoke" in stored and wave_of(stored["tollgate-smoke"]) <= programs:
        yield "ExternalSecret tollgate-smoke: is waited for, and its token is of an operator who comes after the first sync"
    for cluster in rendered.of("Cluster"):
        if "tollgate-database-owner" in stored:
            yield "ExternalSecret tollgate-database-owner: is waited for, and it is CloudNativePG that makes the owner"
        for role in cluster["spec"]["managed"]["roles"]:
            name = role.get("passwordSecret", {}).get("name")
            if name and stored and name not in stored:
                yield f"{label(cluster)}: secret {name} of login {role['name']} does not come from the store"
