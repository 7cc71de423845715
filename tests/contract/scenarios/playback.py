"""Playing media to channels and bridges, and controlling it."""

from tests.contract.calls import bridge, caller, enter
from tests.contract.driver import Server
from tests.contract.scenarios import scenario

HELLO = "sound:hello-world"


def _play(server: Server, where: str, media: str = HELLO, name: str = "p", **more: str) -> str:
    playback = server.name(name)
    server.post(f"/{where}/play", {"media": media, "playbackId": playback, **more})
    server.wait("PlaybackStarted", playback=playback)
    return playback


@scenario
def play_to_the_end(server: Server) -> None:
    channel = caller(server)
    playback = _play(server, f"channels/{channel}")
    server.get(f"/playbacks/{playback}")
    server.wait("PlaybackFinished", playback=playback)
    server.get(f"/playbacks/{playback}")


@scenario
def play_with_id_in_path(server: Server) -> None:
    channel, playback = caller(server), server.name("p")
    server.post(f"/channels/{channel}/play/{playback}", {"media": HELLO, "lang": "en"})
    server.wait("PlaybackFinished", playback=playback)


@scenario
def play_without_id(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/play", {"media": HELLO})
    server.wait("PlaybackFinished")


@scenario
def play_a_list(server: Server) -> None:
    channel = caller(server)
    playback = _play(server, f"channels/{channel}", "sound:digits/1,sound:digits/2,sound:digits/3")
    server.wait("PlaybackContinuing", playback=playback)
    server.wait("PlaybackFinished", playback=playback)


@scenario
def play_a_list_in_the_body(server: Server) -> None:
    channel, playback = caller(server), server.name("p")
    server.post(f"/channels/{channel}/play", None, {"media": ["digits:12", "number:3"], "playbackId": playback})
    server.wait("PlaybackFinished", playback=playback)


@scenario
def play_unknown_media(server: Server) -> None:
    channel, playback = caller(server), server.name("p")
    server.post(f"/channels/{channel}/play", {"media": "sound:nosuch", "playbackId": playback})
    server.wait("PlaybackFinished", playback=playback)


@scenario
def play_a_list_with_an_unknown_one(server: Server) -> None:
    channel, playback = caller(server), server.name("p")
    server.post(f"/channels/{channel}/play", {"media": "sound:nosuch,sound:digits/1", "playbackId": playback})
    server.wait("PlaybackFinished", playback=playback)


@scenario
def play_nothing(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/play")
    server.post(f"/channels/{channel}/play", {"media": ""})
    server.post(f"/channels/{channel}/play", None, {"media": []})
    server.post(f"/channels/{channel}/play", None, {"media": 5})


@scenario
def play_negative_times(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/play", {"media": HELLO, "offsetms": -1})
    server.post(f"/channels/{channel}/play", {"media": HELLO, "skipms": -1})


@scenario
def play_and_stop(server: Server) -> None:
    channel = caller(server)
    playback = _play(server, f"channels/{channel}", "sound:tt-monkeys")
    server.delete(f"/playbacks/{playback}")
    server.wait("PlaybackFinished", playback=playback)
    server.delete(f"/playbacks/{playback}")


@scenario
def play_and_control(server: Server) -> None:
    channel = caller(server)
    playback = _play(server, f"channels/{channel}", "sound:tt-monkeys")
    for operation in ("pause", "unpause", "forward", "reverse", "restart"):
        server.post(f"/playbacks/{playback}/control", {"operation": operation})
        server.pass_time(0.2)
        server.get(f"/playbacks/{playback}")
    server.post(f"/playbacks/{playback}/control", {"operation": "stop"})
    server.delete(f"/playbacks/{playback}")
    server.wait("PlaybackFinished", playback=playback)


@scenario
def play_pause_and_pause_again(server: Server) -> None:
    channel = caller(server)
    playback = _play(server, f"channels/{channel}", "sound:tt-monkeys")
    for operation in ("pause", "pause", "unpause", "unpause"):
        server.post(f"/playbacks/{playback}/control", {"operation": operation})
        server.pass_time(0.2)
        server.get(f"/playbacks/{playback}", reduce=lambda body: body["state"])


@scenario
def play_digits_that_cannot_be_controlled(server: Server) -> None:
    channel = caller(server)
    playback = _play(server, f"channels/{channel}", "digits:1234567")
    for operation in ("pause", "restart", "reverse", "forward", "unpause"):
        server.post(f"/playbacks/{playback}/control", {"operation": operation})
    server.delete(f"/playbacks/{playback}")
    server.get(f"/playbacks/{playback}")
    server.wait("PlaybackFinished", playback=playback)


@scenario
def play_control_errors(server: Server) -> None:
    server.get("/playbacks/nosuch")
    server.delete("/playbacks/nosuch")
    server.post("/playbacks/nosuch/control", {"operation": "pause"})
    server.post("/playbacks/nosuch/control")
    channel = caller(server)
    playback = _play(server, f"channels/{channel}", "sound:tt-monkeys")
    server.post(f"/playbacks/{playback}/control")
    server.post(f"/playbacks/{playback}/control", {"operation": ""})
    server.post(f"/playbacks/{playback}/control", {"operation": "nosuch"})
    server.post(f"/playbacks/{playback}/control", {"operation": "PAUSE"})


@scenario
def play_is_queued(server: Server) -> None:
    channel, second = caller(server), server.name("second")
    first = _play(server, f"channels/{channel}", "sound:tt-monkeys", "first")
    server.post(f"/channels/{channel}/play", {"media": "sound:digits/1", "playbackId": second})
    server.get(f"/playbacks/{second}")
    server.post(f"/playbacks/{second}/control", {"operation": "pause"})
    server.delete(f"/playbacks/{first}")
    server.wait("PlaybackFinished", playback=first)
    server.wait("PlaybackFinished", playback=second)


@scenario
def play_stop_a_queued_one(server: Server) -> None:
    channel, second = caller(server), server.name("second")
    first = _play(server, f"channels/{channel}", "sound:tt-monkeys", "first")
    server.post(f"/channels/{channel}/play", {"media": "sound:digits/1", "playbackId": second})
    server.delete(f"/playbacks/{second}")
    server.delete(f"/playbacks/{first}")
    server.wait("PlaybackFinished", playback=first)
    server.wait("PlaybackFinished", playback=second)


@scenario
def play_until_the_channel_ends(server: Server) -> None:
    channel = caller(server)
    playback = _play(server, f"channels/{channel}", "sound:tt-monkeys")
    server.delete(f"/channels/{channel}")
    server.wait("PlaybackFinished", playback=playback)
    server.wait("ChannelDestroyed", channel=channel)
    server.get(f"/playbacks/{playback}")


@scenario
def play_a_tone(server: Server) -> None:
    channel = caller(server)
    playback = _play(server, f"channels/{channel}", "tone:ring")
    server.get(f"/playbacks/{playback}")
    server.delete(f"/playbacks/{playback}")
    server.wait("PlaybackFinished", playback=playback)


@scenario
def play_in_another_language(server: Server) -> None:
    channel, playback = caller(server), server.name("p")
    server.post(f"/channels/{channel}/play", {"media": "sound:digits/1", "playbackId": playback, "lang": "xx"})
    server.wait("PlaybackFinished", playback=playback)


@scenario
def play_on_a_channel_without_answer(server: Server) -> None:
    channel, playback = server.name("caller"), server.name("p")
    server.post(
        "/channels",
        {"endpoint": f"Local/{server.app}@stasis", "app": server.app, "channelId": channel, "otherChannelId": server.name("far")},
    )
    server.wait("StasisStart", channel=server.name("far"))
    server.post(f"/channels/{server.name('far')}/play", {"media": "sound:digits/1", "playbackId": playback})
    server.wait("PlaybackFinished", playback=playback)
    server.get(f"/channels/{server.name('far')}")


@scenario
def play_on_a_bridge(server: Server) -> None:
    channel, found = caller(server), bridge(server)
    enter(server, found, channel)
    playback = _play(server, f"bridges/{found}")
    server.get(f"/playbacks/{playback}")
    server.wait("PlaybackFinished", playback=playback)


@scenario
def play_on_an_empty_bridge(server: Server) -> None:
    found, playback = bridge(server), server.name("p")
    server.post(f"/bridges/{found}/play/{playback}", {"media": HELLO})
    server.wait_until_gone(f"/playbacks/{playback}")
    server.post(f"/bridges/{found}/play")


@scenario
def play_on_a_channel_in_a_bridge(server: Server) -> None:
    channel, found = caller(server), bridge(server)
    enter(server, found, channel)
    playback = _play(server, f"channels/{channel}")
    server.wait("PlaybackFinished", playback=playback)
    server.get(f"/bridges/{found}")


@scenario
def commands_while_a_channel_in_a_bridge_plays(server: Server) -> None:
    channel, found, playback = caller(server), bridge(server), server.name("p")
    enter(server, found, channel)
    for path, params in (
        (f"channels/{channel}/mute", {"direction": "in"}),
        (f"channels/{channel}/answer", {}),
        (f"bridges/{found}/removeChannel", {"channel": channel}),
    ):
        server.post(f"/channels/{channel}/play", {"media": "sound:tt-monkeys", "playbackId": playback})
        server.wait("PlaybackStarted", playback=playback)
        answer = server.send_within(0.5, "POST", f"/{path}", params)
        server.steps.append({f"{path.split('/')[-1]} within half a second": answer is not None})
        server.delete(f"/playbacks/{playback}")
        server.wait("PlaybackFinished", playback=playback)
    server.wait("ChannelLeftBridge", channel=channel)


def _three(server: Server, target: str) -> None:
    for number in range(3):
        server.post(f"/{target}/play", {"media": "sound:tt-monkeys", "playbackId": server.name(f"p{number}")})
    server.wait("PlaybackStarted", playback=server.name("p0"))


@scenario
def queued_playbacks_when_the_channel_ends(server: Server) -> None:
    channel = caller(server)
    _three(server, f"channels/{channel}")
    server.delete(f"/playbacks/{server.name('p1')}")
    server.post(f"/channels/{channel}/record", {"name": server.name("r"), "format": "wav"})
    server.delete(f"/channels/{channel}")
    server.wait_until_gone(f"/channels/{channel}")
    server.pass_time()
    for number in range(3):
        server.get(f"/playbacks/{server.name(f'p{number}')}")


@scenario
def queued_playbacks_when_the_channel_leaves_the_app(server: Server) -> None:
    channel = caller(server)
    _three(server, f"channels/{channel}")
    server.post(f"/channels/{channel}/continue", {"context": "plain", "extension": "wait", "priority": 1})
    server.pass_time()
    server.get(f"/channels/{channel}", reduce=lambda body: body["dialplan"]["app_name"])
    for number in range(3):
        server.get(f"/playbacks/{server.name(f'p{number}')}")


@scenario
def playbacks_checked_in_order(server: Server) -> None:
    for where in (f"channels/{caller(server)}", f"bridges/{bridge(server)}", "channels/nosuch", "bridges/nosuch"):
        for wrong in ({"skipms": "-1"}, {"offsetms": "-1", "skipms": "-1"}, {"media": ""}, {"media": "", "offsetms": "-1"}):
            server.post(f"/{where}/play", {"media": HELLO, **wrong})
