"""The surface, computed: every operation and parameter is reachable, both variants are alike, what is documented is there."""

import importlib
import inspect
from functools import cached_property
from typing import Any

import pytest

from ari_rest._meta import OPERATIONS
from asterisk_ari._core.requests.naming import operation
from asterisk_ari.events import Event
from scripts import docs_table
from tests.generated.definitions import snake
from tests.surface.docstrings import is_described, public_classes, public_methods, without_docstring, wrong_requests
from tests.surface.documented import BEYOND, CALLS, CONSTRUCTOR, PARAMETERS, RETURNS, Call
from tests.surface.reach import (
    VARIANTS,
    Reached,
    client_class,
    missing,
    operation_methods,
    reached_classes,
    unknown_parameters,
)
from tests.surface.variants import differences, signatures

ASYNC, SYNC = VARIANTS

# Operations and parameters that no method takes, each with its reason. Nothing is left out.
LEFT_OUT: dict[str, str] = {}

# Names that differ from the nickname: asking for one's own state is `refresh` on a handle.
RENAMED = {"get": "refresh", "get_live": "refresh", "get_stored": "refresh"}

variants = pytest.mark.parametrize("package", VARIANTS, ids=["async", "sync"])


def offered(package: str) -> list[type[Any]]:
    """The client, all that can be had from it, and what these are made of."""
    classes = [client_class(package), *reached_classes(package)]
    return list(dict.fromkeys(base for cls in classes for base in cls.__mro__ if base.__module__.startswith(package)))


# -- reach --


@variants
def test_every_operation_and_parameter_is_reachable(package: str) -> None:
    """Through collections and handles of a client, by the facade's names."""
    assert sorted(LEFT_OUT) == missing(operation_methods(reached_classes(package)))


@variants
def test_no_method_has_parameters_of_its_own(package: str) -> None:
    """What a method that stands for an operation takes, the operation has."""
    assert [] == unknown_parameters(operation_methods(reached_classes(package)))


@variants
@pytest.mark.parametrize("name", OPERATIONS)
def test_methods_are_named_like_their_operation(package: str, name: str) -> None:
    """The nickname in snake_case: on the collection, and on the handle where there is one."""
    nickname = snake(name.partition(".")[2])
    methods = [one for one in operation_methods(reached_classes(package)) if one.operation == name]
    assert nickname in {one.name for one in methods}
    handles = {one.owner for one in methods if hasattr(one.owner, "ID_FIELD")}
    for handle in handles:
        assert {nickname, RENAMED.get(nickname)} & {one.name for one in methods if one.owner is handle}


@variants
def test_help_shows_the_id_of_methods_by_id(package: str) -> None:
    """A collection's methods take the id first, and their signature says so."""
    for one in operation_methods(reached_classes(package)):
        ids = [name for name, parameter in OPERATIONS[one.operation].params.items() if parameter.location == "path"]
        if ids and not hasattr(one.owner, "ID_FIELD"):
            assert one.parameters, one.label


class Incomplete:
    """Has most of what it should."""

    @operation("channels.play")
    def play(self, media: str, *, lang: str | None = None, offset_ms: int | None = None, playback_id: str | None = None) -> None:
        """Lacks skip_ms."""

    @operation("bridges.setVideoSource")
    def set_video_source(self) -> None:
        """Lacks channel_id, which a bridge does not know."""

    @operation("channels.answer")
    def answer(self, *, loudly: bool = False) -> None:
        """Takes more than the operation has."""

    @operation("channels.ring")
    def ring(self) -> None:
        """Says nothing of its request."""

    @operation("channels.hangup")
    def hangup(self, reason: str | None = None, *, reason_code: str | None = None) -> None:
        """Hang up.

        `POST /channels/{channelId}`, since 13.0.

        Example:
            >>> channel.hangup()
        """

    def silent(self) -> None: ...


