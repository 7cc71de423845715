"""Gathers the facts from a server without changing it: the only write hangs up a channel that does not exist."""

import http.client
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from asterisk_ari._core.requests.release import Release
from asterisk_ari.cli.command import client_of
from asterisk_ari.cli.doctor.conf_files import ConfFile, read_conf
from asterisk_ari.cli.doctor.event_probe import probe_events
from asterisk_ari.cli.doctor.facts import ServerFacts
from asterisk_ari.cli.media_test.probe import WAYS, measure
from asterisk_ari.errors import AriDisabled, AriError, AuthenticationFailed, NotFound, PermissionDenied, ResponseError
from asterisk_ari.settings import Settings
from asterisk_ari.sync import AsteriskARI

PREFIXES = ("", "/asterisk")
CONF_FILES = ("http.conf", "ari.conf", "asterisk.conf", "websocket_client.conf")
APP_CONTEXT_SINCE = {"16": "16.2.0", **{str(branch): f"{branch}.0.0" for branch in range(17, 24)}}
T = TypeVar("T")


@dataclass(frozen=True)
class ProbeOptions:
    """The options of `doctor`."""

    needs: Sequence[str] = ()
    endpoints: Sequence[str] = ()
    sounds: Sequence[str] = ()
    origins: Sequence[str] = ()
    etc: Path | None = None
    places_call: bool = True
    tries_media: bool = False
    wait_seconds: float = 5.0


def probe(settings: Settings, options: ProbeOptions, say: Callable[[str], None]) -> ServerFacts:
    """Gather the facts; `say` shows what is being checked."""
    facts = ServerFacts(settings, options.needs, wanted_endpoints=options.endpoints, wanted_sounds=options.sounds)
    if options.etc is not None:
        facts.files = _files(options.etc)
    ari = client_of(settings, events=False, version_check="off", request_timeout_seconds=options.wait_seconds)
    say(f"asking {settings.base_url}")
    with ari:
        try:
            facts.info = ari.asterisk.get_info()
        except AriDisabled as error:
            facts.error, facts.ari_prefix = error, _prefix_with_ari(settings)
            return facts
        except AriError as error:
            facts.error = error
            return facts
        if not facts.version:
            facts.error = _not_of_asterisk()
            return facts
        _ask(ari, facts)
        facts.origins = {origin: _allows_origin(settings, origin) for origin in options.origins}
    say("waiting for events")
    facts.events = probe_events(
        settings,
        may_write=bool(facts.may_write),
        places_call=options.places_call and _has_context_of_an_app(facts.version),
        wait_seconds=options.wait_seconds,
    )
    if options.tries_media and facts.may_write and facts.events.error is None:
        with client_of(settings, app_name=f"asterisk-ari-doctor-{uuid4().hex[:8]}") as ari:
            for way in WAYS:
                say(f"listening for an echo over {way}")
                facts.media = [*facts.media, measure(ari, way, 1, only_round_trip=True)]
    return facts


def _not_of_asterisk() -> ResponseError:
    remedy = "is that the address of Asterisk's HTTP server, and the prefix that of http.conf?"
    what = "GET /asterisk/info: 200 the answer is JSON, but names no release of Asterisk"
    return ResponseError(what, status=200, reason="", remedy=remedy)


def _has_context_of_an_app(version: str) -> bool:
    """Whether `Local/…@stasis-APP` needs no dialplan; a build without a release number counts as new."""
    release = Release.of(version)
    return release is None or release.has(APP_CONTEXT_SINCE)


def _ask(ari: AsteriskARI, facts: ServerFacts) -> None:
    """Make the requests that a read-only user may make, and one that it may not."""
    _measure_clock(ari, facts)
    facts.may_write = _may_write(ari)
    modules = _if_there(ari.asterisk.list_modules)
    if modules is not None:
        facts.modules = {module["name"]: module["status"] for module in modules}
    facts.app = _if_there(lambda: ari.applications(facts.settings.app_name).refresh().json)
    facts.endpoints = [endpoint.json for endpoint in _if_there(ari.endpoints.list) or ()]
    sounds = _if_there(ari.sounds.list)
    facts.sounds = None if sounds is None else [sound.json["id"] for sound in sounds]


def _if_there(ask: Callable[[], T]) -> T | None:
    """The response; None where the server lacks the object or the whole resource."""
    try:
        return ask()
    except ResponseError:
        return None


def _measure_clock(ari: AsteriskARI, facts: ServerFacts) -> None:
    begun, counted = time.time(), time.perf_counter()
    with suppress(ResponseError, KeyError, TypeError, ValueError):  # since 13.25 and 16.2; a proxy may answer in its place
        stamp = ari.asterisk.ping()["timestamp"]
        seconds = time.perf_counter() - counted
        facts.round_trip_ms = seconds * 1000
        facts.clock_ahead_seconds = datetime.fromisoformat(stamp).timestamp() - (begun + seconds / 2)


def _may_write(ari: AsteriskARI) -> bool | None:
    """Whether the user may write: Asterisk checks that before it looks for the channel, which does not exist."""
    try:
        ari.channels(f"asterisk-ari-doctor-{uuid4().hex[:8]}").hangup()
    except PermissionDenied:
        return False
    except NotFound:
        return True
    except AriError:
        return None
    return None


def _prefix_with_ari(settings: Settings) -> str | None:
    """The prefix under which ARI answers, when it is not the one of the address."""
    for prefix in PREFIXES:
        if prefix == settings.prefix:
            continue
        try:
            with client_of(replace(settings, prefix=prefix), events=False, version_check="off") as ari:
                ari.asterisk.get_info(only="system")
        except AuthenticationFailed:
            return prefix
        except AriError:
            continue
        return prefix
    return None


def _allows_origin(settings: Settings, origin: str) -> bool:
    """Whether the response lets a browser's page of that origin read it."""
    seconds = settings.connect_timeout_seconds
    if settings.tls:
        context = settings.verify if isinstance(settings.verify, ssl.SSLContext) else ssl.create_default_context()
        if settings.verify is False:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            settings.host, settings.port, timeout=seconds, context=context
        )
    else:
        connection = http.client.HTTPConnection(settings.host, settings.port, timeout=seconds)
    try:
        headers = {"Origin": origin, "Authorization": settings.authorization}
        connection.request("GET", f"{settings.prefix}/ari/asterisk/info?only=system", headers=headers)
        return connection.getresponse().getheader("Access-Control-Allow-Origin", "") in (origin, "*")
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _files(folder: Path) -> dict[str, ConfFile]:
    """The files of Asterisk's configuration folder that can be read here."""
    found = {}
    for name in CONF_FILES:
        with suppress(OSError):
            found[name] = read_conf(name, (folder / name).read_text(encoding="utf-8", errors="replace"))
    return found
