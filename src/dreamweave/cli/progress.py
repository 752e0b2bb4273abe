"""Progress: how far a weaving is, on standard error and nowhere else.

One line that is written over where somebody watches; a plain line every few
seconds where the output goes to a file; nothing when it was asked to be quiet.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

# What the steps are called, for people.
STEPS = {
    "cut": "cutting",
    "read": "reading",
    "carry": "finding who is carried",
    "choose": "choosing lines",
    "group": "finding shared images",
    "motifs": "finding shared images",
    "order": "putting in order",
    "check": "checking",
    "prove": "proving",
    "draw": "drawing",
}

WATCHED_S = 0.1
UNWATCHED_S = 5.0
BAR_CHARS = 24


class Progress:
    """Callable as (step, done, of); also usable in `with`, which leaves a clean line behind."""

    def __init__(
        self,
        *,
        quiet: bool = False,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._quiet = quiet
        self._clock = clock
        self._watched = not quiet and self._stream.isatty()
        # A line in a log waits its turn; somebody who watches sees the first step at once.
        self._next = float("-inf") if self._watched else clock() + UNWATCHED_S
        self._step = ""
        self._drawn = 0

    def __call__(self, step: str, done: int, of: int) -> None:
        if self._quiet:
            return
        now = self._clock()
        # A new step is news; the same one is shown now and then.
        if now < self._next and not (self._watched and step != self._step):
            return
        self._step = step
        self._next = now + (WATCHED_S if self._watched else UNWATCHED_S)
        what = STEPS.get(step, step)
        share = min(1.0, done / of) if of > 0 else 0.0
        if self._watched:
            full = round(share * BAR_CHARS)
            bar = f" [{'#' * full}{'.' * (BAR_CHARS - full)}] {done:,}/{of:,}"
            # A step that cannot say how far it is has no bar to show.
            line = what.capitalize() + (bar if of > 1 else " ...")
            self._write("\r" + line.ljust(self._drawn))
            self._drawn = len(line)
        else:
            self._write(what.capitalize() + (f": {done:,} of {of:,}.\n" if of > 1 else ".\n"))

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._drawn:
            self._write("\r" + " " * self._drawn + "\r")
            self._drawn = 0

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            # Nobody reads it any more; the weaving goes on.
            self._quiet = True
