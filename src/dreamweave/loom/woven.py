"""Woven: what comes out of weaving, for everybody and for the host alone.

Values only. Built by `loom.weaving` (and `loom.showing`), read by whoever writes
files, draws or weaves again.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.accounts import Choice
from dreamweave.loom.carrying import Carrying
from dreamweave.model.weaves import Weave

Bytes = NDArray[np.int8]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Readings:
    """What the reader made of fragments and of single words, to be woven from again.

    `fragments` maps a fragment's id to its row; `words` maps (word, language).
    """

    fragments: Mapping[str, Bytes] = field(repr=False)
    words: Mapping[tuple[str, str], Bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """An earlier weaving to heal rather than to choose afresh, in terms that survive it.

    `candidates` are (text as merged, in the order they were numbered) fragment ids, one
    tuple a candidate; `tellers` are the callers' names, in their numbering.
    """

    choice: Choice
    candidates: tuple[tuple[str, ...], ...]
    tellers: tuple[Hashable, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Woven:
    """A weave, and beside it what only its host may know.

    Attributes:
        weave: what may be shared.
        tellers: (n) the caller's own names, in the numbering used here.
        teller_of_thread: one a thread.
        reports_of_thread: the caller's report numbers, one tuple a thread.
        candidate: (m,) the candidate of each fragment.
        fragment_of: the fragment that stands for each candidate.
        said, denied: (candidate, teller) pairs.
        carrying, choice, cap: what was weighed, and what came of it.
        line_of: for each line of `choice`, its place in `weave.lines`.
        chorus_of: for each chorus row of `choice`, its place in `weave.chorus`.
        grain: what amounts in `weave` are rounded to, in units.
    """

    weave: Weave
    tellers: tuple[Hashable, ...]
    teller_of_thread: tuple[int, ...]
    reports_of_thread: tuple[tuple[int, ...], ...]
    candidate: Ints
    fragment_of: tuple[int, ...]
    said: frozenset[tuple[int, int]]
    denied: frozenset[tuple[int, int]]
    carrying: Carrying
    choice: Choice
    cap: int | None
    line_of: tuple[int, ...]
    chorus_of: tuple[int, ...]
    grain: int

    def before(self) -> Before:
        """This weaving, as a later one can heal it."""
        held: list[list[str]] = [[] for _ in self.fragment_of]
        for fragment, candidate in zip(self.weave.fragments, self.candidate.tolist(), strict=True):
            held[candidate].append(fragment.id)
        return Before(self.choice, tuple(map(tuple, held)), self.tellers)
