"""The scene: one layout that every drawing of a weave shares.

`scene(weave)` decides where everything lies and what dyes it, once, in plain
values that can travel as JSON. It draws nothing and knows no colour: a drawing
maps feelings to its ground (`palette`). The same weave gives the same bytes.

Positions are design units, wide 1600 by 1000, phone 390 by 844; "tenths" are
tenths of one. A feeling is an index in `FEELINGS`. Base64 arrays are
little-endian, C order. Angles are degrees clockwise from rightward.

    n                 strands drawn, open warps included (they are the last ones)
    T, S              passages; samples along u (240, more past 20 passages), sample s at
                      u = s / (S - 1)
    mode              "threads": strand i is thread i; "strands": many threads a strand
    strand_of         [N] strand of each thread
    offset            [N] where a thread lies across its strand, -1..1 (0 in "threads").
                      A thread drawn alone follows its strand, shifted across it by
                      offset * half the strand's width
    strand_size       [n] threads in each strand; for an open warp the seats it stands for
    open              strands that are open warps: no dye, no knots, dotted
    xy                {"wide", "phone"}: int16 (n, S, 2), tenths
    z                 uint8 (n, S), higher lies over lower
    dye               uint8 (n, S, 4): feeling A (255 none), feeling B (255 none), share of B
                      0..255, amount of dye 0..255. Take A and B from the nearest sample;
                      mix by share in OKLab (where two feelings were told in one place
                      the share already alternates in bands, so nothing turns grey)
    shade             [n] 0..255, quiet differences of undyed linen from strand to strand:
                      mix the ground's `linen_low` and `linen_high` by it
    light             uint8 (n, S): 255 where a strand meets others, falling off to both sides.
                      Linen lightens there, so that a weave nobody dyed has its bright places
    width             {"wide", "phone"}: [base, plus at full dye]; narrower by 42 % at the horns' tips
    casing            {"wide", "phone"}: what the dark casing adds to a strand's width
    weight            [n] factor on width: by the root of people, 1 in "threads"
    passage_u         [T]
    knots             {"p" passage, "m" motif, "s" strands in lane order inner to outer, "firm",
                      "k" indices into weave.knots, "u" centre, "h" half length in u}.
                      A weave's knot that is in no "k" is told in the text alone: its
                      people are in a larger knot of that passage (a thread is drawn in one)
    wefts             {"wide", "phone"}: [x0, y0, x1, y1, feeling or -1, index in knots, firm 0/1],
                      tenths, to be stroked "weft" wide on a casing
    weft              {"wide", "phone"}: [stroke of a firm weft, of a light one, casing adds]
    labels            {"wide": [{"text", "lang", "motif", "knot", "size", and either "path": baseline
                      [[x, y], ...] along the arc, the text in its middle; or "straight": true,
                      "x", "y" (middle of the baseline), "angle"}],
                      "phone": [{"text", "lang", "motif", "knot", "size", "x", "y"}] upright,
                      x the middle and y the baseline}. "knot" is an index in knots
    seats             {"wide": [{"x", "y", "angle", "state", "strand", "thread", "name", "mark",
                      "label": [x, y] | null}], "phone": []}: state is "voice", "listening" or
                      "open"; label is where a name stands, its baseline's middle, turned by
                      angle; beyond 60 seats there is none. Past 1,000 people: [] (see ring)
    seat_radius       radius of a seat's mark
    ring              [] or up to 9,000 [x, y, feeling or -1 unsaid, -2 kept open, -3 listening],
                      tenths, wide sheet
    band              {"wide", "phone"}: closed outline [[x, y], ...] of the glow
    opening           {"wide", "phone"}: {"x", "y", "w", "h"} free room for title and text
    crossings         pairs of strands that change sides, over the whole evening

Order and lanes are one for both sheets, so a thread lies between the same
neighbours on every screen and in print.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape import crescent
from dreamweave.dreamscape.crescent import SHEETS
from dreamweave.dreamscape.dyeing import dyes
from dreamweave.dreamscape.labels import Spot, arc_labels, flat_labels
from dreamweave.dreamscape.lanes import lanes
from dreamweave.dreamscape.measures import gaps_of, slender
from dreamweave.dreamscape.noise import bytes_of
from dreamweave.dreamscape.patches import half_length, member_feelings, wefts
from dreamweave.dreamscape.seats import ring, seats
from dreamweave.dreamscape.storyline import closing_order, total_crossings, with_open
from dreamweave.dreamscape.strands import THREADS_MAX, Gathering, gather
from dreamweave.model.weaves import Weave

Floats = NDArray[np.float64]

# A lane is never stretched more than this beyond its gaps: few people make a
# slender moon and not a wide one with far-flung threads.
_STRETCH_MAX = 1.7


def scene(weave: Weave) -> dict[str, Any]:
    """Lay out a weave for every drawing. The keys are in this file's opening.

    Cost: processor time on one shared core, November 2026, 16 passages: 24 threads
        0.24 s, 48 threads 0.31 s, 200 threads 0.47 s, 5,000 threads 1.05 s.
    """
    drawn = gather(weave)
    # A weave of no passage at all still has its threads, from horn to horn.
    n, n_passages = drawn.n, max(1, len(weave.passages))
    passages: list[list[tuple[int, ...]]] = [[] for _ in range(n_passages)]
    for meet in drawn.meets:
        passages[meet.passage].append(meet.strands)
    places = _places(drawn, passages)
    gaps = gaps_of(drawn.n_woven, strands=drawn.mode == "strands")
    lane = lanes(places, passages, gaps)
    reach = float(np.abs(lane).max()) if lane.size else 0.0

    n_samples = crescent.samples(n_passages)
    u = np.linspace(0, 1, n_samples)
    at_u = crescent.passage_u(n_passages)
    dye = dyes(weave, drawn.of_thread, np.array(drawn.size, dtype=np.int64), n, u)
    meets = []
    for meet in drawn.meets:
        felt = dict(zip(meet.strands, member_feelings(weave, meet, drawn.of_thread), strict=True))
        order = sorted(meet.strands, key=lambda s: int(places[meet.passage, s]))
        meets.append((meet, order, [felt[s] for s in order]))

    out: dict[str, Any] = {
        "n": n,
        "T": n_passages,
        "S": n_samples,
        "mode": drawn.mode,
        "strand_of": [int(s) for s in drawn.of_thread],
        "offset": [float(o) for o in drawn.offset],
        "strand_size": [*drawn.size, *drawn.open_size],
        "open": list(range(drawn.n_woven, n)),
        "xy": {},
        "z": _b64(np.rint(127.5 + 127.5 * crescent.depth(n, u)).astype(np.uint8)),
        "dye": _b64(dye),
        "shade": [int(b) for b in bytes_of(weave.seed, "shade", n)],
        "light": _b64(np.rint(255 * _light(drawn, at_u, u)).astype(np.uint8)),
        "width": {},
        "casing": {"wide": 2.3, "phone": 1.3},
        "weight": _weights(drawn),
        "passage_u": [round(float(x), 6) for x in at_u],
        "knots": [
            {
                "p": meet.passage,
                "m": meet.motif,
                "s": order,
                "firm": meet.firm,
                "k": list(meet.knots),
                "u": round(float(at_u[meet.passage]), 6),
                "h": half_length(len(order), n_passages),
            }
            for meet, order, _ in meets
        ],
        "wefts": {},
        "weft": {},
        "labels": {},
        "seats": {"phone": []},
        "ring": ring(SHEETS["wide"], weave),
        "band": {},
        "opening": {},
        "crossings": total_crossings(places),
    }
    out["seats"]["wide"], out["seat_radius"] = seats(SHEETS["wide"], weave, drawn.of_thread)
    filled = slender(drawn.n_woven)
    for name, sheet in SHEETS.items():
        scale = min(_STRETCH_MAX, 168 * filled / reach) if reach else 0.0
        scale *= sheet.half / 168
        small = 1.0 if name == "wide" else 0.435
        v = crescent.across(sheet, lane, u, scale)
        xy = crescent.point(sheet, np.broadcast_to(u, v.shape), v)
        base, plus = _body(drawn.n_woven)
        body = base * small
        weft = 2.0 * small * min(1.8, max(0.55, base / 3.1))
        gap = gaps.inside * scale
        out["xy"][name] = _b64(np.rint(10 * xy).astype("<i2"))
        out["width"][name] = [round(body, 2), round(plus * small, 2)]
        out["weft"][name] = [round(weft, 2), round(0.74 * weft, 2), round(0.55 * weft, 2)]
        out["wefts"][name] = wefts(
            sheet, [(m, f, o) for m, o, f in meets], at_u, n_passages, v, u, gap, body
        )
        out["band"][name] = np.round(crescent.band(sheet, filled), 1).tolist()
        x, y, w, h = crescent.opening(sheet)
        out["opening"][name] = {
            "x": round(x, 1),
            "y": round(y, 1),
            "w": round(w, 1),
            "h": round(h, 1),
        }
        spots = _spots(weave, out["knots"], u, v, max(0.67 * gap, 0.72 * body))
        if name == "wide":
            amount = dye[:, :, 3] / 255.0
            seated = bool(out["seats"]["wide"] or out["ring"])
            out["labels"][name] = arc_labels(sheet, spots, v, amount, body, seated=seated)
        else:
            out["labels"][name] = flat_labels(sheet, spots)
    return out


def _places(drawn: Gathering, passages: list[list[tuple[int, ...]]]) -> NDArray[np.int64]:
    """The order of all strands at all passages, open warps spread evenly among the woven."""
    n, n_open = drawn.n_woven, len(drawn.open_size)
    places = closing_order(np.arange(n, dtype=np.int64), passages)
    return with_open(places, passages, [(2 * k + 1) * n // (2 * n_open) for k in range(n_open)])


def _body(n: int) -> tuple[float, float]:
    """A strand's width on the wide sheet, undyed, and what full dye adds."""
    if n <= 5:
        return 13.0, 5.0
    if n <= 24:
        return 3.1 * (24 / n) ** 0.75, 2.5 * (24 / n) ** 0.5
    if n <= THREADS_MAX:
        return 3.1 * (24 / n) ** 0.5, 2.5 * (24 / n) ** 0.4
    return 1.5 + 0.5 * (72 - min(n, 72)) / 24, 1.5


