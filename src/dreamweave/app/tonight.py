"""Tonight: the week of an audience as the first page counts it. Counts and dyes, no words.

One thread for each thing that was lent and is still shown. Unnamed things count
from the day they were shown, all together, because the day each was lent is
nobody's business. Whoever is not in the audience gets numbers without feelings.
"""

from __future__ import annotations

from dataclasses import dataclass

from dreamweave.app.actors import Actor
from dreamweave.app.ground import Ground
from dreamweave.app.lending import may_read, shown_to
from dreamweave.app.paging import facts_of
from dreamweave.model.facts import COMMONS, Offered, Shown, of_kept
from dreamweave.model.journal import Felt
from dreamweave.model.refusals import Refusal

DAY_MS = 86_400_000
N_DAYS = 7
# More than anybody draws: a week of a large commons is a sample of its last days.
N_THREADS_MAX = 400


@dataclass(frozen=True, slots=True)
class WeekThread:
    """Something lent on one of the last seven days; day 6 is the last 24 hours."""

    day: int
    feeling: Felt | None = None
    intensity: int | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Week:
    """The last seven days of an audience."""

    threads: tuple[WeekThread, ...]
    n_people: int
    n_mine: int


def week_of(ground: Ground, who: Actor | None, stream: str = COMMONS) -> Week:
    """What was lent to an audience in the last seven days and is still shown.

    Cost: a look-up by halving for where the week begins, then one read of the
        week's facts and one opening of its words.
    """
    audience = ground.road.audience(stream)
    if stream != COMMONS:
        if who is None:
            raise Refusal("circle.unknown", "There is no such Circle that you are in.")
        may_read(who, stream, audience)
    now_ms = ground.now_ms()
    day_of: dict[str, int] = {}
    for tag, at_ms in _shown_since(ground, stream, now_ms - N_DAYS * DAY_MS):
        if tag in audience.shown:
            ago = max(0, now_ms - at_ms) // DAY_MS
            day_of[tag] = N_DAYS - 1 - min(N_DAYS - 1, ago)
    # A tag is a draw, so this order tells nothing of who lent what, or when within a day.
    tags = sorted(day_of, key=lambda tag: (day_of[tag], tag))[-N_THREADS_MAX:]
    felt: dict[str, tuple[Felt | None, int | None]] = {}
    if who is not None and not who.suspended:
        for words in shown_to(ground, who, stream, tuple(tags)):
            felt[words.tag] = (words.feeling, words.intensity)
        tags = [tag for tag in tags if tag in felt]  # what has expired is not shown
    mine = {tag for tag in tags if who is not None and audience.shown[tag] == who.dreamer}
    return Week(
        threads=tuple(
            WeekThread(day_of[tag], *felt.get(tag, (None, None)), mine=tag in mine) for tag in tags
        ),
        n_people=len({audience.shown[tag] for tag in tags}),
        n_mine=len(mine),
    )


def _shown_since(ground: Ground, stream: str, since_ms: int) -> list[tuple[str, int]]:
    """Tags and when each came to be shown: named things when lent, unnamed when released."""
    found: list[tuple[str, int]] = []
    after = _first_after(ground, stream, since_ms)
    for kept in facts_of(ground.store, stream, after=after):
        match of_kept(kept):
            case Offered(tag, _, False):
                found.append((tag, kept.at_ms))
            case Shown(tags):
                found += [(tag, kept.at_ms) for tag in tags]
    return found


def _first_after(ground: Ground, stream: str, since_ms: int) -> int:
    """How many facts of a stream are older than a moment: found by halving."""
    low, high = 0, ground.store.n_facts(stream)
    while low < high:
        middle = (low + high) // 2
        (kept,) = ground.store.facts(stream=stream, after=middle, limit=1)
        if kept.at_ms < since_ms:
            low = middle + 1
        else:
            high = middle
    return low
