"""Channels: from originate to their end, both variants."""

import re
from typing import Any

import pytest

from asterisk_ari.errors import AllocationFailed, Conflict, NotFound, NotInStasis, NotSupportedByServer, ObjectGone
from tests.live.calls import LIMIT, eventually, fresh, into, place
from tests.live.server import Server, first_releases


def test_a_call_is_placed_answered_and_hung_up(ari: Any) -> None:
    """Both halves come up in the app, and hanging up one ends both."""
    near, far = place(ari, caller_id="Someone <100>", variables={"ORDER": "17"})
    assert near.json["caller"] == {"name": "Someone", "number": "100"}
    assert near.get_variable("ORDER") == "17"
    assert {near.id, far.id} <= {channel.id for channel in ari.channels.list()}
    with near.expect("ChannelDestroyed") as near_gone, far.expect("ChannelDestroyed") as far_gone:
        near.hangup()
        assert near_gone.result(LIMIT)["cause"] == 16
        far_gone.result(LIMIT)
    with pytest.raises(NotFound):
        near.refresh()
    assert near.wait_until_gone(LIMIT).type == "ChannelDestroyed"


def test_an_incoming_call_ends_unheard(ari: Any, packaged: Any) -> None:
    """Asterisk tells the app nothing of a caller's channel after StasisEnd; `wait_until_gone` knows all the same."""
    app = ari.settings.app_name
    with ari.expect("StasisStart", match=lambda event: event["channel"]["name"].endswith(";2")) as arrived:
        caller = ari.channels.originate(f"Local/{app}@stasis", context="plain", extension="wait")
        channel = ari.channels(arrived.result(LIMIT)["channel"]["id"])
    channel.answer()
    with channel.expect("StasisEnd") as left:
        channel.hangup()
        left.result(LIMIT)
    event = channel.wait_until_gone(LIMIT)
    assert event is None or event.type == "ChannelDestroyed"
    caller.wait_until_gone(LIMIT)


def test_a_hangup_reason_reaches_the_other_side(ari: Any, server: Server) -> None:
    """The reason given is the cause of the end."""
    near, far = place(ari)
    with near.expect("ChannelDestroyed") as gone:
        near.hangup(reason="busy")
        assert gone.result(LIMIT)["cause"] == 17


def test_ringing_is_indicated_and_stopped(ari: Any) -> None:
    """A channel that is not answered yet takes ring and ring_stop, and the caller's state follows."""
    app, near_id, far_id = ari.settings.app_name, fresh("near"), fresh("far")
    with ari.expect("StasisStart", about=("channel", far_id)) as arrived:
        near = ari.channels.originate(into(app), app=app, channel_id=near_id, other_channel_id=far_id)
        arrived.result(LIMIT)
    far = ari.channels(far_id)
    far.ring()
    eventually(lambda: near.refresh().json["state"] == "Ringing", "the caller does not hear ringing")
    far.ring_stop()
    far.answer()
    near.wait_until_up(LIMIT)
    near.wait_until_in_stasis(LIMIT)


def test_a_channel_is_created_then_dialled(ari: Any, server: Server) -> None:
    """`create` puts a Down channel into the app; `dial` calls the other side."""
    app, far_id = ari.settings.app_name, fresh("far")
    near_id = fresh("near")
    with (
        server.refused_without("channels.create"),
        ari.expect("StasisStart", about=("channel", near_id)) as entered,
        ari.expect("StasisStart", about=("channel", far_id)) as arrived,
    ):
        near = ari.channels.create(into(app), channel_id=near_id, other_channel_id=far_id)
        entered.result(LIMIT)
        assert near.refresh().json["state"] == "Down"
        with near.expect("Dial", match=lambda event: event["dialstatus"] == "ANSWER") as dialled:
            near.dial(timeout_seconds=20)
            arrived.result(LIMIT)
            ari.channels.answer(far_id)
            dialled.result(LIMIT)


@pytest.mark.parametrize("channel_id", ["a/b", "a+b", "a#b", "a?b=c&d", "100%25", "with space", "café-ü", "x;y"])
def test_odd_ids_reach_the_server_intact(ari: Any, channel_id: str) -> None:
    """An id with characters that mean something in an address is the same id on the server."""
    unique = f"{channel_id}-{fresh('odd')}"
    app = ari.settings.app_name
    created = ari.channels.originate_with_id(unique, into(app), app=app)
    assert created.id == unique
    assert ari.channels.get(unique).id == unique
    assert ari.get_channel_info(unique)["id"] == unique
    with ari.expect("ChannelDestroyed", about=("channel", unique)) as gone:
        assert ari.hangup_channel(unique) is True
        gone.result(LIMIT)


