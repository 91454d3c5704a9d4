"""Fits when to refuse and how passages are ordered; prints what kb/answering/confidence.py holds.

    .venv/bin/python -m benchmarks.calibrate

Fitted on benchmarks/development.jsonl and the half of benchmarks/plain.jsonl that may be looked at: questions about the
shipped texts that are in no set that is reported. What each figure is worth is printed from questions that were left
out of the fit, five times over.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from kb import KnowledgeBase, Settings
from kb.answering.confidence import ACROSS, SAME, answers_alike, figures, passage_odds
from kb.answering.extractive import PASSAGES_READ, PASSAGES_WEIGHED, read_passages
from kb.evaluation.figures.measures import holds_answer
from kb.evaluation.sets.question_sets import EvaluationQuestion, load_question_set
from kb.evaluation.splits import LOOK, questions_of
from kb.reading.readings import Reader
from kb.reading.trained import TrainedReader

FILES = [Path(__file__).resolve().parent / name for name in ("development.jsonl", "plain.jsonl")]
KIND_SHARES = {"near-miss": 0.6, "unknown-name": 0.25, "off-topic": 0.15}
"""What each kind of questions without an answer counts for, whatever their number; they add up to 1."""
USUALLY_ANSWERED = 0.7
"""Share of the questions that have an answer: so that at one half 95 of 100 of those are answered."""
STRENGTH = 1.0
"""Inverse strength of the ridge."""


@dataclass(frozen=True)
class Case:
    """A question, what was read for it, and what is right."""

    asked: EvaluationQuestion
    figures: dict[str, float]
    alike: bool
    """Whether the best passage is in the question's language."""
    scores: np.ndarray
    """Of each passage read, the retrieval's score and the reader's; shape `(passages, 2)`."""
    right: np.ndarray
    """Whether it answers; shape `(passages,)`, bool."""


def case_of(base: KnowledgeBase, reader: Reader, asked: EvaluationQuestion) -> Case | None:
    """Ask one question; None where nothing is found."""
    snapshot, question = base.snapshot, base.question(asked.question)
    hits = snapshot.search(question, k=PASSAGES_WEIGHED)
    first = hits[:PASSAGES_READ]
    readings = read_passages(snapshot, question, first, reader)
    if not readings:
        return None
    best = first[int(np.argmax(passage_odds(first, readings)))]
    right = [
        asked.answerable
        and (not asked.documents or hit.passage.document_id in asked.documents)
        and holds_answer(hit.passage.text, asked.answers)
        for hit in first
    ]
    scores = [(hit.score, reading.score) for hit, reading in zip(first, readings, strict=True)]
    told = figures(snapshot, question, hits, readings)
    return Case(asked, told, answers_alike(question, best), np.array(scores), np.array(right, bool))


def fit_order(cases: Sequence[Case]) -> tuple[float, float]:
    """Fit a conditional logit (McFadden 1974): what a score and a reader's score count for among passages."""
    groups = [case for case in cases if case.right.any() and not case.right.all()]

    def loss(weights: np.ndarray) -> float:
        odds = [case.scores @ weights for case in groups]
        return -sum(
            float(np.logaddexp.reduce(o[case.right]) - np.logaddexp.reduce(o))
            for o, case in zip(odds, groups, strict=True)
        )

    sharpness, read = minimize(loss, np.array([10.0, 0.5])).x
    return float(sharpness), float(read / sharpness)


def weights_of(cases: Sequence[Case]) -> np.ndarray:
    """Return what each case counts for: answerable and unanswerable ones the same, the latter by kind."""

    def alike(a: Case, b: Case) -> bool:
        return a.asked.answerable == b.asked.answerable and (a.asked.answerable or a.asked.kind == b.asked.kind)

    return np.array(
        [
            (USUALLY_ANSWERED if a.asked.answerable else (1 - USUALLY_ANSWERED) * KIND_SHARES[a.asked.kind])
            * len(cases)
            / sum(alike(a, b) for b in cases)
            for a in cases
        ]
    )


def fit(cases: Sequence[Case], names: Sequence[str]) -> dict[str, float]:
    """Return the weights of a ridge logistic regression over figures, in their own units."""
    rows = np.array([[case.figures[name] for name in names] for case in cases])
    mean, spread = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6)
    true = [case.asked.answerable for case in cases]
    model = LogisticRegression(C=STRENGTH, max_iter=5000).fit(
        (rows - mean) / spread, true, sample_weight=weights_of(cases)
    )
    own = model.coef_[0] / spread
    return {"constant": float(model.intercept_[0] - own @ mean), **dict(zip(names, own.tolist(), strict=True))}


def odds_of(cases: Sequence[Case], weights: dict[str, float]) -> np.ndarray:
    """Return the log odds of each case."""
    return np.array([sum(w * case.figures[n] for n, w in weights.items()) for case in cases])


def unseen(cases: Sequence[Case], names: Sequence[str]) -> np.ndarray:
    """Return the log odds of each case from fits that did not see it."""
    found, true = np.zeros(len(cases)), [case.asked.answerable for case in cases]
    for some, others in StratifiedKFold(5, shuffle=True, random_state=0).split(true, true):
        weights = fit([cases[n] for n in some], names)
        found[others] = odds_of([cases[n] for n in others], weights)
    return found


def told(cases: Sequence[Case], odds: np.ndarray) -> str:
    """Return AUROC, and the share refused where .95 of the answerable ones are answered."""
    true = np.array([case.asked.answerable for case in cases])
    bar = np.quantile(odds[true], 0.05)
    return f"{roc_auc_score(true, odds):.3f} | {np.mean(odds[~true] < bar):.3f}"


def main() -> None:
    """Read, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True, help="an index of the shipped texts")
    base = KnowledgeBase.open(settings=Settings(index=parser.parse_args().index))
    reader = TrainedReader.beside(base.encoder)
    questions = [q for file in FILES for q in questions_of(load_question_set(file), LOOK, file).questions]
    cases = [c for q in questions if (c := case_of(base, reader, q))]
    sharpness, read = fit_order(cases)
    print(f"READ_WEIGHT = {read:.3f}\n_SHARPNESS = {sharpness:.1f}")
    for name, now, alike in (("SAME", SAME, True), ("ACROSS", ACROSS, False)):
        some, used = [case for case in cases if case.alike is alike], [figure for figure in now if figure != "constant"]
        print(f"{name} =", {figure: round(weight, 2) for figure, weight in fit(some, used).items()})
        print(f"| {name}, {len(some)} questions | AUROC | refused at .95 answered |\n|---|---|---|")
        print(f"| these figures | {told(some, unseen(some, used))} |")
        for left_out in used:
            rest = [figure for figure in used if figure != left_out]
            print(f"| without {left_out} | {told(some, unseen(some, rest))} |")


if __name__ == "__main__":
    main()
