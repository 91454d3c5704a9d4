"""The six kinds of things that the program stores, each as a harness changes it at random and reads it anew.

A state is what is stored, name -> value. A change is the state that it leads to and what makes it, which may be tried
again where it failed. Names begin with the writer's own letter, so that two writers can be told apart.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, get_args

from argon2 import PasswordHasher

from kb import Answer, KnowledgeBase, Settings
from kb.accounts.users import ROLES, Users
from kb.hosting.feedback import FeedbackStore, Rater, Rating
from kb.hosting.removals import UndoableRemovals
from kb.hosting.uploads import add_uploads, folder, remove_documents, tidy_uploads
from kb.library.generations import check_normalizer
from kb.library.health import check
from kb.settings.file import save
from retrieval.storage.folder import Store
from retrieval.storage.transfer import export_library, import_library
from tests.helpers.fakes import FakeEncoder

State = dict[str, str]
Change = tuple[State, Callable[[], object]]

WORDS = ("kot śpi", "psy biegają", "ryby pływają", "ptaki śpiewają")
PATIENCE = 30.0


def text_of(number: int, version: int) -> str:
    """Return a text with a word that no other has."""
    return f"Słowo{number}w{version} mówi, że {WORDS[number % 4]}. Drugie zdanie numer {version}."


class Stored(ABC):
    """Something that is stored in `place`; what it is made from lies in `root`, outside."""

    whole = False
    """Whether a change puts something else in the place of all that there was, other writers' too."""

    def __init__(self, root: Path, mine: str, kinds: Sequence[str]) -> None:
        self.place, self.sources, self.mine = root / "stored", root / "files", mine
        self.kinds = kinds or self.all_kinds()
        self.place.mkdir(parents=True, exist_ok=True)
        self.sources.mkdir(exist_ok=True)
        self.version = 0

    @staticmethod
    @abstractmethod
    def all_kinds() -> Sequence[str]:
        """Return the kinds of changes, as often as they are to come."""

    @abstractmethod
    def state(self) -> State:
        """Return what is stored, read from the disk by whoever has seen none of it before."""

    def faults(self, state: State) -> list[str]:
        """Return what does not go together in a state that could be read."""
        return []

    def begin(self) -> None:  # noqa: B027
        """Make ready for changes, where something is to be made ready."""

    @abstractmethod
    def changed(self, kind: str, state: State, chance: random.Random) -> Change:
        """Return a change of the state."""

    def some(self, state: State) -> list[str]:
        """Return the names of what is this writer's."""
        return sorted(name for name in state if name.startswith(self.mine))

    def any_name(self, chance: random.Random) -> str:
        """Return a name that is taken or not."""
        return f"{self.mine}{chance.randrange(12)}"

    def new_text(self, name: str, chance: random.Random) -> str:
        """Return a text that was not there before."""
        return text_of(int(name[1:]), chance.randrange(10**9))


def base_in(index: Path, sources: Path) -> KnowledgeBase:
    """Open the library, building one of a first document where there is none."""
    settings = Settings(index=index, patience=PATIENCE)
    if Store(index).exists():
        return KnowledgeBase.open(settings=settings, encoder=FakeEncoder())
    sources.mkdir(parents=True, exist_ok=True)
    (sources / "d0.md").write_text(text_of(0, 0), encoding="utf-8")
    return KnowledgeBase.build([sources / "d0.md"], settings=settings, encoder=FakeEncoder())


