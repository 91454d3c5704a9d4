"""The mixed-pool probe: does a question find its translation among near-misses in its own language?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus.documents import Document
from kb.evaluation.figures.summary import retrieval
from kb.evaluation.manifest import surroundings, without_folder
from kb.evaluation.sets.faults import QuestionSetError, fault
from kb.settings.schema import Settings
from kb.terms.lexicon import Lexicon
from retrieval.index.contents import Contents
from retrieval.index.snapshot import Hit, Snapshot
from retrieval.languages.centring import LanguageMeans
from retrieval.languages.probes import measure
from retrieval.models.encoder import Encoder, Progress

_QUERIES = 500
_DEPTH = 10


def probe(
    file: Path,
    translations: Mapping[str, Sequence[str]],
    pair: str,
    encoder: Encoder,
    settings: Settings,
    progress: Progress | None = None,
    asked: Callable[[int], bool] | None = None,
) -> dict[str, Any]:
    """Return the run of `mixed_pool` with every line of it, its measures and what it depends on.

    `asked` tells which lines are asked, by their number from 0; all are in the pool.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    records = [
        record
        for number, record in enumerate(mixed_pool_records(translations, pair, encoder, progress))
        if asked is None or asked(number)
    ]
    if not records:
        raise QuestionSetError(file, fault("other", detail=f"none of the lines is asked of {pair}"))
    told = json.dumps(translations, ensure_ascii=False, sort_keys=True).encode()
    return {
        **_short(records),
        "manifest": {
            "started": started,
            **surroundings(settings),
            "model": {"name": without_folder(encoder.name), "digest": encoder.digest, "dtype": encoder.dtype},
            "questions": {"file": file.name, "sha256": hashlib.sha256(told).hexdigest(), "n": len(records)},
        },
        "retrieval": retrieval(records),
        "questions": records,
    }


def mixed_pool(
    translations: Mapping[str, Sequence[str]], pair: str, encoder: Encoder, progress: Progress | None = None
) -> dict[str, Any]:
    """Ask the first lines in one language of a pool of the same lines in another and the other lines in its own.

    `pair` is `FROM:TO` in language tags. Right is the line's own translation; R@1 is the share of lines that find it
    first. The questions' language mean is that of the questions themselves, as DESIGN has it for sets of questions.
    Raises `QuestionSetError` where a language is missing.
    """
    return _short(mixed_pool_records(translations, pair, encoder, progress))


def mixed_pool_records(
    translations: Mapping[str, Sequence[str]], pair: str, encoder: Encoder, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """Return for each line that was asked what came of it, in the form of a run's `questions`."""
    source, _, target = pair.partition(":")
    missing = [tag for tag in (source, target) if tag not in translations]
    if missing:
        detail = f"{pair!r}: no column {', '.join(missing)}; the file has {', '.join(translations)}"
        raise QuestionSetError(None, fault("other", detail=detail))
    queries = translations[source][:_QUERIES]
    lines = [(target, text) for text in translations[target][:_QUERIES]]
    lines += [(source, text) for text in translations[source][_QUERIES : 2 * _QUERIES]]
    documents = [Document(str(n), "", text, tag, "", str(n)) for n, (tag, text) in enumerate(lines)]
    lexicon = Lexicon.load()
    snapshot = Snapshot.build(Contents.encode(documents, encoder, progress), measure(encoder))
    snapshot = _with_own_question_mean(snapshot, source, queries, encoder)
    words = [lexicon.expand(query, source, snapshot) for query in queries]
    questions = snapshot.questions(queries, encoder, [source] * len(queries), words)
    records = []
    for number, (query, question) in enumerate(zip(queries, questions, strict=True)):
        found = snapshot.search(question, k=_DEPTH)
        records.append(_record(number, query, translations[target][number], (source, target), found))
    return records


def _record(number: int, query: str, right: str, pair: tuple[str, str], found: Sequence[Hit]) -> dict[str, Any]:
    ranked = list(dict.fromkeys(hit.passage.document_id for hit in found))
    rank = next((place for place, item in enumerate(ranked, 1) if item == str(number)), None)
    shown = {} if rank == 1 else {"shown": {"found": _excerpt(found[:1]), "right": _line(right, pair[1]), "rank": rank}}
    return {
        "id": f"{pair[0]}-{number + 1}",
        "language": pair[0],
        "pair": ">".join(pair),
        "kind": "",
        "question": query,
        "answerable": True,
        "rank": rank,
        "ranked": ranked,
        "right": [str(number)],
        "fault": None if rank == 1 else "not_first",
        **shown,
    }


def _excerpt(found: Sequence[Hit]) -> dict[str, Any] | None:
    return _line(found[0].passage.text, found[0].passage.language) if found else None


def _line(text: str, language: str) -> dict[str, Any]:
    return {"document_id": "", "title": "", "section": "", "language": language, "text": text}


def _short(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "pair": records[0]["pair"],
        "n": len(records),
        "R@1": sum(record["rank"] == 1 for record in records) / len(records),
    }


def _with_own_question_mean(snapshot: Snapshot, language: str, queries: Sequence[str], encoder: Encoder) -> Snapshot:
    from corpus.text.normalize import encoder_form

    own = encoder.encode_queries([encoder_form(text) for text in queries]).mean(axis=0)
    means = LanguageMeans(snapshot.means.documents, {**snapshot.means.questions, language: own})
    return Snapshot(snapshot.contents, snapshot.dense, snapshot.sparse, means, snapshot.probes)
