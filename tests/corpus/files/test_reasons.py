"""Why files are skipped: each reason has its wording, English for the command line and four for the page."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from string import Formatter

import pytest
from fastapi.testclient import TestClient

from corpus.reasons import CODES, COUNTED, KINDS, Reason, Skipped, reason_from, why
from corpus.text.normalize import to_traditional
from kb import KnowledgeBase
from tests.corpus.files.test_formats import SCAN, zipped
from tests.helpers.fakes import FakeEncoder
from ui.app import web_app
from ui.locale.messages import LANGUAGES, MESSAGES, PLURALS, Words
from ui.widgets.reasons import LISTED, reasons, worded

ROOT = Path(__file__).resolve().parents[3]
SAMPLES: dict[str, str | int | float | list[str]] = {
    "ending": ".rtf",
    "endings": [".md", ".txt", ".pdf"],
    "kind": "pdf",
    "looks": "docx",
    "what": "pages",
    "size": 50.04,
    "most": 20,
    "count": 3,
    "line": 7,
    "pages": ["2", "5–7"],
    "byte": 15,
    "character": 4,
    "seconds": 15.0,
    "status": -6,
}
"""A value for each thing that a reason names; for any other a word."""
MADE_OF = {"all_endings": "endings", "any_ending": "endings"}


def places(template: str) -> set[str]:
    """Return what a wording names, as the values of the reason call it."""
    named = {name for _, name, _, _ in Formatter().parse(template) if name}
    return {MADE_OF.get(name, name) for name in named} - {"s"}


def sample(code: str) -> Reason:
    return why(code, **{name: SAMPLES.get(name, "słowo") for name in places(CODES[code])})


def raised() -> Iterator[tuple[str, str, set[str] | None]]:
    """Yield where a reason is given in the sources, its code, and what it names; None where that is not to be seen."""
    for path in sorted((ROOT / "corpus").rglob("*.py")) + sorted((ROOT / "kb").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            of_key, code = node.func.id == "_KeyError", node.args[-1] if node.args else None
            if (of_key or node.func.id == "why") and isinstance(code, ast.Constant):
                names = {str(keyword.arg) for keyword in node.keywords} - {"because"}
                yield (
                    f"{path.relative_to(ROOT)}:{node.lineno}",
                    str(code.value),
                    names | ({"line"} if of_key else set()),
                )


# --------------------------------------------------------------------------------------------------- every code worded


@pytest.mark.parametrize("code", CODES)
def test_every_reason_is_worded_in_the_four_languages(code: str) -> None:
    told = {ui: worded(sample(code), Words(ui)) for ui in LANGUAGES}
    # What has no character of one script only reads alike in both.
    assert len(set(told.values())) == 4 - (told["zh-Hans"] == told["zh-Hant"] == to_traditional(told["zh-Hans"])), told
    for ui in ("zh-Hans", "zh-Hant"):
        assert re.search("[\u4e00-\u9fff]", told[ui]), told[ui]
    assert all("{" not in text.replace('{"question"', "") and "None" not in text for text in told.values()), told


@pytest.mark.parametrize("table", [KINDS, COUNTED])
def test_what_a_reason_names_by_a_code_is_worded_too(table: dict[str, str]) -> None:
    wanted = {f"filekind_{name}" for name in KINDS} if table is KINDS else {f"most_{name}" for name in COUNTED}
    assert wanted <= (set(MESSAGES) if table is KINDS else set(PLURALS))


def test_no_wording_stays_behind_when_its_code_goes() -> None:
    worded_for = {message.removeprefix("why_") for message in MESSAGES if message.startswith("why_")}
    assert worded_for == set(CODES)
    assert {message.removeprefix("filekind_") for message in MESSAGES if message.startswith("filekind_")} == set(KINDS)


def test_every_reason_in_the_sources_has_a_code_and_names_what_its_wording_needs() -> None:
    found = list(raised())
    faults = [
        (place, code, named, places(CODES.get(code, "?{no_such_code}")))
        for place, code, named in found
        if places(CODES.get(code, "?{no_such_code}")) != named
    ]
    assert faults == []
    # `too_many` says by a code of what there are too many.
    assert {code for _, code, _ in found} == set(CODES)


def test_a_code_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError, match="no_such"):
        why("no_such")


def test_no_simplified_character_stands_in_the_traditional_wording() -> None:
    from opencc import OpenCC

    convert = OpenCC("s2t").convert
    for message, texts in MESSAGES.items():
        if message.startswith(("why_", "filekind_")):
            text = texts["zh-Hant"]
            changed = [a for a, b in zip(text, convert(text), strict=True) if a != b and a not in "只台里表"]
            assert not changed, (message, changed)


# ------------------------------------------------------------------------------------------------------------ wordings


@pytest.mark.parametrize(
    ("reason", "ui", "told"),
    [
        (
            why("too_many", what="pages", most=5000),
            "pl",
            "plik ma więcej niż 5000 stron; podziel go na mniejsze",
        ),
        (why("too_many", what="files", most=1), "pl", "plik ma więcej niż 1 plik; podziel go na mniejsze"),
        (
            why("too_many", what="elements", most=200_000),
            "pl",
            "plik ma więcej niż 200\u00a0000 akapitów, punktów i wierszy tabel; podziel go na mniejsze",
        ),
        (why("too_many", what="slides", most=5000), "zh-Hant", "超過 5000 張投影片；請拆成幾個較小的檔案"),
        (
            why("too_large", size=50.04, most=20.0),
            "pl",
            "plik ma 50,0 MB, a limit to 20 MB; podziel go na mniejsze",
        ),
        (
            why("looks_like", looks="pdf", kind="plain"),
            "zh-Hans",
            "内容看起来是“PDF 文件”，而不是“纯文本”；请改用正确的扩展名",
        ),
        (
            why("looks_like", looks="pdf", kind="plain"),
            "pl",
            "wygląda jak plik PDF, a nie jak zwykły tekst; nadaj mu właściwe rozszerzenie",
        ),
        (
            why("unknown_ending", ending=".rtf", endings=[".md", ".txt"]),
            "zh-Hant",
            "不支援副檔名 .rtf；可以讀取的有：.md、.txt",
        ),
        (why("scan", count=1), "en", "it is a scan without a text layer (pages: 1); "),
    ],
)
def test_wordings(reason: Reason, ui: str, told: str) -> None:
    assert worded(reason, Words(ui)).startswith(told)


def test_where_nothing_remained_the_cause_is_told_alone() -> None:
    cause = Skipped("a.pdf", why("encrypted"))
    assert worded(why("nothing_left", because=[cause]), Words("pl")) == worded(cause.why, Words("pl"))


def test_of_an_archive_each_file_is_named_and_of_many_the_number() -> None:
    skipped = [Skipped(f"a.zip/b/{number}.txt", why("empty")) for number in range(LISTED + 2)]
    assert reasons(skipped[:2], Words("zh-Hans"), name="a.zip") == "0.txt：里面没有文字；1.txt：里面没有文字"
    assert reasons(skipped, Words("pl"), name="a.zip").endswith("4.txt: nie ma w nim tekstu; i jeszcze 2 pliki")
    within = why("no_source", because=skipped[:1], endings=[".md"])
    assert worded(within, Words("en")).endswith("these are read: .md (such as 0.txt: there is no text in it)")


def test_a_reason_survives_being_written_down() -> None:
    inner = Skipped("a.zip/x.png", why("unknown_ending", ending=".png", endings=[".md", ".txt"]))
    reason = why("no_source", because=[inner], endings=[".md", ".txt"])
    assert reason_from(json.loads(json.dumps(asdict(reason)))) == reason
    assert str(reason) == (
        "holds no source: no .md or .txt file in it (1 skipped; a.zip/x.png: the ending .png is unknown; "
        "only .md and .txt are read)"
    )


# -------------------------------------------------------------------------------------------------------- on the page


@pytest.fixture
def client(small_base: KnowledgeBase) -> TestClient:
    return TestClient(web_app(small_base), base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ui", "told"),
    [
        ("zh-Hans", "这是扫描件，没有文字层（共 1 页）；请先用 ocrmypdf 之类的程序识别文字"),
        ("zh-Hant", "這是掃描檔，沒有文字層（共 1 頁）；請先用 ocrmypdf 之類的程式辨識文字"),
        ("pl", "to skan bez warstwy tekstowej (liczba stron: 1); najpierw rozpoznaj tekst, np. programem ocrmypdf"),
        (
            "en",
            "it is a scan without a text layer (pages: 1); have a program such as ocrmypdf recognise its text first",
        ),
    ],
)
def test_a_scan_is_refused_in_the_pages_language(client: TestClient, ui: str, told: str) -> None:
    sent = client.post("/pages/library/files", params={"name": "skan.pdf", "ui": ui}, content=SCAN)
    assert sent.json() == {"added": [], "reason": told}


@pytest.mark.slow
def test_what_an_archive_holds_besides_is_told_in_the_pages_language(client: TestClient, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"pies.md": "# Psy\n\nPsy jedzą kości.\n", "pusty.txt": ""})
    sent = client.post("/pages/library/files", params={"name": "a.zip", "ui": "pl"}, content=path.read_bytes())
    assert sent.json() == {"added": ["pies"], "reason": "pusty.txt: nie ma w nim tekstu"}


def test_an_error_names_its_reason_in_english_where_nobody_words_it(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(SCAN)
    with pytest.raises(
        Exception, match=r"nothing to index \(.*a\.pdf: is a scan: no text on its 1 page; have a program"
    ):
        KnowledgeBase.build([tmp_path / "a.pdf"], tmp_path / "index", encoder=FakeEncoder())
