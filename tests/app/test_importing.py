"""A journal from somewhere else: understood, shown first, kept once, and never a bomb."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from makers_ground import a_dreamer, a_report, make_ground
from pictures import WITH_NOTES

from dreamweave.app import import_reading
from dreamweave.app.import_dates import month_first, when, written, written_at
from dreamweave.app.import_reading import Options, bring
from dreamweave.app.import_unpacking import N_ENTRIES_MAX, unpack
from dreamweave.app.importing import keep_all, preview
from dreamweave.app.journals import forget_report, keep_report, piece
from dreamweave.model.refusals import Refusal

HERE = Options(zone="Europe/Madrid")


@pytest.fixture
def ground():
    return make_ground()


@pytest.fixture
def who(ground):
    return a_dreamer(ground)


def a_zip(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def read(name, text, options=HERE):
    """(night, told_at, text) of everything in one file."""
    data = text if isinstance(text, bytes) else text.encode()
    return [
        (r.report.night, r.report.told_at, r.report.text)
        for r in bring([(name, data)], options).ready
    ]


def sentences(said):
    return sorted(str(s) for s in said)


# ------------------------------------------------------------------ tables


def test_a_table_is_read_by_its_headings_in_several_languages(ground, who):
    table = (
        "Fecha;Título;Sueño;Sentimiento;Etiquetas;Ánimo\n"
        "25/11/2025;La marea;El mar subió las escaleras.;miedo;mar, casa;7\n"
        "26/11/2025;;Nada más que niebla.;contento;;\n"
        "27/11/2025;;;;;\n"
    )
    seen = preview(ground, who, [("sueños.csv", table.encode())], HERE)

    assert (seen.n_new, seen.from_night, seen.to_night) == (2, "2025-11-25", "2025-11-26")
    first = seen.first[0]
    assert (first.title, first.feeling, first.tags) == ("La marea", "fear", ("mar", "casa"))
    assert first.told_at == "2025-11-25T12:00:00+01:00"
    assert sentences(seen.left) == [
        "1 column that a journal has no place for.",
        "1 mood that is none of the eight feelings; it is left unsaid.",
        "1 row without words.",
    ]
    assert "2 entries state no time of day; noon stands there." in sentences(seen.understood)


def test_nothing_is_kept_by_looking(ground, who):
    preview(ground, who, [("a.csv", b"date,dream\n2026-01-01,A lamp.\n")], HERE)

    assert ground.road.journal(who.dreamer).reports == {}


def test_a_dream_bank_asks_whose_words_are_ones_own(ground, who):
    table = (
        b'dreamer,number,date,content\nAnn,1,(7/25/85),"I flew, slowly."\nBo,1,8/1/85,A dog.\n'
        b"Ann,2,?,Undated.\n"
    )
    seen = preview(ground, who, [("bank.csv", table)], HERE)

    assert seen.tellers == (("Ann", 2), ("Bo", 1))
    assert seen.asks_teller
    with pytest.raises(Refusal, match=r"import\.teller"):
        keep_all(ground, who, [("bank.csv", table)], HERE)

    mine = replace(HERE, teller="Ann", undated="1985-09-01")
    assert keep_all(ground, who, [("bank.csv", table)], mine).n_kept == 2
    texts = {(r.night, r.text) for r in ground.opened.reports(ground, who)}
    assert texts == {("1985-07-25", "I flew, slowly."), ("1985-09-01", "Undated.")}


def test_entries_without_a_date_are_left_and_said_until_a_night_is_named(ground, who):
    table = b"dream\nA lamp.\nA bridge.\n"
    seen = preview(ground, who, [("a.csv", table)], HERE)

    assert (seen.n_new, seen.n_undated) == (0, 2)
    assert sentences(seen.left) == [
        "2 entries without a date. Name a night to keep them under, and they come along."
    ]
    assert preview(ground, who, [("a.csv", table)], replace(HERE, undated="2020-01-01")).n_new == 2


def test_day_and_month_are_told_apart_by_the_whole_file_or_asked_for():
    us = "date,dream\n3/4/2021,A.\n3/25/2021,B.\n"
    both = "date,dream\n3/4/2021,A.\n"

    assert [n for n, _, _ in read("a.csv", us)] == ["2021-03-04", "2021-03-25"]
    assert [n for n, _, _ in read("a.csv", both)] == ["2021-04-03"]
    assert bring([("a.csv", both.encode())], HERE).asks_month_first
    chosen = replace(HERE, month_first=True)
    assert [n for n, _, _ in read("a.csv", both, chosen)] == ["2021-03-04"]
    assert not bring([("a.csv", both.encode())], chosen).asks_month_first


# ------------------------------------------------------------------ JSON


def test_day_one_keeps_its_zone_its_title_and_one_picture(ground, who):
    picture = WITH_NOTES["jpeg"][1]
    journal = {
        "metadata": {"version": "1.0"},
        "entries": [
            {
                "uuid": "A1",
                "creationDate": "2021-03-04T11:12:13Z",
                "timeZone": "America/New_York",
                "text": "# The Tide\n\n![](dayone-moment://0A)\nIt came up the stairs\\. Slowly\\-",
                "tags": ["Sea", "home"],
                "photos": [{"md5": "abc", "type": "jpeg"}, {"md5": "def", "type": "jpeg"}],
                "location": {"placeName": "Canary Road"},
            }
        ],
    }
    data = a_zip(**{"Journal.json": json.dumps(journal), "photos/abc.jpeg": picture})
    done = keep_all(ground, who, [("day-one.zip", data)], HERE)
    (report,) = ground.opened.reports(ground, who)

    assert (done.n_kept, done.n_photos) == (1, 1)
    assert (report.title, report.text) == ("The Tide", "It came up the stairs. Slowly-")
    assert (report.night, report.told_at) == ("2021-03-04", "2021-03-04T06:12:13-05:00")
    assert (report.zone, report.tags, report.photo) == (
        "America/New_York",
        ("Sea", "home"),
        "image/jpeg",
    )
    _, kept = piece(ground, who, report.id, "photo")
    assert b"zyxwcanary" not in kept
    assert sentences(done.left) == [
        "1 further picture, film or recording; one picture is kept beside a report."
    ]


def test_a_moment_without_a_zone_is_one_where_its_dreamer_lives():
    rows = [{"date": "2021-07-04 23:30", "dream": "A."}, {"created_at": 1625434200, "text": "B."}]

    assert read("a.json", json.dumps(rows)) == [
        ("2021-07-04", "2021-07-04T23:30:00+02:00", "A."),
        ("2021-07-04", "2021-07-04T23:30:00+02:00", "B."),
    ]


def test_lists_lines_and_journey_like_objects_are_read():
    wrapped = {"dreams": [{"date": "2021-01-01", "content": "A."}]}
    journey = {"date_journal": 1609495200000, "text": "B.", "timezone": "Europe/Madrid"}
    lines = '{"date": "2021-01-01", "dream": "C."}\n\n{"date": "2021-01-02", "dream": "D."}\n'

    assert [t for _, _, t in read("a.json", json.dumps(wrapped))] == ["A."]
    assert [(n, t) for n, _, t in read("b.json", json.dumps(journey))] == [("2021-01-01", "B.")]
    assert [t for _, _, t in read("c.jsonl", lines)] == ["C.", "D."]


# ------------------------------------------------------------------ texts


def test_daily_notes_give_their_section_about_dreams_and_leave_the_day(ground, who):
    note = (
        "---\ntags: [journal, daily]\n---\n# Thursday\n\n## Tasks\n- [ ] taxes\n\n"
        "## Dream\nThe [[staircase]] went #down into **the** sea.\n\n### Later\nA lamp.\n\n## Mood\nfine\n"
    )
    data = a_zip(**{
        "Vault/.obsidian/app.json": "{}",
        "Vault/Daily/2021-03-04.md": note,
        "Vault/Daily/2021-03-05.md": "All of it was a dream.",
    })  # fmt: skip
    seen = preview(ground, who, [("vault.zip", data)], HERE)

    assert [(r.night, r.text) for r in seen.first] == [
        ("2021-03-04", "The staircase went #down into the sea.\n\nLater\nA lamp."),
        ("2021-03-05", "All of it was a dream."),
    ]
    assert seen.first[0].tags == ("journal", "daily", "down")
    assert sentences(seen.left) == ["2 sections of daily notes that are not about dreams."]


def test_logseq_journals_lose_their_bullets_and_keep_their_properties():
    note = "- tags:: sea, home\n  kind:: memory\n- The tide came up.\n\t- And went.\n"
    (one,) = bring([("2021_03_04.md", note.encode())], HERE).ready

    assert (one.report.text, one.report.kind) == ("The tide came up.\nAnd went.", "memory")
    assert (one.report.night, one.report.tags) == ("2021-03-04", ("sea", "home"))


def test_notes_begin_where_a_line_begins_with_a_date():
    notes = (
        "My dreams since the move.\n\n"
        "2021-03-04: I was (in 1999) on stairs.\nThey moved.\n\n"
        "**5 March 2021** - Flying.\n"
        "On 3 May 2021 we met, I remember that in it.\n\n"
        "## 2021-03-06 The Tide\nWater.\n"
        "[[2021-03-07]]\nA lamp, 12.30 euros.\n"
    )

    assert [(n, t) for n, _, t in read("notes.txt", notes)] == [
        ("2021-03-04", "I was (in 1999) on stairs.\nThey moved."),
        ("2021-03-05", "Flying.\nOn 3 May 2021 we met, I remember that in it."),
        ("2021-03-06", "Water."),
        ("2021-03-07", "A lamp, 12.30 euros."),
    ]
    left = bring([("notes.txt", notes.encode())], HERE).left
    assert sentences(left) == ["1 paragraph before the first date."]


def test_notes_in_arabic_and_spanish_are_dated_as_they_are_written():
    notes = "٤ مارس ٢٠٢١: رأيت البحر.\nالخميس\n\n5 de abril de 2021: volaba.\n"

    assert [(n, t) for n, _, t in read("n.txt", notes)] == [
        ("2021-03-04", "رأيت البحر.\nالخميس"),
        ("2021-04-05", "volaba."),
    ]


def test_a_text_longer_than_a_report_is_kept_in_parts_and_nothing_is_lost():
    text = "2021-03-04: " + " ".join(f"word{i}" for i in range(12_000))
    parts = [t for _, _, t in read("a.txt", text)]

    assert len(parts) == 3
    assert " ".join(parts).split() == text.split()[1:]


# ------------------------------------------------------------------ once


NOTES = b"2021-03-04: The sea.\n\n2021-03-05: A lamp.\n\n2021-03-04: The  sea.\n"


def test_bringing_a_file_twice_adds_nothing(ground, who):
    first = keep_all(ground, who, [("n.txt", NOTES)], HERE)
    again = preview(ground, who, [("other-name.txt", NOTES)], HERE)
    second = keep_all(ground, who, [("n.txt", NOTES)], HERE)

    assert (first.n_kept, first.n_here) == (2, 1)
    assert (again.n_new, again.n_here, again.n_twice) == (0, 2, 1)
    assert second.n_kept == 0
    assert len(ground.opened.reports(ground, who)) == 2


def test_what_was_amended_here_is_not_brought_a_second_time(ground, who):
    keep_all(ground, who, [("n.txt", NOTES)], HERE)
    lamp = next(r for r in ground.opened.reports(ground, who) if r.text == "A lamp.")
    keep_report(ground, who, replace(lamp, text="A lamp and a boat.", version=2))

    assert preview(ground, who, [("n.txt", NOTES)], HERE).n_new == 0


def test_what_was_written_here_by_hand_is_known_again(ground, who):
    keep_report(ground, who, a_report(ground, "The sea.", night="2021-03-04"))

    assert preview(ground, who, [("n.txt", NOTES)], HERE).n_new == 1


def test_what_was_forgotten_comes_back_only_when_asked_for(ground, who):
    keep_all(ground, who, [("n.txt", NOTES)], HERE)
    for report in ground.opened.reports(ground, who):
        forget_report(ground, who, report.id)

    assert keep_all(ground, who, [("n.txt", NOTES)], HERE).n_kept == 0
    assert preview(ground, who, [("n.txt", NOTES)], HERE).n_forgotten == 2
    back = keep_all(ground, who, [("n.txt", NOTES)], replace(HERE, forgotten_too=True))
    assert back.n_kept == 2


def test_two_people_bring_the_same_file_and_neither_touches_the_other(ground, who):
    other = a_dreamer(ground)
    keep_all(ground, who, [("n.txt", NOTES)], HERE)
    keep_all(ground, other, [("n.txt", NOTES)], HERE)

    mine = {r.id for r in ground.opened.reports(ground, who)}
    theirs = {r.id for r in ground.opened.reports(ground, other)}
    assert (len(mine), len(theirs), mine & theirs) == (2, 2, set())


def test_many_reports_are_kept_a_hundred_in_one_writing(ground, who, monkeypatch):
    rows = "".join(f"2021-01-{1 + i % 28:02},Dream number {i}.\n" for i in range(250))
    sizes = []
    keep = ground.store.keep

    def counting(writing):
        sizes.append(len(writing.facts))
        return keep(writing)

    monkeypatch.setattr(ground.store, "keep", counting)

    done = keep_all(ground, who, [("a.csv", f"date,dream\n{rows}".encode())], HERE)

    assert done.n_kept == 250
    assert sizes == [100, 100, 50]
    assert len(ground.opened.reports(ground, who)) == 250


# ------------------------------------------------------------------ bombs and nonsense


def bomb(n_bytes=40 << 20):
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.txt", "w", force_zip64=True) as file,
    ):
        for _ in range(n_bytes >> 20):
            file.write(b"0" * (1 << 20))
    return out.getvalue()


def many():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for i in range(N_ENTRIES_MAX + 1):
            archive.writestr(f"{i}.md", b"")
    return out.getvalue()


def lying():
    """An archive whose header promises one byte."""
    data = bytearray(a_zip(**{"a.txt": "2021-01-01: " + "sea " * 500_000}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1).to_bytes(4, "little")
    return bytes(data)


def locked():
    data = bytearray(a_zip(**{"a.txt": "2021-01-01: A."}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    data[6] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [
        ("bomb.zip", lambda: bomb(), "zip.large"),
        ("many.zip", many, "zip.entries"),
        ("lying.zip", lying, "zip.broken"),
        ("locked.zip", locked, "zip.locked"),
        ("cut.zip", lambda: a_zip(**{"a.txt": "2021-01-01: A."})[:-30], "zip.broken"),
        ("deep.json", lambda: b"[" * 100 + b"]" * 100, "json.depth"),
        ("deeper.json", lambda: b"[" * 200_000, "json.depth"),
        ("half.json", lambda: b'{"entries": [', "json.syntax"),
        ("empty.txt", lambda: b"", "import.empty"),
        ("nothing.txt", lambda: b"   \n ", "import.nothing"),
        ("a.pdf", lambda: b"%PDF-1.7", "import.nothing"),
        ("a.csv", lambda: b"colour,shape\nred,round\n", "import.columns"),
        ("a.csv", lambda: b'date,dream\n2021-01-01,"' + b"x" * 200_000, "import.table"),
        ("weave.json", lambda: b'{"schema": "dreamweave/weave/1"}', "import.schema"),
        (
            "a.docx",
            lambda: a_zip(**{"[Content_Types].xml": "", "word/document.xml": ""}),
            "zip.office",
        ),
    ],
)
def test_bombs_and_nonsense_are_refused_with_a_sentence(ground, who, name, make, code):
    with pytest.raises(Refusal) as no:
        preview(ground, who, [(name, make())], HERE)

    assert no.value.code == code
    assert no.value.sentence.endswith(".")


def test_a_zone_that_is_none_is_refused(ground, who):
    with pytest.raises(Refusal, match=r"import\.zone"):
        preview(ground, who, [("n.txt", NOTES)], Options(zone="Mars/Olympus"))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["a.csv", "a.json", "a.jsonl", "a.md", "a.txt", "2021-01-01.md", "a.zip"]),
    st.one_of(
        st.text(max_size=200).map(str.encode),
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["text", "date", "entries", "reports", "schema", "tags", "photos"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
        ).map(lambda v: json.dumps(v).encode()),
    ),
)
def test_whatever_is_brought_is_understood_or_refused(name, data):
    ground = make_ground()
    who = a_dreamer(ground)
    try:
        seen = preview(ground, who, [(name, data)], replace(HERE, undated="2020-01-01"))
    except Refusal:
        return
    done = (
        keep_all(ground, who, [(name, data)], replace(HERE, undated="2020-01-01"))
        if not seen.asks_teller
        else None
    )
    assert done is None or done.n_kept <= seen.n_new


@pytest.mark.parametrize(
    ("text", "night", "told_at"),
    [
        ("2021-03-04T06:12:13Z", "2021-03-04", "2021-03-04T07:12:13+01:00"),
        ("Thursday, 4th of March 2021 at 7:10 PM", "2021-03-04", "2021-03-04T19:10:00+01:00"),
        ("Donnerstag, 4. März 2021", "2021-03-04", "2021-03-04T12:00:00+01:00"),
        ("2021年3月4日", "2021-03-04", "2021-03-04T12:00:00+01:00"),
        ("2021-03-03T23:30:00-05:00", "2021-03-04", "2021-03-04T05:30:00+01:00"),
        ("1895-01-01", "1895-01-01", "1895-01-01T12:00:00-00:15"),
    ],
)
def test_dates_are_read_as_people_and_programs_write_them(text, night, told_at):
    held = when(written(text), "Europe/Madrid", month_comes_first=False)

    assert (held.night, held.told_at) == (night, told_at)


def test_no_day_is_made_of_what_is_none():
    assert [written(t) for t in ("", "soon", "1995", "2021-13-40", "99/99/2021")] == [None] * 5
    assert when(written_at("31.02.2021"), "UTC", month_comes_first=False) is None
    assert month_first([]) is None


@pytest.mark.parametrize(
    "line",
    ["\n", "\n ", " ", "#a", "#a ", "*a", "**", "_a b", "[[", "[", "[a](", "#[[", "- ", '""'],
)
def test_texts_that_would_keep_a_careless_pattern_busy_for_ever_are_read_like_others(line):
    # With one such pattern the first of these ran for ten minutes; read once each, they are quick.
    text = "2021-01-01: A lamp.\n" + line * 60_000

    for name in ("a.txt", "2021-01-01.md", "a.csv", "a.json"):
        with suppress(Refusal):
            assert len(bring([(name, text.encode())], HERE).ready) < 10


@pytest.mark.parametrize(
    ("name", "held"),
    [("{}.csv", "date,dream\n" + "2021-01-01,A.\n" * 9_000), ("{}.md", "# 2021-01-01\n" * 9_000)],
    ids=["entries", "dates without words"],
)
def test_many_files_of_as_much_as_one_may_hold_are_a_bomb(name, held):
    with pytest.raises(Refusal, match=r"import\.many"):
        bring([("a.zip", a_zip(**{name.format(i): held for i in range(5)}))], HERE)


def test_dates_without_words_are_counted_too():
    with pytest.raises(Refusal, match=r"import\.many"):
        bring([("a.md", b"# 2021-01-01\n" * 20_002)], HERE)


def test_two_journals_are_read_at_once_and_a_third_waits_a_while(monkeypatch):
    monkeypatch.setattr(import_reading, "WAIT_S_MAX", 0)
    files = [("a.txt", b"2021-01-01: A lamp.")]
    within = []

    def meanwhile(name, data):
        within.append(name)
        return bring(files, HERE) if len(within) < 3 else unpack(name, data)

    monkeypatch.setattr(import_reading, "unpack", meanwhile)
    with pytest.raises(Refusal, match=r"busy\.importing"):
        bring(files, HERE)

    monkeypatch.undo()
    assert len(bring(files, HERE).ready) == 1


def test_there_is_an_end_to_how_many_lines_a_file_has():
    with pytest.raises(Refusal, match=r"import\.many"):
        bring([("a.txt", b"x\n" * 400_002)], HERE)
