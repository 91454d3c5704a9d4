"""Two runs over the same questions: what changed, and whether by more than chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kb.evaluation.figures.bootstrap import Figure, exact, means, resampled
from kb.evaluation.figures.calibration import area_under_risk, auroc_of, calibration_error
from kb.evaluation.figures.measures import ranking_values
from kb.evaluation.run_file import read_run
from kb.evaluation.sets.faults import QuestionSetError, fault
from kb.evaluation.splits import REPORT

SIGNIFICANT = 0.05
"""The p value below which a difference is no chance."""
LOWER_IS_BETTER = frozenset({"ece", "area"})
_RESAMPLES = 10_000
_ROUNDING = 1e-9
_SHOWN = ("id", "question", "language", "kind")
_PASSING = {"started", "key", "taken_up"}
"""What differs between any two runs."""

Line = Mapping[str, Any]
_OF_A_LINE: Mapping[str, Callable[[Line], float | None]] = {
    **{f"R@{k}": lambda line, k=k: float(line["rank"] is not None and line["rank"] <= k) for k in (1, 3, 10)},  # type: ignore[misc]
    "MRR@10": lambda line: 1.0 / line["rank"] if line["rank"] else 0.0,
    "answered": lambda line: line.get("answered"),
    "answer_found": lambda line: line.get("answer_found"),
    **{
        name: lambda line, name=name: line.get(name)  # type: ignore[misc]
        for name in ("f1", "marked_f1", "citation_precision", "citation_recall", "cited_right")
    },
}
"""Measures of one question that the sources answer."""


@dataclass(frozen=True)
class _Measure:
    """A measure over the questions of both runs."""

    name: str
    a: Figure
    b: Figure
    n: int


def compare(file_a: Path, file_b: Path) -> dict[str, Any]:
    """Compare two files of `cco eval --json`, question by question. Raises `QuestionSetError` where none is in both.

    Questions that are only reported on are counted, among those won and lost too, and never listed.

    For each measure: both values, their difference with a 95 % interval, and the two-sided p value of a paired
    bootstrap over questions (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 16), with a fixed
    seed.
    """
    a, b = read_run(file_a), read_run(file_b)
    lines_a, lines_b = _lines(a, file_a), _lines(b, file_b)
    other = [i for i in lines_a if i in lines_b and not _same(lines_a[i], lines_b[i])]
    shared = [i for i in lines_a if i in lines_b and i not in other]
    if not any(lines_a[i]["answerable"] for i in shared):
        raise QuestionSetError(file_a, fault("nothing_in_common", other=str(file_b)))
    pairs = [(lines_a[i], lines_b[i]) for i in shared]
    turned = [(a, b) for a, b in pairs if _passed(a) != _passed(b)]
    listed = [_detail(a, b) for a, b in turned if a.get("part") != REPORT]
    won = sum(_passed(b) for _, b in turned)
    return {
        "questions": len(shared),
        "only_in_a": sorted(set(lines_a) - set(lines_b)),
        "only_in_b": sorted(set(lines_b) - set(lines_a)),
        "changed": sorted(other),
        "measures": _differences(list(_measures(pairs))),
        "by_language": {
            tag: _differences(list(_measures([pair for pair in pairs if pair[0].get("language") == tag])))
            for tag in sorted({a["language"] for a, _ in pairs if a.get("language")})
        },
        "counts": {"won": won, "lost": len(turned) - won},
        "won": [detail["id"] for detail in listed if detail["won"]],
        "lost": [detail["id"] for detail in listed if not detail["won"]],
        "details": listed,
        "manifest": dict(_differing(a["manifest"], b["manifest"])),
    }


def losses(
    measures: Mapping[str, Mapping[str, Any]], *, tolerance: int = 0, most_points: float | None = None
) -> list[str]:
    """Return the names of those of a comparison's `measures` on which the second run is worse by more than chance.

    `tolerance` is how many questions any measure may lose, whatever the p value: where answers are deterministic,
    chance is what another processor or library turns. `most_points` is by how many points of 100 it may fall at most,
    however many other questions were won meanwhile.
    """

    def lost(told: Mapping[str, Any]) -> bool:
        fall = abs(told["difference"])
        too_far = most_points is not None and fall * 100 > most_points + _ROUNDING
        return told["worse"] and fall * told["n"] > tolerance + _ROUNDING and (told["significant"] or too_far)

    return [name for name, told in measures.items() if lost(told)]


def _lines(run: Mapping[str, Any], path: Path) -> dict[str, dict[str, Any]]:
    """Return the lines of a run by id, those of conversations as they are after what was asked before."""
    lines = run.get("questions")
    if lines is None and run.get("part") == REPORT:
        raise QuestionSetError(path, fault("figures_only"))
    if not isinstance(lines, list) or not lines:
        raise QuestionSetError(path, fault("no_run"))
    adapted = {}
    for line in lines:
        if "rank_with" in line:
            line = {**line, "rank": line["rank_with"], "answer_found": line["found_with"], "answerable": True}
        adapted[line["id"]] = line
    return adapted


def _same(a: Line, b: Line) -> bool:
    """Tell whether two lines of one id are about the same question, judged alike."""
    keys = ("question", "answerable", "answers", "language", "asked")
    return all(a.get(key) == b.get(key) for key in keys if key in a and key in b)


def _passed(line: Line) -> bool:
    if not line["answerable"]:
        return not line["answered"]
    return bool(line["answer_found"] if "answer_found" in line else line["rank"] == 1)


def _detail(a: Line, b: Line) -> dict[str, Any]:
    told = {key: line[key] for key in _SHOWN for line in (a, b) if key in line}
    sides = {side: {k: line.get(k) for k in ("rank", "fault", "confidence")} for side, line in (("a", a), ("b", b))}
    return {**told, "won": _passed(b), **sides}


# ------------------------------------------------------------------------------------------------------------ measures


def _measures(pairs: Sequence[tuple[Line, Line]]) -> Iterator[_Measure]:
    known = [pair for pair in pairs if pair[0]["answerable"]]
    for name, value in _OF_A_LINE.items():
        yield from _mean_of(name, [(value(a), value(b)) for a, b in known])
    if all("ranked" in line and "right" in line for pair in known for line in pair):
        values = [_ranking([pair[side] for pair in known]) for side in (0, 1)]
        for name in ("nDCG@10", "MAP@10"):
            yield from _mean_of(name, list(zip(values[0][name], values[1][name], strict=True)))
    unknown = [pair for pair in pairs if not pair[0]["answerable"]]
    yield from _mean_of("unanswerable_refused", [(not a["answered"], not b["answered"]) for a, b in unknown])
    if all("confidence" in line and "right_if_answered" in line for pair in pairs for line in pair):
        yield from _of_confidence(pairs, both=bool(known and unknown))


def _of_confidence(pairs: Sequence[tuple[Line, Line]], *, both: bool) -> Iterator[_Measure]:
    sides = [[pair[side] for pair in pairs] for side in (0, 1)]
    sure = [[line["confidence"] for line in lines] for lines in sides]
    true = [[line["answerable"] for line in lines] for lines in sides]
    wrong = [[not line["right_if_answered"] for line in lines] for lines in sides]
    if both:
        yield _Measure("auroc", auroc_of(sure[0], true[0]), auroc_of(sure[1], true[1]), len(pairs))
    yield _Measure("ece", calibration_error(sure[0], true[0]), calibration_error(sure[1], true[1]), len(pairs))
    yield _Measure("area", area_under_risk(sure[0], wrong[0]), area_under_risk(sure[1], wrong[1]), len(pairs))


def _mean_of(name: str, values: Sequence[tuple[float | None, float | None]]) -> Iterator[_Measure]:
    """Yield the mean over the questions that have a value in both runs, nothing where none has."""
    there = [(a, b) for a, b in values if a is not None and b is not None]
    if there:
        yield _Measure(name, means([[a for a, _ in there]]), means([[b for _, b in there]]), len(there))


def _ranking(lines: Sequence[Line]) -> dict[str, list[float]]:
    relevant = {str(n): set(line["right"]) for n, line in enumerate(lines)}
    return ranking_values(relevant, {str(n): line["ranked"] for n, line in enumerate(lines)})


def _differences(measures: Sequence[_Measure]) -> dict[str, dict[str, Any]]:
    """Return what is said of each measure. Those over as many questions are resampled together."""
    told: dict[str, dict[str, Any]] = {}
    for n in {measure.n for measure in measures}:
        alike = [measure for measure in measures if measure.n == n]

        def differences(weights: np.ndarray, alike: Sequence[_Measure] = alike) -> np.ndarray:
            return np.stack([np.ravel(m.b(weights)) - np.ravel(m.a(weights)) for m in alike], axis=1)

        drawn = resampled(differences, n, _RESAMPLES)
        told |= {m.name: _difference(m, column[~np.isnan(column)]) for m, column in zip(alike, drawn.T, strict=True)}
    return {measure.name: told[measure.name] for measure in measures}


def _difference(measure: _Measure, drawn: np.ndarray) -> dict[str, Any]:
    a, b = (float(np.ravel(exact(figure, measure.n))[0]) for figure in (measure.a, measure.b))
    observed = b - a
    p = float((np.abs(drawn - observed) >= abs(observed) - 1e-12).mean()) if len(drawn) else 1.0
    low, high = np.percentile(drawn, [2.5, 97.5]) if len(drawn) else (observed, observed)
    return {
        "n": measure.n,
        "a": a,
        "b": b,
        "difference": observed,
        "interval": [round(float(low), 6), round(float(high), 6)],
        "p": p,
        "significant": p < SIGNIFICANT,
        "worse": (observed > 0) if measure.name in LOWER_IS_BETTER else (observed < 0),
    }


def _differing(a: Any, b: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what differs between two manifests, by dotted path."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys([*a, *b]):
            if place or key not in _PASSING:
                yield from _differing(a.get(key), b.get(key), f"{place}.{key}" if place else key)
    elif a != b:
        yield place, {"a": a, "b": b}
