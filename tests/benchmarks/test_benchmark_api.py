"""The checkers of the API, checked; and a short run of each against a real server."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from benchmarks.api_mixed import History, mixed, text_of
from benchmarks.api_random import Maker, Secrets, Sent, checked, random_requests
from kb.accounts.users import Users
from tests.helpers.serving import animal_base, served
from tests.ui.security.test_leaks import running

pytestmark = pytest.mark.slow  # made-up requests and files by the hundred


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """The address of a server, the token of its editor, and its folder."""
    folder = tmp_path_factory.mktemp("tried")
    base = animal_base(folder, server={"per_minute": 100_000})
    users = Users.of(base.settings)
    users.add("anna", "correct horse", "editor")
    with served(base, everyone=True) as address:
        yield address, users.new_token("anna")[0], folder


def test_random_requests_find_no_fault(server: tuple[str, str, Path]) -> None:
    address, token, folder = server
    secrets = Secrets((str(folder).encode(), b"$argon2", b"site-packages"))
    report = random_requests(address, token, 600, 7, secrets)
    assert report["first"] == []
    assert {"200", "201", "400", "403", "404", "405", "415", "422"} <= set(report["statuses"])


def test_questions_while_the_library_changes_find_no_wrong_citation(server: tuple[str, str, Path]) -> None:
    report = mixed(server[0], server[1], seconds=4, workers=6)
    assert report["first"] == []
    assert report["changes"] >= 3
    assert report["of documents that were changing"] >= 3


def test_the_same_seed_makes_the_same_requests(server: tuple[str, str, Path]) -> None:
    schema = httpx.get(f"{server[0]}/api/openapi.json").json()
    first, second = (Maker(random.Random(3), schema, "t") for _ in range(2))
    assert [first.request() for _ in range(50)] == [second.request() for _ in range(50)]


def test_a_planted_leak_trace_500_and_odd_error_are_found() -> None:
    from fastapi import FastAPI
    from fastapi.responses import PlainTextResponse

    site = FastAPI()
    answers = {
        "leak": PlainTextResponse("see /home/me/notes"),
        "trace": PlainTextResponse("Traceback (most recent call last)"),
        "fault": PlainTextResponse("no", 500),
        "odd": PlainTextResponse("no", 404),
    }

    @site.get("/api/{name}")
    def answer(name: str) -> PlainTextResponse:
        return answers[name]

    with running(site) as address:
        secrets = Secrets((b"/home/me",))
        found = {name: checked(address, Sent("GET", f"/api/{name}", {}, b""), secrets)[1] for name in answers}
    assert [len(faults) for faults in found.values()] == [1, 1, 2, 1]


def test_a_planted_wrong_citation_is_found() -> None:
    history = History()
    history.begin("a", "Old words.")
    history.settled("a")
    old = history.states["a"][0]
    history.begin("a", "New words.")
    history.settled("a")
    new = history.states["a"][1]
    history.begin("b", "Text of b.")
    history.settled("b")

    def cited(document: str, quote: str) -> dict[str, object]:
        return {"document_id": document, "start": 0, "end": len(quote), "quote": quote}

    def faults(*citations: dict[str, object], asked: float, answered: float) -> list[str]:
        return history.faults(list(citations), asked, answered)

    between = (old.begins + old.ends) / 2
    assert faults(cited("a", "Old"), asked=old.begins, answered=between) == []
    assert faults(cited("a", "New"), asked=between, answered=new.begins + 1) == []
    stale = faults(cited("a", "Old"), asked=old.ends + 1, answered=old.ends + 2)
    assert stale == ["at no moment was all true that was cited: ['Old']"]
    assert faults(cited("a", "Odd"), asked=0, answered=9e9) == ["a never said 'Odd' at 0"]
    torn = faults(cited("a", "Old"), cited("a", "New"), asked=0, answered=9e9)
    assert torn == ["a never said 'Old' at 0"]
    early = faults(cited("b", "Text"), cited("a", "Old"), asked=old.begins, answered=old.ends)
    assert early and early[0].startswith("at no moment")
    history.settled("a", gone=True)
    gone = history.states["a"][1].ends
    assert faults(cited("a", "New"), asked=gone + 1, answered=gone + 2)


def test_each_version_says_something_else() -> None:
    assert len({text_of("W1D1", version) for version in range(50)}) == 50
