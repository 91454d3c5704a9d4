"""Who comes in and what they may do, against a real server."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from mcp import ClientSession

from kb import SettingsError
from kb.accounts.audit import Audit
from kb.accounts.users import User, Users, UsersUnavailable
from kb.settings.schema import ServerSettings
from tests.helpers.screenshots import launch
from tests.helpers.serving import NESTS, animal_base, served
from tests.ui.api.test_api import failed
from tests.ui.api.test_api_openai import openai, user
from ui.app import web_app
from ui.cli import main
from ui.locale.messages import LANGUAGES, Words
from ui.security.access import (
    COOKIE,
    COSTS_NOTHING,
    KEPT_SECONDS,
    PAGES_PER_QUESTION,
    RETRY_SECONDS,
    SEARCHES,
    Access,
    Lookups,
)
from ui.security.guard import HEADERS, Names
from ui.security.limits import LARGEST_BODY, MOST_SENDERS, Limiter
from ui.service import Service
from ui.site import signin
from ui.widgets import shell

PASSWORD = "correct horse"
HTML = {"Accept": "text/html"}


@dataclass
class Guarded:
    """A server with two users, and its files."""

    address: str
    folder: Path
    users: Users
    editor: str
    reader: str
    """Tokens of anna, who is an editor, and jan, who is none."""

    def client(self, token: str = "", **headers: str) -> httpx.Client:
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return httpx.Client(base_url=self.address, headers=headers, timeout=30)

    def record(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "index.audit.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("access")
    base = animal_base(folder)
    users = Users.of(base.settings)
    users.add("anna", PASSWORD, "editor")
    users.add("jan", PASSWORD)
    with served(base, host="0.0.0.0") as address:
        yield Guarded(address, folder, users, users.new_token("anna")[0], users.new_token("jan")[0])


@contextmanager
def signed_in(guarded: Guarded) -> Iterator[httpx.Client]:
    with guarded.client() as client:
        answer = client.post("/signin", data={"name": "anna", "password": PASSWORD, "next": "/documents"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/documents")
        yield client


# ------------------------------------------------------------------------------------------------------ coming in


@pytest.mark.parametrize(
    "path", ["/", "/config", "/documents", "/documents/birds", "/api/documents", "/api/docs", "/v1/models",
             "/gradio_api/info", "/gradio_api/queue/data?session_hash=x", "/assets/index.js", "/metrics", "/none"]
)  # fmt: skip
def test_without_a_name_nothing_is_to_be_seen(guarded: Guarded, path: str) -> None:
    with guarded.client() as client:
        told = failed(client.get(path), 401)
        assert told == "sign in first: send Authorization: Bearer TOKEN (cco users token NAME makes one)"
        shown = client.get(path, headers=HTML)
        assert shown.status_code == 303
        assert shown.headers["location"].startswith("/signin?next=%2F")
        failed(client.post(path, json={}), 401)


def test_a_token_lets_a_program_in(guarded: Guarded) -> None:
    with guarded.client(guarded.reader) as client:
        assert client.get("/api/me").json() == {"name": "jan", "role": "reader", "signed_in": True}
        assert client.post("/api/ask", json={"question": NESTS}).json()["answered"]
    for wrong in (guarded.reader + "x", "x", "cco_", "Ł"):
        with guarded.client() as client:
            header = {"Authorization": f"Bearer {wrong}".encode()}
            assert client.get("/api/me", headers=header).status_code == 401  # type: ignore[arg-type]


def test_openai_s_client_sends_a_token_as_its_key(guarded: Guarded) -> None:
    with openai.OpenAI(base_url=f"{guarded.address}/v1", api_key=guarded.reader, max_retries=0) as client:
        assert client.chat.completions.create(model="cco", messages=user(NESTS)).cco["answered"]
    without = openai.OpenAI(base_url=f"{guarded.address}/v1", api_key="none", max_retries=0)
    with without, pytest.raises(openai.AuthenticationError, match="sign in first"):
        without.models.list()


def test_an_mcp_client_sends_a_token(guarded: Guarded) -> None:
    from mcp.client.streamable_http import streamable_http_client

    async def tools() -> int:
        headers = {"Authorization": f"Bearer {guarded.reader}"}
        async with (
            httpx.AsyncClient(headers=headers) as http,
            streamable_http_client(f"{guarded.address}/gradio_api/mcp/", http_client=http) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return len((await session.list_tools()).tools)

    assert asyncio.run(tools()) == 3


def test_a_reader_changes_nothing_and_an_editor_does_on_the_record(guarded: Guarded) -> None:
    files = {"files": ("owls.md", b"# Owls\n\nOwls hunt at night.")}
    with guarded.client(guarded.reader) as client:
        assert failed(client.post("/api/documents", files=files), 403) == "only an editor may change the library"
        assert failed(client.delete("/api/documents/birds"), 403) == "only an editor may change the library"
    with guarded.client(guarded.editor) as client:
        assert client.post("/api/documents", files=files).status_code == 201
        assert client.delete("/api/documents/owls").status_code == 200
    added, removed = guarded.record()[-2:]
    assert (added["user"], added["action"], added["documents"]) == ("anna", "documents.add", ["owls"])
    assert (removed["user"], removed["action"], removed["documents"]) == ("anna", "documents.remove", ["owls"])


@pytest.mark.parametrize(
    "path",
    ["library/files?name=a.md", "library/remove", "library/undo", "library/rebuild", "settings", "settings/test",
     "evaluation/questions?name=q.jsonl", "evaluation/run"],
)  # fmt: skip
def test_the_page_s_own_addresses_change_nothing_for_a_reader(guarded: Guarded, path: str) -> None:
    with guarded.client(guarded.reader) as client:
        assert client.post(f"/pages/{path}", json={}).status_code == 403
        assert len(client.get("/api/documents").json()["documents"]) == 4


def test_what_an_editor_does_on_the_page_is_on_the_record(guarded: Guarded) -> None:
    questions = b'{"id": "q1", "question": "Where do birds nest?", "language": "en", "answers": [], "documents": []}\n'
    with guarded.client(guarded.editor) as client:
        assert client.post("/pages/library/files?name=elk.md", content=b"# Elk\n\nElk swim.").json()["added"] == ["elk"]
        assert client.post("/pages/library/remove", json={"document": "elk", "id": "elk"}).status_code == 200
        assert client.post("/pages/evaluation/questions?name=q.jsonl", content=questions).status_code == 200
    added, removed, kept = guarded.record()[-3:]
    assert (added["user"], added["action"], added["documents"]) == ("anna", "documents.add", ["elk"])
    assert (removed["user"], removed["action"], removed["documents"]) == ("anna", "documents.remove", ["elk"])
    assert (kept["user"], kept["action"], kept["set"]) == ("anna", "evaluation.questions", "q.jsonl")


def test_a_role_that_is_taken_away_is_gone_at_once(guarded: Guarded) -> None:
    guarded.users.add("ewa", PASSWORD, "editor")
    token = guarded.users.new_token("ewa")[0]
    with guarded.client(token) as client:
        assert client.delete("/api/documents/none").status_code == 404
        guarded.users.set_role("ewa", "reader")
        assert client.delete("/api/documents/none").status_code == 403
        guarded.users.remove("ewa")
        assert client.get("/api/me").status_code == 401


# ------------------------------------------------------------------------------------------------------ signing in


def test_signing_in_and_out(guarded: Guarded) -> None:
    with signed_in(guarded) as client:
        assert client.get("/api/me").json() == {"name": "anna", "role": "editor", "signed_in": True}
        assert client.get("/documents").headers["cache-control"] == "no-store"
        assert "gradio" in client.get("/").text
        session = client.cookies[COOKIE]
        assert client.post("/signout").headers["location"] == "/signin"
        assert COOKIE not in client.cookies
        assert client.get("/api/me", headers={"Cookie": f"{COOKIE}={session}"}).status_code == 401
    assert [entry["action"] for entry in guarded.record()[-2:]] == ["session.begin", "session.end"]


def test_the_cookie_is_for_this_site_alone(guarded: Guarded) -> None:
    form = {"name": "anna", "password": PASSWORD}
    with guarded.client() as client:
        cookie = client.post("/signin", data=form).headers["set-cookie"]
        secure = client.post("/signin", data=form, headers={"X-Forwarded-Proto": "https"}).headers["set-cookie"]
    assert cookie.split("; ", 1)[1] == "HttpOnly; Max-Age=43200; Path=/; SameSite=lax"
    assert secure.endswith("; Secure")


def test_a_session_expires(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    with signed_in(guarded) as client:
        later = time.time() + 12 * 3600 + 1
        with monkeypatch.context() as patch:
            patch.setattr("kb.accounts.users.time.time", lambda: later)
            assert client.get("/api/me").status_code == 401
        assert client.get("/api/me").status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_four_languages(guarded: Guarded, language: str) -> None:
    with guarded.client() as client:
        chosen = client.get(f"/signin?ui={language}").text
        wrong = client.post("/signin", data={"name": "x<y", "password": "", "ui": language})
        accepted = {"zh-Hans": "zh-CN,zh;q=0.9", "zh-Hant": "zh-TW", "pl": "de,pl-PL;q=0.8", "en": "en-GB"}[language]
        by_browser = client.get("/signin", headers={"Accept-Language": accepted}).text
    assert by_browser == chosen
    assert f'<html lang="{language}">' in chosen
    for key in ("sign_in", "why", "name", "password", "forgotten"):
        assert signin.TEXTS[key][language] in chosen
    assert wrong.status_code == 401
    assert signin.TEXTS["wrong"][language] in wrong.text
    assert "x&lt;y" in wrong.text and "x<y" not in wrong.text


def test_every_text_is_there_in_four_languages() -> None:
    for key, texts in signin.TEXTS.items():
        assert tuple(texts) == LANGUAGES, key
        assert all(texts.values())


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nX: y", ""]
)
def test_it_leads_nowhere_else(guarded: Guarded, target: str) -> None:
    with guarded.client() as client:
        answer = client.post("/signin", data={"name": "jan", "password": PASSWORD, "next": target})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_guessing_is_refused_by_address_and_slowed_down_by_name_however_it_is_spelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(signin, "asyncio", SimpleNamespace(sleep=sleep))
    users = Users(tmp_path / "users", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    users.add("anna", PASSWORD)
    users.add("jan", PASSWORD)
    audit = Audit(tmp_path / "audit")
    site = FastAPI()
    access = Access(users, ServerSettings(sign_in_attempts=3), loopback=False, everyone=False)
    site.include_router(signin.signing_in(access, audit))

    def attempt(name: str, password: str, sender: str) -> int:
        client = TestClient(site, client=(sender, 1), follow_redirects=False)
        return client.post("/signin", data={"name": name, "password": password}).status_code

    spellings = ("anna", "ANNA", "Anna", "\uff41\uff4e\uff4e\uff41", "\uff21nn\u1d43", "\u24d0nna")
    assert [attempt(name, "wrong", f"10.0.0.{n}") for n, name in enumerate(spellings)] == [401] * 6
    assert slept == [0.0] * 3 + [signin.LATE_SECONDS] * 3
    # Somebody else's wrong tries lock nobody out, and one who got in is none who failed.
    assert [attempt("anna", PASSWORD, "10.0.0.9") for _ in range(5)] == [303] * 5
    assert slept[6:] == [signin.LATE_SECONDS] * 5
    assert [attempt(f"x{n}", "wrong", "10.0.1.1") for n in range(4)] == [401, 401, 401, 429]
    assert [attempt(f"y{n}", "wrong", f"2001:db8::{n}") for n in range(4)] == [401, 401, 401, 429]
    assert [attempt("jan", PASSWORD, "10.0.2.1") for _ in range(5)] == [303] * 5
    assert slept[-5:] == [0.0] * 5

    record = [json.loads(line) for line in audit.file.read_text().splitlines()]
    assert [(entry["user"], entry["action"], entry["address"]) for entry in record[:7]] == [
        *(("anna", "session.refused", f"10.0.0.{n}") for n in range(6)),
        ("anna", "session.begin", "10.0.0.9"),
    ]
    unknown = [entry for entry in record if entry["user"] == "nobody"]
    assert len(unknown) == 6 and "x1" not in json.dumps(unknown)


# ------------------------------------------------------------------------------------- when they cannot be looked up


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[tuple[str, Users, Callable[[], Any]]]:
    """A server, its users, and what locks their file for as long as a block lasts."""
    base = animal_base(tmp_path)
    users = Users.of(base.settings)
    users.add("anna", PASSWORD)

    @contextmanager
    def lock() -> Iterator[None]:
        database = sqlite3.connect(users.file, isolation_level=None)
        database.execute("begin exclusive")
        yield
        database.close()

    with served(base, host="0.0.0.0") as address:
        yield address, users, lock


def test_while_the_users_cannot_be_read_one_is_told_to_come_back_and_health_goes_on(
    locked: tuple[str, Users, Callable[[], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.accounts.users.LOOKUP_WAIT", 3.0)
    address, users, lock = locked
    token = {"Authorization": f"Bearer {users.new_token('anna')[0]}"}
    with lock(), ThreadPoolExecutor(20) as threads:
        asked = [threads.submit(httpx.get, f"{address}/api/me", headers=token, timeout=30) for _ in range(20)]
        for path in ("healthz", "readyz", "healthz"):
            assert httpx.get(f"{address}/{path}", timeout=30).status_code == 200
        assert not any(one.done() for one in asked)
        for one in asked:
            assert failed(one.result(), 503) == "the users cannot be looked up at the moment; try again in a moment"
            assert one.result().headers["retry-after"] == "2"
    time.sleep(RETRY_SECONDS)
    assert httpx.get(f"{address}/api/me", headers=token).status_code == 200


def test_whoever_wants_to_sign_in_meanwhile_is_told_so_in_their_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = Users(tmp_path / "users", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    users.add("anna", PASSWORD)
    site = FastAPI()
    access = Access(users, ServerSettings(sign_in_attempts=1), loopback=False, everyone=False)
    site.include_router(signin.signing_in(access, Audit(tmp_path / "audit")))
    client = TestClient(site, follow_redirects=False)
    form = {"name": "anna", "password": PASSWORD, "ui": "pl"}
    with monkeypatch.context() as patch:
        patch.setattr("kb.accounts.users.LOOKUP_WAIT", 0.0)
        database = sqlite3.connect(users.file, isolation_level=None)
        database.execute("begin exclusive")
        answer = client.post("/signin", data=form)
        database.close()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert signin.TEXTS["unavailable"]["pl"] in answer.text
    assert client.post("/signin", data=form).status_code == 303


def test_who_somebody_is_is_looked_up_once_a_moment_and_after_every_change(tmp_path: Path) -> None:
    users, now = Users(tmp_path / "users"), [0.0]
    users.add("anna", PASSWORD)
    lookups = Lookups(lambda: now[0])
    looked: list[str] = []

    async def find(found: object) -> object:
        def look() -> object:
            looked.append("")
            return found

        return await lookups.find("token", look)

    async def go_on() -> None:
        assert [await find("anna"), await find("none"), len(looked)] == ["anna", "anna", 1]
        now[0] += KEPT_SECONDS
        assert [await find(None), await find("anna"), len(looked)] == [None, "anna", 3]
        for change in (
            lambda: users.set_role("anna", "editor"),
            lambda: users.new_token("anna"),
            lambda: users.set_password("anna", "another horse"),
            lambda: users.remove("anna"),
        ):
            change()
            before = len(looked)
            assert [await find("anna"), await find("anna"), len(looked)] == ["anna", "anna", before + 1]

    asyncio.run(go_on())


def test_a_file_that_cannot_be_read_is_waited_for_once(tmp_path: Path) -> None:
    now, looked = [0.0], list[str]()
    lookups = Lookups(lambda: now[0])

    def look() -> User | None:
        looked.append("")
        raise UsersUnavailable("locked")

    async def find() -> None:
        with pytest.raises(UsersUnavailable):
            await lookups.find("token", look)

    async def go_on() -> None:
        for _ in range(10):
            await find()
        assert len(looked) == 1
        now[0] += RETRY_SECONDS
        await find()
        assert len(looked) == 2

    asyncio.run(go_on())


# ------------------------------------------------------------------------------------------- whom it is open to


def test_beyond_this_machine_users_or_a_word_are_demanded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = animal_base(tmp_path)
    with pytest.raises(SettingsError) as error:
        Service(base, "0.0.0.0")
    assert str(error.value) == (
        "on 0.0.0.0 others reach this server, and there are no users: make one with cco users add NAME, "
        "or let everyone ask with --open"
    )
    Service(base, "0.0.0.0", everyone=True)
    Users.of(base.settings).add("anna", PASSWORD)
    Service(base, "0.0.0.0")


def test_the_command_says_so_before_anything_is_served(
    tmp_path: Path, fake_model: object, capsys: pytest.CaptureFixture[str]
) -> None:
    animal_base(tmp_path)
    assert main(["serve", "--host", "0.0.0.0", "--port", "23999", "--index", str(tmp_path / "index")]) == 1
    assert capsys.readouterr().err.startswith("cco: on 0.0.0.0 others reach this server, and there are no users")


def test_on_this_machine_without_users_whoever_sits_there_is_an_editor(tmp_path: Path) -> None:
    base = animal_base(tmp_path)
    with served(base) as address:
        assert httpx.get(f"{address}/api/me").json() == {"name": "local", "role": "editor", "signed_in": False}
        # A key that a client must send is no fault where none is asked for.
        assert httpx.get(f"{address}/api/me", headers={"Authorization": "Bearer none"}).status_code == 200
        Users.of(base.settings).add("anna", PASSWORD)
        assert httpx.get(f"{address}/api/me").status_code == 401


@pytest.mark.slow
@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "203.0.113.5"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Proto": "https"},
        {"Forwarded": "for=203.0.113.5"},
        {"X-Real-IP": "203.0.113.5"},
        {"Via": "1.1 proxy"},
    ],
)
def test_what_a_proxy_passes_on_is_not_taken_for_whoever_sits_here(tmp_path: Path, header: dict[str, str]) -> None:
    base = animal_base(tmp_path)
    files = {"files": ("owls.md", b"# Owls\n\nOwls hunt at night.")}
    with served(base) as address, httpx.Client(base_url=address, headers=header, timeout=30) as proxied:
        page = proxied.get("/", headers=HTML)
        assert page.status_code == 403 and "cco users add NAME" in page.text and "cco serve --open" in page.text
        for response in (
            proxied.get("/"),
            proxied.get("/signin"),
            proxied.get("/metrics"),
            proxied.post("/api/ask", json={"question": NESTS}),
            proxied.post("/api/documents", files=files),
            proxied.delete("/api/documents/birds"),
        ):
            told = failed(response, 403)
            assert "cco users add NAME" in told and "cco serve --open" in told
        assert proxied.get("/healthz").json() == {"status": "ok"}
        assert len(httpx.get(f"{address}/api/documents").json()["documents"]) == 4
        users = Users.of(base.settings)
        users.add("anna", PASSWORD, "editor")
        assert proxied.get("/api/documents").status_code == 401
        token = {"Authorization": f"Bearer {users.new_token('anna')[0]}"}
        assert proxied.get("/api/me", headers=token).json()["name"] == "anna"
    with served(base, everyone=True) as address:
        assert httpx.get(f"{address}/api/me", headers=header).json()["name"] == "anyone"


def test_open_to_everyone_means_asking_not_changing(tmp_path: Path) -> None:
    base = animal_base(tmp_path, server={"per_minute": 4})
    users = Users.of(base.settings)
    users.add("anna", PASSWORD, "editor")
    with served(base, host="0.0.0.0", everyone=True) as address:
        assert httpx.get(f"{address}/api/me").json() == {"name": "anyone", "role": "reader", "signed_in": False}
        failed(httpx.delete(f"{address}/api/documents/birds"), 403)
        token = {"Authorization": f"Bearer {users.new_token('anna')[0]}"}
        assert httpx.delete(f"{address}/api/documents/birds", headers=token).status_code == 200

        def ask(sender: str) -> httpx.Response:
            headers = {"X-Forwarded-For": sender}
            return httpx.post(f"{address}/api/ask", json={"question": NESTS}, headers=headers, timeout=30)

        answers = [ask("10.0.0.1") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200] * 4 + [429]
        assert (
            failed(answers[-1], 429)
            == f"too many requests; the next is taken in {answers[-1].headers['retry-after']} s"
        )
        assert ask("10.0.0.2").status_code == 200


@pytest.mark.parametrize(
    ("accepted", "language", "said"),
    [
        ("zh-TW,zh;q=0.9", "zh-Hant", "您的操作太頻繁了"),
        ("pl", "pl", "zbyt wiele żądań"),
        ("", "en", "Too many requests"),
    ],
)
def test_a_browser_that_is_too_fast_is_told_by_a_page_that_tries_again(
    tmp_path: Path, accepted: str, language: str, said: str
) -> None:
    base = animal_base(tmp_path, server={"per_minute": 1})
    headers = {"X-Forwarded-For": "10.0.0.1", "Accept": "text/html", "Accept-Language": accepted}
    with served(base, host="0.0.0.0", everyone=True) as address:
        answers = [httpx.get(f"{address}/documents", headers=headers) for _ in range(PAGES_PER_QUESTION + 1)]
    assert [answer.status_code for answer in answers] == [200] * PAGES_PER_QUESTION + [429]
    seconds = answers[-1].headers["retry-after"]
    assert f'<html lang="{language}">' in answers[-1].text and said in answers[-1].text
    assert f'http-equiv="refresh" content="{seconds}"' in answers[-1].text


def test_one_user_s_haste_is_not_another_s(tmp_path: Path) -> None:
    base = animal_base(tmp_path, server={"per_minute": 2})
    users = Users.of(base.settings)
    users.add("anna", PASSWORD)
    users.add("jan", PASSWORD)
    anna, jan = ({"Authorization": f"Bearer {users.new_token(name)[0]}"} for name in ("anna", "jan"))
    with served(base) as address:

        def searched(headers: dict[str, str]) -> int:
            return httpx.get(f"{address}/api/search?query=birds", headers=headers).status_code

        assert [searched(anna) for _ in range(3)] == [200, 200, 429]
        assert searched(jan) == 200
        assert httpx.get(f"{address}/api/documents", headers=anna).status_code == 200


def test_what_searches_is_limited_by_whatever_address_it_is_asked(tmp_path: Path) -> None:
    base = animal_base(tmp_path, server={"per_minute": 2})
    searching = (
        "/api/search?query=birds",
        "/pages/library?q=birds",
        "/pages/library?ui=pl&q=&%71=x",
        "/pages/concepts/nps",
    )
    with served(base, host="0.0.0.0", everyone=True) as address:
        for number, path in enumerate(searching):
            headers = {"X-Forwarded-For": f"10.0.0.{number}"}
            asked = [httpx.get(f"{address}{path}", headers=headers).status_code for _ in range(3)]
            assert 429 not in asked[:2] and asked[2] == 429, path
            assert httpx.get(f"{address}/api/search?query=birds", headers=headers).status_code == 429
            assert httpx.get(f"{address}/pages/library?q=", headers=headers).status_code == 200
        headers = {"X-Forwarded-For": "10.0.1.1"}
        for path in ("/documents", "/pages/evaluation", "/api/documents/birds", "/signin"):
            read = [httpx.get(f"{address}{path}", headers=headers).status_code for _ in range(3)]
        assert read[-1] == 429


def test_every_address_that_is_read_is_limited_or_costs_nothing(tmp_path: Path) -> None:
    site = web_app(animal_base(tmp_path))
    included: list[Any] = [getattr(route, "original_router", None) for route in site.routes]
    routes = [route for router in included if router for route in router.routes]
    read = {route.path for route in routes if "GET" in route.methods}
    assert {path for path in read if SEARCHES.fullmatch(path)} == {"/api/search", "/pages/concepts/{concept_id}"}
    free = {path for path in read if COSTS_NOTHING.fullmatch(path)}
    # Whoever adds one here has seen that it does no work that grows with the texts.
    assert free == {
        "/alive", "/api/me", "/healthz", "/readyz", "/pages/evaluation/progress", "/pages/library/rebuild",
        "/v1/models", "/v1/models/{model}",
    }  # fmt: skip


def test_turns_come_back_evenly() -> None:
    now = [0.0]
    limiter = Limiter(2, 10.0, lambda: now[0])
    assert [limiter.wait("a"), limiter.wait("a"), limiter.wait("a")] == [0.0, 0.0, 5.0]
    now[0] = 5.0
    assert [limiter.wait("a"), limiter.wait("a")] == [0.0, 5.0]
    assert limiter.wait("b") == 0.0
    limiter.give_back("a")
    assert limiter.wait("a") == 0.0
    now[0] = 1000.0
    for number in range(1100):
        limiter.wait(f"passer-by {number}")
        now[0] += 20.0
    assert len(limiter._left) <= 2


def test_a_flood_of_made_up_senders_takes_neither_memory_nor_time_without_end() -> None:
    now = [0.0]
    limiter = Limiter(2, 10.0, lambda: now[0])
    assert [limiter.wait("hasty"), limiter.wait("hasty")] == [0.0, 0.0]
    begun = time.process_time()
    for number in range(MOST_SENDERS + 20_000):
        assert limiter.wait(f"made-up {number}") == 0.0
        if number % 10_000 == 0:
            assert limiter.wait("hasty") == 5.0  # whoever goes on trying is not forgotten over the others
    assert time.process_time() - begun < 5.0  # and none costs more for there being many
    assert len(limiter._left) == MOST_SENDERS
    now[0] = 10.0
    for number in range(1_000):
        limiter.wait(f"made-up later {number}")
    assert len(limiter._left) == MOST_SENDERS - 1_000  # those who have their turns back go, two for each that comes


# ------------------------------------------------------------------------------------------------ other sites, sizes


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    base = animal_base(
        tmp_path_factory.mktemp("local"), server={"hosts": ["kb.example.org"], "largest_upload": 1_000_000}
    )
    with served(base) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "kb.example.org"}, 200),
        ({"Host": "localhost:1234"}, 200),
        ({"Host": "[::1]:1234"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": "192.168.0.5"}, 403),
        ({"Host": "["}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Host": "kb.example.org", "Origin": "https://kb.example.org"}, 200),
    ],
)
def test_only_this_site_s_pages_and_names_are_served(local: httpx.Client, headers: dict[str, str], status: int) -> None:
    assert local.get("/api/documents", headers=headers).status_code == status


@pytest.mark.parametrize(("origin", "status"), [("https://kb.example.org", 200), ("https://evil.example", 403)])
def test_behind_a_proxy_the_site_s_name_is_the_forwarded_one(guarded: Guarded, origin: str, status: int) -> None:
    with guarded.client(guarded.reader) as client:
        headers = {"Host": "localhost", "X-Forwarded-Host": "kb.example.org", "Origin": origin}
        assert client.get("/api/documents", headers=headers).status_code == status


def test_beyond_this_machine_addresses_are_names_too() -> None:
    assert "192.168.0.5:7860" in Names("0.0.0.0", ())
    assert "[fe80::1]:7860" in Names("::", ())
    assert "evil.example" not in Names("0.0.0.0", ())
    assert "Box.LAN" in Names("box.lan", ())


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_site_is_refused_even_without_an_origin(local: httpx.Client, site: str) -> None:
    headers = {"Sec-Fetch-Site": site}
    assert failed(local.post("/api/ask", json={"question": NESTS}, headers=headers), 403).startswith(
        "requests from other"
    )
    assert local.get("/api/documents", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/signin", "/api/docs", "/api/none", "/documents/none", "/assets/none", "/a/../b"]
)
def test_every_response_carries_the_security_headers(local: httpx.Client, path: str) -> None:
    headers = local.get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert "strict-transport-security" not in headers and "server" not in headers
    assert "strict-transport-security" in local.get(path, headers={"X-Forwarded-Proto": "https"}).headers


def test_too_much_is_refused_with_and_without_a_stated_length(local: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"question": "'
        for _ in range(LARGEST_BODY // 10_000 + 1):
            yield b"a" * 10_000

    json_headers = {"Content-Type": "application/json"}
    told = "the request has more than 2,000,000 bytes; send less at once"
    assert failed(local.post("/api/ask", content=b"".join(pieces()), headers=json_headers), 413) == told
    assert failed(local.post("/api/ask", content=pieces(), headers=json_headers), 413) == told
    large = {"files": ("a.md", b"a" * 1_200_000)}
    assert failed(local.post("/api/documents", files=large), 413).startswith(
        "the request has more than 1,100,000 bytes"
    )
    many = [("files", (f"{number}.md", b"Text.")) for number in range(51)]
    assert failed(local.post("/api/documents", files=many), 413) == "51 files at once, at most 50 are taken; send fewer"


# ----------------------------------------------------------------------------------------------------- in a browser


def test_the_way_in_and_out_is_for_whom_it_is_for() -> None:
    words = Words.of("pl")
    assert "signin" not in shell.rail(words) and "signout" not in shell.rail(words)
    assert 'href="signin?ui=pl"' in shell.rail(words, may_sign_in=True)
    assert 'action="signout"' in shell.rail(words, "<anna>") and "<anna>" not in shell.rail(words, "<anna>")


@pytest.mark.browser
def test_somebody_signs_in_asks_and_signs_out_in_a_browser(guarded: Guarded) -> None:
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_context(locale="pl-PL").new_page()
        errors = list[str]()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{guarded.address}/#/library")
        expect(page.locator("html")).to_have_attribute("lang", "pl")
        expect(page.locator("#name")).to_be_focused()
        page.keyboard.type("anna")
        page.keyboard.press("Tab")
        page.keyboard.type("wrong horse")
        page.keyboard.press("Enter")
        expect(page.locator("[role=alert]")).to_have_text(signin.TEXTS["wrong"]["pl"])
        expect(page.locator("#password")).to_be_focused()
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        way_out = page.get_by_role("button", name="Wyloguj się (anna)")
        expect(way_out).to_be_visible()
        page.locator("#question").fill(NESTS)
        page.keyboard.press("Enter")
        expect(page.locator(".answered .cite").first).to_be_visible()
        way_out.click()
        expect(page.get_by_role("heading", name=signin.TEXTS["product"]["pl"])).to_be_visible()
        page.goto(guarded.address)
        expect(page.locator("#name")).to_be_visible()
        browser.close()
    assert errors == []
