"""Definitions from a running server, or one that misbehaves: facts, or one line of cause and remedy."""

import json
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts import download
from scripts.errors import RegenerateError
from tests.facade.certificate import PEM
from tests.scripts.definitions_server import PASSWORD, DefinitionsServer, json_reply, serving_facts
from tests.scripts.dialect import documents, facts_of, listing
from tests.servers.script import Reply

pytestmark = pytest.mark.usefixtures("credentials")
FACTS = facts_of("22.10.1")
INFO, LISTING, DOCUMENT = "/ari/asterisk/info", "/ari/api-docs/resources.json", "/ari/api-docs/channels.json"


def serving(version: str = "22.10.1", prefix: str = "/ari") -> DefinitionsServer:
    return serving_facts(FACTS, version, prefix)


VERSIONS = {
    "22.10.1": "22.10.1",
    "22.10.1~dfsg+~cs6.15.60671435-1": "22.10.1",
    "20.15.2-1ubuntu1": "20.15.2",
    "certified-20.7-cert11": "certified-20.7-cert11",
    "certified/18.9-cert5": "certified-18.9-cert5",
    "GIT-certified/18.9-1a2b3c": "GIT-certified-18.9-1a2b3c",
    "GIT-20-abc": "GIT-20-abc",
    "22.10.10-rc1": "22.10.10-rc1",
    "22.10.10-beta1": "22.10.10-beta1",
    "22.10.10-alpha1": "22.10.10-alpha1",
    "23.0.0-pre1": "23.0.0-pre1",
    "23.0.0~rc2~dfsg": "23.0.0~rc2~dfsg",
}


@pytest.mark.parametrize("version", ["22.10.1~dfsg+~cs6", "certified-20.7-cert11", "GIT-20-abc"])
def test_a_server_gives_its_facts(version: str) -> None:
    """The facts of a server are those of its definitions, filed under the release that it names itself."""
    with serving(version) as server:
        expected = {**FACTS, "release": VERSIONS.get(version, "22.10.1")}
        assert expected == download.from_server(server.url)


@pytest.mark.parametrize(("version", "release"), VERSIONS.items())
def test_releases_of_version_strings(version: str, release: str) -> None:
    """Packaging suffixes go; what is no final release keeps its whole name."""
    assert release == download.release_of(version)


@pytest.mark.parametrize(
    "version", ["../../etc/x", "20/15", "certified/../x", "certified//x", "", "a b", "x" * 100, "-rf", "22\n10"]
)
def test_versions_that_cannot_be_filed_are_refused(version: str) -> None:
    """A version becomes a file name: anything else than a plain name is refused."""
    with pytest.raises(RegenerateError, match="not a release that can be filed"):
        download.release_of(version)


@pytest.mark.parametrize("tail", ["", "/", "/ari", "/ari/"])
def test_ari_in_the_address_is_optional(tail: str) -> None:
    """The address may name /ari or leave it out, with or without a slash behind it."""
    with serving() as server:
        assert download.from_server(server.url + tail) == FACTS
        assert {path.split("/")[1] for path in server.targets} == {"ari"}


def test_the_prefix_of_http_conf_is_kept() -> None:
    """A path prefix in the address goes before /ari."""
    with serving(prefix="/pbx/ari") as server:
        assert download.from_server(f"{server.url}/pbx") == FACTS


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials go to the server that was named and to no proxy."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with serving() as server:
        assert download.from_server(server.url) == FACTS


def failure(server: DefinitionsServer, url: str | None = None) -> str:
    """The message of a download that fails; it is one line and has no secret in it."""
    with server, pytest.raises(RegenerateError) as caught:
        download.from_server(url or server.url)
    message = str(caught.value)
    assert PASSWORD not in message
    return message


def changed(path: str, reply: Reply) -> DefinitionsServer:
    server = serving_facts(FACTS, "22.10.1")
    server.pages[path] = reply
    return server


