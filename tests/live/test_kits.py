"""The programs of docs/examples that use kits, unchanged, on the real server: callers and agents are SIP phones."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.errors import NotFound
from asterisk_ari.kits.sync import BACK, Chosen, Ivr, Voicemail
from asterisk_ari.sync import Call
from scripts.live import LiveAsterisk
from tests.live.calls import eventually
from tests.live.conftest import Connect
from tests.live.server import Server
from tests.live.sip_registration import register

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"
LONG = 60.0


class Phones:
    """SIP phones: each call has a leg of the server's as a phone, and one that the program under test has."""

    def __init__(self, packaged: LiveAsterisk, ari: Any) -> None:
        self._packaged, self.ari = packaged, ari
        self._port = int(packaged.env["SIP_PORT"])
        self._before = {one.id for one in [*ari.channels.list(), *ari.bridges.list()]}

    def register(self, name: str) -> None:
        register(self._port, name)
        eventually(lambda: self.ari.device_states(f"PJSIP/{name}").refresh().state == "NOT_INUSE", "it is not registered")

    def unregister(self, name: str) -> None:
        register(self._port, name, expires_seconds=0)

    def call_in(self, app: str) -> Any:
        """A phone calls the app over SIP; `ari` has its leg."""
        self._packaged.cli(f"dialplan add extension to_{app},1,Stasis({app}) into plain")
        return self.ari.channels.originate(f"PJSIP/to_{app}@trunk", app=self.ari.settings.app_name)

    def channels(self) -> list[Any]:
        """The channels that there are since the test began."""
        return [one for one in self.ari.channels.list() if one.id not in self._before]

    def bridges(self) -> list[Any]:
        """The bridges that there are since the test began."""
        return [one for one in self.ari.bridges.list() if one.id not in self._before]

    def of(self, name: str) -> list[Any]:
        """The channels that the server has to an endpoint, which are up."""
        return [one for one in self.channels() if one.name.startswith(f"PJSIP/{name}-") and one.state == "Up"]

    def who_hold(self) -> list[str]:
        """The channels in holding bridges."""
        return [channel for one in self.bridges() if one.type == "holding" for channel in one.json["channels"]]

    def is_recorded(self, name: str) -> bool:
        """Whether a recording goes on."""
        with suppress(NotFound):
            return bool(self.ari.recordings.live(name).refresh().state == "recording")
        return False

    def pairs(self) -> list[set[str]]:
        """Who is connected with whom: names of endpoints."""
        names = {one.id: one.name.partition("-")[0].removeprefix("PJSIP/") for one in self.channels()}
        bridges = [one for one in self.bridges() if one.type == "mixing"]
        return [{names.get(channel, "") for channel in one.json["channels"]} for one in bridges]

    def left(self) -> list[str]:
        """What is left of the test."""
        return [one.name or one.id for one in [*self.channels(), *self.bridges()]]


@pytest.fixture
def phones(packaged: LiveAsterisk, connect: Connect) -> Any:
    return Phones(packaged, connect())


