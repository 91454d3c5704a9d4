"""Where this user's files lie: what can be made again (cache) and what cannot (data)."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

APPLICATION = "cco-kb"


def cache_folder() -> Path:
    """Return the folder for what can be made again: `CCO_CACHE`, else the system's cache folder."""
    return _own(Path(os.environ["CCO_CACHE"]) if os.environ.get("CCO_CACHE") else user_cache_path(APPLICATION))


def data_folder() -> Path:
    """Return the folder for what cannot be made again, indexes among it: the system's data folder."""
    return _own(user_data_path(APPLICATION))


def _own(folder: Path) -> Path:
    # Nobody else may plant a file there: jieba loads a dictionary cache from it.
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
