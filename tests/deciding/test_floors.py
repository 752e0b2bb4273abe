"""The floors of a gathering: folded from facts as they went, fair at every table, quiet about invitations."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gatherings_by_hand import HOST, no, there, told
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamweave.deciding import floor_decisions as decisions
from dreamweave.deciding import gathering_decisions as gathering
from dreamweave.deciding.floors import Floors
from dreamweave.deciding.gatherings import TELLING, fold
from dreamweave.governance.floor import Floor
from dreamweave.governance.speakers import NOBODY, FloorRules
from dreamweave.governance.tables import TABLE_MAX, TABLE_MIN
from dreamweave.governance.turns import checked_turns
from dreamweave.model.facts import of_kept, to_new
from dreamweave.model.floor_facts import FloorGiven, FloorInvited
from dreamweave.model.gathering_facts import Carried, Laid, PhaseBegun
from dreamweave.model.keeping import KeptFact
from dreamweave.model.refusals import Refusal

TURN_MS = FloorRules().turn_ms_max
GAP_MS = FloorRules().invite_gap_ms


def in_turns(*people, at_ms=0, **how):
    """A gathering in turns, whose floor knows everybody."""
    state = there(*people, floor="turns", **how)
    return fold(state, decisions.settled(state, at_ms))


def does(state, wish, who, at_ms):
    return fold(state, wish(state, who, at_ms))


def names(n):
    return [f"p{i}" for i in range(n)]


def seat_of(state, who):
    return state.seats[who].i


def floor_act(state, facts):
    """The last floor act that these facts come to."""
    after = state.copy()
    acts = [act for fact in facts for act in after.apply(fact) if act[0] == "floor"]
    return acts[-1] if acts else None


# ------------------------------------------------------------------ one table


def test_whoever_asks_first_has_the_floor_and_the_next_one_when_they_end():
    state = in_turns("ann", "bo")

    state = does(state, decisions.ask, "ann", 10)
    asked = decisions.ask(state, "bo", 20)
    assert floor_act(state, asked) == ["floor", seat_of(state, "ann"), 10, [seat_of(state, "bo")]]
    state = fold(state, asked)
    ended = decisions.end(state, "ann", 5_000)

    assert floor_act(state, ended) == ["floor", seat_of(state, "bo"), 5_000, []]


def test_a_turn_ends_when_its_time_is_up_however_late_somebody_looks():
    state = in_turns("ann", "bo")
    state = does(state, decisions.ask, "ann", 0)
    state = does(state, decisions.ask, "bo", 1)
    assert decisions.settled(state, TURN_MS - 1) == ()
    assert decisions.next_ms(state, 10) == TURN_MS

    state = fold(state, decisions.settled(state, 10 * TURN_MS))

    floor = state.floors.by_table[0]
    assert (floor.holder, floor.turns[0].spoken_ms) == (seat_of(state, "bo"), TURN_MS)


def test_holding_and_resting_cost_nobody_their_turn():
    state = in_turns("ann")
    state = does(state, decisions.ask, "ann", 0)
    state = fold(state, gathering.hold(state, HOST, yes=True))
    state = fold(state, decisions.settled(state, 10_000))
    assert decisions.next_ms(state, 20_000) is None
    state = fold(state, gathering.hold(state, HOST, yes=False))
    state = fold(state, decisions.settled(state, 5 * TURN_MS))
    state = fold(state, gathering.rest(state, HOST, seconds=60, now_ms=5 * TURN_MS))
    state = fold(state, decisions.settled(state, 5 * TURN_MS))

    assert state.floors.by_table[0].left_ms(5 * TURN_MS + 60_000) == TURN_MS - 10_000
    assert decisions.next_ms(state, 5 * TURN_MS) == 5 * TURN_MS + 60_000 + TURN_MS - 10_000


def test_passing_is_a_choice_that_is_seen_and_nobody_is_asked_again():
    state = in_turns("ann", "bo")
    state = does(state, decisions.ask, "ann", 0)

    state = does(state, decisions.pass_, "ann", 3_000)

    turn = state.floors.by_table[0].turns[-1]
    assert (turn.seat, turn.passed) == (seat_of(state, "ann"), True)
    assert state.floors.by_table[0].speakers[seat_of(state, "ann")].leave_be


def test_who_goes_or_is_muted_or_only_listens_gives_the_floor_up():
    for goes in (
        lambda state: gathering.depart(state, "ann"),
        lambda state: gathering.mute(state, HOST, "ann", yes=True),
        lambda state: gathering.listen(state, "ann", listening=True),
        lambda state: gathering.remove(state, HOST, "ann"),
    ):
        state = in_turns("ann", "bo")
        state = does(state, decisions.ask, "ann", 0)
        state = fold(state, goes(state))

        settled = decisions.settled(state, 7_000)

        assert floor_act(state, settled) == ["floor", NOBODY, 0, []]


def test_only_who_has_a_voice_asks_and_is_told_why_not():
    state = in_turns("ann", "bo", "cy")
    state = fold(state, gathering.mute(state, HOST, "ann", yes=True))
    state = fold(state, gathering.listen(state, "bo", listening=True))

    assert no(decisions.ask, state, "ann", 1) == "floor.muted"
    assert no(decisions.ask, state, "bo", 1) == "floor.seat"
    assert no(decisions.ask, state, "stranger", 1) == "gathering.unknown"
    assert no(decisions.end, state, "cy", 1) == "floor.not_yours"
    assert no(decisions.pass_, state, "cy", 1) == "floor.pass"
    assert no(decisions.ask, there("ann"), "ann", 1) == "floor.free"
    assert no(decisions.ask, there("ann", floor="turns", opened=False), "ann", 1) == "floor.phase"
    assert no(decisions.give, state, "cy", 1) == "gathering.host"
    assert no(decisions.invite, state, "cy", 1) == "gathering.host"


def test_ending_twice_is_ending_once():
    state = in_turns("ann")
    state = does(state, decisions.ask, "ann", 0)
    state = does(state, decisions.end, "ann", 1_000)

    assert decisions.end(state, "ann", 1_500) == ()
    assert decisions.withdraw(state, "ann", 1_500) == ()


# ------------------------------------------------------------------ inviting


def test_an_invitation_is_seen_by_nobody_and_comes_once_in_ten_minutes():
    state = in_turns("ann", "bo")
    for at_ms in (0, TURN_MS):
        state = does(state, decisions.ask, "ann", at_ms)
    state = does(state, decisions.end, "ann", 2 * TURN_MS)
    assert decisions.invite(state, HOST, GAP_MS - 1) == ()

    invited = decisions.invite(state, HOST, GAP_MS)
    assert invited == (FloorInvited(0, GAP_MS),)
    assert floor_act(state, invited) is None
    state = fold(state, invited)
    (who,) = [
        one for one, seat in state.seats.items() if seat.i == state.floors.by_table[0].invited
    ]
    assert who in (HOST, "bo")

    declined = decisions.decline(state, who, GAP_MS + 1)
    assert floor_act(state, declined) is None
    state = fold(state, declined)
    assert state.floors.by_table[0].invited == NOBODY
    assert decisions.invite(state, HOST, GAP_MS + 2) == ()


def test_nobody_learns_by_declining_that_somebody_else_is_invited():
    state = in_turns("ann", "bo")

    assert decisions.decline(state, "ann", 5) == ()


# ------------------------------------------------------------------ the closest call


def test_the_people_of_the_closest_call_go_first_among_those_who_spoke_alike():
    state = told(in_turns("ann", "bo", "cy"), "bo", "t0")
    state = fold(state, (Carried(0, "cy", True), Laid('[["fair",900,5,3,2,0,1]]')))

    state = fold(state, decisions.settled(state, 10))

    favoured = {seat_of(state, "bo"), seat_of(state, "cy")}
    assert state.floors.by_table[0].favoured == favoured
    state = fold(state, (Laid('[["fair",300,5,3,2,0,1]]'),))
    state = fold(state, decisions.settled(state, 20))
    assert state.floors.by_table[0].favoured == frozenset()


# ------------------------------------------------------------------ tables


def test_past_fifteen_voices_people_sit_at_tables_each_with_a_floor():
    people = names(40)
    state = in_turns(*people)

    sizes = sorted(len(sitting) for sitting in state.floors.seated.values())
    assert sum(sizes) == 41
    assert sizes[0] >= TABLE_MIN
    assert sizes[-1] <= TABLE_MAX
    for who in people:
        state = does(state, decisions.ask, who, 10)
    assert len(state.floors.holders()) == len(sizes)
    seat, changed_ms, queue = state.floors.act()[1:]
    assert (seat, changed_ms, len(queue)) == (NOBODY, 10, 40 - len(sizes))


def test_whoever_speaks_is_not_interrupted_by_laying_tables_anew():
    state = in_turns(*names(14))
    state = does(state, decisions.ask, "p3", 0)
    late = fold(state, gathering.enter(state, "late", invited=True, listening=False))
    state = fold(late, decisions.settled(late, 1_000))

    if state.floors.table_of(seat_of(state, "late")) == NOBODY:
        assert no(decisions.ask, state, "late", 2_000) == "floor.moment"
    assert seat_of(state, "p3") in state.floors.holders()
    state = does(state, decisions.end, "p3", 3_000)
    state = fold(state, decisions.settled(state, 3_001))
    assert len(state.floors.seated) == 2
    assert state.floors.table_of(seat_of(state, "late")) != NOBODY


def test_who_moves_to_another_table_takes_what_they_spoke_and_their_asking_along():
    state = in_turns(*names(14))
    for i, who in enumerate(names(14)):
        state = does(state, decisions.ask, who, i * TURN_MS)
        state = does(state, decisions.end, who, i * TURN_MS + 1_000 * (i + 1))
    at_ms = 20 * TURN_MS
    state = fold(state, gathering.hold(state, HOST, yes=True))
    for who in names(14):
        state = does(state, decisions.ask, who, at_ms)
    before = state.floors.by_table[0].speakers

    late = fold(state, gathering.enter(state, "late", invited=True, listening=False))
    state = fold(late, decisions.settled(late, at_ms + 1))

    after = {}
    for floor in state.floors.by_table.values():
        assert not after.keys() & floor.speakers.keys()
        after |= floor.speakers
    assert len(state.floors.seated) == 2
    for seat, was in before.items():
        assert (after[seat].spoken_ms, after[seat].n_turns) == (was.spoken_ms, was.n_turns)
        assert (after[seat].since_turn is None) == (was.since_turn is None)


# ------------------------------------------------------------------ place in the line


def test_the_place_in_the_line_is_the_number_of_turns_until_ones_own():
    state = in_turns("ann", "bo", "cy", "dee")
    state = does(state, decisions.ask, "ann", 0)
    for who in ("bo", "cy", "dee"):
        state = does(state, decisions.ask, who, 1)
    floor = state.floors.by_table[0]
    places = {
        who: decisions.place_in_line(floor, seat_of(state, who)) for who in ("bo", "cy", "dee")
    }
    assert sorted(places.values()) == [1, 2, 3]
    assert decisions.place_in_line(floor, seat_of(state, "ann")) is None

    order, at_ms = [], 10
    while len(order) < 3:
        state = fold(state, decisions.end(state, next(iter(_holder(state))), at_ms))
        order += _holder(state)
        at_ms += 10

    assert order == sorted(places, key=places.get)


def _holder(state):
    return [who for who, seat in state.seats.items() if seat.i in state.floors.holders()]


# ------------------------------------------------------------------ credit


def test_whoever_was_crowded_out_brings_credit_and_the_closing_ends_every_turn():
    state = in_turns("ann", "bo")
    state = does(state, decisions.ask, "ann", 0)
    state = does(state, decisions.ask, "bo", 1)
    state = does(state, decisions.ask, "ann", 2)
    state = does(state, decisions.end, "ann", 60_000)
    state = does(state, decisions.ask, "ann", 60_001)
    state = fold(state, (PhaseBegun(2, HOST),))

    closed = decisions.settled(state, 80_000)

    assert floor_act(state, closed) == ["floor", NOBODY, 0, []]
    after = fold(state, closed)
    assert decisions.settled(after, 90_000) == ()
    assert after.floors.by_table[0].turns[-1].spoken_ms == 20_000
    again = in_turns("ann", "bo")
    later = there("ann", "bo", floor="turns")
    brought = fold(later, decisions.settled(later, 0, lambda who: 70_000 if who == "bo" else 0))
    assert brought.floors.by_table[0].speakers[seat_of(brought, "bo")].credit_ms == 70_000
    assert again.floors.credits() == {}


# ------------------------------------------------------------------ as it went

WISHES = ["ask", "withdraw", "pass_", "end", "decline", "give", "invite"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*WISHES, "ask", "ask", "comes", "goes", "hold", "rest", "wait"]),
        st.integers(0, 19),
        st.integers(0, 100_000),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(1, 20))
def test_folding_what_was_kept_is_what_went_on_and_no_table_breaks_a_rule(steps, n):
    people = names(20)
    state = in_turns(*people[:n])
    kept, now_ms = [], 0
    for what, i, ms in steps:
        now_ms += ms
        who = people[i]
        before = state
        try:
            facts = _step(state, what, who, now_ms)
        except Refusal:
            continue
        kept += facts
        acts = [act for fact in facts for act in before.copy().apply(fact)]
        state = fold(state, facts)
        settled = decisions.settled(state, now_ms)
        kept += settled
        state = fold(state, settled)
        assert decisions.settled(state, now_ms) == ()
        assert all(_numbers(act) for act in acts if act[0] == "floor")

    through_json = [
        of_kept(KeptFact(1, "s", 1, new.kind, 0, new.body))
        for new in (to_new("s", f) for f in kept)
    ]
    assert fold(in_turns(*people[:n]), through_json).floors == state.floors
    for floor in state.floors.by_table.values():
        assert checked_turns(floor.turns, TURN_MS) == ()
    sitting = [seat for seats in state.floors.seated.values() for seat in seats]
    assert len(sitting) == len(set(sitting))


def _numbers(act):
    return all(isinstance(one, int) for one in [act[1], act[2], *act[3]])


def _step(state, what, who, now_ms):
    if what in ("give", "invite"):
        return getattr(decisions, what)(state, HOST, now_ms)
    if what in WISHES:
        return getattr(decisions, what)(state, who, now_ms)
    if what == "comes":
        return gathering.enter(state, who, invited=True, listening=False)
    if what == "goes":
        return gathering.depart(state, who)
    if what == "hold":
        return gathering.hold(state, HOST, yes=not state.hold)
    if what == "rest":
        return gathering.rest(state, HOST, seconds=30, now_ms=now_ms)
    return ()


@given(
    st.lists(st.tuples(st.sampled_from(["ask", "end", "pass_"]), st.integers(0, 4)), max_size=30)
)
@settings(max_examples=60, deadline=None)
def test_one_table_is_the_floor_of_governance(steps):
    """The slow twin: the same wishes on a plain Floor, looked after at once."""
    people = names(5)
    state = in_turns(*people)
    twin = Floor.opened(range(6), "s 0", 0)
    now_ms = 0
    for what, i in steps:
        now_ms += 7_000
        seat = seat_of(state, people[i])
        # Looked after when a turn's time is up, as the clock would.
        while (due_ms := decisions.next_ms(state, now_ms)) is not None and due_ms <= now_ms:
            state, twin = fold(state, decisions.settled(state, due_ms)), twin.give(due_ms)
        twin = twin.give(now_ms)
        state = fold(state, decisions.settled(state, now_ms))
        try:
            state = does(state, getattr(decisions, what), people[i], now_ms)
        except Refusal:
            continue
        if what == "ask":
            twin = twin.ask(seat)
        elif what == "pass_":
            twin = twin.pass_(seat, now_ms)
        elif twin.holder == seat:
            twin = twin.end(now_ms)
        twin = twin.give(now_ms)

    assert state.floors.by_table[0].seen() == twin.seen()
    assert state.floors.by_table[0].credits() == twin.credits()


def test_giving_is_kept_only_where_something_comes_of_it():
    state = in_turns("ann")

    assert decisions.give(state, HOST, 5) == ()
    state = does(state, decisions.ask, "ann", 6)
    assert decisions.ask(state, "ann", 7) != ()  # another turn of theirs
    assert isinstance(decisions.settled(state, 6 + TURN_MS)[0], FloorGiven)


def test_there_is_no_floor_before_people_tell_or_where_they_tell_as_they_like():
    assert decisions.settled(there("ann"), 5) == ()
    assert decisions.settled(there("ann", floor="turns", opened=False), 5) == ()
    assert decisions.next_ms(there("ann"), 5) is None
    assert there("ann").phase == TELLING
    assert Floors("s").act() == ["floor", NOBODY, 0, []]
    assert replace(Floors("s"), is_closed=True).act() == ["floor", NOBODY, 0, []]


def test_a_refused_wish_says_nothing():
    state = in_turns("ann")

    with pytest.raises(Refusal):
        decisions.pass_(state, "ann", 1)
    assert state.floors.by_table[0].turns == ()
