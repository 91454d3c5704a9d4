"""What the README and the pages of `docs/` tell a reader to type can be typed, and what they link is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ui.cli import _parser

ROOT = Path(__file__).resolve().parents[2]


def commands(text: str, program: str) -> list[str]:
    """Return the lines of a Markdown text's code blocks that call `program`, continued lines joined, comments cut."""
    lines = []
    for block in re.findall(r"^```[^\n]*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            line = re.sub(r"^(?:\$ |(?:[A-Z_]+=\S+ )+|\.venv/bin/)+", "", line.strip())
            if re.match(rf"{program}(?:\s|$)", line):
                lines.append(re.split(r"\s(?:#|\||>|2>|&&)\s?", line)[0].strip())
    return lines


def pages() -> dict[str, str]:
    """Return the text of each page that tells its reader to type something."""
    found = sorted([ROOT / "README.md", *ROOT.glob("CONTRIBUTING.md"), *(ROOT / "docs").glob("*.md")])
    return {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in found}


PAGES = pages()
README = PAGES["README.md"]
of_each_page = pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)


@of_each_page
def test_every_cco_command_parses(text: str) -> None:
    for command in commands(text, "cco"):
        try:
            options = _parser().parse_args(shlex.split(command)[1:])
        except SystemExit as end:
            assert end.code == 0, f"{command!r} does not parse"
        else:
            assert callable(options.run)


def test_pages_tell_commands() -> None:
    assert [
        name for name in ("README.md", "docs/using.md", "docs/figures.md") if not commands(PAGES[name], "cco")
    ] == []


@of_each_page
def test_every_make_target_is_in_the_makefile(text: str) -> None:
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = {word for line in commands(text, "make") for word in line.split()[1:] if "=" not in word}
    named |= set(re.findall(r"`make ([a-z][\w-]*)", text))
    assert named <= targets


@of_each_page
def test_every_module_that_is_run_is_there(text: str) -> None:
    named = set(re.findall(r"python -m ((?:benchmarks|corpus|docs|examples|tests|training)[\w.]*)", text))
    named |= set(re.findall(r"`(benchmarks\.\w+)", text))
    places = {name: ROOT.joinpath(*name.split(".")) for name in named}
    assert [n for n, place in places.items() if not place.with_suffix(".py").is_file() and not place.is_dir()] == []


def test_the_first_screen_has_the_two_commands_and_a_screenshot() -> None:
    assert "make serve" in README and "make test" in README
    images = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert images
    for image in images:
        assert (ROOT / image).is_file(), f"{image} is not there"


def test_the_readme_is_read_in_a_few_minutes() -> None:
    assert len(README.encode()) < 8_000


def test_its_figures_are_those_of_the_whole_tables() -> None:
    whole = {tuple(sorted(cells(line))) for line in PAGES["docs/figures.md"].splitlines()}
    rows = [line for line in README.splitlines() if re.match(r"\|.*\d[–-]\d?\.\d{3} \|$", line)]
    assert len(rows) > 10
    said = {"right paragraph first, by search alone"}  # which is the caption of its column there
    assert [row for row in rows if tuple(sorted(set(cells(row)) - said)) not in whole] == []


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


@of_each_page
def test_headings_that_are_linked_are_there(text: str) -> None:
    for page, anchor in re.findall(r"\]\((?!https?:)(?:docs/)?([\w./-]*)#([^)]+)\)", text):
        headings = re.findall(r"^#+ (.+)$", PAGES[f"docs/{page}"] if page else text, flags=re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_commands_are_found_in_code_blocks_only() -> None:
    block = "```sh\n$ cco ask 'a b' \\\n  -k 3  # why\nCCO_INDEX=x cco docs --json | jq .\nccoo\n```\n"
    text = f"Type cco now.\n{block}cco no\n"
    assert commands(text, "cco") == ["cco ask 'a b'    -k 3", "cco docs --json"]