class Library(Stored):
    """The library: documents added, changed, removed; all made anew, exported, imported."""

    def __init__(self, root: Path, mine: str, kinds: Sequence[str]) -> None:
        super().__init__(root, mine, kinds)
        self.index, self.exported = self.place / "index", dict[str, str]()
        self.store, self.file = Store(self.index), self.place / f"{mine}.cco"
        self.base = base_in(self.index, self.sources)

    @staticmethod
    def all_kinds() -> Sequence[str]:
        return ("add", "add", "change", "remove", "build", "rebuild")

    def state(self) -> State:
        self.base = base_in(self.index, self.sources)
        return {document.id: document.text for document in self.base.documents()}

    def faults(self, state: State) -> list[str]:
        faults = list(check(self.base.settings, mend=False).faults)
        for name, text in state.items():
            hit = self.base.search(text.split(" ")[0], k=1)[0].passage
            if (hit.document_id, hit.text) != (name, text):
                faults.append(f"searching for {name} finds {hit.document_id}")
        return faults

    def begin(self) -> None:
        # An import leaves the library without knowing its files.
        self.base.sync([self._written(name, text) for name, text in self.state().items()])
        if {"export", "import"} & set(self.kinds):
            self._export()

    def changed(self, kind: str, state: State, chance: random.Random) -> Change:
        mine = self.some(state)
        if kind in {"add", "change"} or (kind == "remove" and len(mine) < 2):
            name = chance.choice(mine) if kind == "change" and mine else self.any_name(chance)
            text = self.new_text(name, chance)
            path = self._written(name, text)
            return state | {name: text}, lambda: self.base.add([path])
        if kind == "remove":
            name = chance.choice(mine)
            after = {key: text for key, text in state.items() if key != name}
            (self.sources / f"{name}.md").unlink(missing_ok=True)
            return after, lambda: self.base.remove([name])
        if kind == "rebuild":
            paths = [self._written(name, state[name]) for name in mine]
            return state, lambda: (self.base.sync(paths), self.base.rebuild())
        if kind == "export":
            return state, self._export
        if kind == "import":
            paths = [self._written(name, text) for name, text in self.exported.items()]
            return dict(self.exported), lambda: self._import(paths)
        if kind == "take over":
            text = self.new_text(f"{self.mine}0", chance)
            return {f"{self.mine}0": text}, lambda: self._take_over(text)
        paths = [self._written(name, text) for name, text in state.items()]
        return state, lambda: self._build(paths)

    def _written(self, name: str, text: str) -> Path:
        path = self.sources / f"{name}.md"
        path.write_text(text, encoding="utf-8")
        return path

    def _build(self, paths: Sequence[Path]) -> None:
        self.base = KnowledgeBase.build(paths, settings=self.base.settings, encoder=FakeEncoder())

    def _export(self) -> None:
        export_library(self.store, self.file, replace=True)
        self.exported = {document.id: document.text for document in base_in(self.index, self.sources).documents()}

    def _import(self, paths: Sequence[Path] = ()) -> None:
        import_library(
            self.store,
            self.file,
            replace=True,
            patience=PATIENCE,
            check=lambda made: check_normalizer(made, self.file),
        )
        if paths:
            self.base.sync(paths)

    def _take_over(self, text: str) -> None:
        own = Settings(index=self.sources / f"own-{self.mine}")
        KnowledgeBase.build([self._written(f"{self.mine}0", text)], settings=own, encoder=FakeEncoder())
        export_library(Store(own.index), self.file, replace=True)
        self._import()


class Imported(Library):
    """The library, mostly taken over from a file."""

    @property
    def whole(self) -> bool:  # type: ignore[override]
        return "take over" in self.kinds

    @staticmethod
    def all_kinds() -> Sequence[str]:
        return ("add", "export", "import", "import")


class Uploaded(Stored):
    """Files that came over the network, sent, replaced, removed, brought back."""

    def __init__(self, root: Path, mine: str, kinds: Sequence[str]) -> None:
        super().__init__(root, mine, kinds)
        self.shelved: State = {}
        """What was shelved last and can be brought back."""
        self._open()

    @staticmethod
    def all_kinds() -> Sequence[str]:
        return ("send", "send", "send", "replace", "remove", "shelve", "bring back", "bring back")

    def _open(self) -> None:
        """Open as a server does that starts."""
        self.base = base_in(self.place / "index", self.sources)
        self.shelf = UndoableRemovals(self.base)
        tidy_uploads(self.base)

    def state(self) -> State:
        self._open()
        place = folder(self.base)
        return {
            Path(document.path).stem: document.text
            for document in self.base.documents()
            if Path(document.path).parent == place
        }

    def faults(self, state: State) -> list[str]:
        place = folder(self.base)
        kept = {file.stem: file.read_text(encoding="utf-8") for file in place.glob("[!.]*")}
        left = [file.name for file in place.glob(".[!l]*")]
        faults = [f"{left} is left among the uploads"] if left else []
        return faults + ([f"the uploads are {sorted(kept)}, indexed are {sorted(state)}"] if kept != state else [])

    def changed(self, kind: str, state: State, chance: random.Random) -> Change:
        mine, shelved = self.some(state), self.shelved
        self.shelved = {}
        if kind == "bring back" and shelved:
            return state | shelved, lambda: self.shelf.undo()
        if kind == "send" or not mine:
            return self._sent(self.any_name(chance), state, chance)
        name = chance.choice(mine)
        if kind == "replace":
            return self._sent(name, state, chance)
        after = {key: text for key, text in state.items() if key != name}
        if kind in {"shelve", "bring back"}:
            self.shelved = {name: state[name]}
            return after, lambda: self.shelf.remove(self._ids(name))
        return after, lambda: remove_documents(self.base, self._ids(name))

    def _sent(self, name: str, state: State, chance: random.Random) -> Change:
        text = self.new_text(name, chance)
        data = text.encode()
        return state | {name: text}, lambda: add_uploads(self.base, [(f"{name}.md", BytesIO(data))])

    def _ids(self, name: str) -> list[str]:
        path = folder(self.base) / f"{name}.md"
        return [document.id for document in self.base.documents() if document.path == str(path)]


