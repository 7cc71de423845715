"""Answers of the wrong shape: whatever a success holds, a method gives its result or raises UnexpectedResponse."""

from typing import Any

import pytest

from ari_rest._meta import OPERATIONS
from asterisk_ari.errors import AriError, BadArgument, UnexpectedResponse
from tests.facade import samples
from tests.facade.test_copies import MAKERS
from tests.facade.test_documented_methods import SENT
from tests.facade.test_every_method import LABELS, METHODS, call
from tests.facade.variants import Variant
from tests.servers.declared import example, result_at, result_type
from tests.servers.script import Script

# What tells which object it is, or is what was asked for.
NEEDED = {
    "Application": ("name",),
    "Bridge": ("id",),
    "Channel": ("id",),
    "DeviceState": ("name",),
    "Endpoint": ("technology", "resource"),
    "LiveRecording": ("name",),
    "LogChannel": ("channel",),
    "Mailbox": ("name",),
    "Module": ("name",),
    "Playback": ("id",),
    "Sound": ("id",),
    "StoredRecording": ("name",),
    "Variable": ("value",),
    "Variables": ("variables",),
}
NO_OBJECTS = (None, "text", 17, 1.5, True, [])
# Fields that a handle or a documented method takes apart.
TAKEN_APART = {
    "Application": {"channel_ids": "1"},
    "AsteriskInfo": {"system": [1]},
    "Bridge": {"channels": 5},
    "Channel": {"caller": ["alice"]},
}

Wrong = tuple[Any, str]


def wrong_objects(model: str) -> list[Wrong]:
    """JSON that is no such model, and what an error about it must name."""
    good = example(model)
    wrong: list[Wrong] = [(value, "not an object") for value in (*NO_OBJECTS, [good])]
    for name in NEEDED.get(model, ()):
        without = {key: value for key, value in good.items() if key != name}
        wrong += [(without, f"no '{name}'"), ({}, "no '")]
        wrong += [({**good, name: value}, f"'{name}'") for value in (None, 17, ["1"], False)]
    return wrong + [({**good, name: value}, f"'{name}'") for name, value in TAKEN_APART.get(model, {}).items()]


def wrong_answers(declared: str) -> list[Wrong]:
    model = declared.removeprefix("List[").removesuffix("]")
    if model == declared:
        return wrong_objects(model)
    lists: list[Wrong] = [(value, "not a list") for value in (*NO_OBJECTS[:-1], {}, example(model))]
    return lists + [([example(model), value], f"item 2 of the list.*{words}") for value, words in wrong_objects(model)]


def refused(variant: Variant, server: Script, make: Any, declared: str) -> list[UnexpectedResponse]:
    """Make a call once with each wrong answer; each raises, and its message names what was wrong."""
    errors = []
    for value, words in wrong_answers(declared):
        server.reply(json=value)
        with pytest.raises(UnexpectedResponse, match=words) as caught:
            variant.do(make())
        errors.append(caught.value)
    for body in ({"status": 204}, {"text": "hello"}, {"html": "<html><title>Welcome</title></html>"}, {"content": b"\xff\x00"}):
        server.reply(**body)
        with pytest.raises(UnexpectedResponse) as caught:
            variant.do(make())
        errors.append(caught.value)
    return errors


@pytest.mark.parametrize("label", LABELS)
def test_a_method_of_a_handle_or_collection(variant: Variant, server: Script, ari: Any, label: str) -> None:
    """Its errors name the operation and what was missing; what has no result takes any."""
    one = METHODS[variant.name][label]
    values, declared = samples.least(one.operation), result_type(one.operation)
    if declared == "binary":
        return
    if declared == "void":
        for value in (*NO_OBJECTS, {}):
            server.reply(json=value)
            variant.do(call(ari, one, values, camel=False))
        return
    for error in refused(variant, server, lambda: call(ari, one, values, camel=False), declared):
        assert error.operation in (one.operation, f"{one.operation}WithId")
        assert str(error).startswith(f"{error.operation} {error.method} {error.path}: ")


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_operation_by_its_name(variant: Variant, server: Script, ari: Any, operation: str) -> None:
    """The same for the generated models, which need more: the first missing field is named."""
    declared, values = result_type(operation), samples.least(operation)
    if declared in ("void", "binary"):
        return
    assert {operation, f"{operation}WithId"} >= {
        error.operation for error in refused(variant, server, lambda: ari.operation(operation, **values), declared)
    }
    model = declared.removeprefix("List[").removesuffix("]")
    good = example(model)
    for name in good.keys() - set(NEEDED.get(model, ())):
        lacking = {key: value for key, value in good.items() if key != name}
        server.reply(json=lacking if model == declared else [good, lacking])
        try:
            variant.do(ari.operation(operation, **values))
        except UnexpectedResponse as error:
            assert f"the response is not a valid {model}: {name} is missing" in str(error)


@pytest.mark.parametrize("case", SENT, ids=lambda case: case[0])
def test_a_documented_method(variant: Variant, server: Script, ari: Any, case: Any) -> None:
    """They raise too: a proxy's answer is not that the call has ended."""
    name, arguments, named, line, *_ = case
    method, path = line.split(" ")
    declared = result_at(method, path.removeprefix("/ari").replace("%2F", "/"))
    assert declared is not None
    if declared == "void":
        return
    refused(variant, server, lambda: getattr(ari, name)(*arguments, **named), declared)
    assert ari.last_error is None


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
def test_a_snapshot_full_of_nulls(variant: Variant, server: Script, ari: Any, make: Any) -> None:
    """Null counts as absent: each property is as empty as without a snapshot; the model says what it lacks."""
    bare, handle = make(ari), make(ari)
    handle.json = dict.fromkeys(example(type(handle).__name__)) | {"state": None, "channelvars": None}
    properties = [name for name in dir(type(handle)) if isinstance(getattr(type(handle), name), property) and name[0] != "_"]
    for name in properties:
        if name != "data":
            assert getattr(bare, name) == getattr(handle, name), name
    handle.json = {"unheard": "of"}
    with pytest.raises(UnexpectedResponse, match=r"the response is not a valid \w+: \w+ is missing"):
        _ = handle.data
    with pytest.raises(AriError, match="refresh"):
        _ = bare.data


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
def test_a_handle_of_json_that_names_no_object(ari: Any, make: Any) -> None:
    for json in ({}, {"id": None, "name": None, "technology": None}, {"id": "", "name": "", "technology": ""}, []):
        with pytest.raises(BadArgument, match="non-empty string '(id|name|technology)'"):
            type(make(ari)).of(ari, json)
