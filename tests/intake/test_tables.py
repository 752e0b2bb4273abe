"""Tables: columns are recognised, rows are kept or counted, and a broken table says where."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_reading import intake_of, left_out, told

from dreamweave.intake.tables import read_table, sniff_delimiter
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import Report, Seat


def refusal(name, content, **asked):
    with pytest.raises(Refusal) as no:
        told(name, content, **asked)
    return no.value


def test_every_column_finds_its_place():
    intake = intake_of(
        "evening.csv",
        "id,name,dream,feeling,intensity,language,kind,reply to,seat\n"
        "a,Ann,The sea came in.,joy,3,en,dream,,\n"
        "b,Bo,Die Tür war weg.,Angst,1,German,Erinnerung,a,\n"
        "c,Cy,,,,,none,,listening\n"
        ",the late bus,,,,,,,open\n",
    )

    assert intake.told.reports == (
        Report("a", "Ann", "The sea came in.", "dream", "en", "joy", 3),
        Report("b", "Bo", "Die Tür war weg.", "memory", "de", "fear", 1, answers="a"),
    )
    assert [r.text for r in intake.told.reports] == ["The sea came in.", "Die Tür war weg."]
    assert intake.told.seats == (Seat("Cy", "listening"), Seat("the late bus", "open"))
    assert intake.warnings == ()


@pytest.mark.parametrize(
    "heading",
    [
        "teller,text",
        "Name;Traum",
        "nom\trêve",
        "Nombre|Sueño",
        "nome,sonho",
        "Имя;Сон",
        "名前,夢",
        "姓名,梦",
        "이름,꿈",
        "الاسم,حلم",
        "Participant ID,Dream Report",
        "NAME , DREAM ",
        "Name,What did you dream last night?",
    ],
)
def test_headings_are_known_in_several_languages(heading):
    delimiter = sniff_delimiter(heading)

    assert told("t.csv", f"{heading}\nAnn{delimiter}I swam.\n") == [("Ann", "I swam.")]


def test_a_spreadsheets_own_delimiter_line_is_no_row():
    assert told("t.csv", 'sep=;\nname;text\nAnn;"a; b"\n') == [("Ann", "a; b")]


def test_line_ends_and_quoted_lines_of_all_systems():
    for end in ("\n", "\r\n", "\r"):
        content = end.join(["name,text", 'Ann,"one', 'two"', "Bo,three", ""])

        assert told("t.csv", content.encode()) == [("Ann", "one\ntwo"), ("Bo", "three")]


def test_rows_without_a_teller_are_each_their_own():
    intake = intake_of("t.csv", "name,text\n,I flew.\nAnonymous,I fell.\n-,I hid.\nAnn,I sang.\n")

    assert [r.teller for r in intake.told.reports] == ["unnamed 1", "unnamed 2", "unnamed 3", "Ann"]
    assert intake.n_named == 1
    assert "3 reports without a name: each counts as one person." in intake.understood


def test_a_made_up_name_never_meets_a_real_one():
    names = [t for t, _ in told("t.csv", "name,text\nunnamed 1,a b\n,c d\n,e f\n")]

    assert len(set(names)) == 3


def test_one_name_is_one_person_however_it_is_spaced():
    assert {
        t for t, _ in told("t.csv", 'name,text\n"Ann  Lee",a\n" Ann Lee ",b\nAnn\u200e Lee,c\n')
    } == {"Ann Lee"}


def test_names_that_differ_only_in_capitals_are_told_of():
    intake = intake_of("t.csv", "name,text\nAnn,a\nann,b\n")

    assert [r.teller for r in intake.told.reports] == ["Ann", "ann"]
    assert len(intake.warnings) == 1
    assert "one person, one voice" in intake.warnings[0]


def test_an_id_alone_is_a_person_only_where_it_comes_again():
    again = intake_of("t.csv", "id,text\n7,a\n7,b\n8,c\n")
    once = intake_of("t.csv", "id,text\n7,a\n8,b\n")

    assert [r.teller for r in again.told.reports] == ["7", "7", "8"]
    assert [r.id for r in again.told.reports] == ["report 1", "report 2", "report 3"]
    assert [(r.id, r.teller) for r in once.told.reports] == [("7", "unnamed 1"), ("8", "unnamed 2")]


def test_ids_that_stand_twice_keep_both_reports_and_say_so():
    intake = intake_of("t.csv", "id,name,text\n1,Ann,a\n1,Bo,b\n1,Bo,b\n2,Bo,b\n")

    assert [(r.id, r.teller, r.text) for r in intake.told.reports] == [
        ("1", "Ann", "a"),
        ("1 (2)", "Bo", "b"),
        ("1 (3)", "Bo", "b"),
        ("2", "Bo", "b"),
    ]
    assert intake.warnings == ("2 ids stood twice. All of those reports are kept.",)


def test_a_row_that_stands_there_twice_counts_once():
    intake = intake_of("t.csv", "id,name,text\n1,Ann,a\n1,Ann,a\n")

    assert len(intake.told.reports) == 1
    assert left_out(intake) == (
        "Left out (1): 1 that stood in the files twice, word for word, under one id."
    )


def test_empty_rows_and_reports_are_counted_by_reason():
    intake = intake_of("t.csv", "name,text\nAnn,a\n,\nBo,\nCy,   \n\n")

    assert [r.teller for r in intake.told.reports] == ["Ann"]
    assert left_out(intake) == "Left out (3): 2 that held no words; 1 that were empty rows."


def test_nobody_who_recalls_nothing_is_sent_away():
    intake = intake_of("t.csv", "name,text,kind\nAnn,a,\nBo,,no dream\nCy,Only grey.,none\n")

    assert intake.told.seats == (Seat("Bo", "listening"),)
    assert [(r.teller, r.kind) for r in intake.told.reports] == [("Ann", "dream"), ("Cy", "none")]


def test_a_seat_of_somebody_who_told_after_all_is_not_kept_twice():
    intake = intake_of("t.csv", "name,text,seat\nAnn,,listening\nAnn,I swam.,\n")

    assert intake.told.seats == ()
    assert "kept a seat for somebody who told something after all" in left_out(intake)


def test_feelings_that_are_not_of_the_eight_are_told_of_and_left_undyed():
    intake = intake_of(
        "t.csv",
        "name,text,feeling,intensity\nAnn,a,happy,2\nBo,b,joy,9\nCy,c,Freude,\nDi,d,,1\n",
    )

    assert [(r.feeling, r.intensity) for r in intake.told.reports] == [
        (None, None),
        ("joy", None),
        ("joy", None),
        (None, None),
    ]
    assert [w.split(" ")[0] for w in intake.warnings] == ["1", "1", "2"]
    assert "joy, tenderness, wonder, calm, longing, sorrow, fear, anger" in intake.warnings[0]


def test_a_kind_language_drawing_or_answer_that_cannot_be_read_is_told_of():
    intake = intake_of(
        "t.csv",
        "id,name,text,kind,lang,drawing,answers\n1,Ann,a,opera,klingonish,<svg>,99\n2,Bo,b,,,,2\n",
    )

    report = intake.told.reports[0]
    assert (report.kind, report.lang, report.drawing, report.answers) == ("dream", None, None, None)
    assert len(intake.warnings) == 4


def test_a_quotation_mark_that_is_never_closed_is_found():
    no = refusal("t.csv", 'name,text\nAnn,fine\nBo,"I was swimming\nCy,and then\n')

    assert no.code == "table.quote"
    assert "line 3" in no.sentence
    assert "swimming" not in no.sentence


def test_quotation_marks_inside_words_are_just_words():
    assert told("t.csv", 'name,text\nAnn,a 5" nail\nBo,"she said ""come"""\n') == [
        ("Ann", 'a 5" nail'),
        ("Bo", 'she said "come"'),
    ]


