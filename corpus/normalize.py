"""The search form of a text: one function for sources and questions alike. It is never quoted."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

NORMALIZER_VERSION = "2"
"""Kept in every index; raise it whenever `search_form` or the tokens made from it change."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_SPACE = re.compile(r"\s+")
_HAN_ONLY = re.compile(f"[{HAN}]+")
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")


def search_form(text: str) -> str:
    """Return `text` in NFKC, Simplified mainland wording, lower case, white space folded; its length may differ.

    Taiwan's phrases (網際網路 to 互联网) are converted in any text, Simplified too: a word that both scripts write
    alike, such as 文件, must come out alike whatever stands beside it.
    """
    form = _visible(text)
    if _HAN_CHARACTER.search(form):
        # The table takes every 么 for the traditional character of that shape.
        form = str(_converter("tw2sp").convert(form)).replace("幺", "么")
    return _SPACE.sub(" ", form.casefold()).strip()


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
    return str(_converter("t2s").convert(text))


def to_traditional(text: str) -> str:
    """Convert Simplified characters to Traditional ones without regional phrases."""
    return str(_converter("s2t").convert(text))


def to_script(text: str, language: str) -> str:
    """Return Chinese `text` in the script of `language` (zh-Hans or zh-Hant, as Taiwan writes), for reading.

    The words stay: tables of regional wording make 服務物件 of 服务对象 and 内核 of 核心, which no quote may say.
    """
    return str(_converter("s2tw" if language == "zh-Hant" else "tw2s").convert(text))


@lru_cache(maxsize=8)
def _converter(name: str) -> Any:
    from opencc import OpenCC

    return OpenCC(name)
