"""From a server's documents to facts: nothing is lost in silence, and nothing strange gets through."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from scripts import facts
from scripts.errors import RegenerateError
from scripts.normalise import normalise
from tests.scripts.dialect import SWAGGER, documents, facts_of

RELEASES = [file.stem.removeprefix("asterisk-") for file in sorted(SWAGGER.glob("asterisk-*.json"))]
Json = dict[str, Any]

OPERATION: Json = {
    "httpMethod": "POST",
    "nickname": "play",
    "responseClass": "Thing",
    "parameters": [{"name": "thingId", "paramType": "path", "dataType": "string"}],
}
DOCUMENT: Json = {
    "swaggerVersion": "1.1",
    "apis": [{"path": "/things/{thingId}", "operations": [OPERATION]}],
    "models": {"Thing": {"id": "Thing", "properties": {"id": {"type": "string", "required": True}}}},
}


def document() -> Json:
    """A small document that is right; the tests spoil a copy."""
    return copy.deepcopy(DOCUMENT)


def operation(node: Json) -> Json:
    found: Json = node["apis"][0]["operations"][0]
    return found


def parameter(node: Json, **more: Any) -> None:
    operation(node)["parameters"].append({"name": "size", "paramType": "query", "dataType": "int", **more})


def read(node: Json) -> Any:
    return normalise("1.2.3", {"things": node})["resources"]["things"]


@pytest.mark.parametrize("release", RELEASES)
def test_documents_give_back_the_facts(release: str) -> None:
    """The documents of each release normalise to exactly the facts that `swagger/` has of it."""
    expected = facts_of(release)
    assert facts.dump(expected) == facts.dump(normalise(release, documents(expected)))


# ARI-FACTS, table 1: paths, operations, parameters (path, query, body), models, fields, events.
COUNTS = {
    "13.38.3": (64, 94, 212, 88, 117, 7, 69, 241, 37),
    "16.28.0": (68, 98, 235, 90, 136, 9, 70, 245, 38),
    "18.26.4": (70, 100, 249, 92, 146, 11, 70, 247, 38),
    "20.0.0": (68, 98, 238, 90, 139, 9, 70, 245, 38),
    "20.15.2": (71, 101, 251, 93, 147, 11, 81, 281, 42),
    "20.20.1": (76, 109, 275, 100, 160, 15, 84, 290, 44),
    "21.12.3": (72, 102, 252, 94, 147, 11, 81, 281, 42),
    "22.10.1": (76, 109, 275, 100, 160, 15, 85, 291, 45),
    "23.4.1": (76, 109, 275, 100, 160, 15, 85, 291, 45),
}


@pytest.mark.parametrize("release", RELEASES)
def test_counts(release: str) -> None:
    """Each release has as many elements as were counted in Asterisk's own definitions."""
    assert COUNTS[release] == tuple(facts.count(facts_of(release)).values())


def test_no_release_is_uncounted() -> None:
    """Every release in `swagger/` has a row in the table of counts."""
    assert sorted(COUNTS) == sorted(RELEASES)


SPOTS: dict[str, Callable[[Json], Json]] = {
    "resource": lambda node: node,
    "path": lambda node: node["apis"][0],
    "operation": operation,
    "parameter": lambda node: operation(node)["parameters"][0],
    "error": lambda node: operation(node).setdefault("errorResponses", [{"code": 404, "reason": "."}])[0],
    "model": lambda node: node["models"]["Thing"],
    "field": lambda node: node["models"]["Thing"]["properties"]["id"],
    "values": lambda node: node["models"]["Thing"]["properties"]["id"].setdefault(
        "allowableValues", {"valueType": "LIST", "values": ["a"]}
    ),
}


@pytest.mark.parametrize("kind", SPOTS)
def test_unknown_keys_are_errors(kind: str) -> None:
    """A key that nobody taught the normaliser is an error that names the key, its place and the remedy, at each level."""
    node = document()
    SPOTS[kind](node)["deprecatedSince"] = "24"
    with pytest.raises(RegenerateError, match=rf"things.*unknown {kind} key 'deprecatedSince': teach scripts/normalise"):
        read(node)


@pytest.mark.parametrize("kind", SPOTS)
@pytest.mark.parametrize("noise", ["description", "descriptioni", "__note", "_copyright", "summary", "notes"])
def test_noise_is_dropped(kind: str, noise: str) -> None:
    """Prose and bookkeeping leave no trace in the facts."""
    node, plain = document(), document()
    SPOTS[kind](plain)
    SPOTS[kind](node)[noise] = "an upstream sentence"
    assert read(plain) == read(node)


