"""The report's plots as inline SVG. Colours come from the style sheet, so that they follow light, dark and print."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kb.evaluation.report.markup import Writer, element

_WIDTH, _HEIGHT = 440, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 14, 12, 46
_COLUMNS = 24


def _x(share: float) -> float:
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM), 1)


def reliability_plot(writer: Writer, calibration: Mapping[str, Any]) -> str:
    """Plot the share that is true against the confidence, a dot a bin, its area the count."""
    bins = [b for b in calibration["bins"] if b["n"]]
    most = max((b["n"] for b in bins), default=1)
    parts = [_frame(writer, "confidence", "share_answerable")]
    parts.append(_line(_x(0), _y(0), _x(1), _y(1), "ideal"))
    for b in bins:
        x, y = _x(b["confidence"]), _y(b["true"])
        parts.append(_line(x, _y(b["confidence"]), x, y, "tie"))
    for b in bins:
        radius = round(3.5 + 10 * math.sqrt(b["n"] / most), 1)
        title = f"<title>{b['n']}: {b['confidence']:.2f} → {b['true']:.2f}</title>"
        parts.append(element("circle", title, "dot", cx=_x(b["confidence"]), cy=_y(b["true"]), r=radius))
    return _svg(parts, "reliability")


def risk_plot(writer: Writer, risk: Mapping[str, Any], threshold: float | None) -> str:
    """Plot the share that is wrong against the share answered; dashed where refusing begins at `threshold`."""
    points = [(coverage, wrong) for coverage, wrong, _ in risk["curve"]]
    top = _ceiling(max((wrong for _, wrong in points), default=1.0))
    parts = [_frame(writer, "coverage", "risk", top)]
    if points:
        path = " ".join(f"{_x(c)},{_y(w / top)}" for c, w in [(0.0, points[0][1]), *points])
        parts.append(element("polygon", "", "area", points=f"{_x(0)},{_y(0)} {path} {_x(points[-1][0])},{_y(0)}"))
        parts.append(element("polyline", "", "line", points=path))
    answered = [c for c, _, confidence in risk["curve"] if threshold is not None and confidence >= threshold]
    if answered:
        parts.append(_line(_x(answered[-1]), _y(0), _x(answered[-1]), _y(1), "limit"))
        parts.append(_text(_x(answered[-1]) - 5, _TOP + 12, f"{threshold:g}", "end", "limit-label"))
    return _svg(parts, "risk_coverage")


def latency_plot(writer: Writer, milliseconds: Sequence[float]) -> str:
    """Plot how many questions took how long; the slowest in a hundred share the last column."""
    if not milliseconds:
        return ""
    limit = _nice(float(np.percentile(milliseconds, 99)))
    counts, _ = np.histogram(np.minimum(milliseconds, limit), bins=_COLUMNS, range=(0, limit))
    most = 4 * math.ceil(int(counts.max()) / 4)
    parts = []
    for step in range(5):
        parts.append(_line(_x(0), _y(step / 4), _x(1), _y(step / 4), "grid" if step else "axis"))
        parts.append(_text(_LEFT - 8, _y(step / 4) + 4, f"{most * step // 4}", "end"))
        more = "+" if step == 4 and max(milliseconds) > limit else ""
        parts.append(_text(_x(step / 4), _HEIGHT - _BOTTOM + 18, f"{limit * step / 4:g}{more}", "middle"))
    width = (_x(1) - _x(0)) / _COLUMNS
    for place, count in enumerate(counts.tolist()):
        height = _y(0) - _y(count / most)
        title = f"<title>{limit * place / _COLUMNS:g}–{limit * (place + 1) / _COLUMNS:g} ms: {count}</title>"
        x, y = round(_x(0) + place * width + 1, 1), round(_y(0) - height, 1)
        parts.append(
            element("rect", title, "column", x=x, y=y, width=round(width - 2, 1), height=round(height, 1), rx=1.5)
        )
    parts.append(_axis_title(writer, "latency", (_x(0) + _x(1)) / 2, _HEIGHT - 8))
    return _svg(parts, "latency")


def heat_map(writer: Writer, groups: Mapping[str, Mapping[str, Any]], measure: str) -> str:
    """Return a table of one measure, a row a question's language, a column a document's."""
    order = ("zh-Hans", "zh-Hant", "pl", "en", "und")
    pairs = {tuple(name.split(">")): values for name, values in groups.items()}
    rows = [tag for tag in order if any(tag == asked for asked, _ in pairs)]
    columns = [tag for tag in order if any(tag == source for _, source in pairs)]
    corner = f"{writer.words('question_language')} ↓<br>{writer.words('document_language')} →"
    head = element("td", corner, "corner") + "".join(writer.name(tag, "th") for tag in columns)
    body = []
    for asked in rows:
        cells = []
        for source in columns:
            values = pairs.get((asked, source))
            if values is None:
                cells.append('<td class="none">·</td>')
                continue
            value = values[measure]
            # From half right to all right the colour deepens; below a half it is the lightest.
            depth = max(0.0, (value - 0.5) / 0.5) ** 1.5
            inner = writer.figure(value, "percent") + f"<small>{values['n']}</small>"
            cells.append(element("td", inner, "deep" if depth > 0.74 else "", style=f"--v:{0.08 + 0.84 * depth:.3f}"))
        body.append(f"<tr>{writer.name(asked, 'th')}{''.join(cells)}</tr>")
    return f'<table class="heat"><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'


def _frame(writer: Writer, across: str, up: str, top: float = 1.0) -> str:
    parts = []
    for step in range(6):
        share = step / 5
        parts.append(_line(_x(0), _y(share), _x(1), _y(share), "grid" if step else "axis"))
        parts.append(_text(_LEFT - 8, _y(share) + 4, f"{share * top * 100:.0f}%", "end"))
        parts.append(_text(_x(share), _HEIGHT - _BOTTOM + 18, f"{share * 100:.0f}%", "middle"))
    parts.append(_axis_title(writer, across, (_x(0) + _x(1)) / 2, _HEIGHT - 8))
    middle = (_y(0) + _y(1)) / 2
    parts.append(_axis_title(writer, up, 10, middle, transform=f"rotate(-90 10 {middle})"))
    return "".join(parts)


def _svg(parts: Sequence[str], label: str) -> str:
    box = f"0 0 {_WIDTH} {_HEIGHT}"
    return element("svg", "".join(parts), viewBox=box, role="img", **{"data-label": label, "aria-label": label})


def _line(x1: float, y1: float, x2: float, y2: float, class_: str) -> str:
    return element("line", "", class_, x1=x1, y1=y1, x2=x2, y2=y2)


def _text(x: float, y: float, text: str, anchor: str, class_: str = "") -> str:
    return element("text", text, class_, x=x, y=y, **{"text-anchor": anchor})


def _axis_title(writer: Writer, key: str, x: float, y: float, **attributes: object) -> str:
    attributes |= {"x": x, "y": y, "text-anchor": "middle"}
    return writer.words(key, "text", "", **attributes)


def _ceiling(value: float) -> float:
    """Return the next of 10, 20, 50 and 100 per cent."""
    return next(limit for limit in (0.1, 0.2, 0.5, 1.0) if value <= limit)


def _nice(value: float) -> float:
    """Return a round number from `value` up that four ticks part well."""
    power = 10 ** math.floor(math.log10(max(value, 1e-3)))
    return next(float(step * power) for step in (1, 2, 4, 6, 8, 10) if value <= step * power)