class Saved(Stored):
    """The settings."""

    PLACES: ClassVar = {"d": ("passages", "answer.most_sentences"), "e": ("retrieval.mode", "reranker.depth")}
    OURS = "# ours\n"

    def __init__(self, root: Path, mine: str, kinds: Sequence[str]) -> None:
        super().__init__(root, mine, kinds)
        self.file = self.place / "settings.toml"
        self.environment = {"CCO_SETTINGS": str(self.file)}
        if not self.file.exists():
            self.file.write_text(self.OURS, encoding="utf-8")

    @staticmethod
    def all_kinds() -> Sequence[str]:
        return ("save", "save", "save", "default")

    def state(self) -> State:
        settings = Settings.load(environment=self.environment)
        return {
            f"{mine} {place}": str(_at(settings, place)) for mine, all_of in self.PLACES.items() for place in all_of
        }

    def faults(self, state: State) -> list[str]:
        kept = self.file.read_text(encoding="utf-8").startswith(self.OURS)
        return [] if kept else ["the comment is gone from the settings' file"]

    def changed(self, kind: str, state: State, chance: random.Random) -> Change:
        place = chance.choice(self.PLACES[self.mine])
        value: Any = None
        if kind == "save":
            modes = ("hybrid", "dense", "sparse")
            value = chance.choice(modes) if place == "retrieval.mode" else chance.randrange(1, 11)
        told = _at(Settings(), place) if value is None else value
        return state | {f"{self.mine} {place}": str(told)}, lambda: save({place: value}, environment=self.environment)


class Known(Stored):
    """The users, their passwords and tokens."""

    PASSWORDS = tuple(f"the password number {number}" for number in range(3))

    def __init__(self, root: Path, mine: str, kinds: Sequence[str]) -> None:
        super().__init__(root, mine, kinds)
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.users = Users(self.place / "index.users.sqlite3", hasher)

    @staticmethod
    def all_kinds() -> Sequence[str]:
        return ("add", "add", "add", "role", "password", "token", "token", "revoke", "remove")

    def state(self) -> State:
        tokens = self.users.tokens()
        return {
            user.name: " ".join(
                [
                    user.role,
                    *(str(n) for n, word in enumerate(self.PASSWORDS) if self.users.with_password(user.name, word)),
                    *sorted(token.label for token in tokens if token.user == user.name),
                ]
            )
            for user in self.users.all()
        }

    def changed(self, kind: str, state: State, chance: random.Random) -> Change:
        mine, number = self.some(state), chance.randrange(len(self.PASSWORDS))
        name, role = self.any_name(chance), chance.choice(ROLES)
        if kind == "add" or not mine:
            if name not in state:
                return state | {name: f"{role} {number}"}, lambda: self.users.add(name, self.PASSWORDS[number], role)
            kind = "role"
        name = chance.choice(mine) if mine else name
        had, password, *tokens = state[name].split()
        if kind == "revoke" and tokens:
            label = chance.choice(tokens)
            left = " ".join([had, password, *(one for one in tokens if one != label)])
            return state | {name: left}, lambda: self.users.revoke(
                next(token.id for token in self.users.tokens() if token.label == label)
            )
        if kind in {"token", "revoke"}:
            label, days = f"t{chance.randrange(10**6)}", chance.choice((None, 30.0))
            more = " ".join([had, password, *sorted([*tokens, label])])
            return state | {name: more}, lambda: self.users.new_token(name, label, days)
        if kind == "password":
            word = self.PASSWORDS[number]
            return state | {name: f"{had} {number}"}, lambda: self.users.set_password(name, word)
        if kind == "remove":
            return {key: told for key, told in state.items() if key != name}, lambda: self.users.remove(name)
        return state | {name: " ".join([role, password, *tokens])}, lambda: self.users.set_role(name, role)


class Rated(Stored):
    """The ratings of answers; each is known by its comment."""

    def __init__(self, root: Path, mine: str, kinds: Sequence[str]) -> None:
        super().__init__(root, mine, kinds)
        self.ratings = FeedbackStore(self.place / "index")

    @staticmethod
    def all_kinds() -> Sequence[str]:
        return ("rate", "rate", "instead", "take back")

    def state(self) -> State:
        return {rated.comment: f"{rated.rating} {rated.question}" for rated in self.ratings.ratings()}

    def changed(self, kind: str, state: State, chance: random.Random) -> Change:
        mine = self.some(state)
        earlier = chance.choice(mine) if mine and kind != "rate" else None
        left = {key: told for key, told in state.items() if key != earlier}
        if earlier and (kind == "take back" or len(mine) > 20):
            return left, lambda: self.ratings.take_back(self._number(earlier) or 0, Rater(may_edit=True))
        comment, side = f"{self.mine}{chance.randrange(10**9)}", chance.choice(get_args(Rating))
        question = text_of(chance.randrange(12), 0)
        answer = Answer(question, "pl", False, 0.0, "extractive", "")
        return left | {comment: f"{side} {question}"}, lambda: self.ratings.record(
            answer, side, comment=comment, instead_of=self._number(earlier), rater=Rater(may_edit=True)
        )

    def _number(self, comment: str | None) -> int | None:
        return next((rated.id for rated in self.ratings.ratings() if rated.comment == comment), None)


STORED: dict[str, type[Stored]] = {
    "library": Library,
    "import": Imported,
    "settings": Saved,
    "users": Known,
    "ratings": Rated,
    "upload": Uploaded,
}


def _at(settings: Settings, place: str) -> object:
    value: object = settings
    for key in place.split("."):
        value = getattr(value, key)
    return value
