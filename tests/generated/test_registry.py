"""`OPERATIONS`, `EVENT_TYPES`, `parse_event` and `RELEASES` against what `swagger/` says."""

import pytest

from ari_rest._meta import EVENT_TYPES, FINGERPRINT, OPERATIONS, RELEASES, parse_event
from ari_rest.models import Message
from tests.generated import registry_checks
from tests.generated.definitions import DATE, Definitions


@pytest.mark.parametrize("check", registry_checks.CHECKS, ids=lambda check: check.__name__)
def test_registry(check: registry_checks.Check, definitions: Definitions) -> None:
    """The check named in this test's id finds nothing wrong with the registry."""
    assert check(definitions) == []


def test_sizes() -> None:
    """The registry holds 108 operations, 46 event types and nine releases."""
    assert (len(OPERATIONS), len(EVENT_TYPES), len(RELEASES)) == (108, 46, 9)


def test_unknown_event_types_become_messages() -> None:
    """An event of a type nobody knows yet is a Message that has lost none of its fields."""
    data = {"type": "BrandNew", "asterisk_id": "aa:bb", "application": "app", "timestamp": DATE, "channel": {"id": "1"}}
    event = parse_event(data)
    assert (type(event), event.type_, event.to_dict()) == (Message, "BrandNew", data)


@pytest.mark.parametrize("data", [{}, {"type": None}, {"type": 5}, {"error": "InvalidMessage"}], ids=repr)
def test_events_without_a_type_are_refused(data: dict[str, object]) -> None:
    """What has no type is not an event, and says so."""
    with pytest.raises(ValueError, match="without a type"):
        parse_event(data)


def test_unknown_keys_of_a_record_are_key_errors() -> None:
    """Records are mappings: a key they lack raises KeyError, and membership tells the truth."""
    record = OPERATIONS["channels.originate"]
    assert ("module" in record, "__init__" in record, record.get("nothing")) == (True, False, None)
    with pytest.raises(KeyError):
        record["nothing"]


def test_unknown_event_names_are_key_errors() -> None:
    """The event registry is a mapping: a name it lacks raises KeyError, and membership needs no import."""
    assert ("StasisStart" in EVENT_TYPES, "Message" in EVENT_TYPES) == (True, False)
    with pytest.raises(KeyError):
        EVENT_TYPES["BrandNew"]


def test_fingerprint_is_a_digest() -> None:
    """The fingerprint is a SHA-256 in hex."""
    assert (len(FINGERPRINT), int(FINGERPRINT, 16) > 0) == (64, True)
