"""The report: one file in four languages that asks for nothing, trusts no text, and shows what failed beside what is
right."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from kb import KnowledgeBase
from kb.answering.confidence import STRONG
from kb.evaluation.parallel import probe
from kb.evaluation.report.markup import marked
from kb.evaluation.report.messages import LANGUAGES, messages, number
from kb.evaluation.report.page import report, write_report
from kb.evaluation.runs import run
from kb.evaluation.sets.question_sets import load_question_set
from kb.output import OutputError
from tests.helpers.fakes import FakeEncoder
from tests.helpers.questions import CATS, FISH, NOBODY, with_threshold, write
from tests.helpers.screenshots import launch
from ui.cli import main

HOSTILE = '</script><img src="https://example.test/x" onerror="alert(1)"><b>&amp; „猫"'
MISSED = {**CATS, "id": "missed", "answers": ["二十个小时"], "kind": "odd"}
WRONG = {**FISH, "id": "wrong", "answers": ["w rzece"]}
TOO_LONG = {**CATS, "id": "long", "question": "猫" * 3000}


@pytest.fixture
def result(small_base: KnowledgeBase, tmp_path: Path) -> dict[str, Any]:
    questions = [CATS, FISH, NOBODY, MISSED, WRONG, TOO_LONG, {**MISSED, "id": HOSTILE, "question": HOSTILE}]
    file = write(tmp_path / "q.jsonl", *(json.dumps(question) for question in questions))
    return run(with_threshold(small_base, 0.0), load_question_set(file))


def words_of(html: str) -> dict[str, dict[str, str]]:
    (found,) = re.findall(r'<script type="application/json" id="words">(.*?)</script>', html, flags=re.DOTALL)
    value: dict[str, dict[str, str]] = json.loads(found)
    return value


def test_every_message_is_there_in_every_language() -> None:
    assert len(messages()) > 80
    for key, words in messages().items():
        assert set(words) == set(LANGUAGES) and all(words.values()), key
    for words in messages().values():
        assert not re.search("[们个这说开关对检点]", words["zh-Hant"]), words["zh-Hant"]
        assert not re.search("[們個這說開關對檢點]", words["zh-Hans"]), words["zh-Hans"]


def test_figures_are_written_as_each_language_does() -> None:
    assert [number(0.825, "percent", tag) for tag in ("en", "pl")] == ["82.5%", "82,5%"]
    assert [number(0.5, "decimal", tag) for tag in ("zh-Hans", "pl")] == ["0.500", "0,500"]
    assert [number(1234, "whole", tag) for tag in ("en", "pl")] == ["1,234", "1234"]
    assert [number(12345, "whole", tag) for tag in ("en", "pl")] == ["12,345", "12\u00a0345"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_begins_in_the_language_that_was_asked_for(result: dict[str, Any], language: str) -> None:
    html = report(result, language)
    assert f'<html lang="{language}" data-fixed>' in html
    assert f">{messages()['title'][language]}</h1>" in html
    assert words_of(html) == messages()
    # Every place that is to change its words names a message, and has it in this language.
    keys = re.findall(r'data-t="([^"]+)"[^>]*>([^<]*)<', html)
    assert len(keys) > 60
    assert all(messages()[key][language] == unescape(text) for key, text in keys)


def test_it_says_how_many_of_those_called_strongly_supported_are_right(result: dict[str, Any]) -> None:
    for line, support in zip(result["questions"], (0.9, STRONG, 0.84, 0.99, 0.2, 0.9, 0.1), strict=True):
        line |= {"support": support, "answered": line["id"] != "long"}
    strong = [line for line in result["questions"] if line["answered"] and line["support"] >= STRONG]
    assert [line["id"] for line in strong] == ["cats", "fish", "missed"]
    right = sum(bool(line["answer_found"]) for line in strong)
    told = re.sub(r"<[^>]+>", " ", report(result, "en"))
    assert re.search(rf"Answers called strongly supported\s+3\s+Of these, right\s+{right} of 3", told)


def test_without_a_language_it_is_the_browsers(result: dict[str, Any]) -> None:
    assert '<html lang="en">' in report(result)


def test_no_text_of_a_file_is_markup_and_nothing_is_fetched(result: dict[str, Any]) -> None:
    html = report(result)
    assert "<img" not in html and "onerror=&#34;" in html and "&lt;/script&gt;" in html
    assert not re.search(r"(?:src|href)\s*=", html.replace("src=&#34;", ""))
    assert not re.search(r"url\(|@import|https?://", html.replace("https://example.test/x", ""))
    assert "default-src 'none'" in html and html.count("<script") == 2


def test_an_answer_is_marked_and_nothing_else_is_markup() -> None:
    assert marked("<b>a & b</b>", []) == "&lt;b&gt;a &amp; b&lt;/b&gt;"
    assert marked("<i>kot śpi</i>", ["śpi", "kot śpi", ""]) == "&lt;i&gt;<mark>kot śpi</mark>&lt;/i&gt;"
    assert marked("x <s>y</s> z", ["<s>y</s>"]) == "x <mark>&lt;s&gt;y&lt;/s&gt;</mark> z"


def test_every_question_that_failed_is_there_with_what_is_right(result: dict[str, Any]) -> None:
    html = report(result, "en")
    cards = re.findall(r"<article.*?</article>", html, flags=re.DOTALL)
    faults = {line["id"]: line["fault"] for line in result["questions"] if line["fault"]}
    assert faults.pop(HOSTILE) == "not_retrieved"
    assert faults == {"none": "should_refuse", "missed": "not_retrieved", "wrong": "not_retrieved", "long": "error"}
    assert len(cards) == 5
    by_id = {re.findall(r"<code>(.*?)</code>", card)[0]: card for card in cards}
    assert 'data-kind="odd"' in by_id["missed"] and 'data-fault="not_retrieved"' in by_id["missed"]
    assert messages()["nowhere"]["en"] in by_id["missed"]
    assert "QuestionError: the question has 3,000 characters" in by_id["long"]
    assert messages()["nothing_expected"]["en"] in by_id["none"]


def test_the_right_passage_is_shown_with_its_rank_however_far_down(tmp_path: Path) -> None:
    # Twelve texts about cats alone outrank the one that holds the answer, which is about a dog as well.
    for n in range(12):
        (tmp_path / f"cat{n:02}.md").write_text(f"猫在第{n}张床上睡觉。", encoding="utf-8")
    (tmp_path / "right.md").write_text("狗看着猫。答案是四十二。", encoding="utf-8")
    base = KnowledgeBase.build([tmp_path], tmp_path / "index", encoder=FakeEncoder())
    question = {**CATS, "question": "猫?", "answers": ["四十二"], "documents": []}
    told = run(base, load_question_set(write(tmp_path / "q.jsonl", json.dumps(question))))
    (line,) = told["questions"]
    assert (line["rank"], line["fault"], line["shown"]["rank"]) == (None, "not_retrieved", 13)
    assert line["shown"]["right"]["document_id"] == "right" and line["shown"]["found"]["document_id"].startswith("cat")
    assert "答案是<mark>四十二</mark>。" in report(told)


def test_a_long_passage_is_cut_around_the_answer(tmp_path: Path) -> None:
    (tmp_path / "long.md").write_text("狗跑来跑去。" * 200 + "答案是四十二。" + "狗跑来跑去。" * 20, encoding="utf-8")
    base = KnowledgeBase.build([tmp_path], tmp_path / "index", encoder=FakeEncoder())
    question = {**CATS, "question": "鸟?", "answers": ["四十二"], "documents": []}
    told = run(with_threshold(base, 1.0), load_question_set(write(tmp_path / "q.jsonl", json.dumps(question))))
    assert "四十二" in told["questions"][0]["shown"]["right"]["text"]
    assert len(told["questions"][0]["shown"]["right"]["text"]) < 500


def test_a_report_of_a_mixed_pool_and_of_conversations(
    tmp_path: Path, small_base: KnowledgeBase, fake_model: FakeEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    translations = {"pl": ["Kot.", "Pies.", "Ryba."], "zh-Hans": ["猫。", "鱼。", "狗。"]}
    told = probe(Path("t.tsv"), translations, "pl:zh-Hans", FakeEncoder(), small_base.settings)
    assert (told["n"], told["R@1"]) == (3, pytest.approx(1 / 3))
    html = report(told, "pl")
    assert messages()["pool"]["pl"] in html and html.count("<article") == 2 and '<p class="excerpt"' in html
    conversation = {"turns": ["猫?", "它睡多久?"], "language": "zh-Hans", "answers": ["二十个小时"], "new_topic": False}
    file = write(tmp_path / "c.jsonl", json.dumps(conversation))
    out = ["--json", str(tmp_path / "c.json"), "--html", str(tmp_path / "c.html"), "--report-language", "zh-Hant"]
    assert main(["eval", "--conversations", str(file), "--index", str(small_base.settings.index), *out]) == 0
    html = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert '<html lang="zh-Hant" data-fixed>' in html and messages()["conversations"]["zh-Hant"] in html
    assert 'class="before"' in html and 'data-fault="lost_follow_up"' in html


def test_a_report_that_cannot_be_written_leaves_what_was_there(result: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    out.write_text("old")
    broken = {**result, "latency_ms": {}}
    with pytest.raises(UndefinedError, match="has no attribute 'n'"):
        write_report(broken, out)
    assert out.read_text() == "old"
    with pytest.raises(OutputError, match=r"cannot write .*no/report\.html"):
        write_report(result, tmp_path / "no" / "report.html")
    write_report(result, out)
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sorted(path.name for path in tmp_path.glob("*report*")) == ["report.html"]


def test_one_question_alone_makes_a_report(small_base: KnowledgeBase, tmp_path: Path) -> None:
    for question in (CATS, NOBODY, TOO_LONG):
        questions = load_question_set(write(tmp_path / "q.jsonl", json.dumps(question)))
        assert "<h1" in report(run(small_base, questions))


# --------------------------------------------------------------------------------------------------- in a browser


@pytest.mark.browser
def test_the_report_in_a_browser(result: dict[str, Any], tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    write_report(result, tmp_path / "report.html")
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(locale="zh-TW")
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith("file:") else wrong.append(request.url))
        page.goto((tmp_path / "report.html").as_uri())
        assert page.locator("h1").inner_text() == messages()["title"]["zh-Hant"]
        for language in LANGUAGES:
            page.select_option("#language", language)
            assert page.locator("h1").inner_text() == messages()["title"][language]
            assert page.evaluate("document.documentElement.lang") == language
        page.select_option("#language", "pl")
        assert page.locator("#count").inner_text() == "Widoczne 5 z 5"
        assert "," in page.locator(".card .value").first.inner_text()
        page.select_option("select[name=fault]", "error")
        assert page.locator(".failed:visible .tags code").all_inner_texts() == ["long"]
        assert page.locator("#count").inner_text() == "Widoczne 1 z 5"
        page.select_option("select[name=fault]", "*")
        page.fill("#find", "WYNALAZŁ")
        assert page.locator(".failed:visible .tags code").all_inner_texts() == ["none"]
        # Nothing sticks out sideways on a narrow screen.
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        browser.close()
    assert wrong == []
