"""A live weave grows by acts: nothing woven moves, nobody is tied twice, and it can be taken up again anywhere."""

import json
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamweave.dreamscape import storyline
from dreamweave.dreamscape.backing import KNOT_WARPS_MAX
from dreamweave.dreamscape.growing import Growing
from dreamweave.dreamscape.lanes import Gaps, isotonic, nearest_lanes
from dreamweave.dreamscape.live_lanes import bare_lanes, ends_after, laid_lanes, order_of
from dreamweave.dreamscape.measures import slender
from dreamweave.dreamscape.storyline import total_crossings
from dreamweave.model.acts import FRAME_BYTES_MAX, folded


@dataclass
class Evening:
    """A gathering whose reports are sets of motifs, and what a loom would say of them."""

    growing: Growing
    acts: list = field(default_factory=list)
    motifs: dict = field(default_factory=dict)  # report -> motifs, of those that are there
    threads: dict = field(default_factory=dict)
    by_word: set = field(default_factory=set)
    n: int = 0

    @property
    def picture(self):
        return folded(self.acts)

    @property
    def saying(self):
        held = {}
        for r, motifs in self.motifs.items():
            for m in motifs:
                held.setdefault(m, set()).add(r)
        return {m: reports for m, reports in held.items() if len(reports) > 1}

    def hear(self, acts):
        self.acts += acts
        return acts

    def tell(self, motifs, *, thread=None, answers=-1, on_open=False):
        r, self.n = self.n, self.n + 1
        meets = [
            (m, [q for q in sorted(self.motifs, reverse=True) if m in self.motifs[q]])
            for m in motifs
        ]
        self.motifs[r] = set(motifs)
        if thread is not None:
            self.threads[r] = thread
        return self.hear(
            self.growing.tell(
                r,
                thread=thread,
                meets=[meet for meet in meets if meet[1]],
                answers=answers,
                on_open=on_open,
            )
        )

    def forget(self, r):
        self.motifs.pop(r, None)
        self.by_word = {pair for pair in self.by_word if r not in pair}
        return self.hear(self.growing.forget(r))

    def resumed(self):
        """The same evening with its `Growing` lost and made again from what others hold."""
        picture = self.picture
        again = Growing.resume(
            picture,
            seed="tide",
            n_expected=24,
            threads=self.threads,
            saying=self.saying,
            by_word=self.by_word,
        )
        assert picture == self.picture
        return Evening(
            again,
            deepcopy(self.acts),
            deepcopy(self.motifs),
            dict(self.threads),
            set(self.by_word),
            self.n,
        )


def evening(n_warps=8, n_open=2, **more):
    more = {"seed": "tide", "n_expected": 24, "n_passages": 8, **more}
    begun = Evening(Growing(n_warps=n_warps, n_open=n_open, **more))
    begun.hear(begun.growing.begin())
    return begun


def happen(one, event):
    """Let one drawn thing happen; its acts."""
    what, a, b, motifs = event
    r, other = (a % max(1, one.n), b % max(1, one.n))
    if what == "tell":
        answers = other if other in one.motifs and b % 3 == 0 else -1
        return one.tell(motifs, thread=None, answers=answers, on_open=a % 7 == 0)
    if what == "tell named":
        return one.tell(motifs, thread=a % 5)
    if what == "forget":
        return one.forget(r)
    if what == "firm" and r in one.motifs and other in one.motifs and r != other:
        one.by_word.add((r, other))
        return one.hear(one.growing.firm(r, other))
    if what == "unfirm":
        one.by_word -= {(r, other), (other, r)}
        return one.hear(one.growing.unfirm(r, other))
    if what == "open":
        return one.hear(one.growing.keep_open())
    if what == "release":
        return one.hear(one.growing.release())
    return []


def events(tells=("tell", "tell", "tell"), others=("forget", "firm", "unfirm", "open", "release")):
    return st.lists(
        st.tuples(
            st.sampled_from([*tells, *tells, *others]),
            st.integers(0, 40),
            st.integers(0, 40),
            st.lists(st.integers(0, 5), max_size=3, unique=True),
        ),
        max_size=40,
    )


any_events = events(tells=("tell",)) | events(tells=("tell named",)) | events(others=())


