"""dreamweave demo: a node on this machine in which the invented Circle plays itself.

The whole of a node: store, keys, doors, pages, the loom beside it. Its folders
are temporary and go when it stops, because nobody's real words belong in a
demonstration. With `--out` it weaves the same Circle into a folder instead
(`cli.demo_still`).
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dreamweave.cli.saying import Parser, say
from dreamweave.model.refusals import Refusal

PORT = 8283


def parser() -> Parser:
    made = Parser(
        prog="dreamweave demo",
        description="Watch the invented Circle of Metropolis Arcana gather (24 dreamers, nobody real)"
        " in about two minutes, on a node of its own on this machine, and take part in it.",
    )
    made.add_argument(
        "--open",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="open the dreamscape in a browser where there is one",
    )
    made.add_argument(
        "--port", type=int, metavar="N", help=f"the port (default: {PORT}, or a free one)"
    )
    made.add_argument("--host", metavar="ADDRESS", help="where to listen (default: 127.0.0.1)")
    made.add_argument(
        "--speed", type=float, default=1.0, metavar="X", help="how fast it plays (default: 1)"
    )
    made.add_argument("--quiet", action="store_true", help="say only the result")
    still = made.add_argument_group("without a node")
    still.add_argument(
        "--out", type=Path, metavar="DIR", help="weave the Circle into this folder and stop"
    )
    still.add_argument("--force", action="store_true", help="replace whatever weaving is there")
    still.add_argument("--png", action="store_true", help="also the cloth as a picture")
    still.add_argument("--poster", action="store_true", help="also a poster of 60 by 90 cm")
    return made


def run(argv: Sequence[str]) -> int:
    """Play until stopped, or weave into a folder; returns the exit code."""
    asked = parser().parse_args(list(argv))
    if asked.out is not None:
        from dreamweave.cli.demo_still import weave_sample

        return weave_sample(asked)
    if asked.force or asked.png or asked.poster:
        raise Refusal(
            "demo.still",
            "--force, --png and --poster go with --out DIR, which weaves into a folder.",
        )
    return play(asked)


def play(asked: argparse.Namespace) -> int:
    """Bring up the node and the play in it, until somebody stops it."""
    from dreamweave.app.playing import SPEED_MAX, SPEED_MIN, Play
    from dreamweave.cli.serve import DONE, Server, bind, open_browser, with_names
    from dreamweave.house import open_house
    from dreamweave.settings import read_settings

    if not SPEED_MIN <= asked.speed <= SPEED_MAX:
        raise Refusal("play.speed", f"The play runs at {SPEED_MIN:g} to {SPEED_MAX:g} times.")
    with tempfile.TemporaryDirectory(prefix="dreamweave-demo-") as folder:
        places = {"data_dir": str(Path(folder) / "data"), "keys_dir": str(Path(folder) / "keys")}
        flags = places | {"host": asked.host, "port": asked.port}
        settings = read_settings({k: v for k, v in flags.items() if v is not None}, env={})
        if asked.port is None:
            settings = replace(settings, port=PORT)
        try:
            bound = bind(settings)
        except Refusal:
            if asked.port is not None:
                raise
            bound = bind(replace(settings, port=0))  # another demonstration has it
        with contextlib.closing(bound):
            port = bound.getsockname()[1]
            house = open_house(with_names(replace(settings, port=port)))
            try:
                server = Server(house, bound)
                house.play = Play(
                    house.people, speed=asked.speed, trouble=lambda no: house.on_trouble(no)
                )
                # The world is there before the first page is; making it takes a moment.
                house.play.start()
                address = f"http://localhost:{port}/demo"

                def ready() -> None:
                    say(f"Metropolis Arcana gathers at {address}")
                    if not asked.quiet:
                        say(
                            "Everybody in it is invented. Stop it with Ctrl-C; nothing of it is kept."
                        )
                    if asked.open:
                        open_browser(address)
                    sys.stdout.flush()

                server.on_ready = ready
                server.serve_until_stopped()
            finally:
                if house.play is not None:
                    house.play.close()
                house.close()
    if not asked.quiet:
        say("Stopped. Nothing of it was kept.")
    return DONE
