"""An echo is one line an evening, the same on every device, and never more than was lent."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from makers_ground import DAY_MS, Clock, a_dreamer, a_report, make_ground

from dreamweave.app.circles import join, make
from dreamweave.app.echoes import Echo, echo_of, was_given
from dreamweave.app.first_knots import FirstKnot, first_knot
from dreamweave.app.journals import keep_report, reports
from dreamweave.app.lending import ECHO, Offer, lend, shown_to, take_back
from dreamweave.app.weave_worker import send
from dreamweave.app.weaving_lent import weave_lent
from dreamweave.model.facts import COMMONS
from dreamweave.model.refusals import Refusal

DAY_0 = 1_795_564_800_000  # midnight before 2026-11-25, UTC


def evening(n=0):
    return f"2026-11-{25 + n}"


@pytest.fixture
def clock():
    return Clock(DAY_0 + 20 * 3_600_000)


@pytest.fixture
def ground(clock):
    return make_ground(clock=clock)


def echo(ground, who, day, **how):
    return echo_of(ground, who, day, **{"wants": True, **how})


def a_line(ground, who, text, **also):
    naming = also.pop("naming", "named")
    until_ms = also.pop("until_ms", 0)
    report = a_report(ground, text, **also)
    keep_report(ground, who, report)
    name = "Ann" if naming == "named" else ""
    return lend(ground, who, Offer(report.id, 1, ECHO, naming, name=name, until_ms=until_ms))


def test_one_line_an_evening_and_the_same_all_evening(ground):
    who, ann = a_dreamer(ground), a_dreamer(ground)
    for i in range(8):
        a_line(ground, ann, f"Line {i}.")

    first = echo(ground, who, evening())

    assert first.words.text.startswith("Line")
    assert [echo(ground, who, evening()) for _ in range(5)] == [first] * 5


def test_nobody_who_did_not_ask_gets_one(ground):
    who, ann = a_dreamer(ground), a_dreamer(ground)
    a_line(ground, ann, "A line.")

    assert echo(ground, who, evening(), wants=False) is None


def test_never_ones_own_and_never_one_that_was_given_before(ground, clock):
    who, ann = a_dreamer(ground), a_dreamer(ground)
    a_line(ground, who, "Mine.")
    theirs = {a_line(ground, ann, f"Line {i}.").tag for i in range(3)}

    given = []
    for day in range(5):
        held = echo(ground, who, evening(day))
        given.append(held and held.tag)
        clock.pass_ms(DAY_MS)

    assert (set(given[:3]), given[3:]) == (theirs, [None, None])


def test_everybody_who_lent_is_heard_alike_however_much_they_lent():
    ground = make_ground(clock=Clock(DAY_0))
    much, little = a_dreamer(ground), a_dreamer(ground)
    for i in range(9):
        a_line(ground, much, f"Line {i}.")
    one = a_line(ground, little, "The one.").tag
    people = [a_dreamer(ground) for _ in range(200)]

    given = Counter(echo(ground, who, evening()).tag == one for who in people)

    assert 70 <= given[True] <= 130  # half of 200, drawn by a seeded chance


def test_a_line_in_ones_own_language_comes_first(ground):
    who, ann = a_dreamer(ground), a_dreamer(ground)
    for i in range(6):
        a_line(ground, ann, f"Line {i}.", lang="en")
    a_line(ground, ann, "El mar subió.", lang="es-MX")

    assert echo(ground, who, evening(), lang="es").words.text == "El mar subió."


@pytest.mark.parametrize("feeling", ["fear", "anger"])
def test_what_was_felt_as_fear_or_anger_is_covered_until_chosen(ground, feeling):
    who, ann = a_dreamer(ground), a_dreamer(ground)
    tag = a_line(ground, ann, "A canaryword.", feeling=feeling).tag

    assert echo(ground, who, evening()) == Echo(evening(), tag, None, is_covered=True)
    assert echo(ground, who, evening(), uncover=True).words.text == "A canaryword."


def test_a_line_that_is_taken_back_leaves_the_page_and_the_answer_stays(ground):
    who, ann = a_dreamer(ground), a_dreamer(ground)
    lent = a_line(ground, ann, "A line.")
    held = echo(ground, who, evening())
    answer = a_report(ground, "It makes me think of rain.", answers=held.tag, kind="story")
    keep_report(ground, who, answer)
    assert echo(ground, who, evening()).answers == (answer.id,)

    take_back(ground, ann, lent.lending)

    assert echo(ground, who, evening()) == Echo(
        evening(), lent.tag, None, is_taken_back=True, answers=(answer.id,)
    )
    assert [r.text for r in reports(ground, who)] == ["It makes me think of rain."]
    assert was_given(ground, who, lent.tag)
    assert not was_given(ground, ann, lent.tag)


def test_a_line_whose_time_has_come_is_neither_drawn_nor_shown(ground, clock):
    who, ann = a_dreamer(ground), a_dreamer(ground)
    a_line(ground, ann, "Until nine.", until_ms=clock() + 1_000)
    other = a_dreamer(ground)
    assert echo(ground, who, evening()).words is not None
    clock.pass_ms(2_000)

    assert echo(ground, who, evening()).is_taken_back
    assert echo(ground, other, evening()) is None


def test_unnamed_lines_wait_for_company_as_everywhere(ground):
    who = a_dreamer(ground)
    for _ in range(ground.limits.crowd_min - 1):
        a_line(ground, a_dreamer(ground), "Alone.", naming="unnamed")
    assert echo(ground, who, evening()) is None

    a_line(ground, a_dreamer(ground), "Not alone.", naming="unnamed")

    assert echo(ground, who, evening()).words.name is None


def test_nobody_draws_ahead_and_nobody_lists_the_lines(ground):
    who, ann = a_dreamer(ground), a_dreamer(ground)
    a_line(ground, ann, "A line.")

    for day in ("2026-12-25", "2025-11-25", "soon", ""):
        with pytest.raises(Refusal, match=r"echo\.evening"):
            echo(ground, who, day)
    with pytest.raises(Refusal, match=r"circle\.unknown"):
        shown_to(ground, who, ECHO)
    with pytest.raises(Refusal, match=r"dreamer\.suspended"):
        echo(ground, replace(who, suspended=True), evening())


def test_two_devices_that_ask_at_once_get_one_line(ground, monkeypatch):
    who, ann = a_dreamer(ground), a_dreamer(ground)
    for i in range(30):
        a_line(ground, ann, f"Line {i}.")
    monkeypatch.setattr("dreamweave.app.echoes._kept", lambda *_: None)  # neither saw the other's

    assert len({echo(ground, who, evening()).tag for _ in range(6)}) == 1


# ------------------------------------------------------------------ the first knot after a silence


def woven_with(knots):
    """A weaver whose knots are these texts' (the loom's own are tested where it weaves)."""

    def weaver(asked):
        import io

        tag_of = {r["text"]: r["id"] for r in json.loads(asked)["reports"]}
        held = [
            {"motif": m, "lang": "en", "firm": False, "passage": i, "tags": [tag_of[t] for t in texts if t in tag_of]}
            for i, (m, texts) in enumerate(knots)
        ]  # fmt: skip
        out = io.BytesIO()
        body = json.dumps({"knots": held, "n_threads": len(tag_of)}).encode()
        send(out, {"page": b"p", "text": b"t", "knots": body, "keys": b"{}", "root": b"r"})
        return out.getvalue()

    return weaver


class Silence:
    """A Circle in which somebody was silent for some days and then lent a piece."""

    def __init__(self, ground, clock, days):
        self.ground, self.clock = ground, clock
        self.host, self.tara = a_dreamer(ground), a_dreamer(ground)
        circle = make(ground, self.host, "The tide")
        join(ground, self.tara, circle)
        self.stream = f"circle/{circle}"
        self.lend(self.tara, "Before.")
        self.lend(self.host, "Stairs in the sea.")
        self.clock.pass_ms(days * DAY_MS)
        self.lent = self.lend(self.tara, "I drew stairs.")

    def lend(self, who, text):
        at = self.clock()
        from datetime import UTC, datetime

        told_at = datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        report = a_report(self.ground, text, told_at=told_at, night=told_at[:10])
        keep_report(self.ground, who, report)
        return lend(self.ground, who, Offer(report.id, 1, self.stream, "named", name="X"))

    def weave(self, *knots):
        return weave_lent(
            self.ground, self.host, self.stream, title="x", weaver=woven_with(knots)
        ).weave


def test_the_first_knot_after_a_fortnight_is_shown_for_a_day_as_what_it_is(ground, clock):
    held = Silence(ground, clock, days=15)
    assert first_knot(ground, held.tara) is None  # nothing is woven yet
    weave = held.weave(
        ("before", ("Before.", "Stairs in the sea.")),
        ("alone", ("I drew stairs.",)),
        ("stairs", ("Stairs in the sea.", "I drew stairs.")),
    )

    knot = first_knot(ground, held.tara)

    assert knot == FirstKnot(held.stream, weave, "stairs", "en", 2)
    assert str(knot.sentence()) == "Your words meet here with 1 other thread: stairs."
    assert first_knot(ground, held.host) is None
    clock.pass_ms(DAY_MS - 1)
    assert first_knot(ground, held.tara) == knot
    clock.pass_ms(1)
    assert first_knot(ground, held.tara) is None


def test_after_less_than_a_fortnight_there_was_no_silence(ground, clock):
    held = Silence(ground, clock, days=13)
    held.weave(("stairs", ("Stairs in the sea.", "I drew stairs.")))

    assert first_knot(ground, held.tara) is None


def test_a_knot_that_was_taken_back_is_not_shown(ground, clock):
    held = Silence(ground, clock, days=15)
    held.weave(("stairs", ("Stairs in the sea.", "I drew stairs.")))
    assert first_knot(ground, held.tara) is not None

    take_back(ground, held.tara, held.lent.lending)

    assert first_knot(ground, held.tara) is None


def test_somebody_who_came_with_nothing_was_silent_since_they_came(ground, clock):
    tara, ann = a_dreamer(ground), a_dreamer(ground)
    keep_report(ground, tara, a_report(ground, "", kind="none"))
    clock.pass_ms(20 * DAY_MS)
    for who, text in ((ann, "Stairs."), (tara, "My stairs.")):
        report = a_report(ground, text, kind="story")
        keep_report(ground, who, report)
        lend(ground, who, Offer(report.id, 1, COMMONS, "named", name="X"))
    steward = next(iter(ground.road.membership().holders("steward")))
    assert steward == tara.dreamer
    weave_lent(
        ground, tara, COMMONS, title="x", weaver=woven_with([("stairs", ("Stairs.", "My stairs."))])
    )

    assert first_knot(ground, tara).motif == "stairs"
    assert first_knot(ground, ann) is None
