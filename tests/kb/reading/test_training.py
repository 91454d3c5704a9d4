"""How the reader is made: what becomes of a question, that nothing measured is trained on, what a stop costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.text.normalize import character_form
from kb.reading.network import EMBEDDINGS, Network, load_weights, save_weights
from kb.reading.rows import LONGEST, Cutter
from retrieval.models.encoder import SentenceTransformerEncoder
from retrieval.models.transformer import parted
from training.examples import Example, Examples
from training.fitting import Plan, fit
from training.material import OWN, MaterialError, Passage, load


@pytest.fixture(scope="module")
def passages() -> list[Passage]:
    return load([OWN])


@pytest.fixture(scope="module")
def cutter(bundled_encoder: SentenceTransformerEncoder) -> Cutter:
    return Cutter(bundled_encoder.tokenizer)


def _some(passages: list[Passage]) -> tuple[list[Passage], list[list[list[int]]]]:
    some = [max(passages, key=lambda p: len(p.text)), *passages[:30]]
    return some, [[[(n + 1) % len(some), (n + 2) % len(some)] for _ in p.asked] for n, p in enumerate(some)]


def test_every_answer_stands_in_its_passage_and_every_passage_is_asked_about(passages: list[Passage]) -> None:
    assert all(passage.asked and passage.own for passage in passages)
    answers = [asked.answer for passage in passages for asked in passage.asked]
    assert 0.4 < sum(answer is not None for answer in answers) / len(answers) < 0.65
    assert {passage.language for passage in passages} == {"zh-Hans", "zh-Hant", "pl"}


def test_what_is_measured_does_not_depend_on_what_else_there_is(passages: list[Passage]) -> None:
    apart = [passage.measured for passage in passages]
    assert 1 / 18 < sum(apart) / len(apart) < 1 / 8
    assert [passage.measured for passage in load([OWN])] == apart


@pytest.mark.parametrize(
    ("passage", "question", "told"),
    [
        ({"id": "a"}, {}, "passages.jsonl, line 1: language, title, text is missing"),
        ({}, {"passage": "b"}, "questions.jsonl, line 1: there is no passage b"),
        ({}, {"answer": "two"}, "questions.jsonl, line 1: the answer does not stand in the passage: two"),
        ({}, {"answer": ""}, "questions.jsonl, line 1: the answer does not stand in the passage: "),
    ],
)
def test_a_fault_in_the_data_is_named_with_its_line(
    tmp_path: Path, passage: dict[str, Any], question: dict[str, Any], told: str
) -> None:
    whole = {"id": "a", "language": "pl", "title": "", "text": "one"}
    asked = {"passage": "a", "language": "pl", "question": "?", "answer": "one"}
    row = passage if passage else whole
    (tmp_path / "passages.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (tmp_path / "questions.jsonl").write_text(json.dumps(asked | question) + "\n", encoding="utf-8")
    with pytest.raises(MaterialError) as raised:
        load([tmp_path])
    assert str(raised.value) == told


def test_a_sign_that_ends_a_line_elsewhere_is_part_of_a_text(tmp_path: Path) -> None:
    passage = {"id": "a", "language": "pl", "title": "", "text": "one\u2028two\x85three"}
    asked = {"passage": "a", "language": "pl", "question": "?", "answer": "two"}
    for name, row in (("passages", passage), ("questions", asked)):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    (read,) = load([tmp_path])
    assert (read.text, read.asked[0].answer) == (passage["text"], (4, 7))


@pytest.mark.model
def test_the_marked_tokens_are_the_answer(passages: list[Passage], cutter: Cutter) -> None:
    some, around = _some(passages)
    examples = Examples(cutter, 1).of_epoch(some, around, 0)
    marked = [example for example in examples if example.span != (0, 0)]
    assert len(marked) > 60
    for example in examples:
        assert len(example.row) <= LONGEST
    answers = {"".join(p.text[slice(*asked.answer)].split()) for p in some for asked in p.asked if asked.answer}
    told, exact = {character_form(answer) for answer in answers}, 0
    for example in marked:
        first, last = example.span
        assert example.begin <= first <= last < len(example.row) - 1
        words = cutter.tokenizer.decode(list(example.row[first : last + 1])).replace(" ", "")
        exact += any(answer in words for answer in told)
    # A token may reach over the border of an answer, and the tokenizer forgets a character that it does not know.
    assert exact / len(marked) > 0.9


@pytest.mark.model
def test_an_epoch_is_the_same_again_and_the_next_is_another(passages: list[Passage], cutter: Cutter) -> None:
    some, around = _some(passages)
    first = Examples(cutter, 1).of_epoch(some, around, 0)
    assert Examples(cutter, 1).of_epoch(some, around, 0) == first
    assert Examples(cutter, 1).of_epoch(some, around, 1) != first
    assert Examples(cutter, 2).of_epoch(some, around, 0) != first


class _StoppedError(Exception):
    pass


def _tiny() -> Network:
    import torch

    drawn, width = torch.Generator().manual_seed(3), 24
    weights = {"embeddings.word_embeddings.weight": (40, width), "embeddings.position_embeddings.weight": (32, width)}
    weights |= {"embeddings.token_type_embeddings.weight": (1, width), "span.weight": (2, width)}
    weights |= {"answerable.dense.weight": (width, 2 * width), "answerable.out.weight": (1, width)}
    for layer in range(2):
        at = f"encoder.layer.{layer}"
        weights |= {f"{at}.attention.self.weight": (3 * width, width)}
        weights |= {f"{at}.attention.output.dense.weight": (width, width)}
        weights |= {
            f"{at}.intermediate.dense.weight": (2 * width, width),
            f"{at}.output.dense.weight": (width, 2 * width),
        }
    made = {name: torch.randn(shape, generator=drawn) * 0.1 for name, shape in weights.items()}
    for name, tensor in list(made.items()):
        if name not in EMBEDDINGS:
            made[name.removesuffix("weight") + "bias"] = torch.zeros(len(tensor))
    for name in (
        "embeddings",
        *(f"encoder.layer.{n}.{part}" for n in (0, 1) for part in ("attention.output", "output")),
    ):
        made |= {f"{name}.LayerNorm.weight": torch.ones(width), f"{name}.LayerNorm.bias": torch.zeros(width)}
    return Network(made)


def _epoch(number: int) -> list[Example]:
    """The answer is the token 7; where there is none, there is no answer."""
    rows = []
    for n in range(120):
        body = [(n * k + number) % 6 + 10 for k in range(1, 9)]
        if n % 2:
            body[n % 8] = 7
        span = (4 + n % 8, 4 + n % 8) if n % 2 else (0, 0)
        rows.append(Example([0, 5, 2, 2, *body, 2], 4, span))
    return rows


@pytest.mark.model
def test_it_learns_and_a_stop_changes_nothing(tmp_path: Path) -> None:
    plan, told = Plan(epochs=6, rate=5e-3, tokens=130, dropout=0.1), list[str]()
    whole, stopped = _tiny(), _tiny()
    fit(whole, _epoch, plan, tmp_path / "whole.pt", "cpu", told.append)
    assert float(told[-1].split("loss ")[1].split(",")[0]) < 0.5 * float(told[0].split("loss ")[1].split(",")[0])

    def stop(line: str) -> None:
        if line.startswith("step 30 "):
            raise _StoppedError

    with pytest.raises(_StoppedError):
        fit(stopped, _epoch, plan, tmp_path / "stopped.pt", "cpu", stop, kept_every=0)
    again = _tiny()
    fit(again, _epoch, plan, tmp_path / "stopped.pt", "cpu", told.append)
    assert all(bool((again.weights[name] == tensor).all()) for name, tensor in whole.weights.items())


@pytest.mark.model
def test_lowest_layers_may_stay_as_they_are(tmp_path: Path) -> None:
    network, before = _tiny(), _tiny().weights
    fit(network, _epoch, Plan(tokens=130, frozen=1), tmp_path / "state.pt", "cpu", print)
    same = {name for name, tensor in network.weights.items() if bool((tensor == before[name]).all())}
    assert any(name.startswith("encoder.layer.0.") for name in same)
    assert not any(name.startswith("encoder.layer.1.") and name.endswith("dense.weight") for name in same)


@pytest.mark.model
def test_weights_are_what_they_were_after_being_written_and_read(tmp_path: Path) -> None:
    network = _tiny()
    save_weights(network.weights, tmp_path / "reader.safetensors")
    read = load_weights(tmp_path / "reader.safetensors")
    assert set(read) == set(network.weights) - set(EMBEDDINGS)
    for name, tensor in read.items():
        assert (
            float((tensor - network.weights[name]).abs().max()) <= float(network.weights[name].abs().max()) / 254 + 1e-6
        )
    assert set(parted(read)) > set()
