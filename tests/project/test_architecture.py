"""The one arrow of imports, rooms without cycles, each heavy library behind one door; read from the sources alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARROW = ("corpus", "retrieval", "kb", "ui")
HEAVY = (
    "faiss", "sentence_transformers", "gradio", "jieba", "opencc", "openai", "bm25s", "morfeusz2",
    "trafilatura", "pypdfium2", "docx", "pptx", "watchfiles", "scipy",
)  # fmt: skip


@cache
def tree(text: str) -> ast.Module:
    """Return a source file's tree, made once: every test walks over those of all modules."""
    return ast.parse(text)


@cache
def imported_in(text: str) -> frozenset[str]:
    """Return the top-level names that a source file imports, inside functions and by `import_module` too."""
    names = set()
    for node in ast.walk(tree(text)):
        match node:
            case ast.Import(names=aliases):
                names |= {alias.name.split(".")[0] for alias in aliases}
            case ast.ImportFrom(module=str(name), level=0):
                names.add(name.split(".")[0])
            case ast.ImportFrom(level=level) if level:
                names.add(f"relative import in line {node.lineno}")
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                names.add(name.split(".")[0])
    return frozenset(names)


def imported(module: Path) -> frozenset[str]:
    return imported_in(module.read_text(encoding="utf-8"))


def modules(root: Path) -> Iterator[tuple[str, Path]]:
    for package in ARROW:
        for path in sorted((root / package).rglob("*.py")):
            yield package, path


def against_the_arrow(root: Path) -> list[str]:
    faults = []
    for package, path in modules(root):
        later = ARROW[ARROW.index(package) + 1 :]
        forbidden = {*later, "tests", "benchmarks"}
        named = sorted(imported(path))
        against = [name for name in named if name in forbidden or name.startswith("relative import")]
        faults += [f"{path.relative_to(root)} -> {name}" for name in against]
    return faults


def own_root_imports(root: Path) -> list[str]:
    """Return the modules that take a name from their own package's root (`from kb import Answer` inside kb)."""
    faults = []
    for package, path in modules(root):
        for node in ast.walk(tree(path.read_text(encoding="utf-8"))):
            whole = (
                isinstance(node, ast.ImportFrom)
                and node.module == package
                and not all(
                    (root / package / f"{alias.name}.py").is_file() or (root / package / alias.name).is_dir()
                    for alias in node.names
                )
            )
            bare = isinstance(node, ast.Import) and any(alias.name == package for alias in node.names)
            if isinstance(node, ast.stmt) and (whole or bare):
                faults.append(f"{path.relative_to(root)}:{node.lineno}")
    return faults


def doors(root: Path, library: str) -> list[str]:
    return [str(path.relative_to(root)) for _, path in modules(root) if library in imported(path)]


def test_imports_follow_the_arrow() -> None:
    assert against_the_arrow(ROOT) == []


LARGEST_ROOM = 12


def modules_by_name(root: Path) -> dict[str, Path]:
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for _, path in modules(root)
    }


def imports_of(root: Path) -> dict[str, set[str]]:
    """Return which of ours each module imports: inside functions, under `TYPE_CHECKING` and by `import_module` too."""
    ours = modules_by_name(root)
    found: dict[str, set[str]] = {name: set() for name in ours}
    for name, path in ours.items():
        for node in ast.walk(tree(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=aliases):
                    named = [alias.name for alias in aliases]
                case ast.ImportFrom(module=str(module), names=aliases):
                    named = [n if (n := f"{module}.{alias.name}") in ours else module for alias in aliases]
                case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(module)), *_]):
                    named = [module]
                case _:
                    continue
            found[name].update(n for n in named if n in ours and n != name)
    return found


