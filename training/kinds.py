"""Makes the recogniser of kinds anew: python -m training.kinds [OUT].

From data/kinds.jsonl; and, for what small talk is not, questions of data/questions.jsonl, names in them, and words of
the glossary. Always the same weights. A
support vector machine over n-grams and a logistic regression over the bundled model's vectors are fitted apart and
multiplied as experts (Hinton, 2002): fitted as one, the vectors, which see all of a message, leave the n-grams nothing
to learn, and messages by another writer are told apart less well.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import save
from scipy.sparse import csr_matrix, diags, hstack, vstack
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from corpus.text.normalize import encoder_form
from kb.question.kinds import ASKING, HASHED, KINDS, Recogniser, centred, hashed, marks
from retrieval.models.encoder import Encoder, SentenceTransformerEncoder

DATA = Path(__file__).resolve().parent / "data"
TERMS = Path(__file__).resolve().parents[1] / "kb" / "terms"
WEIGHTS = Path(__file__).resolve().parents[1] / "kb" / "question" / "kinds.safetensors"
_LEAST_MESSAGES = 2
"""Messages that a place must be in to count."""
_GRAM_STRENGTH, _VECTOR_STRENGTH = 0.7, 3.0
"""Inverse strengths of the ridges, and below what the two count for: the least log loss where not seen."""
_GRAM_SHARE, _VECTOR_SHARE = 1.2, 0.7
_SHARPNESS = 2.5
"""By what all odds are multiplied, so that chances are neither too bold nor too shy: the least log loss."""


_OTHERS = 600, 1500
"""Questions on passages about anything at all: how many teach that a question is one, and how many more are measured.
Without them every fortieth question that is short, or of a subject of its own, is taken for a request of another kind;
with twice as many, requests are taken for questions."""

_WORDS = 300
"""So many words, and so many names and years, teach that a single one is looked up."""


@dataclass(frozen=True)
class Messages:
    """Messages and their features."""

    texts: list[str]
    vectors: np.ndarray
    grams: csr_matrix

    @classmethod
    def of(cls, texts: list[str], encoder: Encoder) -> Messages:
        """Encode messages as questions are, and count their n-grams."""
        rows = [hashed(text) for text in texts]
        ends = np.cumsum([0, *(len(places) for places, _ in rows)])
        counts, places = np.concatenate([c for _, c in rows]), np.concatenate([p for p, _ in rows])
        vectors = encoder.encode_queries([encoder_form(text) for text in texts])
        return cls(texts, vectors, csr_matrix((counts, places, ends), (len(texts), HASHED)))

    def part(self, places: np.ndarray) -> Messages:
        """Return some of them."""
        return Messages([self.texts[n] for n in places], self.vectors[places], self.grams[places])

    def __add__(self, more: Messages) -> Messages:
        return Messages(
            self.texts + more.texts, np.vstack([self.vectors, more.vectors]), vstack([self.grams, more.grams]).tocsr()
        )


@dataclass(frozen=True)
class Measure:
    """How rare each n-gram is, and what all vectors have in common."""

    rarity: np.ndarray
    mean: np.ndarray

    @classmethod
    def of(cls, messages: Messages) -> Measure:
        """Take them from the messages alone: the other questions are of other subjects."""
        count, among = len(messages.texts), np.asarray((messages.grams > 0).sum(axis=0)).ravel()
        rarity = np.where(among >= _LEAST_MESSAGES, np.log((1 + count) / (1 + among)) + 1, 0.0)
        return cls(rarity, messages.vectors.mean(axis=0))

    def features(self, messages: Messages) -> tuple[csr_matrix, np.ndarray]:
        """Return the weighted n-grams with the marks, and the centred vectors."""
        seen = csr_matrix(np.array([marks(text) for text in messages.texts]))
        grams = hstack([normalize(messages.grams @ diags(self.rarity)), seen]).tocsr()
        return grams, centred(messages.vectors, self.mean)


def fitted(messages: Messages, kinds: np.ndarray, questions: Messages) -> Recogniser:
    """Return the recogniser that messages of these `kinds`, numbers of `KINDS`, and further questions teach."""
    measure, asks = Measure.of(messages), kinds < len(ASKING)
    group = np.concatenate([np.where(asks, -1, kinds), np.full(len(questions.texts), -1)])
    parts = [
        _experts(measure, messages.part(np.flatnonzero(asks)), kinds[asks]),
        # As many as there are of each kind count for as much: of questions there are far more than of anything else.
        _experts(measure, messages + questions, group, class_weight="balanced"),
    ]
    weights = {name: np.concatenate([part[name] for part in parts], axis=-1) * _SHARPNESS for name in parts[0]}
    return Recogniser({**weights, "rarity": measure.rarity, "mean": measure.mean})


def _experts(
    measure: Measure, messages: Messages, kinds: np.ndarray, class_weight: str | None = None
) -> dict[str, np.ndarray]:
    """Return the weights of both experts, each multiplied by what it counts for; a column a kind, in their order."""
    grams, vectors = measure.features(messages)
    machine = LinearSVC(C=_GRAM_STRENGTH, random_state=0, class_weight=class_weight).fit(grams, kinds)
    regression = LogisticRegression(C=_VECTOR_STRENGTH, max_iter=1000, class_weight=class_weight).fit(vectors, kinds)
    own, alone = machine.coef_.T * _GRAM_SHARE, machine.intercept_ * _GRAM_SHARE
    return {
        "grams": own[:HASHED],
        "marks": own[HASHED:],
        "vector": regression.coef_.T * _VECTOR_SHARE,
        "constants": np.array([alone, alone + regression.intercept_ * _VECTOR_SHARE]),
    }


def unseen(messages: Messages, kinds: np.ndarray, questions: Messages) -> np.ndarray:
    """Return the chances of each message from fits that did not see it."""
    chances = np.zeros((len(messages.texts), len(KINDS)))
    for some, others in StratifiedKFold(4, shuffle=True, random_state=0).split(messages.texts, kinds):
        chances[others] = _chances(fitted(messages.part(some), kinds[some], questions), messages.part(others))
    return chances


def _chances(recogniser: Recogniser, messages: Messages) -> np.ndarray:
    both = zip(messages.texts, messages.vectors, strict=True)
    return np.array([recogniser.chances(text, vector) for text, vector in both])


def _lines(name: str) -> list[str]:
    # A line separator within a text ends no line.
    return [line for line in (DATA / name).read_text(encoding="utf-8").split("\n") if line]


def _questions() -> list[str]:
    """Return questions on the reader's passages, in an order that says nothing of them."""
    asked = {json.loads(line)["question"] for line in _lines("questions.jsonl")}
    return sorted(asked, key=lambda text: hashlib.sha256(text.encode()).digest())[: sum(_OTHERS)]


