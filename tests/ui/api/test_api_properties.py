"""Whatever is sent to the HTTP API, the answer is sound: no 500, nothing of this machine, failures in one shape."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb.accounts.users import Users
from tests.helpers.asgi import Request, Response, faults, send
from tests.helpers.serving import NESTS, animal_base
from ui.app import web_app

pytestmark = pytest.mark.slow  # made-up requests and files by the hundred

KEY = "sk-not-for-anyone-7Zq"
Answered = Callable[[Request], Response]

# ------------------------------------------------------------------------------------------------------ what is sent

ANY = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
"""Of every character of every plane, lone surrogates too."""
WHOLE = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)
"""The same without halves of characters."""
QUESTIONS = st.one_of(st.sampled_from([NESTS, "猫喜欢什么？", "那狗呢？", "Jaka jest stolica Australii?"]), WHOLE)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**30, -(10**400), 2**63, "鸟" * 2001]),
    st.floats(),  # infinities and NaN, which Python writes though no JSON can hold them
    ANY,
)
JSON = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ANY, inner, max_size=3)), max_leaves=6
)
LANGUAGES = st.lists(st.sampled_from(["zh-Hans", "zh-Hant", "pl", "en"]), max_size=4)
PARTS = st.lists(
    st.fixed_dictionaries({"type": st.sampled_from(["text", "image_url"])}, optional={"text": WHOLE}), max_size=3
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant", "tool"])},
        optional={"content": st.one_of(QUESTIONS, st.none(), PARTS), "name": JSON},
    ),
    max_size=3,
)
FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "/api/ask": {
        "question": QUESTIONS,
        "k": st.integers(1, 100),
        "languages": LANGUAGES,
        "history": st.lists(QUESTIONS, max_size=3),
        "stream": st.booleans(),
    },
    "/api/search": {
        "query": QUESTIONS,
        "k": st.integers(1, 100),
        "mode": st.sampled_from(["hybrid", "dense", "sparse"]),
        "languages": LANGUAGES,
    },
    "/v1/chat/completions": {
        "model": st.just("cco"),
        "messages": st.builds(lambda *parts: [*parts[0], {"role": "user", "content": parts[1]}], MESSAGES, QUESTIONS),
        "stream": st.booleans(),
        "stream_options": st.fixed_dictionaries({}, optional={"include_usage": st.booleans()}),
        "n": st.just(1),
        "temperature": JSON,
    },
}
"""What each route takes, as it takes it."""


@st.composite
def bodies(draw: st.DrawFn, path: str) -> Any:
    """Draw an object as the route takes it, or one that is bent in one or two places, or anything."""
    fields = FIELDS[path]
    first, *others = fields
    needed = [first, "messages"] if "messages" in fields else [first]
    chosen = [*needed, *(name for name in others if name not in needed and draw(st.booleans()))]
    body: Any = {name: draw(fields[name]) for name in chosen}
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2]))):
        match draw(st.sampled_from(["other", "other", "missing", "unknown", "whole"])):
            case "other" if isinstance(body, dict):
                body[draw(st.sampled_from([*fields]))] = draw(JSON)
            case "missing" if isinstance(body, dict):
                body.pop(draw(st.sampled_from(chosen)), None)
            case "unknown" if isinstance(body, dict):
                body[draw(ANY)] = draw(JSON)
            case _:
                body = draw(JSON)
    return body


def written(value: Any) -> bytes:
    """Return JSON, or what passes for it: Python writes NaN, and half a character as it is escaped."""
    return json.dumps(value).encode()


RAW = st.one_of(
    st.binary(max_size=80),
    st.integers(1, 100_000).map(lambda depth: b"[" * depth),
    st.integers(1, 5_000).map(lambda depth: b'{"question":' * depth + b"1" + b"}" * depth),
    st.integers(1, 6_000).map(lambda digits: b'{"question": "birds", "k": ' + b"9" * digits + b"}"),
    ANY.map(lambda text: json.dumps({"question": text}, ensure_ascii=False).encode("utf-8", "surrogatepass")),
    ANY.map(lambda text: json.dumps({"question": text}, ensure_ascii=False).encode("utf-16", "surrogatepass")),
    st.just(b'{"question": "birds", "question": ["birds"]}'),
)
"""Bodies that are no JSON, or only just."""
NAMES = (
    b"accept accept-encoding accept-language authorization content-encoding content-length content-type cookie expect "
    b"forwarded host if-none-match origin range referer sec-fetch-site te transfer-encoding upgrade via "
    b"x-forwarded-for x-forwarded-host x-forwarded-proto x-request-id x-real-ip"
).split()
VALUES = st.one_of(
    st.sampled_from(
        [b"", b"application/json", b"text/event-stream", b"multipart/form-data", b"multipart/form-data; boundary=",
         b"text/plain; charset=\xff", b"Bearer x", b"cco_session=x", b"gzip", b"bytes=0-1", b"127.0.0.1:99999999",
         b"[::1", b"null", b"\xb2", b"-1", b"chunked", b"100-continue", b"a/b; q=\"x", b"x" * 5000]
    ),
    st.binary(max_size=40).map(lambda data: data.translate(None, b"\0\r\n").strip()),
)  # fmt: skip
"""What a header can hold: any byte but NUL and the ends of lines."""
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=4)
PATHS = st.lists(
    st.one_of(
        st.sampled_from(["api", "v1", "ask", "search", "documents", "birds", "chat", "completions", "models", "cco",
                         "me", "openapi.json", "docs", "..", "%2e%2e", "%2F", "%00", "%ff", "%ed%a0%80", "", ";x=1"]),
        ANY.map(lambda text: quote(text, safe="", errors="surrogatepass")),
    ),
    max_size=4,
).map(lambda parts: "/" + "/".join(parts))  # fmt: skip
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["query", "k", "mode", "language", "x", "query[]", ""]),
        st.one_of(st.sampled_from(["birds", "5", "0", "1e400", "9" * 5000, "pl", "sparse", "NaN", "%", "%ff"]),
                  ANY.map(lambda text: quote(text, safe="", errors="surrogatepass"))),
    ),
    max_size=5,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))  # fmt: skip
ROUTES = ["/api/ask", "/api/search", "/api/documents", "/api/documents/birds", "/api/me", "/api/openapi.json",
          "/api/docs", "/v1/chat/completions", "/v1/models", "/v1/models/cco", "/healthz", "/readyz",
          "/metrics"]  # fmt: skip
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]
OURS: tuple[tuple[bytes, bytes], ...] = ((b"host", b"127.0.0.1:7860"), (b"content-type", b"application/json"))


# ---------------------------------------------------------------------------------------------------- who answers it


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answered]:
    """Sends a request to a small library that anyone may ask and an editor changes; every answer is checked."""
    folder = tmp_path_factory.mktemp("properties")
    (folder / "key").write_text(KEY)
    base = animal_base(folder, server={"per_minute": 100_000}, llm={"api_key_file": folder / "key"})
    users = Users.of(base.settings)
    users.add("anna", "correct horse", "editor")
    token = users.new_token("anna")[0].encode()
    secrets = [KEY.encode(), str(folder).encode(), b"$argon2", token]
    site = web_app(base, everyone=True)
    editor = (b"authorization", b"Bearer " + token)
    with asyncio.Runner() as runner:

        def answer(request: Request) -> Response:
            if not any(name == b"authorization" for name, _ in request.headers):
                request = Request(request.method, request.target, (*request.headers, editor), request.body)
            response = runner.run(send(site, request))
            assert faults(request, response, secrets) == []
            return response

        yield answer


# -------------------------------------------------------------------------------------------------------- properties


@pytest.mark.parametrize("path", FIELDS)
@settings(max_examples=250)
@given(data=st.data())
def test_any_json_is_answered_soundly(answered: Answered, path: str, data: st.DataObject) -> None:
    answered(Request("POST", path, OURS, written(data.draw(bodies(path)))))


@pytest.mark.parametrize("path", FIELDS)
@settings(max_examples=50)
@given(body=RAW)
def test_any_bytes_are_answered_soundly(answered: Answered, path: str, body: bytes) -> None:
    answered(Request("POST", path, OURS, body))


@settings(max_examples=300)
@given(method=st.sampled_from(METHODS), path=st.one_of(st.sampled_from(ROUTES), PATHS), query=QUERIES, headers=HEADERS)
@example("POST", "/api/ask", "", [(b"content-length", b"\xb2")])
def test_any_method_address_and_headers_are_answered_soundly(
    answered: Answered, method: str, path: str, query: str, headers: list[tuple[bytes, bytes]]
) -> None:
    if not path.startswith(("/api/", "/v1/")) and path not in ROUTES:
        path = f"/api{path}"  # what lies elsewhere is the page's
    own = [(name, value) for name, value in OURS if name not in dict(headers)]
    answered(Request(method, f"{path}?{query}", (*own, *headers), b'{"question": "birds", "query": "birds"}'))


@settings(max_examples=100)
@given(query=QUESTIONS, k=st.integers(1, 100), mode=st.sampled_from(["hybrid", "dense", "sparse"]), languages=LANGUAGES)
def test_any_query_in_an_address_is_answered_soundly(
    answered: Answered, query: str, k: int, mode: str, languages: list[str]
) -> None:
    named = "".join(f"&language={language}" for language in languages)
    answered(Request("GET", f"/api/search?query={quote(query)}&k={k}&mode={mode}{named}", OURS))
    answered(Request("GET", f"/v1/models/{quote(query, safe='')}", OURS))
    answered(Request("DELETE", f"/api/documents/{quote(query, safe='')}", OURS))


@settings(max_examples=15)
@given(
    name=ANY,
    ending=st.sampled_from([".md", ".md", ".txt", ".html", ".zip", ""]),
    content=st.one_of(WHOLE.map(lambda text: f"Koty śpią. {text}".encode()), st.binary(max_size=60)),
    boundary=st.sampled_from([b"x", b"x", b"x", b"y"]),
)
def test_any_upload_is_answered_soundly_and_what_it_adds_can_be_removed(
    answered: Answered, name: str, ending: str, content: bytes, boundary: bytes
) -> None:
    named = (name + ending).encode("utf-8", "surrogatepass").translate(None, b'\r\n"')
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="' + named + b'"\r\n\r\n'
    kind = (b"content-type", b"multipart/form-data; boundary=" + boundary)
    response = answered(Request("POST", "/api/documents", (OURS[0], kind), head + content + b"\r\n--x--\r\n"))
    if response.status == 201:
        for added in response.json()["added"]:
            there = f"/api/documents/{quote(added, safe='')}"
            assert answered(Request("GET", there, OURS)).json()["id"] == added
            assert answered(Request("DELETE", there, OURS)).json()["removed"] == [added]


@pytest.mark.parametrize("path", FIELDS)
def test_the_generated_requests_reach_both_sides(answered: Answered, path: str) -> None:
    """Hold the strategies themselves: requests that are all refused would prove nothing."""
    statuses = Counter[int]()

    @settings(max_examples=100, derandomize=True, database=None)  # a share of chance would fail one run in many
    @given(bodies(path))
    def gather(body: Any) -> None:
        statuses[answered(Request("POST", path, OURS, written(body))).status] += 1

    gather()
    assert statuses[200] >= 5 and statuses[422] >= 5, statuses


@pytest.mark.parametrize(
    ("response", "fault"),
    [
        (Response(500, {b"content-type": b"application/json"}, b"{}"), "status 500"),
        (Response(200, {}, b"see /secret/place"), "holds b'/secret/place'"),
        (Response(200, {b"x": b"/secret/place"}, b""), "holds b'/secret/place'"),
        (Response(200, {}, b"Traceback (most recent call last)"), "holds b'Traceback"),
        (Response(404, {b"content-type": b"application/json"}, b'{"detail": "no"}'), "status 404 in another shape"),
        (Response(200, {b"content-type": b"application/json"}, b'{"score": NaN}'), "NaN is no JSON"),
        (Response(200, {b"content-type": b"text/event-stream"}, b"event: answer\ndata: {}"), "breaks off"),
        (Response(200, {b"content-type": b"text/event-stream"}, b"answer: 5\ndata: {}\n\n"), "no event"),
    ],
)
def test_a_planted_fault_is_seen(response: Response, fault: str) -> None:
    assert fault in " ".join(faults(Request("GET", "/api/me"), response, [b"/secret/place"]))
