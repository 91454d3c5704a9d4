"""PowerPoint files: a slide's title is a heading, its text, tables and notes follow; each slide is a page."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from corpus.cleaning.lines import Piece
from corpus.cleaning.pieces import Cleaned
from corpus.formats import Content, ElementError, missing
from corpus.formats.docx import check_office_file
from corpus.formats.hypertext import one_line
from corpus.limits import Limits

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_UNTITLED = {"powerpoint presentation", "prezentacja programu powerpoint", "powerpoint 演示文稿", "powerpoint 簡報"}


def read(data: bytes, limits: Limits) -> Content:
    """Read a PowerPoint file. Raises `ContentError`, and what python-pptx raises at a damaged one."""
    try:
        import pptx
    except ImportError:
        raise missing("python-pptx") from None
    check_office_file(data, limits)
    presentation = pptx.Presentation(io.BytesIO(data))
    if len(presentation.slides) > limits.pages:
        raise ElementError("slides", limits.pages)
    pieces = list[Piece]()
    for number, slide in enumerate(presentation.slides, 1):
        pieces += [replace(piece, pages=((0, number),)) for piece in _slide(slide) if piece.text]
        if len(pieces) > limits.elements:
            raise ElementError("elements", limits.elements)
    title = (presentation.core_properties.title or "").strip()
    return Content(Cleaned(tuple(pieces)), title="" if title.casefold() in _UNTITLED else title)


def _slide(slide: Any) -> Iterator[Piece]:
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        yield Piece("heading", one_line(title.text_frame.text.replace("\v", "\n")), 2)
    waiting = [iter(slide.shapes)]
    while waiting:
        shape = next(waiting[-1], None)
        if shape is None:
            waiting.pop()
        elif title is not None and shape.shape_id == title.shape_id:
            continue
        elif hasattr(shape, "shapes"):
            waiting.append(iter(shape.shapes))
        else:
            yield from _shape(shape)
    if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame) is not None:
        yield from _paragraphs(notes, listed=False)


def _shape(shape: Any) -> Iterator[Piece]:
    kind = shape.placeholder_format.type if shape.is_placeholder else None
    if kind is not None and kind.name in {"SLIDE_NUMBER", "FOOTER", "DATE", "HEADER"}:
        return
    if shape.has_text_frame:
        yield from _paragraphs(shape.text_frame, listed=kind is not None and kind.name in {"BODY", "OBJECT"})
    elif getattr(shape, "has_table", False) and shape.has_table:
        for row in shape.table.rows:
            cells = [one_line(cell.text_frame.text.replace("\v", "\n")) for cell in row.cells]
            yield Piece("row", " | ".join(cell for cell in cells if cell))


def _paragraphs(frame: Any, *, listed: bool) -> Iterator[Piece]:
    """Yield a frame's paragraphs; those of a slide's body are items unless they say that they have no bullet."""
    paragraphs = [(p, one_line(p.text.replace("\v", "\n"))) for p in frame.paragraphs]
    several = sum(bool(text) for _, text in paragraphs) > 1
    for paragraph, text in paragraphs:
        properties = paragraph._p.find(f"{_A}pPr")
        plain = properties is not None and properties.find(f"{_A}buNone") is not None
        item = listed and several and not plain
        yield Piece("item", text, paragraph.level + 1, "-") if item else Piece("paragraph", text)
