"""Framing: acts on their way to screens, as few as say the same, in frames that stay small.

Of acts that say one thing anew (how many are here, where a passage lies) only
the last is sent. What was taken back overtakes everything else. Knows no words
and no clock: how often a frame is sent is `room`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any

from dreamweave.app.hearing import acts_frame
from dreamweave.model.acts import FRAME_BYTES_MAX, Act
from dreamweave.model.canonical import canonical

# Acts of which each one replaces the one before, whatever it holds; of the others, each one that
# begins with the same word and the same numbers as far as said here.
_ALWAYS = frozenset({"warps", "seats", "held", "floor", "hold", "rest", "door", "fair", "phase"})
_N_KEY = {"woven": 3}
# Acts about one report, which are moot once it is gone.
_OF_REPORT = frozenset({"told", "carries", "woven"})


class Framing:
    """Acts that were not said yet, in order.

    `gone` are the reports that screens know to be gone; whoever folds the frames
    goes on adding to it. What is said of one of them changes nothing, and must
    not stand in the place of what does.
    """

    def __init__(self, gone: Set[int]) -> None:
        self._gone = gone
        self._acts: dict[tuple[Any, ...], Act] = {}

    def __bool__(self) -> bool:
        return bool(self._acts)

    def acts(self) -> list[Act]:
        """All that waits, in order."""
        return list(self._acts.values())

    def add(self, acts: Iterable[Act]) -> None:
        for act in acts:
            if _is_of(act, self._gone):
                continue
            key = _key(act)
            self._acts.pop(key, None)  # what is said anew is said last
            self._acts[key] = act

    def overtake(self, reports: Iterable[int]) -> list[list[Act]]:
        """Frames that say at once of `reports` that they are gone.

        Folded before all that waits, they end in the same picture as in their own
        place: a closest call around one of them goes with them, and is said first.
        """
        gone = list(reports)
        lost = set(gone)
        fair = self._acts.get(("fair",))
        first = [fair] if fair is not None and _is_of(fair, lost) else []
        for key, act in list(self._acts.items()):
            if _is_of(act, lost):
                del self._acts[key]
        return _packed([*first, *(["gone", r] for r in gone)])

    def take(self) -> list[Act]:
        """The acts of the next frame: as many as fit."""
        frame = next(iter(_packed(self._acts.values())), [])
        for act in frame:
            del self._acts[_key(act)]
        return frame


def _is_of(act: Act, reports: Set[int]) -> bool:
    """Whether an act is moot where those reports are gone."""
    r = act[5] if act[0] == "fair" else act[1] if act[0] in _OF_REPORT else None
    return r in reports


def _key(act: Act) -> tuple[Any, ...]:
    word = act[0]
    # Whether the whole fell or was made again may not be told apart by the last one alone: the
    # screens unroll it when they hear of it.
    if word == "settled":
        return tuple(act)
    if word in _ALWAYS:
        return (word,)
    if word == "unknot":
        return ("knot", act[1])
    return tuple(act[: _N_KEY.get(word, 2)])


def _packed(acts: Iterable[Act]) -> list[list[Act]]:
    """Acts in frames, each small whatever number it bears."""
    empty = len(acts_frame(10**15, []))
    frames: list[list[Act]] = []
    n_bytes = FRAME_BYTES_MAX
    for act in acts:
        size = len(canonical(list(act))) + 1
        if n_bytes + size > FRAME_BYTES_MAX:
            frames.append([])
            n_bytes = empty
        frames[-1].append(act)
        n_bytes += size
    return frames
