"""What remains of saved pages: furniture gone, every sentence there, chopped ones whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.cleaning.lines import Piece, assemble, printable, split_marker
from corpus.cleaning.pieces import clean_markdown, clean_plain_text, date_in

PAGES = sorted((Path(__file__).parents[2] / "data" / "pages").glob("*.txt"))


def pieces(text: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in clean_plain_text(text).pieces]


def texts(text: str) -> list[str]:
    return [piece.text for piece in clean_plain_text(text).pieces]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_of_a_saved_page_exactly_its_text_remains(page: Path) -> None:
    """Each line of these made-up pages says whether it is text (`=`) or furniture (`x`)."""
    marked = page.read_text(encoding="utf-8").splitlines()
    expected = [split_marker(line[2:].strip())[1] for line in marked if line.startswith("=")]
    remaining = texts("\n".join(line[2:] for line in marked))
    assert [split_marker(text)[1] for text in remaining] == expected


def test_there_are_pages_in_all_languages() -> None:
    assert {page.stem.rsplit("-", 1)[0] for page in PAGES} == {"zh-Hans", "zh-Hant", "pl", "en"}


# A sentence is kept even where its words are those of buttons, promotions and licences.
@pytest.mark.parametrize(
    "sentence",
    [
        "关注公众号后即可领取优惠券。",
        "加入会员可以享受积分。",
        "点击下载按钮即可获得报表。",
        "如果您继续使用本产品,系统会自动记录偏好。",
        "2019年9月23日,公司宣布设立客户体验部。",
        "Firma używa plików cookie, aby mierzyć konwersję w sklepie.",
        "Copyright to prawo autora do decydowania o swoim utworze.",
        "Opublikowano 7 listopada 2019 roku raport, który zaskoczył branżę.",
        "Udostępnij raport całemu zespołowi, zanim zaczniesz spotkanie.",
        "Share the report with the whole team before the meeting starts.",
    ],
)
def test_a_sentence_that_speaks_of_furniture_stays(sentence: str) -> None:
    before = "客户长负责公司与客户的整体关系,他直接向首席执行官汇报,并主持每月的客户委员会。"
    assert texts(f"{before}\n{sentence}\n{before[5:]}") == [before, sentence, before[5:]]


def test_items_named_like_buttons_stay_in_a_list() -> None:
    lead = "Kanały kontaktu w naszej firmie:"
    assert pieces(f"{lead}\n- Facebook\n- telefon\n- e-mail\n") == [
        ("paragraph", lead), ("item", "Facebook"), ("item", "telefon"), ("item", "e-mail"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "rest", "date"),
    [
        ("Opublikowany: 2019-11-07Kim jest CCO?", "Kim jest CCO?", "2019-11-07"),
        ("发布时间：2020年3月5日 09:30", None, "2020-03-05"),
        ("2018/12/03 13:10", None, "2018-12-03"),
        ("Dodano: 7 listopada 2019", None, "2019-11-07"),
        ("Opublikowano 04.06.2019", None, "2019-06-04"),
        ("更新時間:2021-02-30", None, None),
    ],
)
def test_a_date_in_the_furniture_dates_the_page(line: str, rest: str | None, date: str | None) -> None:
    prose = "Dyrektor do spraw klienta odpowiada za całą relację firmy z jej klientami."
    cleaned = clean_plain_text(f"{line}\n{prose}")
    assert [piece.text for piece in cleaned.pieces] == [text for text in (rest, prose) if text]
    assert cleaned.published == date


@pytest.mark.parametrize(
    ("written", "date"), [("15 paź 2021", "2021-10-15"), ("March 3, 2020", "2020-03-03"), ("2019", None)]
)
def test_dates_are_read_in_all_spellings(written: str, date: str | None) -> None:
    assert date_in(written) == date


# ------------------------------------------------------------------------------------------------------- repeats


def test_a_doubled_caption_goes_where_the_text_names_it_and_a_doubled_title_leaves_one() -> None:
    title, prose = "服务的温度", "门店里最贵的不是货架,而是让顾客等待的每一分钟,这一点老店长比谁都清楚。"
    note, caption = "本文摘自《等待的成本》", "《等待的成本》"
    assert texts("\n".join([title, title, prose, note, caption, caption])) == [title, prose, note]


def test_a_paragraph_repeated_word_for_word_is_kept_once() -> None:
    lead = "Klient, który zna datę kolejnego kontaktu, nie dzwoni sam i nie psuje kolejki."
    assert texts(f"{lead}\n\nTło\n\n{lead}\n\nKolejka skróciła się o połowę, choć zespół się nie powiększył.") == [
        lead, "Tło", "Kolejka skróciła się o połowę, choć zespół się nie powiększył.",
    ]  # fmt: skip


# --------------------------------------------------------------------------------------------- chopped sentences


def test_slides_chopped_in_mid_sentence_and_in_mid_word_are_joined() -> None:
    first, second, third = "服务蓝图" * 30, "前台与后台" * 24, "流程" * 30
    chopped = f"1、{first}只有这样团队才\n\n2、能看见盲区{second}, Harvard Busines\n\n3、s School{third}"
    assert pieces(chopped) == [
        ("paragraph", f"{first}只有这样团队才能看见盲区{second}, Harvard Business School{third}")
    ]


def test_a_numbered_list_of_long_sentences_stays_a_list() -> None:
    sentences = [f"Zespół {name} " + "odpowiada za jasno opisaną część drogi klienta " * 4 + "." for name in "ABCD"]
    assert pieces("\n".join(f"{number}. {text}" for number, text in enumerate(sentences, 1))) == [
        ("item", text) for text in sentences
    ]


def test_a_sentence_that_a_page_counter_broke_is_joined() -> None:
    page = (
        "退货流程一共需要四个人签字,顾客站在柜台前要等上将近半个小时,而且没有人\n- 12 -\n"
        "能够告诉他还要等多久,这就是投诉居高不下的原因,也是新总监上任后改的第一件事。"
    )
    assert len(texts(page)) == 1
    assert "而且没有人能够告诉他" in texts(page)[0]


def test_hard_wrapped_polish_is_rejoined_with_spaces_and_without_hyphens() -> None:
    wrapped = (
        "Zarządzanie reklamacjami wymaga jasnych zasad, bo klient,\n"
        "który nie wie, co się dzieje z jego sprawą, dzwoni trzy razy\n"
        "częściej niż ten, który dostał krótką wiadomość o zareje-\n"
        "strowaniu zgłoszenia. Dlatego pierwszy kontakt powinien\n"
        "nastąpić w ciągu godziny.\n\n"
        "Druga zasada brzmi: jeden opiekun.\n"
    )
    assert texts(wrapped) == [
        "Zarządzanie reklamacjami wymaga jasnych zasad, bo klient, który nie wie, co się dzieje z jego sprawą, dzwoni "
        "trzy razy częściej niż ten, który dostał krótką wiadomość o zarejestrowaniu zgłoszenia. Dlatego pierwszy "
        "kontakt powinien nastąpić w ciągu godziny.",
        "Druga zasada brzmi: jeden opiekun.",
    ]


def test_hard_wrapped_chinese_is_rejoined_without_spaces() -> None:
    wrapped = (
        "\u3000\u3000处理投诉的第一条原则是快,因为等待本身就会让\n人更生气。第二条原则是一个人负责到底,客户不应该把\n"
        "同一件事讲三遍。第三条原则是事后回访,确认问题真的\n解决了。\n\u3000\u3000很多公司只做到了第一条。"
    )
    assert texts(wrapped) == [
        "处理投诉的第一条原则是快,因为等待本身就会让人更生气。第二条原则是一个人负责到底,客户不应该把同一件事讲三遍。"
        "第三条原则是事后回访,确认问题真的解决了。",
        "很多公司只做到了第一条。",
    ]


def test_lines_that_are_paragraphs_are_not_joined() -> None:
    lines = ["Pierwszy akapit jest krótki.", "Drugi akapit też się kończy.", "Trzeci akapit zamyka tekst."]
    assert texts("\n".join(lines)) == lines


# ---------------------------------------------------------------------------------------------- lists and headings


def test_items_glued_to_their_lead_and_bullets_alone_on_a_line_are_items() -> None:
    assert pieces("Dział rośnie poprzez:- Nowe rynki\n- Nowe usługi\n-\nTrzecia droga") == [
        ("paragraph", "Dział rośnie poprzez:"),
        ("item", "Nowe rynki"), ("item", "Nowe usługi"), ("item", "Trzecia droga"),
    ]  # fmt: skip


def test_short_lines_before_longer_text_are_headings_and_numbered_lines_in_a_row_are_items() -> None:
    page = (
        "客户委员会\n一、谁来参加\n每个部门派一位能做决定的人参加,不能派助理代替。\n二、做些什么\n会上只做三件事:\n"
        "1. 听一段客户录音\n2. 看一个指标\n3. 定一个改进"
    )
    assert pieces(page) == [
        ("heading", "客户委员会"),
        ("heading", "一、谁来参加"), ("paragraph", "每个部门派一位能做决定的人参加,不能派助理代替。"),
        ("heading", "二、做些什么"), ("paragraph", "会上只做三件事:"),
        ("item", "听一段客户录音"), ("item", "看一个指标"), ("item", "定一个改进"),
    ]  # fmt: skip


def test_a_list_that_lost_its_bullets_is_still_a_list() -> None:
    assert pieces("Wskaźniki są trzy:\nczas odpowiedzi\nodsetek powrotów\nsuma skarg") == [
        ("paragraph", "Wskaźniki są trzy:"),
        ("item", "czas odpowiedzi"), ("item", "odsetek powrotów"), ("item", "suma skarg"),
    ]  # fmt: skip


def test_one_short_line_is_a_paragraph_since_headings_alone_would_leave_nothing_to_cite() -> None:
    assert pieces("客户长") == [("paragraph", "客户长")]


def test_assembled_blocks_span_exactly_their_words_and_items_keep_their_markers_outside() -> None:
    text, blocks, _ = assemble(
        [
            Piece("heading", "Role", 1),
            Piece("item", "słucha", 1, "-"),
            Piece("item", "liczy", 2, "1."),
            Piece("row", "a | b"),
        ]
    )
    assert text == "Role\n\n- słucha\n  1. liczy\n\na | b"
    assert [text[block.start : block.end] for block in blocks] == ["Role", "słucha", "liczy", "a | b"]


def test_control_characters_and_lone_surrogates_are_stripped_and_line_ends_made_one() -> None:
    assert printable("a\r\nb\rc\u2028d\x07e\ud800f\tg\u200dh") == "a\nb\nc\ndef\tg\u200dh"


# ------------------------------------------------------------------------------------------------------- Markdown


def test_markdown_loses_link_lists_buttons_and_repeats_but_keeps_its_own_small_headings_and_sources() -> None:
    prose = "Klient nie odróżnia działów firmy, widzi jedną obietnicę i jedną fakturę."
    given = [
        Piece("heading", "Kontakt", 2), Piece("paragraph", prose), Piece("paragraph", "Źródło: badanie własne"),
        Piece("paragraph", "Udostępnij na Facebooku"), Piece("paragraph", prose),
        Piece("heading", "Powiązane artykuły", 2), Piece("item", "Jak liczyć NPS", 1, "-"),
        Piece("heading", "Podsumowanie", 2), Piece("item", "mierz rzadziej", 1, "-"),
    ]  # fmt: skip
    assert [piece.text for piece in clean_markdown(given).pieces] == [
        "Kontakt", prose, "Źródło: badanie własne", "Podsumowanie", "mierz rzadziej",
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------ the five real pages


@pytest.fixture(scope="module")
def seeds(shared: Path) -> str:
    files = sorted((shared / "seeds").glob("*.txt"))
    cleaned = [assemble(clean_plain_text(file.read_text(encoding="utf-8")).pieces)[0] for file in files]
    return "\n\n".join(cleaned)


@pytest.mark.parametrize(
    "furniture",
    [
        "友情链接",
        "备案号",
        "公网安备",
        "经营许可证",
        "上传人",
        "评论[0]",
        "人氣",
        "粉絲團",
        "推播",
        "Pixabay",
        "第1页",
        "下一篇",
        "Opublikowany",
    ],
)
def test_no_furniture_of_the_real_pages_remains(seeds: str, furniture: str) -> None:
    assert furniture not in seeds


def test_what_slide_breaks_chopped_in_the_real_deck_is_whole(seeds: str) -> None:
    assert "只有这样企业才能了解用户" in seeds
    assert "Harvard Business Review" in seeds
