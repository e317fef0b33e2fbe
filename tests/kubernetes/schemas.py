"""Strict validation: against the schemas of Kubernetes that come with the package kubernetes_validate, and of custom
resources against those of their own definitions. What a schema does not name is an error."""
import functools
import importlib.resources
import json
import re

import jsonschema
import yaml
from referencing import Registry, Resource

from rendered import TOOLS, label

VERSIONS = ("1.33.0", "1.34.0", "1.35.0")
# Their definitions are in no package: the shape of these is looked at by our own rules alone.
WITHOUT_SCHEMA = {"kafka.strimzi.io", "argoproj.io"}




class Loader(yaml.CSafeLoader):
    """A definition has `=` among the values of an enumeration, which YAML 1.1 has another meaning for."""


Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: loader.construct_scalar(node))


@functools.cache
def definitions(version):
    folder = importlib.resources.files("kubernetes_validate") / f"kubernetes-json-schema/v{version}-local-strict"
    whole = Resource.from_contents(json.loads((folder / "_definitions.json").read_text(encoding="utf-8")))
    return folder, whole @ Registry()


@functools.cache
def native_validator(version, api_version, kind):
    folder, registry = definitions(version)
    name = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api_version)
    file = folder / f"{kind.lower()}-{name}.json"
    if not file.is_file():
        return None
    return jsonschema.Draft202012Validator(json.loads(file.read_text(encoding="utf-8")), registry=registry)


def closed(schema):
    """As the API server prunes: a field that is not in the schema does not exist."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if schema.get("x-kubernetes-int-or-string"):
        made["type"] = ["integer", "string"]
    elif (schema.get("type") == "object" and isinstance(schema.get("properties"), dict) and
          "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields")):
        made["additionalProperties"] = False
    return made


@functools.cache
def custom_schemas():
    found = {}
    for file in sorted((TOOLS / "schemas").glob("*.yaml")):
        for crd in yaml.load_all(file.read_text(encoding="utf-8"), Loader=Loader):
            if not crd or crd.get("kind") != "CustomResourceDefinition":
                continue
            for version in crd["spec"]["versions"]:
                api = f"{crd['spec']['group']}/{version['name']}"
                found[api, crd["spec"]["names"]["kind"]] = version["schema"]["openAPIV3Schema"]
    return found


@functools.cache
def custom_validator(api_version, kind):
    schema = custom_schemas().get((api_version, kind))
    if schema is None:
        return None
    whole = closed(schema)
    # The API server's own part of every object.
    whole["properties"]["metadata"] = {"type": "object"}
    return jsonschema.Draft7Validator(whole)


def errors_of(validator, thing):
    for error in validator.iter_errors(thing):
        where = ".".join(str(part) for part in error.absolute_path)
        yield f"{label(thing)}: {where}: {error.message[:300]}"


def validate(rendered, version):
    findings = []
    for thing in rendered.objects:
        api, kind = thing["apiVersion"], thing["kind"]
        if api.split("/")[0] in WITHOUT_SCHEMA:
            continue
        validator = native_validator(version, api, kind) or custom_validator(api, kind)
        if validator is None:
            findings.append(f"{label(thing)}: there is no {api} in Kubernetes {version} and the schemas of go_modules")
        else:
            findings += errors_of(validator, thing)
    return findings
