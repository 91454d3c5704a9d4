"""What the README tells a reader to type can be typed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ui.cli import _parser

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"


def commands(text: str, program: str) -> list[str]:
    """Return the lines of a Markdown text's code blocks that call `program`, continued lines joined, comments cut."""
    lines = []
    for block in re.findall(r"^```[^\n]*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            line = re.sub(r"^(?:\$ |(?:[A-Z_]+=\S+ )+|\.venv/bin/)+", "", line.strip())
            if re.match(rf"{program}(?:\s|$)", line):
                lines.append(re.split(r"\s(?:#|\||>|2>|&&)\s?", line)[0].strip())
    return lines


@pytest.fixture(scope="module")
def readme() -> str:
    if not README.exists():
        pytest.skip("there is no README.md yet")
    return README.read_text(encoding="utf-8")


def test_every_cco_command_parses(readme: str) -> None:
    found = commands(readme, "cco")
    assert found
    for command in found:
        try:
            options = _parser().parse_args(shlex.split(command)[1:])
        except SystemExit as end:
            assert end.code == 0, f"{command!r} does not parse"
        else:
            assert callable(options.run)


def test_every_make_target_is_in_the_makefile(readme: str) -> None:
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = {word for line in commands(readme, "make") for word in line.split()[1:] if "=" not in word}
    named |= set(re.findall(r"`make ([a-z][\w-]*)", readme))
    assert {"serve", "test"} <= named <= targets


def test_the_first_screen_has_the_two_commands_and_a_screenshot(readme: str) -> None:
    assert "make serve" in readme and "make test" in readme
    images = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", readme)
    assert images
    for image in images:
        assert (ROOT / image).is_file(), f"{image} is not there"


def test_files_that_are_linked_are_there(readme: str) -> None:
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", readme)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_commands_are_found_in_code_blocks_only() -> None:
    block = "```sh\n$ cco ask 'a b' \\\n  -k 3  # why\nCCO_INDEX=x cco docs --json | jq .\nccoo\n```\n"
    text = f"Type cco now.\n{block}cco no\n"
    assert commands(text, "cco") == ["cco ask 'a b'    -k 3", "cco docs --json"]
