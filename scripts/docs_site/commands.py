"""The page of commands: their arguments and options, as the commands themselves know them."""

from collections.abc import Iterator
from typing import Any

import typer.main

from asterisk_ari.cli.application import app
from asterisk_ari.cli.help_pages import KEPT_AS_IT_IS
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
    what, _, examples = (command.help or "").partition(KEPT_AS_IT_IS)
    yield from (heading(2, f"`{name}`", name), "", what.strip(), "")
    yield from ("```text", command.get_usage(context), "```", "")
    if lines := examples.splitlines()[1:]:
        yield from ("```shell", *(line.strip() for line in lines), "```", "")
    # What its help says of each: (names and value, meaning); None for what is hidden.
    records = [one.get_help_record(context) for one in command.get_params(context)]
    yield from table(("", ""), [(code(names), cell(meaning)) for names, meaning in filter(None, records)])
