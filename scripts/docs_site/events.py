"""A page of all events: when each is sent, since which releases, its fields, and an example."""

import inspect
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from ari_rest._meta import EVENT_FIELDS, EVENT_TYPES
from asterisk_ari import events
from scripts.descriptions import Descriptions
from scripts.docs_site.event_examples import example
from scripts.docs_site.words import MADE, cell, code, heading, releases, table

ROOT = Path(__file__).resolve().parents[2]
CLIENT_MADE = ("ConnectionLost", "Reconnected", "EventsLost", "UnknownEvent")
SHARED = ("type", "application", "timestamp", "asterisk_id")
HEAD = """\
# Events

`@ari.on(StasisStart)` or `@ari.on("StasisStart")` registers a handler; `ari.expect("StasisStart")` waits. An event is a
mapping of its JSON with a property for each field, and for the ids of its objects (`event.channel_id`). Import the classes from
`asterisk_ari.events`.

Every event has `type`, `application` and `timestamp`, and `asterisk_id` where the server sends it.
"""


def pages(words: Descriptions) -> dict[str, str]:
    """The page, by its path below `docs/`."""
    names = [name for name in EVENT_TYPES if name not in CLIENT_MADE]
    links = ", ".join(f"[`{name}`](#{name})" for name in names)
    lines = [MADE + HEAD, f"{len(names)} events of Asterisk: {links}.", ""]
    for name in names:
        lines += _event(name, words)
    lines += ["# Events of the client {#client-made}", "", "The client itself tells these, through the same handlers.", ""]
    for name in CLIENT_MADE:
        lines += [heading(2, f"`{name}`", name), "", inspect.getdoc(getattr(events, name)) or "", ""]
    return {"reference/events.md": "\n".join(lines)}


def _event(name: str, words: Descriptions) -> Iterator[str]:
    sent, whose = example(name)
    since = _since(name)
    yield from (heading(2, f"`{name}`", name), "", words.model("events", name), "")
    yield from (f"Since {since}.", "") if since else ()
    yield from table(("field", "type", ""), _fields(name, words))
    yield from (whose, "", "```json", json.dumps(sent, indent=2, ensure_ascii=False), "```", "")


def _fields(name: str, words: Descriptions) -> Iterator[tuple[str, str, str]]:
    for field, kind in EVENT_FIELDS[name].items():
        if field not in SHARED:
            what = next((found for owner in (name, *_parents(name)) if (found := _word(words, owner, field))), "")
            yield code(field), code(kind), cell(what)


def _word(words: Descriptions, model: str, field: str) -> str:
    found = words.models["events"].get(model, {}).get("fields", {}).get(field, "")
    return str(found)


@cache
def _parents(name: str) -> tuple[str, ...]:
    return tuple(base.__name__ for base in EVENT_TYPES[name].__mro__[1:] if base is not object)


@cache
def _availability() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = json.loads((ROOT / "swagger/availability.json").read_text(encoding="utf-8"))[
        "events"
    ]
    return found


def _since(name: str) -> str:
    return releases(_availability()[name]) if name in _availability() else ""
