"""dreamweave demo --out: weave the invented Circle of Metropolis Arcana into a folder and open it.

The same road as any weaving, with the packaged sample and a fixed seed, so
that everybody sees the same dreamscape. Where nothing can open a page, it says
where the page lies.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from dreamweave.cli.output import check_place, is_ours
from dreamweave.cli.saying import say
from dreamweave.cli.weave import check_prints, weave_into
from dreamweave.intake import read_bytes

SAMPLE = "metropolis-arcana.jsonl"
# Public on purpose: everybody in the sample is invented. One of the first fourteen: with it
# the knots lie most evenly along the evening. Fairness is the same with any.
SEED = "14"


def weave_sample(asked: argparse.Namespace) -> int:
    """Weave the sample into `asked.out`; returns the exit code."""
    check_prints(png=asked.png, poster=asked.poster)
    force = asked.force or _is_demo(asked.out)
    check_place(asked.out, force=force)
    data = resources.files("dreamweave.sample").joinpath(SAMPLE).read_bytes()
    intake = read_bytes([(SAMPLE, data)])
    weave_into(
        asked.out,
        intake,
        title=intake.title or "Metropolis Arcana",
        lines=None,
        seed=SEED,
        # They are invented, and chose to be named.
        names=True,
        png=asked.png,
        poster=asked.poster,
        force=force,
        quiet=asked.quiet,
    )
    say("Everybody in it is invented.")
    page = asked.out / "dreamscape.html"
    if asked.open and not opened(page):
        say(f"No browser could be opened from here: open {page} yourself.")
    return 0


def opened(page: Path, *, look_for: Callable[[], bool] | None = None) -> bool:
    """Open `page` in a browser with windows. False, and no fuss, where there is none."""
    if not (look_for or has_screen)():
        return False
    import webbrowser

    try:
        return webbrowser.open(page.resolve().as_uri())
    except (webbrowser.Error, OSError, ValueError):
        return False


def has_screen() -> bool:
    """Whether a window could appear: without one, a browser in text would take the terminal over."""
    if sys.platform in ("win32", "darwin"):
        return not os.environ.get("SSH_CONNECTION")
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _is_demo(out: Path) -> bool:
    """Whether an earlier demo is there, which needs nobody's leave to be replaced."""
    try:
        return is_ours(out) and b'"invented":true' in (out / "weave.json").read_bytes()
    except OSError:
        return False
