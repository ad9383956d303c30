"""Evaluates the policies' CEL expressions on their examples: `refuses` has to fail, `allows` to pass. Reads JSON."""
import json
import sys

import cel



wrong = []
tried = 0
for policy in json.load(open(sys.argv[1])):
    for kind, wanted in (("refuses", False), ("allows", True)):
        for nth, example in enumerate(policy.get(kind, [])):
            bound = {"object": example.get("object"), "oldObject": example.get("oldObject")}
            try:
                got = all(cel.evaluate(c["expression"], bound) is True for c in policy["checks"])
            except Exception as error:
                got = repr(error)
            tried += 1
            if got is not wanted:
                wrong.append(f"{policy['id']}: {kind} {nth}: {got}")
print("\n".join(wrong) or f"{tried} examples")
sys.exit(bool(wrong) or tried < 20)
