"""Names: the definitions' and the facade's, and the way between them."""

import asyncio
import inspect
from typing import Any

import pytest

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.requests.naming import accepted_names, facade_name, operation, operation_of, snake


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("maxDurationSeconds", "max_duration_seconds"),
        ("sendDTMF", "send_dtmf"),
        ("absorbDTMF", "absorb_dtmf"),
        ("playWithId", "play_with_id"),
        ("transfer_progress", "transfer_progress"),
        ("appArgs", "app_args"),
        ("rtpstatistics", "rtpstatistics"),
    ],
)
def test_snake_case(name: str, expected: str) -> None:
    """Words are taken apart where people would."""
    assert expected == snake(name)


@pytest.mark.parametrize(
    ("operation_name", "parameter", "expected"),
    [
        ("channels.play", "offsetms", "offset_ms"),
        ("channels.play", "skipms", "skip_ms"),
        ("channels.originate", "timeout", "timeout_seconds"),
        ("channels.dial", "timeout", "timeout_seconds"),
        ("channels.sendDTMF", "duration", "duration_ms"),
        ("channels.sendDTMF", "between", "between_ms"),
        ("endpoints.sendMessage", "from", "from_"),
        ("bridges.create", "type", "type"),
        ("channels.record", "format", "format"),
    ],
)
def test_units_are_in_the_names(operation_name: str, parameter: str, expected: str) -> None:
    """Where the definitions leave the unit to prose; words that Python has taken get an underscore."""
    assert expected == facade_name(operation_name, parameter)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_spelling_leads_to_one_parameter(name: str) -> None:
    """Names of the definitions, of the generated functions and of the facade; two parameters never share one."""
    spellings = accepted_names(name)
    parameters = OPERATIONS[name].params
    assert set(parameters) == set(spellings.values())
    assert all(spellings[parameter] == parameter for parameter in parameters)
    assert len(parameters) == len({facade_name(name, parameter) for parameter in parameters})
    assert all(facade_name(name, parameter).isidentifier() for parameter in parameters)


@operation("channels.record")
def record(name: str, *, max_duration_seconds: int | None = None, beep: bool = False) -> dict[str, Any]:
    """Stands for a method."""
    return {"name": name, "max_duration_seconds": max_duration_seconds, "beep": beep}


def test_a_marked_method_stays_what_it_was() -> None:
    """Name, docstring and signature are those that were written; the mark can be read."""
    assert ("record", "Stands for a method.", "channels.record") == (record.__name__, record.__doc__, operation_of(record))
    assert ["name", "max_duration_seconds", "beep"] == list(inspect.signature(record).parameters)
    assert operation_of(print) is None


def test_a_marked_method_takes_the_definitions_names() -> None:
    """Both spellings do the same."""
    assert record("x", max_duration_seconds=5) == record(name="x", maxDurationSeconds=5)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "named", [{"maxDurationSecond": 1}, {"max_duration_seconds": 1, "maxDurationSeconds": 2}, {"channelId": "1"}]
)
def test_other_names_are_a_type_error(named: dict[str, Any]) -> None:
    """As Python's own: unknown names, one given twice, and parameters of the operation that the method has not."""
    with pytest.raises(TypeError, match=r"record\(\) got "):
        record("x", **named)


@operation("channels.record")
async def record_later(name: str, *, max_duration_seconds: int | None = None) -> tuple[str, int | None]:
    return name, max_duration_seconds


def test_a_marked_coroutine_function_stays_one() -> None:
    """And takes both spellings too; a slip raises before anything is sent."""
    assert inspect.iscoroutinefunction(record_later)
    assert ("x", 5) == asyncio.run(record_later("x", maxDurationSeconds=5))  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'maxDurationSecond'. Did you mean 'max_duration_seconds'?"):
        asyncio.run(record_later("x", maxDurationSecond=5))  # type: ignore[call-arg]


def test_a_method_of_one_spelling_is_not_wrapped() -> None:
    """It costs nothing to mark it."""

    def mute(direction: str = "both") -> str:
        return direction

    assert operation("channels.mute")(mute) is mute
    assert "channels.mute" == operation_of(mute)
