"""Source files: found in folders, decoded, read by one small reader per format into a Document."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.cleaning import Cleaned, clean_markdown, clean_plain_text, date_in
from corpus.documents import Block, Document
from corpus.encodings import UndecodableError, decode
from corpus.language import LANGUAGES, UNDETERMINED, detect_language
from corpus.lines import assemble, printable
from corpus.markup import FrontMatterError, line_of_key, pieces_of_markdown, split_front_matter

LARGEST_FILE = 20_000_000
"""Bytes above which a file is refused: some five million words, more than any single source of this kind has."""
LONGEST_ID = 80

_MAGIC = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive or an Office file",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x1f\x8b": "a gzip archive",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"{\\rtf": "an RTF file",
    b"\x7fELF": "a program",
}
_LANGUAGE_TAGS = {tag.casefold(): tag for tag in (*LANGUAGES, UNDETERMINED)} | {
    "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant",
    "zh-hans-cn": "zh-Hans", "zh-hant-tw": "zh-Hant", "zh-hant-hk": "zh-Hant",
    "pl-pl": "pl", "en-us": "en", "en-gb": "en",
}  # fmt: skip


class SourceError(Exception):
    """One line: file, place, reason."""

    def __init__(self, path: str | Path, reason: str) -> None:
        self.path = shown(path)
        self.reason = reason
        super().__init__(f"{self.path}: {reason}")


@dataclass(frozen=True)
class Skipped:
    """A file that was passed over, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class _Content:
    """What a format's reader makes of a file's text."""

    cleaned: Cleaned
    metadata: Mapping[str, Any] = field(default_factory=dict)


def shown(path: str | Path) -> str:
    """Return a path as it can be printed on one line and stored as UTF-8."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(path))


def document_id_for(path: Path) -> str:
    """Return a readable id from a file's name: its letters, digits, dots and underscores, the rest one hyphen each.

    Letters of any script stay. A name above `LONGEST_ID` characters is cut and ends in a digest of the whole, so that
    long names that begin alike stay apart; a name without any letter or digit becomes `document`.
    """
    return _readable_id(path.stem if path.suffix.lower() in READERS else path.name)


def _readable_id(name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    readable = re.sub(r"-{2,}", "-", re.sub(r"[^\w.]+", "-", name)).strip("-._")
    if len(readable) > LONGEST_ID:
        digest = hashlib.sha256(readable.encode()).hexdigest()[:8]
        readable = f"{readable[: LONGEST_ID - 9].rstrip('-._')}-{digest}"
    return readable or "document"


# ----------------------------------------------------------------------------------------------------- finding


def find_sources(paths: Iterable[str | Path]) -> tuple[list[Path], list[Skipped]]:
    """Find the files to read: those named, and all of a known ending in the folders named and below them, sorted.

    A file of unknown ending is skipped with its reason, in a folder or named itself, so that `*` on a command line
    works. Hidden files and folders are passed over in silence unless they are named. A file reached twice counts once.

    Raises SourceError for a path that does not exist, a folder without a source, and where all files were skipped.
    """
    found, skipped, seen = list[Path](), list[Skipped](), set[str]()
    for path in map(Path, paths):
        if not _exists(path):
            raise SourceError(path, "does not exist")
        sources, passed = _in_folder(path) if path.is_dir() else _sorted_out([path])
        if path.is_dir() and not sources:
            raise SourceError(path, f"holds no source: no {_endings('or')} file in it{_why_none(passed)}")
        for source in sources:
            real = os.path.realpath(source)
            if real not in seen:
                seen.add(real)
                found.append(source)
        skipped += passed
    if skipped and not found:
        raise SourceError(skipped[0].path, skipped[0].reason)
    return found, skipped


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long for the system, or with a NUL in it
        return False


def _in_folder(folder: Path) -> tuple[list[Path], list[Skipped]]:
    files, failed, seen, waiting = list[Path](), list[Skipped](), set[tuple[int, int]](), [folder]
    while waiting:
        current = waiting.pop()
        try:
            status = current.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue  # a link that leads back
            seen.add((status.st_dev, status.st_ino))
            entries = [entry for entry in current.iterdir() if not entry.name.startswith(".")]
        except OSError as error:
            failed.append(Skipped(shown(current), _reason(error)))
            continue
        for entry in entries:
            (waiting if entry.is_dir() else files).append(entry)
    sources, skipped = _sorted_out(sorted(files))
    return sources, sorted(failed + skipped, key=lambda passed: passed.path)


def _sorted_out(files: Iterable[Path]) -> tuple[list[Path], list[Skipped]]:
    sources, skipped = list[Path](), list[Skipped]()
    for file in files:
        if file.suffix.lower() not in READERS:
            ending = f"the ending {shown(file.suffix)} is unknown" if file.suffix else "it has no ending"
            skipped.append(Skipped(shown(file), f"{ending}; only {_endings('and')} are read"))
        elif not _exists(file):
            skipped.append(Skipped(shown(file), "is a link that leads nowhere"))
        elif not file.is_file():
            skipped.append(Skipped(shown(file), "is not a regular file"))
        else:
            sources.append(file)
    return sources, skipped


def _why_none(skipped: list[Skipped]) -> str:
    return f" ({len(skipped)} skipped; {skipped[0].path}: {skipped[0].reason})" if skipped else ""


def _endings(conjunction: str) -> str:
    *first, last = READERS
    return f"{', '.join(first)} {conjunction} {last}"


# ----------------------------------------------------------------------------------------------------- reading


def read_document(path: Path, *, document_id: str | None = None) -> Document:
    """Read one source file; its id is `document_id`, else what its front matter says, else made from its name.

    Raises SourceError, one line with the reason, for whatever cannot be read or holds no text.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise SourceError(path, f"has an unknown ending; only {_endings('and')} are read")
    data = _bytes_of(path)
    try:
        raw = decode(data).text
        if "\0" in raw:
            raise UndecodableError(f"looks binary: it has a NUL at character {raw.index(chr(0))}")
        raw = printable(raw)
        content = reader(raw)
        text, blocks = assemble(content.cleaned.pieces)
        if not text:
            raise SourceError(
                path, "is empty" if not raw.strip() else "is empty once menus and other page furniture are gone"
            )
        return _document(path, document_id, content, text, blocks, hashlib.sha256(data).hexdigest())
    except (UndecodableError, FrontMatterError) as error:
        raise SourceError(path, str(error)) from None
    except _KeyError as error:
        raise SourceError(path, f"line {line_of_key(raw, error.key)}: {error}") from None


