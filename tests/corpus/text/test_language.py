"""Language and script of texts and of questions as short as two words."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from corpus.text import identifier, language
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


def test_of_questions_at_the_same_moment_only_the_first_loads_what_tells_them_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded = []

    def load(languages: Sequence[str]) -> Callable[[str], str]:
        time.sleep(0.05)  # it takes that long; whoever asks meanwhile waits for it
        loaded.append(languages)
        return lambda text: "en"

    monkeypatch.setattr(identifier, "identifier", load)
    monkeypatch.setattr(language, "_loaded", lru_cache(maxsize=1)(language._loaded.__wrapped__))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(detect_language, ["what is the churn rate"] * 8))
    assert (found, loaded) == (["en"] * 8, [["pl", "en"]])


# ------------------------------------------------------------------------------- what tells Polish and English apart

BOTH = ["pl", "en"]
SENTENCES = ["what is the churn rate", "kto odpowiada za klienta", "pan i pies", "to be", "a", "NPS to liczba", "1"]


@pytest.fixture(scope="module")
def unpacked() -> Mapping[str, np.ndarray]:
    return identifier._unpacked(BOTH)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder with nothing in it."""
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv("CCO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_is_kept_says_what_the_library_says_that_it_was_unpacked_from(cache: Path) -> None:
    library = LanguageIdentifier.from_model_file(MODEL_FILE)
    library.set_languages(BOTH)
    for told in (identifier.identifier(BOTH), identifier.identifier(BOTH)):  # unpacked, and read
        assert [told(text) for text in SENTENCES] == [library.classify(text)[0] for text in SENTENCES]
    assert [file.suffix for file in cache.iterdir()] == [".npz"]


@pytest.mark.parametrize("damage", ["none", "cut", "another byte", "of another program"])
def test_what_is_kept_is_read_again_and_unpacked_anew_where_it_is_damaged(
    cache: Path, monkeypatch: pytest.MonkeyPatch, unpacked: Mapping[str, np.ndarray], damage: str
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(identifier, "_unpacked", lambda _: asked.append("unpacked") or unpacked)
    identifier.identifier(BOTH)
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    if damage == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif damage == "another byte":
        file.write_bytes(whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :])
    elif damage == "of another program":
        np.savez(file, weights=np.zeros(3))
    assert identifier.identifier(BOTH)(SENTENCES[1]) == "pl"
    assert asked == ["unpacked"] * (1 if damage == "none" else 2)
    assert file.read_bytes() == whole


def test_without_a_folder_to_keep_it_in_it_is_unpacked_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unpacked: Mapping[str, np.ndarray]
) -> None:
    monkeypatch.setattr(identifier, "_unpacked", lambda _: unpacked)
    (tmp_path / "file").touch()
    monkeypatch.setenv("CCO_CACHE", str(tmp_path / "file" / "none"))
    assert identifier.identifier(BOTH)(SENTENCES[0]) == "en"
