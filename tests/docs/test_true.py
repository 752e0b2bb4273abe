"""Figures that pages state are those of the code: retention, risk and limits."""

from __future__ import annotations

import re
from pathlib import Path

from dreamweave.app import (
    backing_up,
    gathering_calling,
    hearing,
    invitations,
    kiosk,
    lenses,
    live_loom,
    playing,
    recognising,
    room,
    sessions,
    sweeping,
)
from dreamweave.deciding import gathering_decisions, seat_decisions
from dreamweave.governance import credit, seats, tables
from dreamweave.governance.speakers import FloorRules
from dreamweave.model.acts import FRAME_BYTES_MAX
from dreamweave.settings import Settings
from dreamweave.web import listening
from dreamweave.web.limits import KINDS
from dreamweave.web.pages import gatherings_draw, gatherings_hosting

DOCS = Path(__file__).parents[2] / "docs"
DAY_MS = 86_400_000


def page(name: str) -> str:
    return " ".join((DOCS / name).read_text(encoding="utf-8").split())


def test_how_long_things_are_kept_is_as_the_assessment_says():
    text = page("how-to/dpia.md")

    assert (
        f"| {sessions.IDLE_MS // DAY_MS} days away, {sessions.WHOLE_MS // DAY_MS} days in any case |"
        in text
    )
    assert f"| {sessions.STEP_UP_MS // 60_000} minutes | `app/sessions.py` |" in text
    assert (
        f"| {invitations.DAYS} days unless said otherwise, {invitations.DAYS_MAX} at most |" in text
    )
    assert f"(ids, no words) | {sweeping.ONCE_KEPT_MS // DAY_MS} days |" in text
    assert f"the newest {backing_up.KEEP}, one a day" in text
    for path in re.findall(r"`((?:app|web|model|store)/\w+\.py)`", text):
        assert (DOCS.parent / "src" / "dreamweave" / path).is_file(), path


def test_the_notice_says_the_same_of_sessions():
    days = f"{sessions.IDLE_MS // DAY_MS} days after you were last here, {sessions.WHOLE_MS // DAY_MS} at most"

    assert days in page("how-to/privacy-notice.md")


def test_how_recognisable_people_are_is_as_measured():
    text = page("topics/what-the-keeper-sees.md")
    by = recognising

    assert f"| a whole report | in {by.WHOLE_PCT} of 100 cases | {by.CHANCE_PCT} |" in text
    assert (
        f"| one piece of {by.FRAGMENT_WORDS} words | in {by.FRAGMENT_PCT} of 100 | {by.CHANCE_PCT} |"
        in text
    )
    assert f"under one pseudonym | in {by.FIVE_PCT} of 100 | {by.CHANCE_PCT} |" in text
    assert f"of each of {by.N_DREAMERS} people" in text


def test_defaults_that_pages_name_are_the_defaults():
    held = Settings()

    assert held.crowd_min == 5  # "a crowd of five", "five different people"
    assert (held.passphrase_memory_mb, held.passphrase_passes) == (64, 3)
    assert "Argon2id (64 MB, 3 passes)" in page("topics/what-the-keeper-sees.md")
    read, keep = KINDS["read/person"], KINDS["keep/person"]
    assert (read.n, keep.n, read.per_s, keep.per_s) == (1_200, 20, 60, 60)
    assert "1,200 times a minute and keep 20" in page("reference/api.md")


def test_what_is_kept_of_a_gathering_and_how_long_is_as_the_pages_say():
    assert "| the newest 256, in memory; " in page("how-to/dpia.md")
    assert "| the newest 256 frames, words among them; " in page("topics/what-the-keeper-sees.md")
    assert hearing.N_FRAMES_HELD == 256
    assert kiosk.SLIP_MS == 3 * 60_000  # "for three minutes"
    assert (
        lenses.N_PEOPLE_MIN == lenses.STEP_PERCENT == 5
    )  # "five people or more", "in steps of five"
    assert live_loom.IDLE_S == 120  # "ends two minutes after the last one"


def test_the_pages_for_hosts_name_the_limits_there_are():
    hold, care = page("how-to/hold-a-circle.md"), page("how-to/care-for-a-circle.md")

    entering = KINDS["enter/address"]
    assert entering.per_s == 3600
    assert (
        f"lets {entering.n} an hour come in from one address, and {listening.N_AN_ADDRESS}" in hold
    )
    assert (
        f"`n_streams_max` ([settings](../reference/settings.md)), {Settings().n_streams_max:,}"
        in hold
    )
    slows = [s for s in gatherings_hosting.SLOWS_S if s]
    assert "{}, {} or {} seconds between two tellings".format(*slows) in care
    one, hall = KINDS["tell/person"], KINDS["tell/hall"]
    assert (
        f"one person tells {one.n} times a minute, {gathering_decisions.N_TOLD_MAX} times in a gathering;"
        f" one address {hall.n} times a minute" in care
    )


def test_the_page_of_draws_is_as_draws_are():
    text = page("how-to/draw-seats.md")

    assert seat_decisions.SEEN_MS == 10 * 60_000  # "for ten minutes at least"
    assert gatherings_draw.LASTING_HOURS[0] == 1  # "an hour to a week"
    assert gatherings_draw.LASTING_HOURS[-1] == 7 * 24
    assert (credit.CREDIT_DAYS, credit.WAITING_DAYS) == (365, 30)
    shares = [one.share_thousandths // 10 for one in seats.STRATA_DEFAULT]
    assert (
        "reserved | {} % for those who never had a seat, {} % for access, {} % for language".format(
            *shares
        )
        in text
    )


def test_the_topics_of_a_gathering_state_its_figures():
    floor, rules = page("topics/who-speaks-next.md"), FloorRules()
    live = page("topics/the-live-weave.md")

    assert f"A turn lasts {rules.turn_ms_max // 1000} seconds at most" in floor
    assert (rules.alike_ms, rules.invite_gap_ms, rules.credit_ms_max) == (10_000, 600_000, 120_000)
    assert f"at **tables** of {tables.TABLE_MIN} to {tables.TABLE_MAX}" in floor
    assert f"At most {FRAME_BYTES_MAX:,} bytes" in live
    assert room.FRAME_EVERY_S == 0.25  # "four times a second at most"
    assert (
        f"from {gathering_calling.N_WARPS_MIN} to {gathering_calling.N_WARPS_MAX}, and some" in live
    )


def test_the_demonstration_is_as_it_is_announced():
    evening = playing.evening()
    told = [cue for cue in evening.cues if cue.do == "tell"]
    said = page("tutorial/first-circle.md")

    assert 100 <= evening.length_s <= 130  # "two minutes"
    assert f"in twelve languages, tell {len(told)} things" in said
    assert len({cue.who for cue in told}) == 24  # "twenty-four dreamers"
    assert len({evening.reports[cue.report]["lang"] for cue in told}) == 12
