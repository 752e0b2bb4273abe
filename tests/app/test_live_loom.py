"""Gatherings are woven in a process aside, which may be lost at any moment; nothing woven moves by it."""

import json
import subprocess
import sys
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from live_stand_in import DIES, FAILS, HANGS, SHOUTS
from makers_gatherings import make_gathering
from reader_of_words import WordReader

from dreamweave.app import gatherings, telling
from dreamweave.app.children import ChildBroken, ChildLate, ChildLoud, of_ours, started
from dreamweave.app.live_loom import LiveLoom
from dreamweave.app.live_weaving import LiveWeaving
from dreamweave.app.looms import Answer, Heard
from dreamweave.app.rooms import Rooms
from dreamweave.model.acts import Picture, folded
from dreamweave.model.gathering_facts import GatheringMade

STAND_IN = [
    sys.executable,
    str(Path(__file__).resolve().parent.parent / "support" / "live_stand_in.py"),
]


def made(g="g1", **how):
    what = {
        "circle": "c1",
        "host": "h1",
        "method": "dreams",
        "named": False,
        "floor": "open",
        "entry": "open",
        "n_places": 0,
        "n_expected": 12,
        "n_warps": 12,
        "n_open": 0,
        "begins_ms": 0,
        "ends_ms": 0,
        "afterwards": "kept",
        "seed": "tide",
    }
    return GatheringMade(g, **{**what, **how})


def report(r, text, *, teller=None, answers=-1, on_open=False):
    return Heard(r, r if teller is None else teller, text, "en", answers, 0, on_open, None)


# ------------------------------------------------------------------ one gathering, in this process


class Table:
    """A gathering around one table, and everything that its node would keep."""

    def __init__(self, **how):
        self.how = {"named": False, "n_people": 10, "n_warps": 12, "n_open": 1, **how}
        self.acts, self.told, self.said, self.names = [], {}, {}, {}
        self.numbers = count()
        self.begin()

    def begin(self):
        said = [[r, teller, says] for (r, teller), says in self.said.items() if r in self.told]
        asked = {
            **self.how,
            "seed": "tide",
            "acts": self.picture.as_acts() if self.acts else [],
            "told": list(self.told.values()),
            "said": said,
            "names": [[m, name] for m, name in sorted(self.names.items())],
        }
        self.weaving = LiveWeaving(json.loads(json.dumps(asked)), WordReader())
        return self.hear(self.weaving.began)

    @property
    def picture(self):
        return folded(self.acts)

    def hear(self, answer):
        answer = json.loads(json.dumps(answer))
        self.acts += answer["acts"]
        for m, name, _ in answer["names"]:
            self.names[m] = name
            if not name:
                del self.names[m]
        return answer

    def tell(self, teller, text, answers=-1):
        r = next(self.numbers)
        self.told[r] = {"r": r, "teller": teller, "text": text, "lang": "en", "answers": answers}
        return self.hear(self.weaving.tell(r, teller, text, "en", answers=answers))

    def say(self, r, teller, says):
        self.said[r, teller] = says
        return self.hear(self.weaving.say(r, teller, says))

    def forget(self, r):
        del self.told[r]
        return self.hear(self.weaving.forget(r))

    def firm(self):
        """The motif and the reports of every firm knot."""
        picture = self.picture
        return [
            {r for r, told in picture.told.items() if told.warp in knot.warps}
            for knot in picture.knots.values()
            if knot.firm
        ]


def test_what_two_people_say_is_tied_and_named_in_their_own_words():
    table = Table()
    first = table.tell(0, "A lantern stood in the harbour. Nobody had lit it.")
    second = table.tell(1, "I carried the lantern home.")

    assert first["cuts"] == [[0, 50]]
    assert first["names"] == []
    assert [act[0] for act in second["acts"] if act[0] != "woven"] == ["passage", "told", "knot"]
    (name,) = table.names.values()
    assert "lantern" in name.lower()


def test_answers_hold_numbers_and_names_of_what_two_people_said():
    table = Table()
    answers = [
        table.tell(0, "The ferryman kept my umbrella."),
        table.tell(1, "My umbrella turned into a heron."),
        table.say(0, 1, 1),
        table.forget(0),
    ]

    said = {word for answer in answers for _, name, _ in answer["names"] for word in name.split()}
    rest = json.dumps([{**answer, "names": []} for answer in answers]).lower()
    assert said == {"umbrella"}
    assert not any(word in rest for word in ("ferry", "umbrella", "heron", "kept"))


