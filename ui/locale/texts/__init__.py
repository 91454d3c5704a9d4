"""The page's words, one module for each of its parts: a row is zh-Hans, zh-Hant, pl, en."""

from __future__ import annotations

from collections.abc import Mapping

Row = tuple[str, str, str, str]
Table = Mapping[str, Row]
Forms = tuple[str, ...]
Plurals = Mapping[str, tuple[Forms, Forms, Forms, Forms]]
"""One form for Chinese, two for English, three for Polish: 1, 2 to 4 (but not 12 to 14), any other."""