@settings(max_examples=60, deadline=None)
@given(any_events)
def test_what_is_woven_never_moves_and_is_never_sent_again(drawn):
    one = evening()
    before = one.picture
    for event in drawn:
        acts = happen(one, event)
        after = one.picture

        sent = [act[1] for act in acts if act[0] == "passage"]
        newest = len(before.lanes) - 1
        assert all(newest <= t <= newest + 1 for t in sent)
        assert after.lanes[:newest] == before.lanes[:newest]
        if len(after.lanes) > len(before.lanes):
            assert after.lanes[newest] == before.lanes[newest]
        assert all(after.told[r] == told for r, told in before.told.items() if r in after.told)
        before = after


@settings(max_examples=60, deadline=None)
@given(any_events)
def test_a_warp_is_in_one_knot_a_passage_and_no_knot_ties_one_warp(drawn):
    one = evening()
    for event in drawn:
        happen(one, event)

    for t in range(len(one.picture.lanes)):
        knots = [knot.warps for knot in one.picture.knots.values() if knot.passage == t]
        tied = [w for warps in knots for w in warps]
        assert len(tied) == len(set(tied))
        assert all(2 <= len(warps) <= KNOT_WARPS_MAX for warps in knots)


@settings(max_examples=60, deadline=None)
@given(any_events)
def test_every_warp_of_a_knot_holds_somebody_who_says_its_motif_by_then(drawn):
    one = evening()
    for event in drawn:
        happen(one, event)

        picture = one.picture
        for knot in picture.knots.values():
            for w in knot.warps:
                assert any(
                    told.warp == w and told.passage <= knot.passage and knot.motif in one.motifs[r]
                    for r, told in picture.told.items()
                )


@settings(max_examples=60, deadline=None)
@given(any_events)
def test_a_knot_lies_together_at_its_passage_while_nobody_took_anything_back(drawn):
    one = evening()
    for event in drawn:
        if event[0] != "forget":
            happen(one, event)

    picture = one.picture
    for knot in picture.knots.values():
        at = sorted(int(order_of(picture.lanes[knot.passage])[w]) for w in knot.warps)
        assert at == list(range(at[0], at[0] + len(at)))


@settings(max_examples=40, deadline=None)
@given(any_events)
def test_a_passage_follows_from_the_one_before_and_its_knots_alone(drawn):
    one = evening()
    for event in drawn:
        if event[0] != "forget":
            happen(one, event)

    lanes = [tuple(bare_lanes(8)), *one.picture.lanes]
    for t, (before, after) in enumerate(pairwise(lanes)):
        knots = [knot.warps for knot in one.picture.knots.values() if knot.passage == t]
        assert laid_lanes(before, knots) == list(after)


@settings(max_examples=80, deadline=None)
@given(any_events, st.data())
def test_taken_up_again_anywhere_it_goes_on_as_if_it_had_never_stopped(drawn, data):
    cut = data.draw(st.integers(0, len(drawn)))
    one = evening()
    for event in drawn[:cut]:
        happen(one, event)
    again = one.resumed()

    went_on = [happen(one, event) for event in drawn[cut:]]

    assert [happen(again, event) for event in drawn[cut:]] == went_on


@settings(max_examples=40, deadline=None)
@given(any_events)
def test_lanes_are_whole_apart_and_within_the_moon(drawn):
    one = evening()
    for event in drawn:
        happen(one, event)

    reach = 1000 * slender(8)
    for lanes in one.picture.lanes:
        assert all(isinstance(lane, int) for lane in lanes)
        assert len(set(lanes)) == len(lanes)
        assert max(map(abs, lanes)) <= round(reach)


def test_acts_hold_nothing_but_numbers_and_fit_a_frame():
    one = evening(n_warps=48, n_open=0)
    for i in range(60):
        acts = one.tell([i % 4])

        assert len(json.dumps(acts)) < FRAME_BYTES_MAX
        flat = [part for act in acts for item in act[1:] for part in np.ravel(item).tolist()]
        assert all(isinstance(part, int) for part in flat)


def test_the_moon_is_full_before_anybody_tells():
    (warps, passage) = evening(n_warps=24, n_open=3).acts

    assert warps == ["warps", 24, 8, [4, 12, 20]]
    assert (min(passage[2]), max(passage[2])) == (-1000, 1000)
    assert {b - a for a, b in pairwise(passage[2])} <= {86, 87, 88}


def test_a_report_without_company_lies_far_from_the_others():
    one = evening(n_warps=9, n_open=0, n_expected=100)
    for _ in range(3):
        one.tell([])

    at = sorted(told.warp for told in one.picture.told.values())
    assert min(b - a for a, b in pairwise(at)) >= 2


