"""The scene holds everything a drawing needs, nothing it must not, and is the same each time."""

import base64
import dataclasses
import json
from functools import cache
from itertools import pairwise

import makers_weaves as makers
import numpy as np
import pytest

from dreamweave.dreamscape.scene import scene
from dreamweave.model.reports import FEELINGS

KEYS = (
    "n T S mode strand_of offset strand_size open xy z dye shade light width casing weight "
    "passage_u knots wefts weft labels seats seat_radius ring band opening crossings"
)
WEAVES = {
    "sample": makers.sample_like,
    "undyed": makers.undyed,
    "trio": makers.trio,
    "crowd": lambda: makers.crowd(200),
    "one": lambda: makers.weave_of(1, 1),
    "one, felt": lambda: makers.weave_of(1, 1, feelings={0: "joy"}, named=True),
    "two": lambda: makers.weave_of(2, 1, [(0, 0, (0, 1))]),
    "two apart": lambda: makers.weave_of(2, 5),
    "all in one knot": lambda: makers.weave_of(30, 3, [(1, 3, tuple(range(30)))], n_open=2),
    "no knots": lambda: makers.weave_of(60, 7),
    "one passage": lambda: makers.weave_of(9, 1, [(0, 0, (0, 1, 2)), (0, 1, (5, 8))]),
    "many passages": lambda: makers.scattered(20, n_passages=40),
}


@cache
def sample():
    return scene(makers.sample_like())


@cache
def crowded():
    return scene(makers.crowd(200))


def unpacked(text, kind, shape):
    return np.frombuffer(base64.b64decode(text), dtype=kind).reshape(shape)


def arrays(s):
    n, samples = s["n"], s["S"]
    return {
        "wide": unpacked(s["xy"]["wide"], "<i2", (n, samples, 2)) / 10,
        "phone": unpacked(s["xy"]["phone"], "<i2", (n, samples, 2)) / 10,
        "z": unpacked(s["z"], np.uint8, (n, samples)),
        "dye": unpacked(s["dye"], np.uint8, (n, samples, 4)),
        "light": unpacked(s["light"], np.uint8, (n, samples)),
    }


@pytest.mark.parametrize("name", WEAVES)
def test_every_weave_has_a_whole_scene_on_its_sheets(name):
    weave = WEAVES[name]()

    s = scene(weave)

    assert sorted(s) == sorted(KEYS.split())
    json.dumps(s, allow_nan=False)
    a = arrays(s)
    for sheet, w, h in (("wide", 1600, 1000), ("phone", 390, 844)):
        # A thick cord may touch the edge with its tip on a phone, where horns end.
        inside = a[sheet][:, 10:-10]
        assert inside.min() >= 0
        assert (inside <= [w + 4, h]).all()
    n_woven = s["n"] - len(s["open"])
    assert len(s["strand_of"]) == len(s["offset"]) == len(weave.threads)
    assert set(s["strand_of"]) == set(range(n_woven))
    assert s["open"] == list(range(n_woven, s["n"]))
    assert len(s["strand_size"]) == len(s["weight"]) == len(s["shade"]) == s["n"]
    assert sum(s["strand_size"][:n_woven]) == len(weave.threads)
    assert sum(s["strand_size"][n_woven:]) == weave.n_open


@pytest.mark.parametrize("name", ["sample", "trio"])
def test_the_same_weave_gives_the_same_bytes(name):
    assert json.dumps(scene(WEAVES[name]())) == json.dumps(scene(WEAVES[name]()))


def test_another_seed_changes_dye_and_shade_but_no_place():
    a = sample()
    b = scene(dataclasses.replace(makers.sample_like(), seed="00"))

    assert a["xy"] == b["xy"]
    assert a["shade"] != b["shade"]
    assert a["dye"] != b["dye"]


