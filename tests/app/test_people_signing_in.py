"""Signing in: by passphrase or paper, telling nobody who is here, with a new token at each proof."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from makers_ground import make_ground
from makers_people import PASSPHRASE, actor, make_node, make_people

from dreamweave.app import accounts
from dreamweave.app.devices import (
    name_device,
    sessions_of,
    sign_out,
    sign_out_everywhere,
    sign_out_one,
)
from dreamweave.app.hashing import AT_ONCE, WAITING_MAX, Hashing
from dreamweave.app.me import change_own, me
from dreamweave.app.people import REPLAY_MS, require_stepped_up
from dreamweave.app.sessions import STEP_UP_MS
from dreamweave.app.signing_in import (
    change_passphrase,
    new_recovery_codes,
    sign_in,
    step_up,
)
from dreamweave.model.refusals import Refusal

OTHER = "coat bridge feather kitchen"


def refused(wish) -> Refusal:
    with pytest.raises(Refusal) as no:
        wish()
    return no.value


def test_a_name_and_its_passphrase_open_the_door_however_the_keyboard_writes_them():
    node = make_node()
    bo = node.member("Bo Å")

    again = sign_in(node.people, name="  bo  A\u030a ", passphrase=PASSPHRASE)

    assert again.dreamer == bo.dreamer
    assert again.token != bo.token
    assert actor(node.people, again).stepped_up


def test_a_wrong_passphrase_and_an_unknown_name_get_the_same_answer():
    node = make_node()
    node.member("Bo")

    wrong = refused(lambda: sign_in(node.people, name="Bo", passphrase=OTHER))
    nobody = refused(lambda: sign_in(node.people, name="Nobody", passphrase=PASSPHRASE))
    nothing = refused(lambda: sign_in(node.people, name="\ud800", passphrase="\ud800"))
    paper = refused(lambda: sign_in(node.people, name="Bo", recovery_code="0000-0000-0000"))
    no_paper = refused(lambda: sign_in(node.people, name="Xy", recovery_code="0000-0000-0000"))

    assert (wrong.code, wrong.sentence) == (nobody.code, nobody.sentence)
    assert (wrong.code, wrong.sentence) == (nothing.code, nothing.sentence)
    assert (paper.code, paper.sentence) == (no_paper.code, no_paper.sentence)


def test_the_same_hash_is_computed_whether_or_not_the_name_exists():
    node = make_node()
    node.member("Bo")
    computed, real = [], node.people.hashing._hasher

    class Counted:
        def verify(self, held, text):
            computed.append(held.rpartition("$")[0].rpartition("$")[0])  # the parameters
            return real.verify(held, text)

    node.people.hashing._hasher = Counted()

    for name in ("Bo", "Nobody", ""):
        refused(lambda name=name: sign_in(node.people, name=name, passphrase=OTHER))

    assert computed == ["$argon2id$v=19$m=19456,t=2,p=1"] * 3


def test_no_passphrase_fits_nobodys_hash():
    hashing = Hashing(19_456, 2, 1, fresh=make_ground().fresh)

    assert not hashing.fits("", "")
    assert not hashing.fits(PASSPHRASE, "")
    assert not hashing.fits("x" * 2_000, hashing.made("x" * 1_000))
    assert hashing.fits(PASSPHRASE, hashing.made(PASSPHRASE))


def test_weak_parameters_are_refused():
    for weak in ((19_455, 2, 1), (65_536, 1, 4), (19_456, 2, 0)):
        with pytest.raises(ValueError, match="at least"):
            Hashing(*weak, fresh=bytes)


def test_a_hash_grows_with_its_parameters_at_the_next_sign_in_and_never_shrinks():
    node = make_node()
    node.member("Bo")
    bo = sign_in(node.people, name="Bo", passphrase=PASSPHRASE).dreamer
    small = accounts.read(node.people.ground, bo).passphrase
    grown = replace(node.people, hashing=Hashing(24_000, 3, 1, fresh=node.people.ground.fresh))

    refused(lambda: sign_in(grown, name="Bo", passphrase=OTHER))
    assert accounts.read(node.people.ground, bo).passphrase == small
    sign_in(grown, name="Bo", passphrase=PASSPHRASE)
    large = accounts.read(node.people.ground, bo).passphrase
    sign_in(node.people, name="Bo", passphrase=PASSPHRASE)

    assert large.startswith("$argon2id$v=19$m=24000,t=3,p=1$")
    assert accounts.read(node.people.ground, bo).passphrase == large


def test_a_crowd_at_the_door_is_told_to_come_again_and_takes_no_more_memory():
    hashing = Hashing(19_456, 2, 1, fresh=make_ground().fresh)
    inside, release, answers = threading.Semaphore(0), threading.Event(), []

    class Slow:
        n = most = 0

        def verify(self, held, text):
            Slow.n += 1
            Slow.most = max(Slow.most, Slow.n)
            inside.release()
            release.wait(30)
            Slow.n -= 1
            return True

    hashing._hasher = Slow()

    def come():
        try:
            answers.append(hashing.fits("x", "held"))
        except Refusal as no:
            answers.append(no.code)

    threads = [threading.Thread(target=come) for _ in range(AT_ONCE + WAITING_MAX + 5)]
    for thread in threads:
        thread.start()
    for _ in range(AT_ONCE):
        inside.acquire(timeout=30)
    while len(answers) < 5:  # those who find no place to wait hear so at once
        threading.Event().wait(0.01)
    release.set()
    for thread in threads:
        thread.join()

    assert Slow.most == AT_ONCE
    assert (answers.count("busy.hashing"), answers.count(True)) == (5, AT_ONCE + WAITING_MAX)
    assert hashing.fits("x", "held")


# ------------------------------------------------------------------ recovery codes


def test_each_recovery_code_opens_once_and_lets_a_new_passphrase_be_set():
    node = make_node()
    bo = node.member("Bo")

    came = sign_in(node.people, name="bo", recovery_code=bo.recovery_codes[3].lower())
    token = change_passphrase(node.people, actor(node.people, came), new=OTHER)

    for code in (bo.recovery_codes[3], "", "AAAA-AAAA-AAAA"):
        assert (
            refused(lambda code=code: sign_in(node.people, name="Bo", recovery_code=code)).code
            == "sign_in.wrong"
        )
    assert sign_in(node.people, name="Bo", passphrase=OTHER).dreamer == bo.dreamer
    assert refused(lambda: sign_in(node.people, name="Bo", passphrase=PASSPHRASE))
    assert me(node.people, actor(node.people, token)).n_recovery_codes == 9


def test_a_recovery_code_opens_only_its_owners_door():
    node = make_node()
    node.member("Bo")
    code = node.member("Cy").recovery_codes[0]

    assert refused(lambda: sign_in(node.people, name="Bo", recovery_code=code))
    assert sign_in(node.people, name="Cy", recovery_code=code)


def test_of_many_with_one_recovery_code_one_gets_in():
    node = make_node()
    code, came = node.member("Bo").recovery_codes[0], []

    def come():
        try:
            came.append(sign_in(node.people, name="Bo", recovery_code=code).token)
        except Refusal as no:
            came.append(no.code)

    threads = [threading.Thread(target=come) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert came.count("sign_in.wrong") == 5


def test_a_recovery_that_is_sent_again_is_answered_again_for_a_while():
    node = make_node()
    code = node.member("Bo").recovery_codes[0]
    how = {"name": "Bo", "recovery_code": code, "once": "key-of-one-request"}
    first = sign_in(node.people, **how)

    again = sign_in(node.people, **how)

    assert again.dreamer == first.dreamer
    assert actor(node.people, again)
    node.people.ground.now_ms.pass_ms(REPLAY_MS)
    assert refused(lambda: sign_in(node.people, **how)).code == "sign_in.wrong"


def test_new_recovery_codes_end_the_old_ones_and_ask_for_a_step_up():
    node = make_node()
    bo = node.member("Bo")

    new = new_recovery_codes(node.people, actor(node.people, bo))

    assert len(set(new) | set(bo.recovery_codes)) == 20
    assert refused(lambda: sign_in(node.people, name="Bo", recovery_code=bo.recovery_codes[0]))
    node.people.ground.now_ms.pass_ms(STEP_UP_MS)
    late = actor(node.people, bo)
    assert refused(lambda: new_recovery_codes(node.people, late)).code == "step_up.needed"
    assert sign_in(node.people, name="Bo", recovery_code=new[9]).dreamer == bo.dreamer


# ------------------------------------------------------------------ stepping up


@pytest.mark.parametrize("with_paper", [False, True])
def test_a_step_up_lasts_five_minutes_and_changes_the_token(with_paper):
    node = make_node()
    bo = node.member("Bo")
    node.people.ground.now_ms.pass_ms(STEP_UP_MS)
    who = actor(node.people, bo)
    assert refused(lambda: require_stepped_up(who)).code == "step_up.needed"
    proof = {"recovery_code": bo.recovery_codes[0]} if with_paper else {"passphrase": PASSPHRASE}

    token = step_up(node.people, who, **proof)

    assert token != bo.token
    assert node.people.sessions.actor_of_token(bo.token) is None
    assert actor(node.people, token).stepped_up
    assert len(sessions_of(node.people, actor(node.people, token))) == 1
    node.people.ground.now_ms.pass_ms(STEP_UP_MS)
    assert not actor(node.people, token).stepped_up


def test_a_wrong_proof_steps_nobody_up():
    node = make_node()
    bo, cy = node.member("Bo"), node.member("Cy")
    node.people.ground.now_ms.pass_ms(STEP_UP_MS)
    who = actor(node.people, bo)

    for proof in (
        {},
        {"passphrase": OTHER},
        {"recovery_code": "AAAA-AAAA-AAAA"},
        {"recovery_code": cy.recovery_codes[0]},
    ):
        assert refused(lambda p=proof: step_up(node.people, who, **p)).code == "sign_in.wrong"
    assert not actor(node.people, bo).stepped_up


def test_a_guest_is_stepped_up_by_the_session_itself():
    node = make_node()
    guest = node.guest()
    node.people.ground.now_ms.pass_ms(STEP_UP_MS)

    token = step_up(node.people, actor(node.people, guest))

    assert actor(node.people, token).stepped_up


def test_a_new_passphrase_asks_for_the_old_one_and_ends_every_other_session():
    node = make_node()
    bo = node.member("Bo")
    other = sign_in(node.people, name="Bo", passphrase=PASSPHRASE)
    node.people.ground.now_ms.pass_ms(STEP_UP_MS)
    cut = []
    node.people.ground.hearing.on_cut(cut.append)
    who = actor(node.people, bo)

    def change(**how):
        return change_passphrase(node.people, who, **how)

    assert refused(lambda: change(new=OTHER)).code == "step_up.needed"
    assert refused(lambda: change(new=OTHER, current=OTHER)).code == "sign_in.wrong"
    assert refused(lambda: change(new="short", current=PASSPHRASE)).code == "passphrase.short"
    token = change(new=OTHER, current=PASSPHRASE)

    alive = [node.people.sessions.actor_of_token(t) for t in (bo.token, other.token, token)]
    assert [one is not None for one in alive] == [False, False, True]
    assert cut == [bo.dreamer]
    assert refused(lambda: change(new=PASSPHRASE, current=OTHER)).code == "actor.none"


# ------------------------------------------------------------------ devices


def test_devices_are_listed_by_the_names_they_were_given_and_signed_out_one_by_one():
    node = make_node()
    phone = node.member("Bo", device="my  phone")
    node.people.ground.now_ms.pass_ms(60_000)
    laptop = sign_in(node.people, name="Bo", passphrase=PASSPHRASE)
    who = actor(node.people, phone)
    listed = sessions_of(node.people, who)
    name_device(node.people, who, listed[0].id, "laptop")
    cut = []
    node.people.ground.hearing.on_cut(cut.append)

    assert [(s.device, s.current, s.seen_ms - s.begun_ms) for s in listed] == [
        ("", False, 0),
        ("my phone", True, 0),
    ]
    assert [s.device for s in sessions_of(node.people, who)] == ["laptop", "my phone"]
    sign_out_one(node.people, who, listed[0].id)
    assert node.people.sessions.actor_of_token(laptop.token) is None
    assert actor(node.people, phone).dreamer == phone.dreamer
    assert cut == [phone.dreamer]


def test_nobody_names_or_ends_somebody_elses_session():
    node = make_node()
    bo, cy = actor(node.people, node.member("Bo")), actor(node.people, node.member("Cy"))
    (theirs,) = sessions_of(node.people, cy)

    for wish in (
        lambda: sign_out_one(node.people, bo, theirs.id),
        lambda: name_device(node.people, bo, theirs.id, "mine"),
    ):
        assert refused(wish).code == "session.unknown"
    assert [s.current for s in sessions_of(node.people, cy)] == [True]


def test_signing_out_ends_this_session_or_all_of_them():
    node = make_node()
    one = node.member("Bo")
    two, three = (sign_in(node.people, name="Bo", passphrase=PASSPHRASE) for _ in range(2))

    def alive():
        found = (node.people.sessions.actor_of_token(c.token) for c in (one, two, three))
        return [who is not None for who in found]

    sign_out(node.people, actor(node.people, two))
    assert alive() == [True, False, True]
    sign_out_everywhere(node.people, actor(node.people, one))
    assert alive() == [False, False, False]


# ------------------------------------------------------------------ how somebody likes things


def test_what_is_changed_is_kept_and_the_rest_stays():
    node = make_node()
    who = actor(node.people, node.member("Bo", lang="es", zone="Europe/Madrid"))

    own = change_own(node.people, who, {"echo": True, "shown_name": "B."})

    assert own == me(node.people, who).own
    assert (own.shown_name, own.lang, own.zone, own.echo) == ("B.", "es", "Europe/Madrid", True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lang": "not a language"}, "me.lang"),
        ({"zone": "Mars; DROP"}, "me.zone"),
        ({"shown_name": "two\nlines"}, "me.shown_name"),
        ({"shown_name": "x" * 61}, "me.shown_name"),
        ({"evening_intention": "x" * 1_001}, "me.intention"),
        ({"roles": "keeper"}, "me.field"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(changes, code):
    node = make_node()

    assert refused(lambda: change_own(node.people, node.who, changes)).code == code


def test_a_person_without_an_account_of_any_kind_has_the_usual_settings():
    people = make_people()

    assert accounts.read(people.ground, "nobody") == accounts.Account()
    assert accounts.read_all(people.ground, ["nobody", "x"]) == [accounts.Account()] * 2


def test_changes_from_many_sides_at_once_are_all_kept():
    node = make_node()
    who = node.who
    codes = ["Asia/Tokyo", "Europe/Madrid"]  # whatever else they are, they are zones

    def change(field, values):
        for value in values:
            change_own(node.people, who, {field: value})

    threads = [
        threading.Thread(target=change, args=(field, codes))
        for field in ("shown_name", "evening_intention", "zone")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    own = me(node.people, who).own
    assert (own.shown_name, own.evening_intention, own.zone) == (("Europe/Madrid",) * 3)
