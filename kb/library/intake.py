"""Source files to documents: those that did not change left unread, the bad ones named and passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.documents import Document
from corpus.files.sources import SourceError, shown
from corpus.readers import FileReader
from corpus.reasons import Reason, Skipped, why
from kb.library.ledger import Held, Ledger, state_of
from kb.settings.schema import ReadingSettings

Report = Callable[[str, int, int], None]
"""Called with what is being done („reading", „encoding"), how much is done and how much there is."""


@dataclass(frozen=True)
class Arrival:
    """A document that a source file holds."""

    path: str
    """The file's absolute path."""
    held: Held
    source: str
    """The path as it was given, to be shown."""
    document: Document | None = None
    """None where the file did not change since it was last read."""

    def read(self, settings: ReadingSettings) -> Document | None:
        """Return the document, read if it was not; None where the file has changed under our hands."""
        if self.document is not None:
            return self.document
        try:
            with FileReader(settings.limits()) as reader:
                documents = reader.read(Path(self.path)).documents
        except SourceError:
            return None
        return next((d for d in documents if Held(d.digest, d.member) == self.held), None)


@dataclass(frozen=True)
class Read:
    """The documents of some files, and the files that were passed over."""

    arrivals: tuple[Arrival, ...]
    skipped: tuple[Skipped, ...]
    whole: frozenset[str]
    """Absolute paths of the files that could be read: what is known of them and not among the arrivals is gone."""

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents that were read."""
        return tuple(arrival.document for arrival in self.arrivals if arrival.document is not None)


def read(
    sources: Sequence[Path], settings: ReadingSettings, report: Report | None, ledger: Ledger | None = None
) -> Read:
    """Read files; one that cannot be read is skipped with its reason, one that `ledger` knows is not opened."""
    arrivals, skipped, whole = list[Arrival](), list[Skipped](), set[str]()
    with FileReader(settings.limits()) as reader:
        for number, path in enumerate(sources, 1):
            entry = ledger.known(path) if ledger else None
            if entry is not None:
                found: list[tuple[Held, Document | None]] = [(held, None) for held in entry.held]
                passed = list(entry.skipped)
            else:
                found, passed = _read(reader, path, ledger)
            arrivals += [
                Arrival(str(path.absolute()), held, shown(path / held.member), document) for held, document in found
            ]
            skipped += passed
            if found:
                whole.add(str(path.absolute()))
            if report:
                report("reading", number, len(sources))
    return Read(tuple(arrivals), tuple(skipped), frozenset(whole))


def read_again(
    documents: Sequence[Document], settings: ReadingSettings, report: Report | None
) -> tuple[tuple[Document, ...], tuple[Skipped, ...]]:
    """Read the files of `documents` again; what is gone or cannot be read any more stays as it was."""
    paths = [Path(path) for path in dict.fromkeys(document.path for document in documents if document.path)]
    found = read([path for path in paths if path.is_file()], settings, report)
    anew = {(document.path, document.member): document for document in found.documents}
    again = tuple(
        replace(anew.get((document.path, document.member), document), id=document.id) if document.path else document
        for document in documents
    )
    return again, found.skipped


def nothing_left(skipped: Iterable[Skipped]) -> Reason:
    """Return the reason for when no document remains, with what was passed over."""
    return why("nothing_left", because=skipped)


def _read(
    reader: FileReader, path: Path, ledger: Ledger | None
) -> tuple[list[tuple[Held, Document | None]], list[Skipped]]:
    state = state_of(path)
    try:
        reading = reader.read(path)
    except SourceError as error:
        skipped = [Skipped(error.path, error.why)]
        if ledger:
            ledger.record(path, state, (), skipped)
        return [], skipped
    held = [Held(document.digest, document.member) for document in reading.documents]
    if ledger:
        ledger.record(path, state, held, reading.skipped)
    return list(zip(held, reading.documents, strict=True)), list(reading.skipped)
