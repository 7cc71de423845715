"""Channels: list, originate, create, dial, hang up."""

import re
from typing import Any

from asterisk_ari.testing.machine.calls import creation, dialing, hangup
from asterisk_ari.testing.machine.media.formats import CODECS
from asterisk_ari.testing.machine.signalling.variables import parse_caller_id, write
from asterisk_ari.testing.machine.stasis import applications
from asterisk_ari.testing.machine.state import hangup_causes
from asterisk_ari.testing.machine.state.channels import OutgoingCall, Place, ServerChannel
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.operations.lookup import find_channel, find_channel_in_app
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import NO_CONTENT, Reply, RequestRefused, allocation_failed, error_reply

MAX_ID = 149
ID_EXISTS = "Channel with given unique ID already exists"
STRINGS_ONLY = "Only string values in the 'variables' object allowed"
TIMEOUT_SECONDS = 30


@operation("channels.list")
def list_(machine: Machine, params: Parameters) -> Reply:
    """List all channels, newest first."""
    return Reply(200, [machine.channel_json(channel) for channel in reversed(machine.channels.values())])


@operation("channels.get")
def get(machine: Machine, params: Parameters) -> Reply:
    """Return one channel."""
    return Reply(200, machine.channel_json(find_channel(machine, params)))


def variables_of(machine: Machine, params: Parameters) -> dict[str, str]:
    """Return the object `variables` of the body: strings, or objects with a value in releases that support them."""
    variables = params.body.get("variables") if isinstance(params.body, dict) else None
    if not isinstance(variables, dict):
        return {}
    return {name: variable_value(machine, value) for name, value in variables.items()}


def variable_value(machine: Machine, value: Any) -> str:
    """Return the value of one member of `variables`."""
    if isinstance(value, str):
        return value
    if not machine.has("variables_in_bulk"):
        raise RequestRefused(error_reply(400, STRINGS_ONLY))
    if isinstance(value, dict):
        if isinstance(value.get("value"), str):
            text: str = value["value"]
            return text
        raise RequestRefused(error_reply(400, "Each object value in 'variables' must include string field 'value'"))
    message = "Each value in 'variables' must be a string or an object with 'value' and optional 'report_events'"
    raise RequestRefused(error_reply(400, message))


def _check_lengths(params: Parameters) -> None:
    if any(len(params.text(name) or "") > MAX_ID for name in ("channelId", "otherChannelId")):
        raise RequestRefused(error_reply(400, f"Uniqueid length exceeds maximum of {MAX_ID}"))


def _check_exclusive(params: Parameters) -> None:
    if params.text("originator") and params.text("formats"):
        raise RequestRefused(error_reply(400, "Originator and formats can't both be specified"))


def _check_originator(machine: Machine, params: Parameters) -> None:
    originator = params.text("originator")
    if originator and originator not in machine.channels:
        raise RequestRefused(error_reply(400, "Provided originator channel was not found"))


def _check_formats(params: Parameters) -> None:
    for name in (params.text("formats") or "").split(","):
        if name.strip() and name.strip() not in CODECS:
            raise RequestRefused(error_reply(400, f"Provided format ({name.strip()}) was not found"))


def _use_formats(channel: ServerChannel, params: Parameters) -> None:
    first = (params.text("formats") or "").partition(",")[0].strip()
    if first:
        channel.functions["format"] = first


def _endpoint(params: Parameters) -> tuple[str, str]:
    endpoint = params.required_text("endpoint", "Endpoint must be specified")
    technology, slash, resource = endpoint.partition("/")
    if not slash or not technology or not resource:
        raise RequestRefused(error_reply(400, "Invalid endpoint specified"))
    return technology, resource


def _ids(machine: Machine, params: Parameters) -> tuple[str, str]:
    channel_id, other_channel_id = params.text("channelId") or "", params.text("otherChannelId") or ""
    if channel_id and _is_taken(machine, channel_id.casefold()):
        raise RequestRefused(error_reply(409, ID_EXISTS))
    return channel_id, other_channel_id


def _is_taken(machine: Machine, channel_id: str) -> bool:
    """Whether a channel has that id, compared in lower case; since some release also one that begins with it."""
    if machine.has("looks_at_beginnings_of_ids"):
        return any(one.casefold().startswith(channel_id) for one in machine.channels)
    checked = {channel_id, f"{channel_id};2"} if machine.has("checks_id_of_second_half") else {channel_id}
    return any(one.casefold() in checked for one in machine.channels)


def _new_channel(machine: Machine, params: Parameters, technology: str, resource: str) -> ServerChannel:
    """Return a channel to an endpoint, not dialled yet; otherwise the request is rejected."""
    if not creation.has_endpoint(machine, technology, resource):
        raise RequestRefused(allocation_failed())
    try:
        channel = creation.create_channel(machine, technology, resource, *_ids(machine, params))
    except creation.IdTakenError:
        raise RequestRefused(error_reply(409, ID_EXISTS)) from None
    if channel is None:
        raise RequestRefused(allocation_failed())
    return channel


def priority_of(machine: Machine, context: str, exten: str, label: str) -> int:
    """Return the priority of a label; an unknown label that begins with a number is that priority."""
    priority = machine.dialplan.label(context, exten, label)
    if priority is None and (number := re.match(r"\s*[-+]?\d{1,30}", label)):
        priority = int(number[0])
    if priority is None:
        raise RequestRefused(error_reply(404, "Requested label can not be found"))
    return priority


