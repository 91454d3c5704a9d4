"""A model's reply, sentence by sentence: what it cites, and whether the words cited bear it out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.text.language import UNDETERMINED, chinese_script, detect_language
from corpus.text.normalize import encoder_form
from corpus.text.segment import polish_lemmas, sentence_spans
from kb.generation.injection import speaks_to_model
from kb.generation.prompts import NOTHING, clean
from kb.generation.support import enough, same_language, support
from retrieval.index.snapshot import Hit, Snapshot
from retrieval.languages.centring import centred
from retrieval.models.encoder import Encoder

Span = tuple[int, int]
LONGEST_QUOTE = 3
"""Consecutive sentences of a passage that one citation may take."""
_HEARD = 3
"""Quotes in another language that the embedding model is asked about: those that say most of the sentence's words."""

_MARK = re.compile(r"(?<!\s)\s*+[\[［【]\s*(\d{1,4}(?:\s*[,，、;]\s*\d{1,4})*)\s*[\]］】]")
_BULLET = re.compile(r"^\s*(?:[-*•·–]|#{1,6}|\(?\d{1,2}[.)、])\s+")
_EMPHASIS = re.compile(r"\*\*|__|`")
_ADDRESS = re.compile(
    r"https?:|www\.|\w@\w|\[[^\[\]]*+\]\(|(?<![\w-])-*+\w[\w-]*+\.(?:com|net|org|io|pl|cn|tw|example|test|xyz)\b", re.I
)
_LETTERS = re.compile(r"[A-Za-zÀ-ɏ]{2,}")


@dataclass(frozen=True)
class Shown:
    """A passage as the model was given it."""

    hit: Hit
    title: str
    sentences: tuple[Span, ...]
    """Those of its sentences that were given, into the document's text."""
    bears: tuple[bool, ...]
    """Of each sentence whether it bears on the question at all."""

    def text(self, span: Span) -> str:
        """Return the passage's words at `span` of the document."""
        start = self.hit.passage.start
        return self.hit.passage.text[span[0] - start : span[1] - start]


@dataclass(frozen=True)
class Said:
    """A sentence of a reply and the numbers that follow it."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Proven:
    """A sentence that may be shown, and the words of the sources that bear it out."""

    text: str
    quotes: tuple[tuple[Hit, Span], ...]
    support: float


Cosine = Callable[[str, str, str], float]
"""Given a sentence, its language and a quote's text, returns their cosine with their languages taken out."""


def sentences_said(reply: str, *, with_gaps: bool = False) -> Iterator[Said]:
    """Yield the sentences of a reply with the citation numbers that follow or stand in them; they are cut out.

    Where the model says that it has nothing to say there is no sentence, or, `with_gaps`, an empty one.
    """
    for line in clean(reply).split("\n"):
        bare = _EMPHASIS.sub("", _BULLET.sub("", line))
        text, marks = _without_marks(bare)
        spans = sentence_spans(text)
        for place, (start, end) in enumerate(spans):
            following = spans[place + 1][0] if place + 1 < len(spans) else len(text) + 1
            numbers = [n for at, found in marks if start < at <= max(end, following - 1) for n in found]
            if not is_nothing(text[start:end]):
                yield Said(text[start:end], tuple(dict.fromkeys(numbers)))
            elif with_gaps:
                yield Said("", ())


def is_nothing(said: str) -> bool:
    """Tell whether this is what was asked for where the passages do not answer."""
    return clean(said).strip(" \n.。\"'*`") == NOTHING


def _without_marks(line: str) -> tuple[str, list[tuple[int, list[int]]]]:
    text, marks, last = "", [], 0
    for match in _MARK.finditer(line):
        text += line[last : match.start()]
        marks.append((len(text), [int(n) for n in re.findall(r"\d+", match[1])]))
        last = match.end()
    return text + line[last:], marks


