"""What one question is measured by. Rankings: ir-measures. Ours only where no library has it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from corpus.text.normalize import HAN, search_form

RANKING_MEASURES = ("R@1", "R@3", "R@10", "MRR@10", "nDCG@10")
"""What INTERFACE promises."""
ALL_RANKING_MEASURES = ("R@1", "R@3", "R@5", "R@10", "MRR@10", "nDCG@10", "MAP@10")
_SPACE = re.compile(r"\s+")
_WORDS = re.compile(rf"[{HAN}]|[^\W_{HAN}]+")
"""Each Han character, and each run of other letters and digits."""


def ranking_values(relevant: Mapping[str, set[str]], ranked: Mapping[str, Sequence[str]]) -> dict[str, list[float]]:
    """Return each ranking measure for every question in `relevant`, in its order.

    `relevant` holds the right items of each question, `ranked` the items found, best first. R@k is 1 where a right item
    is among the first k (Success@k), as the retrieval literature uses it. A question without a ranking, or for which
    nothing is right, gets 0.
    """
    import ir_measures
    from ir_measures import AP, RR, Qrel, ScoredDoc, Success, nDCG

    library = (Success @ 1, Success @ 3, Success @ 5, Success @ 10, RR @ 10, nDCG @ 10, AP @ 10)
    names = dict(zip(map(str, library), ALL_RANKING_MEASURES, strict=True))
    values = {name: dict.fromkeys(relevant, 0.0) for name in ALL_RANKING_MEASURES}
    # Numbers for names: the library's C code takes neither every character nor every length.
    numbers: dict[str, str] = {}

    def number(item: str) -> str:
        return numbers.setdefault(item, str(len(numbers)))

    qrels = [Qrel(q, number(item), 1) for q, items in relevant.items() for item in items]
    # Strictly decreasing scores, since ir-measures' providers break ties differently.
    run = [ScoredDoc(q, number(item), float(-place)) for q in relevant for place, item in enumerate(ranked.get(q, ()))]
    if qrels and run:
        for metric in ir_measures.iter_calc(list(library), qrels, run):
            values[names[str(metric.measure)]][metric.query_id] = float(metric.value)
    return {name: list(by_question.values()) for name, by_question in values.items()}


def ranking_measures(relevant: Mapping[str, set[str]], ranked: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Return the mean of each promised ranking measure over the questions in `relevant`; 0 without any."""
    values = ranking_values(relevant, ranked)
    return {name: mean(values[name]) for name in RANKING_MEASURES}


def holds_answer(text: str, answers: Iterable[str]) -> bool:
    """Tell whether any of `answers` stands in `text`, both in the search form without white space."""
    form = tight(text)
    return any(tight(answer) in form for answer in answers)


def overlap_f1(said: str, answers: Iterable[str]) -> float:
    """Return the F1 of what is said with the nearest of `answers`: of characters for Han, of words for other scripts.

    As SQuAD's own (Rajpurkar et al., 2016), a bag of tokens; each Han character is one, as CMRC 2018 and DRCD have it,
    and all are taken in the search form, so that neither script nor case nor marks count.
    """
    told = Counter(_WORDS.findall(search_form(said)))
    return max((_bag_f1(told, Counter(_WORDS.findall(search_form(answer)))) for answer in answers), default=0.0)


def _bag_f1(a: Counter[str], b: Counter[str]) -> float:
    shared = (a & b).total()
    return 2 * shared / (a.total() + b.total()) if shared else 0.0


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Return the chance that a positive scores above a negative (ties half), None where either is missing."""
    if not positive or not negative:
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score([1] * len(positive) + [0] * len(negative), [*positive, *negative]))


def f1(true_positive: float, false_positive: float, false_negative: float) -> float:
    """Return the harmonic mean of precision and recall; 0 where there is nothing."""
    total = 2 * true_positive + false_positive + false_negative
    return 2 * true_positive / total if total else 0.0


def mean(values: Iterable[float]) -> float:
    """Return the mean, 0 of nothing."""
    numbers = list(values)
    return float(np.mean(numbers)) if numbers else 0.0


def tight(text: str) -> str:
    """Return the search form without white space."""
    return _SPACE.sub("", search_form(text))
