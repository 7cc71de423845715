"""Human-readable event log: calls that enter and leave, and why, at INFO; each event in one line at DEBUG. Pure.

Each record has the id of the call as its attribute `call`.
"""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import msgspec

from asterisk_ari._text import printable
from asterisk_ari.events import subject_of

_log = logging.getLogger("asterisk_ari.events")
_decode = msgspec.json.Decoder().decode

# Bounded, since calls that hang up outside our apps never leave one.
MAX_HANGUPS = 1024

# What frames that matter at INFO contain; decoding all frames would cost too much.
_ABOUT_CALLS = (b'"Stasis', b'"ChannelDestroyed"', b'"ChannelHangupRequest"')


class EventLog:
    """Logs events, and keeps track of which calls are hanging up and why.

    Args:
        personal: whether to show caller names and numbers.
    """

    def __init__(self, *, personal: bool) -> None:
        self._personal = personal
        self._hangups: OrderedDict[str, str] = OrderedDict()

    def log_frames(self, frames: list[bytes]) -> None:
        """Log the events of frames that the log level includes; frames that are not events are reported elsewhere."""
        all_of_them = _log.isEnabledFor(logging.DEBUG)
        for frame in frames:
            if all_of_them or any(name in frame for name in _ABOUT_CALLS):
                try:
                    json = _decode(frame)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    continue
                if isinstance(json, dict):
                    self._log(json)

    def _log(self, json: Mapping[str, Any]) -> None:
        name, channel = json.get("type"), json.get("channel")
        channel = channel if isinstance(channel, dict) else {}
        call = str(channel.get("id") or "")
        extra = {"call": call}
        about = _one_line(f"{subject_of(json)} {channel.get('name') or ''}")
        _log.debug("event %s %s", _one_line(name), about, extra=extra)
        if not call:
            return  # an event without a field of its type: whoever accesses it gets the error
        app, shown = _one_line(json.get("application")), _one_line(call)
        if name == "StasisStart":
            who = _caller_of(channel) if self._personal else "***"
            _log.info("call %s entered %s: %s, caller %s", shown, app, _one_line(channel.get("name")), who, extra=extra)
        elif name == "ChannelHangupRequest":
            # The cause of a soft hang-up is a flag, not a network cause.
            self._hangs_up(call, "hung up by request" if json.get("soft") else f"hung up, cause {_one_line(json.get('cause'))}")
        elif name == "StasisEnd":
            _log.info("call %s left %s: %s", shown, app, self._hangups.pop(call, "no hangup was heard of"), extra=extra)
        elif name == "ChannelDestroyed":
            self._hangups.pop(call, None)
            cause, words = json.get("cause"), _one_line(json.get("cause_txt") or "no cause")
            _log.info("call %s ended: %s", shown, words if cause is None else f"{words} ({_one_line(cause)})", extra=extra)

    def _hangs_up(self, call: str, why: str) -> None:
        """Remember the first reason reported."""
        self._hangups.setdefault(call, why)
        if len(self._hangups) > MAX_HANGUPS:
            self._hangups.popitem(last=False)


def _caller_of(channel: Mapping[str, Any]) -> str:
    caller = channel.get("caller")
    return _one_line(f"{caller.get('name', '')} <{caller.get('number', '')}>") if isinstance(caller, dict) else ""


def _one_line(text: Any) -> str:
    return printable(str(text).strip())
