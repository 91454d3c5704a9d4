"""The public face: open or build a knowledge base, change it, search it, ask it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from corpus.documents import Document
from corpus.readers import Skipped, SourceError, find_sources, read_document
from corpus.segment import normalizer
from kb.answers import Answer, AnswerSentence, Citation
from kb.checking import Cosines
from kb.confidence import confidence
from kb.conversation import completed
from kb.extractive import candidates, chosen, evidence
from kb.lexicon import Lexicon
from kb.llm import LlmAnswerer, OnText
from kb.phrases import refusal, stand_in
from kb.settings import Settings
from retrieval.encoder import Encoder, SentenceTransformerEncoder
from retrieval.index import Contents, Hit, Mode, Question, Snapshot
from retrieval.persistence import load_snapshot, save_snapshot
from retrieval.probes import measure
from retrieval.reranking import CrossEncoderReranker, reranked
from retrieval.storage import IndexMismatch, IndexMissing, Manifest, Store

LONGEST_QUESTION = 2000
"""Characters; more than any question and less than a pasted book."""

Report = Callable[[str, int, int], None]
"""Called with what is being done („reading", „encoding"), how much is done and how much there is."""


class QuestionError(ValueError):
    """A question that cannot be asked; the message says what was got and what is expected."""


class UnknownDocument(KeyError):
    """There is no document with this id."""

    def __str__(self) -> str:
        return str(self.args[0])


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


class KnowledgeBase:
    """Source texts in an index on disk, and the questions that they answer. Safe to ask from several threads."""

    def __init__(
        self, store: Store, encoder: Encoder, settings: Settings, snapshot: Snapshot, manifest: Manifest, name: str
    ) -> None:
        self._store, self._encoder, self.settings = store, encoder, settings
        self._state = (name, snapshot, manifest)
        self._changing = threading.Lock()
        self.lexicon = Lexicon.load()
        self._reranker = CrossEncoderReranker(settings.reranker.model) if settings.reranker.model else None
        self._llm = LlmAnswerer(settings.llm) if settings.llm.base_url else None

    # ------------------------------------------------------------------------------------------- named constructors

    @classmethod
    def open(
        cls, folder: str | Path | None = None, *, settings: Settings | None = None, encoder: Encoder | None = None
    ) -> KnowledgeBase:
        """Open the index in `folder`, by default the settings'.

        Raises `IndexMissing`, `IndexDamaged`, or `IndexMismatch` where it was made with another model or normaliser.
        """
        settings = _with_index(settings or Settings.load(), folder)
        store = Store(settings.index)
        generation, manifest = store.open(store.current())
        encoder = encoder or SentenceTransformerEncoder.load(settings.model)
        _check(manifest, encoder, settings.index)
        return cls(store, encoder, settings, load_snapshot(generation), manifest, generation.name)

    @classmethod
    def build(
        cls,
        paths: Iterable[str | Path],
        folder: str | Path | None = None,
        *,
        settings: Settings | None = None,
        encoder: Encoder | None = None,
        report: Report | None = None,
    ) -> KnowledgeBase:
        """Index files and folders into `folder`, in place of what was there; `last_change` tells what was skipped."""
        settings = _with_index(settings or Settings.load(), folder)
        sources, skipped = find_sources(paths)
        documents, unreadable = _read(sources, report)
        encoder = encoder or SentenceTransformerEncoder.load(settings.model)
        return cls.of_documents(
            documents, settings=settings, encoder=encoder, skipped=[*skipped, *unreadable], report=report
        )

    @classmethod
    def of_documents(
        cls,
        documents: Sequence[Document],
        *,
        settings: Settings,
        encoder: Encoder,
        skipped: Sequence[Skipped] = (),
        report: Report | None = None,
    ) -> KnowledgeBase:
        """Index `documents` into the settings' folder, in place of what was there. Raises `SourceError` without any."""
        if not documents:
            raise SourceError(str(settings.index), _nothing_left(skipped))
        started = time.perf_counter()
        Lexicon.load()  # its names are part of the normaliser
        store = Store(settings.index)
        with store.writing():
            contents = Contents.encode(_unique_ids(documents, set()), encoder, _progress(report))
            snapshot = Snapshot.build(contents, measure(encoder))
            name, manifest = _write(store, snapshot, encoder)
        base = cls(store, encoder, settings, snapshot, manifest, name)
        base._remember(contents.documents, (), skipped, started)
        return base

    # -------------------------------------------------------------------------------------------------------- reading

    @property
    def manifest(self) -> Manifest:
        """What the open generation holds and was made with."""
        return self._state[2]

    @property
    def encoder(self) -> Encoder:
        """The model in use."""
        return self._encoder

    @property
    def snapshot(self) -> Snapshot:
        """The generation in use; a reader that keeps it sees one state throughout."""
        return self._state[1]

    def documents(self) -> list[Document]:
        """Return the documents in the order in which they were added."""
        return list(self.snapshot.contents.documents)

    def document(self, document_id: str) -> Document:
        """Return one document. Raises `UnknownDocument`."""
        try:
            return self.snapshot.documents[document_id]
        except KeyError:
            raise UnknownDocument(f"no document {document_id!r} here; cco docs lists them") from None

    def question(self, text: str) -> Question:
        """Make a question ready for the generation in use. Raises `QuestionError`."""
        return self._ready(self._fresh(), text)

    def _ready(self, snapshot: Snapshot, text: str) -> Question:
        # Of the snapshot that will be searched: its numbers of passages mean nothing in another generation.
        return snapshot.question(checked_question(text), self._encoder, expand=self.lexicon.expand)

    def search(self, query: str, k: int = 10, *, mode: Mode = "hybrid", languages: Collection[str] = ()) -> list[Hit]:
        """Return the `k` best passages for `query`, best first. Raises `QuestionError`."""
        snapshot = self._fresh()
        return self._hits(snapshot, self._ready(snapshot, query), k, mode, languages)

    def _hits(
        self, snapshot: Snapshot, question: Question, k: int, mode: Mode = "hybrid", languages: Collection[str] = ()
    ) -> list[Hit]:
        if self._reranker is None:
            return snapshot.search(question, k=k, mode=mode, languages=languages)
        depth = self.settings.reranker.depth
        hits = snapshot.search(question, k=max(k, depth), mode=mode, languages=languages)
        return reranked(hits, question.text, self._reranker, depth)[:k]

    def ask(
        self,
        question: str,
        *,
        k: int | None = None,
        languages: Collection[str] = (),
        history: Sequence[str] = (),
        on_text: OnText | None = None,
    ) -> Answer:
        """Answer in cited sentences, the sources' own or a language model's, or say that the sources do not answer.

        `history` holds the questions asked before, the newest last, from which one that leans on them is completed.
        `on_text` is given a model's sentences as they become final; should the model then fail, the answer that is
        returned holds other ones. Raises `QuestionError`.
        """
        started = time.perf_counter()
        snapshot = self._fresh()
        own = checked_question(question)
        understood = completed(own, history, self.lexicon) if history else own
        asked = self._ready(snapshot, understood)
        answer = self.answer(snapshot, asked, k=k, languages=languages, encode_ms=_ms(started), on_text=on_text)
        return answer if understood == own else replace(answer, question=own, completed=understood)

    def answer(
        self,
        snapshot: Snapshot,
        question: Question,
        *,
        k: int | None = None,
        languages: Collection[str] = (),
        encode_ms: float = 0.0,
        on_text: OnText | None = None,
    ) -> Answer:
        """Answer a question that has been made ready for `snapshot`."""
        started = time.perf_counter()
        hits = self._hits(snapshot, question, max(k or self.settings.passages, 10), languages=languages)
        search_ms = _ms(started)
        ranked = candidates(snapshot, question, hits)
        sure = confidence(evidence(snapshot, question, hits, ranked))
        spans = chosen(snapshot, question, ranked, most=self.settings.answer.most_sentences)
        answered = bool(spans) and sure >= self.settings.answer.refuse_below
        sentences, citations = _cited(snapshot, spans) if answered else ((), ())
        answer_ms = _ms(started) - search_ms
        quoted = Answer(
            question=question.text,
            language=question.language,
            answered=answered,
            confidence=sure,
            engine="extractive",
            text=_joined(sentences) if answered else refusal(question.language),
            sentences=sentences,
            citations=citations,
            hits=tuple(hits[: k or self.settings.passages]),
            timings_ms={
                "encode": encode_ms,
                "search": search_ms,
                "answer": answer_ms,
                "total": encode_ms + search_ms + answer_ms,
            },
        )
        # What the sources do not answer a model is not asked.
        return self._in_its_words(quoted, snapshot, question, on_text) if self._llm and answered else quoted

    def _in_its_words(self, quoted: Answer, snapshot: Snapshot, question: Question, on_text: OnText | None) -> Answer:
        """Return the language model's answer, or `quoted` and why it stands in."""
        assert self._llm is not None
        started = time.perf_counter()
        drafted = self._llm.answer(snapshot, question, quoted.hits, Cosines(snapshot, self._encoder), on_text)
        spent = _ms(started)
        timings = quoted.timings_ms | {"llm": spent, "total": quoted.timings_ms["total"] + spent}
        if not drafted.sentences:
            reason = stand_in(drafted.reason, question.language, drafted.status)
            return replace(quoted, reason=reason, dropped=drafted.dropped, timings_ms=timings)
        return replace(
            quoted,
            engine="llm",
            text=_joined(drafted.sentences),
            sentences=drafted.sentences,
            citations=drafted.citations,
            dropped=drafted.dropped,
            timings_ms=timings,
        )

    # ------------------------------------------------------------------------------------------------------- changing

    def add(self, paths: Iterable[str | Path], *, report: Report | None = None) -> Change:
        """Add files and folders; a changed file takes its older self's place, one whose bytes are there is left alone.

        Raises `SourceError` when nothing in `paths` could be read; what was indexed stays as it was.
        """
        started = time.perf_counter()
        sources, skipped = find_sources(paths)
        documents, unreadable = _read(sources, report)
        if not documents:
            raise SourceError(", ".join(map(str, paths)), _nothing_left([*skipped, *unreadable]))
        with self._changing, self._store.writing():
            contents = self._fresh().contents
            known = {document.digest: document for document in contents.documents}
            new = [d for d in documents if d.digest not in known]
            skipped += [
                Skipped(d.source, f"is there already, as {known[d.digest].id}") for d in documents if d.digest in known
            ]
            if new:
                new, replaced = _in_place_of(contents.documents, new)
                kept = contents.without(replaced)
                new = _unique_ids(new, {document.id for document in kept.documents})
                self._replace(kept.joined(Contents.encode(new, self._encoder, _progress(report))))
            return self._remember(new, (), [*skipped, *unreadable], started)

    def remove(self, document_ids: Iterable[str]) -> Change:
        """Remove documents. Raises `UnknownDocument` before anything is changed."""
        started = time.perf_counter()
        with self._changing, self._store.writing():
            contents = self._fresh().contents
            gone = dict.fromkeys(document_ids)
            for document_id in gone:
                self.document(document_id)
            self._replace(contents.without(set(gone)))
            return self._remember((), tuple(gone), (), started)

    def _replace(self, contents: Contents) -> None:
        snapshot = Snapshot.build(contents, self.snapshot.probes)
        name, manifest = _write(self._store, snapshot, self._encoder)
        self._state = (name, snapshot, manifest)

    def _fresh(self) -> Snapshot:
        """Return the newest generation, which another process may have written since."""
        name = self._store.current()
        if name != self._state[0]:
            generation, manifest = self._store.open(name)
            _check(manifest, self._encoder, self._store.folder)
            self._state = (name, load_snapshot(generation), manifest)
        return self._state[1]

    def _remember(
        self, added: Iterable[Document], removed: tuple[str, ...], skipped: Iterable[Skipped], started: float
    ) -> Change:
        contents = self.snapshot.contents
        self.last_change = Change(
            tuple(document.id for document in added),
            removed,
            tuple(skipped),
            len(contents.documents),
            len(contents.passages),
            len(contents.windows),
            time.perf_counter() - started,
        )
        return self.last_change


