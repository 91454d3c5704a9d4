"""Tables as text (CSV): pairs of questions and answers, else rows that name what stands in each column."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

from corpus.cleaning.lines import Piece
from corpus.cleaning.pieces import Cleaned
from corpus.formats import Content, ContentError
from corpus.formats.pairs import pair, role_of
from corpus.formats.plain import text_of
from corpus.limits import Limits
from corpus.reasons import said, why

_DELIMITERS = ",;\t|"
_SAMPLE = 50


def read(data: bytes, limits: Limits) -> Content:
    """Read a CSV file, its columns parted by comma, semicolon, tab or bar. Raises `ContentError`."""
    csv.field_size_limit(limits.characters)
    text = text_of(data)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True))
    except csv.Error as error:
        raise ContentError(why("no_table", detail=said(error))) from None
    rows = [[" ".join(cell.split()) if "\n" not in cell else cell.strip() for cell in row] for row in rows if any(row)]
    if not rows:
        return Content(Cleaned(()))
    roles = [role_of(name) for name in rows[0]]
    if "question" in roles and "answer" in roles:
        asked, told = roles.index("question"), [n for n, role in enumerate(roles) if role == "answer"]
        return Content(
            Cleaned(tuple(p for row in rows[1:] for p in pair(_at(row, asked), [_at(row, n) for n in told])))
        )
    if all(len(row) == 2 for row in rows) and _asks(rows):
        return Content(Cleaned(tuple(piece for row in rows for piece in pair(row[0], [row[1]]))))
    return Content(Cleaned(tuple(_named(rows))))


def _at(row: Sequence[str], number: int) -> str:
    return row[number] if number < len(row) else ""


def _asks(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a table of two columns without a header holds a question in the first of most rows."""
    return sum(row[0].rstrip().endswith(("?", "？")) for row in rows) > len(rows) / 2


def _named(rows: Sequence[Sequence[str]]) -> list[Piece]:
    header = rows[0]
    if len(rows) == 1 or len(header) < 2:
        return [Piece("row", " | ".join(cell for cell in row if cell)) for row in rows]
    named = [
        [f"{name}: {cell}" if name else cell for name, cell in zip(header, row, strict=False) if cell]
        for row in rows[1:]
    ]
    return [Piece("row", " | ".join(" ".join(cell.split()) for cell in cells)) for cells in named if cells]


def _delimiter(text: str) -> str:
    """Return what parts the columns: the sign that makes the first rows of one length, and of the most columns."""
    best, most = ",", (0.0, 0)
    for sign in _DELIMITERS:
        try:
            rows = [row for row, _ in zip(csv.reader(io.StringIO(text), delimiter=sign), range(_SAMPLE), strict=False)]
        except csv.Error:
            continue
        (columns, count), *_ = Counter(len(row) for row in rows if row).most_common(1) or [(0, 0)]
        if columns > 1 and (count / len(rows), columns) > most:
            best, most = sign, (count / len(rows), columns)
    return best
