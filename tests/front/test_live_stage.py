"""The stage shows one event at a time; and the crescent of screens is the one of prints.

The page's own code is asked, with a clock and frames that this test turns.
"""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from own_scripts import node_script

from dreamweave.dreamscape import crescent

_ASK = """
import { readFileSync } from "node:fs";
import { build } from "esbuild";
const made = await build({
  stdin: {
    contents: 'export * from "./src/live/stage.ts"; export * from "./src/live/geometry.ts"',
    resolveDir: process.cwd(), loader: "ts",
  },
  bundle: true, format: "esm", write: false,
});
const live = await import("data:text/javascript," + encodeURIComponent(made.outputFiles[0].text));
const asked = JSON.parse(readFileSync(0, "utf8"));

// A clock of our own: frames every 16 ms, timers when they are due.
function world(takes) {
  const log = [];
  let now = 0, frame = null, timers = [], n_frames = 0;
  globalThis.document = { hidden: false };
  globalThis.window = globalThis;
  globalThis.requestAnimationFrame = (f) => { frame = f; n_frames++; return n_frames; };
  globalThis.cancelAnimationFrame = () => { frame = null; };
  globalThis.setTimeout = (f, ms) => { timers.push([now + ms, f]); return timers.length; };
  globalThis.clearTimeout = () => { timers = []; };
  const player = {
    take: (heard, still) => {
      log.push(["take", heard.map((one) => one.acts[0][1]), still, now]);
      return still ? 0 : takes;
    },
    show: () => {},
    end: () => log.push(["end", now]),
  };
  const turn = (ms) => {
    for (const end = now + ms; now < end; ) {
      now += 16;
      const due = timers.filter(([at]) => at <= now);
      timers = timers.filter(([at]) => at > now);
      for (const [, f] of due) f();
      const f = frame;
      frame = null;
      if (f) f(now);
    }
  };
  return { log, player, turn, frames: () => n_frames };
}
const heard = (k) => ({ acts: [["held", k]], words: null });
const answer = {};

{ // Two events: the second waits for the first, and for a calm after it.
  const { log, player, turn, frames } = world(1000);
  const stage = new live.Stage(player, new live.Pace(true, () => {}), () => false);
  stage.hear(heard(0)); stage.hear(heard(1));
  turn(6000);
  const before = frames();
  turn(2000);
  answer.two = { log, silent: frames() - before, busy: stage.busy };
}
{ // Many events while one is shown: all that wait are shown at once.
  const { log, player, turn } = world(1000);
  const stage = new live.Stage(player, new live.Pace(true, () => {}), () => false);
  for (let k = 0; k < 7; k++) stage.hear(heard(k));
  turn(6000);
  answer.many = log;
}
{ // Still: one change after another, at most three a second.
  const { log, player, turn } = world(1000);
  const stage = new live.Stage(player, new live.Pace(true, () => {}), () => true);
  for (let k = 0; k < 40; k++) { stage.hear(heard(k)); turn(64); }
  turn(3000);
  answer.still = log.map(([, ks, , at]) => [ks, at]);
}
{ // A hidden page keeps nothing waiting.
  const { log, player, turn } = world(1000);
  const stage = new live.Stage(player, new live.Pace(true, () => {}), () => false);
  stage.hear(heard(0)); turn(100);
  document.hidden = true;
  stage.hear(heard(1)); stage.hear(heard(2));
  turn(2000);
  answer.hidden = log;
}
{ // Late frames: fewer pixels, then no glow, half the frames, stills.
  const tiers = [];
  const pace = new live.Pace(false, () => tiers.push(pace.tier));
  pace.begin();
  for (let k = 0; k < 40; k++) pace.note(40);
  const halved = pace.tier;
  for (let k = 0; k < 40; k++) pace.note(90);
  const steady = new live.Pace(true, () => {});
  for (let k = 0; k < 40; k++) steady.note(90);
  answer.pace = { tiers, halved, steady: steady.tier };
}
answer.crescent = asked.map(({ sheet, lanes, us }) =>
  lanes[0].map((_, i) =>
    us.map((u) => live.point(live.SHEETS[sheet], u, live.across(live.SHEETS[sheet], lanes, i, u)))));
answer.openings = ["wide", "phone"].map((name) => Object.values(live.SHEETS[name].opening));
answer.bands = ["wide", "phone"].map((name) => live.band(live.SHEETS[name], 24));
answer.future = live.allLanes([[0, -400, 600]], 3, 4);
console.log(JSON.stringify(answer));
"""

US = np.linspace(0, 1, 97)
LANES = {n: np.random.default_rng(n).integers(-900, 900, (n, 7)) for n in (2, 16, 24)}


@pytest.fixture(scope="module")
def twin():
    asked = [
        {"sheet": sheet, "lanes": lanes.tolist(), "us": US.tolist()}
        for lanes in LANES.values()
        for sheet in crescent.SHEETS
    ]
    with node_script(_ASK) as run:
        return run(said=json.dumps(asked))


def test_an_event_waits_until_the_one_before_it_was_shown(twin):
    told = twin["two"]

    assert [one[:2] for one in told["log"] if one[0] == "take"] == [["take", [0]], ["take", [1]]]
    first_end = next(one[1] for one in told["log"] if one[0] == "end")
    second = next(one for one in told["log"] if one[:2] == ["take", [1]])
    assert second[3] >= first_end + 333
    assert told["silent"] == 0
    assert not told["busy"]


def test_when_too_much_waits_all_of_it_is_shown_at_once(twin):
    taken = [one[1:3] for one in twin["many"] if one[0] == "take"]

    assert taken == [[[0], False], [[1, 2, 3, 4, 5, 6], True]]


def test_still_changes_come_no_more_than_three_times_a_second(twin):
    moments = [at for _, at in twin["still"]]

    assert [k for ks, _ in twin["still"] for k in ks] == list(range(40))
    assert min(b - a for a, b in pairwise(moments)) >= 333


def test_a_page_that_nobody_sees_keeps_nothing_waiting(twin):
    taken = [one[1:3] for one in twin["hidden"] if one[0] == "take"]

    assert taken[0] == [[0], False]
    assert [k for ks, _ in taken for k in ks] == [0, 1, 2]
    assert all(still for _, still in taken[1:])


def test_a_slow_machine_is_asked_for_less_step_by_step(twin):
    assert twin["pace"] == {"tiers": [1, 2, 3, 4], "halved": 3, "steady": 0}


def test_warps_run_where_prints_have_them(twin):
    asked = [(lanes, sheet) for lanes in LANES.values() for sheet in crescent.SHEETS.values()]
    for (lanes, sheet), told in zip(asked, twin["crescent"], strict=True):
        v = crescent.across(sheet, lanes.astype(float), US, sheet.half / 1000)
        wanted = crescent.point(sheet, np.broadcast_to(US, v.shape), v)
        np.testing.assert_allclose(np.array(told), wanted, atol=1e-6)


def test_opening_and_glow_are_those_of_prints(twin):
    for sheet, opening, band in zip(
        crescent.SHEETS.values(), twin["openings"], twin["bands"], strict=True
    ):
        np.testing.assert_allclose(opening, crescent.opening(sheet), atol=0.06)
        np.testing.assert_allclose(band, crescent.band(sheet), atol=1e-6)


def test_what_is_to_come_is_strung_evenly_in_the_newest_order(twin):
    laid, easing, even, last = twin["future"]

    assert laid == [0, -400, 600]
    assert even == last == [0, -600, 600]
    assert easing == [0, -500, 600]
