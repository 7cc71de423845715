"""Transfers with SIP phones: what REFER asks for, what NOTIFY tells, and who talks with whom in the end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.errors import NotSupportedByServer
from asterisk_ari.sync import Answered, Call, TransferRequest
from scripts.live import LiveAsterisk
from tests.live.calls import LIMIT, eventually, fresh, place
from tests.live.conftest import Connect
from tests.live.server import Server
from tests.live.sip_phone import SipCall, SipPhones

EXAMPLE = Path(__file__).resolve().parents[2] / "docs/examples/transfers.py"


class House:
    """Phones, a client with a program that connects callers with whom they name, and what the server has."""

    def __init__(self, server: LiveAsterisk, phones: SipPhones, ari: AsteriskARI) -> None:
        self.server, self.phones, self.ari = server, phones, ari
        self.requests: list[tuple[str, str]] = []
        self.results: list[str] = []
        self.by_channels = False
        self.others = self.objects()
        ari.calls()(self.serve)

    def serve(self, call: Call) -> None:
        call.answer()
        # A caller of the name of an endpoint would be asked for a password.
        match call.dial(f"PJSIP/{call.caller['name'].removeprefix('to-')}@uas"):
            case Answered(leg) if self.by_channels:
                self.ari.talk(call.channel, leg.channel, on_transfer=self.follow)
            case Answered(leg):
                call.talk(leg, on_transfer=self.follow)

    def follow(self, request: TransferRequest[Call]) -> None:
        self.requests.append((request.kind, request.target))
        if request.target != "no":
            target = f"PJSIP/{request.target}@uas" if request.kind == "blind" else None
            self.results.append(type(request.complete(target, ringback=None)).__name__)

    def call(self, name: str) -> tuple[SipCall, SipCall]:
        """Somebody calls a phone, and talks with it."""
        caller = self.phones.dial(f"app-{self.ari.settings.app_name}", caller=f"to-{name}")
        called = self.phones.rung(name)
        self.talk(caller, called)
        return caller, called

    def talk(self, *calls: SipCall) -> None:
        """Wait until these calls are in one bridge, alone."""
        ids = {call.call_id for call in calls}

        def together() -> bool:
            names = {one.json["protocol_id"]: one.id for one in self.ari.channels.list()}
            wanted = {names.get(one) for one in ids}
            return any(set(bridge.json["channels"]) == wanted for bridge in self.ari.bridges.list())

        eventually(together)

    def objects(self) -> set[str]:
        """The ids of all channels and bridges that the server has."""
        return {one.id for one in (*self.ari.channels.list(), *self.ari.bridges.list())}

    def empty(self) -> bool:
        """Whether neither channels nor bridges are left, but for those of other tests."""
        return not self.objects() - self.others


@pytest.fixture
def phones(packaged: LiveAsterisk) -> Iterator[SipPhones]:
    env = packaged.env
    with SipPhones(int(env["UAS_PORT"]), int(env["SIP_PORT"])) as answering:
        yield answering


@pytest.fixture
def house(server: Server, packaged: LiveAsterisk, phones: SipPhones) -> Iterator[House]:
    if "channels.transfer_progress" not in server.operations:
        pytest.skip(f"{server.name} makes transfers itself")
    with AsteriskARI(**server.credentials, app_name=fresh("app")) as ari:
        made = House(packaged, phones, ari)
        yield made
        eventually(made.empty)


@pytest.mark.parametrize("by_channels", [False, True])
def test_blind(house: House, by_channels: bool) -> None:
    """The phone has the call on hold, as phones do; it is told, and hung up."""
    house.by_channels = by_channels
    ann, alice = house.call("alice")
    alice.hold()
    alice.refer_to("bob")
    assert alice.referred == 202
    alice.wait_notified(200)
    alice.wait_ended()
    house.talk(ann, house.phones.rung("bob"))
    house.phones.rung("bob").hang_up()
    ann.wait_ended()
    assert alice.notified == [100, 200]
    assert (house.requests, house.results) == ([("blind", "bob")], ["Transferred"])


def test_blind_to_one_who_is_busy_to_nobody_and_to_one_whom_the_program_refuses(house: House) -> None:
    """The phone is told each time, and talks with the other one."""
    ann, alice = house.call("alice")
    for target, told in (("486", [100, 503]), ("603", [100, 603]), ("no", [100, 603]), ("x/y z", [100, 503])):
        alice.refer_to(target.replace("/", "%2F").replace(" ", "%20"))
        eventually(lambda told=told: alice.notified == told, f"{target}: NOTIFY said {alice.notified}")  # type: ignore[misc]
        house.talk(ann, alice)
    alice.refer("<sip:x@127.0.0.1?Replaces=nowhere%3Bto-tag%3D1%3Bfrom-tag%3D2>")
    eventually(lambda: alice.notified == [100, 503])
    house.talk(ann, alice)
    assert house.requests[-1] == ("attended", "x")
    alice.hang_up()
    ann.wait_ended()


@pytest.mark.parametrize("to", ["nonsense", "<sip:>", "<http://x/y>"])
def test_what_is_no_address_is_refused_by_the_server(house: House, to: str) -> None:
    ann, alice = house.call("alice")
    alice.refer(to)
    assert alice.referred == 400
    house.talk(ann, alice)
    ann.hang_up()
    alice.wait_ended()
    assert house.requests == []


@pytest.mark.parametrize("by", ["called", "caller"])
def test_the_phone_hangs_up_at_once(house: House, by: str) -> None:
    """The two others are connected all the same, also where it is the phone whose call the program is about."""
    ann, alice = house.call("alice")
    asking, other = (alice, ann) if by == "called" else (ann, alice)
    asking.refer_to("bob")
    asking.hang_up()
    bob = house.phones.rung("bob")
    house.talk(other, bob)
    assert house.requests[:1] == [("blind", "bob")]
    other.hang_up()
    bob.wait_ended()


def test_attended(house: House) -> None:
    """Alice has a call, calls Bob, and connects the two."""
    ann, alice = house.call("alice")
    alice.hold()
    second, bob = house.call("bob")
    alice.refer_to_call(second)
    alice.wait_notified(200)
    house.talk(ann, bob)
    alice.wait_ended()
    second.wait_ended()
    bob.hang_up()
    ann.wait_ended()
    assert house.results == ["Transferred"]


def test_a_release_without_it_says_so(connect: Connect, server: Server) -> None:
    if "channels.transfer_progress" in server.operations:
        pytest.skip("this release has transfers by the app; tested above")
    ari = connect()
    near, _far = place(ari)
    with ari.call(near) as call, pytest.raises(NotSupportedByServer, match="channels.transfer_progress needs"):
        call.own_transfers()


# -- the example, unchanged, in a process of its own --


@pytest.fixture
def reception(house: House) -> Iterator[tuple[SipCall, SipCall]]:
    """A caller who talks with Alice."""
    credentials = {"ARI_URL": house.server.url, "ARI_USERNAME": house.server.username, "ARI_PASSWORD": house.server.password}
    for name in ("alice", "bob"):
        house.phones.register(name, name)
    apps = house.ari.applications
    with subprocess.Popen([sys.executable, "-u", str(EXAMPLE)], env={**os.environ, **credentials}) as program:
        try:
            eventually(lambda: "transfers" in [app.id for app in apps.list()], seconds=60.0)
            ann = house.phones.dial("app-transfers", caller="ann")
            alice = house.phones.rung("alice")
            house.talk(ann, alice)
            yield ann, alice
        finally:
            program.terminate()
            status = program.wait(LIMIT)
        assert status == 0


def bobs(house: House) -> int:
    return sum(one.user == "bob" and one.is_up and not one.has_ended for one in list(house.phones.calls.values()))


def test_the_example_by_keys(house: House, reception: tuple[SipCall, SipCall]) -> None:
    """Alice asks Bob, takes the caller back, and hands it on."""
    ann, alice = reception
    alice.press_until("2", lambda: bobs(house))
    house.talk(alice, house.phones.rung("bob"))
    alice.press_until("*", lambda: not bobs(house))
    house.talk(ann, alice)
    alice.press_until("1", lambda: bobs(house))
    alice.wait_ended()
    house.talk(ann, house.phones.rung("bob"))
    ann.hang_up()
    house.phones.rung("bob").wait_ended()
    assert bobs(house) == 0


def test_the_example_by_the_phone(house: House, reception: tuple[SipCall, SipCall]) -> None:
    ann, alice = reception
    alice.refer_to("0900")
    alice.wait_notified(603)
    alice.refer_to("101")
    alice.wait_notified(200)
    assert alice.notified[-1] == 200
    house.talk(ann, house.phones.rung("bob"))
    house.phones.rung("bob").hang_up()
    ann.wait_ended()
