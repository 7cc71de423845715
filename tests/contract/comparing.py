"""Compares a transcript with the recorded one of its release, or, for a release in between, with those of its neighbours."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.contract import running
from tests.contract.scenarios import Scenario
from tests.contract.transcript import Transcript, difference

AVAILABILITY = Path(__file__).resolve().parents[2] / "swagger" / "availability.json"


def with_recorded(scenario: Scenario, release: str, actual: Transcript) -> str:
    """A readable difference; empty when there is none."""
    recorded = {each: _recorded(scenario.family, each).get(scenario.name) for each in running.RECORDED}
    missing = [each for each, transcript in recorded.items() if transcript is None and release in (each, *_between(release))]
    if missing:
        return f"not recorded on {', '.join(missing)}: python -m tests.contract.record --only {scenario.name}"
    if release in recorded:
        expected: Any = recorded[release]
        return difference(expected, actual, f"Asterisk {release}", "embedded")
    return _in_between(release, [_without_new_fields(one) for one in recorded.values() if one], _without_new_fields(actual))


@functools.cache
def _recorded(family: str, release: str) -> dict[str, Transcript]:
    """Nothing records while scenarios are compared: each file is read once."""
    return running.stored(family, release)


def _between(release: str) -> tuple[str, ...]:
    return () if release in running.RECORDED else running.RECORDED


def _in_between(release: str, recorded: list[Transcript], actual: Transcript) -> str:
    """Each step, and each event of an object, must be as on the older or as on the newer server."""
    old, new = recorded
    expected: Transcript = {"steps": [], "events": {}}
    for number, step in enumerate(actual["steps"]):
        choices = [one["steps"][number] for one in (new, old) if number < len(one["steps"])]
        fits = step in choices or (len(choices) == 2 and "/api-docs/" in str(step) and _within(choices[1], step, choices[0]))
        expected["steps"].append(step if fits else choices[0] if choices else {"nothing": "more"})
    expected["steps"] += new["steps"][len(actual["steps"]) :]
    streams = {*actual["events"], *(new["events"].keys() & old["events"].keys())}
    for stream in sorted(streams):
        choices = [one["events"][stream] for one in (new, old) if stream in one["events"]]
        events = actual["events"].get(stream, [])
        if choices:
            expected["events"][stream] = events if any(_is_mixture(events, choices)) else choices[0]
    return difference(expected, actual, f"between {' and '.join(running.RECORDED)}", f"embedded {release}")


def _is_mixture(actual: list[Any], choices: list[list[Any]]) -> Iterator[bool]:
    """Whether the events are those of one server, or of the same types with each value from either."""
    yield actual in choices
    for one in choices:
        if [event["type"] for event in one] == [event["type"] for event in actual]:
            alike = [each for each in choices if len(each) == len(one)]
            yield all(
                value in [each[index].get(key) for each in alike]
                for index, event in enumerate(actual)
                for key, value in event.items()
            )


def _within(old: Any, actual: Any, new: Any) -> bool:
    """Whether a release in between has all definitions of the older one, and none that the newer one lacks."""
    if isinstance(actual, dict):
        return old.keys() <= actual.keys() <= new.keys() and all(
            _within(old.get(key, type(item)()), item, new[key]) for key, item in actual.items()
        )
    if isinstance(actual, list):
        return {*old} <= {*actual} <= {*new}
    return type(actual) is type(new)


def _new_fields() -> set[str]:
    """Names of fields that were added after 16: a release in between may have them."""
    fields: dict[str, dict[str, str]] = json.loads(AVAILABILITY.read_text())["fields"]
    old = {name.partition(".")[2] for name, lines in fields.items() if "16" in lines}
    return {name.partition(".")[2] for name in fields} - old


NEW_FIELDS = _new_fields()


def _without_new_fields(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_new_fields(item) for key, item in value.items() if key not in NEW_FIELDS}
    if isinstance(value, list):
        return [_without_new_fields(item) for item in value if not _is_statistics(item)]
    return value


def _is_statistics(value: Any) -> bool:
    """Whether an event tells statistics of a phone's audio, as later releases than 16 do."""
    return isinstance(value, dict) and str(value.get("variable")).startswith("RTPAUDIOQOS")
