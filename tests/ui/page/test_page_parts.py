"""The pages beside the conversation, over HTTP: what they show, what they change, and who may."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from kb import KnowledgeBase, Settings
from kb.accounts.users import Users
from kb.evaluation.manifest import surroundings, without_address
from kb.hosting.feedback import FeedbackStore
from kb.settings.schema import FAULTS
from kb.terms.concept_map import ConceptMap
from retrieval.storage.folder import IndexBusy
from tests.helpers.fakes import FakeEncoder
from tests.helpers.serving import animal_base
from tests.ui.page.test_render import HOSTILE, assert_inert
from ui.app import web_app
from ui.chat import records
from ui.chat.turns import Turn
from ui.concepts.drawing import drawing
from ui.evaluation.page import next_name
from ui.locale.messages import LANGUAGES, MESSAGES, Words
from ui.widgets.shell import PAGES


def client_of(base: KnowledgeBase) -> TestClient:
    return TestClient(web_app(base), base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.fixture
def client(small_base: KnowledgeBase) -> TestClient:
    """Calls the site of the four animals."""
    return client_of(small_base)


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """Calls one such site for all tests that change nothing on it."""
    return client_of(animal_base(tmp_path_factory.mktemp("unchanged")))


@pytest.fixture(scope="module")
def locked_base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    return animal_base(tmp_path_factory.mktemp("locked"), page={"locked": True})


@pytest.fixture(scope="module")
def locked(locked_base: KnowledgeBase) -> TestClient:
    """Calls the same site where the page may change nothing."""
    return client_of(locked_base)


@pytest.mark.parametrize("page", PAGES[1:])
@pytest.mark.parametrize("ui", LANGUAGES)
def test_each_page_comes_in_each_language(unchanged: TestClient, page: str, ui: str) -> None:
    response = unchanged.get(f"/pages/{page}", params={"ui": ui})
    assert response.status_code == 200
    assert f'lang="{ui}"' in response.text and f'tabindex="-1">{MESSAGES[f"nav_{page}"][ui]}</h1>' in response.text


# ----------------------------------------------------------------------------------------------------------- library


def test_a_name_from_outside_never_leaves_the_folder(client: TestClient, small_base: KnowledgeBase) -> None:
    sent = client.post("/pages/library/files", params={"name": "../../../dog.md"}, content=b"# Dogs\n\nDogs eat.\n")
    assert sent.json()["added"] == ["dog"]
    assert Path(small_base.document("dog").path).parent == small_base.settings.beside_index("uploads")


def test_what_cannot_be_read_is_told_without_the_servers_folders(client: TestClient, tmp_path: Path) -> None:
    told = client.post("/pages/library/files", params={"name": "noise.xyz"}, content=b"\0").json()
    assert told["added"] == [] and ".xyz" in told["reason"] and str(tmp_path) not in told["reason"]


@pytest.mark.parametrize("ui", LANGUAGES)
def test_a_file_for_which_there_is_no_room_is_refused_in_one_line(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, ui: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ui.library.page.tempfile.TemporaryFile", full)
    sent = client.post("/pages/library/files", params={"name": "a.md", "ui": ui}, content=b"Cats purr.")
    assert (sent.status_code, sent.json()) == (503, {"added": [], "reason": MESSAGES["failure_other"][ui]})
    assert "a.md was not added: [Errno 28] No space left on device" in caplog.text


def test_a_file_that_is_too_large_is_refused(small_base: KnowledgeBase) -> None:
    server = small_base.settings.server.model_copy(update={"largest_upload": 1000})
    small_base.adopt(small_base.settings.model_copy(update={"server": server}))
    sent = client_of(small_base).post("/pages/library/files", params={"name": "a.md"}, content=b"a" * 2000)
    assert sent.status_code == 413
    assert len(small_base.documents()) == 4


def test_a_hostile_title_is_shown_as_the_words_it_is(client: TestClient) -> None:
    client.post("/pages/library/files", params={"name": "x.md"}, content=f"# {HOSTILE}\n\nDogs eat.\n".encode())
    assert_inert(client.get("/pages/library").text)
    assert_inert(client.get("/pages/library", params={"q": f"dogs {HOSTILE}"}).text)


def test_a_search_finds_passages_and_leads_to_their_place(unchanged: TestClient) -> None:
    html = unchanged.get("/pages/library", params={"q": "birds sing at dawn"}).text
    assert 'href="documents/birds?ui=en&amp;start=0&amp;end=' in html
    assert MESSAGES["nothing_found"]["en"] in unchanged.get("/pages/library", params={"q": "?!"}).text


def test_what_goes_while_it_is_searched_for_is_not_shown(
    client: TestClient, small_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = KnowledgeBase.search

    def slow(self: KnowledgeBase, *arguments: Any, **options: Any) -> Any:
        hits = search(self, *arguments, **options)
        self.remove(["birds"])
        return hits

    monkeypatch.setattr(KnowledgeBase, "search", slow)
    response = client.get("/pages/library", params={"q": "birds sing, dogs walk"})
    assert response.status_code == 200 and "documents/birds?" not in response.text


def test_removing_what_is_gone_says_so(unchanged: TestClient) -> None:
    assert MESSAGES["gone"]["en"] in unchanged.post("/pages/library/remove", json={"id": "none"}).text


def test_an_undo_that_comes_too_late_says_so(unchanged: TestClient) -> None:
    response = unchanged.post("/pages/library/undo", params={"ui": "zh-Hant"})
    assert response.status_code == 200 and MESSAGES["too_late"]["zh-Hant"] in response.text


@pytest.mark.parametrize("path", ["library/remove", "library/undo"])
def test_a_library_that_another_program_changes_is_told_of_in_the_pages_language(
    client: TestClient, small_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise IndexBusy("/srv/index is in use by process 7")

    client.post("/pages/library/remove", json={"id": "dogs"})
    monkeypatch.setattr(KnowledgeBase, "remove", busy)
    monkeypatch.setattr(KnowledgeBase, "revert", busy)
    response = client.post(f"/pages/{path}", params={"ui": "pl"}, json={"id": "cats"})
    assert response.status_code == 200 and MESSAGES["failure_busy"]["pl"] in response.text
    assert "/srv" not in response.text and "cats" in {document.id for document in small_base.documents()}


LOCKED = "library/files library/remove library/undo library/rebuild settings settings/test evaluation/run".split()


LOCKED_SAYS = ("library_locked", "settings_locked", "runs_locked")


@pytest.mark.parametrize("path", LOCKED)
def test_a_locked_deployment_changes_nothing(locked: TestClient, locked_base: KnowledgeBase, path: str) -> None:
    digest = locked_base.manifest.digest
    response = locked.post(f"/pages/{path}", params={"ui": "pl"}, json={"id": "cats", "passages": "9"})
    assert response.status_code == 403 and response.text in {MESSAGES[said]["pl"] for said in LOCKED_SAYS}
    assert (locked_base.manifest.digest, locked_base.settings.passages) == (digest, 5)


def test_a_locked_page_offers_no_way_to_change_anything(locked: TestClient) -> None:
    library, settings = locked.get("/pages/library").text, locked.get("/pages/settings").text
    assert "data-send" not in library and 'type="file"' not in library
    assert MESSAGES["settings_locked"]["en"] in settings and "<fieldset disabled>" in settings


# --------------------------------------------------------------------------------------------------------- concepts


def test_a_concept_shows_its_names_and_every_passage(shipped_base: KnowledgeBase) -> None:
    client = client_of(shipped_base)
    html = unescape(client.get("/pages/concepts/customer-lifetime-value", params={"ui": "pl"}).text)
    concept = next(c for c in shipped_base.lexicon.concepts if c.id == "customer-lifetime-value")
    assert all(name in html for name in concept.all_names())
    speaking = shipped_base.lexicon.speaking_of(concept, shipped_base.snapshot)
    passages = [shipped_base.snapshot.contents.passages[number] for number in speaking]
    assert len({passage.language for passage in passages}) > 1
    assert all(f"start={passage.start}&end={passage.end}#quote" in html for passage in passages)
    assert 'class="cite" data-pane' in html
    assert client.get("/pages/concepts/none").status_code == 404


def test_concepts_that_stand_in_one_passage_occur_together(shipped_base: KnowledgeBase) -> None:
    found = ConceptMap.of(shipped_base.snapshot, shipped_base.lexicon)
    (a, b), count = max(found.together.items(), key=lambda item: item[1])
    assert count == len(set(found.passages[a]) & set(found.passages[b])) > 1
    assert dict(found.neighbours(a))[b] == dict(found.neighbours(b))[a] == count
    order = found.drawn(10)
    assert len(order) == len(set(order)) == 10 and order == found.drawn(10)


@pytest.mark.parametrize("ui", LANGUAGES)
def test_the_map_has_a_link_for_each_dot_and_nothing_overlaps(shipped_base: KnowledgeBase, ui: str) -> None:
    found = ConceptMap.of(shipped_base.snapshot, shipped_base.lexicon)
    svg = drawing(found, Words(ui))
    assert svg == drawing(found, Words(ui))
    labels = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)"[^>]*>(.*?)</text>', svg)
    assert len(labels) == svg.count('href="#/concepts/') == 32
    for side in ("start", "end"):
        rows = sorted(float(y) for _, y, anchor, _ in labels if anchor == side)
        assert min(b - a for a, b in pairwise(rows)) >= 20
    for x, _, anchor, text in labels:
        width = sum(15 if character > "\u2e80" else 9 for character in unescape(text))
        assert (
            float(x) - (width if anchor == "end" else 0) >= 0 and float(x) + (width if anchor == "start" else 0) <= 1000
        )


# --------------------------------------------------------------------------------------------------------- settings


def test_saved_settings_hold_at_once_and_are_kept(
    client: TestClient, small_base: KnowledgeBase, tmp_path: Path
) -> None:
    sent = {"answer.most_sentences": "1", "retrieval.mode": "sparse", "passages": "5"}
    assert MESSAGES["saved"]["en"] in client.post("/pages/settings", json=sent).text
    assert (small_base.settings.answer.most_sentences, small_base.settings.retrieval.mode) == (1, "sparse")
    saved = (tmp_path / "data-home" / "cco-kb" / "settings.toml").read_text(encoding="utf-8")
    assert saved == '[answer]\nmost_sentences = 1\n\n[retrieval]\nmode = "sparse"\n'


def test_what_the_command_line_gave_outlives_what_the_page_saves(
    client: TestClient, small_base: KnowledgeBase, tmp_path: Path
) -> None:
    model = small_base.settings.model.model_copy(update={"name": "given"})
    small_base.adopt(small_base.settings.model_copy(update={"model": model, "passages": 7}))
    client.post("/pages/settings", json={"answer.most_sentences": "1"})
    client.post("/pages/settings", json={"retrieval.mode": "sparse"})
    assert (small_base.settings.model.name, small_base.settings.passages) == ("given", 7)
    assert (small_base.settings.answer.most_sentences, small_base.settings.retrieval.mode) == (1, "sparse")
    assert "given" not in (tmp_path / "data-home" / "cco-kb" / "settings.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"answer.most_sentences": "99"}, "most_sentences"),
        ({"passages": "x"}, "passages_given"),
        ({"llm.base_url": "file:///etc"}, "base_url"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_in_the_pages_language_and_not_kept(
    client: TestClient, small_base: KnowledgeBase, tmp_path: Path, sent: dict[str, str], field: str
) -> None:
    before = small_base.settings
    response = client.post("/pages/settings", params={"ui": "pl"}, json=sent)
    told = f"Nie zapisano: nieprawidłowa wartość w polu „{MESSAGES[field]['pl']}”"
    assert (response.status_code, told in unescape(response.text)) == (422, True)
    assert small_base.settings == before and str(tmp_path) not in response.text


def test_a_settings_file_that_is_broken_is_told_without_its_place(client: TestClient, tmp_path: Path) -> None:
    file = tmp_path / "data-home" / "cco-kb" / "settings.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("[answer\n", encoding="utf-8")
    response = client.post("/pages/settings", params={"ui": "zh-Hant"}, json={"passages": "7"})
    assert MESSAGES["settings_unreadable"]["zh-Hant"] in response.text
    assert str(tmp_path) not in response.text and "settings.toml" not in response.text
    assert file.read_text(encoding="utf-8") == "[answer\n"


def test_every_fault_of_settings_is_worded() -> None:
    assert {f"settings_{fault}" for fault in FAULTS} <= set(MESSAGES)


def test_a_key_is_kept_never_shown_and_goes_with_its_address(client: TestClient, small_base: KnowledgeBase) -> None:
    pytest.importorskip("openai", reason="needs openai (pip install 'cco-kb[llm]')")
    client.post("/pages/settings", json={"llm.base_url": "http://127.0.0.1:9/v1", "llm.api_key": "geheim"})
    assert small_base.settings.llm.key() == "geheim"
    html = client.get("/pages/settings").text
    assert "geheim" not in html and MESSAGES["api_key_set"]["en"] in html
    client.post("/pages/settings", json={"llm.base_url": "http://127.0.0.1:10/v1"})
    assert (small_base.settings.llm.base_url, small_base.settings.llm.key()) == ("http://127.0.0.1:10/v1", "")


def test_the_connection_is_tried_before_it_is_saved(client: TestClient, small_base: KnowledgeBase) -> None:
    pytest.importorskip("openai", reason="needs openai (pip install 'cco-kb[llm]')")
    told = client.post("/pages/settings/test", params={"ui": "pl"}, json={"llm.base_url": "http://127.0.0.1:9/v1"})
    assert "Nie ma połączenia z serwerem modelu językowego." in told.text
    assert small_base.settings.llm.base_url == ""
    assert MESSAGES["test_without_address"]["en"] in unescape(client.post("/pages/settings/test", json={}).text)


INNER = ("http://10.1.2.3:8080/v1", "http://[fd12::1]/v1", "http://models.lan/v1", "http://169.254.169.254/v1")


@pytest.fixture
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have names looked up in a table, and numbers as they are."""
    table = {"models.lan": "192.168.7.7", "example.org": "93.184.216.34"}

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", (table.get(host, host), port))]

    monkeypatch.setattr("kb.settings.reach.socket.getaddrinfo", look_up)


