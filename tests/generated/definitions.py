"""What `swagger/` says, read without a line of the generator: the yardstick for the generated package.

The merging of releases, the overlay and the Python names are worked out here a second time and in another way, so that
a mistake in `scripts/` cannot hide behind itself.
"""

import builtins
import json
import keyword
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SWAGGER = ROOT / "swagger"
DATE = "2025-01-01T12:00:00.123+0000"
PRIMITIVES: dict[str, Any] = {
    "string": "some text",
    "int": 7,
    "long": 1 << 33,
    "double": 1.5,
    "boolean": True,
    "Date": DATE,
    "object": {"free": {"form": [1, None]}},
    "containers": {"NAME": "value"},
    "int|string": 5060,
}
Json = dict[str, Any]


def snake(name: str) -> str:
    """`sendDTMF` → `send_dtmf`, `setChannelVars` → `set_channel_vars`, `transfer_progress` stays."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def pascal(name: str) -> str:
    """`sendMessageToEndpoint` → `SendMessageToEndpoint`, `transfer_progress` → `TransferProgress`."""
    return "".join(part[0].upper() + part[1:] for part in name.split("_"))


def python_name(name: str) -> str:
    """The Python name of a parameter or field: snake case, with `_` behind words that Python has taken."""
    word = snake(name)
    taken = keyword.iskeyword(word) or (hasattr(builtins, word) and word != "id")
    return f"{word}_" if taken else word


def item_type(type_name: str) -> tuple[str, bool]:
    """`List[Channel]` → `("Channel", True)`."""
    match = re.fullmatch(r"List\[(.+)\]", type_name)
    return (match[1], True) if match else (type_name, False)


@dataclass
class Operation:
    """One operation of the union of all releases."""

    resource: str
    nickname: str
    method: str
    path: str
    response: str
    parameters: dict[str, Json]
    errors: set[int]

    @property
    def name(self) -> str:
        return f"{self.resource}.{self.nickname}"

    @property
    def call(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def module(self) -> str:
        return f"ari_rest.api.{snake(self.resource)}.{snake(self.resource)}_{snake(self.nickname)}"

    @property
    def body_model(self) -> str | None:
        if not self.at("body") or any(item.get("whole_body") for item in self.at("body").values()):
            return None
        return f"{pascal(self.resource)}{pascal(self.nickname)}Body"

    def at(self, location: str) -> dict[str, Json]:
        return {name: item for name, item in self.parameters.items() if item["location"] == location}

    def enum(self, parameter: str) -> str:
        return pascal(self.resource) + pascal(self.nickname) + pascal(parameter)


@dataclass
class Definitions:
    """All releases, their union, and the corrections."""

    releases: dict[str, Json]
    overlay: Json
    availability: Json
    operations: dict[str, Operation] = field(default_factory=dict)
    models: dict[str, Json] = field(default_factory=dict)

    def fields(self, model: str, models: dict[str, Json] | None = None) -> dict[str, Json]:
        """A model's own and inherited fields, by name."""
        every = self.models if models is None else models
        parent = next((name for name, item in every.items() if model in item.get("subtypes", ())), None)
        return {**(self.fields(parent, every) if parent else {}), **every[model]["fields"]}

    def leaves(self) -> set[str]:
        """The types an event can have: messages that no other message derives from."""
        children = {child for item in self.models.values() for child in item.get("subtypes", ())}
        return {name for name in children if "subtypes" not in self.models[name]}

    def of_release(self, release: str) -> dict[str, Json]:
        """The models of one release as that release declares them, with the overlay's word on what may be absent."""
        found = json.loads(json.dumps(_models(self.releases[release])))
        for entry in self.overlay.get("field", ()):
            if entry["model"] in found and entry["name"] in found[entry["model"]]["fields"]:
                found[entry["model"]]["fields"][entry["name"]].update(entry.get("set", {}))
        return found

    def sample(self, type_name: str, *, models: dict[str, Json] | None = None, optional: bool = True) -> Any:
        """JSON of a type: every field given, or with `optional=False` only those that must be there."""
        every = self.models if models is None else models
        name, is_list = item_type(type_name)
        if is_list:
            item = self.sample(name, models=models, optional=optional)
            return [item, item]
        if name in PRIMITIVES:
            return PRIMITIVES[name]
        found: Json = {}
        for key, item in self.fields(name, every).items():
            if item["required"] or optional:
                found[key] = item["values"][0] if "values" in item else self.sample(item["type"], models=every, optional=optional)
        if name in self.leaves():
            found["type"] = name
        return found


