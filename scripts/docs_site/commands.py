"""The page of commands: their arguments and options, as the commands themselves know them."""

from collections.abc import Iterator
from typing import Any

import typer.main

from asterisk_ari.cli.application import app
from scripts.docs_site.words import MADE, cell, code, heading, table


def all_commands() -> dict[str, Any]:
    """Every command, by its name."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def pages() -> dict[str, str]:
    """The page, by its path below `docs/`."""
    lines = [
        f"{MADE}# Commands",
        "",
        "`pip install 'asterisk-ari[cli]'` gives the command `asterisk-ari`; `python -m asterisk_ari` is the same.",
        "[The command line](../command-line.md) shows what the commands print.",
        "",
    ]
    for name, command in all_commands().items():
        lines += _command(name, command)
    return {"reference/commands.md": "\n".join(lines)}


def _command(name: str, command: Any) -> Iterator[str]:
    context = typer.Context(command, info_name=f"asterisk-ari {name}")
    yield from (heading(2, f"`{name}`", name), "", (command.help or "").strip(), "")
    yield from ("```text", command.get_usage(context), "```", "")
    rows = [_option(one, context) for one in command.get_params(context) if not getattr(one, "hidden", False)]
    yield from table(("", ""), rows)


def _option(one: Any, context: typer.Context) -> tuple[str, str]:
    value = one.make_metavar(context)
    if one.param_type_name == "argument":
        return code(value), cell(one.help or "")
    names = ", ".join(code(name) for name in (*one.opts, *one.secondary_opts))
    return names if value == "<boolean>" else f"{names} {code(value)}", cell(one.help or "")
