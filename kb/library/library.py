"""Source texts in an index on disk: opened, built, and changed by adding and removing documents."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from corpus.documents import Document
from corpus.files.sources import SourceError, exists, find_sources
from corpus.reasons import Skipped
from kb.library.changes import Changes, changes_of, in_place_of, moved_to, unique_ids
from kb.library.generations import OpenGeneration, check_match, made_with
from kb.library.in_use import InUse
from kb.library.intake import Report, nothing_left, read, read_again
from kb.library.ledger import Ledger
from kb.settings.schema import ModelSettings, ReadingSettings, Settings
from retrieval.index.contents import Contents
from retrieval.index.snapshot import Snapshot
from retrieval.languages.probes import measure
from retrieval.models.encoder import Encoder, SentenceTransformerEncoder
from retrieval.storage.folder import IndexExists, Manifest, Store
from retrieval.storage.persistence import open_newest, write_snapshot


class UnknownDocument(KeyError):
    """There is no document with this id."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Fallback:
    """A saved setting that cannot be used, and what is used instead."""

    place: str
    """Such as `reranker.model`."""
    saved: str
    used: str
    """Empty where the program does without."""


@dataclass(frozen=True)
class Change:
    """What a build, an addition or a removal did."""

    added: tuple[str, ...]
    """Ids of documents that are new or were replaced."""
    removed: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    documents: int
    """In the index afterwards, as are the passages and windows."""
    passages: int
    windows: int
    seconds: float
    moved: tuple[str, ...] = ()
    """Ids of documents whose file has another name or place now."""
    unchanged: tuple[Skipped, ...] = ()
    """Files that hold what they held."""


