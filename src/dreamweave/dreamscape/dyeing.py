"""Dyeing: which feeling, and how much of it, along each strand.

Only what was said dyes: a fragment with a feeling dyes its stretch, as ikat
yarn is dyed, and lingers a while behind it. A thread without feelings stays
linen. Feelings are kept as numbers; which colour they are is the ground's
business (`palette`). Two feelings are never averaged away: where both were
told in one place they alternate in bands.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.crescent import U0, U1
from dreamweave.dreamscape.noise import noise, seed_of
from dreamweave.dreamscape.storyline import Ints
from dreamweave.model.reports import FEELINGS, INTENSITY_UNSAID
from dreamweave.model.weaves import Weave

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

NONE = 255
# How strong the three steps dye, of 1.
_STRENGTH = (0.0, 0.4, 0.7, 1.0)
_LINGER, _LINGER_PASSAGES, _LINGER_SHARE = 0.62, 3.2, 0.7
# A third of a strand's people fill its dye; fewer dye it paler, by the root of their share.
_FULL = 3.0


def dyes(weave: Weave, of_thread: Ints, size: Ints, n: int, u: Floats) -> Bytes:
    """Feeling A, feeling B, share of B and amount at each sample: (n, len(u), 4) bytes.

    Args:
        of_thread: (N,) strand of each thread.
        size: (n_woven,) threads in each strand.
        n: Strands drawn, open warps included; those are the last and stay undyed.
        u: Samples along the crescent.
    """
    out = np.zeros((n, len(u), 4), dtype=np.uint8)
    out[:, :, :2] = NONE
    told = _told(weave, of_thread, size)
    if not len(told):
        return out
    n_passages = max(1, len(weave.passages))
    strand, passage, feeling = (told[:, k].astype(np.int64) for k in range(3))
    strength, presence = told[:, 3], told[:, 4]
    tau = (u - U0) / (U1 - U0) * max(1, n_passages - 1)
    if n_passages == 1:
        tau = (u - 0.5) / (U1 - U0)

    seeds = np.array([[seed_of(weave.seed, "dye", s)] for s in range(n)], dtype=np.uint64)
    edge = 0.10 * (noise(520 * u[None], seeds) - 0.5)
    edge += 0.06 * (noise(1700 * u[None], seeds + np.uint64(9)) - 0.5)
    d = tau[None] - passage[:, None] + edge[strand]
    s = 0.40 + 0.22 * strength[:, None]
    k = np.exp(-(d**4) / (2 * s**4)) * ((0.45 + 0.75 * strength) * presence)[:, None]

    # One row a strand and feeling; the strongest of its tellings counts.
    cell = strand * 8 + feeling
    order = np.argsort(cell, kind="stable")
    heads = np.flatnonzero(np.diff(cell[order], prepend=-1))
    flat = np.zeros((n * 8, len(u)))
    flat[cell[order][heads]] = np.maximum.reduceat(k[order], heads, axis=0)
    near = flat.reshape(n, 8, len(u))

    said = np.zeros((n, n_passages, 8))
    np.maximum.at(said, (strand, passage, feeling), (0.6 + 0.4 * strength) * presence)
    after = (
        _lingering(said, tau) * (0.82 + 0.36 * noise(900 * u[None], seeds + np.uint64(3)))[:, None]
    )
    weight = np.round(near + _LINGER_SHARE * after, 9)
    amount = np.minimum(1, np.maximum(near, after).max(axis=1))

    ranked = np.argsort(-weight, axis=1, kind="stable")
    a, b = ranked[:, 0], ranked[:, 1]
    w_a = np.take_along_axis(weight, a[:, None], axis=1)[:, 0]
    w_b = np.take_along_axis(weight, b[:, None], axis=1)[:, 0]
    share = w_b / np.maximum(w_a + w_b, 1e-9)

    here = np.clip(np.rint(tau), 0, n_passages - 1).astype(np.int64)
    at = said[:, here].transpose(0, 2, 1)
    both = np.minimum(
        np.take_along_axis(at, a[:, None], axis=1), np.take_along_axis(at, b[:, None], axis=1)
    )[:, 0]
    band = share + 0.9 * (noise(76 * u[None], seeds + np.uint64(5)) - 0.5)
    band = np.clip((band - 0.36) / 0.2, 0, 1)
    share = np.where(both > 0, band * band * (3 - 2 * band), share)

    dyed = amount > 1 / 128
    out[:, :, 0] = np.where(dyed, a, NONE)
    out[:, :, 1] = np.where(dyed & (share > 1 / 64), b, NONE)
    out[:, :, 2] = np.where(out[:, :, 1] == NONE, 0, np.rint(255 * share))
    out[:, :, 3] = np.where(dyed, np.rint(255 * amount), 0)
    return out


def strength_of(intensity: int | None) -> float:
    """How strong a feeling dyes, 0 to 1: three steps; unsaid means the middle one."""
    return _STRENGTH[INTENSITY_UNSAID if intensity is None else intensity]


def _told(weave: Weave, of_thread: Ints, size: Ints) -> Floats:
    """What was felt where: rows of strand, passage, feeling, mean strength, presence."""
    felt: dict[tuple[int, int, int], tuple[set[int], list[float]]] = {}
    for f in weave.fragments:
        if f.feeling is None:
            continue
        key = (int(of_thread[f.thread_i]), f.passage_i, FEELINGS.index(f.feeling))
        who, how = felt.setdefault(key, (set(), []))
        who.add(f.thread_i)
        how.append(strength_of(f.intensity))
    rows = []
    for (s, p, e), (who, how) in sorted(felt.items()):
        share = len(who) / int(size[s])
        presence = 1.0 if size[s] == 1 else min(1.0, _FULL * share) ** 0.5
        rows.append((s, p, e, sum(sorted(how)) / len(how), presence))
    return np.array(rows, dtype=np.float64).reshape(-1, 5)


def _lingering(said: Floats, tau: Floats) -> Floats:
    """What is left of the last telling before each sample: (n, 8, len(tau))."""
    n, n_passages, _ = said.shape
    spoke = said.max(axis=2) > 0
    last = np.where(spoke, np.arange(n_passages)[None], -1)
    last = np.maximum.accumulate(last, axis=1)
    upto = np.floor(tau + 0.2).astype(np.int64)
    seen = last[:, np.clip(upto, 0, n_passages - 1)]
    seen = np.where(upto[None] < 0, -1, seen)
    fade = _LINGER * np.exp(-np.maximum(0, tau[None] - seen) / _LINGER_PASSAGES)
    left = said[np.arange(n)[:, None], np.maximum(seen, 0)] * np.where(seen < 0, 0, fade)[..., None]
    return np.asarray(left.transpose(0, 2, 1), dtype=np.float64)
