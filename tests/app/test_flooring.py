"""The floor at work: turns end by themselves, invitations stay private, credit goes along."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from makers_gatherings import make_gathering
from makers_ground import a_dreamer, make_ground

from dreamweave.app import flooring, gatherings
from dreamweave.app.flooring import floor, tables, wish
from dreamweave.app.gathering_clock import GatheringClock
from dreamweave.app.leaving import leave
from dreamweave.governance.speakers import FloorRules
from dreamweave.model.refusals import Refusal

TURN_MS = FloorRules().turn_ms_max
GAP_MS = FloorRules().invite_gap_ms


@pytest.fixture
def here():
    return make_gathering(floor="turns")


def clock_of(here):
    return GatheringClock(here.ground, on_trouble=here.trouble.append, threaded=False)


def pass_ms(here, ms):
    here.ground.now_ms.pass_ms(ms)


def seat(here, who):
    return gatherings.gathering(here.ground, who, here.g).seat


def test_stepping_forward_gives_a_free_floor_and_screens_hear_of_it(here):
    ann, bo = here.comes(), here.comes()

    wish(here.ground, ann, here.g, "ask")
    wish(here.ground, bo, here.g, "ask")
    here.settle()

    mine, theirs = floor(here.ground, ann, here.g), floor(here.ground, bo, here.g)
    assert (mine.is_mine, mine.left_ms, mine.n_queue) == (True, TURN_MS, 1)
    assert (theirs.turn, theirs.is_mine, theirs.place) == (seat(here, ann), False, 1)
    now_ms = here.ground.now_ms()
    assert here.picture().floor == (seat(here, ann), now_ms, (seat(here, bo),))
    assert here.afresh().floor == here.picture().floor


def test_a_turn_past_its_cap_ends_by_itself_and_the_clock_knows_when(here):
    ann, bo = here.comes(), here.comes()
    clock = clock_of(here)
    wish(here.ground, ann, here.g, "ask")
    wish(here.ground, bo, here.g, "ask")
    pass_ms(here, TURN_MS - 1_000)
    assert clock.turn() == 1_000
    assert here.afresh().floor[0] == seat(here, ann)

    pass_ms(here, 1_000)
    clock.turn()

    assert here.afresh().floor[0] == seat(here, bo)
    assert here.trouble == []


def test_to_look_writes_nothing_and_still_sees_that_time_is_up(here):
    ann = here.comes()
    wish(here.ground, ann, here.g, "ask")
    pass_ms(here, 2 * TURN_MS)
    n = len(here.ground.store.facts(stream=here.topic, after=0, limit=1_000))

    seen = floor(here.ground, ann, here.g)

    assert (seen.turn, seen.is_mine, seen.left_ms) == (None, False, 0)
    assert len(here.ground.store.facts(stream=here.topic, after=0, limit=1_000)) == n
    assert flooring.due(here.ground, here.g)
    assert not flooring.due(here.ground, here.g)


def test_the_hosts_hold_and_rest_stop_every_turn(here):
    ann = here.comes()
    clock = clock_of(here)
    wish(here.ground, ann, here.g, "ask")
    gatherings.hold(here.ground, here.host, here.g, yes=True)
    clock.turn()
    pass_ms(here, 10 * TURN_MS)
    clock.turn()
    assert floor(here.ground, ann, here.g).left_ms == TURN_MS
    assert floor(here.ground, ann, here.g).is_held

    gatherings.hold(here.ground, here.host, here.g, yes=False)
    clock.turn()
    pass_ms(here, TURN_MS)
    clock.turn()

    assert here.afresh().floor[0] == -1


def test_an_invitation_is_told_to_the_invited_alone(here):
    people = [here.comes() for _ in range(3)]
    for _ in range(2):
        wish(here.ground, people[0], here.g, "ask")
        pass_ms(here, TURN_MS)
        wish(here.ground, people[0], here.g, "end")
    pass_ms(here, GAP_MS)
    here.settle()
    before = here.picture(), len(here.frames())

    wish(here.ground, here.host, here.g, "invite")
    here.settle()

    everybody = [here.host, *people]
    invited = [who for who in everybody if floor(here.ground, who, here.g).invited]
    assert len(invited) == 1
    assert (here.picture(), len(here.frames())) == before

    wish(here.ground, invited[0], here.g, "decline")
    here.settle()
    assert not any(floor(here.ground, who, here.g).invited for who in everybody)
    assert (here.picture(), len(here.frames())) == before


def test_credit_of_whoever_was_crowded_out_goes_to_the_circles_next_gathering_and_nowhere_twice(
    here,
):
    ann, bo, cy = here.comes(), here.comes(), here.comes()
    for who in (ann, bo, cy):
        wish(here.ground, who, here.g, "ask")
    pass_ms(here, TURN_MS)
    flooring.due(here.ground, here.g)
    gatherings.begin_phase(here.ground, here.host, here.g, "reflecting")
    clock_of(here).begin()
    flooring.due(here.ground, here.g)
    crowded_out = next(
        who for who in (bo, cy) if seat(here, who) in dict(_credits(here)) and who is not ann
    )

    again = [_next_gathering(here) for _ in range(2)]
    for g in again:
        for who in (here.host, ann, bo, cy):
            if who is not here.host:
                gatherings.enter(here.people, who, g, agreed=True)
        flooring.due(here.ground, g)

    brought = [_brought(here, g, crowded_out) for g in again]
    assert brought == [TURN_MS, 0]
    assert here.afresh().floor == (-1, 0, ())


def _credits(here):
    state = here.ground.road.gathering(here.topic)
    return state.floors.credits()


def _next_gathering(here):
    g = gatherings.make(
        here.ground,
        here.host,
        here.circle,
        gatherings.About("The next night"),
        floor="turns",
        begins_ms=here.ground.now_ms(),
    )
    gatherings.begin_phase(here.ground, here.host, g, "telling")
    return g


def _brought(here, g, who):
    state = here.ground.road.gathering(f"gathering/{g}")
    seat = state.seats[who.dreamer].i
    return state.floors.floor_of(seat).speakers[seat].credit_ms


def test_whoever_leaves_the_node_leaves_no_credit_and_stops_nobody():
    here = make_gathering(make_ground(), floor="turns")
    ann, bo = here.comes(), here.comes()
    wish(here.ground, ann, here.g, "ask")
    wish(here.ground, bo, here.g, "ask")
    leave(here.people, replace(bo, stepped_up=True))
    pass_ms(here, TURN_MS)
    clock = clock_of(here)
    clock.begin()
    clock.turn()
    gatherings.begin_phase(here.ground, here.host, here.g, "reflecting")
    clock.turn()

    assert here.trouble == []
    assert here.ground.road.gathering(here.topic).floors.is_closed


def test_tables_are_shown_to_each_and_are_of_eight_to_fifteen(here):
    people = [here.comes() for _ in range(20)]
    flooring.due(here.ground, here.g)

    seen = [tables(here.ground, who, here.g) for who in people]

    assert [(t.table, t.seats) for t in seen[0]] == [(t.table, t.seats) for t in seen[7]]
    assert all(8 <= len(t.seats) <= 15 for t in seen[0])
    for who, laid in zip(people, seen, strict=True):
        (mine,) = [t for t in laid if t.is_mine]
        assert seat(here, who) in mine.seats
        assert floor(here.ground, who, here.g).table == mine.table


def test_wishes_that_are_none_and_people_who_are_not_there_are_refused(here):
    ann = here.comes()
    stranger = a_dreamer(here.ground)
    with pytest.raises(Refusal, match="On the floor one can"):
        wish(here.ground, ann, here.g, "shout")
    for look in (floor, tables):
        with pytest.raises(Refusal) as no:
            look(here.ground, stranger, here.g)
        assert no.value.code == "gathering.unknown"
    plain = make_gathering()
    bo = plain.comes()
    assert not floor(plain.ground, bo, plain.g).in_turns
    with pytest.raises(Refusal) as no:
        wish(plain.ground, bo, plain.g, "ask")
    assert no.value.code == "floor.free"


def test_the_same_key_steps_forward_once(here):
    ann = here.comes()
    wish(here.ground, ann, here.g, "ask", once="a-key-once")
    wish(here.ground, ann, here.g, "end")

    wish(here.ground, ann, here.g, "ask", once="a-key-once")

    assert floor(here.ground, ann, here.g).turn is None


def test_a_clock_that_was_away_catches_up(here):
    ann = here.comes()
    wish(here.ground, ann, here.g, "ask")
    pass_ms(here, 5 * TURN_MS)
    clock = clock_of(here)

    clock.begin()
    clock.turn()

    state = here.ground.road.gathering(here.topic)
    assert [turn.spoken_ms for turn in state.floors.by_table[0].turns] == [TURN_MS]


def test_the_thread_of_the_clock_ends_turns_and_stops(here):
    ann = here.comes()
    clock = GatheringClock(here.ground, on_trouble=here.trouble.append)
    wish(here.ground, ann, here.g, "ask")
    pass_ms(here, 2 * TURN_MS)

    clock.begin()
    for _ in range(200):
        if here.afresh().floor[0] == -1:
            break
        time.sleep(0.02)
    clock.close()
    clock.close()

    assert here.afresh().floor[0] == -1
