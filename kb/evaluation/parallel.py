"""The mixed-pool probe: does a question find its translation among near-misses in its own language?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from corpus.documents import Document
from kb.evaluation.question_sets import QuestionSetError
from kb.lexicon import Lexicon
from retrieval.centring import LanguageMeans
from retrieval.encoder import Encoder, Progress
from retrieval.index import Contents, Snapshot
from retrieval.probes import measure

_QUERIES = 500


def mixed_pool(
    translations: Mapping[str, Sequence[str]], pair: str, encoder: Encoder, progress: Progress | None = None
) -> dict[str, Any]:
    """Ask the first lines in one language of a pool of the same lines in another and the other lines in its own.

    `pair` is `FROM:TO` in language tags. Right is the line's own translation; R@1 is the share of lines that find it
    first. The questions' language mean is that of the questions themselves, as DESIGN has it for sets of questions.
    Raises `QuestionSetError` where a language is missing.
    """
    source, _, target = pair.partition(":")
    missing = [tag for tag in (source, target) if tag not in translations]
    if missing:
        raise QuestionSetError(f"{pair!r}: no column {', '.join(missing)}; the file has {', '.join(translations)}")
    queries = translations[source][:_QUERIES]
    lines = [(target, text) for text in translations[target][:_QUERIES]]
    lines += [(source, text) for text in translations[source][_QUERIES : 2 * _QUERIES]]
    documents = [Document(str(n), "", text, tag, "", str(n)) for n, (tag, text) in enumerate(lines)]
    lexicon = Lexicon.load()
    snapshot = Snapshot.build(Contents.encode(documents, encoder, progress), measure(encoder))
    snapshot = _with_own_question_mean(snapshot, source, queries, encoder)
    questions = snapshot.questions(queries, encoder, [source] * len(queries), lexicon.expand)
    found = [snapshot.search(question, k=1) for question in questions]
    right = [bool(hits) and hits[0].passage.document_id == str(n) for n, hits in enumerate(found)]
    return {"pair": f"{source}>{target}", "n": len(queries), "R@1": float(np.mean(right))}


def _with_own_question_mean(snapshot: Snapshot, language: str, queries: Sequence[str], encoder: Encoder) -> Snapshot:
    from corpus.normalize import encoder_form

    own = encoder.encode_queries([encoder_form(text) for text in queries]).mean(axis=0)
    means = LanguageMeans(snapshot.means.documents, {**snapshot.means.questions, language: own})
    return Snapshot(snapshot.contents, snapshot.dense, snapshot.sparse, means, snapshot.probes)
