"""Passages and windows: whole sentences, exact offsets, nothing across a heading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Block, Document, Window
from corpus.text.passages import LONGEST_PASSAGE, passages_of, window_text, windows_of
from tests.helpers.fakes import document


def laid_out(*blocks: tuple[str, str]) -> Document:
    """Return a document of blocks, each a kind and its text, a line each."""
    text, spans = "", []
    for kind, words in blocks:
        spans.append(Block(kind, len(text), len(text) + len(words), 2 if kind == "heading" else 0))
        text += words + "\n"
    return document("d", text, "pl", blocks=tuple(spans))


def shown(item: Document) -> list[tuple[str, str]]:
    return [(passage.section, passage.text) for passage in passages_of(item)]


def test_a_passage_stays_under_its_heading() -> None:
    item = laid_out(
        ("paragraph", "Wstęp."),
        ("heading", "Rola"),
        ("paragraph", "CXO słucha. CXO mówi."),
        ("heading", "Miary"),
        ("heading", "NPS"),
        ("paragraph", "NPS liczy się co kwartał."),
    )
    assert shown(item) == [
        ("", "Wstęp."),
        ("Rola", "CXO słucha. CXO mówi."),
        ("NPS", "NPS liczy się co kwartał."),
    ]


def test_short_paragraphs_of_a_section_join_and_a_long_one_stands_alone() -> None:
    long = "Zdanie o kliencie. " * 30
    item = laid_out(("paragraph", "Jeden."), ("paragraph", "Dwa."), ("paragraph", long), ("paragraph", "Trzy."))
    first, second = (text for _, text in shown(item))
    assert first == f"Jeden.\nDwa.\n{long.strip()}"
    assert second == "Trzy."


def test_a_list_stays_with_its_lead() -> None:
    lead = ("paragraph", "Wstęp, który jest dość długi. " * 20 + "CXO odpowiada za:")
    items = [("item", f"zadanie numer {n}") for n in range(5)]
    (passage,) = shown(laid_out(lead, *items))
    assert passage[1].endswith("CXO odpowiada za:\n" + "\n".join(words for _, words in items))


def test_a_paragraph_beyond_the_limit_is_split_between_sentences() -> None:
    sentence = "Klient, który odchodzi, rzadko mówi dlaczego. "
    passages = passages_of(laid_out(("paragraph", sentence * 200)))
    assert len(passages) > 3
    assert all(len(p.text) <= 1.1 * LONGEST_PASSAGE for p in passages)
    assert all(p.text.startswith("Klient") and p.text.endswith("dlaczego.") for p in passages)
    assert sum(len(p.sentences) for p in passages) == 200


def test_a_document_without_blocks_is_one_paragraph() -> None:
    assert shown(document("d", "Raz. Dwa.", "pl")) == [("", "Raz. Dwa.")]
    assert shown(document("d", " \n", "pl")) == []
    assert shown(laid_out(("heading", "Tytuł bez tekstu"))) == []


def test_windows_are_every_sentence_and_every_run_of_three() -> None:
    passages = passages_of(document("d", "A1 raz. B2 dwa. C3 trzy. D4 cztery.", "pl"))
    assert windows_of(passages, 7) == [
        Window(7, 0, 1, titled=False),
        Window(7, 1, 1, titled=False),
        Window(7, 2, 1, titled=False),
        Window(7, 3, 1, titled=False),
        Window(7, 0, 3, titled=True),
        Window(7, 1, 3, titled=True),
    ]
    assert [window_text(passages[0], window) for window in windows_of(passages)[3:]] == [
        "D4 cztery.",
        "A1 raz. B2 dwa. C3 trzy.",
        "B2 dwa. C3 trzy. D4 cztery.",
    ]


def test_a_passage_of_one_sentence_has_a_window_bare_and_one_titled() -> None:
    assert windows_of(passages_of(document("d", "Raz.", "pl"))) == [
        Window(0, 0, 1, titled=False),
        Window(0, 0, 1, titled=True),
    ]


LINE = st.text(
    st.one_of(
        st.sampled_from("。！？!?….,;:「」“”„ 的客户长Aąż9😀\u200d👩"),
        st.characters(codec="utf-8", exclude_characters="\n"),
    ),
    min_size=1,
    max_size=120,
)
BLOCKS = st.lists(st.tuples(st.sampled_from(["heading", "paragraph", "item", "row"]), LINE), max_size=12)


@pytest.mark.slow
@given(BLOCKS)
def test_in_any_document_all_offsets_are_exact(blocks: list[tuple[str, str]]) -> None:
    item = laid_out(*blocks)
    passages = passages_of(item)
    headings = [block for block in item.blocks if block.kind == "heading"]
    end = 0
    for passage in passages:
        assert end <= passage.start < passage.end
        end = passage.end
        assert item.text[passage.start : passage.end] == passage.text
        assert passage.start == passage.sentences[0][0] and passage.end == passage.sentences[-1][1]
        for (_, before), (after, _) in zip(passage.sentences, passage.sentences[1:], strict=False):
            assert before <= after
        assert not any(passage.start < h.end and h.start < passage.end for h in headings)
        above = [h for h in headings if h.end <= passage.start]
        assert passage.section == (item.text[above[-1].start : above[-1].end] if above else "")
    # Every word outside the headings is in a passage.
    bodies = "".join(words for kind, words in blocks if kind != "heading")
    assert "".join("".join(p.text.split()) for p in passages) == "".join(bodies.split())


@pytest.mark.slow
@given(BLOCKS)
def test_in_any_document_windows_cover_every_sentence(blocks: list[tuple[str, str]]) -> None:
    passages = passages_of(laid_out(*blocks))
    windows = windows_of(passages)
    singles = [(w.passage, w.first) for w in windows if not w.titled]
    assert singles == [(n, s) for n, passage in enumerate(passages) for s in range(len(passage.sentences))]
    for window in windows:
        words = window_text(passages[window.passage], window)
        first = passages[window.passage].sentences[window.first]
        assert words and passages[window.passage].text[first[0] - passages[window.passage].start :].startswith(words)
