"""Sentences and lexical tokens of Chinese, Polish and English text."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.text.dictionary import jieba_words
from corpus.text.segment import content_tokens, fold, lexical_tokens, polish_lemmas, polish_stem, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


# ----------------------------------------------------------------------------------------------------- sentences


@pytest.mark.parametrize(
    "expected",
    [
        ["Klient odchodzi.", "Nikt nie pyta dlaczego."],
        ["To jest np. przykład.", "Drugie zdanie."],
        ["Tzw. CXO, tj. dyrektor ds. doświadczeń, pracuje od godz. 9.", "Kończy późno."],
        ["Prof. Kowalska i dr. Nowak przyszli.", "Wyszli."],
        ["J. Kowalski napisał książkę.", "A. B. Nowak ją przeczytał."],
        ["Wzrost o 3.5 proc. i 2,7 pkt rok do roku.", "Dalej."],
        ["„Dobrze.”", "Powiedział i wyszedł."],
        ["Czekaj...", "Dobrze."],
        ["Czekał… aż przyszła."],
        ["Naprawdę?!", "Tak."],
        ["Mr. Smith came.", "He left."],
        ["Version 2.0 is out.", "Try it."],
        ["Bez znaku końca"],
        ["Wiersz pierwszy.", "drugi od nowego wiersza."],
    ],
    ids=lambda expected: expected[0],
)
def test_sentences_with_spaces(expected: list[str]) -> None:
    joint = "\n" if expected[-1].startswith("drugi") else " "
    assert sentences(joint.join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["客户长听电话。", "然后看报表！", "为什么？"],
        ["他说:“好。”", "然后走了。"],
        ["「好嗎？」的問題沒有答案。", "下一句。"],
        ["好……", "是的。"],
        ["增长3.5个百分点。", "仅此而已。"],
        ["没有句号"],
        ["什么？！", "真的吗？"],
        ["（见下文。）", "下一句。"],
    ],
    ids=lambda expected: expected[0],
)
def test_sentences_without_spaces(expected: list[str]) -> None:
    assert sentences("".join(expected)) == expected


def test_a_quoted_question_inside_a_sentence_does_not_end_it() -> None:
    assert sentences("「好嗎？」他問我。下一句。") == ["「好嗎？」他問我。", "下一句。"]


@pytest.mark.parametrize(
    "expected",
    [
        ["《客戶萬歲！服務的藝術》的作者：林．王。", "《客戶萬歲！》寫得好。", "下一句。"],
        ["公司很大（真的嗎？也許。）大家都知道。", "（他沒有來。）", "她走了。"],
        ["Sklep (zał. w 1990 r. Warszawa! Kraków.) jest duży. ", "(Nie ma go.) ", "Jest."],
        ["他推薦《客戶萬歲！》\n", "她不同意。"],
        ["忘了收尾（真的嗎？", "也許。"],
    ],
    ids=lambda expected: expected[0],
)
def test_what_stands_in_brackets_or_a_title_does_not_end_the_sentence_around_it(expected: list[str]) -> None:
    assert sentences("".join(expected)) == [sentence.strip() for sentence in expected]


def test_marks_alone_join_the_sentence_before() -> None:
    assert sentences("Koniec. ——— * * *") == ["Koniec. ——— * * *"]
    assert sentences("!!!") == ["!!!"]
    assert sentences("") == sentences(" \n ") == []


def test_a_part_of_a_text_is_cut_at_its_bounds() -> None:
    text = "Jeden. Dwa. Trzy. Cztery."
    assert sentence_spans(text, 7, 17) == [(7, 11), (12, 17)]
    assert sentence_spans(text, 8, 10) == [(8, 10)]


def test_a_slide_without_sentence_ends_is_cut_at_its_clauses() -> None:
    clause = "客户长负责客户的全部体验,"
    pieces = sentences(clause * 40)
    assert all(piece.endswith(",") and len(piece) <= 200 for piece in pieces)
    assert "".join(pieces) == clause * 40
    words = sentences("słowo " * 300)
    assert max(map(len, words)) <= 600
    assert set(" ".join(words).split()) == {"słowo"}


TEXT = st.text(
    st.one_of(
        st.sampled_from("。！？!?….,;:、「」『』“”„»)（）\n \t\u3000Aaąż的客户長9😀\u200d👩"),
        st.characters(codec="utf-8"),
    ),
    max_size=400,
)


@given(TEXT)
@example("。")
@example("A. " * 50)
@example("「" * 300)
@example("的" * 700)
def test_sentences_are_in_order_trimmed_and_leave_nothing_out(text: str) -> None:
    spans = sentence_spans(text)
    end = 0
    for start, stop in spans:
        assert end <= start < stop
        assert text[start:stop] == text[start:stop].strip()
        end = stop
    kept = "".join(text[start:stop] for start, stop in spans)
    assert "".join(kept.split()) == "".join(text.split())


def test_a_long_run_of_spaces_is_no_sentence() -> None:
    assert sentences("Przed" + " " * 1500 + "po.") == ["Przed", "po."]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    ["客户很重要。Klient jest ważny. " * 40_000, "的" * 1_000_000, "a" * 1_000_000, "!" * 1_000_000, "A. " * 330_000],
    ids=["sentences", "one Han character", "one letter", "one mark", "initials"],
)
def test_a_million_characters_take_seconds_at_most(text: str) -> None:
    started = time.process_time()
    assert sentence_spans(text)
    assert time.process_time() - started < 20


# -------------------------------------------------------------------------------------------------------- tokens


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("網際網路", "互联网"),
        ("客戶長", "客户长"),
        ("軟體", "软件"),
        ("訂閱經濟的客戶終身價值", "订阅经济的客户终身价值"),
        ("滿意度調查問卷", "满意度调查问卷"),
    ],
)
def test_traditional_and_simplified_words_have_the_same_tokens(traditional: str, simplified: str) -> None:
    assert lexical_tokens(traditional) == lexical_tokens(simplified) != []


@pytest.mark.parametrize(("traditional", "simplified"), [("這份文件", "这份文件")])
def test_a_word_written_alike_in_both_scripts_has_the_same_tokens(traditional: str, simplified: str) -> None:
    assert lexical_tokens(traditional) == lexical_tokens(simplified)


def test_han_has_characters_bigrams_and_longer_words() -> None:
    assert lexical_tokens("互联网") == ["c互联", "c联网", "u互", "u联", "u网", "h互联网"]
    assert lexical_tokens("客") == ["u客"]
    assert lexical_tokens("𠮷野") == ["c𠮷野", "u𠮷", "u野"]
    # A bigram stops at what is not Han.
    assert not {"c户长"} & set(lexical_tokens("客户,长期"))


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("dyrektorem", "dyrektora"),
        ("doświadczenie", "doświadczeniach"),
        ("doswiadczenia", "doświadczenie"),
        ("książka", "książki"),
        ("ksiazka", "książkami"),
        ("klient", "klientów"),
        ("firmy", "firmie"),
        ("wskaźnik", "wskaźników"),
        ("Łódź", "lodz"),
        ("customer", "CUSTOMER"),
    ],
)
def test_inflections_of_a_word_meet(question: str, source: str) -> None:
    assert set(lexical_tokens(question)) & set(lexical_tokens(source))


@pytest.mark.parametrize(("a", "b"), [("klient", "klimat"), ("rola", "rolnik"), ("cena", "cenzura"), ("CXO", "CMO")])
def test_other_words_do_not_meet(a: str, b: str) -> None:
    assert not set(lexical_tokens(a)) & set(lexical_tokens(b))


def test_a_polish_word_is_not_cut_at_its_letters() -> None:
    assert lexical_tokens("książka") == ["lksiazka", "sksiazk"]
    assert {token[1:] for token in lexical_tokens("zażółć gęślą jaźń")} >= {"zazolcic", "gesl", "jazn"}


def test_hyphenated_and_joined_words_are_found_by_their_parts() -> None:
    whole = set(lexical_tokens("klient-centryczny CLV/CAC R&D"))
    for part in ("klient", "centryczny", "CLV", "CAC"):
        assert set(lexical_tokens(part)) <= whole


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        ("1,026", ["n1026"]),
        ("1.026", ["n1026"]),
        ("1026", ["n1026"]),
        ("3,1", ["n3.1"]),
        ("3.1", ["n3.1"]),
        ("80%", ["n80"]),
        ("80 %", ["n80"]),
        ("８０％", ["n80"]),
        ("2019年", ["n2019", "u年"]),
    ],
)
def test_a_number_is_one_token_however_it_is_written(written: str, tokens: list[str]) -> None:
    assert lexical_tokens(written) == tokens


@pytest.mark.parametrize("written", ["1 026", "1\u00a0026", "1\u202f026"])
def test_a_number_in_groups_of_three_is_one_token(written: str) -> None:
    assert lexical_tokens(written) == ["n1026"]


def test_punctuation_and_emoji_are_no_tokens() -> None:
    assert lexical_tokens("?! …— 😀 ___ \n") == []


def test_jieba_is_quick_on_a_run_of_one_character() -> None:
    lexical_tokens("热身")
    started = time.process_time()
    assert len(lexical_tokens("的" * 60_000)) >= 60_000
    assert time.process_time() - started < 10  # uncut it would be a minute


def test_jieba_reads_no_cache_from_the_shared_temporary_folder() -> None:
    from corpus.user_folders import cache_folder

    assert Path(jieba_words().tmp_dir) == cache_folder()


@given(st.text(max_size=80))
def test_any_text_has_tokens_without_white_space(text: str) -> None:
    for token in lexical_tokens(text):
        assert token[0] in "cuhlns" and len(token) > 1 and not any(map(str.isspace, token))


@pytest.mark.parametrize(
    ("question", "kept", "left_out"),
    [
        ("客户长怎么听电话?", "客户长 听电话", "怎么"),
        ("請問客戶長的職責有哪些?", "客户长 职责", "请问 哪些"),
        ("Kim jest dyrektor marketingu?", "dyrektor marketingu", "kim jest"),
        ("What is the role of a director?", "role director", "what is the of"),
    ],
)
def test_words_that_only_ask_are_left_out_of_a_question(question: str, kept: str, left_out: str) -> None:
    tokens = content_tokens(question)
    assert set(lexical_tokens(kept)) <= set(tokens)
    assert not set(lexical_tokens(left_out)) & set(tokens)
    assert len(tokens) == len(set(tokens))


def test_a_question_made_of_question_words_is_searched_as_it_is() -> None:
    assert content_tokens("什么?") == list(dict.fromkeys(lexical_tokens("什么")))
    assert content_tokens("Co to jest?") == list(dict.fromkeys(lexical_tokens("co to jest")))


def test_polish_lemmas_and_stems() -> None:
    assert polish_lemmas("klientami") == {"klient"}
    assert polish_lemmas("xyzzy") == set()
    assert [polish_stem(fold(word)) for word in ("klientami", "klientowi", "dom")] == ["klient", "klient", "dom"]
    assert fold("ŻÓŁĆ Éclair") == "zolc eclair"


@pytest.mark.process
def test_polish_is_read_whichever_library_is_loaded_first() -> None:
    # In a process of its own: loaded after Morfeusz, FAISS once took over its iterators, and the process fell.
    program = (
        "from corpus.text.segment import polish_lemmas as l; l('psy'); import faiss; print(*sorted(l('klientów')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "klient\n", "")