def cycles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Return the sets of names that import each other, directly or by others, each sorted."""
    reached: dict[str, set[str]] = {}
    for name in imports:
        seen, ahead = set[str](), [name]
        while ahead:
            new = imports.get(ahead.pop(), set()) - seen
            seen |= new
            ahead += new
        reached[name] = seen
    groups = {tuple(sorted({b for b in reached[a] if a in reached.get(b, ())})) for a in imports if a in reached[a]}
    return sorted(map(list, groups))


def between_rooms(imports: dict[str, set[str]], root: Path) -> dict[str, set[str]]:
    """Return which rooms each room imports: a folder, or a module that stands at the top of its package."""
    files = modules_by_name(root)

    def room(module: str) -> str:
        own = module.count(".") < 2 or files[module].name == "__init__.py"
        return module if own else module.rpartition(".")[0]

    rooms: dict[str, set[str]] = {}
    for module, named in imports.items():
        rooms.setdefault(room(module), set()).update(map(room, named))
    return {room: named - {room} for room, named in rooms.items()}


def crowded(root: Path) -> list[str]:
    folders = sorted({path.parent for _, path in modules(root)})
    counts = {folder: sum(path.name != "__init__.py" for path in folder.glob("*.py")) for folder in folders}
    return [f"{folder.relative_to(root)}: {n}" for folder, n in counts.items() if n > LARGEST_ROOM]


def unnamed(root: Path) -> list[str]:
    """Return the rooms that do not say in one sentence what they are for."""
    texts = {path: ast.get_docstring(tree(path.read_text("utf-8"))) or "" for path in root.rglob("__init__.py")}
    return [str(path.relative_to(root)) for path, text in texts.items() if not text.rstrip().endswith(".")]


def test_no_module_and_no_room_is_in_a_cycle() -> None:
    imports = imports_of(ROOT)
    assert cycles(imports) == []
    assert cycles(between_rooms(imports, ROOT)) == []


def test_no_room_is_crowded_and_each_says_what_it_is_for() -> None:
    assert crowded(ROOT) == []
    assert [fault for package in ARROW for fault in unnamed(ROOT / package)] == []


def test_no_package_imports_its_own_root() -> None:
    assert own_root_imports(ROOT) == []


@pytest.mark.parametrize("library", HEAVY)
def test_a_heavy_library_is_imported_in_one_module_and_no_more(library: str) -> None:
    assert len(doors(ROOT, library)) == 1, doors(ROOT, library)


@pytest.mark.parametrize(
    ("library", "module"),
    [
        ("faiss", "retrieval/index/dense.py"),
        ("bm25s", "retrieval/index/sparse.py"),
        ("sentence_transformers", "retrieval/models/encoder.py"),
        ("jieba", "corpus/text/dictionary.py"),
        ("opencc", "corpus/text/conversion.py"),
        ("morfeusz2", "corpus/text/segment.py"),
        ("openai", "kb/generation/llm.py"),
        ("scipy", "kb/evaluation/figures/bootstrap.py"),
    ],
)
def test_the_door_is_where_the_design_has_it(library: str, module: str) -> None:
    assert doors(ROOT, library) == [module]


def test_the_command_line_starts_without_heavy_libraries() -> None:
    for path in (ROOT / "ui" / "cli.py", *sorted((ROOT / "ui" / "commands").glob("*.py"))):
        at_top = {
            name
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in ([str(node.module)] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
        }
        heavy = {name for name in at_top if name.split(".")[0] in {*ARROW, *HEAVY, "torch", "numpy"}}
        assert not {name for name in heavy if not name.startswith("ui.commands")}, path


def test_only_the_command_line_knows_its_parser() -> None:
    assert [path for path in doors(ROOT, "argparse") if not path.startswith(("ui/cli.py", "ui/commands/"))] == []


PICKLING = {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve", "marshal"}
ARRAYS = {"load", "save", "savez", "savez_compressed"}
"""NumPy's functions that can pickle, where they are not told to leave it."""


