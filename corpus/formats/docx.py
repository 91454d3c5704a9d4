"""Word files: paragraphs with their headings, lists, tables, text boxes and notes, in the order of the document."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from corpus.cleaning.lines import Piece
from corpus.cleaning.pieces import Cleaned
from corpus.formats import Content, ContentError, ElementError, missing, opened_archive, part_of, refuse_declarations
from corpus.formats.hypertext import one_line
from corpus.limits import Limits
from corpus.reasons import why

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LEFT_OUT = {f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "rPr", "pPr", "txbxContent")}
_UNTITLED = {"word document", "untitled", "document1", "dokument1", "文档1", "文件1"}


def read(data: bytes, limits: Limits) -> Content:
    """Read a Word file. Raises `ContentError`, and what python-docx raises at a damaged one."""
    try:
        import docx
    except ImportError:
        raise missing("python-docx") from None
    check_office_file(data, limits)
    document = docx.Document(io.BytesIO(data))
    pieces = list(_Body(document).pieces(document.element.body, limits))
    title = (document.core_properties.title or "").strip()
    return Content(Cleaned(tuple(pieces)), title="" if title.casefold() in _UNTITLED else title)


def check_office_file(data: bytes, limits: Limits) -> None:
    """Refuse an Office file that is encrypted, too large when unpacked, or declares entities. Raises `ContentError`."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise ContentError(why("encrypted") if encrypted else why("old_office"))
    with opened_archive(data, limits, members=10 * limits.members) as archive:
        names = archive.namelist()
        if "[Content_Types].xml" not in names:
            raise ContentError(why("part_missing", part="[Content_Types].xml"))
        for name in names:
            if name.endswith((".xml", ".rels")):
                refuse_declarations(part_of(archive, name), name)


