"""Write `_meta.py`: every operation's facts as data, the event registry, and which releases went in. Pure."""

from collections.abc import Mapping
from typing import Any

from openapi_python_client.strings import snake_case

from scripts.availability import Availability, Branches
from scripts.facts import Facts, Operation, Parameter, event_types, operations
from scripts.json_shapes import all_fields
from scripts.openapi import argument_name, body_name, class_name, has_body_model, module_name

PACKAGE = "ari_rest"

HEAD = '''"""What the generated package knows about itself: operations, event types, releases, and where they came from."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._records import LazyModels, LazyRecords, Operation, Parameter

if TYPE_CHECKING:
    from . import models

__all__ = ("EVENT_FIELDS", "EVENT_TYPES", "FINGERPRINT", "OPERATIONS", "RELEASES", "Operation", "Parameter", "parse_event")

'''

TAIL = '''

def parse_event(data: Mapping[str, Any]) -> "AnyEvent":
    """The model of an event's JSON. A type nobody knows becomes a `Message` with all its fields kept.

    Raises:
        ValueError: the JSON has no `type`.
    """
    name = data.get("type")
    if not isinstance(name, str):
        raise ValueError("an event without a type")
    if name not in EVENT_TYPES:
        from .models.message import Message  # noqa: PLC0415

        return Message.from_dict(data)
    event: AnyEvent = EVENT_TYPES[name].from_dict(data)  # type: ignore[attr-defined]
    return event
'''


class _Tables:
    """Availability is the same for most elements: each distinct table is written once."""

    def __init__(self) -> None:
        self.known: dict[tuple[tuple[str, str], ...], int] = {}

    def name(self, branches: Branches) -> str:
        key = tuple(branches.items())
        return f"_A[{self.known.setdefault(key, len(self.known))}]"

    def source(self) -> str:
        rows = "".join(f"    {dict(key)!r},\n" for key in self.known)
        return f"_A: tuple[dict[str, str], ...] = (\n{rows})\n\n"


def render(facts: Facts, availability: Availability, modules: Mapping[str, str], releases: list[str], fingerprint: str) -> str:
    """The source text of `_meta.py`; `modules` maps model names to their generated modules."""
    tables = _Tables()
    rows = "".join(
        f"    {name!r}: lambda: {_operation(name, operation, availability, tables)},\n"
        for name, operation in sorted(operations(facts))
        if "websocket" not in operation
    )
    leaves = event_types(facts)
    events = "".join(f"    {name!r}: {modules[class_name(name)]!r},\n" for name in leaves)
    fields = "".join(
        f"    {name!r}: { {key: field['type'] for key, (_, field) in all_fields(facts, name).items()}!r},\n" for name in leaves
    )
    union = " | ".join(f'"models.{class_name(name)}"' for name in [*leaves, "Message"])
    return (
        HEAD
        + f"FINGERPRINT = {fingerprint!r}\n\n"
        + f"RELEASES = {tuple(releases)!r}\n\n"
        + tables.source()
        + f"OPERATIONS: Mapping[str, Operation] = LazyRecords({{\n{rows}}})\n\n"
        + f'EVENT_TYPES: Mapping[str, type] = LazyModels("{PACKAGE}.models", {{\n{events}}})\n\n'
        + "# Event type → field → its type in the definitions.\n"
        + f"EVENT_FIELDS: Mapping[str, Mapping[str, str]] = {{\n{fields}}}\n\n"
        + f"if TYPE_CHECKING:\n    AnyEvent = {union.replace(chr(34), '')}\n\n"
        + TAIL
    )


def _operation(name: str, operation: Operation, availability: Availability, tables: _Tables) -> str:
    resource, nickname = name.split(".")
    call = f"{operation['method']} {operation['path']}"
    parameters = [_parameter(call, parameter, availability, tables) for parameter in operation["parameters"]]
    needed = tuple(item["name"] for item in operation["parameters"] if item["required"] or item.get("needed"))
    more: dict[str, Any] = {"response": operation["response"], "errors": tuple(operation["errors"]), "required": needed}
    if has_body_model(operation):
        more["body"] = class_name(body_name(resource, nickname))
    module = f"{PACKAGE}.api.{snake_case(resource)}.{module_name(resource, nickname)}"
    return (
        f"Operation({module!r}, {operation['method']!r}, {operation['path']!r}, ({''.join(item + ', ' for item in parameters)}), "
        + "".join(f"{key}={value!r}, " for key, value in more.items())
        + f"availability={tables.name(availability['ops'][call])})"
    )


def _parameter(call: str, parameter: Parameter, availability: Availability, tables: _Tables) -> str:
    key = f"{call} :: {parameter['name']}"
    flags = ("r" if parameter["required"] else "") + ("m" if parameter["multiple"] else "")
    more: dict[str, Any] = {}
    if "values" in parameter:
        more["known_values"] = tuple(parameter["values"])
    if "minimum" in parameter:
        more["minimum"] = parameter["minimum"]
    if "default" in parameter:
        more["default"] = parameter["default"]
    values = {value: availability["enum_values"].get(f"{key} = {value}") for value in parameter.get("values", ())}
    argument = argument_name(parameter["name"], parameter["location"])
    by_value = "".join(f"{value!r}: {tables.name(branches)}, " for value, branches in values.items() if branches)
    return (
        f"Parameter({parameter['name']!r}, {argument!r}, {parameter['location']!r}, "
        f"{parameter['type']!r}, {flags!r}, "
        + "".join(f"{key}={value!r}, " for key, value in more.items())
        + f"availability={tables.name(availability['params'][key])}"
        + (f", value_availability={{{by_value}}}" if by_value else "")
        + ")"
    )
