"""What the Linux kernel is told to refuse the process that reads files: a filter of its system calls (seccomp-bpf).

All is allowed but what stands here: a reader has no business with it, and what it might not expect to be refused
(memory, threads, clocks, reading) differs from one C library to the next. The numbers are those of
`asm/unistd_64.h` (x86-64) and `asm-generic/unistd.h` (aarch64); None where there is no such call.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

NEWEST = 450
"""The last system call that was gone through; what the kernel has learned since is not there for the process."""

# fmt: off
REFUSED = {
    # Anything that connects, here or elsewhere.
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
    # Another program, or another process of this one; `clone` is below, since threads are made by it.
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    # Other processes: their memory, files, signals, pace and namespaces.
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "kcmp": (312, 272), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "setpriority": (141, 140), "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119), "sched_setattr": (314, 274), "sched_setaffinity": (203, 122),
    "ioprio_set": (251, 30), "migrate_pages": (256, 238), "move_pages": (279, 239), "perf_event_open": (298, 241),
    "setns": (308, 268), "unshare": (272, 97),
    # What changes a file, its name or what is known of it; `open` is below, since reading goes through it.
    "creat": (85, None), "truncate": (76, 45), "ftruncate": (77, 46), "fallocate": (285, 47), "unlink": (87, None),
    "unlinkat": (263, 35), "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276), "mkdir": (83, None),
    "mkdirat": (258, 34), "rmdir": (84, None), "link": (86, None), "linkat": (265, 37), "symlink": (88, None),
    "symlinkat": (266, 36), "mknod": (133, None), "mknodat": (259, 33), "chmod": (90, None), "fchmod": (91, 52),
    "fchmodat": (268, 53), "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16), "flock": (73, 32), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "copy_file_range": (326, 285), "splice": (275, 76), "tee": (276, 77),
    "vmsplice": (278, 75), "sendfile": (40, 71), "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "sync": (162, 81), "syncfs": (306, 267),
    # Memory, messages and counters that processes share.
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "msgget": (68, 186), "msgsnd": (69, 189),
    "msgctl": (71, 187), "semget": (64, 190), "semop": (65, 193), "semctl": (66, 191), "mq_open": (240, 180),
    "mq_unlink": (241, 181), "mq_timedsend": (242, 182),
    # Parts of the kernel that reach far, have had many holes, and do nothing for a reader.
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "io_setup": (206, 0),
    "bpf": (321, 280), "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "userfaultfd": (323, 282), "fanotify_init": (300, 262), "modify_ldt": (154, None), "personality": (135, 92),
    "seccomp": (317, 277),
    # The machine and who one is on it.
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "move_mount": (429, 429),
    "open_tree": (428, 428), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fspick": (433, 433), "mount_setattr": (442, 442), "swapon": (167, 224), "swapoff": (168, 225),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "acct": (163, 89), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "reboot": (169, 142), "syslog": (103, 116), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "adjtimex": (159, 171), "clock_adjtime": (305, 266), "sethostname": (170, 161), "setdomainname": (171, 162),
    "vhangup": (153, 58), "ioperm": (173, None), "iopl": (172, None), "setuid": (105, 146), "setgid": (106, 144),
    "setreuid": (113, 145), "setregid": (114, 143), "setresuid": (117, 147), "setresgid": (119, 149),
    "setfsuid": (122, 151), "setfsgid": (123, 152), "setgroups": (116, 159), "capset": (126, 91),
}
PARTLY = {
    "open": (2, None), "openat": (257, 56), "openat2": (437, 437), "clone": (56, 220), "clone3": (435, 435),
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "prlimit64": (302, 261), "ioctl": (16, 29),
    "fcntl": (72, 25),
}
# fmt: on
"""Refused by what they are asked, see `_partly`."""

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""`os.uname().machine` -> its place in the tables, and what the kernel calls it (`linux/audit.h`)."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CLONE_THREAD = 0x10000
_PUSHING = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: keys into a terminal, which whoever sits there did not type
_OWNING = (0x8901, 0x8902)  # FIOSETOWN, SIOCSPGRP: have the kernel send a signal to another process
_OWNING_BY_FCNTL = (8, 15)  # F_SETOWN, F_SETOWN_EX: the same

# linux/filter.h and linux/seccomp.h
_LOAD, _EQUALS, _ABOVE, _HAS_BITS, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16


class _Step(NamedTuple):
    """An instruction: what it does, how many it skips where its test holds and where not, and with which value."""

    code: int
    if_so: int
    if_not: int
    value: int


def program(machine: str, process: int) -> bytes | None:
    """Return the filter for a process of this id on this machine, None for a machine that is not known here."""
    if machine not in _ARCHITECTURES:
        return None
    place, architecture = _ARCHITECTURES[machine]
    steps = [
        _load(_ARCHITECTURE),
        # 32-bit calls have other numbers; x32's are above `NEWEST`.
        *_unless(_EQUALS, architecture, [_return(_KILL)]),
        _load(_NUMBER),
        *_if(_ABOVE, NEWEST, [_fail(errno.ENOSYS)]),
    ]
    for numbers in REFUSED.values():
        if (number := numbers[place]) is not None:
            steps += _if(_EQUALS, number, [_fail(errno.EPERM)])
    for name, answer in _partly(process):
        if (number := PARTLY[name][place]) is not None:
            steps += _if(_EQUALS, number, answer)
    return b"".join(struct.pack("=HBBI", *step) for step in [*steps, _return(_ALLOW)])


def _partly(process: int) -> Iterator[tuple[str, list[_Step]]]:
    refuse, allow = _fail(errno.EPERM), _return(_ALLOW)
    yield "open", _asked(1, _HAS_BITS, [_WRITING], refuse, allow)
    yield "openat", _asked(2, _HAS_BITS, [_WRITING], refuse, allow)
    yield "clone", _asked(0, _HAS_BITS, [_CLONE_THREAD], allow, refuse)
    # What these ask stands in memory, where no filter looks; the C library goes on with `openat` and `clone`.
    yield "openat2", [_fail(errno.ENOSYS)]
    yield "clone3", [_fail(errno.ENOSYS)]
    # A program ends itself by a signal: out of memory, C++ does.
    for name in ("kill", "tkill", "tgkill"):
        yield name, _asked(0, _EQUALS, [process], allow, refuse)
    yield "prlimit64", _asked(0, _EQUALS, [0, process], allow, refuse)
    yield "ioctl", _asked(1, _EQUALS, [*_PUSHING, *_OWNING], refuse, allow)
    yield "fcntl", _asked(1, _EQUALS, _OWNING_BY_FCNTL, refuse, allow)


def _asked(argument: int, test: int, values: Sequence[int], if_so: _Step, if_not: _Step) -> list[_Step]:
    """Return what answers a call by one of its arguments, of which the lower half is looked at."""
    count = len(values)
    tests = [_Step(test, count - number, 0, value) for number, value in enumerate(values)]
    return [_load(_ARGUMENTS + 8 * argument), *tests, if_not, if_so]


def _if(test: int, value: int, then: list[_Step]) -> list[_Step]:
    return [_Step(test, 0, len(then), value), *then]


def _unless(test: int, value: int, then: list[_Step]) -> list[_Step]:
    return [_Step(test, len(then), 0, value), *then]


def _load(place: int) -> _Step:
    return _Step(_LOAD, 0, 0, place)


def _return(value: int) -> _Step:
    return _Step(_RETURN, 0, 0, value)


def _fail(error: int) -> _Step:
    return _return(_FAIL | error)