def _place(machine: Machine, params: Parameters) -> tuple[str, str, int]:
    context, exten = params.text("context") or "default", params.text("extension") or "s"
    label = params.text("label")
    if label:
        return context, exten, priority_of(machine, context, exten, label)
    return context, exten, params.number("priority") or 1


def _originate(machine: Machine, params: Parameters) -> Reply:
    variables = variables_of(machine, params)
    _check_lengths(params)
    params.required_text("endpoint", "Endpoint must be specified")
    _check_exclusive(params)
    technology, resource = _endpoint(params)
    app = params.text("app")
    if not app and not params.text("extension"):
        return error_reply(400, "Application or extension must be specified")
    place = ("", "", 0) if app else _place(machine, params)
    _check_originator(machine, params)
    _check_formats(params)
    channel = _new_channel(machine, params, technology, resource)
    originator = machine.channels.get(params.text("originator") or "")
    if originator is not None:
        channel.connected.update(originator.caller)
        channel.language = originator.language
    caller = parse_caller_id(params.text("callerId") or "") if params.text("callerId") else None
    creation.prepare_originated(machine, channel, caller, variables, "AppDial2")
    if app:
        applications.subscribe_to_both_halves(machine, app, channel)
    _use_formats(channel, params)
    body = machine.channel_json(channel)
    arguments = params.text("appArgs")
    data = f"{app},{arguments}" if arguments else app or ""

    def connect() -> None:
        if app:
            creation.enter_application(machine, channel, app, data, publishes=False)
        elif machine.dialplan.exists(*place):
            machine.runner.start(machine, channel, place)
        else:
            _end_nowhere(machine, channel, place)

    call = OutgoingCall(resource, connect, lambda status: hangup.end(machine, channel))
    timeout = params.number("timeout")
    seconds = None if timeout < 0 else float(timeout or TIMEOUT_SECONDS)
    machine.timers.soon(lambda: dialing.dial(machine, channel, call, seconds))
    return Reply(200, body)


def _end_nowhere(machine: Machine, channel: ServerChannel, place: Place) -> None:
    """End an answered call whose dialplan location does not exist."""
    channel.has_pbx = channel.ended_without_extension = True
    channel.missing_place = place
    if not machine.has("stasis_end_at_old_place"):
        channel.context, channel.exten, channel.priority = place
    hangup.end(machine, channel)


@operation("channels.originate")
def originate(machine: Machine, params: Parameters) -> Reply:
    """Place a call that enters an application or the dialplan when it is answered."""
    return _originate(machine, params)


@operation("channels.originateWithId")
def originate_with_id(machine: Machine, params: Parameters) -> Reply:
    """Place a call with the channel id in the path."""
    return _originate(machine, params)


@operation("channels.create")
def create(machine: Machine, params: Parameters) -> Reply:
    """Create a channel that enters its application without being dialled."""
    variables = variables_of(machine, params)
    _check_exclusive(params)
    technology, resource = _endpoint(params)
    _check_formats(params)
    app = params.text("app") or ""
    channel = _new_channel(machine, params, technology, resource)
    if app:
        applications.subscribe_to_channel(machine, app, channel)
    for name, value in variables.items():
        write(machine, channel, name, value)
    body = machine.channel_json(channel)
    arguments = params.text("appArgs")
    data = f"{app},{arguments}" if arguments else app
    machine.timers.soon(lambda: creation.enter_application(machine, channel, app, data, publishes=True))
    return Reply(200, body)


@operation("channels.dial")
def dial(machine: Machine, params: Parameters) -> Reply:
    """Dial a channel that `channels.create` created."""
    channel = find_channel_in_app(machine, params)
    if channel.state not in {"Down", "Rsrvd"} or channel.outgoing_call is not None:
        return error_reply(409, "Channel is not in the 'Down' state")
    name = channel.name.partition("/")[2].rpartition("-")[0]
    # The channel is already in its application, which gets the Dial events.
    call = OutgoingCall(name, lambda: None, lambda status: None, repeats_dialstring=False)
    timeout = params.number("timeout")
    seconds = float(timeout) if timeout > 0 else None
    machine.timers.soon(lambda: dialing.dial(machine, channel, call, seconds))
    return NO_CONTENT


@operation("channels.hangup")
def hang_up(machine: Machine, params: Parameters) -> Reply:
    """Hang up a channel, with a cause."""
    channel = find_channel(machine, params)
    hangup.hang_up_by_request(machine, channel, _cause(machine, params))
    return NO_CONTENT


def _cause(machine: Machine, params: Parameters) -> int:
    reason = params.text("reason")
    code = params.text("reason_code") if machine.has("hangup_reason_code") else None
    if reason and code:
        raise RequestRefused(error_reply(400, "The reason and reason_code can't both be specified"))
    if code:
        if re.fullmatch(r"-?\d{1,9}", code):
            return int(code)
        number = hangup_causes.NAMES.get(code.removeprefix("AST_CAUSE_").upper(), -1)
        if number < 0:
            raise RequestRefused(error_reply(400, "Invalid reason for hangup reason code provided"))
        return number
    if not reason:
        return 16
    cause = hangup_causes.REASONS.get(reason)
    if cause is None:
        what = "hangup reason provided" if machine.has("hangup_reason_code") else "hangup provided"
        raise RequestRefused(error_reply(400, f"Invalid reason for {what}"))
    return cause
