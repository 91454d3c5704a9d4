"""What kind of message is typed: recognised in four languages, with and without the bundled model's vector."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from benchmarks.kinds import exact, f1_of, messages, recognised
from kb import KnowledgeBase
from kb.question.kinds import ASKING, KINDS, SURE, Kind, Recogniser, likeliest
from retrieval.models.encoder import SentenceTransformerEncoder
from tests.helpers.fakes import FakeEncoder
from training.kinds import DATA, Messages, fitted

TOLD = [
    ("谢谢你，再见", Kind.SMALL_TALK),
    ("dziękuję bardzo", Kind.SMALL_TALK),
    ("哪些指标最重要？", Kind.LIST),
    ("客戶長和行銷長有什麼差別？", Kind.COMPARISON),
    ("Dlaczego klienci odchodzą?", Kind.REASON),
    ("Ile zarabia CCO?", Kind.FIGURE),
    ("What is churn?", Kind.DEFINITION),
    ("Co o NPS sądzi Reichheld?", Kind.OPINION),
    ("总结一下流失预警那篇", Kind.SUMMARY),
]


@pytest.mark.parametrize(("message", "kind"), TOLD)
def test_what_is_wanted_shows_in_the_words_alone(message: str, kind: Kind) -> None:
    chances = Recogniser.load().chances(message, None)
    assert chances.shape == (len(KINDS),) and chances.sum() == pytest.approx(1.0)
    assert KINDS[int(chances.argmax())] is kind


def test_the_vector_of_another_model_says_nothing() -> None:
    recogniser, vector = Recogniser.load(), np.ones(5, np.float32)
    assert recogniser.chances("Komu podlega CXO?", vector, "other").tolist() == (
        recogniser.chances("Komu podlega CXO?", None).tolist()
    )


def test_what_is_not_looked_up_is_told_only_where_it_is_sure() -> None:
    chances = np.full(len(KINDS), 0.01)
    chances[[KINDS.index(Kind.LIST), KINDS.index(Kind.SMALL_TALK)]] = 0.3, SURE - 0.01
    assert likeliest(chances) is Kind.LIST
    chances[KINDS.index(Kind.SMALL_TALK)] = SURE
    assert likeliest(chances) is Kind.SMALL_TALK


def test_a_pasted_page_costs_no_more_than_a_question() -> None:
    recogniser, started = Recogniser.load(), time.process_time()
    for _ in range(20):
        recogniser.chances("客户𠮷 ą?!\n" * 100_000, None)
    assert time.process_time() - started < 1


def test_messages_of_others_are_told_apart(bundled_encoder: SentenceTransformerEncoder) -> None:
    told = [row for row in messages() if row["part"] == "look"]
    true = [Kind(row["kind"]) for row in told]
    for encoder, least in ((bundled_encoder, 0.88), (None, 0.75)):
        found = recognised([row["message"] for row in told], encoder)
        assert exact(f1_of(true, found), len(told))[-1] >= least
        asks = [kind in ASKING for kind in true]
        assert np.mean([a <= (kind in ASKING) for a, kind in zip(asks, found, strict=True)]) >= 0.98


def test_no_message_that_is_measured_is_trained_on_and_each_has_a_kind() -> None:
    taught = [json.loads(line) for line in (DATA / "kinds.jsonl").read_text("utf-8").splitlines()]
    assert {Kind(row["kind"]) for row in taught} == set(KINDS)
    assert len({row["message"] for row in taught}) == len(taught)
    assert not {row["message"] for row in taught} & {row["message"] for row in messages()}


def test_the_same_messages_teach_the_same(encoder: FakeEncoder) -> None:
    rows = [json.loads(line) for line in (DATA / "kinds.jsonl").read_text("utf-8").splitlines()[::8]]
    told = Messages.of([row["message"] for row in rows], encoder)
    questions = Messages.of(["狗在哪里睡觉？", "Gdzie śpi pies?"], encoder)
    kinds = np.array([KINDS.index(row["kind"]) for row in rows])
    once, again = (fitted(told, kinds, questions).weights for _ in range(2))
    assert once.keys() == again.keys() and all(np.array_equal(once[name], again[name]) for name in once)


@pytest.mark.parametrize("message", ["玉山银行", "Voxeo", "猫", "2019", "a ile?", "第二个", "Możesz podać przykład?"])
def test_a_single_word_or_a_short_follow_up_is_looked_up(
    bundled_encoder: SentenceTransformerEncoder, message: str
) -> None:
    assert set(recognised([message], bundled_encoder) + recognised([message], None)) <= set(ASKING)


def test_who_greets_and_names_a_concept_asks(small_base: KnowledgeBase) -> None:
    assert small_base.question("Cześć!").kind is Kind.SMALL_TALK
    assert small_base.question("dzięki, super, CXO").kind in ASKING
