"""A process kept, for good, from what reading a file does not take: by the kernel on Linux, else by Python alone.

Python's own watch (`sys.addaudithook`) sees what Python code does, everywhere; whoever runs code of his own in a
library written in C goes past it, and then the kernel's measures are what holds. They need no rights: Landlock for
files (Linux 5.13), a filter of system calls (`corpus.sandbox.system_calls`), no new rights by any program, and limits.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import struct
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus.limits import Limits
from corpus.sandbox.system_calls import PARTLY, REFUSED, program

MEASURES: Mapping[str, str] = {
    "connect": "connect to anything",
    "start": "start another process",
    "signal": "signal another process",
    "write": "write, rename or remove a file",
    "read": "read files but those of Python and its libraries",
    "memory": "take more memory than it may",
}
"""What the process cannot do where the kernel holds it -> in words."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FORBIDDEN = (
    "socket.", "subprocess.", "shutil.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system",
    "os.startfile", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.chown",
    "os.truncate", "os.utime", "os.kill", "os.setxattr", "os.removexattr",
)  # fmt: skip
"""How Python's names begin for what is refused."""

_PR_SET_NO_NEW_PRIVS, _SET_MODE_FILTER, _FILTER_ALL_THREADS = 38, 1, 1
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every machine
_VERSION, _PATH_BENEATH, _READ_FILE, _READ_FOLDER = 1, 1, 1 << 2, 1 << 3
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""Version of Landlock -> how many rights over files it knows, 16 in later ones: all are taken, two given back."""
_CAPABILITIES_3, _READS_ANYTHING = 0x20080522, 1 << 2
_SYSTEM_LIBRARIES = (
    "/usr", "/lib", "/lib64", "/nix/store", "/etc/ld.so.cache", "/etc/ssl/openssl.cnf", "/dev/null", "/dev/urandom",
)  # fmt: skip
"""Where libraries lie that one of Python's loads at first use, and what these read then."""


def confine(limits: Limits) -> tuple[str, ...]:
    """Limit this process; return which of `MEASURES` the kernel holds it to, as trying shows."""
    sys.addaudithook(_refuse)
    _limit(limits)
    if not sys.platform.startswith("linux"):
        return ()
    library, alone = ctypes.CDLL(None, use_errno=True), _is_alone()
    library.prctl(_PR_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0)))
    _restrict_files(library, _readable())
    _drop_capabilities(library)
    _filter_calls(library)
    held = _tried(library)
    # Landlock holds for the thread that asked for it alone, and a library may have started others before.
    held["read"] = alone and not any(map(_opens, ("/", f"/proc/{os.getppid()}/environ")))
    held["memory"] = not _takes(limits.memory_megabytes * 1_000_000)
    return tuple(name for name in MEASURES if held.get(name))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    writing = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
    if writing or event.startswith(_FORBIDDEN):
        raise PermissionError(f"a file that is read may not do this: {event}")


def _limit(limits: Limits) -> None:
    """Set limits on memory, and on what is written and open."""
    try:
        import resource
    except ImportError:  # Windows
        return
    memory = limits.memory_megabytes * 1_000_000
    for kind, most in (("AS", memory), ("FSIZE", 0), ("CORE", 0), ("NOFILE", 64)):
        number = getattr(resource, f"RLIMIT_{kind}")
        hard = resource.getrlimit(number)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(number, (most, most))


def _readable() -> list[Path]:
    """Return the folders and files that are needed to load a library at its first use, and no others."""
    here = Path(__file__).resolve().parents[1]
    # The folder that this package lies in holds other things too, unless it is one of installed packages.
    own = here.parent if any(here.parent.glob("*.dist-info")) else here
    entries = (own if Path(entry).resolve() == here.parent else Path(entry) for entry in sys.path if entry)
    return [own, *entries, *map(Path, (sys.prefix, sys.base_prefix, *_SYSTEM_LIBRARIES))]


def _restrict_files(library: Any, readable: Iterable[Path]) -> None:
    """Leave this process nothing of all files but to read these, and nothing of processes outside, by Landlock."""
    version = library.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    if version < 1:
        return
    rights = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    taken = [rights, *([0b11] if version >= 4 else []), *([0b11] if version >= 6 else [])]  # network, other processes
    asked = struct.pack(f"={len(taken)}Q", *taken)
    rules = library.syscall(_CREATE_RULESET, asked, ctypes.c_size_t(len(asked)), ctypes.c_uint32(0))
    if rules < 0:
        return
    for path in readable:
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        given = _READ_FILE | (_READ_FOLDER if path.is_dir() else 0)
        rule = struct.pack("=Qi", given, opened)
        library.syscall(_ADD_RULE, rules, ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0))
        os.close(opened)
    library.syscall(_RESTRICT_SELF, rules, ctypes.c_uint32(0))
    os.close(rules)


def _drop_capabilities(library: Any) -> None:
    """Give up all that root may do but read what is not its own, which its libraries may be."""
    header = struct.pack("=Ii", _CAPABILITIES_3, 0)
    held = ctypes.create_string_buffer(24)
    if library.capget(header, held) == 0:
        effective, permitted, *_ = struct.unpack("=6I", held.raw)
        library.capset(header, struct.pack("=6I", effective & _READS_ANYTHING, permitted & _READS_ANYTHING, 0, 0, 0, 0))


def _filter_calls(library: Any) -> None:
    written = program(os.uname().machine, os.getpid())
    if written is None or sys.maxsize < 2**32:
        return
    steps = ctypes.create_string_buffer(written, len(written))
    asked = struct.pack("@HP", len(written) // 8, ctypes.addressof(steps))
    library.syscall(
        ctypes.c_long(_number("seccomp")), ctypes.c_uint(_SET_MODE_FILTER), ctypes.c_uint(_FILTER_ALL_THREADS), asked
    )


def _number(call: str) -> int:
    return int({**REFUSED, **PARTLY}[call][os.uname().machine == "aarch64"] or 0)


def _tried(library: Any) -> dict[str, bool]:
    """Try each thing as code in a library would, in a way that does nothing where it is let."""
    if program(os.uname().machine, os.getpid()) is None:
        return {}
    name = ctypes.create_string_buffer(b"\0")  # which no file has
    nowhere, here = ctypes.addressof(name), -100

    def refused(call: str, *arguments: Any) -> bool:
        result = library.syscall(ctypes.c_long(_number(call)), *map(ctypes.c_long, arguments), ctypes.c_long(0))
        error = ctypes.get_errno()
        if result >= 0 and call == "socket":
            os.close(result)
        return bool(result < 0 and error == errno.EPERM)

    return {
        "connect": refused("socket", 2, 1, 0),
        # Two flags that go ill together: the kernel itself says that they are wrong.
        "start": refused("clone", 0x200 | 0x20000, 0, 0, 0) and refused("execve", nowhere, 0, 0),
        "signal": refused("kill", os.getppid(), 0),
        "write": refused("openat", here, nowhere, os.O_WRONLY) and refused("unlinkat", here, nowhere, 0),
    }


def _is_alone() -> bool:
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def _opens(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        return False
    return True


def _takes(memory: int) -> bool:
    try:
        mmap.mmap(-1, memory).close()  # asked for, not filled
    except OSError:
        return False
    return True


def unheld(held: Sequence[str]) -> list[str]:
    """Return in words what the kernel does not keep the process from."""
    return [words for name, words in MEASURES.items() if name not in held]
