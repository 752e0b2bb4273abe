"""A passkey opens its holder's door, once for each challenge, at one address, and no other."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from makers_people import actor, make_node, make_people
from paper_authenticator import UP, PaperAuthenticator, b64, raw

from dreamweave.app import passkeys, roles
from dreamweave.app.accounts import N_PASSKEYS_MAX
from dreamweave.app.challenges import CHALLENGE_MS
from dreamweave.app.devices import sessions_of
from dreamweave.app.me import me
from dreamweave.app.sessions import STEP_UP_MS
from dreamweave.model.refusals import Refusal


def refused(wish) -> str:
    with pytest.raises(Refusal) as no:
        wish()
    return no.value.code


@dataclass
class Held:
    """A node, its keeper's device, and a member with another one."""

    node: object
    device: PaperAuthenticator
    bo: object
    theirs: PaperAuthenticator

    @property
    def people(self):
        return self.node.people

    def sign_in_options(self):
        return passkeys.options_to_sign_in(self.people)


def add(people, who, device, name=""):
    return passkeys.add(people, who, device.make(passkeys.options_to_add(people, who)), name)


@pytest.fixture
def held():
    node = make_node()
    bo = node.member("Bo")
    device, theirs = PaperAuthenticator(), PaperAuthenticator()
    add(node.people, node.who, device, " my  key ")
    add(node.people, actor(node.people, bo), theirs)
    return Held(node, device, bo, theirs)


def test_a_passkey_signs_in_its_holder_without_a_name(held):
    came = passkeys.sign_in(
        held.people, held.device.answer(held.sign_in_options()), device="my phone"
    )

    who = actor(held.people, came)
    assert (who.dreamer, who.stepped_up) == (held.node.keeper.dreamer, True)
    assert came.token != held.node.keeper.token
    assert [s.device for s in sessions_of(held.people, who)] == ["my phone", ""] or [
        s.device for s in sessions_of(held.people, who)
    ] == ["", "my phone"]
    (key,) = me(held.people, who).passkeys
    assert (key.name, key.n_used) == ("my key", 1)


def test_what_was_recorded_opens_nothing(held):
    recorded = held.device.answer(held.sign_in_options())
    passkeys.sign_in(held.people, copy.deepcopy(recorded))

    assert refused(lambda: passkeys.sign_in(held.people, recorded)) == "sign_in.passkey"


def test_a_recorded_answer_to_a_device_that_counts_nothing_opens_nothing(held):
    """As above where the counter of the device (always 0 on most) would not have caught it."""
    options = held.sign_in_options()
    held.device.n_used = -1
    first = held.device.answer(options)
    passkeys.sign_in(held.people, copy.deepcopy(first))

    assert refused(lambda: passkeys.sign_in(held.people, first)) == "sign_in.passkey"
    held.device.n_used = -1
    assert passkeys.sign_in(held.people, held.device.answer(held.sign_in_options()))


def test_with_the_memory_of_answered_challenges_off_the_recording_opens_the_door(held):
    """The alarm rings: it is this memory that refuses the recording above."""
    held.device.n_used = -1
    recorded = held.device.answer(held.sign_in_options())
    passkeys.sign_in(held.people, copy.deepcopy(recorded))
    held.people.passkeys._answered.clear()

    assert passkeys.sign_in(held.people, recorded).dreamer == held.node.keeper.dreamer


def test_a_challenge_is_too_old_after_five_minutes_and_after_a_restart(held):
    late = held.device.answer(held.sign_in_options())
    held.people.ground.now_ms.pass_ms(CHALLENGE_MS)
    assert refused(lambda: passkeys.sign_in(held.people, late)) == "sign_in.passkey"

    kept = held.device.answer(held.sign_in_options())
    restarted = make_people(held.people.ground)
    assert refused(lambda: passkeys.sign_in(restarted, kept)) == "sign_in.passkey"


