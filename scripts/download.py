"""Get definitions from a running Asterisk or from a folder. The only module here that talks to a server.

Credentials come from ARI_USERNAME and ARI_PASSWORD and are used only in the request's Basic header.
"""

import json
import os
import re
import ssl
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from scripts.errors import RegenerateError
from scripts.facts import Facts
from scripts.normalise import normalise

TIMEOUT_SECONDS = 15.0  # for the next bytes
ANSWER_SECONDS = 60.0  # for all of one answer
MAX_BYTES = 8_000_000
REMEDIES = {
    401: "wrong credentials: check ARI_USERNAME and ARI_PASSWORD against ari.conf",
    403: "this user may not read: give ARI_USERNAME a user that ari.conf permits from here",
    404: "not found: is ARI enabled in ari.conf, res_ari loaded, and the path prefix of http.conf right?",
    503: "Asterisk is still booting: try again in a moment",
}
DOCUMENT = re.compile(r"/api-docs/([A-Za-z][A-Za-z0-9_]*)\.(\{format\}|json)\Z")
PLAIN = re.compile(r"(\d+\.\d+\.\d+)(?![\w.]*[-~](?:rc|beta|alpha|pre))")
CERTIFIED = re.compile(r"\A((?:GIT-)?certified)/")
NAMED = re.compile(r"(?:certified|GIT|SVN)-\S+|\d+\.\d+\.\d+\S*")
OTHER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~_-]{0,80}\Z")


def from_server(url: str) -> Facts:
    """Return the facts of a running server, with the release it reports."""
    base = _base(url)
    username, password = os.environ.get("ARI_USERNAME"), os.environ.get("ARI_PASSWORD")
    if not username or password is None:
        raise RegenerateError("no credentials: set ARI_USERNAME and ARI_PASSWORD to a user of the server's ari.conf")
    auth = httpx.BasicAuth(username.encode(), password.encode())
    # OpenSSL's own defaults: the system's authorities, or those that SSL_CERT_FILE names. No proxy of the environment.
    trust = ssl.create_default_context()
    with httpx.Client(auth=auth, verify=trust, timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client:
        info = _get(client, f"{base}/asterisk/info", {"only": "system"})
        release = release_of(_version(info, base))
        listing = _get(client, f"{base}/api-docs/resources.json")
        documents = {name: _get(client, f"{base}/api-docs/{name}.json") for name in _names(listing, base)}
    return normalise(release, documents)


def from_folder(folder: Path, release: str | None = None) -> Facts:
    """Return the facts of a folder with `resources.json` and `api-docs/`, as served or as in Asterisk's sources."""
    if not folder.is_dir() and "@" in str(folder):
        raise RegenerateError("the source is no folder, and an address must carry no credentials: give http(s)://HOST:PORT")
    if not folder.is_dir():
        raise RegenerateError(f"{folder} is neither an http(s) address nor a folder: give one of the two")
    listing = _read(folder / "resources.json")
    documents = {}
    for name in _names(listing, str(folder)):
        file = folder / "api-docs" / f"{name}.json"
        documents[name] = _read(file if file.exists() else folder / f"{name}.json")
    found = NAMED.search(folder.resolve().name)
    if release is None and found is None:
        raise RegenerateError(f"cannot tell the release of {folder}: name the folder asterisk-<release> or add --release X.Y.Z")
    return normalise(release_of(release or (found[0] if found else "")), documents)


def release_of(version: str) -> str:
    """The release a version string stands for: `22.10.1~dfsg+…` → `22.10.1`; certified and GIT builds keep their name."""
    match = PLAIN.match(version)
    if match:
        return match[1]
    name = CERTIFIED.sub(r"\1-", version)  # older certified builds write a slash, which a file name cannot hold
    if not OTHER.match(name):
        raise RegenerateError(
            f"version {version[:80]!r} is not a release that can be filed: regenerate from a folder of its definitions, "
            "with --release NAME"
        )
    return name


def _base(url: str) -> str:
    try:
        parts = urlsplit(url)
        possible = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        possible = False
    if not possible:
        raise RegenerateError("the address must look like http://HOST:8088 or https://HOST:8089, with or without /ari")
    if parts.username is not None or parts.password is not None or parts.query:
        raise RegenerateError("the address must carry no credentials: set ARI_USERNAME and ARI_PASSWORD instead")
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path if path.endswith('/ari') else path + '/ari'}"