def test_taken_back_a_motif_of_one_person_has_no_name_and_no_knot():
    table = Table()
    table.tell(0, "A lantern stood in the harbour.")
    table.tell(1, "I carried the lantern home.")
    table.tell(1, "The lantern was warm.")
    ((m, _),) = table.names.items()

    answer = table.forget(0)

    assert [one[:2] for one in answer["names"]] == [[m, ""]]
    assert table.picture.knots == {}


def test_who_says_that_it_carries_them_makes_a_knot_firm():
    table = Table()
    table.tell(0, "A lantern stood in the harbour.")
    table.tell(1, "I carried the lantern home.")
    assert table.firm() == []

    table.say(0, 1, 1)
    assert table.firm() == [{0, 1}]

    table.say(0, 1, 0)
    assert table.firm() == []


def carried_in_two_knots(**how):
    """Two reports of one person's, each tied with report 0 in a knot of its own."""
    table = Table(n_people=2, **how)
    table.tell(0, "A lantern stood in the harbour. A heron stood beside it.")
    table.tell(1, "I carried the lantern home.")
    while len(table.picture.lanes) < 2:
        table.tell(2, "Nothing came to me.")
    table.tell(1, "My mother was a heron.")
    assert sorted(len(knot.warps) for knot in table.picture.knots.values()) == [2, 2]
    return table


def test_where_threads_are_reports_firm_knots_never_show_that_two_are_one_persons():
    table = carried_in_two_knots()
    table.say(0, 1, 1)
    assert len(table.firm()) == 1

    # Not by beginning again, and not by taking back the one that was tied.
    table.begin()
    assert len(table.firm()) == 1
    (mine,) = table.firm()[0] - {0}
    table.forget(mine)
    assert table.firm() == []


def test_where_threads_are_dreamers_all_of_theirs_is_tied():
    table = carried_in_two_knots(named=True)

    table.say(0, 1, 1)

    assert len(table.firm()) == 2


def test_what_carried_somebody_before_they_told_ties_what_they_tell():
    table = Table()
    table.tell(0, "A lantern stood in the harbour.")
    table.say(0, 1, 1)
    table.tell(1, "I carried the lantern home.")

    assert table.firm() == [{0, 1}]


def test_a_report_that_was_laid_without_the_loom_keeps_its_place():
    table = Table()
    table.tell(0, "A lantern stood in the harbour.")
    table.acts.append(["told", 7, 11, 0, -1, 0])
    table.begin()
    answer = table.tell(1, "I carried the lantern home.")

    told = next(act for act in answer["acts"] if act[0] == "told")
    assert told[2] != 11
    assert table.picture.told[7].warp == 11


def test_begun_again_knots_of_what_went_in_between_are_loosened():
    table = Table()
    table.tell(0, "A lantern stood in the harbour.")
    table.tell(1, "I carried the lantern home.")
    # Taken back while there was no loom.
    del table.told[0]
    table.acts.append(["gone", 0])

    answer = table.begin()

    assert [act[0] for act in answer["acts"]] == ["unknot", "passage"]
    assert table.names == {}


def test_more_seats_than_warps_leave_room_for_who_is_here():
    table = Table(n_warps=6, n_open=24)

    assert len(table.picture.open) == 3


WORDS = ("lantern", "heron", "umbrella", "ferry", "staircase", "orchard")
happenings = st.lists(
    st.tuples(
        st.sampled_from(["tell", "tell", "tell", "say", "forget"]),
        st.integers(0, 4),
        st.integers(0, 30),
        st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)),
    ),
    max_size=18,
)


@settings(max_examples=12, deadline=None)
@given(happenings, st.booleans())
def test_begun_again_at_any_moment_nothing_woven_moves_or_is_lost(drawn, named):
    table = Table(named=named)
    for what, teller, a, (one, other) in drawn:
        before = table.picture
        r = sorted(table.told)[a % len(table.told)] if table.told else None
        if what == "tell":
            table.tell(teller, f"A {one} waited beside the {other}.", -1 if r is None else r)
        elif what == "say" and r is not None and table.told[r]["teller"] != teller:
            table.say(r, teller, a % 3 - 1)
        elif what == "forget" and r is not None:
            table.forget(r)
        table.begin()

        after = table.picture
        assert after.lanes[: len(before.lanes) - 1] == before.lanes[:-1]
        for r, told in before.told.items():
            assert after.told.get(r, told) == told
            if r in after.told:
                assert before.woven.get(r, set()) <= after.woven.get(r, set())
        held = {told.warp for told in after.told.values()}
        assert {w for knot in after.knots.values() for w in knot.warps} <= held