def pickling(root: Path) -> list[str]:
    """Return where something may be pickled or unpickled."""
    faults = []
    for _, path in modules(root):
        text = path.read_text(encoding="utf-8")
        faults += [f"{path.relative_to(root)} imports {name}" for name in sorted(imported_in(text) & PICKLING)]
        for node in ast.walk(tree(text)):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr="load")):
                    faults.append(f"{path.relative_to(root)}:{node.lineno}")
                case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr=name)) if name in ARRAYS:
                    told = {keyword.arg: keyword.value for keyword in node.keywords}.get("allow_pickle")
                    if not (isinstance(told, ast.Constant) and told.value is False):
                        faults.append(f"{path.relative_to(root)}:{node.lineno}")
    return faults


def test_nothing_is_pickled() -> None:
    assert pickling(ROOT) == []


# ----------------------------------------------------------------------------------------- the checker, checked


def test_planted_pickles_are_found(tmp_path: Path) -> None:
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb" / "a.py").write_text(
        "import pickle\nnp.load(p)\nnp.load(p, allow_pickle=True)\nnp.load(p, allow_pickle=False)\ntorch.load(p)\n"
    )
    assert pickling(tmp_path) == ["kb/a.py imports pickle", "kb/a.py:2", "kb/a.py:3", "kb/a.py:5"]


@pytest.mark.parametrize(
    ("file", "source", "fault"),
    [
        ("corpus/a.py", "import retrieval.index.snapshot\n", "corpus/a.py -> retrieval"),
        ("corpus/a.py", "def f():\n    from kb.answering.answers import Answer\n", "corpus/a.py -> kb"),
        ("retrieval/deep/a.py", "if True:\n    import os, ui.app as page\n", "retrieval/deep/a.py -> ui"),
        ("kb/a.py", "import importlib\nimportlib.import_module('ui.app')\n", "kb/a.py -> ui"),
        ("ui/a.py", "from tests import conftest\n", "ui/a.py -> tests"),
        ("kb/a.py", "from . import answers\n", "kb/a.py -> relative import in line 1"),
    ],
)
def test_a_planted_import_against_the_arrow_is_found(tmp_path: Path, file: str, source: str, fault: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(source)
    assert against_the_arrow(tmp_path) == [fault]


def test_imports_along_the_arrow_are_no_fault(tmp_path: Path) -> None:
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "a.py").write_text(
        "import kb, corpus.text.language\nfrom retrieval.index.snapshot import Hit\nimport corpuscle\n"
    )
    assert against_the_arrow(tmp_path) == []


def test_a_planted_second_door_and_a_planted_root_import_are_found(tmp_path: Path) -> None:
    for file, source in {
        "retrieval/index/dense.py": "import faiss\n",
        "kb/answers.py": "",
        "kb/sly.py": "def f():\n    import faiss.contrib\n    from kb import answers, Answer\nfrom kb import answers\n",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(source)
    assert doors(tmp_path, "faiss") == ["retrieval/index/dense.py", "kb/sly.py"]
    assert own_root_imports(tmp_path) == ["kb/sly.py:3"]


def test_planted_cycles_are_found(tmp_path: Path) -> None:
    for file, source in {
        "kb/one/a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from kb.two import b\n",
        "kb/two/b.py": "def f():\n    import kb.three.c\n",
        "kb/three/c.py": "from importlib import import_module\nimport importlib\nimportlib.import_module('kb.one.d')\n",
        "kb/one/d.py": "",
        "kb/e.py": "import kb.f\n",
        "kb/f.py": "from kb import e\n",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(source)
    imports = imports_of(tmp_path)
    assert cycles(imports) == [["kb.e", "kb.f"]]
    assert cycles(between_rooms(imports, tmp_path)) == [["kb.e", "kb.f"], ["kb.one", "kb.three", "kb.two"]]


def test_a_crowded_room_and_one_without_a_word_are_found(tmp_path: Path) -> None:
    (tmp_path / "kb" / "full").mkdir(parents=True)
    for number in range(LARGEST_ROOM + 1):
        (tmp_path / "kb" / "full" / f"m{number}.py").write_text("")
    (tmp_path / "kb" / "full" / "__init__.py").write_text("")
    assert crowded(tmp_path) == [f"kb/full: {LARGEST_ROOM + 1}"]
    assert unnamed(tmp_path) == ["kb/full/__init__.py"]
