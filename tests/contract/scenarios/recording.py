"""Recordings, live and stored."""

from tests.contract.calls import answered_pair, bridge, caller, enter
from tests.contract.driver import Server
from tests.contract.scenarios import scenario


def _record(server: Server, channel: str, name: str = "r", **more: object) -> str:
    recording = server.name(name)
    server.post(f"/channels/{channel}/record", {"name": recording, "format": "wav", **more})
    server.wait("RecordingStarted", recording=recording)
    return recording


@scenario
def record_with_a_limit(server: Server) -> None:
    channel = caller(server, far="tone")
    recording = _record(server, channel, maxDurationSeconds=1)
    server.get(f"/recordings/live/{recording}")
    server.wait("RecordingFinished", recording=recording)
    server.wait_until_gone(f"/recordings/live/{recording}")
    server.get(f"/recordings/live/{recording}")
    server.get(f"/recordings/stored/{recording}")
    server.get("/recordings/stored")


@scenario
def record_and_stop(server: Server) -> None:
    channel = caller(server, far="tone")
    recording = _record(server, channel)
    server.post(f"/recordings/live/{recording}/stop")
    server.wait("RecordingFinished", recording=recording)
    server.get(f"/recordings/stored/{recording}/file", reduce=lambda body: str(body).partition(":")[0])
    server.delete(f"/recordings/stored/{recording}")
    server.get(f"/recordings/stored/{recording}")


@scenario
def record_and_cancel(server: Server) -> None:
    channel = caller(server, far="tone")
    recording = _record(server, channel)
    server.delete(f"/recordings/live/{recording}")
    server.wait("RecordingFinished", recording=recording)
    server.get(f"/recordings/stored/{recording}")


@scenario
def record_pause_and_mute(server: Server) -> None:
    channel = caller(server, far="tone")
    recording = _record(server, channel)
    for method, what in (
        ("POST", "pause"),
        ("POST", "pause"),
        ("DELETE", "pause"),
        ("POST", "mute"),
        ("POST", "mute"),
        ("DELETE", "mute"),
    ):
        server.request(method, f"/recordings/live/{recording}/{what}")
        server.pass_time(0.3)
        server.get(f"/recordings/live/{recording}", reduce=lambda body: body["state"])
    server.delete(f"/recordings/live/{recording}/mute")
    server.delete(f"/recordings/live/{recording}/pause")
    server.post(f"/recordings/live/{recording}/stop")
    server.wait("RecordingFinished", recording=recording)


@scenario
def record_until_a_key(server: Server) -> None:
    near, far = answered_pair(server)
    recording = _record(server, near, terminateOn="#")
    server.post(f"/channels/{far}/dtmf", {"dtmf": "#"})
    server.wait("RecordingFinished", recording=recording)


@scenario
def record_until_the_channel_ends(server: Server) -> None:
    channel = caller(server, far="tone")
    recording = _record(server, channel)
    server.delete(f"/channels/{channel}")
    server.wait("RecordingFinished", recording=recording)
    server.wait("ChannelDestroyed", channel=channel)
    server.get(f"/recordings/stored/{recording}")


@scenario
def record_if_it_exists(server: Server) -> None:
    channel = caller(server, far="tone")
    for choice in ("fail", "overwrite", "append"):
        recording = _record(server, channel, ifExists=choice) if choice != "fail" else _record(server, channel)
        server.post(f"/recordings/live/{recording}/stop")
        server.wait("RecordingFinished", recording=recording)
    server.post(f"/channels/{channel}/record", {"name": server.name("r"), "format": "wav"})
    server.post(f"/channels/{channel}/record", {"name": server.name("r"), "format": "wav", "ifExists": "nosuch"})


@scenario
def record_name_in_use(server: Server) -> None:
    channel = caller(server, far="tone")
    recording = _record(server, channel)
    server.post(f"/channels/{channel}/record", {"name": recording, "format": "wav"})
    server.post(f"/channels/{channel}/record", {"name": recording, "format": "wav", "ifExists": "overwrite"})


@scenario
def record_bad_arguments(server: Server) -> None:
    channel = caller(server)
    name = server.name("r")
    server.post(f"/channels/{channel}/record", {"name": name, "format": "nosuch"})
    server.post(f"/channels/{channel}/record", {"name": "", "format": "wav"})
    server.post(f"/channels/{channel}/record", {"name": f"../{name}", "format": "wav"})
    server.post(f"/channels/{channel}/record", {"name": name, "format": "wav", "maxDurationSeconds": -1})
    server.post(f"/channels/{channel}/record", {"name": name, "format": "wav", "maxSilenceSeconds": -1})
    server.post(f"/channels/{channel}/record", {"name": name, "format": "wav", "terminateOn": "x"})


