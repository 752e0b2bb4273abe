"""A whole Circle of real dreamers, replayed end to end, with a real browser watching.

Every real report is told once, in the order of the collection, by as many
people as dreamt them, over HTTP and as fast as one hand after another asks.
A Chromium has the gathering's page open all the while, drawing in software: its
frame times are the machine's worst, not a phone's. Then the host closes the
telling and the whole is woven. Nothing of the reports is printed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.capture import BROWSER
from bench.data import reports
from bench.fanout import A_PERSON, Running, children, ours, used
from bench.live_circle import LOADS_S, call, quantile, tell
from bench.saying import figure, progress, table

A_SECOND, HANDS = 8.0, 4
WEAVE_S_MAX = 600
FRAMES = """() => {
  const held = (globalThis.framesHeld = { at: [], long: 0 });
  const asked = globalThis.requestAnimationFrame.bind(globalThis);
  globalThis.requestAnimationFrame = (draw) => asked((t) => {
    const begun = performance.now();
    draw(t);
    held.at.push(performance.now() - begun);
  });
  new PerformanceObserver((list) => (held.long += list.getEntries().length)).observe({ entryTypes: ["longtask"] });
}"""


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.replay", description=__doc__)
    parser.add_argument("--n", type=int, default=None, help="only so many reports")
    said = parser.parse_args(argv)
    told = reports()[: said.n]
    dreamers = list(dict.fromkeys(one["dreamer"] for one in told))
    progress(f"replay: {len(dreamers)} dreamers, {len(told)} reports")
    with ours(len(dreamers) * A_PERSON, 0) as running:
        _replayed(running, told, dreamers)


def _replayed(running: Running, told: list[dict[str, str]], dreamers: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    auth = {who: running.heads[i][0][1] for i, who in enumerate(dreamers)}
    g = running.path.split("/")[3]
    acked: dict[int, int] = {}
    took: list[float] = []
    with sync_playwright() as plays:
        browser = plays.chromium.launch(
            executable_path=BROWSER[0],
            args=[BROWSER[1], "--use-angle=swiftshader", "--use-gl=angle",
                  "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
        )  # fmt: skip
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        origin = f"http://localhost:{running.port}"
        context.add_cookies([{"name": "dreamweave", "value": running.host, "url": origin}])
        page = context.new_page()
        page.add_init_script(f"({FRAMES})()")
        page.goto(f"{origin}/gatherings/{g}")
        time.sleep(LOADS_S)
        begun = time.monotonic()
        with ThreadPoolExecutor(HANDS) as hands:
            for i, one in enumerate(told):
                time.sleep(max(0.0, begun + i / A_SECOND - time.monotonic()))
                hands.submit(tell, running, auth[one["dreamer"]], one["text"], acked, took, {})
        kept_s = time.monotonic() - begun
        picture = _until_laid(running, len(told))
        laid_s = time.monotonic() - begun
        page.wait_for_timeout(3_000)
        drawn = page.evaluate("() => globalThis.framesHeld")
        n_threads = len({act[2] for act in picture if act[0] == "told"})
        node_kb, loom_kb = _memory(running)
        progress("replay: the whole is woven")
        status, no = call(
            running, "POST", "/phase", f"Bearer {running.host}", {"phase": "reflecting"}
        )
        if status >= 300:
            raise RuntimeError(f"the telling was not closed: {status} {no.get('code')}")
        closing = time.monotonic()
        while not any(act[0] == "settled" and act[1] for act in _picture(running)):
            if time.monotonic() - closing > WEAVE_S_MAX:
                raise RuntimeError("the whole was not woven in time")
            time.sleep(0.5)
        woven_s = time.monotonic() - closing
        page.wait_for_timeout(2_000)
        browser.close()
    frames = sorted(drawn["at"])
    table(
        ("", "came"),
        [
            ("people, reports", f"{len(dreamers):,}, {len(acked):,}"),
            ("told at / kept in / laid and said in", f"{A_SECOND:g} a second / {kept_s:.0f} s / {laid_s:.0f} s"),
            ("acknowledged, p50 / p99 ms", f"{figure(quantile(sorted(took), .5))} / {figure(quantile(sorted(took), .99))}"),
            ("warps, passages, knots", f"{n_threads}, {_n(picture, 'passage')}, {_n(picture, 'knot')}"),
            ("lines woven live", f"{_n(picture, 'woven')}"),
            ("frames drawn; script a frame p50 / p99 / most, ms",
             f"{len(frames):,}; {figure(quantile(frames, .5))} / {figure(quantile(frames, .99))} / {figure(frames[-1])}"),
            ("tasks over 50 ms in the browser", f"{drawn['long']:,}"),
            ("memory, node / loom, MiB", f"{node_kb / 1024:.0f} / {loom_kb / 1024:.0f}"),
            ("the whole woven at the closing", f"{woven_s:.0f} s"),
        ],
    )  # fmt: skip


def _until_laid(running: Running, n: int) -> list[list[Any]]:
    end = time.monotonic() + WEAVE_S_MAX
    while time.monotonic() < end:
        picture = _picture(running)
        if _n(picture, "told") >= n:
            return picture
        time.sleep(0.5)
    raise RuntimeError("not everything was laid in time")


def _picture(running: Running) -> list[list[Any]]:
    _, said = call(running, "GET", "/picture", f"Bearer {running.host}", None)
    return list(said["acts"])


def _n(picture: list[list[Any]], word: str) -> int:
    return sum(act[0] == word for act in picture)


def _memory(running: Running) -> tuple[float, float]:
    whole, _ = used(running.process.pid)
    loom = sum(used(child)[0] for child in children(running.process.pid))
    return whole - loom, loom


if __name__ == "__main__":
    main()
