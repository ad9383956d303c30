"""Checks manifests with `kubernetes-validate`: reads a JSON list of [name, YAML]; a patch is merged into a minimal
workload first, lists of containers by name, as a strategic merge does."""
import json
import sys

import kubernetes_validate
import yaml


def minimal(patch):
    names = [c["name"] for c in patch["spec"].get("template", {}).get("spec", {}).get("containers", [])]
    containers = [{"name": n, "image": "i"} for n in names] or [{"name": "main", "image": "i"}]
    return {
        "apiVersion": patch["apiVersion"], "kind": patch["kind"], "metadata": {"name": "x"},
        "spec": {"selector": {"matchLabels": {"a": "b"}},
                 "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": containers}}},
    }


def merged(base, patch):
    if isinstance(base, dict) and isinstance(patch, dict):
        return {k: merged(base[k], patch[k]) if k in base and k in patch else patch.get(k, base.get(k))
                for k in {**base, **patch}}
    if isinstance(base, list) and isinstance(patch, list) and all("name" in x for x in base + patch):
        by_name = {x["name"]: x for x in patch}
        return [merged(x, by_name.pop(x["name"], {})) for x in base] + list(by_name.values())
    return patch


def nulls(value, path=""):
    """A null in a strategic merge takes a field away."""
    if value is None:
        yield path
    for key, inner in (value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []):
        yield from nulls(inner, f"{path}/{key}")


wrong = []
checked = 0
for name, text in json.load(open(sys.argv[1])):
    try:
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError as error:
        wrong.append(f"{name}: {error}")
        continue
    for document in documents:
        wrong += [f"{name}: {path} is null" for path in nulls(document)]
        if document["kind"] == "ClusterPolicy":
            continue
        whole = merged(minimal(document), document) if "patch" in name else document
        try:
            kubernetes_validate.validate(whole, "1.37", strict=True)
            checked += 1
        except Exception as error:
            wrong.append(f"{name}: {document['kind']}: {error}")
print("\n".join(wrong[:20]) or f"{checked} manifests")
sys.exit(bool(wrong))
