"""Every method of a collection or handle sends its operation, with each of its parameters under the right name."""

import inspect
from typing import Any

import pytest

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.naming import facade_name
from asterisk_ari._core.request import build
from asterisk_ari.errors import BadArgument
from tests.facade import samples
from tests.facade.colours import FACES, Face
from tests.facade.fake_server import FakeServer, Sent
from tests.surface.reach import Reached, operation_methods, reached_classes

METHODS = {face.colour: {one.label: one for one in operation_methods(reached_classes(face.package))} for face in FACES}
LABELS = sorted(METHODS["sync"])


def known_ids(one: Reached) -> list[str]:
    """The path parameters that the handle, or the id in front, stands for."""
    facts = OPERATIONS[one.operation]
    in_path = [name for name, parameter in facts.params.items() if parameter.location == "path"]
    return [name for name in in_path if facade_name(one.operation, name) not in one.parameters]


def owner_of(ari: Any, one: Reached, id: str) -> Any:
    """The collection, as the client gives it, or a handle."""
    for name in ("channels", "bridges", "playbacks", "recordings", "endpoints", "device_states", "mailboxes", "sounds"):
        if type(getattr(ari, name)) is one.owner:
            return getattr(ari, name)
    for name in ("applications", "asterisk", "events"):
        if type(getattr(ari, name)) is one.owner:
            return getattr(ari, name)
    return one.owner(ari, id)


def call(ari: Any, one: Reached, values: dict[str, Any], *, camel: bool) -> Any:
    """Call a method by its own parameter names, or by those of the definitions."""
    known = known_ids(one)
    own_id = "/".join(str(values[name]) for name in known)
    method = getattr(owner_of(ari, one, own_id), one.name)
    first = next(iter(inspect.signature(method).parameters.values()), None)
    front = [own_id] if first is not None and first.kind is first.POSITIONAL_ONLY else []
    named = {name if camel else facade_name(one.operation, name): value for name, value in values.items() if name not in known}
    return method(*front, **named)


def as_sent(operation: str, values: dict[str, Any]) -> tuple[str, str, dict[str, str], Any]:
    request = build(operation, values)
    query = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in request.params.items()}
    return request.method, "/ari" + request.path, query, request.json


def seen(sent: Sent) -> tuple[str, str, dict[str, str], Any]:
    return sent.method, sent.path, sent.query, sent.body


@pytest.mark.parametrize("label", LABELS)
def test_a_method_sends_all_its_parameters(face: Face, server: FakeServer, ari: Any, label: str) -> None:
    """Given everything, by snake_case or by the definitions' names, a method sends what the operation is made of."""
    one = METHODS[face.colour][label]
    for values in samples.full(one.operation):
        for camel in (False, True):
            server.answer(**samples.result(one.operation))
            face.do(call(ari, one, values, camel=camel))
            # bridges.create with variables goes to the path with the id, so that servers read the body right.
            operation = "bridges.createWithId" if one.operation == "bridges.create" else one.operation
            assert as_sent(operation, values) == seen(server.last())


@pytest.mark.parametrize("label", LABELS)
def test_a_method_needs_no_more_than_its_operation(face: Face, server: FakeServer, ari: Any, label: str) -> None:
    """Given only what the operation needs, a method sends that, and ids it made up itself."""
    one = METHODS[face.colour][label]
    values = samples.least(one.operation)
    server.answer(**samples.result(one.operation))
    face.do(call(ari, one, values, camel=False))
    method, path, query, body = as_sent(one.operation, values)
    made_up = {"channelId", "bridgeId", "playbackId", "snoopId"} - values.keys()
    defaults = {"app": "aiagc"} if one.operation.startswith("channels.") else {}
    sent = server.last()
    assert (method, path) == (sent.method, sent.path)
    assert query == {name: value for name, value in sent.query.items() if name in query}
    assert sent.query.keys() - query.keys() <= made_up | defaults.keys()
    assert (body or {}) == (sent.body or {})


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_by_its_name(face: Face, server: FakeServer, ari: Any, operation: str) -> None:
    """`ari.operation` sends the same request and gives the parsed model."""
    for values in samples.full(operation):
        server.answer(**({"status": 204} if OPERATIONS[operation].response != "binary" else {"content": b"RIFF"}))
        result = face.do(ari.operation(operation, **values))
        expected = "bridges.createWithId" if operation == "bridges.create" else operation
        assert as_sent(expected, values) == seen(server.last())
        assert result == (b"RIFF" if OPERATIONS[operation].response == "binary" else None)


def test_an_operation_gives_the_generated_model(face: Face, server: FakeServer, ari: Any) -> None:
    """A result with a model is parsed; a list gives a list of models."""
    found = {"name": "call-7", "format": "wav"}
    server.answer(json=found)
    one = face.do(ari.operation("recordings.getStored", recordingName="call-7"))
    server.answer(json=[found])
    several = face.do(ari.operation("recordings.listStored"))
    assert ("StoredRecording", "call-7", "wav") == (type(one).__name__, one.name, one.format_)
    assert [one] == several


@pytest.mark.parametrize(
    ("operation", "parameters", "hint"),
    [
        ("channels.anwser", {}, "did you mean 'channels.answer'"),
        ("nonsense", {}, "no operation 'nonsense'"),
        ("channels.play", {"channelId": "1", "medai": "sound:x"}, "did you mean 'media'"),
        ("channels.answer", {"channelId": "1", "wholly_other": 1}, "it has channelId"),
        ("channels.list", {"x": 1}, "it has none"),
        ("channels.play", {"channelId": "1", "channel_id": "2", "media": "sound:x"}, "channelId is given twice"),
    ],
)
def test_a_slip_in_a_name_is_refused_with_a_hint(
    face: Face, server: FakeServer, ari: Any, operation: str, parameters: dict[str, Any], hint: str
) -> None:
    """Unknown operations and parameters are refused before anything is sent, and say what may be meant."""
    with pytest.raises(BadArgument, match=hint):
        face.do(ari.operation(operation, **parameters))
    assert [] == server.sent


def test_two_spellings_of_one_parameter_are_refused(face: Face, ari: Any) -> None:
    """A method given a parameter twice, once in each spelling, raises as Python itself does."""
    with pytest.raises(TypeError, match="'max_duration_seconds' twice, once as 'maxDurationSeconds'"):
        face.do(ari.channels("1").record(name="x", format="wav", max_duration_seconds=1, maxDurationSeconds=2))


def test_a_handle_keeps_its_place(face: Face, server: FakeServer, ari: Any) -> None:
    """A handle of an id asks nothing; `refresh` takes the snapshot over, and `data` parses it."""
    channel = ari.channels("1")
    assert ("1", {}, []) == (channel.id, channel.json, server.sent)
    server.answer(json={"id": "1", "name": "PJSIP/alice-1"})
    assert channel is face.do(channel.refresh())
    assert "PJSIP/alice-1" == channel.json["name"]


def test_handles_of_one_object_are_equal(ari: Any) -> None:
    """Handles of the same kind and id are equal and hash alike; those of another kind are not."""
    assert {ari.channels("1")} == {ari.channels("1"), ari.channels("1")}
    assert ari.channels("1") != ari.bridges("1")
    assert "Channel('1')" == repr(ari.channels("1"))
