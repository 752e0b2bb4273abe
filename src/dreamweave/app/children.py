"""Children: processes beside the server that are given words, and what they are held to.

Words go in by standard input and come out by standard output, and stand in no
argument, variable, file or log. A child that takes too long or says too much is
ended with all it started. What it may use while it runs is `bounded`'s.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Thread

_CHUNK = 64 << 10
# What a program needs to run at all; everything else of ours is none of its business.
_KEPT = ("PATH", "PYTHONPATH", "SYSTEMROOT", "VIRTUAL_ENV", "HOME")


class ChildLate(Exception):
    """It did not finish in time."""


class ChildLoud(Exception):
    """It said more than it may."""


class ChildBroken(Exception):
    """It could not be started, or ended with a failure."""


def of_ours(module: str, *words: str) -> list[str]:
    """The command that runs a module of this package, and nothing that lies in the way."""
    return [sys.executable, "-P", "-m", module, *words]


def started(
    command: Sequence[str], env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """A child that waits for what it is given. Raises ChildBroken."""
    held = {name: os.environ[name] for name in _KEPT if name in os.environ}
    held |= {
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        **(env or {}),
    }
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=held,
            cwd="/" if os.name == "posix" else None,
            start_new_session=os.name == "posix",
        )
    except (OSError, ValueError):
        raise ChildBroken from None


def run(
    command: Sequence[str],
    given: bytes,
    *,
    seconds: float,
    out_bytes_max: int,
    env: Mapping[str, str] | None = None,
) -> bytes:
    """Give `given` to a child; all it said.

    Raises:
        ChildLate, ChildLoud, ChildBroken: and then it is gone, with all it started.
    """
    child = started(command, env)
    said = bytearray()
    with child:
        try:
            speaking = Thread(target=_speak, args=(child, given), daemon=True)
            listening = Thread(target=_listen, args=(child, said, out_bytes_max), daemon=True)
            speaking.start()
            listening.start()
            listening.join(seconds)
            if len(said) > out_bytes_max:
                raise ChildLoud
            if listening.is_alive():
                raise ChildLate
            try:
                child.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                raise ChildLate from None
        finally:
            end(child)
    if child.returncode != 0:
        raise ChildBroken
    return bytes(said)


def _speak(child: subprocess.Popen[bytes], given: bytes) -> None:
    assert child.stdin is not None
    with suppress(OSError, ValueError):  # it may have heard enough
        child.stdin.write(given)
        child.stdin.close()


def _listen(child: subprocess.Popen[bytes], said: bytearray, most: int) -> None:
    assert child.stdout is not None
    with suppress(OSError, ValueError):
        while len(said) <= most and (part := child.stdout.read1(_CHUNK)):  # type: ignore[attr-defined]
            said += part


def end(child: subprocess.Popen[bytes]) -> None:
    """End the child and all it started, if they have not ended."""
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
        elif child.poll() is None:
            child.kill()
    with suppress(subprocess.TimeoutExpired):
        child.wait(timeout=5)
