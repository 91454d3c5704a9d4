"""Plain text, in whatever encoding."""

from __future__ import annotations

from corpus.cleaning.lines import printable
from corpus.cleaning.pieces import clean_plain_text
from corpus.formats import Content
from corpus.limits import Limits
from corpus.reasons import why
from corpus.text.encodings import UndecodableError, decode


def read(data: bytes, limits: Limits) -> Content:
    """Read plain text. Raises `UndecodableError`."""
    return Content(clean_plain_text(text_of(data)))


def text_of(data: bytes) -> str:
    """Decode a text file, without what no text should hold. Raises `UndecodableError`."""
    raw = decode(data).text
    if "\0" in raw:
        raise UndecodableError(why("binary_text", character=raw.index(chr(0))))
    return printable(raw)
