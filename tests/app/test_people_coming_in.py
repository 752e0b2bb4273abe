"""Coming in: by a code and nothing else, once for each request, and a guest keeps everything."""

from __future__ import annotations

import threading

import pytest
from makers_ground import a_report
from makers_people import PASSPHRASE, actor, make_node, make_people

from dreamweave.app import circles
from dreamweave.app.accounts import read
from dreamweave.app.coming_in import (
    become_member,
    come_as_guest,
    join,
    new_return_key,
    return_with_key,
)
from dreamweave.app.invitations import invite
from dreamweave.app.journals import keep_report, reports
from dreamweave.app.me import change_own, me
from dreamweave.app.people import REPLAY_MS
from dreamweave.app.roles import give_role
from dreamweave.app.setup import setup_code
from dreamweave.app.signing_in import sign_in
from dreamweave.model.refusals import Refusal


def refused(wish) -> str:
    with pytest.raises(Refusal) as no:
        wish()
    return no.value.code


def joining(people, code, name="Bo", passphrase=PASSPHRASE, **how):
    return join(people, name=name, passphrase=passphrase, code=code, **how)


# ------------------------------------------------------------------ the first day


def test_the_first_member_comes_with_the_code_that_was_printed_and_keeps_the_node():
    people = make_people()
    code = setup_code(people.ground)

    came = joining(people, code.lower().replace("-", " "), name="  Ana\u00a0 María ")

    who = actor(people, came)
    assert (who.guest, who.roles) == (False, {"dreamer", "host", "steward", "keeper"})
    assert len(set(came.recovery_codes)) == 10
    assert me(people, who).name == "Ana María"
    assert me(people, who).own.shown_name == "Ana María"


def test_a_setup_code_works_once_and_a_fresh_one_ends_the_one_before():
    people = make_people()
    first, second = setup_code(people.ground), setup_code(people.ground)

    assert refused(lambda: joining(people, first)) == "invitation.unknown"
    assert refused(lambda: come_as_guest(people, code=second)) == "invitation.unknown"
    joining(people, second, name="Ana")
    assert refused(lambda: joining(people, second, name="Cy")) == "invitation.unknown"
    assert refused(lambda: setup_code(people.ground)) == "setup.here"


def test_a_setup_code_from_before_opens_nothing_once_somebody_keeps_the_node():
    people = make_people()
    code = setup_code(people.ground)
    row = people.ground.store.rows("passes")[0]
    joining(people, code, name="Ana")
    people.ground.road.grant(lambda granting: granting.puts.append(row))  # as a back-up would

    assert refused(lambda: joining(people, code, name="Cy")) == "invitation.unknown"


# ------------------------------------------------------------------ members and guests


def test_an_invitation_is_used_up_and_runs_out():
    node = make_node()
    once, twice, old = node.code(), node.code(n_uses=2), node.code(days=1)

    joining(node.people, once, name="B1")
    joining(node.people, twice, name="B2")
    joining(node.people, twice, name="B3")
    node.people.ground.now_ms.pass_ms(86_400_000)

    for code in (once, twice, old, "", "AAAAA-AAAAA", "no code at all", "\ud800" * 10):
        assert refused(lambda code=code: joining(node.people, code, "B9")) == "invitation.unknown"
        assert refused(lambda code=code: come_as_guest(node.people, code=code)) == (
            "invitation.unknown"
        )


def test_a_refused_joining_uses_nothing_up():
    node = make_node()
    code = node.code()

    assert refused(lambda: joining(node.people, code, name="ANA")) == "name.taken"
    assert refused(lambda: joining(node.people, code, name="x")) == "name.shape"
    assert refused(lambda: joining(node.people, code, passphrase="short")) == "passphrase.short"
    assert refused(lambda: joining(node.people, code, passphrase="a" * 20)) == "passphrase.plain"
    joining(node.people, code)


def test_a_code_for_guests_makes_no_members_but_a_members_code_lets_a_guest_in():
    node = make_node()

    assert refused(lambda: joining(node.people, node.code("guest"))) == "invitation.guest"
    assert actor(node.people, come_as_guest(node.people, code=node.code())).guest


@pytest.mark.parametrize(
    "twin",
    ["bo rn", "BO RN", "Bo\u2003Rn", " Bo Rn\u200b", "Ｂｏ Ｒｎ", "Bo\u00ad Rn", "B\u200do Rn"],
)
def test_two_names_that_look_alike_are_one(twin):
    node = make_node()
    node.member("Bo Rn")

    assert refused(lambda: node.member(twin)) == "name.taken"


