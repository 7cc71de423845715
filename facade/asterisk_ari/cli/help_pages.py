"""How `--help` is laid out: commands and options stand in sections, a command's first sentence is whole at any width."""

import re
from collections.abc import Iterable
from typing import Any

from typer.core import TyperCommand, TyperGroup

EXAMPLES = re.compile(r"^(?=Examples?:$)", re.MULTILINE)
_OWN = ("Arguments", "Options")
KEPT_AS_IT_IS = "\b\n"
"""Before a paragraph whose lines are not to be filled."""


def help_of(docstring: str) -> str:
    """The help of a command: its docstring, whose examples keep their lines."""
    return EXAMPLES.sub(KEPT_AS_IT_IS, docstring)


def first_sentence(docstring: str) -> str:
    """What the list of all commands says of one."""
    return docstring.partition("\n\n")[0].partition(". ")[0].removesuffix(".") + "."


class SectionedCommand(TyperCommand):
    """A command whose options stand under the name of their panel, those of its own first."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options."""
        rows = [(_section_of(one), one.get_help_record(ctx)) for one in self.get_params(ctx)]
        rows.sort(key=lambda row: _OWN.index(row[0]) if row[0] in _OWN else len(_OWN))
        _write_sections(formatter, ((section, record) for section, record in rows if record))


class SectionedGroup(TyperGroup):
    """Commands under the name of their panel."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, and then the options, which are few."""
        self.format_commands(ctx, formatter)
        records = (one.get_help_record(ctx) for one in self.get_params(ctx))
        _write_sections(formatter, (("Options", record) for record in records if record))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each command with what it does."""
        found: dict[str, Any] = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        width = max(map(len, found))
        _write_sections(formatter, ((one.rich_help_panel, (f"{name:<{width}}", one.short_help)) for name, one in found.items()))


def _section_of(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return "Arguments"
    return getattr(parameter, "rich_help_panel", None) or "Options"


def _write_sections(formatter: Any, rows: Iterable[tuple[str, tuple[str, str]]]) -> None:
    """Each section once, in the order in which the first row of it comes."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for section, record in rows:
        sections.setdefault(section, []).append(record)
    for section, records in sections.items():
        with formatter.section(section):
            formatter.write_dl(records)
