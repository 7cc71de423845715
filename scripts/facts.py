"""The shape of `swagger/asterisk-<release>.json`: what a release has, without a sentence about it."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NotRequired, TypedDict

from scripts.errors import RegenerateError


class Values(TypedDict, total=False):
    """What a parameter or field may hold: a list of values, or a lowest value."""

    values: list[str]
    minimum: int | float


class Parameter(Values):
    name: str
    location: str
    type: str
    required: bool
    multiple: bool
    default: NotRequired[str | int | float | bool]
    needed: NotRequired[bool]  # by the server, whatever the definitions say
    whole_body: NotRequired[bool]  # the parameter is the body itself, not a key in it


class Operation(TypedDict):
    nickname: str
    method: str
    path: str
    response: str
    parameters: list[Parameter]
    errors: list[int]
    since: list[str]
    websocket: NotRequired[str]


class Field(Values):
    type: str
    required: bool
    nullable: NotRequired[bool]


class Model(TypedDict):
    fields: dict[str, Field]
    discriminator: NotRequired[str]
    subtypes: NotRequired[list[str]]


class Resource(TypedDict):
    swagger_version: str
    api_version: str
    since: list[str]
    requires_modules: list[str]
    operations: list[Operation]
    models: dict[str, Model]


class Facts(TypedDict):
    release: str
    resources: dict[str, Resource]


class Counts(TypedDict):
    """One row of the table that proves nothing was dropped."""

    paths: int
    operations: int
    parameters: int
    path_parameters: int
    query_parameters: int
    body_parameters: int
    models: int
    fields: int
    events: int


PREFIX = "asterisk-"
GIT = re.compile(r"(?:GIT|SVN)-(.+)-[^-]+\Z")


def release_key(release: str) -> tuple[tuple[int, ...], str]:
    """Order releases by their numbers: `20.15.2` after `20.9.0`, `certified-20.7-cert11` after `20.7.1`.

    A GIT build is the newest of the branch it names, or of all. Digits of its commit are no numbers of a release; the name
    decides between two that would be equal, so that the order never depends on that of a folder.
    """
    branch = GIT.match(release)
    numbers = tuple(int(number) for number in re.findall(r"\d+", branch[1] if branch else release))
    return (*numbers, sys.maxsize) if branch else numbers, release


def operations(facts: Facts) -> Iterator[tuple[str, Operation]]:
    """Every operation with its name in the definitions, `channels.originate`."""
    for resource, content in facts["resources"].items():
        for operation in content["operations"]:
            yield f"{resource}.{operation['nickname']}", operation


def models(facts: Facts) -> Iterator[tuple[str, Model]]:
    """Every model of every resource."""
    for content in facts["resources"].values():
        yield from content["models"].items()


def event_types(facts: Facts) -> list[str]:
    """The leaves of the message hierarchy: each `type` that can arrive on the event WebSocket."""
    subtypes = {name: model["subtypes"] for name, model in models(facts) if "subtypes" in model}
    return sorted({leaf for names in subtypes.values() for leaf in names if leaf not in subtypes})


def count(facts: Facts) -> Counts:
    """Count what a release has."""
    ops = [operation for _, operation in operations(facts)]
    locations = [parameter["location"] for operation in ops for parameter in operation["parameters"]]
    events = dict(models(facts)).get("Event", {"fields": {}}).get("subtypes", [])
    return {
        "paths": len({operation["path"] for operation in ops}),
        "operations": len(ops),
        "parameters": len(locations),
        "path_parameters": locations.count("path"),
        "query_parameters": locations.count("query"),
        "body_parameters": locations.count("body"),
        "models": sum(1 for _ in models(facts)),
        "fields": sum(len(model["fields"]) for _, model in models(facts)),
        "events": len(events),
    }


def dump(facts: Facts) -> str:
    """The text of a facts file; the same facts always give the same bytes."""
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def path_of(swagger: Path, release: str) -> Path:
    return swagger / f"{PREFIX}{release}.json"


def load_all(swagger: Path) -> list[Facts]:
    """Every release in `swagger/`, oldest first."""
    found: list[Facts] = []
    for file in swagger.glob(f"{PREFIX}*.json"):
        try:
            found.append(json.loads(file.read_text(encoding="utf-8")))
        except ValueError as error:
            raise RegenerateError(f"{file} is not JSON ({error}): restore it from version control") from error
    if not found:
        raise RegenerateError(f"no {PREFIX}<release>.json in {swagger}: restore the folder from version control")
    return sorted(found, key=lambda facts: release_key(facts["release"]))
