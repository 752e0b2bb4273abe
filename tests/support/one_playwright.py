"""One Playwright a process: a second one beside it in the same thread does not start."""

from __future__ import annotations

import atexit
from functools import cache


@cache
def playing():
    """The Playwright of this process, begun at the first call and ended with the process."""
    from playwright.sync_api import sync_playwright

    play = sync_playwright().start()
    atexit.register(play.stop)
    return play
