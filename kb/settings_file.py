"""Settings saved to their file: what is given is changed, everything else, comments too, stays as it is."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel
from tomlkit.exceptions import TOMLKitError

from kb.settings import VARIABLES, Settings, SettingsError, own_settings_file, settings_file

_PREFIX, _SUFFIX = ".settings-", ".toml"
_LEFT_SECONDS = 600.0
"""Nothing is staged for so long, whatever has to be loaded before it is kept."""

Value = str | int | float | bool | None


def given_by_environment(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Return the settings, such as `llm.base_url`, that a variable rules and no file can change."""
    return frozenset(place for place, variable in VARIABLES.items() if environment.get(variable))


@dataclass(frozen=True)
class Staged:
    """Changed settings that can be read and are written beside their file, and not kept yet."""

    settings: Settings
    """All settings as they will be."""
    places: frozenset[str]
    """What is changed, such as `llm.model`."""
    _new: Path
    _file: Path

    def keep(self) -> None:
        """Put them in the place of those before, in one step and for good. Raises `SettingsError`."""
        try:
            os.replace(self._new, self._file)
            _flush(self._file.parent)
        except OSError as error:
            raise _unwritable(self._file, error) from error


@contextmanager
def staged(changes: Mapping[str, Value], *, environment: Mapping[str, str] = os.environ) -> Iterator[Staged]:
    """Have `changes`, such as `{"llm.model": "x"}`, ready to be kept in the settings' file; unless they are, drop them.

    None takes a setting out, so that its default holds. Raises `SettingsError`, and leaves the file as it was, where
    the settings could then not be used.
    """
    file = settings_file(environment) or own_settings_file()
    try:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        document = tomlkit.parse(text)
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise SettingsError(f"cannot read the settings in {file}: {error}", "unreadable") from error
    for place, value in changes.items():
        _set(document, place.split("."), value)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _sweep(file.parent)
        descriptor, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=file.parent)
    except OSError as error:
        raise _unwritable(file, error) from error
    new = Path(name)  # mkstemp makes it readable for its owner only, since it may hold a key
    try:
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
                opened.write(tomlkit.dumps(document))
                opened.flush()
                os.fsync(opened.fileno())
            settings = Settings.load(new, environment)
        except OSError as error:
            raise _unwritable(file, error) from error
        except SettingsError as error:
            raise SettingsError(str(error).replace(str(new), str(file)), error.fault, error.place) from None
        yield Staged(settings, frozenset(changes), new, file)
    finally:
        new.unlink(missing_ok=True)


def save(changes: Mapping[str, Value], *, environment: Mapping[str, str] = os.environ) -> Settings:
    """Keep `changes` in the settings' file, as `staged` takes them, and return all settings as they are now."""
    with staged(changes, environment=environment) as new:
        new.keep()
        return new.settings


def _unwritable(file: Path, error: OSError) -> SettingsError:
    return SettingsError(f"cannot save the settings in {file}: {error.strerror}", "unwritable")


def _sweep(folder: Path) -> None:
    """Remove what writers left behind that were killed: it may hold a key that has been taken out since."""
    for left in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - _LEFT_SECONDS:
                left.unlink()


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
