"""What screens are told is what is so: frames fold to the picture, after a restart too, and stay small."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from makers_gatherings import heard_in, make_gathering
from paper_loom import PaperLoom

from dreamweave.app import gatherings, laying, room, rooms, telling
from dreamweave.app.framing import Framing
from dreamweave.app.gathering_words import beside
from dreamweave.app.hearing import acts_frame
from dreamweave.model.acts import FRAME_BYTES_MAX, Picture, folded
from dreamweave.model.refusals import Refusal

WORDS = ("stairs", "lantern", "harbour", "mother", "tramway", "feather")


@pytest.fixture
def gathered():
    return make_gathering()


# ------------------------------------------------------------------ the fold


THINGS = (
    *("tell", "tell", "tell", "come", "go", "listen", "carry", "hold", "release", "approve"),
    *("take back", "keep", "let go", "feel", "turn", "turn", "restart", "breaks"),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(THINGS), st.integers(0, 7), st.integers(-1, 9)),
    min_size=5,
    max_size=45,
)


def step(gathered, what, i, r):
    """Somebody does one thing; most of what may not be is refused."""
    ground, host, g = gathered.ground, gathered.host, gathered.g
    who = (gathered.came or [host])[i % max(1, len(gathered.came))]
    match what:
        case "come":
            gathered.comes(listening=r % 3 == 0)
        case "go":
            gatherings.depart(ground, who, g)
        case "listen":
            gatherings.listen(ground, who, g, listening=r % 2 == 0)
        case "tell":
            text = f"The {WORDS[i % 6]} and a {WORDS[(i + r) % 6]}. It was {r}."
            how = {"answers": r} if r >= 0 and i % 3 == 0 else {"on_open": r == -1}
            gathered.tells(who, text, **how)
        case "carry":
            telling.carry(ground, who, g, max(r, 0), (1, 1, -1, 0)[i % 4])
        case "hold":
            gatherings.hold(ground, host, g, yes=r % 2 == 0)
        case "approve":
            gatherings.approve(ground, host, g, yes=r % 2 == 0)
        case "release":
            gatherings.release(ground, host, g, max(r, 0))
        case "keep" | "let go":
            gatherings.keep_seat(ground, host, g, 1 if what == "keep" else -1)
        case "take back":
            for one in telling.mine(ground, who, g)[: 1 + (r % 2)]:
                telling.take_back(ground, who, g, one.r)
        case "feel":
            telling.feel(ground, who, g, max(r, 0), "joy")
        case "turn":
            gathered.turn()
        case "breaks":
            gathered.loom.held.clear()


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_frames_fold_to_the_picture_and_so_do_the_facts_whatever_happens(steps):
    gathered = make_gathering(n_open=2)
    gathered.comes(), gathered.comes()
    at, acts = gathered.rooms.picture(gathered.g)
    screen = folded(acts)

    for what, i, r in steps:
        if what == "restart":
            gathered = gathered.reopened()
            at, acts = gathered.rooms.picture(gathered.g)
            screen = folded(acts)
        else:
            try:
                step(gathered, what, i, r)
            except Refusal:
                continue
        frames = gathered.frames(at)
        assert all(len(frame.data) <= FRAME_BYTES_MAX for frame in frames if frame.kind == "acts")
        screen, at = heard_in(frames, screen), gathered.ground.hearing.at(gathered.topic)
        now = gathered.rooms.picture(gathered.g)
        assert (at, screen.as_acts()) == now
        # Nothing that was taken back stands in words that could still be fetched.
        gone = {r for r, one in enumerate(gathered.state.told) if one.gone}
        for frame in gathered.frames():
            if frame.kind == "words":
                assert gone.isdisjoint(
                    one["r"] for one in json.loads(frame.data).get("reports", ())
                )

    gathered.settle()
    screen = heard_in(gathered.frames(at), screen)
    assert screen.as_acts() == gathered.picture().as_acts() == gathered.afresh().as_acts()
    told = {r for r, one in enumerate(gathered.state.told) if not one.held and not one.gone}
    assert set(screen.told) == told
    assert screen.seats[2] == gathered.state.n_kept_open
    lanes, told_at, knots = screen.lanes, screen.told, screen.knots
    again = gathered.reopened()
    assert again.picture() == screen
    # A restart moves nothing, and neither does going on after it.
    gathered.comes()
    gatherings.hold(again.ground, again.host, again.g, yes=False)
    again.tells(gathered.came[-1], "A feather in the harbour.")
    again.settle()
    after = again.picture()
    assert after.lanes[: len(lanes) - 1] == lanes[:-1]
    assert {r: after.told[r] for r in told_at} == told_at
    assert {k: after.knots[k] for k in knots} == knots


def test_a_reader_who_falls_behind_reads_the_picture_afresh_and_hears_on(gathered):
    ann = gathered.comes()
    for i in range(9):
        gathered.tells(ann, f"The stairs and a lantern, {i}.")
        gathered.turn()
    at, acts = gathered.rooms.picture(gathered.g)
    gathered.tells(ann, "One more feather.")
    gathered.settle()

    assert heard_in(gathered.frames(at), folded(acts)) == gathered.picture() == gathered.afresh()


# ------------------------------------------------------------------ frames


def test_the_first_frame_comes_at_once_and_then_four_a_second(gathered):
    ann = gathered.comes()
    gathered.settle()
    gathered.clock_s.pass_s(5)
    n = gathered.ground.hearing.at(gathered.topic)

    moments, began_s = [], gathered.clock_s()
    for i in range(40):
        gathered.tells(ann, f"Words {i}.")
        gathered.rooms.turn()
        if any(frame.kind == "acts" for frame in gathered.frames(n)):
            moments.append(gathered.clock_s())
        n = gathered.ground.hearing.at(gathered.topic)
        gathered.clock_s.pass_s(1 / 16)

    assert moments[0] == began_s  # at the very moment it was told
    assert [b - a for a, b in pairwise(moments)] == [0.25] * 9


def test_a_burst_of_five_hundred_tellings_comes_in_small_frames(gathered):
    tellers = [gathered.comes() for _ in range(10)]
    gathered.settle()
    at, screen = gathered.ground.hearing.at(gathered.topic), gathered.picture()
    for i in range(500):
        gathered.tells(tellers[i % 10], f"The {WORDS[i % 6]} of night {i}.")

    n_turns = 0
    while len(screen.told) < 500:
        gathered.turn()
        n_turns += 1
        frames = gathered.frames(at)
        assert sum(frame.kind == "acts" for frame in frames) <= 1
        assert all(len(frame.data) <= FRAME_BYTES_MAX for frame in frames if frame.kind == "acts")
        screen, at = heard_in(frames, screen), gathered.ground.hearing.at(gathered.topic)
    assert n_turns < 60
    gathered.settle()
    assert gathered.picture() == gathered.afresh()


def test_words_come_no_later_than_the_act_that_shows_them(gathered):
    ann = gathered.comes()
    gathered.tells(ann, "The stairs went down. A lamp.")
    gathered.settle()

    frames = gathered.frames()
    i_words = next(i for i, f in enumerate(frames) if f.kind == "words" and b"lamp" in f.data)
    i_told = next(i for i, f in enumerate(frames) if f.kind == "acts" and b'"told"' in f.data)
    assert i_words < i_told
    (one,) = json.loads(frames[i_words].data)["reports"]
    assert [one["text"][a:b] for a, b in one["cuts"]] == ["The stairs went down.", " A lamp."]


def test_of_acts_that_say_one_thing_anew_only_the_last_is_said():
    framing = Framing(set())
    framing.add([["seats", 1, 0, 0], ["passage", 0, [1]], ["knot", 3, 0, 1, [0, 1], 0]])
    framing.add([["seats", 2, 0, 0], ["passage", 0, [2]], ["unknot", 3], ["hold", 1]])

    assert framing.acts() == [["seats", 2, 0, 0], ["passage", 0, [2]], ["unknot", 3], ["hold", 1]]


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("told"), st.integers(0, 4), st.integers(0, 3), st.just(0)).map(
            lambda a: [*a, -1, 0]
        ),
        st.tuples(st.just("carries"), st.integers(0, 4), st.integers(0, 3)).map(list),
        st.tuples(st.just("woven"), st.integers(0, 4), st.integers(0, 2)).map(list),
        st.tuples(st.just("fair"), *[st.integers(0, 3)] * 4, st.integers(-1, 4)).map(
            lambda a: [*a, 0]
        ),
        st.tuples(st.just("gone"), st.integers(0, 4)).map(list),
        st.tuples(st.just("knot"), st.integers(0, 2), st.just(0), st.integers(0, 2)).map(
            lambda a: [*a, [0, 1], 0]
        ),
        st.tuples(st.just("unknot"), st.integers(0, 2)).map(list),
        st.tuples(st.just("settled"), st.integers(0, 2)).map(list),
        st.just(["take"]),
    )
)


@given(ACTS)
def test_what_overtakes_ends_in_the_same_picture_as_in_its_own_place(acts):
    heard, in_order = Picture(), Picture()
    framing = Framing(heard.gone)
    for act in acts:
        if act == ["take"]:
            folded(framing.take(), heard)
        elif act[0] == "gone":
            folded([act], in_order)
            for frame in framing.overtake([act[1]]):
                folded(frame, heard)
        else:
            folded([act], in_order)
            framing.add([act])

    while framing:
        folded(framing.take(), heard)
    assert heard == in_order


def test_the_largest_act_fits_a_frame():
    lanes = [-1000] * 48

    assert len(acts_frame(10**9, [["passage", 15, lanes]])) < FRAME_BYTES_MAX


# ------------------------------------------------------------------ taking back


def test_what_is_taken_back_is_said_at_once_in_the_thread_that_took_it_back(gathered):
    ann, bo = gathered.comes(), gathered.comes()
    gathered.tells(ann, "A canaryword on the stairs.")
    gathered.tells(bo, "The stairs again.")
    gathered.settle()
    gathered.tells(bo, "And more stairs.")
    gathered.rooms.turn()  # a frame went: the next is due in a quarter of a second
    n = gathered.ground.hearing.at(gathered.topic)

    telling.take_back(gathered.ground, ann, gathered.g, 0)

    acts, names = gathered.frames(n)
    assert json.loads(acts.data)["acts"] == [["gone", 0]]
    assert json.loads(names.data) == {"motifs": [{"m": 0, "name": None, "lang": None}]}
    assert b"canaryword" not in gathered.words_held()


def test_names_of_shared_images_come_back_without_those_of_words_that_went(gathered):
    ann, bo = gathered.comes(), gathered.comes()
    gathered.tells(ann, "The stairs and the lantern.")
    gathered.tells(bo, "The stairs and the lantern.")
    gathered.tells(bo, "Only the stairs of the harbour.")
    gathered.settle()
    assert {one["name"] for one in beside(gathered.ground, bo, gathered.g)["motifs"]} == {
        "stairs",
        "lantern",
    }
    mine = telling.mine(gathered.ground, bo, gathered.g)

    telling.take_back(gathered.ground, bo, gathered.g, mine[0].r)
    assert beside(gathered.ground, bo, gathered.g)["motifs"] == []
    telling.take_back(gathered.ground, ann, gathered.g, 0)
    n = gathered.ground.hearing.at(gathered.topic)
    gathered.settle()

    assert [one["name"] for one in beside(gathered.ground, bo, gathered.g)["motifs"]] == ["stairs"]
    said = [json.loads(f.data) for f in gathered.frames(n) if f.kind == "words"]
    assert {"motifs": [{"m": 1, "name": "stairs", "lang": "en"}]} in said
    assert gathered.loom.asked[-2:] == [("forget", 1), ("forget", 0)]


def test_what_is_taken_back_while_the_loom_reads_it_is_forgotten_by_the_loom(gathered):
    ann, bo = gathered.comes(), gathered.comes()
    gathered.tells(bo, "The stairs of the harbour.")
    gathered.settle()
    real = gathered.loom.tell

    def meanwhile(g, heard):
        answer = real(g, heard)
        if heard.r == 1:
            telling.take_back(gathered.ground, ann, g, 1)
        return answer

    gathered.loom.tell = meanwhile
    gathered.tells(ann, "The stairs and a canaryword.")
    gathered.settle()

    assert gathered.loom.held[gathered.g].texts == {0: "The stairs of the harbour."}
    assert [one["name"] for one in beside(gathered.ground, bo, gathered.g)["motifs"]] == ["stairs"]
    assert [row.id for row in gathered.ground.store.rows("words", limit=9_999)
            if row.id.startswith("laid/")] == [f"laid/{gathered.state.told[0].tag}"]  # fmt: skip
    assert gathered.picture() == gathered.afresh()
    assert gathered.picture().knots == {}


def test_what_goes_while_there_is_no_loom_ties_nothing_when_it_is_back(gathered):
    ann, bo = gathered.comes(), gathered.comes()
    gathered.tells(ann, "The stairs of the harbour.")
    gathered.tells(bo, "The stairs again.")
    gathered.settle()
    assert gathered.picture().knots
    gathered.rooms.close()

    telling.take_back(gathered.ground, ann, gathered.g, 0)
    gathered = gathered.reopened()
    gathered.rooms.picture(gathered.g)
    gathered.tells(bo, "A feather.")
    gathered.settle()

    assert gathered.picture().knots == {}
    assert gathered.picture() == gathered.afresh()


def test_somebody_who_goes_takes_their_name_out_of_the_air():
    gathered = make_gathering(named=True)
    gathered.rooms.picture(gathered.g)
    ann = gathered.comes("Canaryname")
    gathered.settle()
    assert b"Canaryname" in gathered.words_held()

    gatherings.depart(gathered.ground, ann, gathered.g)

    assert b"Canaryname" not in gathered.words_held()
    gathered.settle()
    assert b'{"seats":[{"name":null,"seat":1}]}' in gathered.words_held()


# ------------------------------------------------------------------ what goes wrong


def test_the_loom_is_told_again_of_what_it_lost_and_nothing_moves(gathered):
    ann, bo = gathered.comes(), gathered.comes()
    for i in range(8):
        gathered.tells((ann, bo)[i % 2], f"The {WORDS[i % 3]} of night {i}.")
    telling.carry(gathered.ground, bo, gathered.g, 0, 1)
    gathered.settle()
    before = gathered.picture()

    gathered.loom.held.clear()  # as after its process was killed
    gathered.tells(ann, "A feather.")
    gathered.settle()

    after = gathered.picture()
    assert len(after.told) == 9
    assert {r: after.told[r] for r in before.told} == before.told
    assert after.lanes[: len(before.lanes) - 1] == before.lanes[:-1]
    assert gathered.loom.n_begun == 2
    assert not gathered.trouble


def test_a_report_that_the_loom_cannot_bear_is_shown_beside_the_others_and_met_by_none(gathered):
    ann, bo = gathered.comes(), gathered.comes()
    gathered.loom.breaks_on = "poisonword"
    gathered.tells(bo, "The stairs.")
    gathered.tells(ann, "The stairs and a poisonword.")
    gathered.tells(bo, "More of the stairs.")
    gathered.settle()

    assert set(gathered.picture().told) == {0, 1, 2}
    assert [one["cuts"] for one in beside(gathered.ground, bo, gathered.g)["reports"]] == [
        [[0, 11]],
        [],
        [[0, 19]],
    ]
    assert 1 not in gathered.loom.held[gathered.g].texts
    asked = [ask for ask in gathered.loom.asked if ask[1] == 1]
    assert len(asked) == laying.N_TRIES_MAX
    assert {type(no) for no in gathered.trouble} == {MemoryError}
    # After a restart nobody tries it again.
    again = gathered.reopened()
    again.tells(bo, "And more stairs.")
    again.settle()
    assert not again.trouble or len(again.trouble) == len(gathered.trouble)
    assert set(again.picture().told) == {0, 1, 2, 3}


def test_while_there_is_no_loom_people_tell_and_are_read(gathered):
    ann, bo = gathered.comes(), gathered.comes()
    gathered.loom.is_away = True
    for _ in range(12):
        gathered.clock_s.pass_s(gathered.rooms.turn())
    assert gathered.rooms.turn() > 0.2  # nothing to lay: the loom is left alone, and nobody spins
    gathered.tells(ann, "The stairs.")
    gathered.settle()
    gathered.tells(bo, "The stairs again.", on_open=False)
    gatherings.keep_seat(gathered.ground, gathered.host, gathered.g, 1)
    gathered.settle()

    picture = gathered.picture()
    assert picture == gathered.afresh()
    assert (set(picture.told), picture.n_warps, len(picture.open)) == ({0, 1}, 18, 1)
    assert picture.told[0].warp != picture.told[1].warp
    assert picture.open.isdisjoint({picture.told[0].warp, picture.told[1].warp})
    gathered.loom.is_away = False
    gathered.clock_s.pass_s(laying.AGAIN_S_MAX)
    gathered.tells(bo, "A third.")
    gathered.settle()
    assert set(gathered.picture().told) == {0, 1, 2}
    assert gathered.loom.n_begun == 1


def test_a_room_that_goes_wrong_holds_up_no_other(gathered):
    ground = gathered.ground
    ann = gathered.comes()
    other = gatherings.make(
        ground,
        gathered.host,
        gathered.circle,
        gatherings.About("Another"),
        begins_ms=ground.now_ms(),
    )
    gatherings.begin_phase(ground, gathered.host, other, "telling")
    whole = room.Room.say

    def broken(self, now_s):
        if self.g == other:
            raise ZeroDivisionError
        whole(self, now_s)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room.Room, "say", broken)
        gathered.tells(ann, "The stairs.")
        gathered.turn(4)

    assert set(gathered.picture().told) == {0}
    assert {type(no) for no in gathered.trouble} == {ZeroDivisionError}


def test_a_disk_that_is_full_for_a_while_loses_nothing_of_the_picture(gathered):
    ann = gathered.comes()
    gathered.settle()
    keep, full = gathered.ground.store.keep, [True]

    def refuses(writing):
        if full[0] and any(fact.kind == "Laid" for fact in writing.facts):
            raise OSError("no room")
        return keep(writing)

    gathered.ground.store.keep = refuses
    gathered.tells(ann, "The stairs.")
    for _ in range(12):  # also when nobody waits for the loom any more, the disk is left alone
        assert gathered.rooms.turn() > 0.2
        gathered.clock_s.pass_s(gathered.rooms.turn())
    assert gathered.picture().told == {}
    full[0] = False
    gathered.settle()

    assert set(gathered.picture().told) == {0}
    assert gathered.picture() == gathered.afresh()


# ------------------------------------------------------------------ the rest


def test_the_closest_call_is_looked_for_at_most_every_two_seconds(gathered):
    ann = gathered.comes()
    looks = []
    real = gathered.loom.fair
    gathered.loom.fair = lambda g: looks.append(gathered.clock_s()) or real(g)

    for i in range(40):
        gathered.tells(ann, f"Words {i}.")
        gathered.turn()
    gathered.settle()

    assert all(b - a >= laying.FAIR_EVERY_S for a, b in pairwise(looks))
    assert 4 <= len(looks) <= 7
    assert gathered.picture().fair == (4000, 40, 41, 1, 39, 0)


def test_what_was_told_last_is_weighed_once_more_before_the_whole_settles(gathered):
    ann = gathered.comes()
    gathered.tells(ann, "The stairs.")
    gathered.settle()
    gathered.tells(ann, "The door.")
    gathered.turn()
    gathered.tells(ann, "The lamp.")
    gathered.turn()  # too soon after the last look for another
    assert gathered.picture().fair[1] == 2
    gatherings.begin_phase(
        gathered.ground, gathered.host, gathered.g, "reflecting", once="closing1"
    )
    gathered.settle()

    assert gathered.picture().phase == 2
    assert gathered.picture().fair[1] == 3  # the stand-in weighs reports


def test_from_one_report_to_another_the_loom_knows_the_way(gathered):
    ann = gathered.comes()
    gathered.tells(ann, "The stairs.")
    gathered.tells(ann, "A lamp.")
    gathered.settle()

    assert gathered.rooms.path(gathered.g, 0, 1) == [(0, 0), (1, 0)]
    assert gathered.reopened().rooms.path(gathered.g, 0, 1) == [(0, 0), (1, 0)]
    gathered.loom.is_away = True
    gathered.loom.path = lambda g, a, b: gathered.loom._there()
    with pytest.raises(OSError, match="no loom"):
        gathered.rooms.path(gathered.g, 0, 1)
    with pytest.raises(Refusal) as no:
        gathered.rooms.path(gathered.g, 0, 1)
    assert no.value.code == "loom.away"


def test_a_gathering_that_is_none_has_no_room(gathered):
    with pytest.raises(Refusal) as no:
        gathered.rooms.picture("nonsense")

    assert no.value.code == "gathering.unknown"


def test_no_warp_is_strung_before_the_host_opens():
    gathered = make_gathering(opened=False)
    gathered.comes()
    gathered.settle()
    assert (gathered.picture().n_warps, gathered.loom.n_begun) == (0, 0)
    assert gathered.picture().seats == (2, 0, 0)

    gatherings.begin_phase(gathered.ground, gathered.host, gathered.g, "telling")
    gathered.settle()

    assert (gathered.picture().n_warps, gathered.picture().phase) == (18, 1)
    assert gathered.rooms.described(gathered.g) == rooms.Described(0, 0, 1, 0, 0, 0, 0, 0)


def test_what_is_over_is_let_go_of_and_goes_on_where_it_was(gathered, monkeypatch):
    monkeypatch.setattr(rooms, "N_ROOMS_MAX", 0)
    ann = gathered.comes()
    gathered.tells(ann, "The stairs.")
    gathered.settle()
    for phase in ("reflecting", "reflecting", "closed"):
        gatherings.begin_phase(gathered.ground, gathered.host, gathered.g, phase)
    gathered.settle()
    assert gathered.loom.held == {}
    n = gathered.ground.hearing.at(gathered.topic)

    telling.take_back(gathered.ground, ann, gathered.g, 0)
    gathered.settle()

    assert heard_in(gathered.frames(n)).gone == {0}
    assert gathered.picture() == gathered.afresh()


def test_the_thread_does_what_a_turn_does_and_ends_with_the_house():
    gathered = make_gathering()
    told = threading.Event()
    live = rooms.Rooms(gathered.ground, PaperLoom(), on_trouble=gathered.trouble.append)
    live.picture(gathered.g)
    stop = gathered.ground.hearing.listen(
        gathered.topic,
        lambda: told.set() if live.picture(gathered.g)[1] and _has_told(gathered) else None,
    )
    ann = gathered.comes()
    gathered.tells(ann, "The stairs went down.")

    assert told.wait(20)
    stop()
    live.close()
    live.close()
    assert not gathered.trouble


def _has_told(gathered):
    frames = gathered.ground.hearing.after(gathered.topic, 0) or ()
    return any(b'"told"' in frame.data for frame in frames)


def test_the_server_needs_no_numbers_library_for_any_of_this():
    code = (
        "import sys\n"
        "from dreamweave.app import closing_gathering, gatherings, rooms, telling\n"
        "import dreamweave.house\n"
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
