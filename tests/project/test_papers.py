"""The pages of `docs/`: what is made from the code is as the code is now, and what is named is there."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from cco_kb import __version__
from docs import references, rooms
from kb.settings.schema import Settings
from kb.terms.concepts import concepts
from tests.needs import NEEDS

ROOT = Path(__file__).resolve().parents[2]
# What the changelog names was there at the time.
PAGES = sorted(
    [
        *(page for page in ROOT.glob("*.md") if page.name != "CHANGELOG.md"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / ".github").rglob("*.md"),
    ]
)
TEXTS = ROOT / "corpus" / "texts"
CARDS = ROOT / "docs" / "cards.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PLACES = r"`((?:corpus|retrieval|kb|ui|tests|benchmarks|training|docs|examples|locks|\.ci|\.github)/[\w./-]*)"
"""What of a page is a path in this repository."""


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _lines(*place: str) -> list[str]:
    with ROOT.joinpath(*place).open(encoding="utf-8") as file:
        return list(file)


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


# ----------------------------------------------------------------------------------------------------------- cards


def test_the_cards_count_question_sets_right() -> None:
    said = _read(CARDS)
    for place, count, unanswered in re.findall(r"^\| `([\w/]+\.jsonl)` \| (\d+) \| (\d+) \|", said, flags=re.MULTILINE):
        asked = [json.loads(line) for line in _lines(place)]
        assert (len(asked), sum(one.get("answers") == [] for one in asked)) == (int(count), int(unanswered)), place
    assert f"{len(_lines('benchmarks', 'injections.jsonl'))} texts that give orders" in said


def test_the_cards_count_texts_and_training_data_right() -> None:
    said = _read(CARDS)
    texts = [_read(text) for text in TEXTS.glob("*.md")]
    in_ = {tag: sum(f"\nlanguage: {tag}\n" in text for text in texts) for tag in ("zh-Hans", "zh-Hant", "pl")}
    assert (
        f"{len(texts)} texts in `corpus/texts/`: {in_['zh-Hans']} in Simplified Chinese, {in_['zh-Hant']} in "
        f"Traditional Chinese, {in_['pl']} in Polish" in said
    )
    assert f"; {sum('restates:' in text for text in texts)} restate in their own words" in said
    passages, questions, messages = (
        _lines("training", "data", f"{name}.jsonl") for name in ("passages", "questions", "messages")
    )
    unanswered = sum(json.loads(line)["answer"] is None for line in questions)
    assert (
        f"{len(passages):,} passages, {len(questions):,} questions on them ({unanswered:,} without an answer in the "
        f"passage), {len(messages)} messages" in said
    )


def test_every_page_counts_the_names_of_things_right() -> None:
    kinds = Counter(concept.kind for concept in concepts())
    glossary = sum(line.strip() != "" and line[0] != "#" for line in _lines("kb", "terms", "glossary.tsv"))
    pages = "\n".join(map(_read, PAGES))
    assert f"({kinds['role']} roles, {kinds['metric']} metrics, {kinds['practice']} practices)" in pages
    assert set(re.findall(r"([\d,]+)\s+concepts", pages)) == {str(kinds.total())}
    assert set(re.findall(r"([\d,]+)\s+lines of plain words", pages)) == {f"{glossary:,}"}


# ---------------------------------------------------------------------------------------------------- contributing


def test_the_version_is_the_newest_release_of_the_changelog() -> None:
    titles = re.findall(r"^## (.+)$", _read(ROOT / "CHANGELOG.md"), flags=re.MULTILINE)
    assert titles[0] in ("Not yet released", __version__)
    assert next(title for title in titles if title != "Not yet released") == __version__


def test_each_marker_is_told_to_those_who_write_tests() -> None:
    told = _read(ROOT / "CONTRIBUTING.md")
    assert [name for name in NEEDS if f"`{name}`" not in told] == []


@pytest.mark.parametrize("form", sorted((ROOT / ".github").rglob("*.md")), ids=lambda form: form.stem)
def test_a_form_of_the_issue_tracker_has_its_name_and_asks_for_the_version(form: Path) -> None:
    _, front, asked = _read(form).split("---\n", 2)
    assert set(yaml.safe_load(front)) == {"name", "about", "labels"}
    assert "`cco --version`" in asked
