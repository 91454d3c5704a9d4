"""What is installed from a wheel is whole and works with no repository beside it; so is what an sdist holds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from email import message_from_string
from pathlib import Path

import pytest

import cco_kb
import kb
from tests.helpers.building import PACKAGES, ROOT, files, sdist, wheel

pytestmark = pytest.mark.process

STEPS = """
import contextlib, io, json, pathlib, sys
import cco_kb, kb, corpus, retrieval, ui
from ui.cli import main

told = {"places": sorted({str(pathlib.Path(m.__file__).parents[1]) for m in (kb, corpus, retrieval, ui)})}
text = str(pathlib.Path(corpus.__file__).with_name("texts") / "kim-jest-cxo.md")
for name, arguments in {
    "index": ["index", text],
    "ask": ["ask", "--json", "Co oznacza skrót CXO?"],
    "eval": ["eval", "--limit", "1", "--html", "report.html"],
    "suggest": ["questions", "suggest", "--count", "3", "--out", "mine.jsonl"],
    "check": ["questions", "check", "--json", "mine.jsonl"],
    "concepts": ["concepts", "--json", "客戶長"],
    "export": ["export", "library.cco"],
}.items():
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        status = main(arguments)
    told[name] = [status, printed.getvalue()]
from kb.knowledge_base import KnowledgeBase
from ui.app import web_app
from fastapi.testclient import TestClient

with TestClient(web_app(KnowledgeBase.open()), base_url="http://127.0.0.1") as client:
    told["page"] = [client.get(path).status_code for path in ("/", "/documents/kim-jest-cxo", "/api/docs")]
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked sdist."""
    return sdist(tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def site(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel, built from the sdist."""
    return wheel(source, tmp_path_factory.mktemp("wheel"))


def python(site: Path, folder: Path, *arguments: str, path: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder with the wheel before all else, but for what `path` puts before it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CCO_", "PYTHON"))}
    environment |= {"PYTHONPATH": os.pathsep.join(map(str, (*path, site))), "XDG_DATA_HOME": str(folder / "data")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )


# --------------------------------------------------------------------------------------------- what they hold


def test_the_wheel_holds_every_file_of_the_packages(site: Path) -> None:
    ours = {name for name in files() if name.split("/")[0] in PACKAGES}
    held = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert {f"{name}/py.typed" for name in PACKAGES} | {"kb/reading/reader.safetensors"} <= ours
    assert sorted(ours - held) == []
    assert {name.split("/")[0] for name in held} - {"__pycache__"} == {
        *PACKAGES,
        "cco_kb.py",
        f"cco_kb-{kb.__version__}.dist-info",
    }


def test_the_sdist_holds_every_file_of_the_repository(source: Path) -> None:
    assert [name for name in files() if not (source / name).is_file()] == []


def test_the_version_and_the_licences_are_those_of_the_program(site: Path) -> None:
    (about,) = site.glob("*.dist-info")
    metadata = message_from_string((about / "METADATA").read_text(encoding="utf-8"))
    assert metadata["Version"] == kb.__version__ == cco_kb.__version__
    assert metadata["License-Expression"].startswith("MIT")
    licences = [name for name in files() if Path(name).name == "LICENSE" and not name.startswith("tests/")]
    assert sorted(metadata.get_all("License-File") or []) == licences, "name it under license-files in pyproject.toml"
    assert [(about / "licenses" / name).read_bytes() for name in licences] == [
        (ROOT / name).read_bytes() for name in licences
    ]


# --------------------------------------------------------------------------------------- in an empty folder, at work


def test_the_version_is_told(site: Path, tmp_path: Path) -> None:
    for module in ("cco_kb", "ui.cli"):
        assert python(site, tmp_path, "-m", module, "--version").stdout == f"cco {kb.__version__}\n"


def test_everything_works_in_an_empty_folder(site: Path, tmp_path: Path) -> None:
    done = python(site, tmp_path, "-c", STEPS)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told.pop("places") == [str(site)]
    assert told.pop("page") == [200, 200, 200]
    assert {name: status for name, (status, _) in told.items()} == dict.fromkeys(told, 0), done.stderr
    answer = json.loads(told["ask"][1])
    assert "Chief Experience Officer" in answer["answer"] and answer["citations"][0]["document_id"] == "kim-jest-cxo"
    assert json.loads(told["eval"][1])["manifest"]["commit"] is None
    assert (tmp_path / "report.html").stat().st_size > 50_000 and (tmp_path / "library.cco").is_file()
    assert len((tmp_path / "mine.jsonl").read_text(encoding="utf-8").splitlines()) == 3


# ------------------------------------------------------------------------------------------- another's in the way


def foreign(folder: Path, name: str, file: str = "__init__.py") -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / file).write_text("raise SystemExit('the foreign package ran')\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", PACKAGES)
def test_another_package_on_the_path_is_named_in_one_line(site: Path, tmp_path: Path, name: str) -> None:
    before = foreign(tmp_path / "theirs", name)
    done = python(site, tmp_path, "-m", "cco_kb", "serve", path=(before,))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"cco: another package named {name} is in the way: {before / name / '__init__.py'}; "
        "take it off PYTHONPATH, or install cco-kb in an environment of its own (pipx or uv tool)\n"
    )


