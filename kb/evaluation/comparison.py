"""Two runs over the same questions: what changed, and whether by more than chance."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kb.evaluation.question_sets import QuestionSetError

_RESAMPLES = 10_000


def compare(file_a: Path, file_b: Path) -> dict[str, Any]:
    """Compare two files of `cco eval --json`, question by question. Raises `QuestionSetError` where none is in both.

    For each measure: both means, their difference, and the two-sided p value of a paired bootstrap over questions
    (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 16), with a fixed seed.
    """
    a, b = _read(file_a), _read(file_b)
    lines_a, lines_b = ({line["id"]: line for line in run["questions"] if line["answerable"]} for run in (a, b))
    shared = [id_ for id_ in lines_a if id_ in lines_b]
    if not shared:
        raise QuestionSetError(
            f"{file_a} and {file_b} have no answerable question in common; compare runs over one set"
        )
    measures: dict[str, Callable[[Mapping[str, Any]], float]] = {
        "R@1": lambda line: float(line["rank"] == 1),
        "MRR@10": lambda line: 1.0 / line["rank"] if line["rank"] else 0.0,
        "answered": lambda line: float(line["answered"]),
        "answer_found": lambda line: float(line["answer_found"]),
    }
    table = {
        name: _difference([measure(lines_a[i]) for i in shared], [measure(lines_b[i]) for i in shared])
        for name, measure in measures.items()
    }
    return {
        "questions": len(shared),
        "only_in_a": sorted(set(lines_a) - set(shared)),
        "only_in_b": sorted(set(lines_b) - set(shared)),
        "measures": table,
        "won": [i for i in shared if lines_b[i]["answer_found"] and not lines_a[i]["answer_found"]],
        "lost": [i for i in shared if lines_a[i]["answer_found"] and not lines_b[i]["answer_found"]],
        "manifest": {
            key: {"a": a["manifest"].get(key), "b": b["manifest"].get(key)}
            for key in a["manifest"]
            if key != "started" and a["manifest"].get(key) != b["manifest"].get(key)
        },
    }


def _difference(a: list[float], b: list[float]) -> dict[str, float]:
    differences = np.array(b) - np.array(a)
    observed = float(differences.mean())
    draws = np.random.default_rng(0).integers(0, len(differences), (_RESAMPLES, len(differences)))
    centred = differences[draws].mean(axis=1) - observed
    p = float((np.abs(centred) >= abs(observed) - 1e-12).mean())
    return {"a": float(np.mean(a)), "b": float(np.mean(b)), "difference": observed, "p": p}


def _read(path: Path) -> Mapping[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise QuestionSetError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise QuestionSetError(
            f"{path}: not a run ({error}); cco eval QUESTIONS.jsonl --json OUT writes one"
        ) from error
    if not isinstance(value, dict) or not value.get("questions") or "manifest" not in value:
        raise QuestionSetError(f"{path}: not a run; cco eval QUESTIONS.jsonl --json OUT writes one")
    return value
