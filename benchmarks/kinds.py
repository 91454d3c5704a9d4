"""How well the kinds of messages are told apart, and what is taken for small talk that is a question.

    .venv/bin/python -m benchmarks.kinds

messages.jsonl: 364 messages in four languages, 26 of each kind, not written by who wrote the recogniser. Its part
`look` was looked at while the recogniser was made; of `report` only figures are printed.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpus.text.normalize import encoder_form
from kb.evaluation.figures.bootstrap import Figure, exact, intervals
from kb.evaluation.sets.question_sets import load_question_set
from kb.evaluation.splits import LOOK, REPORT, questions_of
from kb.question.kinds import ASKING, KINDS, Kind, Recogniser, likeliest
from retrieval.models.encoder import Encoder, SentenceTransformerEncoder

HERE = Path(__file__).resolve().parent
FILE = HERE / "messages.jsonl"


def messages() -> list[dict[str, Any]]:
    """Return the messages of both parts."""
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").split("\n") if line]


def recognised(texts: Sequence[str], encoder: Encoder | None) -> list[Kind]:
    """Return what each is taken for; without a model by its n-grams alone."""
    recogniser = Recogniser.load()
    vectors = encoder.encode_queries([encoder_form(text) for text in texts]) if encoder else [None] * len(texts)
    return [likeliest(recogniser.chances(text, vector)) for text, vector in zip(texts, vectors, strict=True)]


def f1_of(true: Sequence[Kind], found: Sequence[Kind]) -> Figure:
    """Return the figure of each kind's F1 and, last, their mean; NaN where a resample has none of a kind."""
    rows = [np.array([[a is k for a in true], [b is k for b in found]], float) for k in KINDS if k in true]

    def figure(weights: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            each = [2 * (weights @ (is_ * taken)) / (weights @ is_ + weights @ taken) for is_, taken in rows]
        return np.stack([*each, np.nanmean(each, axis=0)], axis=1)

    return figure


def main() -> None:
    """Print the tables."""
    encoder = SentenceTransformerEncoder.load()
    told = messages()
    found = recognised([row["message"] for row in told], encoder)
    alone = recognised([row["message"] for row in told], None)
    print("| part | messages | macro F1 | 95 % | another model: macro F1 |\n|---|---|---|---|---|")
    for part in (LOOK, REPORT):
        for language in ("", "zh-Hans", "zh-Hant", "pl", "en"):
            some = [n for n, row in enumerate(told) if row["part"] == part and language in ("", row["language"])]
            true, own, other = ([rows[n] for n in some] for rows in ([Kind(r["kind"]) for r in told], found, alone))
            low, high = (intervals(f1_of(true, own), len(some))[-1]) or (0.0, 1.0)
            f1, without = (exact(f1_of(true, guess), len(some))[-1] for guess in (own, other))
            print(f"| {part} {language} | {len(some)} | {f1:.3f} | {low:.3f} to {high:.3f} | {without:.3f} |")
    for part in (LOOK, REPORT):
        pairs = [(Kind(row["kind"]), kind) for row, kind in zip(told, found, strict=True) if row["part"] == part]
        each = exact(f1_of([a for a, _ in pairs], [b for _, b in pairs]), len(pairs))
        print(f"{part}:", ", ".join(f"{kind} {f1:.2f}" for kind, f1 in zip(KINDS, each, strict=False)))
        if part == LOOK:
            mistaken = Counter(f"{a} as {b}" for a, b in pairs if a is not b)
            print("taken for another:", ", ".join(f"{pair} {n}" for pair, n in mistaken.most_common()))
    _questions(encoder)
    _pace(encoder, [row["message"] for row in told])


def _questions(encoder: Encoder) -> None:
    """Tell what of questions that may be looked at is not taken for one."""
    files = [HERE / name for name in ("development.jsonl", "plain.jsonl")]
    asked = [q for file in files for q in questions_of(load_question_set(file), LOOK, file).questions]
    for name, model in (("", encoder), (", another model", None)):
        found = recognised([q.question for q in asked], model)
        for off in (False, True):
            pairs = [(q, kind) for q, kind in zip(asked, found, strict=True) if (q.kind == "off-topic") is off]
            mistaken = [f"{q.question} ({kind})" for q, kind in pairs if kind not in ASKING]
            about = "off the topic" if off else "on the topic"
            print(f"questions {about}{name}: {len(mistaken)} of {len(pairs)} taken for none: {'; '.join(mistaken)}")


def _pace(encoder: Encoder, texts: Sequence[str]) -> None:
    """Tell how long it takes, beside the vector, which is there anyway."""
    recogniser, (vector,) = Recogniser.load(), encoder.encode_queries(["?"])
    started = time.perf_counter()
    for text in texts:
        likeliest(recogniser.chances(text, vector))
    print(f"{(time.perf_counter() - started) * 1e3 / len(texts):.2f} ms a message")


if __name__ == "__main__":
    main()