@pytest.mark.usefixtures("_names")
@pytest.mark.parametrize("address", INNER)
def test_a_server_within_the_network_is_neither_tried_nor_saved_from_the_page(
    client: TestClient, small_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr("ui.settings.page.check_server", lambda settings: pytest.fail("it was asked"))
    for path in ("/pages/settings/test", "/pages/settings"):
        response = client.post(path, params={"ui": "pl"}, json={"llm.base_url": address})
        assert "wskazuje adres, którego nie wolno tu podać" in response.text or (
            "169.254" in address and "nieprawidłowa wartość w polu" in response.text
        )
    assert small_base.settings.llm.base_url == ""


@pytest.mark.usefixtures("_names")
def test_the_operators_own_server_is_tried_wherever_it_is_and_others_where_the_settings_allow_it(
    client: TestClient, small_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    monkeypatch.setattr("ui.settings.page.check_server", lambda settings: tried.append(settings))
    own = small_base.settings.llm.model_copy(update={"base_url": INNER[0]})
    settings = small_base.settings.model_copy(update={"llm": own})
    monkeypatch.setattr(small_base, "_in_use", replace(small_base._in_use, settings=settings))
    for address in (INNER[0], "http://example.org/v1", "http://127.0.0.1:9/v1", INNER[2]):
        client.post("/pages/settings/test", json={"llm.base_url": address})
    found = [(asked.base_url, asked.reach) for asked in tried]
    assert found == [(INNER[0], "any"), ("http://example.org/v1", "local"), ("http://127.0.0.1:9/v1", "local")]
    page = settings.page.model_copy(update={"model_servers": "any"})
    settings = settings.model_copy(update={"page": page})
    monkeypatch.setattr(small_base, "_in_use", replace(small_base._in_use, settings=settings))
    client.post("/pages/settings/test", json={"llm.base_url": INNER[2]})
    assert (tried[-1].base_url, tried[-1].reach) == (INNER[2], "any")


@pytest.mark.usefixtures("_names")
def test_an_address_given_on_the_page_keeps_its_limit_until_the_operator_gives_another(
    client: TestClient, small_base: KnowledgeBase, tmp_path: Path
) -> None:
    pytest.importorskip("openai", reason="needs openai (pip install 'cco-kb[llm]')")
    client.post("/pages/settings", json={"llm.base_url": "http://example.org/v1"})
    assert (small_base.settings.llm.base_url, small_base.settings.llm.reach) == ("http://example.org/v1", "local")
    file = tmp_path / "data-home" / "cco-kb" / "settings.toml"
    assert Settings.load(file, {}).llm.reach == "local"
    assert Settings.load(file, {"CCO_LLM_BASE_URL": INNER[0]}).llm.reach == "any"


def test_a_reader_does_not_see_where_the_model_is(small_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    own = small_base.settings.llm.model_copy(update={"base_url": INNER[0]})
    settings = small_base.settings.model_copy(update={"llm": own})
    monkeypatch.setattr(small_base, "_in_use", replace(small_base._in_use, settings=settings))
    for everyone in (True, False):
        client = TestClient(web_app(small_base, everyone=everyone), base_url="http://127.0.0.1")
        page = client.get("/pages/settings").text
        assert ("10.1.2.3" in page) is not everyone
    assert 'name="llm.base_url"' in page
    told = surroundings(settings)["settings"]
    assert told["llm"]["base_url"] == INNER[0] and "10.1.2.3" not in json.dumps(without_address(told))


def test_another_model_waits_for_a_rebuild(
    client: TestClient, small_base: KnowledgeBase, fake_model: FakeEncoder
) -> None:
    usual = small_base.settings.model
    html = client.post("/pages/settings", json={"model.name": "other-model"}).text
    assert f"The index was made with {usual.name}, the settings name other-model." in html
    assert (small_base.model, small_base.encoder.name) == (usual, "fake-animals")
    small_base.rebuild(encoder=FakeEncoder())
    assert "The index was made with" not in client.get("/pages/settings").text


# ------------------------------------------------------------------------------------------------------- evaluation

SET = """{"id": "a", "question": "When do birds sing at dawn?", "language": "en", "answers": ["at dawn"]}
{"id": "b", "question": "Do cats pay taxes in Norway?", "language": "en", "answers": []}
"""


def run_to_its_end(client: TestClient, name: str) -> None:
    client.post("/pages/evaluation/run", json={"set": name})
    for _ in range(200):
        if "data-refresh" not in client.get("/pages/evaluation/progress").text:
            return
        time.sleep(0.05)
    raise TimeoutError("the run does not end")


@pytest.mark.slow
def test_a_question_set_is_uploaded_run_read_about_and_compared(client: TestClient) -> None:
    sent = client.post("/pages/evaluation/questions", params={"name": "../birds.jsonl"}, content=SET.encode())
    assert "The set “birds.jsonl” was added; questions: 2." in sent.text
    for _ in range(2):
        run_to_its_end(client, "birds.jsonl")  # maybe both in one second
    html = client.get("/pages/evaluation", params={"ui": "pl"}).text
    names = re.findall(r'href="pages/evaluation/runs/(.*?)\?ui=pl"', html)
    assert len(names) == 2 and html.count("birds.jsonl") >= 2
    report = client.get(f"/pages/evaluation/runs/{names[0]}", params={"ui": "pl"})
    assert 'lang="pl"' in report.text and "birds.jsonl" in report.text
    told = client.post("/pages/evaluation/compare", json={"run_a": names[1], "run_b": names[0]}).text
    assert "no significant change" in told and "2 questions" in told


def test_a_run_is_the_newest_also_after_the_clock_was_set_back(tmp_path: Path) -> None:
    now = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    names = list[str]()
    for days in (0, 0, -1, 1, -1):
        names.append(next_name(tmp_path, now + timedelta(days=days)))
        (tmp_path / names[-1]).write_text("{}")
    assert names == sorted(set(names))
    assert names[:4] == [f"20260504-{time}.json" for time in ("030201", "030202", "030203")] + ["20260505-030201.json"]
    (tmp_path / "named by hand.json").write_text("{}")
    assert next_name(tmp_path, now) == "20260504-030201.json"


@pytest.mark.parametrize("name", ["none.json", "..%2F..%2Fsettings.toml", ".lock"])
def test_a_run_that_is_not_there_is_not_looked_for(unchanged: TestClient, name: str) -> None:
    response = unchanged.get(f"/pages/evaluation/runs/{name}", params={"ui": "pl"})
    assert response.status_code == 404


# ------------------------------------------------------------------------------------------------------ conversation


def test_a_rating_is_kept_changed_and_taken_back(client: TestClient, small_base: KnowledgeBase) -> None:
    turn = records.record(Turn("Do birds sing?", small_base.ask("When do birds sing at dawn?")))
    store = FeedbackStore.of(small_base)

    def rate(**sent: object) -> str | None:
        key: str | None = client.post("/conversation/rating", json={"turn": turn, **sent}).json()["id"]
        return key

    first = rate(rating="up")
    second = rate(rating="down", instead_of=first)
    assert [(rated.id, rated.rating) for rated in store.ratings()] == [(2, "down")]
    assert rate(rating=None, instead_of=second) is None
    assert list(store.ratings()) == []


def test_a_number_and_a_key_that_is_made_up_take_nothing_back(small_base: KnowledgeBase) -> None:
    users = Users.of(small_base.settings)
    users.add("anna", "a long password", "reader")
    users.add("beata", "a long password", "reader")
    users.add("ewa", "a long password", "editor")
    tokens = {name: users.new_token(name)[0] for name in ("anna", "beata", "ewa")}
    client = TestClient(web_app(small_base), base_url="http://127.0.0.1")
    turn = records.record(Turn("Do birds sing?", small_base.ask("When do birds sing at dawn?")))

    def rate(name: str, rating: str | None, earlier: object) -> tuple[int, str]:
        response = client.post(
            "/conversation/rating",
            params={"ui": "pl"},
            headers={"Authorization": f"Bearer {tokens[name]}"},
            json={"turn": turn, "rating": rating, "instead_of": earlier},
        )
        return response.status_code, response.text

    status, told = rate("anna", "up", None)
    key = json.loads(told)["id"]
    assert (status, isinstance(key, str)) == (200, True)
    for earlier in (1, key):
        refused = (403, MESSAGES["rated_by_another"]["pl"])
        assert rate("beata", None, earlier) == rate("beata", "down", earlier) == refused
    assert rate("beata", None, "made-up")[0] == 200
    assert [rated.id for rated in FeedbackStore.of(small_base).ratings()] == [1]
    assert rate("ewa", None, 1)[0] == 200
    assert FeedbackStore.of(small_base).ratings() == []


def test_so_many_answers_are_rated_a_day_by_whoever_is_not_at_this_machine(tmp_path: Path) -> None:
    base = animal_base(tmp_path, server={"ratings_per_day": 2})
    turn = records.record(Turn("Do birds sing?", base.ask("When do birds sing at dawn?")))
    sent = {"turn": turn, "rating": "up"}
    client = TestClient(web_app(base, everyone=True), base_url="http://127.0.0.1")
    keys = [client.post("/conversation/rating", json=sent).json()["id"] for _ in range(2)]
    refused = client.post("/conversation/rating", params={"ui": "zh-Hant"}, json=sent)
    assert (refused.status_code, refused.text) == (429, MESSAGES["rated_enough"]["zh-Hant"])
    assert int(refused.headers["Retry-After"]) > 40_000
    assert client.post("/conversation/rating", json={"turn": turn, "rating": None, "instead_of": keys[0]}).json() == {
        "id": None
    }
    assert len(FeedbackStore.of(base).ratings()) == 1
    here = TestClient(web_app(base), base_url="http://127.0.0.1")
    assert [here.post("/conversation/rating", json=sent).status_code for _ in range(4)] == [200] * 4


@pytest.mark.parametrize("sent", [{}, {"turn": {"question": "x"}, "rating": "up"}, {"turn": 5, "rating": "splendid"}])
def test_a_rating_of_nothing_is_refused(unchanged: TestClient, sent: dict[str, object]) -> None:
    assert unchanged.post("/conversation/rating", json=sent).status_code == 422
