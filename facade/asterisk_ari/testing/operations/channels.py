"""Channels: list, place calls, hang up."""

import re
from typing import Any

from ..machine import calls, causes
from ..machine.channel import Channel, Dialled
from ..machine.core import Machine
from ..machine.ending import end, hang_up
from ..machine.media import CODECS
from ..machine.variables import parse_caller, write
from .found import Refused, channel_of, controlled, require
from .registry import NO_CONTENT, Parameters, Reply, allocation_failed, error, operation

MAX_ID = 149
STRINGS_ONLY = "Only string values in the 'variables' object allowed"
TIMEOUT_SECONDS = 30


@operation("channels.list")
def list_(machine: Machine, p: Parameters) -> Reply:
    """Every channel, newest first."""
    return Reply(200, [machine.show(channel) for channel in reversed(machine.channels.values())])


@operation("channels.get")
def get(machine: Machine, p: Parameters) -> Reply:
    """One channel."""
    return Reply(200, machine.show(channel_of(machine, p)))


def variables_of(machine: Machine, p: Parameters) -> dict[str, str]:
    """`variables` of the body: strings, or where the release knows them objects with a value."""
    given = p.body.get("variables") if isinstance(p.body, dict) else None
    if not isinstance(given, dict):
        return {}
    return {name: variable_value(machine, value) for name, value in given.items()}


def variable_value(machine: Machine, value: Any) -> str:
    """One value of `variables`."""
    if isinstance(value, str):
        return value
    if not machine.has("variables_in_bulk"):
        raise Refused(error(400, STRINGS_ONLY))
    if isinstance(value, dict):
        if isinstance(value.get("value"), str):
            text: str = value["value"]
            return text
        raise Refused(error(400, "Each object value in 'variables' must include string field 'value'"))
    message = "Each value in 'variables' must be a string or an object with 'value' and optional 'report_events'"
    raise Refused(error(400, message))


def _check_lengths(p: Parameters) -> None:
    if any(len(p.text(name) or "") > MAX_ID for name in ("channelId", "otherChannelId")):
        raise Refused(error(400, f"Uniqueid length exceeds maximum of {MAX_ID}"))


def _check_one_of(p: Parameters) -> None:
    if p.text("originator") and p.text("formats"):
        raise Refused(error(400, "Originator and formats can't both be specified"))


def _check_originator(machine: Machine, p: Parameters) -> None:
    originator = p.text("originator")
    if originator and originator not in machine.channels:
        raise Refused(error(400, "Provided originator channel was not found"))


def _check_formats(p: Parameters) -> None:
    for name in (p.text("formats") or "").split(","):
        if name.strip() and name.strip() not in CODECS:
            raise Refused(error(400, f"Provided format ({name.strip()}) was not found"))


def _use_formats(channel: Channel, p: Parameters) -> None:
    first = (p.text("formats") or "").partition(",")[0].strip()
    if first:
        channel.functions["format"] = first


def _endpoint(p: Parameters) -> tuple[str, str]:
    endpoint = require(p, "endpoint", "Endpoint must be specified")
    technology, slash, resource = endpoint.partition("/")
    if not slash or not technology or not resource:
        raise Refused(error(400, "Invalid endpoint specified"))
    return technology, resource


def _ids(machine: Machine, p: Parameters) -> tuple[str, str]:
    identity, other = p.text("channelId") or "", p.text("otherChannelId") or ""
    if calls.exists(machine, identity) or (identity and identity == other):
        raise Refused(error(409, "Channel with given unique ID already exists"))
    return identity, other


def priority_of(machine: Machine, context: str, exten: str, label: str) -> int:
    """Where a label is; one that is nowhere may begin with a number."""
    priority = machine.pbx.dialplan.label(context, exten, label)
    if priority is None and (number := re.match(r"\s*[-+]?\d{1,30}", label)):
        priority = int(number[0])
    if priority is None:
        raise Refused(error(404, "Requested label can not be found"))
    return priority


def _place(machine: Machine, p: Parameters) -> tuple[str, str, int]:
    context, exten = p.text("context") or "default", p.text("extension") or "s"
    label = p.text("label")
    if label:
        return context, exten, priority_of(machine, context, exten, label)
    return context, exten, p.number("priority") or 1