def test_knots_hold_neighbours_in_lane_order():
    s = sample()
    wide = arrays(s)["wide"]
    centre = np.array([800.0, 222.0])

    for knot in s["knots"]:
        at = round(knot["u"] * (s["S"] - 1))
        away = np.hypot(*(wide[:, at] - centre).T)
        inner_to_outer = np.argsort(away, kind="stable").tolist()
        first = inner_to_outer.index(knot["s"][0])
        assert inner_to_outer[first : first + len(knot["s"])] == knot["s"]


def test_every_weaves_knot_is_drawn_when_nobody_is_in_two_at_once():
    weave = makers.sample_like()

    s = scene(weave)

    assert sorted(k for knot in s["knots"] for k in knot["k"]) == list(range(len(weave.knots)))
    assert [k["firm"] for k in s["knots"]] == [weave.knots[k["k"][0]].firm for k in s["knots"]]


def test_wefts_lie_on_their_knot_and_light_ones_are_fewer():
    knots = [(1, 0, (0, 1, 2, 3)), (3, 1, (0, 1, 2, 3))]
    s = scene(makers.weave_of(24, 5, knots, firm=[0], feelings=dict.fromkeys(range(4), "calm")))

    by_knot = {g: [w for w in s["wefts"]["wide"] if w[5] == g] for g in (0, 1)}

    assert len(by_knot[0]) > 1.25 * len(by_knot[1])
    assert {w[6] for w in by_knot[0]} == {1}
    assert {w[6] for w in by_knot[1]} == {0}
    assert {w[4] for g in by_knot.values() for w in g} == {FEELINGS.index("calm")}
    wide = arrays(s)["wide"]
    for g, wefts in by_knot.items():
        knot = s["knots"][g]
        at = round(knot["u"] * (s["S"] - 1))
        middle = wide[knot["s"], at].mean(axis=0)
        for x0, y0, x1, y1, *_ in wefts:
            assert np.hypot((x0 + x1) / 20 - middle[0], (y0 + y1) / 20 - middle[1]) < 60


def test_only_what_was_said_dyes():
    weave = makers.weave_of(
        6, 8, [(2, 0, (0, 1)), (5, 1, (1, 2))], feelings={0: "fear", 1: "joy"}, n_open=1
    )

    dye = arrays(scene(weave))["dye"]

    felt = [sorted({int(f) for f in dye[i, :, :2].ravel()} - {255}) for i in range(7)]
    assert felt == [[FEELINGS.index("fear")], [FEELINGS.index("joy")], [], [], [], [], []]
    assert (dye[2:, :, 3] == 0).all()
    # Nothing is dyed before it was told, but for the feathered edge of its own passage.
    before = np.linspace(0, 1, dye.shape[1]) < 0.125 + 0.75 * (2 - 0.9) / 7
    assert dye[:, before, 3].max() < 20
    assert dye[0, round(239 * (0.125 + 0.75 * 2 / 7)), 3] > 200


def test_stronger_feelings_dye_deeper():
    amounts = []
    for how in (1, 2, 3):
        weave = makers.weave_of(2, 3, [(1, 0, (0, 1))], feelings={0: "wonder"}, intensity={0: how})
        amounts.append(int(arrays(scene(weave))["dye"][0, 120, 3]))

    assert amounts == sorted(amounts)
    assert amounts[0] < 230 < amounts[2]


def test_two_feelings_in_one_place_alternate_and_do_not_blur():
    weave = makers.weave_of(2, 1, [(0, 0, (0, 1)), (0, 1, (0, 1))])
    told = [
        dataclasses.replace(f, feeling="joy" if f.motif_i == 0 else "sorrow")
        for f in weave.fragments
    ]

    dye = arrays(scene(dataclasses.replace(weave, fragments=tuple(told))))["dye"][0]

    strong = dye[dye[:, 3] > 128]
    pure = (strong[:, 2] < 26) | (strong[:, 2] > 229)
    assert pure.mean() > 0.6
    assert {int(a) for a in strong[:, 0]} <= {0, 5}
    assert (strong[:, 2] < 26).any()
    assert (strong[:, 2] > 229).any()


