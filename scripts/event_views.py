"""Write the facade's typed event views, one class per event type over its JSON, and the names of all. Pure but for the paths."""

import keyword
from collections.abc import Container
from pathlib import Path

from scripts.descriptions import Descriptions
from scripts.errors import RegenerateError
from scripts.facts import Facts, Field, event_types
from scripts.generate import HEADER, format_text
from scripts.json_shapes import all_fields, python_type

HEAD = '''"""A typed view for every event type: the JSON as it came, read through properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from asterisk_ari._event import Event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ari_rest.json_shapes import {shapes}

'''
NAMES_HEAD = '''"""The names of event types, for type checkers and for checks."""

from typing import Literal

'''
# Besides Asterisk's: the events that the client makes, those of types that are not known, and all.
OTHER_NAMES = ("ConnectionLost", "Reconnected", "EventsLost", "UnknownEvent", "*")

# The models of objects, with what tells which object it is: the property to generate for a field, and how it is read.
IDENTITIES = {
    "Channel": ("id", "{object}['id']"),
    "Bridge": ("id", "{object}['id']"),
    "Playback": ("id", "{object}['id']"),
    "LiveRecording": ("name", "{object}['name']"),
    "DeviceState": ("name", "{object}['name']"),
    "Endpoint": ("id", "f\"{{{object}['technology']}}/{{{object}['resource']}}\""),
}

# Names the base class has already.
TAKEN = {"TYPE", "type", "application", "timestamp", "asterisk_id", "json", "data", "synthetic", "keys", "values", "items", "get"}


def render_all(root: Path, facts: Facts, words: Descriptions) -> dict[Path, str]:
    """The text of each module, by its path."""
    package = root / "facade" / "asterisk_ari"
    return {package / "_event_views.py": render(facts, words), package / "_event_names.py": render_names(facts)}


def render_names(facts: Facts) -> str:
    """The source text of `_event_names.py`."""
    names = "".join(f'    "{name}",\n' for name in (*event_types(facts), *OTHER_NAMES))
    return format_text(f"{HEADER}{NAMES_HEAD}EventName = Literal[\n{names}]\n")


def render(facts: Facts, words: Descriptions) -> str:
    """The source text of `_event_views.py`."""
    owner = {name: resource for resource, item in facts["resources"].items() for name in item["models"]}
    leaves = event_types(facts)
    classes = [_view(facts, words, owner, name) for name in leaves]
    shapes = sorted({word for text in classes for word in _shapes(text)})
    views = "".join(f'    "{name}": {name},\n' for name in leaves)
    names = "".join(f'    "{name}",\n' for name in leaves)
    body = "\n\n".join(classes)
    return format_text(
        f'{HEADER}{HEAD.format(shapes=", ".join(shapes))}\n__all__ = (\n    "VIEWS",\n{names})\n\n\n{body}\n\n'
        f"VIEWS: Mapping[str, type[Event]] = {{\n{views}}}\n"
    )


def _view(facts: Facts, words: Descriptions, owner: dict[str, str], name: str) -> str:
    lines = [f"class {name}(Event):", f'    """{words.model(owner[name], name)}"""', "", "    __slots__ = ()", ""]
    lines.append(f'    TYPE: ClassVar[str] = "{name}"')
    fields = all_fields(facts, name)
    for field_name, (declared_by, field) in fields.items():
        if field_name not in TAKEN:
            lines += ["", *_property(field_name, field, words.field(owner[declared_by], declared_by, field_name))]
            if field["type"] in IDENTITIES:
                lines += ["", *_identity(field_name, field, taken=fields)]
    return "\n".join(lines) + "\n"


def _property(name: str, field: Field, text: str) -> list[str]:
    python = f"{name}_" if keyword.iskeyword(name) else name
    annotation = python_type(field)
    if not field["required"] and not annotation.endswith("| None"):
        annotation += " | None"
    result = [f'        value: {annotation} = self._json.get("{name}")', "        return value"]
    if field["required"]:
        result = _or_lacking(f'value: {annotation} = self._json["{name}"]', "KeyError", name)
    return ["    @property", f"    def {python}(self) -> {annotation}:", f'        """{text}"""', *result]


def _identity(name: str, field: Field, taken: Container[str]) -> list[str]:
    """A property for the id or name of an object, `channel_id` for `channel`."""
    kind, expression = IDENTITIES[field["type"]]
    python = f"{name}_{kind}"
    if python in taken:
        raise RegenerateError(f"{python}: the definitions have a field of that name")
    if field["required"]:
        annotation, text, found = "str", f"{kind.capitalize()} of `{name}`.", f"self._json[{name!r}]"
        read = f"value: str = {expression.format(object=found)}"
        before, no_text = [], "not isinstance(value, str)"
    else:
        annotation, text = "str | None", f"{kind.capitalize()} of `{name}`; None without one."
        read = f"value: str | None = {expression.format(object='found')} if found else None"
        before, no_text = [f'        found = self._json.get("{name}")'], "found and not isinstance(value, str)"
    head = ["    @property", f"    def {python}(self) -> {annotation}:", f'        """{text}"""']
    *found_lines, last = _or_lacking(read, "(KeyError, TypeError)", f"{name}.{kind}")
    refused = [f"        if {no_text}:", f'            raise self._lacks("{name}.{kind}", " that is text")']
    return [*head, *before, *found_lines, *refused, last]


def _or_lacking(read: str, missing: str, path: str) -> list[str]:
    """Read a value and return it; without it, say of which event it is missing."""
    return [
        "        try:",
        f"            {read}",
        f"        except {missing}:",
        f'            raise self._lacks("{path}") from None',
        "        return value",
    ]


def _shapes(text: str) -> set[str]:
    return {word for word in text.replace("[", " ").replace("]", " ").replace(":", " ").split() if word.endswith("Json")}
