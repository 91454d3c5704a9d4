"""The lists of a document, in each form that they have, and what of them an answer quotes."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.documents import Document
from corpus.readers import read_document
from kb import KnowledgeBase
from kb.answering.extractive import MOST_ITEMS
from kb.answering.lists import Listing, list_around
from retrieval.models.encoder import SentenceTransformerEncoder

FORMS = {
    "items": (
        "Zanim zadzwonisz, przygotuj:\n\n- numer umowy\n- datę zgłoszenia\n- nazwisko opiekuna\n",
        "Zanim zadzwonisz, przygotuj:",
        ["numer umowy", "datę zgłoszenia", "nazwisko opiekuna"],
    ),
    "numbers": (
        "上線分三步：\n\n1. 盤點資料\n2. 訓練客服\n3. 回收問卷\n",
        "上線分三步：",
        ["盤點資料", "訓練客服", "回收問卷"],
    ),
    "rows": (
        "| Poziom | Czas reakcji |\n|---|---|\n| Brąz | 48 godzin |\n| Srebro | 8 godzin |\n| Złoto | 1 godzina |\n",
        "Poziom | Czas reakcji",
        ["Brąz | 48 godzin", "Srebro | 8 godzin", "Złoto | 1 godzina"],
    ),
    "headings": (
        "# 流程\n\n处理投诉分三个阶段。\n\n## 1. 受理\n\n客服登记来电。\n\n"
        "## 2. 调查\n\n主管核对记录。\n\n## 3. 回访\n\n三天内回电。\n",
        "处理投诉分三个阶段。",
        ["1. 受理", "2. 调查", "3. 回访"],
    ),
    "sentences": (
        "Dobry opiekun robi trzy rzeczy. Po pierwsze, słucha. Zapisuje, co usłyszał. Po drugie, pyta o cel. "
        "Wreszcie potwierdza ustalenia na piśmie.\n\nReszta przychodzi z czasem.\n",
        "Dobry opiekun robi trzy rzeczy.",
        ["Po pierwsze, słucha.", "Po drugie, pyta o cel.", "Wreszcie potwierdza ustalenia na piśmie."],
    ),
    "paragraphs": (
        "首先，团队访谈客户。访谈不超过一小时。\n\n其次，团队列出接触点。\n\n最后，团队给每个痛点指定负责人。\n",
        None,
        ["首先，团队访谈客户。", "其次，团队列出接触点。", "最后，团队给每个痛点指定负责人。"],
    ),
    "counted within": (
        "客戶長管流失有三件事。客戶長管流失的第一件事是統一定義。客戶長管流失的第二件事是分層服務。第三件事是追究原因。\n",
        "客戶長管流失有三件事。",
        ["客戶長管流失的第一件事是統一定義。", "客戶長管流失的第二件事是分層服務。", "第三件事是追究原因。"],
    ),
}


def document_of(text: str, folder: Path) -> Document:
    file = folder / "list.md"
    file.write_text(text, encoding="utf-8")
    return read_document(file)


def said(document: Document, listing: Listing) -> tuple[str | None, list[str]]:
    lead = document.text[slice(*listing.lead)] if listing.lead else None
    return lead, [document.text[start:end] for start, end in listing.items]


@pytest.mark.parametrize("form", FORMS)
def test_a_list_is_found_with_its_lead_and_all_its_items(tmp_path: Path, form: str) -> None:
    text, lead, items = FORMS[form]
    document = document_of(text, tmp_path)
    for item in items:
        place = document.text.index(item)
        listing = list_around(document, (place, place + len(item)))
        assert listing and said(document, listing) == (lead, items)


def test_prose_is_no_list(tmp_path: Path) -> None:
    text = (
        "Najpierw spotkał się zarząd. Rozmowa trwała długo i dotyczyła wielu spraw.\n\n"
        "Klienci odchodzą. Firma pyta dlaczego. Ostatni odszedł w maju.\n\n- jedna pozycja\n"
    )
    document = document_of(text, tmp_path)
    assert not any(list_around(document, (block.start, block.end)) for block in document.blocks)


def test_of_lists_within_lists_the_narrowest_holds_a_sentence(tmp_path: Path) -> None:
    document = document_of(
        "## 1. 受理\n\n需要：\n\n- 单号\n- 日期\n\n## 2. 调查\n\n核对。\n\n## 3. 回访\n\n回电。\n", tmp_path
    )
    place = document.text.index("日期")
    listing = list_around(document, (place, place + 2))
    assert listing and said(document, listing) == ("需要：", ["单号", "日期"])


@pytest.mark.parametrize(
    ("question", "items", "first", "last"),
    [
        ("客户总监有哪些素质？", 6, "第一项素质是专业知识。", "第六项素质是人格魅力。"),
        ("画客户旅程地图分哪几步", 4, "畫地圖的第一步", "畫地圖的第四步"),
        ("Jakie są obowiązki CXO?", 5, "CXO zaszczepia", "CXO przygotowuje"),
    ],
)
def test_a_list_is_quoted_whole_and_in_order(
    shipped_base: KnowledgeBase, question: str, items: int, first: str, last: str
) -> None:
    answer = shipped_base.ask(question)
    quotes = [citation.quote for citation in answer.citations][-items:]
    assert answer.items == items and quotes[0].startswith(first) and quotes[-1].startswith(last)
    assert [c.start for c in answer.citations] == sorted(c.start for c in answer.citations)
    assert len({citation.document_id for citation in answer.citations}) == 1
    assert answer.text.count("\n") == len(answer.citations) - 1 + bool(answer.lead)


def test_of_a_long_list_the_first_are_shown_and_how_many_there_are(
    bundled_encoder: SentenceTransformerEncoder, tmp_path: Path
) -> None:
    items = "\n".join(f"- oddział {name}" for name in "ABCDEFGHIJKLMNOPQRST")
    (tmp_path / "oddzialy.md").write_text(
        f"---\nlanguage: pl\n---\n# Oddziały\n\nFirma ma oddziały:\n\n{items}\n", encoding="utf-8"
    )
    base = KnowledgeBase.build([tmp_path / "oddzialy.md"], tmp_path / "index", encoder=bundled_encoder)
    answer = base.ask("Jakie oddziały ma firma?")
    assert answer.items == 20 and len(answer.citations) == 1 + MOST_ITEMS
    assert answer.note == f"Pokazano {MOST_ITEMS} z 20 pozycji; pozostałe są w źródle."
