"""What one question goes by from its beginning to its end: the settings, and the parts that they name."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kb.generation.llm import LlmAnswerer
from kb.settings.schema import Settings, SettingsError
from retrieval.index.reranking import CrossEncoderReranker, Reranker, reranked
from retrieval.index.snapshot import Hit, Mode, Question, Snapshot
from retrieval.models.bundled_model import BundledModelError
from retrieval.models.encoder import EncoderError


@dataclass(frozen=True)
class InUse:
    """Whoever takes it once sees one state throughout, whatever is adopted meanwhile."""

    settings: Settings
    reranker: Reranker | None = None
    llm: LlmAnswerer | None = None

    @classmethod
    def of(cls, settings: Settings) -> InUse:
        """Load what the settings name. Raises `SettingsError`, which names the setting."""
        return cls(Settings(index=settings.index)).under(settings)

    def under(self, settings: Settings) -> InUse:
        """Return what other settings name, with those parts of this that stay as they are.

        Raises `SettingsError`, which names the setting whose part cannot be had.
        """
        named, dtype, address = settings.reranker.model, settings.model.dtype, settings.llm.base_url
        same = (named, dtype) == (self.settings.reranker.model, self.settings.model.dtype)
        with loading("reranker.model"):
            reranker = self.reranker if same else CrossEncoderReranker(named, dtype) if named else None
        with loading("llm.base_url"):
            llm = self.llm if settings.llm == self.settings.llm else LlmAnswerer(settings.llm) if address else None
        return InUse(settings, reranker, llm)

    def search(
        self,
        snapshot: Snapshot,
        question: Question,
        k: int,
        *,
        mode: Mode | None = None,
        languages: Collection[str] = (),
    ) -> list[Hit]:
        """Return the `k` best passages, in the settings' mode unless another is asked for."""
        retrieval, depth = self.settings.retrieval, self.settings.reranker.depth
        hits = snapshot.search(
            question,
            k=max(k, depth) if self.reranker else k,
            mode=mode or retrieval.mode,
            languages=languages,
            keyword_weight=retrieval.keyword_weight,
        )
        return reranked(hits, question.text, self.reranker, depth)[:k] if self.reranker else hits


@contextmanager
def loading(place: str) -> Iterator[None]:
    """Have whatever cannot be loaded be an error of the setting that names it."""
    try:
        yield
    except (EncoderError, BundledModelError) as error:
        raise SettingsError(str(error), "model", place) from error
    except SettingsError as error:
        raise SettingsError(str(error), error.fault, error.place or place) from error
