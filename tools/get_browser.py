"""Find a Chromium for the tests and the demo, or get one.

Prints where it is. Looks at DREAMWEAVE_BROWSER, then at the usual names; only
where there is none does it ask Debian's packages or Playwright for one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def found() -> str | None:
    """The path of a Chromium on this machine, if there is one."""
    named = os.environ.get("DREAMWEAVE_BROWSER")
    if named:
        return named
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    for root in (
        Path.home() / ".cache/ms-playwright",
        Path.home() / "Library/Caches/ms-playwright",
    ):
        for path in sorted(root.glob("chromium-*/*/chrome")):
            return str(path)
    return None


def get() -> str | None:
    """Install one: Debian's where apt is to hand and we may use it, else Playwright's."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("No browser here yet: getting Debian's chromium.", file=sys.stderr)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, **quiet)
    if found() is None:
        print("No browser here yet: asking Playwright for one.", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return found()


if __name__ == "__main__":
    where = found() or get()
    if where is None:
        sys.exit(
            "No Chromium could be had. Install one, or name it in DREAMWEAVE_BROWSER, then try again."
        )
    print(f"browser: {where}")
