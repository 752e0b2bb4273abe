"""Live fan-out: the same frame to a thousand and to ten thousand listeners, ours beside others.

Every server runs alone, in one process of its own, with as many listeners in
another, on the same two cores: 2,000 bytes, four times a second. Memory is
what the server's process group holds more with everybody connected; processor
time is what it took for each delivery. Nobody's words are in it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.journal_peers import free_port
from bench.saying import asked, figure, peers, progress, table

A_SECOND, SIZE, SECONDS = 4, 2_000, 15.0
A_PERSON = 6  # streams that one person may have open on our node
NGINX = "/usr/sbin/nginx"
NCHAN = "/usr/lib/nginx/modules/ngx_nchan_module.so"


@dataclass(frozen=True)
class Heard:
    """What came of one server with so many listeners."""

    name: str
    n: int
    kb_each: float
    us_each: float
    p50_ms: float
    p99_ms: float
    last_p99_ms: float
    share: float  # of what was sent, how much was heard


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__)
    parser.add_argument("--peers", default=None)
    parser.add_argument("--n", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--seconds", type=float, default=SECONDS)
    said = parser.parse_args(argv)
    python = peers(said.peers)
    print(
        f"A frame of {SIZE:,} bytes, {A_SECOND} times a second for {said.seconds:g} s, to everybody"
        " who listens. Servers and listeners share this machine's two cores."
    )
    found: list[Heard] = []
    for n in said.n:
        for name, server in servers(python):
            progress(f"fan-out: {name}, {n:,} listeners")
            try:
                found.append(measured(name, server, n, said.seconds))
            except (RuntimeError, subprocess.TimeoutExpired) as no:
                print(f"* {name} with {n:,} listeners: {no}.")
    table(
        ("server", "listeners", "kB each", "µs a delivery", "p50 ms", "p99 ms",
         "p99 ms until the last has it", "heard"),
        [
            (h.name, f"{h.n:,}", figure(h.kb_each), figure(h.us_each), figure(h.p50_ms),
             figure(h.p99_ms), figure(h.last_p99_ms), f"{100 * h.share:.2f} %")
            for h in found
        ],
    )  # fmt: skip
    for n in said.n:
        ours = next((h for h in found if h.n == n and h.name == "dreamweave"), None)
        for h in found:
            if ours is None or h.n != n or h is ours:
                continue
            print(
                f"* {h.name}, {n:,}: {figure(h.kb_each / ours.kb_each)} times our memory,"
                f" {figure(h.us_each / ours.us_each)} times our processor time,"
                f" {figure(h.p99_ms / ours.p99_ms)} times our p99."
            )
        if ours is not None and n == 1_000:
            asked("p99 of a frame, 1,000 listeners", "at most 500 ms", f"{ours.p99_ms:.0f} ms",
                  ours.p99_ms <= 500)  # fmt: skip


# ------------------------------------------------------------------ one server


@dataclass
class Running:
    """A server that runs: its process, its port, how listeners ask, and how to begin."""

    process: subprocess.Popen[str]
    port: int
    path: str
    kind: str
    mark: str
    heads: list[list[tuple[str, str]]]
    begin: Any
    host: str = ""  # our host's token


def measured(name: str, server: Any, n: int, seconds: float) -> Heard:
    with server(n) as running:
        before_kb, _ = used(running.process.pid)
        asking = {
            "port": running.port, "n": n, "heads": running.heads, "path": running.path,
            "kind": running.kind, "marks": [running.mark], "seconds": seconds + 1,
        }  # fmt: skip
        listeners = subprocess.Popen(
            [sys.executable, "-m", "bench.listeners"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert listeners.stdin
        assert listeners.stdout
        listeners.stdin.write(json.dumps(asking) + "\n")
        listeners.stdin.flush()
        first = listeners.stdout.readline().strip()
        if first != "open":
            listeners.kill()
            raise RuntimeError(json.loads(first or "{}").get("failed", "nobody could listen"))
        time.sleep(1)
        after_kb, busy = used(running.process.pid)
        running.begin()
        time.sleep(seconds)
        _, busy_after = used(running.process.pid)
        came = json.loads(listeners.communicate(timeout=120)[0])
        if not came["n_heard"]:
            raise RuntimeError("nobody heard anything")
        return Heard(
            name, n, (after_kb - before_kb) / n, 1e6 * (busy_after - busy) / came["n_heard"],
            came["p50_ms"], came["p99_ms"], came["last_p99_ms"],
            came["n_heard"] / (came["n_frames"] * n),
        )  # fmt: skip


def used(pid: int) -> tuple[float, float]:
    """Memory (kB, proportional) and processor time (s) of a process and its children."""
    kb, busy = 0.0, 0.0
    for one in [pid, *children(pid)]:
        rollup = Path(f"/proc/{one}/smaps_rollup").read_text("ascii")
        kb += int(next(x for x in rollup.splitlines() if x.startswith("Pss:")).split()[1])
        stat = Path(f"/proc/{one}/stat").read_text("ascii").rpartition(")")[2].split()
        busy += (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
    return kb, busy


def children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            yield int(child)
            yield from children(int(child))


# ------------------------------------------------------------------ the servers


def servers(python: str | None) -> list[tuple[str, Any]]:
    """Ours and whatever of the others is here."""
    found: list[tuple[str, Any]] = [("dreamweave", ours)]
    if python:
        for which, name in (("starlette", "Starlette"), ("socketio", "python-socketio")):
            version = _version(python, which)
            found.append((f"{name} {version}", _peer(python, which)))
    else:
        print("* Starlette and python-socketio were not here to compare with (make bench).")
    if Path(NGINX).exists() and Path(NCHAN).exists():
        found.append((f"{_nginx()} with nchan", nchan))
    else:
        print("* nginx with nchan was not here (Debian: nginx-light, libnginx-mod-nchan).")
    return found


def _version(python: str, which: str) -> str:
    package = {"starlette": "starlette", "socketio": "python-socketio"}[which]
    code = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _nginx() -> str:
    done = subprocess.run([NGINX, "-v"], capture_output=True, text=True, check=True)
    return done.stderr.strip().rpartition(": ")[2]


@contextmanager
def ours(n: int, a_second: int = A_SECOND) -> Iterator[Running]:
    """Our node, with a gathering for `n` listeners; with 0 a second it says nothing by itself."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        people = -(-n // A_PERSON)
        process = _started(
            [sys.executable, "-m", "bench.fanout_ours", folder, str(port), str(people),
             str(a_second), str(SIZE)]
        )  # fmt: skip
        assert process.stdin
        assert process.stdout
        try:
            said = json.loads(process.stdout.readline() or "null")
            if not said:
                raise RuntimeError("our server did not start")
            heads = [[("Authorization", f"Bearer {token}")] for token in said["tokens"]]

            def begin() -> None:
                process.stdin.write("\n")
                process.stdin.flush()

            time.sleep(8)  # the loom loads its model meanwhile: no listener's memory
            # Each person's streams: the heads go round, so nobody has more than six.
            yield Running(
                process, port, said["path"], "sse", '["rest",', heads, begin, said["host"]
            )
        finally:
            _ended(process)


