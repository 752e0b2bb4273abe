"""Places by lot: chances before the draw, a record that recounts, and waiting that counts next time."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from makers_gatherings import make_gathering
from makers_ground import DAY_MS, a_dreamer

from dreamweave.app import circles, gatherings, seat_draws
from dreamweave.app.gathering_clock import GatheringClock
from dreamweave.app.seat_rows import chance_of, listing_of, record_of
from dreamweave.cli import main
from dreamweave.deciding.seat_decisions import SEEN_MS
from dreamweave.governance.recounting import recount
from dreamweave.governance.seeds import sealed_nonce
from dreamweave.model.refusals import Refusal

HOUR_MS = 3_600_000


@pytest.fixture
def here():
    return make_gathering(opened=False, n_places=4)


def members(here, n):
    """People of the Circle who are not in the gathering."""
    found = [a_dreamer(here.ground, guest=True) for _ in range(n)]
    for who in found:
        circles.join(here.ground, who, here.circle)
    return found


def opened(here, g=None):
    closes_ms = here.ground.now_ms() + HOUR_MS
    seat_draws.open_applications(here.ground, here.host, g or here.g, closes_ms)


def applied(here, people, g=None):
    for who in people:
        seat_draws.apply_for(here.ground, who, g or here.g)


def listed(here, g=None):
    here.ground.now_ms.pass_ms(HOUR_MS)
    assert seat_draws.list_if_due(here.ground, g or here.g)


def drawn(here, g=None):
    here.ground.now_ms.pass_ms(SEEN_MS)
    seat_draws.draw(here.ground, here.host, g or here.g)


def seated(here, g=None):
    return here.ground.road.gathering(f"gathering/{g or here.g}").draw.drawn


def no(do, *args, **how):
    with pytest.raises(Refusal) as refusal:
        do(*args, **how)
    return refusal.value.code


def test_a_whole_draw_recounts_on_the_command_line(here, tmp_path, monkeypatch, capsys):
    people = members(here, 9)
    opened(here)
    applied(here, people)
    listed(here)
    held, own = seat_draws.draw_of(here.ground, people[0], here.g)
    assert chance_of(listing_of(here.ground, here.g), own.tag) == Fraction(1, 3)
    published = seat_draws.downloaded(here.ground, people[0], here.g)
    drawn(here)

    monkeypatch.chdir(tmp_path)
    (tmp_path / "draw.json").write_bytes(seat_draws.downloaded(here.ground, people[3], here.g))
    assert main(["recount", "draw.json", "--list", held.listing_sha256]) == 0

    assert "All of it agrees." in capsys.readouterr().out
    assert len(seated(here)) == 3  # the host has one of the four places
    made = record_of(here.ground, here.g)
    assert len(made.nonces) == 9  # the node revealed what it kept for people
    assert json.loads(published) == {
        "schema": "dreamweave/draw/1",
        **json.loads(seat_draws.downloaded(here.ground, people[0], here.g))["listing"],
    }
    # The positive control: a record in which one seat went elsewhere does not agree.
    whole = json.loads((tmp_path / "draw.json").read_bytes())
    other = next(a["tag"] for a in whole["listing"]["applicants"] if a["tag"] not in made.seated)
    whole["seated"][0] = other
    (tmp_path / "draw.json").write_text(json.dumps(whole))
    assert main(["recount", "draw.json"]) == 1


def test_nobodys_id_or_name_is_in_what_is_published(here):
    people = members(here, 6)
    opened(here)
    applied(here, people)
    listed(here)
    drawn(here)

    data = seat_draws.downloaded(here.ground, people[0], here.g)

    assert not any(who.dreamer.encode() in data for who in [*people, here.host])
    facts = here.ground.store.facts(stream=here.topic, after=0, limit=1_000)
    tags = [row.tag for row in record_of(here.ground, here.g).listing.applicants]
    assert not any(tag.encode() in kept.body for kept in facts for tag in tags)


def test_only_the_drawn_may_speak_and_everybody_may_listen(here):
    people = members(here, 8)
    opened(here)
    applied(here, people)
    gatherings.begin_phase(here.ground, here.host, here.g, "telling")

    def enter(who, **how):
        return gatherings.enter(here.people, who, here.g, agreed=True, **how)

    assert no(enter, people[0]) == "gathering.drawn"
    assert enter(people[0], listening=True).listening
    listed(here)
    drawn(here)

    lucky = [who for who in people if who.dreamer in seated(here)]
    others = [who for who in people if who.dreamer not in seated(here)]
    assert no(enter, others[0]) == "gathering.drawn"
    enter(others[0], listening=True)
    assert no(gatherings.listen, here.ground, others[0], here.g, listening=False) == (
        "gathering.drawn"
    )
    for who in lucky:
        assert not enter(who).listening
    assert no(enter, others[-1]) == "gathering.full"


def test_everybody_sees_their_chance_for_a_while_before_it_is_drawn(here):
    people = members(here, 6)
    opened(here)
    applied(here, people)
    assert no(seat_draws.draw, here.ground, here.host, here.g) == "draw.unlisted"
    assert no(seat_draws.downloaded, here.ground, people[0], here.g) == "draw.unlisted"
    listed(here)

    assert no(seat_draws.draw, here.ground, here.host, here.g) == "draw.early"
    assert no(seat_draws.apply_for, here.ground, members(here, 1)[0], here.g) == "draw.closed"
    assert no(seat_draws.withdraw, here.ground, people[0], here.g) == "draw.listed"
    total = sum(Fraction(row.chance) for row in listing_of(here.ground, here.g).applicants)
    assert total == 3


def test_waiting_in_vain_counts_next_time_for_whoever_had_confirmed(here):
    people = members(here, 8)
    here.ground.now_ms.pass_ms(40 * DAY_MS)
    opened(here)
    applied(here, people)
    listed(here)
    for who in people[:6]:
        seat_draws.confirm(here.ground, who, here.g)
    drawn(here)
    waited = [who for who in people[:6] if who.dreamer not in seated(here)]
    unconfirmed = [who for who in people[6:] if who.dreamer not in seated(here)]
    had = [who for who in people if who.dreamer in seated(here)]

    here.ground.now_ms.pass_ms(7 * DAY_MS)
    g = gatherings.make(
        here.ground,
        here.host,
        here.circle,
        gatherings.About("Next"),
        n_places=4,
        begins_ms=here.ground.now_ms(),
    )
    opened(here, g)
    applied(here, people, g)
    listed(here, g)

    def row_of(who):
        tag = seat_draws.draw_of(here.ground, who, g)[1].tag
        return next(r for r in listing_of(here.ground, g).applicants if r.tag == tag)

    assert [(row_of(w).losses, row_of(w).newcomer, row_of(w).seats_held) for w in waited] == [
        (1, True, 0)
    ] * len(waited)
    assert [row_of(w).losses for w in unconfirmed] == [0] * len(unconfirmed)
    assert [(row_of(w).seats_held, row_of(w).newcomer) for w in had] == [(1, False)] * 3
    assert Fraction(row_of(waited[0]).chance) > Fraction(row_of(had[0]).chance)


def test_somebody_who_has_just_come_has_no_newcomers_bonus(here):
    old = members(here, 1)
    here.ground.now_ms.pass_ms(31 * DAY_MS)
    new = members(here, 1)
    opened(here)
    applied(here, [*old, *new])
    listed(here)

    by_tag = {row.tag: row for row in listing_of(here.ground, here.g).applicants}
    tags = [seat_draws.draw_of(here.ground, who, here.g)[1].tag for who in (*old, *new)]

    assert [by_tag[tag].newcomer for tag in tags] == [True, False]
    assert [by_tag[tag].stratum for tag in tags] == ["never-seated", ""]


def test_a_stratum_is_ones_own_choice_and_stands_in_the_list_by_tag_alone(here):
    (ann, bo) = members(here, 2)
    opened(here)
    own = seat_draws.apply_for(here.ground, ann, here.g, stratum="access")
    seat_draws.apply_for(here.ground, bo, here.g)
    assert no(seat_draws.apply_for, here.ground, bo, here.g, stratum="rich") == "draw.stratum"
    listed(here)

    strata = {row.tag: row.stratum for row in listing_of(here.ground, here.g).applicants}
    assert strata[own.tag] == "access"
    facts = here.ground.store.facts(stream=here.topic, after=0, limit=1_000)
    assert not any(b"access" in kept.body for kept in facts)


def test_whoever_likes_keeps_their_own_nonce_and_opens_it_before_the_draw(here):
    (ann, bo, cy) = members(here, 3)
    opened(here)
    draw = seat_draws.draw_of(here.ground, ann, here.g)[0].draw
    tags, nonce = ["a" * 20, "b" * 20], "5e" * 32
    for who, tag in zip((ann, bo), tags, strict=True):
        sealed = sealed_nonce(draw, tag, nonce)
        seat_draws.apply_for(here.ground, who, here.g, tag=tag, sealed=sealed)
    seat_draws.apply_for(here.ground, cy, here.g)
    assert no(seat_draws.apply_for, here.ground, cy, here.g, tag="short") == "draw.commitment"
    assert no(seat_draws.reveal, here.ground, ann, here.g, nonce) == "draw.unlisted"
    listed(here)
    assert no(seat_draws.reveal, here.ground, ann, here.g, "00" * 32) == "draw.nonce"
    seat_draws.reveal(here.ground, ann, here.g, nonce)
    drawn(here)

    made = record_of(here.ground, here.g)
    revealed = {one.tag: one.nonce for one in made.nonces}
    assert revealed[tags[0]] == nonce
    assert tags[1] not in revealed
    assert all(finding.agrees for finding in recount(made))


def test_a_name_is_put_down_once_and_can_be_taken_off_again(here):
    ann, bo = members(here, 2)
    opened(here)
    first = seat_draws.apply_for(here.ground, ann, here.g, stratum="access")
    assert seat_draws.apply_for(here.ground, ann, here.g, stratum="language") == first
    seat_draws.apply_for(here.ground, bo, here.g)

    seat_draws.withdraw(here.ground, ann, here.g)

    assert seat_draws.draw_of(here.ground, ann, here.g)[1] is None
    assert here.ground.store.row("words", f"applied/{here.g}/{ann.dreamer}") is None
    listed(here)
    assert len(listing_of(here.ground, here.g).applicants) == 1
    assert no(seat_draws.confirm, here.ground, ann, here.g) == "draw.not_yours"


def test_whoever_left_is_on_no_list_and_a_seat_of_theirs_is_nobodys():
    here = make_gathering(opened=False, n_places=2)
    ann, bo = members(here, 2)
    opened(here)
    applied(here, [ann, bo])
    _forgets_everything(here, bo)
    listed(here)

    assert len(listing_of(here.ground, here.g).applicants) == 1
    drawn(here)
    assert seated(here) == {ann.dreamer}


def _forgets_everything(here, who):
    def decide(granting):
        granting.owners.append(f"dreamer/{who.dreamer}")

    here.ground.road.grant(decide, freeing=True)


def test_where_nobody_applied_places_are_free_again(here):
    opened(here)
    listed(here)

    assert seated(here) == frozenset()
    (ann,) = members(here, 1)
    assert not gatherings.enter(here.people, ann, here.g, agreed=True).listening


def test_the_clock_publishes_the_list_on_time(here):
    people = members(here, 5)
    clock = GatheringClock(here.ground, on_trouble=here.trouble.append, threaded=False)
    opened(here)
    applied(here, people)
    clock.turn()
    here.ground.now_ms.pass_ms(HOUR_MS)

    clock.turn()

    assert seat_draws.draw_of(here.ground, people[0], here.g)[0].listing_sha256
    assert here.trouble == []


def test_only_the_host_opens_and_draws_and_only_whoever_may_come_applies(here):
    (ann,) = members(here, 1)
    stranger = a_dreamer(here.ground)
    soon = here.ground.now_ms() + 1
    assert no(seat_draws.open_applications, here.ground, ann, here.g, soon) == "gathering.unknown"
    assert no(seat_draws.apply_for, here.ground, ann, here.g) == "draw.none"
    assert no(seat_draws.open_applications, here.ground, here.host, here.g, 5) == "draw.closes"
    opened(here)
    assert no(opened, here) == "draw.here"
    assert no(seat_draws.apply_for, here.ground, stranger, here.g) == "gathering.unknown"
    assert no(seat_draws.draw_of, here.ground, stranger, here.g) == "gathering.unknown"
    assert no(seat_draws.apply_for, here.ground, here.host, here.g) == "draw.inside"
    unlimited = make_gathering(opened=False)
    assert no(opened, unlimited) == "draw.places"


def test_the_secret_is_sealed_beforehand_and_opened_in_the_record(here):
    people = members(here, 5)
    opened(here)
    sealed = seat_draws.draw_of(here.ground, people[0], here.g)[0].sealed_secret
    applied(here, people)
    listed(here)
    drawn(here)

    made = record_of(here.ground, here.g)

    assert made.listing.sealed_secret == sealed
    assert [f.agrees for f in recount(made) if f.what in ("secret", "seed", "list")] == [True] * 3
