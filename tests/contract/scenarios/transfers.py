"""Transfers that a phone asks for by REFER: those of Asterisk itself, and those that are left to the app."""

from tests.contract.calls import bridge, caller, enter
from tests.contract.driver import Server
from tests.contract.phones import PhoneCall
from tests.contract.scenarios import with_phones
from tests.contract.scenarios.phones import answered

SECONDS = 1.0
LINKS = ("replace_channel", "destination_link_first_leg", "destination_link_second_leg")


def talking(server: Server, name: str, first: str, second: str) -> list[tuple[PhoneCall, str]]:
    """Two phones that have called the app, in a bridge."""
    calls = [answered(server, first), answered(server, second)]
    both = bridge(server, name)
    for _, channel in calls:
        enter(server, both, channel)
    server.pass_time(0.5)
    return calls


def transferred(server: Server, phone: PhoneCall, event_type: str) -> None:
    """Wait for the transfer, and look at what has taken the place of who transfers."""
    event = server.wait(event_type)
    notified(server, phone)
    for key in LINKS:
        if key in event:
            server.get(f"/channels/{event[key]['id']}")


def notified(server: Server, phone: PhoneCall) -> None:
    # Whether they know yet whom they connect is chance.
    server.ignore_fields("BridgeAttendedTransfer", *LINKS)
    server.pass_time(SECONDS)
    server.steps.append({"notified": phone.notified})


@with_phones
def blind_transfer(server: Server) -> None:
    (ann, first), (ben, second) = talking(server, "bridge", "ann", "ben")
    ben.refer("1000")
    transferred(server, ben, "BridgeBlindTransfer")
    server.get(f"/channels/{first}")
    server.get(f"/channels/{second}")
    ann.hang_up()
    server.wait_until_gone(f"/channels/{first}")


@with_phones
def blind_transfer_into_the_app(server: Server) -> None:
    (ann, first), (ben, _) = talking(server, "bridge", "ann", "ben")
    ben.refer(f"app-{server.app}")
    transferred(server, ben, "BridgeBlindTransfer")
    ann.hang_up()
    server.wait("ChannelDestroyed", channel=first)


@with_phones
def blind_transfer_to_nobody(server: Server) -> None:
    (_, first), (ben, second) = talking(server, "bridge", "ann", "ben")
    ben.refer("%2B1")
    notified(server, ben)
    server.get(f"/channels/{first}")
    server.get(f"/channels/{second}")


@with_phones
def blind_transfer_of_two(server: Server) -> None:
    """With more than one to be transferred a Local channel goes in their place."""
    (_, first), (ben, second) = talking(server, "bridge", "ann", "ben")
    _, third = answered(server, "cleo")
    enter(server, server.name("bridge"), third)
    ben.refer("1000")
    transferred(server, ben, "BridgeBlindTransfer")
    server.get(f"/bridges/{server.name('bridge')}")
    server.delete(f"/channels/{first}")
    server.delete(f"/channels/{third}")


@with_phones
def blind_transfer_of_one_who_is_alone(server: Server) -> None:
    ben, channel = answered(server, "ben")
    ben.refer("1000")
    notified(server, ben)
    server.get(f"/channels/{channel}")
    enter(server, bridge(server), channel)
    ben.refer("1000")
    notified(server, ben)
    server.get(f"/channels/{channel}")


@with_phones
def blind_transfer_of_a_local_channel(server: Server) -> None:
    near = caller(server, "near")
    ben, second = answered(server, "ben")
    both = bridge(server)
    enter(server, both, near)
    enter(server, both, second)
    ben.refer("1000")
    transferred(server, ben, "BridgeBlindTransfer")
    server.delete(f"/channels/{near}")


@with_phones
def attended_transfer(server: Server) -> None:
    (_, first), (one, second) = talking(server, "bridge", "ann", "dora")
    (two, third), (_, fourth) = talking(server, "other", "dora", "ben")
    one.refer_to_call_of(two)
    transferred(server, one, "BridgeAttendedTransfer")
    for channel in (first, second, third, fourth):
        server.get(f"/channels/{channel}")


@with_phones
def attended_transfer_to_a_call_in_the_app(server: Server) -> None:
    (_, first), (one, second) = talking(server, "bridge", "ann", "dora")
    two, third = answered(server, "dora")
    one.refer_to_call_of(two)
    transferred(server, one, "BridgeAttendedTransfer")
    for channel in (first, second, third):
        server.get(f"/channels/{channel}")


@with_phones
def attended_transfer_of_a_call_in_the_app(server: Server) -> None:
    one, first = answered(server, "dora")
    (two, second), (_, third) = talking(server, "bridge", "dora", "ann")
    one.refer_to_call_of(two)
    transferred(server, one, "BridgeAttendedTransfer")
    for channel in (first, second, third):
        server.get(f"/channels/{channel}")


@with_phones
def attended_transfer_of_two_calls_in_the_app(server: Server) -> None:
    one, first = answered(server, "dora")
    two, second = answered(server, "dora")
    one.refer_to_call_of(two)
    notified(server, one)
    for channel in (first, second):
        server.get(f"/channels/{channel}")


@with_phones
def transfer_left_to_the_app(server: Server) -> None:
    server.ignore_fields("ChannelTransfer", "referred_by")  # the technology of the bridge changes about now
    (_, first), (ben, second) = talking(server, "bridge", "ann", "ben")
    server.post(f"/channels/{second}/variable", {"variable": "PJSIP_TRANSFER_HANDLING()", "value": "ari-only"})
    ben.refer("1000")
    server.pass_time(0.5)
    server.post(f"/channels/{second}/transfer_progress", {"states": "channel_answered"}, ignores_message=True)
    notified(server, ben)
    server.delete(f"/channels/{second}")
    server.pass_time(0.3)
    server.delete(f"/channels/{first}")