def test_path_parameters_are_required() -> None:
    """A path parameter is required even where the definitions forget to say so; a query parameter is not."""
    node = document()
    parameter(node)
    assert [item["required"] for item in read(node)["operations"][0]["parameters"]] == [True, False]


@pytest.mark.parametrize("key", ["defaultValue", "defalutValue"])
def test_defaults(key: str) -> None:
    """A default is kept under either spelling, falsy ones included."""
    node = document()
    parameter(node, **{key: 0})
    assert read(node)["operations"][0]["parameters"][1]["default"] == 0


@pytest.mark.parametrize("kind", ["double", "float"])
def test_numbers_with_a_fraction(kind: str) -> None:
    """As a parameter's type, its default and its lowest value."""
    node = document()
    parameter(node, dataType=kind, defaultValue=0.5, allowableValues={"valueType": "RANGE", "min": -1.5})
    found = read(node)["operations"][0]["parameters"][1]
    assert (kind, 0.5, -1.5) == (found["type"], found["default"], found["minimum"])


def test_error_codes_may_be_text() -> None:
    """Error codes written as text are numbers all the same, sorted and without doubles."""
    node = document()
    operation(node)["errorResponses"] = [
        {"code": "409", "reason": "."},
        {"code": 404, "reason": "."},
        {"code": 409, "reason": "."},
    ]
    assert read(node)["operations"][0]["errors"] == [404, 409]


def test_ranges_and_lists() -> None:
    """RANGE gives a lowest value, LIST its values as text."""
    node = document()
    parameter(node, allowableValues={"valueType": "RANGE", "min": -3})
    operation(node)["parameters"][0]["allowableValues"] = {"valueType": "LIST", "values": ["a", 1]}
    (first, second) = read(node)["operations"][0]["parameters"]
    assert (first["values"], second["minimum"]) == (["a", "1"], -3)


def test_websocket_upgrade() -> None:
    """An upgrade to a WebSocket is marked, so that no REST call is generated for it."""
    node = document()
    operation(node)["upgrade"] = "websocket"
    assert read(node)["operations"][0]["websocket"] == "ari"


def _duplicate(node: Json, nickname: str) -> None:
    node["apis"].append({"path": "/things", "operations": [{"httpMethod": "GET", "nickname": nickname, "responseClass": "void"}]})


def _set(**values: Any) -> Callable[[Json], None]:
    return lambda node: operation(node).update(values)


def _parameter(**values: Any) -> Callable[[Json], None]:
    return lambda node: parameter(node, **values)


def _model(name: str, **fields: Any) -> Callable[[Json], None]:
    return lambda node: node["models"].update({name: {"id": name, "properties": fields}})


def _path(path: Any) -> Callable[[Json], None]:
    return lambda node: node["apis"][0].update({"path": path})


