"""Only what was confirmed counts, not for ever, and registering again gains no newcomer's weight."""

from __future__ import annotations

import pytest

from dreamweave.governance.credit import Application, past_of
from dreamweave.governance.seats import Past


def lost(day, confirmed=True):
    return Application(day, "lost", confirmed)


def seated(day, confirmed=True):
    return Application(day, "seated", confirmed)


def past(*history, today=1_000, joined=0):
    return past_of(history, joined_day=joined, today=today)


def test_losses_count_back_to_the_last_seat():
    assert past(lost(900), seated(910), lost(920), lost(930)) == Past(2, 1, False)
    assert past(lost(930), lost(920), seated(910)) == Past(2, 1, False)  # in any order given


def test_an_application_that_was_not_confirmed_neither_counts_nor_interrupts():
    assert past(lost(900), lost(910, confirmed=False), lost(920)) == Past(2, 0, True)
    assert past(lost(900), Application(910, "withdrawn", True), lost(920)) == Past(2, 0, True)


def test_a_seat_counts_even_for_whoever_did_not_come():
    assert past(seated(900, confirmed=False)) == Past(0, 1, False)


def test_a_loss_lapses_after_twelve_months_and_a_seat_does_not():
    assert past(seated(1), lost(635), lost(636)) == Past(1, 1, False)
    assert past(lost(1), lost(2)) == Past(0, 0, True)


def test_a_new_account_is_no_newcomer_until_it_has_waited():
    assert past(joined=971) == Past(0, 0, False)
    assert past(joined=970) == Past(0, 0, True)
    assert past(lost(980), joined=971) == Past(1, 0, False)


def test_what_lies_after_today_is_not_taken():
    with pytest.raises(ValueError, match="ends today at the latest"):
        past(lost(1_001))
    with pytest.raises(ValueError, match="ends today at the latest"):
        past(joined=1_001)
