"""Why work failed and what is wrong with a file of questions, as the page says it in its language."""

from __future__ import annotations

import ast
import json
from html import unescape
from pathlib import Path
from string import Formatter

import pytest
from fastapi.testclient import TestClient

from kb import KnowledgeBase
from kb.evaluation.sets.faults import FAULTS, QuestionSetError, fault
from retrieval.models.encoder import EncoderError
from retrieval.storage.folder import IndexBusy, IndexFailure
from ui.app import web_app
from ui.evaluation.view import running
from ui.locale.messages import LANGUAGES, MESSAGES, Words
from ui.operations.jobs import Jobs
from ui.widgets.failures import failure
from ui.widgets.failures import fault as worded

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def client(small_base: KnowledgeBase) -> TestClient:
    return TestClient(web_app(small_base), base_url="http://127.0.0.1")


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("code", FAULTS)
def test_every_fault_is_worded_in_the_four_languages(code: str) -> None:
    found = fault(code, **dict.fromkeys(places(FAULTS[code]), "słowo"), line=7)
    told = [worded(found, Words(ui)) for ui in LANGUAGES]
    assert len(set(told)) == 4 and all("7" in text for text in told), told


def test_no_wording_stays_behind_when_its_fault_goes() -> None:
    named = {message.removeprefix("fault_") for message in MESSAGES if message.startswith("fault_")}
    assert named == {*FAULTS, "in_line"}


def test_every_fault_in_the_sources_has_a_code_and_names_what_its_wording_needs() -> None:
    raised: dict[str, list[set[str]]] = {}
    for path in sorted((ROOT / "kb").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "fault":
                code = ast.literal_eval(node.args[0])
                raised.setdefault(code, []).append({str(keyword.arg) for keyword in node.keywords} - {"line"})
    assert set(raised) == set(FAULTS)
    assert [code for code, named in raised.items() if any(names != places(FAULTS[code]) for names in named)] == []


def test_a_code_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError, match="no_such"):
        fault("no_such")


@pytest.mark.parametrize(
    ("ui", "told"),
    [
        (
            "zh-Hans",
            ["第 1 行：缺少“question”；是不是写成了“qeustion”？", "第 2 行：不是正确的 JSON（第 1 个字符处）"],
        ),
        (
            "zh-Hant",
            ["第 1 行：缺少「question」；是不是寫成了「qeustion」？", "第 2 行：不是正確的 JSON（第 1 個字元處）"],
        ),
        (
            "pl",
            ["wiersz 1: brak klucza „question”; czy chodziło o „qeustion”?", "wiersz 2: niepoprawny JSON (znak 1)"],
        ),
        ("en", ["line 1: there is no “question”; was “qeustion” meant?", "line 2: not JSON (at character 1)"]),
    ],
)
def test_an_uploaded_set_with_faults_is_refused_in_the_pages_language(
    client: TestClient, tmp_path: Path, ui: str, told: list[str]
) -> None:
    faulty = json.dumps({"qeustion": "Kto?", "answers": []}) + "\nnonsense\n"
    sent = client.post("/pages/evaluation/questions", params={"name": "x.jsonl", "ui": ui}, content=faulty.encode())
    assert sent.status_code == 422
    assert "".join(f"<li>{line}</li>" for line in told) in unescape(sent.text) and str(tmp_path) not in sent.text
    assert "x.jsonl</option>" not in client.get("/pages/evaluation").text


def test_of_many_faults_the_rest_is_counted(client: TestClient) -> None:
    sent = client.post(
        "/pages/evaluation/questions", params={"name": "x.jsonl", "ui": "pl"}, content=b"{nonsense\n" * 23
    )
    assert sent.text.count("<li>") == 21 and "<li>i jeszcze 3 błędy</li>" in sent.text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            IndexBusy("in use by process 7: /srv/index"),
            "another program is changing the library; try again",
        ),
        (IndexFailure("no index in /srv/index"), "the library cannot be read or changed at the moment; the server’s"),
        (EncoderError("no model in /srv/model"), "the model that is set cannot be used; the server’s log says why"),
        (QuestionSetError(None, fault("index_changed")), "the library was changed during the run; run it again"),
        (OSError(28, "No space left on device", "/srv/index"), "something went wrong on the server; its log says what"),
    ],
)
def test_a_job_that_fails_says_why_without_the_servers_places(
    error: Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(report: object) -> None:
        raise error

    job = Jobs().start("work", fail)
    assert job.finished.wait(5)
    html = unescape(running(job, Words("en")))
    assert f"This failed: {told}" in html and "/srv" not in html
    assert str(error) in caplog.text and failure(error, Words("pl")) != failure(error, Words("en"))
