"""The lexicon's word lists made ready: concepts and glossary in token form, with the words of every name.

That takes a second and more, so it is done once and kept in the cache folder under a digest of the lists
and of what reads them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from corpus.text.dictionary import suggested_frequencies
from corpus.text.normalize import is_han
from corpus.text.segment import normalizer, token_form, words
from corpus.user_folders import cache_folder
from kb.terms.concepts import concepts
from kb.terms.names import Word

COLUMNS = ("pl", "zh", "en")
"""The columns of the glossary."""
_BETWEEN = "\N{SYMBOL FOR RECORD SEPARATOR}"
_LIBRARIES = ("opencc-python-reimplemented", "jieba", "morfeusz2")


@dataclass(frozen=True)
class WordLists:
    """Names in token form, by term: first those of the concepts, then those of the glossary's lines."""

    full: list[list[str]]
    """Of each concept, in every language."""
    short: list[list[str]]
    """Abbreviations of each concept."""
    glossary: list[list[list[str]]]
    """Of each line, by the languages of `COLUMNS`."""
    words: dict[str, list[Word]]
    """The words of every name that is not of Han characters alone."""


def word_lists() -> WordLists:
    """Return the lists that the program ships."""
    digest = _digest()
    file = cache_folder() / f"lexicon-{digest[:16]}.json"
    lists = _read(file.read_bytes()) if file.is_file() else None
    if lists is None:
        lists = _made()
        # Without a cache that can be written the lists are made again each time, and all else goes on.
        with contextlib.suppress(OSError):
            partial = file.with_suffix(f".{os.getpid()}.partial")
            partial.write_text(json.dumps(asdict(lists), ensure_ascii=False), encoding="utf-8")
            partial.replace(file)
    return lists


def _read(kept: bytes) -> WordLists | None:
    try:
        values: dict[str, Any] = json.loads(kept)
        values["words"] = {
            name: [(word, tuple(tokens)) for word, tokens in said] for name, said in values["words"].items()
        }
        return WordLists(**values)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # damaged: it is made again


def _made() -> WordLists:
    full = _token_forms([concept.all_names() for concept in concepts()])
    short = _token_forms([concept.abbreviations for concept in concepts()])
    lines = [line.split("\t") for line in _text("glossary.tsv").splitlines() if line and not line.startswith("#")]
    columns = _token_forms([[name.strip() for name in column.split("|")] for line in lines for column in line])
    glossary = [columns[i : i + len(COLUMNS)] for i in range(0, len(columns), len(COLUMNS))]
    named = {name for names in (*full, *short, *columns) for name in names}
    return WordLists(
        full,
        short,
        glossary,
        {name: list(words(name)) for name in sorted(named) if not is_han(name)},
    )


def whole_words_file() -> str:
    """Return what `corpus/text/whole_words.tsv` is to hold: the concepts' names of three Han characters and more."""
    names = {name for names in word_lists().full for name in names if is_han(name) and len(name) > 2}
    return "".join(f"{word}\t{often}\n" for word, often in suggested_frequencies(sorted(names)).items())


def _token_forms(lists: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the token form of every name, all in one go: the conversion costs more by the call than by the letter."""
    whole = token_form(_BETWEEN.join(name for names in lists for name in names))
    forms = iter(whole.split(_BETWEEN))
    return [[next(forms).strip() for _ in names] for names in lists]


def _digest() -> str:
    readers = [normalizer(), *(f"{name} {metadata.version(name)}" for name in _LIBRARIES)]
    return hashlib.sha256("\0".join([*readers, _text("concepts.toml"), _text("glossary.tsv")]).encode()).hexdigest()


def _text(name: str) -> str:
    return resources.files("kb.terms").joinpath(name).read_text(encoding="utf-8")


if __name__ == "__main__":
    FILE = Path(__file__).resolve().parents[2] / "corpus" / "text" / "whole_words.tsv"
    FILE.write_text(whole_words_file(), encoding="utf-8")
