"""The floor goes to whoever spoke least, for so long at most, and says of invitations nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import naive_governance as naive
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dreamweave.governance.floor import Floor
from dreamweave.governance.speakers import NOBODY, FloorRules
from dreamweave.governance.turns import Turn, checked_turns
from dreamweave.model.refusals import Refusal

MINUTE = 60_000


def opened(n=4, **more):
    return Floor.opened(range(n), "seed", 0, **more)


def spoke(floor, seat, start_ms, ms):
    """`seat` alone asks, is given the floor, and speaks for so long."""
    floor = floor.ask(seat).give(start_ms)
    assert floor.holder == seat
    return floor.end(start_ms + ms)


def test_least_spoken_is_next():
    floor = spoke(spoke(opened(), 0, 0, 60_000), 1, 60_000, 20_000)

    floor = floor.ask(0).ask(1).give(80_000)

    assert floor.holder == 1
    assert floor.seen().queue == (0,)


def test_alike_is_within_a_few_seconds_and_then_the_overlooked_go_first():
    floor = spoke(spoke(opened(), 0, 0, 21_000), 1, 30_000, 29_000).ask(0).ask(1)

    assert floor.favour({1}).next_seat() == 1
    assert floor.favour({0}).next_seat() == 0
    # Half a minute apart is not alike, whomever the weave overlooks.
    assert spoke(floor.withdraw(0), 1, 60_000, 5_000).ask(1).ask(0).favour({1}).next_seat() == 0


def test_among_those_alike_whoever_let_more_turns_go_by_is_next_not_who_was_quicker():
    for seed in range(20):
        floor = Floor.opened(range(4), str(seed), 0).ask(1).ask(2).give(0)
        waits = 3 - floor.holder
        assert floor.ask(0).end(1_000).next_seat() == waits
    # Before a turn was given, the order of asking decides nothing.
    assert opened().ask(0).ask(1).next_seat() == opened().ask(1).ask(0).next_seat()


def test_the_hash_of_the_seed_settles_what_is_left_and_not_always_alike():
    firsts = {
        Floor.opened(range(4), str(seed), 0).ask(0).ask(1).ask(2).next_seat() for seed in range(20)
    }

    assert firsts == {0, 1, 2}


def test_nobody_has_a_third_turn_while_somebody_waits_for_a_first():
    floor = opened(carried={0: 120_000})
    floor = spoke(spoke(floor, 0, 0, 1_000), 0, 1_000, 1_000).ask(0).ask(1)

    # With their credit, seat 0 counts as having spoken least by far.
    assert floor.next_seat() == 1
    assert floor.withdraw(1).next_seat() == 0
    assert floor.pass_(1, 5_000).ask(1).next_seat() == 0


def test_a_turn_ends_at_its_time_however_late_somebody_looks():
    floor = opened().ask(0).ask(1).give(0)
    first = floor.holder

    assert floor.give(89_999).holder == first
    later = floor.give(200_000)

    assert later.holder == 1 - first
    assert later.turns == (Turn(first, (0, 1), 0, 90_000, passed=False),)
    assert later.since_ms == 200_000
    assert (floor.left_ms(30_000), floor.left_ms(99_999), opened().left_ms(5)) == (60_000, 0, 0)


def test_asking_ending_and_giving_twice_is_doing_it_once():
    floor = opened().ask(0)

    assert floor.ask(0) == floor
    given = floor.give(5)
    assert given.give(5) == given
    ended = given.end(10)
    assert ended.end(20) == ended
    assert ended.withdraw(0) == ended


def test_whoever_speaks_may_ask_for_another_turn():
    floor = opened().ask(0).give(0).ask(0).give(90_000)

    assert floor.holder == 0
    assert [t.seat for t in floor.turns] == [0]


def test_a_turn_that_is_held_or_rests_stands_still():
    floor = opened().ask(0).give(0)

    held = floor.hold(True, 10_000).hold(False, 70_000).end(80_000)
    rested = floor.rest(70_000, 10_000).end(80_000)
    cut = floor.rest(70_000, 10_000).rest(0, 20_000).end(30_000)
    both = floor.rest(70_000, 10_000).hold(True, 40_000).hold(False, 90_000).end(100_000)

    assert [one.turns[0].spoken_ms for one in (held, rested, cut, both)] == [20_000] * 4


def test_nobody_is_given_the_floor_while_it_is_held_or_rests():
    floor = opened().ask(0)

    assert floor.hold(True, 0).give(5_000).holder == NOBODY
    assert floor.hold(True, 0).hold(False, 5_000).give(5_000).holder == 0
    assert floor.rest(60_000, 0).give(59_999).holder == NOBODY
    assert floor.rest(60_000, 0).give(60_000).holder == 0


def test_a_clock_that_is_set_back_costs_nobody_their_time():
    floor = opened().ask(0).give(100_000).give(40_000).end(130_000)

    assert floor.turns[0].spoken_ms == 30_000
    assert opened().ask(0).give(100_000).end(40_000).turns[0].spoken_ms == 0


def test_passing_is_a_choice_that_is_seen():
    floor = opened().ask(0).ask(1).give(0)
    other = 1 - floor.holder

    assert floor.pass_(floor.holder, 4_000).turns[-1].passed
    passed = floor.pass_(other, 4_000)
    assert passed.turns == (Turn(other, (), 4_000, 0, passed=True),)
    assert passed.seen().queue == ()
    with pytest.raises(Refusal, match="nothing to pass"):
        floor.pass_(3, 4_000)


def test_whoever_is_not_here_has_no_floor():
    for do in (
        lambda floor: floor.ask(9),
        lambda floor: floor.withdraw(9),
        lambda floor: floor.decline(9),
        lambda floor: floor.pass_(9, 0),
        lambda floor: floor.leave(1, 0).ask(1),
    ):
        with pytest.raises(Refusal) as no:
            do(opened())
        assert no.value.code == "floor.seat"
    assert opened().leave(9, 0) == opened()


def test_whoever_leaves_ends_their_turn_and_finds_their_time_again():
    floor = opened().ask(0).give(0).leave(0, 30_000).ask(1)

    assert floor.turns[0].spoken_ms == 30_000
    assert floor.leave(1, 40_000).seen().queue == ()
    # Leaving and coming back gains neither time nor a credit.
    assert floor.enter(0, credit_ms=99_000).speakers[0].credit_ms == 0
    assert floor.enter(0).ask(0).next_seat() == 1
    assert floor.enter(7, credit_ms=500_000).speakers[7].credit_ms == 120_000


# ------------------------------------------------------------------ credit


def test_credit_goes_before_and_is_used_up_by_speaking():
    floor = opened(carried={2: 90_000})
    floor = spoke(spoke(floor, 2, 0, 60_000), 0, 60_000, 10_000).ask(0).ask(2)

    assert floor.next_seat() == 2
    assert floor.withdraw(0).withdraw(2).credits() == {2: 30_000}


def test_crowded_out_is_who_still_waits_and_had_less_than_their_share():
    floor = opened().ask(0).ask(1).give(0)
    first = floor.holder
    waits = 1 - first

    ended = floor.end(60_000)

    assert ended.credits() == {waits: 90_000}
    # Asking as the gathering ends gains nothing, and neither does asking on and on.
    assert ended.ask(2).credits() == {waits: 90_000}
    assert ended.ask(first).credits() == {waits: 90_000}


def test_credit_is_capped_and_goes_on_to_the_gathering_after():
    floor = opened(carried={1: 100_000, 3: 900_000}).ask(0).give(0).ask(1)
    floor = floor.end(5_000).ask(2).give(5_000)

    assert floor.holder == 1
    floor = floor.end(6_000).ask(1).ask(2).give(6_000)
    carried = floor.end(7_000).credits()

    assert carried[3] == 120_000
    assert max(carried.values()) <= 120_000
    assert Floor.opened(range(4), "next", 0, carried=carried).credits() == carried


# ------------------------------------------------------------------ invitations


def talked(n=4):
    """Seat 0 spoke for half a minute, ten minutes went by."""
    return spoke(opened(n), 0, 0, 30_000)


def test_the_quietest_is_invited_once_in_ten_minutes():
    floor = talked()

    assert floor.invite(10 * MINUTE - 1).invited == NOBODY
    once = floor.invite(10 * MINUTE)
    assert once.invited in {1, 2, 3}
    assert once.invite(20 * MINUTE - 1).invited == once.invited
    # Whoever did not answer is not asked again before everybody else.
    twice = once.invite(20 * MINUTE)
    thrice = twice.invite(30 * MINUTE)
    assert {once.invited, twice.invited, thrice.invited} == {1, 2, 3}


def test_nobody_is_invited_who_spoke_asks_said_no_or_while_it_is_quiet():
    floor = talked(3)

    assert floor.ask(1).invite(10 * MINUTE).invited == 2
    assert floor.ask(1).ask(2).invite(10 * MINUTE).invited == NOBODY
    assert floor.hold(True, MINUTE).invite(10 * MINUTE).invited == NOBODY
    assert floor.rest(11 * MINUTE, MINUTE).invite(10 * MINUTE).invited == NOBODY
    assert opened().invite(10 * MINUTE).invited == NOBODY  # nobody has spoken at all
    speaks = floor.ask(1).give(10 * MINUTE)
    assert (speaks.holder, speaks.invite(10 * MINUTE).invited) == (1, 2)
    no = floor.invite(10 * MINUTE)
    other = no.decline(no.invited).invite(20 * MINUTE)
    assert {no.invited, other.invited} == {1, 2}
    assert other.decline(other.invited).invite(30 * MINUTE).invited == NOBODY


def test_a_decline_leaves_no_trace_that_anybody_could_see():
    floor = talked()
    invited = floor.invite(10 * MINUTE)
    declined = invited.decline(invited.invited)

    assert floor.give(10 * MINUTE).seen() == invited.seen() == declined.seen()
    assert "invited" not in repr(declined)
    assert "leave_be" not in repr(declined)

    def later(one):
        return one.ask(1).ask(2).ask(3).ask(0).give(11 * MINUTE).end(12 * MINUTE).give(12 * MINUTE)

    # Nor does anything that follows: not who is next, nor what they carry on.
    assert later(declined).seen() == later(floor).seen()
    assert later(declined).credits() == later(floor).credits()


def test_somebody_else_cannot_decline_for_whoever_was_invited():
    invited = talked().invite(10 * MINUTE)
    other = next(seat for seat in (1, 2, 3) if seat != invited.invited)

    assert invited.decline(other) == invited
    assert invited.ask(invited.invited).invited == NOBODY
    assert invited.leave(invited.invited, 11 * MINUTE).invited == NOBODY
    assert invited.pass_(invited.invited, 11 * MINUTE).invited == NOBODY


# ------------------------------------------------------------------ the list of turns


def test_a_list_of_turns_that_breaks_the_rules_is_named():
    fine = [
        Turn(0, (0,), 0, 10, passed=False),
        Turn(0, (0,), 10, 10, passed=False),
        Turn(0, (0,), 20, 10, passed=False),
    ]
    third = [*fine[:2], Turn(0, (0, 1), 20, 10, passed=False)]

    assert checked_turns(fine, 90) == ()
    assert checked_turns(third, 90) == (
        "turn 3: seat 0 had a third turn while seat 1 waited for a first",
    )
    # A pass before counts as a first; one while the third turn ran does not.
    before = Turn(1, (), 15, 0, passed=True)
    assert checked_turns([*third[:2], before, third[2]], 90) == ()
    assert checked_turns([*third, replace(before, since_ms=20)], 90) == ()
    during = replace(before, since_ms=25)
    assert len(checked_turns([*third[:2], during, third[2]], 90)) == 1
    assert checked_turns([Turn(0, (1,), 0, 10, passed=False)], 90) == (
        "turn 1: seat 0 had not asked",
    )
    assert checked_turns([Turn(0, (), 0, 0, passed=False)], 90) == ("turn 1: seat 0 had not asked",)
    assert checked_turns([Turn(0, (0,), 0, 91, passed=False)], 90) == (
        "turn 1: 91 ms are longer than a turn lasts",
    )
    assert checked_turns([Turn(0, (), 0, 1, passed=True)], 90) == (
        "turn 1: 1 ms are longer than a turn lasts",
    )
    assert checked_turns([fine[0], replace(fine[1], since_ms=9)], 90) == (
        "turn 2: begun while another had the floor",
    )


def test_rules_that_mean_nothing_are_not_taken():
    with pytest.raises(ValueError, match="1 ms or more"):
        FloorRules(turn_ms_max=0)
    with pytest.raises(ValueError, match="1 ms or more"):
        FloorRules(credit_ms_max=-1)


# ------------------------------------------------------------------ everything, in any order

SEATS = st.integers(0, 6)


class AnyEvening(RuleBasedStateMachine):
    """Any steps in any order keep what a charter promises."""

    def __init__(self):
        super().__init__()
        self.floor = Floor.opened(range(5), "any", 0, carried={1: 70_000})
        self.now = 0
        self.invited_at = []

    def do(self, step, *args):
        """A step, or the refusal that it deserves; what was stays as it was."""
        before = self.floor
        kept, said = (dict(before.speakers), before.turns, before.seen()), None
        try:
            self.floor = getattr(before, step)(*args)
        except Refusal as no:
            said = no.code
        assert said in (None, "floor.seat", "floor.pass")
        assert kept == (dict(before.speakers), before.turns, before.seen())
        assert self.floor.turns[: len(before.turns)] == before.turns

    @rule(ms=st.sampled_from([1, 900, 15_000, 45_000, 100_000, 400_000]))
    def wait(self, ms):
        self.now += ms

    @rule(seat=SEATS, step=st.sampled_from(["ask", "ask", "ask", "withdraw", "decline", "enter"]))
    def step(self, seat, step):
        self.do(step, seat)

    @rule(seat=SEATS, step=st.sampled_from(["pass_", "leave"]))
    def timed_step(self, seat, step):
        self.do(step, seat, self.now)

    @rule(seats=st.sets(SEATS))
    def favour(self, seats):
        self.do("favour", seats)

    @rule()
    def give(self):
        before = self.floor.give(self.now) if self.floor.holder != NOBODY else self.floor
        ready = before.holder == NOBODY
        expected = naive.next_seat(before)
        self.do("give", self.now)
        if ready and self.floor.holder != NOBODY:
            assert self.floor.holder == expected

    @rule()
    def end(self):
        self.do("end", self.now)

    @rule(is_held=st.booleans())
    def hold(self, is_held):
        self.do("hold", is_held, self.now)

    @rule(ms=st.sampled_from([0, 60_000]))
    def rest(self, ms):
        self.do("rest", self.now + ms if ms else 0, self.now)

    @rule()
    def invite(self):
        seen = self.floor.give(self.now).seen() if self.floor.holder == NOBODY else None
        n_before = sum(one.n_invited for one in self.floor.speakers.values())
        self.do("invite", self.now)
        if sum(one.n_invited for one in self.floor.speakers.values()) > n_before:
            self.invited_at.append(self.now)
            one = self.floor.speakers[self.floor.invited]
            assert one.is_here
            assert one.since_turn is None
        assert seen is None or seen.turns == self.floor.seen().turns

    @precondition(lambda self: self.floor.invited != NOBODY)
    @rule()
    def decline(self):
        before = self.floor.seen()
        self.do("decline", self.floor.invited)
        assert self.floor.seen() == before
        assert self.floor.invited == NOBODY

    @invariant()
    def the_turns_keep_the_charter(self):
        assert checked_turns(self.floor.turns, self.floor.rules.turn_ms_max) == ()

    @invariant()
    def invitations_are_ten_minutes_apart(self):
        times = [0, *self.invited_at]
        assert all(b - a >= 10 * MINUTE for a, b in pairwise(times))

    @invariant()
    def what_each_spoke_is_what_the_turns_say(self):
        for seat, one in self.floor.speakers.items():
            own = [t for t in self.floor.turns if t.seat == seat]
            assert one.spoken_ms == sum(t.spoken_ms for t in own)
            assert one.n_turns == sum(bool(t.asking) for t in own) + (self.floor.holder == seat)
        assert sum(one.spoken_ms for one in self.floor.speakers.values()) <= self.now

    @invariant()
    def credits_are_within_the_cap_and_for_somebody(self):
        assert all(0 < ms <= 120_000 for ms in self.floor.credits().values())
        assert set(self.floor.credits()) <= set(self.floor.speakers)

    @invariant()
    def whoever_holds_is_here_and_asks_only_while_here(self):
        if self.floor.holder != NOBODY:
            assert self.floor.speakers[self.floor.holder].is_here
        assert all(self.floor.speakers[seat].is_here for seat in self.floor.seen().queue)


AnyEvening.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnyEvening = AnyEvening.TestCase
