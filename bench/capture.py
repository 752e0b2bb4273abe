"""The capture page: what it weighs, and how soon one can type on a slow phone.

    python -m bench.capture

A real Chromium with its processor slowed four times and a line of 400 kbit/s
with 400 ms there and back ("slow 3G"), a fresh profile, then the same page
again with the service worker in place. Beside it the first page of TiddlyWiki,
where one also types a note.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from bench.journal_peers import tiddlywiki
from bench.node import node
from bench.saying import asked, figure, progress, table

BROWSER = ("/usr/bin/chromium", "--no-sandbox")
LINE = {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000, "offline": False}
READY = "performance.getEntriesByName('dreamweave-ready')[0]?.startTime ?? -1"


def measured(context: Any, url: str, ready: str, wait_for: str) -> tuple[float, float, float]:
    """kB over the line, ms to the first paint, ms until ready."""
    page = context.new_page()
    link = context.new_cdp_session(page)
    link.send("Network.enable")
    link.send("Network.emulateNetworkConditions", LINE)
    link.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    received = [0.0]
    link.on(
        "Network.loadingFinished",
        lambda event: received.__setitem__(0, received[0] + event["encodedDataLength"]),
    )
    page.goto(url, wait_until="load", timeout=120_000)
    page.wait_for_function(wait_for, timeout=120_000)
    at = float(page.evaluate(ready))
    paint = float(
        page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1")
    )
    page.wait_for_timeout(1_500)
    page.close()
    return received[0] / 1e3, paint, at


def main(argv: list[str] | None = None) -> None:
    argparse.ArgumentParser(prog="python -m bench.capture", description=__doc__).parse_args(argv)

    from playwright.sync_api import sync_playwright

    rows = []
    with sync_playwright() as plays, tempfile.TemporaryDirectory() as folder:
        browser = plays.chromium.launch(executable_path=BROWSER[0], args=[BROWSER[1]])
        with node(Path(folder)) as here:
            origin = f"http://localhost:{here.port}"
            context = browser.new_context(viewport={"width": 390, "height": 844})
            context.add_cookies([{"name": "dreamweave", "value": here.token, "url": origin}])
            progress("capture, first visit")
            first = measured(context, f"{origin}/tell", READY, f"{READY} > 0")
            progress("capture, again")
            again = measured(context, f"{origin}/tell", READY, f"{READY} > 0")
            context.close()
        with tiddlywiki(Path(folder)) as peer:
            context = browser.new_context(viewport={"width": 390, "height": 844})
            progress(peer.name)
            other = measured(
                context,
                f"http://localhost:{peer.port}/",
                "performance.now()",
                "!!document.querySelector('.tc-tiddler-frame, .tc-page-container')",
            )
            context.close()
        browser.close()
    for name, came in (
        ("**dreamweave**, first visit", first),
        ("**dreamweave**, again", again),
        (f"{peer.name}, first visit", other),
    ):
        rows.append([name, figure(came[0]), figure(came[1]), figure(came[2])])
    table(["", "kB over the line", "first paint, ms", "ready to type, ms"], rows)
    print(
        f"Ready {figure(other[2] / first[2])} times as soon as {peer.name},"
        f" with {figure(other[0] / first[0])} times less over the line."
    )
    asked(
        "Capture page again, slow 3G and a processor four times slower",
        "ready within 1 s",
        f"{figure(again[2] / 1e3)} s",
        again[2] <= 1_000,
    )


if __name__ == "__main__":
    main()