def test_of_two_who_want_one_name_at_once_one_gets_it():
    node = make_node()
    codes = [node.code() for _ in range(4)]
    got = []

    def want(code):
        try:
            got.append(joining(node.people, code, name="Bo").dreamer)
        except Refusal as no:
            got.append(no.code)

    threads = [threading.Thread(target=want, args=(code,)) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(len(one) == 26 for one in got) == [False, False, False, True]
    assert got.count("name.taken") == 3


def test_of_many_who_use_one_invitation_at_once_as_many_come_in_as_it_is_for():
    node = make_node()
    code, came = node.code("guest", n_uses=3), []

    def come():
        try:
            came.append(come_as_guest(node.people, code=code).dreamer)
        except Refusal as no:
            came.append(no.code)

    threads = [threading.Thread(target=come) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert came.count("invitation.unknown") == 6
    assert len(node.people.ground.road.membership().members) == 4


def test_a_circles_code_lets_somebody_new_in_and_into_that_circle():
    node = make_node()
    circle = circles.make(node.people.ground, node.who, "Tuesday")
    code = invite(node.people, node.who, opens="circle", circle=circle, n_uses=2).code

    guest = come_as_guest(node.people, code=code)
    member = joining(node.people, code)

    for came in (guest, member):
        held = circles.circles(node.people.ground, actor(node.people, came))
        assert [one.id for one in held] == [circle]


def test_a_guest_gives_no_data():
    node = make_node()

    who = actor(node.people, node.guest())

    held = read(node.people.ground, who.dreamer)
    assert (held.name, held.passphrase, held.passkeys, held.devices) == ("", "", (), ())
    assert who.roles == {"dreamer"}


# ------------------------------------------------------------------ staying and coming back


def test_a_guest_comes_back_from_another_device_with_the_key_on_paper():
    node = make_node()
    who = actor(node.people, node.guest())
    keep_report(node.people.ground, who, a_report(node.people.ground))
    key = new_return_key(node.people, who)

    again = return_with_key(node.people, return_key=key.lower().replace("-", ""))
    twice = return_with_key(node.people, return_key=f" {key} ", device="the library's")

    assert (again.dreamer, twice.dreamer) == (who.dreamer, who.dreamer)
    assert len(key.replace("-", "")) == 16
    assert len(reports(node.people.ground, actor(node.people, again))) == 1


def test_a_new_return_key_ends_the_one_before_and_a_wrong_one_opens_nothing():
    node = make_node()
    who = actor(node.people, node.guest())
    old, new = new_return_key(node.people, who), new_return_key(node.people, who)

    for wrong in (old, "", "AAAA-AAAA-AAAA-AAAA", node.code()):
        assert refused(lambda w=wrong: return_with_key(node.people, return_key=w)) == (
            "sign_in.return_key"
        )
    assert return_with_key(node.people, return_key=new).dreamer == who.dreamer
    assert refused(lambda: new_return_key(node.people, node.who)) == "return.member"


def test_a_guest_becomes_a_member_and_keeps_everything():
    node = make_node()
    guest = node.guest()
    who = actor(node.people, guest)
    keep_report(node.people.ground, who, a_report(node.people.ground))
    key = new_return_key(node.people, who)

    came = become_member(node.people, who, name="Gia", passphrase=PASSPHRASE)

    now = actor(node.people, came)
    assert (now.dreamer, now.guest, len(came.recovery_codes)) == (who.dreamer, False, 10)
    assert len(reports(node.people.ground, now)) == 1
    # What they came with before is weaker than what they have now, and ends.
    assert node.people.sessions.actor_of_token(guest.token) is None
    assert refused(lambda: return_with_key(node.people, return_key=key)) == "sign_in.return_key"
    assert sign_in(node.people, name="gia", passphrase=PASSPHRASE).dreamer == who.dreamer


def test_nobody_becomes_a_member_twice_or_under_somebodys_name():
    node = make_node()
    who = actor(node.people, node.guest())

    assert refused(lambda: become_member(node.people, who, name="ana", passphrase=PASSPHRASE)) == (
        "name.taken"
    )
    member = actor(node.people, node.member())
    assert refused(
        lambda: become_member(node.people, member, name="Cy", passphrase=PASSPHRASE)
    ) == ("dreamer.member")
    give_role(node.people, node.who, member.dreamer, "host")


# ------------------------------------------------------------------ sent again


def test_a_joining_that_is_sent_again_is_the_same_joining():
    node = make_node()
    code = node.code()
    first = joining(node.people, code, once="key-of-one-request")

    again = joining(node.people, code, once="key-of-one-request")

    assert (again.dreamer, len(again.recovery_codes)) == (first.dreamer, 10)
    assert node.people.sessions.actor_of_token(first.token) is None
    assert actor(node.people, again).dreamer == first.dreamer
    old = first.recovery_codes[0]
    assert refused(lambda: sign_in(node.people, name="Bo", recovery_code=old)) == "sign_in.wrong"
    assert len(node.people.ground.road.membership().members) == 2


def test_a_joining_is_answered_again_to_nobody_else_and_not_later():
    node = make_node()
    code = node.code()
    joining(node.people, code, once="key-of-one-request")

    def again(**how):
        return refused(lambda: joining(node.people, code, once="key-of-one-request", **how))

    assert again(passphrase="something else entirely") == "once.reused"
    assert again(name="Cy") == "once.reused"
    node.people.ground.now_ms.pass_ms(REPLAY_MS)
    assert again() == "once.reused"


def test_a_guest_who_is_sent_in_twice_is_one_guest():
    node = make_node()
    code = node.code("guest")
    first = come_as_guest(node.people, code=code, once="key-of-one-request")
    again = come_as_guest(node.people, code=code, once="key-of-one-request")

    assert first.dreamer == again.dreamer
    assert node.people.sessions.actor_of_token(first.token) is None
    node.people.ground.now_ms.pass_ms(REPLAY_MS)
    assert refused(lambda: come_as_guest(node.people, code=code, once="key-of-one-request")) == (
        "once.reused"
    )


def test_a_zone_that_there_is_not_is_refused_and_one_a_browser_came_with_is_kept():
    node = make_node()

    no = refused(lambda: change_own(node.people, node.who, {"zone": "Europe/Nowhere"}))
    # A browser may be newer than this machine, and nobody stays outside for that.
    came = node.guest(zone="Europe/Nowhere")

    assert no == "me.zone"
    assert me(node.people, actor(node.people, came)).own.zone == "Europe/Nowhere"
    assert change_own(node.people, node.who, {"zone": "Europe/Madrid"}).zone == "Europe/Madrid"
