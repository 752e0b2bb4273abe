"""What may happen in a gathering, what facts change of it, and the acts that come of them."""

from __future__ import annotations

import pytest
from gatherings_by_hand import HOST, made, no, there, told
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.deciding import gathering_decisions as decisions
from dreamweave.deciding.gatherings import (
    CLOSED,
    CLOSING,
    REFLECTING,
    TELLING,
    Gathering,
    fold,
)
from dreamweave.model.acts import LATER, Picture, folded
from dreamweave.model.facts import Shown, Unpicked, WeaveFell, Woven, of_kept, to_new
from dreamweave.model.gathering_facts import (
    Carried,
    Laid,
    ListeningChosen,
    PhaseBegun,
    SeatKept,
    Told,
)
from dreamweave.model.keeping import KeptFact
from dreamweave.model.refusals import Refusal

ANN, BO = "ann", "bo"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"n_places": -1}, "gathering.places"),
        ({"n_expected": 0}, "gathering.expected"),
        ({"n_warps": 4}, "gathering.warps"),
        ({"n_open": 12}, "gathering.open"),
        ({"ends_ms": 10}, "gathering.ends"),
    ],
)
def test_what_cannot_be_is_not_called(how, code):
    assert no(decisions.make, Gathering(), made(**how)) == code


def test_a_gathering_is_called_once():
    assert no(decisions.make, there(), made()) == "gathering.here"


def test_every_fact_that_is_decided_can_be_kept_and_read_again():
    state = there(ANN, BO)
    facts = [decisions.tell(state, ANN, "a", now_ms=5)]
    state = fold(state, facts)
    facts += decisions.carry(state, BO, 0, -1)
    facts += decisions.carry(fold(state, facts[1:]), BO, 0, 0)
    facts += decisions.keep_seat(state, HOST, -1)

    for fact in facts:
        new = to_new("gathering/g", fact)
        assert of_kept(KeptFact(1, new.stream, 1, new.kind, 0, new.body)) == fact


def test_steps_go_forward_and_reflecting_begins_with_a_closing_where_something_was_told():
    before = there(ANN, opened=False)
    assert no(decisions.begin, before, HOST, REFLECTING) == "gathering.phase"
    assert decisions.begin(before, HOST, CLOSED) == (PhaseBegun(CLOSED, HOST),)  # called off
    assert no(decisions.begin, before, ANN, TELLING) == "gathering.host"
    assert no(decisions.begin, before, "nobody", TELLING) == "gathering.unknown"

    silent = there(ANN)
    assert decisions.begin(silent, HOST, TELLING) == ()
    assert decisions.begin(silent, HOST, REFLECTING) == (PhaseBegun(REFLECTING, HOST),)

    spoken = told(there(ANN), ANN, "a")
    assert no(decisions.begin, spoken, HOST, CLOSED) == "gathering.phase"
    assert decisions.begin(spoken, HOST, REFLECTING) == (PhaseBegun(CLOSING, HOST),)
    closing = fold(spoken, (PhaseBegun(CLOSING, HOST),))
    assert no(decisions.begin, closing, HOST, TELLING) == "gathering.phase"
    assert decisions.begin(closing, HOST, REFLECTING) == (PhaseBegun(CLOSING, HOST),)  # again
    assert decisions.reflect(closing) == (PhaseBegun(REFLECTING, HOST),)
    assert decisions.reflect(spoken) == ()


def test_whoever_is_invited_comes_in_and_whoever_was_shown_out_does_not_come_back():
    state = there(ANN)

    assert no(decisions.enter, state, BO, invited=False, listening=False) == "gathering.unknown"
    assert decisions.enter(there(entry="open"), BO, invited=False, listening=False)
    assert decisions.enter(state, ANN, invited=False, listening=True) == (
        ListeningChosen(ANN, True),
    )
    shut = fold(state, decisions.shut(state, HOST, yes=True))
    assert no(decisions.enter, shut, BO, invited=True, listening=False) == "gathering.shut"
    gone = fold(state, decisions.remove(state, HOST, ANN))
    assert no(decisions.enter, gone, ANN, invited=True, listening=False) == "gathering.removed"
    assert no(decisions.carry, gone, ANN, 0, 1) == "gathering.unknown"
    assert no(decisions.remove, state, HOST, HOST) == "gathering.host_self"


def test_whoever_listens_takes_no_place_until_they_tell():
    state = there(n_places=2)
    state = fold(state, decisions.enter(state, ANN, invited=True, listening=True))
    state = fold(state, decisions.enter(state, BO, invited=True, listening=False))

    assert state.n_here == 3
    assert no(decisions.enter, state, "cy", invited=True, listening=False) == "gathering.full"
    assert no(decisions.listen, state, ANN, listening=False) == "gathering.full"
    assert no(decisions.tell, state, ANN, "a", now_ms=1) == "gathering.full"
    state = fold(state, decisions.depart(state, BO))
    assert told(state, ANN, "a").seats[ANN].listening is False


