"""The bytes of a source file -> its documents: read by one small reader per format, given an id, title and language."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus.cleaning.lines import assemble, printable
from corpus.cleaning.markup import FrontMatterError, line_of_key
from corpus.cleaning.pieces import date_in
from corpus.documents import Block, Document
from corpus.files import archives
from corpus.files.sources import Extracted, SourceError, no_source, shown, unknown_ending
from corpus.formats import ENDINGS, Content, ContentError, ElementError, Format, read
from corpus.formats.plain import text_of
from corpus.limits import Limits
from corpus.reasons import Reason, Skipped, said, why
from corpus.text.encodings import UndecodableError
from corpus.text.language import LANGUAGES, UNDETERMINED, detect_language

LONGEST_ID = 80
_MAGIC = {
    b"%PDF": "pdf",
    b"PK\x03\x04": "zip_or_office",
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF8": "gif",
    b"\xd0\xcf\x11\xe0": "old_office",
    b"\x1f\x8b": "gzip",
    b"Rar!": "rar",
    b"7z\xbc\xaf": "seven_zip",
    b"{\\rtf": "rtf",
    b"\x7fELF": "program",
}
_LANGUAGE_TAGS = {tag.casefold(): tag for tag in (*LANGUAGES, UNDETERMINED)} | {
    "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant",
    "zh-hans-cn": "zh-Hans", "zh-hant-tw": "zh-Hant", "zh-hant-hk": "zh-Hant",
    "pl-pl": "pl", "en-us": "en", "en-gb": "en",
}  # fmt: skip


def documents_in(path: Path, data: bytes, limits: Limits) -> Extracted:
    """Read a file's bytes in this process. Raises SourceError."""
    format_ = format_of(path)
    if format_.module:
        return _reading(path, data, format_, limits, name=path.name)
    documents, skipped = list[Document](), list[Skipped]()
    try:
        for member in archives.members(data, limits):
            inside = path / member.name
            try:
                member_format = format_of(inside)
                if not member_format.module:
                    raise SourceError(inside, why("archive_in_archive"))
                content = check_kind(inside, member.read(), member_format)
                reading = _reading(inside, content, member_format, limits, name=Path(member.name).name)
                documents += (replace(d, path=str(path.absolute()), member=member.name) for d in reading.documents)
                skipped += reading.skipped
            except ContentError as error:
                skipped.append(Skipped(shown(inside), error.why))
            except SourceError as error:
                skipped.append(Skipped(error.path, error.why))
    except ContentError as error:
        raise SourceError(path, error.why) from None
    if not documents:
        raise SourceError(path, no_source(skipped))
    return Extracted(tuple(documents), tuple(skipped))


def document_id_for(path: Path) -> str:
    """Return a readable id from a file's name: its letters, digits, dots and underscores, the rest one hyphen each.

    Letters of any script stay. A name above `LONGEST_ID` characters is cut and ends in a digest of the whole, so that
    long names that begin alike stay apart; a name without any letter or digit becomes `document`.
    """
    return _readable_id(path.stem if path.suffix.lower() in ENDINGS else path.name)


