"""A sequence as an SVG diagram, and as a page that holds it, for light and dark. Pure."""

from html import escape

from asterisk_ari._core.ladder.sequence import Arrow, CallSequence
from asterisk_ari._core.ladder.text_ladder import cut

TIME_WIDTH, LANE_WIDTH, ROW_HEIGHT, TOP = 70, 190, 26, 36
LONG = 2 * LANE_WIDTH - 1
"""Of an arrow that says at both ends what it is, where there is room for both: a telephone shows less than two lanes."""
CHARACTER_WIDTH = 6.7
TEXT_WIDTH = 7.4
"""Of a character at most, in the fonts of browsers."""
UNIT = f'<text class="t" x="{TIME_WIDTH - 10}" y="22" text-anchor="end">ms</text>'
STYLE = """
:root{color-scheme:light dark}
:root{--ink:#1b1f24;--paper:#fff;--line:#c8ced6;--event:#0a6b57;--request:#1f4fbf;--refused:#c02626;--faint:#6a737d}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--paper:#15181c;--line:#3a424c;--event:#56c7ab;--request:#82a8ff;
--refused:#ff7b72;--faint:#9099a3}}
svg{font:12px ui-monospace,Menlo,Consolas,monospace;background:var(--paper)}
text{fill:var(--ink)}.t{fill:var(--faint)}.n{font-weight:bold}.life{stroke:var(--line)}
.event{stroke:var(--event);fill:var(--event)}.request{stroke:var(--request);fill:var(--request)}
.refused{stroke:var(--refused);fill:var(--refused)}text.event,text.request,text.refused{stroke:none}
text.b{stroke:var(--paper);stroke-width:4px;paint-order:stroke}
"""
PAGE_STYLE = """
body{margin:0;background:var(--paper);width:max-content;min-width:100%}
.head{position:sticky;top:0;z-index:2;background:var(--paper);border-bottom:1px solid var(--line)}
.head,.rows{display:flex}.times{position:sticky;left:0;z-index:1;border-right:1px solid var(--line)}
"""


def svg(sequence: CallSequence) -> str:
    """One diagram with its own style."""
    height = TOP + ROW_HEIGHT * (len(sequence.arrows) + 1)
    width = _width(sequence)
    content = f"<style>{STYLE}</style>{UNIT}{_titles(sequence)}{_body(sequence, TOP, height)}{_times(sequence, TOP)}"
    return _svg((0, width), height, content)


def page(sequence: CallSequence, title: str) -> str:
    """A page whose names stay at the top, and whose times stay at the left, while the rest is scrolled."""
    height, width = ROW_HEIGHT * (len(sequence.arrows) + 1), _width(sequence)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}{PAGE_STYLE}</style>"
        f'<div class="head"><div class="times">{_svg((0, TIME_WIDTH), TOP, UNIT)}</div>'
        f"{_svg((TIME_WIDTH + 1, width), TOP, _titles(sequence))}</div>"
        f'<div class="rows"><div class="times">{_svg((0, TIME_WIDTH), height, _times(sequence, 0))}</div>'
        f"{_svg((TIME_WIDTH + 1, width), height, _body(sequence, 0, height))}</div></html>\n"
    )


def _svg(columns: tuple[int, int], height: int, content: str) -> str:
    """A part of the diagram, from one column of pixels to another."""
    left, width = columns[0], columns[1] - columns[0]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="{left} 0 {width} {height}"'
        f' style="display:block;flex:none">{content}</svg>'
    )


def _width(sequence: CallSequence) -> int:
    """As wide as its lanes, and as what is said at them."""
    at = {lane.key: _x(number) for number, lane in enumerate(sequence.lanes)}
    ends = [min(at[one.source], at[one.target]) + 20 + int(len(one.text) * TEXT_WIDTH) for one in sequence.arrows]
    return max(TIME_WIDTH + LANE_WIDTH * max(len(sequence.lanes), 1), *ends, 0)


def _x(number: int) -> int:
    return TIME_WIDTH + LANE_WIDTH * number + 20


def _titles(sequence: CallSequence) -> str:
    room = int((LANE_WIDTH - 10) / (CHARACTER_WIDTH + 0.6))
    return "".join(
        f'<text class="n" x="{_x(number) - 10}" y="22">{escape(cut(lane.title, room))}<title>{escape(lane.title)}</title></text>'
        for number, lane in enumerate(sequence.lanes)
    )


def _body(sequence: CallSequence, top: int, height: int) -> str:
    at = {lane.key: _x(number) for number, lane in enumerate(sequence.lanes)}
    lines = [f'<line class="life" x1="{x}" x2="{x}" y1="{top}" y2="{height}"/>' for x in at.values()]
    rows = [_arrow(arrow, at, top + ROW_HEIGHT * (number + 1)) for number, arrow in enumerate(sequence.arrows)]
    return "".join([*lines, *rows])


def _times(sequence: CallSequence, top: int) -> str:
    return "".join(
        f'<text class="t" x="{TIME_WIDTH - 10}" y="{top + ROW_HEIGHT * (number + 1) + 4}" text-anchor="end">{arrow.at_ms}</text>'
        for number, arrow in enumerate(sequence.arrows)
    )


def _arrow(arrow: Arrow, at: dict[str, int], y: int) -> str:
    source, target = at[arrow.source], at[arrow.target]
    text, kind = escape(arrow.text), arrow.kind
    if source == target:
        dot = f'<circle class="{kind}" cx="{source}" cy="{y}" r="3"/>'
        return f'{dot}<text class="{kind} b" x="{source + 10}" y="{y + 4}">{text}</text>'
    tip = target - 7 if target > source else target + 7
    head = f'<polygon class="{kind}" points="{target},{y} {tip},{y - 4} {tip},{y + 4}"/>'
    left, right = sorted((source, target))
    # Where a page is scrolled sideways, one end of a long arrow may be out of sight.
    has_room = right - left > max(LONG, 2 * TEXT_WIDTH * len(arrow.text) + 40)
    again = f'<text class="{kind} b" x="{right - 10}" y="{y - 6}" text-anchor="end">{text}</text>' if has_room else ""
    return (
        f'<line class="{kind}" x1="{source}" x2="{target}" y1="{y}" y2="{y}"/>{head}'
        f'<text class="{kind} b" x="{left + 10}" y="{y - 6}">{text}</text>{again}'
    )
