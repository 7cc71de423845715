"""A keyword argument that a method does not have is refused with what may be meant, by every method that takes any."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asterisk_ari import aio, sync
from asterisk_ari._core.requests.naming import accepted_names, operation_of

VARIANTS = pytest.mark.parametrize("module", [aio, sync], ids=["async", "sync"])
UNIT = re.compile("_(seconds|ms|digits)$")
# Their keyword arguments are the parameters of any operation: what is wrong with them is a BadArgument.
OPERATIONS = ("operation",)
CLIENTS = ("AsteriskARI", "AsyncAsteriskARI", "AriSession")
# A method of a call → the operation whose spellings it takes too.
TAKES_ITS_NAMES = {"originate": "channels.originate"}


def methods(module: Any) -> Iterator[tuple[type[Any], str, Any]]:
    """The public methods of the public classes, inherited ones included."""
    for cls in filter(inspect.isclass, (getattr(module, name) for name in module.__all__)):
        if getattr(cls, "_is_protocol", False):
            continue  # what programs bring themselves
        for name, member in inspect.getmembers_static(cls, inspect.isfunction):
            if not name.startswith("_") and name not in OPERATIONS:
                yield cls, name, member


def keywords(cls: type[Any], method: Any) -> list[str]:
    """The arguments that can be given by name. Where a call's method takes any, Python says which needed one is missing."""
    only_optional = cls.__name__ in ("Call", "DurableCall", *CLIENTS) and bool(method.__code__.co_flags & inspect.CO_VARKEYWORDS)
    return [
        one.name
        for one in list(inspect.signature(method).parameters.values())[1:]
        if one.kind is one.KEYWORD_ONLY or one.kind is one.POSITIONAL_OR_KEYWORD
        if not (only_optional and one.default is one.empty and not hasattr(method, "__wrapped__"))
    ]


class Owns:
    """What a call owns: here nothing."""

    def create(self, owned: object, make: Callable[[], Any]) -> Any:
        return make()


def instance(module: Any, cls: type[Any]) -> Any:
    """An object of a class that no client has made: nothing but the check of names can be reached."""
    made = object.__new__(cls)
    if issubclass(cls, module.Call):
        made._channel = module.Channel(None, "1")
        made._bridges, made._ari, made._owns = module.Bridges(None), None, Owns()
    elif hasattr(cls, "HANDLE") or issubclass(cls, module.Handle):
        made._ari = None
    return made


def said(module: Any, cls: type[Any], method: Any, given: str) -> str:
    """What a method says to an argument of this name."""
    needed = [
        "PJSIP/alice"
        for one in list(inspect.signature(method).parameters.values())[1:]
        if one.kind is one.POSITIONAL_ONLY or (one.kind is one.POSITIONAL_OR_KEYWORD and one.default is one.empty)
    ]
    with pytest.raises(TypeError) as caught:
        result = method(instance(module, cls), *needed, **{given: 1})
        if inspect.iscoroutine(result):
            result.send(None)
    return str(caught.value)


@VARIANTS
def test_a_letter_too_many(module: Any) -> None:
    """In any argument of any method."""
    seen, wrong = 0, []
    for cls, name, method in methods(module):
        for keyword in keywords(cls, method):
            given = keyword + keyword[-1]
            told = said(module, cls, method, given)
            seen += 1
            if f"unexpected keyword argument {given!r}. Did you mean {keyword!r}?" not in told:
                wrong.append(f"{cls.__name__}.{name}: {told}")
    assert [] == wrong
    assert seen > 500


@VARIANTS
def test_a_unit_left_out(module: Any) -> None:
    """And `max` for `max_digits`, unless it is what the operation calls that parameter."""
    seen, wrong = set(), []
    for cls, name, method in methods(module):
        operation = operation_of(method) or (TAKES_ITS_NAMES.get(name) if issubclass(cls, module.Call) else None)
        for keyword in keywords(cls, method):
            given = UNIT.sub("", keyword)
            if given == keyword or (operation and given in accepted_names(operation)):
                continue
            told = said(module, cls, method, given)
            seen.add(f"{name}.{given}")
            if f"unexpected keyword argument {given!r}. Did you mean " not in told or repr(keyword) not in told:
                wrong.append(f"{cls.__name__}.{name}: {told}")
    assert [] == wrong
    assert {"wait_for.timeout", "wait.timeout", "wait_until_up.timeout", "collect_digits.max", "call.answer_timeout"} <= seen


def test_a_name_like_no_other() -> None:
    """Nothing is guessed then."""
    told = said(aio, aio.Playback, aio.Playback.wait, "colour")
    assert "wait() got an unexpected keyword argument 'colour'" == told


@VARIANTS
def test_methods_of_a_programs_own_class_are_left_alone(module: Any) -> None:
    """It is the program that decides what they say."""

    def transfer(self: Any, to: str) -> None: ...

    for base in (module.Channel, module.Channels, module.Call):
        assert type("Own", (base,), {"transfer": transfer, "__module__": __name__}).transfer is transfer
