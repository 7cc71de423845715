"""A page for each resource of ARI: its operations, with requests, releases, parameters, results, errors, events and traps."""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ari_rest._meta import OPERATIONS, Operation, Parameter
from scripts.descriptions import Descriptions
from scripts.docs_site.words import MADE, cell, code, heading, later, releases, table
from scripts.docs_table import Reachable
from scripts.docs_table import operations as reachable

IN = {"path": "the path", "query": "the query", "body": "the body"}
EFFECTS = Path(__file__).with_name("effects.toml")
STATUSES = {
    400: "BadRequest",
    401: "AuthenticationFailed",
    403: "PermissionDenied",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    412: "InvalidState",
    413: "BodyTooLarge",
    422: "Unprocessable",
    500: "ServerFailure",
    501: "NotImplementedByServer",
    503: "NotBooted",
}


@cache
def effects() -> dict[str, dict[str, Any]]:
    """Of each operation `trap`, what to look out for, and `events`, those that it makes the server send.

    Raises:
        ValueError: `effects.toml` lacks an operation, or has one that there is not.
    """
    found: dict[str, dict[str, Any]] = tomllib.loads(EFFECTS.read_text(encoding="utf-8"))
    if odd := found.keys() ^ OPERATIONS.keys():
        raise ValueError(f"{EFFECTS.name} and the operations differ: {', '.join(sorted(odd))}")
    return found


def pages(words: Descriptions) -> dict[str, str]:
    """Every page, by its path below `docs/`."""
    reached = {one.operation: one for one in reachable()}
    resources: defaultdict[str, dict[str, Operation]] = defaultdict(dict)
    for name, operation in OPERATIONS.items():
        resources[name.partition(".")[0]][name] = operation
    found = {
        f"reference/operations/{resource}.md": _page(resource, group, reached, words) for resource, group in resources.items()
    }
    found["reference/operations/index.md"] = _index(resources)
    return found


def _index(resources: Mapping[str, Mapping[str, Operation]]) -> str:
    lines = [
        f"{MADE}# Operations",
        "",
        f"All {len(OPERATIONS)} operations of Asterisk 13 to 23, one page a resource.",
        "`ari.operation(NAME, …)` makes any of them with the names of the definitions; the pages say which methods do the same.",
        "Errors are those of its own; 401, 403, 413, 500 and 503 may come from each. Events go to the app that a channel is in,",
        "to those that are subscribed to the object, and those of new channels to the ones that are subscribed to all.",
        "",
    ]
    rows = [
        (f"[{resource}]({resource}.md)", ", ".join(f"[`{name.partition('.')[2]}`]({resource}.md#{name})" for name in group))
        for resource, group in resources.items()
    ]
    return "\n".join([*lines, *table(("resource", "operations"), rows)])


def _page(resource: str, group: Mapping[str, Operation], reached: Mapping[str, Reachable], words: Descriptions) -> str:
    lines = [f"{MADE}# Operations: {resource}", ""]
    for name, operation in group.items():
        lines += _operation(resource, name, operation, reached[name], words)
    return "\n".join(lines)


def _operation(resource: str, name: str, operation: Operation, reached: Reachable, words: Descriptions) -> list[str]:
    nickname = name.partition(".")[2]
    methods = " · ".join(f"`{method}`" for method in (reached.handle, reached.collection) if method)
    lines = [
        heading(2, f"`{name}`", name),
        "",
        words.operation(resource, nickname),
        "",
        *table(
            ("", ""),
            [
                ("request", code(f"{operation.method.upper()} {operation.path}")),
                ("since", releases(operation.availability)),
                ("methods", methods or code(f'ari.operation("{name}")')),
                ("result", code(operation.response)),
                ("errors", _errors(operation)),
                ("events", _events(name)),
                ("look out", cell(effects()[name]["trap"])),
            ],
        ),
    ]
    rows = [_parameter(resource, nickname, one, operation, words) for one in operation.params.values()]
    return [*lines, *table(("parameter", "type", ""), rows)]


def _errors(operation: Operation) -> str:
    named = (
        f"[{status} `{STATUSES[status]}`](../errors.md#{STATUSES[status]})" for status in operation.errors if status in STATUSES
    )
    return ", ".join(named) or "none of its own"


def _events(name: str) -> str:
    return ", ".join(f"[`{event}`](../events.md#{event})" for event in effects()[name].get("events", ())) or "none"


def _parameter(resource: str, nickname: str, one: Parameter, operation: Operation, words: Descriptions) -> tuple[str, ...]:
    kind = f"{one.type}, one or more" if one.multiple else one.type
    what = words.parameter(resource, nickname, one.name)
    if one.known_values:
        what += " One of " + ", ".join(f"`{value}`" + _value_since(one, value) for value in one.known_values) + "."
    needed = "**needed**" if one.name in operation.required else ""
    about = " ".join(part for part in (needed, cell(what)) if part)
    if since := later(one.availability, operation.availability):
        about += f" Since {since}."
    return code(one.name), f"{kind}, in {IN[one.location]}", about


def _value_since(one: Parameter, value: str) -> str:
    availability = one.value_availability.get(value)
    since = later(availability, one.availability) if availability else ""
    return f" (since {since})" if since else ""
