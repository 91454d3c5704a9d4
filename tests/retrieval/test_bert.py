"""The default model without the libraries around it: the same tokens, vectors and digest as with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from corpus.user_folders import cache_folder
from retrieval.models import encoder as encoders
from retrieval.models.bert import Bert
from retrieval.models.bundled_model import bundled_model_folder
from retrieval.models.encoder import EncoderError, SentenceTransformerEncoder

ROOT = Path(__file__).parents[2]
TEXTS = [
    "Dyrektor ds. klienta odpowiada za doświadczenie klienta w całej firmie.",
    "客戶長向誰匯報？",
    "首席客户官负责客户战略，协调市场、销售和服务部门。" * 60,  # far more than the model reads
    "a <s> b </s> c <mask> d <pad> <unk>",
    "ABC ①Ⅳ ﬁ 🙂 ﷺ 𠮷",
    "",
    "  two  spaces ",
]


@pytest.mark.model
@pytest.mark.parametrize(("dtype", "least"), [("float32", 0.999999), ("bfloat16", 0.999)])
def test_it_encodes_as_sentence_transformers_does(dtype: str, least: float) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    folder = bundled_model_folder(cache_folder())
    theirs = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": getattr(torch, dtype)})
    theirs.prompts = {role: prompt for role, prompt in theirs.prompts.items() if prompt}
    ours = Bert.load(folder, dtype)
    assert encoders._digest(ours) == encoders._digest(theirs)
    for text in TEXTS:
        assert ours.tokenizer.encode(text).ids == theirs.tokenizer(text, truncation=True)["input_ids"]
    for way in ("encode_document", "encode_query"):
        one, other = (np.asarray(getattr(model, way)(TEXTS, batch_size=3), np.float32) for model in (ours, theirs))
        cosines = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
        assert cosines.min() >= least


@pytest.mark.model
def test_a_text_has_one_vector_whatever_stands_beside_it() -> None:
    model = Bert.load(bundled_model_folder(cache_folder()), "float32")
    together = model.encode_document(TEXTS, batch_size=len(TEXTS))
    alone = np.concatenate([model.encode_document([text], batch_size=8) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-5


@pytest.mark.process
def test_the_default_model_is_loaded_without_the_libraries_that_take_seconds() -> None:
    script = (
        "import sys\nfrom retrieval.models.encoder import SentenceTransformerEncoder as E\n"
        "print(E.load().encode_queries(['kot']).shape, {'transformers', 'sentence_transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.stdout == "(1, 384) set()\n", done.stderr


@pytest.mark.model
def test_a_damaged_default_model_is_an_error_of_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "bundled_model_folder", lambda cache: tmp_path)
    with pytest.raises(EncoderError, match=r"cannot load the model .*; remove that folder") as raised:
        SentenceTransformerEncoder.load()
    assert "\n" not in str(raised.value)
