"""`asterisk-ari doctor` on a real Asterisk: silent on a healthy one; each seeded fault is named, with the line of its file."""

import json
from pathlib import Path

import pytest

from scripts.live import LiveAsterisk
from tests.cli.running import Ran, Run, runner
from tests.live.calls import eventually


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


def diagnose(run: Run, server: LiveAsterisk, *options: str) -> Ran:
    return run("doctor", "--json", "--url", server.url, "--etc", str(server.run_dir / "etc"), "--wait", "20", *options)


def test_a_healthy_server_has_no_fault(run: Run, packaged: LiveAsterisk) -> None:
    """Event and call included; nothing is said when only faults are asked for."""
    wanted = ("--endpoint", "PJSIP/trunk", "--sound", "hello-world", "--origin", "http://ari.test", "--need", "pjsip")
    ran = diagnose(run, packaged, "--media", *wanted)
    assert ran.status == 0, ran.out
    levels = {one["check"]: one["level"] for one in ran.json["findings"] if one["level"] != "note"}
    checks = ("reach", "user", "clock", "endpoint", "sound", "origin", "events", "call", "media", "codecs", "files")
    assert {name: levels[name] for name in checks} == dict.fromkeys(checks, "ok")
    quiet = run("doctor", "--quiet", "--url", packaged.url, "--wait", "20")
    assert (quiet.status, quiet.out) == (0, "nothing is wrong\n")


@pytest.mark.parametrize(
    ("options", "check", "said", "cure"),
    [
        (["--user", "nobody"], "user", "401", "[nobody]"),
        (["--user", "nobody"], "files", "ari.conf has no user 'nobody'", "[nobody]"),
        (["--password-file", "PASSWORD"], "user", "401", "password = THE-PASSWORD"),
        (["--password-file", "PASSWORD"], "files", "the password is different from yours", "--password-file"),
        (["--url", "URL/pbx"], "prefix", "404", "use the address URL"),
        (["--url", "TLS"], "tls", "certificate", "--ca-file"),
        (["--url", "https://127.0.0.1:PORT"], "tls", "TLS", "http://127.0.0.1:PORT"),
        (["--endpoint", "PJSIP/alice"], "endpoint", "offline", "[alice]"),
        (["--endpoint", "PJSIP/zed"], "endpoint", "there is no endpoint", "[zed]"),
        (["--sound", "nope"], "sound", "missing", "nope.wav"),
        (["--need", "opus"], "modules", "codec_opus.so", "load = codec_opus.so"),
        (["--origin", "http://elsewhere.test"], "origin", "elsewhere.test", "allowed_origins = http://elsewhere.test"),
    ],
)
def test_what_is_wrong_is_named_with_its_cure(
    options: list[str], check: str, said: str, cure: str, run: Run, packaged: LiveAsterisk, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("hunter-two", encoding="utf-8")
    tls = f"https://127.0.0.1:{packaged.env['ARI_TLS_PORT']}"

    def filled(text: str) -> str:
        text = text.replace("TLS", tls) if text == "TLS" else text
        return (
            text.replace("PASSWORD", str(tmp_path / "password")).replace("URL", packaged.url).replace("PORT", str(packaged.port))
        )

    ran = diagnose(run, packaged, "--no-call", *map(filled, options))
    found = ran.finding(check)
    assert (ran.status, found["level"]) == (2, "fault")
    assert said in found["what"]
    assert (cure if "THE-" in cure else filled(cure)) in json.dumps(found["remedy"])
    assert "hunter-two" not in ran.out + ran.err


def test_a_certificate_that_is_named_is_trusted(run: Run, packaged: LiveAsterisk) -> None:
    tls = f"https://127.0.0.1:{packaged.env['ARI_TLS_PORT']}"
    ran = diagnose(run, packaged, "--url", tls, "--ca-file", str(packaged.run_dir / "keys/tls.crt"))
    assert ran.status == 0, ran.out


def test_a_user_who_may_only_read(run: Run, packaged: LiveAsterisk, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("reader", encoding="utf-8")
    ran = diagnose(run, packaged, "--user", "reader", "--password-file", str(tmp_path / "password"))
    assert (ran.status, ran.finding("user")["level"]) == (1, "warning")
    assert "the user is read-only" in ran.finding("files")["what"]


def test_a_module_that_is_not_loaded(run: Run, own: LiveAsterisk) -> None:
    """The line for modules.conf, and the command that loads it: which then cures it."""
    own.cli("module unload res_ari_sounds.so")
    try:
        found = diagnose(run, own, "--no-call").finding("modules")
        assert (found["level"], found["what"]) == ("warning", "res_ari_sounds.so is not running")
        assert found["remedy"]["lines"] == ["[modules]", "load = res_ari_sounds.so"]
        assert found["remedy"]["then"] == 'asterisk -rx "module load res_ari_sounds.so"'
    finally:
        own.cli("module load res_ari_sounds.so")
    assert diagnose(run, own, "--no-call").status == 0


def test_http_that_is_off(run: Run, own: LiveAsterisk) -> None:
    """The lines that the doctor gives, and its command, bring the server back."""
    conf = own.run_dir / "etc/http.conf"
    former = conf.read_text()
    conf.write_text(former.replace("enabled = yes", "enabled = no"))
    own.cli("module reload http")
    try:
        ran = diagnose(run, own)
        assert ran.status == 2
        assert ran.finding("reach")["remedy"]["then"] == 'asterisk -rx "module reload http"'
        assert "the HTTP server is off" in ran.finding("files")["what"]
    finally:
        conf.write_text(former)
        own.cli("module reload http")
    assert diagnose(run, own, "--no-call").status == 0


def test_a_contact_that_is_dead(run: Run, own: LiveAsterisk) -> None:
    """A trunk whose address answers no OPTIONS: it has a contact, and cannot be called."""
    conf = own.run_dir / "etc/pjsip.conf"
    former = conf.read_text()
    aor = "[dead]\ntype = aor\ncontact = sip:dead@127.0.0.1:9\nqualify_frequency = 1\nqualify_timeout = 0.2\n"
    conf.write_text(f"{former}\n[dead]\ntype = endpoint\naors = dead\ncontext = from-ua\ndisallow = all\nallow = ulaw\n\n{aor}")
    own.cli("module reload res_pjsip.so")
    try:
        eventually(lambda: "Unavail" in own.cli("pjsip show contacts"))
        ran = diagnose(run, own, "--no-call", "--endpoint", "PJSIP/dead")
        found = ran.finding("endpoint")
        assert (ran.status, found["level"], found["what"]) == (2, "fault", "endpoint PJSIP/dead is offline")
        assert "does not answer OPTIONS" in found["why"]
        assert found["remedy"]["then"] == 'asterisk -rx "pjsip show endpoint dead"'
    finally:
        conf.write_text(former)
        own.cli("module reload res_pjsip.so")