def test_what_may_not_be_told_is_refused_with_the_reason():
    state = told(there(ANN, BO), ANN, "a")

    def tells(state, who=BO, **how):
        return no(decisions.tell, state, who, "b", **{"now_ms": 2_000, **how})

    assert tells(there(BO, opened=False)) == "telling.phase"
    assert tells(fold(state, (PhaseBegun(CLOSING, HOST),))) == "telling.phase"
    assert tells(fold(state, decisions.mute(state, HOST, BO, yes=True))) == "telling.muted"
    assert tells(fold(state, decisions.hold(state, HOST, yes=True))) == "telling.hold"
    slow = fold(state, decisions.slow(state, HOST, seconds=30))
    assert tells(slow, ANN, now_ms=20_000) == "telling.slow"
    assert decisions.tell(slow, ANN, "b", now_ms=31_000)
    # A clock that was set back by an hour shuts nobody out.
    assert decisions.tell(slow, ANN, "b", now_ms=-3_600_000)
    assert tells(state, ANN, answers=0) == "telling.own"
    assert tells(state, answers=7) == "telling.unknown"
    stopped = fold(state, decisions.stop_answers(state, ANN, 0, stopped=True))
    assert tells(stopped, answers=0) == "telling.stopped"
    assert no(decisions.stop_answers, state, BO, 0, stopped=True) == "gathering.host"
    assert tells(fold(there(BO, n_open=0), ()), on_open=True) == "telling.open"
    assert tells(state, "stranger") == "gathering.unknown"


def test_one_person_does_not_flood():
    state = there(ANN)
    for i in range(decisions.N_TOLD_MAX):
        state = told(state, ANN, f"a{i}")

    assert no(decisions.tell, state, ANN, "b", now_ms=1) == "telling.many"


def test_after_the_telling_only_a_seat_that_was_kept_open_still_tells():
    state = told(there(ANN, BO), ANN, "a")
    state = fold(state, (PhaseBegun(CLOSING, HOST), *decisions.reflect(
        fold(state, (PhaseBegun(CLOSING, HOST),)))))  # fmt: skip

    assert no(decisions.tell, state, BO, "b", now_ms=1) == "telling.later"
    late = told(state, BO, "b", on_open=True, signs=LATER)
    assert (late.n_kept_open, state.n_kept_open) == (1, 2)


def test_what_waits_is_nobodys_to_answer_or_to_carry_until_the_host_shows_it():
    state = there(ANN, BO)
    state = fold(state, decisions.approve(state, HOST, yes=True))
    state = told(state, ANN, "a")

    assert (state.n_held, state.n_lent) == (1, 0)
    assert no(decisions.carry, state, BO, 0, 1) == "telling.unknown"
    assert no(decisions.tell, state, BO, "b", answers=0, now_ms=1) == "telling.unknown"
    assert no(decisions.release, state, ANN, 0) == "gathering.host"
    assert decisions.release(state, HOST, 0) == (Shown(("a",)),)
    shown = fold(state, decisions.release(state, HOST, 0))
    assert (shown.n_held, shown.n_lent) == (0, 1)
    assert decisions.release(shown, HOST, 0) == ()
    # The host's own does not wait for the host.
    assert decisions.tell(state, HOST, "h", now_ms=1).held is False


def test_carrying_is_said_once_and_unsaid_and_never_of_ones_own():
    state = told(there(ANN, BO), ANN, "a")

    assert no(decisions.carry, state, ANN, 0, 1) == "carry.own"
    assert no(decisions.carry, state, BO, 0, 2) == "carry.says"
    said = fold(state, decisions.carry(state, BO, 0, 1))
    assert decisions.carry(said, BO, 0, 1) == ()
    assert said.carried == {0: {BO: 1}}
    assert fold(said, decisions.carry(said, BO, 0, 0)).carried == {0: {}}
    assert fold(said, decisions.carry(said, BO, 0, -1)).carried == {0: {BO: -1}}


def test_a_feeling_is_said_while_people_tell_and_of_ones_own_alone():
    state = told(there(ANN, BO), ANN, "a")

    assert decisions.amend(state, ANN, 0)
    assert no(decisions.amend, state, BO, 0) == "telling.unknown"
    assert no(decisions.amend, fold(state, (PhaseBegun(CLOSING, HOST),)), ANN, 0) == "feel.phase"
    held = told(fold(state, decisions.approve(state, HOST, yes=True)), BO, "b")
    assert decisions.amend(held, BO, 1) == ()  # nobody hears of what waits


