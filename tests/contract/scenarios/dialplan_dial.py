"""Dial() in the dialplan: its variables, the Dial events, and what its options do."""

from tests.contract.driver import Server
from tests.contract.phones import PhoneCall
from tests.contract.scenarios import scenario, unconnected, with_phones


def dialling(server: Server, exten: str) -> str:
    """A call whose far half dials; its channel."""
    channel = server.name("caller")
    params = {"endpoint": f"Local/{exten}@dial", "app": server.app, "channelId": channel, "otherChannelId": f"{channel}-far"}
    server.post("/channels", params)
    return channel


def until_it_goes_on(server: Server, exten: str, seconds: float = 4.0) -> None:
    """What Dial() does, and where its channel is in the end."""
    channel = dialling(server, exten)
    server.pass_time(seconds)
    server.get(f"/channels/{channel}-far")
    for name in ("DIALSTATUS", "DIALEDPEERNAME", "DIALEDPEERNUMBER", "HANGUPCAUSE"):
        server.get(f"/channels/{channel}-far/variable?variable={name}")


def hearing_all(server: Server) -> None:
    server.listen(query="&subscribeAll=true")


@scenario
def dial_is_answered(server: Server) -> None:
    channel = dialling(server, "wait")
    server.wait("StasisStart", channel=channel)
    server.pass_time(0.5)
    server.get(f"/channels/{channel}-far")
    server.delete(f"/channels/{channel}")
    server.wait_until_gone(f"/channels/{channel}-far")


@scenario
def dial_whose_peer_hangs_up(server: Server) -> None:
    channel = dialling(server, "short")
    server.wait("StasisStart", channel=channel)
    server.wait("ChannelDestroyed", channel=channel)


@scenario
def dial_that_goes_on(server: Server) -> None:
    until_it_goes_on(server, "short-g")


@scenario
def dial_to_one_who_is_busy(server: Server) -> None:
    until_it_goes_on(server, "busy", 1.0)


@scenario
def dial_to_congestion(server: Server) -> None:
    until_it_goes_on(server, "congestion", 1.0)


@scenario
def dial_to_one_who_hangs_up(server: Server) -> None:
    until_it_goes_on(server, "hangup", 1.0)


@scenario
def dial_that_is_not_answered(server: Server) -> None:
    until_it_goes_on(server, "silent", 2.0)


@scenario
def dial_that_rings(server: Server) -> None:
    until_it_goes_on(server, "ring", 2.0)


@scenario
def dial_with_ringback(server: Server) -> None:
    until_it_goes_on(server, "ring-r", 2.0)


@scenario
def dial_with_music(server: Server) -> None:
    until_it_goes_on(server, "ring-m", 2.0)


@scenario
def dial_to_nobody(server: Server) -> None:
    until_it_goes_on(server, "nobody", 1.0)


@scenario
def dial_to_nowhere(server: Server) -> None:
    until_it_goes_on(server, "nowhere", 1.0)


@scenario
def dial_two(server: Server) -> None:
    channel = dialling(server, "two")
    server.wait("StasisStart", channel=channel)
    server.pass_time(1.0)
    server.delete(f"/channels/{channel}")
    server.wait_until_gone(f"/channels/{channel}-far")


@scenario
def dial_with_a_limit(server: Server) -> None:
    until_it_goes_on(server, "limit")


@scenario
def dial_for_seconds(server: Server) -> None:
    until_it_goes_on(server, "seconds")


@scenario
def dial_that_goes_elsewhere(server: Server) -> None:
    server.ignore_fields("Dial", "peer.dialplan")  # the peer's own thread is already on its way in the dialplan, or not yet
    until_it_goes_on(server, "goto", 2.0)


@unconnected
def dial_heard_by_all(server: Server) -> None:
    hearing_all(server)
    channel = dialling(server, "wait")
    server.wait("StasisStart", channel=channel)
    server.pass_time(0.5)
    server.delete(f"/channels/{channel}")
    server.wait_until_gone(f"/channels/{channel}-far")


@unconnected
def dial_that_fails_heard_by_all(server: Server) -> None:
    hearing_all(server)
    until_it_goes_on(server, "busy", 1.0)


def dialling_a_phone(server: Server) -> PhoneCall:
    """A call whose far half dials a phone, and that phone."""
    user, channel = server.name("told"), server.name("caller")
    params = {"endpoint": "Local/phone@dial", "app": server.app, "channelId": channel, "otherChannelId": f"{channel}-far"}
    server.post("/channels", params, {"variables": {"PHONE": user}})
    server.pass_time(0.3)
    channels = server.send("GET", "/channels").body
    called = next((one["id"] for one in channels if one["name"].startswith("PJSIP/uas")), "")
    return server.phones.called(user, called)


@with_phones
def dial_to_a_phone_that_answers(server: Server) -> None:
    phone = dialling_a_phone(server)
    phone.ring()
    server.pass_time(0.3)
    phone.answer()
    server.wait("StasisStart")
    server.pass_time(0.3)
    phone.hang_up()
    server.pass_time(0.5)


@with_phones
def dial_to_a_phone_that_refuses(server: Server) -> None:
    phone = dialling_a_phone(server)
    phone.refuse(486, 17)
    server.pass_time(0.5)
    server.get(f"/channels/{server.name('caller')}-far/variable?variable=DIALSTATUS")
    server.get(f"/channels/{server.name('caller')}-far/variable?variable=HANGUPCAUSE")
