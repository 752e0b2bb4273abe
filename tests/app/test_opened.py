"""What was opened is held while it is used, follows the journal, and goes when it must."""

from __future__ import annotations

from dataclasses import replace

import pytest
from makers_ground import Clock, a_dreamer, a_report, make_ground

from dreamweave.app.journals import forget_report, keep_report
from dreamweave.app.opened import AWAY_MS, Opened
from dreamweave.model.refusals import Refusal


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ground(clock):
    return make_ground(clock=clock)


@pytest.fixture
def opens(ground, monkeypatch):
    """How many rows the vault was asked to open."""
    count = []
    before = ground.vault.open_all

    def open_all(rows):
        count.extend(rows)
        return before(rows)

    monkeypatch.setattr(ground.vault, "open_all", open_all)
    return count


def test_a_journal_is_opened_once_and_then_only_what_changed(ground, opens):
    who = a_dreamer(ground)
    first, second = a_report(ground, "A lamp."), a_report(ground, "A bridge.")
    keep_report(ground, who, first)
    keep_report(ground, who, second)

    assert {r.text for r in ground.opened.reports(ground, who)} == {"A bridge.", "A lamp."}
    assert len(opens) == 2
    ground.opened.reports(ground, who)
    assert len(opens) == 2

    keep_report(ground, who, replace(first, text="A lamp in the sea.", version=2))
    texts = {r.text for r in ground.opened.reports(ground, who)}
    assert texts == {"A lamp in the sea.", "A bridge."}
    assert len(opens) == 3


def test_what_was_made_of_a_report_is_made_anew_when_it_changes(ground):
    who = a_dreamer(ground)
    report = a_report(ground, "A lamp.")
    keep_report(ground, who, report)
    made = []

    def shout(one):
        made.append(one.version)
        return one.text.upper()

    assert [m for _, m in ground.opened.each(ground, who, "shout", shout)] == ["A LAMP."]
    ground.opened.each(ground, who, "shout", shout)
    keep_report(ground, who, replace(report, text="A boat.", version=2))

    assert [m for _, m in ground.opened.each(ground, who, "shout", shout)] == ["A BOAT."]
    assert made == [1, 2]


def test_a_forgotten_report_is_held_no_more_from_the_moment_it_is_forgotten(ground):
    who = a_dreamer(ground)
    report = a_report(ground, "A lamp.")
    keep_report(ground, who, report)
    ground.opened.reports(ground, who)
    assert ground.opened.n_held == 1

    forget_report(ground, who, report.id)

    assert ground.opened.n_held == 0
    assert ground.opened.reports(ground, who) == []


def test_somebody_who_was_away_is_held_no_more(ground, clock):
    who, other = a_dreamer(ground), a_dreamer(ground)
    keep_report(ground, who, a_report(ground))
    ground.opened.reports(ground, who)

    clock.pass_ms(AWAY_MS - 1)
    assert ground.opened.sweep(clock()) == 0
    clock.pass_ms(1)
    ground.opened.reports(ground, other)  # anybody's use sweeps

    assert ground.opened.n_held == 1


def test_leaving_signing_out_everywhere_and_being_suspended_let_go(ground):
    who = a_dreamer(ground)
    keep_report(ground, who, a_report(ground))
    ground.opened.reports(ground, who)

    ground.hearing.cut(who.dreamer)

    assert (ground.opened.n_held, ground.opened.n_bytes) == (0, 0)


def test_the_least_used_journal_goes_when_there_is_no_room(ground):
    people = [a_dreamer(ground) for _ in range(3)]
    for who in people:
        keep_report(ground, who, a_report(ground, "sea " * 1_000))
    held = Opened(bytes_max=11_000)

    held.reports(ground, people[0])
    held.reports(ground, people[1])
    held.reports(ground, people[0])
    held.reports(ground, people[2])

    assert held.n_held == 2
    assert held.n_bytes <= 11_000
    assert set(held._books) == {people[0].dreamer, people[2].dreamer}


def test_a_journal_larger_than_all_room_is_read_and_not_held(ground):
    who = a_dreamer(ground)
    keep_report(ground, who, a_report(ground, "sea " * 1_000))
    held = Opened(bytes_max=100)

    assert len(held.reports(ground, who)) == 1
    assert held.n_held == 0


def test_nobody_is_given_somebody_elses_reports(ground):
    one, other = a_dreamer(ground), a_dreamer(ground)
    keep_report(ground, one, a_report(ground, "Mine alone."))

    assert ground.opened.reports(ground, other) == []


def test_more_than_a_page_of_reports_is_opened_whole(ground):
    who = a_dreamer(ground)
    for i in range(520):
        keep_report(ground, who, a_report(ground, f"Dream {i}."))

    assert len(ground.opened.reports(ground, who)) == 520


def test_a_report_under_somebody_elses_id_is_refused_and_theirs_stays(ground):
    one, other = a_dreamer(ground), a_dreamer(ground)
    theirs = a_report(ground, "Theirs.")
    keep_report(ground, one, theirs)

    with pytest.raises(Refusal, match=r"report\.unknown"):
        keep_report(ground, other, replace(theirs, text="Put out."))

    assert [r.text for r in ground.opened.reports(ground, one)] == ["Theirs."]
