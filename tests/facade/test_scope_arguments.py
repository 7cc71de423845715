"""The arguments of `ari.call(…)` and of the methods of a call: checked when they are given, in both spellings."""

import inspect
from typing import Any

import pytest

from asterisk_ari import aio, sync
from asterisk_ari.errors import BadArgument
from tests.facade.variants import Variant
from tests.servers.script import Script

VARIANTS = pytest.mark.parametrize("module", [aio, sync], ids=["async", "sync"])

# Method of a call → what takes its arguments.
PASSED_ON = {
    "originate": "Channels.originate",
    "bridge": "Bridges.create",
    "play": "Channel.play",
    "record": "Channel.record",
    "snoop": "Channel.snoop_channel",
}


def taken_by(module: Any, name: str) -> list[inspect.Parameter]:
    cls, _, method = name.partition(".")
    return list(inspect.signature(getattr(getattr(module, cls), method)).parameters.values())[1:]


@VARIANTS
@pytest.mark.parametrize(("name", "taker"), PASSED_ON.items())
def test_a_method_of_a_call_shows_the_arguments_that_it_takes(module: Any, name: str, taker: str) -> None:
    """For `help()`, editors and mocks: names, kinds, defaults and types."""
    assert taken_by(module, taker) == taken_by(module, f"Call.{name}")


@VARIANTS
def test_the_options_of_a_call_are_those_of_originate(module: Any) -> None:
    """All but the endpoint, and none is needed."""
    of_originate = {one.name for one in taken_by(module, "Channels.originate") if one.name != "endpoint"}
    assert of_originate == module.OriginateOptions.__annotations__.keys()
    assert frozenset() == module.OriginateOptions.__required_keys__


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"caler_id": "x"}, "caller_id"),
        ({"calerId": "x"}, "caller_id"),
        ({"answer_timeout": 5}, "answer_timeout_seconds"),
        ({"colour": 5}, None),
    ],
)
def test_a_misspelt_argument_of_a_call_is_told_at_once(
    variant: Variant, ari: Any, given: dict[str, Any], hint: str | None
) -> None:
    """Before the scope is entered, as for any function, with what may be meant."""
    message = rf"call\(\) got an unexpected keyword argument {next(iter(given))!r}"
    with pytest.raises(TypeError, match=message + (f". Did you mean {hint!r}" if hint else "")):
        ari.call("PJSIP/alice", **given)


def test_arguments_for_a_channel_that_is_there_are_refused(variant: Variant, ari: Any) -> None:
    """They would be ignored."""
    with pytest.raises(BadArgument, match=r"caller_id would have no effect: Channel\('1'\) exists already"):
        ari.call(ari.channels("1"), caller_id="x")


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("play", {"medai": "sound:x"}),
        ("record", {"name": "r", "fromat": "wav"}),
        ("bridge", {"typ": "mixing"}),
        ("snoop", {"spi": "both"}),
        ("originate", {"endpoint": "PJSIP/bob", "caler_id": "x"}),
    ],
)
def test_a_misspelt_argument_of_a_method_sends_nothing(
    variant: Variant, server: Script, ari: Any, method: str, given: dict[str, Any]
) -> None:
    """A TypeError that names it; nothing is owned that would be ended later."""
    call = variant.enter(ari.call(ari.channels("1")))
    with pytest.raises(TypeError, match=list(given)[-1]):
        variant.do(getattr(call, method)(**given))
    assert [] == server.calls
    variant.leave(call)
    assert ["/ari/channels/1"] == [call.path for call in server.calls]


@pytest.mark.parametrize(
    ("method", "given", "sent"),
    [
        ("play", {"media": "sound:x", "playbackId": "p"}, {"media": "sound:x", "playbackId": "p"}),
        ("record", {"name": "r", "format": "wav", "maxDurationSeconds": 5}, {"maxDurationSeconds": "5"}),
        ("snoop", {"spy": "both", "snoopId": "s", "appArgs": "a"}, {"snoopId": "s", "appArgs": "a"}),
        ("bridge", {"type": "mixing", "bridgeId": "b"}, {"bridgeId": "b", "type": "mixing"}),
    ],
)
def test_methods_of_a_call_take_the_definitions_names(
    variant: Variant, server: Script, ari: Any, method: str, given: dict[str, Any], sent: dict[str, str]
) -> None:
    call = variant.enter(ari.call(ari.channels("1")))
    server.reply(json={"id": "x", "name": "x"})
    variant.do(getattr(call, method)(**given))
    assert sent.items() <= server.last_call.query.items()


def test_what_is_positional_stays_positional(variant: Variant, server: Script, ari: Any) -> None:
    call = variant.enter(ari.call(ari.channels("1")))
    for make in (lambda: call.play("sound:x"), lambda: call.record("r", "wav"), lambda: call.bridge("holding")):
        server.reply(json={"id": "x", "name": "x"})
        variant.do(make())
    assert ["sound:x", "wav", "holding"] == [
        next(
            value for value in (call_made.query.get("media"), call_made.query.get("format"), call_made.query.get("type")) if value
        )
        for call_made in server.calls
    ]
