"""That Chinese is converted as OpenCC's own converter does it, which is slower and stands here for what is right."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opencc import OpenCC

from corpus.text.conversion import Converter, table

ROOT = Path(__file__).parents[3]
NAMES = ("t2s", "s2t", "tw2s", "s2tw", "tw2sp")
TEXTS = [*sorted((ROOT / "corpus" / "texts").glob("*.md")), ROOT / "kb" / "evaluation" / "questions.jsonl"]


def made_up(theirs: Any, count: int) -> Iterator[str]:
    """Yield texts of a converter's phrases, their beginnings, ends and characters, and of what it cuts texts at."""
    chance = random.Random(5)
    phrases = sorted({phrase for group in theirs._dict_chain_data for _, _, said in group for phrase in said})
    said = sorted({word for group in theirs._dict_chain_data for _, _, said in group for word in said.values()})
    characters = "".join([*phrases, *said])
    for _ in range(count):
        pieces = [
            chance.choice((
                chance.choice(phrases),
                chance.choice(phrases)[: chance.randint(1, 3)],
                chance.choice(phrases)[chance.randint(0, 2) :],
                chance.choice(characters),
                chance.choice(" \n,.-。！「」．ab1é\U0001f408") if chance.random() < 0.3 else "",
            ))
            for _ in range(chance.randint(0, 30))
        ]  # fmt: skip
        yield "".join(pieces)


@pytest.mark.parametrize("name", NAMES)
def test_what_comes_out_is_what_opencc_makes_of_it(name: str) -> None:
    ours, theirs = Converter(name), OpenCC(name)
    for text in (*made_up(theirs, 1_500), *(path.read_text(encoding="utf-8") for path in TEXTS)):
        assert ours.convert(text) == theirs.convert(text)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("tw2sp", "別都會網路", "别城域网"),  # the longer phrase, though a shorter one ends with it
        ("tw2sp", "偵錯程式網路", "调试器网络"),
        ("s2t", "别乔治．布希", "別喬治．布希"),  # cut at the dot, as OpenCC does
        ("s2t", "干", "幹"),
        ("t2s", "", ""),
        ("t2s", "Kot śpi.", "Kot śpi."),
    ],
)
def test_the_longest_phrase_comes_first_wherever_it_stands(name: str, text: str, said: str) -> None:
    assert Converter(name).convert(text) == OpenCC(name).convert(text) == said


def test_a_table_is_read_once_for_all_conversions_that_use_it() -> None:
    assert Converter("t2s")._groups[0][0] is Converter("tw2s")._groups[1][0] is table("TSPhrases.txt")


def test_a_text_of_any_length_takes_time_in_proportion() -> None:
    def seconds(count: int) -> float:
        started = time.process_time()
        Converter("tw2sp").convert("都會網路程式" * count)
        return time.process_time() - started

    seconds(1)
    assert min(seconds(8_000) for _ in range(3)) < 16 * min(seconds(1_000) for _ in range(3))
