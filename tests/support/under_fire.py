"""Authors who write until their process is killed, and who note what they were told.

    under_fire.py FOLDER N_AUTHORS MODE

Runs in a child. For every writing one line goes to standard output before it is
sent (`> author n`) and one after it was acknowledged (`< author n seq`); the
pipe outlives the child. A new child goes on where the last one stopped: it
sends again whatever it cannot know to be kept, under the same key.

MODE is "sound"; "hasty" notes an answer before it came, "keyless" sends without
idempotency keys. A history that shows no harm in those shows nothing.
"""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

from dreamweave.model.keeping import NewFact, Row, Writing
from dreamweave.store.engine import Tuning
from dreamweave.store.sqlite import SqliteStore

# The last writings of each author are sent once more by the next child.
N_AGAIN = 3


def stream_of(author: int) -> str:
    return f"author/{author}"


def writing_of(author: int, n: int) -> Writing:
    """What author says as their n-th; the same every time. Every third takes an older one back."""
    once = f"{author}-{n}"
    body = once.encode() * (1 + n % 40)
    return Writing(
        at_ms=n,
        facts=(NewFact(stream_of(author), "told", once.encode()), NewFact("all", "told", b"")),
        puts=(Row("words", once, stream_of(author), body),),
        drops=(("words", f"{author}-{n - 2}"),) if n % 3 == 0 else (),
        once=once,
        asked=once.encode(),
        answer=once.encode(),
    )


def note(line: str) -> None:
    os.write(1, line.encode() + b"\n")  # one write, one line: nothing waits in this process


def author_writes(store: SqliteStore, author: int, mode: str) -> None:
    n = max(0, store.n_facts(stream_of(author)) - N_AGAIN)
    while True:
        n += 1
        note(f"> {author} {n}")
        writing = writing_of(author, n)
        if mode == "keyless":
            writing = replace(writing, once="")
        done = store.keep(writing)
        if mode == "hasty":
            note(f"< {author} {n} 0")
            done.result()
            continue
        note(f"< {author} {n} {done.result().first_seq}")


def main() -> None:
    folder, n_authors, mode = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    tuning = Tuning(log_pages=100, log_pages_max=400)
    store = SqliteStore(folder, ballast_bytes=0, room_min_bytes=0, tuning=tuning)
    note("! open")
    for author in range(n_authors):
        threading.Thread(target=author_writes, args=(store, author, mode), daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