def test_a_report_lies_beside_what_it_meets_and_is_tied_with_it():
    one = evening(n_warps=9, n_open=0, n_expected=100)
    one.tell([1])
    one.tell([2])
    one.tell([1])

    told = one.picture.told
    assert abs(told[0].warp - told[2].warp) == 1
    assert [(knot.motif, set(knot.warps), knot.firm) for knot in one.picture.knots.values()] == [
        (1, {told[0].warp, told[2].warp}, 0)
    ]


def test_open_warps_are_left_alone_until_somebody_tells_for_them():
    one = evening(n_warps=6, n_open=2, n_expected=500)
    for _ in range(12):
        one.tell([])
    kept = set(one.picture.open)
    acts = one.tell([], on_open=True)

    assert not kept & {told.warp for r, told in one.picture.told.items() if r < 12}
    assert acts == [["open", acts[0][1], 0], ["told", 12, acts[0][1], 0, -1, 0]]
    assert one.picture.open == kept - {acts[0][1]}


def test_seats_kept_later_lie_among_the_others():
    one = evening(n_warps=17, n_open=0)
    for _ in range(3):
        one.hear(one.growing.keep_open())

    kept = sorted(one.picture.open)
    assert min(b - a for a, b in pairwise([-1, *kept, 17])) >= 4
    assert one.growing.release(kept[0]) == [["open", kept[0], 0]]
    assert one.growing.release(kept[0]) == []


def test_where_every_warp_is_taken_none_is_kept_open():
    one = evening(n_warps=2, n_open=0)
    one.tell([])
    one.tell([])

    assert one.growing.keep_open() == []
    assert one.growing.release() == []