class _KeyError(ValueError):
    """A front matter key has a value that it may not have."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key


def _read_markdown(text: str) -> _Content:
    metadata, body = split_front_matter(text)
    return _Content(clean_markdown(list(pieces_of_markdown(body))), metadata)


def _read_plain_text(text: str) -> _Content:
    return _Content(clean_plain_text(text))


READERS: Mapping[str, Callable[[str], _Content]] = {".md": _read_markdown, ".txt": _read_plain_text}
"""Ending -> reader. The only place that names the formats."""


def _bytes_of(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(path, "is a folder" if stat.S_ISDIR(status.st_mode) else "is not a regular file")
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise SourceError(path, _reason(error)) from None
    if len(data) > LARGEST_FILE:
        size, most = max(status.st_size, len(data)) / 1e6, LARGEST_FILE / 1e6
        raise SourceError(path, f"has {size:.1f} MB, above the limit of {most:.0f} MB; split it into smaller files")
    if not data.strip():
        raise SourceError(path, "is empty")
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            raise SourceError(path, f"looks like {kind}; only {_endings('and')} are read")
    return data


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "no permission to read it"
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    return f"cannot be read: {error.strerror or error}"


def _document(
    path: Path, document_id: str | None, content: _Content, text: str, blocks: tuple[Block, ...], digest: str
) -> Document:
    front = dict(content.metadata)
    named = _string(front, "id")
    if named is not None and _readable_id(named) != named:
        raise _KeyError("id", f"the id {named!r} does not do on a command line; write {_readable_id(named)!r}")
    written = front.pop("date", None)
    source = _string(front, "source") or _string(front, "url")
    title = _string(front, "title") or _title_in(path, text, blocks)
    language = _language(front) or detect_language(text)
    for key in ("title", "language"):
        front.pop(key, None)
    return Document(
        id=document_id or named or document_id_for(path),
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
        raise _KeyError(key, f"{key} must be a string, not {value!r}; put it in quotes")
    return " ".join(value.split()) if value is not None else None


def _language(front: Mapping[str, Any]) -> str | None:
    written = _string(front, "language")
    if not written or written.casefold() == "zh":
        return None  # the script is for the text to tell
    try:
        return _LANGUAGE_TAGS[written.casefold().replace("_", "-")]
    except KeyError:
        raise _KeyError("language", f"unknown language {written!r}; write one of {', '.join(LANGUAGES)}") from None


def _title_in(path: Path, text: str, blocks: tuple[Block, ...]) -> str:
    """Take the first level-1 heading, else a heading before all prose, else a readable file name, else first words."""
    for block in blocks:
        if block.kind == "heading" and block.level == 1:
            return re.sub(r"\.(?:pptx?|docx?|pdf|txt)$", "", text[block.start : block.end])
    if blocks[0].kind == "heading":
        return text[blocks[0].start : blocks[0].end]
    if re.sub(r"[0-9a-f]{8,}|[\W\d_]", "", path.stem):
        return shown(path.stem)
    opening = text[blocks[0].start : blocks[0].end]
    return opening if len(opening) <= 40 else f"{opening[:40].rstrip()}…"
