"""Structures that hold handles or clients can be copied; what belongs to a process cannot be pickled."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from tests.facade.variants import Variant
from tests.servers.script import Script


@dataclasses.dataclass
class Room:
    """What a program might keep."""

    ari: Any
    caller: Any
    others: list[Any]
    notes: dict[str, Any]


MAKERS: dict[str, Callable[[Any], Any]] = {
    "Channel": lambda ari: ari.channels("1"),
    "Bridge": lambda ari: ari.bridges("1"),
    "Playback": lambda ari: ari.playbacks("1"),
    "LiveRecording": lambda ari: ari.recordings.live("1"),
    "StoredRecording": lambda ari: ari.recordings.stored("1"),
    "Endpoint": lambda ari: ari.endpoints("PJSIP/1"),
    "DeviceState": lambda ari: ari.device_states("Stasis:1"),
    "Mailbox": lambda ari: ari.mailboxes("1"),
    "Application": lambda ari: ari.applications("1"),
    "Sound": lambda ari: ari.sounds("1"),
}
handles = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


@handles
@pytest.mark.parametrize("copied_by", [copy.copy, copy.deepcopy])
def test_the_copy_of_a_handle_has_the_same_client(
    variant: Variant, server: Script, ari: Any, make: Callable[[Any], Any], copied_by: Callable[[Any], Any]
) -> None:
    """It is equal, of the same class, and makes calls."""
    handle = make(ari)
    handle.json = {"state": "old", "inner": {"a": 1}}
    copied = copied_by(handle)
    assert (type(handle), handle, handle.json) == (type(copied), copied, copied.json)
    assert copied is not handle
    assert (copied.json is handle.json) == (copied_by is copy.copy)
    if hasattr(copied, "refresh"):
        variant.do(copied.refresh())
        assert "old" == handle.json["state"]
        assert 1 == len(server.calls)


def test_the_copy_of_a_snoop_channel_knows_its_target(variant: Variant, server: Script, ari: Any) -> None:
    server.reply(json={"id": "s"})
    snoop = variant.do(ari.channels("1").snoop(spy="both"))
    assert ("1", "1") == (copy.copy(snoop).target.id, copy.deepcopy(snoop).target.id)


def test_a_dataclass_that_holds_handles(variant: Variant, server: Script, ari: Any) -> None:
    """`deepcopy`, `asdict`, `astuple` and `replace` keep the client, so that what is in the copy can be used."""
    room = Room(ari, ari.channels("1"), [ari.channels("2"), ari.bridges("b")], {"pin": [1]})
    for copied in (copy.deepcopy(room), Room(**dataclasses.asdict(room)), Room(*dataclasses.astuple(room))):
        assert copied.ari is ari
        assert (room.caller, room.others) == (copied.caller, copied.others)
        assert copied.others[0] is not room.others[0]
        assert copied.notes == room.notes
        assert copied.notes["pin"] is not room.notes["pin"]
        variant.do(copied.caller.answer())
        variant.do(copied.others[1].destroy())
    assert 6 == len(server.calls)
    assert dataclasses.replace(room, notes={}).caller is room.caller


@handles
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_handle_is_not_pickled(ari: Any, make: Callable[[Any], Any], protocol: int) -> None:
    """The message says what to send instead."""
    with pytest.raises(TypeError, match=r"\w+\('\S+'\) cannot be pickled: .*; send its \.id instead"):
        pickle.dumps([make(ari)], protocol)


BOUND: dict[str, Callable[[Any], Any]] = {
    "client": lambda ari: ari,
    "collection": lambda ari: ari.channels,
    "asterisk": lambda ari: ari.asterisk,
    "events": lambda ari: ari.events,
    "call": lambda ari: ari.call("PJSIP/alice"),
    "waiter": lambda ari: ari.expect("StasisStart"),
    "registration": lambda ari: ari.on("StasisStart", print),
}


@pytest.mark.parametrize("make", BOUND.values(), ids=BOUND.keys())
def test_what_belongs_to_the_process_is_shared_by_copies(ari: Any, make: Callable[[Any], Any]) -> None:
    """And pickle says that it belongs to the process."""
    made = make(ari)
    assert copy.copy(made) is made
    assert copy.deepcopy({"deep": [made]})["deep"][0] is made
    with pytest.raises(TypeError, match=f"{type(made).__name__} cannot be pickled: it belongs to this process"):
        pickle.dumps(made)
