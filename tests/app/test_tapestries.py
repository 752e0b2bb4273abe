"""A tapestry is read by whoever was there; everybody reads of it what was lent to everybody, while it is."""

from __future__ import annotations

import json

import pytest
from finished_gatherings import ARABIC, CANARY, TEXTS, Finished, loom
from makers_ground import a_dreamer, a_report

from dreamweave.app import gatherings, lending, publishing, tapestries, telling
from dreamweave.app.actors import Actor
from dreamweave.app.consent import holds
from dreamweave.app.journals import keep_report, report
from dreamweave.app.lending import Offer
from dreamweave.app.weaving_lent import PARTS, key_of, weave_of
from dreamweave.deciding import tapestries as deciding
from dreamweave.model.refusals import Refusal
from dreamweave.model.tapestry_facts import (
    LicenceChosen,
    TapestryBegun,
    TapestryPublished,
    TapestryWithdrawn,
    tapestry_stream,
)


@pytest.fixture
def over():
    return Finished()


def refused(wish, *args, **how):
    with pytest.raises(Refusal) as no:
        wish(*args, **how)
    return no.value.code


def everybody_lends(over, **how):
    for r, who in enumerate(over.tellers):
        publishing.lend_line(over.ground, who, over.g, r, licence="quote", **how)


def published(over):
    everybody_lends(over)
    return publishing.publish(over.ground, over.host, over.g, weaver=loom)


def every_part(over, who, face):
    """All that somebody can fetch of a face of it."""
    seen = tapestries.tapestry(over.ground, who, over.g, face)
    return {what: tapestries.part(over.ground, who, seen, what) for what in sorted(seen.parts)}


def another(over, ms=0):
    """Another gathering of the same Circle, called for `ms` later."""
    at_ms = over.ground.now_ms() + ms
    about = gatherings.About("Another night")
    return gatherings.make(over.ground, over.host, over.on.circle, about, begins_ms=at_ms)


def at_rest(ground):
    return b"".join(row.body for row in ground.store.rows("words", limit=100_000))


# ------------------------------------------------------------------ who may read what


def test_a_finished_gathering_is_a_tapestry_for_whoever_was_in_it(over):
    for who in (over.host, over.ann, over.listener):
        seen = tapestries.tapestry(over.ground, who, over.g)
        assert (seen.face, seen.state, seen.is_in) == ("inside", "made", True)
        assert (seen.n_spoke, seen.n_listened, seen.n_kept_open, seen.n_lines) == (6, 1, 1, 6)
    weave = tapestries.whole(over.ground, over.ann, seen)
    assert sorted(one.text for one in weave.fragments) == sorted(TEXTS)
    assert tapestries.tapestry(over.ground, over.host, over.g).is_host


def test_it_is_not_there_for_anybody_else_and_not_before_it_is_over(over):
    stranger = a_dreamer(over.ground)
    for face in (None, "inside", "published"):
        assert refused(tapestries.tapestry, over.ground, stranger, over.g, face) == (
            "tapestry.unknown"
        )
    assert tapestries.archive(over.ground, stranger) == []
    assert refused(tapestries.tapestry, over.ground, over.ann, "nonsense") == "gathering.unknown"
    assert refused(tapestries.tapestry, over.ground, over.host, another(over)) == "tapestry.early"


def test_hidden_parts_are_in_no_list_and_opened_for_nobody(over):
    seen = tapestries.tapestry(over.ground, over.host, over.g)

    assert {"page", "text", "knots", "data", "public", "scene"} <= seen.parts
    assert not {"keys", "threads"} & seen.parts
    for what in ("keys", "threads", "full"):
        assert refused(tapestries.part, over.ground, over.host, seen, what) == "weave.unknown"


def test_everybody_finds_their_own_lines_by_what_they_told(over):
    seen = tapestries.tapestry(over.ground, over.cleo, over.g)
    weave = tapestries.whole(over.ground, over.cleo, seen)
    reports = tapestries.reports_of(over.ground, over.cleo, seen)

    for fragment in weave.fragments:
        assert fragment.text == TEXTS[reports[fragment.thread_i]]
    with pytest.raises(Refusal):
        tapestries.reports_of(over.ground, a_dreamer(over.ground), seen)