def test_a_weave_without_feelings_is_undyed_and_has_light_where_people_meet():
    s = scene(makers.undyed())
    a = arrays(s)

    assert (a["dye"][:, :, :2] == 255).all()
    assert (a["dye"][:, :, 2:] == 0).all()
    assert len(set(s["shade"])) > 10
    assert {w[4] for w in s["wefts"]["wide"]} == {-1}
    knot = next(k for k in s["knots"] if k["firm"])
    at = round(knot["u"] * (s["S"] - 1))
    assert (a["light"][knot["s"], at] > 200).all()


def test_names_stand_only_where_they_were_asked_for():
    # Even if a name were on a thread by mistake, an unnamed weave shows none.
    named, unnamed = sample(), scene(dataclasses.replace(makers.sample_like(), named=False))

    said = [q["name"] for q in named["seats"]["wide"] if q["state"] == "voice"]
    assert said == list(makers.NAMES)
    assert [q["name"] for q in unnamed["seats"]["wide"]] == [None] * 31
    assert not any(name in json.dumps(unnamed) for name in makers.NAMES)


def test_no_fragments_words_and_no_tags_travel_in_a_scene():
    weave = makers.sample_like()
    told = tuple(
        dataclasses.replace(f, text=f"CANARY{k}", id=f"CANARY{k}")
        for k, f in enumerate(weave.fragments)
    )
    threads = tuple(dataclasses.replace(t, tag="CANARY", name=None) for t in weave.threads)

    text = json.dumps(scene(dataclasses.replace(weave, fragments=told, threads=threads)))

    assert "CANARY" not in text


def test_seats_stand_in_order_with_the_others_among_them():
    seats = sample()["seats"]

    states = [q["state"] for q in seats["wide"]]
    assert [states.count(s) for s in ("voice", "listening", "open")] == [24, 3, 4]
    assert [q["thread"] for q in seats["wide"] if q["state"] == "voice"] == list(range(24))
    opened = [k for k, s in enumerate(states) if s == "open"]
    assert 0 not in opened
    assert 30 not in opened
    assert min(b - a for a, b in pairwise(opened)) > 3
    assert seats["phone"] == []


def test_past_sixty_seats_there_are_marks_alone_and_past_a_thousand_a_ring():
    some, crowd = crowded(), scene(makers.crowd(5_000))

    assert {(q["name"] is None, q["label"] is None) for q in some["seats"]["wide"]} == {
        (True, True)
    }
    assert some["ring"] == []
    assert crowd["seats"] == {"phone": [], "wide": []}
    kinds = [p[2] for p in crowd["ring"]]
    # 5,000 voices, 833 listening, 500 kept open: all of them, since they fit.
    assert (len(kinds), kinds.count(-3), kinds.count(-2)) == (6_333, 833, 500)
    assert all(0 <= x <= 16_000 and 0 <= y <= 10_000 for x, y, _ in crowd["ring"])


def test_ring_of_very_many_is_an_even_sample():
    weave = dataclasses.replace(makers.crowd(200), n_listening=30_000, n_open=10_000)

    kinds = [p[2] for p in scene(weave)["ring"]]

    assert len(kinds) == 9_000
    assert kinds.count(-2) == pytest.approx(9_000 * 10_000 / 40_200, abs=60)


def test_open_warps_are_among_the_strands_and_hold_no_knot():
    s = sample()
    wide = arrays(s)["wide"][:, 120, 1]

    woven = wide[: s["n"] - len(s["open"])]
    assert len(s["open"]) == 4
    assert all(woven.min() < wide[i] < woven.max() for i in s["open"])
    assert not {i for k in s["knots"] for i in k["s"]} & set(s["open"])


def test_a_thread_of_many_can_be_drawn_alone_within_its_strand():
    s = crowded()

    assert s["mode"] == "strands"
    assert all(-1 < o < 1 for o in s["offset"])
    places = list(zip(s["strand_of"], s["offset"], strict=True))
    assert len(set(places)) == 200
