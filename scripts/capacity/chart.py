"""Lines over a logarithmic axis, as SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 860, 420, 76, 190, 62, 56
_COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#444444")


@dataclass(frozen=True)
class Curve:
    """One curve."""

    label: str
    points: Sequence[tuple[float, float]]


def lines(title: str, across: str, up: str, curves: Sequence[Curve], *, logarithmic_up: bool = True) -> str:
    """A chart of some curves; the axis across is logarithmic."""
    xs = [x for curve in curves for x, _ in curve.points]
    ys = [y for curve in curves for _, y in curve.points if y > 0]
    bottom = min(ys) if logarithmic_up else 0.0
    left_to_right = _scale(min(xs), max(xs), _LEFT, _WIDTH - _RIGHT, logarithmic=True)
    bottom_to_top = _scale(bottom, max(ys), _HEIGHT - _BOTTOM, _TOP, logarithmic=logarithmic_up)
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="16" y="26" font-size="16" font-weight="bold">{escape(title)}</text>',
        f'<text x="16" y="46" fill="#666666">{escape(up)}</text>',
        f'<text x="{middle}" y="{_HEIGHT - 12}" text-anchor="middle" fill="#666666">{escape(across)}</text>',
    ]
    for x in _marks(min(xs), max(xs)):
        at = left_to_right(x)
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}" stroke="#e4e6ea"/>')
        parts.append(f'<text x="{at:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{_short(x)}</text>')
    for y in _marks(bottom, max(ys)) if logarithmic_up else [max(ys) * quarter / 4 for quarter in range(5)]:
        at = bottom_to_top(y)
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="#e4e6ea"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{_short(y)}</text>')
    for number, curve in enumerate(curves):
        colour = _COLOURS[number % len(_COLOURS)]
        dots = [(left_to_right(x), bottom_to_top(y)) for x, y in curve.points if y > 0 or not logarithmic_up]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        at = _TOP + 18 * number + 10
        parts.append(f'<rect x="{_WIDTH - _RIGHT + 14}" y="{at - 9}" width="12" height="8" fill="{colour}"/>')
        parts.append(f'<text x="{_WIDTH - _RIGHT + 32}" y="{at}">{escape(curve.label)}</text>')
    return "\n".join([*parts, "</svg>", ""])


class _scale:  # noqa: N801 - a function with a memory
    def __init__(self, least: float, most: float, begin: float, end: float, *, logarithmic: bool) -> None:
        self._of = math.log10 if logarithmic else float
        self._least, self._span = self._of(least), (self._of(most) - self._of(least)) or 1.0
        self._begin, self._end = begin, end

    def __call__(self, value: float) -> float:
        return self._begin + (self._of(value) - self._least) / self._span * (self._end - self._begin)


def _marks(least: float, most: float) -> list[float]:
    """Powers of ten between the two."""
    first, last = math.ceil(math.log10(least) - 1e-9), math.floor(math.log10(most) + 1e-9)
    return [10.0**power for power in range(first, last + 1)]


def _short(value: float) -> str:
    if value >= 1e6:
        return f"{value / 1e6:g}M"
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:.3g}"
