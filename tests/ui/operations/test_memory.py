"""Memory that is free goes back to the system."""

from __future__ import annotations

import ctypes
import os
import platform
import time

import pytest

from benchmarks.hostile_checks import held_by
from ui.operations import memory

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives back what is in the midst")


def leave_holes() -> list[ctypes.Array[ctypes.c_char]]:
    """Take 120 MB, let go of most of it, and return what still stands between."""
    taken = [ctypes.create_string_buffer(b"x" * 60_000) for _ in range(2_000)]
    return taken[::40]


@glibc
def test_what_is_free_between_what_is_in_use_is_given_back() -> None:
    left = leave_holes()
    before = held_by(os.getpid())
    assert memory.give_back()
    assert before - held_by(os.getpid()) > 60e6 and len(left) == 50


@glibc
def test_it_is_given_back_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []
    monkeypatch.setattr(memory, "PAUSE", 0.01)
    monkeypatch.setattr(memory, "give_back", lambda: given.append(time.monotonic()))
    memory.give_back_now_and_then()
    until = time.monotonic() + 10
    while len(given) < 3:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_elsewhere_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    assert not memory.give_back()
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert not memory.give_back()
