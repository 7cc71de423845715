"""The two variants laid side by side: classes, methods, parameters, defaults."""

import inspect
import re
from collections.abc import Iterable
from typing import Any

# A class or method → its parameters as name, kind, default and annotation.
Signatures = dict[str, list[tuple[str, str, str, str]]]
PLAIN_NAMES = {
    "AsyncAsteriskARI": "AsteriskARI",
    "AsyncClient": "Client",
    "AsyncIterable": "Iterable",
    "AsyncIterator": "Iterator",
    "AbstractAsyncContextManager": "AbstractContextManager",
    "aclose": "close",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
}
SPECIAL = (
    "__init__",
    "__call__",
    "__enter__",
    "__exit__",
    "__iter__",
    "__next__",
    "__len__",
    "__getitem__",
    "__eq__",
    "__hash__",
)


def signatures(classes: Iterable[type[Any]]) -> Signatures:
    """What can be called of these classes, written as the synchronous variant writes it."""
    found: Signatures = {}
    for cls in classes:
        found[plain(cls.__name__)] = [(plain(base.__name__), "base", "", "") for base in cls.__bases__]
        for name, member in vars(cls).items():
            if not name.startswith("_") or plain(name) in SPECIAL:
                found[f"{plain(cls.__name__)}.{plain(name)}"] = parameters(member)
    return found


def parameters(member: Any) -> list[tuple[str, str, str, str]]:
    """The parameters of a function; of anything else only what it is."""
    function = getattr(member, "__func__", None) or getattr(member, "fget", None) or getattr(member, "func", None) or member
    if not inspect.isfunction(function):
        return [(type(member).__name__, "value", "", "")]
    signature = inspect.signature(function)
    written = [
        (
            one.name,
            one.kind.name,
            plain(getattr(one.default, "__name__", repr(one.default))),
            plain(inspect.formatannotation(one.annotation)),
        )
        for one in signature.parameters.values()
    ]
    return [*written, ("return", type(member).__name__, "", plain(inspect.formatannotation(signature.return_annotation)))]


def plain(text: str) -> str:
    """Names and annotations as the synchronous variant has them."""
    text = re.sub(r"_async\b", "_sync", text.replace("collections.abc.", ""))
    for asynchronous, synchronous in PLAIN_NAMES.items():
        text = re.sub(rf"\b{asynchronous}\b", synchronous, text)
    while (simpler := re.sub(r"\bAwaitable\[((?:[^\[\]]|\[[^\[\]]*\])*)\]", r"\1", text)) != text:
        text = simpler
    return text


def differences(one: Signatures, other: Signatures) -> list[str]:
    """Where two variants differ."""
    lacking = [f"{name}: only one variant has it" for name in sorted(one.keys() ^ other.keys())]
    return lacking + [f"{name}: {one[name]} is not {other[name]}" for name in one if name in other and one[name] != other[name]]
