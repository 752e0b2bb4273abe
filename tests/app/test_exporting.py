"""Everything of one's own leaves in open forms, comes back the same, and fits in little memory."""

from __future__ import annotations

import io
import json
import re
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import date
from importlib import resources
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers_ground import a_dreamer, a_report, make_ground
from pictures import WITH_NOTES

from dreamweave.app.exported import nights_ics
from dreamweave.app.exporting import export, file_name
from dreamweave.app.import_reading import Options
from dreamweave.app.importing import keep_all
from dreamweave.app.journals import forget_report, keep_piece, keep_report, piece
from dreamweave.app.lending import Offer, lend, take_back
from dreamweave.app.printing import printed
from dreamweave.app.saying import Tongue
from dreamweave.model.facts import COMMONS
from dreamweave.model.refusals import Refusal

HERE = Options(zone="Europe/Madrid")
VOICE = b"OggS" + bytes(range(256)) * 5_000  # more than two pieces


@pytest.fixture
def ground():
    return make_ground()


@pytest.fixture
def who(ground):
    return replace(a_dreamer(ground), stepped_up=True)


def full_journal(ground, who):
    """A journal with everything a report can say."""
    full = a_report(
        ground,
        "The sea,\nup the stairs; “slowly” \\ 海 \U0001f30a",
        title="The Tide, twice",
        lang="en",
        feeling="wonder",
        intensity=3,
        tags=("the sea", "مد"),
        drawing="M10 10L90 90",
        kept_out="A night shift.",
        answers="ABCDEFGHJKMNPQRSTVWXYZ0123",
        night="2026-10-31",
        told_at="2026-10-31T07:10:00+01:00",
    )
    nothing = a_report(ground, "", kind="none", night="2026-11-01", told_at="2026-11-01T08:00:00Z")
    wordless = a_report(ground, "Water.", kind="white", feeling="wordless", night="2026-11-01")
    for report in (full, nothing, wordless):
        keep_report(ground, who, report)
    keep_piece(ground, who, full.id, "voice", "audio/ogg; codecs=opus", VOICE)
    keep_piece(ground, who, full.id, "photo", "image/jpeg", WITH_NOTES["jpeg"][1])
    return full, nothing, wordless


def opened(parts):
    return zipfile.ZipFile(io.BytesIO(b"".join(parts)))


def test_the_archive_holds_everything_in_open_forms(ground, who):
    full, nothing, _ = full_journal(ground, who)

    archive = opened(export(ground, who))

    assert archive.testzip() is None
    assert archive.namelist() == [
        "README.txt",
        "journal.json",
        "months/2026-10.md",
        "months/2026-11.md",
        "nights.ics",
        f"drawings/2026-10-31-{full.id}.svg",
        f"voice/2026-10-31-{full.id}.ogg",
        f"photo/2026-10-31-{full.id}.jpg",
        "lendings.json",
    ]
    assert archive.read(f"voice/2026-10-31-{full.id}.ogg") == VOICE
    held = json.loads(archive.read("journal.json"))
    assert held["schema"] == "dreamweave/journal/1"
    assert held["reports"][1] == {
        "id": nothing.id,
        "kind": "none",
        "night": "2026-11-01",
        "told_at": "2026-11-01T08:00:00Z",
        "zone": "Europe/Madrid",
    }
    drawn = ElementTree.fromstring(archive.read(f"drawings/2026-10-31-{full.id}.svg"))
    assert drawn.find("{http://www.w3.org/2000/svg}path").get("d") == "M10 10L90 90"
    month = archive.read("months/2026-10.md").decode()
    assert "## 2026-10-31 · The Tide, twice" in month
    assert "*dream · wonder (much) · #the sea · #مد*" in month
    assert full.text in month
    assert f"![](../photo/2026-10-31-{full.id}.jpg)" in month


def test_the_documented_schema_is_true(ground, who):
    full_journal(ground, who)
    schema = resources.files("dreamweave.model").joinpath("schema/journal-1.schema.json")
    schema = json.loads(schema.read_text(encoding="utf-8"))
    held = json.loads(opened(export(ground, who)).read("journal.json"))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(held, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**held, "reports": [{**held["reports"][0], "mood": 7}]}, schema)