def test_words_with_a_delimiter_in_them_are_told_of():
    intake = intake_of("t.csv", "name,text\nAnn,I swam, and then flew\nBo,b\n")

    assert [r.text for r in intake.told.reports] == ["I swam", "b"]
    assert "1 row (line 2) has more cells than the heading" in intake.warnings[0]


def test_a_table_without_a_column_for_words_says_which_there_are():
    no = refusal("t.csv", "name,age\nAnn,31\n")

    assert no.code == "table.columns"
    assert "“name”, “age”" in no.sentence


def test_a_first_row_that_may_be_words_is_never_quoted():
    no = refusal("t.csv", "I swam in a canary,and then I flew\nAnn,31\n")

    assert "canary" not in no.sentence
    assert "2 cells" in no.sentence


def test_columns_can_be_named_by_hand_or_by_number():
    content = "A,B,C\nx,I swam.,Ann\n"

    assert told("t.csv", content, columns={"text": "B", "teller": "3"}) == [("Ann", "I swam.")]
    assert refusal("t.csv", content, columns={"text": "D"}).code == "table.columns"
    assert refusal("t.csv", content, columns={"colour": "B"}).code == "table.field"


def test_a_table_of_one_column_needs_no_heading():
    assert told("t.csv", "I swam.\nI flew.\n") == [
        ("unnamed 1", "I swam."),
        ("unnamed 2", "I flew."),
    ]
    assert told("t.csv", "dream\nI swam.\n") == [("unnamed 1", "I swam.")]


