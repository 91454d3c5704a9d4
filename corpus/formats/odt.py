"""OpenDocument texts: paragraphs, headings, lists, tables, text boxes and notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.cleaning.lines import Piece
from corpus.cleaning.pieces import Cleaned
from corpus.formats import (
    Content,
    ContentError,
    ElementError,
    missing,
    opened_archive,
    part_of,
    refuse_declarations,
)
from corpus.formats.hypertext import one_line
from corpus.limits import Limits
from corpus.reasons import said, why

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_LEFT_OUT = {
    f"{_TEXT}{name}"
    for name in ("tracked-changes", "table-of-content", "alphabetical-index", "bibliography", "note", "ruby-text")
} | {f"{_OFFICE}annotation", f"{_OFFICE}forms", f"{_DRAW}text-box", f"{_TEXT}sequence-decls"}
_MOST_REPEATED = 100
"""Spaces or cells that one element may stand for."""


def read(data: bytes, limits: Limits) -> Content:
    """Read an OpenDocument text. Raises `ContentError`."""
    with opened_archive(data, limits, members=10 * limits.members) as archive:
        names = set(archive.namelist())
        if "META-INF/manifest.xml" in names and b"encryption-data" in part_of(archive, "META-INF/manifest.xml"):
            raise ContentError(why("encrypted"))
        content = parsed(part_of(archive, "content.xml"), "content.xml")
        meta = parsed(part_of(archive, "meta.xml"), "meta.xml") if "meta.xml" in names else None
    body = content.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise ContentError(why("part_without_text", part="content.xml"))
    walk = _Walk(_titles(content), limits)
    title = meta.findtext(f".//{_DC}title") if meta is not None else ""
    return Content(Cleaned(tuple(walk.pieces(body))), title=(title or "").strip())


def parsed(data: bytes, name: str) -> Any:
    """Parse XML that declares no entities; nothing is fetched. Raises `ContentError`."""
    try:
        from lxml import etree
    except ImportError:
        raise missing("lxml") from None
    refuse_declarations(data, name)
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ContentError(why("part_no_xml", part=name, detail=said(error))) from None


class _Walk:
    def __init__(self, titles: set[str], limits: Limits) -> None:
        self._titles, self._limits = titles, limits

    def pieces(self, body: Any) -> Iterator[Piece]:
        """Yield the pieces of a text, a list or a box. Raises `ElementError`."""
        count = 0
        for piece in self._within(body, 0):
            if piece.text:
                count += 1
                if count > self._limits.elements:
                    raise ElementError("elements", self._limits.elements)
                yield piece

    def _within(self, parent: Any, depth: int) -> Iterator[Piece]:
        waiting = [(iter(parent), depth)]
        fresh = False
        while waiting:
            nodes, depth = waiting[-1]
            node = next(nodes, None)
            if node is None:
                waiting.pop()
            elif node.tag in {f"{_TEXT}p", f"{_TEXT}h"}:
                yield from self._paragraph(node, depth, fresh)
                fresh = False
            elif node.tag == f"{_TABLE}table":
                yield from self._table(node)
            elif node.tag not in _LEFT_OUT and isinstance(node.tag, str):
                fresh = fresh or node.tag == f"{_TEXT}list-item"
                waiting.append((iter(node), depth + (node.tag == f"{_TEXT}list")))

    def _paragraph(self, node: Any, depth: int, fresh: bool) -> Iterator[Piece]:
        words = one_line(_words(node))
        style = node.get(f"{_TEXT}style-name") or ""
        if node.tag == f"{_TEXT}h":
            level = node.get(f"{_TEXT}outline-level") or "1"
            yield Piece("heading", words, min(int(level), 6) if level.isdigit() else 1)
        elif style in self._titles:
            yield Piece("heading", words, 1)
        elif depth and fresh:
            yield Piece("item", words, depth, "-")
        else:
            yield Piece("paragraph", words)
        for box in node.iter(f"{_DRAW}text-box"):
            yield from self._within(box, 0)
        for note in node.iter(f"{_TEXT}note-body"):
            yield from self._within(note, 0)

    def _table(self, node: Any) -> Iterator[Piece]:
        for row in node.iter(f"{_TABLE}table-row"):
            cells = list[str]()
            for cell in row.iterfind(f"{_TABLE}table-cell"):
                cells.append(one_line("\n".join(_words(p) for p in cell.iter(f"{_TEXT}p", f"{_TEXT}h"))))
            yield Piece("row", " | ".join(cell for cell in cells if cell))


def _words(paragraph: Any) -> str:
    text, waiting = list[str](), [(paragraph, False)]
    while waiting:
        node, ended = waiting.pop()
        if ended:
            text.append(node.tail or "")
            continue
        if node is not paragraph:
            waiting.append((node, True))
        if node.tag in _LEFT_OUT or not isinstance(node.tag, str):
            continue
        if node.tag == f"{_TEXT}s":
            count = node.get(f"{_TEXT}c") or "1"
            text.append(" " * min(int(count) if count.isdigit() else 1, _MOST_REPEATED))
        elif node.tag == f"{_TEXT}tab":
            text.append(" ")
        elif node.tag == f"{_TEXT}line-break":
            text.append("\n")
        else:
            # A line break in the file is a space, as in HTML.
            text.append((node.text or "").replace("\n", " "))
            waiting += [(child, False) for child in reversed(node)]
    return "".join(text)


def _titles(content: Any) -> set[str]:
    """Return the names of the paragraph styles that are a document's title."""
    styles = content.iterfind(f"{_OFFICE}automatic-styles/{_STYLE}style")
    derived = {style.get(f"{_STYLE}name") for style in styles if style.get(f"{_STYLE}parent-style-name") == "Title"}
    return {"Title", *derived} - {None}
