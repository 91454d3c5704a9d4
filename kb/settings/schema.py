"""One inert, typed settings value: from a TOML file, then the environment; unknown keys are refused."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, field_validator

from corpus.limits import Limits
from corpus.user_folders import data_folder
from kb.settings.reach import Reach, is_address, may_ask
from retrieval.models.bundled_model import BUNDLED_MODEL
from retrieval.models.dtypes import Dtype


class SettingsError(Exception):
    """The settings cannot be used; the message names the file or variable, what was got and what is expected.

    `fault`, one of `FAULTS`, is what is wrong, for those who say it in another language; `place` the setting that it is
    about, such as `llm.base_url`, where it is about one.
    """

    def __init__(self, message: str, fault: str = "other", place: str = "") -> None:
        super().__init__(message)
        self.fault, self.place = fault, place


FAULTS = (
    *("value", "address", "model", "unreadable", "unwritable", "key", "key_given_elsewhere", "client_missing"),
    "other",
)

VARIABLES = {
    "model.name": "CCO_MODEL",
    "model.dtype": "CCO_MODEL_DTYPE",
    "index": "CCO_INDEX",
    "llm.base_url": "CCO_LLM_BASE_URL",
    "llm.model": "CCO_LLM_MODEL",
    "llm.api_key": "CCO_LLM_API_KEY",
}
"""Settings that the environment may give, and the variables that do."""


class _Frozen(BaseModel):
    # Without the input in its errors: it may be a key.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ModelSettings(_Frozen):
    """The embedding model."""

    name: str = BUNDLED_MODEL
    """A sentence-transformers model, by name or folder."""
    dtype: Dtype = "auto"
    """What its numbers are; see `retrieval.models.dtypes`."""


def _by_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class AnswerSettings(_Frozen):
    """How answers are chosen."""

    most_sentences: int = Field(default=3, ge=1, le=10)
    """Sentences in an answer at most; a list that was asked for is given whole."""
    refuse_below: float = Field(default=0.5, ge=0.0, le=1.0)
    """Confidence under which the answer is that the sources do not say. At .5, cross-validation on the development
    questions answers 96 of 100 that have an answer and refuses 66 of 100 that have none, most of them near misses."""


class RetrievalSettings(_Frozen):
    """How the passages are found that an answer is made from."""

    mode: Literal["hybrid", "dense", "sparse"] = "hybrid"
    """By vectors and keywords together, by vectors alone, by keywords alone."""
    keyword_weight: float = Field(default=1.0, ge=0.0, le=3.0)
    """What keywords count for beside vectors; 1 was measured to be best."""


class RerankerSettings(_Frozen):
    """The second stage of retrieval; off unless a model is named."""

    model: str = ""
    """A sentence-transformers `CrossEncoder`, by name or folder."""
    depth: int = Field(default=20, ge=1, le=200)
    """First hits that it puts in order."""


class ReadingSettings(_Frozen):
    """What a source file may cost to read, so that no file can stop the others; see `corpus.limits`."""

    seconds: float = Field(default=15.0, gt=0.0, le=3600.0)
    """For one file, an archive with all that is in it."""
    memory_megabytes: int = Field(default=1000, ge=200)
    """For the process that reads it."""
    text_megabytes: int = Field(default=20, ge=1, le=1000)
    """Of a text, a page or a table."""
    file_megabytes: int = Field(default=100, ge=1, le=4000)
    """Of any other file."""
    unpacked_megabytes: int = Field(default=200, ge=1, le=4000)
    """What the parts of an archive or an Office file may unpack to, together."""
    members: int = Field(default=2_000, ge=1)
    """Files in an archive."""
    pages: int = Field(default=5_000, ge=1)
    """Of one PDF."""
    elements: int = Field(default=200_000, ge=1)
    """Headings, paragraphs, items and rows of one document."""
    characters: int = Field(default=20_000_000, ge=1)
    """Of one document's text."""

    def limits(self) -> Limits:
        """Return them as the readers take them."""
        return Limits(**self.model_dump())


