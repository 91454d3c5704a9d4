"""What speaks for a passage answering a question, and for the sources answering it at all, in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corpus.segment import lexical_tokens
from kb.attributes import attributes_asked, untold
from kb.close_reading import Reading
from kb.expressions import FIGURES, Sort
from kb.questions import Kind, kind_of, names_in, sorts_wanted, subject_of, telling
from retrieval.centring import family_of
from retrieval.index import Hit, Question, Snapshot


def passage_evidence(question: Question, reading: Reading, probabilities: np.ndarray) -> dict[str, float]:
    """Return what speaks for one passage; `probabilities` are its sentences', shape `(n,)`."""
    best = int(np.argmax(probabilities))
    weights = np.array([word.weight for word in question.sought])
    heard = reading.heard(best)
    told = np.maximum(reading.words_told, reading.words.max(axis=0, initial=0.0))
    wanted = sorts_wanted(question.text)
    tells = [bool(telling(text, wanted, question.text)) for text in reading.texts] if wanted else []
    # Names and places are known by sight less surely than figures.
    figure = float(bool(tells) and wanted <= FIGURES | {Sort.DATE})
    name = float(bool(tells)) - figure
    asked = _asked_of_it(question)
    told_of_it = np.array([told[asked].mean() if asked.any() else 1.0, heard[asked].mean() if asked.any() else 1.0])
    with_sort = [
        reading.words[place][asked].mean() if asked.any() else 1.0
        for place, told_there in enumerate(tells)
        if told_there
    ]
    lacking = float(np.mean(~reading.holds_names)) if len(reading.holds_names) else 0.0
    chance = float(probabilities[best])
    return {
        "passage cosine": reading.hit.dense,
        "sentence cosine": float(reading.cosines.max()),
        "best sentence cosine": float(reading.cosines[best]),
        "cosine around": float(reading.around.max()),
        "best sentence apart": float(reading.apart[best]),
        "apart": float(reading.apart.max()),
        "keywords": reading.hit.sparse,
        "share": float(reading.shares.max()),
        "best sentence share": float(reading.shares[best]),
        "best sentence local share": float(reading.local[best]),
        "words told": float(told @ weights),
        "words told by the best sentence": float(heard @ weights),
        "words untold": float(np.mean(told < 0.5)) if len(told) else 1.0,
        "words untold by the best sentence": float(np.mean(heard < 0.5)) if len(heard) else 1.0,
        "weightiest word untold": float((weights * (1.0 - told)).max(initial=0.0)),
        "weightiest word untold by the best sentence": float((weights * (1.0 - heard)).max(initial=0.0)),
        "log odds of the best sentence": float(np.log(chance / (1.0 - chance))),
        "sum of chances": float(probabilities.sum()),
        "wanted figure told by the best sentence": figure * (bool(tells) and tells[best]),
        "wanted figure untold by the best sentence": figure * (bool(tells) and not tells[best]),
        "wanted figure untold by the passage": figure * (not any(tells)),
        "wanted name told by the best sentence": name * (bool(tells) and tells[best]),
        "wanted name untold by the best sentence": name * (bool(tells) and not tells[best]),
        "wanted name untold by the passage": name * (not any(tells)),
        **{
            f"no {sort.value} though wanted": float(sort in wanted and not tells[best])
            for sort in (Sort.MONEY, Sort.SHARE, Sort.DURATION, Sort.DATE)
        },
        "asked words told": float(told_of_it[0]),
        "asked words told by the best sentence": float(told_of_it[1]),
        "asked words told by any sentence": float(_highest_mean(reading.words, asked)),
        "no asked word told": float(asked.any() and not told[asked].any()),
        "no asked word told by the best sentence": float(asked.any() and not (heard[asked] > 0).any()),
        "asked words told with the wanted sort": float(max(with_sort, default=0.0))
        if asked.any()
        else float(any(tells)),
        "asked words in the opening": float(reading.words[0][~asked].mean()) if (~asked).any() else 1.0,
        "subject told by the best sentence": float(reading.words[best][~asked].mean()) if (~asked).any() else 1.0,
        "subject told": float(told[~asked].mean()) if (~asked).any() else 1.0,
        "names lacking": lacking,
        "opens": float(best == 0),
        "said outright by the best sentence": float(reading.outright[best]),
        "said outright": float(reading.outright.any()),
    }


