"""What is printed of texts, titles and names: nothing in it acts upon the terminal."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest

from kb import KnowledgeBase, Settings
from tests.helpers.fakes import FakeEncoder, document
from ui import cli
from ui.commands.terminal import visible, visible_output

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m"
TURNED = "\u202eliam\u202c\u2066x\u2069"
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def test_what_acts_is_written_out_and_all_else_stays() -> None:
    assert visible("a\x1b[2J\u202eb\x9b\r") == "a\\u001b[2J\\u202eb\\u009b\\u000d"
    plain = "客戶長\tżółć 🐈‍⬛ שלום\nKot."
    assert visible(plain) == plain


def test_json_says_the_same_afterwards() -> None:
    told = {"title": ESCAPES + TURNED + '"\\' + "\u2028", "back\\": "\\\u202e"}
    assert json.loads(visible(json.dumps(told, ensure_ascii=False))) == told


@pytest.mark.parametrize(
    "command",
    [
        ["docs"], ["docs", "--json"], ["search", "ptaki"], ["search", "ptaki", "--json"],
        ["ask", "When do birds sing?"], ["ask", "When do birds sing?", "--json"], ["ask", "Co?"],
        ["remove", "none" + ESCAPES], ["add", "none" + ESCAPES],
        ["import", "none" + TURNED], ["concepts", "CXO"], ["check"], ["eval", "none" + ESCAPES],
    ],
    ids=lambda command: ascii(" ".join(command))[:30],
)  # fmt: skip
def test_no_command_prints_what_acts(
    tmp_path: Path, fake_model: FakeEncoder, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    text = f"Birds sing at dawn {ESCAPES}. Birds build {TURNED} nests of straw."
    one = document("birds", text, "en", title=f"Birds {ESCAPES}\nFalse line {TURNED}", source=f"a{ESCAPES}{TURNED}.md")
    settings = Settings(index=tmp_path / "index")
    KnowledgeBase.of_documents([one], settings=settings, encoder=fake_model)
    capsys.readouterr()
    cli.main([*command, "--index", str(tmp_path / "index")])
    told = capsys.readouterr()
    assert told.out + told.err
    assert not ACTING.search(told.out + told.err)
    if command == ["docs"]:
        assert told.out.count("\n") == 1 and "False line" in told.out
    if command == ["docs", "--json"]:
        assert json.loads(told.out)["documents"][0]["title"] == one.title


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "big5", "cp1250", "cp1252"])
def test_a_terminal_that_lacks_letters_gets_them_written_out_and_json_says_the_same(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    monkeypatch.setattr(sys, "stdout", stream)
    told = {"answer": "客戶長、客户长 — łódź 🐈 naïve"}
    assert cli.main(["concepts", "CCO"]) == 0
    with visible_output():
        print(json.dumps(told, ensure_ascii=False))
    stream.flush()
    *concepts, last = stream.buffer.getvalue().decode(encoding).splitlines()  # type: ignore[attr-defined]
    assert json.loads(last) == told
    assert "chief-customer-officer (role)" in concepts and not any("UnicodeEncodeError" in line for line in concepts)
    shown = "客戶長" if encoding in ("gbk", "big5") else "\\u5ba2\\u6236\\u9577"
    assert any(shown in line for line in concepts)


def test_help_is_shown_where_a_terminal_lacks_its_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    with pytest.raises(SystemExit) as end:
        cli.main(["ask", "--help"])
    stream.flush()
    assert end.value.code == 0
    assert b"example: cco ask '\\u5ba2\\u6236\\u9577" in stream.buffer.getvalue()  # type: ignore[attr-defined]


def test_streams_are_as_they_were_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    with pytest.raises(ValueError, match="broke off"), visible_output():
        print("a\x1bb", flush=True)
        sys.stdout.writelines(["c\x1b\n"])
        raise ValueError("broke off")
    assert (sys.stdout, sys.stderr) == before
    assert capsys.readouterr().out == "a\\u001bb\nc\\u001b\n"
