"""The answerer that lets a language model put the passages in words, and shows only what they bear out."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, Queue
from typing import Any

from kb.answering.answers import AnswerSentence, Citation
from kb.answering.extractive import masses, read_passages
from kb.generation.checking import Checker, Cosine, Proven, Said, Shown, is_nothing, sentences_said
from kb.generation.injection import speaks_to_model
from kb.generation.prompts import Message, asking, mending, spoken
from kb.question.understanding import Understood
from kb.reading.readings import Reader
from kb.settings import proxies, reach
from kb.settings.reach import HeldConnection
from kb.settings.schema import LlmSettings, SettingsError
from retrieval.index.snapshot import Hit, Snapshot

BEARS = 0.003
"""The chance, by the reader, that a sentence holds the answer if its passage does, from which it bears on the question.
Of the sentences that hold the answers to 250 development questions all do, of the others in the passages read 69 in
100; of the sentences in `tests/data/injections.jsonl` that want to be in every answer, hardly any."""
READ_OF_REPLY = 2
"""Times the sentences that the model is asked for: what is read of its reply, since it cuts finer than sources do."""
MOST_PASSAGES = 8
LONGEST_REPLY = 20_000
"""Characters; a server that does not keep to `max_tokens` is cut off here."""

OnText = Callable[[AnswerSentence], None]
"""Called with each sentence as soon as it, and all before it, is final."""

_log = logging.getLogger(__name__)


class LlmFailure(Exception):
    """The model's answer cannot be had; `reason` is one of `kb.answering.wording.stand_in`."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


@dataclass(frozen=True)
class Drafted:
    """What came of asking the model."""

    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    dropped: int = 0
    reason: str = ""
    """Why there are no sentences, for `kb.answering.wording.stand_in`."""
    status: int = 0


