"""Why a piece of work failed, in the page's language and without the places on the server that a message names."""

from __future__ import annotations

from kb.evaluation.sets.faults import Fault, QuestionSetError
from retrieval.models.bundled_model import BundledModelError
from retrieval.models.encoder import EncoderError
from retrieval.storage.folder import IndexBusy, IndexFailure
from ui.locale.messages import Words


def failure(error: Exception, words: Words) -> str:
    """Return why work failed, in one line; what only the keeper of the server can use stays in the log."""
    match error:
        case QuestionSetError(faults=(first, *_)):
            return fault(first, words)
        case IndexBusy():
            return words("failure_busy")
        case IndexFailure():
            return words("failure_index")
        case EncoderError() | BundledModelError():
            return words("failure_model")
    return words("failure_other")


def fault(found: Fault, words: Words) -> str:
    """Return what is wrong with a file of questions, after the line it is about."""
    told = words(f"fault_{found.code}", **found.values)
    return words("fault_in_line", line=found.line, fault=told) if found.line else told
