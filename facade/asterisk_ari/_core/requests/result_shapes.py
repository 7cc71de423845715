"""What the facade adds to decoded JSON. Pure."""

from collections.abc import Mapping
from typing import Any


def with_type(json: Mapping[str, Any]) -> dict[str, Any]:
    """Return a bridge as sent by the server, with `type` in addition to `bridge_type`; the given JSON is not modified."""
    if "type" in json or "bridge_type" not in json:
        return dict(json)
    return {**json, "type": json["bridge_type"]}


def recording_info(json: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recording with `state`: a stored one, which has none, is `done`."""
    return {"state": "done", **json}


def asterisk_info(json: Mapping[str, Any]) -> dict[str, Any]:
    """Return Asterisk's info with `version` and `system_info` in addition to its own keys."""
    system: Mapping[str, Any] = json.get("system") or {}
    return {**json, "version": system.get("version", ""), "system_info": dict(system)}
