"""Reflections and demands: whose they are, what they need, and what goes when somebody goes."""

from __future__ import annotations

import pytest
from gatherings_by_hand import HOST, no, there, told

from dreamweave.deciding import gathering_decisions as gathering
from dreamweave.deciding import reflections as deciding
from dreamweave.deciding.gatherings import REFLECTING, fold
from dreamweave.deciding.reflections import (
    N_DEMANDS_MAX,
    N_LINES_MAX,
    N_REFLECTIONS_MAX,
    Reflections,
)
from dreamweave.model.facts import Unpicked
from dreamweave.model.gathering_facts import PhaseBegun
from dreamweave.model.reflection_facts import DemandMade, DemandSigned, LineGiven, ReflectionKept


@pytest.fixture
def evening():
    """Ann told report 0, Bo report 1, Cy report 2; now they reflect."""
    state = there("ann", "bo", "cy")
    for who in ("ann", "bo", "cy"):
        state = told(state, who, f"t-{who}")
    return fold(state, (PhaseBegun(REFLECTING, HOST),))


def after(state, facts):
    return deciding.fold(state, facts)


def demanded(evening, reports=(0, 1)):
    return after(Reflections(), deciding.demand(evening, Reflections(), "d", "ann", reports))


def test_first_everything_is_told_then_people_say_what_it_means(evening):
    early = told(there("ann", "bo"), "ann", "t")
    assert no(deciding.reflect, early, Reflections(), "x", "bo", 0) == "reflection.early"
    assert no(deciding.demand, early, Reflections(), "d", "bo", (0,)) == "reflection.early"

    facts = deciding.reflect(evening, Reflections(), "x", "bo", 0)

    assert facts == (ReflectionKept("x", "bo", 0),)
    assert after(Reflections(), facts).kept["x"].r == 0


def test_nobody_reflects_on_what_is_not_there_or_from_outside(evening):
    gone = fold(evening, (Unpicked(("t-ann",)),))

    assert no(deciding.reflect, gone, Reflections(), "x", "bo", 0) == "telling.unknown"
    assert no(deciding.reflect, evening, Reflections(), "x", "bo", 9) == "telling.unknown"
    assert no(deciding.reflect, evening, Reflections(), "x", "zoe", 0) == "gathering.unknown"


def test_only_its_writer_takes_a_reflection_back(evening):
    state = after(Reflections(), deciding.reflect(evening, Reflections(), "x", "bo", 0))

    assert no(deciding.drop_reflection, state, "x", "ann") == "reflection.unknown"
    assert no(deciding.drop_reflection, state, "y", "bo") == "reflection.unknown"
    assert after(state, deciding.drop_reflection(state, "x", "bo")).kept == {}


def test_a_demand_holds_its_makers_lines_and_asks_for_the_others(evening):
    facts = deciding.demand(evening, Reflections(), "d", "ann", (0, 1))

    assert facts == (DemandMade("d", "ann", (0, 1)), LineGiven("d", 0, "ann", True))
    held = after(Reflections(), facts).demands["d"]
    assert (held.given, held.signed) == (frozenset({0}), frozenset({"ann"}))


def test_only_whoever_told_a_line_gives_it_and_takes_it_out_again_also_from_outside(evening):
    state = demanded(evening)
    assert no(deciding.give_line, evening, state, "d", "cy", 1, given=True) == "demand.not_yours"
    assert no(deciding.give_line, evening, state, "d", "cy", 2, given=True) == "demand.not_yours"

    state = after(state, deciding.give_line(evening, state, "d", "bo", 1, given=True))
    assert state.demands["d"].given == {0, 1}
    assert deciding.give_line(evening, state, "d", "bo", 1, given=True) == ()
    outside = fold(evening, gathering.depart(evening, "bo"))
    state = after(state, deciding.give_line(outside, state, "d", "bo", 1, given=False))

    assert state.demands["d"].given == {0}
    assert no(deciding.give_line, outside, state, "d", "bo", 1, given=True) == "gathering.unknown"


def test_whoever_is_there_stands_behind_a_demand_and_steps_back_from_anywhere(evening):
    state = demanded(evening)
    state = after(state, deciding.sign(evening, state, "d", "cy", signed=True))
    assert state.demands["d"].signed == {"ann", "cy"}
    assert deciding.sign(evening, state, "d", "cy", signed=True) == ()
    outside = fold(evening, gathering.depart(evening, "cy"))

    state = after(state, deciding.sign(outside, state, "d", "cy", signed=False))

    assert state.demands["d"].signed == {"ann"}
    assert no(deciding.sign, outside, state, "d", "cy", signed=True) == "gathering.unknown"
    assert no(deciding.sign, evening, state, "e", "bo", signed=True) == "demand.unknown"


def test_there_is_an_end_to_what_one_person_writes(evening):
    state = Reflections()
    for i in range(N_REFLECTIONS_MAX):
        state = after(state, deciding.reflect(evening, state, f"x{i}", "bo", 0))
    assert no(deciding.reflect, evening, state, "more", "bo", 0) == "reflection.many"
    assert deciding.reflect(evening, state, "theirs", "cy", 0)
    for i in range(N_DEMANDS_MAX):
        state = after(state, deciding.demand(evening, state, f"d{i}", "bo", (0,)))
    assert no(deciding.demand, evening, state, "more", "bo", (0,)) == "demand.many"


@pytest.mark.parametrize("reports", [(), (0, 0), tuple(range(N_LINES_MAX + 1))])
def test_a_demand_grows_out_of_a_few_reports_each_named_once(evening, reports):
    assert no(deciding.demand, evening, Reflections(), "d", "ann", reports) == "demand.lines"


def test_only_its_maker_takes_a_demand_back(evening):
    state = demanded(evening)

    assert no(deciding.drop_demand, state, "d", "bo") == "demand.not_yours"
    assert after(state, deciding.drop_demand(state, "d", "ann")).demands == {}


def test_everything_of_somebody_goes_who_goes_for_good(evening):
    state = demanded(evening)
    state = after(state, deciding.reflect(evening, state, "mine", "ann", 1))
    state = after(state, deciding.reflect(evening, state, "theirs", "bo", 0))
    state = after(state, deciding.demand(evening, state, "of bo", "bo", (1,)))
    state = after(state, deciding.sign(evening, state, "of bo", "ann", signed=True))

    state = after(state, deciding.leave(state, "ann"))

    assert list(state.kept) == ["theirs"]
    assert list(state.demands) == ["of bo"]
    assert state.demands["of bo"].signed == {"bo"}
    assert deciding.leave(state, "ann") == ()


def test_a_fold_leaves_the_state_before_as_it_was(evening):
    before = demanded(evening)

    after(before, (DemandSigned("d", "cy", True),))

    assert before.demands["d"].signed == {"ann"}
