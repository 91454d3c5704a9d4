"""Language and script of texts and of questions as short as two words."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from types import SimpleNamespace

import pytest

from corpus.text import language
from corpus.text.language import chinese_script, detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("什么是客户长?", "zh-Hans"),
        ("CCO 是什么?", "zh-Hans"),
        ("Chief Customer Officer 这个职位是谁设的?", "zh-Hans"),
        ("客戶長是做什麼的?", "zh-Hant"),
        ("為什麼 CCO 要聽抱怨電話?", "zh-Hant"),
        ("Kim jest CXO?", "pl"),
        ("czym jest NPS", "pl"),
        ("Kto odpowiada za doświadczenie klienta?", "pl"),
        ("Jaka jest rola dyrektora do spraw klientow", "pl"),
        ("What is a CCO?", "en"),
        ("Who owns the customer experience?", "en"),
        ("CCO", "und"),
        ("2019", "und"),
        ("?!", "und"),
        ("😀", "und"),
        ("", "und"),
    ],
)
def test_the_language_of_a_question(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_quoted_words_do_not_turn_a_text() -> None:
    assert detect_language("Angielskie słowo „Chief Customer Officer” znaczy dyrektor do spraw klientów.") == "pl"
    assert detect_language("Książka nosi tytuł 客戶長. Opowiada o dyrektorach, którzy słuchają klientów.") == "pl"
    assert detect_language("《绝对续订》的作者 Nick Mehta、Dan Steinman 和 Lincoln Murphy 这样说。") == "zh-Hans"


def test_the_script_is_that_of_most_characters() -> None:
    assert chinese_script("客户长与資訊长") == "zh-Hans"
    assert chinese_script("客戶長與资訊長") == "zh-Hant"
    assert chinese_script("中文") == "zh-Hans"  # the same in both


def test_a_book_is_told_by_its_beginning() -> None:
    assert detect_language("客戶長聽電話。" * 5_000 + "Reszta jest po polsku. " * 100_000) == "zh-Hant"


def test_of_questions_at_the_same_moment_only_the_first_chooses_the_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = []

    def choose(languages: list[str]) -> None:
        time.sleep(0.05)  # it takes that long; whoever asks meanwhile would get any of a hundred languages
        chosen.append(languages)

    identifier = SimpleNamespace(set_languages=choose, classify=lambda text: ("en" if chosen else "sw", 1.0))
    monkeypatch.setitem(sys.modules, "py3langid", identifier)
    monkeypatch.setattr(language, "_loaded", lru_cache(maxsize=1)(language._loaded.__wrapped__))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(detect_language, ["what is the churn rate"] * 8))
    assert (found, chosen) == (["en"] * 8, [["pl", "en"]])
