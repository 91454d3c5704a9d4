"""What an index holds, told without loading a model: its documents, and the concepts that they speak of."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kb.settings.schema import Settings
from kb.terms.concepts import Concept, found
from kb.terms.lexicon import Lexicon
from retrieval.index.snapshot import Snapshot
from retrieval.storage.folder import Store
from retrieval.storage.persistence import open_newest


def snapshot(settings: Settings) -> Snapshot:
    """Open the newest generation of the settings' index. Raises `IndexMissing` and its kin."""
    return open_newest(Store(settings.index)).snapshot


def documents(settings: Settings) -> list[dict[str, Any]]:
    """Return what the index's documents are. Raises `IndexMissing` and its kin."""
    return documents_of(snapshot(settings))


def documents_of(opened: Snapshot) -> list[dict[str, Any]]:
    """Return what the documents of `opened` are."""
    contents = opened.contents
    passages = Counter(passage.document_id for passage in contents.passages)
    return [
        {
            "id": document.id,
            "title": document.title,
            "language": document.language,
            "source": document.source,
            "date": document.date,
            "characters": len(document.text),
            "passages": passages[document.id],
        }
        for document in contents.documents
    ]


def concepts(name: str | None, opened: Snapshot | None) -> list[dict[str, Any]]:
    """Return the concepts that `name` names, all without one, and which documents of `opened` speak of them.

    Raises `UnknownConcept`.
    """
    lexicon = Lexicon.load()
    chosen = found(name, lexicon.concepts) if name is not None else lexicon.concepts
    return [_told(concept, lexicon, opened) for concept in chosen]


def _told(concept: Concept, lexicon: Lexicon, opened: Snapshot | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": concept.id,
        "kind": concept.kind,
        "names": dict(concept.names),
        "abbreviations": list(concept.abbreviations),
    }
    if opened is not None:
        numbers = lexicon.speaking_of(concept, opened)
        counts = Counter(opened.contents.passages[number].document_id for number in numbers)
        told["documents"] = [
            {
                "id": document.id,
                "title": document.title,
                "language": document.language,
                "passages": counts[document.id],
            }
            for document in opened.contents.documents
            if counts[document.id]
        ]
    return told
