"""The page of settings: each field of `Settings`, its default, its variable, and what it does."""

import inspect
import re
from dataclasses import MISSING, Field, fields
from typing import Any

from asterisk_ari import AsyncAsteriskARI, Reconnect, Settings
from scripts.docs_site.words import MADE, cell, code, heading, table

VARIABLES = {
    "host": "ARI_HOST",
    "port": "ARI_PORT",
    "username": "ARI_USERNAME",
    "password": "ARI_PASSWORD",
    "app_name": "ARI_APP",
}
# Those that the client takes among its `options`.
WORDS = {
    "max_queued_bytes": "How many bytes of events may wait for handlers. More are dropped, and told as `EventsLost`.",
    "slow_handler_seconds": "A handler that holds back events of its call for longer than this is named in the log.",
    "ping_interval_seconds": "How long the event WebSocket may be silent before the client sends a ping.",
    "ping_timeout_seconds": "How long the answer to a ping may take; then the connection counts as lost.",
    "log_personal_data": "True lets the log show callers, numbers dialled and digits.",
    "guards": '"all" refuses what no server could do; "server" only what hurts the server or would not be read by it.',
    "order": '"call": handlers keep the order within each call, calls run side by side. "stream": one after the other.',
    "proxy": "HTTP proxy for the event WebSocket and for REST, `http://proxy:3128`. Variables such as HTTP_PROXY are not read.",
}
HEAD = """\
# Settings

What is not given as an argument is taken from a variable of the environment, then from the default. `ARI_URL`
(`http://host:8088`, `https://host:8089/prefix`) stands for host, port, tls and prefix. Both clients take the same arguments;
`Settings` is what they make of them, and `ari.settings` shows them, without the password.

`ARI_LOG=info` or `ARI_LOG=debug` writes the log of the client to stderr.
"""


def pages() -> dict[str, str]:
    """The page, by its path below `docs/`.

    Raises:
        ValueError: a setting that nothing is said about.
    """
    words = argument_words(inspect.getdoc(AsyncAsteriskARI) or "") | WORDS
    rows = [_row(field, words) for field in fields(Settings)]
    back = argument_words(inspect.getdoc(Reconnect) or "")
    lines = [MADE + HEAD, *table(("setting", "default", "variable", ""), rows), heading(2, "`Reconnect`", "Reconnect"), ""]
    lines += ["How the event WebSocket comes back: `AsteriskARI(reconnect=Reconnect(max_seconds=5))`.", ""]
    lines += table(("field", "default", ""), [(code(one.name), _default(one), back[one.name]) for one in fields(Reconnect)])
    return {"reference/settings.md": "\n".join(lines)}


def argument_words(doc: str) -> dict[str, str]:
    """What a docstring says of each argument."""
    section = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", doc, re.MULTILINE | re.DOTALL)
    found = re.findall(r"^    (\w+): (.*?)(?=^    \w+: |\Z)", section[1] if section else "", re.MULTILINE | re.DOTALL)
    return {name: cell(text) for name, text in found}


def _row(field: "Field[Any]", words: dict[str, str]) -> tuple[str, ...]:
    if field.name not in words:
        raise ValueError(f"nothing is said about the setting {field.name}")
    name = f'<span id="{field.name}"></span>{code(field.name)}'
    variable = code(VARIABLES[field.name]) if field.name in VARIABLES else ""
    return name, _default(field), variable, words[field.name]


def _default(field: "Field[Any]") -> str:
    if field.default_factory is not MISSING:
        return code(f"{type(field.default_factory()).__name__}()")
    return code(repr(field.default)) if field.default is not None else "none"
