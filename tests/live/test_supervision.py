"""A supervisor on a call of an agent with a customer: who hears whom, measured by tones, in both variants."""

from collections.abc import Iterator
from typing import Any

import pytest

from asterisk_ari.errors import CallEnded
from scripts.live import LiveAsterisk
from tests.live.calls import LIMIT, eventually, place
from tests.live.sip_phone import SipPhones
from tests.live.tones import Phone, SipVoice, heard_by

HERTZ = {"customer": 500, "agent": 800, "supervisor": 1300}
HEARD = {
    "spy": {"customer": {"agent"}, "agent": {"customer"}, "supervisor": {"customer", "agent"}},
    "coach": {"customer": {"agent"}, "agent": {"customer", "supervisor"}, "supervisor": {"customer", "agent"}},
    "barge": {"customer": {"agent", "supervisor"}, "agent": {"customer", "supervisor"}, "supervisor": {"customer", "agent"}},
}
ALONE = {"customer": {"agent"}, "agent": {"customer"}, "supervisor": set[str]()}


class Floor:
    """An agent who talks with a customer, and a supervisor; all are in the app, and each phone speaks its tone."""

    def __init__(self, ari: Any, *, speak: bool = True) -> None:
        self.ari = ari
        self.near: dict[str, Any] = {}
        self.far: dict[str, Any] = {}
        for name in HERTZ:
            self.near[name], self.far[name] = place(ari, stays=True)
        self.phones = {name: Phone(ari, self.far[name], hertz) for name, hertz in HERTZ.items()} if speak else {}
        self.talk = ari.bridges.create("mixing")
        self.talk.add_channel([self.near["customer"].id, self.near["agent"].id])
        self._bridges = {one.id for one in ari.bridges.list()}

    def close(self) -> None:
        """End its bridges."""
        self.talk.destroy()
        for phone in self.phones.values():
            phone.close()

    def left(self) -> set[str]:
        """Bridges and snoop channels that have come since."""
        bridges = {one.id for one in self.ari.bridges.list()} - self._bridges
        return bridges | {one.id for one in self.ari.channels.list() if one.name.startswith("Snoop/")}


@pytest.fixture
def floor(ari: Any, stored_files: None) -> Iterator[Floor]:
    made = Floor(ari)
    yield made
    made.close()


def test_who_hears_whom(floor: Floor) -> None:
    """One role after the other, on the same calls; the customer never hears a coach."""
    with floor.ari.call(floor.near["supervisor"]) as supervisor, floor.ari.call(floor.near["agent"]) as agent:
        assert heard_by(floor.phones) == ALONE
        for role, expected in HEARD.items():
            supervision = getattr(agent, role)(by=supervisor)
            assert heard_by(floor.phones) == expected, role
            supervision.end()
            assert supervision.has_ended
            assert supervision.wait_ended(LIMIT) is None
        assert heard_by(floor.phones) == ALONE
        eventually(lambda: not floor.left())


def test_who_hears_whom_over_sip(ari: Any, packaged: LiveAsterisk) -> None:
    """The same with SIP phones: each tone is sent as RTP, and looked for in the RTP that arrives at the others."""
    env = packaged.env
    legs: dict[str, Any] = {}
    voices: dict[str, SipVoice] = {}
    with SipPhones(int(env["UAS_PORT"]), int(env["SIP_PORT"])) as phones:
        for name, hertz in HERTZ.items():
            with ari.expect("StasisStart") as arrived:
                phone = phones.begin(f"app-{ari.settings.app_name}", caller=f"c-{name}")
                legs[name] = ari.channels(arrived.result(LIMIT)["channel"]["id"])
            legs[name].answer()
            eventually(lambda phone=phone: phone.is_up, f"{name} is not up")  # type: ignore[misc]
            voices[name] = SipVoice(phone, hertz)
        talk = ari.bridges.create("mixing")
        talk.add_channel([legs["customer"].id, legs["agent"].id])
        with ari.call(legs["supervisor"]) as supervisor, ari.call(legs["agent"]) as agent:
            assert heard_by(voices) == ALONE
            for role, expected in HEARD.items():
                supervision = getattr(agent, role)(by=supervisor)
                assert heard_by(voices) == expected, role
                supervision.end()
            assert heard_by(voices) == ALONE
        talk.destroy()


@pytest.mark.parametrize("who", ["agent", "supervisor"])
@pytest.mark.parametrize("speak", [True, False], ids=["audio", "silence"])
def test_it_ends_with_either_side(ari: Any, who: str, speak: bool) -> None:
    """The other side is given back; the snoop channel and the bridge are gone."""
    floor = Floor(ari, speak=speak)
    other = "supervisor" if who == "agent" else "agent"
    with ari.call(floor.near["supervisor"]) as supervisor, ari.call(floor.near["agent"]) as agent:
        coaching = agent.coach(by=supervisor)
        floor.far[who].hangup()
        assert coaching.wait_ended(LIMIT) == {"agent": agent, "supervisor": supervisor}[who]
        assert floor.near[other].refresh().json["state"] == "Up"
        # A snoop channel whose target is silent is taken away with its target's next audio, which is Asterisk's doing.
        gone = coaching.snoop.id
        eventually(lambda: floor.left() <= (set() if speak or who == "agent" else {gone}))
    eventually(lambda: not floor.left())
    floor.close()


def test_one_who_has_left_is_named(floor: Floor) -> None:
    with floor.ari.call(floor.near["supervisor"]) as supervisor, floor.ari.call(floor.near["agent"]) as agent:
        for name in ("supervisor", "agent"):
            with floor.near[name].expect("ChannelDestroyed") as destroyed:
                floor.far[name].hangup()
                destroyed.result(LIMIT)
            with pytest.raises(CallEnded) as caught:
                agent.coach(by=supervisor)
            expected = {"supervisor"} if name == "supervisor" else {"supervisor", "agent"}
            assert caught.value.call_id in {floor.near[one].id for one in expected}
        eventually(lambda: not floor.left())


def test_listening_for_a_recording_needs_no_supervisor(floor: Floor) -> None:
    with floor.ari.call(floor.near["agent"]) as agent:
        spying = agent.spy()
        assert spying.snoop.target == floor.near["agent"]
        floor.far["agent"].hangup()
        assert spying.wait_ended(LIMIT) == agent
    eventually(lambda: not floor.left())
