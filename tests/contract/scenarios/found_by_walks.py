"""What random walks have found that no other scenario showed."""

from tests.contract.calls import bridge, caller, enter
from tests.contract.driver import Server
from tests.contract.scenarios import scenario, unconnected


@scenario
def a_recording_is_stored_from_its_start(server: Server) -> None:
    channel = caller(server)
    one, copy = server.name("one"), server.name("copy")
    server.post(f"/channels/{channel}/record", {"name": one, "format": "wav"})
    server.wait("RecordingStarted", recording=one)
    server.get(f"/recordings/stored/{one}")
    server.get("/recordings/stored")
    server.post(f"/recordings/stored/{one}/copy", {"destinationRecordingName": copy})
    server.delete(f"/recordings/stored/{one}")
    server.get(f"/recordings/stored/{one}")
    server.post(f"/recordings/live/{one}/stop")
    server.wait("RecordingFinished", recording=one)
    server.get("/recordings/stored")


@scenario
def media_that_cannot_be_read(server: Server) -> None:
    channel = caller(server)
    place = bridge(server)
    for target, media in (
        (f"/bridges/{place}", "sound:beep,,sound:beep"),
        (f"/channels/{channel}", "sound:beep,,sound:beep"),
        (f"/channels/{channel}", "beep,sound:beep"),
        (f"/channels/{channel}", "number:x,sound:beep"),
    ):
        playback = server.name(f"p{len(server.steps)}-")
        answer = server.post(f"{target}/play", {"media": media, "playbackId": playback})
        if answer.status == 201:
            server.wait("PlaybackFinished", playback=playback)


@unconnected
def an_answered_call_begins_nowhere(server: Server) -> None:
    server.listen(query="&subscribeAll=true")
    where = {"endpoint": "Local/wait@plain", "extension": "echo", "context": "nosuch"}
    server.post("/channels", {**where, "channelId": server.name("c"), "otherChannelId": server.name("c-far")})
    server.wait("ChannelDestroyed", channel=server.name("c-far"))


@scenario
def who_is_left_alone_in_a_bridge(server: Server) -> None:
    server.ignore_fields("ChannelLeftBridge", "bridge")  # an announcer that has just ended may be among those who are left
    near, place = caller(server), bridge(server)
    playback, recording = server.name("p"), server.name("r")
    server.post(f"/applications/{server.app}/subscription", {"eventSource": f"bridge:{place}"})
    server.post(f"/bridges/{place}/addChannel", {"channel": near})
    server.wait("ChannelEnteredBridge", channel=near)
    server.post(f"/bridges/{place}/play", {"media": "sound:tt-monkeys", "playbackId": playback})
    server.wait("PlaybackStarted", playback=playback)
    server.post(f"/bridges/{place}/record", {"name": recording, "format": "wav"})
    server.wait("RecordingStarted", recording=recording)
    server.pass_time()
    server.post(f"/bridges/{place}/removeChannel", {"channel": near})
    server.wait_until_gone(f"/playbacks/{playback}")
    server.wait_until_gone(f"/recordings/live/{recording}")
    server.settle()
    server.get(f"/bridges/{place}")


@scenario
def a_bridge_without_audio_is_recorded(server: Server) -> None:
    place, recording = bridge(server), server.name("r")
    server.post(f"/bridges/{place}/record", {"name": recording, "format": "wav"})
    server.wait_until_gone(f"/recordings/live/{recording}")
    server.get(f"/recordings/stored/{recording}")


@scenario
def continuing_while_digits_are_sent(server: Server) -> None:
    near, place = caller(server), bridge(server)
    server.settle()
    server.post(f"/channels/{near}/dtmf", {"dtmf": "1234567890"})
    server.post(f"/channels/{near}/continue", {"extension": "wait"})
    server.send_within(0.5, "POST", f"/bridges/{place}/addChannel", {"channel": near})  # waits until they are sent
    server.wait("StasisEnd", channel=near)
    server.settle()


