"""Source files to documents: read one after the other, the bad ones named and passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.documents import Document
from corpus.readers import Reader, Skipped, SourceError
from kb.settings import ReadingSettings

Report = Callable[[str, int, int], None]
"""Called with what is being done („reading", „encoding"), how much is done and how much there is."""


@dataclass(frozen=True)
class Read:
    """The documents of some files, and the files that were passed over."""

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...]


def read(sources: Sequence[Path], settings: ReadingSettings, report: Report | None) -> Read:
    """Read files; one that cannot be read is skipped with its reason."""
    documents, skipped = list[Document](), list[Skipped]()
    with Reader(settings.limits()) as reader:
        for number, path in enumerate(sources, 1):
            try:
                reading = reader.read(path)
                documents += reading.documents
                skipped += reading.skipped
            except SourceError as error:
                skipped.append(Skipped(error.path, error.reason))
            if report:
                report("reading", number, len(sources))
    return Read(tuple(documents), tuple(skipped))


def nothing_left(skipped: Iterable[Skipped]) -> str:
    """Return the message for when no document remains, with the first reasons why."""
    reasons = "; ".join(f"{item.path}: {item.reason}" for item in list(skipped)[:3])
    return f"nothing to index ({reasons})" if reasons else "nothing to index"


def in_place_of(documents: Iterable[Document], new: Sequence[Document]) -> tuple[list[Document], set[str]]:
    """Return `new` under the ids of their older selves, and these ids.

    A document is an older self where it came from the same file, or where the new one's front matter names its id.
    """
    by_path = {(document.path, document.member): document.id for document in documents if document.path}
    ids = {document.id for document in documents}
    placed, replaced = [], set[str]()
    for document in new:
        older = by_path.get((document.path, document.member))
        if older is None and "id" in document.metadata and document.id in ids:
            older = document.id
        if older is not None:
            replaced.add(older)
        placed.append(replace(document, id=older) if older is not None else document)
    return placed, replaced


def unique_ids(documents: Sequence[Document], taken: set[str]) -> list[Document]:
    """Give a number to each id that two documents share."""
    unique = []
    for document in documents:
        name, number = document.id, 2
        while name in taken:
            name, number = f"{document.id}-{number}", number + 1
        taken.add(name)
        unique.append(document if name == document.id else replace(document, id=name))
    return unique
