"""Folders of papers that are all alike: what most of them say is found and told, what none says is not.

The texts are written in the course of the test, from the values in benchmarks/alike.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.alike import KINDS, Collection, Outcome, collections, indexed, outcome
from kb.answering.extractive import PASSAGES_READ
from retrieval.models.encoder import SentenceTransformerEncoder

COLLECTIONS = {collection.name: collection for collection in collections()}
AMONG_MORE = ("shuidian", "zhiban", "karnety")
"""Papers of one line, beside more papers on the same subject than are read."""


def asked(collection: Collection, count: int, folder: Path, encoder: SentenceTransformerEncoder) -> list[Outcome]:
    base = indexed(collection, count, folder, encoder)
    return [outcome(base, question) for question in collection.questions(count)]


def test_values_are_dealt_out_so_that_a_name_picks_one_file() -> None:
    for collection in collections():
        files = collection.files(300)
        assert len(set(files.values())) == len(files), collection.name
        for question in collection.questions(300):
            assert question.kind != "named" or len(question.right) == 1, question.text
            for name, answers in question.right.items():
                assert all(answer in files[name] for answer in answers), question.text


def test_there_are_questions_of_every_kind_and_none_twice() -> None:
    questions = [question for collection in collections() for question in collection.questions(3)]
    assert len({question.text for question in questions}) == len(questions)
    for collection in collections():
        assert {question.kind for question in collection.questions(3)} == set(KINDS), collection.name


@pytest.mark.slow
@pytest.mark.parametrize("name", AMONG_MORE)
def test_what_most_files_say_is_among_what_is_read(
    name: str, tmp_path: Path, bundled_encoder: SentenceTransformerEncoder
) -> None:
    count = 60
    base = indexed(COLLECTIONS[name], count, tmp_path, bundled_encoder)
    missed = []
    for question in COLLECTIONS[name].questions(count):
        read = {hit.passage.document_id for hit in base.search(question.text, PASSAGES_READ)}
        if question.right and not read & set(question.right):
            missed.append(question.text)
    assert not missed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fapiao", "zgloszenia"])
def test_invoices_and_tickets_are_told_apart_and_together(
    name: str, tmp_path: Path, bundled_encoder: SentenceTransformerEncoder
) -> None:
    outcomes = asked(COLLECTIONS[name], 12, tmp_path, bundled_encoder)
    told = [o for o in outcomes if o.asked.right]
    none = [o for o in outcomes if not o.asked.right]
    assert sum(o.right for o in told) >= len(told) - 2
    assert sum(not o.answered for o in none) >= len(none) - 1
