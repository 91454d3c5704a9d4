"""The rooms of the program and which of them use which, drawn from the imports: `python -m docs.rooms`."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from tests.project.test_architecture import ARROW, ROOT, between_rooms, imports_of

PICTURE = ROOT / "docs" / "rooms.svg"

Graph = Mapping[str, frozenset[str]]
"""Which rooms each room uses."""

COLOURS = {"corpus": "#2f6f4f", "retrieval": "#8a5a00", "kb": "#1f4e8c", "ui": "#7a2e5d"}
SAYS = {
    "corpus": "a file becomes a Document, its Passages and Windows",
    "retrieval": "passages become an index, a question becomes hits",
    "kb": "hits become a cited answer, or a refusal",
    "ui": "the page, the API and the command line",
}
LEGEND = (
    "How to read it",
    "A box is a room: a folder, or a module at the top of its package, with what it says of itself.",
    "An arrow leads to what a room uses; what a way over other arrows tells already is left out.",
    "A dot says that a room uses something of the package of that colour.",
    "No arrow leads upwards or to the right: tests/project/test_architecture.py sees to it.",
)
_WIDTH, _BOX, _TOP, _GAP, _LINE, _LANE = 346, 266, 92, 9, 14, 9
_LETTERS = 43
"""Of a room's sentence, in one line of its box."""


@dataclass(frozen=True)
class Box:
    """A room as it is drawn."""

    name: str
    lines: tuple[str, ...]
    x: int
    y: int
    others: tuple[str, ...]
    """The packages to the left that it uses."""

    @property
    def height(self) -> int:
        """What the box takes, in pixels."""
        return 23 + _LINE * len(self.lines)


def rooms(root: Path = ROOT) -> Graph:
    """Return which rooms each room uses; the packages' own doors are no rooms."""
    found = between_rooms(imports_of(root), root)
    return {name: frozenset(used - set(ARROW)) for name, used in found.items() if name not in ARROW}


def told(graph: Graph) -> Graph:
    """Return the arrows that no way over other arrows tells already, of a graph without cycles."""
    below: dict[str, frozenset[str]] = {}

    def reached(name: str) -> frozenset[str]:
        if name not in below:
            below[name] = graph[name].union(*map(reached, graph[name]))
        return below[name]

    return {
        name: frozenset(used - frozenset().union(*(reached(other) for other in used))) for name, used in graph.items()
    }


def in_order(graph: Graph) -> list[str]:
    """Return the rooms so that each stands above all that it uses, and as near to the last that uses it as it can."""
    left, order = dict(graph), list[str]()
    while left:
        free = [name for name in left if not any(name in used for used in left.values())]
        places = {name: [order.index(user) for user in order if name in graph[user]] for name in free}
        order.append(min(free, key=lambda name: (-max(places[name], default=-1), name)))
        del left[order[-1]]
    return order