def checked_question(text: str) -> str:
    """Return `text` trimmed. Raises `QuestionError` where it is empty, too long or holds no word."""
    trimmed = text.strip()
    if not trimmed:
        raise QuestionError("the question is empty; type one")
    if len(trimmed) > LONGEST_QUESTION:
        raise QuestionError(
            f"the question has {len(trimmed):,} characters, at most {LONGEST_QUESTION:,} are read; shorten it"
        )
    if not any(character.isalnum() for character in trimmed):
        raise QuestionError("the question holds no word or figure; type one in words")
    return trimmed


def _with_index(settings: Settings, folder: str | Path | None) -> Settings:
    return settings.model_copy(update={"index": Path(folder)}) if folder is not None else settings


def _check(manifest: Manifest, encoder: Encoder, folder: Path) -> None:
    Lexicon.load()  # its names are part of the normaliser
    again = f"make it anew: cco index PATH ... --rebuild --index {folder}"
    if manifest.normalizer != normalizer():
        raise IndexMismatch(
            f"the index in {folder} was made with normaliser {manifest.normalizer}, this program has {normalizer()}; "
            f"{again}"
        )
    if manifest.model_digest != encoder.digest:
        raise IndexMismatch(
            f"the index in {folder} was made with the model {manifest.model} ({manifest.model_digest[:8]}), not with "
            f"{encoder.name} ({encoder.digest[:8]}); open it with --model {manifest.model}, "
            f"or {again} --model {encoder.name}"
        )


