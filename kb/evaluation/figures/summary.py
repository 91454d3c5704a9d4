"""A run's figures, each with its count and a 95 % interval, over all questions and by language, pair and kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kb.evaluation.figures.bootstrap import Figure, exact, intervals, means
from kb.evaluation.figures.calibration import area_under_risk, auroc_of, calibration_error, reliability, risk_coverage
from kb.evaluation.figures.measures import ranking_values

Record = Mapping[str, Any]
"""What a run keeps of one question: a line of its `questions`."""
GROUPS: Mapping[str, Callable[[Record], str | None]] = {
    "by_language": lambda record: record["language"],
    "by_pair": lambda record: record["pair"],
    "by_kind": lambda record: record["kind"],
}
_PERCENTILES = (50, 90, 95, 99)
_STAGES = ("encode", "search", "answer", "llm", "total")


def summary(records: Sequence[Record]) -> dict[str, Any]:
    """Return all measures over `records`, and the records under `questions`."""
    answerable = [record for record in records if record["answerable"]]
    return {
        "retrieval": retrieval(records),
        "answers": _by_group(answerable, _answers),
        "refusal": _flat(records, _refusal),
        "calibration": _by_group(records, _calibration),
        "risk_coverage": _by_group(records, _risk_coverage),
        "latency_ms": _flat(records, _latency),
        "questions": list(records),
    }


def retrieval(records: Sequence[Record]) -> dict[str, Any]:
    """Return the measures of the rankings, over the questions that the sources answer."""
    answerable = [record for record in records if record["answerable"]]
    relevant = {str(n): set(record["right"]) for n, record in enumerate(answerable)}
    values = ranking_values(relevant, {str(n): record["ranked"] for n, record in enumerate(answerable)})
    places = {id(record): n for n, record in enumerate(answerable)}

    def measure(group: Sequence[Record]) -> dict[str, Any]:
        of_group = {name: [row[places[id(record)]] for record in group] for name, row in values.items()}
        return {"n": len(group), **_measured(group, of_group, empty=0.0)}

    return _by_group(answerable, measure)


def _by_group(records: Sequence[Record], measure: Callable[[Sequence[Record]], dict[str, Any]]) -> dict[str, Any]:
    return {"overall": measure(records), **_groups(records, measure)}


def _flat(records: Sequence[Record], measure: Callable[[Sequence[Record]], dict[str, Any]]) -> dict[str, Any]:
    return {**measure(records), **_groups(records, measure)}


def _groups(records: Sequence[Record], measure: Callable[[Sequence[Record]], dict[str, Any]]) -> dict[str, Any]:
    grouped: dict[str, dict[str, Any]] = {}
    for group, key in GROUPS.items():
        members: dict[str, list[Record]] = {}
        for record in records:
            if name := key(record):
                members.setdefault(name, []).append(record)
        grouped[group] = {name: measure(members[name]) for name in sorted(members)}
    return grouped


# ------------------------------------------------------------------------------------------------------- the measures


def _answers(records: Sequence[Record]) -> dict[str, Any]:
    # Precision, recall and length say something of answers only; how many there are is said beside them.
    answered = [record["answered"] for record in records]
    values: dict[str, Sequence[float | None]] = {
        "answer_found": [record["answer_found"] for record in records],
        **{name: [record[name] for record in records] for name in ("f1", "marked_f1")},
        **{
            name: [record[name] for record in records]
            for name in ("citation_precision", "citation_recall", "cited_right")
        },
        "mean_characters": [len(record["answer"]) if record["answered"] else None for record in records],
    }
    return {"n": len(records), "answered": sum(answered), **_measured(records, values, empty=0.0)}


def _measured(
    records: Sequence[Record], values: Mapping[str, Sequence[float | None]], *, empty: float | None
) -> dict[str, Any]:
    """Return the mean of each row of `values` and their intervals; `empty` where there is nothing to take a mean of."""
    figure = means(list(values.values()))
    if not records:
        return {**dict.fromkeys(values, empty), "interval": dict.fromkeys(values)}
    return _named(list(values), figure, len(records), empty)


def _named(names: Sequence[str], figure: Figure, n: int, empty: float | None) -> dict[str, Any]:
    found = np.atleast_1d(exact(figure, n)).tolist()
    bounds = [None if pair is None else [round(bound, 6) for bound in pair] for pair in intervals(figure, n)]
    points = [empty if value != value else value for value in found]
    return {**dict(zip(names, points, strict=True)), "interval": dict(zip(names, bounds, strict=True))}


def _refusal(records: Sequence[Record]) -> dict[str, Any]:
    answerable = np.array([record["answerable"] for record in records], bool)
    answered = np.array([record["answered"] for record in records], bool)
    order = auroc_of([record["confidence"] for record in records], answerable.tolist())

    def figure(weights: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            known, unknown = weights @ answerable.astype(float), weights @ (~answerable).astype(float)
            right = weights @ (answerable & answered).astype(float)
            refused = weights @ (~answerable & ~answered).astype(float)
            f1 = np.where(unknown > 0, 2 * refused / (refused + unknown + known - right), np.nan)
            return np.stack([order(weights), right / known, refused / unknown, f1], axis=1)

    names = ("auroc", "answerable_answered", "unanswerable_refused", "f1")
    counts = {"answerable": int(answerable.sum()), "unanswerable": int((~answerable).sum())}
    if not records:
        return {**counts, **dict.fromkeys(names), "interval": dict.fromkeys(names)}
    return {**counts, **_named(names, figure, len(records), None)}


def _calibration(records: Sequence[Record]) -> dict[str, Any]:
    """Return how far the confidence is from the share of questions that the sources do answer."""
    confidences, true = [r["confidence"] for r in records], [r["answerable"] for r in records]
    told = _named(["ece"], calibration_error(confidences, true), len(records), None) if records else _NO_ECE
    return {"n": len(records), **told, "bins": reliability(confidences, true)}


def _risk_coverage(records: Sequence[Record]) -> dict[str, Any]:
    confidences, wrong = [r["confidence"] for r in records], [not r["right_if_answered"] for r in records]
    told = _named(["area"], area_under_risk(confidences, wrong), len(records), None) if records else _NO_AREA
    curve = [[round(value, 6) for value in point] for point in risk_coverage(confidences, wrong)]
    return {"n": len(records), **told, "curve": curve}


_NO_ECE: dict[str, Any] = {"ece": None, "interval": {"ece": None}}
_NO_AREA: dict[str, Any] = {"area": None, "interval": {"area": None}}


def _latency(records: Sequence[Record]) -> dict[str, Any]:
    timed = [record["timings_ms"] for record in records if record["timings_ms"]]
    totals = [times["total"] for times in timed]
    stages = [stage for stage in _STAGES if any(stage in times for times in timed)]
    stages += sorted({stage for times in timed for stage in times} - set(stages))
    return {
        "n": len(timed),
        **_percentiles(totals),
        "stages": {stage: _percentiles([times[stage] for times in timed if stage in times]) for stage in stages},
    }


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    return {f"p{p}": round(float(np.percentile(values, p)), 3) if values else 0.0 for p in _PERCENTILES}
