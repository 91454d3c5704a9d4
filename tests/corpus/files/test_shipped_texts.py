"""The shipped texts and their questions: enough of them, in their own words, and every answer in its place."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from corpus.cleaning.markup import split_front_matter
from corpus.documents import Document
from corpus.text.language import detect_language
from kb.evaluation.figures.measures import holds_answer
from kb.evaluation.sets.question_sets import EvaluationQuestion, load_question_set
from tests.helpers.shipped import shipped_documents

ROOT = Path(__file__).resolve().parents[3]
TEXTS = ROOT / "corpus" / "texts"
QUESTIONS = ROOT / "kb" / "evaluation" / "questions.jsonl"

NAMES_AND_TITLES = (
    "Chief Customer Officer",
    "Chief Experience Officer",
    "Chief Marketing Officer",
    "dyrektor ds. doświadcze",  # the title's stem: doświadczeń, doświadczenia
    "dyrektora ds. doświadcze",
    "doświadczenie klienta",
    "首席客户官委员会(CCO Council)",
    "Citizens Financial Group",
    "ClearAction Continuum",
    "通过以客户为中心的管理实现增长的CEO指南",
    "人保财险江苏省分公司基于客户洞察的营销管理转型研究",
    "《絕對續訂!訂閱經濟最關鍵的獲客、養客、留客術》",
)
"""All that a text shares with a seed over 20 characters and more: titles of people, firms and works, nothing else."""
RUN = 20


def questions() -> tuple[EvaluationQuestion, ...]:
    return load_question_set(QUESTIONS).questions


@pytest.fixture(scope="module")
def texts() -> dict[str, Document]:
    return {document.id: document for document in shipped_documents()}


# ------------------------------------------------------------------------------------------------------- the texts


def test_there_are_enough_texts_in_every_language(texts: dict[str, Document]) -> None:
    count = Counter(document.language for document in texts.values())
    assert len(texts) >= 14
    assert count["zh-Hans"] >= 5 and count["zh-Hant"] >= 4 and count["pl"] >= 5


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*.md")), ids=lambda path: path.stem)
def test_a_text_has_front_matter_and_a_length_worth_reading(path: Path) -> None:
    metadata, body = split_front_matter(path.read_text(encoding="utf-8"))
    assert 800 <= len(body.strip()) <= 2_500
    assert metadata["id"] == path.stem
    assert metadata["title"].strip()
    assert metadata["language"] == detect_language(body)
    restated = metadata.get("restates", [])
    assert isinstance(restated, list)
    for source in restated:
        assert source["title"].strip() and set(source) <= {"title", "publisher", "date", "url", "author"}


def test_a_text_is_read_as_it_is_written(texts: dict[str, Document]) -> None:
    for path in sorted(TEXTS.glob("*.md")):
        document = texts[path.stem]
        _, body = split_front_matter(path.read_text(encoding="utf-8"))
        assert len(document.sections) >= 2
        # Nothing of a shipped text is taken for page furniture: every word of the file is in the document.
        assert unmarked(document.text) == unmarked(body)


def unmarked(text: str) -> str:
    """Return the words of a Markdown text without its marks and white space."""
    return "".join(re.sub(r"^#+ |^[-*] |^\d+\. |\*\*", "", text, flags=re.MULTILINE).split())


def tight(text: str) -> str:
    """Return `text` as it is compared: compatibility forms and case folded, white space gone."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def shared_runs(text: str, other: str, length: int = RUN) -> list[str]:
    """Return the longest runs, of `length` characters at least, that `text` shares with `other`."""
    text, other = tight(text), tight(other)
    known = {other[i : i + length] for i in range(len(other) - length + 1)}
    runs, place = [], 0
    while place + length <= len(text):
        if text[place : place + length] not in known:
            place += 1
            continue
        end = place + length
        while end < len(text) and text[place : end + 1] in other:
            end += 1
        runs.append(text[place:end])
        place = end
    return runs


def beyond_names(run: str) -> str:
    """Return the letters and digits of `run` that belong to none of the names."""
    for name in sorted(NAMES_AND_TITLES, key=len, reverse=True):
        run = run.replace(tight(name), "")
    return "".join(filter(str.isalnum, run))


def test_no_sentence_of_a_seed_is_copied(texts: dict[str, Document], shared: Path) -> None:
    seeds = {path.name: path.read_text(encoding="utf-8") for path in sorted((shared / "seeds").glob("*.txt"))}
    assert len(seeds) >= 5
    copied = {
        (document.id, name): runs
        for document in texts.values()
        for name, seed in seeds.items()
        if (runs := [run for run in shared_runs(document.text, seed) if len(beyond_names(run)) > 3])
    }
    assert copied == {}


def test_every_name_that_may_be_shared_is(texts: dict[str, Document]) -> None:
    everything = tight(" ".join(document.text for document in texts.values()))
    assert [name for name in NAMES_AND_TITLES if tight(name) not in everything] == []


def test_a_copied_run_is_found() -> None:
    seed = "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑寅卯"
    assert shared_runs(f"前文{seed[2:22]} 后文", seed) == [seed[2:22]]
    assert shared_runs(f"前文{seed[:12]}\n{seed[12:]}后文", seed) == [seed]
    assert shared_runs(f"前文{seed[:19]}后文{seed[5:24]}", seed) == []
    assert beyond_names(tight("Chief Customer Officer, który")) == "który"
    assert shared_runs("ＡBC defghijklmnopqrstuvwxyz", "abcdefghijklmnopqrst") == ["abcdefghijklmnopqrst"]


# --------------------------------------------------------------------------------------------------- the questions


def test_there_are_enough_questions() -> None:
    asked = questions()
    assert len(asked) >= 90
    assert sum(not question.answerable for question in asked) >= 20
    assert len({question.question for question in asked}) == len(asked)


def test_every_answer_stands_in_a_document_that_is_named(texts: dict[str, Document]) -> None:
    for question in questions():
        assert set(question.documents) <= set(texts), question.id
        assert bool(question.documents) == question.answerable, question.id
        for answer in question.answers:
            assert any(holds_answer(texts[name].text, [answer]) for name in question.documents), (question.id, answer)
        for name in question.documents:
            assert holds_answer(texts[name].text, question.answers), (question.id, name)


def test_a_question_is_in_the_language_that_it_says() -> None:
    wrong = {q.id: q.question for q in questions() if detect_language(q.question) != q.language}
    assert wrong == {}


def test_the_answer_does_not_stand_in_the_question() -> None:
    given = [q.id for q in questions() if any(holds_answer(q.question, [answer]) for answer in q.answers)]
    assert given == []


def test_every_document_is_asked_about_in_its_language_the_other_script_and_across(texts: dict[str, Document]) -> None:
    asked = {(question.language, name) for question in questions() for name in question.documents}
    missing = []
    for document in texts.values():
        other_script = {"zh-Hans": "zh-Hant", "zh-Hant": "zh-Hans"}.get(document.language)
        across = ("zh-Hans", "zh-Hant") if document.language == "pl" else ("pl",)
        missing += [
            f"{document.id} in {' or '.join(wanted)}"
            for wanted in ((document.language,), (other_script,) if other_script else (), across)
            if wanted and not any((language, document.id) in asked for language in wanted)
        ]
    assert missing == []


def test_unanswerable_questions_come_in_every_language() -> None:
    assert {q.language for q in questions() if not q.answerable} >= {"zh-Hans", "zh-Hant", "pl"}
