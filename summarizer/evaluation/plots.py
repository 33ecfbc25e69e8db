"""Two plots as inline SVG, without any library. Colors come from the page's style, so they follow light and dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from summarizer.evaluation.bootstrap import SystemResult
from summarizer.evaluation.measures import LEAD

_WIDTH, _HEIGHT = 720, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 24, 16, 48
_LETTER, _LINE = 6.2, 13  # of the labels, at 11 pixels
_ROW = 22


def scatter(systems: Sequence[SystemResult], ours: str) -> str:
    """ROUGE-2 against the share of summaries with an unsupported span: good systems lie at the lower right."""
    points = [(system.scores.rouge_2, 100 * system.scores.unsupported) for system in systems]
    x_ticks = _ticks(min(x for x, _ in points), max(x for x, _ in points))
    y_ticks = _ticks(0.0, max(y for _, y in points))
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - x_ticks[0]) / (x_ticks[-1] - x_ticks[0])
        up = (y - y_ticks[0]) / (y_ticks[-1] - y_ticks[0])
        return _LEFT + across * (right - _LEFT), bottom - up * (bottom - _TOP)

    parts = []
    for tick in x_ticks:
        x = place(tick, 0)[0]
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"/>')
        parts.append(_text(x, bottom + 16, f"{tick:g}", "middle"))
    for tick in y_ticks:
        y = place(x_ticks[0], tick)[1]
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(_LEFT - 8, y + 4, f"{tick:g}", "end"))
    middle = (_TOP + bottom) / 2
    parts.append(_text((_LEFT + right) / 2, _HEIGHT - 8, "ROUGE-2", "middle"))
    turned = f'<text transform="rotate(-90 14 {middle})" x="14" y="{middle}" text-anchor="middle">'
    parts.append(turned + "summaries with an unsupported span, %</text>")
    at = [place(x, y) for x, y in points]
    for system, (x, y), (anchor, dx, dy) in zip(systems, at, _label_places(systems, at), strict=True):
        tip = f"{system.system}: ROUGE-2 {system.scores.rouge_2:.1f}, {100 * system.scores.unsupported:.1f} %"
        kind = _kind(system.system, ours)
        parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5"><title>{escape(tip)}</title></circle>')
        if anchor:
            parts.append(_text(x + dx, y + dy, _short(system.system), anchor, kind))
    return _svg(_HEIGHT, "ROUGE-2 against unsupported share, a point a system", parts)


def forest(systems: Sequence[SystemResult], ours: str) -> str:
    """The difference of ROUGE-2 to lead-3 with its interval, a row a system."""
    rows = [(system, system.to_lead["rouge_2"]) for system in systems if system.to_lead]
    ticks = _ticks(min([0.0, *(i.low for _, i in rows)]), max([0.0, *(i.high for _, i in rows)]))
    left, right, bottom = 240, _WIDTH - _RIGHT, _TOP + _ROW * len(rows)

    def across(value: float) -> float:
        return left + (value - ticks[0]) / (ticks[-1] - ticks[0]) * (right - left)

    parts = []
    for tick in ticks:
        x, kind = across(tick), "grid" if tick else "zero"
        parts.append(f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"/>')
        parts.append(_text(x, bottom + 16, f"{tick:+g}" if tick else "lead-3", "middle"))
    for row, (system, found) in enumerate(rows):
        y, kind = _TOP + _ROW * (row + 0.5), _kind(system.system, ours)
        tip = f"{system.system}: {found.difference:+.1f} [{found.low:+.1f}, {found.high:+.1f}]"
        parts.append(_text(left - 10, y + 4, _short(system.system), "end", kind))
        ends = f'x1="{across(found.low):.1f}" x2="{across(found.high):.1f}" y1="{y}" y2="{y}"'
        parts.append(f'<line class="whisker {kind}" {ends}/>')
        center = f'cx="{across(found.difference):.1f}" cy="{y}" r="5"'
        parts.append(f'<circle class="{kind}" {center}><title>{escape(tip)}</title></circle>')
    return _svg(bottom + 28, "Difference of ROUGE-2 to lead-3 with 95 % intervals, a row a system", parts)


def _svg(height: float, label: str, parts: list[str]) -> str:
    head = f'<svg viewBox="0 0 {_WIDTH} {height:g}" role="img" aria-label="{escape(label)}">'
    return "\n".join([head, *parts, "</svg>"])


def _text(x: float, y: float, text: str, anchor: str, kind: str = "") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _kind(system: str, ours: str) -> str:
    return "ours" if system == ours else "lead" if system == LEAD else "other"


def _short(name: str) -> str:
    return name if len(name) <= 34 else name[:33] + "…"


def _ticks(low: float, high: float) -> list[float]:
    """Four to eight round numbers around ``low`` to ``high``."""
    span = max(high - low, 1.0)
    step = 10 ** math.floor(math.log10(span / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if span / (step * factor) <= 6)
    first, last = math.floor(low / step), math.ceil(max(high, low + span) / step)
    return [round(step * i, 6) for i in range(first, last + 1)]


def _label_places(systems: Sequence[SystemResult], at: Sequence[tuple[float, float]]) -> list[tuple[str, float, float]]:
    """Anchor and offset of each label where it covers no point or earlier label; no anchor where there is no room."""
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in at]
    places = []
    for system, (x, y) in zip(systems, at, strict=True):
        wide = _LETTER * len(_short(system.system))
        for anchor, dx, dy in (
            *(("start", 9.0, dy) for dy in (4.0, -7.0, 15.0)),
            *(("end", -9.0, dy) for dy in (4.0, -7.0, 15.0)),
            *(("middle", 0.0, dy) for dy in (-10.0, 19.0)),
        ):
            left = x + dx - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
            box = (left, y + dy - _LINE + 3, left + wide, y + dy + 3)
            inside = box[0] >= _LEFT and box[2] <= _WIDTH and box[1] >= 0 and box[3] <= _HEIGHT - _BOTTOM
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                places.append((anchor, dx, dy))
                break
        else:
            places.append(("", 0.0, 0.0))
    return places


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
