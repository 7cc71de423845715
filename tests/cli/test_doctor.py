"""Seeded faults: `doctor` names each, and the lines that correct it; on a healthy server it finds none."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.cli.doctor.run import MAX_RESPONSE_BYTES
from asterisk_ari.testing import EmbeddedAsterisk
from tests.cli.running import Ran, Run
from tests.facade.certificate import PEM
from tests.servers.script import Reply
from tests.servers.scripted_server import ScriptedServer

Seed = Callable[[EmbeddedAsterisk], object]


def diagnose(run: Run, asterisk: EmbeddedAsterisk, *options: str) -> Ran:
    return run("doctor", "--json", "--url", asterisk.url, *options)


def test_a_healthy_server_has_no_fault(run: Run, asterisk: EmbeddedAsterisk) -> None:
    """All checks are told, none of them bad; nothing is left on the server."""
    ran = diagnose(run, asterisk, "--need", "pjsip", "--endpoint", "PJSIP/trunk", "--sound", "hello-world")
    assert ran.status == 0
    checks = {one["check"] for one in ran.json["findings"]}
    assert checks >= {"reach", "user", "release", "modules", "clock", "app", "endpoint", "sound", "events", "call"}
    assert {one["level"] for one in ran.json["findings"]} <= {"ok", "note"}
    asterisk.wait_until(lambda: not asterisk.machine.channels, timeout=20)
    assert asterisk.requests.to("/answer") != []  # the call was a real one
    assert (ran.json["version"], ran.json["status"]) == ("22.10.1", 0)


@pytest.mark.parametrize("release", ["13.38.3", "16.28.0", "20.15.2", "23.4.1", "certified/20.7-cert5"])
def test_healthy_servers_of_other_releases(release: str, run: Run) -> None:
    with EmbeddedAsterisk(release) as asterisk:
        assert diagnose(run, asterisk).status == 0


def test_a_person_reads_what_is_wrong_why_and_what_to_do(run: Run, asterisk: EmbeddedAsterisk) -> None:
    ran = run("doctor", "--quiet", "--url", asterisk.url, "--sound", "nope", "--user", "asterisk")
    assert ran.status == 2
    assert ran.out.splitlines() == [
        "✗ sound      sound nope is missing",
        "             play requests succeed but callers hear nothing",
        "             create /var/lib/asterisk/sounds/en/nope.wav",
        "             8 kHz, 16 bit, mono; Asterisk needs no reload",
        "1 fault",
    ]
    assert "\x1b" not in ran.out


ANSWERS = {  # what makes the fault, the check that names it, how bad, what is said, a line of the remedy
    "booting": (lambda a: a.faults.booting(), "ari", "fault", "booted", "core waitfullybooted"),
    "ARI off": (lambda a: a.faults.booting(loading=True), "ari", "fault", "404", "enabled = yes"),
    "nobody listens": (lambda a: a.faults.refuse(), "reach", "fault", "no connection", "bindaddr = 0.0.0.0"),
    "a page": (
        lambda a: a.faults.answer(200, "<html><title>Welcome</title></html>", times=None),
        "ari", "fault", "Welcome", "Asterisk's HTTP server",
    ),
    "no answers": (lambda a: a.faults.drop_request(times=None), "sessions", "fault", "lost", "sessionlimit = 1000"),
    "no HTTP": (lambda a: a.faults.garbage(times=None), "ari", "fault", "does not speak HTTP", "5038"),
    "module /asterisk gone": (
        lambda a: a.faults.answer(404, {"message": "Resource not found"}, path="/asterisk", times=None),
        "modules", "fault", "Resource not found", "load = res_ari_asterisk.so",
    ),
    "a module gone": (
        lambda a: a.machine.system.modules.pop("res_stasis_snoop.so"),
        "modules", "warning", "res_stasis_snoop.so", "load = res_stasis_snoop.so",
    ),
    "no Stasis()": (
        lambda a: a.machine.system.modules.pop("app_stasis.so"), "modules", "fault", "app_stasis.so", "load = app_stasis.so",
    ),
    "a module that does not run": (
        lambda a: a.machine.system.modules["res_ari_channels.so"].update(status="Not Running"),
        "modules", "fault", "res_ari_channels.so", "load = res_ari_channels.so",
    ),
    "no sounds": (
        lambda a: a.faults.answer(200, [], path="/sounds", times=None),
        "sounds", "warning", "no sounds", "apt-get install asterisk-core-sounds-en-gsm",
    ),
    "events are lost": (
        lambda a: a.faults.lose_events("ChannelUserevent", times=None), "events", "fault", "ChannelUserevent", "proxy_buffering off;",
    ),
    "no WebSocket": (
        lambda a: a.faults.answer(400, None, path="/events", method="GET", times=None),
        "events", "fault", "400", "module load res_http_websocket.so",
    ),
    "slow events": (lambda a: a.faults.delay_events(0.6), "events", "warning", "an event arrives after", ""),
    "no call": (
        lambda a: a.faults.answer(500, {"error": "Allocation failed"}, path="/channels", method="POST", times=None),
        "call", "fault", "Allocation failed", "core show channels",
    ),
    "a call that never enters": (
        lambda a: a.faults.lose_events("StasisStart", times=None), "call", "fault", "no StasisStart", "app_stasis",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", ANSWERS)
def test_a_fault_is_named_with_its_cure(fault: str, run: Run, asterisk: EmbeddedAsterisk) -> None:
    make, check, level, said, remedy = ANSWERS[fault]
    make(asterisk)
    ran = diagnose(run, asterisk, "--wait", "1")
    found = ran.finding(check)
    assert (found["level"], ran.status) == (level, {"warning": 1, "fault": 2}[level])
    assert said in found["what"]
    assert remedy in json.dumps(found.get("remedy", ""))
    assert found["why"]


OPTIONS = {
    "wrong password": (["--password-file", "PASSWORD"], "user", "fault", "401", "password = THE-PASSWORD"),
    "unknown user": (["--user", "nobody"], "user", "fault", "'nobody'", "[nobody]"),
    "wrong prefix": (["--url", "URL/pbx"], "prefix", "fault", "404", "or use the address URL"),
    "no such host": (["--url", "http://nowhere.invalid:8088"], "reach", "fault", "nowhere.invalid", "--url"),
    "a feature is needed": (["--need", "opus"], "modules", "fault", "codec_opus.so", "load = codec_opus.so"),
    "no such endpoint": (["--endpoint", "PJSIP/zed"], "endpoint", "fault", "no endpoint PJSIP/zed", "type = endpoint"),
    "no contact": (["--endpoint", "PJSIP/alice"], "endpoint", "fault", "offline", "max_contacts = 1"),
    "no such sound": (["--sound", "sound:nope"], "sound", "fault", "nope is missing", "sounds/en/nope.wav"),
    "origin": (["--origin", "https://page.test"], "origin", "fault", "https://page.test", "allowed_origins = https://page.test"),
}


@pytest.mark.parametrize("fault", OPTIONS)
def test_what_is_asked_for_and_is_not_there(fault: str, run: Run, asterisk: EmbeddedAsterisk, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter-two\n", encoding="utf-8")
    options, check, level, said, remedy = OPTIONS[fault]

    def filled(text: str) -> str:
        return (
            text.replace("PASSWORD", str(tmp_path / "password")).replace("URL", asterisk.url).replace("PORT", str(asterisk.port))
        )

    ran = run("doctor", "--json", *([] if "--url" in options else ["--url", asterisk.url]), *map(filled, options))
    found = ran.finding(check)
    assert (found["level"], ran.status) == (level, 2)
    assert filled(said) in found["what"]
    assert (remedy if "THE-" in remedy else filled(remedy)) in json.dumps(found["remedy"])
    assert "hunter-two" not in ran.out + ran.err


@pytest.mark.parametrize(("status", "title"), [(502, "Bad Gateway"), (401, "Sign in"), (403, "Forbidden"), (404, "Not Found")])
def test_a_page_of_a_proxy(status: int, title: str, run: Run) -> None:
    """Whatever its status: the proxy is named, not ARI, and how it passes requests and WebSockets on."""
    page = f"<html><title>{title}</title></html>".encode()
    with ScriptedServer() as server:
        server.respond = lambda request: Reply(status, page, "text/html", {"server": "nginx"})
        found = run("doctor", "--json", "--url", server.url).finding("proxy")
    assert (found["level"], title in found["what"]) == ("fault", True)
    assert "    proxy_set_header Upgrade $http_upgrade;" in found["remedy"]["lines"]


@pytest.mark.parametrize("body", [b"{}", b'{"system": 7}', b'{"system": {"version": 22}, "status": "no", "config": 7}'])
def test_json_that_is_not_of_asterisk(body: bytes, run: Run) -> None:
    """Another service that answers every request with its own JSON is named as such; nothing more is asked."""
    with ScriptedServer() as server:
        server.respond = lambda request: Reply(200, body, "application/json")
        ran = run("doctor", "--json", "--url", server.url)
    found = ran.finding("ari")
    assert (ran.status, found["level"]) == (2, "fault")
    assert "http.conf" in found["remedy"]["advice"]


def test_a_response_that_stops_early_is_no_limit_of_sessions(run: Run) -> None:
    """Some of it has arrived: whoever answers is not at its limit."""
    with ScriptedServer() as server:
        server.respond = lambda request: Reply(200, b'{"system": {"version": "22.10.1"}}', "application/json", cut_after=20)
        ran = run("doctor", "--json", "--url", server.url)
    found = ran.finding("response")
    assert (ran.status, found["level"]) == (2, "fault")
    assert "sessionlimit" not in ran.out
    assert "proxy" in found["remedy"]["advice"]


def test_a_response_without_end_is_given_up_early(run: Run) -> None:
    """What a wrong address sends does not fill the memory."""
    with ScriptedServer() as server:
        server.respond = lambda request: Reply(200, b" " * (MAX_RESPONSE_BYTES + 1), "application/json")
        ran = run("doctor", "--json", "--url", server.url)
    found = ran.finding("response")
    assert (ran.status, found["level"]) == (2, "fault")
    assert f"more than {MAX_RESPONSE_BYTES} bytes" in ran.out


def test_an_allowed_origin_is_no_fault(run: Run) -> None:
    with EmbeddedAsterisk(origins=["https://page.test"]) as asterisk:
        assert diagnose(run, asterisk, "--origin", "https://page.test").finding("origin")["level"] == "ok"


def test_a_user_who_may_only_read(run: Run, asterisk: EmbeddedAsterisk, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("reader", encoding="utf-8")
    ran = diagnose(run, asterisk, "--user", "reader", "--password-file", str(tmp_path / "password"))
    found = ran.finding("user")
    assert (ran.status, found["level"]) == (1, "warning")
    assert found["remedy"]["lines"] == ["[reader]", "type = user", "read_only = no"]


def test_an_app_that_another_program_holds(run: Run, asterisk: EmbeddedAsterisk) -> None:
    """It is told, and left alone: the other program goes on to receive its events."""
    with AsteriskARI(url=asterisk.url, username="asterisk", password="asterisk", app_name="ivr") as other:
        ran = diagnose(run, asterisk, "--app", "ivr")
        with other.expect("ChannelUserevent") as still_heard:
            other.events.user_event("still", application="ivr")
            assert still_heard.result(10)["eventname"] == "still"
    found = ran.finding("app")
    assert (ran.status, found["level"]) == (0, "note")
    assert "another program is connected as app" in found["what"]


def test_a_clock_that_is_an_hour_off(run: Run) -> None:
    with EmbeddedAsterisk(virtual_time=True) as asterisk:
        asterisk.advance(3600)
        found = diagnose(run, asterisk, "--no-call").finding("clock")
    assert (found["level"], found["what"]) == ("fault", "the server's clock is 60 min ahead of this machine's")


@pytest.mark.parametrize(
    ("release", "level", "issue"),
    [("22.11.0-rc1", "fault", "asterisk#2085"), ("22.4.0", "note", "asterisk#2170"), ("20.14.0", "note", "asterisk#2170")],
)
def test_a_release_that_is_known_to_be_bad(release: str, level: str, issue: str, run: Run) -> None:
    with EmbeddedAsterisk(reported_version=release) as asterisk:
        findings = diagnose(run, asterisk).json["findings"]
    [found] = [one for one in findings if one["check"] == "known-bug" and one["what"].startswith(f"{issue}:")]
    assert found["level"] == level
    assert found["remedy"]["advice"]


@contextmanager
def tls_server(tmp_path: Path) -> Iterator[ScriptedServer]:
    (tmp_path / "key.pem").write_text(PEM, encoding="utf-8")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "key.pem")
    with ScriptedServer(tls=context) as server:
        yield server


def test_a_certificate_that_nobody_trusts(run: Run, tmp_path: Path) -> None:
    with tls_server(tmp_path) as server:
        found = run("doctor", "--json", "--url", server.url).finding("tls")
    assert (found["level"], "certificate" in found["what"]) == ("fault", True)
    assert "--ca-file" in found["remedy"]["advice"]


def test_plain_http_to_a_port_with_tls(run: Run, tmp_path: Path) -> None:
    with tls_server(tmp_path) as server:
        ran = run("doctor", "--json", "--url", server.url.replace("https", "http"))
    assert ran.status == 2
    assert "https://" in ran.out


def test_a_server_that_accepts_and_says_nothing(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted: list[socket.socket] = []
        threading.Thread(target=lambda: accepted.append(listener.accept()[0]), daemon=True).start()
        ran = run("doctor", "--json", "--wait", "0.3", "--url", f"http://127.0.0.1:{listener.getsockname()[1]}")
        for one in accepted:
            one.close()
    assert (ran.status, ran.finding("reach")["level"]) == (2, "fault")


def test_the_limit_of_sessions(run: Run) -> None:
    """The only session is another program's: the doctor's is closed without an answer."""
    with (
        EmbeddedAsterisk(session_limit=1) as asterisk,
        socket.create_connection(("127.0.0.1", asterisk.port)) as other,
    ):
        other.sendall(b"GET /ari/asterisk/ping?api_key=asterisk:asterisk HTTP/1.1\r\nHost: x\r\n\r\n")
        assert other.recv(10).startswith(b"HTTP/1.1")
        found = diagnose(run, asterisk).finding("sessions")
    assert found["remedy"]["lines"] == ["[general]", "sessionlimit = 1000"]


def test_audio_comes_back_by_each_way(run: Run, asterisk: EmbeddedAsterisk) -> None:
    """Each way is told, how late it comes is a machine's business; nothing is left."""
    found = [one for one in diagnose(run, asterisk, "--media").json["findings"] if one["check"] == "media"]
    assert [one["what"].partition(":")[0] for one in found] == ["websocket", "audiosocket", "rtp"]
    assert all("audio comes back after" in one["what"] for one in found)
    asterisk.wait_until(lambda: not asterisk.machine.channels and not asterisk.machine.bridges, timeout=60)


