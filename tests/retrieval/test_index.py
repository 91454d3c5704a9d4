"""Searching, adding and removing with an encoder that counts animals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpus.documents import Document
from corpus.text.segment import content_tokens
from retrieval.index.contents import Contents
from retrieval.index.snapshot import MODES, Hit, Mode, Snapshot
from retrieval.languages.probes import measure
from tests.helpers.fakes import FakeEncoder, animal_documents, document


def snapshot_of(documents: list[Document], encoder: FakeEncoder) -> Snapshot:
    return built(Contents.encode(documents, encoder), encoder)


def built(contents: Contents, encoder: FakeEncoder) -> Snapshot:
    return Snapshot.build(contents, measure(encoder))


def search(snapshot: Snapshot, text: str, encoder: FakeEncoder, **options: object) -> list[Hit]:
    return snapshot.search(snapshot.question(text, encoder), **options)  # type: ignore[arg-type]


def found(hits: list[Hit]) -> list[str]:
    return [hit.passage.document_id for hit in hits]


@pytest.fixture
def snapshot(encoder: FakeEncoder) -> Snapshot:
    return snapshot_of(animal_documents(), encoder)


@pytest.mark.parametrize("mode", ["hybrid", "dense"])
@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("猫睡多久?", "cats"),
        ("貓睡多久?", "cats"),
        ("Ile śpi kot?", "cats"),
        ("How long do cats sleep?", "cats"),
        ("狗散步几次?", "dogs"),
        ("狗散步幾次?", "dogs"),
        ("鱼睡觉吗?", "fish"),
        ("Co robią ryby w nocy?", "fish"),
        ("鳥巢用什麼做?", "birds"),
        ("Z czego ptaki budują gniazda?", "birds"),
    ],
)
def test_a_question_in_any_language_finds_its_animal(
    snapshot: Snapshot, encoder: FakeEncoder, mode: Mode, question: str, first: str
) -> None:
    assert found(search(snapshot, question, encoder, mode=mode, k=1)) == [first]


def test_sparse_search_finds_words_and_nothing_else(snapshot: Snapshot, encoder: FakeEncoder) -> None:
    assert found(search(snapshot, "散步", encoder, mode="sparse")) == ["dogs"]
    assert found(search(snapshot, "pływać w stawach", encoder, mode="sparse")) == ["fish"]
    assert found(search(snapshot, "zaimek", encoder, mode="sparse")) == []
    # What the vectors see and the words do not: a Polish question about cats in a Chinese text.
    assert found(search(snapshot, "koty", encoder, mode="sparse")) == []


def test_dense_search_goes_by_the_vectors_and_sparse_search_by_the_words(encoder: FakeEncoder) -> None:
    # Only the first names a cat; only the second has the question's words.
    near, worded = document("near", "Kot.", "pl"), document("worded", "Sennik egipski po polsku. Ryba.", "pl")
    snapshot = snapshot_of([near, worded, *animal_documents()], encoder)
    question = "koci 猫 sennik egipski"
    for mode, first in (("dense", {"near", "cats"}), ("sparse", {"worded"})):
        hits = search(snapshot, question, encoder, mode=mode)
        assert hits[0].passage.document_id in first
        assert [hit.score for hit in hits] == [getattr(hit, mode) for hit in hits]


def test_a_hit_says_what_spoke_for_it(snapshot: Snapshot, encoder: FakeEncoder) -> None:
    hits = search(snapshot, "狗 散步", encoder, k=4)
    best = hits[0]
    text = snapshot.documents["dogs"].text
    assert (best.passage.document_id, best.passage.text) == ("dogs", text)
    assert snapshot.contents.passages[best.number] == best.passage
    assert text[best.start : best.end] in ("狗喜歡散步。", "狗每天散步兩次。", text)
    assert best.dense == pytest.approx(max(hit.dense for hit in hits))
    assert best.sparse > 0
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@pytest.mark.parametrize("mode", MODES)
def test_k_hits_at_most_best_first_and_the_same_best_for_every_k(
    snapshot: Snapshot, encoder: FakeEncoder, mode: Mode
) -> None:
    whole = search(snapshot, "猫和鱼 sing dawn 散步", encoder, mode=mode, k=100)
    assert len(whole) == len(set(found(whole))) <= 4
    for k in (1, 2, 3):
        assert found(search(snapshot, "猫和鱼 sing dawn 散步", encoder, mode=mode, k=k)) == found(whole)[:k]


@pytest.mark.parametrize("mode", MODES)
def test_the_language_filter_lets_only_its_languages_through(
    snapshot: Snapshot, encoder: FakeEncoder, mode: Mode
) -> None:
    question = "散步 睡觉 pływać sing"
    assert set(found(search(snapshot, question, encoder, mode=mode))) == {"cats", "dogs", "fish", "birds"}
    assert found(search(snapshot, question, encoder, mode=mode, languages=["zh-Hant"])) == ["dogs"]
    assert set(found(search(snapshot, question, encoder, mode=mode, languages=["pl", "en"]))) == {"fish", "birds"}
    assert search(snapshot, question, encoder, mode=mode, languages=["und"]) == []


def test_the_language_filter_reaches_what_many_better_hits_hide(encoder: FakeEncoder) -> None:
    crowd = [document(f"cat-{n}", f"猫猫猫。第{n}只猫。", "zh-Hans") for n in range(150)]
    rare = document("lone", "Pies widzi kota.", "pl")
    snapshot = snapshot_of([*crowd, rare], encoder)
    for mode in ("hybrid", "dense"):
        assert found(search(snapshot, "猫", encoder, mode=mode, languages=["pl"])) == ["lone"]


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_index_finds_nothing(encoder: FakeEncoder, mode: Mode) -> None:
    snapshot = snapshot_of([], encoder)
    assert search(snapshot, "猫", encoder, mode=mode) == []


def test_a_document_without_a_word_does_no_harm(encoder: FakeEncoder) -> None:
    snapshot = snapshot_of([document("dots", "……", "und"), *animal_documents()], encoder)
    assert found(search(snapshot, "猫睡多久?", encoder, k=1)) == ["cats"]


def test_a_question_of_its_language_is_what_it_is_told(snapshot: Snapshot, encoder: FakeEncoder) -> None:
    assert snapshot.question("狗散步幾次?", encoder).language == "zh-Hant"
    assert snapshot.question("狗散步幾次?", encoder, "zh-Hans").language == "zh-Hans"
    assert set(snapshot.question("狗散步幾次?", encoder).tokens) == set(content_tokens("狗散步幾次?"))


def test_several_questions_at_once_are_the_same_as_one_by_one(snapshot: Snapshot, encoder: FakeEncoder) -> None:
    texts = ["猫睡多久?", "Co robią ryby?", "Birds?"]
    for together, text in zip(snapshot.questions(texts, encoder), texts, strict=True):
        alone = snapshot.question(text, encoder)
        assert (together.text, together.language, together.tokens) == (alone.text, alone.language, alone.tokens)
        assert together.vector == pytest.approx(alone.vector)


# ------------------------------------------------------------------------------------------------------- changes


def test_a_removed_document_is_never_found(encoder: FakeEncoder) -> None:
    whole = Contents.encode(animal_documents(), encoder)
    for gone in ("cats", "dogs", "fish", "birds"):
        left = built(whole.without({gone}), encoder)
        for mode in MODES:
            for question in ("猫 狗 ryby birds 散步 睡觉 pływać sing", "猫", "散步", "ryby", "birds"):
                assert gone not in found(search(left, question, encoder, mode=mode, k=100))


def test_removing_and_adding_back_gives_the_same_hits(encoder: FakeEncoder) -> None:
    documents = animal_documents()
    whole = Contents.encode(documents, encoder)
    again = whole.without({"dogs"}).joined(Contents.encode([documents[1]], encoder))
    a, b = (built(contents, encoder) for contents in (whole, again))
    for question in ("猫", "狗散步", "Co robią ryby?", "birds sing", "猫 狗"):
        left = [(h.passage, round(h.score, 5), h.start, h.end) for h in search(a, question, encoder)]
        right = [(h.passage, round(h.score, 5), h.start, h.end) for h in search(b, question, encoder)]
        assert sorted(left, key=str) == sorted(right, key=str)


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (2, 0, 3, 1)])
def test_the_order_of_documents_does_not_matter(encoder: FakeEncoder, order: tuple[int, ...]) -> None:
    documents = animal_documents()
    a = snapshot_of(documents, encoder)
    b = snapshot_of([documents[n] for n in order], encoder)
    for question in ("猫睡多久?", "狗散步幾次?", "Co robią ryby w nocy?", "Where do birds nest?"):
        left, right = search(a, question, encoder, k=1), search(b, question, encoder, k=1)
        assert left[0].passage == right[0].passage
        assert left[0].score == pytest.approx(right[0].score, abs=1e-5)


def test_contents_are_renumbered_whole(encoder: FakeEncoder) -> None:
    whole = Contents.encode(animal_documents(), encoder)
    left = whole.without({"cats", "fish"})
    assert [d.id for d in left.documents] == ["dogs", "birds"]
    assert [p.document_id for p in left.passages] == ["dogs", "birds"]
    assert left.windows[:, 0].tolist() == sorted(left.windows[:, 0].tolist())
    assert set(left.windows[:, 0].tolist()) == {0, 1}
    expected = Contents.encode([animal_documents()[1], animal_documents()[3]], FakeEncoder())
    assert left.windows.tolist() == expected.windows.tolist()
    assert left.vectors == pytest.approx(expected.vectors)
    nothing = whole.without({"cats", "dogs", "fish", "birds"})
    assert (nothing.documents, nothing.passages, nothing.windows.shape) == ((), (), (0, 4))
    assert nothing.joined(whole).windows.tolist() == whole.windows.tolist()


def test_windows_are_single_sentences_and_runs_under_their_title(encoder: FakeEncoder) -> None:
    titled = replace(animal_documents()[0], title="Zoo")
    contents = Contents.encode([titled], encoder)
    assert contents.windows.tolist() == [[0, 0, 1, 0], [0, 1, 1, 0], [0, 0, 2, 1]]
    assert encoder.encoded == ["猫喜欢睡觉。", "猫每天睡十六个小时。", "Zoo 猫喜欢睡觉。猫每天睡十六个小时。"]
    assert [contents.text_of(row) for row in range(3)] == [
        "猫喜欢睡觉。",
        "猫每天睡十六个小时。",
        "猫喜欢睡觉。猫每天睡十六个小时。",
    ]


def test_a_passage_is_found_by_its_title_alone(encoder: FakeEncoder) -> None:
    quiet = document("quiet", "Tu nic o tym nie ma.", "pl", title="Akwarystyka słodkowodna")
    snapshot = snapshot_of([*animal_documents(), quiet], encoder)
    assert found(search(snapshot, "akwarystyka", encoder, mode="sparse")) == ["quiet"]


def test_a_sentence_says_a_share_of_the_question(snapshot: Snapshot, encoder: FakeEncoder) -> None:
    question = snapshot.question("Co ryby robią w stawie?", encoder)
    number = next(n for n, p in enumerate(snapshot.contents.passages) if p.document_id == "fish")
    coverages = snapshot.sentence_shares(question, number)
    assert coverages.shape == (2,)
    # Both sentences name the fish; only the first has the pond.
    assert 0 < coverages[1] < coverages[0] <= 1


def test_of_equal_passages_the_one_that_says_it_in_one_sentence_wins(encoder: FakeEncoder) -> None:
    strewn = document("strewn", "Staw jest mały. Koszt był duży. Naprawa trwa.", "pl", title="")
    joined = document("joined", "Naprawa stawu ma koszt. Trwa to. Jest mała i duża.", "pl", title="")
    snapshot = snapshot_of([strewn, joined], encoder)
    assert found(search(snapshot, "koszt naprawy stawu", encoder)) == ["joined", "strewn"]
    snapshot = snapshot_of([joined, strewn], encoder)
    assert found(search(snapshot, "koszt naprawy stawu", encoder)) == ["joined", "strewn"]


def test_words_that_every_passage_says_tell_little_by_how_often_they_are_said(encoder: FakeEncoder) -> None:
    texts = [document(f"bill-{n}", f"Karta {n}. Opłata wynosi {n} zł.", "pl") for n in range(30)]
    rules = document("rules", "Opłata to opłata. Opłata za opłatę. Opłata. Opłata. Opłata.", "pl")
    snapshot = snapshot_of([*texts, rules], encoder)
    oftener, *rest = search(snapshot, "opłata", encoder, mode="sparse", k=31)
    assert oftener.passage.document_id == "rules"
    assert oftener.sparse - max(hit.sparse for hit in rest) < 0.05
