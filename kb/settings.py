"""One inert, typed settings value: from a TOML file, then the environment; unknown keys are refused."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.storage import data_folder
from retrieval.bundled_model import BUNDLED_MODEL


class SettingsError(Exception):
    """The settings cannot be used; the message names the file or variable, what was got and what is expected."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerSettings(_Frozen):
    """How answers are chosen."""

    most_sentences: int = Field(default=3, ge=1, le=10)
    """Sentences in an answer at most; a list that was asked for is given whole."""
    refuse_below: float = Field(default=0.5, ge=0.0, le=1.0)
    """Confidence under which the answer is that the sources do not say."""


class RerankerSettings(_Frozen):
    """The second stage of retrieval; off unless a model is named."""

    model: str = ""
    """A sentence-transformers `CrossEncoder`, by name or folder."""
    depth: int = Field(default=20, ge=1, le=200)
    """First hits that it puts in order."""


class Settings(_Frozen):
    """All that a knowledge base can be told."""

    model: str = BUNDLED_MODEL
    index: Path = Field(default_factory=lambda: data_folder() / "index")
    passages: int = Field(default=5, ge=1, le=100)
    """Passages given with an answer."""
    reranker: RerankerSettings = RerankerSettings()
    answer: AnswerSettings = AnswerSettings()

    @classmethod
    def load(cls, file: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read `file`, or the one `CCO_SETTINGS` names, then `CCO_MODEL` and `CCO_INDEX`. Raises `SettingsError`."""
        named = file or (Path(environment["CCO_SETTINGS"]) if environment.get("CCO_SETTINGS") else None)
        values: dict[str, Any] = {}
        if named:
            try:
                values = tomllib.loads(named.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                raise SettingsError(f"cannot read the settings in {named}: {error}") from error
        for key, variable in (("model", "CCO_MODEL"), ("index", "CCO_INDEX")):
            if environment.get(variable):
                values[key] = environment[variable]
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise SettingsError(f"the settings in {named or 'the environment'}: {place}: {first['msg']}") from error
