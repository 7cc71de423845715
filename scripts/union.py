"""Merge the releases in `swagger/` into one: everything any of them has. Pure."""

from collections.abc import Sequence
from copy import deepcopy
from typing import TypeVar

from scripts.facts import Facts, Field, Model, Operation, Parameter, Values

V = TypeVar("V", Parameter, Field)


def merge(releases: Sequence[Facts]) -> Facts:
    """Newest release first, then whatever only older ones have. A field is required where all of them require it."""
    newest_first = list(reversed(releases))
    merged: Facts = {"release": newest_first[0]["release"], "resources": {}}
    for facts in newest_first:
        for name, resource in facts["resources"].items():
            if name not in merged["resources"]:
                merged["resources"][name] = deepcopy(resource)
                continue
            target = merged["resources"][name]
            known = {operation["nickname"]: operation for operation in target["operations"]}
            for operation in resource["operations"]:
                if operation["nickname"] in known:
                    _merge_operation(known[operation["nickname"]], operation)
                else:
                    target["operations"].append(deepcopy(operation))
            for model_name, model in resource["models"].items():
                if model_name in target["models"]:
                    _merge_model(target["models"][model_name], model)
                else:
                    target["models"][model_name] = deepcopy(model)
    return merged


def _merge_operation(target: Operation, other: Operation) -> None:
    target["errors"] = sorted({*target["errors"], *other["errors"]})
    known = {parameter["name"]: parameter for parameter in target["parameters"]}
    for parameter in other["parameters"]:
        if parameter["name"] not in known:
            target["parameters"].append(deepcopy(parameter))
            continue
        mine = known[parameter["name"]]
        mine["required"] = mine["required"] and parameter["required"]
        mine["multiple"] = mine["multiple"] or parameter["multiple"]
        _merge_values(mine, parameter)


def _merge_model(target: Model, other: Model) -> None:
    for name, field in other["fields"].items():
        if name not in target["fields"]:
            target["fields"][name] = {**deepcopy(field), "required": False}
        else:
            mine = target["fields"][name]
            mine["required"] = mine["required"] and field["required"]
            _merge_values(mine, field)
    for name in target["fields"].keys() - other["fields"].keys():
        target["fields"][name]["required"] = False
    if "subtypes" in other:
        mine_subtypes = target.setdefault("subtypes", [])
        mine_subtypes += [name for name in other["subtypes"] if name not in mine_subtypes]


def _merge_values(target: Values, other: Values) -> None:
    if "values" in target and "values" in other:
        target["values"] += [value for value in other["values"] if value not in target["values"]]
