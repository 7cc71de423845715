"""Values for every parameter of every operation, and a result for every operation."""

from typing import Any
from urllib.parse import quote

from ari_rest._meta import OPERATIONS, Parameter
from tests.servers.declared import example

Values = dict[str, Any]

# Of these, one excludes the other.
EXCLUSIVE: dict[str, tuple[tuple[str, str], ...]] = {
    "channels.originate": (("app", "extension"), ("originator", "formats")),
    "channels.originateWithId": (("app", "extension"), ("originator", "formats")),
    "channels.create": (("originator", "formats"),),
    "channels.hangup": (("reason", "reason_code"),),
}

_SPECIAL: dict[str, Any] = {
    "eventSource": ["channel:1", "bridge:2"],
    "media": ["sound:media 1", "sound:media 2"],
    "source": ["channel:1", "endpoint:PJSIP/alice"],
    "deviceName": "Stasis:desk",
    "filter": {"allowed": [{"type": "StasisStart"}]},
    "fields": [{"attribute": "max_contacts", "value": "2"}],
    "variables": {"NAME": "value", "OTHER": "1"},
    "dtmf": "12#",
    "reason_code": "17",
}


def value(operation: str, parameter: Parameter) -> Any:
    """A valid value, another one for each parameter of an operation."""
    name = parameter.name
    if name == "variables" and parameter.multiple:
        return ["NAME", "OTHER"]
    if name == "type" and operation.startswith("bridges."):
        return "mixing,dtmf_events"
    if name in _SPECIAL:
        return _SPECIAL[name]
    if parameter.known_values:
        return list(parameter.known_values) if parameter.multiple else parameter.known_values[-1]
    if parameter.type in ("int", "long"):
        return 10 + len(name)
    if parameter.type == "boolean":
        return True
    return [f"{name} 1", f"{name} 2"] if parameter.multiple else f"{name} é"


def full(operation: str) -> list[Values]:
    """Everything an operation takes; two sets where parameters exclude each other."""
    facts = OPERATIONS[operation]
    values = {name: value(operation, parameter) for name, parameter in facts.params.items()}
    pairs = EXCLUSIVE.get(operation, ())
    dropped = [{pair[side] for pair in pairs} for side in (0, 1)] if pairs else [set()]
    return [{key: item for key, item in values.items() if key not in left_out} for left_out in dropped]


def least(operation: str) -> Values:
    """As little as an operation can do with."""
    facts = OPERATIONS[operation]
    values = {name: value(operation, facts.params[name]) for name in facts.required}
    if operation.startswith("channels.originate"):
        values["app"] = "an-app"
    if operation.startswith("channels.snoopChannel"):
        values["spy"] = "both"
    return values


def expected_request(operation: str, values: Values) -> tuple[str, str, dict[str, str], Any]:
    """Method, path, query and JSON body of the request with these parameters, from the definitions alone.

    `bridges.create` with variables goes to the path with the id, so that servers read the body right.
    """
    facts = OPERATIONS["bridges.createWithId" if operation == "bridges.create" and "variables" in values else operation]
    path, query, body = f"/ari{facts.path}", {}, {}
    for name, given in values.items():
        location = facts.params[name].location
        if location == "path":
            path = path.replace(f"{{{name}}}", quote(str(given), safe=""))
        elif location == "body":
            body[name] = given
        elif isinstance(given, bool):
            query[name] = "true" if given else "false"
        else:
            query[name] = ",".join(given) if isinstance(given, list) else str(given)
    is_whole_body = list(body) == ["filter"]
    return facts.method.upper(), path, query, (body["filter"] if is_whole_body else body) or None


def result(operation: str) -> dict[str, Any]:
    """The content of a successful answer, as arguments of `Script.reply`."""
    declared = OPERATIONS[operation].response
    if declared == "void":
        return {"status": 204}
    return {"content": b"RIFF...."} if declared == "binary" else {"json": example(declared)}