def test_the_data_the_certificate_and_the_verifier_that_are_handed_out_fit_each_other(
    over, tmp_path
):
    import subprocess
    import sys

    parts = every_part(over, over.ann, "inside")
    (tmp_path / "weave.json").write_bytes(parts["data"])
    (tmp_path / "certificate.public.json").write_bytes(parts["public"])
    (tmp_path / "verify_weave.py").write_bytes(tapestries.verifier_source())
    seen = tapestries.tapestry(over.ground, over.ann, over.g)
    root = tapestries.root_of(over.ground, over.ann, seen)

    said = subprocess.run(
        [sys.executable, "verify_weave.py", ".", "--root", root],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert said.returncode == 0, said.stdout
    assert over.ann.dreamer not in parts["data"].decode() + parts["public"].decode()


# ------------------------------------------------------------------ lending to everybody


def test_nothing_told_in_a_gathering_is_published_by_being_told(over):
    assert refused(publishing.publish, over.ground, over.host, over.g, weaver=loom) == (
        "tapestry.empty"
    )
    assert refused(tapestries.tapestry, over.ground, a_dreamer(over.ground), over.g) == (
        "tapestry.unknown"
    )


def test_unnamed_lines_wait_for_company_and_a_line_under_its_name_does_not():
    over = Finished(named=True)
    publishing.lend_line(over.ground, over.ann, over.g, 0)
    publishing.lend_line(over.ground, over.bo, over.g, 1, under="named")
    (own,) = publishing.own_lines(over.ground, over.ann, over.g)
    assert (own.lent, own.named, own.waits, own.text) == (True, False, True, TEXTS[0])

    publishing.publish(over.ground, over.host, over.g, weaver=loom)

    stranger = a_dreamer(over.ground)
    seen = tapestries.tapestry(over.ground, stranger, over.g)
    assert (seen.face, seen.n_spoke, seen.is_in) == ("published", 1, False)
    weave = tapestries.whole(over.ground, stranger, seen)
    assert [one.text for one in weave.fragments] == [TEXTS[1]]
    words = lending.shown_to(over.ground, stranger, tapestry_stream(over.g))
    assert [one.name for one in words] == ["Name 1"]


def test_a_line_told_without_a_name_has_none_to_be_lent_under(over):
    assert refused(publishing.lend_line, over.ground, over.ann, over.g, 0, under="named") == (
        "tapestry.name"
    )


def test_lending_gives_a_receipt_that_says_to_whom(over):
    granted = publishing.lend_line(over.ground, over.ann, over.g, 0)

    said = granted.receipt.said["processing"]
    assert said["audience"] == tapestry_stream(over.g)
    assert (
        said["purpose"]
        == "shown to everybody on this node in the published tapestry of this gathering"
    )
    assert (said["training"], said["sale"]) == (False, False)
    assert holds(over.ground, granted.receipt)


def test_only_who_told_a_line_lends_it_and_only_once(over):
    ground, g = over.ground, over.g
    assert refused(publishing.lend_line, ground, over.bo, g, 0) == "telling.unknown"
    assert refused(publishing.lend_line, ground, a_dreamer(ground), g, 0) == "tapestry.unknown"
    publishing.lend_line(ground, over.ann, g, 0, once="a-key")
    publishing.lend_line(ground, over.ann, g, 0, once="a-key")
    assert refused(publishing.lend_line, ground, over.ann, g, 0) == "tapestry.twice"
    assert refused(publishing.lend_line, ground, over.bo, g, 1, licence="for ever") == (
        "tapestry.licence"
    )


def test_by_no_other_door_are_words_lent_to_a_tapestry_that_were_not_told_there(over):
    ground, stream = over.ground, tapestry_stream(over.g)
    other = a_report(ground, "Never told to anybody.")
    keep_report(ground, over.ann, other)
    offer = Offer(other.id, 1, stream, "unnamed")
    assert refused(lending.lend, ground, over.ann, offer) == "tapestry.not_told"
    stranger = a_dreamer(ground)
    own = a_report(ground, "A stranger's.")
    keep_report(ground, stranger, own)
    assert refused(lending.lend, ground, stranger, Offer(own.id, 1, stream, "unnamed")) == (
        "tapestry.not_told"
    )
    for audience in ("tapestry/nonsense", "tapestry/", f"tapestry/{ground.new_id()}"):
        offer = Offer(own.id, 1, audience, "unnamed")
        assert refused(lending.lend, ground, stranger, offer) in (
            "lending.audience",
            "tapestry.unknown",
        )


def test_what_is_lent_is_what_was_told_and_not_what_was_written_since(over):
    from dataclasses import replace

    (own,) = telling.mine(over.ground, over.ann, over.g)
    before = report(over.ground, over.ann, own.report)
    more = before.text + " And then something I keep to myself."
    keep_report(
        over.ground,
        over.ann,
        replace(before, text=more, version=before.version + 1, salt="ab" * 16),
    )

    publishing.lend_line(over.ground, over.ann, over.g, 0)

    audience = over.ground.road.audience(tapestry_stream(over.g))
    (tag,) = audience.waiting
    row = over.ground.store.row("words", f"lent/{tag}")
    assert json.loads(over.ground.vault.open(row))["words"]["text"] == TEXTS[0]
    changed = replace(before, text="Another dream.", version=before.version + 2, salt="cd" * 16)
    keep_report(over.ground, over.ann, changed)
    publishing.take_line_out(over.ground, over.ann, over.g, 0)
    assert refused(publishing.lend_line, over.ground, over.ann, over.g, 0) == "tapestry.changed"


def test_words_that_people_agreed_to_forget_are_not_published():
    over = Finished(afterwards="forgotten", ends_ms=1_795_000_060_000)

    assert refused(publishing.lend_line, over.ground, over.ann, over.g, 0) == "tapestry.forgotten"


# ------------------------------------------------------------------ publishing


def test_the_host_publishes_and_everybody_reads_what_was_lent_there_and_no_more(over):
    for r, who in enumerate(over.tellers[:3]):
        publishing.lend_line(over.ground, who, over.g, r)
    assert refused(publishing.publish, over.ground, over.ann, over.g, weaver=loom) == (
        "tapestry.not_yours"
    )
    publishing.publish(over.ground, over.host, over.g, weaver=loom)

    stranger = a_dreamer(over.ground)
    parts = every_part(over, stranger, None)

    assert CANARY.encode() in parts["data"]
    assert all(TEXTS[3].encode() not in data for data in parts.values())
    assert refused(tapestries.tapestry, over.ground, stranger, over.g, "inside") == (
        "tapestry.unknown"
    )
    (card,) = tapestries.archive(over.ground, stranger)
    assert (card.seen.id, card.seen.face) == (over.g, "published")
    suspended = Actor(stranger.dreamer, guest=False, suspended=True)
    assert refused(tapestries.tapestry, over.ground, suspended, over.g) == "tapestry.unknown"
    assert tapestries.archive(over.ground, suspended) == []
    (news,) = tapestries.published(over.ground)
    assert (news.gathering, news.title) == (over.g, "The night of the stairs")
    assert news.called_ms == over.ground.now_ms()


def test_the_published_weave_and_the_whole_share_no_tag_and_no_key(over):
    published(over)
    inside = tapestries.whole(
        over.ground, over.ann, tapestries.tapestry(over.ground, over.ann, over.g)
    )
    outside = tapestries.whole(
        over.ground, over.ann, tapestries.tapestry(over.ground, over.ann, over.g, "published")
    )

    assert not {t.tag for t in inside.threads} & {t.tag for t in outside.threads}
    keys = [
        key_of(over.ground, over.ann, stream, weave_of(over.ground, over.ann, stream).weave)
        for stream in (over.on.topic, tapestry_stream(over.g))
    ]
    assert None not in keys
    assert len(set(keys)) == 2


def test_a_host_withdraws_it_and_nothing_made_of_it_is_left(over):
    published(over)
    stranger = a_dreamer(over.ground)
    seen = tapestries.tapestry(over.ground, stranger, over.g)
    assert refused(publishing.withdraw, over.ground, over.ann, over.g) == "tapestry.not_yours"

    publishing.withdraw(over.ground, over.host, over.g)

    assert refused(tapestries.tapestry, over.ground, stranger, over.g) == "tapestry.unknown"
    for what in PARTS:
        assert over.ground.store.row("words", f"weave/{seen.weave}/{what}/00000") is None
    assert over.turn() == 0  # what is withdrawn is not woven again
    assert refused(publishing.withdraw, over.ground, over.host, over.g) == "tapestry.unknown"
    assert publishing.own_lines(over.ground, over.ann, over.g)[0].lent
    publishing.publish(over.ground, over.host, over.g, weaver=loom)
    assert tapestries.tapestry(over.ground, stranger, over.g).state == "made"


def test_what_is_lent_to_it_is_shown_to_nobody_but_its_host_before_and_after_it_is_published(over):
    ground, stream, stranger = over.ground, tapestry_stream(over.g), a_dreamer(over.ground)
    everybody_lends(over)
    looks = (lending.shown_to, weave_of)

    for look in looks:
        for who in (stranger, over.listener, over.ann):
            assert refused(look, ground, who, stream) == "tapestry.unknown"
        look(ground, over.host, stream)
    publishing.publish(ground, over.host, over.g, weaver=loom)
    assert len(lending.shown_to(ground, stranger, stream)) == len(TEXTS)
    publishing.withdraw(ground, over.host, over.g)
    for look in looks:
        assert refused(look, ground, stranger, stream) == "tapestry.unknown"


def test_a_steward_may_withdraw_what_must_not_stand(over):
    published(over)
    steward = Actor(a_dreamer(over.ground).dreamer, guest=False, roles=frozenset({"steward"}))

    publishing.withdraw(over.ground, steward, over.g)

    assert tapestries.published(over.ground) == []


# ------------------------------------------------------------------ taking back


def test_taken_back_it_is_gone_from_every_part_of_both_and_both_are_woven_again(over):
    published(over)
    stranger = a_dreamer(over.ground)
    faces = ((over.ann, "inside"), (stranger, "published"))
    before = [tapestries.tapestry(over.ground, who, over.g, face) for who, face in faces]
    assert all(CANARY.encode() in every_part(over, who, face)["data"] for who, face in faces)

    telling.take_back(over.ground, over.cleo, over.g, 2)

    for (who, face), seen in zip(faces, before, strict=True):
        now = tapestries.tapestry(over.ground, who, over.g, face)
        assert (now.state, now.parts, now.weave) == ("fell", frozenset(), "")
        assert tapestries.whole(over.ground, who, now) is None
        for what in seen.parts:
            assert refused(tapestries.part, over.ground, who, now, what) == "weave.unknown"
            assert refused(tapestries.part, over.ground, who, seen, what) == "weave.unknown"
    at_rest_of_others = [
        row
        for row in over.ground.store.rows("words", limit=100_000)
        if CANARY.encode() in row.body and not row.id.startswith("report/")
    ]
    assert at_rest_of_others == []

    assert over.turn() == 2

    for who, face in faces:
        parts = every_part(over, who, face)
        assert TEXTS[0].encode() in parts["data"]
        assert all(CANARY.encode() not in data for data in parts.values())


def test_a_line_is_taken_out_of_what_everybody_reads_and_stays_in_the_gathering(over):
    published(over)

    publishing.take_line_out(over.ground, over.cleo, over.g, 2)

    assert over.turn() == 1
    assert CANARY.encode() in every_part(over, over.ann, "inside")["data"]
    outside = every_part(over, a_dreamer(over.ground), "published")
    assert all(CANARY.encode() not in data for data in outside.values())
    assert refused(publishing.take_line_out, over.ground, over.cleo, over.g, 2) == (
        "lending.unknown"
    )
    assert refused(publishing.take_line_out, over.ground, over.ann, over.g, 2) == (
        "telling.unknown"
    )


def test_also_forgetting_the_report_ends_both(over):
    from dreamweave.app.journals import forget_report

    published(over)
    (own,) = telling.mine(over.ground, over.cleo, over.g)

    forget_report(over.ground, over.cleo, own.report)

    assert CANARY.encode() not in at_rest(over.ground)
    assert over.turn() == 2


def test_when_the_last_line_goes_a_published_tapestry_is_empty_and_not_woven(over):
    published(over)
    for r, who in enumerate(over.tellers):
        publishing.take_line_out(over.ground, who, over.g, r)

    assert over.turn() == 0
    stranger = a_dreamer(over.ground)
    assert tapestries.tapestry(over.ground, stranger, over.g).state == "empty"
    assert tapestries.archive(over.ground, stranger) == []


def test_a_restart_finds_what_fell_and_weaves_it(over):
    from dreamweave.app.closing_gathering import Closing

    published(over)
    telling.take_back(over.ground, over.cleo, over.g, 2)
    back = Closing(over.ground, over.on.rooms, weaver=loom, threaded=False)
    back.begin()

    assert back.turn() == 2


# ------------------------------------------------------------------ terms


def test_the_terms_are_the_narrowest_that_anybody_whose_line_is_there_chose():
    state = deciding.fold(
        deciding.Tapestry(),
        [
            TapestryBegun("g", "host"),
            LicenceChosen("ann", "quote"),
            LicenceChosen("bo", "read"),
            TapestryPublished("host", 5),
        ],
    )

    assert deciding.licence_of(state, ["ann"]) == "quote"
    assert deciding.licence_of(state, ["ann", "bo"]) == "read"
    assert deciding.licence_of(state, ["ann", "who chose none"]) == "read"
    assert deciding.licence_of(state, []) == "read"
    assert deciding.fold(state, [TapestryWithdrawn("host")]).published_ms == 0


def test_what_waits_for_company_narrows_nothing_yet(over):
    everybody_lends(over)
    publishing.publish(over.ground, over.host, over.g, weaver=loom)
    seen = tapestries.tapestry(over.ground, over.ann, over.g)
    assert seen.licence == "quote"
    publishing.take_line_out(over.ground, over.bo, over.g, 1)
    publishing.lend_line(over.ground, over.bo, over.g, 1, licence="read", once="again")

    # Unnamed it waits for company, and what nobody is shown yet narrows nothing.
    assert tapestries.tapestry(over.ground, over.ann, over.g).licence == "quote"


def test_the_terms_for_programs_have_no_price_and_end(over):
    for licence in ("quote", "read"):
        said = publishing.terms(over.g, licence)
        assert not any(word in json.dumps(said) for word in ("price", "pay", "fee"))
        assert (said["sale"], said["training"], said["advertising"]) == (False, False, False)
        assert said["revocable"] is True
        assert said["quote_on_this_node"] == (licence == "quote")


# ------------------------------------------------------------------ the archive


def test_the_archive_is_searched_by_images_in_any_script_and_says_nothing_private():
    over = Finished(texts=(ARABIC, ARABIC, *TEXTS[4:]))
    ground = over.ground
    (card,) = tapestries.archive(over.ground, over.ann)
    names = [name for name, _ in card.motifs]
    assert names

    for name in names:
        assert tapestries.archive(over.ground, over.ann, motif=name.upper())
        assert tapestries.archive(over.ground, a_dreamer(ground), motif=name) == []
    assert tapestries.archive(over.ground, over.ann, motif="submarine") == []
    # A word of somebody's that is the name of no image finds nothing.
    assert tapestries.archive(over.ground, over.ann, motif="asked for tea") == []


def test_the_newest_stands_first(over):
    later = another(over, ms=1_000)
    gatherings.begin_phase(over.ground, over.host, later, "telling")
    for i, who in enumerate((over.ann, over.bo)):
        gatherings.enter(over.on.people, who, later, listening=False, agreed=True)
        telling.tell(over.ground, who, later, telling.Telling(text=TEXTS[i], lang="en"))
    assert [card.seen.id for card in tapestries.archive(over.ground, over.ann)] == [over.g]
    over.on.settle()
    gatherings.begin_phase(over.ground, over.host, later, "reflecting")
    over.turn()

    found = tapestries.archive(over.ground, over.ann)

    assert [card.seen.id for card in found] == [later, over.g]
    assert [card.seen.id for card in tapestries.archive(over.ground, over.cleo)] == [over.g]
