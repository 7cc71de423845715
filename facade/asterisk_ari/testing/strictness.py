"""Mistakes of a program that its passing test did not notice."""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asterisk_ari.testing.embedded import EmbeddedAsterisk
    from asterisk_ari.testing.machine.state.channels import ServerChannel
    from asterisk_ari.testing.request import Request

ALLOWABLE = {
    "handler_errors": "a handler of the fixture's client has raised",
    "leftovers": "a channel or bridge of the program's is left, or a call that it never answered",
    "open_calls": "a caller whom the program has answered is still in its app: neither of them has hung up",
    "unknown_objects": "a request to a channel, bridge, playback or recording that there never was",
    "not_implemented": "a request that was answered with 501",
}


def check_allowed(allowed: "str | Iterable[str]") -> frozenset[str]:
    """Check and return the allowed mistakes.

    Raises:
        ValueError: an unknown name.
    """
    names = frozenset([allowed] if isinstance(allowed, str) else allowed)
    if unknown := names - set(ALLOWABLE):
        raise ValueError(f"@pytest.mark.ari(allow=…) does not know {sorted(unknown)}; it knows {sorted(ALLOWABLE)}")
    return names


def faults_of(asterisk: "EmbeddedAsterisk", errors: Sequence[BaseException], allowed: frozenset[str]) -> list[str]:
    """Describe the mistakes; leftovers are checked once clients are idle."""
    left = {} if {"leftovers", "open_calls"} <= allowed else _left(asterisk)
    found: dict[str, list[str]] = {
        "handler_errors": [f"{type(error).__name__}: {error}" for error in errors],
        **left,
        "unknown_objects": [_line(request) for request in asterisk.requests if _is_about_nothing(asterisk, request)],
        "not_implemented": [_line(request) for request in asterisk.requests if request.status == 501],
    }
    return [
        f"{ALLOWABLE[name]} (allow={name!r}): {'; '.join(what)}" for name, what in found.items() if what and name not in allowed
    ]


def _left(asterisk: "EmbeddedAsterisk") -> dict[str, list[str]]:
    """List leftover channels and bridges, except answered calls in the dialplan, which no program controls."""
    asterisk.settle()
    entered = {event["channel"]["id"] for event in asterisk.events.of("StasisStart")}

    def read() -> dict[str, list[str]]:
        machine = asterisk.machine
        there = [one for one in machine.channels.values() if not one.has_ended]
        leftovers = [_told(one) for one in there if _is_left(one, entered)] + [f"bridge {one}" for one in machine.bridges]
        return {"leftovers": leftovers, "open_calls": [_told(one) for one in there if _is_open_call(one)]}

    return asterisk.run_in_server(read)


def _is_left(channel: "ServerChannel", entered: set[str]) -> bool:
    return not _is_callers(channel) or (channel.state != "Up" and channel.id in entered)


def _is_open_call(channel: "ServerChannel") -> bool:
    return _is_callers(channel) and channel.state == "Up" and channel.session is not None


def _is_callers(channel: "ServerChannel") -> bool:
    return channel.far_end is not None and channel.far_end.is_caller


def _told(channel: "ServerChannel") -> str:
    return f"{channel.name} ({channel.state})"


def _line(request: "Request") -> str:
    return f"{request.method} {request.path} → {request.status}"


def _is_about_nothing(asterisk: "EmbeddedAsterisk", request: "Request") -> bool:
    """Whether a request that got a 404 is about an object that no event, response or other request has mentioned."""
    parts = request.path.removeprefix("/ari/").split("/")
    if request.status != 404 or len(parts) < 2 or parts[0] not in {"channels", "bridges", "playbacks", "recordings"}:
        return False
    identity = parts[2] if parts[0] == "recordings" and len(parts) > 2 else parts[1]
    return not any(identity in text for text in _named(asterisk))


def _named(asterisk: "EmbeddedAsterisk") -> Iterable[str]:
    for event in asterisk.events:
        yield _text(event)
    for request in asterisk.requests:
        if request.status < 400:
            yield f"{request.target} {request.body!r} {_text(request.answer)}"


def _text(value: Any) -> str:
    return json.dumps(value, default=str)
