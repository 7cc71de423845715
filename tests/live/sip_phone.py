"""Phones over SIP and UDP, with just as much of it as the tests need: calls, hold, REFER and what NOTIFY says of it.

A phone that is called does what the request's user says: `sip:486@…` refuses with that status, `sip:rings@…` rings on,
`sip:gone@…` answers and hangs up at once, `sip:told…@…` does what the test says, and any other user answers. They send silence, so that no channel of theirs is without audio, until they `speak` a tone; which
tones arrive at them is measured by `tests.live.tones.heard_by`, with `SipVoice` around each call. A message of theirs that
nobody responds to is sent again, as SIP over UDP wants it.
"""

import hashlib
import re
import select
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.live.calls import LIMIT, eventually
from tests.live.tones import FRAME_SAMPLES, SILENCE, frame_of, from_ulaw

REASONS = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 404: "Not Found", 480: "Temporarily Unavailable", 481: "No Such Call",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 503: "Service Unavailable", 603: "Decline",
}  # fmt: skip
# What a response repeats of its request (RFC 3261, 8.2.6.2).
_REPEATED = ("via", "from", "to", "call-id", "cseq", "record-route")
_FRAME_SECONDS = 0.02
_KEY_FRAMES, _PAUSE_FRAMES = 5, 4
_AGAIN_SECONDS = 0.5


@dataclass(frozen=True)
class SipPacket:
    """A message as it passed: when (seconds since the epoch), in which direction, its first line, method, call and body."""

    at: float
    is_sent: bool
    line: str
    method: str
    call_id: str
    body: str

    @classmethod
    def of(cls, text: str, *, is_sent: bool) -> Self:
        """The packet with this text, now."""
        head, _, body = text.partition("\r\n\r\n")
        lines = head.split("\r\n")
        return cls(time.time(), is_sent, lines[0], field(lines, "cseq").partition(" ")[2], field(lines, "call-id"), body)


