"""Settings that name what cannot be loaded: refused before they are saved, and no reason for a server not to start."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from kb import KnowledgeBase, Settings, SettingsError
from kb.hosting.fallback import opened, remember
from kb.library.library import Fallback
from kb.settings.file import save
from kb.settings.schema import VARIABLES
from retrieval.models.encoder import EncoderError, SentenceTransformerEncoder
from retrieval.storage.folder import IndexMismatch
from tests.helpers.fakes import FakeEncoder, animal_documents
from tests.helpers.serving import NESTS
from tests.kb.library.test_switching import WiderEncoder
from tests.ui.page.test_page_parts import client_of
from ui import cli, starting
from ui.locale.messages import LANGUAGES, MESSAGES, Words


class NamedReranker:
    """Can be had under a name that is no path."""

    def __init__(self, name: str, dtype: str) -> None:
        if "/" in name:
            raise EncoderError(f"cannot load the model {name!r}: no model; give --reranker another")
        self.name = name

    def scores(self, question: str, texts: Sequence[str]) -> np.ndarray:
        return np.arange(len(texts), dtype=np.float32)


@pytest.fixture(autouse=True)
def named_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have models of any name but those that are paths; one called wider makes other vectors."""

    def load(cls: type, name: str = "", dtype: str = "auto") -> FakeEncoder:
        if "/" in name:
            raise EncoderError(f"cannot load the model {name!r}: no model; give --model another")
        return WiderEncoder() if name == "wider" else FakeEncoder()

    monkeypatch.setattr("kb.library.in_use.CrossEncoderReranker", NamedReranker)
    monkeypatch.setattr(SentenceTransformerEncoder, "load", classmethod(load))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """The folder of an index of the four animals."""
    settings = Settings(index=tmp_path / "index")
    KnowledgeBase.of_documents(animal_documents(), settings=settings, encoder=FakeEncoder())
    return tmp_path / "index"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Where the user's own settings lie."""
    (tmp_path / "data-home" / "cco-kb").mkdir(parents=True)
    return tmp_path / "data-home" / "cco-kb" / "settings.toml"


# ------------------------------------------------------------------------------------------------- loaded, then saved


def left_beside(own: Path) -> list[str]:
    """Return what lies in the folder of the settings, but for the lock that writers hold."""
    return [path.name for path in own.parent.iterdir() if path.name != f".{own.name}.lock"]


UNUSABLE: dict[str, tuple[dict[str, str], str, str]] = {
    "a reranker": ({"reranker.model": "/etc"}, "settings_model", "reranker"),
    "a model": ({"model.name": "/etc"}, "settings_model", "model"),
    "a key": ({"llm.base_url": "http://127.0.0.1:9/v1", "llm.api_key": "two words"}, "settings_key", ""),
}


@pytest.mark.parametrize("kind", UNUSABLE)
@pytest.mark.parametrize("ui", LANGUAGES)
def test_what_cannot_be_loaded_is_refused_in_the_readers_language_and_not_saved(
    index: Path, own: Path, caplog: pytest.LogCaptureFixture, kind: str, ui: str
) -> None:
    if kind == "a key":
        pytest.importorskip("openai", reason="needs openai (pip install 'cco-kb[llm]')")
    base = KnowledgeBase.open(settings=Settings(index=index))
    before = base.settings
    sent, message, field = UNUSABLE[kind]
    response = client_of(base).post("/pages/settings", params={"ui": ui}, json={"passages": "7", **sent})
    words = Words(ui)
    told = words("not_saved", reason=words(message, field=words(field) if field else ""))
    assert (response.status_code, told in unescape(response.text)) == (422, True)
    assert base.settings == before and left_beside(own) == []
    assert "the settings were not saved: " in caplog.text
    assert base.ask(NESTS).answered


