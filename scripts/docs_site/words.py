"""Markdown of single things: cells of tables, releases, headings with an anchor."""

from collections.abc import Iterable, Mapping

from asterisk_ari._core.requests.release import since

MADE = "<!-- Made by scripts/docs_site when the site is built. -->\n"


def cell(text: object) -> str:
    """Text inside a table: one line, without a bar that would end the cell."""
    return " ".join(str(text).split()).replace("|", "\\|")


def code(text: object) -> str:
    """Text as code, inside a table too."""
    return f"`{cell(text)}`"


def row(*cells: object) -> str:
    """One line of a table."""
    return "| " + " | ".join(str(one) for one in cells) + " |"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """A table; nothing where it would have no row."""
    names = list(head)
    lines = [row(*one) for one in rows]
    return [row(*names), row(*("---" for _ in names)), *lines, ""] if lines else []


def releases(availability: Mapping[str, str]) -> str:
    """Since which releases: `20.16, 21.11, 22.6 and 23.0`."""
    return since(availability).replace(" or ", " and ")


def later(availability: Mapping[str, str], whole: Mapping[str, str]) -> str:
    """Since which releases a part is there, where that is later than the whole; else nothing."""
    return "" if dict(availability) == dict(whole) else releases(availability)


def heading(level: int, title: str, anchor: str) -> str:
    """A heading that can be linked to by a name that does not change."""
    return f"{'#' * level} {title} {{ #{anchor} }}"
