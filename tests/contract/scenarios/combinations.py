"""Several operations at once, or one after another, on the same channels."""

from tests.contract.calls import answered_pair, both_halves, bridge, caller, enter, hang_up, second_app
from tests.contract.driver import Server
from tests.contract.scenarios import scenario

READ = (
    "CHANNEL(accountcode)",
    "CHANNEL(peeraccount)",
    "CHANNEL(hangupsource)",
    "CHANNEL(nosuch)",
    "CALLERID(pres)",
    "CALLERID(nosuch)",
    "LEN(abc)",
    "MATH(1+2)",
    "DB(a/b)",
    "SHELL(ls)",
    "GLOBAL(x)",
    "CHANNEL(",
    "TIMEOUT(absolute)",
    "STRFTIME",
    "ENV(NOSUCH)",
)
WRITTEN = {
    "CALLERID(name)": "Zed",
    "CONNECTEDLINE(num)": "99",
    "CHANNEL(accountcode)": "account",
    "CHANNEL(musicclass)": "class",
    "NOSUCH(x)": "1",
    "CALLERID(nosuch)": "1",
    "TIMEOUT(absolute)": "100",
    "CHANNEL(nosuch)": "1",
}


@scenario
def ringing_then_answered_by_the_dialplan(server: Server) -> None:
    channel = server.name("caller")
    server.post(
        f"/channels/{channel}", {"endpoint": "Local/x@ring-then-answer", "app": server.app, "otherChannelId": server.name("far")}
    )
    server.wait("StasisStart", channel=channel)


@scenario
def playback_in_a_bridge_then_continue(server: Server) -> None:
    channel, found, playback = caller(server), bridge(server), server.name("p")
    enter(server, found, channel)
    server.post(f"/channels/{channel}/play", {"media": "sound:digits/1", "playbackId": playback})
    server.wait("PlaybackFinished", playback=playback)
    server.post(f"/channels/{channel}/continue", {"context": "plain", "extension": "wait", "priority": 2})
    server.wait("StasisEnd", channel=channel)
    server.post(f"/bridges/{found}/removeChannel", {"channel": channel})


@scenario
def moved_to_another_app_out_of_a_bridge(server: Server) -> None:
    other, channel, found = second_app(server), caller(server), bridge(server)
    enter(server, found, channel)
    server.post(f"/channels/{channel}/move", {"app": other})
    server.wait("StasisStart", app=other, channel=channel)
    server.get(f"/bridges/{found}")


@scenario
def recorded_in_two_formats(server: Server) -> None:
    channel, recording = caller(server, far="tone"), server.name("r")
    for kind, choice in (("gsm", "fail"), ("wav", "append")):
        server.post(
            f"/channels/{channel}/record", {"name": recording, "format": kind, "maxDurationSeconds": 1, "ifExists": choice}
        )
        server.wait("RecordingFinished", recording=recording)
        server.wait_until_gone(f"/recordings/live/{recording}")
        # Of several files with one name, the format is that of the first one in the directory.
        server.get(f"/recordings/stored/{recording}", reduce=lambda body: body["name"])
    server.get("/recordings/stored", reduce=len)


@scenario
def recorded_until_silence(server: Server) -> None:
    (near, far), recording = answered_pair(server), server.name("r")
    server.post(f"/channels/{near}/record", {"name": recording, "format": "wav", "maxSilenceSeconds": 1})
    server.wait("RecordingStarted", recording=recording)
    server.post(f"/channels/{far}/silence")
    server.wait("RecordingFinished", recording=recording)


@scenario
def recorded_before_the_answer(server: Server) -> None:
    (near, far), recording = both_halves(server), server.name("r")
    server.post(f"/channels/{far}/record", {"name": recording, "format": "wav", "maxDurationSeconds": 1})
    server.wait("StasisStart", channel=near)
    server.wait("RecordingFinished", recording=recording)
    server.get(f"/channels/{far}")