def test_what_can_be_loaded_is_saved_and_used(index: Path, own: Path) -> None:
    base = KnowledgeBase.open(settings=Settings(index=index))
    assert client_of(base).post("/pages/settings", json={"reranker.model": "good"}).status_code == 200
    assert own.read_text(encoding="utf-8") == '[reranker]\nmodel = "good"\n'
    assert base.search(NESTS)[0].reranked is not None


def test_a_file_that_cannot_be_written_changes_nothing_that_is_in_use(
    index: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = KnowledgeBase.open(settings=Settings(index=index))
    monkeypatch.setattr("kb.settings.file.os.replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no")))
    response = client_of(base).post("/pages/settings", json={"reranker.model": "good"})
    assert MESSAGES["settings_unwritable"]["en"] in unescape(response.text)
    assert base.settings.reranker.model == "" and left_beside(own) == []


# ------------------------------------------------------------------------------------------ what a server starts with


def started(index: Path, given: Sequence[str] = (), **saved: Any) -> KnowledgeBase:
    return opened(Settings(index=index, **saved), lambda using: KnowledgeBase.open(settings=using), given)


def test_a_saved_reranker_that_has_gone_is_left_out_and_it_says_so(
    index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    base = started(index, reranker={"model": "/gone"})
    assert base.ask(NESTS).answered
    assert base.fallbacks == (Fallback("reranker.model", "/gone", ""),)
    assert "reranker.model is '' instead of '/gone': cannot load the model '/gone': no model" in caplog.text


def test_what_worked_before_takes_the_place_of_what_does_not_any_more(index: Path) -> None:
    started(index, reranker={"model": "good"}, model={"name": "other"})
    base = started(index, reranker={"model": "/gone"}, model={"name": "/gone"})
    assert (base.settings.reranker.model, base.model.name) == ("good", "other")
    assert set(base.fallbacks) == {
        Fallback("reranker.model", "/gone", "good"),
        Fallback("model.name", "/gone", "other"),
    }
    assert base.search(NESTS)[0].reranked is not None


def test_a_saved_model_that_waits_for_a_rebuild_does_not_keep_the_server_from_starting(index: Path) -> None:
    started(index)
    base = started(index, model={"name": "wider"})
    assert (base.settings.model.name, base.encoder.name, base.fallbacks) == ("wider", "fake-animals", ())
    assert base.ask(NESTS).answered
    assert "The index was made with" in client_of(base).get("/pages/settings").text
    base.rebuild()
    remember(base)
    assert started(index, model={"name": "/gone"}).model.name == "wider"


def test_a_language_model_that_cannot_be_asked_is_left_out(index: Path, tmp_path: Path) -> None:
    pytest.importorskip("openai", reason="needs openai (pip install 'cco-kb[llm]')")
    llm = {"base_url": "http://127.0.0.1:9/v1", "api_key_file": tmp_path / "gone"}
    base = started(index, llm=llm)
    assert base.settings.llm.base_url == "" and base.ask(NESTS).engine == "extractive"
    assert base.fallbacks == (Fallback("llm.base_url", "http://127.0.0.1:9/v1", ""),)
    for given in ("llm.base_url", "llm.api_key"):
        with pytest.raises(SettingsError, match=r"cannot read llm\.api_key_file"):
            started(index, [given], llm=llm)


@pytest.mark.parametrize("place", ["model.name", "reranker.model"])
def test_what_was_given_for_this_start_and_cannot_be_loaded_ends_it(index: Path, place: str) -> None:
    table, key = place.split(".")
    with pytest.raises((SettingsError, EncoderError), match="cannot load the model '/gone'"):
        started(index, [place], **{table: {key: "/gone"}})


def test_where_nothing_fits_the_index_the_first_fault_is_told(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeEncoder, "digest", "00" * 32)
    with pytest.raises(EncoderError, match="cannot load the model '/gone'"):
        started(index, model={"name": "/gone"})
    with pytest.raises(IndexMismatch, match="was made with the model fake-animals"):
        started(index)


@pytest.mark.parametrize("left", [b"", b"[]", b"{", b"\xff", b'{"model": 1, "reranker": {}}', b"[" * 100_000])
def test_what_is_remembered_may_be_damaged(index: Path, left: bytes) -> None:
    index.with_name("index.working.json").write_bytes(left)
    assert started(index, reranker={"model": "/gone"}).fallbacks[0].used == ""


def test_no_key_is_kept_in_what_is_remembered(index: Path) -> None:
    pytest.importorskip("openai", reason="needs openai (pip install 'cco-kb[llm]')")
    started(index, llm={"base_url": "http://127.0.0.1:9/v1", "api_key": "geheim"})
    told = index.with_name("index.working.json").read_text(encoding="utf-8")
    assert set(json.loads(told)) == {"model", "reranker"} and "geheim" not in told


# ------------------------------------------------------------------------------------------------------- on the page


def page_of(client: TestClient, ui: str = "en") -> str:
    return unescape(client.get("/pages/settings", params={"ui": ui}).text)


def test_the_page_says_what_is_used_instead_until_it_is_saved(index: Path, own: Path) -> None:
    own.write_text('[reranker]\nmodel = "/gone"\n', encoding="utf-8")
    base = started(index, reranker={"model": "/gone"})
    client = client_of(base)
    for ui in LANGUAGES:
        words = Words(ui)
        assert words("fallback_off", field=words("reranker"), saved="/gone") in page_of(client, ui)
    client.post("/pages/settings", json={"passages": "7"})  # by a program that sends nothing else
    assert "/gone" in page_of(client) and "/gone" in own.read_text(encoding="utf-8")
    client.post("/pages/settings", json={"passages": "7", "reranker.model": ""})  # as the form does
    assert "/gone" not in page_of(client)
    assert Settings.load().reranker.model == ""


def test_the_page_names_what_worked(index: Path) -> None:
    started(index, reranker={"model": "good"})
    client = client_of(started(index, reranker={"model": "/gone"}))
    for ui in LANGUAGES:
        words = Words(ui)
        assert words("fallback_used", field=words("reranker"), saved="/gone", used="good") in page_of(client, ui)


# ------------------------------------------------------------------------------------------------------ the command


@pytest.fixture
def serve(index: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, list[KnowledgeBase]]]:
    """Runs `cco serve` up to where it would take questions; returns its exit status and the base."""
    bases: list[KnowledgeBase] = []

    def start(settings: Settings, opening: Callable[[Any], KnowledgeBase], *_: Any, **options: Any) -> None:
        bases.append(opening(lambda *_: None))

    monkeypatch.setattr(starting, "serve", start)

    def run(*options: str) -> tuple[int, list[KnowledgeBase]]:
        bases.clear()
        return cli.main(["serve", "--index", str(index), *options]), bases

    return run


def test_a_server_starts_with_settings_saved_by_hand_that_cannot_be_used(
    serve: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    save({"reranker.model": "/etc", "model.name": "/etc"})
    status, (base,) = serve()
    assert status == 0 and base.ask(NESTS).answered
    assert {one.place for one in base.fallbacks} == {"reranker.model", "model.name"}


def test_a_server_does_not_start_with_an_option_or_a_variable_that_cannot_be_used(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve("--model", "/etc") == (1, [])
    told = capsys.readouterr().err
    assert told == "cco: cannot load the model '/etc': no model; give --model another\n"
    monkeypatch.setenv(VARIABLES["model.name"], "/etc")
    assert serve() == (1, [])
    assert capsys.readouterr().err == told


def test_a_command_that_asks_once_ends_at_what_cannot_be_loaded(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save({"reranker.model": "/etc"})
    assert cli.main(["ask", NESTS, "--index", str(index)]) == 1
    assert capsys.readouterr().err == "cco: cannot load the model '/etc': no model; give --reranker another\n"
