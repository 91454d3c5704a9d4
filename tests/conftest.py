"""Fixtures: isolation from the user's folders, small bases with a fake encoder, the shipped texts with the real one."""

from __future__ import annotations

import importlib
import logging
import os
import shutil
import ssl
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

# Before anything is imported that reads it: no test may reach for the network.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import hypothesis
import pytest
from argon2 import PasswordHasher
from filelock import FileLock

from kb import KnowledgeBase, Settings
from kb.accounts import users
from kb.evaluation import kept_vectors
from kb.reading.trained import TrainedReader
from kb.settings.schema import VARIABLES
from retrieval.models.encoder import SentenceTransformerEncoder
from tests.helpers.fakes import FakeEncoder, FakeReader, write_animals
from tests.helpers.remembering import MEMORY, RememberingReader, remembering

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# The same examples on every machine, however slow it is at the moment.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("suite")

# Each client of HTTP reads the certificates of the world, 20 ms, and no test speaks TLS.
ssl.create_default_context = cache(ssl.create_default_context)

# No machine loses power while it is tested, and to wait for the disk after every file of every index takes minutes.
os.fsync = os.fstat  # type: ignore[assignment]

# What a test hashes is nobody's password; test_users.py asks what the program spends on one.
users.PasswordHasher = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)  # type: ignore[assignment, misc]

pytest_plugins = ["tests.needs"]

ROOT = Path(__file__).resolve().parents[1]
DTYPE_VARIABLE = VARIABLES["model.dtype"]
"""The one variable of the user's that the tests go by: the whole suite holds in either dtype."""

SHIPPED_TEXTS = ROOT / "corpus" / "texts"


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's index and settings out; the model cache stays, so that the model is unpacked once a machine."""
    for name in ({*VARIABLES.values()} - {DTYPE_VARIABLE}) | {"CCO_SETTINGS", "CCO_DEBUG"}:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data-home"))
    monkeypatch.setattr(kept_vectors, "cache_folder", lambda: tmp_path)


_BESIDE = TrainedReader.beside
_reading: dict[str, bool | None] = {"real": None}


def _reader(cls: type[TrainedReader], encoder: Any) -> Any:
    real = _reading["real"]
    if real or (real is None and not isinstance(encoder, FakeEncoder)):
        return RememberingReader(_BESIDE(encoder))
    return FakeReader()


# Between two tests too, when a server of the one before may still be asking in a thread of its own.
TrainedReader.beside = classmethod(_reader)  # type: ignore[assignment, method-assign]


@pytest.fixture(autouse=True)
def _fake_reader(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have a stand-in read, but for tests that load a real model."""
    _reading["real"] = request.node.get_closest_marker("model") is not None
    yield
    _reading["real"] = None


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """Leave the log as it was: `cco serve` has it go to a stderr that is a test's own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of seeds and benches, which lies beside the project on the machines that check it."""
    return Path(os.environ["CCO_SHARED"])


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser, for those that have it print."""
    from tests.needs import chromium as found

    return str(found())


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for a whole module, in which nothing else may run an event loop."""
    from playwright.sync_api import sync_playwright

    from tests.helpers.screenshots import launch

    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


# ------------------------------------------------------------------------------------------------- small, by hand


@pytest.fixture
def encoder() -> FakeEncoder:
    """An encoder that counts animals."""
    return FakeEncoder()


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    """A folder of four small texts, each about one animal and in a language of its own."""
    return write_animals(tmp_path / "animals")


@pytest.fixture
def small_base(tmp_path: Path, animals: Path, encoder: FakeEncoder) -> KnowledgeBase:
    """A knowledge base of the four texts in `tmp_path/index`."""
    return KnowledgeBase.build([animals], tmp_path / "index", settings=Settings(index=tmp_path), encoder=encoder)


@pytest.fixture
def reopen(tmp_path: Path) -> Callable[[], KnowledgeBase]:
    """Opens the index of `small_base` from disk, as another process would."""
    return lambda: KnowledgeBase.open(tmp_path / "index", settings=Settings(index=tmp_path), encoder=FakeEncoder())


@pytest.fixture
def fake_model(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    """Puts the fake encoder in place of every model that is loaded by name."""
    fake = FakeEncoder()
    monkeypatch.setattr(SentenceTransformerEncoder, "load", classmethod(lambda cls, name="", dtype="auto": fake))
    return fake


# ---------------------------------------------------------------------------------------------- the real thing, once


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """The library that every real model runs on; it takes seconds to load."""
    return importlib.import_module("torch")


@pytest.fixture(scope="session")
def bundled_encoder(torch: ModuleType) -> SentenceTransformerEncoder:
    """The default model, loaded once, in the dtype that is tried."""
    return remembering(SentenceTransformerEncoder.load(dtype=Settings.load().model.dtype))


@pytest.fixture
def anew() -> Iterator[None]:
    """Has the models compute whatever this test asks of them: it is about how they do, or how long it takes."""
    with MEMORY.aside():
        yield


@pytest.fixture(scope="session")
def shipped_base(
    tmp_path_factory: pytest.TempPathFactory, bundled_encoder: SentenceTransformerEncoder
) -> Iterator[KnowledgeBase]:
    """The shipped texts indexed with the default model. Nobody may change it."""
    folder = tmp_path_factory.mktemp("shipped") / "index"
    # Where the suite runs in two processes, the first that comes here builds for both.
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    built = tmp_path_factory.getbasetemp() if alone else tmp_path_factory.getbasetemp().parent
    with FileLock(built / "built.lock"):
        if not (built / "built").exists():
            KnowledgeBase.build([SHIPPED_TEXTS], settings=Settings(index=built / "built"), encoder=bundled_encoder)
    shutil.copytree(built / "built", folder)
    base = KnowledgeBase.open(settings=Settings(index=folder), encoder=bundled_encoder)
    digest = base.manifest.digest
    yield base
    assert (
        KnowledgeBase.open(folder, settings=Settings(index=folder), encoder=bundled_encoder).manifest.digest == digest
    )
