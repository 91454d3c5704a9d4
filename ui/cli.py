"""The `cco` command: runs one of `ui.commands`. Results go to stdout, everything else to stderr."""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Sequence

from cco_kb import ForeignPackage, __version__

# None of these imports anything heavy at its top: `cco --help` answers at once.
from ui.commands import asking, comparing, evaluating, feedback, indexing, keeping, questions, serving, users, watching
from ui.commands.shared import Commands, fail
from ui.commands.terminal import visible_output


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status: 0 done, 1 the work failed, 2 wrong usage."""
    with visible_output():
        return _run(arguments)


def _run(arguments: Sequence[str] | None) -> int:
    options = _parser().parse_args(arguments)
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if options.brief:
        # Over before there is garbage worth a walk over all that the libraries hold, which takes a second, and at the
        # end of the process another, unless nothing is left to walk over.
        gc.disable()
        atexit.register(gc.freeze)
    try:
        return int(options.run(options) or 0)
    except KeyboardInterrupt:
        return fail("stopped", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ForeignPackage as error:
        return fail(str(error))
    except Exception as error:
        if os.environ.get("CCO_DEBUG"):
            raise
        return fail(_one_line(error))
    finally:
        gc.enable()


def _one_line(error: Exception) -> str:
    from kb.errors import is_expected

    message = str(error).strip()
    if is_expected(error):
        return message
    kind = type(error).__name__
    return f"unexpected {kind}: {message.splitlines()[0] if message else 'no message'} (CCO_DEBUG=1 shows where)"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cco", description="Cited answers from your own texts.")
    parser.add_argument("--version", action="version", version=f"cco {__version__}")
    commands = Commands(parser)
    for module in (indexing, watching, keeping, asking, evaluating, comparing, questions, feedback, serving, users):
        module.register(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