@scenario
def continuing_out_of_a_bridge(server: Server) -> None:
    near, place = caller(server), bridge(server)
    server.post(f"/bridges/{place}/addChannel", {"channel": near})
    server.wait("ChannelEnteredBridge", channel=near)
    server.post(f"/channels/{near}/continue", {"context": "nosuch"})
    server.wait("StasisEnd", channel=near)
    server.settle()
    server.get(f"/applications/{server.app}", reduce=lambda body: len(body["bridge_ids"]))


@scenario
def a_second_time_in_the_app_by_the_dialplan(server: Server) -> None:
    near = caller(server)
    server.post(f"/channels/{near}/continue", {"context": "stasis", "extension": server.app})
    server.wait("StasisEnd", channel=near)
    server.wait("StasisStart", channel=near)
    server.delete(f"/channels/{near}")
    server.wait("ChannelDestroyed", channel=near)


@scenario
def the_name_of_the_app_to_move_to_is_empty(server: Server) -> None:
    near = caller(server)
    server.post(f"/channels/{near}/move", {"app": ""})
    server.wait("ApplicationMoveFailed", channel=near)
    server.post(f"/channels/{near}/move", {"app": server.app, "appArgs": 'one,,x=1,"y,z"'})
    server.wait("StasisEnd", channel=near)


@scenario
def the_second_half_has_the_id_of_another(server: Server) -> None:
    caller(server)
    ids = {"channelId": server.name("other"), "otherChannelId": server.name("caller-far")}
    server.post("/channels", {"endpoint": "Local/wait@plain", "app": server.app, **ids})
    server.post("/channels", {"endpoint": "PJSIP/nosuch", "app": server.app, "channelId": server.name("caller")})


@unconnected
def global_variables_are_told(server: Server) -> None:
    server.listen(query="&subscribeAll=true")
    name = server.name("WALK")
    for value in ("1", "", ""):
        server.post("/asterisk/variable", {"variable": name, "value": value})
    server.settle()


@scenario
def functions_that_compute(server: Server) -> None:
    near = caller(server)
    server.post(f"/channels/{near}/variable", {"variable": "A", "value": "abc"})
    server.settle()
    for name in ("FILTER(a-c,abcd)", "REPLACE(A,b,x)", "FIELDQTY(A,b)", "STRREPLACE(A,bc,y)", "MATH(7%3,int)", "MATH(5>3)",
                 "SPRINTF(%05.2f,3.14159)", "SORT(a:3,b:1)", "MIN(3,1.5)", "MD5(a)", "BASE64_ENCODE(a)", "URIENCODE(a b)",
                 "KEYPADHASH(abc)", "QUOTE(a)", 'REGEX("a" abc)', "INC(A)", "IF(1?a:b)", "IF(1)", "CDR(src)", "VALID_EXTEN(plain,wait,1)",
                 "CHANNEL(max_forwards)", "CHANNEL(onhold)", "PASSTHRU(a)", "GROUP_COUNT(x)"):  # fmt: skip
        server.get(f"/channels/{near}/variable?variable={name}".replace("%", "%25").replace(" ", "%20"))


@scenario
def who_plays_hears_a_busy_tone(server: Server) -> None:
    near = caller(server, far="talk")
    server.settle()
    server.post(f"/channels/{near}/continue", {"context": "plain", "extension": "busy"})
    server.settle()
    server.get(f"/channels/{near}", reduce=lambda body: body["state"])


@scenario
def who_is_snooped_on_in_a_bridge(server: Server) -> None:
    near, other, place = caller(server), caller(server, "other"), bridge(server)
    server.settle()
    for channel in (near, other):
        server.post(f"/bridges/{place}/addChannel", {"channel": channel})
        server.wait("ChannelEnteredBridge", channel=channel)
    snoop = server.name("snoop")
    server.post(f"/channels/{near}/snoop/{snoop}", {"app": server.app, "spy": "both"}, reduce=lambda body: body["id"])
    server.wait("StasisStart", channel=snoop)
    server.delete(f"/channels/{snoop}")
    server.settle()
    server.post(f"/channels/{near}/mute", {"direction": "both"})
    server.settle()
    server.delete(f"/channels/{near}", {"reason": "normal"})
    server.settle()


