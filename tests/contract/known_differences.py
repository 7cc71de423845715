"""What random walks do not compare, each with its reason; docs/embedded.md lists what users can see of it."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from tests.contract.transcript import Transcript, shortened
from tests.contract.walk_steps import Step, Walk

MADE_BY_SERVER = re.compile(r"^(Announcer|Recorder|Surrogate|Message)/")
FINISHED = ("PlaybackFinished", "RecordingFinished")
DERIVED_LATE = re.compile(r"^(Announcer|Recorder|Local|Snoop|UnicastRTP)/")
KINDS = ("playback", "recording", "bridge", "channel", "peer", "endpoint", "device_state")


def streams(seen: list[tuple[str, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Events by listener and main object: within one their order is the same on each server, across objects it is not."""
    result: dict[str, list[dict[str, Any]]] = {}
    for listener, event in seen:
        if DERIVED_LATE.match(str(event.get("device_state", {}).get("name"))):
            continue  # another thread asks for the state some time after the channel has changed, or ended
        if event.get("variable") == "UNICASTRTP_LOCAL_PORT":
            event["value"] = "<port>"
        if event["type"] == "ChannelLeftBridge":  # the announcer that has just ended may be among those who are left
            event["bridge"]["channels"] = [one for one in event["bridge"]["channels"] if one != "<id>"]
        stream = result.setdefault(f"{listener}: {_subject(event)}", [])
        if event["type"] in FINISHED and stream and stream[-1] == event:
            continue  # of a bridge that is destroyed: by its announcer or recorder alone, or once more, at random
        stream.append(event)
    return {key: shortened(_without_lone_company(_in_order(result[key]))) for key in sorted(result)}


def _without_lone_company(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A channel alone with a recorder or an announcer: which of them are told of each other in time is chance."""
    result: list[dict[str, Any]] = []
    was_left_out = False
    for event in events:
        if event.get("variable") == "BRIDGEPEER":
            names = [name for name in event["value"].split(",") if name]
            is_alone = all(MADE_BY_SERVER.match(name) for name in names)
            if is_alone and (names or was_left_out):
                was_left_out = bool(names)
                continue
            was_left_out = False
        result.append(event)
    return result


def _in_order(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Dial events come from two threads: with the states they show, in any order."""
    if events[0]["type"] != "Dial":
        return events
    without_state = [{**one, "peer": {**one["peer"], "state": "<any>"}} for one in events]
    return sorted(without_state, key=lambda one: one["dialstatus"])


def _subject(event: dict[str, Any]) -> str:
    for kind in KINDS:
        thing = event.get(kind)
        if isinstance(thing, dict):
            name = thing.get("id") or thing.get("name") or thing.get("resource")
            if kind == "channel" and MADE_BY_SERVER.match(thing.get("name", "")):
                name = thing["name"]
            return f"{kind} {name}{' dial' if event['type'] == 'Dial' else ''}"
    return "application"


def possible(walk: Walk, release: str) -> Walk:
    """The walk without what real servers do not survive in a state that anything could be compared with.

    A recording of a bridge under the name of one that was made of it ends all its recordings. Before 18 a bridge with the id of
    another makes two of them, and requests reach one or the other.
    """
    steps: list[Step] = []
    made: set[str] = set()
    for step in walk.steps:
        new = ""
        if step.method == "POST" and step.path.startswith("/bridges"):
            if step.path.endswith("/record"):
                new = f"recording {(step.params or {}).get('name')}"
            elif step.path.count("/") < 3 and release.startswith("16."):
                new = f"bridge {step.path.partition('/bridges/')[2] or (step.params or {}).get('bridgeId')}"
        if not new or new not in made:
            steps.append(step)
        made.add(new)
    return dataclasses.replace(walk, steps=tuple(steps))


def without(real: Transcript, embedded: Transcript) -> tuple[Transcript, Transcript]:
    """Both, without what is known to differ."""
    return _without_copies(real), _without_copies(embedded)


_THAT_IT_EXISTS = re.compile("recording.* exists ", re.IGNORECASE)


def _without_copies(one: Transcript) -> Transcript:
    """What is said of a copy onto another recording is a sentence of Asterisk's definitions, which has no place here."""
    steps = [
        [409, "<exists>"]
        if isinstance(step, list) and step[0] == 409 and _THAT_IT_EXISTS.search(step[1].get("message") or "")
        else step
        for step in one["steps"]
    ]
    return {**one, "steps": steps}