def _asked_of_it(question: Question) -> np.ndarray:
    """Return which of the question's words ask something of its subject: all but names, figures and concepts."""
    names = {token for name in names_in(question.text) for token in name}
    return np.array(
        [
            not word.synonyms and names.isdisjoint(token for part in word.own for token in part)
            for word in question.words
        ],
        bool,
    )


def _highest_mean(words: np.ndarray, asked: np.ndarray) -> float:
    return float(words[:, asked].mean(axis=1).max(initial=0.0)) if asked.any() else 1.0


def subject_is_unknown(snapshot: Snapshot, question: Question) -> bool:
    """Tell whether the question opens with what no text has, by no name that is known for it."""
    subject = subject_of(question.text)
    pairs = [token for token in lexical_tokens(subject) if token[0] == "c" and len(token) > 2]
    if all(map(snapshot.sparse.knows, pairs)):
        return False
    told = [w.said for w in question.words if w.said and (len(w.own_passages) or len(w.other_passages))]
    return not any(word in subject and len(word) >= len(subject) - 1 for word in told)


def evidence(
    snapshot: Snapshot,
    question: Question,
    hits: Sequence[Hit],
    readings: Sequence[Reading],
    probabilities: Sequence[np.ndarray],
    best: int,
) -> dict[str, float]:
    """Return what speaks for the sources answering at all, `best` being the number of the likeliest of `readings`."""
    reading = readings[best]
    found = passage_evidence(question, reading, probabilities[best])
    alike = family_of(reading.hit.passage.language) == family_of(question.language)
    others = [hit for hit in hits if hit.number != reading.hit.number]
    weights = np.array([word.weight for word in question.sought])
    unknown = np.array([not (len(w.own_passages) or len(w.other_passages)) for w in question.words], float)
    asked = _asked_of_it(question)
    names = names_in(question.text)
    # A name in Polish letters may stand in Chinese ones in a Chinese text, so it is missed only where languages agree.
    missed = [
        not any(map(snapshot.sparse.knows, name))
        and (alike or name[0].startswith("n") or (question.language.startswith("zh") and name[0][0] == "l"))
        for name in names
    ]
    found |= {
        "lead": reading.hit.score - max((hit.score for hit in others), default=0.0),
        "cosine lead": reading.hit.dense - max((hit.dense for hit in others), default=0.0),
        "keyword lead": reading.hit.sparse - max((hit.sparse for hit in others), default=0.0),
        "unknown words": float(unknown @ weights),
        "share of words unknown": float(np.mean(unknown)) if len(unknown) else 1.0,
        "unknown names": float(np.mean(missed)) if missed else 0.0,
        "unknown subject": float(subject_is_unknown(snapshot, question)),
        "asked words unknown": float(np.mean(unknown[asked])) if asked.any() else 0.0,
        "has asked words": float(asked.any()),
        "log count of words": float(np.log1p(len(question.words))),
        "a sort is wanted": float(bool(sorts_wanted(question.text))),
    }
    attributes = attributes_asked(question.text)
    found |= {
        "asks for an attribute": float(bool(attributes)),
        "attributes untold by the best sentence": float(
            untold(attributes, reading.texts[int(np.argmax(probabilities[best]))])
        ),
        "attributes untold by the passage": float(untold(attributes, " \n".join(reading.texts))),
        "attributes untold by all passages": float(
            untold(attributes, " \n".join(text for other in readings for text in other.texts))
        ),
    }
    found |= {f"asks for {kind.value}": float(kind_of(question.text) is kind) for kind in _KINDS}
    # What is said across languages is found by other means, so each figure may weigh differently there.
    across = {f"{name}, across languages": (0.0 if alike else found[name]) for name in _APART}
    return found | {"across languages": float(not alike)} | across


_KINDS = (Kind.DEFINITION, Kind.REASON, Kind.LIST, Kind.MANNER, Kind.PERSON, Kind.NUMBER, Kind.TIME)
_APART = (
    "passage cosine",
    "best sentence cosine",
    "keywords",
    "best sentence share",
    "words told",
    "words told by the best sentence",
    "words untold",
    "names lacking",
    "asked words told",
    "asked words told by the best sentence",
)
