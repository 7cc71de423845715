"""What `asterisk-ari config` prints, loaded by a real Asterisk: each kind is accepted, and does what it is for."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket

from asterisk_ari import AsteriskARI, sync
from scripts.live import LiveAsterisk
from tests.cli.running import Run, runner
from tests.live.calls import LIMIT, eventually, fresh
from tests.live.server import given, series

pytestmark = [
    pytest.mark.skipif(given() is not None or series() != "22", reason="needs a server of its own, with all of what is printed"),
    pytest.mark.timeout(240),
]
PRINTED_FILE = re.compile(r"^; /etc/asterisk/(\S+)\n(.*?)(?=^; /etc/asterisk/|^; then:|\Z)", re.MULTILINE | re.DOTALL)
Serve = Callable[..., LiveAsterisk]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


def printed(run: Run, kind: str, port: int, *options: str) -> dict[str, str]:
    """The files of a kind, for app `shop` and user `ops`."""
    ran = run("config", kind, "--app", "shop", "--user", "ops", "--url", f"http://127.0.0.1:{port}", *options)
    assert ran.status == 0
    return dict(PRINTED_FILE.findall(ran.out))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def serve(tmp_path: Path, packaged: LiveAsterisk) -> Iterator[Serve]:
    """Starts a server whose files are the usual ones and, as somebody adds them, what is printed."""
    started: list[LiveAsterisk] = []

    def start(files: Callable[[int], dict[str, str]], replaced: tuple[str, ...] = ()) -> LiveAsterisk:
        folder = tmp_path / "printed"
        folder.mkdir()
        server = LiveAsterisk("22", settings={"LIVE_EXTRA_CONF": str(folder)})
        started.append(server)
        for name, text in files(server.port).items():
            usual = "" if name in replaced else own_copy(packaged, server, name)
            (folder / name).write_text(merged(usual, text), encoding="utf-8")
        server.start()
        return server

    yield start
    for server in started:
        server.close()


def own_copy(of: LiveAsterisk, server: LiveAsterisk, name: str) -> str:
    """The usual file of a server: that of another one, with the ports and the folder of this one."""
    text = (of.run_dir / "etc" / name).read_text(encoding="utf-8").replace(str(of.run_dir), str(server.run_dir))
    return re.sub(r"(?<!\d)\d{5}(?!\d)", lambda found: moved(int(found[0]), of.port, server.port), text)


def moved(port: int, of: int, to: int) -> str:
    return str(port - of + to if of <= port < of + 1000 else port)


def merged(usual: str, text: str) -> str:
    """The lines of a section that is there already stand in it: of two with one name Asterisk reads the first."""
    for name in re.findall(r"^\[(\w+)\]\n", text, re.MULTILINE):
        if name in {"modules", "general"} and f"[{name}]\n" in usual:
            section = re.search(rf"^\[{name}\]\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
            assert section is not None
            text = text.replace(section[0], "")
            usual = usual.replace(f"[{name}]\n", f"[{name}]\n{section[1]}", 1)
    return f"{usual}\n{text}"


def warnings_of(server: LiveAsterisk, *about: str) -> list[str]:
    """What Asterisk has complained about in its log, about these files."""
    log = (server.run_dir / "log/messages.log").read_text(encoding="utf-8", errors="replace")
    return [line for line in log.splitlines() if re.search("WARNING|ERROR", line) and any(name in line for name in about)]


def test_ari(run: Run, serve: Serve, tmp_path: Path) -> None:
    """Nothing but what is printed: the user gets in with the password, and the doctor finds nothing wrong."""
    found: dict[str, str] = {}

    def files(port: int) -> dict[str, str]:
        found.update(printed(run, "ari", port))
        # beside the user of the harness, which asks whether the server is there
        return {**found, "ari.conf": found["ari.conf"] + "\n[asterisk]\ntype = user\npassword = asterisk\n"}

    server = serve(files, ("http.conf", "ari.conf"))
    password = re.search(r"^password = (\S+)$", found["ari.conf"], re.MULTILINE)
    assert password is not None
    (tmp_path / "password").write_text(password[1])
    options = (
        "--user",
        "ops",
        "--password-file",
        str(tmp_path / "password"),
        "--app",
        "shop",
        "--etc",
        str(server.run_dir / "etc"),
    )
    ran = run("doctor", "--json", "--url", server.url, "--wait", "20", *options)
    assert ran.status == 0, ran.out
    assert ran.finding("call")["level"] == "ok"
    assert warnings_of(server, "ari.conf", "http.conf", "res_ari", "http.c") == []


def test_outbound(run: Run, serve: Serve) -> None:
    """Asterisk opens its WebSocket to the program, with the printed credentials, and a call comes over it."""
    program = free_port()
    found: dict[str, str] = {}

    def files(port: int) -> dict[str, str]:
        found.update(printed(run, "outbound", port, "--program", f"ws://127.0.0.1:{program}"))
        user = "\n[ops]\ntype = user\nread_only = no\npassword = of-my-own\n"
        return {**found, "ari.conf": found["ari.conf"] + user}

    password = ""
    server = serve(files)
    match = re.search(r"^password = (\S+)$", found["websocket_client.conf"], re.MULTILINE)
    assert match is not None
    password = match[1]
    seen: list[str] = []
    with sync.AriListener("127.0.0.1", program, credentials={"ops": password}) as listener:

        @listener.calls("shop")
        def handle(call: sync.Call) -> None:
            call.answer()
            seen.append(call.channel.id)

        eventually(lambda: listener.sessions, "Asterisk has not opened its WebSocket")
        with AsteriskARI(url=server.url, username="asterisk", password="asterisk", app_name=fresh("phones")) as ari:
            ari.channels.originate("Local/x@stasis-shop", app=ari.settings.app_name)
            eventually(lambda: seen)
    assert warnings_of(server, "websocket_client", "ari.conf") == []


def test_media(run: Run, serve: Serve) -> None:
    """Audio goes each way that there is, and by the connection that Asterisk opens to the program."""
    program = free_port()
    server = serve(lambda port: printed(run, "media", port, "--program", f"ws://127.0.0.1:{program}"))
    for name in ("chan_websocket.so", "res_audiosocket.so", "chan_audiosocket.so", "chan_rtp.so"):
        assert "Running" in server.cli(f"module show like {name}")
    tried = run("media-test", "--json", "--rounds", "1", "--url", server.url)
    assert tried.status == 0, tried.out
    assert [one["problem"] for one in tried.json] == ["", "", ""]
    with AsteriskARI(url=server.url, username="asterisk", password="asterisk", app_name=fresh("media")) as ari:
        with (
            ari.call("Local/echo@plain") as call,
            ari.media_server("127.0.0.1", program, websocket_client="shop-media") as media_server,
        ):
            with ari.media(call.channel, connect="from_asterisk", server=media_server) as media:
                media.write(b"\x10\x20" * 1600)
                assert any(any(frame.pcm) for frame in media)
    assert warnings_of(server, "websocket_client", "loader.c") == []


def test_dialplan(run: Run, serve: Serve) -> None:
    """A call gets into the app with its number; without a program it is told, and hung up."""
    server = serve(lambda port: {"extensions.conf": printed(run, "dialplan", port)["extensions.conf"]})
    access = {"url": server.url, "username": "asterisk", "password": "asterisk"}
    with AsteriskARI(**access, app_name=fresh("phones"), subscribe_all=True) as phones:
        with phones.expect("ChannelDialplan", match=lambda event: event["dialplan_app"] == "Playback") as told:
            phones.channels.originate("Local/100@from-shop", app=phones.settings.app_name)
            assert told.result(LIMIT)["dialplan_app_data"] == "vm-nobodyavail"
        with AsteriskARI(**access, app_name="shop") as shop, shop.expect("StasisStart") as entered:
            phones.channels.originate("Local/100@from-shop", app=phones.settings.app_name)
            assert entered.result(LIMIT)["args"] == ["100"]
    assert warnings_of(server, "pbx_config", "extensions.conf") == []


def test_webrtc(run: Run, serve: Serve, packaged: LiveAsterisk) -> None:
    """A browser's phone registers over wss with the printed password: it is online, and media are encrypted."""
    found: dict[str, str] = {}
    tls = free_port()

    def files(port: int) -> dict[str, str]:
        found.update(printed(run, "webrtc", port))
        keys = packaged.run_dir / "keys"
        http = found["http.conf"].replace("0.0.0.0:8089", f"127.0.0.1:{tls}")
        http = http.replace("/etc/asterisk/keys/asterisk.pem", str(keys / "tls.crt")).replace(
            "/etc/asterisk/keys/asterisk.key", str(keys / "tls.key")
        )
        usual = "bindaddr = 127.0.0.1\nbindport = " + str(port)
        return {**found, "http.conf": http.replace("[general]\n", f"[general]\n{usual}\n")}

    server = serve(files, ("http.conf",))
    shown = server.cli("pjsip show endpoint browser")
    for said in (r"webrtc\s*: yes", r"media_encryption\s*: dtls", r"ice_support\s*: true", r"rtcp_mux\s*: true"):
        assert re.search(said, shown), said
    password = re.search(r"^password = (\S+)$", found["pjsip.conf"], re.MULTILINE)
    assert password is not None
    context = ssl.create_default_context(cafile=str(packaged.run_dir / "keys/tls.crt"))
    phone = websocket.create_connection(
        f"wss://127.0.0.1:{tls}/ws", subprotocols=["sip"], sslopt={"context": context}, timeout=LIMIT
    )
    try:
        first = register(phone, "")
        assert first.startswith("SIP/2.0 401"), first
        done = register(phone, digest(first, password[1]))
        assert done.startswith("SIP/2.0 200"), done
        ran = run(
            "doctor",
            "--json",
            "--no-call",
            "--url",
            server.url,
            "--need",
            "webrtc",
            "--need",
            "opus",
            "--endpoint",
            "PJSIP/browser",
        )
        assert ran.finding("endpoint")["level"] == "ok", ran.out
        assert ran.finding("modules")["level"] in {"ok", "note"}, ran.out
    finally:
        phone.close()
    assert warnings_of(server, "res_pjsip", "http.c", "config_transport") == []