HTML = Reply(200, b"<html>It works!</html>", "text/html")
REDIRECT = Reply(302, headers={"Location": "http://127.0.0.1:1/elsewhere"})
FAILURES: dict[str, tuple[Callable[[], DefinitionsServer], str]] = {
    "ARI disabled": (lambda: DefinitionsServer(everything=Reply(404)), "404 not found: is ARI enabled in ari.conf"),
    "user may not read": (lambda: DefinitionsServer(everything=Reply(403)), "403 this user may not read: give ARI_USERNAME"),
    "still booting": (lambda: DefinitionsServer(everything=Reply(503)), "503 Asterisk is still booting: try again"),
    "server error": (lambda: DefinitionsServer(everything=Reply(500)), "500 is that Asterisk?"),
    "another web server": (lambda: DefinitionsServer(everything=HTML), "the answer is not JSON (text/html): is that Asterisk"),
    "HTML for one document": (lambda: changed(DOCUMENT, HTML), "channels.json: the answer is not JSON (text/html)"),
    "redirect": (lambda: DefinitionsServer(everything=REDIRECT), "/ari/asterisk/info: 302 points elsewhere: give that address"),
    "one key twice": (lambda: changed(DOCUMENT, Reply(200, b'{"models": {}, "models": {}}')), "the key 'models' is there twice"),
    "half a character": (lambda: changed(DOCUMENT, Reply(200, b'{"since": ["\\ud800"]}')), "the answer is not JSON"),
    "no number": (lambda: changed(DOCUMENT, Reply(200, b'{"since": [NaN]}')), "the answer is not JSON"),
    "one resource twice": (
        lambda: changed(LISTING, json_reply({"apis": [{"path": "/api-docs/sounds.json"}] * 2})),
        "resources.json lists sounds twice",
    ),
    "one document missing": (lambda: changed(DOCUMENT, Reply(404, b"")), "channels.json: 404 not found"),
    "no version": (lambda: changed(INFO, json_reply({"system": {}})), "/asterisk/info names no version: is that Asterisk?"),
    "info of another kind": (lambda: changed(INFO, json_reply([])), "/asterisk/info names no version: is that Asterisk?"),
    "hostile version": (lambda: changed(INFO, json_reply({"system": {"version": "../x"}})), "not a release that can be filed"),
    "no resources": (lambda: changed(LISTING, json_reply({"apis": []})), "resources.json lists no resources"),
    "listing of another kind": (lambda: changed(LISTING, json_reply("x")), "resources.json lists no resources"),
    "deep nesting": (lambda: changed(DOCUMENT, Reply(200, b"[" * 200_000)), "the answer is not JSON"),
    "not UTF-8": (lambda: changed(DOCUMENT, Reply(200, b'{"a": "\xff"}')), "the answer is not JSON"),
    "empty": (lambda: changed(DOCUMENT, Reply(200, b"")), "the answer is not JSON"),
    "unknown dialect": (
        lambda: changed(DOCUMENT, json_reply({**documents(FACTS)["channels"], "openapi": "3.1.0"})),
        "channels: unknown resource key 'openapi'",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_failures(name: str) -> None:
    """Each failure names its cause and what to do."""
    make, expected = FAILURES[name]
    assert expected in failure(make())


PATHS = [
    "../x",
    "/api-docs/../x.json",
    "/api-docs/x",
    "http://elsewhere.invalid/api-docs/x.json",
    "/api-docs/a/b.json",
    "",
    None,
    5,
]
PATHS += ["/api-docs/x.json\n", "/api-docs/.json", "/api-docs/x%2f..json", "//elsewhere.invalid/api-docs/x.json"]


@pytest.mark.parametrize("path", PATHS, ids=repr)
def test_hostile_listings_are_refused(path: Any) -> None:
    """A listing that points anywhere but at a definition beside it is refused, and nothing of it is fetched."""
    server = changed(LISTING, json_reply({"apis": [{"path": path}]}))
    assert "not a definition file" in failure(server)
    expected = [f"{INFO}?only=system", LISTING]
    assert expected == server.targets


def test_wrong_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """401 says which variables to check, and shows neither password."""
    monkeypatch.setenv("ARI_PASSWORD", "not-the-password")
    message = failure(serving_facts(FACTS, "22.10.1"))
    assert "401 wrong credentials: check ARI_USERNAME and ARI_PASSWORD" in message
    assert "not-the-password" not in message


@pytest.mark.parametrize("missing", ["ARI_USERNAME", "ARI_PASSWORD"])
def test_no_credentials(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials nothing is sent, and the message names the variables to set."""
    monkeypatch.delenv(missing)
    server = serving_facts(FACTS, "22.10.1")
    assert failure(server).startswith("no credentials: set ARI_USERNAME and ARI_PASSWORD")
    nothing: list[str] = []
    assert nothing == server.targets


def test_redirects_are_not_followed() -> None:
    """Credentials are not carried to where a redirect points."""
    with serving_facts(FACTS, "22.10.1") as other:
        there = {"Location": f"{other.url}/ari/asterisk/info"}
        failure(DefinitionsServer(everything=Reply(307, headers=there)))
        nothing: list[str] = []
        assert nothing == other.targets


def test_an_answer_that_breaks_off() -> None:
    """A connection cut inside an answer is named, and the half answer is not used."""
    server = serving_facts(FACTS, "22.10.1")
    server.cut_after = 500
    message = failure(server)
    assert "/api-docs/" in message
    assert "RemoteProtocolError" in message


def test_a_huge_answer_is_not_read_to_its_end() -> None:
    """An answer larger than any definitions is given up on."""
    body = b'"' + b"x" * (download.MAX_BYTES + 1) + b'"'
    assert "more than 8000000 bytes: not ARI definitions" in failure(DefinitionsServer(everything=Reply(200, body)))


def test_an_answer_that_trickles_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that keeps sending a little cannot hold the run for ever."""
    monkeypatch.setattr(download, "ANSWER_SECONDS", 0.0)
    assert "/asterisk/info: not there after 0 s" in failure(serving_facts(FACTS, "22.10.1"))


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An Asterisk over TLS with a certificate of its own making: its address, and that certificate."""
    file = tmp_path / "self-signed.pem"
    file.write_text(PEM, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with serving_facts(FACTS, "22.10.1", tls=context) as server:
        yield f"https://localhost:{server.port}", file


def test_a_certificate_nobody_knows(secured: tuple[str, Path]) -> None:
    """A self-signed certificate is refused, and the message says how to trust it."""
    with pytest.raises(RegenerateError, match=r"name the server as its certificate does, and the file .* in SSL_CERT_FILE"):
        download.from_server(secured[0])


def test_a_certificate_that_is_named(secured: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """SSL_CERT_FILE names the certificate to trust."""
    monkeypatch.setenv("SSL_CERT_FILE", str(secured[1]))
    assert download.from_server(secured[0]) == FACTS


def test_https_to_the_plain_port() -> None:
    """https to a port that speaks http asks for the right port."""
    with serving() as server, pytest.raises(RegenerateError, match="is that the https port"):
        download.from_server(f"https://127.0.0.1:{server.port}")


def test_nobody_listens() -> None:
    """A refused connection asks whether Asterisk runs there."""
    with DefinitionsServer() as server:
        pass
    with pytest.raises(RegenerateError, match=r"no connection .*: is Asterisk running, and http.conf enabled on that port"):
        download.from_server(server.url)


def test_no_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts and says nothing is given up on after a stated time."""
    import socket

    monkeypatch.setattr(download, "TIMEOUT_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(RegenerateError, match=r"no answer within 0\.05 s"):
        download.from_server(f"http://127.0.0.1:{silent.getsockname()[1]}")


WITH_CREDENTIALS = [
    "http://admin:hunter2@127.0.0.1:8088",
    "http://admin:hunter2@127.0.0.1:8088/ari",
    "http://127.0.0.1:8088/ari?api_key=admin:hunter2",
    "https://hunter2@127.0.0.1",
]


@pytest.mark.parametrize("url", WITH_CREDENTIALS)
def test_credentials_in_the_address_are_refused(url: str) -> None:
    """Credentials on the command line end in the shell's history: they are refused, and not repeated."""
    with pytest.raises(RegenerateError, match="must carry no credentials: set ARI_USERNAME") as caught:
        download.from_server(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1", "http://", "http:///ari", "http://[::1", "://x", "http://a:99999", "http://a:port", "http://a:0"]
)
def test_addresses_that_are_none(url: str) -> None:
    """What is no http(s) address is refused with an example of one."""
    with pytest.raises(RegenerateError, match=r"the address must look like http://HOST:8088"):
        download.from_server(url)


# --- folders ------------------------------------------------------------------------------------------------------------


def written(folder: Path) -> Path:
    """A folder as a server serves it."""
    (folder / "api-docs").mkdir(parents=True)
    served = documents(FACTS)
    (folder / "resources.json").write_text(json.dumps(listing(list(served))), encoding="utf-8")
    for name, document in served.items():
        (folder / "api-docs" / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_a_folder_gives_its_facts(tmp_path: Path) -> None:
    """The release of a folder is in its name."""
    assert download.from_folder(written(tmp_path / "asterisk-22.10.1")) == FACTS


@pytest.mark.parametrize("release", ["22.10.1-rc1", "certified-20.7-cert11", "GIT-20-abc"])
def test_a_folder_of_no_final_release_keeps_its_name(release: str, tmp_path: Path) -> None:
    """The definitions of a candidate, a certified or a GIT build are not filed as those of a final release."""
    assert download.from_folder(written(tmp_path / f"asterisk-{release}"))["release"] == release


def test_the_release_of_a_folder_may_be_given(tmp_path: Path) -> None:
    """`--release` goes before the folder's name."""
    folder = written(tmp_path / "definitions-1.2.3")
    assert download.from_folder(folder, "22.10.1") == FACTS


def test_a_folder_without_a_release_is_refused(tmp_path: Path) -> None:
    """Without a release in its name, the folder needs `--release`."""
    with pytest.raises(RegenerateError, match=r"cannot tell the release .*add --release X\.Y\.Z"):
        download.from_folder(written(tmp_path / "definitions"))


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """What is neither folder nor address says so."""
    with pytest.raises(RegenerateError, match=r"is neither an http\(s\) address nor a folder"):
        download.from_folder(tmp_path / "gone")


def test_an_address_without_a_scheme_does_not_echo_its_password() -> None:
    """An address that forgot its http:// is no folder; a password in it is not repeated."""
    with pytest.raises(RegenerateError, match="must carry no credentials") as caught:
        download.from_folder(Path("admin:hunter2@127.0.0.1:8088"))
    assert "hunter2" not in str(caught.value)


def test_missing_and_damaged_files_are_named(tmp_path: Path) -> None:
    """A folder that lacks a file, or holds one that is no JSON, names the file."""
    folder = written(tmp_path / "asterisk-22.10.1")
    (folder / "api-docs" / "sounds.json").write_text('{"apis": [', encoding="utf-8")
    with pytest.raises(RegenerateError, match=r"sounds\.json: .*: a damaged copy"):
        download.from_folder(folder)
    (folder / "api-docs" / "sounds.json").unlink()
    with pytest.raises(RegenerateError, match=r"sounds\.json does not exist: the folder must hold"):
        download.from_folder(folder)
