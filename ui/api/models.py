"""What the HTTP API takes and gives, typed; the OpenAPI page is made from it."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from kb.accounts.users import Role
from kb.answering.answers import Answer, Refusal
from kb.question.kinds import Kind
from kb.question.understanding import LONGEST_QUESTION
from retrieval.index.snapshot import Mode

Language = Literal["zh-Hans", "zh-Hant", "pl", "en"]
MOST_PASSAGES = 100
MOST_HISTORY = 50


def _whole(text: str) -> str:
    # JSON can say half of a character (\ud800), which no file and no response can hold.
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError(
            "text", "input should be whole characters, not one half of a surrogate pair"
        ) from None
    return text


Text = Annotated[str, AfterValidator(_whole)]
"""Any string that can be written down."""
_Asked = Annotated[Text, Field(max_length=LONGEST_QUESTION * 2)]


class RequestModel(BaseModel):
    """What is sent; a field that is not known is refused, so that a slip in a name does not go unseen."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ResponseModel(BaseModel):
    """What is returned; a later version may have more fields."""

    model_config = ConfigDict(extra="allow")


class AskRequest(RequestModel):
    """A question."""

    question: Text = Field(examples=["客戶長是做什麼的?"], description=f"At most {LONGEST_QUESTION} characters.")
    k: int | None = Field(default=None, ge=1, le=MOST_PASSAGES, description="Passages to give with the answer.")
    languages: list[Language] = Field(default=[], max_length=4, description="Only texts in these; empty: all.")
    history: list[_Asked] = Field(
        default=[],
        max_length=MOST_HISTORY,
        description="Questions asked before, the newest last; one that leans on them is completed.",
    )
    stream: bool = Field(default=False, description="Answer in server-sent events; so does Accept: text/event-stream.")


class SearchRequest(RequestModel):
    """What to look for."""

    query: Text = Field(examples=["rola CXO a CMO"])
    k: int = Field(default=10, ge=1, le=MOST_PASSAGES)
    mode: Mode | None = Field(default=None, description="As the settings say where it is not given.")
    languages: list[Language] = Field(default=[], max_length=4, description="Only texts in these; empty: all.")


class SentenceJson(ResponseModel):
    """One sentence of an answer."""

    text: str
    citations: list[int] = Field(description="Numbers of its citations.")
    label: str = Field(default="", description="What it is about: one of the things compared, a document's title.")
    support: float = Field(default=1.0, description="How far the quotes bear it out, 0 to 1.")


class CitationJson(ResponseModel):
    """The exact words of a source: characters start to end of the document's text."""

    number: int
    document_id: str
    title: str
    source: str
    language: str
    section: str
    page: int | None = None
    date: str | None = None
    start: int
    end: int
    quote: str
    marks: list[tuple[int, int]] = Field(
        description="Spans of the document that hold the words that answer; empty: all of it."
    )


class DifferenceJson(ResponseModel):
    """Quotes that say different things of the same matter."""

    citations: list[int]
    said: list[str] = Field(description="What each says: a figure, a name.")


class PassageJson(ResponseModel):
    """A passage found, with what spoke for it."""

    document_id: str
    language: str
    section: str
    page: int | None = None
    start: int
    end: int
    score: float
    dense: float
    sparse: float
    text: str


class AnswerJson(ResponseModel):
    """A cited answer, or the refusal to give one with the nearest passages."""

    question: str
    completed: str = Field(description="The question as understood from the history; empty where it stands alone.")
    language: str
    kind: Kind = Field(description="What was wanted, as it was recognised from the question.")
    answered: bool
    refusal: Refusal | None = Field(description="Where it is not answered: what is missing.")
    confidence: float = Field(description="How sure it is that the sources answer; 0 to 1.")
    support: float = Field(description="How likely what is quoted answers; 0 to 1.")
    engine: str = Field(description="extractive, llm, or fixed where the sources were not asked.")
    answer: str
    sentences: list[SentenceJson]
    citations: list[CitationJson]
    differences: list[DifferenceJson] = Field(description="Where the quotes contradict each other.")
    note: str = Field(description="What to know of the answer as a whole, in the question's language.")
    lead: str = Field(description="What kind of source is quoted, where it is in another language than the question.")
    items: int = Field(description="Where it is a list, how many items that has in its source; else 0.")
    parts: list[AnswerJson] = Field(description="Of several questions in one message, the answer to each.")
    suggestions: list[str] = Field(description="With a refusal or small talk: questions that the sources answer.")
    passages: list[PassageJson]
    reason: str = Field(description="Why a language model that is set up did not give the answer.")
    failure: str = Field(description="The same in one word, such as timeout, unreachable or nothing_left.")
    dropped: int = Field(description="Sentences of the language model that no source bore out.")
    timings_ms: dict[str, float]


class WordJson(ResponseModel):
    """A word of the query and the other names that were looked for too."""

    said: str
    names: list[str]


class SearchJson(ResponseModel):
    """Passages, the best first."""

    query: str
    mode: Mode
    expansion: list[WordJson]
    passages: list[PassageJson]


class DocumentJson(ResponseModel):
    """A document of the library."""

    id: str
    title: str
    language: str
    source: str
    date: str | None = None
    characters: int
    passages: int


class DocumentsJson(ResponseModel):
    """The library."""

    documents: list[DocumentJson]


class SectionJson(ResponseModel):
    """A heading and the span of the text that it governs."""

    title: str
    level: int
    start: int
    end: int


class DocumentTextJson(DocumentJson):
    """A document with its whole text, into which the spans of citations point."""

    text: str
    sections: list[SectionJson]


class SkippedJson(ResponseModel):
    """A file that was passed over, and why."""

    file: str
    reason: str


class ChangeJson(ResponseModel):
    """What an addition or removal did, and what is in the library now."""

    added: list[str] = Field(description="Ids of documents that are new or took an older one's place.")
    removed: list[str]
    skipped: list[SkippedJson]
    documents: int
    passages: int
    windows: int
    seconds: float


class ErrorDetail(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None = None
    code: str


class ErrorJson(BaseModel):
    """The body of every request that failed."""

    error: ErrorDetail


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return the JSON of `ask`, as the command line prints it, less where on this machine a source lies."""
    told = answer.to_json()
    for citation in told["citations"]:
        citation["source"] = shown_source(citation["source"])
    return told


def shown_source(source: str) -> str:
    """Return a source without the folders of this machine; an address is left as it is."""
    if "://" in source:
        return source
    path = PurePath(source.replace("\\", "/"))
    outside = path.is_absolute() or ".." in path.parts or source.startswith("~") or source[1:2] == ":"
    return path.name if outside else source


class VisitorJson(ResponseModel):
    """Who is asking."""

    name: str
    role: Role
    signed_in: bool
