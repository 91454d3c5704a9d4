"""The knowledge base as a model for chat clients: the part of OpenAI's API that they use."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from kb.answering.answers import Answer, AnswerSentence, Citation
from kb.any_base import AnyBase
from ui.api.models import MOST_HISTORY, ErrorJson, ResponseModel, Text, answer_json
from ui.api.stream import Piece, event_stream, pieces
from ui.locale.messages import Words
from ui.security.bodies import json_only
from ui.security.concurrency import ConcurrencyLimiter
from ui.security.errors import ApiError

MODEL = "cco"
"""The one model's name."""
MOST_MESSAGES = 1000
MOST_CHARACTERS = 200_000
"""Of all messages together. No more than 51 questions of 2,000 characters are read; the rest is for the answers between
them. All of it is only counted, and a token is counted for every few characters."""
_STREAM = {"text/event-stream": {"example": "data: {...}\n\ndata: [DONE]\n\n"}}


class TextPart(BaseModel):
    """A part of a message; only text is read."""

    model_config = ConfigDict(extra="allow")

    type: str
    text: Text = ""


class ChatMessage(BaseModel):
    """A message of the conversation."""

    model_config = ConfigDict(extra="allow")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[TextPart] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text").strip()
        return (self.content or "").strip()

    @property
    def characters(self) -> int:
        """How many characters its content has, whatever becomes of them."""
        parts = [part.text for part in self.content] if isinstance(self.content, list) else [self.content or ""]
        return sum(map(len, parts))


class StreamOptions(BaseModel):
    """What a stream is to hold besides the text."""

    model_config = ConfigDict(extra="allow")

    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """A conversation. What chat clients set besides (temperature and the like) has no meaning here and is let pass."""

    model_config = ConfigDict(extra="allow")

    model: Text = Field(examples=[MODEL])
    messages: list[ChatMessage] = Field(
        min_length=1, max_length=MOST_MESSAGES, examples=[[{"role": "user", "content": "Komu podlega CXO?"}]]
    )
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = Field(default=None, ge=1, le=1)


class UsageJson(ResponseModel):
    """Tokens as the embedding model cuts them, since it is there with or without a language model."""

    prompt_tokens: int = Field(description="In the words of all messages.")
    completion_tokens: int = Field(description="In the text that came back, its list of sources included.")
    total_tokens: int


class SaidJson(ResponseModel):
    """What the knowledge base says."""

    role: Literal["assistant"]
    content: str


class ChoiceJson(ResponseModel):
    """The one answer."""

    index: int
    message: SaidJson
    finish_reason: Literal["stop"]


class CompletionJson(ResponseModel):
    """An answer; `cco` holds it whole, as POST /api/ask gives it."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChoiceJson]
    usage: UsageJson
    cco: dict[str, Any]


class ModelJson(ResponseModel):
    """A model."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "cco-kb"


class ModelsJson(ResponseModel):
    """All models."""

    object: Literal["list"] = "list"
    data: list[ModelJson]


def openai_routes(base: AnyBase, concurrency: ConcurrencyLimiter) -> APIRouter:
    """Return the routes of the models and of the conversation with one."""
    router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])
    told: dict[int | str, dict[str, Any]] = {status: {"model": ErrorJson} for status in (401, 422, 429)}

    @router.get("/models", summary="List the models", response_model=ModelsJson, responses=told)
    def models() -> Response:
        """Return the one model there is."""
        return JSONResponse(ModelsJson(data=[ModelJson(id=MODEL)]).model_dump())

    @router.get(
        "/models/{model}", summary="Tell of a model", response_model=ModelJson, responses={**told, 404: told[422]}
    )
    def model(model: str) -> Response:
        """Return the model of this name."""
        _checked_model(model)
        return JSONResponse(ModelJson(id=MODEL).model_dump())

    @router.post(
        "/chat/completions",
        summary="Ask as a chat client does",
        response_model=CompletionJson,
        responses={
            **told,
            **{status: {"model": ErrorJson} for status in (400, 404, 413, 415, 503)},
            200: {"content": _STREAM},
        },
        dependencies=[Depends(json_only)],
    )
    async def chat(asked: ChatRequest, request: Request) -> Response:
        """Answer the last user message; the user messages before it are the conversation.

        The text cites as [1] and ends in a list of the sources; the field `cco` has the same for programs.
        """
        _checked_model(asked.model)
        _checked_length(asked)
        *history, question = _questions(asked)
        made = _Made(f"{str(request.base_url).rstrip('/')}/documents/", base.encoder.count_tokens)
        usage = not asked.stream or bool(asked.stream_options and asked.stream_options.include_usage)

        def ask(tell: Callable[[AnswerSentence], None] | None) -> Answer:
            answer = base.ask(question, history=history[-MOST_HISTORY:], on_text=tell)
            if usage:
                made.read(message.text for message in asked.messages)
            return answer

        if not asked.stream:
            return JSONResponse(await concurrency.run(lambda: made.completion(ask(None))))
        return await event_stream(pieces(concurrency, ask), lambda piece: made.chunks(piece, usage), last="[DONE]")

    return router