@scenario
def tones_for_nobody(server: Server) -> None:
    server.post(f"/applications/{server.app}/subscription", {"eventSource": "bridge:"})
    for kind in ("mixing", "holding"):
        place, playback = bridge(server, kind, type=kind), server.name(f"p-{kind}")
        server.post(f"/bridges/{place}/moh")
        server.post(f"/bridges/{place}/play", {"media": "tone:ring", "playbackId": playback})
        server.pass_time()
        server.get(f"/playbacks/{playback}")


@scenario
def a_second_announcer_has_to_go(server: Server) -> None:
    server.ignore_fields("ChannelLeftBridge", "bridge")  # an announcer that has just ended may be among those who are left
    near, other, place = caller(server), caller(server, "other"), bridge(server, type="holding")
    server.post(f"/bridges/{place}/moh")
    server.post(f"/bridges/{place}/addChannel", {"channel": near, "role": "announcer"})
    server.wait("ChannelLeftBridge", channel=near)
    server.delete(f"/bridges/{place}/moh")
    for channel in (near, other):
        server.post(f"/bridges/{place}/addChannel", {"channel": channel, "role": "announcer"})
        server.wait("ChannelEnteredBridge", channel=channel)
    server.wait("ChannelLeftBridge", channel=other)
    playback = server.name("p")
    server.post(f"/bridges/{place}/play", {"media": "sound:beep", "playbackId": playback})
    server.wait("PlaybackFinished", playback=playback)
    server.post(f"/bridges/{place}/moh")
    server.settle()
    server.delete(f"/bridges/{place}/moh")


@scenario
def the_video_source_leaves(server: Server) -> None:
    near, other, place = caller(server), caller(server, "other"), bridge(server)
    server.post(f"/applications/{server.app}/subscription", {"eventSource": f"bridge:{place}"}, reduce=lambda body: None)
    for channel in (near, other):
        server.post(f"/bridges/{place}/addChannel", {"channel": channel})
        server.wait("ChannelEnteredBridge", channel=channel)
    server.post(f"/bridges/{place}/videoSource/{near}")
    server.post(f"/bridges/{place}/removeChannel", {"channel": near})
    server.wait("ChannelLeftBridge", channel=near)
    server.get(f"/bridges/{place}")
    server.post(f"/bridges/{place}/addChannel", {"channel": near})
    server.wait("ChannelEnteredBridge", channel=near)
    server.get(f"/bridges/{place}")
    server.post(f"/bridges/{place}/videoSource/{near}")
    for channel in (near, other):
        server.post(f"/bridges/{place}/removeChannel", {"channel": channel})
        server.wait("ChannelLeftBridge", channel=channel)
    server.get(f"/bridges/{place}")


@scenario
def a_channel_that_nobody_has_dialled_is_recorded(server: Server) -> None:
    near, recording = server.name("down"), server.name("r")
    ids = {"channelId": near, "otherChannelId": server.name("down-far")}
    server.post("/channels/create", {"endpoint": "Local/silent@plain", "app": server.app, **ids}, reduce=lambda body: body["id"])
    server.wait("StasisStart", channel=near)
    server.post(f"/channels/{near}/record", {"name": recording, "format": "ulaw"})
    server.wait("RecordingStarted", recording=recording)
    server.post(f"/channels/{near}/ring")
    server.delete(f"/channels/{near}")
    server.wait("ChannelDestroyed", channel=near)


@scenario
def a_call_ends_before_it_continues(server: Server) -> None:
    near, playback = caller(server), server.name("p")
    server.settle()
    server.post(f"/channels/{near}/play", {"media": "sound:tt-monkeys", "playbackId": playback})
    server.wait("PlaybackStarted", playback=playback)
    server.post(f"/channels/{near}/continue", {"context": "plain", "extension": "echo"})
    server.delete(f"/channels/{near}")
    server.wait("ChannelDestroyed", channel=near)


