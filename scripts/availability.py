"""Which release of each line is the first to have an element.

`swagger/availability.json` was computed over all final releases; releases added to `swagger/` later fill in what it
cannot know yet. The `since` lists inside the definitions are not used: some of them are wrong.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.errors import RegenerateError
from scripts.facts import Facts, models, operations, release_key

Lines = dict[str, str]
Availability = dict[str, dict[str, Lines]]

FINAL = re.compile(r"\d+\.\d+\.\d+\Z")


def load(swagger: Path) -> Availability:
    file = swagger / "availability.json"
    try:
        found: Availability = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RegenerateError(f"{file} is not JSON ({error}): restore it from version control") from error
    return found


def dump(availability: Availability) -> str:
    """The text of `availability.json`: one element a line."""
    kinds = (
        f"{json.dumps(kind)}: {{\n"
        + ",\n".join(f"  {json.dumps(key)}: {json.dumps(lines)}" for key, lines in items.items())
        + "\n}"
        for kind, items in availability.items()
    )
    return "{\n" + ",\n".join(kinds) + "\n}\n"


def elements(facts: Facts) -> Iterator[tuple[str, str]]:
    """Every element of a release as `(kind, key)`, named as `availability.json` names them."""
    for _, operation in operations(facts):
        call = f"{operation['method']} {operation['path']}"
        yield "ops", call
        for parameter in operation["parameters"]:
            yield "params", f"{call} :: {parameter['name']}"
            for value in parameter.get("values", ()):
                yield "enum_values", f"{call} :: {parameter['name']} = {value}"
        for code in operation["errors"]:
            yield "errs", f"{call} :: {code}"
    for name, model in models(facts):
        yield "models", name
        for field_name, field in model["fields"].items():
            yield "fields", f"{name}.{field_name}"
            for value in field.get("values", ()):
                yield "enum_values", f"{name}.{field_name} = {value}"
        for subtype in model.get("subtypes", ()) if name == "Event" else ():
            yield "events", subtype


def extend(known: Availability, releases: Sequence[Facts]) -> Availability:
    """Add what the given releases prove: an element they have is there at the latest from then on in their line."""
    extended: Availability = {kind: {key: dict(lines) for key, lines in items.items()} for kind, items in known.items()}
    for facts in releases:
        release = facts["release"]
        line = release.split(".")[0]
        for kind, key in elements(facts):
            lines = extended.setdefault(kind, {}).setdefault(key, {})
            if not FINAL.match(release):
                continue  # a certified or GIT build says nothing about the line's releases
            if line not in lines or release_key(release) < release_key(lines[line]):
                lines[line] = release
    return {kind: {key: _ordered(lines) for key, lines in items.items()} for kind, items in extended.items()}


def _ordered(lines: Lines) -> Lines:
    return dict(sorted(lines.items(), key=lambda item: int(item[0])))
