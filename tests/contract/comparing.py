"""A transcript against the recorded ones of its release, or, for a release in between, of its neighbours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.contract import running
from tests.contract.scenarios import Scenario
from tests.contract.transcript import Transcript, difference

AVAILABILITY = Path(__file__).resolve().parents[2] / "swagger" / "availability.json"


def with_recorded(scenario: Scenario, release: str, found: Transcript) -> str:
    """A readable difference, empty where there is none."""
    recorded = {each: running.stored(scenario.family, each).get(scenario.name) for each in running.RECORDED}
    lacking = [each for each, transcript in recorded.items() if transcript is None and release in (each, *_between(release))]
    if lacking:
        return f"never recorded on {', '.join(lacking)}: python -m tests.contract.record --only {scenario.name}"
    if release in recorded:
        expected: Any = recorded[release]
        return difference(expected, found, f"Asterisk {release}", "embedded")
    return _in_between(release, [_without_news(one) for one in recorded.values() if one], _without_news(found))


def _between(release: str) -> tuple[str, ...]:
    return () if release in running.RECORDED else running.RECORDED


def _in_between(release: str, recorded: list[Transcript], found: Transcript) -> str:
    """Each step, and each event of an object, must be as on the older or as on the newer server."""
    old, new = recorded
    expected: Transcript = {"steps": [], "events": {}}
    for number, step in enumerate(found["steps"]):
        choices = [one["steps"][number] for one in (new, old) if number < len(one["steps"])]
        fits = step in choices or (len(choices) == 2 and "/api-docs/" in str(step) and _within(choices[1], step, choices[0]))
        expected["steps"].append(step if fits else choices[0] if choices else {"nothing": "more"})
    expected["steps"] += new["steps"][len(found["steps"]) :]
    streams = {*found["events"], *(new["events"].keys() & old["events"].keys())}
    for stream in sorted(streams):
        choices = [one["events"][stream] for one in (new, old) if stream in one["events"]]
        events = found["events"].get(stream, [])
        if choices:
            expected["events"][stream] = events if any(_mixed(events, choices)) else choices[0]
    return difference(expected, found, f"between {' and '.join(running.RECORDED)}", f"embedded {release}")


def _mixed(found: list[Any], choices: list[list[Any]]) -> Iterator[bool]:
    """Whether the events are those of one server, or alike ones with each value of either."""
    yield found in choices
    for one in choices:
        if [event["type"] for event in one] == [event["type"] for event in found]:
            alike = [each for each in choices if len(each) == len(one)]
            yield all(
                value in [each[index].get(key) for each in alike]
                for index, event in enumerate(found)
                for key, value in event.items()
            )


def _within(old: Any, found: Any, new: Any) -> bool:
    """Whether a release in between defines all of what the older one does, and nothing that the newer one does not."""
    if isinstance(found, dict):
        return old.keys() <= found.keys() <= new.keys() and all(
            _within(old.get(key, type(item)()), item, new[key]) for key, item in found.items()
        )
    if isinstance(found, list):
        return {*old} <= {*found} <= {*new}
    return type(found) is type(new)


def _new_fields() -> set[str]:
    """Names of fields that came after 16: a release in between has them or has not."""
    fields: dict[str, dict[str, str]] = json.loads(AVAILABILITY.read_text())["fields"]
    old = {name.partition(".")[2] for name, lines in fields.items() if "16" in lines}
    return {name.partition(".")[2] for name in fields} - old


NEW_FIELDS = _new_fields()


def _without_news(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_news(item) for key, item in value.items() if key not in NEW_FIELDS}
    if isinstance(value, list):
        return [_without_news(item) for item in value]
    return value
