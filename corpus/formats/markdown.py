"""Markdown, with front matter."""

from __future__ import annotations

from corpus.cleaning.markup import NestingError, pieces_of_markdown, split_front_matter
from corpus.cleaning.pieces import clean_markdown
from corpus.formats import Content, ContentError
from corpus.formats.plain import text_of
from corpus.limits import Limits
from corpus.reasons import why


def read(data: bytes, limits: Limits) -> Content:
    """Read Markdown. Raises `UndecodableError` and `FrontMatterError`."""
    metadata, body = split_front_matter(text_of(data))
    try:
        return Content(clean_markdown(list(pieces_of_markdown(body))), metadata)
    except NestingError as error:
        raise ContentError(error.why) from None
    except RecursionError:
        raise ContentError(why("nested_too_deep")) from None
