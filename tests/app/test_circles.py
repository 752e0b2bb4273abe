"""A Circle begins, is entered and parted from; parting ends what was lent there."""

from __future__ import annotations

import pytest
from makers_ground import a_dreamer, a_report, make_ground

from dreamweave.app.actors import Actor
from dreamweave.app.circles import Circle, circle, circles, ids_of, join, make, part
from dreamweave.app.ground import Limits
from dreamweave.app.journals import keep_report
from dreamweave.app.lending import Offer, lend, receipt_of, shown_to
from dreamweave.model.refusals import Refusal


@pytest.fixture
def ground():
    return make_ground(limits=Limits(n_circles_max=3))


@pytest.fixture
def host(ground):
    return a_dreamer(ground)  # the first member of a node holds every role


def a_lending(ground, who, audience, text="The sea came up the stairs."):
    report = a_report(ground, text)
    keep_report(ground, who, report)
    return lend(ground, who, Offer(report.id, 1, audience, "named", name="Ann"))


def test_a_circle_begins_with_its_host_and_its_title_lies_sealed(ground, host):
    id = make(ground, host, "  The  tide ", "What comes back?", "en", once="a")

    assert circle(ground, host, id) == Circle(
        id, "The tide", "What comes back?", "en", True, 1, 0, 0, 0
    )
    assert make(ground, host, "  The  tide ", "What comes back?", "en", once="a") == id
    assert [c.id for c in circles(ground, host)] == [id]
    facts = b"".join(f.body for f in ground.store.facts(limit=1_000))
    assert b"tide" not in facts


def test_a_circle_calls_feelings_by_its_own_names(ground, host):
    id = make(ground, host, "The tide", feelings={"longing": " saudade ", "joy": ""})

    assert circle(ground, host, id).feelings == {"longing": "saudade"}
    for wrong in ({"envy": "invidia"}, {"joy": "x" * 41}):
        with pytest.raises(Refusal, match="renamed"):
            make(ground, host, "The tide", feelings=wrong)


def test_only_a_host_begins_one(ground, host):
    with pytest.raises(Refusal, match=r"role\.not_yours"):
        make(ground, a_dreamer(ground), "The tide")


@pytest.mark.parametrize(("title", "theme"), [("", ""), ("x" * 121, ""), ("x", "y" * 601)])
def test_a_title_that_is_none_is_refused(ground, host, title, theme):
    with pytest.raises(Refusal, match=r"circle\.(title|theme)"):
        make(ground, host, title, theme)


def test_who_entered_sees_it_and_who_did_not_is_told_of_none(ground, host):
    id = make(ground, host, "The tide")
    ann, bo = a_dreamer(ground), a_dreamer(ground)
    join(ground, ann, id)
    join(ground, ann, id)  # again changes nothing

    assert (circle(ground, ann, id).n_members, circle(ground, ann, id).is_host) == (2, False)
    with pytest.raises(Refusal) as hidden:
        circle(ground, bo, id)
    with pytest.raises(Refusal) as absent:
        circle(ground, bo, ground.new_id())
    assert hidden.value.sentence == absent.value.sentence
    with pytest.raises(Refusal, match=r"circle\.unknown"):
        join(ground, bo, ground.new_id())
    with pytest.raises(Refusal, match=r"circle\.unknown"):
        join(ground, bo, "../etc")
    assert circles(ground, bo) == []


def test_parting_ends_what_was_lent_there_and_nothing_else(ground, host):
    id = make(ground, host, "The tide")
    ann = a_dreamer(ground)
    join(ground, ann, id)
    here = a_lending(ground, ann, f"circle/{id}", "Canaryword in the Circle.")
    there = a_lending(ground, ann, "commons", "A lamp for everybody.")

    part(ground, ann, id, once="p")
    part(ground, ann, id, once="p")

    assert circle(ground, host, id).n_members == 1
    assert shown_to(ground, host, f"circle/{id}") == []
    assert [w.tag for w in shown_to(ground, ann, "commons")] == [there.tag]
    assert ground.store.row("words", f"lent/{here.tag}") is None
    assert list(ids_of(ground, ann.dreamer)) == []
    assert receipt_of(ground, ann, f"{here.lending}/withdrawn").said["event"]["why"] == "asked"
    with pytest.raises(Refusal, match=r"circle\.unknown"):
        part(ground, ann, id)


def test_a_closed_door_holds_nobody_in_a_circle(ground, host):
    id = make(ground, host, "The tide")
    ann = a_dreamer(ground)
    join(ground, ann, id)
    suspended = Actor(ann.dreamer, False, suspended=True)

    with pytest.raises(Refusal, match=r"circle\.unknown"):
        circle(ground, suspended, id)
    part(ground, suspended, id)

    assert circle(ground, host, id).n_members == 1


def test_there_is_an_end_to_how_many_circles_one_is_in(ground, host):
    for i in range(3):
        make(ground, host, f"Circle {i}")
    other = a_dreamer(ground)
    id = next(ids_of(ground, host.dreamer))
    join(ground, other, id)

    assert sorted(c.title for c in circles(ground, host)) == ["Circle 0", "Circle 1", "Circle 2"]
    for circle_id in list(ids_of(ground, host.dreamer)):
        join(ground, other, circle_id)
    fourth = ground.new_id()
    with pytest.raises(Refusal, match=r"circle\.unknown"):
        join(ground, other, fourth)
    with pytest.raises(Refusal, match=r"circle\.many"):
        make(ground, host, "Circle 3") and join(ground, other, make(ground, host, "Circle 4"))


def test_a_title_is_one_line_of_letters_that_are_seen(ground, host):
    made = make(ground, host, "\u202eThe …\n tide\u0000\u2067 ")

    assert circle(ground, host, made).title == "The … tide"
    with pytest.raises(Refusal, match=r"circle\.title"):
        make(ground, host, "\u200b\u202e")
