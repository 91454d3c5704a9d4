"""Settings saved to their file: what is given is changed, everything else, comments too, stays as it is."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from filelock import FileLock, Timeout
from pydantic import BaseModel
from tomlkit.exceptions import TOMLKitError

from kb.settings.schema import VARIABLES, Settings, SettingsError, own_settings_file, settings_file
from retrieval.storage.folder import flush

_PREFIX, _SUFFIX = ".settings-", ".toml"
_PATIENCE = 10.0
"""Seconds for another process to be done with the file; it reads, writes and renames."""

Value = str | int | float | bool | None


def given_by_environment(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Return the settings, such as `llm.base_url`, that a variable rules and no file can change."""
    return frozenset(place for place, variable in VARIABLES.items() if environment.get(variable))


@dataclass(frozen=True)
class Staged:
    """Changed settings that can be read and could be written, and are not kept yet."""

    settings: Settings
    """All settings as they will be, unless somebody else changes others before they are kept."""
    places: frozenset[str]
    """What is changed, such as `llm.model`."""
    _keep: Callable[[], None]

    def keep(self) -> None:
        """Put them in the place of those before, in one step and for good. Raises `SettingsError`."""
        self._keep()


def staged(changes: Mapping[str, Value], *, environment: Mapping[str, str] = os.environ) -> Staged:
    """Return `changes`, such as `{"llm.model": "x"}`, ready to be kept in the settings' file.

    None takes a setting out, so that its default holds. Raises `SettingsError`, and leaves the file as it was, where
    the settings could then not be used.
    """
    file = settings_file(environment) or own_settings_file()

    def keep() -> None:
        # Read again: what another process has saved meanwhile stays.
        with _changed(file, changes, environment) as (new, _):
            os.replace(new, file)
            flush(file.parent)

    with _changed(file, changes, environment) as (_, settings):
        return Staged(settings, frozenset(changes), keep)


@contextmanager
def _changed(
    file: Path, changes: Mapping[str, Value], environment: Mapping[str, str]
) -> Iterator[tuple[Path, Settings]]:
    """Give a file beside `file` with `changes` made, and the settings in it, while nobody else writes.

    It is gone in the end, unless it was put in the place of the other. Raises `SettingsError`.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(str(file.with_name(f".{file.name}.lock")), timeout=_PATIENCE):
            for left in file.parent.glob(f"{_PREFIX}*{_SUFFIX}"):
                with suppress(OSError):
                    left.unlink()  # of a writer that was killed; it may hold a key that has been taken out since
            document = _read(file)
            for place, value in changes.items():
                _set(document, place.split("."), value)
            # mkstemp makes it readable for its owner only, since it may hold a key
            descriptor, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=file.parent)
            new = Path(name)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
                    opened.write(tomlkit.dumps(document))
                    opened.flush()
                    os.fsync(opened.fileno())
                yield new, _loaded(new, file, environment)
            finally:
                new.unlink(missing_ok=True)
    except Timeout:
        raise SettingsError(
            f"cannot save the settings in {file}: another process is saving some; try again", "unwritable"
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(
            f"cannot save the settings in {file}: {reason}; they are as they were", "unwritable"
        ) from error


def _read(file: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(file.read_text(encoding="utf-8") if file.exists() else "")
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise SettingsError(f"cannot read the settings in {file}: {error}", "unreadable") from error


def _loaded(new: Path, file: Path, environment: Mapping[str, str]) -> Settings:
    """Return the settings in `new`, which is to be `file`. Raises `SettingsError`, which names that one."""
    try:
        return Settings.load(new, environment)
    except SettingsError as error:
        raise SettingsError(str(error).replace(str(new), str(file)), error.fault, error.place) from None


def save(changes: Mapping[str, Value], *, environment: Mapping[str, str] = os.environ) -> Settings:
    """Keep `changes` in the settings' file, as `staged` takes them, and return all settings as they are now."""
    new = staged(changes, environment=environment)
    new.keep()
    return new.settings


def with_places(settings: Settings, saved: Settings, places: Iterable[str]) -> Settings:
    """Return `settings` with what `saved` has at `places`; all else stays, such as what the command line gave."""
    for place in places:
        table, _, key = place.rpartition(".")
        within = {key: getattr(getattr(saved, table) if table else saved, key)}
        update = {table: getattr(settings, table).model_copy(update=within)} if table else within
        settings = settings.model_copy(update=update)
    return settings


def differing(one: Settings, other: Settings) -> Iterator[str]:
    """Yield the places, such as `llm.base_url`, at which two settings differ."""
    for name in Settings.model_fields:
        first, second = getattr(one, name), getattr(other, name)
        if first == second:
            continue
        if isinstance(first, BaseModel):
            yield from (
                f"{name}.{key}" for key in type(first).model_fields if getattr(first, key) != getattr(second, key)
            )
        else:
            yield name


def _set(document: Any, place: list[str], value: Value) -> None:
    *tables, key = place
    within = document
    for table in tables:
        if value is None and table not in within:
            return
        if isinstance(within.get(table), str):  # `model = "..."`, a model by its name alone
            name = within.pop(table)
            within[table] = tomlkit.table()
            within[table]["name"] = name
        within = within.setdefault(table, tomlkit.table())
    if value is None:
        within.pop(key, None)
    else:
        within[key] = value
