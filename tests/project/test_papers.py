"""The pages of `docs/`: what is made from the code is as the code is now, and what is named is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from docs import references, rooms
from kb.settings.schema import Settings

ROOT = Path(__file__).resolve().parents[2]
# What the changelog names was there at the time.
PAGES = sorted(
    [
        *(page for page in ROOT.glob("*.md") if page.name != "CHANGELOG.md"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / ".github").rglob("*.md"),
    ]
)
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PLACES = r"`((?:corpus|retrieval|kb|ui|tests|benchmarks|training|docs|examples|locks|\.ci|\.github)/[\w./-]*)"
"""What of a page is a path in this repository."""


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_links_and_names_is_there(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", _read(page))
    assert [link for link in links if not (page.parent / link).exists()] == []
    assert [place for place in re.findall(PLACES, _read(page)) if not (ROOT / place).exists()] == []


# ---------------------------------------------------------------------------------------------------- architecture


def test_the_picture_of_the_rooms_is_as_the_imports_are() -> None:
    assert _read(rooms.PICTURE) == rooms.picture(), "out of date; type: .venv/bin/python -m docs.rooms"


def test_an_arrow_that_others_tell_already_is_left_out() -> None:
    graph = {"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset[str]()}
    assert rooms.told(graph) == {"a": frozenset("b"), "b": frozenset("c"), "c": frozenset()}


def test_a_room_stands_above_all_that_it_uses_and_right_below_the_last_that_uses_it() -> None:
    graph = {"a": frozenset("d"), "b": frozenset("c"), "c": frozenset[str](), "d": frozenset[str]()}
    assert rooms.in_order(graph) == ["a", "d", "b", "c"]


def test_every_module_with_a_row_for_polish_is_in_the_list_for_a_new_language() -> None:
    listed = _read(ARCHITECTURE).partition("## How to add a language")[2]
    having = [
        path.relative_to(ROOT).as_posix()
        for package in ("corpus", "retrieval", "kb", "ui")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r'"pl"|\bpolish\b', _read(path))
    ]
    assert [name for name in having if name not in listed and f"`{name.rpartition('/')[0]}/`" not in listed] == []


# ------------------------------------------------------------------------------------------------------ references


@pytest.mark.parametrize("name", references.PAGES)
def test_a_page_that_is_made_is_as_the_code_is(name: str) -> None:
    assert _read(ROOT / "docs" / name) == references.PAGES[name](), (
        "out of date; type: .venv/bin/python -m docs.references"
    )


def test_each_setting_says_what_it_does() -> None:
    tables = [field.annotation for field in Settings.model_fields.values()]
    models = [Settings, *(table for table in tables if isinstance(table, type) and issubclass(table, BaseModel))]
    silent = {
        f"{model.__name__}.{name}"
        for model in models
        for name, field in model.model_fields.items()
        if field.annotation not in models and name not in references.attributes_said(model)
    }
    assert silent == set()
