"""The weave worker: a process of its own in which lent words are woven, and which ends with them.

    python -m dreamweave.app.weave_worker

One JSON object on standard input, files on standard output (`send`), nothing
anywhere else: no argument, no environment, no log, no file. What it may use is
bounded before it reads a word. Who is woven with whom, and whether it is kept,
is `weaving_lent`'s.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from dreamweave.app.bounded import bound, cut_network

if TYPE_CHECKING:
    from dreamweave.model.weaves import Weave


def send(out: BinaryIO, files: Mapping[str, bytes]) -> None:
    """Files as a stream: 2 bytes of length and a name, 8 bytes of length and the content; 0 ends it."""
    for name, content in files.items():
        head = name.encode()
        out.write(len(head).to_bytes(2, "big") + head + len(content).to_bytes(8, "big"))
        out.write(content)
    out.write(b"\0\0")
    out.flush()


def received(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of a stream. Raises ValueError where it ends early."""
    at = 0
    while True:
        size = int.from_bytes(data[at : at + 2], "big")
        if size == 0:
            if data[at : at + 2] != b"\0\0":
                raise ValueError("the stream of a weave ended early")
            return
        name = data[at + 2 : at + 2 + size].decode()
        at += 2 + size
        n = int.from_bytes(data[at : at + 8], "big")
        content = data[at + 8 : at + 8 + n]
        if len(content) != n:
            raise ValueError("the stream of a weave ended early")
        yield name, content
        at += 8 + n


def woven_files(asked: Mapping[str, Any]) -> dict[str, bytes]:
    """Weave what was asked: the page, the text, the knots by the tags words were lent under, keys."""
    # Numbers and readers are loaded here and never in the server.
    from dreamweave.app.keys_csv import read_keys_csv
    from dreamweave.app.weaving import secret_of, weave_told
    from dreamweave.dreamscape.landscape import landscape_svg
    from dreamweave.dreamscape.scene import scene
    from dreamweave.model.canonical import canonical
    from dreamweave.model.keys import tag_of
    from dreamweave.model.reports import Report, Seat, Told
    from dreamweave.model.wire import from_json

    # Who listened and who was kept a seat for is counted and not known.
    listening = [Seat(f"listening/{i}", "listening") for i in range(asked["n_listening"])]
    kept_open = [Seat(f"open/{i}", "open") for i in range(asked["n_open"])]
    reports = tuple(Report(**report) for report in asked["reports"])
    told = Told(reports, (*listening, *kept_open))
    folder = weave_told(told, title=asked["title"], seed=asked["seed"], live=asked["live"])
    weave = from_json(folder.files["weave.json"])
    # What each thread was lent as: only here, where the secret is, are the two names of it known.
    secret = secret_of(asked["seed"], told)
    lent_as = {tag_of(secret, f"thread/{i}"): r.id for i, r in enumerate(told.reports)}
    threads = [lent_as[thread.tag] for thread in weave.threads]
    knots = [
        {
            "motif": weave.motifs[knot.motif_i].name,
            "lang": weave.motifs[knot.motif_i].lang,
            "firm": knot.firm,
            "passage": knot.passage_i,
            "tags": [threads[i] for i in knot.threads],
        }
        for knot in weave.knots
    ]
    people, _ = read_keys_csv(folder.files["keys.csv"])
    drawn = scene(weave)
    return {
        "page": folder.files["dreamscape.html"],
        "text": folder.files["text.md"],
        "knots": canonical({"knots": knots, "n_threads": len(threads)}),
        "keys": canonical({person.who: person.key for person in people}),
        "threads": canonical({"tags": threads}),
        "data": folder.files["weave.json"],
        "public": folder.files["certificate.public.json"],
        "scene": json.dumps(drawn, separators=(",", ":")).encode(),
        "landscape": landscape_svg(weave).encode(),
        "landscape_phone": landscape_svg(weave, sheet="phone").encode(),
        **_prints(weave, drawn),
        "root": folder.root.encode(),
    }


def _prints(weave: Weave, drawn: Mapping[str, Any]) -> dict[str, bytes]:
    """What is there only with the print extra: the picture for sharing, with neither name nor sentence.

    No poster: typst reads its words from a file, and no word of a lender's may stand in one.
    """
    from dreamweave.dreamscape.social import social_png
    from dreamweave.model.refusals import Refusal

    try:
        return {"social": social_png(weave, drawn=drawn)}
    except Refusal as no:
        if no.code != "print.missing":
            raise
        return {}


def get_ready() -> None:
    """Load what needs a temporary file to be loaded, before the bounds forbid files and words come.

    The reader of languages unpacks its model that way (seen: without this, nothing whose
    language nobody said could be woven).
    """
    from dreamweave.loom.languages import language_of

    with suppress(OSError):  # no room for it: what has a language can still be woven
        language_of("a")


def main() -> int:
    cut_network()
    get_ready()
    bound()
    out, inn = sys.stdout.buffer, sys.stdin.buffer
    # What a library says in passing must not stand in a log beside the words.
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    from dreamweave.model.refusals import Refusal

    try:
        files = woven_files(json.loads(inn.read()))
    except Refusal as no:
        files = {"refusal": json.dumps({"code": no.code, "sentence": no.sentence}).encode()}
    except MemoryError:
        return 3
    except Exception:
        return 4  # no traceback: it could quote what was read
    send(out, files)
    return 0


if __name__ == "__main__":
    sys.exit(main())
