"""An example of each event: as the embedded Asterisk sends it in a short scenario, or as a real one has sent it.

Those that no server sends any more (`NEVER_SENT`) are put together from the definitions.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from ari_rest._meta import EVENT_FIELDS, EVENT_TYPES, RELEASES
from asterisk_ari import AsteriskARI
from asterisk_ari.testing import EmbeddedAsterisk

APP = "demo"
NEWEST = RELEASES[-1]
DEFINITIONS = Path(__file__).resolve().parents[2] / "swagger" / f"asterisk-{NEWEST}.json"
RECORDED = Path(__file__).with_name("recorded_events.json")
NEVER_SENT = {"MissingParams": "Asterisk 16 and 22 define it and never send it: they refuse a WebSocket without an app with 400."}
SIMPLE: dict[str, Any] = {"string": "text", "int": 1, "long": 1, "double": 1.5, "boolean": True, "object": {}, "containers": []}
# Objects are shown as they were in the scenario: which event has one, and under which name.
SNAPSHOTS = {
    "Channel": ("StasisStart", "channel"),
    "Bridge": ("BridgeCreated", "bridge"),
    "Playback": ("PlaybackStarted", "playback"),
    "LiveRecording": ("RecordingStarted", "recording"),
}
PLAIN: dict[str, Any] = {"application": APP, "timestamp": "2026-01-01T12:00:00.000+0000", "asterisk_id": "00:11:22:33:44:55"}


@cache
def recorded() -> dict[str, dict[str, Any]]:
    """One event of each type that a call, its media, a bridge, a phone and a device state make."""
    found: dict[str, dict[str, Any]] = {}
    with (
        EmbeddedAsterisk(NEWEST, virtual_time=True) as asterisk,
        AsteriskARI(
            url=asterisk.url, username=asterisk.username, password=asterisk.password, app_name=APP, subscribe_all=True
        ) as ari,
    ):
        _scenario(asterisk, ari)
        for event in asterisk.events:
            found.setdefault(event["type"], dict(event))
    return found


def _scenario(asterisk: EmbeddedAsterisk, ari: AsteriskARI) -> None:
    phone = asterisk.incoming_call(app=APP, caller="Ann <1234>")
    asterisk.wait_until(lambda: asterisk.events.of("StasisStart"), timeout=60)
    channel = ari.channels(phone.channel_id)
    channel.answer()
    channel.set_variable("TALK_DETECT(set)", "")
    channel.play(["sound:beep", "sound:beep"])
    asterisk.advance(3)
    channel.record("example", "wav", max_duration_seconds=1)
    asterisk.advance(3)
    phone.press("7")
    phone.talk(1)
    asterisk.advance(5)
    phone.hold()
    phone.unhold()
    bridge = ari.bridges.create("mixing", name="desk")
    bridge.add_channel(channel)
    asterisk.advance(1)
    ari.events.user_event("order_placed", application=APP, source=[f"channel:{phone.channel_id}"], variables={"order": "7"})
    ari.device_states.update("Stasis:lamp", "INUSE")
    asterisk.register("alice")
    asterisk.incoming_message("alice", "hello", to="support")
    ari.channels.originate("PJSIP/uas", app=APP)
    asterisk.advance(2)
    for one in ari.channels.list():
        one.hangup()
    bridge.destroy()
    asterisk.advance(2)


def example(name: str) -> tuple[dict[str, Any], str]:
    """An event of that type, and where it comes from."""
    if name in recorded():
        return recorded()[name], f"As the embedded Asterisk {NEWEST} sends it:"
    if name in _of_a_real_server():
        return _of_a_real_server()[name], "As an Asterisk 22.10.1 has sent it:"
    fields = {field: _value(kind, field) for field, kind in EVENT_FIELDS[name].items()}
    return fields | {"type": name}, f"{NEVER_SENT.get(name, '')} Put together from the definitions:".lstrip()


@cache
def _of_a_real_server() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return found


@cache
def _models() -> dict[str, Any]:
    resources = json.loads(DEFINITIONS.read_text(encoding="utf-8"))["resources"].values()
    return {name: model for resource in resources for name, model in resource["models"].items()}


def _value(kind: str, name: str) -> Any:
    if name in PLAIN or kind == "Date":
        return PLAIN.get(name, PLAIN["timestamp"])
    if kind in SNAPSHOTS:
        event, field = SNAPSHOTS[kind]
        return recorded()[event][field]
    if kind.startswith("List["):
        return [_value(kind[5:-1], name)]
    if kind in _models() and kind not in EVENT_TYPES:
        fields = _models()[kind]["fields"]
        return {field: _value(one["type"], field) for field, one in fields.items() if one["required"]}
    return SIMPLE.get(kind, {})
