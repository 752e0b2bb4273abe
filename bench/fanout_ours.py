"""Our own server for the fan-out: a whole house, a gathering with people in it, frames on time.

    python -m bench.fanout_ours FOLDER PORT N_PEOPLE A_SECOND BYTES

With 0 a second nothing is made up, and whoever is in it tells (`live_circle`).

Prints one JSON line (the stream's path and everybody's tokens) once it serves,
and says frames from the first line of standard input on. What it serves is the
real thing: gate, sessions, streams. Only what is said is made up.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from bench.gathered import people_in
from dreamweave.cli.serve import Server, bind
from dreamweave.house import open_house
from dreamweave.settings import read_settings
from dreamweave.web import limits


def run() -> None:
    folder, port, n, a_second, size = Path(sys.argv[1]), *map(int, sys.argv[2:6])
    settings = read_settings(
        {"data_dir": folder / "data", "keys_dir": folder / "keys", "port": port}
    )
    settings = replace(settings, n_streams_max=max(settings.n_streams_max, 20_000))
    bound = bind(settings)
    house = open_house(settings)
    gathering, host, tokens = people_in(house, n)
    server = Server(house, bound)
    lanes = [1000 - i for i in range((size - 60) // 5)]

    def say() -> None:
        sys.stdin.readline()
        while True:
            acts = [["rest", time.monotonic_ns()], ["passage", 3, lanes]]
            house.ground.hearing.say_acts(f"gathering/{gathering}", acts)
            time.sleep(1 / a_second)

    def ready() -> None:
        said = {"path": f"/api/gatherings/{gathering}/stream", "tokens": tokens, "host": host}
        print(json.dumps(said), flush=True)
        if a_second:
            threading.Thread(target=say, daemon=True).start()

    # One person tells twenty times a minute at most, which is no measure of a node.
    for kind in limits.KINDS:
        limits.KINDS[kind] = limits.Rate(1_000_000_000, 1, 1_000_000_000)
    server.on_ready = ready
    server.serve_until_stopped()
    house.close()


if __name__ == "__main__":
    run()