def _get(client: httpx.Client, url: str, params: dict[str, str] | None = None) -> Any:
    try:
        with client.stream("GET", url, params=params) as response:
            body = _body(response, url)
    except httpx.ConnectError as error:
        raise RegenerateError(f"{url}: no connection ({error}): {_why_not_connected(error)}") from error
    except httpx.TimeoutException as error:
        raise RegenerateError(f"{url}: no answer within {TIMEOUT_SECONDS:g} s: is that Asterisk's HTTP port?") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise RegenerateError(f"{url}: {type(error).__name__} ({error}): is that Asterisk's HTTP port?") from error
    if response.is_redirect:
        raise RegenerateError(f"{url}: {response.status_code} points elsewhere: give that address, if it is Asterisk")
    if response.status_code != 200:
        raise RegenerateError(f"{url}: {response.status_code} {REMEDIES.get(response.status_code, 'is that Asterisk?')}")
    try:
        return _parsed(body)
    except RegenerateError as error:
        raise RegenerateError(f"{url}: {error}") from None
    except (ValueError, RecursionError):
        kind = response.headers.get("content-type", "no content type")
        raise RegenerateError(f"{url}: the answer is not JSON ({kind}): is that Asterisk, or a proxy before it?") from None


def _body(response: httpx.Response, url: str) -> bytes:
    """Return the response body, unless it is larger or slower than any definitions."""
    body = bytearray()
    until = time.monotonic() + ANSWER_SECONDS
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_BYTES:
            raise RegenerateError(f"{url}: more than {MAX_BYTES} bytes: not ARI definitions")
        if time.monotonic() > until:
            raise RegenerateError(f"{url}: not there after {ANSWER_SECONDS:g} s: is that Asterisk, or is the network that slow?")
    return bytes(body)


def _why_not_connected(error: httpx.ConnectError) -> str:
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "name the server as its certificate does, and the file of its certificate or authority in SSL_CERT_FILE"
    if "SSL" in text:
        return "is that the https port? Asterisk's is tlsbindaddr in http.conf, 8089 as a rule"
    return "is Asterisk running, and http.conf enabled on that port?"


def _parsed(text: str | bytes) -> Any:
    """Parse JSON strictly: a duplicate key would lose one of its values, a lone surrogate would break the file."""
    found = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    json.dumps(found, ensure_ascii=False).encode()
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise RegenerateError(f"the key {twice[:80]!r} is there twice in one object: a damaged copy")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _read(file: Path) -> Any:
    try:
        return _parsed(file.read_text(encoding="utf-8"))
    except RegenerateError as error:
        raise RegenerateError(f"{file}: {error}") from None
    except FileNotFoundError:
        raise RegenerateError(f"{file} does not exist: the folder must hold resources.json and api-docs/*.json") from None
    except (ValueError, RecursionError, OSError) as error:
        raise RegenerateError(f"{file}: {error}: a damaged copy") from error


def _version(info: object, where: str) -> str:
    system = info.get("system") if isinstance(info, dict) else None
    version = system.get("version") if isinstance(system, dict) else None
    if not isinstance(version, str) or not version:
        raise RegenerateError(f"{where}/asterisk/info names no version: is that Asterisk?")
    return version


def _names(listing: object, where: str) -> list[str]:
    apis = listing.get("apis") if isinstance(listing, dict) else None
    if not isinstance(apis, list) or not apis:
        raise RegenerateError(f"{where}: resources.json lists no resources: is that Asterisk?")
    names = []
    for api in apis:
        match = DOCUMENT.match(str(api.get("path", ""))) if isinstance(api, dict) else None
        if match is None:
            raise RegenerateError(f"{where}: resources.json lists {str(api)[:80]!r}: not a definition file")
        if match[1] in names:
            raise RegenerateError(f"{where}: resources.json lists {match[1]} twice: a damaged copy")
        names.append(match[1])
    return names
