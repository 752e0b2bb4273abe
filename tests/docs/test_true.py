"""Figures that pages state are those of the code: retention, risk and limits."""

from __future__ import annotations

import re
from pathlib import Path

from dreamweave.app import backing_up, invitations, recognising, sessions, sweeping
from dreamweave.settings import Settings
from dreamweave.web.limits import KINDS

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
