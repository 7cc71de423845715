"""What Asterisk's files say: how they are read, and what is wrong in them, by line."""

from pathlib import Path

import pytest

from asterisk_ari.cli.doctor.conf_files import read_conf
from asterisk_ari.testing import EmbeddedAsterisk
from tests.cli.running import Run

WELL = {
    "http.conf": "[general]\nenabled = yes\nbindaddr = 127.0.0.1\n",
    "ari.conf": "[general]\nenabled = yes\n\n[asterisk]\ntype = user\npassword = asterisk\n",
    "asterisk.conf": "[options]\nlive_dangerously = no\n",
}


def test_files_are_read_as_asterisk_reads_them() -> None:
    """Comments, `=>`, templates, escaped semicolons, repeated keys."""
    text = (
        "; a comment\n[base](!)\ntype = user ; of a template\nread_only => yes\n"
        ";-- all this\n[user]\n--;\n[ann](base)\npassword = a\\;b;c\nread_only = no\n[empty]\n"
    )
    conf = read_conf("ari.conf", text)
    ann = {key: (value.text, value.line) for key, value in conf.sections["ann"].items()}
    assert ann == {"type": ("user", 3), "read_only": ("no", 10), "password": ("a;b", 9)}
    assert set(conf.sections) == {"base", "ann", "empty"}
    assert "a;b" not in repr(conf)


def test_a_file_without_a_section_is_read() -> None:
    assert read_conf("x.conf", "a = b\n").sections == {}


def diagnose(run: Run, folder: Path, server: EmbeddedAsterisk, /, **changed: str) -> list[dict[str, str]]:
    for name, text in (WELL | {f"{name}.conf": text for name, text in changed.items()}).items():
        (folder / name).write_text(text, encoding="utf-8")
    found = run("doctor", "--json", "--no-call", "--etc", str(folder), "--url", server.url).json["findings"]
    return [one for one in found if one["check"] == "files"]


def test_nothing_is_wrong(run: Run, asterisk: EmbeddedAsterisk, tmp_path: Path) -> None:
    [found] = diagnose(run, tmp_path, asterisk)
    assert (found["level"], found["what"]) == ("ok", "nothing wrong in http.conf, ari.conf, asterisk.conf")


@pytest.mark.parametrize(
    ("file", "text", "level", "said", "remedy"),
    [
        ("http", "[general]\nenabled = no\n", "fault", "http.conf line 2: the HTTP server is off", "enabled = yes"),
        ("http", "[general]\n", "fault", "http.conf: the HTTP server is off", "enabled = yes"),
        ("http", "[general]\nenabled=yes\nsessionlimit = 5\n", "warning", "http.conf line 3: at most 5 HTTP", "sessionlimit = 1000"),
        ("ari", "[general]\nenabled = no\n[asterisk]\ntype=user\n", "fault", "ari.conf line 2: ARI is off", "enabled = yes"),
        ("ari", "[general]\n", "fault", "ari.conf has no user 'asterisk'", "[asterisk]"),
        ("ari", "[asterisk]\ntype=user\nread_only=yes\n", "warning", "ari.conf line 3: the user is read-only", "read_only = no"),
        (
            "ari", "[general]\nwebsocket_write_timeout=10\n[asterisk]\ntype=user\n", "warning", "ari.conf line 2: a client has only 10 ms",
            "websocket_write_timeout = 100",
        ),
        (
            "ari", "[general]\nallowed_origins=*\n[asterisk]\ntype=user\n", "warning", "ari.conf line 2: web pages of any origin",
            "allowed_origins = https://YOUR-PAGE",
        ),
        ("asterisk", "[options]\nlive_dangerously = yes\n", "warning", "asterisk.conf line 2: live_dangerously", "live_dangerously = no"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(
    file: str, text: str, level: str, said: str, remedy: str, run: Run, asterisk: EmbeddedAsterisk, tmp_path: Path
) -> None:
    [found] = diagnose(run, tmp_path, asterisk, **{file: text})
    assert (found["level"], found["what"].startswith(said)) == (level, True), found
    assert remedy in found["remedy"]["lines"]  # type: ignore[index]


def test_another_password_is_found_and_not_shown(run: Run, asterisk: EmbeddedAsterisk, tmp_path: Path) -> None:
    [found] = diagnose(run, tmp_path, asterisk, ari="[asterisk]\ntype = user\npassword = hunter-two\n")
    assert found["what"] == "ari.conf line 3: the password is different from yours"
    assert "hunter" not in str(found)


def test_a_prefix_that_the_address_lacks(run: Run, asterisk: EmbeddedAsterisk, tmp_path: Path) -> None:
    [found] = diagnose(run, tmp_path, asterisk, http="[general]\nenabled=yes\nprefix=pbx\n")
    assert found["what"] == "the prefix in http.conf is /pbx, the one in the address (none)"
