"""A lottery for places, decided: who opens, applies, confirms, and whom it keeps from a place."""

from __future__ import annotations

import pytest
from gatherings_by_hand import HOST, no, there

from dreamweave.deciding import gathering_decisions as gathering
from dreamweave.deciding import seat_decisions as decisions
from dreamweave.deciding.gatherings import CLOSED, fold
from dreamweave.deciding.seat_decisions import SEEN_MS
from dreamweave.deciding.seat_draws import SeatDraw, keeps_from
from dreamweave.model.facts import of_kept, to_new
from dreamweave.model.gathering_facts import PhaseBegun
from dreamweave.model.keeping import KeptFact
from dreamweave.model.seat_facts import ApplicationsOpened, Applied, Confirmed, Drawn, ListPublished

CLOSES_MS = 1_000


def opens(state, by=HOST, closes_ms=CLOSES_MS, now_ms=0):
    return decisions.open_applications(
        state, by, "d", closes_ms=closes_ms, sealed_secret="0a" * 32, now_ms=now_ms
    )


@pytest.fixture
def few():
    """Three places, of which the host has one, and applications are open."""
    state = there(n_places=3)
    return fold(state, opens(state))


def applied(state, *people):
    for who in people:
        state = fold(state, decisions.apply_for(state, who, 10))
    return state


def listed(state):
    return fold(state, decisions.publish(state, "ab" * 32, CLOSES_MS))


def test_as_many_places_are_drawn_as_are_free(few):
    assert few.draw.n_places == 2
    crowded = there("ann", n_places=3)
    assert fold(crowded, opens(crowded)).draw.n_places == 1


@pytest.mark.parametrize(
    ("state", "how", "code"),
    [
        (there("ann"), {}, "draw.places"),
        (there("ann", "bo", n_places=3), {}, "draw.places"),
        (there("ann", n_places=9), {"by": "ann"}, "gathering.host"),
        (there("ann", n_places=9), {"by": "zoe"}, "gathering.unknown"),
        (there(n_places=9), {"closes_ms": 0}, "draw.closes"),
        (there(n_places=9), {"closes_ms": 10**12}, "draw.closes"),
        (fold(there(n_places=9), (PhaseBegun(CLOSED, HOST),)), {}, "draw.phase"),
    ],
)
def test_what_is_no_lottery_is_not_opened(state, how, code):
    assert no(opens, state, **how) == code


def test_a_gathering_has_one_draw(few):
    assert no(opens, few) == "draw.here"


def test_one_applies_once_and_while_applications_are_open(few):
    assert decisions.apply_for(few, "ann", 10) == (Applied("ann"),)
    assert decisions.apply_for(applied(few, "ann"), "ann", 10) == ()
    assert no(decisions.apply_for, few, "ann", CLOSES_MS) == "draw.closed"
    assert no(decisions.apply_for, listed(applied(few, "bo")), "ann", 10) == "draw.closed"
    assert no(decisions.apply_for, few, HOST, 10) == "draw.inside"
    assert no(decisions.apply_for, there("ann"), "ann", 10) == "draw.none"


def test_whoever_listens_may_apply(few):
    state = fold(few, gathering.enter(few, "ann", invited=True, listening=True))

    assert decisions.apply_for(state, "ann", 10) == (Applied("ann"),)


def test_a_list_is_made_once_and_not_before_its_time(few):
    state = applied(few, "ann")
    assert decisions.publish(state, "ab" * 32, CLOSES_MS - 1) == ()
    assert decisions.publish(state, "ab" * 32, CLOSES_MS) == (ListPublished("ab" * 32, CLOSES_MS),)
    assert decisions.publish(listed(state), "cd" * 32, CLOSES_MS + 1) == ()
    assert decisions.publish(few, "", CLOSES_MS) == (Drawn(()),)


def test_one_confirms_between_the_list_and_the_draw(few):
    state = applied(few, "ann", "bo")
    assert no(decisions.confirm, state, "ann") == "draw.unlisted"
    state = listed(state)
    assert decisions.confirm(state, "ann") == (Confirmed("ann"),)
    assert decisions.confirm(fold(state, (Confirmed("ann"),)), "ann") == ()
    assert no(decisions.confirm, state, "cy") == "draw.not_yours"
    assert no(decisions.confirm, fold(state, (Drawn(("bo",)),)), "ann") == "draw.over"


def test_it_is_drawn_by_its_host_after_everybody_could_look(few):
    state = listed(applied(few, "ann", "bo"))
    assert no(decisions.may_draw, state, HOST, CLOSES_MS + SEEN_MS - 1) == "draw.early"
    assert no(decisions.may_draw, state, "ann", CLOSES_MS + SEEN_MS) == "gathering.unknown"
    assert decisions.may_draw(state, HOST, CLOSES_MS + SEEN_MS) is state.draw
    over = fold(state, (Drawn(("ann",)),))
    assert no(decisions.may_draw, over, HOST, CLOSES_MS + SEEN_MS) == "draw.over"


def test_the_lottery_keeps_places_for_whoever_is_drawn():
    open_draw = SeatDraw("d", 2, 5, "s")
    drawn = SeatDraw("d", 2, 5, "s", drawn=frozenset({"ann", "bo"}))

    assert not keeps_from(None, "cy", set(), 9)
    assert keeps_from(open_draw, "ann", set(), 9)
    assert not keeps_from(drawn, "ann", set(), 1)
    assert keeps_from(drawn, "cy", set(), 2)
    assert keeps_from(drawn, "cy", {"ann"}, 1)
    assert not keeps_from(drawn, "cy", {"ann"}, 2)  # more are free than are waited for
    assert not keeps_from(drawn, "cy", {"ann", "bo"}, 1)


def test_telling_takes_a_place_too(few):
    state = fold(few, gathering.enter(few, "ann", invited=True, listening=True))

    refused = no(gathering.tell, state, "ann", "t", now_ms=10)

    assert refused == "gathering.drawn"


def test_a_fold_leaves_the_draw_before_as_it_was_and_reads_what_was_kept(few):
    before = applied(few, "ann")

    facts = (Applied("bo"), ListPublished("ab" * 32, 7), Confirmed("bo"), Drawn(("bo",)))
    after = fold(before, facts)

    assert list(before.draw.applied) == ["ann"]
    assert before.draw.confirmed == set()
    assert before.draw.drawn is None
    kept = [to_new("s", one) for one in (*opens(there(n_places=3)), Applied("ann"), *facts)]
    read = [of_kept(KeptFact(1, "s", 1, new.kind, 0, new.body)) for new in kept]
    assert isinstance(read[0], ApplicationsOpened)
    assert fold(there(n_places=3), read).draw == after.draw