class SipPhones:
    """All phones behind one port of loopback, for as long as it is entered; `asked` has the statuses that it refused with.

    `packets` are all messages that were sent and received, in this order.

    Args:
        port: where they listen; 0 takes a free one.
        server_port: where calls are placed to.
        send_audio: whether they send any; hundreds of calls at once do with the keys that they press.
    """

    def __init__(self, port: int, server_port: int = 0, *, send_audio: bool = True) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self._server = ("127.0.0.1", server_port)
        self._thread = threading.Thread(target=self._serve, name="sip-phones")
        self._is_over = False
        self._lock = threading.RLock()
        self._send_audio = send_audio
        self.asked: list[int] = []
        self.calls: dict[str, SipCall] = {}
        self.packets: list[SipPacket] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for call in [one for one in self.calls.values() if one.is_registered]:
            call.register(0)  # else the server would call a phone that is gone
            with suppress(AssertionError):  # it is gone itself
                eventually(lambda: call.is_registered, seconds=2)  # noqa: B023
        self._is_over = True
        self._thread.join()
        self._socket.close()
        for call in self.calls.values():
            call.audio.close()

    def dial(self, user: str, *, caller: str = "phone") -> "SipCall":
        """Call a user of the server, and return when it has answered."""
        call = self.begin(user, caller=caller)
        eventually(lambda: call.is_up, f"{user} has not answered")
        return call

    def begin(self, user: str, *, caller: str = "phone", headers: Mapping[str, str] | None = None) -> "SipCall":
        """Call a user of the server, with further header fields."""
        call_id = str(uuid.uuid4())
        with self._lock:
            call = SipCall(self, call_id, user, self._server)
            call.local = f'"{caller}" <sip:{caller}@127.0.0.1:{self.port}>;tag=phone'
            call.remote = f"<sip:{user}@127.0.0.1:{self._server[1]}>"
            call.target = f"sip:{user}@127.0.0.1:{self._server[1]}"
            self.calls[call_id] = call
        call.request("INVITE", call.sdp(), *(f"{name}: {value}" for name, value in (headers or {}).items()))
        return call

    def register(self, user: str, password: str) -> None:
        """Have the server call a user of it here."""
        call = SipCall(self, f"register-{user}@phones", user, self._server)
        call.local = call.remote = f"<sip:{user}@127.0.0.1:{self._server[1]}>"
        call.local += ";tag=phone"
        call.target = f"sip:127.0.0.1:{self._server[1]}"
        call.password = password
        with self._lock:
            self.calls[call.call_id] = call
        call.register(600)
        eventually(lambda: call.is_registered, f"{user} is not registered")

    def rung(self, user: str) -> "SipCall":
        """The newest call to a user of these phones; waits for it."""
        return eventually(
            lambda: next((one for one in reversed([*self.calls.values()]) if one.user == user and not one.password), None),
            f"nobody called {user}",
        )

    def forget_ended(self) -> None:
        """Forget the calls that are over."""
        with self._lock:
            for call in [one for one in self.calls.values() if one.has_ended]:
                call.audio.close()
                del self.calls[call.call_id]

    def send(self, text: str, address: tuple[str, int]) -> None:
        """Send a message."""
        self.packets.append(SipPacket.of(text, is_sent=True))
        self._socket.sendto(text.encode(), address)

    def _serve(self) -> None:
        due = time.monotonic()
        while not self._is_over:
            readable, _, _ = select.select([self._socket], [], [], max(0.0, due - time.monotonic()))
            with self._lock:
                if readable:
                    datagram, sender = self._socket.recvfrom(65_535)
                    self._take(datagram.decode("utf-8", "replace"), sender)
                if time.monotonic() >= due:
                    due = time.monotonic() + _FRAME_SECONDS
                    for call in self.calls.values():
                        call.tick(due, send_audio=self._send_audio)

    def _take(self, text: str, sender: tuple[str, int]) -> None:
        self.packets.append(SipPacket.of(text, is_sent=False))
        head, _, body = text.partition("\r\n\r\n")
        lines = head.split("\r\n")
        call = self.calls.get(field(lines, "call-id"))
        if lines[0].startswith("SIP/2.0 "):
            if call is not None:
                call.take_response(int(lines[0].split()[1]), lines, body)
            return
        method = lines[0].split()[0]
        if call is None and method == "INVITE":
            user = re.match(r"INVITE sip:([^@;>]*)@", lines[0])
            call = SipCall(self, field(lines, "call-id"), user[1] if user else "", sender)
            if re.fullmatch(r"\d{3}", call.user):
                self.asked.append(int(call.user))
            self.calls[call.call_id] = call
        if call is not None:
            call.take_request(method, lines, body, sender)
        elif method != "ACK":
            self.send(response(lines, 200 if method == "OPTIONS" else 481), sender)