def load(swagger: Path = SWAGGER) -> Definitions:
    """Read `swagger/`."""
    files = sorted(swagger.glob("asterisk-*.json"), key=lambda file: _version(file.stem))
    releases = {item["release"]: item for item in (json.loads(file.read_text(encoding="utf-8")) for file in files)}
    overlay = tomllib.loads((swagger / "overlay.toml").read_text(encoding="utf-8"))
    availability = json.loads((swagger / "availability.json").read_text(encoding="utf-8"))
    return build(releases, overlay, availability)


def build(releases: dict[str, Json], overlay: Json, availability: Json) -> Definitions:
    """Merge the releases, oldest first so that the newest has the last word, and apply the corrections."""
    definitions = Definitions(releases, overlay, availability)
    for facts in releases.values():
        for resource, content in facts["resources"].items():
            for item in content["operations"]:
                if "websocket" not in item:
                    _merge_operation(definitions.operations, resource, item)
        _merge_models(definitions.models, _models(facts))
    _correct(definitions)
    return definitions


def _models(facts: Json) -> dict[str, Json]:
    return {name: model for content in facts["resources"].values() for name, model in content["models"].items()}


def _version(stem: str) -> tuple[list[float], str]:
    text = stem.removeprefix("asterisk-")
    is_git = text.startswith(("GIT-", "SVN-"))
    numbers = [float(number) for number in re.findall(r"\d+", text.rpartition("-")[0] if is_git else text)]
    return numbers + ([float("inf")] if is_git else []), text


def _merge_operation(known: dict[str, Operation], resource: str, item: Json) -> None:
    new = {parameter["name"]: dict(parameter) for parameter in item["parameters"]}
    operation = known.get(f"{resource}.{item['nickname']}")
    if operation is None:
        known[f"{resource}.{item['nickname']}"] = Operation(
            resource, item["nickname"], item["method"], item["path"], item["response"], new, set(item["errors"])
        )
        return
    for name, parameter in new.items():
        old = operation.parameters.get(name)
        if old:
            parameter["required"] &= old["required"]
            parameter["multiple"] |= old["multiple"]
            if "values" in parameter:
                parameter["values"] = [*parameter["values"], *(v for v in old.get("values", ()) if v not in parameter["values"])]
    operation.method, operation.path, operation.response = item["method"], item["path"], item["response"]
    operation.parameters |= new
    operation.errors |= set(item["errors"])


def _merge_models(known: dict[str, Json], new: dict[str, Json]) -> None:
    for name, model in json.loads(json.dumps(new)).items():
        old = known.setdefault(name, {"fields": {key: dict(item) for key, item in model["fields"].items()}})
        for key, item in model["fields"].items():
            before = old["fields"].get(key, {"required": False})
            values = [*item.get("values", ()), *(v for v in before.get("values", ()) if v not in item.get("values", ()))]
            old["fields"][key] = {**item, "required": item["required"] and before["required"]}
            if values:
                old["fields"][key]["values"] = values
        for key in old["fields"].keys() - model["fields"].keys():
            old["fields"][key]["required"] = False
        if "subtypes" in model:
            old["subtypes"] = sorted({*old.get("subtypes", ()), *model["subtypes"]})


def _correct(definitions: Definitions) -> None:
    for entry in definitions.overlay.get("parameter", ()):
        for name in entry["operations"]:
            definitions.operations[name].parameters[entry["name"]].update(entry.get("set", {}))
    for entry in definitions.overlay.get("field", ()):
        item = definitions.models[entry["model"]]["fields"].setdefault(entry["name"], {})
        item.update(entry.get("set", {}))
        if "add_values" in entry:
            item["values"] = list(dict.fromkeys([*item.get("values", ()), *entry["add_values"]]))