def _read(sources: Sequence[Path], report: Report | None) -> tuple[list[Document], list[Skipped]]:
    documents, skipped = [], []
    for number, path in enumerate(sources, 1):
        try:
            documents.append(read_document(path))
        except SourceError as error:
            skipped.append(Skipped(str(path), error.reason))
        if report:
            report("reading", number, len(sources))
    return documents, skipped


def _nothing_left(skipped: Sequence[Skipped]) -> str:
    reasons = "; ".join(f"{item.path}: {item.reason}" for item in list(skipped)[:3])
    return f"nothing to index ({reasons})" if reasons else "nothing to index"


def _in_place_of(documents: Iterable[Document], new: Sequence[Document]) -> tuple[list[Document], set[str]]:
    """Return `new` under the ids of their older selves, and these ids.

    A document is an older self where it came from the same file, or where the new one's front matter names its id.
    """
    by_path = {document.path: document.id for document in documents if document.path}
    ids = {document.id for document in documents}
    placed, replaced = [], set[str]()
    for document in new:
        older = by_path.get(document.path)
        if older is None and "id" in document.metadata and document.id in ids:
            older = document.id
        if older is not None:
            replaced.add(older)
        placed.append(replace(document, id=older) if older is not None else document)
    return placed, replaced


def _unique_ids(documents: Sequence[Document], taken: set[str]) -> list[Document]:
    """Give a number to each id that two documents share."""
    unique = []
    for document in documents:
        name, number = document.id, 2
        while name in taken:
            name, number = f"{document.id}-{number}", number + 1
        taken.add(name)
        unique.append(document if name == document.id else replace(document, id=name))
    return unique