@scenario
def a_caller_id_that_nothing_has_shown(server: Server) -> None:
    near, other, place = caller(server, callerId="5"), caller(server, "other", callerId="6"), bridge(server)
    server.settle()
    for channel in (near, other):
        server.post(f"/bridges/{place}/addChannel", {"channel": channel})
        server.wait("ChannelEnteredBridge", channel=channel)
    server.delete(f"/channels/{near}")
    server.wait("ChannelDestroyed", channel=f"{near}-far")
    server.settle()


@scenario
def a_bridge_playback_is_refused_late(server: Server) -> None:
    near, other, place = caller(server), caller(server, "other"), bridge(server)
    for channel in (near, other):
        server.post(f"/bridges/{place}/addChannel", {"channel": channel})
        server.wait("ChannelEnteredBridge", channel=channel)
    server.post(f"/bridges/{place}/play", {"media": "sound:beep,,sound:beep"})
    server.settle()


@scenario
def whose_number_is_shown_in_a_bridge(server: Server) -> None:
    near, other, place, playback = caller(server, callerId="7"), caller(server, "other"), bridge(server), server.name("p")
    server.settle()
    server.post(f"/bridges/{place}/addChannel", {"channel": near})
    server.wait("ChannelEnteredBridge", channel=near)
    server.post(f"/bridges/{place}/play", {"media": "sound:beep", "playbackId": playback})
    server.wait("PlaybackFinished", playback=playback)
    server.settle()
    server.get(f"/channels/{near}")
    server.post(f"/bridges/{place}/addChannel", {"channel": other})
    server.wait("ChannelEnteredBridge", channel=other)
    server.settle()
    server.get(f"/channels/{near}")
    server.get(f"/channels/{other}")


@scenario
def a_destroyed_bridge_waits_for_what_is_played(server: Server) -> None:
    near, place, playback = caller(server), bridge(server), server.name("p")
    server.post(f"/applications/{server.app}/subscription", {"eventSource": f"bridge:{place}"}, reduce=lambda body: None)
    server.post(f"/bridges/{place}/addChannel", {"channel": near})
    server.wait("ChannelEnteredBridge", channel=near)
    server.post(f"/channels/{near}/play", {"media": "sound:hello-world", "playbackId": playback})
    server.wait("PlaybackStarted", playback=playback)
    server.delete(f"/bridges/{place}")
    server.wait("PlaybackFinished", playback=playback)
    server.wait("ChannelLeftBridge", channel=near)
    server.wait("BridgeDestroyed", bridge=place)


@scenario
def talk_detection_by_nonsense(server: Server) -> None:
    near = caller(server, far="talk")
    for value in ("abc", "50,abc"):
        server.post(f"/channels/{near}/variable", {"variable": "TALK_DETECT(set)", "value": value})
        server.settle()


@scenario
def a_queued_playback_is_controlled(server: Server) -> None:
    channel = caller(server)
    for name in ("first", "second"):
        server.post(f"/channels/{channel}/play", {"media": "sound:tt-monkeys", "playbackId": server.name(name)})
    for operation in ("restart", "pause", "unpause", "forward", "reverse"):
        server.post(f"/playbacks/{server.name('second')}/control", {"operation": operation})
    server.settle()
    server.delete(f"/channels/{channel}")


@scenario
def a_playback_behind_a_recording_is_controlled(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/record", {"name": server.name("recording"), "format": "wav"})
    server.post(f"/channels/{channel}/play", {"media": "sound:tt-monkeys", "playbackId": server.name("behind")})
    for operation in ("restart", "pause"):
        server.post(f"/playbacks/{server.name('behind')}/control", {"operation": operation})
    server.settle()
    server.delete(f"/channels/{channel}")


@scenario
def a_cause_below_one_is_given_in_a_bridge(server: Server) -> None:
    for code in ("-1", "-2", "0"):
        channel = caller(server, f"caller{code}")
        enter(server, bridge(server, f"bridge{code}"), channel)
        server.delete(f"/channels/{channel}", {"reason_code": code})
        server.pass_time()
