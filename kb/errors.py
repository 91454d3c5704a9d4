"""Which exceptions are messages to the user: their text is one clear line that says what to do."""

from __future__ import annotations

from cco_kb import ForeignPackage
from corpus.readers import SourceError
from kb.concepts import UnknownConcept
from kb.evaluation.faults import QuestionSetError
from kb.feedback import FeedbackError
from kb.knowledge_base import QuestionError, UnknownDocument
from kb.output import OutputError
from kb.settings import SettingsError
from kb.users import UserError
from retrieval.bundled_model import BundledModelError
from retrieval.encoder import EncoderError
from retrieval.storage import IndexFailure
from retrieval.transfer import TransferError

EXPECTED = (
    BundledModelError,
    EncoderError,
    FeedbackError,
    ForeignPackage,
    IndexFailure,
    OutputError,
    QuestionError,
    QuestionSetError,
    SettingsError,
    SourceError,
    TransferError,
    UnknownConcept,
    UnknownDocument,
    UserError,
)


def is_expected(error: Exception) -> bool:
    """Tell whether `error` is a message to the user and not a fault of the program."""
    return isinstance(error, EXPECTED)
