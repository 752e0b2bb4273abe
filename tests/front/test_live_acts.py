"""The screen's fold of acts is Python's: one golden file holds both to the same pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from own_scripts import node_script

from dreamweave.model.acts import folded

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = json.loads((ROOT / "tests/support/acts_golden.json").read_text(encoding="utf-8"))

_ASK = """
import { readFileSync } from "node:fs";
import { build } from "esbuild";
const made = await build({
  stdin: {
    contents: 'export * from "./src/live/acts.ts"; export * from "./src/live/words_beside.ts"',
    resolveDir: process.cwd(), loader: "ts",
  },
  bundle: true, format: "esm", write: false,
});
const live = await import("data:text/javascript," + encodeURIComponent(made.outputFiles[0].text));
const asked = JSON.parse(readFileSync(0, "utf8"));
const answer = {};
answer.folded = asked.sequences.map(({ acts, after }) => {
  const picture = new live.Picture();
  const seen = [];
  const wanted = new Set(after.map((one) => one.n));
  if (wanted.has(0)) seen.push(picture.asActs());
  acts.forEach((act, k) => {
    picture.apply(act);
    if (wanted.has(k + 1)) seen.push(picture.asActs());
  });
  return { seen, again: live.folded(picture.asActs()).asActs() };
});
answer.refused = asked.strange.map((act) => {
  try { new live.Picture().apply(act); return false; } catch { return true; }
});
const words = new live.Words();
words.merge(asked.words);
words.merge(asked.later);
words.forget(1);
answer.words = {
  reports: [...words.reports.keys()],
  motifs: [...words.motifs.values()].map((one) => one.name),
  feelings: [0, 1, 2, 9].map((r) => words.feeling(r)),
  beside: words.asBeside(),
};
console.log(JSON.stringify(answer));
"""

# The node never says these; a screen that missed something may fold them all the same.
CROSSED = [
    ["warps", 2, 4, []],
    ["passage", 3, [1, 2]],
    ["passage", 1, [3, 4]],
    ["passage", 9, [5, 6]],
    ["passage", 2, [7, 8]],
    ["passage", 0, [9, 9]],
    ["passage", 3, [10, 11]],
    ["passage", 2, [12, 13]],
]
STRANGE = [["dance", 1], ["told", 0, 1], ["gone"], ["hold", 1, 2], []]
REPORT = {"text": "The sea was polite.", "lang": "en", "cuts": [[0, 19]], "kind": "dream"}
WORDS = {
    "reports": [
        {"r": 0, **REPORT, "feeling": "wonder", "intensity": 3},
        {"r": 1, **REPORT, "feeling": "joy", "intensity": None},
        {"r": 2, **REPORT, "feeling": "wordless", "intensity": None},
    ],
    "motifs": [{"m": 0, "name": "sea", "lang": "en"}, {"m": 1, "name": "key", "lang": "en"}],
    "seats": [{"seat": 4, "name": "Ines"}],
}
LATER = {
    "reports": [{"r": 0, **REPORT, "feeling": "calm", "intensity": None}],
    "motifs": [{"m": 1, "name": None, "lang": "en"}, {"m": 0, "name": "tide", "lang": "en"}],
}


@pytest.fixture(scope="module")
def twin():
    """What the screen's own code makes of the golden sequences, strange acts and some words."""
    crossed = {"acts": CROSSED, "after": [{"n": k} for k in range(len(CROSSED) + 1)]}
    sequences = [*GOLDEN["sequences"], crossed]
    asked = {"sequences": sequences, "strange": STRANGE, "words": WORDS, "later": LATER}
    with node_script(_ASK) as run:
        return run(said=json.dumps(asked))


def test_folds_every_golden_sequence_to_the_same_pictures(twin):
    for sequence, heard in zip(GOLDEN["sequences"], twin["folded"][:-1], strict=True):
        wanted = [one["picture"] for one in sequence["after"]]
        assert heard["seen"] == wanted, sequence["name"]


def test_a_passage_past_the_end_is_the_next_one_as_in_python(twin):
    wanted = [folded(CROSSED[:k]).as_acts() for k in range(len(CROSSED) + 1)]

    assert twin["folded"][-1]["seen"] == wanted


def test_a_picture_read_afresh_is_the_one_that_was_heard(twin):
    for sequence, heard in zip(GOLDEN["sequences"], twin["folded"][:-1], strict=True):
        assert heard["again"] == sequence["after"][-1]["picture"], sequence["name"]


def test_an_act_of_another_word_or_length_is_refused(twin):
    assert twin["refused"] == [True] * len(STRANGE)


def test_words_beside_hold_what_was_sent_last_and_forget_what_was_taken_back(twin):
    words = twin["words"]

    assert words["reports"] == [0, 2]
    assert words["motifs"] == ["tide"]
    # Calm of unsaid strength is the middle one; the others carry no dye.
    assert words["feelings"] == [[3, 0.7], [-1, 0], [-1, 0], [-1, 0]]
    assert words["beside"] == {
        "reports": [LATER["reports"][0], WORDS["reports"][2]],
        "motifs": [{"m": 0, "name": "tide", "lang": "en"}],
        "seats": [{"seat": 4, "name": "Ines"}],
    }