class Cosines:
    """The model's word on sentence and quote in different languages; calling it is a `Cosine`."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder) -> None:
        self._means, self._encoder = snapshot.means.documents, encoder
        self._vectors: dict[tuple[str, str], np.ndarray] = {}

    def __call__(self, sentence: str, language: str, quote: str) -> float:
        """Return their cosine, -1 to 1."""
        return float(self._vector(sentence, language) @ self._vector(quote, detect_language(quote)))

    def _vector(self, text: str, language: str) -> np.ndarray:
        if (text, language) not in self._vectors:
            vectors = self._encoder.encode_documents([encoder_form(text)])
            self._vectors[text, language] = centred(vectors, [language], self._means)[0]
        return self._vectors[text, language]


class Checker:
    """Holds sentences against the passages that they cite."""

    def __init__(self, passages: Sequence[Shown], question: str, language: str, cosine: Cosine) -> None:
        self._passages, self._cosine = passages, cosine
        self._question, self._language = question, language

    def check(self, said: Said) -> Proven | str:
        """Return the sentence with its proof, or the name of what is wrong with it (`prompts` has them in words)."""
        if _ADDRESS.search(said.text):
            return "address"
        if not speaks(said.text, self._language):
            return "language"
        if not said.numbers:
            return "uncited"
        if not all(1 <= number <= len(self._passages) for number in said.numbers):
            return "no_such_passage"
        if speaks_to_model(said.text):
            return "unsupported"
        return self._proof(said)

    def _proof(self, said: Said) -> Proven | str:
        cited = [self._passages[number - 1] for number in said.numbers]
        best = [(*self._best(said.text, passage), passage) for passage in cited]
        alone = [
            (score, span, passage) for score, span, passage in best if score >= enough(said.text, passage.text(span))
        ]
        if alone:
            proof, score = alone, max(score for score, _, _ in alone)
        else:
            # Each passage may hold a part of what a sentence with several numbers says.
            joined = " ".join(passage.text(span) for _, span, passage in best)
            titles = " ".join(_titles(passage) for passage in cited)
            proof, score = best, self._support(said.text, joined, titles)
            if len(cited) < 2 or score < enough(said.text, joined):
                return "unsupported"
        if not all(_bears(passage, span) for _, span, passage in proof):
            return "beside"
        return Proven(said.text, tuple((passage.hit, span) for _, span, passage in proof), score)

    def _best(self, sentence: str, passage: Shown) -> tuple[float, Span]:
        """Return the run of sentences that bears `sentence` out best, and how far; the shortest of those as good."""
        runs, titles = [], _titles(passage)
        for count in range(1, LONGEST_QUOTE + 1):
            for first in range(len(passage.sentences) - count + 1):
                span = (passage.sentences[first][0], passage.sentences[first + count - 1][1])
                score = support(sentence, passage.text(span), question=self._question, context=titles)
                runs.append((score, -count, -first, span))
        best = sorted(runs, reverse=True)[:_HEARD]
        again = [(self._support(sentence, passage.text(span), titles), n, first, span) for _, n, first, span in best]
        score, _, _, span = max(again)
        return score, span

    def _support(self, sentence: str, quote: str, titles: str) -> float:
        score = support(sentence, quote, question=self._question, context=titles)
        # The model is heard only where figures and names leave it open.
        if score == 0.0 or same_language(sentence, quote):
            return score
        cosine = self._cosine(sentence, self._language, quote)
        return support(sentence, quote, question=self._question, context=titles, cosine=cosine)


def speaks(sentence: str, language: str) -> bool:
    """Tell whether `sentence` is in `language` and its script; of what fits both scripts, and of a mere name, yes."""
    if language == UNDETERMINED:
        return True
    found = detect_language(sentence)
    if found.startswith("zh") or language.startswith("zh"):
        if not (found.startswith("zh") and language.startswith("zh")):
            return False
        # A tie counts as Simplified; written alike in both scripts, the sentence is in either.
        return found == language or (
            found == "zh-Hans"
            and chinese_script(sentence + "国") == "zh-Hans"
            and chinese_script(sentence + "國") == "zh-Hant"
        )
    if found in (language, UNDETERMINED):
        return True
    # A short sentence with English names in it: Polish is what most of its words are.
    words = _LETTERS.findall(sentence)
    known = sum(bool(polish_lemmas(word.casefold())) for word in words)
    return language == "pl" and len(words) <= 6 and known * 2 > len(words)


def _titles(passage: Shown) -> str:
    return f"{passage.title}\n{passage.hit.passage.section}"


def _bears(passage: Shown, span: Span) -> bool:
    """Tell whether all that is quoted bears on the question: what stands beside the answer may want to be said too."""
    return all(
        bears
        for (start, end), bears in zip(passage.sentences, passage.bears, strict=True)
        if span[0] <= start and end <= span[1]
    )