@pytest.mark.parametrize("name", ["corpus", "retrieval"])
def test_a_folder_of_that_name_where_python_is_started(site: Path, tmp_path: Path, name: str) -> None:
    foreign(tmp_path, name)
    for arguments in (["-m", "ui.cli", "docs"], ["-c", "import kb"]):
        done = python(site, tmp_path, *arguments)
        last = done.stderr.splitlines()[-1]
        assert done.returncode == 1 and f"another package named {name} is in the way: {tmp_path / name}" in last
    assert len(python(site, tmp_path, "-m", "ui.cli", "docs").stderr.splitlines()) == 1


@pytest.mark.parametrize("name", PACKAGES)
def test_another_distribution_that_overwrote_files(site: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(site, tmp_path / "site")
    (tmp_path / "site" / name / "__init__.py").write_text("'''Theirs.'''\n", encoding="utf-8")
    done = python(tmp_path / "site", tmp_path, "-m", "cco_kb", "serve")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"cco: another distribution's {name} has overwritten cco-kb's in {tmp_path / 'site'}: "
        "install cco-kb again, in an environment of its own (pipx or uv tool)\n"
    )


def test_a_module_that_another_program_has_loaded_already(site: Path, tmp_path: Path) -> None:
    done = python(
        site, tmp_path, "-c", "import sys, types; sys.modules['corpus'] = types.ModuleType('corpus'); import kb"
    )
    assert "another package named corpus is in the way: corpus" in done.stderr.splitlines()[-1]


def test_texts_in_folders_of_those_names_are_in_nobodys_way(site: Path, tmp_path: Path) -> None:
    for name in PACKAGES:
        foreign(tmp_path, name, "notes.md")
    assert python(site, tmp_path, "-m", "ui.cli", "--version").returncode == 0
    assert python(site, tmp_path, "-c", "import kb, ui").returncode == 0


def test_a_page_of_ones_own_may_be_called_ui_where_only_the_library_is_used(site: Path, tmp_path: Path) -> None:
    foreign(tmp_path, "ui")
    assert python(site, tmp_path, "-c", "from kb import KnowledgeBase").returncode == 0


def test_the_process_that_reads_files_takes_no_module_from_the_current_folder(site: Path, tmp_path: Path) -> None:
    for name in ("corpus", "json"):
        foreign(tmp_path, name)
    (tmp_path / "notes.txt").write_text(
        "Kot śpi w koszu. " * 5_000, encoding="utf-8"
    )  # too long to be read without one
    read = (
        "from pathlib import Path; from corpus import readers as r\nprint(r.read_document(Path('notes.txt')).language)"
    )
    done = python(site, tmp_path, "-P", "-c", read)
    assert (done.returncode, done.stdout) == (0, "pl\n"), done.stderr
