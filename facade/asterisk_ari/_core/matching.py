"""Which objects an event is about, and whose order it belongs to: read off the JSON, so unknown events work too."""

from collections.abc import Iterator, Mapping
from typing import Any

from asterisk_ari._core.decode import Head

Subject = tuple[str, str]
"""("channel", id), ("bridge", id), ("playback", id), ("recording", name), ("endpoint", "PJSIP/alice"), ("device_state", name)."""

KINDS = frozenset({"channel", "bridge", "playback", "recording", "endpoint", "device_state"})

# What programs and users put in there is theirs: it may look like anything.
_FREE_FORM = frozenset({"userevent", "message"})


def subjects(json: Mapping[str, Any]) -> list[Subject]:
    """List the objects of an event, its principal one first.

    The target of a playback or recording counts: `channel.on("PlaybackFinished")` means that.
    """
    found: list[Subject] = []
    for name, value in json.items():
        if type(value) is not dict or name in _FREE_FORM:
            continue
        if name == "channel" and not found and type(value.get("id")) is str and "bridge_class" not in value:
            found.append(("channel", value["id"]))  # most events by far
        else:
            for subject in _subjects_in(name, value):
                if subject not in found:
                    found.append(subject)
    return found


def ordering_key(json: Mapping[str, Any], found: list[Subject]) -> str:
    """Give the key within which events keep their order; events of different keys may run at once.

    It is the channel's id wherever there is a channel (halves of a Local pair are two channels), the target's for
    playbacks and recordings, the peer's for Dial (each dialled leg is a call of its own), then "bridge:ID",
    "endpoint:TECH/NAME" and so on. What is about no object shares the key "".
    """
    for name in ("channel", "peer"):
        value = json.get(name)
        if type(value) is dict and isinstance(value.get("id"), str):
            key: str = value["id"]
            return key
    return key_of(found)


def key_of(found: list[Subject]) -> str:
    """Give the ordering key of an event about these objects."""
    for kind, name in found:
        if kind == "channel":
            return name
    for kind, name in found:
        if kind == "bridge":
            return f"bridge:{name}"
    return f"{found[0][0]}:{found[0][1]}" if found else ""


def subjects_of(head: Head) -> list[Subject]:
    """List the objects of an event about a channel or a playback; the same as `subjects` finds in all of it."""
    if head.channel is not None:
        return [("channel", head.channel.id)] if head.channel.id else []
    playback = head.playback
    if playback is None or not playback.id:
        return []
    kind, _, target = playback.target_uri.partition(":")
    principal = ("playback", playback.id)
    return [principal, (kind, target)] if target and kind in ("channel", "bridge") else [principal]


def subject_of_key(key: str) -> Subject:
    """Give the object whose events an ordering key keeps in order."""
    kind, separator, name = key.partition(":")
    return (kind, name) if separator and kind in KINDS else ("channel", key)


def _subjects_in(name: str, value: dict[str, Any]) -> Iterator[Subject]:
    """Tell by its shape, or failing that by its field's name, what an object is."""
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