def test_a_challenge_is_good_for_what_it_was_made_for(held):
    who, bo = held.node.who, actor(held.people, held.bo)
    for_stepping = held.device.answer(passkeys.options_to_step_up(held.people, who))
    for_adding = passkeys.options_to_add(held.people, who)
    for_bo = held.theirs.answer(passkeys.options_to_step_up(held.people, bo))
    for_signing = held.device.answer(held.sign_in_options())

    wrong = [
        lambda: passkeys.sign_in(held.people, for_stepping),
        lambda: passkeys.sign_in(
            held.people, held.device.answer({"challenge": for_adding["challenge"]})
        ),
        lambda: passkeys.step_up(held.people, who, for_signing),
        lambda: passkeys.step_up(held.people, who, for_bo),
        lambda: passkeys.add(held.people, bo, PaperAuthenticator().make(for_adding)),
    ]
    assert [refused(wish) for wish in wrong] == ["sign_in.passkey"] * 5
    assert passkeys.step_up(held.people, who, for_stepping)


def test_somebody_elses_passkey_opens_their_door_only(held):
    held.theirs.user = held.device.user  # it says it is the keeper's

    assert (
        refused(lambda: passkeys.sign_in(held.people, held.theirs.answer(held.sign_in_options())))
        == "sign_in.passkey"
    )


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "http://localhost:9999"},
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"flags": UP},  # nobody was asked who they are
        {"flags": 0},
        {"user": b"0" * 26},
        {"user": b"\xff\xfe"},
        {"id": b"another"},
        {"key": PaperAuthenticator().key},
    ],
)
def test_a_device_that_lies_opens_nothing(held, lie):
    for name, value in lie.items():
        setattr(held.device, name, value)

    answer = held.device.answer(held.sign_in_options())

    assert refused(lambda: passkeys.sign_in(held.people, answer)) == "sign_in.passkey"


def test_a_copied_device_is_noticed_by_its_counter(held):
    passkeys.sign_in(held.people, held.device.answer(held.sign_in_options()))
    held.device.n_used -= 1

    copied = held.device.answer(held.sign_in_options())

    assert refused(lambda: passkeys.sign_in(held.people, copied)) == "sign_in.passkey"


def test_a_changed_answer_opens_nothing(held):
    whole = held.device.answer(held.sign_in_options())
    for field in ("clientDataJSON", "authenticatorData", "signature"):
        changed = copy.deepcopy(whole)
        data = bytearray(raw(changed["response"][field]))
        data[-2] ^= 1
        changed["response"][field] = b64(bytes(data))
        assert refused(lambda c=changed: passkeys.sign_in(held.people, c)) == "sign_in.passkey"
    assert passkeys.sign_in(held.people, whole)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
_NODE = make_node()


@given(
    st.dictionaries(st.sampled_from(["id", "rawId", "type", "response", "x"]), JSON)
    | st.fixed_dictionaries(
        {
            "id": st.text(max_size=20),
            "rawId": st.text(max_size=20),
            "type": JSON,
            "response": st.dictionaries(
                st.sampled_from(
                    [
                        "clientDataJSON",
                        "authenticatorData",
                        "attestationObject",
                        "signature",
                        "userHandle",
                    ]
                ),
                st.binary(max_size=60).map(b64) | JSON,
            ),
        }
    )
)
@settings(max_examples=150, deadline=None)
def test_whatever_comes_is_answered_with_a_sentence(response):
    who = _NODE.who
    for wish in (
        lambda: passkeys.sign_in(_NODE.people, response),
        lambda: passkeys.step_up(_NODE.people, who, response),
        lambda: passkeys.add(_NODE.people, who, response),
    ):
        assert refused(wish) == "sign_in.passkey"


def test_a_made_up_attestation_is_answered_with_a_sentence(held):
    who = held.node.who
    for mess in (b"", b"\xff", b"\xa0", b"\xbf" * 500, b"\x9f" * 3_000, json.dumps({}).encode()):
        made = PaperAuthenticator().make(passkeys.options_to_add(held.people, who))
        made["response"]["attestationObject"] = b64(mess)
        assert refused(lambda m=made: passkeys.add(held.people, who, m)) == "sign_in.passkey"


# ------------------------------------------------------------------ stepping up, adding, dropping


