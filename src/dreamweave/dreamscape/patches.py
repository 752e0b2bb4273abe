"""Patches: the bit of cloth woven where strands meet.

Each drawn knot gets wefts, short strokes that pass over one strand and under
the next, so that the place looks woven and not joined. A knot that one of its
people made firm is woven closely; one found by likeness alone is a looser cloth, of
fewer and thinner wefts.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.crescent import Sheet, per_u, point, thick
from dreamweave.dreamscape.storyline import Ints
from dreamweave.dreamscape.strands import Meet
from dreamweave.model.reports import FEELINGS
from dreamweave.model.weaves import Weave

Floats = NDArray[np.float64]

# Past so many strokes the wefts lie further apart: nobody counts them, every phone sends them.
_WEFTS_MAX = 3_000
_LOOSE = 1.4  # how much further apart the wefts of a light knot lie
_FLOAT = 0.67  # half a weft's length, of the gap between two strands


def half_length(n: int, n_passages: int) -> float:
    """Half a patch's length along u: longer with more strands, never near the next passage."""
    room = 0.34 * 0.75 / max(1, n_passages - 1)
    return round(min(0.0102 + 0.0009 * min(n, 20), max(room, 0.0015)), 6)


def member_feelings(weave: Weave, meet: Meet, of_thread: Ints) -> list[int]:
    """The feeling each strand of a knot brings to it, commonest first; -1 where none was said."""
    felt: dict[int, Counter[int]] = {s: Counter() for s in meet.strands}
    for k in meet.knots:
        for f in weave.knots[k].fragments:
            fragment = weave.fragments[f]
            strand = int(of_thread[fragment.thread_i])
            if fragment.feeling is not None and strand in felt:
                felt[strand][FEELINGS.index(fragment.feeling)] += 1
    return [min(felt[s], key=lambda e: (-felt[s][e], e), default=-1) for s in meet.strands]


def wefts(
    sheet: Sheet,
    meets: list[tuple[Meet, list[int], list[int]]],
    u_of: Floats,
    n_passages: int,
    v: Floats,
    u: Floats,
    gap: float,
    width: float,
) -> list[list[int]]:
    """Strokes [x0, y0, x1, y1, feeling or -1, knot, firm], in tenths of a design unit.

    Args:
        meets: Drawn knots, each with its members' feelings and its members, in lane order.
        u_of: (T,) where passages sit.
        v: (n, len(u)) the strands' v at the samples `u`.
        gap: Design units between two strands of a knot at full thickness.
        width: A strand's own width; a float is never shorter than that needs.
    """
    strokes: list[list[int]] = []
    asked = sum(
        2 * half_length(len(m.strands), n_passages) * 1800 / sheet.pitch * len(m.strands) / 2
        for m, _, _ in meets
    )
    spread = max(1.0, asked / _WEFTS_MAX)
    for g, (meet, feelings, members) in enumerate(meets):
        centre = float(u_of[meet.passage])
        half = half_length(len(meet.strands), n_passages)
        mid = float(np.mean([np.interp(centre, u, v[s]) for s in members]))
        length = 2 * half * float(per_u(sheet, np.array(centre), np.array(mid)))
        pitch = sheet.pitch * spread * (1.0 if meet.firm else _LOOSE) * max(1.0, width / 7)
        n_wefts = max(3, round(length / pitch))
        at = centre + half * (2 * np.arange(n_wefts + 1) / n_wefts - 1)
        floats = max(_FLOAT * gap, 0.72 * width) * (1.0 if meet.firm else 0.94)
        for j, s in enumerate(members):
            over = np.arange(j % 2, n_wefts + 1, 2)
            if len(members) == 1:
                over = np.arange(n_wefts + 1)
            mine = np.interp(at[over], u, v[s])
            reach = floats * np.maximum(0.3, thick(at[over])) if gap else floats
            a = np.rint(10 * point(sheet, at[over], mine - reach)).astype(int)
            b = np.rint(10 * point(sheet, at[over], mine + reach)).astype(int)
            for k, p, q in zip(over.tolist(), a.tolist(), b.tolist(), strict=True):
                feeling = feelings[k % len(members)]
                strokes.append([*p, *q, feeling, g, int(meet.firm)])
    return strokes
