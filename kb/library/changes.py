"""What a reading of source files changes in a library: new, changed, moved, gone. Nothing is read or written here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus.documents import Document
from corpus.files.sources import exists
from corpus.reasons import Skipped, why
from kb.library.intake import Arrival, Read

Place = tuple[str, str]
"""Absolute path of a file and a name within it."""


@dataclass
class Changes:
    """What is to be done, and what is not."""

    new: list[Arrival] = field(default_factory=list)
    moved: dict[str, Arrival] = field(default_factory=dict)
    """Id -> where the document is now."""
    removed: set[str] = field(default_factory=set)
    """Ids of documents whose file holds something else now, or is gone."""
    unchanged: list[Skipped] = field(default_factory=list)
    copies: list[Skipped] = field(default_factory=list)
    """Files whose text is there already, from another file."""

    def __bool__(self) -> bool:
        return bool(self.new or self.moved or self.removed)


def changes_of(known: Sequence[Document], found: Read, folders: Collection[str] = ()) -> Changes:
    """Compare what is known with what was found. What is gone from `folders` or below, absolute paths, is removed.

    A document is known by the digest of its bytes. Where it stays at its place nothing is to do; where its old place is
    gone it has moved; where its old place still holds it the arrival is a copy.
    """
    changes = Changes()
    at_place = {place_of(arrival): arrival.held.digest for arrival in found.arrivals}
    by_digest = dict[str, Document]()
    for document in known:
        by_digest.setdefault(document.digest, document)

    def stays(document: Document) -> bool:
        if document.path in found.whole:
            return at_place.get((document.path, document.member)) == document.digest
        return bool(document.path) and exists(Path(document.path))

    fresh = set[str]()
    for arrival in found.arrivals:
        twin = by_digest.get(arrival.held.digest)
        if twin is None and arrival.held.digest in fresh:
            changes.copies.append(Skipped(arrival.source, why("same_as_before")))
        elif twin is None:
            fresh.add(arrival.held.digest)
            changes.new.append(arrival)
        elif (twin.path, twin.member) == place_of(arrival):
            changes.unchanged.append(Skipped(arrival.source, why("there_already", document=twin.id)))
        elif stays(twin) or twin.id in changes.moved:
            changes.copies.append(Skipped(arrival.source, why("there_already", document=twin.id)))
        else:
            changes.moved[twin.id] = arrival
    below = tuple(folder.rstrip("/\\") + sign for folder in folders for sign in "/\\")
    changes.removed = {
        document.id
        for document in known
        if document.id not in changes.moved
        and (document.path in found.whole or document.path in folders or (below and document.path.startswith(below)))
        and not stays(document)
    }
    return changes


def moved_to(document: Document, arrival: Arrival) -> Document:
    """Return a document as of its new place; its id, title and text stay."""
    named = document.metadata.get("source") or document.metadata.get("url")
    source = document.source if named else arrival.source
    return replace(document, path=arrival.path, member=arrival.held.member, source=source)


def place_of(arrival: Arrival) -> Place:
    """Return where an arrival came from."""
    return arrival.path, arrival.held.member


def in_place_of(documents: Iterable[Document], new: Sequence[Document]) -> tuple[list[Document], set[str]]:
    """Return `new` under the ids of their older selves, and these ids.

    A document is an older self where it came from the same file, or where the new one's front matter names its id.
    """
    documents = list(documents)
    by_path = {(document.path, document.member): document.id for document in documents if document.path}
    ids = {document.id for document in documents}
    placed, replaced = [], set[str]()
    for document in new:
        older = by_path.get((document.path, document.member))
        if older is None and "id" in document.metadata and document.id in ids:
            older = document.id
        if older in replaced:
            older = None  # two that claim one id
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
