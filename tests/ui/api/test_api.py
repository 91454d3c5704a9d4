"""The HTTP API as a program sees it: httpx against a real server."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from corpus.documents import Document
from kb import KnowledgeBase
from kb.answering.answers import Answer, AnswerSentence
from tests.helpers.serving import NESTS, SlowBase, animal_base, served
from tests.ui.api.test_api_description import ROUTES
from ui.api import models as api_models
from ui.security.concurrency import ConcurrencyLimiter


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    return animal_base(tmp_path_factory.mktemp("api"))


@pytest.fixture(scope="module")
def client(base: KnowledgeBase) -> Iterator[httpx.Client]:
    with served(base) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def failed(response: httpx.Response, status: int) -> str:
    """Check that a request failed in the one shape; return its message."""
    body = response.json()
    api_models.ErrorJson.model_validate(body, strict=True)
    assert response.status_code == status, body
    assert list(body) == ["error"] and list(body["error"]) == ["message", "type", "param", "code"]
    return str(body["error"]["message"])


def events(response: httpx.Response) -> list[tuple[str, Any]]:
    """Return the events of a stream: name and data."""
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    found = []
    for block in response.text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append((fields.get("event", ""), json.loads(fields["data"])))
    return found


def without_times(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "timings_ms"}


# ---------------------------------------------------------------------------------------------------------- asking


def test_ask_answers_in_the_json_of_the_command_line(client: httpx.Client, base: KnowledgeBase) -> None:
    response = client.post("/api/ask", json={"question": NESTS, "k": 2})
    assert response.status_code == 200
    answer = response.json()
    assert without_times(answer) == without_times(api_models.answer_json(base.ask(NESTS, k=2)))
    assert list(answer) == list(base.ask(NESTS).to_json())
    assert answer["answer"] == "Birds sing at dawn. [1] Birds build nests of straw. [2]"
    for citation in answer["citations"]:
        text = base.document(citation["document_id"]).text
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_ask_completes_a_follow_up_and_keeps_to_the_languages(client: httpx.Client) -> None:
    asked = {"question": "那狗呢？", "history": ["猫喜欢什么？"], "languages": ["zh-Hant"]}
    answer = client.post("/api/ask", json=asked).json()
    assert answer["completed"] == "猫喜欢什么？狗呢？"
    assert {passage["language"] for passage in answer["passages"]} == {"zh-Hant"}


def test_ask_refuses_what_the_sources_do_not_say(client: httpx.Client) -> None:
    answer = client.post("/api/ask", json={"question": "Jaka jest stolica Australii?"}).json()
    assert (answer["answered"], answer["sentences"], answer["citations"]) == (False, [], [])
    assert answer["answer"] and answer["passages"]


@pytest.mark.parametrize("way", ["field", "header"])
def test_ask_streams_sentences_then_the_whole(client: httpx.Client, way: str) -> None:
    body, headers = ({"stream": True}, {}) if way == "field" else ({}, {"Accept": "text/event-stream"})
    told = events(client.post("/api/ask", json={"question": NESTS, **body}, headers=headers))
    assert [name for name, _ in told] == ["sentence", "sentence", "answer"]
    assert told[0][1] == {"text": "Birds sing at dawn.", "citations": [1], "support": 1.0}
    assert without_times(told[-1][1]) == without_times(client.post("/api/ask", json={"question": NESTS}).json())


def test_sentences_are_sent_before_the_answer_is_whole(base: KnowledgeBase) -> None:
    slow = SlowBase(base)

    def ask(question: str, on_text: Any = None, **options: Any) -> Answer:
        on_text(AnswerSentence("Early.", (1,)))
        assert slow.go.wait(30)
        return base.ask(question)

    slow.ask = ask  # type: ignore[method-assign]
    with (
        served(slow) as address,  # type: ignore[arg-type]
        httpx.stream("POST", f"{address}/api/ask", json={"question": NESTS, "stream": True}, timeout=30) as response,
    ):
        lines = response.iter_lines()
        assert next(lines) == "event: sentence"
        assert json.loads(next(lines).removeprefix("data: "))["text"] == "Early."
        slow.go.set()
        assert [line for line in lines if line.startswith("event")] == ["event: answer"]


def test_a_failure_after_the_first_sentence_ends_the_stream_with_an_error(base: KnowledgeBase) -> None:
    slow = SlowBase(base)

    def ask(question: str, on_text: Any = None, **options: Any) -> Answer:
        on_text(AnswerSentence("Early.", (1,)))
        raise RuntimeError("secret /etc/passwd")

    slow.ask = ask  # type: ignore[method-assign]
    with served(slow) as address:  # type: ignore[arg-type]
        told = events(httpx.post(f"{address}/api/ask", json={"question": NESTS, "stream": True}, timeout=30))
        whole = httpx.post(f"{address}/api/ask", json={"question": NESTS}, timeout=30)
    assert [name for name, _ in told] == ["sentence", "error"]
    said = "something went wrong on the server; its log says what"
    assert told[1][1]["error"]["message"] == said
    assert "secret" not in whole.text


# ------------------------------------------------------------------------------------------------------- searching


def test_search_gives_the_same_by_body_and_by_address(client: httpx.Client, base: KnowledgeBase) -> None:
    sought = {"query": "birds build", "k": 2, "mode": "sparse", "languages": ["en", "pl"]}
    by_body = client.post("/api/search", json=sought)
    by_address = client.get("/api/search?query=birds+build&k=2&mode=sparse&language=en&language=pl")
    assert (by_body.status_code, by_address.status_code) == (200, 200)
    assert by_body.json() == by_address.json()
    hits = base.search("birds build", 2, mode="sparse", languages=["en", "pl"])
    assert [passage["document_id"] for passage in by_body.json()["passages"]] == [
        hit.passage.document_id for hit in hits
    ]
    assert by_body.json()["passages"][0]["text"] == "Birds sing at dawn. Birds build nests of straw."


# ------------------------------------------------------------------------------------------------------- documents


def test_documents_are_listed_and_read(client: httpx.Client) -> None:
    listed = client.get("/api/documents").json()["documents"]
    assert [document["id"] for document in listed] == ["birds", "cats", "dogs", "fish"]
    one = client.get("/api/documents/dogs").json()
    assert one == {**listed[2], "text": "狗喜歡散步。狗每天散步兩次。", "sections": []}
    assert one["source"] == "dogs.md"


def test_an_uploaded_file_is_answered_from_replaced_and_removed(tmp_path: Path) -> None:
    base = animal_base(tmp_path)
    uploads = tmp_path / "index.uploads"
    with served(base) as address, httpx.Client(base_url=address, timeout=30) as client:
        files = [
            ("files", ("../../Sowy i psy.md", "# Psy\n\nPsy lubią kości i długie spacery po lesie.".encode())),
            ("files", ("x.exe", b"MZ")),
        ]
        response = client.post("/api/documents", files=files)
        assert response.status_code == 201
        change = response.json()
        assert change["added"] == ["Sowy-i-psy"]
        assert [skipped["file"] for skipped in change["skipped"]] == ["x.exe"]
        assert change["skipped"][0]["reason"].startswith("the ending .exe is unknown; only .md, ")
        assert [path.name for path in uploads.glob("[!.]*")] == ["Sowy i psy.md"]
        cited = client.post("/api/ask", json={"question": "Co lubią psy?"}).json()["citations"]
        assert ("Sowy-i-psy", "Sowy i psy.md") in {(c["document_id"], c["source"]) for c in cited}

        newer = {"files": ("Sowy i psy.md", "# Psy\n\nPsy śpią na kanapie.".encode())}
        assert client.post("/api/documents", files=newer).json()["added"] == ["Sowy-i-psy"]
        assert client.get("/api/documents/Sowy-i-psy").json()["text"] == "Psy\n\nPsy śpią na kanapie."
        assert "kości" not in client.post("/api/ask", json={"question": "Co lubią psy?"}).text

        refused = client.post("/api/documents", files={"files": ("Sowy i psy.md", b"\0\1\2")})
        assert failed(refused, 422).startswith("nothing to index (Sowy i psy.md: looks binary")
        assert (uploads / "Sowy i psy.md").read_text() == "# Psy\n\nPsy śpią na kanapie."

        assert client.delete("/api/documents/Sowy-i-psy").json()["removed"] == ["Sowy-i-psy"]
        assert list(uploads.glob("[!.]*")) == []
        assert client.get("/api/documents/Sowy-i-psy").status_code == 404
        assert len(client.get("/api/documents").json()["documents"]) == 4


def test_an_archive_is_kept_until_the_last_document_in_it_is_removed(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("owls.md", "# Owls\n\nOwls hunt at night.")
        file.writestr("geese.md", "# Geese\n\nGeese fly south.")
    kept = tmp_path / "index.uploads" / "texts.zip"
    with served(animal_base(tmp_path)) as address, httpx.Client(base_url=address, timeout=30) as client:
        added = client.post("/api/documents", files={"files": ("texts.zip", archive.getvalue())}).json()["added"]
        assert sorted(added) == ["geese", "owls"]
        assert client.delete("/api/documents/owls").status_code == 200
        assert kept.exists()
        assert client.delete("/api/documents/geese").status_code == 200
        assert not kept.exists()


def test_no_file_of_this_machine_is_named(tmp_path: Path) -> None:
    assert api_models.shown_source("/home/me/notes/a.md") == "a.md"
    assert api_models.shown_source("C:\\me\\a.md") == "a.md"
    assert api_models.shown_source("../me/a.md") == "a.md"
    assert api_models.shown_source("notes/a.md") == "notes/a.md"
    assert api_models.shown_source("https://example.org/a/b") == "https://example.org/a/b"
    base = animal_base(tmp_path)
    with served(base) as address, httpx.Client(base_url=address, timeout=30) as client:
        for path in ("/api/documents", "/api/documents/birds", "/api/search?query=birds"):
            assert str(tmp_path) not in client.get(path).text
        assert str(tmp_path) not in client.post("/api/ask", json={"question": NESTS}).text


# ---------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 422, "question: field required"),
        ({"question": 5}, 422, "question: input should be a valid string"),
        ({"question": " "}, 422, "the question is empty; type one"),
        ({"question": "?!"}, 422, "the question holds no word or figure; type one in words"),
        ({"question": "a" * 3000}, 422, "the question has 3,000 characters, at most 2,000 are read; shorten it"),
        ({"question": NESTS, "k": 0}, 422, "k: input should be greater than or equal to 1"),
        ({"question": NESTS, "kk": 1}, 422, "kk: extra inputs are not permitted"),
        (
            {"question": NESTS, "languages": ["de"]},
            422,
            "languages.0: input should be 'zh-Hans', 'zh-Hant', 'pl' or 'en'",
        ),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_wrong_question_is_told_what_is_wrong(
    client: httpx.Client, body: dict[str, Any], status: int, message: str, stream: bool
) -> None:
    headers = {"Accept": "text/event-stream"} if stream else {}
    assert failed(client.post("/api/ask", json=body, headers=headers), status) == message


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (b"{", 400, "the body is not JSON: Expecting property name enclosed in double quotes at character 1"),
        (b"\xff\xfe\x00", 400, "the body cannot be read"),
        (b"[" * 100_000, 400, "the body cannot be read"),
        (
            b'{"question": "\\ud800"}',
            422,
            "question: input should be whole characters, not one half of a surrogate pair",
        ),
        (b'{"question": 1e999, "k": NaN}', 422, "question: input should be a valid string (and 1 more)"),
        (
            b'{"\\ud800\\n": 1}',
            422,
            "body: input should be a valid string, unable to parse raw data as a unicode string",
        ),
    ],
)
def test_a_body_that_is_no_question_is_refused(client: httpx.Client, content: bytes, status: int, message: str) -> None:
    response = client.post("/api/ask", content=content, headers={"Content-Type": "application/json"})
    assert failed(response, status) == message


def test_the_kind_of_the_body_must_be_said(client: httpx.Client) -> None:
    response = client.post("/api/ask", content=json.dumps({"question": NESTS}), headers={"Content-Type": "text/plain"})
    assert failed(response, 415) == "expected Content-Type: application/json, got text/plain"
    assert failed(client.post("/api/documents", json={}), 415).startswith("expected Content-Type: multipart/form-data")


@pytest.mark.parametrize("path", ["/api/none", "/api/documents/none", "/v1/none", "/v1/models/none"])
def test_what_is_not_there_is_404(client: httpx.Client, path: str) -> None:
    failed(client.get(path), 404)


def test_a_method_that_an_address_does_not_take_is_405(client: httpx.Client) -> None:
    response = client.delete("/api/ask")
    assert failed(response, 405) == "DELETE is not for this address; POST is"
    assert response.headers["allow"] == "POST"


def test_too_many_at_once_are_told_to_come_back(base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.service.ConcurrencyLimiter", lambda **_: ConcurrencyLimiter(1, waiting=1))
    slow = SlowBase(base)
    with served(slow) as address, ThreadPoolExecutor(3) as threads:  # type: ignore[arg-type]

        def ask() -> httpx.Response:
            return httpx.post(f"{address}/api/ask", json={"question": NESTS}, timeout=30)

        first = threads.submit(ask)
        assert slow.asked.acquire(timeout=10)
        second, third = threads.submit(ask), threads.submit(ask)
        refused = next(response for response in iter(lambda: _done(second, third), None))
        slow.go.set()
        assert failed(refused, 503) == "too many questions are waiting; try again in a moment"
        assert refused.headers["retry-after"] == "5"
        assert sorted(f.result().status_code for f in (first, second, third)) == [200, 200, 503]


def _done(*futures: Any) -> httpx.Response:
    from concurrent.futures import FIRST_COMPLETED, wait

    done, _ = wait(futures, timeout=10, return_when=FIRST_COMPLETED)
    response: httpx.Response = done.pop().result()
    return response


# --------------------------------------------------------------------------------------------------------- OpenAPI


def test_the_openapi_description_names_every_route_and_its_page_needs_nobody_else(client: httpx.Client) -> None:
    schema = client.get("/api/openapi.json").json()
    assert {(method, path) for path, methods in schema["paths"].items() for method in methods} == set(ROUTES)
    page = client.get("/api/docs").text
    for path in schema["paths"]:
        assert path in page
    assert "//" not in page.replace("http://127.0.0.1:7860", "")


def test_what_the_page_tells_to_type_to_read_something_is_answered(client: httpx.Client) -> None:
    page = html.unescape(client.get("/api/docs").text)
    commands = re.findall(r"<pre>curl '?http://127\.0\.0\.1:7860([^{'<]*)'?</pre>", page)
    assert {command.partition("?")[0] for command in commands} >= {"/api/search", "/api/documents", "/v1/models"}
    assert {command: client.get(command).status_code for command in commands} == dict.fromkeys(commands, 200)


@pytest.mark.parametrize(
    ("method", "path", "body", "model"),
    [
        ("POST", "/api/ask", {"question": NESTS}, api_models.AnswerJson),
        ("POST", "/api/search", {"query": "客户"}, api_models.SearchJson),
        ("GET", "/api/documents", None, api_models.DocumentsJson),
        ("GET", "/api/documents/birds", None, api_models.DocumentTextJson),
    ],
)
def test_responses_are_what_the_description_says(
    client: httpx.Client, method: str, path: str, body: Any, model: type[api_models.ResponseModel]
) -> None:
    told = client.request(method, path, json=body).json()
    parsed = model.model_validate(told)
    assert not extras(parsed), "the response has fields that the model does not describe"
    assert parsed.model_dump(mode="json") == told


def extras(model: Any) -> list[str]:
    """Return the fields of a parsed response that its model does not know, nested ones too."""
    if isinstance(model, list):
        return [name for item in model for name in extras(item)]
    if not isinstance(model, api_models.ResponseModel):
        return []
    return [
        *(model.model_extra or {}),
        *(name for field in type(model).model_fields for name in extras(getattr(model, field))),
    ]


def test_a_document_that_goes_while_it_is_told_of_is_told_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = KnowledgeBase.document

    def slow(self: KnowledgeBase, document_id: str) -> Document:
        found = document(self, document_id)
        self.remove([document_id])
        return found

    monkeypatch.setattr(KnowledgeBase, "document", slow)
    with served(animal_base(tmp_path)) as address:
        told = httpx.get(f"{address}/api/documents/birds").json()
        assert told["text"] == "Birds sing at dawn. Birds build nests of straw."
        assert failed(httpx.get(f"{address}/api/documents/none"), 404)


def test_a_text_without_headings_has_no_sections() -> None:
    assert Document("a", "A", "Text.", "en", "a.md", "00").sections == ()
