"""The facade's typed views of events, written by `scripts/event_views.py`, against the definitions."""

import keyword
from typing import Any

import pytest

from asterisk_ari._event_views import VIEWS
from scripts import event_views
from tests.generated.definitions import Definitions, load

DEFINITIONS = load()
LEAVES = sorted(DEFINITIONS.leaves())


@pytest.fixture
def definitions() -> Definitions:
    return DEFINITIONS


def test_there_is_a_view_for_every_event(definitions: Definitions) -> None:
    """The views are the leaves of the message hierarchy, each under its own name."""
    expected = {name: (name, name) for name in LEAVES}
    assert expected == {key: (view.__name__, view.TYPE) for key, view in VIEWS.items()}


@pytest.mark.parametrize("name", LEAVES)
def test_a_view_reads_every_field(name: str, definitions: Definitions) -> None:
    """Each field of an event is a property that gives the JSON as it came; with only the required ones, the rest are None."""
    keys = definitions.fields(name).keys() - {"type", "application", "timestamp", "asterisk_id"}
    for optional in (True, False):
        json: dict[str, Any] = definitions.sample(name, optional=optional)
        view = VIEWS[name](json)
        expected = {key: json.get(key) for key in keys}
        assert expected == {key: getattr(view, f"{key}_" if keyword.iskeyword(key) else key) for key in keys}


def test_views_stay_mappings(definitions: Definitions) -> None:
    """No field hides what every mapping has, whatever an event's fields are called."""
    view = VIEWS["StasisStart"](definitions.sample("StasisStart"))
    expected = definitions.sample("StasisStart")
    assert expected == dict(view.items())
    assert {"keys", "values", "items", "get"} <= event_views.TAKEN
