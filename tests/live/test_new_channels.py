"""A channel that this client sends into its app can be used at once: commands wait until it is there."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.requests.in_app import IN_APP
from asterisk_ari.errors import AriError
from tests.live.calls import LIMIT, fresh, into, place
from tests.live.server import Server

TRIES = 30
AT_ONCE = 16

# How a channel comes into the app; the talker is one that is there.
CREATIONS: dict[str, Callable[[Any, str], str]] = {
    "originate": lambda ari, talker: ari.channels.originate(into(ari.settings.app_name), app=ari.settings.app_name).id,
    "create": lambda ari, talker: ari.channels.create(into(ari.settings.app_name)).id,
    "external_media": lambda ari, talker: ari.channels.external_media("127.0.0.1:40000", format="ulaw").id,
    "snoop": lambda ari, talker: ari.channels(talker).snoop(spy="both").id,
    "snoop_channel": lambda ari, talker: ari.snoop_channel(talker, spy="both"),
    "an id of the server's": lambda ari, talker: (
        ari.operation("channels.snoopChannel", channelId=talker, spy="both", app=ari.settings.app_name).id
    ),
}

NEEDED = {"create": "channels.create", "external_media": "channels.externalMedia"}

ARGUMENTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "channels.mute": lambda app: {"direction": "both"},
    "channels.unmute": lambda app: {"direction": "both"},
    "channels.move": lambda app: {"app": app},
    "channels.play": lambda app: {"media": "sound:beep"},
    "channels.playWithId": lambda app: {"media": "sound:beep", "playbackId": fresh("playback")},
    "channels.record": lambda app: {"name": fresh("recording"), "format": "wav"},
    "channels.redirect": lambda app: {"endpoint": "Local/x@nowhere"},
    "channels.sendDTMF": lambda app: {"dtmf": "1"},
    "channels.setChannelVar": lambda app: {"variable": "A", "value": "b"},
    "channels.setChannelVars": lambda app: {"variables": {"A": "b"}},
    "channels.transfer_progress": lambda app: {"states": "channel_progress"},
}


def _outcome(ari: Any, operation: str, channel_id: str, bridge_id: str) -> str:
    parameters: dict[str, Any] = {IN_APP[operation]: channel_id}
    if operation.startswith("bridges."):
        parameters["bridgeId"] = bridge_id
    parameters |= ARGUMENTS.get(operation, lambda app: {})(ari.settings.app_name)
    try:
        ari.operation(operation, **parameters)
    except AriError as error:
        return f"{type(error).__name__}: {getattr(error, 'reason', error)}"
    return "accepted"


def _outcomes(ari: Any, creation: str, operation: str, talker: str, bridge_id: str, *, waits: bool) -> str:
    """What a command says for a new channel; with `waits`, after the channel's StasisStart was awaited."""
    channel_id = CREATIONS[creation](ari, talker)
    if waits:
        ari.channels(channel_id).wait_until_in_stasis(LIMIT)
    said = _outcome(ari, operation, channel_id, bridge_id)
    ari.hangup_channel(channel_id)
    return said


@pytest.mark.parametrize("creation", CREATIONS)
def test_every_command_may_follow_at_once(ari: Any, server: Server, creation: str) -> None:
    """Thirty times each, many at once: it says what it says for a channel that is in the app."""
    _answer_far_halves(ari)
    talker, far = place(ari)
    # Snoop channels end with the next audio of the talker; in silence, Asterisk holds up requests about them meanwhile.
    far.play("tone:ring;tonezone=us")
    if NEEDED.get(creation, "channels.originate") not in server.operations:
        with server.refused_without(NEEDED[creation]):
            CREATIONS[creation](ari, talker.id)
        return
    bridge = ari.bridges.create("mixing")
    operations = sorted(IN_APP.keys() & server.operations)
    expected = {name: _outcomes(ari, creation, name, talker.id, bridge.id, waits=True) for name in operations}
    with ThreadPoolExecutor(AT_ONCE) as threads:
        tries = [
            (name, threads.submit(_outcomes, ari, creation, name, talker.id, bridge.id, waits=False))
            for _ in range(TRIES)
            for name in operations
        ]
        other = Counter((name, said) for name, future in tries if (said := future.result(60)) != expected[name])
    assert {} == other
    bridge.destroy()


def _answer_far_halves(ari: Any) -> None:
    ari.on("StasisStart", lambda event: event["channel"]["name"].endswith(";2") and ari.answer_channel(event["channel"]["id"]))


def test_which_operations_need_their_channel_in_the_app(ari: Any, server: Server) -> None:
    """Exactly those that wait: the server refuses them for a channel that is elsewhere, and no others."""
    client = httpx.Client(auth=(server.username, server.password), base_url=server.url.rstrip("/") + "/ari", trust_env=False)
    values = {"direction": "both", "app": "nowhere", "media": "sound:beep", "name": fresh("recording"), "format": "wav",
              "endpoint": "Local/x@nowhere", "dtmf": "1", "variable": "A", "value": "b", "states": "channel_progress"}  # fmt: skip
    needing = set()
    for operation in sorted(name for name in server.operations if name in OPERATIONS):
        facts = OPERATIONS[operation]
        takes = [name for name in ("channelId", "channel") if name in facts.params and operation != "channels.originate"]
        if (
            not takes
            or facts.method == "GET"
            or operation.startswith(("channels.originate", "channels.create", "events.", "channels.external"))
        ):
            continue
        # Nobody answers the far half: the near one stays outside.
        outside = ari.channels.originate(into(ari.settings.app_name), app=ari.settings.app_name)
        bridge = ari.bridges.create("mixing")
        path = facts.path.format(channelId=outside.id, bridgeId=bridge.id, playbackId=fresh("p"), snoopId=fresh("s"))
        query = {name: values[name] for name in facts.params if name in values and operation != "channels.snoopChannel"}
        if takes == ["channel"]:
            query["channel"] = outside.id
        body = {"variables": {"A": "b"}} if "variables" in facts.params else None
        answer = client.request(facts.method, path, params=query, json=body)
        if answer.status_code in (409, 422) and "stasis" in answer.text.lower():
            needing.add(operation)
        ari.hangup_channel(outside)
        bridge.destroy()
    client.close()
    assert IN_APP.keys() & server.operations == needing
