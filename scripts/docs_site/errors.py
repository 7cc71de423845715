"""The page of errors: the tree, and of each error what it means, what causes it and what cures it."""

import inspect
import tomllib
from collections.abc import Iterator
from pathlib import Path

from asterisk_ari import errors
from scripts.docs_site.words import MADE, heading

WORDS = Path(__file__).with_name("errors.toml")


def all_errors() -> dict[str, type[errors.AriError]]:
    """Every public error, by its name, in the order in which the module has them."""
    return {
        name: item
        for name, item in vars(errors).items()
        if inspect.isclass(item) and issubclass(item, errors.AriError) and not name.startswith("_")
    }


def pages() -> dict[str, str]:
    """The page, by its path below `docs/`.

    Raises:
        ValueError: an error without a cause or a cure in `errors.toml`, or the other way round.
    """
    words: dict[str, dict[str, str]] = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    known = all_errors()
    if odd := words.keys() ^ known.keys():
        raise ValueError(f"{WORDS.name} and asterisk_ari.errors differ: {', '.join(sorted(odd))}")
    lines = [
        f"{MADE}# Errors",
        "",
        "Everything that the client raises is an `AriError`: `error.message` says what happened, `error.remedy` what to do about",
        "it, where that is known. Import them from `asterisk_ari.errors`. No message, log or repr has a password in it.",
        "",
        *_tree(errors.AriError, ""),
        "",
    ]
    for name, kind in known.items():
        lines += _error(name, kind, words[name])
    return {"reference/errors.md": "\n".join(lines)}


def _tree(kind: type[errors.AriError], indent: str) -> Iterator[str]:
    yield f"{indent}- [`{kind.__name__}`](#{kind.__name__})"
    for child in all_errors().values():
        if kind in child.__bases__:
            yield from _tree(child, f"{indent}    ")


def _error(name: str, kind: type[errors.AriError], words: dict[str, str]) -> Iterator[str]:
    others = [base.__name__ for base in kind.__bases__ if not issubclass(base, errors.AriError) and base is not Exception]
    bases = [f"[`{base.__name__}`](#{base.__name__})" for base in kind.__bases__ if issubclass(base, errors.AriError)]
    yield from (heading(2, f"`{name}`", name), "")
    yield from (f"A {' and '.join(bases + [f'`{other}`' for other in others])}." if bases else "The root of the tree.", "")
    yield from (inspect.getdoc(kind) or "", "")
    yield from (f"**Cause.** {words['cause']}", "", f"**Cure.** {words['cure']}", "")
