"""Requests that programs make by mistake, and those whose effect depends on what was there before."""

from urllib.parse import quote

from tests.contract.calls import bridge, caller, second_app
from tests.contract.driver import Server
from tests.contract.scenarios import scenario


@scenario
def odd_empty_variable_that_was_not_set(server: Server) -> None:
    """No event; one that was set gets one."""
    channel = caller(server)
    server.post(f"/channels/{channel}/variable", {"variable": "NEVER_SET"})
    server.post(f"/channels/{channel}/variable", {"variable": "NEVER_SET_EITHER", "value": ""})
    server.post(f"/channels/{channel}/variable", {"variable": "COLOUR", "value": "red"})
    server.wait("ChannelVarset", channel=channel, variable="COLOUR")
    server.post(f"/channels/{channel}/variable", {"variable": "COLOUR"})
    server.settle()


@scenario
def odd_functions_that_cannot_be_read(server: Server) -> None:
    channel = caller(server)
    for name in ("VOLUME(TX)", "JITTERBUFFER(fixed)", "PJSIP_HEADER(read,X)", "NOSUCH(1)", "LEN(abc)", "IF(1?a:b)"):
        server.get(f"/channels/{channel}/variable?variable={quote(name, safe='()')}")


@scenario
def odd_continue_in_a_context_without_extension(server: Server) -> None:
    """It goes on at extension `s` of that context."""
    channel = caller(server)
    server.post(f"/channels/{channel}/continue", {"context": "ctx"})
    server.wait("StasisEnd", channel=channel)
    server.wait_until(f"/channels/{channel}", lambda one: one["dialplan"]["app_name"] == "Playback")
    server.get(f"/channels/{channel}", reduce=lambda body: [body["dialplan"][key] for key in ("context", "exten", "app_name")])


@scenario
def odd_other_channel_id_that_is_taken(server: Server) -> None:
    channel = caller(server)
    for path in ("/channels", "/channels/create"):
        params = {"endpoint": "Local/wait@plain", "app": server.app, "channelId": server.name("new"), "otherChannelId": channel}
        server.post(path, params)


@scenario
def odd_media(server: Server) -> None:
    channel = caller(server)
    server.post(f"/channels/{channel}/play", json={"media": ["sound:beep", "", "sound:beep"]})
    server.post(f"/channels/{channel}/play?media=sound:beep,,sound:beep")


@scenario
def odd_restart_of_a_paused_playback(server: Server) -> None:
    channel = caller(server)
    playback = server.name("playback")
    server.post(f"/channels/{channel}/play", {"media": "sound:tt-monkeys", "playbackId": playback})
    server.wait("PlaybackStarted")
    for operation in ("pause", "restart", "forward", "unpause", "restart"):
        server.post(f"/playbacks/{playback}/control", {"operation": operation})
        server.pass_time()
    server.delete(f"/playbacks/{playback}")
    server.wait("PlaybackFinished")


@scenario
def odd_arguments_of_a_move(server: Server) -> None:
    channel, other = caller(server), second_app(server)
    server.post(f"/channels/{channel}/move", {"app": other, "appArgs": 'x=1,"y,z",(a,b)'})
    server.wait("StasisStart", channel=channel, application=other)


@scenario
def odd_event_filters(server: Server) -> None:
    for body in ([1], {"allowed": [1]}, {"allowed": [{"type": 1}]}, {"allowed": {}}):
        server.put(f"/applications/{server.app}/eventFilter", json=body, reduce=lambda body: None)


@scenario
def odd_address_of_external_media(server: Server) -> None:
    for host in ("127.0.0.1:abc", "127.0.0.1"):
        server.post("/channels/externalMedia", {"app": server.app, "external_host": host, "format": "ulaw"})


@scenario
def odd_hangup_reasons(server: Server) -> None:
    for reason in ("-1", "256", "x", ""):
        channel = caller(server, f"caller{reason}")
        server.delete(f"/channels/{channel}", {"reason_code": reason})
        server.pass_time()


@scenario
def odd_stored_recording_that_is_being_made(server: Server) -> None:
    channel, name = caller(server), server.name("recording")
    server.post(f"/channels/{channel}/record", {"name": name, "format": "wav"})
    server.wait("RecordingStarted")
    server.get(f"/recordings/stored/{name}")
    server.post(f"/recordings/live/{name}/stop")
    server.wait("RecordingFinished")
    server.delete(f"/recordings/stored/{name}")


@scenario
def odd_caller_ids_that_do_not_change(server: Server) -> None:
    channel = caller(server, callerId="Ann <1234>")
    for name, value in (("num", "1234"), ("name", "Ann"), ("num", "5"), ("num", "5"), ("all", '"Ann" <5>'), ("name", "Bob")):
        server.post(f"/channels/{channel}/variable", {"variable": f"CALLERID({name})", "value": value})
        server.pass_time()


@scenario
def odd_bridge_without_channels_is_played_to(server: Server) -> None:
    found = bridge(server)
    for what in ("moh", "play?media=sound:beep"):
        server.post(f"/bridges/{found}/{what}")
    server.delete(f"/bridges/{found}/moh")


@scenario
def ids_that_begin_alike(server: Server) -> None:
    """A channel is looked for without regard to case, and by 22 by the beginning of its id as well."""
    where = {"endpoint": "PJSIP/uas", "app": server.app}
    name = server.name("alike")
    for channel_id in (f"{name}-long", f"{name}-LONG", name, f"{name}-longer"):
        server.post("/channels/create", {**where, "channelId": channel_id})