@scenario
def bridged_before_the_answer(server: Server) -> None:
    (near, far), found = both_halves(server), bridge(server)
    enter(server, found, far)
    server.get(f"/channels/{far}")
    server.get(f"/channels/{near}")


@scenario
def playback_to_both_halves(server: Server) -> None:
    halves = answered_pair(server)
    for number, channel in enumerate(halves):
        playback = server.name(f"p{number}")
        server.post(f"/channels/{channel}/play", {"media": f"sound:digits/{number}", "playbackId": playback})
    for number, _ in enumerate(halves):
        server.wait("PlaybackFinished", playback=server.name(f"p{number}"))


@scenario
def list_of_media_stopped_at_its_first(server: Server) -> None:
    channel, playback = caller(server), server.name("p")
    server.post(f"/channels/{channel}/play", {"media": "sound:tt-monkeys,sound:digits/2", "playbackId": playback})
    server.wait("PlaybackStarted", playback=playback)
    server.delete(f"/playbacks/{playback}")
    server.wait("PlaybackFinished", playback=playback)


@scenario
def functions_read(server: Server) -> None:
    channel = caller(server)
    for name in READ:
        server.get(f"/channels/{channel}/variable", params={"variable": name})


@scenario
def functions_written(server: Server) -> None:
    channel = caller(server)
    server.pass_time()
    for name, value in WRITTEN.items():
        server.post(f"/channels/{channel}/variable", {"variable": name, "value": value})
        server.pass_time(0.3)
    server.get(f"/channels/{channel}")


@scenario
def holding_bridge_with_music_and_an_announcement(server: Server) -> None:
    found, channel, playback = bridge(server, type="holding"), caller(server), server.name("p")
    enter(server, found, channel)
    server.post(f"/bridges/{found}/moh")
    server.pass_time()
    server.delete(f"/bridges/{found}/moh")
    server.settle()  # a playback begun while the music's announcer leaves may fail
    server.post(f"/bridges/{found}/play", {"media": "sound:digits/1", "playbackId": playback})
    server.wait("PlaybackFinished", playback=playback)


@scenario
def three_in_a_bridge(server: Server) -> None:
    found = bridge(server)
    for name in ("a", "b", "c"):
        enter(server, found, caller(server, name))
    server.pass_time()
    server.get(f"/bridges/{found}", reduce=lambda body: {**body, "channels": sorted(body["channels"])})
    hang_up(server, server.name("b"))
    server.pass_time()
    server.get(f"/bridges/{found}", reduce=lambda body: {**body, "channels": sorted(body["channels"])})


@scenario
def far_half_subscribed_and_hung_up(server: Server) -> None:
    channel = caller(server)
    source = f"channel:{channel}-far"
    server.post(
        f"/applications/{server.app}/subscription", {"eventSource": source}, reduce=lambda body: sorted(body["channel_ids"])
    )
    server.delete(f"/channels/{channel}-far", {"reason": "congestion"})
    server.wait("ChannelDestroyed", channel=channel)


@scenario
def commands_on_a_channel_in_a_bridge(server: Server) -> None:
    channel, found = caller(server), bridge(server)
    enter(server, found, channel)
    for method, command in (("POST", "moh"), ("DELETE", "moh"), ("POST", "silence"), ("DELETE", "silence"), ("POST", "ring")):
        server.request(method, f"/channels/{channel}/{command}")
    server.post(f"/channels/{channel}/dtmf", {"dtmf": "12"})
    server.pass_time()  # a command waits until they are sent
    server.post(f"/channels/{channel}/answer")
    server.pass_time()
    server.get(f"/channels/{channel}")


@scenario
def endpoint_that_is_not_registered(server: Server) -> None:
    server.post("/channels", {"endpoint": "PJSIP/alice", "app": server.app, "channelId": server.name("a")})
    server.post("/channels/create", {"endpoint": "PJSIP/alice", "app": server.app, "channelId": server.name("b")})
