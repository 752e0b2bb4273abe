"""Gatherings are called, found by their code, entered and hosted; who may not, is told nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from makers_gatherings import HOUR_MS, make_gathering
from makers_ground import a_dreamer, make_ground
from makers_people import actor, make_people

from dreamweave.app import circles, gatherings
from dreamweave.app.gathering_calling import N_WARPS_MAX, n_warps_for
from dreamweave.app.gatherings import About
from dreamweave.app.leaving import leave
from dreamweave.app.telling import Telling, tell
from dreamweave.model.refusals import Refusal


def no(wish, *args, **how) -> str:
    with pytest.raises(Refusal) as refusal:
        wish(*args, **how)
    return refusal.value.code


ABOUT = About(
    " The night\nof the stairs ",
    theme="water",
    whom="whoever slept",
    langs=("en", "es", "en"),
    agreement="Nobody explains anybody's dream.",
    feelings={"wonder": "asombro", "calm": ""},
)


@pytest.fixture
def gathered():
    return make_gathering(about=ABOUT)


def test_a_gathering_stands_as_it_was_called(gathered):
    seen = gatherings.gathering(gathered.ground, gathered.host, gathered.g)

    assert (seen.about.title, seen.about.langs) == ("The night of the stairs", ("en", "es"))
    assert dict(seen.about.feelings) == {"wonder": "asombro"}
    assert (seen.is_host, seen.is_in, seen.seat, seen.phase) == (True, True, 0, 1)
    assert (seen.n_here, seen.n_listening, seen.settled) == (1, 0, False)


def test_only_the_host_of_a_circle_calls_its_gathering_and_a_repeat_calls_no_second():
    ground = make_ground()
    host, other = a_dreamer(ground), a_dreamer(ground)
    circle = circles.make(ground, host, "The tide")
    circles.join(ground, other, circle)
    how = {"begins_ms": ground.now_ms() + HOUR_MS}

    assert no(gatherings.make, ground, other, circle, About("x"), **how) == "circle.unknown"
    first = gatherings.make(ground, host, circle, About("x"), once="k", **how)
    assert gatherings.make(ground, host, circle, About("x"), once="k", **how) == first
    assert no(gatherings.make, ground, host, circle, About("y"), once="k", **how) == "once.reused"
    assert [one.id for one in gatherings.gatherings(ground, host)] == [first]


@pytest.mark.parametrize(
    ("about", "how", "code"),
    [
        (About(" "), {}, "gathering.title"),
        (About("x", why="y" * 2_001), {}, "gathering.long"),
        (About("x", langs=("<b>",)), {}, "gathering.langs"),
        (About("x", zone="a b"), {}, "gathering.zone"),
        (About("x", feelings={"envy": "y"}), {}, "circle.feelings"),
        (About("x"), {"method": "seance"}, "gathering.method"),
        (About("x"), {"entry": "ajar"}, "gathering.entry"),
        (About("x"), {"begins_ms": 5}, "gathering.begins"),
        (About("x"), {"afterwards": "forgotten"}, "gathering.ends"),
        (About("x"), {"n_open": 25}, "gathering.open"),
        (About("x"), {"n_places": -1}, "gathering.places"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(about, how, code):
    ground = make_ground()
    host = a_dreamer(ground)
    circle = circles.make(ground, host, "The tide")

    how = {"begins_ms": ground.now_ms(), **how}
    assert no(gatherings.make, ground, host, circle, about, **how) == code


def test_warps_are_strung_for_those_who_are_expected():
    assert n_warps_for(5, 0, named=True) == 9
    assert n_warps_for(12, 2, named=True) == 14
    assert n_warps_for(12, 2, named=False) == 20
    assert n_warps_for(10_000, 24, named=False) == N_WARPS_MAX


def test_a_code_is_read_by_whoever_is_in_it_and_finds_it_however_it_is_typed(gathered):
    ann = gathered.comes()
    stranger = a_dreamer(gathered.ground)

    code = gatherings.code_of(gathered.ground, ann, gathered.g)

    assert (len(code), code[3]) == (7, "-")
    assert gatherings.find_code(gathered.ground, f" {code.lower()} ") == gathered.g
    assert gatherings.find_code(gathered.ground, "AAAAAA") is None
    assert gatherings.find_code(gathered.ground, "x") is None
    assert no(gatherings.code_of, gathered.ground, stranger, gathered.g) == "gathering.unknown"
    called = gatherings.call(gathered.ground, code)
    assert (called.about.whom, called.n_here) == ("whoever slept", 2)
    assert no(gatherings.call, gathered.ground, "AAA-AAA") == "gathering.code"


def test_the_code_lies_nowhere_in_the_clear(gathered):
    code = gatherings.code_of(gathered.ground, gathered.host, gathered.g)
    rows = gathered.ground.store.rows("passes", limit=1_000)

    assert not any(code.replace("-", "") in f"{row.id}{row.body!r}" for row in rows)


def test_somebody_who_is_nobody_here_comes_in_with_a_code_in_one_request():
    gathered = make_gathering(about=ABOUT)
    people = gathered.people
    code = gatherings.code_of(gathered.ground, gathered.host, gathered.g)

    assert no(gatherings.enter_as_guest, people, code, agreed=False) == "gathering.agree"
    assert no(gatherings.enter_as_guest, people, "AAA-AAA", agreed=True) == "gathering.code"
    came, g = gatherings.enter_as_guest(people, code, agreed=True, lang="es", once="k")
    again, _ = gatherings.enter_as_guest(people, code, agreed=True, lang="es", once="k")

    guest = actor(people, again)
    assert (g, came.dreamer) == (gathered.g, again.dreamer)
    seen = gatherings.gathering(gathered.ground, guest, g)
    assert (seen.is_in, seen.n_here, guest.guest) == (True, 2, True)
    assert people.sessions.actor_of_token(came.token) is None  # it reached nobody
    assert tell(gathered.ground, guest, g, Telling(text="A lamp.")).r == 0


def test_a_stranger_sees_no_gathering_that_is_not_open_to_them(gathered):
    ground = gathered.ground
    stranger = a_dreamer(ground)
    code = gatherings.code_of(ground, gathered.host, gathered.g)

    assert no(gatherings.gathering, ground, stranger, gathered.g) == "gathering.unknown"
    assert no(gatherings.gathering, ground, stranger, "nonsense") == "gathering.unknown"
    assert gatherings.gatherings(ground, stranger) == []
    wish = {"agreed": True}
    assert no(gatherings.enter, gathered.people, stranger, gathered.g, **wish) == (
        "gathering.unknown"
    )
    assert gatherings.enter(gathered.people, stranger, gathered.g, code=code, **wish).is_in


def test_what_is_open_is_found_by_everybody_and_is_tonights():
    gathered = make_gathering(entry="open")
    ground = gathered.ground
    stranger = a_dreamer(ground)
    later = gatherings.make(
        ground,
        gathered.host,
        gathered.circle,
        About("Later"),
        entry="open",
        begins_ms=ground.now_ms() + 2 * HOUR_MS,
    )

    listed = gatherings.gatherings(ground, stranger)
    assert [(one.id, one.is_in) for one in listed] == [(gathered.g, False), (later, False)]
    assert gatherings.open_now(ground).id == gathered.g
    gatherings.shut(ground, gathered.host, gathered.g, yes=True)
    assert gatherings.open_now(ground).id == later
    assert gatherings.open_now(make_ground()) is None


def test_a_gathering_that_is_over_is_listed_for_those_who_were_there():
    gathered = make_gathering(entry="open")
    ann, stranger = gathered.comes(), a_dreamer(gathered.ground)

    gatherings.begin_phase(gathered.ground, gathered.host, gathered.g, "closed")

    assert [one.id for one in gatherings.gatherings(gathered.ground, ann)] == [gathered.g]
    assert gatherings.gatherings(gathered.ground, stranger) == []


def test_only_listening_is_counted_as_a_choice(gathered):
    ann = gathered.comes(listening=True)

    seen = gatherings.gathering(gathered.ground, ann, gathered.g)
    assert (seen.listening, seen.n_here, seen.n_listening) == (True, 2, 1)
    gatherings.listen(gathered.ground, ann, gathered.g, listening=False)
    assert gatherings.gathering(gathered.ground, ann, gathered.g).n_listening == 0


def test_the_host_holds_rests_shuts_slows_and_keeps_seats_and_nobody_else_does(gathered):
    ground, host, g = gathered.ground, gathered.host, gathered.g
    ann = gathered.comes()
    for wish, how in (
        (gatherings.hold, {"yes": True}),
        (gatherings.rest, {"seconds": 60}),
        (gatherings.shut, {"yes": True}),
        (gatherings.approve, {"yes": True}),
        (gatherings.slow, {"seconds": 20}),
    ):
        assert no(wish, ground, ann, g, **how) == "gathering.host"
        wish(ground, host, g, **how)
    assert no(gatherings.keep_seat, ground, ann, g, 1) == "gathering.host"
    gatherings.keep_seat(ground, host, g, 1)

    seen = gatherings.gathering(ground, host, g)
    assert (seen.hold, seen.door_shut, seen.approving, seen.slow_s) == (True, True, True, 20)
    assert (seen.rest_until_ms, seen.n_kept_open) == (ground.now_ms() + 60_000, 1)
    assert no(gatherings.begin_phase, ground, host, g, "dancing") == "gathering.phase"


def test_whoever_is_muted_or_shown_out_is_told_why_and_nobody_else_is(gathered):
    ground, host, g = gathered.ground, gathered.host, gathered.g
    cut = []
    ground.hearing.on_cut(cut.append)
    ann, bo = gathered.comes(), gathered.comes()

    gatherings.mute(ground, host, g, 1, yes=True, why="It was loud.")

    assert gatherings.gathering(ground, ann, g).why_muted == "It was loud."
    assert gatherings.gathering(ground, bo, g).why_muted == ""
    assert no(gathered.tells, ann, "words") == "telling.muted"
    gatherings.mute(ground, host, g, 1, yes=False)
    assert gatherings.gathering(ground, ann, g).why_muted == ""
    assert no(gatherings.mute, ground, host, g, 9, yes=True) == "gathering.nobody"
    for wish, how in ((gatherings.remove, {}), (gatherings.mute, {"yes": True})):
        for seat in (1, 9):  # nobody but the host is told which seats there are
            assert no(wish, ground, bo, g, seat, **how) == "gathering.host"
            assert no(wish, ground, a_dreamer(ground), g, seat, **how) == "gathering.unknown"
    assert cut == []
    gatherings.remove(ground, host, g, 1)
    assert cut == [ann.dreamer]
    assert no(gatherings.gathering, ground, ann, g) == "gathering.unknown"


def test_whoever_never_came_cannot_go_out_and_whoever_went_may_say_so_again(gathered):
    ground, g = gathered.ground, gathered.g
    ann, others = gathered.comes(), (a_dreamer(ground), a_dreamer(ground, guest=True))
    gatherings.depart(ground, ann, g)
    n_facts = ground.store.n_facts()

    gatherings.depart(ground, ann, g)

    for other in others:
        assert no(gatherings.depart, ground, other, g) == "gathering.unknown"
    assert ground.store.n_facts() == n_facts


def test_the_hosts_list_of_seats_tells_names_only_where_people_are_named():
    for named in (False, True):
        gathered = make_gathering(named=named)
        gathered.comes("Ines")
        bo = gathered.comes(listening=True)
        gatherings.depart(gathered.ground, bo, gathered.g)

        seats = gatherings.seats_of(gathered.ground, gathered.host, gathered.g)

        assert [(s.seat, s.name, s.listening, s.here) for s in seats] == [
            (0, "", False, True),
            (1, "Ines" if named else "", False, True),
            (2, "", True, False),
        ]
        assert no(gatherings.seats_of, gathered.ground, bo, gathered.g) == "gathering.host"


def test_whoever_leaves_the_node_leaves_every_gathering():
    gathered = make_gathering()
    ground = gathered.ground
    code = gatherings.code_of(ground, gathered.host, gathered.g)
    people = make_people(ground)
    came, g = gatherings.enter_as_guest(people, code, agreed=True)
    guest = actor(people, came)
    tell(ground, guest, g, Telling(text="A canaryword on the stairs."))

    leave(people, replace(guest, stepped_up=True))

    state = ground.road.gathering(gathered.topic)
    assert (state.seats[guest.dreamer].here, state.told[0].gone) == (False, True)
    assert not [row for row in ground.store.rows("words", limit=10_000) if guest.dreamer in row.id]
