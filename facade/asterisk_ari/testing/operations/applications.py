"""Applications: subscriptions and event filters."""

from collections.abc import Iterator
from typing import Any

from ..machine.application import ALL_BRIDGES, ALL_CHANNELS, ALL_DEVICES, ALL_ENDPOINTS, Application, add, drop
from ..machine.core import Machine
from .found import Refused
from .registry import Parameters, Reply, error, operation


def _application(machine: Machine, p: Parameters) -> Application:
    app = machine.apps.get(p.values["applicationName"])
    if app is None:
        raise Refused(error(404, "Application not found"))
    return app


@operation("applications.list")
def list_(machine: Machine, p: Parameters) -> Reply:
    """Every application."""
    return Reply(200, [machine.apps[name].snapshot() for name in sorted(machine.apps)])


@operation("applications.get")
def get(machine: Machine, p: Parameters) -> Reply:
    """One application."""
    return Reply(200, _application(machine, p).snapshot())


def _sources(p: Parameters) -> Iterator[tuple[str, str]]:
    """One after the other: what comes before a bad one is done."""
    if p.values.get("eventSource") is None:
        raise Refused(error(400, "Missing parameter eventSource"))
    for source in p.list("eventSource"):
        scheme, colon, rest = source.partition(":")
        if not colon or scheme not in {"channel", "bridge", "endpoint", "deviceState"}:
            raise Refused(error(400, "Invalid event source URI scheme"))
        yield scheme, rest


def _table(app: Application, scheme: str) -> tuple[dict[str, int], str]:
    return {
        "channel": (app.channels, ALL_CHANNELS),
        "bridge": (app.bridges, ALL_BRIDGES),
        "endpoint": (app.endpoints, ALL_ENDPOINTS),
        "deviceState": (app.devices, ALL_DEVICES),
    }[scheme]


def _exists(machine: Machine, scheme: str, name: str) -> bool:
    if scheme == "channel":
        return name in machine.channels
    if scheme == "bridge":
        return name in machine.bridges
    if scheme == "deviceState":
        return True
    technology, slash, resource = name.partition("/")
    return technology == "PJSIP" and (not slash or resource in machine.endpoints)


@operation("applications.subscribe")
def subscribe(machine: Machine, p: Parameters) -> Reply:
    """Hear of channels, bridges, endpoints, devices."""
    app = _application(machine, p)
    for scheme, name in _sources(p):
        if name and not _exists(machine, scheme, name):
            return error(422, "Event source does not exist")
        table, everything = _table(app, scheme)
        if not (scheme == "deviceState" and name in table):
            add(table, name or everything)
    return Reply(200, app.snapshot())


@operation("applications.unsubscribe")
def unsubscribe(machine: Machine, p: Parameters) -> Reply:
    """No longer."""
    app = _application(machine, p)
    for scheme, name in _sources(p):
        table, everything = _table(app, scheme)
        if not name and scheme != "deviceState" and everything in table:
            return error(501, "Method not implemented")
        if (name or everything) not in table and not (scheme == "deviceState" and everything in table):
            return error(422, "Event source was not subscribed to")
        if name or machine.has("all_devices_can_be_left"):
            drop(table, name or everything)
    return Reply(200, app.snapshot())


def _filter(body: dict[str, Any], name: str) -> list[dict[str, Any]] | None:
    """One of the two lists; None when it is not named."""
    if name not in body:
        return None
    given = body[name]
    if not isinstance(given, list) or any(not isinstance(item, dict) or "type" not in item for item in given):
        raise Refused(error(400, "Invalid format definition"))
    return list(given)


@operation("applications.filter")
def filter_(machine: Machine, p: Parameters) -> Reply:
    """Which types of events the application gets: the whole body is the filter."""
    app = _application(machine, p)
    body = p.body
    if not isinstance(body, dict) or not body:
        app.allowed, app.disallowed = [], []
        return Reply(200, app.snapshot())
    allowed, disallowed = _filter(body, "allowed"), _filter(body, "disallowed")
    if allowed is not None:
        app.allowed = allowed
    if disallowed is not None:
        app.disallowed = disallowed
    return Reply(200, app.snapshot())
