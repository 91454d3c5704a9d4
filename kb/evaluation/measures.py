"""What a run is measured by. Rankings: ir-measures. Ours only where no library has it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from corpus.normalize import search_form

RANKING_MEASURES = ("R@1", "R@3", "R@10", "MRR@10", "nDCG@10")
_SPACE = re.compile(r"\s+")


def ranking_measures(relevant: Mapping[str, set[str]], ranked: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Return the mean of each ranking measure over the questions in `relevant`.

    `relevant` holds the right items of each question, `ranked` the items found, best first. R@k is the share of
    questions with a right item among the first k (Success@k), as the retrieval literature uses it. A question without
    a ranking counts as 0.
    """
    import ir_measures
    from ir_measures import RR, Qrel, ScoredDoc, Success, nDCG

    wanted = dict(zip(RANKING_MEASURES, (Success @ 1, Success @ 3, Success @ 10, RR @ 10, nDCG @ 10), strict=True))
    if not relevant:
        return dict.fromkeys(wanted, 0.0)
    # Numbers for names: the library's C code takes neither every character nor every length.
    numbers: dict[str, str] = {}

    def number(item: str) -> str:
        return numbers.setdefault(item, str(len(numbers)))

    # A question for which nothing in the index is right still counts: it gets an item that is never found.
    qrels = [Qrel(q, number(item), 1) for q, items in relevant.items() for item in (items or {"nothing is right"})]
    # Strictly decreasing scores, since ir-measures' providers break ties differently.
    run = [ScoredDoc(q, number(item), float(-place)) for q in relevant for place, item in enumerate(ranked.get(q, ()))]
    run = run or [ScoredDoc("no question", "nothing", 0.0)]
    found = ir_measures.calc_aggregate(list(wanted.values()), qrels, run)
    return {name: float(found[measure]) for name, measure in wanted.items()}


def holds_answer(text: str, answers: Iterable[str]) -> bool:
    """Tell whether any of `answers` stands in `text`, both in the search form without white space."""
    form = _tight(text)
    return any(_tight(answer) in form for answer in answers)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Return the chance that a positive scores above a negative (ties half), None where either is missing."""
    if not positive or not negative:
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score([1] * len(positive) + [0] * len(negative), [*positive, *negative]))


def f1(true_positive: int, false_positive: int, false_negative: int) -> float:
    """Return the harmonic mean of precision and recall; 0 where there is nothing."""
    total = 2 * true_positive + false_positive + false_negative
    return 2 * true_positive / total if total else 0.0


def mean(values: Iterable[float]) -> float:
    """Return the mean, 0 of nothing."""
    numbers = list(values)
    return float(np.mean(numbers)) if numbers else 0.0


def _tight(text: str) -> str:
    return _SPACE.sub("", search_form(text))
