"""Unnamed words wait for a crowd, come out together, and go with everything that held them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.deciding import audiences
from dreamweave.deciding.audiences import Audience, fold
from dreamweave.model.facts import (
    CircleJoined,
    CircleMade,
    CircleParted,
    Offered,
    Shown,
    Unpicked,
    WeaveFell,
    Woven,
)
from dreamweave.model.refusals import Refusal


def offered(state, tag, lender, *, unnamed=True, crowd_min=3):
    facts = audiences.offer(
        state, tag, lender, unnamed=unnamed, members_only=False, crowd_min=crowd_min
    )
    return facts, fold(state, facts)


def test_unnamed_words_wait_until_three_people_have_lent():
    state = Audience()
    first, state = offered(state, "t1", "ann")
    second, state = offered(state, "t2", "ann")
    third, state = offered(state, "t3", "bo")

    assert (first, second, third) == (
        (Offered("t1", "ann", True),),
        (Offered("t2", "ann", True),),
        (Offered("t3", "bo", True),),
    )
    assert dict(state.shown) == {}

    fourth, state = offered(state, "t4", "cy")

    assert fourth == (Offered("t4", "cy", True), Shown(("t1", "t2", "t3", "t4")))
    assert dict(state.shown) == {"t1": "ann", "t2": "ann", "t3": "bo", "t4": "cy"}
    assert dict(state.waiting) == {}


def test_a_late_unnamed_piece_waits_for_a_crowd_of_its_own():
    state = Audience()
    for tag, who in (("t1", "a"), ("t2", "b"), ("t3", "c")):
        _, state = offered(state, tag, who)

    facts, state = offered(state, "t4", "d")

    assert facts == (Offered("t4", "d", True),)
    assert "t4" not in state.shown


def test_named_words_are_shown_at_once_and_count_for_no_crowd():
    state = Audience()
    _, state = offered(state, "n1", "a", unnamed=False)
    _, state = offered(state, "t1", "b")
    _, state = offered(state, "t2", "c")

    assert (dict(state.shown), state.n_lenders_waiting) == ({"n1": "a"}, 2)


def test_the_order_of_release_is_the_drawn_one():
    state = Audience(waiting={"t1": "a", "t2": "b"})

    facts = audiences.offer(
        state,
        "t3",
        "c",
        unnamed=True,
        members_only=False,
        crowd_min=3,
        shuffled=("t3", "t1", "t2"),
    )

    assert facts[1] == Shown(("t3", "t1", "t2"))
    assert list(fold(state, facts).shown) == ["t3", "t1", "t2"]


def test_an_order_of_other_tags_is_a_mistake():
    with pytest.raises(ValueError, match="drawn order"):
        audiences.offer(
            Audience(),
            "t1",
            "a",
            unnamed=True,
            members_only=False,
            crowd_min=1,
            shuffled=("t9",),
        )


def test_a_circle_takes_words_from_its_members_only():
    state = fold(Audience(), [CircleMade("c", "host")])

    with pytest.raises(Refusal, match="no such Circle"):
        audiences.offer(state, "t", "stranger", unnamed=False, members_only=True, crowd_min=3)


def test_taking_back_fells_the_weaves_that_held_it_and_no_other():
    state = fold(
        Audience(),
        [
            Offered("t1", "a", False),
            Offered("t2", "b", False),
            Woven("w1", ("t1", "t2"), "r"),
            Woven("w2", ("t2",), "r"),
        ],
    )

    facts = audiences.unpick(state, ["t1", "unknown"])

    assert facts == (Unpicked(("t1",)), WeaveFell("w1"))
    assert dict(fold(state, facts).weaves) == {"w2": frozenset({"t2"})}
    assert audiences.unpick(state, ["unknown"]) == ()


def test_a_circle_is_made_once_joined_once_and_left():
    state = fold(Audience(), audiences.make(Audience(), "c", "host"))

    assert audiences.join(state, "host") == ()
    assert audiences.join(state, "ann") == (CircleJoined("ann"),)
    with pytest.raises(Refusal, match="here already"):
        audiences.make(state, "c", "other")
    with pytest.raises(Refusal, match="no such Circle"):
        audiences.join(Audience(), "ann")
    state = fold(state, [CircleJoined("ann")])
    assert audiences.part(state, "ann") == (CircleParted("ann"),)
    assert audiences.part(state, "stranger") == ()


FACTS = st.lists(
    st.one_of(
        st.builds(
            Offered, st.sampled_from("abcde"), st.sampled_from(["p", "q", "r"]), st.booleans()
        ),
        st.builds(Shown, st.lists(st.sampled_from("abcde"), max_size=3).map(tuple)),
        st.builds(Unpicked, st.lists(st.sampled_from("abcde"), max_size=3).map(tuple)),
        st.builds(CircleJoined, st.sampled_from(["p", "q"])),
        st.builds(CircleParted, st.sampled_from(["p", "q"])),
        st.builds(
            Woven, st.sampled_from("wv"), st.lists(st.sampled_from("abc")).map(tuple), st.just("r")
        ),
        st.builds(WeaveFell, st.sampled_from("wv")),
    ),
    max_size=20,
)


@given(FACTS, st.integers(0, 20))
def test_folding_what_was_heard_equals_reading_it_afresh(facts, cut):
    assert fold(fold(Audience(), facts[:cut]), facts[cut:]) == fold(Audience(), facts)
