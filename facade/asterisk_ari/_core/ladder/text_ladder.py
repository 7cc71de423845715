"""A sequence diagram as text, for a terminal of any width. Pure."""

from collections.abc import Iterator
from itertools import count
from string import ascii_uppercase

from asterisk_ari._core.ladder.sequence import Arrow, CallSequence

TIME_COLUMNS = 9
MIN_LANE_COLUMNS = 8
TITLE_COLUMNS = 12
"""A narrower lane gets a letter, and its name is listed above."""
ROWS_OF_A_SCREEN = 40
"""After this many arrows the names are repeated, as those above have scrolled away."""
TO_ASCII = str.maketrans({"│": "|", "─": "-", "├": "+", "┤": "+", "▶": ">", "◀": "<", "…": "~", "→": ">", "●": "*"})


def text_ladder(sequence: CallSequence, width: int) -> list[str]:
    """Return lines no longer than the width, or as long as the lanes need."""
    lanes = max(len(sequence.lanes), 1)
    columns = max(MIN_LANE_COLUMNS, (width - TIME_COLUMNS) // lanes)
    width = max(width, TIME_COLUMNS + columns * lanes)
    at = {lane.key: TIME_COLUMNS + columns * number + 2 for number, lane in enumerate(sequence.lanes)}
    names = [lane.title for lane in sequence.lanes]
    lines: list[str] = []
    if columns < TITLE_COLUMNS:
        names, lines = _lettered(names, width)
    titles = "".join(cut(name, columns - 1).ljust(columns) for name in names)
    heading = f"{'ms':>{TIME_COLUMNS - 2}}  {titles}".rstrip()
    for number, arrow in enumerate(sequence.arrows):
        if number % ROWS_OF_A_SCREEN == 0:
            lines.append(heading)
        lines += _rows(arrow, at, width)
    return lines if sequence.arrows else [*lines, heading]


def _lettered(names: list[str], width: int) -> tuple[list[str], list[str]]:
    """Return letters for lanes whose names do not fit, and the lines of the legend."""
    numbers = count()
    letters = [name if len(name) < MIN_LANE_COLUMNS else _letter(next(numbers)) for name in names]
    legend = [
        cut(f"{letter:>{TIME_COLUMNS - 2}}  {name}", width) for letter, name in zip(letters, names, strict=True) if letter != name
    ]
    return letters, legend


def _letter(number: int) -> str:
    again, letter = divmod(number, len(ascii_uppercase))
    return ascii_uppercase[letter] + (str(again) if again else "")


def cut(text: str, columns: int) -> str:
    """Shorten a text to fit: names are cut in the middle, where they differ least."""
    if len(text) <= columns:
        return text
    tail = (columns - 1) // 2
    return f"{text[: columns - 1 - tail]}…{text[len(text) - tail :]}"


def _rows(arrow: Arrow, at: dict[str, int], width: int) -> Iterator[str]:
    row = list(" " * width)
    for column in at.values():
        row[column] = "│"
    left, right = sorted((at[arrow.source], at[arrow.target]))
    label = arrow.text
    if left == right:
        row[left] = "●"
        yield from _with_label(row, label, right + 2, arrow.at_ms, width)
        return
    row[left + 1 : right] = "─" * (right - left - 1)
    is_right = at[arrow.source] < at[arrow.target]
    row[left], row[right] = ("├", "▶") if is_right else ("◀", "┤")
    inside = right - left - 3
    if len(label) + 2 <= inside:
        start = left + 1 + (right - left - 1 - len(label) - 2) // 2
        row[start : start + len(label) + 2] = f" {label} "
        yield _line(row, arrow.at_ms)
        return
    yield from _with_label(row, label, right + 2, arrow.at_ms, width)


def _with_label(row: list[str], label: str, start: int, at_ms: int, width: int) -> Iterator[str]:
    """Put the label to the right of the arrow; if there is no room, in a line of its own above, as far right as it fits."""
    if len(label) <= width - start:
        row[start : start + len(label)] = label
        if start + len(label) < width:
            row[start + len(label)] = " "
        yield _line(row, at_ms)
        return
    lifelines = [character if character == "│" else " " for character in row]
    label = cut(label, width - TIME_COLUMNS - 2)
    start = max(TIME_COLUMNS + 2, min(start, width - len(label)))
    lifelines[start - 1 : start + len(label)] = f" {label}"
    yield "".join(lifelines).rstrip()
    yield _line(row, at_ms)


def _line(row: list[str], at_ms: int) -> str:
    return f"{at_ms:>{TIME_COLUMNS - 2}}{''.join(row)[TIME_COLUMNS - 2 :]}".rstrip()
