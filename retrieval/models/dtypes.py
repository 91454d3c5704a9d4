"""Which numbers a model computes with, so that every machine gives the same answers."""

from __future__ import annotations

from typing import Literal, get_args

Dtype = Literal["auto", "float32", "bfloat16"]
"""`auto` is `float32` everywhere: what a processor could do faster would move ranks and confidences from one machine to
the next (`benchmarks/encoding.py`)."""

DTYPES: tuple[Dtype, ...] = get_args(Dtype)


def resolved(dtype: Dtype) -> str:
    """Return the name, in torch, of what `dtype` stands for."""
    return "float32" if dtype == "auto" else dtype
