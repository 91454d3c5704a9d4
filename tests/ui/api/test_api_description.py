"""The API is as its own description says: schemathesis makes requests from it, right and wrong ones, and compares."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.helpers.serving import NESTS, animal_base
from ui.app import web_app

schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis (pip install 'cco-kb[dev]')")
from schemathesis.checks import CHECKS, load_all_checks  # noqa: E402

pytestmark = pytest.mark.slow  # made-up requests and files by the hundred

load_all_checks()
HOST = {"Host": "127.0.0.1"}
ALIKE = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    )
]
"""What is compared. Not whether every right request is taken: a question without a word is a string, and refused."""
ROUTES = [
    ("post", "/api/ask"),
    ("post", "/api/search"),
    ("get", "/api/search"),
    ("get", "/api/documents"),
    ("post", "/api/documents"),
    ("get", "/api/documents/{document_id}"),
    ("delete", "/api/documents/{document_id}"),
    ("get", "/api/me"),
    ("get", "/v1/models"),
    ("get", "/v1/models/{model}"),
    ("post", "/v1/chat/completions"),
]
BENDABLE = {"/api/ask", "/api/search", "/v1/chat/completions"}
"""Of these there are requests that go against the description; of a name in an address any text is one."""
TAKEN = {(m, p) for m, p in ROUTES if "{" not in p} - {("post", "/api/documents")}
"""Of these some of the right requests succeed; an id or a file made up at random is none of the library's."""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Any:
    base = animal_base(tmp_path_factory.mktemp("described"), server={"per_minute": 100_000})
    site = web_app(base)
    return schemathesis.openapi.from_asgi("/api/openapi.json", site, headers=HOST)


def test_every_route_is_tried(described: Any) -> None:
    assert {(one.ok().method, one.ok().path) for one in described.get_all_operations()} == set(ROUTES)


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [(m, p, mode) for m, p in ROUTES for mode in ("POSITIVE", "NEGATIVE") if mode == "POSITIVE" or p in BENDABLE],
)
def test_a_route_answers_as_described(described: Any, method: str, path: str, mode: str) -> None:
    statuses = Counter[int]()
    cases = described[path][method].as_strategy(generation_mode=schemathesis.GenerationMode[mode])

    @settings(max_examples=15 if path == "/api/documents" else 50, suppress_health_check=[HealthCheck.too_slow])
    @given(case=cases)
    def check(case: Any) -> None:
        if mode == "POSITIVE" and path == "/v1/chat/completions":
            # What the description cannot say: there is one model, and somebody asks it something.
            case.body["model"] = "cco"
            case.body["messages"].append({"role": "user", "content": NESTS})
        response = case.call(headers=HOST)
        statuses[response.status_code] += 1
        case.validate_response(response, checks=ALIKE)

    check()
    if mode == "NEGATIVE":
        # In an address all is text: a number where a text is wanted is one, and taken.
        assert (min if method == "post" else max)(statuses) >= 400, statuses
    elif (method, path) in TAKEN:
        assert min(statuses) < 300, statuses
