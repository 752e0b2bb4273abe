"""Bounded: what a process beside the server may use, set in the process itself before it begins.

    python -m dreamweave.app.bounded --memory BYTES --cpu SECONDS -- COMMAND ...

Memory and time have an end; no file may grow, so that no word reaches a disk
by way of a temporary file or a core dump; and where the system permits it, no
network is there at all. Starting and ending such processes is `children`'s.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

MEMORY_BYTES_MAX = 3 << 30
CPU_S_MAX = 300

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000


def bound(memory_bytes: int = MEMORY_BYTES_MAX, cpu_s: int = CPU_S_MAX) -> None:
    """Bound this process and all it starts."""
    try:
        import resource
    except ImportError:  # not on Windows; the caller's clock still runs
        return
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),  # a core dump would be everything at once
    ):
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def cut_network() -> bool:
    """Leave this process without a network; whether the system permitted it (Linux).

    For a process with one thread, before it does anything else.
    """
    if sys.platform != "linux":
        return False
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_NET) == 0:  # whoever may, needs no more
        return True
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEW_USER | _NEW_NET) != 0:
        return False
    # Inside a user namespace of its own a process is nobody until it says who it was outside.
    with suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    return True


def main(words: list[str]) -> int:
    """Bound, then become the command."""
    memory, cpu = MEMORY_BYTES_MAX, CPU_S_MAX
    while words and words[0] != "--":
        name, value, *words = words
        memory, cpu = (int(value), cpu) if name == "--memory" else (memory, int(value))
    command = words[1:]
    cut_network()
    bound(memory, cpu)
    try:
        os.execvp(command[0], command)
    except OSError:
        return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