def _write(store: Store, snapshot: Snapshot, encoder: Encoder) -> tuple[str, Manifest]:
    contents = snapshot.contents

    def fill(folder: Path) -> dict[str, object]:
        save_snapshot(snapshot, folder)
        return {
            "normalizer": normalizer(),
            "model": encoder.name,
            "model_digest": encoder.digest,
            "dimension": encoder.dimension,
            "dtype": encoder.dtype,
            "documents": len(contents.documents),
            "passages": len(contents.passages),
            "windows": len(contents.windows),
            "settings": {},
            "dense": asdict(snapshot.dense.facts),
        }

    name = store.write(fill)
    return name, store.open(name)[1]


def _progress(report: Report | None) -> Callable[[int, int], None] | None:
    return (lambda done, total: report("encoding", done, total)) if report else None


def _cited(
    snapshot: Snapshot, spans: Sequence[tuple[Hit, tuple[int, int]]]
) -> tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]:
    sentences, citations = [], []
    for number, (hit, span) in enumerate(spans, 1):
        citation = Citation.of(number, snapshot.documents[hit.passage.document_id], hit, span)
        citations.append(citation)
        sentences.append(AnswerSentence(citation.quote, (number,)))
    return tuple(sentences), tuple(citations)


def _joined(sentences: Sequence[AnswerSentence]) -> str:
    return " ".join(
        f"{sentence.text} " + "".join(f"[{number}]" for number in sentence.citations) for sentence in sentences
    )


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1e3


__all__ = ["Change", "IndexMissing", "KnowledgeBase", "QuestionError", "UnknownDocument", "checked_question"]