def sentence(room: str, root: Path = ROOT) -> str:
    """Return the first sentence of what a room says of itself."""
    path = root.joinpath(*room.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    said = " ".join((ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split())
    return said.split(". ")[0].split(": `")[0].removesuffix(".").replace("`", "")


def boxes(graph: Graph, root: Path = ROOT) -> Iterator[Box]:
    """Yield the boxes, one column for each package."""
    for column, package in enumerate(ARROW):
        own = {name: frozenset(u for u in used if _package(u) == package) for name, used in graph.items()}
        y = _TOP
        for name in in_order({name: used for name, used in own.items() if _package(name) == package}):
            lines = tuple(textwrap.wrap(sentence(name, root), _LETTERS))
            others = tuple(other for other in ARROW if other != package and other in map(_package, graph[name]))
            box = Box(name, lines, 16 + column * _WIDTH, y, others)
            y += box.height + _GAP
            yield box


def picture(root: Path = ROOT) -> str:
    """Return the picture as SVG."""
    graph = rooms(root)
    drawn = list(boxes(graph, root))
    height = max(box.y + box.height for box in drawn) + 16
    width = _WIDTH * len(ARROW) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, \'DejaVu Sans\', sans-serif" role="img" '
        'aria-label="The rooms of the four packages, and which of them use which">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *(_head(column, package) for column, package in enumerate(ARROW)),
        *(_box(box) for box in drawn),
        *_arrows(drawn, graph),
        *_legend(height),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _package(room: str) -> str:
    return room.split(".")[0]


def _head(column: int, package: str) -> str:
    x, colour = 16 + column * _WIDTH, COLOURS[package]
    uses = f'<text x="{x + _BOX}" y="40" font-size="12" fill="#555" text-anchor="end">uses all to its left</text>'
    name = f'<text x="{x}" y="40" font-size="22" font-weight="700" fill="{colour}">{package}/</text>'
    return (
        f"{name}{uses if column else ''}"
        f'<text x="{x}" y="62" font-size="11.5" fill="#333">{escape(SAYS[package])}</text>'
        f'<rect x="{x}" y="72" width="{_BOX}" height="3" fill="{colour}"/>'
    )


def _legend(height: int) -> Iterator[str]:
    for number, line in enumerate(reversed(LEGEND)):
        yield f'<text x="16" y="{height - 20 - 19 * number}" font-size="12" fill="#333">{escape(line)}</text>'


def _box(box: Box) -> str:
    colour = COLOURS[_package(box.name)]
    dots = "".join(
        f'<circle cx="{box.x + _BOX - 10 - 12 * place}" cy="{box.y + 12}" r="4.5" fill="{COLOURS[other]}">'
        f"<title>uses {other}</title></circle>"
        for place, other in enumerate(reversed(box.others))
    )
    name = box.name.partition(".")[2].replace(".", "/")
    lines = "".join(
        f'<text x="{box.x + 9}" y="{box.y + 31 + _LINE * number}" font-size="10.5" fill="#333">{escape(line)}</text>'
        for number, line in enumerate(box.lines)
    )
    return (
        f'<rect x="{box.x}" y="{box.y}" width="{_BOX}" height="{box.height}" rx="4" fill="{colour}" fill-opacity=".07" '
        f'stroke="{colour}" stroke-opacity=".55"/>'
        f'<text x="{box.x + 9}" y="{box.y + 16}" font-size="13" font-weight="600" fill="{colour}">{name}</text>'
        f"{dots}{lines}"
    )


def _arrows(drawn: list[Box], graph: Graph) -> Iterator[str]:
    """Yield the arrows beside each column: those of one room share a line, lines that would overlap stand apart."""
    for package in ARROW:
        column = [box for box in drawn if _package(box.name) == package]
        uses = told({b.name: frozenset(u for u in graph[b.name] if _package(u) == package) for b in column})
        place = {box.name: number for number, box in enumerate(column)}
        targets = {number: sorted(place[used] for used in uses[box.name]) for number, box in enumerate(column)}
        lanes: list[list[tuple[int, int]]] = []
        # The shortest nearest to the boxes.
        for first, used in sorted(targets.items(), key=lambda item: (max(item[1], default=item[0]) - item[0], item[0])):
            if used:
                span = (first, used[-1])
                lane = next(
                    (n for n, taken in enumerate(lanes) if not any(_meet(span, one) for one in taken)), len(lanes)
                )
                if lane == len(lanes):
                    lanes.append([])
                lanes[lane].append(span)
                yield _arrow(column, first, used, lane)


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _arrow(column: list[Box], first: int, used: list[int], lane: int) -> str:
    colour, right = COLOURS[_package(column[first].name)], column[0].x + _BOX
    x, y = right + 14 + _LANE * lane, column[first].y + column[first].height - 8
    ends = [column[number].y + 9 for number in used]
    down = f"M{right} {y}H{x - 4}Q{x} {y} {x} {y + 4}V{ends[-1] - 4}"
    in_ = "".join(f"M{x} {end - 4}Q{x} {end} {x - 4} {end}H{right + 6}" for end in ends)
    heads = "".join(f"M{right + 1} {end}l7 -3.5v7z" for end in ends)
    return (
        f'<path d="{down}{in_}" fill="none" stroke="{colour}" stroke-opacity=".75" stroke-width="1.3"/>'
        f'<path d="{heads}" fill="{colour}"/>'
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
