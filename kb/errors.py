"""Which exceptions are messages to the user: their text is one clear line that says what to do."""

from __future__ import annotations

from cco_kb import ForeignPackage
from corpus.files.sources import SourceError
from kb.accounts.users import UserError
from kb.evaluation.sets.faults import QuestionSetError
from kb.hosting.feedback import FeedbackError
from kb.library.library import UnknownDocument
from kb.output import OutputError
from kb.question.understanding import QuestionError
from kb.settings.schema import SettingsError
from kb.terms.concepts import UnknownConcept
from retrieval.models.bundled_model import BundledModelError
from retrieval.models.encoder import EncoderError
from retrieval.storage.folder import IndexFailure
from retrieval.storage.transfer import TransferError

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