def test_what_was_exported_comes_back_the_same_byte_for_byte(ground, who):
    full, _, _ = full_journal(ground, who)
    first = b"".join(export(ground, who))

    # To another node, and to a second dreamer of this one who was given the file.
    there = make_ground(seed=99)
    a_dreamer(there)
    other = replace(a_dreamer(there), stepped_up=True)
    done = keep_all(there, other, [("export.zip", first)], HERE)
    again = opened(export(there, other))

    assert (done.n_kept, done.n_voices, done.n_photos) == (3, 1, 1)
    names = [n for n in opened([first]).namelist() if not n.startswith(("README", "nights"))]
    assert {n: again.read(n) for n in names} == {n: opened([first]).read(n) for n in names}
    assert piece(there, other, full.id, "voice") == ("audio/ogg", VOICE)
    assert keep_all(there, other, [("export.zip", first)], HERE).n_kept == 0

    beside = replace(a_dreamer(ground), stepped_up=True)
    keep_all(ground, beside, [("export.zip", first)], HERE)
    assert len(ground.opened.reports(ground, beside)) == 3
    assert b"".join(export(ground, who)) == first  # the first one's own stayed theirs


def test_lendings_and_receipts_leave_with_the_words_that_are_lent(ground, who):
    report = a_report(ground, "A lamp. A canaryword.")
    keep_report(ground, who, report)
    holds = lend(ground, who, Offer(report.id, 1, COMMONS, "named", (0, 7), "Ann"))
    ended = lend(ground, who, Offer(report.id, 1, COMMONS, "named", (8, 21), "Ann"))
    take_back(ground, who, ended.lending)

    archive = opened(export(ground, who))
    one, two = json.loads(archive.read("lendings.json"))["lendings"]

    assert (one["lending"], one["words"]["text"], one["words"]["name"]) == (
        holds.lending,
        "A lamp.",
        "Ann",
    )
    assert (two["lending"], two["why"], "words" in two) == (ended.lending, "asked", False)
    assert {n for n in archive.namelist() if n.startswith("receipts/")} == {
        f"receipts/{n}.json" for n in (holds.lending, ended.lending, f"{ended.lending}-withdrawn")
    }
    receipt = json.loads(archive.read(f"receipts/{holds.lending}.json"))
    assert receipt["schema"] == "dreamweave/consent-receipt/1"


def test_nobody_gets_a_copy_of_everything_by_a_session_alone(ground, who):
    with pytest.raises(Refusal, match=r"step_up\.needed"):
        export(ground, replace(who, stepped_up=False))


def test_somebody_who_is_suspended_still_takes_what_is_theirs(ground, who):
    full_journal(ground, who)

    assert opened(export(ground, replace(who, suspended=True))).testzip() is None


def test_nobody_elses_words_are_in_it(ground, who):
    other = a_dreamer(ground)
    keep_report(ground, other, a_report(ground, "A canaryword of somebody else."))
    keep_report(ground, who, a_report(ground, "Mine."))
    archive = opened(export(ground, who))

    assert b"canaryword" not in b"".join(archive.read(n) for n in archive.namelist())


def test_the_readme_and_the_headings_are_in_the_readers_language(ground, who):
    full_journal(ground, who)
    shout = Tongue(
        str.upper, lambda one, many, n: (one if n == 1 else many).upper().replace("{N}", "{n}")
    )
    spoken = Tongue(lambda t: shout.gettext(t).replace("{DAY}", "{day}").replace("{TIMES}", "{times}"),
                    lambda o, m, n: shout.ngettext(o, m, n).replace("{KINDS}", "{kinds}"))  # fmt: skip
    archive = opened(export(ground, who, tongue=spoken))

    assert archive.read("README.txt").decode().startswith("THIS IS EVERYTHING YOU KEPT HERE")
    assert "*DREAM · WONDER (MUCH)" in archive.read("months/2026-10.md").decode()


