"""What stands before the knowledge base on a server: nothing of it is forgotten, and nothing goes past it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kb import KnowledgeBase
from kb.accounts.audit import Audit
from kb.any_base import AnyBase, Askable, Changeable, Readable
from tests.helpers.fakes import FakeEncoder
from tests.helpers.serving import NESTS, animal_base
from ui.operations.metrics import Metrics
from ui.operations.running import Running
from ui.operations.watched import Watched
from ui.security.concurrency import ConcurrencyLimiter

NOT_SERVED = {
    "open": "makes one",
    "build": "makes one",
    "of_documents": "makes one",
    "with_settings": "makes another one, which nobody would watch",
    "last_change": "of whoever changed last, which need not be whoever asks",
}
"""What a knowledge base has beside what is declared, and why a server has no need of it."""


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    return animal_base(tmp_path)


@pytest.fixture
def watched(base: KnowledgeBase) -> Watched:
    return Watched(base, Metrics(base), Running(), Audit.of(base.settings), ConcurrencyLimiter(3))


def audited(base: KnowledgeBase) -> list[tuple[str, list[str]]]:
    file = Audit.of(base.settings).file
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [(entry["action"], entry["documents"]) for entry in map(json.loads, lines)]


def test_whatever_a_knowledge_base_can_do_is_declared_as_reading_asking_or_changing(base: KnowledgeBase) -> None:
    kinds = [public(Readable), public(Askable), public(Changeable), set(NOT_SERVED)]
    declared = set[str]().union(*kinds)
    assert sum(map(len, kinds)) == len(declared), "declared twice"
    there = public(KnowledgeBase) | {name for name in vars(base) if not name.startswith("_")}
    assert there - declared == set(), "say in kb.any_base what it does, or here why a server has no need of it"
    assert declared - there == set(), "declared, and not there"


def test_what_is_not_declared_is_not_there(watched: Watched) -> None:
    assert public(Watched) == public(AnyBase)
    assert not hasattr(Watched, "__getattr__")
    for name in NOT_SERVED:
        with pytest.raises(AttributeError):
            getattr(watched, name)


def test_one_that_forgets_a_method_cannot_be_made(base: KnowledgeBase) -> None:
    forgetful = type(Watched)("Forgetful", (Watched,), {"remove": Changeable.remove})
    with pytest.raises(TypeError, match=r"abstract method .*remove"):
        forgetful(base, Metrics(base), Running(), Audit.of(base.settings), ConcurrencyLimiter(3))


TYPED = """
from kb.any_base import AnyBase
from kb.knowledge_base import KnowledgeBase

class Forgetful:
    def __init__(self, base: AnyBase) -> None:
        self.base = base

def told(base: AnyBase) -> int:
    return len(base.documents())

def passes(base: KnowledgeBase) -> int:
    return told(base)

def undeclared(base: AnyBase) -> None:
    base.with_settings(base.settings)  # refused

def forgotten(base: KnowledgeBase) -> int:
    return told(Forgetful(base))  # refused
