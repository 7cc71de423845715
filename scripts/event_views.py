"""Write the facade's typed event views: one class per event type over its JSON. Pure but for the path."""

import keyword
from pathlib import Path

from scripts.descriptions import Descriptions
from scripts.facts import Facts, Field, event_types
from scripts.generate import HEADER, format_text
from scripts.json_shapes import all_fields, python_type

HEAD = '''"""A typed view for every event type: the JSON as it came, read through properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from asterisk_ari.events import Event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ari_rest.json_shapes import {shapes}

'''
# Names the base class has already.
TAKEN = {"TYPE", "type", "application", "timestamp", "asterisk_id", "json", "data", "synthetic", "keys", "values", "items", "get"}


def path(root: Path) -> Path:
    return root / "facade" / "asterisk_ari" / "_event_views.py"


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
    for field_name, (declared_by, field) in all_fields(facts, name).items():
        if field_name not in TAKEN:
            lines += ["", *_property(field_name, field, words.field(owner[declared_by], declared_by, field_name))]
    return "\n".join(lines) + "\n"


def _property(name: str, field: Field, text: str) -> list[str]:
    python = f"{name}_" if keyword.iskeyword(name) else name
    annotation = python_type(field)
    if not field["required"] and not annotation.endswith("| None"):
        annotation += " | None"
    read = f'self._json["{name}"]' if field["required"] else f'self._json.get("{name}")'
    result = [f"        value: {annotation} = {read}", "        return value"]
    return ["    @property", f"    def {python}(self) -> {annotation}:", f'        """{text}"""', *result]


def _shapes(text: str) -> set[str]:
    return {word for word in text.replace("[", " ").replace("]", " ").replace(":", " ").split() if word.endswith("Json")}
