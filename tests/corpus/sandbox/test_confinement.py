"""The process that reads files, taken over: what code in it tries, through Python and past it, the kernel refuses."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

import pytest

from corpus.files.sources import SourceError
from corpus.readers import FileReader
from corpus.sandbox import confinement
from corpus.sandbox import parent as sandbox
from corpus.sandbox.parent import what_holds
from corpus.sandbox.system_calls import PARTLY, REFUSED, program
from tests.helpers import hostile

TRIES = {
    # Through Python.
    "truncate": "os.truncate(KEPT, 0)",
    "mkfifo": "os.mkfifo(FRESH)",
    "mkdir": "os.mkdir(FRESH)",
    "kill": "os.kill(os.getppid(), 0)",
    "environment of the parent": "open(f'/proc/{os.getppid()}/environ', 'rb').read()",
    "memory of the parent": "open(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
    "secret": "open(KEPT).read()",
    "passwords": "open('/etc/passwd').read()",
    "folder": "os.listdir(os.path.dirname(KEPT))",
    "write": "open(FRESH, 'w')",
    "memory file": "os.memfd_create('x')",
    "terminal": "os.open('/dev/tty', os.O_RDONLY)",
    "priority": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
    "affinity": "os.sched_setaffinity(os.getppid(), {0})",
    "limits of the parent": "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
    "signal by a file": "fcntl.fcntl(0, 8, os.getppid())",
    "more memory": "resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))",
    # Past it: by the C library, and by bare system calls where that one lets them through.
    "C socket": "done(libc.socket(2, 1, 0))",
    "C unix socket": "done(libc.socket(1, 1, 0))",
    "C socket pair": "done(libc.socketpair(1, 1, 0, ctypes.create_string_buffer(8)))",
    "C fork": "forked(libc.fork())",
    "C clone": "forked(libc.syscall(CLONE, 17, 0, 0, 0, 0))",
    "C clone3": "forked(libc.syscall(435, ctypes.create_string_buffer(88), 88))",
    "C system": "done(-libc.system(b'true'))",  # which returns a program's status
    "C execve": "done(libc.execve(b'/bin/true', 0, 0))",
    "C open to write": "done(libc.open(FRESH.encode(), os.O_WRONLY | os.O_CREAT, 0o600))",
    "C openat2": "done(libc.syscall(437, -100, FRESH.encode(), struct.pack('QQQ', 65, 0o600, 0), 24))",
    "C open to read": "done(libc.open(KEPT.encode(), 0))",
    "C unlink": "done(libc.unlink(KEPT.encode()))",
    "C rename": "done(libc.rename(KEPT.encode(), FRESH.encode()))",
    "C truncate": "done(libc.truncate(KEPT.encode(), 0))",
    "C mkfifo": "done(libc.mkfifo(FRESH.encode(), 0o600))",
    "C chmod": "done(libc.chmod(KEPT.encode(), 0o777))",
    "C chown": "done(libc.chown(KEPT.encode(), 65534, 65534))",
    "C symlink": "done(libc.symlink(KEPT.encode(), FRESH.encode()))",
    "C link": "done(libc.link(KEPT.encode(), FRESH.encode()))",
    "C utimes": "done(libc.utimes(KEPT.encode(), None))",
    "C kill": "done(libc.kill(os.getppid(), 0))",
    "C kill all": "done(libc.kill(-1, 0))",
    "C memory of the parent": "done(libc.process_vm_readv(os.getppid(), 0, 0, 0, 0, 0))",
    "C ptrace": "done(libc.ptrace(16, os.getppid(), 0, 0))",
    "C pidfd": "done(libc.syscall(434, os.getppid(), 0))",
    "C io_uring": "done(libc.syscall(425, 1, ctypes.create_string_buffer(120)))",
    "C mount": "done(libc.mount(b'none', b'/', b'tmpfs', 0, 0))",
    "C user namespace": "done(libc.unshare(0x10000000))",
    "C typing": "done(libc.ioctl(0, 0x5412, b'x'))",
    "C shared memory": "done(libc.shmget(0, 4096, 0o1600))",
    "C x32": "done(libc.syscall(0x40000000 + 39))",
    "C call to come": "done(libc.syscall(451, 0, 0, 0, 0))",
}  # fmt: skip
HARMLESS = {
    "thread": "t = threading.Thread(target=print); t.start(); t.join()",
    "own signal": "done(libc.kill(os.getpid(), 0))",
    "library": "open(os.__file__).read()",
    "clock": "time.sleep(0.001)",
    "temporary memory": "bytearray(10_000_000)",
    "later import": "import xml.dom.minidom, sqlite3, wave",
}
TAKEN_OVER = """
import ctypes, fcntl, os, resource, struct, threading, time
KEPT, FRESH, CLONE = {kept!r}, {fresh!r}, {clone}
libc = ctypes.CDLL(None, use_errno=True)
def done(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), 'refused')
def forked(result):
    if result == 0:
        os._exit(0)
    done(result)
def could(code):
    try:
        exec(code, globals())
    except (OSError, ValueError):
        return False
    return True