"""


@pytest.mark.process
def test_the_type_checker_refuses_what_is_not_declared_or_forgotten(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="needs mypy (pip install 'cco-kb[dev]')")
    file, root = tmp_path / "typed.py", Path(__file__).parents[3]
    file.write_text(TYPED)
    command = [sys.executable, "-m", "mypy", "--config-file", str(root / "pyproject.toml"), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)
    refused = [number for number, line in enumerate(TYPED.splitlines(), 1) if line.endswith("# refused")]
    assert [int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line] == refused, done.stdout
    assert 'has no attribute "with_settings"' in done.stdout and 'incompatible type "Forgetful"' in done.stdout


# ---------------------------------------------------------------------------------------------------- what each does

Call = Callable[[Watched, Path], Any]


def _file(folder: Path) -> Path:
    file = folder / "parrots.md"
    file.write_text("---\nlanguage: en\n---\nParrots talk at noon.\n", encoding="utf-8")
    return file


def _revert(base: Watched, folder: Path) -> bool:
    before = base.snapshot.contents
    base.remove(["cats"])
    return base.revert(before, generation=base.generation)


CHANGES: dict[str, tuple[Call, tuple[str, list[str]]]] = {
    "add": (lambda base, folder: base.add([_file(folder)]), ("documents.add", ["parrots"])),
    "sync": (lambda base, folder: base.sync([_file(folder)]), ("documents.sync", ["parrots"])),
    "remove": (lambda base, folder: base.remove(["cats", "fish"]), ("documents.remove", ["cats", "fish"])),
    "revert": (_revert, ("documents.restore", ["cats"])),
    "rebuild": (
        lambda base, folder: base.rebuild(encoder=FakeEncoder()),
        ("index.rebuild", ["birds", "cats", "dogs", "fish"]),
    ),
    "adopt": (
        lambda base, folder: base.adopt(base.settings.model_copy(update={"passages": 9})),
        ("settings.save", ["passages"]),
    ),
}
ASKS: dict[str, Call] = {
    "question": lambda base, folder: base.question(NESTS),
    "search": lambda base, folder: base.search(NESTS, 2, mode="sparse", languages=["en"]),
    "ask": lambda base, folder: base.ask(NESTS, k=2, languages=["en"], quotes_only=True),
}


@pytest.mark.parametrize("name", sorted(public(Changeable)))
def test_each_change_is_recorded(watched: Watched, base: KnowledgeBase, tmp_path: Path, name: str) -> None:
    call, entry = CHANGES[name]
    call(watched, tmp_path)
    assert audited(base)[-1] == entry


def test_questions_are_offered_only_while_a_turn_is_free(base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = ConcurrencyLimiter(1, waiting=0)
    watched = Watched(base, Metrics(base), Running(), Audit.of(base.settings), gate)
    monkeypatch.setattr(base, "next_questions", lambda answer: ("Co jedzą koty?",))
    monkeypatch.setattr(base, "first_questions", lambda language: ("Co jedzą psy?",))
    answer = base.ask(NESTS)
    assert watched.next_questions(answer) == ("Co jedzą koty?",)
    assert watched.first_questions("pl") == ("Co jedzą psy?",)
    with gate.turn():
        assert watched.next_questions(answer) == ()
        assert watched.first_questions("pl") == ()


@pytest.mark.parametrize("name", sorted(public(Askable) - {"next_questions", "first_questions"}))
def test_each_question_takes_a_turn(base: KnowledgeBase, tmp_path: Path, name: str) -> None:
    gate = ConcurrencyLimiter(1, waiting=0)
    watched = Watched(base, Metrics(base), Running(), Audit.of(base.settings), gate)
    ASKS[name](watched, tmp_path)
    with gate.turn(), ThreadPoolExecutor(1) as thread:
        refused = thread.submit(ASKS[name], watched, tmp_path).exception(30)
    assert "too many questions are waiting" in str(refused)
    assert audited(base) == []


@pytest.mark.parametrize("name", sorted(public(Readable)))
def test_each_reading_gives_what_the_knowledge_base_gives(watched: Watched, base: KnowledgeBase, name: str) -> None:
    arguments = {"documents": (), "document": ("cats",)}
    told, own = getattr(watched, name), getattr(base, name)
    if name in arguments:
        told, own = told(*arguments[name]), own(*arguments[name])
    assert told == own
    assert audited(base) == []


def test_settings_are_recorded_by_what_differs_and_never_by_a_value(watched: Watched, base: KnowledgeBase) -> None:
    pytest.importorskip("openai", reason="needs openai (pip install 'cco-kb[llm]')")
    llm = base.settings.llm.model_copy(update={"base_url": "http://127.0.0.1:9/v1"})
    llm = type(llm)(**{**llm.model_dump(), "api_key": "geheim"})
    watched.adopt(base.settings.model_copy(update={"llm": llm, "index": Path("/elsewhere")}))
    assert audited(base) == [("settings.save", ["llm.api_key", "llm.base_url"])]
    assert "geheim" not in Audit.of(base.settings).file.read_text(encoding="utf-8")
