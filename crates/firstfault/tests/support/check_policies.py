"""Evaluates the policies' CEL expressions on their examples: `refuses` has to fail, `allows` to pass. Reads JSON.

Of rules for Kyverno the expressions in JMESPath have to be readable."""
import json
import re
import sys

import cel
import jmespath

UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "k": 1e3, "M": 1e6, "G": 1e9}


def quantity(text):
    """Kubernetes' own CEL library has it; it is not part of CEL."""
    unit = next((u for u in UNITS if text.endswith(u)), "")
    return float(text.removesuffix(unit)) * UNITS.get(unit, 1)


def passes(policy, example):
    context = cel.Context()
    context.add_function("quantity", quantity)
    context.add_function("compareTo", lambda a, b: (a > b) - (a < b))
    for name in ("object", "oldObject"):
        context.add_variable(name, example.get(name))
    return all(cel.evaluate(check["expression"], context) is True for check in policy["checks"])


def paths(value):
    if isinstance(value, dict):
        yield from ([value["jmesPath"]] if "jmesPath" in value else [])
        for inner in value.values():
            yield from paths(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner)
    elif isinstance(value, str):
        yield from re.findall(r"\{\{(.*?)\}\}", value)


wrong = []
tried = read = 0
for policy in json.load(open(sys.argv[1])):
    for path in paths(policy.get("kyverno")):
        read += 1
        try:
            jmespath.compile(path.strip())
        except jmespath.exceptions.JMESPathError as error:
            wrong.append(f"{policy['id']}: {path}: {error}")
    for kind, wanted in (("refuses", False), ("allows", True)):
        for nth, example in enumerate(policy.get(kind, [])):
            tried += 1
            try:
                got = passes(policy, example)
            except Exception as error:
                got = repr(error)
            if got is not wanted:
                wrong.append(f"{policy['id']}: {kind} {nth}: {got}")
print("\n".join(wrong) or f"{tried} examples, {read} paths")
sys.exit(bool(wrong) or tried < 90 or read < 40)
