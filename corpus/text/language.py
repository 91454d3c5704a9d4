"""Language and script of a text or a question: zh-Hans, zh-Hant, pl, en or und."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import lru_cache

from corpus.text.normalize import HAN, to_simplified, to_traditional

LANGUAGES = ("zh-Hans", "zh-Hant", "pl", "en")
UNDETERMINED = "und"
FAMILIES = ("zh", "pl", "en", UNDETERMINED)
"""Languages between which questions are told apart; the two Chinese scripts are one."""

_HAN = re.compile(f"[{HAN}]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_POLISH_LETTER = re.compile("[ąćęłńóśźżĄĆĘŁŃÓŚŹŻ]")

# A Han character carries about as much as four Latin letters; a Chinese sentence full of product names is Chinese.
_LETTERS_PER_HAN = 4
# Enough to tell the language; a book need not be read to its end.
_SAMPLE = 20_000
_LOADING = threading.Lock()


def family_of(language: str) -> str:
    """Return which of `FAMILIES` a language tag belongs to."""
    family = language.split("-")[0]
    return family if family in FAMILIES else UNDETERMINED


def detect_language(text: str) -> str:
    """Return the language tag that most of `text` is in, `und` where it has no words to tell by."""
    sample = text[:_SAMPLE]
    han = len(_HAN.findall(sample))
    words = _LATIN.findall(sample)
    letters = sum(map(len, words))
    if han and han * _LETTERS_PER_HAN >= letters * 0.5:
        return chinese_script(sample)
    if not letters:
        return UNDETERMINED
    return _latin_language(" ".join(words), tuple(words))


def chinese_script(text: str) -> str:
    """Return zh-Hant where more characters have a simplified form than a traditional one, else zh-Hans.

    What is written in one script only decides before what is used in both (台, 里, 后, 只).
    """
    traditional = [a for a, b in zip(text, to_simplified(text), strict=False) if a != b]
    simplified = [a for a, b in zip(text, to_traditional(text), strict=False) if a != b]
    only = sum(not _in(a, "gb2312") for a in traditional) - sum(not _in(a, "big5") for a in simplified)
    return "zh-Hant" if (only or len(traditional) - len(simplified)) > 0 else "zh-Hans"


def _in(character: str, charset: str) -> bool:
    """Tell whether a character is one of the mainland's or of Taiwan's charset."""
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _latin_language(text: str, words: tuple[str, ...]) -> str:
    if len(words) == 1 and words[0].isupper():
        return UNDETERMINED
    accented = len(_POLISH_LETTER.findall(text))
    if accented >= 2 and accented * 100 >= len(text):
        return "pl"
    return _identifier()(text)


def _identifier() -> Callable[[str], str]:
    # One thread at a time: the others wait for what the first one loads.
    with _LOADING:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> Callable[[str], str]:
    # At the first Latin text only: a program that reads Chinese alone does without.
    from corpus.text.identifier import identifier

    return identifier(["pl", "en"])
