"""A live Circle under load: from "it is kept" to "it is on every screen", and gone again.

A thousand people listen (`--n` for more) while five real reports a second are
told, kept, read, carried, chosen, placed and said, by the whole node over HTTP.
Then lines are taken back, and it is measured when the last listener knows. All
on the two cores of this machine, listeners included. The reports are real ones;
nothing of them is printed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.data import reports
from bench.fanout import Running, ours, used
from bench.saying import asked, figure, progress, table

A_SECOND, SECONDS, N_BACK = 5.0, 20.0, 12
# The loom begins to load when a gathering is opened; people take longer to say anything.
LOADS_S = 6.0
AT_ONCE, N_BURST = 16, 300


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.live_circle", description=__doc__)
    parser.add_argument("--peers", default=None)
    parser.add_argument("--n", type=int, nargs="*", default=[1_000, 10_000])
    said = parser.parse_args(argv)
    texts = [one["text"][:600] for one in reports()]
    rows = []
    for n in said.n:
        progress(f"live Circle: {n:,} listeners")
        with ours(n, 0) as running:
            rows.append(_evening(running, n, texts))
    table(
        ("listeners", "told", "acknowledged, p50 / p99 ms", "acknowledged to on screen, p50 / p99 ms",
         "until the last screen, p99 ms", "taken back until the last screen, p99 ms"),
        [row[:6] for row in rows],
    )  # fmt: skip
    progress("live Circle: as many as it takes")
    with ours(6, 0) as running:
        _burst(running, texts)
    for row in rows:
        if row[0] == "1,000":
            asked("acknowledged to on screen, 1,000 people, p99", "at most 500 ms",
                  f"{row[6]:.0f} ms", row[6] <= 500)  # fmt: skip
        asked(f"taken back until gone everywhere, {row[0]} listeners, p99", "at most 1,000 ms",
              f"{row[7]:.0f} ms", row[7] <= 1_000)  # fmt: skip


def _evening(running: Running, n: int, texts: list[str]) -> tuple[Any, ...]:
    whole_s = SECONDS + 4 + N_BACK * 0.5 + 4
    listening = _listeners(running, n, whole_s + LOADS_S)
    time.sleep(LOADS_S)
    acked: dict[int, int] = {}
    took: list[float] = []
    owner: dict[int, str] = {}
    tokens = [head[0][1] for head in running.heads]
    with ThreadPoolExecutor(AT_ONCE) as hands:
        begun = time.monotonic()
        for i in range(int(A_SECOND * SECONDS)):
            time.sleep(max(0.0, begun + i / A_SECOND - time.monotonic()))
            hands.submit(tell, running, tokens[i % len(tokens)], texts[i], acked, took, owner)
    time.sleep(3)
    back: dict[int, int] = {}
    for r in sorted(acked)[:: max(1, len(acked) // N_BACK)][:N_BACK]:
        back[r] = _take_back(running, owner[r], r)
        time.sleep(0.5)
    heard, missed = _came(listening)
    late = sorted((m - acked[r]) / 1e6 for r, ms in heard.items() if r in acked for m in ms)
    last = sorted((max(ms) - acked[r]) / 1e6 for r, ms in heard.items() if r in acked)
    # From the moment it was asked for: being acknowledged comes after the keys are gone.
    until = sorted((max(ms) - back[r]) / 1e6 for r, ms in missed.items() if r in back)
    n_due = len(acked) * n
    if len(late) < n_due:
        print(f"* {n:,} listeners: {len(late):,} of {n_due:,} deliveries came in time.")
    took.sort()
    return (
        f"{n:,}", len(acked),
        f"{figure(quantile(took, 0.5))} / {figure(quantile(took, 0.99))}",
        f"{figure(quantile(late, 0.5))} / {figure(quantile(late, 0.99))}",
        figure(quantile(last, 0.99)), figure(quantile(until, 0.99)), quantile(late, 0.99), quantile(until, 0.99),
    )  # fmt: skip


def _burst(running: Running, texts: list[str]) -> None:
    """How many reports a second are kept, and kept and woven."""
    listening = _listeners(running, 6, 90)
    time.sleep(LOADS_S)
    acked: dict[int, int] = {}
    took: list[float] = []
    tokens = [head[0][1] for head in running.heads]
    _, busy = used(running.process.pid)
    begun = time.monotonic_ns()
    with ThreadPoolExecutor(AT_ONCE) as hands:
        for i in range(N_BURST):
            hands.submit(tell, running, tokens[i % len(tokens)], texts[i], acked, took, {})
    kept_s = (max(acked.values()) - begun) / 1e9
    heard, _ = _came(listening)
    woven_s = (max(min(ms) for ms in heard.values()) - begun) / 1e9
    _, busy_after = used(running.process.pid)
    print(
        f"As fast as it takes them, {AT_ONCE} hands: {len(acked)} reports kept in {kept_s:.1f} s"
        f" ({len(acked) / kept_s:.0f} a second), and {len(heard)} of them woven and said after"
        f" {woven_s:.1f} s ({len(heard) / woven_s:.1f} a second);"
        f" {1000 * (busy_after - busy) / len(acked):.0f} ms of processor each."
    )


def tell(
    running: Running, auth: str, text: str, acked: dict[int, int], took: list[float],
    owner: dict[int, str],
) -> None:  # fmt: skip
    begun = time.monotonic_ns()
    status, said = call(running, "POST", "/reports", auth, {"text": text})
    now = time.monotonic_ns()
    if status != 201:
        raise RuntimeError(f"a report was answered with {status} {said.get('code')}")
    acked[said["r"]], owner[said["r"]] = now, auth
    took.append((now - begun) / 1e6)


def _take_back(running: Running, auth: str, r: int) -> int:
    begun = time.monotonic_ns()
    status, said = call(running, "DELETE", f"/reports/{r}", auth, None)
    if status >= 300:
        raise RuntimeError(f"taking back was answered with {status} {said.get('code')}")
    return begun


_LOCAL = threading.local()


def call(
    running: Running, method: str, path: str, auth: str, body: object
) -> tuple[int, dict[str, Any]]:
    link = getattr(_LOCAL, "link", None)
    if link is None or link.port != running.port:
        link = _LOCAL.link = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    headers = {"Authorization": auth, "Idempotency-Key": secrets.token_hex(8)}
    data = None if body is None else json.dumps(body).encode()
    if data is not None:
        headers["Content-Type"] = "application/json"
    link.request(method, running.path.rpartition("/")[0] + path, data, headers)
    answer = link.getresponse()
    read = answer.read()
    return answer.status, json.loads(read) if read else {}


def _listeners(running: Running, n: int, seconds: float) -> subprocess.Popen[str]:
    asking = {
        "port": running.port, "n": n, "heads": running.heads, "path": running.path, "kind": "sse",
        "marks": ['["told",', '["gone",'], "seconds": seconds, "each": True,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.listeners"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(asking) + "\n")
    process.stdin.flush()
    first = process.stdout.readline().strip()
    if first != "open":
        raise RuntimeError(json.loads(first or "{}").get("failed", "nobody could listen"))
    return process


def _came(process: subprocess.Popen[str]) -> list[dict[int, list[int]]]:
    """When each listener heard of each report: told, and gone."""
    out, _ = process.communicate(timeout=300)
    return [{int(r): ms for r, ms in one.items()} for one in json.loads(out)["heard"]]


def quantile(held: list[float], q: float) -> float:
    return held[min(len(held) - 1, int(q * len(held)))] if held else float("nan")


if __name__ == "__main__":
    main()