class LlmAnswerer:
    """Asks any OpenAI-compatible server. Safe to use from several threads."""

    def __init__(self, settings: LlmSettings) -> None:
        """Take the settings of a server. Raises `SettingsError` without the openai client, or without a usable key."""
        try:
            import openai
        except ModuleNotFoundError as error:
            if error.name != "openai":
                raise
            raise SettingsError(
                "llm.base_url is set, but the client for it is not installed: pip install 'cco-kb[llm]'",
                "client_missing",
            ) from None
        self._settings = settings
        self._reading = threading.local()
        # A key must be given, or the client would take one from a variable that is meant for another server.
        key = settings.key() or "none"
        try:
            with proxies.only_for(settings.base_url):
                # Where the server sends on to was never looked at, and is no business of whoever set this one up.
                client = openai.DefaultHttpxClient(
                    follow_redirects=False, event_hooks={"request": [self._follow]}, timeout=settings.silence
                )
                self._client = openai.OpenAI(base_url=settings.base_url, api_key=key, max_retries=0, http_client=client)
                self._by_proxy = bool(proxies.proxy_of(settings.base_url))
        except (ImportError, ValueError) as error:
            raise SettingsError(
                f"llm.base_url is reached by a proxy that the environment names and that cannot be used: {error}; "
                "unset ALL_PROXY, or add the server to NO_PROXY"
            ) from None

    def answer(
        self,
        snapshot: Snapshot,
        question: Understood,
        hits: Sequence[Hit],
        reader: Reader,
        cosine: Cosine,
        on_text: OnText | None = None,
        *,
        most: int = 3,
    ) -> Drafted:
        """Ask the model for `most` sentences at most; whatever goes wrong is the result's `reason` and never raised."""
        passages = shown(snapshot, question, hits, reader, self._settings.passage_characters)
        if not passages:
            return Drafted(reason="withheld" if hits else "no_answer")
        draft = _Draft(
            Checker(passages, question.text, question.language, cosine), snapshot, on_text, READ_OF_REPLY * most
        )
        deadline = time.monotonic() + self._settings.timeout
        texts = [(passage.title, _given(passage)) for passage in passages]
        messages = asking(question.text, question.language, texts, most=most)
        try:
            reply = self._replied(messages, deadline, draft.hear)
            if is_nothing(reply):
                return Drafted(reason="no_answer")
            if faults := draft.faults():
                repair = [*messages, *mending(reply, faults, question.language)]
                draft.mend(self._replied(repair, deadline, lambda reply, ended: None))
        except LlmFailure as failure:
            if draft.whole and draft.any_proven:
                return draft.finished()  # a repair that failed takes nothing from what needed none
            # The reason and no more: what a server says about a failure may hold parts of the key.
            _log.warning("the language model gave no answer: %s %s", failure.reason, failure.status or "")
            return Drafted(reason=failure.reason, status=failure.status, dropped=draft.dropped)
        return draft.finished()

    def reply(self, messages: Sequence[Message]) -> str:
        """Return what the model says to `messages`, as it is. Raises `LlmFailure`."""
        return self._replied(messages, time.monotonic() + self._settings.timeout, lambda reply, ended: None)

    def _replied(self, messages: Sequence[Message], deadline: float, heard: Callable[[str, bool], None]) -> str:
        """Return a whole reply; `heard` is called with what there is of it, and with whether that is all."""
        reply = ""
        for piece in self._pieces(messages, deadline):
            reply += piece
            if len(reply) > LONGEST_REPLY:
                raise LlmFailure("unreadable")
            if any(mark in piece for mark in ".。!?！？\n]】"):
                heard(spoken(reply), False)
        heard(spoken(reply), True)
        return spoken(reply)

    def _pieces(self, messages: Sequence[Message], deadline: float) -> Iterator[str]:
        """Yield the reply as it comes. It is read in a thread of its own, so that the deadline holds whatever hangs."""
        queue: Queue[str | LlmFailure | None] = Queue()
        # Of a proxy the peer is the proxy itself, and what it reaches is its keeper's to say.
        line = (
            HeldConnection()
            if self._by_proxy
            else HeldConnection(lambda peer: reach.may_ask(peer, self._settings.reach))
        )
        threading.Thread(target=self._read, args=(messages, queue, line), name="llm", daemon=True).start()
        try:
            while True:
                left = min(deadline - time.monotonic(), self._settings.silence)
                try:
                    piece = queue.get(timeout=max(left, 0.0))
                except Empty:
                    raise LlmFailure("timeout") from None
                if piece is None:
                    return
                if isinstance(piece, LlmFailure):
                    raise piece
                yield piece
        finally:
            line.cut()

    def _follow(self, request: Any) -> None:
        """Have the line of this thread's request told of the connection; each request makes one of its own."""
        request.headers["Connection"] = "close"
        request.extensions["trace"] = self._reading.line.hear

    def _read(self, messages: Sequence[Message], queue: Queue[str | LlmFailure | None], line: HeldConnection) -> None:
        begun = ended = False
        self._reading.line = line
        try:
            stream: Any = self._client.chat.completions.create(
                model=self._settings.model or "default",
                messages=list(messages),
                max_tokens=self._settings.max_tokens,
                temperature=0.0,
                stream=True,
                timeout=self._settings.silence,
            )
            with stream:
                for chunk in stream:
                    if line.is_cut:
                        return
                    begun = True
                    for choice in (chunk.choices or [])[:1]:
                        queue.put(str(choice.delta.content or "") if choice.delta else "")
                        ended = ended or choice.finish_reason is not None
            queue.put(None if ended else LlmFailure("broken"))
        except Exception as error:  # the client passes on what its transport raises, and a server may send anything
            queue.put(LlmFailure("out_of_reach") if line.refused else _failure(error, begun=begun))
        finally:
            line.close()


def _failure(error: Exception, *, begun: bool) -> LlmFailure:
    import openai

    name = type(error).__name__
    if isinstance(error, openai.APIStatusError):
        return LlmFailure("status", error.status_code)
    if isinstance(error, openai.APITimeoutError) or "Timeout" in name:
        return LlmFailure("timeout")
    if "Protocol" in name or "Read" in name:
        return LlmFailure("broken")
    if isinstance(error, openai.APIConnectionError):
        return LlmFailure("broken" if begun else "unreachable")
    return LlmFailure("unreadable")


def check_server(settings: LlmSettings) -> None:
    """Ask the server for one word. Raises `LlmFailure` with the reason, or `SettingsError`."""
    brief = settings.model_copy(update={"timeout": 20.0, "silence": 20.0, "max_tokens": 16})
    messages: list[Message] = [{"role": "user", "content": "Say OK."}]
    LlmAnswerer(brief).reply(messages)


