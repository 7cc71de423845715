"""What a server can do, by its release or by its own definitions, held against the facts of nine releases."""

from pathlib import Path
from typing import Any

import pytest

from ari_rest._meta import OPERATIONS, RELEASES
from asterisk_ari._core.requests import definitions
from asterisk_ari.capabilities import Capabilities
from asterisk_ari.errors import BadArgument, NotSupportedByServer
from tests.core.facts import FILES, as_definitions, facts_of
from tests.facade import samples

# The definitions name no values here; the overlay does.
WITHOUT_VALUES = {("channels.transfer_progress", "states")}


def declared(facts: Any) -> Capabilities:
    """What a build without a telling version says of itself with these facts."""
    found: definitions.Definitions = {}
    for resource, document in as_definitions(facts).items():
        found |= definitions.read(resource, document)
    return Capabilities("GIT-20-abc", definitions=found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_release_has_what_its_definitions_say(path: Path) -> None:
    """Operation by operation, parameter by parameter, value by value; by its version and by its own definitions."""
    release, facts = facts_of(path)
    by_version, by_definitions = Capabilities(release), declared(facts)
    for operation, known in OPERATIONS.items():
        assert by_version.supports(operation) == by_definitions.supports(operation) == (operation in facts)
        for name, parameter in known.params.items():
            has = name in facts.get(operation, {})
            assert by_version.supports(operation, name) == by_definitions.supports(operation, name) == has, (operation, name)
            values = facts.get(operation, {}).get(name, ())
            for value in parameter.known_values:
                expected = has if (operation, name) in WITHOUT_VALUES else value in values
                assert expected == by_version.supports(operation, name, value), (operation, name, value)
                assert (has and (not values or value in values)) == by_definitions.supports(operation, name, value)


def test_all_nine_releases_are_there() -> None:
    """The facts of each release in the package are looked at, and none has an operation that is not in it."""
    assert set(RELEASES) == {facts_of(path)[0] for path in FILES}
    assert set(OPERATIONS) == {name for path in FILES for name in facts_of(path)[1]} - {"events.eventWebsocket"}


@pytest.mark.parametrize(
    ("version", "has"),
    [
        ("20.15.9", False),
        ("20.16.0", True),
        ("20.16.0~dfsg+~cs6.15-1", True),
        ("20.99.1", True),
        ("21.10.99", False),
        ("21.11.0", True),
        ("22.0.0", False),
        ("22.5.2", False),
        ("22.6.0", True),
        ("23.0.0", True),
        ("24.0.0", True),
        ("30.1.0", True),
        ("19.8.1", False),
        ("13.38.3", False),
        ("12.8.2", False),
    ],
)
def test_releases_between_and_beyond(version: str, has: bool) -> None:
    """`channels.progress` came in the middle of three branches: later releases of each have it, and newer branches."""
    assert has == Capabilities(version).supports("channels.progress")


@pytest.mark.parametrize(
    "version",
    ["certified-20.7-cert11", "certified/18.9-cert5", "GIT-20-abc", "SVN-trunk", "20", "20.15", "22.0.0-rc1", "UNKNOWN__x"],
)
def test_other_builds_need_their_definitions(version: str) -> None:
    """Nothing is taken for granted of them: neither refused nor promised."""
    capabilities = Capabilities(version)
    assert capabilities.needs_definitions
    assert all(capabilities.supports(operation) for operation in OPERATIONS)
    capabilities.check("channels.progress", {"channelId": "1"})


@pytest.mark.parametrize("version", ["20.15.2", "22.10.1~dfsg+~cs6", "  20.15.2\n", "20.15.2-custom"])
def test_releases_need_none(version: str) -> None:
    """A final release is known, whatever a distribution adds."""
    assert not Capabilities(version).needs_definitions
    assert not Capabilities(version, definitions={}).needs_definitions


def test_before_connecting_everything_passes() -> None:
    """Nothing is known of the server yet."""
    unknown = Capabilities.unknown()
    assert unknown.supports("channels.progress")
    assert not unknown.needs_definitions


@pytest.mark.parametrize("spelling", ["offsetms", "offset_ms"])
def test_every_spelling_of_a_parameter_is_asked_for(spelling: str) -> None:
    """As the definitions write it, or as the facade does."""
    assert Capabilities("20.15.2").supports("channels.play", spelling)


@pytest.mark.parametrize("question", [("channels.nonsense",), ("channels.play", "nonsense"), ("", None)])
def test_a_question_about_nothing_is_refused(question: Any) -> None:
    """What no release has is a slip, not a missing feature."""
    with pytest.raises(BadArgument, match="no release has"):
        Capabilities("20.15.2").supports(*question)


@pytest.mark.parametrize(
    ("operation", "parameters", "message"),
    [
        ("channels.progress", {}, "channels.progress needs 20.16, 21.11, 22.6 or 23.0; this is 20.15.2"),
        (
            "bridges.create",
            {"variables": {"A": "b"}},
            "variables of bridges.create needs 20.20, 22.10 or 23.4; this is 20.15.2",
        ),
        (
            "channels.externalMedia",
            {"transport": "websocket"},
            "transport=websocket of channels.externalMedia needs 20.16, 21.11, 22.6 or 23.0; this is 20.15.2",
        ),
    ],
)
def test_a_refusal_says_what_is_needed(operation: str, parameters: dict[str, Any], message: str) -> None:
    """The element, the releases that have it, and the one that is there."""
    with pytest.raises(NotSupportedByServer) as caught:
        Capabilities("20.15.2").check(operation, parameters)
    assert message == str(caught.value)
    assert {"20", "23"} <= caught.value.needs.keys()


def test_none_and_what_is_there_pass() -> None:
    """A parameter that is not sent is not checked, nor a value of a list that the release has."""
    capabilities = Capabilities("20.15.2")
    capabilities.check("bridges.create", {"variables": None, "type": "mixing"})
    capabilities.check("asterisk.getInfo", {"only": ["build", "system"]})
    capabilities.check("channels.hangup", {"reason_code": 17})


@pytest.mark.parametrize(
    ("version", "refused"), [("20.15.2", True), ("23.4.1", True), ("23.4.2", False), ("23.5.0", False), ("24.0.0", False)]
)
def test_unknown_values_are_refused_where_all_are_known(version: str, refused: bool) -> None:
    """A release after the newest known one of its branch may take values that nobody here has heard of."""
    capabilities = Capabilities(version)
    if not refused:
        capabilities.check("channels.mute", {"direction": "sideways"})
        return
    with pytest.raises(BadArgument, match="direction 'sideways' is not one of both, in, out"):
        capabilities.check("channels.mute", {"direction": "sideways"})


def test_warning_and_silence(caplog: pytest.LogCaptureFixture) -> None:
    """`warn` warns and logs once per call; `off` does nothing."""
    with pytest.warns(UserWarning, match="channels.progress needs"):
        Capabilities("20.15.2", mode="warn").check("channels.progress", {})
    assert 1 == len(caplog.records)
    Capabilities("20.15.2", mode="off").check("channels.progress", {})
    assert 1 == len(caplog.records)


def test_a_warning_is_about_the_line_of_the_program() -> None:
    """Not about one of ours: the program is where something can be changed."""
    with pytest.warns(UserWarning, match="channels.progress needs") as caught:
        Capabilities("20.15.2", mode="warn").check("channels.progress", {})
    assert [__file__] == [warning.filename for warning in caught]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_was_checked_before_changes_nothing(path: Path) -> None:
    """The same call is refused or passes each time, whatever else was checked in between."""
    release, facts = facts_of(path)
    used = Capabilities(release)
    for _ in range(2):
        for operation, known in OPERATIONS.items():
            for name in (None, *known.params):
                given = {} if name is None else {name: samples.value(operation, known.params[name])}
                has = operation in facts and (name is None or name in facts[operation])
                values = given.get(name, ()) if name is not None and known.params[name].known_values else ()
                listed = facts.get(operation, {}).get(name or "", ())
                if (operation, name) not in WITHOUT_VALUES:
                    has = has and {*([values] if isinstance(values, str) else values)} <= {*listed}
                assert has == passes(used, operation, given), (operation, given)
                assert (operation in facts) == passes(used, operation, dict.fromkeys(given)), operation


def passes(capabilities: Capabilities, operation: str, parameters: dict[str, Any]) -> bool:
    try:
        capabilities.check(operation, parameters)
    except NotSupportedByServer:
        return False
    return True