def test_a_dreamer_keeps_one_warp_where_threads_are_dreamers():
    one = evening(n_warps=8, n_open=1, n_expected=40)
    for i in range(30):
        one.tell([i % 3], thread=i % 6)

    warps = {(one.threads[r], told.warp) for r, told in one.picture.told.items()}
    assert len(warps) == 6
    assert len({warp for _, warp in warps}) == 6


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 7), max_size=2, unique=True), min_size=30, max_size=90))
def test_strands_share_what_they_meet_and_none_outgrows_the_others(drawn):
    one = evening(n_warps=6, n_open=1)
    warps = {}
    for i, motifs in enumerate(drawn):
        one.tell(motifs)
        warps[i] = one.picture.told[i].warp
        sizes = Counter(warps.values())

        # One and a half times the mean, rounded up.
        assert max(sizes.values()) <= -(-(i + 1) * 3 // (5 * 2))
    assert warps == {r: told.warp for r, told in one.picture.told.items()}


def test_a_strand_gathers_those_of_one_motif():
    one = evening(n_warps=4, n_open=0, n_expected=400)
    for i in range(80):
        one.tell([i % 4])

    for w in range(4):
        said = Counter(min(one.motifs[r]) for r, told in one.picture.told.items() if told.warp == w)
        assert max(said.values()) >= 0.7 * sum(said.values())


def test_one_in_twenty_is_what_ties_a_strand():
    one = evening(n_warps=2, n_open=0, n_expected=1000)
    for _ in range(50):
        one.tell([])
    one.tell([3])
    acts = one.tell([3])

    # Whichever warp it lies on, one report of twenty-five or more ties no strand.
    assert [act for act in acts if act[0] == "knot"] == []


def test_who_answers_is_tied_firmly_with_whom_they_answer():
    one = evening(n_warps=12, n_open=0, n_expected=200)
    for _ in range(8):
        one.tell([1])
    one.tell([2])
    one.tell([1, 2], answers=8)

    told, knots = one.picture.told, one.picture.knots
    assert [(knot.motif, knot.firm) for knot in knots.values() if told[9].warp in knot.warps] == [
        (2, 1)
    ]


def test_own_words_make_a_knot_firm_and_unsaying_them_light_again():
    one = evening(n_warps=8, n_open=0)
    one.tell([1])
    (*_, knot) = one.tell([1])

    assert one.growing.firm(0, 1) == [[*knot[:-1], 1]]
    assert one.growing.firm(1, 0) == []
    assert one.growing.unfirm(1, 0) == [[*knot[:-1], 0]]


def test_a_knot_that_is_firm_for_two_reasons_stays_firm_for_one():
    one = evening(n_warps=8, n_open=0)
    one.tell([1])
    one.tell([1], answers=0)

    assert one.growing.firm(0, 1) == []
    assert one.growing.unfirm(0, 1) == []


def test_what_is_taken_back_leaves_its_knots():
    one = evening(n_warps=8, n_open=0)
    for _ in range(3):
        one.tell([1])
    told, (k,) = one.picture.told, one.picture.knots
    tied = list(one.picture.knots[k].warps)
    tied.remove(told[1].warp)

    assert one.forget(1)[:2] == [["gone", 1], ["knot", k, 0, 1, tied, 0]]
    assert one.forget(0)[:2] == [["gone", 0], ["unknot", k]]


def test_a_strand_stays_tied_by_those_who_still_say_it():
    one = evening(n_warps=2, n_open=0, n_expected=100)
    for _ in range(4):
        one.tell([1])
    *others, last = [r for r, told in one.picture.told.items() if told.warp == 0]

    assert [one.forget(r) for r in others] == [[["gone", r]] for r in others]
    assert [act[0] for act in one.forget(last)] == ["gone", "unknot", "passage"]


def test_what_is_told_later_holds_no_warp_in_an_earlier_knot():
    one = evening(n_warps=8, n_open=0, n_expected=8)
    one.tell([1], thread=0)
    one.tell([1], thread=1)
    (k,) = one.picture.knots
    while len(one.picture.lanes) < 3:
        one.tell([], thread=2)
    one.tell([1], thread=0)

    # And the passage they left lies as it lay.
    assert one.forget(0) == [["gone", 0], ["unknot", k]]


def test_what_went_before_it_came_makes_no_act_and_no_knot():
    one = evening()
    one.tell([1])
    assert one.growing.forget(1) == [["gone", 1]]

    assert one.tell([1]) == []


def test_a_picture_left_with_a_knot_of_what_is_gone_is_mended_when_it_is_forgotten():
    one = evening(n_warps=8, n_open=0)
    one.tell([1])
    one.tell([1])
    # The node took report 1 back and died before the loom heard of it.
    one.acts.append(["gone", 1])
    del one.motifs[1]
    assert [act[0] for act in one.resumed().growing.forget(1)] == ["gone", "unknot", "passage"]
    assert [act[0] for act in one.resumed().growing.mend()] == ["unknot", "passage"]


def test_where_nothing_is_amiss_nothing_is_mended():
    one = evening(n_warps=8, n_open=0)
    for i in range(20):
        one.tell([i % 3], answers=i - 1 if i % 5 == 4 else -1)

    assert one.picture.knots
    assert one.resumed().growing.mend() == []


def test_a_motif_of_nobody_leaves_no_knot():
    one = evening(n_warps=8, n_open=0)
    one.tell([1])
    one.tell([1])
    one.tell([2])
    one.tell([2])

    one.hear(one.growing.end(1))

    assert {knot.motif for knot in one.picture.knots.values()} == {2}


def test_passages_grow_longer_and_the_last_never_ends():
    ends = [ends_after(t, 16, 60) for t in range(16)]

    assert sum(ends[:14]) == 60
    assert ends[0] == 3
    assert ends[-1] is None
    assert sum(ends[:7]) < sum(ends[7:14]) < 2 * sum(ends[:7])
    assert ends[14] >= ends[13]


@given(st.integers(2, 30), st.integers(1, 3000))
def test_every_passage_but_the_last_ends(n_passages, n_expected):
    ends = [ends_after(t, n_passages, n_expected) for t in range(n_passages)]

    assert min(ends[:-1]) >= 1
    assert ends[-1] is None


def test_more_than_was_expected_goes_on_in_the_last_passage():
    one = evening(n_warps=8, n_open=0, n_passages=4, n_expected=6)
    for _ in range(40):
        one.tell([])

    assert len(one.picture.lanes) == 4


def test_what_cannot_be_is_refused():
    one = evening()
    one.tell([])

    with pytest.raises(ValueError, match="told before"):
        one.growing.tell(0, thread=None, meets=[])
    with pytest.raises(ValueError, match="nothing was begun"):
        Growing(n_warps=5, n_open=0, seed="tide").tell(0, thread=None, meets=[])
    with pytest.raises(ValueError, match="fewer open"):
        Growing(n_warps=5, n_open=5, seed="tide")
    with pytest.raises(ValueError, match="two passages"):
        Growing(n_warps=5, n_open=0, seed="tide", n_passages=1)


@settings(max_examples=60)
@given(
    st.lists(st.integers(-1500, 1500), min_size=2, max_size=9),
    st.lists(st.integers(0, 8), max_size=3, unique=True),
    st.sampled_from([200.0, 600.0, 5000.0]),
)
def test_lanes_within_a_reach_agree_with_the_slow_projection(want, knot, reach):
    n = len(want)
    knot = [w for w in knot if w < n]
    places = order_of([w not in knot for w in range(n)])
    gaps = Gaps(20.0, 90.0, 40.0)

    y = nearest_lanes(np.array(want, dtype=float), places, [knot], gaps, reach=reach)

    # Blocks side by side, each pulled as one; then every one of them held within.
    order = np.argsort(places).tolist()
    tied = len(knot) if len(knot) > 1 else 0
    steps = [20.0 if i < tied else 90.0 * 0.72 if i == tied and tied else 40.0 for i in range(1, n)]
    offset = np.concatenate([[0.0], np.cumsum(steps)])
    offset *= min(1.0, 2 * reach / offset[-1])
    block = [0 if i < tied else i - max(0, tied - 1) for i in range(n)]
    total, weight = np.zeros(block[-1] + 1), np.zeros(block[-1] + 1)
    for i, w in enumerate(order):
        total[block[i]] += want[w] - offset[i]
        weight[block[i]] += 1
    shift = np.clip(isotonic(total[None], weight[None])[0], -reach, reach - offset[-1])
    slow = [offset[i] + shift[block[i]] for i in range(n)]
    assert [y[w] for w in order] == pytest.approx(slow, abs=1e-5)


# ------------------------------------------------------------------ the invented sample


@pytest.fixture(scope="module")
def sample():
    """The packaged evening as a loom hears it: teller, motifs with whom they are shared, answers."""
    from dreamweave.loom.living import Living

    rows = files("dreamweave.sample").joinpath("metropolis-arcana.jsonl").read_text("utf-8")
    told = [row for row in map(json.loads, rows.splitlines()) if "text" in row]
    at = {row["id"]: r for r, row in enumerate(told)}
    people = list(dict.fromkeys(row["teller"] for row in told))
    living = Living(seed="tide", n_expected=len(people))
    heard = []
    for r, row in enumerate(told):
        teller, answers = people.index(row["teller"]), at.get(row.get("answers"))
        one = living.tell(r, teller, row["text"], row.get("lang"), answers=answers)
        meets = [(meet.motif, meet.reports) for meet in one.meets]
        heard.append((teller, meets, -1 if answers is None else answers))
    return heard


def grown(sample, *, n_warps, named):
    growing = Growing(n_warps=n_warps, n_open=0, seed="tide", n_expected=len(sample))
    acts = growing.begin()
    for r, (teller, meets, answers) in enumerate(sample):
        acts += growing.tell(r, thread=teller if named else None, meets=meets, answers=answers)
    return acts, folded(acts)


def hindsight(seats, passages):
    """The whole evening laid at once from the same seats: `closing_order` would choose the seats too.

    From what was laid live, passage by passage and strand by strand, each against all
    that comes before and after it, while that saves anything.
    """
    rows = np.vstack([seats[None], storyline.live_order(seats, passages)])
    passages = [[], *passages]
    n, cost = len(seats), storyline._cost(rows)
    while True:
        for i in range(n):
            trial = rows.copy()
            storyline._lay_anew(trial, i, storyline._knot_of(n, passages))
            trial[0] = seats
            if storyline._cost(trial) < storyline._cost(rows):
                rows = trial
        for t in range(1, len(rows)):
            upset = sum(storyline._upset(near) for near in (rows[t - 1], *rows[t + 1 : t + 2]))
            rows[t] = storyline._settled(storyline._laid_blocks(rows[t], passages[t]), upset)
        before, cost = cost, storyline._cost(rows)
        if cost >= before:
            return rows[1:]


@pytest.mark.parametrize(("n_warps", "named"), [(24, True), (36, False), (24, False)])
def test_live_crosses_little_more_than_if_the_whole_evening_had_been_known(sample, n_warps, named):
    _, picture = grown(sample, n_warps=n_warps, named=named)
    passages = [
        [knot.warps for knot in picture.knots.values() if knot.passage == t]
        for t in range(len(picture.lanes))
    ]
    seats = np.arange(n_warps)

    live = total_crossings(np.array([seats, *map(order_of, picture.lanes)]))
    known = total_crossings(np.array([seats, *hindsight(seats, passages)]))

    assert sum(map(len, passages)) > 30
    assert known <= live <= 1.6 * known


@pytest.mark.parametrize("named", [True, False])
def test_the_sample_grows_from_horn_to_horn(sample, named):
    acts, picture = grown(sample, n_warps=36, named=named)

    assert len(picture.told) == len(sample)
    assert 13 <= len(picture.lanes) <= 16
    assert len(picture.knots) > 30
    assert any(knot.firm for knot in picture.knots.values())
    assert grown(sample, n_warps=36, named=named)[0] == acts
