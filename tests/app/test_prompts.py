"""Help to recall says where it comes from, measures nobody, and takes nothing for an answer."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from makers_ground import a_dreamer, make_ground

from dreamweave.app import calendar, patterns, prompts, tonight
from dreamweave.app.journals import reports
from dreamweave.app.prompts import PROMPTS, invites, nothing_this_morning


def test_every_prompt_names_its_source_and_on_what_grounds():
    assert len({p.id for p in PROMPTS}) == len(PROMPTS)
    assert all(p.source.cite and str(p.source.finding).endswith(".") for p in PROMPTS)
    # What is called measured names a study with its size; what is practice says so.
    for prompt in PROMPTS:
        source = prompt.source
        whole = f"{source.cite} {source.finding}"
        assert (source.grounds != "measured") or re.search(r"\d{3}", whole)
        assert (source.grounds != "mixed") or re.search(r"\b(19|20)\d\d\b", source.cite)


def test_the_known_ways_are_among_them():
    said = " ".join(str(p.text).lower() for p in PROMPTS)

    for way in ("lie still", "eyes closed", "feeling", "scrap", "backwards", "as you lie down"):
        assert way in said


def test_waking_and_evening_are_told_apart():
    assert {p.id for p in prompts.prompts("evening")} >= {"intend", "ready"}
    assert set(prompts.prompts("waking")) | set(prompts.prompts("evening")) == set(PROMPTS)


def test_an_invitation_comes_on_the_evenings_somebody_chose_and_on_no_other():
    assert [invites((4, 5), day) for day in range(7)] == [False] * 4 + [True, True, False]
    assert not any(invites((), day) for day in range(7))


def test_nothing_this_morning_is_a_real_report():
    ground = make_ground()
    who = a_dreamer(ground)
    held = {
        "id": ground.new_id(),
        "night": "2026-11-25",
        "told_at": "2026-11-25T07:00:00Z",
        "zone": "UTC",
    }

    nothing_this_morning(ground, who, **held, kept_out="The night shift.", once="a")
    again = nothing_this_morning(ground, who, **held, kept_out="The night shift.", once="a")

    (report,) = reports(ground, who)
    assert (report.kind, report.text, report.kept_out) == ("none", "", "The night shift.")
    assert again.replayed


# ------------------------------------------------------------------ nobody is measured

# Words of the trade that turns a habit into a debt.
FORBIDDEN = re.compile(
    r"streak|in a row|score|points|badge|level up|goal|missed|keep it up|well done|congrat|"
    r"don.t break|reminder|leaderboard|rank(?!ed by|s what)|achiev|progress",
    re.IGNORECASE,
)


def identifiers_and_sentences(path: Path) -> set[str]:
    """Everything a file names or says, but what it says of itself in docstrings."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    quiet = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if id(node) in quiet:
            continue
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Constant(value=str(text)):
                found.add(text)
    return found


def test_no_word_and_no_field_measures_anybody():
    for module in (prompts, calendar, patterns, tonight):
        words = identifiers_and_sentences(Path(module.__file__))

        assert [w for w in words if FORBIDDEN.search(w)] == []


def test_the_alarm_for_such_words_rings():
    assert FORBIDDEN.search("longest_streak")
    assert FORBIDDEN.search("You missed two nights")
