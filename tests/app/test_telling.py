"""Told means kept and lent, once; what is taken back is gone, and who told is nobody's to know."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest
from attacking_vault import Attacker
from makers_gatherings import HOUR_MS, make_gathering
from makers_ground import Clock, a_dreamer, a_report, make_ground

from dreamweave.app import gatherings, journals, kiosk, lending, telling
from dreamweave.app.consent import holds
from dreamweave.app.exporting import export
from dreamweave.app.gathering_words import beside, held, photo
from dreamweave.app.lent import own_lendings
from dreamweave.app.sweeping import Sweeper
from dreamweave.app.telling import Own, Telling, ToldNow
from dreamweave.model.acts import DRAWING, LATER, NOTED, PHOTO, VOICE
from dreamweave.model.refusals import Refusal

DAY_MS = 24 * HOUR_MS
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)


def no(wish, *args, **how) -> str:
    with pytest.raises(Refusal) as refusal:
        wish(*args, **how)
    return refusal.value.code


@pytest.fixture
def gathered():
    return make_gathering()


def test_told_means_kept_lent_and_told_in_one_writing_and_once(gathered):
    ground, ann = gathered.ground, gathered.comes()
    n_facts = ground.store.n_facts()

    first = gathered.tells(ann, "The stairs went down into the sea.", once="k", feeling="wonder")
    again = gathered.tells(ann, "The stairs went down into the sea.", once="k", feeling="wonder")

    assert first == again == ToldNow(0, first.lending, first.tag, first.report, False)
    kept = [fact.kind for fact in ground.store.facts(after=n_facts, limit=100)]
    assert kept == ["ReportKept", "Lent", "Offered", "Told"]
    own = journals.report(ground, ann, first.report)
    assert (own.text, own.feeling, own.zone) == (
        "The stairs went down into the sea.",
        "wonder",
        "Etc/UTC",
    )
    assert own.told_at.startswith(own.night)
    receipt = lending.receipt_of(ground, ann, first.lending)
    assert holds(ground, receipt)
    assert receipt.said["processing"]["purpose"].startswith("shown to those who are at this")
    assert [one.lent.lending for one in own_lendings(ground, ann)] == [first.lending]
    assert no(gathered.tells, ann, "Other words.", once="k") == "once.reused"


def test_reports_are_numbered_in_the_order_they_were_told(gathered):
    ann, bo = gathered.comes(), gathered.comes()

    numbers = [gathered.tells(who, f"Words {i}.").r for i, who in enumerate((ann, bo, ann))]

    assert numbers == [0, 1, 2]
    assert [one.r for one in telling.mine(gathered.ground, ann, gathered.g)] == [0, 2]


def test_a_refused_telling_keeps_nothing_at_all(gathered):
    ground, ann = gathered.ground, gathered.comes()
    gatherings.hold(ground, gathered.host, gathered.g, yes=True)
    n_facts = ground.store.n_facts()
    rows = ground.store.rows("words", limit=10_000)

    assert no(gathered.tells, ann, "The stairs.") == "telling.hold"
    gatherings.hold(ground, gathered.host, gathered.g, yes=False)
    for what, code in (
        ({"text": " "}, "report.empty"),
        ({"text": "x" * 6_001}, "telling.long"),
        ({"text": "x", "kind": "vision"}, "report.kind"),
        ({"text": "x", "intensity": 7}, "report.intensity"),
        ({"text": "x", "note": "n" * 121}, "lending.note"),
        ({"text": "x", "drawing": "<svg>"}, "report.drawing"),
        ({"text": "", "drawing": "M 1 1 L 2 2"}, "lending.wordless"),
        ({"text": "x", "answers": 5}, "telling.unknown"),
    ):
        told = Telling(**what)
        assert no(telling.tell, ground, ann, gathered.g, told) == code

    assert ground.store.n_facts() == n_facts + 1  # the host let go
    assert ground.store.rows("words", limit=10_000) == rows


def test_a_part_of_a_journal_is_told_without_the_rest_of_it(gathered):
    ground, ann = gathered.ground, gathered.comes()
    report = a_report(ground, "Mother was there. The stairs went down.", drawing="M 1 1 L 2 2")
    journals.keep_report(ground, ann, report)

    told = telling.tell(
        ground, ann, gathered.g, Telling(report=report.id, version=1, span=(18, 39))
    )

    (one,) = beside(ground, ann, gathered.g)["reports"]
    assert (one["text"], one["drawing"], told.report) == (
        "The stairs went down.",
        None,
        report.id,
    )
    old = Telling(report=report.id, version=2)
    assert no(telling.tell, ground, ann, gathered.g, old) == "lending.changed"
    bo = gathered.comes()
    theirs = Telling(report=report.id, version=1)
    assert no(telling.tell, ground, bo, gathered.g, theirs) == "report.unknown"


def test_signs_say_what_stands_beside_the_words_and_not_what_it_is(gathered):
    ground, ann = gathered.ground, gathered.comes()
    report = a_report(ground, "A lamp.", drawing="M 1 1 L 2 2")
    journals.keep_report(ground, ann, report)
    journals.keep_piece(ground, ann, report.id, "photo", "image/png", PIXEL)

    told = Telling(report=report.id, version=2, note="blood", photo=True, voice=True)
    telling.tell(ground, ann, gathered.g, told)

    gathered.settle()
    signs = gathered.picture().told[0].signs
    assert signs == DRAWING | NOTED | VOICE | PHOTO
    (one,) = beside(ground, gathered.host, gathered.g)["reports"]
    assert (one["note"], one["photo"], one["drawing"]) == ("blood", True, "M 1 1 L 2 2")
    assert photo(ground, gathered.host, gathered.g, 0)[0] == "image/png"
    assert LATER & signs == 0


def test_nobody_but_the_host_and_the_teller_reads_what_waits(gathered):
    ground, g = gathered.ground, gathered.g
    ann, bo = gathered.comes(), gathered.comes()
    gatherings.approve(ground, gathered.host, g, yes=True)

    told = gathered.tells(ann, "A canaryword on the stairs.")
    gathered.settle()

    assert told.held
    assert own_lendings(ground, ann)[0].waits
    assert beside(ground, bo, g)["reports"] == []
    assert lending.shown_to(ground, bo, gathered.topic) == []
    assert b"canaryword" not in gathered.words_held()
    assert no(held, ground, bo, g) == "gathering.host"
    assert [one["text"] for one in held(ground, gathered.host, g)["reports"]] == [
        "A canaryword on the stairs."
    ]
    assert telling.mine(ground, ann, g) == [Own(0, told.tag, told.lending, told.report, held=True)]
    assert (gathered.picture().n_held, gathered.picture().told) == (1, {})
    gatherings.release(ground, gathered.host, g, 0)
    gathered.settle()
    assert [one["text"] for one in beside(ground, bo, g)["reports"]] == [
        "A canaryword on the stairs."
    ]
    assert b"canaryword" in gathered.words_held()
    assert (gathered.picture().n_held, set(gathered.picture().told)) == (0, {0})


def test_only_whoever_is_there_reads(gathered):
    ground, g = gathered.ground, gathered.g
    ann, bo = gathered.comes(), gathered.comes()
    gathered.tells(ann, "A lamp.")

    gatherings.depart(ground, bo, g)
    assert no(beside, ground, bo, g) == "circle.unknown"
    gatherings.remove(ground, gathered.host, g, 1)
    assert no(beside, ground, ann, g) == "circle.unknown"
    # The host reads also from outside the room.
    gatherings.depart(ground, gathered.host, g)
    assert beside(ground, gathered.host, g)["reports"][0]["text"] == "A lamp."


def test_who_told_stands_nowhere_unless_people_are_named_and_gave_a_name():
    for named in (False, True):
        gathered = make_gathering(named=named)
        ground, g = gathered.ground, gathered.g
        ann, bo = gathered.comes("Inescanary"), gathered.comes()
        gathered.tells(ann, "The stairs went down.", name="Inescanary")
        gathered.tells(bo, "On the stairs a lamp.")
        telling.carry(ground, bo, g, 0, 1)
        gathered.settle()

        heard = b"".join(frame.data for frame in gathered.frames())
        read = json.dumps([gathered.rooms.picture(g), beside(ground, bo, g)])
        for who in (ann, bo, gathered.host):
            assert who.dreamer not in read
            assert who.dreamer.encode() not in heard
        assert ("Inescanary" in read, b"Inescanary" in heard) == (named, named)
        reports = beside(ground, bo, g)["reports"]
        assert [one["name"] for one in reports] == ["Inescanary" if named else None, None]


def test_a_feeling_comes_beside_the_words_into_the_journal_and_under_a_new_receipt(gathered):
    ground, g = gathered.ground, gathered.g
    ann, bo = gathered.comes(), gathered.comes()
    told = gathered.tells(ann, "The stairs went down.")
    gathered.settle()
    before = lending.receipt_of(ground, ann, told.lending)
    n = gathered.frames()[-1].n

    telling.feel(ground, ann, g, 0, "sorrow", 3)
    gathered.settle()

    (words,) = [frame for frame in gathered.frames(n) if frame.kind == "words"]
    (one,) = json.loads(words.data)["reports"]
    assert (one["feeling"], one["intensity"], one["cuts"]) == ("sorrow", 3, [[0, 21]])
    own = journals.report(ground, ann, told.report)
    assert (own.feeling, own.intensity, own.version) == ("sorrow", 3, 2)
    after = lending.receipt_of(ground, ann, told.lending)
    assert holds(ground, after)
    said = [one.said["processing"]["commitment"] for one in (before, after)]
    assert said[0] != said[1] == ground.road.journal(ann.dreamer).lendings[told.lending].commitment
    assert no(telling.feel, ground, bo, g, 0, "joy") == "telling.unknown"
    telling.feel(ground, ann, g, 0, None)
    assert beside(ground, bo, g)["reports"][0]["feeling"] is None


def test_a_feeling_is_said_of_what_waits_without_a_word_to_anybody(gathered):
    ground, g = gathered.ground, gathered.g
    ann = gathered.comes()
    gatherings.approve(ground, gathered.host, g, yes=True)
    gathered.tells(ann, "The stairs.")
    gathered.settle()
    n = gathered.frames()[-1].n

    telling.feel(ground, ann, g, 0, "fear")
    gathered.settle()

    assert gathered.frames(n) == ()
    assert held(ground, gathered.host, g)["reports"][0]["feeling"] == "fear"


def test_answers_are_stopped_by_whoever_told_and_everybody_sees_it(gathered):
    ground, g = gathered.ground, gathered.g
    ann, bo = gathered.comes(), gathered.comes()
    gathered.tells(ann, "The stairs.")

    telling.stop_answers(ground, ann, g, 0, stopped=True)

    assert beside(ground, bo, g)["reports"][0]["stopped"] is True
    assert no(gathered.tells, bo, "A lamp.", answers=0) == "telling.stopped"


def test_why_somebody_asked_the_host_to_look_is_the_hosts_to_read_and_goes_with_the_report(
    gathered,
):
    ground, g = gathered.ground, gathered.g
    ann, bo = gathered.comes(), gathered.comes()
    gathered.tells(ann, "The stairs.")

    telling.report_to_host(ground, bo, g, 0, "It names my canaryneighbour.")

    flags = gatherings.flags_of(ground, gathered.host, g)
    assert [(flag.r, flag.why) for flag in flags] == [(0, "It names my canaryneighbour.")]
    assert no(gatherings.flags_of, ground, ann, g) == "gathering.host"
    telling.take_back(ground, ann, g, 0)
    assert gatherings.flags_of(ground, gathered.host, g) == []
    assert not [row for row in ground.store.rows("words", limit=10_000) if "flag/" in row.id]


def test_the_host_takes_a_report_out_and_its_teller_keeps_it_and_sees_why(gathered):
    ground, g = gathered.ground, gathered.g
    ann, bo = gathered.comes(), gathered.comes()
    told = gathered.tells(ann, "The stairs.")

    assert no(gatherings.drop, ground, bo, g, 0) == "gathering.host"
    gatherings.drop(ground, gathered.host, g, 0, why="It names somebody.", once="k")
    gatherings.drop(ground, gathered.host, g, 0, why="It names somebody.", once="k")

    assert beside(ground, bo, g)["reports"] == []
    assert journals.report(ground, ann, told.report).text == "The stairs."
    receipt = lending.receipt_of(ground, ann, f"{told.lending}/withdrawn")
    assert receipt.said["event"] == {"event": "withdrawn", "why": "removed"}
    assert no(telling.take_back, ground, ann, g, 0) == "telling.unknown"
    assert telling.mine(ground, ann, g) == []


def test_taking_back_is_ones_own_is_answered_once_and_leaves_a_receipt(gathered):
    ground, g = gathered.ground, gathered.g
    ann, bo = gathered.comes(), gathered.comes()
    told = gathered.tells(ann, "The stairs.")
    gatherings.depart(ground, ann, g)

    assert no(telling.take_back, ground, bo, g, 0) == "telling.unknown"
    telling.take_back(ground, ann, g, 0, once="k")
    telling.take_back(ground, ann, g, 0, once="k")

    assert no(telling.take_back, ground, ann, g, 0) == "telling.unknown"
    assert holds(ground, lending.receipt_of(ground, ann, f"{told.lending}/withdrawn"))
    assert journals.report(ground, ann, told.report).text == "The stairs."


def test_the_list_of_lendings_takes_back_what_was_told_too(gathered):
    ground, g = gathered.ground, gathered.g
    ann, bo = gathered.comes(), gathered.comes()
    told = gathered.tells(ann, "The stairs.")
    gathered.settle()

    lending.take_back(ground, ann, told.lending)

    assert gathered.picture().gone == {0}
    assert beside(ground, bo, g)["reports"] == []


def test_nothing_is_lent_to_a_gathering_but_by_telling(gathered):
    ground, ann = gathered.ground, gathered.comes()
    report = a_report(ground)
    journals.keep_report(ground, ann, report)

    offer = lending.Offer(report.id, 1, gathered.topic, "unnamed")
    assert no(lending.lend, ground, ann, offer) == "lending.audience"


def test_what_was_told_leaves_in_an_export(gathered):
    ground, ann = gathered.ground, gathered.comes()
    gathered.tells(ann, "The stairs.")

    archive = ZipFile(BytesIO(b"".join(export(ground, replace(ann, stepped_up=True)))))
    (one,) = json.loads(archive.read("lendings.json"))["lendings"]
    assert (one["audience"], one["words"]["text"]) == (gathered.topic, "The stairs.")


def test_what_a_scribe_wrote_is_the_teller_s_and_keeps_who_wrote_and_that_they_said_yes(gathered):
    ground, g = gathered.ground, gathered.g
    ann, bo = gathered.comes(), gathered.comes()
    said = Telling(text="The stairs.")
    n_facts = ground.store.n_facts()

    told = telling.tell(ground, ann, g, said, scribe=bo, once="k")

    assert telling.tell(ground, ann, g, said, scribe=bo, once="k") == told
    assert no(telling.tell, ground, ann, g, said, once="k") == "once.reused"
    assert ground.store.n_facts() == n_facts + 4  # with the rows, one writing
    assert gathered.state.told[told.r].scribe == bo.dreamer
    assert [one.r for one in telling.mine(ground, ann, g)] == [told.r]
    assert telling.mine(ground, bo, g) == []
    assert kiosk.written_down_ms(ground, ann, g) == ground.now_ms()
    assert kiosk.written_down_ms(ground, bo, g) is None
    gathered.tells(ann, "In my own hand.")
    assert gathered.state.told[1].scribe == ""


def test_nobody_writes_for_another_from_outside_or_behind_a_closed_door(gathered):
    ground, g = gathered.ground, gathered.g
    ann, bo = gathered.comes(), gathered.comes()
    gatherings.depart(ground, bo, g)
    outsiders = (bo, a_dreamer(ground), replace(gathered.host, suspended=True))
    before = ground.store.n_facts(), len(ground.store.rows("words", limit=10_000))

    for scribe in outsiders:
        said = Telling(text="The stairs.")
        assert no(telling.tell, ground, ann, g, said, scribe=scribe) in (
            "gathering.unknown",
            "dreamer.suspended",
        )

    assert (ground.store.n_facts(), len(ground.store.rows("words", limit=10_000))) == before


def test_that_somebody_wrote_for_them_leaves_in_their_export(gathered):
    ground, g = gathered.ground, gathered.g
    ann, bo = gathered.comes(), gathered.comes()
    telling.tell(ground, ann, g, Telling(text="The stairs."), scribe=bo)

    held = [
        ZipFile(BytesIO(b"".join(export(ground, replace(who, stepped_up=True)))))
        for who in (ann, bo)
    ]

    said = json.loads(held[0].read("gatherings.json"))["written_down"]
    assert said == [{"agreed": True, "at_ms": ground.now_ms(), "gathering": g, "r": 0}]
    assert "The stairs." in held[0].read("journal.json").decode()
    assert "gatherings.json" not in held[1].namelist()


def test_where_words_are_forgotten_they_end_by_themselves_a_day_after_the_end():
    clock = Clock()
    ground = make_ground(clock=clock)
    ends = clock() + HOUR_MS
    gathered = make_gathering(ground, ends_ms=ends, afterwards="forgotten")
    ann = gathered.comes()
    told = gathered.tells(ann, "A canaryword on the stairs.")
    gathered.settle()

    lent = ground.road.journal(ann.dreamer).lendings[told.lending]
    assert lent.until_ms == ends + DAY_MS
    clock.pass_ms(HOUR_MS + DAY_MS)
    assert beside(ground, ann, gathered.g)["reports"] == []
    assert Sweeper(ground).sweep() == 1
    assert gathered.picture().gone == {0}
    assert b"canaryword" not in gathered.words_held()


# ------------------------------------------------------------------ canaries

WAYS = ("taken back", "forgotten", "dropped", "left", "expired")


@pytest.mark.parametrize("way", WAYS)
def test_words_that_are_lent_no_more_are_nowhere(way, tmp_path):
    from dataclasses import replace

    from makers_people import actor

    from dreamweave.app.leaving import leave

    clock = Clock()
    ground = make_ground(real_vault_in=tmp_path, clock=clock)
    gathered = make_gathering(ground, ends_ms=clock() + HOUR_MS, afterwards="forgotten", named=True)
    g, people = gathered.g, gathered.people
    code = gatherings.code_of(ground, gathered.host, g)
    came, _ = gatherings.enter_as_guest(people, code, agreed=True, name="Canaryname")
    teller, bo = actor(people, came), gathered.comes("Bo")
    attacker = Attacker()

    gathered.tells(bo, "The canaryviolet tram rang at night.")
    told = gathered.tells(teller, "A canaryviolet stairs and a canaryonly lamp.", feeling="fear")
    gathered.tells(bo, "Nobody knew the way.", answers=1)
    gathered.settle()
    attacker.take_store(ground.store)
    assert b"canaryonly" in gathered.words_held()
    if way == "taken back":
        telling.take_back(ground, teller, g, 1)
    elif way == "forgotten":
        journals.forget_report(ground, teller, told.report)
    elif way == "dropped":
        gatherings.drop(ground, gathered.host, g, 1, why="It names somebody.")
    elif way == "left":
        leave(people, replace(teller, stepped_up=True))
    else:
        clock.pass_ms(HOUR_MS + DAY_MS)
        # All of it ends now; what the loom names comes out of nobody's words any more.
        assert Sweeper(ground).sweep() == 3
    at_once = gathered.words_held()

    # At once, before the room's next turn: nothing is left to be fetched or read.
    assert b"canaryonly" not in at_once
    assert b"canaryviolet stairs" not in at_once
    reader = gathered.host
    assert "canaryonly" not in json.dumps(beside(ground, reader, g))
    attacker.take_store(ground.store)
    gathered.settle()
    attacker.take_store(ground.store).take_keys(tmp_path / "keys")

    everything = b"\0".join(attacker.opened())
    teller_keeps_it = way in ("taken back", "dropped", "expired")
    lent = [one for one in attacker.opened() if b"canaryonly" in one]
    # What is left is the teller's own journal, where they keep it.
    assert all(b'"lending"' not in one for one in lent)
    assert bool(lent) == teller_keeps_it
    assert b"canaryonly" not in gathered.words_held()
    assert all("canaryonly" not in text for text in gathered.loom.held[g].texts.values())
    if way == "left":
        assert b"Canaryname" not in everything
        assert b"Canaryname" not in gathered.words_held()
    named = json.dumps(beside(ground, reader, g)["motifs"])
    assert "canaryonly" not in named
    assert not gathered.trouble