class _Draft:
    """The answer in the making: sentences in the order in which the model said them, faulty ones waiting for repair."""

    def __init__(self, checker: Checker, snapshot: Snapshot, on_text: OnText | None, most: int) -> None:
        self._checker, self._snapshot, self._on_text, self._most = checker, snapshot, on_text, most
        self._slots: list[tuple[Said, Proven | str]] = []
        self._told = 0
        self.whole = False
        """Whether the model has said all of its first reply."""
        self._citations: dict[tuple[str, int, int], Citation] = {}
        self._sentences: list[AnswerSentence] = []

    def hear(self, reply: str, ended: bool) -> None:
        """Check the sentences that are new in `reply`; the last one may still be growing until it has ended."""
        said = list(sentences_said(reply))
        for sentence in said[: None if ended else -1][len(self._slots) : self._most]:
            self._slots.append((sentence, self._checked(sentence)))
            self._tell()
        self.whole = ended

    def faults(self) -> list[tuple[str, str]]:
        """Return what is to be repaired: sentences and what is wrong with them."""
        wrong = [(said.text, result) for said, result in self._slots if isinstance(result, str)]
        return wrong if self._slots else [("", "empty")]

    def mend(self, reply: str) -> None:
        """Put the sentences of a second reply in the places of the faulty ones, in order; what is still wrong goes."""
        places = [place for place, (_, result) in enumerate(self._slots) if isinstance(result, str)]
        if not self._slots:
            self.hear(reply, True)
        for place, sentence in zip(places, sentences_said(reply, with_gaps=True), strict=False):
            self._slots[place] = (sentence, self._checked(sentence))

    @property
    def any_proven(self) -> bool:
        """Whether any sentence may be shown."""
        return any(isinstance(result, Proven) for _, result in self._slots)

    @property
    def dropped(self) -> int:
        """How many sentences are faulty as it stands."""
        return sum(isinstance(result, str) for _, result in self._slots)

    def finished(self) -> Drafted:
        """Leave out what is faulty, tell the rest and return the whole."""
        dropped = self.dropped
        self._slots = [slot for slot in self._slots if isinstance(slot[1], Proven)]
        self._tell()
        reason = "" if self._sentences else "nothing_left"
        return Drafted(tuple(self._sentences), tuple(self._citations.values()), dropped, reason)

    def _checked(self, said: Said) -> Proven | str:
        proven = [other for other, result in self._slots if isinstance(result, Proven)]
        if any(said.text.casefold() == other.text.casefold() for other in proven):
            return "repeated"
        return self._checker.check(said)

    def _tell(self) -> None:
        """Give numbers to the sentences up to the first faulty one, and tell them."""
        while self._told < len(self._slots):
            proven = self._slots[self._told][1]
            if isinstance(proven, str):
                return
            numbers = tuple(dict.fromkeys(self._cited(hit, span) for hit, span in proven.quotes))
            sentence = AnswerSentence(proven.text, numbers, proven.support)
            self._told += 1
            self._sentences.append(sentence)
            if self._on_text:
                self._on_text(sentence)

    def _cited(self, hit: Hit, span: tuple[int, int]) -> int:
        key = (hit.passage.document_id, *span)
        if key not in self._citations:
            document = self._snapshot.documents[hit.passage.document_id]
            self._citations[key] = Citation.of(len(self._citations) + 1, document, hit.passage, span)
        return self._citations[key].number


def _given(passage: Shown) -> str:
    first, last = passage.sentences[0][0], passage.sentences[-1][1]
    return passage.text((first, last))


def shown(snapshot: Snapshot, question: Understood, hits: Sequence[Hit], reader: Reader, most: int) -> list[Shown]:
    """Return the passages that the model is given, with `most` characters in all, cut at a sentence's end.

    One that speaks to the model instead of to a reader is left out whole: whoever wrote the order may have written the
    rest of it too.
    """
    given, left = list[tuple[Hit, int]](), most
    for hit in hits[:MOST_PASSAGES]:
        passage = hit.passage
        document = snapshot.documents[passage.document_id]
        if speaks_to_model(f"{document.title}\n{passage.section}\n{passage.text}"):
            continue
        fitting = sum(end - passage.start <= left for _, end in passage.sentences)
        if not fitting:
            break
        left -= passage.sentences[fitting - 1][1] - passage.start
        given.append((hit, fitting))
    readings = read_passages(snapshot, question, [hit for hit, _ in given], reader)
    return [
        Shown(
            hit,
            snapshot.documents[hit.passage.document_id].title,
            hit.passage.sentences[:fitting],
            tuple((masses(hit, reading) >= BEARS).tolist()[:fitting]),
        )
        for (hit, fitting), reading in zip(given, readings, strict=True)
    ]