class LlmSettings(_Frozen):
    """The language model that may put the answer in its own words; off unless a server is named."""

    base_url: str = ""
    """Of any OpenAI-compatible server, with its /v1."""
    reach: Reach = Field(default="any", exclude=True)
    """How far away the server may be. The page writes its own `page.model_servers` here beside an address that was
    typed on it; whoever writes an address into the file leaves this out."""
    model: str = ""
    """As the server names it; a server of one model needs none."""
    api_key: SecretStr = Field(default=SecretStr(""), exclude=True, repr=False)
    """Neither printed nor dumped. Where it is empty, `api_key_file` is read."""
    api_key_file: Path | None = Field(default=None, exclude=True)
    """A file with nothing but the key."""
    timeout: float = Field(default=60.0, gt=0.0, le=3600.0)
    """Seconds for the whole answer, a repair included."""
    silence: float = Field(default=30.0, gt=0.0, le=3600.0)
    """Seconds without a word from the server after which it is given up."""
    max_tokens: int = Field(default=600, ge=16, le=16_000)
    """In a reply; those with which a model thinks aloud count too."""
    passage_characters: int = Field(default=6_000, ge=200, le=200_000)
    """Of the passages together, in the prompt."""

    @field_validator("base_url")
    @classmethod
    def _checked(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("expected an address such as http://127.0.0.1:8080/v1")
        if parts.username or parts.password or parts.query:
            raise ValueError("holds more than an address; a key goes into CCO_LLM_API_KEY or llm.api_key_file")
        if parts.hostname and is_address(parts.hostname) and not may_ask(parts.hostname, "any"):
            raise ValueError("is an address of the link or of a cloud's own service, where no language model is asked")
        return url.rstrip("/")

    def key(self) -> str:
        """Return the key, empty where there is none. Raises `SettingsError`, which never says what it holds."""
        key, place = self.api_key.get_secret_value().strip(), "llm.api_key"
        if not key and self.api_key_file:
            place = f"llm.api_key_file {self.api_key_file}"
            try:
                key = self.api_key_file.expanduser().read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(f"cannot read {place}: {type(error).__name__}", "key") from None
        if not (key.isascii() and (key.isprintable() and " " not in key)):
            raise SettingsError(f"{place} holds no key: expected one line of letters, digits and signs", "key")
        return key


class ServerSettings(_Frozen):
    """How the page and the API are served, and to whom."""

    users: Path | None = None
    """The file of the users; by default it lies beside the index."""
    audit: Path | None = None
    """The file that changes are recorded in; by default it lies beside the index."""
    hosts: tuple[str, ...] = ()
    """Names by which the server may be called besides those of this machine, such as kb.example.org."""
    session_hours: float = Field(default=12.0, gt=0.0, le=24 * 90)
    """After which whoever signed in must do so again."""
    per_minute: int = Field(default=120, ge=1, le=100_000)
    """Questions, searches and changes that one user may send, or one address where everyone may ask; of pages and
    documents, which cost less, five times as many."""
    ratings_per_day: int = Field(default=200, ge=1, le=100_000)
    """Answers that one user may rate, or one address where everyone may ask."""
    sign_in_attempts: int = Field(default=10, ge=1, le=1_000)
    """That may fail within ten minutes from one address. For one name, from all addresses together, every further one
    is answered late."""
    connections: int = Field(default=1_000, ge=4, le=100_000)
    """Open at a time; at most three quarters of the files that this system lets one process have open."""
    connections_per_address: int = Field(default=200, ge=1, le=100_000)
    """Of these. Those of this machine itself are not counted so, since a proxy on it brings everybody's; where a proxy
    on another machine does, this must be as much as it needs."""
    head_seconds: float = Field(default=15.0, gt=0.0, le=3600.0)
    """In which a request must say what it wants."""
    body_seconds: float = Field(default=20.0, gt=0.0, le=3600.0)
    """For which what a request brings may stay away; every 500 bytes give one second back."""
    unread_seconds: float = Field(default=60.0, gt=0.0, le=3600.0)
    """After which whoever takes nothing of what is sent to them is cut off."""
    largest_upload: int = Field(default=50_000_000, ge=1_000, le=10_000_000_000)
    """Bytes of all the files in one request."""
    stop_seconds: float = Field(default=30.0, ge=0.0, le=3600.0)
    """For which a server that is told to stop goes on answering the questions that it has accepted."""


class LogSettings(_Frozen):
    """What a server writes to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is written."""
    format: Literal["auto", "json", "text"] = "auto"
    """`auto`: warnings in plain words in a terminal, one JSON object a line elsewhere."""
    questions: bool = False
    """Whether the text of questions is written too."""


class PageSettings(_Frozen):
    """The web page."""

    locked: bool = False
    """Whether the library and the settings can only be changed at the machine itself, not from the page."""
    model_servers: Reach = Field(default="local", exclude=True)
    """Which language model's servers an editor may name or try on the page: those of the internet (`public`), of this
    machine too (`local`), or of the network around it too (`any`). With `any` a trial tells an editor what is there."""


class Settings(_Frozen):
    """All that a knowledge base can be told."""

    model: Annotated[ModelSettings, BeforeValidator(_by_name)] = ModelSettings()
    """A table, or the model's name alone."""
    index: Path = Field(default_factory=lambda: data_folder() / "index")
    """The folder of the index."""
    patience: float = Field(default=2.0, ge=0.0)
    """Seconds to wait for another process that is changing the index; `--wait` has no end."""
    passages: int = Field(default=5, ge=1, le=100)
    """Passages given with an answer."""
    retrieval: RetrievalSettings = RetrievalSettings()
    reranker: RerankerSettings = RerankerSettings()
    answer: AnswerSettings = AnswerSettings()
    reading: ReadingSettings = ReadingSettings()
    llm: LlmSettings = LlmSettings()
    server: ServerSettings = ServerSettings()
    log: LogSettings = LogSettings()
    page: PageSettings = PageSettings()

    def beside_index(self, ending: str) -> Path:
        """Return the file or folder that lies beside the index and is called as it is, with `ending`."""
        index = self.index.absolute()
        return index.with_name(f"{index.name}.{ending}")

    @property
    def digest(self) -> str:
        """One SHA-256 over all that bears on an answer: not where the index lies, and no key."""
        told = self.model_dump(mode="json", exclude={"index", "server", "log", "page"})
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @classmethod
    def load(cls, file: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read `file`, or `settings_file`, then the environment (`VARIABLES`). Raises `SettingsError`."""
        named = file or settings_file(environment)
        values: dict[str, Any] = {}
        if named:
            values = _read(named, "CCO_SETTINGS" if not file and environment.get("CCO_SETTINGS") else "")
        if "model" in values:
            values["model"] = _by_name(values["model"])
        for place, variable in VARIABLES.items():
            *tables, key = place.split(".")
            within = values
            for table in tables:
                within = within.setdefault(table, {})  # a wrong type is left for the check below
            if environment.get(variable) and isinstance(within, dict):
                within[key] = environment[variable]
                if place == "llm.base_url":
                    within.pop("reach", None)  # it goes with the address in the file
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            message = f"the settings in {named or 'the environment'}: {place}: {first['msg']}"
            raise SettingsError(message, "value", place) from error


def _read(file: Path, variable: str) -> dict[str, Any]:
    """Return what a settings file says; `variable` is what named it. Raises `SettingsError`, in one line."""
    by = f" ({variable})" if variable else ""
    forget = f", or type: unset {variable}" if variable else ""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        what, then = "there is no such file", f"name one that is there{forget}"
    except IsADirectoryError:
        what, then = "this is a folder", f"name a file in it, such as {file / 'settings.toml'}{forget}"
    except PermissionError:
        what, then = "it may not be read", f"allow it: chmod u+r {file}{forget}"
    except OSError as error:
        what, then = error.strerror or str(error), f"name another{forget}"
    except UnicodeDecodeError:
        what, then = "it is not in UTF-8", "save it so"
    except tomllib.TOMLDecodeError as error:
        what, then = str(error), "mend it there"
    raise SettingsError(f"cannot read the settings in {file}{by}: {what}; {then}", "unreadable")


def settings_file(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the file that settings are read from: what `CCO_SETTINGS` names, else the user's own if there is one."""
    if environment.get("CCO_SETTINGS"):
        return Path(environment["CCO_SETTINGS"])
    own = own_settings_file()
    return own if own.is_file() else None


def own_settings_file() -> Path:
    """Return where the user's own settings lie once some have been saved."""
    return data_folder() / "settings.toml"
