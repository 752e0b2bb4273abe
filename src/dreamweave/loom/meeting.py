"""Meeting: passages for every thread, and for each fragment the image in which it meets most.

A fragment often names more than one image. Which one it is drawn with is settled
here, by company; what it is mostly about was settled in `loom.motifs`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.motifs import FoundMotif
from dreamweave.loom.passages import PassagesResult, passages
from dreamweave.loom.telling import Told

Bytes = NDArray[np.int8]
Ints = NDArray[np.int64]

# How often fragments that name several images may change their mind. After two
# rounds hardly anybody did, on the invented Circle and on 24 real dreamers.
_MINDS = 3


def led_to_meet(
    line_order: Ints,
    told: Told,
    motif: Ints,
    found: Sequence[FoundMotif],
    teller_of_thread: Ints,
    vectors: Bytes,
) -> tuple[PassagesResult, Ints]:
    """Passages, and the motif of each fragment: of the images it names, the one with most company.

    What a fragment is mostly about stands first among equals. Returned is the
    round in which most dreamers met.
    """
    names: dict[int, list[int]] = {}
    for i, one in enumerate(found):
        for at in (*one.fragments, *one.also):
            names.setdefault(at, []).append(i)
    dreamer = teller_of_thread[told.thread].tolist()
    best: tuple[int, PassagesResult, Ints] | None = None
    for _ in range(_MINDS):
        led = passages(line_order, told.thread, told.place, motif, teller_of_thread, vectors)
        at_passage = led.passage_of_fragment.tolist()
        meeting: dict[tuple[int, int], set[int]] = {}
        for at, held in names.items():
            for i in held:
                meeting.setdefault((at_passage[at], i), set()).add(dreamer[at])
        drawn: dict[tuple[int, int], set[int]] = {}
        for at in names:
            drawn.setdefault((at_passage[at], int(motif[at])), set()).add(dreamer[at])
        met = sum(len(who) ** 2 for who in drawn.values() if len(who) > 1)
        if best is None or met > best[0]:
            best = (met, led, motif)
        changed = motif.copy()
        for at, held in names.items():
            here = at_passage[at]
            company = [(len(meeting[here, i]), i == motif[at], -i) for i in held]
            changed[at] = held[company.index(max(company))]
        if np.array_equal(changed, motif):
            break
        motif = changed
    assert best is not None
    return best[1], best[2]
