"""How sure it is that the sources answer the question, and which of the passages read does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from corpus.text.language import family_of
from corpus.text.segment import lexical_tokens
from kb.question.kinds import Kind
from kb.question.understanding import Understood
from kb.reading.readings import Reading
from retrieval.index.snapshot import Hit, Snapshot

READ_WEIGHT = 0.071
"""What one unit of a reader's score counts for in the order of the passages, beside the retrieval's own score."""
_SHARPNESS = 7.7
"""How sharply that order is turned into chances of passages. Both are fitted by benchmarks/calibrate.py."""

STRONG, FAIR = 0.85, 0.6
"""How likely what is quoted answers, from where it is called strongly and fairly supported; `benchmarks/strangers.py`
says how many of each deserve it."""
SUMMED_UP = 0.7
"""The same of a summary: what it leaves out cannot be told."""
# Log odds that the likeliest sentence answers: from its probability among all that was read, and from that of the words
# marked in it. Fitted on 135 graded answers; how sure it is that the sources answer at all adds nothing to these two.
_QUOTE: Mapping[str, float] = {"constant": 0.15, "probability": 0.30, "words": 0.15}
_LEAST = 1e-4

_FEW, _TOLD = 3, 0.3
"""Of so few words of a message that asks nothing, the share by their weight that some text must have."""
_MOST = 0.6
"""Share, by their weight, of the words of a question of which one can tell. In benchmarks/development.jsonl none of 111
questions that a text in another language answers has so much that no text tells, and two in three off the topic have.
"""

# Log odds that the sources answer: for questions that a passage in their own language answers best, and for others.
# Fitted by benchmarks/calibrate.py, which prints what each figure is worth; those that are worth nothing are not here.
SAME: Mapping[str, float] = {
    "constant": 0.44,
    "chosen": 0.46,
    "concepts told": 1.8,
    "unknown names": -2.55,
}
ACROSS: Mapping[str, float] = {
    "constant": 0.63,
    "chosen": 0.47,
    "concepts told": 1.89,
    "unknown subject": -2.63,
}


def quote_support(probability: float, log_probability: float) -> float:
    """Return how likely a sentence answers, 0 to 1, given its own probability and the log probability of its words."""
    bounded = min(max(probability, _LEAST), 1 - _LEAST)
    odds = _QUOTE["constant"] + _QUOTE["probability"] * math.log(bounded / (1 - bounded))
    return 1.0 / (1.0 + math.exp(-odds - _QUOTE["words"] * log_probability))


def level(support: float) -> Literal["strong", "fair", "weak"]:
    """Return the word by which people see how well an answer is supported."""
    return "strong" if support >= STRONG else "fair" if support >= FAIR else "weak"


def passage_odds(hits: Sequence[Hit], readings: Sequence[Reading]) -> np.ndarray:
    """Return the log odds, up to a constant, that of the passages read each answers; shape `(passages,)`."""
    scores = [hit.score + READ_WEIGHT * _bounded(reading) for hit, reading in zip(hits, readings, strict=False)]
    return _SHARPNESS * np.array(scores)


def answers_alike(question: Understood, hit: Hit) -> bool:
    """Tell whether a passage is in the question's language, in whichever script."""
    return family_of(hit.passage.language) == family_of(question.language)


def figures(
    snapshot: Snapshot, question: Understood, hits: Sequence[Hit], readings: Sequence[Reading]
) -> dict[str, float]:
    """Return what speaks for the sources answering.

    The reader's score of the passage chosen, and what the reader cannot see by itself.
    """
    chosen = int(np.argmax(passage_odds(hits, readings)))
    return {
        "constant": 1.0,
        "chosen": _bounded(readings[chosen]),
        "concepts told": _concepts_told(question, hits[chosen]),
        "unknown names": _unknown_names(snapshot, question, hits[chosen]),
        "unknown subject": float(subject_is_unknown(snapshot, question)),
    }


def confidence(evidence: Mapping[str, float], *, alike: bool) -> float:
    """Return the probability, 0 to 1, that the sources answer; `alike`: the best passage is in that language."""
    weights = SAME if alike else ACROSS
    odds = sum(weight * evidence[name] for name, weight in weights.items())
    return float(1.0 / (1.0 + np.exp(-odds)))


def asks_nothing(snapshot: Snapshot, question: Understood) -> bool:
    """Tell whether a message is a greeting, or a few words without a question of what hardly any text speaks of."""
    if question.kind is Kind.SMALL_TALK:
        return True
    few = len(question.words) <= _FEW and not question.asks and not question.wonders
    if not few or any(word.synonyms for word in question.words):
        return False
    # What only the glossary finds is mostly an everyday word; but where no text is in the question's language, no text
    # says anything in its words.
    own = question.language in {document.language for document in snapshot.documents.values()}
    told = sum(
        sought.weight
        for word, sought in zip(question.words, question.sought, strict=True)
        if len(word.own_passages) or (not own and len(word.other_passages))
    )
    return told < _TOLD


def asks_of_other_things(question: Understood) -> bool:
    """Tell whether most of what is asked, by weight, is told in no text, by no name that is known for it.

    It tells where languages differ: there a passage that says the rest, an everyday word, in its own words is easily
    taken for one that answers. Words that no text has, and that may have names that no list knows, are left out.
    """
    asked = list(zip(question.words, question.sought, strict=True))
    nowhere = sum(sought.weight for word, sought in asked if word.nowhere)
    told = sum(sought.weight for word, sought in asked if len(word.own_passages) or len(word.other_passages))
    return nowhere > _MOST * (nowhere + told)


def subject_is_unknown(snapshot: Snapshot, question: Understood) -> bool:
    """Tell whether the question opens with what no text has, by no name that is known for it."""
    subject = question.subject
    pairs = [token for token in lexical_tokens(subject) if token[0] == "c" and len(token) > 2]
    if all(map(snapshot.sparse.knows, pairs)):
        return False
    told = [w.said for w in question.words if w.said and (len(w.own_passages) or len(w.other_passages))]
    return not any(word in subject and len(word) >= len(subject) - 1 for word in told)


def _bounded(reading: Reading) -> float:
    """Return the reader's score; of what holds no word the lowest that counts."""
    return max(reading.score, -20.0)


def _concepts_told(question: Understood, hit: Hit) -> float:
    """Return the share of the concepts asked about that a passage speaks of by any of their names; 1 without any."""
    concepts = [word for word in question.words if word.said]
    told = [hit.number in word.own_passages or hit.number in word.other_passages for word in concepts]
    return float(np.mean(told)) if told else 1.0


def _unknown_names(snapshot: Snapshot, question: Understood, best: Hit) -> float:
    """Return the share of the question's names and figures that no text has."""
    alike = answers_alike(question, best)
    # A name in Polish letters may stand in Chinese ones in a Chinese text, so it is missed only where languages agree.
    missed = [
        not any(map(snapshot.sparse.knows, name))
        and (alike or name[0].startswith("n") or (question.language.startswith("zh") and name[0][0] == "l"))
        for name in question.names
    ]
    return float(np.mean(missed)) if missed else 0.0