def _light(drawn: Gathering, at_u: Floats, u: Floats) -> Floats:
    """How near each sample lies to a knot of its strand: (n, S), 1 at a firm one, .7 at a light one."""
    out = np.zeros((drawn.n, len(u)))
    per_passage = (crescent.U1 - crescent.U0) / max(1, len(at_u) - 1)
    for meet in drawn.meets:
        d = (u - at_u[meet.passage]) / max(per_passage, 0.03)
        near = np.exp(-(d**4) / (2 * 0.45**4)) * (1.0 if meet.firm else 0.7)
        members = list(meet.strands)
        out[members] = np.maximum(out[members], near)
    return out


def _weights(drawn: Gathering) -> list[float]:
    """Width by the root of people, around 1; held within bounds so that nobody is a hair."""
    if drawn.mode == "threads":
        return [1.0] * drawn.n
    mean = sum(drawn.size) / len(drawn.size)
    held = [min(1.6, max(0.65, (s / mean) ** 0.5)) for s in drawn.size]
    return [round(w, 3) for w in held] + [1.0] * len(drawn.open_size)


def _spots(
    weave: Weave, knots: list[dict[str, Any]], u: Floats, v: Floats, reach: float
) -> list[Spot]:
    """Where each drawn knot lies across the band, for its word."""
    spots = []
    for k, knot in enumerate(knots):
        at = [float(np.interp(knot["u"], u, v[s])) for s in knot["s"]]
        motif = weave.motifs[knot["m"]]
        if not motif.name.strip():
            continue
        people = {i for g in knot["k"] for i in weave.knots[g].threads}
        spots.append(
            Spot(
                knot=k,
                motif=knot["m"],
                passage=knot["p"],
                n=len(people),
                name=motif.name,
                lang=motif.lang,
                u=knot["u"],
                half=knot["h"],
                low=min(at) - reach,
                high=max(at) + reach,
            )
        )
    return spots


def _b64(array: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