@scenario
def record_in_a_folder(server: Server) -> None:
    channel = caller(server, far="tone")
    recording = _record(server, channel, "folder/r")
    server.post(f"/recordings/live/{recording.replace('/', '%2F')}/stop")
    server.wait("RecordingFinished", recording=recording)
    server.get(f"/recordings/stored/{recording}")
    server.get(f"/recordings/stored/{recording.replace('/', '%2F')}")
    server.get("/recordings/stored")


@scenario
def record_copies(server: Server) -> None:
    channel = caller(server, far="tone")
    recording, copy = _record(server, channel), server.name("copy")
    server.post(f"/recordings/live/{recording}/stop")
    server.wait("RecordingFinished", recording=recording)
    server.post(f"/recordings/stored/{recording}/copy", {"destinationRecordingName": copy})
    # The message is a sentence of Asterisk's definitions; the embedded server has its own.
    server.post(f"/recordings/stored/{recording}/copy", {"destinationRecordingName": copy}, ignores_message=True)
    server.post(f"/recordings/stored/{recording}/copy")
    server.get("/recordings/stored", reduce=lambda body: sorted(one["name"] for one in body))
    server.delete(f"/recordings/stored/{copy}")


@scenario
def record_unknown(server: Server) -> None:
    for method, path in (
        ("GET", "live/nosuch"),
        ("DELETE", "live/nosuch"),
        ("POST", "live/nosuch/stop"),
        ("POST", "live/nosuch/pause"),
        ("DELETE", "live/nosuch/pause"),
        ("POST", "live/nosuch/mute"),
        ("DELETE", "live/nosuch/mute"),
        ("GET", "stored/nosuch"),
        ("GET", "stored/nosuch/file"),
        ("DELETE", "stored/nosuch"),
        ("POST", "stored/nosuch/copy?destinationRecordingName=x"),
    ):
        server.request(method, f"/recordings/{path}")
    server.get("/recordings/stored")


@scenario
def record_and_play_it(server: Server) -> None:
    channel = caller(server, far="tone")
    recording, playback = _record(server, channel, maxDurationSeconds=1), server.name("p")
    server.wait("RecordingFinished", recording=recording)
    server.post(f"/channels/{channel}/play", {"media": f"recording:{recording}", "playbackId": playback})
    server.wait("PlaybackFinished", playback=playback)


@scenario
def record_a_bridge(server: Server) -> None:
    channel, found, recording = caller(server, far="tone"), bridge(server), server.name("r")
    enter(server, found, channel)
    server.post(f"/bridges/{found}/record", {"name": recording, "format": "wav"})
    server.wait("RecordingStarted", recording=recording)
    server.get(f"/recordings/live/{recording}")
    server.post(f"/recordings/live/{recording}/stop")
    server.wait("RecordingFinished", recording=recording)


@scenario
def record_a_bridge_errors(server: Server) -> None:
    found = bridge(server)
    server.post(f"/bridges/{found}/record", {"name": server.name("r"), "format": "nosuch"})
    server.post(f"/bridges/{found}/record", {"name": "../x", "format": "wav"})
    server.post(f"/bridges/{found}/record", {"name": server.name("r"), "format": "wav", "ifExists": "nosuch"})
    server.post(f"/bridges/{found}/record", {"name": server.name("r"), "format": "wav", "terminateOn": "x"})


@scenario
def record_while_recording_cannot_be_bridged(server: Server) -> None:
    channel, found = caller(server, far="tone"), bridge(server)
    recording = _record(server, channel)
    server.post(f"/bridges/{found}/addChannel", {"channel": channel})
    server.post(f"/recordings/live/{recording}/stop")
    server.wait("RecordingFinished", recording=recording)


@scenario
def types_of_files(server: Server) -> None:
    channel = caller(server, far="tone")
    for kind in ("wav", "gsm", "ulaw", "alaw", "sln", "sln16", "g722", "wav16", "WAV"):
        recording = server.name(f"r-{kind}")
        started = server.post(
            f"/channels/{channel}/record", {"name": recording, "format": kind, "maxDurationSeconds": 1}, reduce=lambda body: {}
        )
        if started.status != 201:
            continue
        server.wait("RecordingFinished", recording=recording)
        server.get(f"/recordings/stored/{recording}/file", reduce=lambda body: body.partition(":")[0])


@scenario
def recordings_checked_in_order(server: Server) -> None:
    no = {"ifExists": "no", "terminateOn": "no", "maxDurationSeconds": "-1", "maxSilenceSeconds": "-1", "format": "no"}
    two = [{one: no[one], other: no[other]} for one in no for other in no if one < other]
    for where in (f"channels/{caller(server)}", f"bridges/{bridge(server)}", "channels/nosuch", "bridges/nosuch"):
        for wrong in (*({one: no[one]} for one in no), *two, no):
            server.post(f"/{where}/record", {"name": server.name("r"), "format": "wav", **wrong})
            server.post(f"/{where}/record", {"name": "", "format": "wav", **wrong})


@scenario
def recording_options_in_any_case(server: Server) -> None:
    channel = caller(server)
    _record(server, channel, ifExists="OVERWRITE", terminateOn="None")