def test_audio_that_does_not_come(run: Run, asterisk: EmbeddedAsterisk) -> None:
    asterisk.faults.answer(500, {"error": "Allocation failed"}, path="/channels/externalMedia", times=None)
    ran = diagnose(run, asterisk, "--media")
    assert (ran.status, ran.finding("media")["level"]) == (2, "fault")
    assert "firewall or NAT" in ran.finding("media")["remedy"]["advice"]


def test_no_codec_for_phones(run: Run, asterisk: EmbeddedAsterisk) -> None:
    assert "ulaw" in diagnose(run, asterisk, "--no-call").finding("codecs")["what"]
    for name in ("codec_ulaw.so", "codec_alaw.so"):
        asterisk.machine.system.modules.pop(name, None)
    found = diagnose(run, asterisk, "--no-call").finding("codecs")
    assert (found["level"], found["remedy"]["file"]) == ("fault", "modules.conf")


def load_websocket_client(asterisk: EmbeddedAsterisk) -> None:
    modules, name = asterisk.machine.system.modules, "res_websocket_client.so"
    modules[name] = {**modules["app_stasis.so"], "name": name}


CLIENT = "[agent]\ntype = websocket_client\nuri = ws://127.0.0.1:9000/ari\nprotocols = ari\n"
OUTBOUND = "[asterisk]\ntype = user\npassword = asterisk\n[agent]\ntype = outbound_websocket\nwebsocket_client_id = agent\napps = agent\nlocal_ari_user = asterisk\n"


