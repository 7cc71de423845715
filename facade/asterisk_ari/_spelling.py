"""Names that nobody knows: what may be meant, and methods that say so of their keyword arguments. Pure."""

import functools
import inspect
from collections.abc import Callable, Collection
from typing import Any, NoReturn, TypeVar, cast

C = TypeVar("C", bound=type[Any])
F = TypeVar("F", bound=Callable[..., Any])


def meant(given: str, known: Collection[str], cutoff: float = 0.6) -> str:
    """What may be meant by a name, quoted; empty when nothing is like it.

    Names that go on where it ends come first, `timeout_seconds` for `timeout`: a unit is what is left out most.
    """
    from difflib import get_close_matches

    near = [name for name in known if name.startswith(f"{given}_")] or get_close_matches(given, known, n=1, cutoff=cutoff)
    return " or ".join(map(repr, near))


def unexpected(method: str, given: str, known: Collection[str]) -> TypeError:
    """The error that a keyword argument is not one of the method's, as Python writes it, and what may be meant."""
    names = meant(given, known)
    return TypeError(f"{method}() got an unexpected keyword argument {given!r}" + (f". Did you mean {names}?" if names else ""))


def methods_tell_spellings(cls: C) -> C:
    """A class whose public methods say what an unknown keyword argument may mean.

    Args:
        cls: the class, to be used as a decorator.

    Example:
        >>> @methods_tell_spellings
        ... class Paging: ...
    """
    for name, method in list(vars(cls).items()):
        if inspect.isfunction(method) and not name.startswith("_"):
            setattr(cls, name, tells_spellings(method))
    return cls


def tells_spellings(method: F) -> F:
    """The method, which says what an unknown keyword argument may mean; itself if it takes none, or any, which it checks."""
    own = keywords_of(method)
    if not own or method.__code__.co_flags & inspect.CO_VARKEYWORDS:
        return method

    def refuse(given: dict[str, Any]) -> NoReturn:
        raise unexpected(method.__name__, next(name for name in given if name not in own), own)

    return checks_keywords(method, own, refuse)


def keywords_of(method: Callable[..., Any]) -> tuple[str, ...]:
    """The parameters of a method that can be given by name, in their order."""
    code = method.__code__
    names = code.co_varnames[code.co_posonlyargcount : code.co_argcount + code.co_kwonlyargcount]
    return tuple(name for name in names if name != "self")


def checks_keywords(method: F, own: Collection[str], correct: Callable[[dict[str, Any]], dict[str, Any]]) -> F:
    """The method, whose keyword arguments are corrected, or refused, when not all of them are its own."""
    own = frozenset(own)
    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            if not kwargs.keys() <= own:
                kwargs = correct(kwargs)
            return await method(*args, **kwargs)

        return cast(F, coroutine)

    @functools.wraps(method)
    def function(*args: Any, **kwargs: Any) -> Any:
        if not kwargs.keys() <= own:
            kwargs = correct(kwargs)
        return method(*args, **kwargs)

    return cast(F, function)
