"""Apply `swagger/overlay.toml`: where the definitions are wrong or silent, with reason and evidence. Pure but for reading."""

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

from scripts.errors import RegenerateError
from scripts.facts import Facts, Field, Parameter, models, operations

KEYS = {
    "parameter": {"operations", "name", "reason", "evidence", "expect", "set", "add_values"},
    "field": {"model", "name", "reason", "evidence", "expect", "set", "add_values", "absent"},
}


def load(swagger: Path) -> dict[str, Any]:
    file = swagger / "overlay.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RegenerateError(f"{file}: {error}: mend the file") from error


def apply(facts: Facts, overlay: dict[str, Any]) -> Facts:
    """Corrected facts; every correction must still find what it corrects."""
    corrected = deepcopy(facts)
    for entry in overlay.get("parameter", []):
        _check_entry("parameter", entry)
        for name in entry["operations"]:
            _correct(f"{name}({entry['name']})", _parameter(corrected, name, entry["name"]), entry)
    for entry in overlay.get("field", []):
        _check_entry("field", entry)
        where = f"{entry['model']}.{entry['name']}"
        fields = _fields(corrected, entry["model"])
        if entry.get("absent"):
            if entry["name"] in fields:
                raise RegenerateError(f"overlay: {where} is declared by now: remove its entry from swagger/overlay.toml")
            fields[entry["name"]] = entry["set"]
        elif entry["name"] not in fields:
            raise RegenerateError(f"overlay: {where} does not exist: remove its entry from swagger/overlay.toml")
        else:
            _correct(where, fields[entry["name"]], entry)
    return corrected


def _check_entry(kind: str, entry: dict[str, Any]) -> None:
    name = entry.get("name", "?")
    unknown = entry.keys() - KEYS[kind]
    if unknown:
        raise RegenerateError(f"overlay: {kind} {name}: unknown key {min(unknown)!r}: see the head of swagger/overlay.toml")
    missing = {"reason", "evidence"} - entry.keys()
    if missing or not (entry.get("absent") or "expect" in entry):
        raise RegenerateError(
            f"overlay: {kind} {name}: needs reason, evidence and a precondition: add them to swagger/overlay.toml"
        )


def _parameter(facts: Facts, operation: str, name: str) -> Parameter:
    for key, item in operations(facts):
        for parameter in item["parameters"] if key == operation else ():
            if parameter["name"] == name:
                return parameter
    raise RegenerateError(f"overlay: {operation}({name}) does not exist: remove its entry from swagger/overlay.toml")


def _fields(facts: Facts, model: str) -> dict[str, Field]:
    for name, item in models(facts):
        if name == model:
            return item["fields"]
    raise RegenerateError(f"overlay: model {model} does not exist: remove its entry from swagger/overlay.toml")


def _correct(where: str, target: Any, entry: dict[str, Any]) -> None:
    for key, value in entry["expect"].items():
        if target.get(key) != value:
            raise RegenerateError(
                f"overlay: {where}: {key} is {target.get(key)!r}, not {value!r}: mend or remove its entry in swagger/overlay.toml"
            )
    target.update(entry.get("set", {}))
    added = entry.get("add_values", [])
    if added:
        known = target.setdefault("values", [])
        if set(added) <= set(known):
            raise RegenerateError(f"overlay: {where} has the values {added} by now: remove its entry from swagger/overlay.toml")
        known += [value for value in added if value not in known]