# ------------------------------------------------------------------ the process, from the server's side


@pytest.fixture
def loom():
    loom = LiveLoom(STAND_IN)
    yield loom
    loom.close()


def begun(loom, g="g1", **how):
    """A gathering on a loom; the picture after its beginning."""
    picture = Picture()
    folded(loom.begin(made(g, **how), 0, Picture(), [], [], {}).acts, picture)
    return picture


def test_a_gathering_is_woven_in_a_process_aside(loom):
    picture = begun(loom)
    folded(loom.tell("g1", report(0, "A lantern stood in the harbour.")).acts, picture)
    second = loom.tell("g1", report(1, "I carried the lantern home."))
    folded(second.acts, picture)

    assert (picture.n_warps, len(picture.knots), set(picture.told)) == (12, 1, {0, 1})
    assert second.cuts == ((0, 27),)
    assert [lang for _, _, lang in second.names] == ["en"]
    assert loom.fair("g1")[1] == 2
    assert loom.path("g1", 0, 1) == ((0, 0), (1, 0))
    assert loom.say("g1", 0, 1, 1).acts[0][-1] == 1
    assert [act[1:] for act in loom.keep("g1", 1).acts] == [[loom.keep("g1", -1).acts[0][1], 1]]
    assert loom.forget("g1", 0).acts[0] == ["gone", 0]


def test_nothing_is_called_close_while_nobody_told(loom):
    begun(loom)

    assert loom.fair("g1") is None


@pytest.mark.parametrize("word", [DIES, FAILS])
def test_a_process_that_dies_is_begun_again_with_the_same_picture(loom, word):
    picture = begun(loom)
    heard = [report(0, "A lantern stood in the harbour."), report(1, "I carried the lantern home.")]
    names = {}
    for one in heard:
        answer = loom.tell("g1", one)
        folded(answer.acts, picture)
        names |= {m: (name, lang) for m, name, lang in answer.names}
    before = picture.as_acts()

    with pytest.raises(ChildBroken):
        loom.tell("g1", report(2, f"A {word} grew there."))
    with pytest.raises(ChildBroken):
        loom.fair("g1")
    again = loom.begin(made(), 0, picture, heard, [], names)

    assert again == Answer([], (), ())
    assert picture.as_acts() == before
    after = loom.tell("g1", report(3, "The lantern went out."))
    assert [act[0] for act in after.acts if act[0] not in ("woven", "passage")] == ["told", "knot"]


def test_what_another_gathering_lost_has_to_be_begun_again_too(loom):
    begun(loom, "g1")
    begun(loom, "g2")

    with pytest.raises(ChildBroken):
        loom.tell("g1", report(0, f"A {DIES} grew there."))
    assert not loom.knows("g2")
    with pytest.raises(ChildBroken):
        loom.tell("g2", report(0, "A lantern stood in the harbour."))
    begun(loom, "g2")
    assert loom.knows("g2")

    assert loom.tell("g2", report(0, "A lantern stood in the harbour.")).acts


def test_who_is_late_or_loud_is_ended():
    loom = LiveLoom(STAND_IN, answer_s=3.0)
    for word, how in ((HANGS, ChildLate), (SHOUTS, ChildLoud)):
        begun(loom)
        with pytest.raises(how):
            loom.tell("g1", report(0, f"I am {word}."))

        with pytest.raises(ChildBroken):
            loom.fair("g1")
    loom.close()


def test_closing_waits_for_nobody_and_nothing_begins_afterwards():
    loom = LiveLoom(STAND_IN)
    begun(loom)
    ended = SimpleQueue()

    def tell():
        try:
            loom.tell("g1", report(0, f"I am {HANGS}."))
        except Exception as why:
            ended.put(type(why))

    telling_it = Thread(target=tell)
    telling_it.start()
    loom.close()
    telling_it.join()
    loom.close()

    assert ended.get_nowait() is ChildBroken
    with pytest.raises(ChildBroken):
        begun(loom)


def test_a_process_is_there_from_the_first_gathering_until_a_while_after_the_last(monkeypatch):
    ran = []

    def watched(command):
        ran.append(started(command))
        return ran[-1]

    monkeypatch.setattr("dreamweave.app.live_loom.started", watched)
    loom = LiveLoom(STAND_IN, idle_s=0.05)
    assert ran == []

    begun(loom, "g1")
    begun(loom, "g2")
    loom.end("g1")
    assert (len(ran), ran[0].poll()) == (1, None)

    loom.end("g2")
    ran[0].wait(timeout=30)
    begun(loom, "g3")
    assert (len(ran), ran[1].poll()) == (2, None)
    loom.close()