def test_a_passkey_steps_up_and_changes_the_token(held):
    held.people.ground.now_ms.pass_ms(STEP_UP_MS)
    who = held.node.who
    assert not who.stepped_up

    options = passkeys.options_to_step_up(held.people, who)
    token = passkeys.step_up(held.people, who, held.device.answer(options))

    assert [key["id"] for key in options["allowCredentials"]] == [b64(held.device.id)]
    assert actor(held.people, token).stepped_up
    assert held.people.sessions.actor_of_token(held.node.keeper.token) is None


def test_adding_and_dropping_ask_for_a_step_up_and_an_account(held):
    guest = actor(held.people, held.node.guest())
    (key,) = me(held.people, held.node.who).passkeys
    wishes = [
        lambda who: passkeys.options_to_add(held.people, who),
        lambda who: passkeys.add(held.people, who, {}),
        lambda who: passkeys.drop(held.people, who, passkeys.id_of(key)),
    ]

    assert [refused(lambda w=wish: w(guest)) for wish in wishes] == ["role.not_yours"] * 3
    held.people.ground.now_ms.pass_ms(STEP_UP_MS)
    late = held.node.who
    assert [refused(lambda w=wish: w(late)) for wish in wishes] == ["step_up.needed"] * 3
    roles.suspend(held.people, held.node.who, held.bo.dreamer)
    closed = actor(held.people, held.bo)
    assert [refused(lambda w=wish: w(closed)) for wish in wishes] == ["dreamer.suspended"] * 3


def test_a_dropped_passkey_opens_nothing(held):
    answer = held.device.answer(held.sign_in_options())
    (key,) = me(held.people, held.node.who).passkeys

    passkeys.drop(held.people, held.node.who, passkeys.id_of(key))

    assert refused(lambda: passkeys.sign_in(held.people, answer)) == "sign_in.passkey"
    assert refused(lambda: passkeys.drop(held.people, held.node.who, passkeys.id_of(key))) == (
        "passkey.unknown"
    )
    assert refused(lambda: passkeys.options_to_step_up(held.people, held.node.who)) == (
        "passkey.none"
    )


def test_a_passkey_is_kept_once_and_only_so_many(held):
    who = held.node.who
    assert refused(lambda: add(held.people, who, held.device)) == "passkey.here"
    for _ in range(N_PASSKEYS_MAX - 1):
        add(held.people, who, PaperAuthenticator())

    assert refused(lambda: add(held.people, who, PaperAuthenticator())) == "passkey.many"


# ------------------------------------------------------------------ where there are passkeys


@pytest.mark.parametrize(
    ("address", "origin", "rp_id"),
    [
        ("https://dreams.example", "https://dreams.example", "dreams.example"),
        ("https://Dreams.Example:8443/", "https://dreams.example:8443", "dreams.example"),
        ("http://localhost:8282", "http://localhost:8282", "localhost"),
        ("http://dreams.example", "", ""),
        ("http://raspberrypi.local:8282", "", ""),
        ("https://192.168.1.7", "", ""),
        ("http://127.0.0.1:8282", "", ""),
        ("https://[::1]:8282", "", ""),
        ("", "", ""),
    ],
)
def test_passkeys_are_offered_where_browsers_have_them(address, origin, rp_id):
    people = make_people(address=address)

    assert (people.passkeys.origin, people.passkeys.rp_id) == (origin, rp_id)
    assert people.passkeys.offered_at(origin) == bool(origin)
    assert not people.passkeys.offered_at("http://other.example")
    if not origin:
        assert refused(lambda: passkeys.options_to_sign_in(people)) == "passkey.insecure"


def test_options_ask_the_device_who_it_is_and_name_nobody(held):
    one, two = held.sign_in_options(), held.sign_in_options()

    assert one.pop("challenge") != two.pop("challenge")
    assert one == two
    assert one == {
        "rpId": "localhost",
        "timeout": CHALLENGE_MS,
        "allowCredentials": [],
        "userVerification": "required",
    }
    made = passkeys.options_to_add(held.people, held.node.who)
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert made["attestation"] == "none"
    assert raw(made["user"]["id"]).decode() == held.node.keeper.dreamer
    assert [key["id"] for key in made["excludeCredentials"]] == [b64(held.device.id)]