class SipCall:
    """One call of a phone.

    `notified` has the statuses that NOTIFY told of its last REFER, and `referred` the status of the REFER itself.
    """

    def __init__(self, phones: SipPhones, call_id: str, user: str, address: tuple[str, int]) -> None:
        self._phones = phones
        self._address = address
        self.call_id = call_id
        self.user = user
        self.password = ""
        self._expires_seconds, self.is_registered = 0, False
        self.is_up = False
        self.has_ended = False
        self.local = self.remote = self.target = ""
        self.referred = 0
        self.notified: list[int] = []
        self.audio = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.audio.bind(("127.0.0.1", 0))
        self._sends_audio_to: tuple[str, int] | None = None
        self._frames = self._packets = 0
        self._keys: list[tuple[int, int]] = []
        self._sequence = 0
        self._audio_frame = SILENCE
        self._branch = ""
        self._without_response: tuple[str, float] | None = None
        self._invite: list[str] = []
        self._notifies: set[str] = set()

    # -- what a test does --

    def refer(self, to: str) -> None:
        """Ask for a transfer to an address; `replacing` makes one of another call. Returns when it is accepted or refused."""
        self.referred, self.notified = 0, []
        self.request("REFER", "", f"Refer-To: {to}", f"Referred-By: {self.local.partition(';tag')[0]}")
        eventually(lambda: self.referred, "no answer to REFER")

    def refer_to(self, user: str) -> None:
        """Ask for a blind transfer to a user of the server."""
        self.refer(f"<sip:{user}@127.0.0.1:{self._phones._server[1]}>")

    def refer_to_call(self, other: "SipCall") -> None:
        """Ask for an attended transfer to whom another call of this phone is with."""
        tags = [one.rpartition("tag=")[2] for one in (other.remote, other.local)]
        replaces = f"{other.call_id}%3Bto-tag%3D{tags[0]}%3Bfrom-tag%3D{tags[1]}".replace("@", "%40")
        self.refer(f"<{other.target.split(';')[0]}?Replaces={replaces}>")

    def hold(self) -> None:
        """Put the far end on hold."""
        self.request("INVITE", self.sdp("sendonly"))

    def unhold(self) -> None:
        """Take the far end off hold."""
        self.request("INVITE", self.sdp())

    def ring(self) -> None:
        """Ring: of a call that it is told about."""
        with self._phones._lock:
            self._phones.send(response(self._invite, 180), self._address)

    def progress(self) -> None:
        """Send early media: of a call that it is told about."""
        contact = f"Contact: <sip:{self.user}@127.0.0.1:{self._phones.port}>"
        with self._phones._lock:
            text = response(self._invite, 183, self.sdp(), contact, "Content-Type: application/sdp")
            self._phones.send(text, self._address)

    def refuse(self, status: int) -> None:
        """Refuse a call that was not answered."""
        with self._phones._lock:
            self.has_ended = True
            self._phones.send(response(self._invite, status), self._address)

    def answer(self) -> None:
        """Answer a call that rings."""
        with self._phones._lock:
            self.is_up = True
            self._phones.send(self._accepted(self._invite), self._address)

    def hang_up(self, cause: int | None = None) -> None:
        """Hang up a call that is up; with a cause, a Reason says it."""
        with self._phones._lock:
            if not self.has_ended:
                self.has_ended = True
                self.request("BYE", "", *([] if cause is None else [f"Reason: Q.850;cause={cause}"]))

    def cancel(self) -> None:
        """Give up a call that was not answered."""
        with self._phones._lock:
            self.request("CANCEL", sequence=1, branch=self._branch)

    def wait_ended(self) -> None:
        """Wait until it is over."""
        eventually(lambda: self.has_ended, f"the call of {self.user} goes on", LIMIT)

    def wait_notified(self, status: int) -> None:
        """Wait until NOTIFY has told a status."""
        eventually(lambda: status in self.notified, f"NOTIFY said {self.notified}, not {status}")

    def press(self, key: str) -> None:
        """Press a key for 100 ms, when those that are pressed before have been let go."""
        with self._phones._lock:
            self._keys += [("0123456789*#".index(key), frame) for frame in range(_KEY_FRAMES + _PAUSE_FRAMES)]

    def press_until(self, key: str, condition: Callable[[], Any]) -> None:
        """Press a key, again and again: a program that is not waiting for one yet does not hear it."""

        def pressed() -> bool:
            self.press(key)
            try:
                return bool(eventually(condition, seconds=1.0))
            except AssertionError:
                return False

        eventually(pressed)

    def speak(self, hertz: int | None) -> None:
        """Send a tone from now on; None: silence."""
        self._audio_frame = SILENCE if hertz is None else frame_of(hertz)

    def forget_audio(self) -> None:
        """Forget what has arrived so far."""
        self._received_audio()

    def heard(self) -> list[int]:
        """The samples that have arrived since `forget_audio`, or since this was called last."""
        return [sample for packet in self._received_audio() for sample in from_ulaw(packet[12:])]

    def _received_audio(self) -> list[bytes]:
        packets = []
        with suppress(BlockingIOError):
            while True:
                packet = self.audio.recv(2048, socket.MSG_DONTWAIT)
                if len(packet) == 12 + FRAME_SAMPLES and packet[1] & 0x7F == 0:  # G.711 alone, no keys
                    packets.append(packet)
        return packets

    # -- SIP --

    def sdp(self, direction: str = "sendrecv") -> str:
        """What this phone offers."""
        lines = [
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
            f"m=audio {self.audio.getsockname()[1]} RTP/AVP 0 101", "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", f"a={direction}",
        ]  # fmt: skip
        return "".join(line + "\r\n" for line in lines)

    def register(self, expires_seconds: int) -> None:
        """Register, or with 0 unregister; `is_registered` says when the server has confirmed it."""
        self._expires_seconds, self.is_registered = expires_seconds, False
        self.request("REGISTER", "", f"Expires: {expires_seconds}")

    def request(self, method: str, body: str = "", *fields: str, sequence: int = 0, branch: str = "") -> None:
        """Send a request."""
        with self._phones._lock:
            self._sequence += not sequence
            branch = branch or f"z9hG4bK{time.time_ns():x}"
            if method == "INVITE":
                self._branch = branch
            contact = f"<sip:{self.user}@127.0.0.1:{self._phones.port}>"
            lines = [
                f"{method} {self.target} SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{self._phones.port};branch={branch};rport",
                f"From: {self.local}", f"To: {self.remote}", f"Call-ID: {self.call_id}",
                f"CSeq: {sequence or self._sequence} {method}", f"Contact: {contact}", "Max-Forwards: 70", *fields,
                *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}", "", body,
            ]  # fmt: skip
            text = "\r\n".join(lines)
            if method != "ACK":
                self._without_response = text, time.monotonic()
            self._phones.send(text, self._address)

    def take_response(self, status: int, lines: list[str], body: str) -> None:
        """Take a response of the server."""
        number, method = field(lines, "cseq").split()
        self._without_response = None
        if status < 200:
            return
        if method == "REFER":
            self.referred = status
        elif method == "REGISTER":
            self.is_registered = status == 200
            if status == 401:
                expires = f"Expires: {self._expires_seconds}"
                self.request("REGISTER", "", expires, self._authorization(field(lines, "www-authenticate")))
        elif method == "INVITE":
            self.remote = field(lines, "to")
            if status == 200:
                self.target = address_in(field(lines, "contact"))
                self._hear(body)
                self.is_up = True
            else:
                self.has_ended = True
            # That of a refusal belongs to the transaction of the INVITE, that of an acceptance does not.
            self.request("ACK", sequence=int(number), branch="" if status == 200 else field(lines, "via").partition("branch=")[2])

    def take_request(self, method: str, lines: list[str], body: str, sender: tuple[str, int]) -> None:
        """Take a request of the server."""
        if method == "INVITE":
            self._invited(lines, body, sender)
        elif method == "CANCEL":
            self.has_ended = True
            self._phones.send(response(lines, 200), sender)
            self._phones.send(response(self._invite, 487), sender)
        elif method == "ACK":
            if self.user == "gone":
                self.hang_up()
        else:
            if method == "BYE":
                self.has_ended = True
            elif method == "NOTIFY" and field(lines, "cseq") not in self._notifies:
                self._notifies.add(field(lines, "cseq"))
                if told := re.match(r"SIP/2\.0 (\d{3})", body):
                    self.notified.append(int(told[1]))
            self._phones.send(response(lines, 200), sender)

    def _invited(self, lines: list[str], body: str, sender: tuple[str, int]) -> None:
        if not self.is_up:
            self._invite = lines
            self.remote, self.local = field(lines, "from"), field(lines, "to") + ";tag=phone"
            self.target = address_in(field(lines, "contact"))
            self._hear(body)
            if re.fullmatch(r"\d{3}", self.user):
                self.has_ended = True
                self._phones.send(response(lines, int(self.user)), sender)
                return
            is_told = self.user.startswith("told")
            self._phones.send(response(lines, 100 if is_told else 180), sender)
            self.is_up = self.user != "rings" and not is_told
        if self.is_up:
            self._phones.send(self._accepted(lines), sender)

    def _accepted(self, invite: list[str]) -> str:
        contact = f"Contact: <sip:{self.user}@127.0.0.1:{self._phones.port}>"
        return response(invite, 200, self.sdp(), contact, "Content-Type: application/sdp")

    def _hear(self, body: str) -> None:
        if port := re.search(r"m=audio (\d+)", body):
            self._sends_audio_to = ("127.0.0.1", int(port[1]))

    def tick(self, now: float, *, send_audio: bool) -> None:
        """Send one frame of what it speaks, and again what nobody has responded to."""
        if self._without_response is not None and now - self._without_response[1] > _AGAIN_SECONDS:
            text, _ = self._without_response
            self._without_response = text, now
            self._phones.send(text, self._address)
        if self._sends_audio_to is None or not self.is_up or self.has_ended:
            return
        self._frames += 1
        key, frame = self._keys.pop(0) if self._keys else (0, _KEY_FRAMES)
        if frame < _KEY_FRAMES:
            self._send_key(key, frame)
        elif send_audio:
            self._send_audio(0, self._frames, self._audio_frame)

    def _send_key(self, key: int, frame: int) -> None:
        """Send the next packet of a key (RFC 4733); three say that it is let go."""
        is_last = frame == _KEY_FRAMES - 1
        event = bytes([key, 0x80 * is_last | 10]) + ((frame + 1) * 160).to_bytes(2, "big")
        for _ in range(3 if is_last else 1):
            self._send_audio((0x80 if frame == 0 else 0) | 101, self._frames - frame, event)

    def _send_audio(self, payload_type: int, frame: int, payload: bytes) -> None:
        self._packets = (self._packets + 1) % 65536
        header = bytes([0x80, payload_type]) + self._packets.to_bytes(2, "big") + (frame * 160).to_bytes(4, "big")
        assert self._sends_audio_to is not None
        self.audio.sendto(header + b"test" + payload, self._sends_audio_to)

    def _authorization(self, challenge: str) -> str:
        """What shows that the password is known (RFC 2617, with qop)."""
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', challenge))
        secret = _md5(f"{self.user}:{given['realm']}:{self.password}")
        answer = _md5(f"{secret}:{given['nonce']}:00000001:phone:auth:{_md5(f'REGISTER:{self.target}')}")
        return (
            f'Authorization: Digest username="{self.user}", realm="{given["realm"]}", nonce="{given["nonce"]}", '
            f'uri="{self.target}", response="{answer}", algorithm=MD5, qop=auth, nc=00000001, cnonce="phone", '
            f'opaque="{given["opaque"]}"'
        )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def field(lines: list[str], name: str) -> str:
    """A header field of a message, "" where it has none."""
    return next((line.partition(":")[2].strip() for line in lines[1:] if line.partition(":")[0].strip().lower() == name), "")


def address_in(contact: str) -> str:
    """The address of a contact."""
    found = re.search(r"<([^>]*)>", contact)
    return found[1] if found else contact.partition(";")[0]


def response(request: list[str], status: int, body: str = "", *fields: str) -> str:
    """A response to a request, given as its lines."""
    repeated = [line for line in request[1:] if line.partition(":")[0].strip().lower() in _REPEATED]
    tagged = [line + ";tag=phone" if line.lower().startswith("to:") and ";tag=" not in line else line for line in repeated]
    first = f"SIP/2.0 {status} {REASONS.get(status, 'OK')}"
    return "\r\n".join([first, *tagged, *fields, f"Content-Length: {len(body)}", "", body])