class _Body:
    """Walks a document's body with what its styles and lists mean looked up once."""

    def __init__(self, document: Any) -> None:
        self._levels, self._listed = _styles(document)
        self._formats = _list_formats(document)
        self._counts: dict[tuple[str, int], int] = {}
        self._notes = _notes(document)

    def pieces(self, body: Any, limits: Limits) -> Iterator[Piece]:
        """Yield the pieces of `body`. Raises `ElementError`."""
        count = 0
        for piece in self._within(body):
            if piece.text and piece.kind != "skip":
                count += 1
                if count > limits.elements:
                    raise ElementError("elements", limits.elements)
                yield piece

    def _within(self, body: Any) -> Iterator[Piece]:
        waiting = [iter(body)]
        while waiting:
            node = next(waiting[-1], None)
            if node is None:
                waiting.pop()
            elif node.tag == f"{_W}p":
                yield from self._paragraph(node)
            elif node.tag == f"{_W}tbl":
                yield from self._table(node)
            elif node.tag in {f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml", f"{_W}smartTag"}:
                kinds = node.findall(f"{_W}sdtPr/{_W}docPartObj/{_W}docPartGallery")
                if not any(kind.get(f"{_W}val") == "Table of Contents" for kind in kinds):
                    waiting.append(iter(node))

    def _paragraph(self, node: Any) -> Iterator[Piece]:
        words = one_line(_words(node))
        if words:
            yield replace(self._form(node), text=words)
        for box in node.iter(f"{_W}txbxContent"):
            if not any(parent.tag == _ALTERNATIVE for parent in box.iterancestors()):
                yield from self._within(box)
        for reference in node.iter(f"{_W}footnoteReference", f"{_W}endnoteReference"):
            key = (reference.tag.removeprefix(_W)[0], reference.get(f"{_W}id"))
            yield from (Piece("paragraph", text) for text in self._notes.get(key, ()))

    def _form(self, node: Any) -> Piece:
        properties = node.find(f"{_W}pPr")
        style = _value(properties, "pStyle")
        level = _value(properties, "outlineLvl")
        heading = int(level) + 1 if level and level.isdigit() and int(level) < 9 else self._levels.get(style or "")
        if heading is not None:
            return Piece("heading" if heading else "skip", "", min(heading, 6))
        number = properties.find(f"{_W}numPr") if properties is not None else None
        listed = (_value(number, "numId"), _value(number, "ilvl") or "0") if number is not None else None
        listed = listed if listed and listed[0] else self._listed.get(style or "")
        if not listed or listed[0] in {None, "0"}:
            return Piece("paragraph", "")
        depth = int(listed[1]) if listed[1].isdigit() else 0
        return Piece("item", "", depth + 1, self._marker(str(listed[0]), depth))

    def _marker(self, number: str, depth: int) -> str:
        if self._formats.get((number, depth), "bullet") in {"bullet", "none"}:
            return "-"
        self._counts[number, depth] = self._counts.get((number, depth), 0) + 1
        for deeper in [key for key in self._counts if key[0] == number and key[1] > depth]:
            del self._counts[deeper]
        return f"{self._counts[number, depth]}."

    def _table(self, node: Any) -> Iterator[Piece]:
        for row in node.iter(f"{_W}tr"):
            cells = [one_line("\n".join(_words(p) for p in cell.iter(f"{_W}p"))) for cell in row.findall(f".//{_W}tc")]
            yield Piece("row", " | ".join(cell for cell in cells if cell))


def _words(paragraph: Any) -> str:
    """Return the text of a paragraph as it is read: insertions taken, deletions left out."""
    text, waiting = list[str](), [iter(paragraph)]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
        elif node.tag in _LEFT_OUT or node.tag == _ALTERNATIVE:
            continue
        elif node.tag == f"{_W}t":
            text.append(node.text or "")
        elif node.tag in {f"{_W}tab", f"{_W}ptab"}:
            text.append(" ")
        elif node.tag in {f"{_W}br", f"{_W}cr"}:
            text.append("\n")
        elif node.tag == f"{_W}noBreakHyphen":
            text.append("-")
        else:
            waiting.append(iter(node))
    return "".join(text)


def _styles(document: Any) -> tuple[dict[str, int], dict[str, tuple[str, str]]]:
    """Return the heading level of each style, 0 for one of a table of contents, and the list of each."""
    parents, levels, listed = dict[str, str](), dict[str, int](), dict[str, tuple[str, str]]()
    for style in document.styles.element.iterfind(f"{_W}style"):
        key = style.get(f"{_W}styleId") or ""
        name = (_value(style, "name") or "").lower()
        parents[key] = _value(style, "basedOn") or ""
        outline = _value(style.find(f"{_W}pPr"), "outlineLvl")
        if match := re.fullmatch(r"heading (\d)", name):
            levels[key] = int(match[1])
        elif name == "title":
            levels[key] = 1
        elif re.fullmatch(r"toc (\d|heading)", name):
            levels[key] = 0
        elif outline and outline.isdigit() and int(outline) < 9:
            levels[key] = int(outline) + 1
        number = style.find(f"{_W}pPr/{_W}numPr")
        if number is not None and _value(number, "numId"):
            listed[key] = (_value(number, "numId") or "", _value(number, "ilvl") or "0")
    for key in parents:
        for older in _ancestors(key, parents):
            if key not in levels and older in levels:
                levels[key] = levels[older]
            if key not in listed and older in listed:
                listed[key] = listed[older]
    return levels, listed


def _ancestors(key: str, parents: dict[str, str]) -> list[str]:
    found, parent = list[str](), parents.get(key)
    while parent and parent not in found and len(found) < 20:
        found.append(parent)
        parent = parents.get(parent)
    return found


def _list_formats(document: Any) -> dict[tuple[str, int], str]:
    """Return how the items of each list and depth are marked: `bullet`, `decimal` ..."""
    try:
        numbering = document.part.numbering_part.element
    except (KeyError, NotImplementedError, AttributeError):
        return {}
    abstract = {
        (node.get(f"{_W}abstractNumId"), int(level.get(f"{_W}ilvl") or 0)): _value(level, "numFmt") or "bullet"
        for node in numbering.iterfind(f"{_W}abstractNum")
        for level in node.iterfind(f"{_W}lvl")
    }
    numbers = {node.get(f"{_W}numId"): _value(node, "abstractNumId") for node in numbering.iterfind(f"{_W}num")}
    return {
        (number, depth): form
        for number, name in numbers.items()
        for (other, depth), form in abstract.items()
        if other == name
    }


def _notes(document: Any) -> dict[tuple[str, str], list[str]]:
    """Return the paragraphs of each footnote and endnote."""
    from lxml import etree

    notes = dict[tuple[str, str], list[str]]()
    for relation in document.part.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if kind not in {"footnotes", "endnotes"} or relation.is_external:
            continue
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        for note in etree.fromstring(relation.target_part.blob, parser):
            if note.get(f"{_W}type") in {None, "normal"}:
                texts = [one_line(_words(paragraph)) for paragraph in note.iter(f"{_W}p")]
                notes[kind[0], note.get(f"{_W}id")] = [text for text in texts if text]
    return notes


def _value(parent: Any, name: str) -> str | None:
    node = parent.find(f"{_W}{name}") if parent is not None else None
    value: str | None = node.get(f"{_W}val") if node is not None else None
    return value
