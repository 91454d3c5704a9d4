"""The program's own name, which nobody else has: its packages have common ones, and another's may be in the way."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

__version__ = "0.1.0"

_HERE = Path(__file__).resolve().parent
_MARK = "Part of cco-kb."
"""Stands in each package's `__init__.py`: an installer lets one distribution overwrite another's files."""


class ForeignPackage(ImportError):
    """Another package has the name of one of this program's."""


def demand(*names: str) -> None:
    """Raise ForeignPackage unless each name leads to the package beside this file. Imports none of them."""
    for name in names:
        if (found := _place(name)) is None:
            why = f"cco-kb's package {name} is missing from {_HERE}: install cco-kb again,"
        elif found.parent != _HERE / name:
            why = f"another package named {name} is in the way: {found}; take it off PYTHONPATH, or install cco-kb"
        elif _overwritten(found):
            why = f"another distribution's {name} has overwritten cco-kb's in {_HERE}: install cco-kb again,"
        else:
            continue
        raise ForeignPackage(f"{why} in an environment of its own (pipx or uv tool)", name="kb")


def _place(name: str) -> Path | None:
    try:
        spec = find_spec(name)
    except ValueError:  # somebody has put a module there by hand
        return Path(str(getattr(sys.modules[name], "__file__", name)))
    if spec is None:
        return None
    return Path(spec.origin or next(iter(spec.submodule_search_locations or [name]))).resolve()


def _overwritten(init: Path) -> bool:
    with suppress(OSError, UnicodeDecodeError):
        return init.suffix == ".py" and _MARK not in init.read_text(encoding="utf-8")
    return False


def main() -> int:
    """Run the `cco` command."""
    try:
        demand("corpus", "retrieval", "kb", "ui")
        from ui.cli import main as run
    except ForeignPackage as error:
        print(f"cco: {error}", file=sys.stderr)
        return 1
    return run()


if __name__ == "__main__":
    from cco_kb import main as main_of_cco_kb  # under its own name, as the packages know it

    sys.exit(main_of_cco_kb())
