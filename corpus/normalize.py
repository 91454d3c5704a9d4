"""The search form of a text: one function for sources and questions alike. It is never quoted."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

NORMALIZER_VERSION = "1"
"""Kept in every index; raise it whenever `search_form` or the tokens made from it change."""

_SPACE = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")


def search_form(text: str) -> str:
    """Return `text` in NFKC, Simplified mainland wording, lower case, white space folded; its length may differ.

    Traditional text is converted with Taiwan's phrases (網際網路 to 互联网); Simplified text only character by
    character, since the phrase table takes some of its plain words for Taiwan usage (文件 would become 文档).
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    simplified = to_simplified(text)
    if simplified != text:
        simplified = _converter("tw2sp").convert(text)
    return _SPACE.sub(" ", simplified.casefold()).strip()


def to_simplified(text: str) -> str:
    """Convert Traditional characters to Simplified ones, one for one; the length stays."""
    return _converter("t2s").convert(text)


def to_traditional(text: str) -> str:
    """Convert Simplified characters to Traditional ones without regional phrases."""
    return _converter("s2t").convert(text)


def to_script(text: str, language: str) -> str:
    """Return Chinese `text` in the script and regional wording of `language` (zh-Hans or zh-Hant), for reading."""
    if language == "zh-Hant":
        return _converter("s2twp").convert(text)
    return _converter("tw2sp").convert(text)


@lru_cache(maxsize=8)
def _converter(name: str) -> Any:
    from opencc import OpenCC

    return OpenCC(name)
