"""Endpoints that come and go, and the text messages they send."""

from collections.abc import Mapping

from .core import Json, Machine
from .devices import endpoint_changed
from .endpoint import Endpoint

HOST = "127.0.0.1"
PORT = 5060


def endpoint_of(machine: Machine, name: str) -> Endpoint:
    """The endpoint of a name such as `alice` or `PJSIP/alice`."""
    resource = name.removeprefix("PJSIP/")
    if "/" in resource:
        raise ValueError(f"{name!r} is no PJSIP endpoint: no other registers or sends messages")
    endpoint = machine.endpoints.get(resource)
    if endpoint is None:
        known = ", ".join(machine.endpoints) or "none"
        raise ValueError(f"no endpoint {name!r}: there are {known} (the argument endpoints= says which)")
    return endpoint


def register(machine: Machine, endpoint: Endpoint) -> None:
    """Its contact appears; one that has a contact only refreshes it, of which nobody is told."""
    if endpoint.is_reachable:
        return
    endpoint.behaviour = endpoint.registered_as
    _changed(machine, endpoint, "Reachable", "NonQualified")


def unregister(machine: Machine, endpoint: Endpoint) -> None:
    """Its contact goes; its calls go on."""
    if not endpoint.is_reachable:
        return
    endpoint.registered_as, endpoint.behaviour = endpoint.behaviour, "unreachable"
    _changed(machine, endpoint, "Unreachable", "Removed")


def _changed(machine: Machine, endpoint: Endpoint, peer: str, contact: str) -> None:
    name = endpoint.resource
    info = {"uri": f"sip:{name}@{HOST}:{PORT}", "contact_status": contact, "aor": name, "roundtrip_usec": "0"}
    machine.about_endpoint("EndpointStateChange", endpoint)
    machine.about_endpoint("PeerStatusChange", endpoint, {"peer": {"peer_status": peer}})
    machine.about_endpoint("ContactStatusChange", endpoint, {"contact_info": info})
    endpoint_changed(machine, endpoint)


def message_received(machine: Machine, endpoint: Endpoint, body: str, to: str, variables: Mapping[str, str]) -> None:
    """A text message arrives from it, registered or not."""
    receiver = to.partition("<")[2].partition(">")[0] or to
    for scheme in ("pjsip:", "sips:", "sip:"):
        receiver = receiver.removeprefix(scheme)
    if "@" not in receiver:
        receiver = f"{receiver}@{HOST}"
    sender = f"sip:{endpoint.resource}@{HOST}"
    message: Json = {
        "from": f"<{sender}>" if machine.has("message_names_its_sender") else "<sip>",
        "to": f"pjsip:{receiver}",
        "body": body,
        "variables": {
            **_headers(machine, endpoint, sender, receiver),
            "Content-Type": "text/plain",
            "Content-Length": str(len(body.encode())),
            **{name: str(value) for name, value in variables.items()},
        },
    }
    machine.about_endpoint("TextMessageReceived", endpoint, {"message": message})


def _headers(machine: Machine, endpoint: Endpoint, sender: str, receiver: str) -> dict[str, str]:
    number = machine.count("message") + 1
    address = f"{HOST}:{PORT}"
    return {
        "PJSIP_RECVADDR": address,
        "PJSIP_TRANSPORT": "udp",
        **({"PJSIP_ENDPOINT": endpoint.caller_name} if endpoint.caller_name else {}),
        "Via": f"SIP/2.0/UDP {address};rport={PORT};received={HOST};branch=z9hG4bK{number:012x}",
        "Max-Forwards": "70",
        "From": f"<{sender}>;tag={number:08x}",
        "To": f"<sip:{receiver}>",
        "Call-ID": f"{number:012x}",
        "CSeq": f"{number} MESSAGE",
        "Contact": f"<{sender}:{PORT}>",
    }
