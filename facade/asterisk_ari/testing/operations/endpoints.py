"""Endpoints: list them, send text messages and referrals to them."""

from asterisk_ari.testing.machine.state.endpoint import ServerEndpoint
from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.operations.channels import STRINGS_ONLY
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import Reply, RequestRefused, error_reply


@operation("endpoints.list")
def list_(machine: Machine, params: Parameters) -> Reply:
    """List all endpoints."""
    return Reply(200, [endpoint.snapshot() for endpoint in machine.endpoints.values()])


@operation("endpoints.listByTech")
def list_by_tech(machine: Machine, params: Parameters) -> Reply:
    """List the endpoints of a technology."""
    endpoints = [endpoint.snapshot() for endpoint in machine.endpoints.values() if endpoint.technology == params.values["tech"]]
    if not endpoints:
        return error_reply(404, f"No Endpoints found - invalid tech {params.values['tech']}")
    return Reply(200, endpoints)


def _endpoint(machine: Machine, technology: str, resource: str) -> ServerEndpoint:
    endpoint = machine.endpoints.get(resource)
    if endpoint is None or endpoint.technology.lower() != technology.lower():
        raise RequestRefused(error_reply(404, "Endpoint not found"))
    return endpoint


@operation("endpoints.get")
def get(machine: Machine, params: Parameters) -> Reply:
    """Return one endpoint."""
    return Reply(200, _endpoint(machine, params.values["tech"], params.values["resource"]).snapshot())


def _send(machine: Machine, params: Parameters, kind: str, endpoint: ServerEndpoint) -> Reply:
    if not endpoint.is_reachable:
        return error_reply(404, "Endpoint not found")
    body = params.body if isinstance(params.body, dict) else {}
    machine.messages.append(
        {
            "kind": kind,
            "to": f"{endpoint.technology}/{endpoint.resource}",
            "from": params.text("from") or "",
            "body": params.text("body") or "",
            "refer_to": params.text("refer_to") or "",
            "variables": body.get("variables", {}),
        }
    )
    return Reply(202)


def _check_variables(params: Parameters) -> None:
    variables = params.body.get("variables") if isinstance(params.body, dict) else None
    if isinstance(variables, dict) and not all(isinstance(value, str) for value in variables.values()):
        raise RequestRefused(error_reply(400, STRINGS_ONLY))


def _endpoint_of_uri(machine: Machine, params: Parameters) -> ServerEndpoint:
    _check_variables(params)
    technology, _, resource = params.required_text("to", "To must be specified").partition(":")
    return _endpoint(machine, technology, resource.partition("/")[0])


def _endpoint_of_path(machine: Machine, params: Parameters) -> ServerEndpoint:
    endpoint = _endpoint(machine, params.values["tech"], params.values["resource"])
    _check_variables(params)
    return endpoint


@operation("endpoints.sendMessage")
def send_message(machine: Machine, params: Parameters) -> Reply:
    """Send a text message to a URI."""
    return _send(machine, params, "message", _endpoint_of_uri(machine, params))


@operation("endpoints.sendMessageToEndpoint")
def send_message_to_endpoint(machine: Machine, params: Parameters) -> Reply:
    """Send a text message to an endpoint."""
    return _send(machine, params, "message", _endpoint_of_path(machine, params))


@operation("endpoints.refer")
def refer(machine: Machine, params: Parameters) -> Reply:
    """Refer a URI to another."""
    return _send(machine, params, "refer", _endpoint_of_uri(machine, params))


@operation("endpoints.referToEndpoint")
def refer_to_endpoint(machine: Machine, params: Parameters) -> Reply:
    """Refer an endpoint to a URI."""
    return _send(machine, params, "refer", _endpoint_of_path(machine, params))
