"""Feeds: titles and times and no words; a private address that is renewed, and readers that can read them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from gathering_at_doors import Evening
from hypothesis import given
from hypothesis import strategies as st
from makers_web import Browser

from dreamweave.app import feeds, gatherings
from dreamweave.app.feeds import Entry, to_atom, to_ics
from dreamweave.app.gatherings import About
from dreamweave.app.leaving import leave
from dreamweave.app.roles import suspend

AT = "http://dreams.example"
# What a title may hold when it is kept: one line, and nothing unseen.
titles = st.text(
    st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=120
).filter(str.strip)


@pytest.fixture
def evening():
    return Evening()


def unfolded(ics: bytes) -> list[str]:
    """The lines of a calendar as its readers join them (RFC 5545, 3.1)."""
    return re.sub("\r\n[ \t]", "", ics.decode()).removesuffix("\r\n").split("\r\n")


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], text)


def of(lines: list[str], name: str) -> list[str]:
    return [line.partition(":")[2] for line in lines if line.startswith(f"{name}:")]


@given(st.lists(titles, max_size=3))
def test_any_title_comes_out_of_a_calendar_and_of_a_feed_as_it_went_in(given_titles):
    found = [
        Entry(f"G{i}", title, 1_795_028_400_000, 0, 1_795_000_000_000)
        for i, title in enumerate(given_titles)
    ]

    ics = to_ics(found, AT, "A node; with, marks\\")
    assert all(len(line) <= 75 for line in ics.split(b"\r\n"))
    assert b"\n" not in ics.replace(b"\r\n", b"")
    lines = unfolded(ics)
    assert [unescaped(said) for said in of(lines, "SUMMARY")] == given_titles
    assert unescaped(of(lines, "X-WR-CALNAME")[0]) == "A node; with, marks\\"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(found)
    assert [line for line in lines if not re.match(r"[A-Z-]+[:;]", line)] == []

    feed = ElementTree.fromstring(to_atom(found, AT, "A <node>", now_ms=0))
    atom = "{http://www.w3.org/2005/Atom}"
    assert [one.text for one in feed.findall(f"{atom}entry/{atom}title")] == given_titles
    for path in ("id", "title", "updated", "entry/id", "entry/updated", "entry/link"):
        wanted = len(found) if "/" in path else 1
        assert len(feed.findall("/".join(atom + step for step in path.split("/")))) == wanted


def test_a_calendar_says_when_in_a_clock_that_every_reader_shares():
    found = [Entry("G", "A night", 1_795_028_400_000, 1_795_035_600_000, 1_795_000_000_000)]
    lines = unfolded(to_ics(found, AT, "A node"))

    assert of(lines, "DTSTART") == ["20261118T190000Z"]
    assert of(lines, "DTEND") == ["20261118T210000Z"]
    assert of(lines, "UID") == ["G@dreamweave"]
    assert of(lines, "TRIGGER") == ["-PT30M"]


def test_feeds_hold_titles_and_no_words_of_anybody(evening):
    g = gatherings.make(
        evening.ground,
        evening.host,
        evening.circle,
        About("A title, with a comma", theme="Marzipan.", why="Marzipan.", missing="Marzipan."),
        begins_ms=evening.ground.now_ms() + 3_600_000,
    )
    evening.tells(evening.hosting, "Marzipan on the stairs.")

    for path, kind in (("ics", "text/calendar"), ("atom", "application/atom+xml")):
        said = evening.hosting.get(f"/gatherings.{path}")
        assert said.headers["content-type"].startswith(kind)
        assert g in said.text
        assert "arzipan" not in said.text
        assert evening.code not in said.text
        assert said.headers["cache-control"] == "no-store"


def address(evening: Evening) -> str:
    page = evening.hosting.get("/gatherings").text
    return re.search(r'href="(/feeds/[a-z2-7]{32}/gatherings)\.ics"', page)[1]


def test_a_private_address_is_read_without_a_session_until_it_is_renewed(evening):
    program = Browser(evening.app)
    assert "/feeds/" not in evening.hosting.get("/gatherings").text
    evening.hosting.post("/gatherings/feed")
    first = address(evening)
    assert address(evening) == first
    assert "A night" in program.get(f"{first}.ics").text
    assert "A night" in program.get(f"{first}.atom").text

    evening.hosting.post("/gatherings/feed")
    second = address(evening)
    assert second != first
    assert program.get(f"{first}.ics").status_code == 404
    assert program.get(f"{second}.ics").status_code == 200

    evening.hosting.post("/gatherings/feed/end")
    assert "/feeds/" not in evening.hosting.get("/gatherings").text
    assert program.get(f"{second}.ics").status_code == 404


@pytest.mark.parametrize("token", ["a" * 32, "A" * 32, "x", "a" * 33, "%20"])
def test_an_address_that_opens_nothing_answers_like_one_that_never_was(evening, token):
    assert Browser(evening.app).get(f"/feeds/{token}/gatherings.ics").status_code == 404


def test_the_token_lies_nowhere_as_it_is_written(evening):
    evening.hosting.post("/gatherings/feed")
    token = feeds.token_of(evening.ground, evening.host)

    ids = [row.id for row in evening.ground.store.rows("handles", limit=10_000)]
    assert len(token) == 32
    assert all(token not in one for one in ids)


def test_an_address_of_somebody_who_is_gone_or_shut_out_opens_nothing(evening):
    guest = evening.guest()
    who = evening.people.sessions.actor_of_token(guest.cookies["dreamweave"])
    guest.post("/gatherings/feed")
    path = f"/feeds/{feeds.token_of(evening.ground, who)}/gatherings.ics"
    program = Browser(evening.app)
    assert program.get(path).status_code == 200

    suspend(evening.people, evening.host, who.dreamer)
    assert program.get(path).status_code == 404

    other = evening.guest()
    who = evening.people.sessions.actor_of_token(other.cookies["dreamweave"])
    other.post("/gatherings/feed")
    path = f"/feeds/{feeds.token_of(evening.ground, who)}/gatherings.ics"
    leave(evening.people, who)
    assert program.get(path).status_code == 404