def _originate(machine: Machine, p: Parameters) -> Reply:
    variables = variables_of(machine, p)
    _check_lengths(p)
    require(p, "endpoint", "Endpoint must be specified")
    _check_one_of(p)
    technology, resource = _endpoint(p)
    app = p.text("app")
    if not app and not p.text("extension"):
        return error(400, "Application or extension must be specified")
    place = ("", "", 0) if app else _place(machine, p)
    _check_originator(machine, p)
    _check_formats(p)
    identity, other = _ids(machine, p)
    channel = calls.make(machine, technology, resource, identity, other)
    if channel is None:
        return allocation_failed()
    originator = machine.channels.get(p.text("originator") or "")
    if originator is not None:
        channel.connected.update(originator.caller)
        channel.language = originator.language
    caller = parse_caller(p.text("callerId") or "") if p.text("callerId") else None
    calls.set_up(machine, channel, caller, variables, "AppDial2")
    if app:
        calls.subscribe_to_pair(machine, app, channel)
    _use_formats(channel, p)
    body = machine.show(channel)
    arguments = p.text("appArgs")
    data = f"{app},{arguments}" if arguments else app or ""

    def answered() -> None:
        if app:
            calls.into_app(machine, channel, app, data, tells=False)
        else:
            machine.pbx.start(channel, place)

    dialled = Dialled(resource, answered, lambda status: end(machine, channel))
    timeout = p.number("timeout")
    seconds = None if timeout < 0 else float(timeout or TIMEOUT_SECONDS)
    machine.timers.soon(lambda: calls.start(machine, channel, dialled, seconds))
    return Reply(200, body)


@operation("channels.originate")
def originate(machine: Machine, p: Parameters) -> Reply:
    """Place a call, into an application or into the dialplan."""
    return _originate(machine, p)


@operation("channels.originateWithId")
def originate_with_id(machine: Machine, p: Parameters) -> Reply:
    """The same with the id in the path."""
    return _originate(machine, p)


@operation("channels.create")
def create(machine: Machine, p: Parameters) -> Reply:
    """Make a channel that enters its application without being dialled."""
    variables = variables_of(machine, p)
    _check_one_of(p)
    technology, resource = _endpoint(p)
    _check_formats(p)
    app = p.text("app") or ""
    identity, other = _ids(machine, p)
    channel = calls.make(machine, technology, resource, identity, other)
    if channel is None:
        return allocation_failed()
    for name, value in variables.items():
        write(machine, channel, name, value)
    if app:
        calls.subscribe_to(machine, app, channel)
    body = machine.show(channel)
    arguments = p.text("appArgs")
    data = f"{app},{arguments}" if arguments else app
    machine.timers.soon(lambda: calls.into_app(machine, channel, app, data, tells=True))
    return Reply(200, body)


@operation("channels.dial")
def dial(machine: Machine, p: Parameters) -> Reply:
    """Dial a channel that create made."""
    channel = controlled(machine, p)
    if channel.state not in {"Down", "Rsrvd"} or channel.dialled is not None:
        return error(409, "Channel is not in the 'Down' state")
    name = channel.name.partition("/")[2].rpartition("-")[0]
    dialled = Dialled(name, _nothing, _nothing_of, repeats_dialstring=False)
    timeout = p.number("timeout")
    seconds = float(timeout) if timeout > 0 else None
    machine.timers.soon(lambda: calls.start(machine, channel, dialled, seconds))
    return NO_CONTENT


def _nothing() -> None:
    """The channel is in its application already."""


def _nothing_of(status: str) -> None:
    """The application hears of it by the Dial event."""


@operation("channels.hangup")
def hangup(machine: Machine, p: Parameters) -> Reply:
    """End a channel, with a cause."""
    channel = channel_of(machine, p)
    hang_up(machine, channel, _cause(machine, p))
    return NO_CONTENT


def _cause(machine: Machine, p: Parameters) -> int:
    reason = p.text("reason")
    code = p.text("reason_code") if machine.has("hangup_reason_code") else None
    if reason and code:
        raise Refused(error(400, "The reason and reason_code can't both be specified"))
    if code:
        number = int(code) if code.isdigit() else causes.NAMES.get(code.removeprefix("AST_CAUSE_").upper(), -1)
        if number < 0:
            raise Refused(error(400, "Invalid reason for hangup reason code provided"))
        return number
    if not reason:
        return 16
    found = causes.REASONS.get(reason)
    if found is None:
        what = "hangup reason provided" if machine.has("hangup_reason_code") else "hangup provided"
        raise Refused(error(400, f"Invalid reason for {what}"))
    return found


def channel_named(machine: Machine, identity: str) -> Channel | None:
    """A channel by id, or by name."""
    found = machine.channels.get(identity)
    return found or next((channel for channel in machine.channels.values() if channel.name == identity), None)