CODE = 'x"); import os; os.system("id") #'
BAD: dict[str, tuple[Callable[[Json], Any], str]] = {
    "two operations of one name": (lambda node: _duplicate(node, "play"), "share the name things.play: rename one of them"),
    "one name in snake case": (lambda node: _duplicate(node, "p_lay"), "share the name things.p_lay: rename one of them"),
    "one name in another case": (lambda node: _duplicate(node, "PLAY"), "share the name things.PLAY: rename one of them"),
    "undefined result": (_set(responseClass="Nothing"), "things.play: type 'Nothing' is defined nowhere"),
    "undefined item": (_set(responseClass="List[Nothing]"), r"things.play: type 'List\[Nothing\]' is defined nowhere"),
    "list of lists": (_set(responseClass="List[List[Thing]]"), "is defined nowhere"),
    "undefined field type": (_model("Other", x={"type": "Nothing"}), "Other.x: type 'Nothing' is defined nowhere"),
    "undefined subtype": (
        lambda node: node["models"]["Thing"].update(subTypes=["Nothing"]),
        "Thing.subTypes: type 'Nothing' is defined nowhere",
    ),
    "unknown parameter type": (_parameter(dataType="Thing"), r"things.play\(size\): unknown dataType 'Thing'"),
    "unknown location": (_parameter(paramType="header"), r"things.play\(size\): unknown paramType 'header'"),
    "location of another kind": (_parameter(paramType=["query"]), "unknown paramType"),
    "unknown method": (_set(httpMethod="PATCH"), "things.play: unknown httpMethod 'PATCH'"),
    "method of another kind": (_set(httpMethod={}), "things.play: unknown httpMethod {}"),
    "unknown upgrade": (_set(upgrade="h2c"), "unknown upgrade 'h2c'"),
    "unknown kind of values": (_parameter(allowableValues={"valueType": "SET", "values": []}), "unknown valueType 'SET'"),
    "range of text": (
        _parameter(allowableValues={"valueType": "RANGE", "min": "low"}),
        "lowest value 'low' is not a number",
    ),
    "range with an end": (_parameter(allowableValues={"valueType": "RANGE", "min": 0, "max": 9}), "unknown values key 'max'"),
    "list of no list": (_parameter(allowableValues={"valueType": "LIST", "values": "ab"}), "a list was expected, not str"),
    "required as text": (_parameter(required="false"), r"things.play\(size\): required is 'false', not true or false"),
    "several as text": (_parameter(allowMultiple="no"), r"things.play\(size\): allowMultiple is 'no', not true or false"),
    "default of another kind": (_parameter(defaultValue=[1]), r"default \[1\] is neither text, number nor boolean"),
    "error code of words": (_set(errorResponses=[{"code": "many"}]), "error code 'many' is not a number"),
    "error code of nothing": (_set(errorResponses=[{"code": None}]), "error code None is not a number"),
    "parameter twice": (_parameter(name="thingId"), "a parameter is declared twice"),
    "path parameter undeclared": (_path("/things/{thingId}/{other}"), r"path parameters \['thingId'\] disagree"),
    "path parameter not in the path": (_path("/things"), r"path /things and path parameters \['thingId'\] disagree"),
    "unknown dialect": (lambda node: node.update(swaggerVersion="2.0"), "swaggerVersion '2.0'"),
    "no nickname": (lambda node: operation(node).pop("nickname"), "lacks 'nickname'"),
    "no apis": (lambda node: node.pop("apis"), "things: lacks 'apis'"),
    "apis of another kind": (lambda node: node.update(apis={}), "a list was expected, not dict"),
    "models of another kind": (lambda node: node.update(models=[]), "things.models: an object was expected"),
    "properties of another kind": (lambda node: node["models"]["Thing"].update(properties=[]), "an object was expected"),
    "since of another kind": (lambda node: node.update(since=12), "a list was expected, not int"),
    "modules of another kind": (lambda node: node.update(requiresModules=None), "a list was expected, not NoneType"),
    "operation of another kind": (lambda node: node["apis"][0].update(operations=["play"]), "a operation must be an object"),
    # names become code: anything but a plain name is refused
    "code as nickname": (_set(nickname=CODE), "is not a name"),
    "code as parameter": (_parameter(name=CODE), "is not a name"),
    "code as model": (_model(CODE), "is not a name"),
    "code as field": (_model("Other", **{CODE: {"type": "string"}}), "is not a name"),
    "code as discriminator": (lambda node: node["models"]["Thing"].update(discriminator=CODE), "is not a name"),
    "code as subtype": (lambda node: node["models"]["Thing"].update(subTypes=[CODE]), "is not a name"),
    "code in the path": (_path('/things/{thingId}"+exit()+"'), "is not a path"),
    "dots in the path": (_path("/things/../{thingId}"), "is not a path"),
    "path of another kind": (_path(5), "5 is not a path"),
    "name with a new line behind it": (_set(nickname="play\n"), "is not a name"),
    "name of another kind": (_set(nickname=5), "5 is not a name"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_documents_are_refused(name: str) -> None:
    """What is wrong with a document is an error that says where and what."""
    spoil, message = BAD[name]
    node = document()
    spoil(node)
    with pytest.raises(RegenerateError, match=message):
        read(node)


@pytest.mark.parametrize("node", [None, [], "text", 5], ids=repr)
def test_documents_that_are_no_objects_are_refused(node: Any) -> None:
    """JSON of any other kind than an object is not a definition."""
    with pytest.raises(RegenerateError, match="things: a resource must be an object"):
        read(node)


def test_a_model_of_two_resources_is_refused() -> None:
    """One name for two models would lose one of them."""
    other = document()
    other["apis"] = []
    with pytest.raises(RegenerateError, match="model Thing is defined by things and others: remove one of them"):
        normalise("1.2.3", {"things": document(), "others": other})


def test_hostile_resource_names_are_refused() -> None:
    """A resource name becomes a folder and a module: anything but a plain name is refused."""
    with pytest.raises(RegenerateError, match="is not a name"):
        normalise("1.2.3", {"../things": document()})


def test_messages_are_one_line_of_cause_and_remedy() -> None:
    """A message says where, what and what to do, with a colon between."""
    with pytest.raises(RegenerateError) as caught:
        read({**document(), "swaggerVersion": "3"})
    assert str(caught.value) == "things: swaggerVersion '3': scripts/normalise.py reads ['1.1', '1.2'] only"
