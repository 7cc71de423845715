"""PJSIP endpoints: registration of their contacts, and the text messages they send."""

from collections.abc import Mapping
from dataclasses import fields, replace

from asterisk_ari.testing.machine.signalling.device_states import update_device_of_endpoint
from asterisk_ari.testing.machine.state.endpoint import ServerEndpoint
from asterisk_ari.testing.machine.state.machine import Json, Machine

HOST = "127.0.0.1"
PORT = 5060


def find_endpoint(machine: Machine, name: str) -> ServerEndpoint:
    """The endpoint with a name such as `alice` or `PJSIP/alice`. Raises ValueError."""
    resource = name.removeprefix("PJSIP/")
    if "/" in resource:
        raise ValueError(f"{name!r} is not a PJSIP endpoint: only those register and send messages")
    endpoint = machine.endpoints.get(resource)
    if endpoint is None:
        known = ", ".join(machine.endpoints) or "none"
        raise ValueError(f"no endpoint {name!r}: known are {known} (the argument endpoints= defines them)")
    return endpoint


def register(machine: Machine, endpoint: ServerEndpoint) -> None:
    """Register a contact; an endpoint that has one only refreshes it, which sends no event."""
    if endpoint.is_reachable:
        return
    endpoint.behaviour = endpoint.registered_as
    _publish_contact(machine, endpoint, "Reachable", "NonQualified")


def unregister(machine: Machine, endpoint: ServerEndpoint) -> None:
    """Remove the contact; calls of the endpoint go on."""
    if not endpoint.is_reachable:
        return
    endpoint.registered_as, endpoint.behaviour = endpoint.behaviour, "unreachable"
    _publish_contact(machine, endpoint, "Unreachable", "Removed")


def redefine(machine: Machine, given: ServerEndpoint) -> None:
    """Add an endpoint, or have one that there is behave like this: in the calls from now on."""
    there = machine.endpoints.get(given.resource)
    if there is None:
        machine.endpoints[given.resource] = replace(given, channels=[])
        machine.device_states[given.topics[0]] = given.idle_state
        return
    was_reachable = there.is_reachable
    for each in fields(given):
        if each.name not in {"resource", "channels", "registered_as"}:
            setattr(there, each.name, getattr(given, each.name))
    if there.is_reachable and not was_reachable:
        _publish_contact(machine, there, "Reachable", "NonQualified")
    elif was_reachable and not there.is_reachable:
        _publish_contact(machine, there, "Unreachable", "Removed")


def _publish_contact(machine: Machine, endpoint: ServerEndpoint, peer_status: str, contact_status: str) -> None:
    name = endpoint.resource
    info = {"uri": f"sip:{name}@{HOST}:{PORT}", "contact_status": contact_status, "aor": name, "roundtrip_usec": "0"}
    machine.publish_endpoint_event("EndpointStateChange", endpoint)
    machine.publish_endpoint_event("PeerStatusChange", endpoint, {"peer": {"peer_status": peer_status}})
    machine.publish_endpoint_event("ContactStatusChange", endpoint, {"contact_info": info})
    update_device_of_endpoint(machine, endpoint)


def receive_message(machine: Machine, endpoint: ServerEndpoint, body: str, to: str, variables: Mapping[str, str]) -> None:
    """Receive a text message from an endpoint, registered or not."""
    recipient = to.partition("<")[2].partition(">")[0] or to
    for scheme in ("pjsip:", "sips:", "sip:"):
        recipient = recipient.removeprefix(scheme)
    if "@" not in recipient:
        recipient = f"{recipient}@{HOST}"
    sender = f"sip:{endpoint.resource}@{HOST}"
    message: Json = {
        "from": f"<{sender}>" if machine.has("message_names_its_sender") else "<sip>",
        "to": f"pjsip:{recipient}",
        "body": body,
        "variables": {
            **_headers(machine, endpoint, sender, recipient),
            "Content-Type": "text/plain",
            "Content-Length": str(len(body.encode())),
            **{name: str(value) for name, value in variables.items()},
        },
    }
    machine.publish_endpoint_event("TextMessageReceived", endpoint, {"message": message})


def _headers(machine: Machine, endpoint: ServerEndpoint, sender: str, recipient: str) -> dict[str, str]:
    number = machine.count("message") + 1
    address = f"{HOST}:{PORT}"
    return {
        "PJSIP_RECVADDR": address,
        "PJSIP_TRANSPORT": "udp",
        **({"PJSIP_ENDPOINT": endpoint.caller_name} if endpoint.caller_name else {}),
        "Via": f"SIP/2.0/UDP {address};rport={PORT};received={HOST};branch=z9hG4bK{number:012x}",
        "Max-Forwards": "70",
        "From": f"<{sender}>;tag={number:08x}",
        "To": f"<sip:{recipient}>",
        "Call-ID": f"{number:012x}",
        "CSeq": f"{number} MESSAGE",
        "Contact": f"<{sender}:{PORT}>",
    }
