"""The formats of source files: which ending is read by which module of this package, and what each may be told.

Every module has one function, `read(data, limits) -> Content`; a library that it needs is imported when it is called.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from corpus.cleaning.pieces import Cleaned
from corpus.limits import Limits
from corpus.reasons import Reason, Refusal, said, why


@dataclass(frozen=True)
class Format:
    """A kind of file."""

    module: str
    """The module of this package that reads it; empty for an archive, which is no document itself."""
    kind: str
    """What it is, one of `corpus.reasons.KINDS`."""
    text: bool = False
    """Whether it is text, which a person can read as it is."""
    magic: tuple[bytes, ...] = ()
    """What its bytes begin with, where they always do."""


_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
ENDINGS: Mapping[str, Format] = {
    ".md": Format("markdown", "markdown", text=True),
    ".txt": Format("plain", "plain", text=True),
    ".html": Format("html", "html", text=True),
    ".htm": Format("html", "html", text=True),
    ".pdf": Format("pdf", "pdf", magic=(b"%PDF",)),
    ".docx": Format("docx", "docx", magic=_ZIP),
    ".pptx": Format("pptx", "pptx", magic=_ZIP),
    ".odt": Format("odt", "odt", magic=_ZIP),
    ".epub": Format("epub", "epub", magic=_ZIP),
    ".csv": Format("table", "table", text=True),
    ".jsonl": Format("pairs", "pairs", text=True),
    ".zip": Format("", "zip", magic=_ZIP),
}
"""Ending -> format. The only place that names them all."""


class ContentError(Refusal):
    """The file is not what its ending says, or cannot be read."""


class ElementError(ContentError):
    """The file has more of something than the limits allow."""

    def __init__(self, what: str, most: int) -> None:
        """Refuse more of `what`, one of `corpus.reasons.COUNTED`, than the `most` that are allowed."""
        super().__init__(why("too_many", what=what, most=most))


@dataclass(frozen=True)
class Content:
    """What a format's reader makes of a file."""

    cleaned: Cleaned
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Front matter: what it says of title, language, date, source or id is taken as it stands."""
    title: str = ""
    """What the file's properties call it; a heading of the text says it better."""
    passed: tuple[Reason, ...] = ()
    """Why parts of the file were passed over."""


def read(format_: Format, data: bytes, limits: Limits) -> Content:
    """Read a file's bytes. Raises `ContentError` and whatever else a library raises at a damaged file."""
    content: Content = import_module(f"corpus.formats.{format_.module}").read(data, limits)
    return content


def missing(library: str, extra: str = "files") -> ContentError:
    """Return the error that names the line which installs what a format needs."""
    return ContentError(why("library_missing", library=library, extra=extra))


def opened_archive(data: bytes, limits: Limits, *, members: int) -> zipfile.ZipFile:
    """Open a zip file whose parts, by what it says of them, stay within the limits.

    No more than it says is ever unpacked, so that what it says is what it can cost. Raises `ContentError`.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise ContentError(why("damaged_zip", detail=said(error))) from None
    parts = archive.infolist()
    if len(parts) > members:
        raise ElementError("files", members)
    if sum(part.file_size for part in parts) > limits.unpacked_megabytes * 1e6:
        raise ElementError("megabytes", limits.unpacked_megabytes)
    return archive


def part_of(archive: zipfile.ZipFile, part: str | zipfile.ZipInfo) -> bytes:
    """Unpack one part. Raises `ContentError`."""
    name = part if isinstance(part, str) else part.filename
    try:
        return archive.read(part)
    except KeyError:
        raise ContentError(why("part_missing", part=name)) from None
    except RuntimeError:
        raise ContentError(why("encrypted")) from None
    except Exception as error:  # BadZipFile, EOFError, zlib.error, lzma.LZMAError: each compression has its own
        raise ContentError(why("part_damaged", part=name, detail=said(error))) from None


def refuse_declarations(data: bytes, name: str) -> None:
    """Refuse XML with a document type declaration: entities unfold into gigabytes, name files, and swallow text."""
    # Without its NULs UTF-16 reads as ASCII does.
    if b"<!ENTITY" in data.replace(b"\0", b"").upper():
        raise ContentError(why("declares_entities", part=name))
