"""Print what bfloat16 does to answers: the same questions of indexes made and asked in each dtype, beside float32.

    CCO_SHARED=../shared .venv/bin/python -m benchmarks.precision [--paragraphs 120] [--questions 200]

Public sets are looked for in CCO_SHARED/bench; of each the first paragraphs and their first questions are taken, and as
many of the shipped ones.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from corpus.documents import Document
from corpus.readers import read_document
from kb.asking.answered import answered
from kb.evaluation.kept_vectors import KeptVectors
from kb.evaluation.sets.question_sets import load_question_set
from kb.evaluation.sets.squad import load_squad
from kb.knowledge_base import KnowledgeBase
from kb.library.in_use import InUse
from kb.question.understanding import Understood
from kb.settings.schema import Settings
from retrieval.models.encoder import SentenceTransformerEncoder

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ("kb/evaluation/questions.jsonl", "benchmarks/near_misses.jsonl")
PUBLIC = ("cmrc2018_trial.zh-Hans.json", "drcd_test.zh-Hant.json", "poquad_a.pl.json")
DTYPES = ("float32", "bfloat16")


@dataclass(frozen=True)
class Asked:
    """A question, and the document that it has, where it has one alone."""

    question: str
    document: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a question."""

    first: tuple[str, int]
    """The passage found first: its document and where it starts."""
    quotes: tuple[tuple[str, int, int], ...]
    confidence: float
    answered: bool


def main() -> None:
    """Ask each set of every pair of dtypes and print one row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paragraphs", type=int, default=120)
    parser.add_argument("--questions", type=int, default=200)
    options = parser.parse_args()
    encoders = {dtype: KeptVectors(SentenceTransformerEncoder.load(dtype=dtype)) for dtype in DTYPES}  # type: ignore[arg-type]
    print(
        "| set | index / question in | same passage first | R@1 | same quotes | same verdict "
        "| confidence apart: mean, most, within .02 |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, documents, asked in sets(options.paragraphs, options.questions):
        with tempfile.TemporaryDirectory() as folder:
            told = outcomes(documents, asked, encoders, Path(folder))
        usual = told["float32", "float32"]
        for pair, found in told.items():
            print(row(name, pair, asked, usual, found), flush=True)


def sets(paragraphs: int, questions: int) -> Iterator[tuple[str, list[Document], list[Asked]]]:
    """Yield every set there is: its name, its documents, its questions."""
    texts = [read_document(file) for file in sorted((ROOT / "corpus" / "texts").glob("*.md"))]
    own = [one.question for file in SHIPPED for one in load_question_set(ROOT / file).questions]
    yield "shipped, near misses", texts, [Asked(question) for question in own[:: max(1, len(own) // questions)]]
    shared = os.environ.get("CCO_SHARED")
    if not shared:
        print("CCO_SHARED is not set: the public question sets are left out", file=sys.stderr)
        return
    for file in PUBLIC:
        loaded, documents = load_squad(Path(shared) / "bench" / file)
        first = {document.id for document in documents[:paragraphs]}
        asked = [Asked(q.question, q.documents[0]) for q in loaded.questions if q.documents and q.documents[0] in first]
        yield file, documents[:paragraphs], asked[:questions]


def outcomes(
    documents: Sequence[Document], asked: Sequence[Asked], encoders: dict[str, KeptVectors], folder: Path
) -> dict[tuple[str, str], list[Outcome]]:
    """Ask all questions of an index made in each dtype, encoded in each."""
    bases = {
        dtype: KnowledgeBase.of_documents(documents, settings=Settings(index=folder / dtype), encoder=encoder)
        for dtype, encoder in encoders.items()
    }
    return {
        (made, put): [outcome(bases[made], encoders[put], one.question) for one in asked if one.question.strip()]
        for made, put in itertools.product(DTYPES, DTYPES)
    }


def outcome(base: KnowledgeBase, encoder: KeptVectors, question: str) -> Outcome:
    """Ask `base` with `encoder` in place of the one that made it."""
    opened = replace(base.opened, encoder=encoder)
    ready = Understood.by(question, base.lexicon, opened.snapshot, encoder)
    answer = answered(opened, ready, InUse(base.settings), base.lexicon)
    first = answer.hits[0].passage if answer.hits else None
    quotes = tuple((citation.document_id, citation.start, citation.end) for citation in answer.citations)
    return Outcome((first.document_id, first.start) if first else ("", 0), quotes, answer.confidence, answer.answered)


def row(
    name: str, pair: tuple[str, str], asked: Sequence[Asked], usual: Sequence[Outcome], found: Sequence[Outcome]
) -> str:
    """Return a row of the table."""
    both = list(zip(usual, found, strict=True))

    def share(alike: Sequence[bool]) -> str:
        return f"{sum(alike)} of {len(alike)}"

    apart = np.array([abs(a.confidence - b.confidence) for a, b in both])
    right = [b.first[0] == one.document for b, one in zip(found, asked, strict=True) if one.document]
    cells = (
        name,
        " / ".join(pair),
        share([a.first == b.first for a, b in both]),
        f"{np.mean(right):.3f}" if right else "",
        share([a.quotes == b.quotes for a, b in both]),
        share([a.answered == b.answered for a, b in both]),
        f"{apart.mean():.4f}, {apart.max():.3f}, {share([bool(one <= 0.02) for one in apart])}",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
