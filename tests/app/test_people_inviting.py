"""Who invites whom, and who sees and closes what: roles by their effect."""

from __future__ import annotations

from dataclasses import replace

import pytest
from makers_people import actor, make_node

from dreamweave.app import circles, roles
from dreamweave.app.coming_in import come_as_guest
from dreamweave.app.invitations import (
    N_OPEN_MAX,
    enter_circle,
    invitations,
    invite,
    withdraw,
)
from dreamweave.app.me import change_own
from dreamweave.app.people import REPLAY_MS
from dreamweave.app.roles import Listed
from dreamweave.model.refusals import Refusal

DAY_MS = 86_400_000


def refused(wish) -> str:
    with pytest.raises(Refusal) as no:
        wish()
    return no.value.code


def holder(node, role, name):
    came = node.member(name)
    if role != "member":
        roles.give_role(node.people, node.who, came.dreamer, role)
    return actor(node.people, came)


@pytest.mark.parametrize(
    ("role", "member", "guest"),
    [("keeper", 1, 1), ("steward", 1, 1), ("host", 0, 1), ("member", 0, 0)],
)
def test_stewards_invite_members_and_hosts_guests(role, member, guest):
    node = make_node()
    who = holder(node, role, "Bo")

    for opens, may in (("member", member), ("guest", guest)):
        if may:
            assert len(invite(node.people, who, opens=opens).code) == 11
        else:
            assert refused(lambda o=opens: invite(node.people, who, opens=o)) == "role.not_yours"


def test_a_guest_and_a_suspended_steward_invite_nobody():
    node = make_node()
    steward = holder(node, "steward", "Bo")
    guest = actor(node.people, node.guest())
    roles.suspend(node.people, node.who, steward.dreamer)
    now = node.people.ground.road.membership().members[steward.dreamer]

    assert refused(lambda: invite(node.people, guest, opens="guest")) == "role.not_yours"
    assert now.suspended
    closed = replace(steward, suspended=True)
    assert refused(lambda: invite(node.people, closed, opens="guest")) == "dreamer.suspended"


def test_a_role_that_was_taken_a_moment_ago_invites_nobody():
    node = make_node()
    steward = holder(node, "steward", "Bo")
    roles.take_role(node.people, node.who, steward.dreamer, "steward")

    assert refused(lambda: invite(node.people, steward, opens="member")) == "role.not_yours"


def test_only_the_host_of_a_circle_invites_into_it():
    node = make_node()
    host, other = holder(node, "host", "Bo"), holder(node, "host", "Cy")
    circle = circles.make(node.people.ground, host, "Tuesday")

    assert invite(node.people, host, opens="circle", circle=circle).made.circle == circle
    for who in (other, node.who):
        assert refused(lambda w=who: invite(node.people, w, opens="circle", circle=circle)) == (
            "circle.unknown"
        )
    assert refused(lambda: invite(node.people, host, opens="circle")) == "invite.kind"
    assert refused(lambda: invite(node.people, host, opens="guest", circle=circle)) == "invite.kind"
    assert refused(lambda: invite(node.people, host, opens="recovery")) == "invite.kind"
    assert refused(lambda: invite(node.people, host, opens="circle", circle="x")) == (
        "circle.unknown"
    )


def test_an_invitation_has_bounds():
    node = make_node()

    for how in ({"n_uses": 0}, {"n_uses": 1_001}, {"days": 0}, {"days": 91}):
        assert refused(lambda h=how: invite(node.people, node.who, opens="guest", **h)) == (
            "invite.bounds"
        )


def test_one_person_has_so_many_invitations_open_and_no_more():
    node = make_node()
    for _ in range(N_OPEN_MAX):
        node.code("guest")

    assert refused(lambda: node.code("guest")) == "invite.many"
    node.people.ground.now_ms.pass_ms(7 * DAY_MS)
    assert node.people.sessions.actor_of_token(node.keeper.token)
    assert node.code("guest")


def test_an_invitation_that_is_sent_for_twice_is_one_invitation():
    node = make_node()
    how = {"opens": "guest", "once": "key-of-one-request"}
    first, again = (invite(node.people, node.who, **how) for _ in range(2))

    assert invitations(node.people, node.who) == [again.made]
    assert refused(lambda: come_as_guest(node.people, code=first.code)) == "invitation.unknown"
    assert refused(lambda: invite(node.people, node.who, **how, n_uses=9)) == "once.reused"
    come_as_guest(node.people, code=again.code)
    node.people.ground.now_ms.pass_ms(REPLAY_MS)
    assert refused(lambda: invite(node.people, node.who, **how)) == "once.reused"
    assert invitations(node.people, node.who) == []