def _peer(python: str, which: str) -> Any:
    @contextmanager
    def running(n: int) -> Iterator[Running]:
        port = free_port()
        file = Path(__file__).with_name("fanout_peers.py")
        process = _started([python, str(file), which, str(port), str(A_SECOND), str(SIZE)])
        try:
            _until_open(port)
            socket = which == "socketio"
            path = "/socket.io/?EIO=4&transport=websocket" if socket else "/stream"
            kind = "socketio" if socket else "sse"
            mark = '{\\"t\\": ' if socket else '{"t": '
            yield Running(process, port, path, kind, mark, [[]], lambda: _post(port, "/begin"))
        finally:
            _ended(process)

    return running


@contextmanager
def nchan(n: int) -> Iterator[Running]:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        conf = Path(folder) / "nginx.conf"
        conf.write_text(
            f"load_module {NCHAN};\ndaemon off;\nworker_processes 1;\nworker_rlimit_nofile 20000;\n"
            f"pid {folder}/pid;\nerror_log {folder}/error.log crit;\nuser root;\n"
            "events { worker_connections 15000; }\n"
            "http { access_log off; nchan_max_reserved_memory 256m;\n"
            f" client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;\n"
            f" fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
            f" server {{ listen 127.0.0.1:{port} backlog=4096;\n"
            "  location = /stream { nchan_subscriber eventsource; nchan_channel_id all; }\n"
            "  location = /say { nchan_publisher; nchan_channel_id all; } } }\n"
        )
        process = _started([NGINX, "-p", folder, "-c", str(conf)])
        teller: list[subprocess.Popen[str]] = []
        try:
            _until_open(port)

            def begin() -> None:
                code = _TELLER.format(port=port, every=1 / A_SECOND, size=SIZE)
                teller.append(_started([sys.executable, "-c", code]))

            head = [("Accept", "text/event-stream")]
            yield Running(process, port, "/stream", "sse", '{"t": ', [head], begin)
        finally:
            for one in teller:
                _ended(one)
            _ended(process)


_TELLER = """
import http.client, sys, time
sys.path.insert(0, "bench")
from fanout_peers import frame
link = http.client.HTTPConnection("127.0.0.1", {port})
while True:
    link.request("POST", "/say", frame({size}))
    link.getresponse().read()
    time.sleep({every})
"""


def _started(command: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).resolve().parent.parent,
    )  # fmt: skip


def _ended(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _until_open(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/nothing", timeout=1)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("it did not start")


def _post(port: int, path: str) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method="POST", data=b"")
    urllib.request.urlopen(request, timeout=60).read()


if __name__ == "__main__":
    main()