def test_one_field_may_be_as_long_as_a_novel():
    before = csv.field_size_limit()
    long = "word " * 60_000

    assert told("t.csv", f"name,text\nAnn,{long}\n") == [("Ann", long.strip())]
    assert csv.field_size_limit() == before


def test_a_report_past_the_bound_says_where():
    no = refusal("t.csv", f"name,text\nAnn,a\nBo,{'x' * 1_000_001}\n")

    assert no.code == "intake.long"
    assert "line 3" in no.sentence


def test_thousands_of_rows_under_one_id_are_no_trouble():
    rows = "".join(f"1,p{n},text {n}\n" for n in range(20_000))

    intake = intake_of("t.csv", "id,name,text\n" + rows)

    assert len({r.id for r in intake.told.reports}) == 20_000


def test_two_people_of_one_name_stay_two_where_the_file_knows():
    # The columns of DiscordChatExporter's CSV.
    intake = intake_of(
        "channel.csv",
        "AuthorID,Author,Date,Content,Attachments,Reactions\n"
        '"11","Ann","2024-01-15T10:30:00+00:00","I swam.","",""\n'
        '"22","Ann","2024-01-15T10:31:00+00:00","I flew.","",""\n'
        '"22","Ann","2024-01-15T10:31:30+00:00","thanks","",""\n'
        '"22","Ann","2024-01-15T10:31:40+00:00","and landed.","",""\n'
        '"11","Ann","2024-01-15T10:32:00+00:00","I fell.","",""\n'
        '"11","Ann","2024-01-15T10:33:00+00:00","","https://x.y/z.png",""\n',
    )

    assert [(r.teller, r.text) for r in intake.told.reports] == [
        ("Ann", "I swam."),
        ("Ann (2)", "I flew.\nand landed."),
        ("Ann", "I fell."),
    ]


_cells = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cf")), min_size=1, max_size=12
).filter(lambda s: s.strip("\ufeff\u200b\u200e\u200f") == s)


@given(st.lists(st.tuples(_cells, _cells), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_what_a_spreadsheet_writes_comes_back_whole(rows, delimiter):
    import io

    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([("name", "text"), *rows])

    read = read_table("t.csv", out.getvalue().replace("\r\n", "\n"))

    assert [(r.teller, r.text) for r in read.rows] == rows