@pytest.mark.parametrize("value", ["", "a b", "a,b;c", '"quoted"', "100%", "a+b=c&d", "é ü ß 漢字", "${NOT}", "x" * 3000])
def test_variables_keep_odd_characters(ari: Any, value: str) -> None:
    """A value comes back as it was set, by originate and by set_variable."""
    near, _ = place(ari, variables={"AT_START": value})
    near.set_variable("LATER", value)
    if value:
        assert near.get_variable("AT_START") == value
        assert eventually(lambda: ari.get_channel_variable("LATER", near.id)) == value
    else:
        assert near.get_variable("AT_START") == ""


def test_variables_in_bulk_where_the_server_has_them(ari: Any, server: Server) -> None:
    """Several variables at once where the server has that; refused before sending on releases without."""
    near, _ = place(ari)
    if "channels.setChannelVars" in server.operations:
        near.set_variables({"ONE": "1", "TWO": 2})
        eventually(lambda: ari.get_channel_variable("TWO", near.id))
        assert near.get_variables(["ONE", "TWO"]) == {"ONE": "1", "TWO": "2"}
    else:
        with pytest.raises(NotSupportedByServer, match=rf"channels.setChannelVars needs .*; this is {re.escape(server.name)}"):
            near.set_variables({"ONE": "1"})


def test_progress_where_the_server_has_it(ari: Any, server: Server) -> None:
    """Early media is signalled where the server has that; refused before sending on releases without."""
    near, far = place(ari)
    if "channels.progress" in server.operations:
        far.progress()
    else:
        with pytest.raises(NotSupportedByServer) as refusal:
            far.progress()
        assert refusal.value.needs == first_releases("POST /channels/{channelId}/progress")


def test_digits_travel_from_one_half_to_the_other(ari: Any) -> None:
    """What one half sends as DTMF, the other collects."""
    near, far = place(ari)
    with far.expect("ChannelDtmfReceived") as first:
        near.send_dtmf("1", duration_ms=200)
        assert first.result(LIMIT)["digit"] == "1"
    received: list[str] = []
    with far.on("ChannelDtmfReceived", lambda event: received.append(event["digit"])):
        near.send_dtmf("42*7#", duration_ms=200, between_ms=50)
        digits = far.collect_digits(max_digits=10, first_seconds=LIMIT, next_seconds=LIMIT, terminator="#")
        assert (digits.digits, digits.reason) == ("42*7", "terminator")
        eventually(lambda: received == list("42*7#"), "the handler missed some")


def test_collecting_ends_when_the_caller_hangs_up(ari: Any) -> None:
    """A caller who goes away is a result, with what was typed so far."""
    near, far = place(ari)
    far.on("ChannelDtmfReceived", lambda event: near.hangup())
    # One that a busy machine makes shorter than 80 ms ends only with the next audio, of which there is none.
    near.send_dtmf("5", duration_ms=200)
    digits = far.collect_digits(first_seconds=LIMIT, next_seconds=LIMIT)
    assert (digits.digits, digits.reason) == ("5", "gone")


def test_hold_mute_silence_and_music_are_accepted(ari: Any) -> None:
    """Each command and its opposite is accepted for a channel that is up."""
    near, _ = place(ari)
    near.hold()
    near.unhold()
    for direction in ("both", "in", "out"):
        near.mute(direction)
        near.unmute(direction)
    ari.operation("channels.mute", channelId=near)  # both directions, as the method has it
    ari.operation("channels.unmute", channelId=near)
    near.start_silence()
    near.stop_silence()
    near.start_moh("default")
    near.stop_moh()
    assert near.refresh().json["state"] == "Up"


def test_a_channel_moves_to_another_app(connect: Any) -> None:
    """`move` ends the stay in one app and begins one in the other, arguments included."""
    ari = connect(apps=[fresh("second")])
    near, _ = place(ari)
    other = ari.settings.apps[0]
    with near.expect("StasisStart", match=lambda event: event["application"] == other) as moved:
        near.move(other, app_args="one,two")
        assert moved.result(LIMIT)["args"] == ["one", "two"]


def test_a_channel_continues_in_the_dialplan(ari: Any, packaged: Any) -> None:
    """`continue_in_dialplan` ends the stay in the app, and the channel is where it was sent."""
    near, _ = place(ari)
    with near.expect("StasisEnd") as left:
        near.continue_in_dialplan(context="plain", extension="wait", priority=1)
        left.result(LIMIT)
    eventually(lambda: near.refresh().json["dialplan"]["context"] == "plain")
    near.hangup()


