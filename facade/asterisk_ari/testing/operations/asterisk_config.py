"""Dynamic configuration: PJSIP objects that requests read, update and delete."""

from asterisk_ari.testing.machine.state.machine import Machine
from asterisk_ari.testing.operations.parameters import Parameters
from asterisk_ari.testing.operations.registry import operation
from asterisk_ari.testing.operations.reply import NO_CONTENT, Reply, RequestRefused, error_reply

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


def _key(machine: Machine, params: Parameters) -> tuple[str, str, str]:
    config, kind, object_id = params.values["configClass"], params.values["objectType"], params.values["id"]
    if config != "res_pjsip":
        raise RequestRefused(error_reply(404, f"configClass '{config}' not found"))
    if kind not in DEFAULTS:
        raise RequestRefused(error_reply(404, f"objectType '{kind}' not found"))
    return config, kind, object_id


def _object(machine: Machine, params: Parameters) -> dict[str, str] | None:
    key = _key(machine, params)
    fields = machine.system.config_objects.get(key)
    if fields is None and key[2] in machine.endpoints:
        fields = {**DEFAULTS[key[1]], "aors": key[2]} if key[1] == "endpoint" else dict(DEFAULTS[key[1]])
    return fields


def _attributes(fields: dict[str, str]) -> list[dict[str, str]]:
    return [{"attribute": name, "value": value} for name, value in fields.items()]


@operation("asterisk.getObject")
def get_object(machine: Machine, params: Parameters) -> Reply:
    """Return the fields of an object."""
    fields = _object(machine, params)
    if fields is None:
        return error_reply(404, f"Object with id '{params.values['id']}' not found")
    return Reply(200, _attributes(fields))


@operation("asterisk.updateObject")
def update_object(machine: Machine, params: Parameters) -> Reply:
    """Create or update an object; those that come from a file cannot be updated."""
    key = _key(machine, params)
    object_id = key[2]
    attributes = params.body.get("fields") if isinstance(params.body, dict) else None
    if attributes is None and key[1] in WRITABLE and params.body is None and key not in machine.system.config_objects:
        attributes = []
    if not isinstance(attributes, list):
        return error_reply(400, f"Fields must be provided to update object '{object_id}'")
    if key[1] not in WRITABLE:
        return error_reply(403, f"Cannot update sorcery objects of type '{key[1]}'")
    fields = dict(machine.system.config_objects.get(key) or DEFAULTS[key[1]])
    if not machine.has("hangup_reason_code"):
        fields.pop("qualify_2xx_only", None)
    for item in attributes:
        if not isinstance(item, dict) or item.get("attribute") not in fields:
            return error_reply(400, f"Update of object '{object_id}' failed field value validation")
        fields[item["attribute"]] = str(item.get("value", ""))
    machine.system.config_objects[key] = fields
    return Reply(200, _attributes(fields))


@operation("asterisk.deleteObject")
def delete_object(machine: Machine, params: Parameters) -> Reply:
    """Delete an object that a request created."""
    key = _key(machine, params)
    if key in machine.system.config_objects:
        del machine.system.config_objects[key]
        return NO_CONTENT
    if _object(machine, params) is not None:
        return error_reply(403, f"Could not delete object with id '{key[2]}'")
    return error_reply(404, f"Object with id '{key[2]}' not found")