def test_a_lacking_parameter_is_found() -> None:
    """The check bites: a parameter or an operation that is not there is named."""
    expected = [
        "channels.play: no method",
        "Incomplete.play: skipms is missing",
        "Incomplete.set_video_source: channelId is missing",
        "Incomplete.answer: loudly is no parameter of channels.answer",
    ]
    found = operation_methods((Incomplete,))
    assert expected == [
        *missing([], ["channels.play"]),
        *missing(found, ["channels.play", "bridges.setVideoSource"]),
        *unknown_parameters(found),
    ]


# -- variants --


def test_both_variants_are_alike() -> None:
    """Every public class, method, parameter, default and kind."""
    one, other = (signatures(public_classes(package)) for package in VARIANTS)
    assert [] == differences(one, other)
    assert len(one) > 400


def test_the_synchronous_variant_awaits_nothing() -> None:
    """None of its methods is a coroutine."""
    coroutines = [
        f"{cls.__name__}.{name}"
        for cls in public_classes(SYNC)
        for name, member in vars(cls).items()
        if inspect.iscoroutinefunction(member) or inspect.isasyncgenfunction(member) or name in ("__aenter__", "__aexit__")
    ]
    assert [] == coroutines


def test_a_difference_between_variants_is_found() -> None:
    """The check bites: another default, another kind, a missing method."""

    class One:
        def method(self, a: int = 1, *, b: int) -> None: ...
        def more(self) -> None: ...

    class Other:
        def method(self, a: int = 2, *, b: int) -> None: ...

    Other.__name__ = "One"
    assert ["One.more: only one variant has it", "One.method"] == [
        text.split(": [")[0] for text in differences(signatures([One]), signatures([Other]))
    ]


# -- what is documented --


@variants
@pytest.mark.parametrize("name", PARAMETERS)
def test_a_documented_method_is_there_as_written(package: str, name: str) -> None:
    """Its name, its parameters by name and order, all of them positional; what is beyond them is optional."""
    parameters = list(inspect.signature(getattr(client_class(package), name)).parameters.values())[1:]
    assert [*PARAMETERS[name], *BEYOND.get(name, ())] == [one.name for one in parameters]
    assert all(one.kind is one.POSITIONAL_OR_KEYWORD for one in parameters)
    assert all(one.default is not one.empty for one in parameters if one.name in BEYOND.get(name, ()))


@variants
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call[0])
def test_a_documented_call_fits(package: str, call: Call) -> None:
    """Each fragment and example of the reference can be called as it is written."""
    name, arguments, named = call
    bound = inspect.signature(getattr(client_class(package), name)).bind(None, *arguments, **named)
    assert len(bound.args) + len(bound.kwargs) == 1 + len(arguments) + len(named)


@variants
@pytest.mark.parametrize("name", RETURNS)
def test_a_documented_method_returns_what_it_says(package: str, name: str) -> None:
    """The type of the *Returns* column, or None where the call may be gone."""
    annotation = inspect.signature(getattr(client_class(package), name)).return_annotation
    written = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    may_be_gone = RETURNS[name] in ("str", "dict") and name != "get_asterisk_info"
    assert (RETURNS[name], may_be_gone) == (written.split("[")[0].split(" ")[0], written.endswith(" | None"))


