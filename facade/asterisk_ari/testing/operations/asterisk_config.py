"""Dynamic configuration: PJSIP objects that requests read, write and delete."""

from ..machine.core import Machine
from .found import Refused
from .registry import NO_CONTENT, Parameters, Reply, error, operation

DEFAULTS: dict[str, dict[str, str]] = {
    "aor": {
        "minimum_expiration": "60",
        "default_expiration": "3600",
        "qualify_timeout": "3.000000",
        "qualify_2xx_only": "false",
        "mailboxes": "",
        "support_path": "false",
        "remove_unavailable": "false",
        "voicemail_extension": "",
        "max_contacts": "0",
        "authenticate_qualify": "false",
        "contact": "",
        "maximum_expiration": "7200",
        "qualify_frequency": "0",
        "remove_existing": "false",
        "outbound_proxy": "",
    },
    "auth": {
        "username": "",
        "password": "",
        "realm": "",
        "auth_type": "userpass",
        "md5_cred": "",
        "nonce_lifetime": "32",
        "refresh_token": "",
        "oauth_clientid": "",
        "oauth_secret": "",
    },
    "endpoint": {
        "context": "from-ua",
        "transport": "",
        "aors": "",
        "auth": "",
        "allow": "(ulaw|alaw)",
        "dtmf_mode": "rfc4733",
        "direct_media": "false",
        "callerid": "<unknown>",
        "webrtc": "no",
        "send_aoc": "false",
        "device_state_busy_at": "0",
        "rpid_immediate": "false",
        "mailboxes": "",
    },
}
WRITABLE = {"aor", "auth"}


def _key(machine: Machine, p: Parameters) -> tuple[str, str, str]:
    config, kind, identity = p.values["configClass"], p.values["objectType"], p.values["id"]
    if config != "res_pjsip":
        raise Refused(error(404, f"configClass '{config}' not found"))
    if kind not in DEFAULTS:
        raise Refused(error(404, f"objectType '{kind}' not found"))
    return config, kind, identity


def _object(machine: Machine, p: Parameters) -> dict[str, str] | None:
    key = _key(machine, p)
    found = machine.objects.get(key)
    if found is None and key[2] in machine.endpoints:
        found = {**DEFAULTS[key[1]], "aors": key[2]} if key[1] == "endpoint" else dict(DEFAULTS[key[1]])
    return found


def _shown(fields: dict[str, str]) -> list[dict[str, str]]:
    return [{"attribute": name, "value": value} for name, value in fields.items()]


@operation("asterisk.getObject")
def get_object(machine: Machine, p: Parameters) -> Reply:
    """The fields of an object."""
    found = _object(machine, p)
    return Reply(200, _shown(found)) if found is not None else error(404, f"Object with id '{p.values['id']}' not found")


@operation("asterisk.updateObject")
def update_object(machine: Machine, p: Parameters) -> Reply:
    """Make an object or change it; those that come from a file cannot be changed."""
    key = _key(machine, p)
    identity = key[2]
    given = p.body.get("fields") if isinstance(p.body, dict) else None
    if given is None and key[1] in WRITABLE and p.body is None and key not in machine.objects:
        given = []
    if not isinstance(given, list):
        return error(400, f"Fields must be provided to update object '{identity}'")
    if key[1] not in WRITABLE:
        return error(403, f"Cannot update sorcery objects of type '{key[1]}'")
    fields = dict(machine.objects.get(key) or DEFAULTS[key[1]])
    if not machine.has("hangup_reason_code"):
        fields.pop("qualify_2xx_only", None)
    for item in given:
        if not isinstance(item, dict) or item.get("attribute") not in fields:
            return error(400, f"Update of object '{identity}' failed field value validation")
        fields[item["attribute"]] = str(item.get("value", ""))
    machine.objects[key] = fields
    return Reply(200, _shown(fields))


@operation("asterisk.deleteObject")
def delete_object(machine: Machine, p: Parameters) -> Reply:
    """Delete an object that a request made."""
    key = _key(machine, p)
    if key in machine.objects:
        del machine.objects[key]
        return NO_CONTENT
    if _object(machine, p) is not None:
        return error(403, f"Could not delete object with id '{key[2]}'")
    return error(404, f"Object with id '{key[2]}' not found")