class _Made:
    """One completion in the making: what it has said so far, in OpenAI's objects."""

    def __init__(self, documents: str, count: Callable[[str], int]) -> None:
        self._documents, self._count = documents, count
        self._prompt_tokens, self._text = 0, ""
        self._head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}
        self._said: list[str] = []

    def read(self, messages: Iterable[str]) -> None:
        """Count the tokens of what was sent."""
        self._prompt_tokens = sum(map(self._count, messages))

    def completion(self, answer: Answer) -> dict[str, Any]:
        """Return the whole at once."""
        self._text = inert(answer.text) + self._sources(answer)
        message = {"role": "assistant", "content": self._text, "refusal": None}
        return {
            **self._head,
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": self._usage(),
            "cco": answer_json(answer),
        }

    def chunks(self, piece: Piece, usage: bool) -> list[tuple[str, Any]]:
        """Return the chunks that a piece of the answer makes, the last ones once it is whole.

        With `usage` the very last holds the figures and no text, and all before it hold none, as OpenAI's do.
        """
        chunks = self._of_sentence(piece) if isinstance(piece, AnswerSentence) else self._of_answer(piece)
        if not usage:
            return [("", chunk) for chunk in chunks]
        chunks = [chunk | {"usage": None} for chunk in chunks]
        if isinstance(piece, Answer):
            chunks.append(self._chunk(None) | {"choices": [], "usage": self._usage()})
        return [("", chunk) for chunk in chunks]

    def _of_sentence(self, sentence: AnswerSentence) -> list[dict[str, Any]]:
        return [self._chunk(self._sentence(sentence))]

    def _of_answer(self, answer: Answer) -> list[dict[str, Any]]:
        rest = ""
        if self._said != [sentence.text for sentence in answer.sentences]:
            # What was said cannot be taken back: the model failed midway, and the quoted answer follows.
            rest = "\n\n".join(filter(None, (answer.reason, answer.text)))
            rest = inert(f"\n\n{rest}" if self._said else answer.text)
        return [self._chunk(rest + self._sources(answer)), self._chunk(None, cco=answer_json(answer))]

    def _usage(self) -> dict[str, Any]:
        said = self._count(self._text)
        return UsageJson(
            prompt_tokens=self._prompt_tokens, completion_tokens=said, total_tokens=self._prompt_tokens + said
        ).model_dump()

    def _sentence(self, sentence: AnswerSentence) -> str:
        gap = " " if self._said else ""
        self._said.append(sentence.text)
        return f"{gap}{inert(sentence.text)} " + "".join(f"[{number}]" for number in sentence.citations)

    def _chunk(self, text: str | None, **more: Any) -> dict[str, Any]:
        self._text += text or ""
        delta = {"role": "assistant", "content": text} if text is not None else {}
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": "stop" if text is None else None}
        return {**self._head, "object": "chat.completion.chunk", "choices": [choice], **more}

    def _sources(self, answer: Answer) -> str:
        """Return the list under an answer: number, title, section, date, and where the quote is to be read."""
        if not answer.citations:
            return ""
        words = Words.of(answer.language)
        lines = [f"{words('sources')}:" if answer.language in ("pl", "en") else f"{words('sources')}："]
        return "\n\n" + "\n".join([*lines, *(self._source(citation, words) for citation in answer.citations)])

    def _source(self, citation: Citation, words: Words) -> str:
        place = [citation.section, words.date(citation.date) if citation.date else ""]
        page = [words("page", page=citation.page)] if citation.page is not None else []
        address = (
            f"{self._documents}{quote(citation.document_id)}?start={citation.start}&end={citation.end}"
            f"&ui={words.language}#quote"
        )
        title = " · ".join(filter(None, [citation.title, *place, *page]))
        return f"[{citation.number}] {inert(title)} <{address}>"


def inert(text: str) -> str:
    """Return the words of a source so that a client that shows Markdown asks no other host for a picture or a frame."""
    return re.sub(r"<(?=[A-Za-z/!?])", r"\\<", re.sub(r"!(?=\[)", r"!\\", text))


def _checked_model(name: str) -> None:
    if name != MODEL:
        raise ApiError(
            404, f"there is no model {name[:60]!r} here; the one there is is called {MODEL!r}", field="model"
        )


def _checked_length(asked: ChatRequest) -> None:
    characters = sum(message.characters for message in asked.messages)
    if characters > MOST_CHARACTERS:
        raise ApiError(
            400,
            f"the messages have {characters:,} characters, at most {MOST_CHARACTERS:,} are taken together; "
            "leave the oldest out or begin anew",
            field="messages",
        )


def _questions(asked: ChatRequest) -> list[str]:
    """Return what the user said, the newest last."""
    questions = [message.text for message in asked.messages if message.role == "user"]
    if not questions or not questions[-1]:
        raise ApiError(422, "messages: the last user message has no text; it is the question", field="messages")
    return [question for question in questions if question]
