"""Bar charts of the two main comparisons, as SVG."""

from html import escape

from scripts.bench.runner import Result

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 860, 250, 90, 24, 64
_OURS = ("sync", "async", "generated over the facade")


def bars(title: str, results: list[Result]) -> str:
    """One horizontal bar for each candidate, by median CPU; the scale is logarithmic where the values need it."""
    import math

    found = sorted(
        ((result.row.label, value) for result in results if (value := result.median()) is not None),
        key=lambda pair: pair[1],
    )
    least, most = found[0][1], found[-1][1]
    span = math.log(most / least * 2)
    room = _WIDTH - _LEFT - _RIGHT
    height = _TOP + _ROW * len(found) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="26" font-size="16" font-weight="bold">{escape(title)}</text>',
        '<text x="16" y="46" fill="#666666">median CPU of the client in µs, less is better; logarithmic</text>',
    ]
    for number, (label, value) in enumerate(found):
        y = _TOP + number * _ROW
        length = room * math.log(value / least * 2) / span
        color = "#444444" if label.startswith("limit") else "#1f77b4" if label.startswith(_OURS) else "#c0c4cc"
        parts += [
            f'<text x="{_LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(label)}</text>',
            f'<rect x="{_LEFT}" y="{y + 3}" width="{length:.1f}" height="{_ROW - 8}" fill="{color}"/>',
            f'<text x="{_LEFT + length + 6:.1f}" y="{y + 15}">{value:.3g} ({value / least:.1f}×)</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