@contextmanager
def running(example: str, app: str, packaged: LiveAsterisk, ari: Any) -> Iterator[Any]:
    """A program of the examples, until SIGTERM, which ends it cleanly."""
    settings = {"ARI_URL": packaged.url, "ARI_USERNAME": packaged.username, "ARI_PASSWORD": packaged.password}
    command = [sys.executable, "-u", "-W", "error", str(EXAMPLES / f"{example}.py")]
    with subprocess.Popen(
        command, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        try:
            eventually(lambda: any(one.id == app for one in ari.applications.list()), "the program never connected", LONG)
            yield program
        finally:
            program.send_signal(signal.SIGTERM)
            output, errors = program.communicate(timeout=LONG)
        assert (0, "") == (program.returncode, errors), output


@pytest.mark.parametrize("variant", ["sync"], indirect=True)
def test_queue(phones: Phones, packaged: LiveAsterisk, variant: Any) -> None:
    """One is served by an agent; one who waits leaves by a key, and leaves a message."""
    phones.register("alice")
    with running("call_queue", "queue", packaged, phones.ari) as program:
        phones.call_in("queue")
        eventually(lambda: {"handset", "alice"} in phones.pairs(), "they are not connected", LONG)
        second = phones.call_in("queue")
        second.start_moh()  # a message of silence would soon be over
        [waiting] = eventually(phones.who_hold, "the second does not wait", LONG)
        message = f"messages/{waiting}"
        second.send_dtmf("*", before_ms=300)
        eventually(lambda: phones.is_recorded(message), "no message is recorded", LONG)
        second.hangup()
        [leg] = phones.of("alice")
        phones.ari.channels.hangup(leg)
        assert "served=1, abandoned=0, overflowed=1" in program.stdout.readline()
        eventually(lambda: phones.left() == [], "channels or bridges are left", LONG)
    phones.unregister("alice")
    with suppress(NotFound):  # one that was cut short at once is not stored
        phones.ari.recordings.stored(message).delete_stored()


@pytest.mark.parametrize("variant", ["sync"], indirect=True)
def test_dialler(phones: Phones, packaged: LiveAsterisk, variant: Any) -> None:
    """One presses a key, one is busy twice, one cannot be reached."""
    packaged.cli("dialplan add extension presses,1,Answer() into plain")
    packaged.cli("dialplan add extension presses,2,Wait(0.5) into plain")
    packaged.cli("dialplan add extension presses,3,SendDTMF(1,50,200) into plain")
    packaged.cli("dialplan add extension presses,4,Milliwatt() into plain")
    arguments = ("PJSIP/presses@trunk", "PJSIP/busy@trunk", "PJSIP/nowhere")
    settings = {"ARI_URL": packaged.url, "ARI_USERNAME": packaged.username, "ARI_PASSWORD": packaged.password}
    command = [sys.executable, "-W", "error", str(EXAMPLES / "dialler.py"), *arguments]
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=LONG, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    assert sorted(done.stdout.splitlines()) == [
        "PJSIP/busy@trunk busy  (2 calls)",
        "PJSIP/nowhere failed  (1 calls)",
        "PJSIP/presses@trunk answered comes (1 calls)",
    ]
    eventually(lambda: phones.left() == [], "channels or bridges are left", LONG)


def in_room(phones: Phones) -> int:
    """How many are in a mixing bridge."""
    return sum(len(one.json["channels"]) for one in phones.bridges() if one.type.startswith("mixing"))


def hear_music(packaged: LiveAsterisk) -> bool:
    """Whether a bridge plays music on hold: Asterisk has a channel for that, of which ARI does not tell."""
    return "Announcer/ARI_MOH" in packaged.cli("core show channels concise")


def next_line(program: Any, part: str) -> str:
    """The next line of a program that has this in it; who talks is told in between."""
    while line := program.stdout.readline():
        if part in line:
            return str(line)
    raise AssertionError(f"the program has ended, and never printed {part}")


@pytest.mark.parametrize("variant", ["sync"], indirect=True)
def test_conference(phones: Phones, packaged: LiveAsterisk, variant: Any) -> None:
    """An admin hears music, a guest comes and talks, and is sent away; the music begins again, and the admin leaves."""
    with running("conference", "conference", packaged, phones.ari) as program:
        admin = phones.call_in("conference")
        admin.send_dtmf("4321", before_ms=300)
        eventually(lambda: in_room(phones) == 1 and hear_music(packaged), "one who is alone hears no music", LONG)
        guest = phones.call_in("conference")
        guest.send_dtmf("1234", before_ms=300)
        eventually(lambda: in_room(phones) == 2 and not hear_music(packaged), "the guest is not in, or music plays", LONG)
        guest.start_moh()
        assert next_line(program, "True")
        admin.send_dtmf("3", before_ms=300)
        assert "kicked" in next_line(program, "Attended")
        eventually(lambda: in_room(phones) == 1 and hear_music(packaged), "the music does not begin again", LONG)
        admin.send_dtmf("8", before_ms=300)
        assert "left" in next_line(program, "Attended")
        eventually(lambda: phones.left() == [], "channels or bridges are left", LONG)


@pytest.mark.parametrize("variant", ["sync"], indirect=True)
def test_ivr(phones: Phones, server: Server, variant: Any) -> None:
    """Into a menu within, back, and in again; keys that are typed ahead count."""
    tree = {"say": "sound:demo-instruct", "1": "sales", "2": {"say": "sound:demo-moreinfo", "1": "printers", "*": BACK}}
    ivr = Ivr(tree, first_seconds=LONG)
    chosen: list[Any] = []
    with AsteriskARI(**server.credentials, app_name="menus") as ari:

        @ari.calls()
        def serve(call: Call) -> None:
            call.answer()
            chosen.append(ivr.run(call))

        phones.call_in("menus").send_dtmf("2*21", before_ms=300)
        eventually(lambda: chosen, "nothing was chosen", LONG)
        eventually(lambda: phones.left() == [], "channels or bridges are left", LONG)
    assert chosen == [Chosen("printers", ("2", "1"))]


@pytest.mark.parametrize("variant", ["sync"], indirect=True)
def test_voicemail(phones: Phones, server: Server, variant: Any) -> None:
    """A message is left, listened to, and deleted."""
    done: list[Any] = []
    begun: list[str] = []
    with AsteriskARI(**server.credentials, app_name="mailbox") as ari:
        voicemail = Voicemail(ari, pins={"100": "47"}, max_silence_seconds=None, min_seconds=0)
        for old in voicemail.messages("100"):
            voicemail.delete(old)

        @ari.calls()
        def serve(call: Call) -> None:
            call.answer()
            done.append(voicemail.leave(call, "100"))
            done.append(voicemail.messages("100"))
            done.append(voicemail.listen(call, "100"))

        ari.on("RecordingStarted", lambda event: begun.append("message"))
        ari.on("PlaybackStarted", lambda event: begun.append(event["playback"]["media_uri"]))
        caller = phones.call_in("mailbox")
        caller.start_moh()  # a phone that says nothing sends nothing
        eventually(lambda: "message" in begun, "no message is recorded", LONG)
        caller.send_dtmf("#", before_ms=2000)  # the beep is over by then
        eventually(lambda: len(done) == 2, "the message goes on", LONG)
        caller.send_dtmf("47", before_ms=300)
        heard = done[0].name.replace("/message-", "/heard-")
        eventually(lambda: f"recording:{heard}" in begun, "the message is not played", LONG)
        caller.send_dtmf("7", before_ms=300)
        eventually(lambda: len(done) == 3, "they listen for ever", LONG)
        assert (done[0].reason, [one.name for one in done[1]], done[2]) == ("key", [done[0].name], True)
        assert voicemail.messages("100") == []
        eventually(lambda: phones.left() == [], "channels or bridges are left", LONG)
