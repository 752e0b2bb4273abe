"""A journal knows what is kept and lent, lets nobody overwrite unseen, and forgets whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.deciding import journals
from dreamweave.deciding.journals import Journal, fold
from dreamweave.model.facts import Lent, ReportForgotten, ReportKept, TakenBack
from dreamweave.model.refusals import Refusal


def lent(lending="l1", report="r1", until_ms=0):
    return Lent(lending, report, "commons", f"tag-{lending}", "named", until_ms, "c")


HELD = fold(Journal(), [ReportKept("r1", 1, "c"), lent(), lent("l2", until_ms=50)])


def test_a_report_is_kept_and_amended_in_order():
    assert journals.keep(Journal(), "r1", "c", version=1) == (ReportKept("r1", 1, "c"),)
    assert journals.keep(HELD, "r1", "d", version=2) == (ReportKept("r1", 2, "d"),)


@pytest.mark.parametrize(
    ("state", "version", "code"),
    [(HELD, 1, "report.changed"), (HELD, 3, "report.changed"), (Journal(), 2, "report.changed")],
)
def test_nothing_is_overwritten_unseen(state, version, code):
    with pytest.raises(Refusal) as no:
        journals.keep(state, "r1", "c", version=version)

    assert no.value.code == code


def test_a_forgotten_report_does_not_come_back():
    gone = fold(HELD, journals.forget(HELD, "r1"))

    with pytest.raises(Refusal, match="was forgotten"):
        journals.keep(gone, "r1", "c", version=1)
    assert (dict(gone.reports), dict(gone.lendings), gone.n_taken_back) == ({}, {}, 2)


def test_forgetting_ends_its_lendings_first():
    assert journals.forget(HELD, "r1") == (
        TakenBack("l1", "forgotten"),
        TakenBack("l2", "forgotten"),
        ReportForgotten("r1"),
    )


def test_what_is_not_ones_own_is_answered_as_what_never_was():
    for act in (
        lambda: journals.forget(HELD, "r9"),
        lambda: journals.lend(HELD, lent("l3", "r9"), now_ms=0),
    ):
        with pytest.raises(Refusal, match="no such report of yours"):
            act()


def test_a_lending_needs_a_time_to_come():
    with pytest.raises(Refusal, match="time has passed"):
        journals.lend(HELD, lent("l3", until_ms=10), now_ms=10)
    assert journals.lend(HELD, lent("l3", until_ms=11), now_ms=10) == (lent("l3", until_ms=11),)


def test_a_lending_is_taken_back_once():
    assert journals.take_back(HELD, "l1", "asked") == (TakenBack("l1", "asked"),)
    with pytest.raises(Refusal, match="no such lending"):
        journals.take_back(fold(HELD, [TakenBack("l1", "asked")]), "l1", "asked")


def test_what_is_due_is_what_had_a_time():
    assert journals.due(HELD, 49) == ()
    assert journals.due(HELD, 50) == (lent("l2", until_ms=50),)


def test_leaving_ends_everything():
    state = fold(HELD, journals.leave(HELD))

    assert (dict(state.reports), dict(state.lendings)) == ({}, {})


FACTS = st.lists(
    st.one_of(
        st.builds(ReportKept, st.sampled_from("rs"), st.integers(1, 3), st.just("c")),
        st.builds(ReportForgotten, st.sampled_from("rs")),
        st.builds(lent, st.sampled_from("lm"), st.sampled_from("rs"), st.integers(0, 3)),
        st.builds(TakenBack, st.sampled_from("lm"), st.just("asked")),
    ),
    max_size=20,
)


@given(FACTS, st.integers(0, 20))
def test_folding_what_was_heard_equals_reading_it_afresh(facts, cut):
    assert fold(fold(Journal(), facts[:cut]), facts[cut:]) == fold(Journal(), facts)