def _keywords() -> list[str]:
    """Return single words and names as they are typed into a search box, in an order that says nothing of them."""
    lines = (TERMS / "glossary.tsv").read_text("utf-8").splitlines()
    words = {
        word.strip() for line in lines if "\t" in line for column in line.split("\t") for word in column.split("|")
    }
    asked = (DATA / "questions.jsonl").read_text("utf-8")
    names = set(re.findall(r"(?<=[a-ząćęłńóśźż] )[A-Z][A-Za-z]{3,}(?= |\?)|(?<![0-9])20[0-2]\d(?![0-9])", asked))
    drawn = [sorted(some, key=lambda text: hashlib.sha256(text.encode()).digest()) for some in (words, names)]
    return [*drawn[0][:_WORDS], *drawn[1][:_WORDS]]


def main() -> None:
    """Fit, say how good it is where it was not fitted, and write the weights, in half precision."""
    parser = argparse.ArgumentParser(prog="python -m training.kinds", description=__doc__)
    parser.add_argument("out", nargs="?", type=Path, default=WEIGHTS, metavar="OUT", help="the file of the weights")
    out = parser.parse_args().out
    encoder = SentenceTransformerEncoder.load(dtype="float32")
    rows = [json.loads(line) for line in _lines("kinds.jsonl")]
    kinds = np.array([KINDS.index(row["kind"]) for row in rows])
    messages = Messages.of([row["message"] for row in rows], encoder)
    asked = _questions()
    questions, measured = (
        Messages.of([*asked[: _OTHERS[0]], *_keywords()], encoder),
        Messages.of(asked[_OTHERS[0] :], encoder),
    )
    left_out = unseen(messages, kinds, questions)
    f1, loss = f1_score(kinds, left_out.argmax(axis=1), average="macro"), log_loss(kinds, left_out)
    made = fitted(messages, kinds, questions)
    mistaken = int((_chances(made, measured).argmax(axis=1) >= len(ASKING)).sum())
    out.write_bytes(save({name: np.ascontiguousarray(w, np.float16) for name, w in made.weights.items()}))
    print(f"{len(rows)} messages: macro F1 {f1:.3f}, log loss {loss:.3f} where not seen")
    print(f"{mistaken} of {len(measured.texts)} questions on any subject taken for none; {out}")


if __name__ == "__main__":
    main()
