"""What a preview shows is what others see; a receipt proves it and holds no words."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from makers_ground import a_dreamer, a_report, make_ground

from dreamweave.app import lending
from dreamweave.app.ground import Limits
from dreamweave.app.journals import forget_report, keep_report
from dreamweave.app.lending import LentWords, Offer
from dreamweave.model.canonical import canonical
from dreamweave.model.refusals import Refusal

TEXT = "The sea came up the stairs. My brother held a lamp."


@pytest.fixture
def place():
    on = make_ground(limits=Limits(crowd_min=2))
    ann, bo = a_dreamer(on), a_dreamer(on)
    report = a_report(
        on, TEXT, feeling="wonder", intensity=3, tags=("sea",), title="Stairs", lang="en"
    )
    keep_report(on, ann, report)
    return on, ann, bo, report


@pytest.mark.parametrize("naming", ["named", "pseudonym", "unnamed"])
@pytest.mark.parametrize("span", [None, (0, 27)])
def test_a_preview_is_exactly_what_others_are_shown(place, naming, span):
    on, ann, bo, report = place
    name = "" if naming == "unnamed" else "Ann"
    offer = Offer(report.id, 1, "commons", naming, span, name)

    before = lending.preview(on, ann, offer)
    granted = lending.lend(on, ann, offer)
    if naming == "unnamed":
        other = a_report(on, "A door.")
        keep_report(on, bo, other)
        lending.lend(on, bo, Offer(other.id, 1, "commons", "unnamed"))
    seen = next(w for w in lending.shown_to(on, bo, "commons") if w.tag == granted.tag)

    assert seen == replace(before, tag=granted.tag)
    assert seen == LentWords(
        tag=granted.tag,
        text=TEXT if span is None else "The sea came up the stairs.",
        kind="dream",
        lang="en",
        feeling="wonder",
        intensity=3,
        name=name or None,
        day=None if naming == "unnamed" else "2026-11-25",
    )


def test_a_title_and_tags_of_the_journal_stay_in_the_journal(place):
    on, ann, bo, report = place
    lending.lend(on, ann, Offer(report.id, 1, "commons", "named", name="Ann"))

    shown = repr([(w, w.text, w.name) for w in lending.shown_to(on, bo, "commons")])

    assert "Stairs" not in shown
    assert "'sea'" not in shown


def test_what_changed_since_the_preview_is_not_lent(place):
    on, ann, _, report = place
    keep_report(on, ann, replace(report, text="Something else.", version=2))

    with pytest.raises(Refusal, match="changed since"):
        lending.lend(on, ann, Offer(report.id, 1, "commons", "named", name="Ann"))


def test_an_amended_report_leaves_what_was_lent_as_it_was_lent(place):
    on, ann, bo, report = place
    lending.lend(on, ann, Offer(report.id, 1, "commons", "named", name="Ann"))
    keep_report(on, ann, replace(report, text="Something private.", version=2))

    assert [w.text for w in lending.shown_to(on, bo, "commons")] == [TEXT]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"audience": "everyone"}, "lending.audience"),
        ({"audience": "circle/x"}, "lending.audience"),
        ({"audience": "circle/" + "0" * 26}, "circle.unknown"),
        ({"naming": "secret"}, "lending.naming"),
        ({"name": " "}, "lending.name"),
        ({"name": "x" * 81}, "lending.name"),
        ({"span": (5, 5)}, "lending.span"),
        ({"span": (0, 999)}, "lending.span"),
        ({"span": (-3, 4)}, "lending.span"),
        ({"span": (3, 4)}, "lending.wordless"),
        ({"until_ms": 1}, "lending.until"),
        ({"report": "0" * 26}, "report.unknown"),
    ],
)
def test_an_offer_that_cannot_be_is_told_why(place, change, code):
    on, ann, bo, report = place
    offer = replace(Offer(report.id, 1, "commons", "named", name="Ann"), **change)

    with pytest.raises(Refusal) as no:
        lending.lend(on, ann, offer)

    assert no.value.code == code
    assert lending.shown_to(on, bo, "commons") == []


def test_somebody_elses_report_cannot_be_lent_or_previewed(place):
    on, _, bo, report = place
    offer = Offer(report.id, 1, "commons", "named", name="Bo")

    for act in (lending.preview, lending.lend):
        with pytest.raises(Refusal, match="no such report of yours"):
            act(on, bo, offer)


def test_a_receipt_says_what_was_agreed_and_no_word_of_it(place):
    on, ann, _, report = place
    granted = lending.lend(on, ann, Offer(report.id, 1, "commons", "named", name="Ann"))
    said = granted.receipt.said

    assert said["processing"] == {
        "purpose": "shown to everybody on this node and woven with their words",
        "audience": "commons",
        "attribution": "named",
        "tag": granted.tag,
        "commitment": said["processing"]["commitment"],
        "until_ms": 0,
        "processors": [],
        "training": False,
        "sale": False,
    }
    assert said["event"] == {"event": "given"}
    whole = granted.receipt.to_bytes()
    assert b"sea" not in whole
    assert ann.dreamer.encode() not in whole
    assert granted.receipt.signature == on.vault.sign(canonical(said))
    key = base64.b64decode(said["parties"]["controller_key"])
    assert key == on.vault.public_key()


def test_two_receipts_of_one_person_do_not_tell_so(place):
    on, ann, _, report = place
    offer = Offer(report.id, 1, "commons", "unnamed")

    one, two = (lending.lend(on, ann, offer).receipt.said for _ in range(2))

    assert one["subject"] != two["subject"]


def test_taking_back_gives_a_receipt_and_a_frame(place):
    on, ann, bo, report = place
    granted = lending.lend(on, ann, Offer(report.id, 1, "commons", "named", name="Ann"))
    at = on.hearing.at("commons")

    receipt = lending.take_back(on, ann, granted.lending, once="k")

    assert receipt.said["event"] == {"event": "withdrawn", "why": "asked"}
    assert [f.data for f in on.hearing.after("commons", at)] == [
        canonical({"n": at + 1, "unpicked": [granted.tag]})
    ]
    assert lending.shown_to(on, bo, "commons") == []
    assert lending.take_back(on, ann, granted.lending, once="k") == receipt
    with pytest.raises(Refusal, match="no such lending"):
        lending.take_back(on, ann, granted.lending)


def test_receipts_outlive_the_report_and_are_ones_own(place):
    on, ann, bo, report = place
    granted = lending.lend(on, ann, Offer(report.id, 1, "commons", "named", name="Ann"))
    forget_report(on, ann, report.id)

    assert lending.receipt_of(on, ann, granted.lending) == granted.receipt
    with pytest.raises(Refusal, match="no such receipt"):
        lending.receipt_of(on, bo, granted.lending)


STAIRS = "M1 1L2 2"


def test_nothing_of_a_report_goes_with_two_unnamed_pieces_and_ties_them_together():
    on = make_ground(limits=Limits(crowd_min=2))
    ann = a_dreamer(on)
    report = a_report(on, TEXT, drawing=STAIRS, photo="image/jpeg")
    keep_report(on, ann, report)

    def drawing_of(naming, span):
        offer = Offer(report.id, 1, "commons", naming, span, "Ann")
        return lending.preview(on, ann, offer).drawing

    pieces = [(0, 27), (28, len(TEXT))]
    assert [drawing_of("unnamed", span) for span in pieces] == [None, None]
    # All of it is one piece; and under a name the pieces are tied together anyway.
    assert drawing_of("unnamed", None) == drawing_of("unnamed", (0, len(TEXT))) == STAIRS
    assert drawing_of("pseudonym", pieces[0]) == STAIRS
    with pytest.raises(Refusal, match=r"lending\.photo"):
        lending.preview(on, ann, Offer(report.id, 1, "commons", "unnamed", pieces[0], photo=True))


def test_what_is_lent_while_its_report_is_forgotten_is_unpicked_before_listeners_too(
    place, monkeypatch
):
    on, ann, _, report = place
    held = [lending.lend(on, ann, Offer(report.id, 1, "commons", "named", name="Ann"))]
    grant = on.road.grant

    def overtaken(decide, **how):
        monkeypatch.undo()
        held.append(lending.lend(on, ann, Offer(report.id, 1, "commons", "named", name="Ann")))
        return grant(decide, **how)

    n = on.hearing.at("commons")
    monkeypatch.setattr(on.road, "grant", overtaken)
    forget_report(on, ann, report.id)

    said = b"".join(frame.data for frame in on.hearing.after("commons", n))
    unpicked = said.partition(b"unpicked")[2]
    assert all(lent.tag.encode() in unpicked for lent in held)


def test_a_name_that_others_are_shown_holds_nothing_that_nobody_sees(place):
    on, ann, _, report = place
    name = "\u202eAnn\n\u0000\u2066  Bo\u200b "

    shown = lending.preview(on, ann, Offer(report.id, 1, "commons", "named", name=name))

    assert shown.name == "Ann Bo"
    with pytest.raises(Refusal, match=r"lending\.name"):
        lending.preview(on, ann, Offer(report.id, 1, "commons", "named", name="\u202e\u200b"))
