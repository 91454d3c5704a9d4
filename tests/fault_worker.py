"""A process that changes an index until it is killed, and writes down beforehand and afterwards what it does.

python -m tests.fault_worker FOLDER SEED [PLANTED [KIND ...]]

FOLDER holds `index`, `files`, `settings.toml`, `library.cco` and `journal`. Every change is one line `begin STATE` and,
once the library has reported it as done, one line `done`; both are on the disk before it goes on. STATE is what the
library holds after the change: id -> text. Between two changes settings are saved: `saving NUMBER`, then `saved`.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from kb import KnowledgeBase, Settings
from kb.generations import check_normalizer
from kb.settings_file import Staged, save
from retrieval.storage import Store
from retrieval.transfer import export_library, import_library
from tests.fakes import FakeEncoder

WORDS = ("kot śpi", "psy biegają", "ryby pływają", "ptaki śpiewają")


def text_of(number: int, version: int) -> str:
    """Return a text with a word that no other has."""
    return f"Słowo{number}w{version} mówi, że {WORDS[number % 4]}. Drugie zdanie numer {version}."


def opened(folder: Path) -> KnowledgeBase:
    """Open the library, building one of a first document where there is none."""
    settings = Settings(index=folder / "index", patience=30.0)
    if not Store(folder / "index").exists():
        (folder / "files").mkdir(parents=True, exist_ok=True)
        (folder / "files" / "d0.md").write_text(text_of(0, 0), encoding="utf-8")
        return KnowledgeBase.build([folder / "files"], settings=settings, encoder=FakeEncoder())
    return KnowledgeBase.open(settings=settings, encoder=FakeEncoder())


def state_of(base: KnowledgeBase) -> dict[str, str]:
    """Return what a library holds: id -> text."""
    return {document.id: document.text for document in base.documents()}


def settings_in(folder: Path) -> dict[str, str]:
    """Return the variables that have settings read from, and saved to, the file in `folder`."""
    return {"CCO_SETTINGS": str(folder / "settings.toml")}


KINDS = ("add", "add", "change", "remove", "rebuild", "again", "export", "import")


def work(folder: Path, seed: int, kinds: Sequence[str] = KINDS) -> None:
    """Change the library at random, for ever."""
    chance, base = random.Random(seed), opened(folder)
    journal = os.open(folder / "journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write_down(line: str) -> None:
        os.write(journal, line.encode() + b"\n")
        os.fsync(journal)

    def told_again(state: dict[str, str]) -> None:
        """Have the files hold what the library does, which an import leaves without knowing them."""
        for name, text in state.items():
            (folder / "files" / f"{name}.md").write_text(text, encoding="utf-8")
        base.sync([folder / "files" / f"{name}.md" for name in state])

    told_again(state_of(base))
    (folder / "settings.toml").touch()
    store, library, exported = Store(folder / "index"), folder / "library.cco", state_of(base)
    export_library(store, library, replace=True)
    print("ready", flush=True)
    for step in range(10**6):
        state = state_of(base)
        kind = chance.choice(kinds)
        names = sorted(state)
        write_down(f"saving {step % 100 + 1}")
        save({"passages": step % 100 + 1, "llm.model": "m" * (step % 7)}, environment=settings_in(folder))
        write_down("saved")
        if kind in {"add", "change"} or (kind == "remove" and len(names) < 2):
            name = chance.choice(names) if kind == "change" else f"d{chance.randrange(12)}"
            text = text_of(int(name[1:]), seed * 1000 + step)
            path = folder / "files" / f"{name}.md"
            path.write_text(text, encoding="utf-8")
            write_down("begin " + json.dumps(state | {name: text}))
            base.add([path])
        elif kind == "remove":
            name = chance.choice(names)
            (folder / "files" / f"{name}.md").unlink()
            write_down("begin " + json.dumps({key: value for key, value in state.items() if key != name}))
            base.remove([name])
        elif kind == "again":
            write_down("begin " + json.dumps(state))
            told_again(state)
            base.rebuild(encoder=FakeEncoder())
        elif kind == "export":
            write_down("begin " + json.dumps(state))
            export_library(store, library, replace=True)
            exported = state
        elif kind == "import":
            write_down("begin " + json.dumps(exported))
            import_library(
                store, library, replace=True, patience=30.0, check=lambda made: check_normalizer(made, library)
            )
            told_again(exported)
        else:
            write_down("begin " + json.dumps(state))
            paths = [folder / "files" / f"{name}.md" for name in names]
            for name, path in zip(names, paths, strict=True):
                path.write_text(state[name], encoding="utf-8")
            base = KnowledgeBase.build(paths, settings=base.settings, encoder=FakeEncoder())
        write_down("done")


def plant(fault: str) -> None:
    """Break the library on purpose, so that it can be seen that the faults are noticed."""
    if fault == "pointer-first":
        rename = os.rename

        def late(source: Path, target: Path) -> None:
            Store(Path(target).parent).point_to(Path(target).name)
            time.sleep(0.1)
            rename(source, target)

        os.rename = late  # type: ignore[assignment]
    elif fault == "early":
        write = Store.write

        def lazily(self: Store, fill: object) -> str:
            if self.exists():
                return self.current()  # reported as done, and not written
            return write(self, fill)  # type: ignore[arg-type]

        Store.write = lazily  # type: ignore[method-assign]
    elif fault == "unsaved":
        Staged.keep = lambda self: None  # type: ignore[method-assign]
    elif fault:
        raise SystemExit(f"no fault is called {fault}")


if __name__ == "__main__":
    plant(sys.argv[3] if len(sys.argv) > 3 else "")
    work(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[4:] or KINDS)
