"""`nox -s regenerate -- URL` against the running server."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from asterisk_ari import AsteriskARI
from asterisk_ari.errors import AriDisabled
from scripts import regenerate
from scripts.live import LiveAsterisk
from tests.live.server import Server

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> Path:
    """A copy of what a regeneration reads and writes, and the credentials it wants."""
    for folder in ("swagger", "generated", "facade"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv("ARI_USERNAME", server.username)
    monkeypatch.setenv("ARI_PASSWORD", server.password)
    return tmp_path


def _tree(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def test_the_server_has_the_committed_definitions(checkout: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """Its facts are those of swagger/ (or the exact drift is printed), nothing else changes, and --check is clean."""
    # A certified or GIT build is filed under its own name, in which a slash is a dash.
    release = server.release or server.version.replace("/", "-")
    known = (checkout / f"swagger/asterisk-{release}.json").exists()
    before = _tree(checkout)
    assert regenerate.main([server.url], root=checkout) == 0
    said = capsys.readouterr().out
    print(said)
    if known and f"drift of {release}: " not in said:
        assert f"the server's {release} is as swagger/ has it" in said
        assert "the client: nothing changed" in said
        assert _tree(checkout) == before
    filed = json.loads((checkout / f"swagger/asterisk-{release}.json").read_text())
    assert filed["release"] == release
    assert regenerate.main(["--check"], root=checkout) == 0


@pytest.mark.parametrize(
    ("password", "path", "port", "cause"),
    [
        ("wrong-password-of-nobody", "", None, "401|user"),
        (None, "/elsewhere", None, "404"),
        (None, "", 1, "refused|connect"),
    ],
    ids=["wrong password", "no ARI there", "no server"],
)
def test_a_failure_is_one_line_and_changes_nothing(
    checkout: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    password: str | None,
    path: str,
    port: int | None,
    cause: str,
) -> None:
    """The cause and the remedy in one line, exit code 1, the checkout as it was, the password nowhere."""
    monkeypatch.setenv("ARI_PASSWORD", password or os.environ["ARI_PASSWORD"])
    url = re.sub(r":\d+", f":{port}", server.url) if port else server.url
    before = _tree(checkout)
    assert regenerate.main([url.rstrip("/").removesuffix("/ari") + path], root=checkout) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1, said.err
    assert re.search(cause, said.err, re.IGNORECASE), said.err
    assert (password or "no secret") not in said.err
    assert _tree(checkout) == before


def test_a_server_without_ari_is_named(checkout: Path, own: LiveAsterisk, capsys: pytest.CaptureFixture[str]) -> None:
    """Where ari.conf says enabled = no, one line says what to look at, and the client says the same."""
    conf = own.run_dir / "etc/ari.conf"
    enabled = conf.read_text()
    before = _tree(checkout)
    conf.write_text(enabled.replace("enabled = yes", "enabled = no"))
    own.cli("module reload res_ari.so")
    try:
        assert regenerate.main([own.url], root=checkout) == 1
        with pytest.raises(AriDisabled, match=r"ari\.conf"):
            AsteriskARI(url=own.url, username=own.username, password=own.password).connect()
    finally:
        conf.write_text(enabled)
        own.cli("module reload res_ari.so")
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert re.search(r"404|ARI", said)
    assert _tree(checkout) == before
