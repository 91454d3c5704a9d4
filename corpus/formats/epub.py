"""EPUB books: the chapters in their order of reading, each under its heading or the name that the contents give it."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from corpus.cleaning.lines import Piece, printable
from corpus.cleaning.pieces import Cleaned
from corpus.formats import Content, ContentError, ElementError, opened_archive, part_of, refuse_declarations
from corpus.formats.html import tree_of
from corpus.formats.hypertext import Walk
from corpus.formats.odt import parsed
from corpus.limits import Limits
from corpus.reasons import why
from corpus.text.encodings import decode

_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
_ENCRYPTED = "{http://www.w3.org/2001/04/xmlenc#}CipherReference"


def read(data: bytes, limits: Limits) -> Content:
    """Read a book. Raises `ContentError`."""
    with opened_archive(data, limits, members=limits.members) as archive:
        book = _Book(archive)
        pieces = list[Piece]()
        for name in book.chapters():
            pieces += book.pieces(name)
            if len(pieces) > limits.elements:
                raise ElementError("elements", limits.elements)
    return Content(Cleaned(tuple(pieces)), book.metadata(), book.title())


class _Book:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive, self._names = archive, set(archive.namelist())
        container = parsed(part_of(archive, "META-INF/container.xml"), "META-INF/container.xml")
        root = container.find(f".//{_CONTAINER}rootfile")
        if root is None or not root.get("full-path"):
            raise ContentError(why("no_book"))
        self._opf_name = root.get("full-path")
        self._opf = parsed(part_of(archive, self._opf_name), self._opf_name)
        self._items = {item.get("id"): item for item in self._opf.iterfind(f"{_OPF}manifest/{_OPF}item")}
        self._named = dict(self._contents())
        self._secret = self._encrypted()

    def chapters(self) -> Iterator[str]:
        """Yield the names of the chapters' files in the order of reading."""
        seen = set[str]()
        for reference in self._opf.iterfind(f"{_OPF}spine/{_OPF}itemref"):
            item = self._items.get(reference.get("idref"))
            if item is None or "nav" in (item.get("properties") or "").split():
                continue
            name = self._place(self._opf_name, item.get("href") or "")
            if name in self._names and name not in seen and "html" in (item.get("media-type") or "html"):
                seen.add(name)
                yield name

    def pieces(self, name: str) -> list[Piece]:
        """Return the pieces of one chapter. Raises `ContentError`."""
        if name in self._secret:
            raise ContentError(why("copy_protected"))
        data = part_of(self._archive, name)
        refuse_declarations(data, name)
        if not data.strip():
            return []
        pieces = Walk(skip_furniture=False).run(tree_of(printable(decode(data).text)))
        named = self._named.get(name)
        if pieces and named and not any(piece.kind == "heading" for piece in pieces[:3]):
            pieces.insert(0, Piece("heading", named, 2))
        return pieces

    def title(self) -> str:
        """Return the book's title."""
        return " ".join((self._opf.findtext(f".//{_DC}title") or "").split())

    def metadata(self) -> dict[str, str]:
        """Return what the book says of itself that a document keeps."""
        date = (self._opf.findtext(f".//{_DC}date") or "").strip()[:10]
        return {"date": date} if date else {}

    def _contents(self) -> Iterator[tuple[str, str]]:
        """Yield what the table of contents calls each chapter's file, its first name last so that it stays."""
        found = list[tuple[str, str]]()
        for item in self._items.values():
            name = self._place(self._opf_name, item.get("href") or "")
            if name not in self._names:
                continue
            if "nav" in (item.get("properties") or "").split():
                data = part_of(self._archive, name)
                for link in tree_of(printable(decode(data).text)).iter("a"):
                    found.append((self._place(name, link.get("href") or ""), " ".join(link.text_content().split())))
            elif item.get("media-type") == "application/x-dtbncx+xml":
                for point in parsed(part_of(self._archive, name), name).iter(f"{_NCX}navPoint"):
                    words, content = point.findtext(f"{_NCX}navLabel/{_NCX}text"), point.find(f"{_NCX}content")
                    if words and content is not None:
                        found.append((self._place(name, content.get("src") or ""), " ".join(words.split())))
        yield from reversed([(place, words) for place, words in found if words])

    def _encrypted(self) -> set[str]:
        if "META-INF/encryption.xml" not in self._names:
            return set()
        tree: Any = parsed(part_of(self._archive, "META-INF/encryption.xml"), "META-INF/encryption.xml")
        return {unquote(reference.get("URI") or "") for reference in tree.iter(_ENCRYPTED)}

    @staticmethod
    def _place(base: str, reference: str) -> str:
        """Return the name in the archive that a reference from another of its files means."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(reference.partition("#")[0])))