@variants
def test_the_constructor_is_there_as_written(package: str) -> None:
    """Five parameters by name and order, none of them needed; the rest by name only."""
    parameters = list(inspect.signature(client_class(package)).parameters.values())
    documented = [one for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    assert CONSTRUCTOR == tuple(one.name for one in documented)
    assert [None] * 4 == [one.default for one in documented[:4]]
    assert "aiagc" == documented[4].default
    assert {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD} == {one.kind for one in parameters[5:]}


@variants
def test_the_examples_use_handles_that_are_there(package: str) -> None:
    """`channel_obj.id`, `.json`, `.answer()`, `.play(media=…)`, `.record(name=…, format=…, maxDurationSeconds=…)`."""
    channel = next(cls for cls in reached_classes(package) if cls.__name__ == "Channel")
    inspect.signature(channel.answer).bind(None)
    inspect.signature(channel.play).bind(None, media="sound:welcome")
    inspect.signature(channel.record).bind(None, name="x", format="wav", max_duration_seconds=600)
    assert {"id", "json"} <= channel.__mro__[-2].__annotations__.keys()


# -- docstrings --


@variants
def test_everything_public_says_what_it_is(package: str) -> None:
    """Modules, classes, functions and methods."""
    assert [] == without_docstring(package)


@pytest.mark.parametrize(
    "name", ["", ".capabilities", ".errors", ".events", ".policies", ".settings"], ids=lambda name: name or "asterisk_ari"
)
def test_public_modules_say_what_they_are(name: str) -> None:
    """And so do their classes and the methods of these."""
    module = importlib.import_module(f"asterisk_ari{name}")
    classes = [item for item in vars(module).values() if inspect.isclass(item) and item.__module__ == module.__name__]
    silent = [cls.__name__ for cls in classes if not cls.__doc__ and not issubclass(cls, Event)]
    silent += [f"{cls.__name__}.{name}" for cls in classes for name, method in public_methods(cls) if not method.__doc__]
    assert module.__doc__
    assert [] == [name for name in silent if not name.startswith("_")]


@variants
def test_every_method_has_an_example(package: str) -> None:
    """Or names the method that has it; properties need none."""
    lacking = [
        f"{cls.__name__}.{name}"
        for cls in offered(package)
        for name, _ in public_methods(cls)
        if not isinstance(vars(cls)[name], property | cached_property) and not is_described(cls, name)
    ]
    assert [] == lacking


@variants
def test_every_operation_says_its_request_and_since_when(package: str) -> None:
    """Method, path and release are those of the definitions."""
    assert [] == [problem for cls in public_classes(package) for problem in wrong_requests(cls)]


@variants
def test_documented_methods_say_their_request_and_since_when(package: str) -> None:
    """Each operation that a documented method makes is in its docstring."""
    for row in docs_table.documented():
        text = inspect.getdoc(getattr(client_class(package), row.method)) or ""
        for name in row.operations[:1]:
            facts = OPERATIONS[name]
            assert f"`{facts.method.upper()} {facts.path}`" in text, row.method
            assert f"since {docs_table.since_words(facts)}" in text, row.method


def test_a_docstring_that_is_wrong_is_found() -> None:
    """The check bites: no request, another request, no docstring, no example."""
    assert ["Incomplete.play", "Incomplete.set_video_source", "Incomplete.answer", "Incomplete.ring", "Incomplete.hangup"] == [
        problem.split(":")[0] for problem in wrong_requests(Incomplete)
    ]
    assert [("silent", None)] == [(name, method.__doc__) for name, method in public_methods(Incomplete) if not method.__doc__]
    assert ["hangup"] == [name for name, _ in public_methods(Incomplete) if is_described(Incomplete, name)]


def test_a_reached_method_has_a_label() -> None:
    """Failures name class and method."""
    assert "Incomplete.play" == Reached("channels.play", Incomplete, "play", Incomplete.play).label


# -- the table of the documentation --


def test_the_table_of_methods_is_current() -> None:
    """`docs/reference-methods.md` is what `python -m scripts.docs_table` writes."""
    assert docs_table.TARGET.read_text(encoding="utf-8") == docs_table.render()


def test_the_table_has_every_method_and_operation() -> None:
    """Each documented method has a row, each operation its method."""
    assert PARAMETERS.keys() <= {row.method for row in docs_table.documented()}
    assert list(OPERATIONS) == [row.operation for row in docs_table.operations()]
    assert all(row.handle or row.collection for row in docs_table.operations())


def test_a_stale_table_is_found(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` fails on it and writes nothing; without it the file is written."""
    target = tmp_path / "docs" / "table.md"
    monkeypatch.setattr(docs_table, "TARGET", target)
    assert 1 == docs_table.main(["--check"])
    assert not target.exists()
    assert 0 == docs_table.main([])
    assert 0 == docs_table.main(["--check"])
    assert "stale" in capsys.readouterr().err