def test_ending_what_is_lost_already_is_no_trouble(loom):
    begun(loom)
    with pytest.raises(ChildBroken):
        loom.tell("g1", report(0, f"A {DIES} grew there."))

    loom.end("g1")
    loom.end("never")


def test_from_many_threads_every_answer_is_its_own(loom):
    for g in range(4):
        begun(loom, f"g{g}")
    got = SimpleQueue()

    def tell(g):
        for r in range(5):
            acts = loom.tell(f"g{g}", report(r, f"The {WORDS[g]} spoke {r}.")).acts
            got.put((g, [act[1] for act in acts if act[0] == "told"]))

    threads = [Thread(target=tell, args=(g,)) for g in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    told = [got.get_nowait() for _ in range(20)]
    assert sorted(told) == [(g, [r]) for g in range(4) for r in range(5)]


# ------------------------------------------------------------------ the worker itself


BEGIN = {
    "do": "begin",
    "g": "g1",
    "seed": "tide",
    "n_people": 5,
    "named": False,
    "n_warps": 8,
    "n_open": 0,
    "acts": [],
    "told": [],
    "said": [],
    "names": [],
}


def asked(worker, message):
    worker.stdin.write(json.dumps(message).encode() + b"\n")
    worker.stdin.flush()
    return json.loads(worker.stdout.readline() or "null")


def test_the_real_worker_weaves_and_says_nothing_beside():
    command = of_ours("dreamweave.app.live_worker")
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, **pipes) as worker:
        assert [act[0] for act in asked(worker, BEGIN)["acts"]] == ["warps", "passage"]
        for r, text in enumerate(
            ["The tide came up the stairs of my house.", "Die Treppe führt in ein Meer."]
        ):
            tell = {"do": "tell", "g": "g1", "r": r, "teller": r, "text": text, "lang": None}
            told = asked(worker, tell)
            assert told["cuts"] == [[0, len(text)]]
            assert ["told", r] in [act[:2] for act in told["acts"]]

        # What goes wrong ends it, without a word about it.
        assert asked(worker, {"do": "tell", "g": "g1", "r": 2, "teller": "My secret"}) is None
        assert (worker.wait(timeout=60), worker.stderr.read()) == (4, b"")


def test_the_worker_ends_with_its_input_also_in_the_middle_of_a_thought():
    with started(STAND_IN) as worker:
        asked(worker, BEGIN)
        tell = {"do": "tell", "g": "g1", "r": 0, "teller": 0, "text": HANGS, "lang": "en"}
        worker.stdin.write(json.dumps(tell).encode() + b"\n")
        worker.stdin.close()

        assert worker.wait(timeout=60) == 0


def test_the_server_loads_no_numbers_for_it():
    code = "import dreamweave.app.live_loom, sys; print('numpy' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout == "False\n"


# ------------------------------------------------------------------ on a node


def test_a_report_that_the_loom_cannot_bear_stops_nobody():
    gathered = make_gathering(n_expected=12)
    gathered.rooms.close()
    gathered.loom = LiveLoom(STAND_IN)
    gathered.rooms = Rooms(
        gathered.ground,
        gathered.loom,
        on_trouble=gathered.trouble.append,
        now_s=gathered.clock_s,
        threaded=False,
    )
    ana, bo = gathered.comes(), gathered.comes()
    gathered.tells(ana, "A lantern stood in the harbour.")
    gathered.settle()
    before = gathered.picture()
    gathered.tells(bo, f"A {DIES} stood beside the lantern.")
    gathered.tells(bo, "I carried the lantern home.")
    gathered.settle()
    mine = telling.mine(gathered.ground, ana, gathered.g)
    telling.take_back(gathered.ground, ana, gathered.g, mine[0].r)
    gathered.settle()

    picture = gathered.picture()
    assert {type(why) for why in gathered.trouble} == {ChildBroken}
    assert len(gathered.trouble) == 2
    assert set(picture.told) == {1, 2}
    assert picture.knots == {}
    assert picture.lanes[: len(before.lanes) - 1] == before.lanes[:-1]
    assert gathered.afresh() == picture
    gatherings.begin_phase(gathered.ground, gathered.host, gathered.g, "reflecting")
    gathered.rooms.close()
