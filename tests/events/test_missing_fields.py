"""Events without a field that one of their type has: the error names event and field, wherever it is met."""

from typing import Any

import pytest

from ari_rest._meta import EVENT_FIELDS
from asterisk_ari._core.events.decode import make_event, views
from asterisk_ari.errors import EventStreamError, UnexpectedEvent
from tests.events.conftest import Client
from tests.events.shapes import event, stasis_start
from tests.events.variants import eventually
from tests.facade.variants import VARIANTS
from tests.generated.definitions import load
from tests.servers.scripted_server import ScriptedServer

DEFINITIONS = load()
IDENTITY = {"Channel": "id", "Bridge": "id", "Playback": "id", "LiveRecording": "name", "DeviceState": "name", "Endpoint": "id"}
OWN = ("type", "application", "timestamp", "asterisk_id")


@pytest.mark.parametrize("name", sorted(EVENT_FIELDS))
def test_each_required_field(name: str) -> None:
    """By property, by key and by the model; what is there is given as ever."""
    sample = DEFINITIONS.sample(name)
    for field, facts in DEFINITIONS.fields(name).items():
        if not facts["required"] or field in OWN:
            continue
        whole, lacking = make_event(sample), make_event({key: value for key, value in sample.items() if key != field})
        assert sample[field] == getattr(whole, field) == whole[field]
        ways: list[Any] = [lambda found, field=field: getattr(found, field), lambda found, field=field: found[field]]
        for ask in [*ways, lambda found: found.data]:
            with pytest.raises(UnexpectedEvent, match=f"{name}.* has no '{field}'") as caught:
                ask(lacking)
            assert (name, field) == (caught.value.event_type, caught.value.field)
        assert lacking.get(field) is None
        assert field not in lacking


@pytest.mark.parametrize("name", sorted(EVENT_FIELDS))
def test_an_object_that_is_none(name: str) -> None:
    """Null, text or an object without its id: the property for the id says so."""
    for field, kind in EVENT_FIELDS[name].items():
        if kind in IDENTITY:
            identity = f"{field}_{IDENTITY[kind]}"
            for value in ({"other": 1}, ["x"], "text"):
                broken = make_event({**DEFINITIONS.sample(name), field: value})
                with pytest.raises(UnexpectedEvent, match=f"{name}.* has no '{field}.{IDENTITY[kind]}'"):
                    getattr(broken, identity)
            if kind == "Endpoint":
                continue
            for value in (5, None, ["x"]):
                broken = make_event({**DEFINITIONS.sample(name), field: {IDENTITY[kind]: value}})
                with pytest.raises(UnexpectedEvent, match=f"{name}.* has no '{field}.{IDENTITY[kind]}' that is text"):
                    getattr(broken, identity)


def test_it_is_an_error_of_the_tree_and_of_mappings() -> None:
    found = make_event({"type": "StasisStart"})
    with pytest.raises(KeyError):
        _ = found["channel"]
    with pytest.raises(EventStreamError, match=r"<StasisStart> has no 'channel'"):
        _ = found["channel"]
    assert "channel" in views()["StasisStart"].__dict__


def test_a_model_of_other_types() -> None:
    found = make_event({**DEFINITIONS.sample("StasisStart"), "channel": 5})
    with pytest.raises(UnexpectedEvent, match="StasisStart.* is not what events of this type are"):
        _ = found.data


def test_a_handler_that_asks_for_it(server: ScriptedServer, client: Client) -> None:
    """`on_error` is told, and later events come."""
    told: list[Any] = []
    digits: list[str] = []
    ari = client(hub={"on_error": lambda error, found: told.append(error)})
    ari.on("ChannelDtmfReceived", lambda found: digits.append(found.digit))
    ari.start()
    channel = {"id": "1"}
    server.send(event("ChannelDtmfReceived", channel=channel))
    server.send(event("ChannelDtmfReceived", channel=channel, digit="5"))
    eventually(lambda: digits == ["5"])
    assert ["<ChannelDtmfReceived channel 1> has no 'digit'"] == [str(error) for error in told]


@pytest.mark.parametrize("variant_class", VARIANTS)
def test_entering_without_a_channel(variant_class: Any, server: ScriptedServer) -> None:
    """The handlers of `start_event_loop` are given no handle of nothing."""
    variant = variant_class()
    told: list[str] = []
    met: list[str] = []

    def told_of(error: Exception, found: Any) -> None:
        told.append(str(error))
        ari.stop()

    def meet(channel: Any, found: Any) -> None:
        met.append(channel.id)
        server.send(event("StasisStart", args=[]))

    ari = variant.client(host="127.0.0.1", port=server.port, events=True, on_error=told_of)
    variant.do(ari.connect())
    server.send(stasis_start("1"))
    variant.do(ari.start_event_loop(on_stasis_start=meet))
    variant.close()
    assert (["1"], ["<StasisStart app demo> has no 'channel.id'"]) == (met, told)


@pytest.mark.parametrize("variant_class", VARIANTS)
def test_a_program_for_calls(variant_class: Any, server: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    """What is no channel runs no program, and is in the log as no call; null as arguments are none."""
    variant = variant_class()
    told: list[str] = []
    taken: list[Any] = []
    broken = [event("StasisStart", channel=value) for value in (None, "x", {}, {"id": 5})]

    def told_of(error: Exception, found: Any) -> None:
        told.append(str(error))
        stop()

    def body(call: Any) -> None:
        taken.append((call.id, call.args))
        stop()

    def stop() -> None:
        if taken and len(told) == len(broken):
            ari.stop()

    ari = variant.client(host="127.0.0.1", port=server.port, events=True, on_error=told_of)

    async def async_body(call: Any) -> None:
        body(call)

    ari.calls()(async_body if variant.name == "async" else body)
    caplog.set_level("INFO", "asterisk_ari.events")
    variant.do(ari.connect())
    for found in (*broken, event("ChannelDestroyed", channel={"id": "9"}, cause=None)):
        server.send(found)
    server.send(stasis_start("1", args=None))
    variant.do(ari.start_event_loop())
    variant.close()
    assert [("1", ())] == taken
    assert all("has no 'channel.id'" in one for one in told)
    lines = [record.getMessage() for record in caplog.records if record.levelname == "INFO"]
    assert not [line for line in lines if line.startswith(("call  ", "call 5 left"))]
    assert "call 9 ended: no cause" in lines
