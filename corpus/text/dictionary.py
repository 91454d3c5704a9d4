"""jieba's dictionary of Chinese words, loaded once a process: where a run of Han characters falls into words."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from corpus.user_folders import cache_folder

LONGEST_RUN = 100
"""Characters given to jieba at a time; its word graph is quadratic on a run of one character."""
_LEAST_OF_A_PHRASE = 100
"""What a phrase counts for that jieba's dictionary has more seldom: it was made of other texts than Taiwan's."""


@lru_cache(maxsize=1)
def jieba_words() -> Any:
    """Return jieba's tokenizer, which keeps the `whole_words` whole: 首席客户官 is one word, besides its parts."""
    tokenizer = _plain()
    for word, frequency in whole_words().items():
        tokenizer.add_word(word, frequency)
    return tokenizer


@lru_cache(maxsize=1)
def whole_words() -> Mapping[str, int]:
    """Return the field's names that are one word, in token form, and from which frequency on jieba keeps them whole.

    Their file is made of `kb/terms/concepts.toml`: `python -m kb.terms.word_lists`.
    """
    lines = resources.files("corpus.text").joinpath("whole_words.tsv").read_text(encoding="utf-8").splitlines()
    return {word: int(frequency) for word, _, frequency in (line.partition("\t") for line in lines)}


def suggested_frequencies(forms: Iterable[str]) -> dict[str, int]:
    """Return for each of these Han words, in token form, the frequency from which on jieba keeps it whole."""
    tokenizer = _plain()
    return {word: int(tokenizer.suggest_freq(word)) for word in forms}


def _plain() -> Any:
    import jieba

    jieba.setLogLevel(60)
    tokenizer = jieba.Tokenizer()
    # By default jieba reads a cache from the shared temporary folder, where anyone may have planted one. Where there is
    # no folder of one's own, it does without, which takes a second more.
    try:
        tokenizer.tmp_dir = str(cache_folder())
    except OSError:
        tokenizer.tmp_dir = os.path.join(os.devnull, "none")
    tokenizer.initialize()
    return tokenizer


def borders(run: str, phrases: Iterable[tuple[int, int]]) -> set[int]:
    """Return the places between the words of a run of Simplified characters, its two ends among them.

    `phrases` are spans that may be words though the dictionary need not have them. They are, where that makes a
    likelier cut than without: 介面 in 使用者介面, but not in 中介面对, which is 中介 and 面对. A longer word that
    holds one of two characters or more is cut in its parts: 核心 is a word in 核心技术, 线上 is none in 路线上.
    """
    spans = set(phrases)
    frequencies, graph = jieba_words().FREQ, jieba_words().get_DAG(run)

    def chance(start: int, end: int) -> float:
        count = frequencies.get(run[start:end]) or 1
        return math.log(max(count, _LEAST_OF_A_PHRASE) if (start, end) in spans else count)

    def whole(start: int, end: int) -> bool:
        short = end - start < 3
        return short or (start, end) in spans or not any(a >= start and b <= end and b - a > 1 for a, b in spans)

    total = math.log(jieba_words().total)
    best = {len(run): (0.0, len(run))}
    for start in reversed(range(len(run))):
        ends = {start + 1, *(last + 1 for last in graph[start]), *(end for begin, end in spans if begin == start)}
        best[start] = max((chance(start, end) - total + best[end][0], end) for end in ends if whole(start, end))
    found, place = {0}, 0
    while place < len(run):
        place = best[place][1]
        found.add(place)
    return found
