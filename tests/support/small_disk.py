"""A real small disk: a program of ours in a namespace with a tmpfs of its own.

Nothing outside the child sees the disk, and it is gone with the child. Where
the system does not permit this, `permitted` says so and nothing is pretended.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

SUPPORT = Path(__file__).parent


@functools.cache
def permitted() -> bool:
    """Whether this user may mount a tmpfs in a namespace of their own."""
    try:
        tried = subprocess.run(
            ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt"],
            capture_output=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def on_small_disk(mount: Path, n_bytes: int, program: str, *given: object, timeout: float = 600):
    """What `program` (a file beside this one) prints as JSON; its first argument is the disk."""
    mount.mkdir(exist_ok=True)
    script = 'mount -t tmpfs -o size="$1" none "$2" && shift && exec "$PYTHON" "$PROGRAM" "$@"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-ec", script, "sh", str(n_bytes), str(mount), *map(str, given)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, "PYTHON": sys.executable, "PROGRAM": str(SUPPORT / program)},
    )
    if done.returncode != 0:
        raise AssertionError(f"{program} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)
