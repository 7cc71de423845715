"""Calls of SIP phones: how they begin, are held and end."""

from tests.contract.calls import bridge, enter
from tests.contract.driver import Server
from tests.contract.phones import PhoneCall
from tests.contract.scenarios import with_phones


def calling(server: Server, caller: str) -> tuple[PhoneCall, str]:
    """A phone that calls the app, and its channel, which the app hears of until its end."""
    phone = server.phones.call(f"app-{server.app}", caller)
    channel = str(server.wait("StasisStart")["channel"]["id"])
    server.post(f"/applications/{server.app}/subscription", {"eventSource": f"channel:{channel}"}, reduce=lambda _: "<app>")
    return phone, channel


def answered(server: Server, caller: str = "ann") -> tuple[PhoneCall, str]:
    """A phone that has called the app and was answered, and its channel."""
    phone, channel = calling(server, caller)
    server.post(f"/channels/{channel}/answer")
    server.pass_time()
    return phone, channel


def called(server: Server, user: str = "told") -> tuple[PhoneCall, str]:
    """A phone that the app calls and that has not said anything yet, and its channel."""
    user, channel = server.name(user), server.name("called")
    server.post("/channels", {"endpoint": f"PJSIP/{user}@uas", "app": server.app, "channelId": channel})
    server.pass_time(0.2)
    return server.phones.called(user, channel), channel


def over(server: Server, channel: str) -> None:
    server.wait("ChannelDestroyed", channel=channel)


@with_phones
def a_caller_hangs_up(server: Server) -> None:
    phone, channel = answered(server)
    phone.hang_up()
    over(server, channel)


@with_phones
def a_caller_hangs_up_with_a_reason(server: Server) -> None:
    for cause in (16, 17, 31, 1, 18, 19, 21, 22, 27, 28, 29, 34, 38, 58, 127):
        phone, channel = answered(server, f"ann{cause}")
        phone.hang_up(cause)
        over(server, channel)


@with_phones
def a_caller_gives_up(server: Server) -> None:
    phone, channel = calling(server, "ann")
    phone.cancel()
    over(server, channel)


@with_phones
def a_caller_gives_up_who_hears_ringing(server: Server) -> None:
    phone, channel = calling(server, "ann")
    server.post(f"/channels/{channel}/ring")
    server.pass_time(0.2)
    phone.cancel()
    over(server, channel)


@with_phones
def the_app_hangs_up_a_caller(server: Server) -> None:
    for reason in ("normal", "busy", "no_answer"):
        _, channel = answered(server, reason)
        server.delete(f"/channels/{channel}", {"reason": reason})
        over(server, channel)


@with_phones
def the_app_refuses_a_caller(server: Server) -> None:
    for reason in ("busy", "normal", "congestion", "no_answer"):
        _, channel = calling(server, reason)
        server.delete(f"/channels/{channel}", {"reason": reason})
        over(server, channel)


@with_phones
def a_caller_goes_on_in_the_dialplan(server: Server) -> None:
    phone, channel = answered(server)
    server.post(f"/channels/{channel}/continue", {"context": "from-ua", "extension": "1000", "priority": "1"})
    server.wait("StasisEnd", channel=channel)
    server.pass_time(0.2)
    phone.hang_up()
    server.wait_until_gone(f"/channels/{channel}")


@with_phones
def a_called_phone_answers_and_hangs_up(server: Server) -> None:
    phone, channel = called(server)
    phone.ring()
    server.pass_time(0.2)
    phone.answer()
    server.wait("StasisStart", channel=channel)
    server.pass_time(0.2)
    phone.hang_up()
    over(server, channel)


@with_phones
def a_called_phone_is_hung_up(server: Server) -> None:
    phone, channel = called(server)
    phone.answer()
    server.wait("StasisStart", channel=channel)
    server.delete(f"/channels/{channel}")
    over(server, channel)


@with_phones
def a_called_phone_sends_early_media(server: Server) -> None:
    phone, channel = called(server)
    phone.progress()
    server.pass_time(0.2)
    phone.ring()
    server.pass_time(0.2)
    phone.answer()
    server.wait("StasisStart", channel=channel)