def test_recordings_of_any_number_pass_through_a_little_memory(ground, who, monkeypatch):
    report = a_report(ground)
    keep_report(ground, who, report)
    keep_piece(ground, who, report.id, "voice", "audio/ogg", VOICE[: 1 << 20])
    first = ground.store.row("words", f"report/{report.id}/voice/00000")
    n = 200  # as if there were a hundred megabytes of it
    row = ground.store.row

    def endless(shelf, id):
        if id.startswith(f"report/{report.id}/voice/"):
            return first if int(id.rpartition("/")[2]) < n else None
        return row(shelf, id)

    monkeypatch.setattr(ground.store, "row", endless)
    tracemalloc.start()
    try:
        sent = sum(map(len, export(ground, who)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert sent > n * (512 << 10)
    assert peak < 8 << 20


def test_what_is_forgotten_while_it_is_sent_is_not_in_it(ground, who):
    full, _, _ = full_journal(ground, who)
    parts = export(ground, who)
    begun = [next(parts)]
    forget_report(ground, who, full.id)

    rest = opened([*begun, *parts])

    assert rest.read(f"voice/2026-10-31-{full.id}.ogg") == b""


def test_the_archive_is_named_by_its_day(ground):
    assert re.fullmatch(r"dreamweave-\d{4}-\d\d-\d\d\.zip", file_name(ground))


# ------------------------------------------------------------------ calendars


def events(data):
    """Events of an iCalendar file, read strictly: line ends, folds, escapes (RFC 5545)."""
    assert data.endswith(b"\r\n")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        line.decode()  # no fold inside a character
    text = data.decode().replace("\r\n ", "")
    found, held = [], None
    for line in text.split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            held = {}
        elif line == "END:VEVENT":
            found.append(held)
            held = None
        elif held is not None:
            assert re.fullmatch(r"[A-Z]+(;VALUE=DATE)?", name)
            assert name not in held
            held[name] = re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), value)
            if name in ("SUMMARY", "DESCRIPTION"):
                assert re.fullmatch(r"(?:[^\\;,\x00-\x1f]|\\[\\;,nN])*", value)
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")
    assert text.endswith("END:VCALENDAR\r\n")
    return found


def test_every_night_is_one_whole_day_without_anybodys_words(ground, who):
    full_journal(ground, who)
    data = opened(export(ground, who)).read("nights.ics")
    first, second = events(data)

    assert first == {
        "UID": first["UID"],
        "DTSTAMP": first["DTSTAMP"],
        "DTSTART;VALUE=DATE": "20261031",
        "DTEND;VALUE=DATE": "20261101",
        "SUMMARY": "1 report: dream",
        "DESCRIPTION": "Told at 07:10 (Europe/Madrid).",
        "TRANSP": "TRANSPARENT",
        "CLASS": "PRIVATE",
    }
    assert re.fullmatch(r"\d{8}T\d{6}Z", first["DTSTAMP"])
    assert second["SUMMARY"] == "2 reports: nothing this morning, a dream, but it is gone"
    assert first["UID"] != second["UID"]
    assert not any(word in data for word in (b"Tide", b"sea", b"shift"))


NIGHTS = st.dates(date(1000, 1, 1), date(9998, 12, 31))


@given(st.lists(st.tuples(NIGHTS, st.sampled_from(["UTC", "A/" + "b" * 60])), max_size=12))
def test_any_nights_make_a_sound_calendar(held):
    ground = make_ground()
    reports = [a_report(ground, night=d.isoformat(), zone=zone) for d, zone in held]
    data = b"".join(nights_ics(reports, stamp="20261125T071000Z", whose="x",
                               tongue=Tongue(lambda t: "夜;," + t, lambda o, m, n: m)))  # fmt: skip

    assert len(events(data)) == len({r.night for r in reports})
    assert all(date.fromisoformat(r.night) for r in reports)


# ------------------------------------------------------------------ print


def test_a_print_has_the_first_night_first_and_a_part_a_month(ground, who):
    full, nothing, wordless = full_journal(ground, who)

    whole = printed(ground, who)
    words = printed(ground, who, since="2026-11", with_mornings=False)

    assert [(m.month, [r.id for r in m.reports]) for m in whole.months] == [
        ("2026-10", [full.id]),
        ("2026-11", [nothing.id, wordless.id]),
    ]
    assert [r.id for m in words.months for r in m.reports] == [wordless.id]
    assert str(whole.sentence()) == "3 reports."
