"""Applications: their subscriptions and event filters."""

from collections.abc import Iterator
from typing import Any

from asterisk_ari.testing.machine.state.application import (
    ALL_BRIDGES,
    ALL_CHANNELS,
    ALL_DEVICES,
    ALL_ENDPOINTS,
    ServerApplication,
    add_subscription,
    remove_subscription,
)
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import Reply, RequestRefused, error_reply


def _application(machine: Machine, params: Parameters) -> ServerApplication:
    app = machine.apps.get(params.values["applicationName"])
    if app is None:
        raise RequestRefused(error_reply(404, "Application not found"))
    return app


@operation("applications.list")
def list_(machine: Machine, params: Parameters) -> Reply:
    """List all applications."""
    return Reply(200, [machine.apps[name].snapshot() for name in sorted(machine.apps)])


@operation("applications.get")
def get(machine: Machine, params: Parameters) -> Reply:
    """Return one application."""
    return Reply(200, _application(machine, params).snapshot())


def _sources(params: Parameters) -> Iterator[tuple[str, str]]:
    """Yield the event sources one by one: those before an invalid one take effect."""
    if params.values.get("eventSource") is None:
        raise RequestRefused(error_reply(400, "Missing parameter eventSource"))
    for source in params.list("eventSource"):
        scheme, colon, name = source.partition(":")
        if not colon or scheme not in {"channel", "bridge", "endpoint", "deviceState"}:
            raise RequestRefused(error_reply(400, "Invalid event source URI scheme"))
        yield scheme, name


def _subscriptions(app: ServerApplication, scheme: str) -> tuple[dict[str, int], str]:
    """Return an application's subscriptions to one kind of object, and the topic of all objects of that kind."""
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
def subscribe(machine: Machine, params: Parameters) -> Reply:
    """Subscribe an application to channels, bridges, endpoints or devices."""
    app = _application(machine, params)
    for scheme, name in _sources(params):
        if name and not _exists(machine, scheme, name):
            return error_reply(422, "Event source does not exist")
        subscriptions, all_topic = _subscriptions(app, scheme)
        if not (scheme == "deviceState" and name in subscriptions):
            add_subscription(subscriptions, name or all_topic)
    return Reply(200, app.snapshot())


@operation("applications.unsubscribe")
def unsubscribe(machine: Machine, params: Parameters) -> Reply:
    """End subscriptions of an application."""
    app = _application(machine, params)
    for scheme, name in _sources(params):
        subscriptions, all_topic = _subscriptions(app, scheme)
        if not name and scheme != "deviceState" and all_topic in subscriptions:
            return error_reply(501, "Method not implemented")
        if (name or all_topic) not in subscriptions and not (scheme == "deviceState" and all_topic in subscriptions):
            return error_reply(422, "Event source was not subscribed to")
        if name or machine.has("all_devices_can_be_left"):
            remove_subscription(subscriptions, name or all_topic)
    return Reply(200, app.snapshot())


def _filter(body: dict[str, Any], name: str) -> list[dict[str, Any]] | None:
    """Return the list `allowed` or `disallowed` of a filter; None if it is missing."""
    if name not in body:
        return None
    items = body[name]
    if not isinstance(items, list) or any(not isinstance(item, dict) or not isinstance(item.get("type"), str) for item in items):
        raise RequestRefused(error_reply(400, "Invalid format definition"))
    return list(items)


@operation("applications.filter")
def filter_(machine: Machine, params: Parameters) -> Reply:
    """Set the event filter of an application: the whole body is the filter."""
    app = _application(machine, params)
    body = params.body
    if isinstance(body, list) and body:
        return error_reply(400, "Invalid format definition")
    if not isinstance(body, dict) or not body:
        app.allowed, app.disallowed = [], []
        return Reply(200, app.snapshot())
    allowed, disallowed = _filter(body, "allowed"), _filter(body, "disallowed")
    if allowed is not None:
        app.allowed = allowed
    if disallowed is not None:
        app.disallowed = disallowed
    return Reply(200, app.snapshot())
