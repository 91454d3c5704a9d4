"""An index looked through from end to end, and mended where it can be: `cco check`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from corpus.text.segment import normalizer
from kb.library.library import loaded
from kb.settings.schema import ModelSettings, Settings
from retrieval.index.contents import Contents
from retrieval.index.snapshot import Snapshot
from retrieval.languages.probes import measure
from retrieval.models.encoder import Encoder
from retrieval.storage.folder import MADE_WITH, IndexDamaged, IndexFailure, IndexMissing, Manifest, Store
from retrieval.storage.persistence import load_contents, load_documents, load_means, load_snapshot, write_snapshot

DOCUMENTS = "documents.jsonl"
SEARCHED = ("dense.", "sparse-")
"""How the files begin that can be computed from the others."""


@dataclass
class Health:
    """What was found and done."""

    generation: str = ""
    """The current one, at the end."""
    files: int = 0
    bytes: int = 0
    faults: list[str] = field(default_factory=list)
    """What was wrong, one line each."""
    mended: list[str] = field(default_factory=list)
    """What was done about it."""

    @property
    def whole(self) -> bool:
        """Whether nothing was wrong, or all of it is mended."""
        return not self.faults or bool(self.mended)


def check(settings: Settings, *, mend: bool = True, encoder: Encoder | None = None) -> Health:
    """Read every file of the index and hold it against its checksum; mend what is wrong unless told not to.

    A lost pointer is set to the newest whole generation; what is searched is computed again from the documents, their
    vectors too where these are damaged; where the documents are, the generation before takes over. Raises
    `IndexMissing`, and `IndexDamaged` where nothing whole is left.
    """
    store, health = Store(settings.index), Health()
    if not store.exists() and not store.generations():
        store.current()  # raises, with the command that makes one
    with store.writing(settings.patience):
        current = _current(store, health)
        if current is not None and _look_through(store, current, health):
            return health
        if not mend:
            raise IndexDamaged(f"the index in {store.folder} is damaged: {'; '.join(health.faults)}")
        _mend(store, current, health, settings, encoder)
        store.tidy()
    return health


def _current(store: Store, health: Health) -> str | None:
    try:
        name = store.current()
    except (IndexMissing, IndexDamaged):
        health.faults.append("the pointer to the current generation is missing or damaged")
        return None
    if name not in store.generations():
        health.faults.append(f"the current generation {name} is gone")
        return None
    return name


def _look_through(store: Store, name: str, health: Health) -> bool:
    """Return whether a generation is whole; what is not goes into `health`."""
    health.generation = name
    damaged, manifest = _damaged(store, name)
    if manifest is None:
        health.faults.append(f"{name}/manifest.json is missing or damaged")
        return False
    health.files, health.bytes = len(manifest.files), sum(manifest.sizes.values())
    health.faults += [f"{name}/{file} {fault}" for file, fault in damaged.items()]
    if not damaged:
        try:
            load_snapshot(store.folder / name)
        except Exception as error:  # whole as written, and yet not to be read
            health.faults.append(f"{name} cannot be loaded ({type(error).__name__}: {error})")
            return False
    return not damaged


def _damaged(store: Store, name: str) -> tuple[dict[str, str], Manifest | None]:
    """Return the damaged files of a generation with what is wrong, and its manifest where that is whole."""
    try:
        manifest = store.manifest(name)
    except IndexDamaged:
        return {}, None
    generation = store.folder / name
    faults = {file: store.fault_of(generation, manifest, file, full=True) for file in manifest.files}
    return {file: fault for file, fault in faults.items() if fault}, manifest


def _mend(store: Store, current: str | None, health: Health, settings: Settings, encoder: Encoder | None) -> None:
    older = [name for name in store.generations() if name != current]
    if current is not None:
        damaged, manifest = _damaged(store, current)
        if manifest is not None and damaged and DOCUMENTS not in damaged:
            _recompute(store, current, damaged, manifest, health, settings, encoder)
            return
    for name in older:
        damaged, manifest = _damaged(store, name)
        if manifest is not None and not damaged:
            store.point_to(name)
            lost = (
                "" if current is None else "; what was changed after it is lost: bring it into step with cco index PATH"
            )
            health.generation = name
            health.mended.append(f"{name} is the current generation now, with {manifest.documents} documents{lost}")
            return
    raise IndexDamaged(
        f"the index in {store.folder} is damaged and cannot be mended: {'; '.join(health.faults)}; "
        f"make it anew: cco index PATH ... --rebuild --index {store.folder}"
    )


def _recompute(
    store: Store,
    name: str,
    damaged: dict[str, str],
    manifest: Manifest,
    health: Health,
    settings: Settings,
    encoder: Encoder | None,
) -> None:
    """Write a generation anew from what is whole in `name`, whose documents are."""
    generation = store.folder / name
    searched = all(file.startswith(SEARCHED) for file in damaged)
    if searched:
        contents, (_, probes) = load_contents(generation), load_means(generation)
    else:
        name, dtype = manifest.model or settings.model.name, manifest.dtype
        encoder = encoder or loaded(ModelSettings.model_validate({"name": name, "dtype": dtype}))
        if encoder.digest != manifest.model_digest or normalizer() != manifest.normalizer:
            raise IndexFailure(
                f"the index in {store.folder} was made with the model {manifest.model}, which is needed to mend it; "
                f"type: cco check --model {manifest.model} --index {store.folder}"
            )
        contents, probes = Contents.encode(load_documents(generation), encoder), measure(encoder)
    made = {name: getattr(manifest, name) for name in MADE_WITH}
    written = write_snapshot(store, Snapshot.build(contents, probes), made)
    what = "what is searched was" if searched else "all but the documents was"
    health.generation = written
    health.mended.append(f"{what} computed again from {name}; {written} is the current generation now")


def describe(path: Path, health: Health) -> list[str]:
    """Return what to tell of `health`, one line each."""
    lines = [f"damaged: {fault}" for fault in health.faults] + [f"mended: {done}" for done in health.mended]
    size = f"{health.files} files, {health.bytes / 1e6:.1f} MB" if not health.faults else "mended"
    return [*lines, f"{path}: {health.generation} is whole ({size})"]