def register(phone: websocket.WebSocket, authorization: str) -> str:
    lines = [
        "REGISTER sip:127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/WSS phone.invalid;branch=z9hG4bK{fresh('b')}",
        "Max-Forwards: 70",
        "From: <sip:browser@127.0.0.1>;tag=1",
        "To: <sip:browser@127.0.0.1>",
        "Call-ID: register-1",
        f"CSeq: {2 if authorization else 1} REGISTER",
        "Contact: <sip:browser@phone.invalid;transport=ws>;expires=60",
        *([f"Authorization: {authorization}"] if authorization else []),
        "Content-Length: 0",
        "",
        "",
    ]
    phone.send("\r\n".join(lines))
    while True:
        answer: Any = phone.recv()
        text = answer.decode() if isinstance(answer, bytes) else answer
        if text.startswith("SIP/2.0") and "100 Trying" not in text:
            return text


def digest(challenge: str, password: str) -> str:
    realm, nonce = (re.search(rf'{name}="([^"]*)"', challenge)[1] for name in ("realm", "nonce"))  # type: ignore[index]

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    cnonce = base64.b64encode(b"phone").decode()
    inner = f"{md5(f'browser:{realm}:{password}')}:{nonce}:00000001:{cnonce}:auth:{md5('REGISTER:sip:127.0.0.1')}"
    return (
        f'Digest username="browser", realm="{realm}", nonce="{nonce}", uri="sip:127.0.0.1", algorithm=MD5, qop=auth, nc=00000001,'
        f' cnonce="{cnonce}", response="{md5(inner)}"'
    )