def _readable_id(name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    readable = re.sub(r"-{2,}", "-", re.sub(r"[^\w.]+", "-", name)).strip("-._")
    if len(readable) > LONGEST_ID:
        digest = hashlib.sha256(readable.encode()).hexdigest()[:8]
        readable = f"{readable[: LONGEST_ID - 9].rstrip('-._')}-{digest}"
    return readable or "document"


def check_kind(path: Path, data: bytes, format_: Format) -> bytes:
    """Return `data`, which is what the ending of `path` says it is. Raises SourceError."""
    if not data.strip():
        raise SourceError(path, why("empty"))
    if format_.magic:
        if not data.startswith(format_.magic) and not _is_old_office(data, format_) and not _is_late_pdf(data, format_):
            raise SourceError(path, why("other_bytes", kind=format_.kind))
        return data
    for magic, looks in _MAGIC.items():
        if data.startswith(magic):
            raise SourceError(path, why("looks_like", looks=looks, kind=format_.kind))
    return data


def _is_old_office(data: bytes, format_: Format) -> bool:
    # Which is also how a new one is stored that is encrypted; its reader tells them apart.
    return format_.module in {"docx", "pptx"} and data.startswith(b"\xd0\xcf\x11\xe0")


def _is_late_pdf(data: bytes, format_: Format) -> bool:
    return format_.module == "pdf" and b"%PDF-" in data[:1024]


def format_of(path: Path) -> Format:
    """Return the format that the ending of `path` says. Raises SourceError where it is none of ours."""
    try:
        return ENDINGS[path.suffix.lower()]
    except KeyError:
        raise SourceError(path, unknown_ending(path)) from None


def _reading(path: Path, data: bytes, format_: Format, limits: Limits, *, name: str) -> Extracted:
    try:
        content = read(format_, data, limits)
        pieces = content.cleaned.pieces
        if len(pieces) > limits.elements:
            raise ElementError("elements", limits.elements)
        text, blocks, pages = assemble(replace(p, text=t) if (t := printable(p.text)) != p.text else p for p in pieces)
        if len(text) > limits.characters:
            raise ElementError("characters", limits.characters)
        if not text:
            blank = format_.module not in {"markdown", "plain"} or not text_of(data).strip()
            raise SourceError(path, why("empty") if blank else why("only_furniture"))
        document = _document(path, content, text, blocks, hashlib.sha256(data).hexdigest(), name)
        return Extracted(
            (replace(document, pages=pages),), tuple(Skipped(shown(path), part) for part in content.passed)
        )
    except (UndecodableError, FrontMatterError, ContentError) as error:
        raise SourceError(path, error.why) from None
    except _KeyError as error:
        line = line_of_key(text_of(data), error.key)
        raise SourceError(path, Reason(error.code, {"line": line, **error.values})) from None
    except (SourceError, MemoryError):
        raise
    except Exception as error:  # whatever a library makes of a damaged file
        if format_.text:
            raise
        detail = f"{type(error).__name__}: {said(error)}"
        raise SourceError(path, why("damaged", kind=format_.kind, detail=detail)) from None


class _KeyError(ValueError):
    """A front matter key has a value that it may not have."""

    def __init__(self, key: str, code: str, **values: str) -> None:
        super().__init__(code)
        self.key, self.code, self.values = key, code, values


def _document(path: Path, content: Content, text: str, blocks: tuple[Block, ...], digest: str, name: str) -> Document:
    front = dict(content.metadata)
    named = _string(front, "id")
    if named is not None and _readable_id(named) != named:
        raise _KeyError("id", "front_id", got=repr(named), better=repr(_readable_id(named)))
    written = front.pop("date", None)
    source = _string(front, "source") or _string(front, "url")
    title = _string(front, "title") or _title_in(Path(name), text, blocks, printable(content.title))
    language = _language(front) or detect_language(text)
    for key in ("title", "language"):
        front.pop(key, None)
    return Document(
        id=named or document_id_for(Path(name)),
        title=title,
        text=text,
        language=language,
        source=source or shown(path),
        digest=digest,
        blocks=blocks,
        date=(date_in(str(written)) or str(written)) if written is not None else content.cleaned.published,
        metadata=front,
        path=str(path.absolute()),
    )


def _string(front: Mapping[str, Any], key: str) -> str | None:
    value = front.get(key)
    if value is not None and not isinstance(value, str):
        raise _KeyError(key, "front_no_string", name=key, got=repr(value))
    return " ".join(value.split()) if value is not None else None


def _language(front: Mapping[str, Any]) -> str | None:
    written = _string(front, "language")
    if not written or written.casefold() == "zh":
        return None  # the script is for the text to tell
    try:
        return _LANGUAGE_TAGS[written.casefold().replace("_", "-")]
    except KeyError:
        raise _KeyError("language", "front_language", got=repr(written), tags=", ".join(LANGUAGES)) from None


def _title_in(path: Path, text: str, blocks: tuple[Block, ...], called: str) -> str:
    """Take the first level-1 heading, what the file is `called`, a heading before all prose, its name, or its words."""
    for block in blocks:
        if block.kind == "heading" and block.level == 1:
            return re.sub(r"\.(?:pptx?|docx?|pdf|txt)$", "", text[block.start : block.end])
    if words := " ".join(called.split()):
        return words
    if blocks[0].kind == "heading":
        return text[blocks[0].start : blocks[0].end]
    if re.sub(r"[0-9a-f]{8,}|[\W\d_]", "", path.stem):
        return shown(path.stem)
    opening = text[blocks[0].start : blocks[0].end]
    return opening if len(opening) <= 40 else f"{opening[:40].rstrip()}…"
