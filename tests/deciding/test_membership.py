"""A node with members always has a keeper who can act, and nobody gives what is not theirs to give."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from dreamweave.deciding import membership
from dreamweave.deciding.membership import Member, Membership, fold
from dreamweave.model.facts import (
    DreamerJoined,
    DreamerLeft,
    DreamerReadmitted,
    DreamerSuspended,
    GuestBecameMember,
    RoleGiven,
    RoleTaken,
)
from dreamweave.model.refusals import Refusal

ALL = frozenset({"dreamer", "host", "steward", "keeper"})


def state(**members) -> Membership:
    return Membership(members)


KEPT = state(
    ana=Member(False, ALL),
    stu=Member(False, frozenset({"dreamer", "steward"})),
    hal=Member(False, frozenset({"dreamer", "host"})),
    bo=Member(False),
    gia=Member(True),
)


def refused(wish) -> str:
    with pytest.raises(Refusal) as no:
        wish()
    return no.value.code


def test_the_first_member_keeps_the_node_and_a_guest_does_not():
    assert membership.join(Membership(), "ana", guest=False) == (
        DreamerJoined("ana", False),
        RoleGiven("ana", "host", "ana"),
        RoleGiven("ana", "steward", "ana"),
        RoleGiven("ana", "keeper", "ana"),
    )
    assert membership.join(Membership(), "gia", guest=True) == (DreamerJoined("gia", True),)
    assert membership.join(KEPT, "cy", guest=False) == (DreamerJoined("cy", False),)
    assert refused(lambda: membership.join(KEPT, "bo", guest=False)) == "dreamer.here"


def test_a_guest_stays_where_somebody_keeps_the_node():
    assert membership.become_member(KEPT, "gia") == (GuestBecameMember("gia"),)
    assert refused(lambda: membership.become_member(KEPT, "bo")) == "dreamer.member"
    assert refused(lambda: membership.become_member(KEPT, "nobody")) == "dreamer.unknown"
    alone = state(gia=Member(True))
    assert refused(lambda: membership.become_member(alone, "gia")) == "dreamer.no_keeper"


@pytest.mark.parametrize(
    ("by", "role", "may"),
    [
        ("ana", "host", True),
        ("ana", "steward", True),
        ("ana", "keeper", True),
        ("stu", "host", True),
        ("stu", "steward", False),
        ("stu", "keeper", False),
        ("hal", "host", False),
        ("bo", "host", False),
        ("bo", "keeper", False),
        ("gia", "host", False),
    ],
)
def test_stewards_make_hosts_and_only_a_keeper_makes_stewards_and_keepers(by, role, may):
    if may:
        assert membership.give_role(KEPT, by, "bo", role) == (RoleGiven("bo", role, by),)
        assert membership.take_role(KEPT, by, "bo", role) == ()
    else:
        assert refused(lambda: membership.give_role(KEPT, by, "bo", role)) == "role.not_yours"
        assert refused(lambda: membership.take_role(KEPT, by, "ana", role)) == "role.not_yours"


def test_a_role_is_one_of_three_and_never_a_guests():
    assert refused(lambda: membership.give_role(KEPT, "ana", "bo", "dreamer")) == "role.unknown"
    assert refused(lambda: membership.give_role(KEPT, "ana", "bo", "king")) == "role.unknown"
    assert refused(lambda: membership.give_role(KEPT, "ana", "gia", "host")) == "role.guest"
    assert membership.give_role(KEPT, "ana", "hal", "host") == ()


def test_a_suspended_keeper_gives_nothing_and_takes_nothing():
    closed = state(ana=Member(False, ALL, suspended=True), bea=Member(False, ALL), bo=Member(False))

    assert refused(lambda: membership.give_role(closed, "ana", "bo", "host")) == "role.not_yours"
    assert refused(lambda: membership.suspend(closed, "ana", "bea")) == "role.not_yours"
    assert refused(lambda: membership.readmit(closed, "ana", "ana")) == "role.not_yours"


def test_the_last_keeper_who_can_act_stays_one():
    two = state(ana=Member(False, ALL), bea=Member(False, ALL, suspended=True), bo=Member(False))

    assert refused(lambda: membership.take_role(two, "ana", "ana", "keeper")) == "role.last"
    assert refused(lambda: membership.leave(two, "ana")) == "leave.last_keeper"
    assert membership.take_role(two, "ana", "bea", "keeper") == (RoleTaken("bea", "keeper", "ana"),)
    assert membership.leave(two, "bea") == (DreamerLeft("bea"),)


def test_a_keeper_alone_with_guests_may_leave():
    assert membership.leave(state(ana=Member(False, ALL), gia=Member(True)), "ana") == (
        DreamerLeft("ana"),
    )


def test_a_door_is_closed_from_above_only():
    assert membership.suspend(KEPT, "stu", "bo") == (DreamerSuspended("bo", "stu"),)
    assert membership.suspend(KEPT, "ana", "stu") == (DreamerSuspended("stu", "ana"),)
    assert refused(lambda: membership.suspend(KEPT, "stu", "ana")) == "role.not_yours"
    for whom in ("bo", "nobody"):  # who is here is not for everybody to find out
        assert refused(lambda w=whom: membership.suspend(KEPT, "hal", w)) == "role.not_yours"
        assert refused(lambda w=whom: membership.give_role(KEPT, "hal", w, "host")) == (
            "role.not_yours"
        )
    assert refused(lambda: membership.suspend(KEPT, "ana", "nobody")) == "dreamer.unknown"
    assert refused(lambda: membership.suspend(KEPT, "ana", "ana")) == "suspend.self"
    closed = fold(KEPT, [DreamerSuspended("bo", "stu")])
    assert membership.suspend(closed, "stu", "bo") == ()
    assert membership.readmit(closed, "stu", "bo") == (DreamerReadmitted("bo", "stu"),)
    assert membership.readmit(KEPT, "stu", "bo") == ()


class Node(RuleBasedStateMachine):
    """A node on which everybody tries everything."""

    def __init__(self):
        super().__init__()
        self.state = Membership()
        self.facts = []
        self.n = 0

    def wish(self, decide, *asked, **how):
        try:
            facts = decide(self.state, *asked, **how)
        except Refusal:
            return
        before = self.state
        for fact in facts:
            if isinstance(fact, RoleGiven) and before.members:
                giver = before.members.get(fact.by)
                first = isinstance(facts[0], DreamerJoined)  # the first member, to themselves
                needed = {"steward", "keeper"} if fact.role == "host" else {"keeper"}
                assert first or (not giver.suspended and giver.roles & needed)
                assert not first or not before.holders("keeper")
        self.state = fold(self.state, facts)
        self.facts += facts

    @property
    def anybody(self):
        return [f"d{i}" for i in range(self.n)]

    # A pool of few people, so that rules meet one another.
    @rule(guest=st.booleans())
    def join(self, guest):
        if len(self.state.members) < 5:
            # As `app.coming_in` has it: without a keeper, in comes whoever has the setup code.
            self.wish(membership.join, f"d{self.n}", guest=guest)
            self.n += 1

    @rule(data=st.data())
    def become_member(self, data):
        if self.n:
            self.wish(membership.become_member, data.draw(st.sampled_from(self.anybody)))

    @rule(data=st.data(), role=st.sampled_from(["host", "steward", "keeper"]), give=st.booleans())
    def role(self, data, role, give):
        if self.n:
            by, to = (data.draw(st.sampled_from(self.anybody)) for _ in range(2))
            self.wish(membership.give_role if give else membership.take_role, by, to, role)

    @rule(data=st.data(), close=st.booleans())
    def door(self, data, close):
        if self.n:
            by, to = (data.draw(st.sampled_from(self.anybody)) for _ in range(2))
            self.wish(membership.suspend if close else membership.readmit, by, to)

    @rule(data=st.data())
    def leave(self, data):
        if self.n:
            self.wish(membership.leave, data.draw(st.sampled_from(self.anybody)))

    @invariant()
    def members_have_a_keeper_who_can_act(self):
        if any(not m.guest for m in self.state.members.values()):
            assert self.state.holders("keeper")

    @invariant()
    def guests_hold_no_role(self):
        assert all(m.roles == {"dreamer"} for m in self.state.members.values() if m.guest)

    @invariant()
    def folding_afresh_is_the_same(self):
        assert fold(Membership(), self.facts) == self.state


TestNode = Node.TestCase
TestNode.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_the_alarm_rings_where_a_keeper_may_just_go():
    """With the defence of `leave` off, the machine above finds a node that nobody keeps."""
    node = Node()
    node.wish(membership.join, "ana", guest=False)
    node.wish(membership.join, "bo", guest=False)
    node.wish(lambda _, dreamer: (DreamerLeft(dreamer),), "ana")

    with pytest.raises(AssertionError):
        node.members_have_a_keeper_who_can_act()
