"""Write `json_shapes.py`: every model as a `TypedDict`, so that raw JSON is typed at no cost. Pure."""

import keyword

from scripts.descriptions import Descriptions
from scripts.facts import Facts, Field, Model, event_types, models
from scripts.normalise import LIST

HEAD = '''"""The JSON of every model as a `TypedDict`: typed access to what the server sent, without parsing it again.

Keys that the server may leave out are `NotRequired`; more keys than these can arrive.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

'''
TYPES = {
    "string": "str",
    "int": "int",
    "long": "int",
    "double": "float",
    "float": "float",
    "boolean": "bool",
    "Date": "str",
    "object": "dict[str, Any]",
    "containers": "dict[str, Any]",
    "int|string": "int | str",
}


def python_type(field: Field) -> str:
    """The annotation of a field."""
    return _type(field["type"]) + (" | None" if field.get("nullable") else "")


def _type(name: str) -> str:
    match = LIST.match(name)
    if match:
        return f"list[{_type(match[1])}]"
    return TYPES.get(name, f"{name}Json")


def all_fields(facts: Facts, name: str) -> dict[str, tuple[str, Field]]:
    """A model's fields with those it inherits, each with the model that declares it."""
    every = dict(models(facts))
    parents = {child: parent for parent, model in every.items() for child in model.get("subtypes", ())}
    found: dict[str, tuple[str, Field]] = {}
    chain = [name]
    while chain[-1] in parents:
        chain.append(parents[chain[-1]])
    for owner in reversed(chain):
        found |= {field_name: (owner, field) for field_name, field in every[owner]["fields"].items()}
    return found


def render(facts: Facts, words: Descriptions) -> str:
    """The source text of `json_shapes.py`."""
    owner = {name: resource for resource, item in facts["resources"].items() for name in item["models"]}
    leaves = set(event_types(facts))
    return HEAD + "\n".join(
        _class(facts, words, owner, name, model, leaf=name in leaves) for name, model in sorted(models(facts))
    )


def _class(facts: Facts, words: Descriptions, owner: dict[str, str], name: str, model: Model, *, leaf: bool) -> str:
    rows = []
    for field_name, (_declared_by, field) in all_fields(facts, name).items():
        annotation = f"Literal['{name}']" if leaf and field_name == "type" else python_type(field)
        rows.append((field_name, annotation if field["required"] else f"NotRequired[{annotation}]"))
    if any(keyword.iskeyword(field_name) for field_name, _ in rows):
        body = "\n".join(f'    "{field_name}": "{annotation}",' for field_name, annotation in rows)
        return f'{name}Json = TypedDict("{name}Json", {{\n{body}\n}})\n'
    plain = "\n".join(f"    {field_name}: {annotation}" for field_name, annotation in rows)
    return f'class {name}Json(TypedDict):\n    """{words.model(owner[name], name)}"""\n\n{plain}\n'
