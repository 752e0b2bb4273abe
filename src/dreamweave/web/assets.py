"""What a node serves beside its pages: one style sheet, one script, the fonts.

Names carry a hash of what they hold, so a browser may keep them for ever; the
front end's build wrote them into `static/manifest.json`. It opens no file that
the manifest does not name, so a path from outside is only ever looked up.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"

# What a browser is told each of them is. Nothing else is served.
MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
}
SERVICE_WORKER = "service-worker.js"


@cache
def manifest() -> dict[str, str | list[str]]:
    """What the build made. A source tree that was never built says so plainly."""
    try:
        made: dict[str, str | list[str]] = json.loads((STATIC / "manifest.json").read_bytes())
    except FileNotFoundError:
        raise FileNotFoundError(
            "web/static holds no manifest.json: the front end was not built (make front)"
        ) from None
    return made


def path_of(name: str) -> str:
    """The address of `node.css` or `node.js`, with its hash."""
    return f"/static/{manifest()[name]}"


@cache
def asset(name: str) -> tuple[str, bytes] | None:
    """The media type and bytes of a served file, or None when there is no such file."""
    if name not in manifest()["files"] and name != SERVICE_WORKER:
        return None
    return MEDIA[Path(name).suffix], (STATIC / name).read_bytes()
