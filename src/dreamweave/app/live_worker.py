"""The live worker: a process of its own in which open gatherings are woven while people tell.

    python -m dreamweave.app.live_worker

JSON lines on standard input, one answer a line on standard output, and nothing
anywhere else: no argument, no environment, no log, no file. What it may use is
bounded before it reads a word. It ends when its input does, also in the middle
of a thought, so that it never outlives the server.

    {"do": "begin", "g", "seed", "n_people", "named", "n_warps", "n_open", "acts",
     "told": [{"r", "teller", "text", "lang", "answers"}], "said": [[r, teller, says]],
     "names": [[m, name]]}
    {"do": "tell", "g", "r", "teller", "text", "lang", "answers", "signs", "on_open"}
    {"do": "say", "g", "r", "teller", "says"}       {"do": "forget", "g", "r"}
    {"do": "keep", "g", "n"}                        {"do": "end", "g"}
        -> {"acts", "cuts", "names": [[m, name or "", lang]]}
    {"do": "fair", "g"}                 -> {"fair": [rho, n, k, group, r, i] or null}
    {"do": "path", "g", "a", "b"}       -> {"path": [[r, i], ...]}

Whatever goes wrong ends the process: what it holds may be half changed by then,
and whoever asked has everything it takes to begin again.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from dreamweave.app.bounded import MEMORY_BYTES_MAX, bound, cut_network
from dreamweave.app.weave_worker import get_ready

if TYPE_CHECKING:
    from dreamweave.app.live_weaving import LiveWeaving

# It lives as long as gatherings do. How long one answer may take is the server's to say.
CPU_S_MAX = 7 * 24 * 3600


class Host:
    """The open gatherings. `begin` makes one of the message of that name."""

    def __init__(self, begin: Callable[[Mapping[str, Any]], LiveWeaving]) -> None:
        self._begin = begin
        self._open: dict[str, LiveWeaving] = {}

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What one message is answered. Raises whatever goes wrong."""
        do, g = asked.pop("do"), asked.pop("g")
        if do == "begin":
            self._open[g] = self._begin(asked)
            return self._open[g].began
        if do == "end":
            self._open.pop(g, None)
            return {"acts": [], "cuts": [], "names": []}
        weaving = self._open[g]
        match do:
            case "tell":
                return weaving.tell(**asked)
            case "say":
                return weaving.say(**asked)
            case "forget":
                return weaving.forget(**asked)
            case "keep":
                return weaving.keep(**asked)
            case "fair":
                return {"fair": weaving.fair()}
            case "path":
                return {"path": weaving.path(**asked)}
        raise ValueError("a message of no kind that is known here")


def lines() -> Iterator[bytes]:
    """The lines of standard input. Read aside, so that its end ends the process at once."""
    heard: SimpleQueue[bytes] = SimpleQueue()

    def listen() -> None:
        for line in sys.stdin.buffer:
            heard.put(line)
        os._exit(0)

    Thread(target=listen, daemon=True).start()
    while True:
        yield heard.get()


def serve(begin: Callable[[Mapping[str, Any]], LiveWeaving]) -> int:
    """Answer line by line."""
    host, out = Host(begin), sys.stdout.buffer
    try:
        for line in lines():
            answer = json.dumps(host.answer(json.loads(line)), separators=(",", ":"))
            out.write(answer.encode("ascii") + b"\n")
            out.flush()
    except MemoryError:
        return 3
    except Exception:
        pass  # no traceback: it could quote what was read
    return 4


def main() -> int:
    cut_network()
    get_ready()
    bound(MEMORY_BYTES_MAX, CPU_S_MAX)
    # What a library says in passing must not stand in a log beside the words.
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    # Numbers and readers are loaded here and never in the server.
    from dreamweave.app.live_weaving import LiveWeaving

    return serve(LiveWeaving)


if __name__ == "__main__":
    # Not by way of the interpreter's own ending: a thread waits on the input for good.
    os._exit(main())