def Document(*_):
    wrong = [name for name, code in {tries!r}.items() if could(code)]
    wrong += [name for name, code in {harmless!r}.items() if not could(code)]
    raise SystemError(f'wrong: {{wrong}}')
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a Linux kernel")
def test_a_process_that_was_taken_over_can_do_nothing_to_the_machine_nor_read_what_is_not_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lacking := confinement.unheld(what_holds()):
        pytest.skip(f"needs a Linux kernel with Landlock and seccomp; this one lets it {lacking[0]}")
    (tmp_path / "planted").mkdir()
    (tmp_path / "secret").mkdir()
    kept = tmp_path / "secret" / "kept"
    kept.write_text("kept")
    clone = PARTLY["clone"][os.uname().machine == "aarch64"]
    code = TAKEN_OVER.format(
        kept=str(kept), fresh=str(kept.with_name("fresh")), clone=clone, tries=TRIES, harmless=HARMLESS
    )
    # A library by another hand: python-docx.
    (tmp_path / "planted" / "docx.py").write_text(code)
    (tmp_path / "a.docx").write_bytes(hostile.zipped({"[Content_Types].xml": ""}))
    monkeypatch.syspath_prepend(str(tmp_path / "planted"))
    with FileReader() as fresh, pytest.raises(SourceError, match=r"SystemError: wrong: \[\]"):
        fresh.read(tmp_path / "a.docx")
    assert os.listdir(kept.parent) == ["kept"]
    assert kept.read_text() == "kept"


def test_the_process_is_told_nothing_of_the_environment_but_where_python_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCO_LLM_API_KEY", "secret")
    for name in ("HOME", "USER", "SSH_AUTH_SOCK", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "secret")
    given = dict[str, str]()

    def started(*_: object, env: dict[str, str], **__: object) -> None:
        given.update(env)
        raise OSError("not now")

    monkeypatch.setattr(sandbox.subprocess, "Popen", started)
    with pytest.raises(OSError, match="not now"):
        what_holds()
    assert "secret" not in given.values()
    assert set(given) <= {*sandbox._INHERITED, *sandbox._OWN}


def test_a_system_that_refuses_less_is_said_to(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert confinement.unheld(()) == list(confinement.MEASURES.values())
    assert confinement.unheld(tuple(confinement.MEASURES)) == []
    sandbox._tell_once.cache_clear()
    for _ in range(2):
        sandbox._tell("linux", ("connect", "start", "signal", "write", "memory"))
    assert [record.message for record in caplog.records] == [
        "the kernel of this system does not keep the process that reads files from this: "
        "read files but those of Python and its libraries"
    ]


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_refuses_what_its_tables_name_and_nothing_else(machine: str) -> None:
    written = program(machine, 4321)
    assert written is not None
    place = machine == "aarch64"
    architecture = 0xC00000B7 if place else 0xC000003E
    refused = {numbers[place] for numbers in REFUSED.values()} - {None}
    partly = {numbers[place]: name for name, numbers in PARTLY.items() if numbers[place] is not None}
    assert not refused & set(partly)
    for number in set(range(500)) - set(partly):
        wanted = ENOSYS if number > 450 else EPERM if number in refused else ALLOWED
        assert answer(written, number, architecture) == wanted, number
    assert answer(written, 0x40000000, architecture) == ENOSYS
    assert answer(written, 0, 0x40000003) == KILLED
    for number, name in partly.items():
        for arguments, wanted in PARTS[name]:
            assert answer(written, number, architecture, *arguments) == wanted, (name, arguments)


def test_a_machine_without_a_table_has_no_filter() -> None:
    assert program("riscv64", 1) is None


ALLOWED, KILLED, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x50001, 0x50026
PARTS: dict[str, list[tuple[tuple[int, ...], int]]] = {
    "open": [((1, os.O_RDONLY), ALLOWED), ((1, os.O_WRONLY), EPERM), ((1, os.O_CREAT), EPERM)],
    "openat": [((1, 1, os.O_RDONLY), ALLOWED), ((1, 1, os.O_RDWR), EPERM), ((1, 1, os.O_TRUNC), EPERM)],
    "openat2": [((1, 1, 1), ENOSYS)],
    "clone": [((0x3D0F00,), ALLOWED), ((17,), EPERM)],  # a thread of the C library's, and a fork of its
    "clone3": [((1, 88), ENOSYS)],
    "kill": [((4321, 6), ALLOWED), ((4320, 0), EPERM), ((2**32 - 1, 9), EPERM), ((0, 9), EPERM)],
    "tkill": [((4321, 6), ALLOWED), ((1, 6), EPERM)],
    "tgkill": [((4321, 4325, 6), ALLOWED), ((1, 1, 6), EPERM)],
    "prlimit64": [((0, 7), ALLOWED), ((4321, 7), ALLOWED), ((1, 7), EPERM)],
    "ioctl": [((0, 0x5401), ALLOWED), ((0, 0x5412), EPERM), ((0, 0x541C), EPERM), ((0, 0x8901), EPERM)],
    "fcntl": [((0, 1), ALLOWED), ((0, 8), EPERM), ((0, 15), EPERM)],
}


def answer(written: bytes, number: int, architecture: int, *arguments: int) -> int:
    """Run a filter as the kernel does; return what it says to a call."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    steps, place, held = list(struct.iter_unpack("=HBBI", written)), 0, 0
    while True:
        code, if_so, if_not, value = steps[place]
        place += 1
        if code == 0x20:
            (held,) = struct.unpack_from("=I", data, value)
        elif code == 0x06:
            return int(value)
        else:
            holds = {0x15: held == value, 0x25: held > value, 0x45: bool(held & value)}[code]
            place += if_so if holds else if_not
