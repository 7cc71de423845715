"""Endpoints: list them, send messages and referrals to them."""

from ..machine.core import Machine
from ..machine.endpoint import Endpoint
from .channels import STRINGS_ONLY
from .found import Refused, require
from .registry import Parameters, Reply, error, operation


@operation("endpoints.list")
def list_(machine: Machine, p: Parameters) -> Reply:
    """Every endpoint."""
    return Reply(200, [endpoint.snapshot() for endpoint in machine.endpoints.values()])


@operation("endpoints.listByTech")
def list_by_tech(machine: Machine, p: Parameters) -> Reply:
    """Those of a technology."""
    found = [endpoint.snapshot() for endpoint in machine.endpoints.values() if endpoint.technology == p.values["tech"]]
    return Reply(200, found) if found else error(404, f"No Endpoints found - invalid tech {p.values['tech']}")


def _endpoint(machine: Machine, technology: str, resource: str) -> Endpoint:
    endpoint = machine.endpoints.get(resource)
    if endpoint is None or endpoint.technology.lower() != technology.lower():
        raise Refused(error(404, "Endpoint not found"))
    return endpoint


@operation("endpoints.get")
def get(machine: Machine, p: Parameters) -> Reply:
    """One endpoint."""
    return Reply(200, _endpoint(machine, p.values["tech"], p.values["resource"]).snapshot())


def _send(machine: Machine, p: Parameters, kind: str, endpoint: Endpoint) -> Reply:
    if not endpoint.is_reachable:
        return error(404, "Endpoint not found")
    body = p.body if isinstance(p.body, dict) else {}
    machine.messages.append(
        {
            "kind": kind,
            "to": f"{endpoint.technology}/{endpoint.resource}",
            "from": p.text("from") or "",
            "body": p.text("body") or "",
            "refer_to": p.text("refer_to") or "",
            "variables": body.get("variables", {}),
        }
    )
    return Reply(202)


def _check_variables(p: Parameters) -> None:
    variables = p.body.get("variables") if isinstance(p.body, dict) else None
    if isinstance(variables, dict) and not all(isinstance(value, str) for value in variables.values()):
        raise Refused(error(400, STRINGS_ONLY))


def _to(machine: Machine, p: Parameters) -> Endpoint:
    _check_variables(p)
    technology, _, resource = require(p, "to", "To must be specified").partition(":")
    return _endpoint(machine, technology, resource.partition("/")[0])


def _to_path(machine: Machine, p: Parameters) -> Endpoint:
    endpoint = _endpoint(machine, p.values["tech"], p.values["resource"])
    _check_variables(p)
    return endpoint


@operation("endpoints.sendMessage")
def send_message(machine: Machine, p: Parameters) -> Reply:
    """A text message to a URI."""
    return _send(machine, p, "message", _to(machine, p))


@operation("endpoints.sendMessageToEndpoint")
def send_message_to_endpoint(machine: Machine, p: Parameters) -> Reply:
    """A text message to an endpoint."""
    return _send(machine, p, "message", _to_path(machine, p))


@operation("endpoints.refer")
def refer(machine: Machine, p: Parameters) -> Reply:
    """A referral to a URI."""
    return _send(machine, p, "refer", _to(machine, p))


@operation("endpoints.referToEndpoint")
def refer_to_endpoint(machine: Machine, p: Parameters) -> Reply:
    """A referral to an endpoint."""
    return _send(machine, p, "refer", _to_path(machine, p))
