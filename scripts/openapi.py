"""From corrected facts to the OpenAPI document that openapi-python-client reads. Pure.

What is done here on purpose: operation ids carry the resource; inheritance is flattened and `type` is a constant per
event; enumerations stay open; defaults are left out, so nothing is sent that the caller did not give; only the success
answer is declared, since errors never reach the parser.
"""

from typing import Any

from openapi_python_client.strings import ClassName, PythonIdentifier, pascal_case, snake_case

from scripts.descriptions import Descriptions
from scripts.errors import RegenerateError
from scripts.facts import Facts, Field, Model, Operation, Parameter, event_types, models
from scripts.normalise import LIST

FIELD_PREFIX = "field_"
Schema = dict[str, Any]

TYPES: dict[str, Schema] = {
    "string": {"type": "string"},
    "int": {"type": "integer"},
    "long": {"type": "integer"},
    "double": {"type": "number"},
    "float": {"type": "number"},
    "boolean": {"type": "boolean"},
    "Date": {"type": "string", "format": "date-time"},
    # A free-form object stays a plain dict; a class without fields would only be in the way.
    "object": {},
    "containers": {},
    "int|string": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
}


def document(facts: Facts, descriptions: Descriptions, version: str) -> Schema:
    """The whole OpenAPI document of the merged, corrected facts."""
    builder = _Builder(facts, descriptions)
    return {
        "openapi": "3.1.0",
        "info": {"title": "ari_rest", "version": version},
        "paths": builder.paths(),
        "components": {"schemas": builder.schemas},
    }


def enumerations(document: Schema) -> dict[str, list[str]]:
    """The values of each enumeration of a document."""
    return {name: schema["enum"] for name, schema in document["components"]["schemas"].items() if "enum" in schema}


def module_name(resource: str, nickname: str) -> str:
    """`channels`, `sendDTMF` → `channels_send_dtmf`, the name of the generated module."""
    return f"{snake_case(resource)}_{snake_case(nickname)}"


def python_name(name: str) -> str:
    """The generated name of a parameter or field: `from` → `from_`, `maxDurationSeconds` → `max_duration_seconds`."""
    return str(PythonIdentifier(name, FIELD_PREFIX))


def argument_name(name: str, location: str) -> str:
    """The generated name of an argument: the generator has two names of its own, and then adds where the value goes."""
    python = python_name(name)
    return f"{python}_{location}" if python in ("client", "url") else python


def class_name(name: str) -> str:
    return str(ClassName(name, FIELD_PREFIX))


def body_name(resource: str, nickname: str) -> str:
    """Name of the model of an operation's JSON body."""
    return f"{pascal_case(resource)}{pascal_case(nickname)}Body"


def body_parameters(operation: Operation) -> list[Parameter]:
    return [parameter for parameter in operation["parameters"] if parameter["location"] == "body"]


def has_body_model(operation: Operation) -> bool:
    """Whether the body is an object with declared keys; otherwise it is free-form, or there is none."""
    found = body_parameters(operation)
    return bool(found) and not any(parameter.get("whole_body") for parameter in found)


def _member_names(values: list[str]) -> Schema:
    """Names for the members of an enumeration, where those that the generator makes would be the same: `ulaw`, `ULAW`."""
    usual = [snake_case(value if value[:1].isalpha() else f"VALUE_{number}").upper() for number, value in enumerate(values)]
    if len(set(usual)) == len(usual):
        return {}
    return {"x-enum-varnames": [f"{name}_{number}" if name in usual[:number] else name for number, name in enumerate(usual)]}


