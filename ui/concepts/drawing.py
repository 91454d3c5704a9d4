"""The map of concepts as SVG: dots around an oval, their names beside them, lines between those that occur together."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from html import escape

from kb.terms.concept_map import ConceptMap
from ui.locale.messages import Words

MOST_DOTS, MOST_LINES, LINES_OF_ITS_OWN = 32, 60, 2
WIDTH, ROW = 1000, 34
_SIDE, _MARGIN = 285.0, 40.0
_LONGEST_NAME = 27
"""Width of a name that has room beside the oval, in letters; a Han character takes two."""


@dataclass(frozen=True)
class _Dot:
    number: int
    x: float
    y: float
    right: bool


def drawing(concept_map: ConceptMap, words: Words) -> str:
    """Return the map, whose dots lead to their concepts; nothing where there is nothing to draw."""
    drawn = concept_map.drawn(MOST_DOTS)
    if len(drawn) < 3:
        return ""
    rows = math.ceil(len(drawn) / 2)
    height = rows * ROW + 2 * _MARGIN
    dots = {dot.number: dot for dot in _placed(drawn, height)}
    pairs = _worth_a_line(concept_map, set(dots))
    largest = max(count for _, count in pairs)
    lines = "".join(_line(dots[a], dots[b], count / largest, height) for (a, b), count in reversed(pairs))
    marks = "".join(_mark(dots[number], concept_map, words) for number in drawn)
    label = escape(words("map_of", count=len(drawn)))
    return (
        f'<svg class="map" viewBox="0 0 {WIDTH} {height:.0f}" role="group" aria-label="{label}">'
        f'<g class="lines" aria-hidden="true">{lines}</g>{marks}</svg>'
    )


def _worth_a_line(concept_map: ConceptMap, dots: set[int]) -> list[tuple[tuple[int, int], int]]:
    """Return the pairs that occur together most, and for each dot those of its own that do."""
    pairs = sorted(
        ((pair, count) for pair, count in concept_map.together.items() if dots.issuperset(pair)),
        key=lambda item: (-item[1], item[0]),
    )
    drawn: Counter[int] = Counter()
    worth = []
    for place, (pair, count) in enumerate(pairs):
        if place < MOST_LINES or min(drawn[number] for number in pair) < LINES_OF_ITS_OWN:
            worth.append((pair, count))
            drawn.update(pair)
    return worth


def _placed(drawn: list[int], height: float) -> list[_Dot]:
    """Place the chain down the right side of an oval and up its left, each row as high as a name is."""
    rows = math.ceil(len(drawn) / 2)
    sides = [(number, row, True) for row, number in enumerate(drawn[:rows])]
    sides += [(number, len(drawn) - rows - 1 - row, False) for row, number in enumerate(drawn[rows:])]
    placed = []
    for number, row, right in sides:
        y = _MARGIN + (row + 0.5) * ROW
        lean = math.sqrt(max(0.0, 1.0 - ((y - height / 2) / (height / 2 - _MARGIN / 4)) ** 2))
        reach = (WIDTH / 2 - _SIDE) * (0.35 + 0.65 * lean)
        placed.append(_Dot(number, WIDTH / 2 + (reach if right else -reach), y, right))
    return placed


def _line(a: _Dot, b: _Dot, share: float, height: float) -> str:
    # Drawn in towards the middle, so that lines between neighbours bow and do not run through other dots.
    pull = 0.35 if a.right != b.right else 0.75
    middle = (a.x + b.x) / 2, (a.y + b.y) / 2
    x = middle[0] + (WIDTH / 2 - middle[0]) * pull
    y = middle[1] + (height / 2 - middle[1]) * 0.15
    return (
        f'<path data-a="{a.number}" data-b="{b.number}" d="M{a.x:.1f} {a.y:.1f}Q{x:.1f} {y:.1f} {b.x:.1f} {b.y:.1f}"'
        f' stroke-width="{0.8 + 4.2 * share:.2f}" opacity="{0.18 + 0.5 * share:.2f}"/>'
    )


def _mark(dot: _Dot, concept_map: ConceptMap, words: Words) -> str:
    concept, passages = concept_map.concepts[dot.number], len(concept_map.passages[dot.number])
    most = max(map(len, concept_map.passages))
    radius = 4.0 + 8.0 * math.sqrt(passages / most)
    name = concept.name(words.language)
    full = escape(f"{name}, {words.count('passages', passages)}")
    x = dot.x + (radius + 7 if dot.right else -radius - 7)
    anchor = "start" if dot.right else "end"
    return (
        f'<a href="#/concepts/{escape(concept.id)}" data-node="{dot.number}" aria-label="{full}">'
        f'<title>{full}</title>{_shape(concept.kind, dot, radius)}<text x="{x:.1f}" y="{dot.y:.1f}"'
        f' text-anchor="{anchor}" dominant-baseline="central">{escape(_short(name, concept.abbreviations))}</text></a>'
    )


def _shape(kind: str, dot: _Dot, radius: float) -> str:
    """Return a dot whose form tells its kind too, not its colour alone."""
    x, y = dot.x, dot.y
    if kind == "role":
        return f'<circle class="role" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'
    if kind == "metric":
        side = radius * 1.8
        at = f'x="{x - side / 2:.1f}" y="{y - side / 2:.1f}"'
        return f'<rect class="metric" {at} width="{side:.1f}" height="{side:.1f}" rx="2"/>'
    half = radius * 1.25
    points = f"{x:.1f},{y - half:.1f} {x + half:.1f},{y:.1f} {x:.1f},{y + half:.1f} {x - half:.1f},{y:.1f}"
    return f'<polygon class="practice" points="{points}"/>'


def _short(name: str, abbreviations: tuple[str, ...]) -> str:
    """Return a name that fits beside the oval: its abbreviation, or its beginning."""
    width = sum(2 if character > "\u2e80" else 1 for character in name)
    if width <= _LONGEST_NAME:
        return name
    return abbreviations[0] if abbreviations else f"{name[: _LONGEST_NAME - 1].rstrip()}…"
