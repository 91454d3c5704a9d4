"""The second stage: a small cross-encoder that the tests make themselves puts the first hits in order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from corpus.text.normalize import encoder_form
from kb.knowledge_base import KnowledgeBase
from kb.settings.schema import RerankerSettings, Settings
from retrieval.index.reranking import CrossEncoderReranker, reranked
from retrieval.index.snapshot import Hit
from retrieval.models.encoder import EncoderError
from tests.helpers.fakes import FakeEncoder, animal_documents

pytestmark = pytest.mark.model

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    *"猫狗喜欢睡觉散步每天十六个小时两次",
    "ryby",
    "birds",
    "sing",
    "?",
]


def save_cross_encoder(folder: Path, outputs: int) -> Path:
    """Write a small random cross-encoder as sentence-transformers does; return its folder."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    torch.manual_seed(0)
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(vocab_size=len(WORDS), num_labels=outputs, initializer_range=0.5, **size)
    BertForSequenceClassification(config).save_pretrained(folder / "bert")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    CrossEncoder(str(folder / "bert"), device="cpu").save(str(folder / "model"))
    return folder / "model"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, torch: ModuleType) -> Path:
    return save_cross_encoder(tmp_path_factory.mktemp("cross") / "one", outputs=1)


def base(tmp_path: Path, **reranker: object) -> KnowledgeBase:
    settings = Settings(index=tmp_path / "index", reranker=RerankerSettings(**reranker))  # type: ignore[arg-type]
    return KnowledgeBase.of_documents(animal_documents(), settings=settings, encoder=FakeEncoder())


def found(hits: Sequence[Hit]) -> list[str]:
    return [hit.passage.document_id for hit in hits]


def test_the_hits_come_in_the_order_of_the_cross_encoder(folder: Path, tmp_path: Path) -> None:
    from sentence_transformers import CrossEncoder

    question = "狗喜歡散步?"
    first = base(tmp_path / "first").search(question, 4)
    second = base(tmp_path / "second", model=str(folder)).search(question, 4)
    pairs = [(encoder_form(question), encoder_form(hit.passage.text)) for hit in first]
    scores = CrossEncoder(str(folder), device="cpu").predict(pairs)
    wanted = [found(first)[place] for place in np.argsort(-scores, kind="stable")]
    assert found(second) == wanted != found(first)
    assert [hit.reranked for hit in second] == pytest.approx(sorted(map(float, scores), reverse=True), abs=1e-5)
    assert [hit.score for hit in second] == [hit.score for hit in first]
    assert all(hit.reranked is None for hit in first)


def test_only_the_first_hits_are_read_again(folder: Path, tmp_path: Path) -> None:
    first = base(tmp_path / "first").search("狗喜歡散步?", 4)
    second = base(tmp_path / "second", model=str(folder), depth=2).search("狗喜歡散步?", 4)
    assert set(found(second)[:2]) == set(found(first)[:2])
    assert found(second)[2:] == found(first)[2:]
    assert [hit.reranked is None for hit in second] == [False, False, True, True]


def test_answers_are_taken_from_the_second_stages_hits(folder: Path, tmp_path: Path) -> None:
    opened = base(tmp_path, model=str(folder))
    assert found(opened.ask("狗喜歡散步?", k=4).hits) == found(opened.search("狗喜歡散步?", 4))


def test_ties_stay_as_they_stood(tmp_path: Path) -> None:
    class Undecided:
        name = "undecided"

        def scores(self, question: str, texts: Sequence[str]) -> np.ndarray:
            return np.zeros(len(texts), np.float32)

    hits = base(tmp_path).search("狗", 4)
    assert found(reranked(hits, "狗", Undecided(), 3)) == found(hits)
    assert reranked([], "狗", Undecided(), 3) == []


@pytest.mark.model
def test_a_model_that_cannot_rank_is_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="2 outputs, expected one score"):
        CrossEncoderReranker(str(save_cross_encoder(tmp_path / "two", outputs=2)))
    for folder in ("none", "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(EncoderError, match=r"cannot load the model .*--reranker") as error:
            CrossEncoderReranker(str(tmp_path / folder))
    assert "\n" not in str(error.value)
