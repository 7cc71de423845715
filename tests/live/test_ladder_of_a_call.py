"""The ladder of a real call with a prompt, audio by a stream, hold and a transfer, beside what passed as SIP packets."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.sync import Answered, Call, TransferRequest
from scripts.live import LiveAsterisk
from tests.cli.recording import recording
from tests.cli.running import Run, runner
from tests.live.calls import LIMIT, eventually, fresh
from tests.live.server import given, series
from tests.live.sip_phone import SipCall, SipPacket, SipPhones

pytestmark = [
    pytest.mark.skipif(
        given() is not None or series() != "22", reason="needs SIP phones, and transfers that are left to the app"
    ),
    pytest.mark.timeout(240),
]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


@pytest.fixture
def phones(packaged: LiveAsterisk) -> Iterator[SipPhones]:
    with SipPhones(int(packaged.env["UAS_PORT"]), int(packaged.env["SIP_PORT"])) as answering:
        yield answering


def program(ari: AsteriskARI, is_over: threading.Event) -> None:
    """It greets a caller, lets a stream speak for a moment, connects with alice, and does what she asks for."""

    def follow(request: TransferRequest[Call]) -> None:
        request.complete("PJSIP/bob@uas", ringback=None)

    @ari.calls()
    def serve(call: Call) -> None:
        try:
            call.answer()
            call.say("sound:beep")
            with call.media() as media:
                media.write(b"\x10\x20" * 800)
                next(iter(media))
            match call.dial("PJSIP/alice@uas"):
                case Answered(leg):
                    call.talk(leg, on_transfer=follow)
        finally:
            is_over.set()


def place(phones: SipPhones, app: str) -> tuple[SipCall, SipCall, SipCall]:
    """Ann calls, alice puts her on hold and transfers her to bob, and Ann hangs up."""
    ann = phones.dial(f"app-{app}", caller="ann")
    alice = phones.rung("alice")
    eventually(lambda: alice.is_up)
    alice.hold()
    eventually(lambda: any("200" in one.line for one in after(phones.packets, alice, "sendonly")), "hold is not answered")
    alice.refer_to("bob")
    alice.wait_notified(200)
    alice.wait_ended()
    bob = phones.rung("bob")
    eventually(lambda: bob.is_up)
    ann.hang_up()
    bob.wait_ended()
    return ann, alice, bob


def after(packets: list[SipPacket], call: SipCall, text: str) -> list[SipPacket]:
    """What came for a call after it had sent something."""
    own = [one for one in packets if one.call_id == call.call_id]
    at = next((number for number, one in enumerate(own) if one.is_sent and text in one.body), len(own))
    return own[at + 1 :]


def drawn(run: Run, file: Path, *options: str) -> list[str]:
    ran = run("ladder", str(file), *options)
    assert ran.status == 0
    return ran.out.splitlines()


def test_it_is_what_passed(run: Run, packaged: LiveAsterisk, phones: SipPhones, tmp_path: Path) -> None:
    app, file, is_over = fresh("ladder"), tmp_path / "call.jsonl", threading.Event()
    with recording(packaged.url, file) as url:
        with AsteriskARI(url=url, username="asterisk", password="asterisk", app_name=app) as ari:
            program(ari, is_over)
            ann, alice, bob = place(phones, app)
            assert is_over.wait(LIMIT)
            eventually(lambda: not ari.stats.busy_calls)
    lines = drawn(run, file, "--width", "80")
    assert max(map(len, lines)) <= 80
    began = min(datetime.fromisoformat(json.loads(one)["at"]).timestamp() for one in drawn_from(file))
    for call, name in ((ann, "anonymous"), (alice, "uas"), (bob, "uas")):
        assert channel_of(file, call) in "\n".join(lines), name
    check_order(
        lines,
        [
            ("POST answer", sent(phones, ann, "INVITE")),
            ("sound:beep playing", None),
            ("POST /channels/externalMedia", None),
            ("dial begins", None),  # of the stream's own channel
            ("hold", sent(phones, alice, "INVITE", "sendonly")),
            ("transfer to bob", sent(phones, alice, "REFER")),
            ("transfer answered", None),
            ("hang-up, cause 16", sent(phones, ann, "BYE")),
        ],
        began,
    )
    # Asterisk tells of both at once: that the transfer is answered, and that the phone that asked for it is gone.
    check_order(lines, [("transfer to bob", None), ("leaves out of", sent(phones, alice, "REFER"))], began)
    assert sum("transfer to bob" in line for line in lines) == 1
    assert [one.line for one in phones.packets if one.is_sent and one.line.startswith("BYE")] == [
        f"BYE {ann.target} SIP/2.0"
    ]  # alice and bob were hung up by the server: their lanes say so
    assert sum("hang-up, cause 32" in line or "ended" in line for line in lines) >= 2


def drawn_from(file: Path) -> list[str]:
    """The lines of events and of requests that are drawn."""
    lines = [one for one in file.read_text().splitlines()[1:] if '"method": "GET"' not in one]
    return [one for one in lines if '"ChannelVarset"' not in one]


def channel_of(file: Path, call: SipCall) -> str:
    """The name of the channel with this SIP call, by the event record."""
    for line in file.read_text().splitlines():
        channel: Any = json.loads(line).get("event", {}).get("channel") or {}
        if channel.get("protocol_id") == call.call_id:
            return str(channel["name"])
    raise AssertionError(f"no channel has the call {call.call_id}")


def sent(phones: SipPhones, call: SipCall, method: str, text: str = "") -> float:
    """When the phone sent it."""
    return next(
        one.at
        for one in phones.packets
        if one.is_sent and one.call_id == call.call_id and one.line.startswith(method) and text in one.body
    )


def check_order(lines: list[str], wanted: list[tuple[str, float | None]], began: float) -> None:
    """Each is in the ladder behind the one before; what follows from a packet of a phone has its time, or a later one."""
    at = 0
    for text, packet in wanted:
        at = next((number for number in range(at, len(lines)) if text in lines[number]), -1)
        assert at >= 0, f"{text} is not behind the one before:\n" + "\n".join(lines)
        if packet is not None:
            row = next(line for line in lines[at:] if line[:7].strip().isdigit())  # a label may have a line of its own
            assert int(row[:7]) >= round((packet - began) * 1000) - 2, (text, row)