def test_ones_invitations_are_listed_without_codes_and_withdrawn():
    node = make_node()
    first = invite(node.people, node.who, opens="guest", n_uses=3)
    node.people.ground.now_ms.pass_ms(1)
    second = invite(node.people, node.who, opens="member")

    assert invitations(node.people, node.who) == [second.made, first.made]
    come_as_guest(node.people, code=first.code)
    withdraw(node.people, node.who, first.made.id)
    assert refused(lambda: come_as_guest(node.people, code=first.code)) == "invitation.unknown"
    assert invitations(node.people, node.who) == [second.made]


def test_nobody_withdraws_somebody_elses_invitation_but_a_steward():
    node = make_node()
    host, other = holder(node, "host", "Bo"), holder(node, "host", "Cy")
    steward = holder(node, "steward", "Di")
    made = invite(node.people, host, opens="guest").made

    assert refused(lambda: withdraw(node.people, other, made.id)) == "invitation.unknown"
    assert refused(lambda: withdraw(node.people, host, "0" * 64)) == "invitation.unknown"
    withdraw(node.people, steward, made.id)
    assert invitations(node.people, host) == []


def test_nobody_withdraws_a_recovery_code_or_the_setup_code():
    node = make_node()
    ids = [row.id for row in node.people.ground.store.rows("passes")]

    for id in ids:
        assert refused(lambda i=id: withdraw(node.people, node.who, i)) == "invitation.unknown"


def test_a_circle_is_entered_by_code_once_and_again_uses_nothing_up():
    node = make_node()
    host = holder(node, "host", "Bo")
    circle = circles.make(node.people.ground, host, "Tuesday")
    code = invite(node.people, host, opens="circle", circle=circle, n_uses=2).code
    one, two, three = (actor(node.people, node.member(n)) for n in ("C1", "C2", "C3"))

    assert enter_circle(node.people, one, code, once="key-of-one-request") == circle
    assert enter_circle(node.people, one, code, once="key-of-one-request") == circle
    assert enter_circle(node.people, one, code) == circle
    assert enter_circle(node.people, two, code) == circle
    assert refused(lambda: enter_circle(node.people, three, code)) == "invitation.unknown"
    assert refused(lambda: enter_circle(node.people, three, node.code())) == "invitation.unknown"
    members = node.people.ground.road.audience(f"circle/{circle}").members
    assert members == {host.dreamer, one.dreamer, two.dreamer}


# ------------------------------------------------------------------ who is here


def test_a_steward_sees_the_names_people_show_and_nothing_they_sign_in_with():
    node = make_node()
    bo = node.member("Secretsignin")
    change_own(node.people, actor(node.people, bo), {"shown_name": "B."})
    guest = node.guest()

    listed = roles.members(node.people, node.who)

    assert sorted(listed, key=lambda one: (one.guest, one.shown_name)) == [
        Listed(node.keeper.dreamer, "Ana", False, ("dreamer", "host", "keeper", "steward"), False),
        Listed(bo.dreamer, "B.", False, ("dreamer",), False),
        Listed(guest.dreamer, "", True, ("dreamer",), False),
    ]
    assert "B." not in repr(listed)


def test_the_list_comes_in_pages():
    node = make_node()
    for i in range(5):
        node.member(f"M{i}")

    first = roles.members(node.people, node.who, limit=4)
    rest = roles.members(node.people, node.who, after=first[-1].dreamer, limit=4)

    assert (len(first), len(rest)) == (4, 2)
    assert len({one.dreamer for one in first + rest}) == 6


@pytest.mark.parametrize("role", ["host", "member"])
def test_nobody_else_sees_who_is_here(role):
    node = make_node()
    who = holder(node, role, "Bo")

    assert refused(lambda: roles.members(node.people, who)) == "role.not_yours"
    assert refused(lambda: roles.suspend(node.people, who, node.keeper.dreamer)) == "role.not_yours"
    assert refused(lambda: roles.give_role(node.people, who, who.dreamer, "keeper")) == (
        "role.not_yours"
    )


def test_a_role_wish_that_is_sent_again_is_the_same_wish():
    node = make_node()
    bo = node.member("Bo").dreamer
    key = "key-of-one-request"

    roles.give_role(node.people, node.who, bo, "host", once=key)
    roles.take_role(node.people, node.who, bo, "host")
    roles.give_role(node.people, node.who, bo, "host", once=key)  # late, and of before

    assert node.people.ground.road.membership().members[bo].roles == {"dreamer"}
    assert refused(lambda: roles.give_role(node.people, node.who, bo, "keeper", once=key)) == (
        "once.reused"
    )


def test_a_node_is_handed_over():
    node = make_node()
    bo = node.member("Bo")
    roles.give_role(node.people, node.who, bo.dreamer, "keeper")
    roles.take_role(node.people, actor(node.people, bo), node.keeper.dreamer, "keeper")

    assert node.people.ground.road.membership().holders("keeper") == (bo.dreamer,)
    assert refused(
        lambda: roles.take_role(node.people, actor(node.people, bo), bo.dreamer, "keeper")
    ) == ("role.last")
