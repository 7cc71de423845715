"""Channels that are created first and dialled later."""

from tests.contract.calls import caller, hang_up
from tests.contract.driver import Server
from tests.contract.scenarios import scenario


def _create(server: Server, far: str, name: str = "out", **more: str) -> str:
    channel = server.name(name)
    server.post(
        "/channels/create",
        {
            "endpoint": f"Local/{far}@plain",
            "app": server.app,
            "channelId": channel,
            "otherChannelId": f"{channel}-far",
            **more,
        },
    )
    server.wait("StasisStart", channel=channel)
    return channel


@scenario
def create_and_hang_up(server: Server) -> None:
    channel = _create(server, "wait", appArgs="one,two")
    server.get(f"/channels/{channel}")
    hang_up(server, channel)


@scenario
def create_and_dial_answered(server: Server) -> None:
    channel = _create(server, "wait")
    server.post(f"/channels/{channel}/dial")
    server.wait("ChannelStateChange", channel=channel)
    server.wait_until(f"/channels/{channel}", lambda one: one["state"] == "Up")
    server.post(f"/channels/{channel}/dial")
    hang_up(server, channel)


@scenario
def create_and_dial_ringing(server: Server) -> None:
    channel = _create(server, "ring")
    server.post(f"/channels/{channel}/dial", {"timeout": 60})
    server.wait("ChannelStateChange", channel=channel)
    server.get(f"/channels/{channel}")
    hang_up(server, channel)


@scenario
def create_and_dial_without_answer(server: Server) -> None:
    channel = _create(server, "silent")
    server.post(f"/channels/{channel}/dial", {"timeout": 1})
    server.wait("ChannelDestroyed", channel=channel)


@scenario
def create_and_dial_busy(server: Server) -> None:
    channel = _create(server, "busy")
    server.post(f"/channels/{channel}/dial")
    server.wait("Dial", peer=channel, dialstatus="BUSY")


@scenario
def create_and_dial_refused(server: Server) -> None:
    channel = _create(server, "hangup17")
    # Two threads write the cause at the same time: that of the refusal and that of the end of the channel.
    server.ignore_fields("ChannelDestroyed", "cause", "cause_txt")
    server.post(f"/channels/{channel}/dial")
    server.wait("ChannelDestroyed", channel=channel)


@scenario
def create_and_dial_for_a_caller(server: Server) -> None:
    first = caller(server)
    channel = _create(server, "wait", originator=first)
    server.post(f"/channels/{channel}/dial", {"caller": first, "timeout": 20})
    server.wait_until(f"/channels/{channel}", lambda one: one["state"] == "Up")
    hang_up(server, channel)


@scenario
def create_with_a_technology_in_any_case(server: Server) -> None:
    channel = _create(server, "wait", endpoint="lOCAL/wait@plain")
    server.get(f"/channels/{channel}")
    hang_up(server, channel)
    server.post("/channels/create", {"endpoint": "pjsip/nosuch", "app": server.app})


@scenario
def create_errors(server: Server) -> None:
    server.post("/channels/create")
    server.post("/channels/create", {"endpoint": "Local/wait@plain"})
    server.post("/channels/create", {"app": server.app})
    for endpoint in ("NoTech/x", "nonsense", "Local/wait@nosuch", "PJSIP/nosuch"):
        server.post("/channels/create", {"endpoint": endpoint, "app": server.app})
    where = {"endpoint": "Local/wait@plain", "app": server.app}
    server.post("/channels/create", {**where, "originator": "nosuch"})
    server.post("/channels/create", {**where, "formats": "nosuch"})
    server.post("/channels/create", {**where, "formats": "ulaw", "originator": "nosuch"})


@scenario
def create_duplicate_id(server: Server) -> None:
    channel = _create(server, "wait")
    server.post("/channels/create", {"endpoint": "Local/wait@plain", "app": server.app, "channelId": channel})


@scenario
def create_commands_on_a_channel_that_is_down(server: Server) -> None:
    channel = _create(server, "wait")
    server.post(f"/channels/{channel}/hold")
    server.post(f"/channels/{channel}/dtmf", {"dtmf": "5"})
    server.post(f"/channels/{channel}/moh")
    server.post(f"/channels/{channel}/ring")
    server.post(f"/channels/{channel}/variable", {"variable": "A", "value": "b"})
    server.post(f"/channels/{channel}/play", {"media": "sound:hello-world", "playbackId": server.name("p")})


@scenario
def dial_errors(server: Server) -> None:
    server.post("/channels/nosuch/dial")
    channel = caller(server)
    server.post(f"/channels/{channel}/dial")
    server.post(f"/channels/{channel}-far/dial")
    out = _create(server, "wait")
    server.post(f"/channels/{out}/dial", {"caller": "nosuch"})