@pytest.mark.parametrize(
    ("ari", "client", "said", "line"),
    [
        (OUTBOUND, "", "websocket_client.conf has no 'agent'", "type = websocket_client"),
        (OUTBOUND, CLIENT.replace("ws:", "http:"), "no WebSocket address", "uri = ws://PROGRAM:9000/ari"),
        (OUTBOUND, CLIENT.replace("protocols = ari", "protocols = media"), "is not for ARI", "protocols = ari"),
        (
            OUTBOUND.replace("local_ari_user = asterisk", "local_ari_user = zed"),
            CLIENT,
            "no user 'zed'",
            "local_ari_user = A-USER-OF-THIS-FILE",
        ),
        (OUTBOUND.replace("apps = agent\n", ""), CLIENT, "it lists no apps", "apps = YOUR-APP"),
        (OUTBOUND.replace("websocket_client_id = agent\n", ""), CLIENT, "names no connection", "websocket_client_id = agent"),
    ],
)
def test_a_websocket_that_asterisk_cannot_open(
    ari: str, client: str, said: str, line: str, run: Run, asterisk: EmbeddedAsterisk, tmp_path: Path
) -> None:
    load_websocket_client(asterisk)
    (tmp_path / "ari.conf").write_text(ari, encoding="utf-8")
    (tmp_path / "websocket_client.conf").write_text(client, encoding="utf-8")
    found = diagnose(run, asterisk, "--no-call", "--etc", str(tmp_path)).finding("outbound")
    assert (found["level"], said in found["what"]) == ("fault", True)
    assert line in found["remedy"]["lines"]


def test_a_websocket_that_asterisk_opens(run: Run, asterisk: EmbeddedAsterisk, tmp_path: Path) -> None:
    """In order it is no fault; without the module it is."""
    (tmp_path / "ari.conf").write_text(OUTBOUND, encoding="utf-8")
    (tmp_path / "websocket_client.conf").write_text(CLIENT, encoding="utf-8")
    load_websocket_client(asterisk)
    assert diagnose(run, asterisk, "--no-call", "--etc", str(tmp_path)).finding("outbound")["level"] == "ok"
    del asterisk.machine.system.modules["res_websocket_client.so"]
    found = diagnose(run, asterisk, "--no-call", "--etc", str(tmp_path)).finding("outbound")
    assert (found["level"], "load = res_websocket_client.so" in found["remedy"]["lines"]) == ("fault", True)
