"""Registers a phone of the server's pjsip.conf (its password is its name): calls to it go to a contact of the test's."""

import hashlib
import re
import socket
import uuid

SECONDS = 10.0


def register(port: int, name: str, *, expires_seconds: int = 3600) -> None:
    """Register `name` at the server on a port of loopback, with the server itself as its contact.

    Such a call comes back in and reaches the extension of that name in the context "phones": it answers, and talks.
    """
    uri, call_id, tag = f"sip:127.0.0.1:{port}", uuid.uuid4().hex, uuid.uuid4().hex[:8]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.settimeout(SECONDS)
        sending.bind(("127.0.0.1", 0))
        own = f"127.0.0.1:{sending.getsockname()[1]}"

        def ask(number: int, *extra: str) -> str:
            lines = [
                f"REGISTER {uri} SIP/2.0",
                f"Via: SIP/2.0/UDP {own};branch=z9hG4bK{uuid.uuid4().hex};rport",
                "Max-Forwards: 70",
                f"From: <sip:{name}@127.0.0.1>;tag={tag}",
                f"To: <sip:{name}@127.0.0.1>",
                f"Call-ID: {call_id}",
                f"CSeq: {number} REGISTER",
                f"Contact: <sip:{name}@127.0.0.1:{port}>",
                f"Expires: {expires_seconds}",
                *extra,
                "Content-Length: 0",
                "",
                "",
            ]
            sending.sendto("\r\n".join(lines).encode(), ("127.0.0.1", port))
            return sending.recv(65_535).decode()

        challenge = ask(1)
        realm, nonce, opaque = (re.search(rf'{field}="([^"]*)"', challenge) for field in ("realm", "nonce", "opaque"))
        assert realm is not None, challenge
        assert nonce is not None, challenge
        first = _md5(f"{name}:{realm[1]}:{name}")
        answer = _md5(f"{first}:{nonce[1]}:00000001:phone:auth:{_md5(f'REGISTER:{uri}')}")
        fields = f'username="{name}", realm="{realm[1]}", nonce="{nonce[1]}", uri="{uri}", response="{answer}", algorithm=MD5'
        rest = f', qop=auth, nc=00000001, cnonce="phone", opaque="{opaque[1] if opaque else ""}"'
        answered = ask(2, f"Authorization: Digest {fields}{rest}")
        assert answered.startswith("SIP/2.0 200"), answered


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
