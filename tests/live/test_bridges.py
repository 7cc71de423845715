"""Bridges: members, music, playbacks, their end; both variants."""

from typing import Any

import pytest

from asterisk_ari.errors import BadArgument, BadRequest, Conflict, NotFound, NotSupportedByServer, ServerFailure, Unprocessable
from tests.live.calls import LIMIT, eventually, fresh, place
from tests.live.server import Server


def test_channels_meet_in_a_bridge(ari: Any) -> None:
    """Members enter and leave with events, and the bridge tells who is in it."""
    (one, _), (two, _) = place(ari), place(ari)
    bridge = ari.bridges.create("mixing", name="a room")
    assert (bridge.json["type"], bridge.json["bridge_type"], bridge.json["name"]) == ("mixing", "mixing", "a room")
    with one.expect("ChannelEnteredBridge") as first, two.expect("ChannelEnteredBridge") as second:
        bridge.add_channel([one.id, two.id])
        first.result(LIMIT)
        second.result(LIMIT)
    assert set(bridge.refresh().json["channels"]) == {one.id, two.id}
    assert bridge.id in [other.id for other in ari.bridges.list()]
    with one.expect("ChannelLeftBridge") as left:
        bridge.remove_channel(one.id)
        left.result(LIMIT)
    ari.subscribe_to_events(f"bridge:{bridge.id}")
    with bridge.expect("BridgeDestroyed") as gone, two.expect("ChannelLeftBridge") as left:
        bridge.destroy()
        left.result(LIMIT)
        gone.result(LIMIT)
    assert two.refresh().json["state"] == "Up"
    eventually(lambda: bridge.id not in [other["id"] for other in ari.list_bridges()])
    with pytest.raises(NotFound):
        bridge.refresh()


def test_music_and_playback_in_a_bridge(ari: Any) -> None:
    """Music begins and stops; a playback to all members plays to its end."""
    near, _ = place(ari)
    bridge = ari.bridges.create("mixing")
    with near.expect("ChannelEnteredBridge") as entered:
        bridge.add_channel(near.id)
        entered.result(LIMIT)
    bridge.start_moh("default")
    bridge.stop_moh()
    playback = bridge.play("sound:hello-world")
    assert playback.json["target_uri"] == f"bridge:{bridge.id}"
    assert playback.wait(LIMIT)["playback"]["state"] == "done"
    bridge.destroy()


def test_a_recording_of_a_bridge(ari: Any, server: Server) -> None:
    """What the members hear is recorded and kept."""
    name = fresh("conference")
    near, _ = place(ari)
    bridge = ari.bridges.create("mixing,dtmf_events")
    with near.expect("ChannelEnteredBridge") as entered:
        bridge.add_channel(near.id)
        entered.result(LIMIT)
    recording = bridge.record(name, "wav")
    playback = bridge.play("sound:hello-world")
    playback.wait(LIMIT)
    recording.stop()
    assert recording.wait(LIMIT)["recording"]["state"] == "done"
    with server.refused_without("recordings.getStoredFile"):
        assert len(ari.recordings(name).read()) > 44
    ari.recordings(name).delete()
    bridge.destroy()


def test_a_holding_bridge_with_roles(ari: Any, server: Server) -> None:
    """A member of a holding bridge may be its announcer."""
    (speaker, _), (guest, _) = place(ari), place(ari)
    bridge = ari.bridges.create_with_id(fresh("hold"), "holding")
    with speaker.expect("ChannelEnteredBridge") as entered:
        bridge.add_channel(speaker.id, role="announcer")
        entered.result(LIMIT)
    with server.refused_without("bridges.addChannel.absorbDTMF"), guest.expect("ChannelEnteredBridge") as entered:
        bridge.add_channel(guest.id, mute=True, absorb_dtmf=True)
        assert set(entered.result(LIMIT)["bridge"]["channels"]) == {speaker.id, guest.id}
    bridge.destroy()


def test_options_of_members_depend_on_the_release(ari: Any, server: Server) -> None:
    """inhibit_connected_line_updates is sent where the server has it, and refused where not."""
    near, _ = place(ari)
    bridge = ari.bridges.create()
    if "bridges.addChannel.inhibitConnectedLineUpdates" in server.parameters:
        bridge.add_channel(near.id, inhibit_connected_line_updates=True)
    else:
        with pytest.raises(NotSupportedByServer, match="inhibitConnectedLineUpdates of bridges.addChannel"):
            bridge.add_channel(near.id, inhibit_connected_line_updates=True)
    bridge.destroy()


def test_variables_of_a_bridge(ari: Any, server: Server) -> None:
    """Bridges have variables where the server has them; refused before sending on releases without."""
    if "bridges.setBridgeVars" not in server.operations:
        bridge = ari.bridges.create()
        with pytest.raises(NotSupportedByServer):
            bridge.set_variable("ROOM", "7")
        bridge.destroy()
        with pytest.raises(NotSupportedByServer):
            ari.bridges.create(variables={"ROOM": "7"})
        return
    bridge = ari.bridges.create(variables={"ROOM": "7"})
    assert bridge.get_variable("ROOM") == "7"
    bridge.set_variable("OWNER", "alice & bob", report_events=True)
    bridge.set_bridge_vars({"A": "1", "B": "x,y"})
    assert bridge.get_bridge_vars(["A", "B", "OWNER"]) == {"A": "1", "B": "x,y", "OWNER": "alice & bob"}
    with pytest.raises(NotFound):
        bridge.get_variable("NEVER_SET")
    bridge.destroy()


def test_bridge_errors_by_meaning(ari: Any) -> None:
    """Each refusal of the server has its class; bad types never leave the client."""
    bridge = ari.bridges.create_with_id(fresh("taken"), "mixing")
    with pytest.raises((Conflict, ServerFailure)):
        ari.bridges.create_with_id(bridge.id, "holding")
    with pytest.raises((BadRequest, Unprocessable)):
        bridge.add_channel("no-such-channel")
    with pytest.raises(BadArgument):
        ari.bridges.create("mixing,holding")
    with pytest.raises(BadArgument):
        ari.bridges.create("round")
    with pytest.raises(BadArgument):
        ari.bridges.get("..")
    bridge.destroy()
