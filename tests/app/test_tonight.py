"""A week as the first page counts it: what is shown, from the day it was shown, and no more."""

from __future__ import annotations

import pytest
from makers_ground import DAY_MS, Clock, a_dreamer, a_report, make_ground

from dreamweave.app.ground import Limits
from dreamweave.app.journals import keep_report
from dreamweave.app.lending import Offer, lend, take_back
from dreamweave.app.tonight import Week, WeekThread, week_of
from dreamweave.model.facts import COMMONS
from dreamweave.model.refusals import Refusal


def lent(on, who, naming="named", **how):
    held = a_report(on, **how)
    keep_report(on, who, held)
    name = "" if naming == "unnamed" else "Wren"
    return lend(on, who, Offer(held.id, 1, COMMONS, naming, name=name))


def test_a_week_counts_what_is_shown_by_the_day_and_lights_up_ones_own():
    clock = Clock()
    on = make_ground(clock=clock)
    ines, noor = a_dreamer(on), a_dreamer(on)
    lent(on, ines, feeling="joy", intensity=3)
    clock.pass_ms(2 * DAY_MS)
    lent(on, noor)
    gone = lent(on, noor, feeling="fear")
    take_back(on, noor, gone.lending)

    assert week_of(on, noor) == Week((WeekThread(4, "joy", 3), WeekThread(6, mine=True)), 2, 1)
    # Whoever is not here gets numbers and no feelings.
    assert week_of(on, None) == Week((WeekThread(4), WeekThread(6)), 2, 0)


def test_what_is_older_than_a_week_is_not_tonights():
    clock = Clock()
    on = make_ground(clock=clock)
    ines = a_dreamer(on)
    for _ in range(5):
        lent(on, ines)
        clock.pass_ms(2 * DAY_MS)

    assert [thread.day for thread in week_of(on, ines).threads] == [0, 2, 4]


def test_unnamed_words_count_from_the_day_they_were_shown_together():
    clock = Clock()
    on = make_ground(clock=clock, limits=Limits(crowd_min=2))
    ines, noor = a_dreamer(on), a_dreamer(on)
    lent(on, ines, "unnamed")
    clock.pass_ms(3 * DAY_MS)
    assert week_of(on, ines) == Week((), 0, 0)

    lent(on, noor, "unnamed")

    assert [(t.day, t.mine) for t in week_of(on, ines).threads] in (
        [(6, True), (6, False)],
        [(6, False), (6, True)],
    )


def test_a_circle_is_counted_only_for_those_who_are_in_it():
    on = make_ground()
    with pytest.raises(Refusal, match=r"circle\.unknown"):
        week_of(on, None, f"circle/{on.new_id()}")
    with pytest.raises(Refusal, match=r"circle\.unknown"):
        week_of(on, a_dreamer(on), f"circle/{on.new_id()}")
