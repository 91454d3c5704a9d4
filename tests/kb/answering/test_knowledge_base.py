"""The public face: answers from the shipped texts with the real model, changes with the one that counts animals."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.files.sources import SourceError
from kb import Answer, KnowledgeBase, QuestionError, Settings, SettingsError, UnknownDocument
from kb.answering.confidence import FAIR, STRONG, level, quote_support
from kb.settings.schema import ModelSettings
from tests.helpers.fakes import TEXTS, FakeEncoder, animal_documents

QUESTIONS = [
    json.loads(line)
    for line in (Path(__file__).parents[3] / "kb" / "evaluation" / "questions.jsonl").read_text("utf-8").splitlines()
]
REFUSALS = {
    "zh-Hans": "现有资料没有说明这个问题。",
    "zh-Hant": "現有資料沒有提到這個問題的答案。",
    "pl": "Dostępne źródła o tym nie mówią.",
    "en": "The sources do not say.",
}
Reopen = Callable[[], KnowledgeBase]


def with_threshold(base: KnowledgeBase, refuse_below: float) -> KnowledgeBase:
    settings = Settings(index=base.settings.index, answer={"refuse_below": refuse_below})  # type: ignore[arg-type]
    return KnowledgeBase.open(settings=settings, encoder=base.encoder)


# --------------------------------------------------------------------------------- the shipped texts, the real model


@pytest.fixture(scope="module")
def answers(shipped_base: KnowledgeBase) -> list[Answer]:
    """Answers to every third question of the set, whatever the threshold makes of them."""
    willing = with_threshold(shipped_base, 0.0)
    asked = [question["question"] for question in QUESTIONS[::3]]
    assert len(asked) >= 40
    return [base.ask(question) for question in asked for base in (shipped_base, willing)]


def test_every_citation_is_the_exact_words_of_its_source(shipped_base: KnowledgeBase, answers: list[Answer]) -> None:
    cited = 0
    for answer in answers:
        for citation in answer.citations:
            document = shipped_base.document(citation.document_id)
            assert document.text[citation.start : citation.end] == citation.quote != ""
            assert (citation.title, citation.source, citation.language) == (
                document.title,
                document.source,
                document.language,
            )
            if citation.section:
                assert document.text.rfind(citation.section, 0, citation.start) >= 0
            cited += 1
    assert cited >= 40


def test_every_sentence_of_an_answer_is_a_quote_and_says_which(answers: list[Answer]) -> None:
    for answer in answers:
        assert answer.answered == bool(answer.sentences) == bool(answer.citations)
        assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
        quotes = {citation.number: citation.quote for citation in answer.citations}
        for sentence in answer.sentences:
            assert sentence.citations
            assert sentence.text in [quotes[number] for number in sentence.citations]
        if answer.answered:
            marks = [int(number) for number in re.findall(r"\[(\d+)\]", answer.text)]
            assert sorted(set(marks)) == list(quotes)
            assert all(sentence.text in answer.text for sentence in answer.sentences)


def test_an_answer_comes_with_its_nearest_passages(shipped_base: KnowledgeBase, answers: list[Answer]) -> None:
    for answer in answers:
        assert len(answer.hits) == shipped_base.settings.passages == 5
        for hit in answer.hits:
            passage = hit.passage
            assert shipped_base.document(passage.document_id).text[passage.start : passage.end] == passage.text
            assert passage.start <= hit.start < hit.end <= passage.end
        assert 0.0 <= answer.confidence <= 1.0


def test_some_questions_are_answered_and_some_are_not(answers: list[Answer]) -> None:
    assert {answer.answered for answer in answers[::2]} == {True, False}


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("澳大利亚的首都是哪里?", "zh-Hans"),
        ("澳洲的首都是哪裡?", "zh-Hant"),
        ("Jaka jest stolica Australii?", "pl"),
        ("What is the capital of Australia?", "en"),
    ],
)
def test_a_refusal_is_in_the_questions_language_and_script(
    shipped_base: KnowledgeBase, question: str, language: str
) -> None:
    answer = with_threshold(shipped_base, 1.0).ask(question)
    assert (answer.language, answer.answered, answer.text) == (language, False, REFUSALS[language])
    assert answer.sentences == answer.citations == ()
    assert len(answer.hits) == 5


def test_the_json_of_an_answer_has_the_promised_keys(shipped_base: KnowledgeBase) -> None:
    value: dict[str, Any] = with_threshold(shipped_base, 0.0).ask("客戶長是做什麼的?").to_json()
    value = json.loads(json.dumps(value))
    assert {
        "question",
        "language",
        "answered",
        "confidence",
        "engine",
        "kind",
        "refusal",
        "answer",
        "sentences",
        "citations",
        "passages",
        "timings_ms",
    } <= set(value)
    assert (value["question"], value["language"], value["answered"]) == ("客戶長是做什麼的?", "zh-Hant", True)
    assert (value["engine"], value["kind"], value["refusal"]) == ("extractive", "definition", None)
    assert all(set(sentence) >= {"text", "citations"} for sentence in value["sentences"])
    cited = {"number", "document_id", "title", "source", "language", "section", "page", "start", "end", "quote"}
    assert all(set(citation) >= cited for citation in value["citations"])
    assert all(set(p) >= {"document_id", "start", "end", "score", "text"} for p in value["passages"])
    assert set(value["timings_ms"]) >= {"encode", "search", "answer", "total"}
    assert value["timings_ms"]["total"] >= value["timings_ms"]["encode"] > 0


def without_timings(answer: Answer) -> dict[str, Any]:
    return {key: value for key, value in answer.to_json().items() if key != "timings_ms"}


@pytest.mark.usefixtures("anew")
def test_an_answer_is_the_same_when_asked_again_and_on_any_number_of_threads(shipped_base: KnowledgeBase) -> None:
    import torch

    willing = with_threshold(shipped_base, 0.0)
    asked = [question["question"] for question in QUESTIONS[::40]]
    threads = torch.get_num_threads()
    try:
        runs = []
        for count in (1, 2, 4, 1):
            torch.set_num_threads(count)
            runs.append([without_timings(willing.ask(question)) for question in asked])
    finally:
        torch.set_num_threads(threads)
    assert runs[0] == runs[3]
    for more in runs[1:3]:
        for one, two in zip(runs[0], more, strict=True):
            assert (one["answer"], one["citations"]) == (two["answer"], two["citations"])
            assert one["confidence"] == pytest.approx(two["confidence"], abs=1e-3)


@pytest.mark.usefixtures("anew")
def test_questions_from_several_threads_get_the_answers_that_they_get_alone(shipped_base: KnowledgeBase) -> None:
    asked = [question["question"] for question in QUESTIONS[::32]]
    alone = [without_timings(shipped_base.ask(question)) for question in asked]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda question: without_timings(shipped_base.ask(question)), asked))
    assert [value["answer"] for value in together] == [value["answer"] for value in alone]


@pytest.mark.parametrize(
    ("question", "document_id"),
    [
        ("rola CXO a CMO", "cxo-a-cmo"),
        ("CXO 和 CMO 有什么不同?", "cxo-a-cmo"),
        ("客戶長是做什麼的?", "kehuzhang"),
        ("客户长是做什么的?", "kehuzhang"),
    ],
)
def test_a_plain_question_finds_its_document_in_either_script_and_across_languages(
    shipped_base: KnowledgeBase, question: str, document_id: str
) -> None:
    assert document_id in [hit.passage.document_id for hit in shipped_base.search(question, k=3)]


def test_the_language_filter_reaches_the_answer(shipped_base: KnowledgeBase) -> None:
    answer = with_threshold(shipped_base, 0.0).ask("Kim jest dyrektor do spraw klientów?", languages=["zh-Hant"])
    assert {c.language for c in answer.citations} == {h.passage.language for h in answer.hits} == {"zh-Hant"}
    assert answer.language == "pl"


# ------------------------------------------------------------------------------------------------ questions, by hand


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", r"the question is empty; type one"),
        (" \n\t\u3000 ", r"the question is empty; type one"),
        ("?!…。，「」", r"the question holds no word or figure; type one in words"),
        ("客" * 100_000, r"the question has 100,000 characters, at most 2,000 are read; shorten it"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_in_one_line(
    small_base: KnowledgeBase, question: str, message: str
) -> None:
    for ask in (small_base.ask, small_base.search):
        with pytest.raises(QuestionError, match=message) as raised:
            ask(question)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "question", ["猫", "1", " 猫\n", "a\x00b", "𠮷", "猫" * 2_000, "SELECT * FROM x; --", "\ud800猫"]
)
def test_an_odd_question_is_answered_or_refused(small_base: KnowledgeBase, question: str) -> None:
    answer = small_base.ask(question)
    assert answer.question == question.strip()
    json.dumps(answer.to_json())


def test_a_small_base_answers_in_the_words_of_its_text(small_base: KnowledgeBase) -> None:
    answer = with_threshold(small_base, 0.0).ask("狗每天散步幾次?")
    assert "狗每天散步兩次。" in [citation.quote for citation in answer.citations]
    assert answer.citations[0].document_id == "dogs"
    assert answer.text.endswith("]")


def test_a_lower_k_gives_fewer_passages_and_the_same_answer(small_base: KnowledgeBase) -> None:
    willing = with_threshold(small_base, 0.0)
    few, many = willing.ask("Co ryby robią w nocy?", k=1), willing.ask("Co ryby robią w nocy?", k=4)
    assert (len(few.hits), len(many.hits)) == (1, 4)
    assert few.text == many.text


# ------------------------------------------------------------------------------------------------------- changes


def texts(base: KnowledgeBase) -> dict[str, str]:
    return {document.id: document.text for document in base.documents()}


ALL = {name: text for name, (_, text) in TEXTS.items()}


def test_a_base_tells_what_was_built(small_base: KnowledgeBase) -> None:
    change = small_base.last_change
    assert change.added == ("birds", "cats", "dogs", "fish")
    assert (change.documents, change.passages, change.windows, change.skipped) == (4, 4, 12, ())
    assert texts(small_base) == ALL
    assert (small_base.manifest.documents, small_base.manifest.windows) == (4, 12)


def test_a_document_is_added_found_replaced_and_removed(
    small_base: KnowledgeBase, tmp_path: Path, reopen: Reopen
) -> None:
    new = tmp_path / "parrot.md"
    new.write_text("Papuga to ptak. Ptaki latają.", encoding="utf-8")
    assert small_base.add([new]).added == ("parrot",)
    assert "parrot" in [hit.passage.document_id for hit in small_base.search("papuga")]

    new.write_text("Papuga mówi. Papuga żyje długo.", encoding="utf-8")
    change = small_base.add([new])
    assert (change.added, change.documents) == (("parrot",), 5)
    assert texts(reopen())["parrot"] == "Papuga mówi. Papuga żyje długo."
    assert "latają" not in " ".join(hit.passage.text for hit in small_base.search("papuga latają", k=100))

    change = small_base.remove(["parrot"])
    assert (change.removed, change.documents) == (("parrot",), 4)
    assert texts(reopen()) == texts(small_base) == ALL
    assert "parrot" not in [hit.passage.document_id for hit in small_base.search("papuga", k=100)]


def test_a_file_that_is_there_already_is_left_alone(
    small_base: KnowledgeBase, animals: Path, encoder: FakeEncoder
) -> None:
    encoder.encoded.clear()
    change = small_base.add([animals])
    assert (change.added, encoder.encoded) == ((), [])
    assert [item.reason for item in change.skipped] == [f"is there already, as {name}" for name in sorted(TEXTS)]


def test_only_what_is_new_is_encoded(small_base: KnowledgeBase, tmp_path: Path, encoder: FakeEncoder) -> None:
    encoder.encoded.clear()
    (tmp_path / "new.md").write_text("Kot pije mleko.", encoding="utf-8")
    small_base.add([tmp_path / "new.md"])
    assert {text.rpartition(" new ")[2] for text in encoder.encoded} <= {"Kot pije mleko.", "new Kot pije mleko."}
    encoder.encoded.clear()
    small_base.remove(["cats"])
    assert encoder.encoded == []


def test_files_of_one_name_are_kept_apart(tmp_path: Path, encoder: FakeEncoder) -> None:
    for folder, words in (("a", "Kot śpi."), ("b", "Pies szczeka.")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "notes.md").write_text(words, encoding="utf-8")
    base = KnowledgeBase.build([tmp_path / "a", tmp_path / "b"], tmp_path / "index", encoder=encoder)
    assert texts(base) == {"notes": "Kot śpi.", "notes-2": "Pies szczeka."}


def test_a_changed_file_replaces_its_own_older_self_and_not_a_namesake(tmp_path: Path, encoder: FakeEncoder) -> None:
    for folder, words in (("a", "Kot śpi."), ("b", "Pies szczeka.")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "notes.md").write_text(words, encoding="utf-8")
    base = KnowledgeBase.build([tmp_path / "a", tmp_path / "b"], tmp_path / "index", encoder=encoder)
    (tmp_path / "b" / "notes.md").write_text("Pies biega.", encoding="utf-8")
    base.add([tmp_path / "b" / "notes.md"])
    assert sorted(texts(base).values()) == ["Kot śpi.", "Pies biega."]


def test_adding_a_namesake_loses_nothing(tmp_path: Path, encoder: FakeEncoder) -> None:
    for folder, words in (("a", "Kot śpi."), ("b", "Pies szczeka.")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "notes.md").write_text(words, encoding="utf-8")
    base = KnowledgeBase.build([tmp_path / "a"], tmp_path / "index", encoder=encoder)
    base.add([tmp_path / "b"])
    assert sorted(texts(base).values()) == ["Kot śpi.", "Pies szczeka."]


def test_removing_what_is_not_there_changes_nothing(small_base: KnowledgeBase, reopen: Reopen) -> None:
    with pytest.raises(UnknownDocument, match=r"no document 'cat' here; cco docs lists them"):
        small_base.remove(["cats", "cat"])
    with pytest.raises(UnknownDocument):
        small_base.document("cat")
    assert texts(reopen()) == ALL


def test_a_base_that_was_emptied_refuses_and_can_be_filled_again(
    small_base: KnowledgeBase, animals: Path, reopen: Reopen
) -> None:
    small_base.remove(list(TEXTS))
    emptied = reopen()
    assert (emptied.documents(), emptied.search("猫")) == ([], [])
    answer = emptied.ask("猫睡多久?")
    assert (answer.answered, answer.text, answer.hits) == (False, REFUSALS["zh-Hans"], ())
    emptied.add([animals])
    assert texts(reopen()) == ALL


@pytest.mark.parametrize("name", ["empty.md", "unknown.xyz", "missing.md", "no-such-folder", "empty-folder"])
def test_a_failed_add_loses_nothing(small_base: KnowledgeBase, tmp_path: Path, reopen: Reopen, name: str) -> None:
    (tmp_path / "empty.md").touch()
    (tmp_path / "unknown.xyz").write_text("text")
    (tmp_path / "empty-folder").mkdir()
    with pytest.raises(SourceError, match=name):
        small_base.add([tmp_path / name])
    assert texts(small_base) == texts(reopen()) == ALL
    assert [hit.passage.document_id for hit in small_base.search("猫", k=1)] == ["cats"]


def test_an_add_that_breaks_in_the_middle_loses_nothing(
    small_base: KnowledgeBase, tmp_path: Path, reopen: Reopen, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new.md").write_text("Kot pije mleko.", encoding="utf-8")

    def out_of_memory(*_: object) -> np.ndarray:
        raise MemoryError

    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(encoder, "encode_documents", out_of_memory)
        small_base.add([tmp_path / "new.md"])
    assert texts(small_base) == texts(reopen()) == ALL
    small_base.add([tmp_path / "new.md"])
    assert texts(reopen()) == {**ALL, "new": "Kot pije mleko."}


def test_a_build_of_nothing_keeps_the_index_that_was_there(
    small_base: KnowledgeBase, tmp_path: Path, reopen: Reopen
) -> None:
    (tmp_path / "empty.md").touch()
    with pytest.raises(SourceError, match=r"empty.md: is empty"):
        KnowledgeBase.build([tmp_path / "empty.md"], tmp_path / "index", encoder=FakeEncoder())
    assert texts(reopen()) == ALL


def test_good_files_beside_bad_ones_are_added_and_the_bad_ones_named(small_base: KnowledgeBase, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "good.md").write_text("Kot mruczy.", encoding="utf-8")
    (folder / "binary.txt").write_bytes(b"%PDF-1.7")
    (folder / "table.xlsx").write_bytes(b"PK")
    change = small_base.add([folder])
    assert change.added == ("good",)
    assert {Path(item.path).name: item.reason.split(";")[0] for item in change.skipped} == {
        "binary.txt": "looks like a PDF, not like plain text",
        "table.xlsx": "the ending .xlsx is unknown",
    }


def test_front_matter_of_any_kind_survives(tmp_path: Path, encoder: FakeEncoder, reopen: Reopen) -> None:
    (tmp_path / "odd.md").write_text(
        "---\nid: odd\ntitle: 'Odd: one'\ndate: 2026-11-22\nrestates:\n  - date: 2019-11-07\n    pages: [1, 2]\n"
        "rating: 4.5\nnothing:\n---\nKot śpi.\n",
        encoding="utf-8",
    )
    KnowledgeBase.build([tmp_path / "odd.md"], tmp_path / "index", encoder=encoder)
    document = reopen().document("odd")
    assert (document.title, document.date) == ("Odd: one", "2026-11-22")
    assert document.metadata["restates"] == [{"date": "2019-11-07", "pages": [1, 2]}]


def test_two_builds_of_the_same_texts_are_the_same_index(animals: Path, tmp_path: Path) -> None:
    digests = {
        KnowledgeBase.build([animals], tmp_path / name, encoder=FakeEncoder()).manifest.digest for name in ("a", "b")
    }
    assert len(digests) == 1


# ------------------------------------------------------------------------------------------------------ settings


def test_settings_come_from_a_file_and_the_environment_has_the_last_word(tmp_path: Path) -> None:
    file = tmp_path / "cco.toml"
    file.write_text('model = "from-file"\npassages = 7\n[answer]\nmost_sentences = 2\n')
    settings = Settings.load(environment={"CCO_SETTINGS": str(file), "CCO_MODEL": "from-env", "CCO_INDEX": "/x/y"})
    assert (settings.model.name, settings.passages, settings.answer.most_sentences) == ("from-env", 7, 2)
    assert settings.index == Path("/x/y")
    assert Settings.load(file, environment={}).model == ModelSettings(name="from-file", dtype="auto")
    assert Settings.load(file, environment={"CCO_MODEL_DTYPE": "bfloat16"}).model == ModelSettings(
        name="from-file", dtype="bfloat16"
    )
    assert Settings.load(environment={"CCO_MODEL_DTYPE": "bfloat16"}).model.dtype == "bfloat16"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("colour = 1", r"cco.toml: colour: Extra inputs are not permitted"),
        ("[model]\ndtype = 'int8'", r"cco.toml: model.dtype: Input should be 'auto', 'float32' or 'bfloat16'"),
        ("model = 3", r"cco.toml: model: Input should be a valid dictionary"),
        ("passages = 0", r"cco.toml: passages: Input should be greater than or equal to 1"),
        ("[answer]\nrefuse_below = 2", r"cco.toml: answer.refuse_below: Input should be less than or equal to 1"),
        ("passages =", r"cannot read the settings in .*cco.toml: "),
    ],
)
def test_settings_that_cannot_be_used_are_refused(tmp_path: Path, written: str, message: str) -> None:
    (tmp_path / "cco.toml").write_text(written)
    with pytest.raises(SettingsError, match=message):
        Settings.load(tmp_path / "cco.toml", environment={})


def test_settings_that_are_named_but_missing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read the settings in .*none.toml.*: there is no such file"):
        Settings.load(environment={"CCO_SETTINGS": str(tmp_path / "none.toml")})


def test_a_question_is_made_ready_for_the_generation_that_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = KnowledgeBase.of_documents(animal_documents(), settings=Settings(index=tmp_path), encoder=FakeEncoder())
    question = "Ryby pływają w stawie?"
    before, asked_before = base.search(question), base.ask(question)
    held = base.opened
    base.remove(["cats", "dogs"])
    # As where another thread removes between a reader's taking its generation and its asking.
    monkeypatch.setattr(base, "_fresh", lambda: held)
    assert base.search(question) == before
    assert base.ask(question).hits == asked_before.hits


def test_what_is_quoted_is_the_likelier_the_more_of_all_probability_it_has() -> None:
    assert quote_support(0.99, -0.2) > quote_support(0.5, -0.2) > quote_support(0.5, -4.0)
    assert quote_support(0.0, -np.inf) == 0.0
    assert [level(support) for support in (STRONG, FAIR, FAIR - 0.01)] == ["strong", "fair", "weak"]


def test_an_answer_of_several_parts_is_as_well_supported_as_the_least_of_them(shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask("什么是NPS？什么是CES？")
    assert answer.support == min(part.support for part in answer.parts) < 1
