"""The page opens the boxes that Python seals, and no others."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from own_scripts import node_script

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "tests/support/key_vectors.json").read_text(encoding="utf-8"))

_ASK = """
import { build } from "esbuild";
const made = await build({
  stdin: { contents: 'export * from "./src/keys.ts"', resolveDir: process.cwd(), loader: "ts" },
  bundle: true, format: "esm", write: false,
});
const keys = await import("data:text/javascript," + encodeURIComponent(made.outputFiles[0].text));
const asked = JSON.parse(process.argv[2]);
const hex = (b) => (b ? Buffer.from(b).toString("base64") : null);
console.log(JSON.stringify({
  keys: asked.keys.map((k) => hex(keys.keyBytes(k))),
  boxes: asked.boxes.map(([k, b]) => hex(keys.unseal(keys.keyBytes(k), b))),
}));
"""


@pytest.fixture(scope="module")
def twin():
    """Ask the page's own code: {"keys": [...], "boxes": [[key, box], ...]} in, base64 or null out."""
    with node_script(_ASK) as run:
        yield lambda keys, boxes: run(json.dumps({"keys": keys, "boxes": boxes}))


def test_opens_what_python_sealed_and_reads_keys_as_they_were_heard(twin):
    boxes = VECTORS["boxes"]
    heard = VECTORS["typed_as_heard"]

    told = twin(
        [h["typed"] for h in heard] + [h["key"] for h in heard],
        [[b["key"], b["box"]] for b in boxes],
    )

    assert told["boxes"] == [b["payload_b64"] for b in boxes]
    assert told["keys"][: len(heard)] == told["keys"][len(heard) :]
    assert None not in told["keys"]


def test_opens_nothing_with_another_key_nor_a_box_that_was_touched(twin):
    box = VECTORS["boxes"][0]
    raw = bytearray(base64.b64decode(box["box"]))
    raw[-1] ^= 1
    touched = base64.b64encode(bytes(raw)).decode()
    other = next(k["key"] for k in VECTORS["keys"] if k["key"] != box["key"])

    told = twin(
        ["", "7Q2M", "7Q2M-0XKD-5RTA-9WHU"],
        [[other, box["box"]], [box["key"], touched], [box["key"], "!"], [box["key"], ""]],
    )

    assert told == {"keys": [None, None, None], "boxes": [None, None, None, None]}
