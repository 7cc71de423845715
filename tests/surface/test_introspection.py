"""What tools see of the methods: `inspect`, `help()`, `unittest.mock`."""

import inspect
import pydoc
from typing import Any
from unittest.mock import AsyncMock, create_autospec

import pytest

from asterisk_ari import AsteriskARI, AsyncAsteriskARI
from tests.surface.docstrings import public_classes, public_methods
from tests.surface.reach import VARIANTS, Reached, operation_methods, reached_classes

ASYNC, SYNC = VARIANTS
OPERATIONS = {package: operation_methods(reached_classes(package)) for package in VARIANTS}

# Of the asynchronous variant, what is awaited nevertheless gives an object that is no coroutine.
NO_COROUTINE = {"StoredRecording.stream": "an asynchronous context manager"}


@pytest.mark.parametrize("one", OPERATIONS[ASYNC], ids=lambda one: one.label)
def test_an_operation_is_a_coroutine_function(one: Reached) -> None:
    """Of a handle or of a collection, with one spelling of its parameters or two."""
    assert inspect.iscoroutinefunction(one.method)


@pytest.mark.parametrize("one", OPERATIONS[SYNC], ids=lambda one: one.label)
def test_an_operation_of_the_synchronous_variant_is_none(one: Reached) -> None:
    assert not inspect.iscoroutinefunction(one.method)


def test_methods_written_to_be_awaited_are_coroutine_functions() -> None:
    """Nothing wraps them in a plain function."""
    wrapped = [
        f"{cls.__name__}.{name}"
        for cls in public_classes(ASYNC)
        for name, method in public_methods(cls)
        if inspect.iscoroutinefunction(inspect.unwrap(method)) and not inspect.iscoroutinefunction(method)
    ]
    assert [] == [name for name in wrapped if name not in NO_COROUTINE]


@pytest.mark.parametrize(("package", "word"), [(ASYNC, "async "), (SYNC, "")], ids=["async", "sync"])
def test_help_shows_async_and_the_signature(package: str, word: str) -> None:
    """Of a handle's method and of the collection's by id, which takes the id or a handle first."""
    classes = {cls.__name__: cls for cls in reached_classes(package)}
    of_handle = pydoc.plain(pydoc.render_doc(classes["Channel"].send_dtmf))
    by_id = pydoc.plain(pydoc.render_doc(classes["Channels"].send_dtmf))
    assert f" {word}send_dtmf(self, dtmf: " in _on_one_line(of_handle)
    assert f" {word}send_dtmf(self, id: Channel | str, /, dtmf: " in _on_one_line(by_id)
    for text in (of_handle, by_id):
        assert "Send DTMF digits to the far end." in text
        assert "duration_ms: " in text
    assert "as `Channel.send_dtmf`" in by_id


def _on_one_line(text: str) -> str:
    """From Python 3.13 on a long signature has a line for each parameter."""
    return " ".join(text.split()).replace("( ", "(").replace("'", "")


@pytest.mark.parametrize("package", VARIANTS, ids=["async", "sync"])
def test_a_method_by_id_knows_its_place(package: str) -> None:
    """Its names are those of the collection, so that tracebacks and profiles tell where a call went."""
    classes = {cls.__name__: cls for cls in reached_classes(package)}
    method = classes["Channels"].get
    assert ("get", "Channels.get", classes["Channels"].__module__) == (
        method.__name__,
        method.__qualname__,
        method.__module__,
    )


def awaited(spec: Any) -> list[str]:
    """The methods of a mock that must be awaited."""
    return [name for name in dir(spec) if not name.startswith("_") and isinstance(getattr(spec, name), AsyncMock)]


def test_a_mock_of_the_client_awaits_what_the_client_awaits() -> None:
    """`create_autospec` makes the documented methods awaitable, and checks their arguments."""
    ari = create_autospec(AsyncAsteriskARI, instance=True)
    assert {"connect", "disconnect", "answer_channel", "play_media", "operation", "start_event_loop"} <= set(awaited(ari))
    with pytest.raises(TypeError):
        ari.answer_channel()
    assert [] == awaited(create_autospec(AsteriskARI, instance=True))


def test_a_mock_of_the_client_has_the_collections_of_the_client() -> None:
    """Their operations are awaited too, and take what the real ones take."""
    ari = create_autospec(AsyncAsteriskARI, instance=True)
    assert {"originate", "create", "list", "get", "hangup"} <= set(awaited(ari.channels))
    with pytest.raises(TypeError):
        ari.channels.originate(endpont="PJSIP/alice")
    for name in ("bridges", "playbacks", "recordings", "endpoints", "applications", "asterisk", "events", "sounds"):
        assert awaited(getattr(ari, name)), name
    assert [] == awaited(create_autospec(AsteriskARI, instance=True).channels)


@pytest.mark.parametrize("cls", reached_classes(ASYNC), ids=lambda cls: cls.__name__)
def test_a_mock_of_a_handle_or_collection_awaits_its_operations(cls: type[Any]) -> None:
    """All of them, with their parameters checked."""
    operations = {one.name for one in operation_methods((cls,))}
    assert operations <= set(awaited(create_autospec(cls, instance=True)))


def test_a_mock_of_a_handle_refuses_other_parameters() -> None:
    channel = create_autospec(next(cls for cls in reached_classes(ASYNC) if cls.__name__ == "Channel"), instance=True)
    with pytest.raises(TypeError):
        channel.play(medai="sound:x")
