"""Source files read: those that could be slow, large or hostile in a process of its own (`corpus.sandbox`)."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import Self

from corpus.documents import Document
from corpus.files.extraction import check_kind, documents_in, format_of
from corpus.files.sources import Extracted, SourceError, unreadable
from corpus.formats import Format
from corpus.limits import Limits
from corpus.reasons import why
from corpus.sandbox.parent import Sandbox

READ_HERE = 4_000
"""Bytes up to which a text is read without a process of its own: too few to take long or much, and yet what most of
ten thousand notes have, each of which would wait for the other process."""


class FileReader:
    """Reads source files one after the other; its process, started when first needed, ends with it."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._sandbox = Sandbox(self._limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sandbox.close()

    def read(self, path: Path) -> Extracted:
        """Read one file. Raises SourceError, one line with the reason, for what cannot be read or holds no text."""
        format_ = format_of(path)
        data = bytes_of(path, format_, self._limits)
        if format_.text and len(data) <= READ_HERE and format_.module != "html":
            return documents_in(path, data, self._limits)
        return self._sandbox.read(path, data)


def read_document(path: Path, *, document_id: str | None = None, limits: Limits | None = None) -> Document:
    """Read a file that is one document; its id is `document_id`, else its front matter's, else made from its name.

    Raises SourceError, one line with the reason, for whatever cannot be read or holds no text.
    """
    with FileReader(limits) as reader:
        document, *more = reader.read(path).documents
    if more:
        raise SourceError(path, why("several_documents", count=1 + len(more)))
    return replace(document, id=document_id) if document_id else document


def bytes_of(path: Path, format_: Format, limits: Limits) -> bytes:
    """Return a file's bytes. Raises SourceError where they cannot be read, are too many, none, or of another kind."""
    most = int(1e6 * (limits.text_megabytes if format_.text else limits.file_megabytes))
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(path, why("is_a_folder") if stat.S_ISDIR(status.st_mode) else why("not_a_file"))
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise SourceError(path, unreadable(error)) from None
    if len(data) > most:
        size = max(status.st_size, len(data)) / 1e6
        raise SourceError(path, why("too_large", size=size, most=most / 1e6))
    return check_kind(path, data, format_)
