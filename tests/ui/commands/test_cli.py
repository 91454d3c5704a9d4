"""The `cco` command: what it prints where, its exit status, and one line for whatever goes wrong."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from corpus import readers
from tests.helpers.fakes import TEXTS, FakeEncoder
from ui.cli import _parser, main
from ui.commands import shared

ROOT = Path(__file__).resolve().parents[3]
PROMISED = {
    "index", "docs", "add", "remove", "watch", "check", "export", "import", "search", "ask", "concepts", "eval",
    "compare", "questions", "feedback", "serve",
}  # fmt: skip

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cco(
    tmp_path: Path, fake_model: FakeEncoder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs a command on an index of its own; returns exit status, stdout and stderr."""
    monkeypatch.setenv("CCO_INDEX", str(tmp_path / "index"))

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as end:
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture
def indexed(cco: Run, animals: Path) -> Run:
    """The same, with the four animals in the index."""
    assert cco("index", animals)[0] == 0
    return cco


def ids(cco: Run) -> list[str]:
    status, out, _ = cco("docs", "--json")
    assert status == 0
    return sorted(document["id"] for document in json.loads(out)["documents"])


def subcommands() -> dict[str, argparse.ArgumentParser]:
    (action,) = (a for a in _parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


# ------------------------------------------------------------------------------------------------------- help, usage


def test_every_promised_command_is_there() -> None:
    assert set(subcommands()) >= PROMISED


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_help_shows_an_example_that_parses(cco: Run, name: str) -> None:
    status, out, err = cco(name, "--help")
    assert (status, err) == (0, "")
    for option in ("--index", "--model", "--help"):
        assert option in out
    example = out.partition("example: ")[2].strip()
    words = shlex.split(example)
    assert words[:2] == ["cco", name]
    assert callable(_parser().parse_args(words[1:]).run)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required"),
        (["nonsense"], "invalid choice"),
        (["ask"], "QUESTION"),
        (["ask", "x", "-k", "0"], "'0' is not a whole number from 1"),
        (["search", "x", "-k", "many"], "'many' is not a whole number from 1"),
        (["search", "x", "--mode", "magic"], "invalid choice: 'magic'"),
        (["search", "x", "--language", "zh"], "invalid choice: 'zh'"),
        (["serve", "--port", "70000"], "'70000' is not a port from 1 to 65535"),
        (["add"], "PATH"),
        (["remove"], "DOCUMENT_ID"),
        (["eval", "a.jsonl", "--squad", "b.json"], "give one of QUESTIONS.jsonl, --squad FILE.json"),
        (["eval", "--parallel", "a.tsv"], "--parallel FILE.tsv and --pair FROM:TO go together"),
        (["ask", "x", "--colour"], "unrecognized arguments: --colour"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_reason_on_stderr(cco: Run, arguments: list[str], message: str) -> None:
    status, out, err = cco(*arguments)
    assert (status, out) == (2, "")
    assert message in err and "Traceback" not in err


# ----------------------------------------------------------------------------------------------------- the commands


def test_index_reports_on_stderr_and_sums_up_on_stdout(cco: Run, animals: Path, tmp_path: Path) -> None:
    (animals / "photo.png").write_bytes(b"\x89PNG")
    status, out, err = cco("index", animals)
    assert status == 0
    assert out.startswith("4 documents, 4 passages, 12 windows; 4 added, 0 removed, 1 skipped; ")
    assert out.count("\n") == 1 and str(tmp_path / "index") in out
    assert "cco: reading 4\n" in err and "cco: encoding 12\n" in err
    assert f"cco: skipped {animals / 'photo.png'}: the ending .png is unknown" in err


def test_index_again_adds_and_rebuild_starts_over(indexed: Run, tmp_path: Path) -> None:
    (tmp_path / "new.md").write_text("Kot pije mleko.", encoding="utf-8")
    assert indexed("index", tmp_path / "new.md")[0] == 0
    assert ids(indexed) == [*sorted(TEXTS), "new"]
    assert indexed("index", "--rebuild", tmp_path / "new.md")[0] == 0
    assert ids(indexed) == ["new"]


def test_index_without_a_path_takes_the_shipped_texts(cco: Run) -> None:
    assert cco("index")[0] == 0
    assert ids(cco) == sorted(path.stem for path in (ROOT / "corpus" / "texts").glob("*.md"))


def test_docs_lists_id_language_and_title(indexed: Run) -> None:
    status, out, err = indexed("docs")
    assert (status, err) == (0, "")
    assert [line.split() for line in out.splitlines()] == [
        ["birds", "en", "birds"],
        ["cats", "zh-Hans", "cats"],
        ["dogs", "zh-Hant", "dogs"],
        ["fish", "pl", "fish"],
    ]


def test_add_and_remove(indexed: Run, tmp_path: Path) -> None:
    (tmp_path / "new.md").write_text("Kot pije mleko.", encoding="utf-8")
    assert indexed("add", tmp_path / "new.md")[1].startswith("5 documents, ")
    assert indexed("remove", "cats", "new")[1].startswith("3 documents, ")
    assert ids(indexed) == ["birds", "dogs", "fish"]


def test_search_prints_places_and_passages(indexed: Run) -> None:
    status, out, err = indexed("search", "猫睡多久", "-k", "1")
    assert (status, err) == (0, "")
    first, second = out.strip().splitlines()
    assert first.startswith("1. cats (zh-Hans, ") and second.strip() == TEXTS["cats"][1]
    status, out, err = indexed("search", "zaimek", "--mode", "sparse")
    assert (status, out, err) == (0, "", "cco: nothing found\n")
    found = json.loads(indexed("search", "猫 birds", "--language", "pl", "--language", "en", "--json")[1])
    assert {passage["language"] for passage in found["passages"]} == {"pl", "en"}


def test_ask_prints_the_answer_and_its_sources(indexed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "cco.toml"
    monkeypatch.setenv("CCO_SETTINGS", str(settings))
    settings.write_text("[answer]\nrefuse_below = 0.0\n")
    status, out, err = indexed("ask", "狗每天散步幾次?")
    assert (status, err) == (0, "")
    assert "狗每天散步兩次。" in out and "[1] dogs\n" in out
    settings.write_text("[answer]\nrefuse_below = 1.0\n")
    status, out, err = indexed("ask", "狗每天散步幾次?")
    assert (status, err) == (0, "")
    assert out.startswith("現有資料沒有提到這個問題的答案。\n") and "[1]" not in out


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["docs"], {"documents"}),
        (["search", "猫"], {"query", "mode", "passages"}),
        (["ask", "猫睡多久?"], {"question", "answer", "answered", "citations", "passages"}),
        (["ask", "Kto to wie?"], {"question", "answer", "answered", "citations", "passages"}),
        (["add", "new.md"], {"documents", "passages", "windows", "skipped", "seconds"}),
        (["index", "new.md"], {"documents", "passages", "windows", "skipped", "seconds"}),
        (["index", "new.md", "--rebuild"], {"documents", "passages", "windows", "skipped", "seconds"}),
        (["remove", "cats"], {"documents", "removed"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_json_is_exactly_one_document_on_stdout(
    indexed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], keys: set[str]
) -> None:
    (tmp_path / "new.md").write_text("Kot pije mleko.", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    status, out, _ = indexed(*arguments, "--json")
    assert status == 0
    assert keys <= set(json.loads(out))


def test_an_option_beats_the_environment(cco: Run, animals: Path, tmp_path: Path) -> None:
    assert cco("index", animals, "--index", tmp_path / "elsewhere")[0] == 0
    assert not (tmp_path / "index").exists()
    assert cco("docs", "--index", tmp_path / "elsewhere")[0] == 0
    assert cco("docs")[0] == 1


# ------------------------------------------------------------------------------------------------------ bad input


def bad_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Make one file or folder of each bad kind; name -> its path and what the error must say."""
    folder.mkdir()
    made: dict[str, tuple[Path, str]] = {}

    def make(name: str, content: bytes | None, message: str) -> None:
        if content is not None:
            (folder / name).write_bytes(content)
        made[name] = (folder / name, message)

    make("empty.md", b"", "is empty")
    make("blank.txt", b" \n\t\n", "is empty")
    make("binary.md", bytes(range(256)) * 20, "looks binary")
    make("pdf.txt", b"%PDF-1.7 ...", "looks like a PDF")
    make(
        "broken.md",
        "客户长听电话,再看报表。".encode() + b"\xff\xfe" + "客户".encode(),
        "is UTF-8 but broken at byte 34",
    )
    make("letter.docx", b"PK\x03\x04", "is damaged: no whole zip archive")
    make("letter.rtf", b"{\\rtf1}", "the ending .rtf is unknown; only .md, .txt, .html")
    make("front.md", b"---\ntitle: [\n---\ntext", "front.md: ")
    make("missing.md", None, "does not exist")
    make("no-folder", None, "does not exist")
    (folder / "hollow").mkdir()
    make("hollow", None, "holds no source: no .md, .txt, .html")
    with (folder / "huge.txt").open("wb") as huge:
        huge.truncate(50_000_000)  # takes no room on the disk
    make("huge.txt", None, "has 50.0 MB, above the limit of 20 MB; split it into smaller files")
    return made


@pytest.mark.slow
@pytest.mark.parametrize("command", ["add", "index", "index --rebuild"])
def test_bad_files_are_one_line_each_and_nothing_indexed_is_lost(indexed: Run, tmp_path: Path, command: str) -> None:
    for path, message in bad_files(tmp_path / "bad").values():
        status, out, err = indexed(*command.split(), path)
        last = err.splitlines()[-1]
        assert (status, out) == (1, ""), path
        assert last.startswith("cco: ") and str(path) in last and message in last, last
        assert "Traceback" not in err and "unexpected" not in err
        assert ids(indexed) == sorted(TEXTS)


def test_bad_files_beside_a_good_one_are_named_and_passed_over(indexed: Run, tmp_path: Path) -> None:
    made = bad_files(tmp_path / "bad")
    there = [path for path, _ in made.values() if path.is_file()]
    (tmp_path / "new.md").write_text("Kot pije mleko.", encoding="utf-8")
    status, out, err = indexed("add", tmp_path / "new.md", *there, "--json")
    assert status == 0
    skipped = {Path(item["path"]).name: item["reason"] for item in json.loads(out)["skipped"]}
    assert skipped.keys() == {path.name for path in there}
    for name, reason in skipped.items():
        assert made[name][1].removeprefix(f"{name}: ") in reason
        assert f"{name}: {reason}\n" in err
    assert ids(indexed) == [*sorted(TEXTS), "new"]


def test_a_file_without_permission_is_one_line(indexed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.md").write_text("Kot.")
    opened = Path.open

    def forbidden(self: Path, *arguments: Any, **options: Any) -> Any:
        if self.name == "secret.md":
            raise PermissionError(13, "Permission denied")
        return opened(self, *arguments, **options)

    monkeypatch.setattr(readers.Path, "open", forbidden)
    status, out, err = indexed("add", tmp_path / "secret.md")
    assert (status, out) == (1, "")
    assert err.splitlines()[-1].endswith(f"{tmp_path / 'secret.md'}: no permission to read it)")
    assert ids(indexed) == sorted(TEXTS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask", ""], "cco: the question is empty; type one"),
        (["ask", "?!。"], "cco: the question holds no word or figure; type one in words"),
        (["ask", "客" * 100_000], "cco: the question has 100,000 characters, at most 2,000 are read; shorten it"),
        (["search", " "], "cco: the question is empty; type one"),
        (["remove", "unicorn"], "cco: no document 'unicorn' here; cco docs lists them"),
        (["eval", "none.jsonl"], "cco: none.jsonl: No such file or directory"),
        (["eval", "--squad", "none.json"], "cco: none.json: No such file or directory"),
        (["compare", "a.json", "b.json"], "cco: a.json: No such file or directory"),
    ],
    ids=["empty", "marks", "long", "blank", "unknown", "no set", "no squad", "no run"],
)
def test_work_that_fails_ends_with_1_and_one_line(
    indexed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert indexed(*arguments) == (1, "", message + "\n")
    assert ids(indexed) == sorted(TEXTS)


@pytest.mark.parametrize("arguments", [["docs"], ["ask", "猫?"], ["search", "猫"], ["remove", "cats"], ["add", "x.md"]])
def test_without_an_index_the_command_that_makes_one_is_named(cco: Run, tmp_path: Path, arguments: list[str]) -> None:
    folder = tmp_path / "index"
    message = f"cco: there is no index in {folder}; make one: cco index --index {folder}\n"
    assert cco(*arguments) == (1, "", message)


@pytest.mark.parametrize("arguments", [["docs"], ["ask", "猫?"], ["index", "ANIMALS"]])
def test_a_damaged_index_names_the_command_and_the_command_mends_it(
    indexed: Run, tmp_path: Path, animals: Path, arguments: list[str]
) -> None:
    (generation,) = (tmp_path / "index").glob("generation-*")
    (generation / "documents.jsonl").write_text("{}\n")
    status, out, err = indexed(*(str(animals) if a == "ANIMALS" else a for a in arguments))
    assert (status, out) == (1, "")
    line = err.splitlines()[-1]
    assert "is damaged" in line
    command = line.partition("make it anew: ")[2].replace("PATH ...", str(animals))
    assert command.startswith("cco index ")
    assert indexed(*shlex.split(command)[1:])[0] == 0
    assert ids(indexed) == sorted(TEXTS)


def test_settings_that_cannot_be_used_are_one_line(
    indexed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cco.toml").write_text("colour = 1\n")
    monkeypatch.setenv("CCO_SETTINGS", str(tmp_path / "cco.toml"))
    status, out, err = indexed("docs")
    assert (status, out) == (1, "")
    assert err == f"cco: the settings in {tmp_path / 'cco.toml'}: colour: Extra inputs are not permitted\n"


def test_a_fault_of_the_program_is_one_line_unless_debugging(
    indexed: Run, monkeypatch: pytest.MonkeyPatch, fake_model: FakeEncoder
) -> None:
    def broken(texts: object) -> None:
        raise RuntimeError("first line\nsecond line")

    monkeypatch.setattr(fake_model, "encode_queries", broken)
    assert indexed("ask", "猫?") == (1, "", "cco: unexpected RuntimeError: first line (CCO_DEBUG=1 shows where)\n")
    monkeypatch.setenv("CCO_DEBUG", "1")
    with pytest.raises(RuntimeError, match="first line"):
        indexed("ask", "猫?")


# ------------------------------------------------------------------------------------------------- eval and compare


def test_eval_prints_the_run_and_writes_it(indexed: Run, tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    lines = [
        {"id": "a", "question": "猫睡多久?", "language": "zh-Hans", "answers": ["十六个小时"], "documents": ["cats"]},
        {"id": "b", "question": "Kto wynalazł koło?", "language": "pl", "answers": []},
    ]
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    status, out, _ = indexed("eval", questions)
    assert status == 0
    run = json.loads(out)
    assert set(run) >= {"manifest", "retrieval", "answers", "refusal", "latency_ms", "questions"}
    assert run["retrieval"]["overall"]["n"] == 1 and run["retrieval"]["overall"]["R@1"] == 1.0

    status, out, _ = indexed("eval", questions, "--json", tmp_path / "run.json")
    assert status == 0 and isinstance(json.loads(out), dict)
    written = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert [line["id"] for line in written["questions"]] == ["a", "b"]

    status, out, _ = indexed("compare", tmp_path / "run.json", tmp_path / "run.json")
    assert status == 0
    told = json.loads(out)["measures"]["R@1"]
    assert (told["a"], told["b"], told["difference"], told["p"]) == (1.0, 1.0, 0.0, 1.0)


def test_eval_of_a_faulty_set_names_every_line(indexed: Run, tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"question": 1}\n{"question": "x"}\n{broken\n')
    status, out, err = indexed("eval", questions)
    assert (status, out) == (1, "")
    assert f"{questions}:1: " in err and f"{questions}:3: " in err and "Traceback" not in err


def test_eval_of_a_squad_file_leaves_the_index_alone(indexed: Run, tmp_path: Path) -> None:
    paragraphs = [
        {
            "context": "Kot śpi w koszu.",
            "qas": [{"id": "1", "question": "Gdzie śpi kot?", "answers": [{"text": "koszu"}]}],
        },
        {
            "context": "Pies śpi w budzie.",
            "qas": [{"id": "2", "question": "Gdzie śpi pies?", "answers": [{"text": "budzie"}]}],
        },
    ]
    (tmp_path / "s.json").write_text(json.dumps({"data": [{"title": "zoo", "paragraphs": paragraphs}]}))
    status, out, _ = indexed("eval", "--squad", tmp_path / "s.json")
    assert status == 0
    overall = json.loads(out)["retrieval"]["overall"]
    assert (overall["n"], overall["R@1"]) == (2, 1.0)
    assert (
        json.loads(indexed("eval", "--squad", tmp_path / "s.json", "--limit", "1")[1])["retrieval"]["overall"]["n"] == 1
    )
    assert ids(indexed) == sorted(TEXTS)


def test_eval_of_translations(cco: Run, tmp_path: Path) -> None:
    rows = ["pl\tzh-Hans", "Kot.\t猫。", "Pies.\t狗。", "Ryba.\t鱼。", "Ptak.\t鸟。"]
    (tmp_path / "t.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    status, out, _ = cco("eval", "--parallel", tmp_path / "t.tsv", "--pair", "pl:zh-Hans")
    assert status == 0
    assert json.loads(out) == {"pair": "pl>zh-Hans", "n": 4, "R@1": 1.0}
    status, out, err = cco("eval", "--parallel", tmp_path / "t.tsv", "--pair", "pl:en")
    assert (status, out) == (1, "")
    assert err.splitlines()[-1] == "cco: 'pl:en': no column en; the file has pl, zh-Hans"


# -------------------------------------------------------------------------------------------------- as a process


@pytest.mark.process
def test_as_a_process_json_stays_alone_on_stdout_and_a_closed_pipe_is_no_trace(
    small_base: object, tmp_path: Path
) -> None:
    environment = {**os.environ, "CCO_INDEX": str(tmp_path / "index")}
    command = [sys.executable, "-m", "ui.cli", "docs", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert len(json.loads(done.stdout)["documents"]) == 4
    assert done.stderr == ""

    reader, writer = os.pipe()
    os.close(reader)
    cut = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert "Traceback" not in cut.stderr


@pytest.mark.process
def test_help_is_quick_since_nothing_heavy_is_loaded() -> None:
    script = (
        "import sys, ui.cli\n"
        "try: ui.cli.main(['ask', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'faiss', 'bm25s', 'gradio', 'jieba', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


# --------------------------------------------------------------------------------------------------------- concepts


def test_a_concept_shows_its_names_and_who_speaks_of_it(cco: Run, tmp_path: Path) -> None:
    (tmp_path / "role.md").write_text("客戶長（CCO）負責客戶關係。\n", encoding="utf-8")
    (tmp_path / "inne.md").write_text("O dyrektorach ds. klienta mówi się coraz częściej.\n", encoding="utf-8")
    assert cco("index", tmp_path / "role.md", tmp_path / "inne.md")[0] == 0
    status, out, err = cco("concepts", "首席客户官")
    assert (status, err) == (0, "")
    assert out.startswith("chief-customer-officer (role)")
    assert all(
        name in out for name in ("首席客户官", "客戶長", "dyrektor ds. klienta", "Chief Customer Officer", "CCO")
    )
    assert "role (zh-Hant, 1 passage)" in out and "inne (pl, 1 passage)" in out
    told = json.loads(cco("concepts", "dyrektor ds. klienta", "--json")[1])["concepts"]
    assert [concept["id"] for concept in told] == ["chief-customer-officer"]
    assert {document["id"] for document in told[0]["documents"]} == {"role", "inne"}


def test_a_search_tells_what_it_looked_for_besides_the_words(indexed: Run) -> None:
    found = json.loads(indexed("search", "Kim jest CXO?", "--json")[1])
    (expansion,) = (word for word in found["expansion"] if word["said"] == "cxo")
    assert {"首席体验官", "dyrektor ds. doświadczeń"} <= set(expansion["names"])


def test_all_concepts_are_listed_without_an_index(cco: Run) -> None:
    status, out, err = cco("concepts")
    assert (status, err) == (0, "")
    assert len(out.splitlines()) >= 80
    assert "chief-customer-officer (CCO): 首席客户官 / 客戶長 / dyrektor ds. klienta" in out.splitlines()


def test_an_unknown_concept_is_one_line(indexed: Run) -> None:
    status, out, err = indexed("concepts", "qwertz")
    assert (status, out) == (1, "")
    assert err == "cco: no concept 'qwertz'; cco concepts lists them\n"


def test_check_mends_export_and_import_move_and_what_is_there_is_not_overwritten(indexed: Run, tmp_path: Path) -> None:
    status, out, err = indexed("check")
    assert (status, err) == (0, "") and "generation-000001 is whole (" in out
    library, other = tmp_path / "library.cco", tmp_path / "other"
    assert indexed("export", library)[0] == 0
    assert indexed("export", library)[2] == f"cco: {library} exists; name another file, or type --replace\n"
    status, out, err = indexed("import", library, "--index", other)
    assert (status, out, err) == (0, f"4 documents, 4 passages; {other}\n", "")
    assert ids(indexed) == [line.split()[0] for line in indexed("docs", "--index", other)[1].splitlines()]
    (damaged,) = other.glob("generation-*/sparse-data.npy")
    damaged.write_bytes(b"x")
    status, out, err = indexed("check", "--look", "--index", other)
    assert (status, out) == (1, "") and "sparse-data.npy is not what was written" in err
    status, out, err = indexed("check", "--index", other)
    assert status == 0 and "damaged: generation-000001/sparse-data.npy" in err and "mended: " in err
    assert "generation-000002 is whole (mended)" in out
    assert json.loads(indexed("check", "--index", other, "--json")[1])["faults"] == []


def test_index_again_removes_what_has_gone_and_says_what_stayed(indexed: Run, animals: Path) -> None:
    (animals / "fish.md").unlink()
    (animals / "cats.md").rename(animals / "koty.md")
    _, out, err = indexed("index", animals)
    assert err == "cco: reading 3\n"
    assert "; 0 added, 1 removed, 1 moved, 2 unchanged, 0 skipped; " in out


def test_progress_is_told_every_few_seconds_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = iter([0.0, 1.0, 3.0, 3.0, 4.0, 9.0])
    monkeypatch.setattr(shared, "time", SimpleNamespace(monotonic=lambda: next(now)))
    with shared.Progress() as progress:
        for done in (64, 128, 256, 320, 968):
            progress("encoding", done, 968)
    assert capsys.readouterr().err == "cco: encoding 968\ncco: encoding 256 of 968\n"
