"""HTML pages: trafilatura says which part of a page is its text, our own walk takes that part word for word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from corpus.cleaning.lines import Piece, is_prose, printable
from corpus.cleaning.pieces import clean_markdown, date_in
from corpus.formats import Content, ContentError, missing
from corpus.formats.hypertext import Walk
from corpus.limits import Limits
from corpus.reasons import said, why
from corpus.text.encodings import UndecodableError, decode

_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})|^<\?xml[^>]{0,80}encoding=["']([\w.:-]+)""", re.I
)


def read(data: bytes, limits: Limits) -> Content:
    """Read a page's main text. Raises `ContentError` and `UndecodableError`."""
    tree = tree_of(_text_of(data))
    pieces = Walk(skip_furniture=True).run(tree)
    return Content(clean_markdown(_main(pieces, tree)), _metadata(tree), _title(tree))


def tree_of(text: str) -> Any:
    """Parse HTML as browsers do: entities that a page declares stay unread, nothing is fetched."""
    try:
        from lxml import etree, html
    except ImportError:
        raise missing("lxml") from None
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text[:1000]) + text[1000:]
    try:
        tree = html.document_fromstring(text, parser=html.HTMLParser(no_network=True, huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ContentError(why("no_html", detail=said(error))) from None
    return tree


def _text_of(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        name = (declared[1] or declared[2]).decode().lower()
        # What pages call GB2312 and Big5 holds more than these have.
        name = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "cp950", "iso-8859-1": "cp1252"}.get(name, name)
        try:
            return printable(data.decode(name))
        except (UnicodeDecodeError, LookupError):
            pass  # a page may say what is not so
    text = decode(data).text
    if "\0" in text:
        raise UndecodableError(why("binary_text", character=text.index(chr(0))))
    return printable(text)


def _main(pieces: Sequence[Piece], tree: Any) -> list[Piece]:
    """Keep the pieces from the first to the last that trafilatura finds, less those between that it leaves out.

    A heading stays where what follows it does, a row or an item where another of its table or list does.
    """
    found = _squeezed(_extracted(tree))
    kept = [_squeezed(piece.text) in found for piece in pieces]
    if not any(kept):
        return list(pieces)
    for first, last in _runs(pieces):
        if any(kept[first:last]):
            kept[first:last] = [True] * (last - first)
    for number in range(len(pieces) - 2, -1, -1):
        kept[number] = kept[number] or (pieces[number].kind == "heading" and kept[number + 1])
    return [piece for piece, keep in zip(pieces, kept, strict=True) if keep]


def _runs(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """Return where each run of rows, and each of items, begins and ends."""
    runs, start = [], 0
    for number in range(1, len(pieces) + 1):
        if number == len(pieces) or pieces[number].kind != pieces[start].kind:
            if pieces[start].kind in {"row", "item"}:
                runs.append((start, number))
            start = number
    return runs


def _extracted(tree: Any) -> str:
    try:
        import trafilatura
    except ImportError:
        raise missing("trafilatura") from None
    from copy import deepcopy

    found = trafilatura.extract(
        deepcopy(tree), output_format="txt", include_comments=False, include_tables=True, favor_recall=True
    )
    return found or ""


def _squeezed(text: str) -> str:
    return re.sub(r"\W+", "", text)


def _metadata(tree: Any) -> dict[str, str]:
    published = list[str | None]()
    for node in tree.iter("meta"):
        name = (node.get("property") or node.get("name") or "").lower()
        if name in {"article:published_time", "datepublished", "dc.date", "dcterms.date", "date", "pubdate"}:
            published.append(date_in(node.get("content") or ""))
    first = next(filter(None, published), None)
    return {"date": first} if first else {}


def _title(tree: Any) -> str:
    for path in ("//meta[@property='og:title']/@content", "//title//text()"):
        if words := " ".join(" ".join(map(str, tree.xpath(path))).split()):
            return re.split(r"\s+[|-]\s+", words)[0] if not is_prose(words) else words
    return ""