class _Builder:
    def __init__(self, facts: Facts, descriptions: Descriptions) -> None:
        self.facts = facts
        self.words = descriptions
        self.leaves = set(event_types(facts))
        self.parents = {child: name for name, model in models(facts) for child in model.get("subtypes", ())}
        self.owner = {name: resource for resource, item in facts["resources"].items() for name in item["models"]}
        self.all_models = dict(models(facts))
        self.schemas: dict[str, Schema] = {}
        for name, model in self.all_models.items():
            self._define(name, self._model(name, model))

    # --- models -----------------------------------------------------------------------------------------------------

    def _define(self, component: str, schema: Schema) -> None:
        """Add a component; one name for two things would lose one of them in silence."""
        if self.schemas.setdefault(component, schema) != schema:
            raise RegenerateError(f"two different things come out as {component}: name one otherwise in scripts/openapi.py")

    def _model(self, name: str, model: Model) -> Schema:
        properties: dict[str, Schema] = {}
        required: list[str] = []
        for owner, field_name, field in self._fields(name, model):
            schema = self._values(owner + pascal_case(field_name), field, self._type(field["type"]))
            if field.get("nullable"):
                schema = {"anyOf": [*schema.get("anyOf", [schema]), {"type": "null"}]}
            if name in self.leaves and self._discriminator(name) == field_name:
                schema = {"type": "string", "const": name}
            properties[field_name] = {**schema, "description": self.words.field(self.owner[owner], owner, field_name)}
            if field["required"]:
                required.append(field_name)
        return {
            "type": "object",
            "description": self.words.model(self.owner[name], name),
            "properties": properties,
            "required": required,
        }

    def _fields(self, name: str, model: Model) -> list[tuple[str, str, Field]]:
        parent = self.parents.get(name)
        inherited = self._fields(parent, self.all_models[parent]) if parent else []
        own = [(name, field_name, field) for field_name, field in model["fields"].items()]
        return [item for item in inherited if item[1] not in model["fields"]] + own

    def _discriminator(self, name: str) -> str | None:
        found = self.all_models[name].get("discriminator")
        return found or (self._discriminator(self.parents[name]) if name in self.parents else None)

    def _type(self, type_name: str) -> Schema:
        match = LIST.match(type_name)
        if match:
            return {"type": "array", "items": self._type(match[1])}
        return dict(TYPES[type_name]) if type_name in TYPES else {"$ref": f"#/components/schemas/{type_name}"}

    def _values(self, component: str, item: Parameter | Field, schema: Schema) -> Schema:
        """An open enumeration: the known values by name, any other text as it is. Servers send more than is declared."""
        if "minimum" in item:
            schema = {**schema, "minimum": item["minimum"]}
        if "values" not in item:
            return schema
        self._define(component, {"type": "string", "enum": item["values"], **_member_names(item["values"])})
        return {"anyOf": [{"$ref": f"#/components/schemas/{component}"}, {"type": "string"}]}

    # --- operations -------------------------------------------------------------------------------------------------

    def paths(self) -> dict[str, Schema]:
        found: dict[str, Schema] = {}
        for resource, content in self.facts["resources"].items():
            for operation in content["operations"]:
                if "websocket" not in operation:
                    item = found.setdefault(operation["path"], {})
                    item[operation["method"].lower()] = self._operation(resource, operation)
        return found

    def _operation(self, resource: str, operation: Operation) -> Schema:
        nickname = operation["nickname"]
        schema: Schema = {
            "operationId": module_name(resource, nickname),
            "tags": [resource],
            "summary": self.words.operation(resource, nickname),
            "parameters": [
                self._parameter(resource, nickname, item) for item in operation["parameters"] if item["location"] != "body"
            ],
            # Success codes are declared nowhere and differ (200, 201, 202, 204): any of them is read the same way.
            "responses": {"2XX": self._response(operation["response"])},
        }
        body = self._body(resource, operation)
        return {**schema, "requestBody": body} if body else schema

    def _parameter(self, resource: str, nickname: str, item: Parameter) -> Schema:
        component = pascal_case(resource) + pascal_case(nickname) + pascal_case(item["name"])
        schema = self._values(component, item, self._type(item["type"]))
        if item["multiple"]:
            schema = {"type": "array", "items": schema}
        parameter: Schema = {
            "name": item["name"],
            "in": item["location"],
            "required": item["required"],
            "description": self.words.parameter(resource, nickname, item["name"]),
            "schema": schema,
        }
        if item["multiple"]:
            parameter |= {"style": "form", "explode": False}
        if "default" in item:
            parameter["x-ari-default"] = item["default"]
        return parameter

    def _body(self, resource: str, operation: Operation) -> Schema | None:
        found = body_parameters(operation)
        if not found:
            return None
        nickname = operation["nickname"]
        schema: Schema = {}
        if has_body_model(operation):
            component = body_name(resource, nickname)
            properties = {
                item["name"]: {
                    **self._type(item["type"]),
                    "description": self.words.parameter(resource, nickname, item["name"]),
                }
                for item in found
            }
            body = {
                "type": "object",
                "description": f"JSON body of {resource}.{nickname}; query parameters may be given here as further keys.",
                "properties": properties,
                "required": [item["name"] for item in found if item["required"]],
            }
            self._define(component, body)
            schema = {"$ref": f"#/components/schemas/{component}"}
        required = any(item["required"] for item in found)
        return {"required": required, "content": {"application/json": {"schema": schema}}}

    def _response(self, response: str) -> Schema:
        if response == "void":
            return {"description": "Done, or accepted."}
        if response == "binary":
            return {
                "description": "The file.",
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        return {"description": "The result.", "content": {"application/json": {"schema": self._type(response)}}}
