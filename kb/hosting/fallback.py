"""A server that starts although what is saved in the settings cannot be used: with what worked before.

What the command line or a variable gives is meant for this very start; where that cannot be used, the start fails.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path

from kb.any_base import AnyBase
from kb.knowledge_base import KnowledgeBase
from kb.library.library import Fallback
from kb.output import OutputError, write_whole
from kb.settings.file import with_places
from kb.settings.schema import Settings, SettingsError
from retrieval.models.bundled_model import BundledModelError
from retrieval.models.encoder import EncoderError
from retrieval.storage.folder import IndexMismatch

Open = Callable[[Settings], KnowledgeBase]

_PARTS: Mapping[str, tuple[str, ...]] = {
    "model.name": ("model.name", "model.dtype"),
    "reranker.model": ("reranker.model",),
    "llm.base_url": ("llm.base_url",),
}
"""The settings that name something to be loaded, and what is replaced together with each.

Of a language model's server no earlier one is remembered: its key was for it alone, and is kept in one place only.
"""

_log = logging.getLogger(__name__)


def opened(settings: Settings, open_base: Open, given: Collection[str] = ()) -> KnowledgeBase:
    """Open a base with `settings`, in place of saved ones that cannot be used with what worked before or the default.

    `given` are the settings that are not saved ones. Raises what `open_base` raises where there is nothing else to try.
    """
    worked = _worked(settings)
    left = {place: [*([worked] if worked else []), Settings()] for place in _PARTS}
    using, faults = settings, dict[str, Exception]()
    while True:
        try:
            base = open_base(using)
            break
        except (SettingsError, EncoderError, BundledModelError, IndexMismatch) as error:
            place = _place(error)
            other = _other(using, place, left, given)
            if other is None:
                raise faults.get(place, error) from None
            faults.setdefault(place, error)
            using = other
    due = isinstance(faults.get("model.name"), IndexMismatch)
    for place, fault in faults.items():
        _log.warning("%s is %r instead of %r: %s", place, _at(using, place), _at(settings, place), fault)
    if due:  # the saved model can be used, once the index is rebuilt
        base.adopt(base.settings.model_copy(update={"model": settings.model}))
    base.fallbacks = tuple(
        Fallback(place, _at(settings, place), _at(using, place))
        for place in faults
        if not (due and place == "model.name")
    )
    remember(base)
    return base


def remember(base: AnyBase) -> None:
    """Keep beside the index what works now. Where that cannot be written, the defaults will do."""
    model, reranker = base.model, base.settings.reranker.model
    told = json.dumps({"model": model.model_dump(), "reranker": {"model": reranker}})
    with suppress(OutputError):
        write_whole(_file(base.settings), told)


def _worked(settings: Settings) -> Settings | None:
    try:
        told = json.loads(_file(settings).read_text(encoding="utf-8"))
        return Settings.model_validate({"model": told["model"], "reranker": told["reranker"]})
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _file(settings: Settings) -> Path:
    return settings.beside_index("working.json")


def _place(error: Exception) -> str:
    return error.place if isinstance(error, SettingsError) else "model.name"


def _other(using: Settings, place: str, left: Mapping[str, list[Settings]], given: Collection[str]) -> Settings | None:
    """Return `using` with the next of what is left to try at `place`, None where that is nothing or not ours to try."""
    if place not in _PARTS or place in given or (place == "llm.base_url" and "llm.api_key" in given):
        return None
    while left[place]:
        free = [one for one in _PARTS[place] if one not in given]
        other = with_places(using, left[place].pop(0), free)
        if other != using:
            return other
    return None


def _at(settings: Settings, place: str) -> str:
    table, key = place.split(".")
    return str(getattr(getattr(settings, table), key))
