"""Which objects an event is about, and with which events it stays in order: derived from the JSON, so unknown types work too."""

from collections.abc import Iterator, Mapping
from typing import Any

from asterisk_ari._core.events.decode import EventHeader

Subject = tuple[str, str]
"""("channel", id), ("bridge", id), ("playback", id), ("recording", name), ("endpoint", "PJSIP/alice"), ("device_state", name)."""

KINDS = frozenset({"channel", "bridge", "playback", "recording", "endpoint", "device_state"})

# The content of these comes from programs and users: it may look like anything.
_FREE_FORM = frozenset({"userevent", "message"})


def subjects(json: Mapping[str, Any]) -> list[Subject]:
    """List the objects of an event, the principal one first.

    The target of a playback or recording is included, for `channel.on("PlaybackFinished")`.
    """
    found: list[Subject] = []
    for name, value in json.items():
        if type(value) is not dict or name in _FREE_FORM:
            continue
        if name == "channel" and not found and type(value.get("id")) is str and "bridge_class" not in value:
            found.append(("channel", value["id"]))  # by far the most events
        else:
            for subject in _subjects_in(name, value):
                if subject not in found:
                    found.append(subject)
    return found


def snapshot_in(json: Mapping[str, Any], subject: Subject) -> dict[str, Any] | None:
    """Return the snapshot of an object in an event; None if the event only names the object."""
    for name, value in json.items():
        if type(value) is not dict or name in _FREE_FORM:
            continue
        itself = (value.get("id"), value.get("name"), f"{value.get('technology')}/{value.get('resource')}")
        if subject[1] in itself and next(_subjects_in(name, value), None) == subject:
            return value
    return None


def ordering_key(json: Mapping[str, Any], found: list[Subject]) -> str:
    """Return the key within which events stay in order; events of different keys may be handled concurrently.

    It is the channel id if there is a channel (the halves of a Local pair are two channels), the target's for playbacks and
    recordings, the peer's for Dial (each dialled leg is a call of its own), otherwise "bridge:ID", "endpoint:TECH/NAME" and so
    on. Events about no object share the key "".
    """
    for name in ("channel", "peer"):
        value = json.get(name)
        if type(value) is dict and isinstance(value.get("id"), str):
            key: str = value["id"]
            return key
    return key_of(found)


def key_of(found: list[Subject]) -> str:
    """Return the ordering key of an event about these objects."""
    for kind, name in found:
        if kind == "channel":
            return name
    for kind, name in found:
        if kind == "bridge":
            return f"bridge:{name}"
    return f"{found[0][0]}:{found[0][1]}" if found else ""


def subjects_of(head: EventHeader) -> list[Subject]:
    """List the objects of an event about a channel or a playback; same result as `subjects` of the whole event."""
    if head.channel is not None:
        return [("channel", head.channel.id)] if head.channel.id else []
    playback = head.playback
    if playback is None or not playback.id:
        return []
    kind, _, target = playback.target_uri.partition(":")
    principal = ("playback", playback.id)
    return [principal, (kind, target)] if target and kind in ("channel", "bridge") else [principal]


def key_of_header(head: EventHeader) -> str:
    """Return the ordering key of an event about a channel or a playback, "" if it is about neither."""
    if (channel := head.channel) is not None:
        return channel.id
    playback = head.playback
    if playback is None or not playback.id:
        return ""
    target = playback.target_uri
    kind, _, name = target.partition(":")
    if name and kind == "channel":
        return name
    return target if name and kind == "bridge" else f"playback:{playback.id}"


def unordered_key(key: str, number: int) -> str:
    """Return the key for events of an unordered registration, which does not wait for others of the same call."""
    return f"{key}\0{number}"


def is_unordered(key: str) -> bool:
    """Whether a key belongs to an unordered registration."""
    return "\0" in key


def key_of_call(key: str) -> str:
    """Return the call's ordering key for a key that may belong to an unordered registration."""
    return key.partition("\0")[0]


def subject_of_key(key: str) -> Subject:
    """Return the object whose events a key orders."""
    key = key_of_call(key)
    kind, separator, name = key.partition(":")
    return (kind, name) if separator and kind in KINDS else ("channel", key)


def _subjects_in(name: str, value: dict[str, Any]) -> Iterator[Subject]:
    """Identify an object by its shape, or failing that by the name of its field."""
    identity = value.get("id")
    if "target_uri" in value or name in ("playback", "recording"):
        if isinstance(identity, str):
            yield "playback", identity
        elif isinstance(value.get("name"), str):
            yield "recording", value["name"]
        kind, _, target = str(value.get("target_uri", "")).partition(":")
        if target and kind in ("channel", "bridge"):
            yield kind, target
    elif isinstance(identity, str):
        is_bridge = "bridge_class" in value or "bridge_type" in value or "bridge" in name
        yield ("bridge" if is_bridge else "channel"), identity
    elif isinstance(value.get("technology"), str) and isinstance(value.get("resource"), str):
        yield "endpoint", f"{value['technology']}/{value['resource']}"
    elif name == "device_state" and isinstance(value.get("name"), str):
        yield "device_state", value["name"]
    else:
        for inner_name, inner in value.items():
            if type(inner) is dict and isinstance(inner.get("id"), str):
                yield from _subjects_in(inner_name, inner)
