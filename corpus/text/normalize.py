"""The search form of a text: one function for sources and questions alike. It is never quoted."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from corpus.text.conversion import Converter, table
from corpus.text.dictionary import LONGEST_RUN, borders

NORMALIZER_VERSION = "3"
"""Kept in every index; raise it whenever `search_form` or the tokens made from it change."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_SPACE = re.compile(r"\s+")
_HAN_ONLY = re.compile(f"[{HAN}]+")
_HAN_RUN = re.compile(f"[{HAN}]{{1,{LONGEST_RUN}}}")
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")


def search_form(text: str) -> str:
    """Return `text` in NFKC, Simplified mainland wording, lower case, white space folded; its length may differ.

    Taiwan's phrases (網際網路 to 互联网) are converted in any text, Simplified too: a word that both scripts write
    alike, such as 文件, must come out alike whatever stands beside it. But it must be a word: 中介面对 has no 介面.
    """
    form = _visible(text)
    if _HAN_CHARACTER.search(form):
        # The table takes every 么 for the traditional character of that shape.
        form = _converter("tw2s").convert(_HAN_RUN.sub(_mainland_wording, form)).replace("幺", "么")
    return _SPACE.sub(" ", form.casefold()).strip()


def _mainland_wording(run: re.Match[str]) -> str:
    """Return a Han run with Taiwan's phrases in it said as on the mainland, where they are whole words."""
    text, phrases, begun = run.group(), _phrases(), _phrase_beginnings()
    spans = [
        (start, start + length)
        for start in range(len(text))
        for length in begun.get(text[start], ())
        if start + length <= len(text) and text[start : start + length] in phrases
    ]
    if not spans:
        return text
    # Cut in Simplified, which jieba's dictionary is in; the places are the same.
    between = borders(character_form(text), spans)
    said, place = "", 0
    for start, end in spans:
        # A sign for an element (矽) is one in any word; all else must be a word by itself.
        sign = end - start == len(phrases[text[start:end]]) == 1
        if start >= place and (sign or (start in between and end in between)):
            said += text[place:start] + phrases[text[start:end]]
            place = end
    return said + text[place:]


@lru_cache(maxsize=1)
def _phrases() -> dict[str, str]:
    """Return OpenCC's table of what Taiwan calls otherwise, each phrase as tw2sp converts it."""
    return {phrase: _converter("tw2sp").convert(phrase) for phrase in table("TWPhrasesRev.txt").said}


@lru_cache(maxsize=1)
def _phrase_beginnings() -> dict[str, list[int]]:
    """Return the lengths, the longest first, of the phrases that begin with this character."""
    found: dict[str, set[int]] = {}
    for phrase in _phrases():
        found.setdefault(phrase[0], set()).add(len(phrase))
    return {first: sorted(lengths, reverse=True) for first, lengths in found.items()}


def encoder_form(text: str) -> str:
    """Return `text` in NFKC and Simplified characters, white space folded: what the embedding model reads.

    Script is levelled as in the search form, but case and words stay, since a model reads sense: the phrase table
    turns 指标 into 指针 and 核心 into 内核, which keyword search may do alike on both sides and a model may not.
    """
    return _SPACE.sub(" ", to_simplified(_visible(text))).strip()


def character_form(text: str) -> str:
    """Return `text` in NFKC and Simplified character by character, each one for one: a place in it is one in `text`."""
    return text.translate({ord(character): _one_for_one(character) for character in set(text)})


@lru_cache(maxsize=20_000)
def _one_for_one(character: str) -> str:
    level = unicodedata.normalize("NFKC", character)
    level = level if len(level) == 1 else character
    simplified = to_simplified(level)
    return simplified if len(simplified) == 1 else level


def is_han(text: str) -> bool:
    """Tell whether `text` is of Han characters and nothing else."""
    return bool(_HAN_ONLY.fullmatch(text))


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def to_simplified(text: str) -> str:
    """Convert Traditional characters to Simplified ones, one for one; the length stays."""
    return _converter("t2s").convert(text)


def to_traditional(text: str) -> str:
    """Convert Simplified characters to Traditional ones without regional phrases."""
    return _converter("s2t").convert(text)


def to_script(text: str, language: str) -> str:
    """Return Chinese `text` in the script of `language` (zh-Hans or zh-Hant, as Taiwan writes), for reading.

    The words stay: tables of regional wording make 服務物件 of 服务对象 and 内核 of 核心, which no quote may say.
    """
    return _converter("s2tw" if language == "zh-Hant" else "tw2s").convert(text)


@lru_cache(maxsize=8)
def _converter(name: str) -> Converter:
    return Converter(name)