def test_a_seat_is_kept_open_and_let_go_one_by_one():
    state = there(n_open=0)

    assert no(decisions.keep_seat, state, HOST, -1) == "seat.many"
    assert no(decisions.keep_seat, state, HOST, 2) == "seat.n"
    assert fold(state, decisions.keep_seat(state, HOST, 1)).n_kept_open == 1


def test_a_whole_that_fell_is_fallen_until_it_is_woven_again():
    state = told(there(ANN), ANN, "a")
    state = fold(state, (PhaseBegun(CLOSING, HOST), Woven("w", ("a",), "root")))
    assert (state.fallen, state.n_closings) == (False, 1)

    fallen = fold(state, (WeaveFell("w"),))
    assert fallen.fallen
    assert fold(fallen, (WeaveFell("other"),)).fallen
    assert not fold(fallen, (Woven("v", ("a",), "root"),)).fallen


def test_folding_leaves_the_state_before_as_it_was():
    state = told(there(ANN, BO), ANN, "a")
    before = (dict(state.seats), list(state.told), dict(state.carried), state.n_kept_open)

    fold(state, (Carried(0, BO, True), Unpicked(("a",)), SeatKept(HOST, True)))

    assert (dict(state.seats), list(state.told), dict(state.carried), state.n_kept_open) == before


def test_acts_hold_numbers_and_nobody():
    state, acts = Gathering(), []
    for fact in (
        *decisions.make(Gathering(), made()),
        *decisions.enter(there(), ANN, invited=True, listening=True),
        PhaseBegun(TELLING, HOST),
        Told("a", ANN, None, 2, False, False, 5),
        Laid('[["warps",12,16,[0,1]],["told",0,3,0,-1,2]]'),
        Carried(0, HOST, True),
        Unpicked(("a",)),
    ):
        acts += state.apply(fact)

    assert acts == [
        ["phase", 0],
        ["seats", 0, 0, 2],
        ["seats", 1, 0, 2],
        ["seat", 0, 0],
        ["seats", 2, 1, 2],
        ["seat", 1, 1],
        ["phase", 1],
        ["seats", 2, 0, 2],
        ["seat", 1, 0],
        ["warps", 12, 16, [0, 1]],
        ["told", 0, 3, 0, -1, 2],
        ["carries", 0, 1],
        ["gone", 0],
    ]
    assert folded(acts).as_acts() == folded(folded(acts).as_acts()).as_acts()
    assert folded(acts).gone == {0}


def wish(state, what, who, r, n):
    """One of the things that somebody may wish, most of which are refused."""
    match what:
        case "enter":
            return decisions.enter(state, who, invited=True, listening=bool(r % 2))
        case "depart":
            return decisions.depart(state, who)
        case "tell":
            return (decisions.tell(state, who, f"t{n}", answers=r, on_open=r == -1, now_ms=n),)
        case "listen":
            return decisions.listen(state, who, listening=bool(r % 2))
        case "carry":
            return decisions.carry(state, who, r, 1)
        case "approve":
            return decisions.approve(state, HOST, yes=bool(r % 2))
        case "release":
            return decisions.release(state, HOST, r)
        case "keep":
            return decisions.keep_seat(state, HOST, 1 if r % 2 else -1)
        case _:
            return (Unpicked((decisions.lent(state, r).tag,)),)


WISHES = (
    *("enter", "enter", "tell", "tell", "depart", "listen"),
    *("carry", "keep", "take back", "approve", "release"),
)


@given(
    st.lists(st.tuples(st.sampled_from(WISHES), st.integers(0, 5), st.integers(-1, 6)), max_size=40)
)
def test_what_screens_count_is_what_is_so_whatever_happens(steps):
    state, picture = Gathering(), Picture()
    for fact in (*decisions.make(state, made()), PhaseBegun(TELLING, HOST)):
        folded(state.apply(fact), picture)
    for n, (what, i, r) in enumerate(steps):
        try:
            facts = wish(state, what, f"p{i}", r, n)
        except Refusal:
            continue
        for fact in facts:
            folded(state.apply(fact), picture)

    assert picture.seats == (state.n_here, state.n_listening, state.n_kept_open)
    here = [seat for seat in state.seats.values() if seat.here]
    assert (state.n_here, state.n_listening) == (len(here), sum(s.listening for s in here))
    lent = [one for one in state.told if not one.gone]
    assert (state.n_held, state.n_lent) == (
        sum(one.held for one in lent),
        sum(not one.held for one in lent),
    )
    assert picture.seat == {
        seat.i: 2 if not seat.here else int(seat.listening) for seat in state.seats.values()
    }
    assert picture.gone == {r for r, one in enumerate(state.told) if one.gone}
    assert {r: n for r, n in picture.carries.items() if n} == {
        r: len(said) for r, said in state.carried.items() if said
    }