def test_snoop_listens_and_is_a_channel(ari: Any) -> None:
    """A snoop channel enters the app with its arguments and knows what it snoops on."""
    near, _ = place(ari)
    snoop_id = fresh("snoop")
    with ari.expect("StasisStart", about=("channel", snoop_id)) as entered:
        snoop = near.snoop(spy="both", whisper="out", app_args="coach,7", snoop_id=snoop_id)
        assert entered.result(LIMIT)["args"] == ["coach", "7"]
    assert snoop.target == near
    assert snoop.refresh().json["name"].startswith(f"Snoop/{near.id}")
    snoop.hangup()
    other = near.snoop_channel_with_id(fresh("snoop"), spy="in")
    assert other.json["state"] == "Up"


def test_any_call_by_its_name_in_the_definitions(ari: Any) -> None:
    """`operation` takes the definitions' names and gives the generated model."""
    near, _ = place(ari)
    snoop = ari.operation(
        "channels.snoopChannel", channelId=near.id, spy="both", app=ari.settings.app_name, snoopId=fresh("snoop")
    )
    assert snoop.state == "Up"
    assert snoop.name.startswith(f"Snoop/{near.id}")
    assert ari.operation("channels.hangup", channelId=snoop.id) is None
    assert near.id in [channel.id for channel in ari.operation("channels.list")]


def test_external_media_listens_where_it_says(ari: Any, server: Server) -> None:
    """A media channel over RTP tells its own port."""
    with server.refused_without("channels.externalMedia"):
        media = ari.channels.external_media("127.0.0.1:40404", format="ulaw")
        assert media.json["name"].startswith("UnicastRTP/127.0.0.1:40404")
        assert int(media.get_variable("UNICASTRTP_LOCAL_PORT")) > 1023
        media.hangup()


def test_external_media_by_websocket_where_the_server_has_it(ari: Any, server: Server) -> None:
    """transport=websocket is refused by name on releases that only know udp and tcp."""
    options = {"format": "ulaw", "transport": "websocket", "encapsulation": "none", "connection_type": "server"}
    if "channels.externalMedia.transport=websocket" in server.parameters:
        media = ari.channels.external_media("INCOMING", **options)
        assert media.json["name"].startswith("WebSocket/")
        media.hangup()
    else:
        with pytest.raises(NotSupportedByServer, match="externalMedia"):
            ari.channels.external_media("INCOMING", **options)


def test_an_id_that_is_taken_is_a_conflict(ari: Any) -> None:
    """A second channel of the same id is refused by the server."""
    near, _ = place(ari)
    with pytest.raises(Conflict):
        ari.channels.originate(into(ari.settings.app_name), app=ari.settings.app_name, channel_id=near.id)


def test_an_unknown_technology_cannot_be_allocated(ari: Any) -> None:
    """Originate to nowhere says what could not be done."""
    with pytest.raises(AllocationFailed, match="Allocation failed"):
        ari.channels.originate("Nowhere/1", app=ari.settings.app_name)


def test_an_unknown_endpoint_is_named(ari: Any) -> None:
    """What the server knows of endpoints tells why there is no channel."""
    with pytest.raises(AllocationFailed, match="this server has no endpoint PJSIP/nowhere"):
        ari.channels.originate("PJSIP/100@nowhere", app=ari.settings.app_name)


def test_a_channel_in_the_dialplan_takes_no_commands(ari: Any, packaged: Any) -> None:
    """A channel that is not in an app is told apart from one that is gone."""
    channel = ari.channels.originate("Local/wait@plain", context="plain", extension="wait")
    eventually(lambda: channel.refresh().json["state"] == "Up")
    with pytest.raises(NotInStasis):
        channel.hold()
    channel.hangup()


def test_a_wait_ends_with_its_channel(ari: Any) -> None:
    """Waiting for what will not come any more ends at once, not at the time limit."""
    near, far = place(ari)
    with near.expect("ChannelTalkingStarted") as waiting:
        far.hangup()
        with pytest.raises(ObjectGone):
            waiting.result(LIMIT)


def test_rtp_figures_of_a_sip_call(ari: Any, packaged: Any) -> None:
    """A SIP call has RTP figures; a Local channel has none."""
    channel_id = fresh("sip")
    with ari.expect("StasisStart", about=("channel", channel_id)) as entered:
        channel = ari.channels.originate("PJSIP/customer@trunk", app=ari.settings.app_name, channel_id=channel_id)
        entered.result(LIMIT)
    figures = eventually(lambda: _figures(channel), "no RTP")
    assert figures["rxcount"] > 0
    assert re.match(r"PJSIP/", channel.refresh().json["name"])
    channel.hangup()


def _figures(channel: Any) -> Any:
    try:
        figures = channel.rtp_statistics()
    except NotFound:
        return None
    return figures if figures["rxcount"] else None