class Library:
    """An index on disk and the model that it is searched with. Safe to use from several threads."""

    def __init__(self, store: Store, in_use: InUse, opened: OpenGeneration) -> None:
        self._store, self._in_use, self._opened = store, in_use, opened
        self.model = in_use.settings.model
        """The model in use, as the settings named it; after they name another it stays until the index is rebuilt."""
        self.fallbacks: tuple[Fallback, ...] = ()
        """What of the settings that were saved could not be used, so that something else is."""
        self._changing = threading.Lock()
        # Held from before a generation becomes the current one until it is open here: whoever sees it on disk in
        # between waits for the model that goes with it, instead of holding it against the older one.
        self._publishing = threading.Lock()

    # ------------------------------------------------------------------------------------------- named constructors

    @classmethod
    def open(
        cls, folder: str | Path | None = None, *, settings: Settings | None = None, encoder: Encoder | None = None
    ) -> Self:
        """Open the index in `folder`, by default the settings'.

        Raises `IndexMissing`, `IndexDamaged`, or `IndexMismatch` where it was made with another model, dtype or
        normaliser.
        """
        settings = _with_index(settings or Settings.load(), folder)
        store = Store(settings.index)
        found = open_newest(store)
        encoder = encoder or loaded(settings.model)
        check_match(found.manifest, encoder, settings.index)
        opened = OpenGeneration(found.name, found.snapshot, found.manifest, encoder)
        return cls(store, InUse.of(settings), opened)

    @classmethod
    def build(
        cls,
        paths: Iterable[str | Path],
        folder: str | Path | None = None,
        *,
        settings: Settings | None = None,
        encoder: Encoder | None = None,
        report: Report | None = None,
        fresh: bool = False,
    ) -> Self:
        """Index files and folders into `folder`, in place of what was there; `last_change` tells what was skipped.

        `fresh`: nothing may be there. Raises `SourceError`, and `IndexExists` where another process was quicker.
        """
        settings = _with_index(settings or Settings.load(), folder)
        sources, skipped = find_sources(paths, aside=settings.index)
        ledger = Ledger(settings.index, settings.reading.limits(), blank=True)
        found = read(sources, settings.reading, report, ledger)
        changes = changes_of((), found)
        skipped += [*found.skipped, *changes.copies]
        documents = [arrival.document for arrival in changes.new if arrival.document is not None]
        encoder = encoder or loaded(settings.model)
        base = cls.of_documents(
            documents, settings=settings, encoder=encoder, skipped=skipped, report=report, fresh=fresh
        )
        ledger.save()
        return base

    @classmethod
    def of_documents(
        cls,
        documents: Sequence[Document],
        *,
        settings: Settings,
        encoder: Encoder,
        skipped: Sequence[Skipped] = (),
        report: Report | None = None,
        fresh: bool = False,
    ) -> Self:
        """Index `documents` into the settings' folder, in place of what was there, unless it is to be `fresh`.

        Raises `SourceError` without any, and `IndexExists`.
        """
        if not documents:
            raise SourceError(str(settings.index), nothing_left(skipped))
        started = time.perf_counter()
        store = Store(settings.index)
        with store.writing(settings.patience):
            if fresh and store.exists():
                raise IndexExists(f"there is an index in {settings.index} already, made meanwhile; type it again")
            contents = Contents.encode(unique_ids(documents, set()), encoder, _progress(report))
            snapshot = Snapshot.build(contents, measure(encoder))
            name = write_snapshot(store, snapshot, made_with(encoder))
        base = cls(store, InUse.of(settings), OpenGeneration(name, snapshot, store.manifest(name), encoder))
        base._remembered(base._change(contents.documents, (), skipped, started))
        return base

    def with_settings(self, settings: Settings) -> Self:
        """Return the open index under other settings; neither it nor any model is loaded again."""
        base = type(self)(self._store, self._in_use.under(settings), self._opened)
        base.model = self.model
        return base

    # -------------------------------------------------------------------------------------------------------- reading

    @property
    def settings(self) -> Settings:
        """The settings in use."""
        return self._in_use.settings

    @property
    def opened(self) -> OpenGeneration:
        """The generation in use and its model; a reader that keeps it sees one state throughout."""
        return self._opened

    @property
    def manifest(self) -> Manifest:
        """What the open generation holds and was made with."""
        return self._opened.manifest

    @property
    def generation(self) -> str:
        """The name of the generation in use."""
        return self._opened.name

    @property
    def encoder(self) -> Encoder:
        """The model in use."""
        return self._opened.encoder

    @property
    def snapshot(self) -> Snapshot:
        """What of the generation in use is searched."""
        return self._opened.snapshot

    def documents(self) -> list[Document]:
        """Return the documents in the order in which they were added."""
        return list(self.snapshot.contents.documents)

    def document(self, document_id: str) -> Document:
        """Return one document. Raises `UnknownDocument`."""
        try:
            return self.snapshot.documents[document_id]
        except KeyError:
            raise UnknownDocument(f"no document {document_id!r} here; cco docs lists them") from None

    # ------------------------------------------------------------------------------------------------------- changing

    def add(self, paths: Iterable[str | Path], *, report: Report | None = None) -> Change:
        """Add files and folders; a changed file takes its older self's place, one whose bytes are there is left alone.

        Raises `SourceError` when nothing in `paths` could be read; what was indexed stays as it was.
        """
        paths = list(paths)
        sources, skipped = find_sources(paths, aside=self._store.folder)
        change = self._updated(sources, skipped, paths, set(), report)
        return self._remembered(replace(change, skipped=(*change.unchanged, *change.skipped)))

    def sync(self, paths: Iterable[str | Path], *, report: Report | None = None, emptied: bool = False) -> Change:
        """Bring the index into step with files and folders: as `add`, and what has gone from the folders is removed.

        A folder that holds no source any more, and a file that is gone, are refused, since they may just not be
        mounted, unless they may be `emptied`. Raises `SourceError`.
        """
        named = [Path(path) for path in paths]
        there = [path for path in named if exists(path)] if emptied else named
        sources, skipped = find_sources(there, may_be_empty=emptied, aside=self._store.folder)
        folders = {str(path.absolute()) for path in named if path.is_dir() or path not in there}
        return self._remembered(self._updated(sources, skipped, named, folders, report))

    def _updated(
        self,
        sources: Sequence[Path],
        skipped: Sequence[Skipped],
        paths: Sequence[str | Path],
        folders: set[str],
        report: Report | None,
    ) -> Change:
        started, settings = time.perf_counter(), self.settings
        ledger = Ledger(self._store.folder, settings.reading.limits())
        found = read(sources, settings.reading, report, ledger)
        skipped = [*skipped, *found.skipped]
        changes = changes_of(self._fresh().snapshot.contents.documents, found, folders)
        if not (found.arrivals or changes.removed or (folders and not sources)):
            ledger.save()
            raise SourceError(", ".join(map(str, paths)), nothing_left(skipped))
        added, removed = list[Document](), tuple[str, ...]()
        if changes:  # else nobody need wait for us
            with self._changing, self._store.writing(settings.patience):
                contents = self._fresh().snapshot.contents
                changes = changes_of(contents.documents, found, folders)
                added, removed = self._apply(contents, changes, settings.reading, report)
        ledger.save()
        change = self._change(added, removed, [*changes.copies, *skipped], started)
        return replace(change, moved=tuple(changes.moved), unchanged=tuple(changes.unchanged))

    def _apply(
        self, contents: Contents, changes: Changes, reading: ReadingSettings, report: Report | None
    ) -> tuple[list[Document], tuple[str, ...]]:
        """Make `changes` in one step; return the documents that are new or changed, and the ids that are gone."""
        new = [document for arrival in changes.new if (document := arrival.read(reading))]
        if not (new or changes.moved or changes.removed):
            return [], ()
        new, replaced = in_place_of(contents.documents, new)
        moved = {
            document.id: moved_to(document, changes.moved[document.id])
            for document in contents.documents
            if document.id in changes.moved
        }
        kept = contents.without(changes.removed | replaced).relocated(moved)
        new = unique_ids(new, {document.id for document in kept.documents})
        older = contents.without({document.id for document in contents.documents} - replaced)
        encoded = Contents.encode(new, self.encoder, _progress(report), like=older)
        self._replace(kept.joined(encoded))
        return new, tuple(sorted(changes.removed - {document.id for document in new}))

    def remove(self, document_ids: Iterable[str]) -> Change:
        """Remove documents. Raises `UnknownDocument` before anything is changed."""
        started = time.perf_counter()
        with self._changing, self._store.writing(self.settings.patience):
            contents = self._fresh().snapshot.contents
            gone = dict.fromkeys(document_ids)
            for document_id in gone:
                self.document(document_id)
            self._replace(contents.without(set(gone)))
            return self._remembered(self._change((), tuple(gone), (), started))

    def revert(self, contents: Contents, *, generation: str) -> bool:
        """Go back to `contents` where `generation` is still the newest; tell whether it was."""
        with self._changing, self._store.writing(self.settings.patience):
            if self._store.current() != generation:
                return False
            self._replace(contents)
            return True

    def rebuild(self, *, encoder: Encoder | None = None, report: Report | None = None) -> Change:
        """Make the whole index anew, with the model that the settings name by now, or with `encoder`.

        A document whose file is gone stays as it is. Until it is done questions are answered from the old index.
        """
        started, settings = time.perf_counter(), self.settings
        model = settings.model
        if encoder is None:
            encoder = self.encoder if model == self.model else loaded(model)
        with self._changing, self._store.writing(settings.patience):
            documents, skipped = read_again(self._fresh().snapshot.contents.documents, settings.reading, report)
            contents = Contents.encode(documents, encoder, _progress(report))
            snapshot = Snapshot.build(contents, measure(encoder))
            self._publish(snapshot, encoder)
            self.model = model
            return self._remembered(self._change(documents, (), skipped, started))

    def _replace(self, contents: Contents) -> None:
        opened = self._opened
        self._publish(Snapshot.build(contents, opened.snapshot.probes, opened.snapshot), opened.encoder)

    def _publish(self, snapshot: Snapshot, encoder: Encoder) -> None:
        """Write a snapshot as the current generation and go on with it; the caller is the store's one writer."""
        with self._publishing:
            name = write_snapshot(self._store, snapshot, made_with(encoder))
            self._opened = OpenGeneration(name, snapshot, self._store.manifest(name), encoder)

    def _fresh(self) -> OpenGeneration:
        """Return the newest generation, which another process may have written since. Raises `IndexMismatch`."""
        opened = self._opened
        if self._store.current() == opened.name:
            return opened
        with self._publishing:
            opened = self._opened
            if self._store.current() != opened.name:
                found = open_newest(self._store)
                check_match(found.manifest, opened.encoder, self._store.folder)
                self._opened = opened = OpenGeneration(found.name, found.snapshot, found.manifest, opened.encoder)
            return opened

    def _change(
        self, added: Iterable[Document], removed: tuple[str, ...], skipped: Iterable[Skipped], started: float
    ) -> Change:
        contents = self.snapshot.contents
        return Change(
            tuple(document.id for document in added),
            removed,
            tuple(skipped),
            len(contents.documents),
            len(contents.passages),
            len(contents.windows),
            time.perf_counter() - started,
        )

    def _remembered(self, change: Change) -> Change:
        self.last_change = change
        return change


def loaded(model: ModelSettings) -> Encoder:
    """Load the embedding model that the settings name. Raises `EncoderError`."""
    return SentenceTransformerEncoder.load(model.name, model.dtype)


def _with_index(settings: Settings, folder: str | Path | None) -> Settings:
    return settings.model_copy(update={"index": Path(folder)}) if folder is not None else settings


def _progress(report: Report | None) -> Callable[[int, int], None] | None:
    if report is None:
        return None

    def progress(done: int, total: int) -> None:
        if total:
            report("encoding", done, total)

    return progress
