"""The programs in `examples/` do what they say, each as it is run."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from examples import ask, chat_client, evaluate, mcp_client, other_model
from kb.settings.schema import VARIABLES
from tests.conftest import DTYPE_VARIABLE, ROOT
from tests.helpers.fakes import write_animals
from tests.helpers.models import tiny_model
from tests.helpers.serving import NESTS, animal_base, served

EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short_says_how_to_run_it_and_is_tried_here(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 40
    assert f"python -m examples.{path.stem} " in text.split('"""')[1]
    assert f"def test_{path.stem}(" in Path(__file__).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of four small texts."""
    return write_animals(tmp_path_factory.mktemp("examples") / "animals")


@pytest.fixture(scope="module")
def index(folder: Path, torch: ModuleType) -> Path:
    """The index that the first example makes of them, with the real model."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(folder.parent / "data-home"))  # no settings of the user's
        for name in {*VARIABLES.values(), "CCO_SETTINGS"} - {DTYPE_VARIABLE}:
            patch.delenv(name, raising=False)
        ask.main(str(folder), index=str(folder.parent / "index"))
    return folder.parent / "index"


@pytest.mark.model
def test_ask(folder: Path, index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fewer, own = tmp_path / "animals", tmp_path / "index"
    shutil.copytree(folder, fewer)
    shutil.copytree(index, own)
    (fewer / "birds.md").unlink()
    ask.main(str(fewer), "Gdzie pływają ryby?", "Ile kosztuje bilet do kina?", index=str(own))
    told = capsys.readouterr().out.splitlines()
    assert told[:3] == ["Gdzie pływają ryby?", "Ryby pływają w stawie. [1]", "  [1] fish, 0–22: Ryby pływają w stawie."]
    assert "Dostępne źródła o tym nie mówią." in told


@pytest.mark.model
def test_evaluate(index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = [
        {"id": "right", "question": "Gdzie pływają ryby?", "answers": ["w stawie"]},
        {"id": "wrong", "question": "猫每天睡几个小时？", "answers": ["二十个"]},
    ]
    questions, report = tmp_path / "mine.jsonl", tmp_path / "report.html"
    questions.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in mine), encoding="utf-8")
    evaluate.main(str(index), str(questions), str(report))
    assert capsys.readouterr().out.splitlines() == [
        "R@1: 0.500 (0.000–1.000), n = 2",
        "R@3: 0.500 (0.000–1.000), n = 2",
        "answer_found: 0.500 (0.000–1.000), n = 2",
        "not found: wrong: 猫每天睡几个小时？",
    ]
    assert report.stat().st_size > 50_000


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(animal_base(tmp_path_factory.mktemp("examples"))) as address:
        yield address


def test_chat_client(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("openai", reason="needs openai (pip install 'cco-kb[llm]')")
    chat_client.main(NESTS, "猫喜欢什么？", address=address)
    told = capsys.readouterr().out
    assert "Birds build nests of straw. [2]" in told and f"{address}/documents/birds" in told and "猫喜欢睡觉。" in told


def test_mcp_client(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(mcp_client.main(NESTS, address))
    assert capsys.readouterr().out.splitlines() == [
        "ask, search, read_document",
        "Birds sing at dawn. [1] Birds build nests of straw. [2]",
        "[1] 19 of 47 characters of birds",
    ]


def test_other_model(folder: Path, index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(index, tmp_path / "index")
    model = str(tiny_model(tmp_path))
    other_model.main(model, str(folder), "kot", str(tmp_path / "index"))
    refused, told, *hits = capsys.readouterr().out.splitlines()
    assert "was made with the model multilingual-e5-small-q4" in refused
    assert told.startswith(f"{model}: 16 numbers a window, ")
    assert len(hits) == 3
    other_model.main(model, str(folder), "kot", str(tmp_path / "index"))
    assert capsys.readouterr().out.splitlines() == [told, *hits]