@with_phones
def called_phones_refuse(server: Server) -> None:
    for status, cause in ((486, 17), (603, 21), (480, 19), (404, 1), (488, 58), (503, 34)):
        phone, channel = called(server, f"told{status}")
        phone.refuse(status, cause)
        over(server, channel)


@with_phones
def a_called_phone_rings_and_refuses(server: Server) -> None:
    phone, channel = called(server)
    phone.ring()
    server.pass_time(0.2)
    phone.refuse(486, 17)
    over(server, channel)


@with_phones
def a_called_phone_is_given_up(server: Server) -> None:
    for reason in ("normal", "busy", "answered_elsewhere"):
        phone, channel = called(server, f"told-{reason}")
        phone.ring()
        server.pass_time(0.2)
        server.delete(f"/channels/{channel}", {"reason": reason})
        over(server, channel)


@with_phones
def headers_of_a_call(server: Server) -> None:
    headers = {"X-Order": "4711", "X-Two": "one", "P-Asserted-Identity": "<sip:9@127.0.0.1>"}
    phone = server.phones.call(f"app-{server.app}", "ann", headers)
    channel = str(server.wait("StasisStart")["channel"]["id"])
    for item in (
        "read,X-Order",
        "read,x-order",
        "read,X-Order,1",
        "read,X-Order,2",
        "read,X-Missing",
        "read,",
        "nosuch,X-Order",
        "",
    ):
        server.get(f"/channels/{channel}/variable?variable=PJSIP_HEADER({item})", ignores_message=True)
    server.post(f"/channels/{channel}/variable", {"variable": "PJSIP_HEADER(add,X-New)", "value": "1"})
    server.post(f"/channels/{channel}/answer")
    server.get(f"/channels/{channel}/variable?variable=PJSIP_HEADER(read,X-Two)", ignores_message=True)
    server.get(f"/channels/{channel}/variable?variable=PJSIP_HEADER(read,X-New)", ignores_message=True)
    server.get(f"/channels/{channel}/variable?variable=PJSIP_HEADERS(X-)", ignores_message=True)
    server.pass_time()
    phone.hang_up()
    server.wait("StasisEnd", channel=channel)


@with_phones
def a_phone_holds_twice(server: Server) -> None:
    phone, channel = answered(server)
    for act in (phone.hold, phone.hold, phone.unhold, phone.unhold, phone.hold):
        act()
        server.pass_time(0.3)
    phone.hang_up()
    over(server, channel)


@with_phones
def two_phones_in_a_bridge(server: Server) -> None:
    ann, first = answered(server, "ann")
    ben, second = answered(server, "ben")
    both = bridge(server)
    enter(server, both, first)
    enter(server, both, second)
    ann.hold()
    server.pass_time(0.3)
    ann.unhold()
    server.pass_time(0.3)
    ann.hang_up()
    over(server, first)
    server.delete(f"/bridges/{both}")
    server.pass_time(0.3)
    server.delete(f"/channels/{second}")
    over(server, second)


@with_phones
def three_phones_in_a_bridge(server: Server) -> None:
    calls = [answered(server, name) for name in ("ann", "ben", "cleo")]
    all_of_them = bridge(server)
    for _, channel in calls:
        enter(server, all_of_them, channel)
    for phone, channel in calls:
        phone.hang_up()
        over(server, channel)


@with_phones
def a_phone_that_holds_with_hold_intercept(server: Server) -> None:
    ann, first = answered(server, "ann")
    _, second = answered(server, "ben")
    both = bridge(server)
    enter(server, both, first)
    enter(server, both, second)
    server.get(f"/channels/{first}/variable?variable=HOLD_INTERCEPT()", ignores_message=True)
    server.post(f"/channels/{first}/variable", {"variable": "HOLD_INTERCEPT(set)", "value": ""})
    for act in (ann.hold, ann.hold, ann.unhold):
        act()
        server.pass_time(0.3)
    server.post(f"/channels/{first}/variable", {"variable": "HOLD_INTERCEPT(remove)", "value": ""})
    ann.hold()
    server.pass_time(0.3)
    ann.hang_up()
    over(server, first)
