"""What is to be right of a dashboard of deploy/grafana before anybody loads it."""
import json

SCHEMA_VERSION = 39  # Grafana 11; later ones read it
COLUMNS = 24
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
VARIABLES = {"datasource": "datasource", "namespace": "query"}  # and their types
# What Grafana puts in, so that Prometheus can read the expression without it.
FILLED_IN = {"$__rate_interval": "5m", "$__interval": "1m", "$__range": "1h", "$namespace": "pay"}


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def panels_of(board):
    return [panel for panel in board.get("panels", []) if panel.get("type") != "row"]


def wrong_with(path):
    try:
        board = read(path)
    except json.JSONDecodeError as error:
        return [f"is no JSON: {error}"]
    return [*wrong_with_board(board, path.stem), *wrong_with_places(board),
            *(said for panel in panels_of(board) for said in wrong_with_panel(panel))]


def wrong_with_board(board, stem):
    if board.get("uid") != f"tollgate-{stem}":
        yield f"its uid is tollgate-{stem}: links and provisioning find it by that"
    if not board.get("title", "").startswith("Tollgate"):
        yield "its title begins with Tollgate"
    if board.get("schemaVersion") != SCHEMA_VERSION:
        yield f"its schemaVersion is {SCHEMA_VERSION}"
    if board.get("id") is not None or "version" in board:
        yield "an id and a version are of one Grafana's database"
    variables = {each["name"]: each["type"] for each in board.get("templating", {}).get("list", [])}
    if variables != VARIABLES:
        yield f"its variables are {', '.join(VARIABLES)}"
    ids = [panel["id"] for panel in board.get("panels", [])]
    if len(ids) != len(set(ids)):
        yield "two panels have one id"


def wrong_with_panel(panel):
    title = panel.get("title") or f"panel {panel.get('id')}"
    if not panel.get("title"):
        yield f"{title} has no title"
    if not panel.get("description"):
        yield f"{title}: says in its description what is to be seen"
    if not panel.get("fieldConfig", {}).get("defaults", {}).get("unit"):
        yield f"{title} has no unit"
    if panel.get("datasource") != DATASOURCE:
        yield f"{title}: its data source is the variable"
    if not panel.get("targets"):
        yield f"{title} shows nothing"
    for target in panel.get("targets", []):
        if "$namespace" not in target.get("expr", ""):
            yield f"{title}: each expression is of the namespace that was chosen"


def wrong_with_places(board):
    taken = {}
    for panel in board.get("panels", []):
        place = panel["gridPos"]
        if place["x"] + place["w"] > COLUMNS:
            yield f"{panel['title']} does not fit into {COLUMNS} columns"
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if (x, y) in taken:
                    yield f"{panel['title']} lies on {taken[x, y]}"
                    return
                taken[x, y] = panel["title"]


def wrong_with_all(paths):
    uids = [read(path).get("uid") for path in paths]
    titles = [read(path).get("title") for path in paths]
    return [f"{each} is there twice" for all_of in (uids, titles) for each in set(all_of) if all_of.count(each) > 1]


def expressions(path):
    """(where, what Prometheus is asked)"""
    for panel in panels_of(read(path)):
        for target in panel.get("targets", []):
            expression = target["expr"]
            for name, value in FILLED_IN.items():
                expression = expression.replace(name, value)
            yield f"{path.name}: {panel.get('title')}", expression
