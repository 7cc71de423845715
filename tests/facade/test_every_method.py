"""Every method of a collection or handle sends its operation, with each of its parameters under the right name."""

import inspect
from typing import Any

import pytest

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.requests.naming import facade_name
from asterisk_ari.errors import BadArgument, Conflict
from tests.facade import samples
from tests.facade.variants import VARIANTS, Variant
from tests.servers.script import ReceivedRequest, Script
from tests.surface.reach import Reached, operation_methods, reached_classes

METHODS = {variant.name: {one.label: one for one in operation_methods(reached_classes(variant.package))} for variant in VARIANTS}
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


def parts(request: ReceivedRequest) -> tuple[str, str, dict[str, str], Any]:
    return request.method, request.path, request.query, request.body


@pytest.mark.parametrize("label", LABELS)
def test_a_method_sends_all_its_parameters(variant: Variant, server: Script, ari: Any, label: str) -> None:
    """Given everything, by snake_case or by the definitions' names, a method sends what the operation is made of."""
    one = METHODS[variant.name][label]
    for values in samples.full(one.operation):
        for camel in (False, True):
            server.reply(**samples.result(one.operation))
            variant.do(call(ari, one, values, camel=camel))
            assert samples.expected_request(one.operation, values) == parts(server.last_call)


@pytest.mark.parametrize("label", LABELS)
def test_a_method_needs_no_more_than_its_operation(variant: Variant, server: Script, ari: Any, label: str) -> None:
    """Given only what the operation needs, a method sends that, and ids it made up itself."""
    one = METHODS[variant.name][label]
    values = samples.least(one.operation)
    server.reply(**samples.result(one.operation))
    variant.do(call(ari, one, values, camel=False))
    method, path, query, body = samples.expected_request(one.operation, values)
    made_up = {"channelId", "bridgeId", "playbackId", "snoopId"} - values.keys()
    defaults = {"app": "aiagc"} if one.operation.startswith("channels.") else {}
    sent = server.last_call
    assert (method, path) == (sent.method, sent.path)
    assert query == {name: value for name, value in sent.query.items() if name in query}
    assert sent.query.keys() - query.keys() <= made_up | defaults.keys()
    assert (body or {}) == (sent.body or {})


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_by_its_name(variant: Variant, server: Script, ari: Any, operation: str) -> None:
    """`ari.operation` sends the same request and gives the parsed model."""
    for values in samples.full(operation):
        server.reply(**samples.result(operation))
        result = variant.do(ari.operation(operation, **values))
        assert samples.expected_request(operation, values) == parts(server.last_call)
        model = OPERATIONS[operation].response.removeprefix("List[").removesuffix("]")
        one = result[0] if isinstance(result, list) else result
        assert {"void": "NoneType", "binary": "bytes"}.get(model, model) == type(one).__name__


def test_an_operation_gives_the_generated_model(variant: Variant, server: Script, ari: Any) -> None:
    """A result with a model is parsed; a list gives a list of models."""
    found = {"name": "call-7", "format": "wav"}
    server.reply(json=found)
    one = variant.do(ari.operation("recordings.getStored", recordingName="call-7"))
    server.reply(json=[found])
    several = variant.do(ari.operation("recordings.listStored"))
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
    variant: Variant, server: Script, ari: Any, operation: str, parameters: dict[str, Any], hint: str
) -> None:
    """Unknown operations and parameters are refused before anything is sent, and say what may be meant.

    The server's definitions are looked at first, once: it may have more than the package.
    """
    for _ in range(2):
        with pytest.raises(BadArgument, match=hint):
            variant.do(ari.operation(operation, **parameters))
    assert len(server.calls) <= 1
    assert all(line == "GET /ari/api-docs/resources.json" for line in server.lines)


def test_two_spellings_of_one_parameter_are_refused(variant: Variant, ari: Any) -> None:
    """A method given a parameter twice, once in each spelling, raises as Python itself does."""
    with pytest.raises(TypeError, match="'max_duration_seconds' twice, once as 'maxDurationSeconds'"):
        variant.do(ari.channels("1").record(name="x", format="wav", max_duration_seconds=1, maxDurationSeconds=2))


def test_a_handle_keeps_its_place(variant: Variant, server: Script, ari: Any) -> None:
    """A handle of an id asks nothing; `refresh` takes the snapshot over, and `data` parses it."""
    channel = ari.channels("1")
    assert ("1", {}, []) == (channel.id, channel.json, server.calls)
    server.reply(json={"id": "1", "name": "PJSIP/alice-1"})
    assert channel is variant.do(channel.refresh())
    assert "PJSIP/alice-1" == channel.json["name"]


def test_handles_of_one_object_are_equal(ari: Any) -> None:
    """Handles of the same kind and id are equal and hash alike; those of another kind are not."""
    assert {ari.channels("1")} == {ari.channels("1"), ari.channels("1")}
    assert ari.channels("1") != ari.bridges("1")
    assert "Channel('1')" == repr(ari.channels("1"))


def test_guards_may_leave_the_word_to_the_server(variant: Variant, server: Script) -> None:
    """With `guards="server"` a call that only the server would refuse is sent, and its answer raises; what hurts it is not."""
    ari = variant.connected(server, guards="server")
    server.reply(409, json={"message": "Invalid device name"})
    with pytest.raises(Conflict, match="Invalid device name"):
        variant.do(ari.device_states("foobar").update("BUSY"))
    assert ["PUT /ari/deviceStates/foobar?deviceState=BUSY"] == server.lines
    with pytest.raises(BadArgument):
        variant.do(ari.channels("").answer())
    with pytest.raises(BadArgument, match="guards must be all or server"):
        variant.client(server, guards="none")
