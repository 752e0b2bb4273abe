"""The road decides over what is so now, decides again when it moved, and answers a repeat once."""

from __future__ import annotations

import threading

import pytest
from makers_ground import a_dreamer, a_report, make_ground

from dreamweave.app.journals import keep_report
from dreamweave.deciding import journals
from dreamweave.model.facts import Offered, ReportKept, dreamer_stream
from dreamweave.model.refusals import Refusal


def test_a_grant_that_was_overtaken_is_decided_again():
    on = make_ground()
    who = a_dreamer(on)
    stream = dreamer_stream(who.dreamer)
    tries = []

    def decide(granting):
        state = on.road.journal(who.dreamer, granting)
        tries.append(dict(state.reports))
        if len(tries) == 1:
            on.road.grant(lambda g: g.say(stream, [ReportKept("other", 1, "c")]))
        granting.say(stream, journals.keep(state, "mine", "c", version=1))

    on.road.grant(decide)

    assert tries == [{}, {"other": 1}]
    assert dict(on.road.journal(who.dreamer).reports) == {"other": 1, "mine": 1}


def test_two_amendments_of_one_version_are_one_and_a_refusal():
    on = make_ground()
    who = a_dreamer(on)
    first = a_report(on)
    keep_report(on, who, first)
    said = []

    def amend(i):
        try:
            keep_report(on, who, a_report(on, f"Text {i}.", id=first.id, version=2))
            said.append("kept")
        except Refusal as no:
            said.append(no.code)

    hands = [threading.Thread(target=amend, args=(i,)) for i in range(8)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()

    assert sorted(said) == ["kept"] + ["report.changed"] * 7


def test_a_stream_that_never_rests_is_refused_and_not_tried_for_ever():
    on = make_ground()
    who = a_dreamer(on)
    stream = dreamer_stream(who.dreamer)
    n = iter(range(1_000))

    def decide(granting):
        on.road.journal(who.dreamer, granting)
        on.road.grant(lambda g: g.say(stream, [ReportKept(f"r{next(n)}", 1, "c")]))
        granting.say(stream, [ReportKept("mine", 1, "c")])

    with pytest.raises(Refusal, match="Too much is changing"):
        on.road.grant(decide)
    assert "mine" not in on.road.journal(who.dreamer).reports


def test_many_hands_on_one_journal_take_turns():
    on = make_ground()
    who = a_dreamer(on)
    said = []

    def keep(i):
        try:
            for j in range(6):
                keep_report(on, who, a_report(on, f"Text {i} {j}."))
            said.append("kept")
        except Refusal as no:
            said.append(no.code)

    hands = [threading.Thread(target=keep, args=(i,)) for i in range(24)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()

    assert said == ["kept"] * 24
    assert len(on.road.journal(who.dreamer).reports) == 24 * 6


def test_a_repeated_request_changes_nothing_and_another_under_its_key_is_refused():
    on = make_ground()
    who = a_dreamer(on)
    report = a_report(on)

    first = keep_report(on, who, report, once="k")
    again = keep_report(on, who, report, once="k")

    assert (again.first_seq, again.replayed, on.store.n_facts()) == (
        first.first_seq,
        True,
        first.last_seq,
    )
    with pytest.raises(Refusal, match="Idempotency-Key"):
        keep_report(on, who, a_report(on, "Another text."), once="k")


def test_one_persons_key_is_not_anothers():
    on = make_ground()
    ann, bo = a_dreamer(on), a_dreamer(on)

    keep_report(on, ann, a_report(on), once="k")
    kept = keep_report(on, bo, a_report(on), once="k")

    assert not kept.replayed


def test_a_held_state_is_what_reading_afresh_gives():
    on = make_ground()
    who = a_dreamer(on)
    for i in range(5):
        keep_report(on, who, a_report(on, f"Text {i}."))
        held = on.road.journal(who.dreamer)
        assert make_ground(on.store).road.journal(who.dreamer) == held


def test_whoever_wants_to_know_hears_once_which_streams_went_on():
    on = make_ground()
    heard: list[tuple[str, ...]] = []
    stop = on.road.on_kept(heard.append)

    def decide(granting):
        granting.say("commons", (Offered("a", "ann", False), Offered("b", "ann", False)))
        granting.say("research", (Offered("a", "ann", False),))

    on.road.grant(decide, once="ann/1")
    on.road.grant(decide, once="ann/1")  # a replay: nothing went on
    on.road.grant(lambda granting: None)
    stop()
    on.road.grant(decide)

    assert heard == [("commons", "research")]
