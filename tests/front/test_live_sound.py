"""Sound: pitches, timbres and places as they were decided, and the limits, on what is really rendered."""

from __future__ import annotations

import pytest
from own_scripts import node_script, own_scripts

_BUNDLE = """
import { build } from "esbuild";
const made = await build({
  stdin: { contents: 'export * from "./src/live/bells.ts"', resolveDir: process.cwd(), loader: "ts" },
  bundle: true, format: "iife", globalName: "bells", write: false,
});
console.log(JSON.stringify(made.outputFiles[0].text));
"""

# Renders what `given` asks for; answers peak, loudest frequency, and how many bells found room.
_RENDER = """async (given) => {
  const room = new OfflineAudioContext(2, 44100 * given.s, 44100);
  const made = new bells.Bells(room);
  const rung = given.strikes.map((one) => made.strike(...one));
  if (given.hum !== undefined) made.hum(0, given.hum);
  if (given.duck) made.duck(0, true);
  const out = await room.startRendering();
  const [left, right] = [0, 1].map((k) => out.getChannelData(k));
  let peak = 0, l = 0, r = 0;
  for (let i = 0; i < left.length; i++) {
    peak = Math.max(peak, Math.abs(left[i]), Math.abs(right[i]));
    l += left[i] ** 2;
    r += right[i] ** 2;
  }
  // Goertzel: how much of each frequency is in it.
  const power = (hz) => {
    const w = (2 * Math.PI * hz) / 44100, c = 2 * Math.cos(w);
    let s1 = 0, s2 = 0;
    for (let i = 0; i < left.length; i++) [s1, s2] = [left[i] + right[i] + c * s1 - s2, s1];
    return Math.sqrt(s1 * s1 + s2 * s2 - c * s1 * s2) / left.length;
  };
  return { peak, rung, l: Math.sqrt(l), r: Math.sqrt(r), power: (given.hz ?? []).map(power) };
}"""


@pytest.fixture(scope="module")
def rendered(chromium):
    """Render in a browser, without a sound: `rendered(s, strikes, hz=...)`."""
    with node_script(_BUNDLE) as run:
        bundle = run()
    context = chromium.new_context()
    tab = context.new_page()
    tab.evaluate(f"{bundle}; globalThis.bells = bells")

    def render(s, strikes, **given):
        return tab.evaluate(_RENDER, {"s": s, "strikes": strikes, **given})

    yield render
    context.close()


def test_motifs_are_a_pentatonic_scale_from_220_to_1319_hertz():
    with own_scripts("../live/bells") as ask:
        hz = ask(*(["pitch", [rank]] for rank in range(16)))
    assert [round(one) for one in hz[:6]] == [220, 247, 277, 330, 370, 440]
    assert round(hz[13]) == round(hz[15]) == 1319  # rarer ones share the highest


def test_strength_is_loudness_and_what_is_unsaid_is_the_middle():
    with own_scripts("../live/bells") as ask:
        assert ask(*(["loudness", [one]] for one in (1, 2, 3, None))) == [0.35, 0.675, 1, 0.675]


def test_a_thread_lies_from_left_to_right():
    with own_scripts("../live/sound") as ask:
        assert ask(*(["panOf", [w, 5]] for w in (0, 2, 4))) == [-0.85, 0, 0.85]


def test_what_is_covered_or_fearful_rings_and_is_not_read_out():
    words = {"note": None, "feeling": None}
    lines = [
        {"r": 0, "words": {**words, "note": "insects"}},
        {"r": 1, "words": {**words, "feeling": "fear"}},
        {"r": 2, "words": words},
    ]
    passages = [
        {"t": 0, "meetings": [], "lines": lines[:2]},
        {"t": 1, "meetings": [], "lines": lines},
    ]
    with own_scripts("../live/sound") as ask:
        (steps,) = ask(["plan", [passages]])
    assert [one["spoken"] and one["spoken"]["r"] for one in steps] == [None, 2]


def test_listening_to_the_whole_takes_about_a_minute():
    with own_scripts("../live/sound") as ask:
        plans = ask(
            *(
                ["plan", [[{"t": t, "meetings": [], "lines": []} for t in range(n)]]]
                for n in (5, 10, 16)
            )
        )
    assert [60 <= sum(one["s"] for one in steps) <= 90 for steps in plans] == [True] * 3


@pytest.mark.browser
def test_a_bell_rings_at_its_pitch_with_the_partials_of_its_feeling(rendered):
    said = rendered(2, [[0, 440, "wonder", 1, 0]], hz=[440, 440 * 2.76, 440 * 1.5, 880])
    ground, glass, fifth, octave = said["power"]
    assert ground > glass > 4 * max(fifth, octave)
    said = rendered(2, [[0, 440, "longing", 1, 0]], hz=[440, 660, 440 * 2.76])
    assert said["power"][0] > said["power"][1] > 4 * said["power"][2]


@pytest.mark.browser
def test_place_is_heard_on_its_side(rendered):
    left = rendered(1, [[0, 440, "joy", 1, -0.85]])
    right = rendered(1, [[0, 440, "joy", 1, 0.85]])
    assert left["l"] > 4 * left["r"]
    assert right["r"] > 4 * right["l"]


@pytest.mark.browser
def test_nothing_is_louder_than_three_decibels_under_full_whatever_rings_at_once(rendered):
    storm = [[0, 220, "calm", 1, 0] for _ in range(60)]
    said = rendered(4, storm, hum=1)
    assert 0.5 < said["peak"] <= 10 ** (-3 / 20)


@pytest.mark.browser
def test_no_second_holds_more_than_six_onsets_and_what_is_too_late_is_left_out(rendered):
    said = rendered(4, [[0.5, 220 + k, "calm", 1, 0] for k in range(40)])
    rung = sorted(t for t in said["rung"] if t >= 0)
    assert len(rung) == 12  # six at once, six a second later; the others would come too late
    assert all(b - a >= 1 for a, b in zip(rung, rung[6:], strict=False))


@pytest.mark.browser
def test_a_bell_is_struck_once_and_dies_away(rendered):
    short = rendered(3, [[0, 440, "anger", 1, 0]], hz=[440])
    long = rendered(3, [[0, 440, "sorrow", 1, 0]], hz=[440])
    assert long["power"][0] > short["power"][0]


@pytest.mark.browser
def test_the_drone_lies_far_under_the_bells_and_steps_back_for_a_voice(rendered):
    bell = rendered(3, [[0, 440, "calm", 1, 0]])
    drone = rendered(3, [], hum=0.5)
    assert drone["peak"] < bell["peak"] / 5
    ducked = rendered(3, [[0.5, 440, "calm", 1, 0]], duck=True)
    assert ducked["peak"] < bell["peak"] / 6
