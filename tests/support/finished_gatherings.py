"""A gathering that is over, for tests of tapestries: told, closed and really woven, without a process."""

from __future__ import annotations

import io
import json
from functools import cache

from makers_gatherings import Gathered, make_gathering
from makers_ground import make_ground

from dreamweave.app import gatherings
from dreamweave.app.closing_gathering import Closing
from dreamweave.app.gatherings import About
from dreamweave.app.ground import Limits
from dreamweave.app.weave_worker import send, woven_files

CANARY = "zyxwviolet"
TEXTS = (
    "The sea came up the stairs and asked for tea.",
    "I climbed the stairs and there was only water.",
    f"A {CANARY} bird sat on the tram and paid with a feather.",
    "My grandmother carried a lamp across the bridge at night.",
    "Water ran down the stairs of our house and into the street.",
    "On the stairs somebody had left a boat, and the water rose.",
)
ARABIC = "حلمت أن البحر صعد الدرج."


def loom(asked: bytes) -> bytes:
    """What the worker does with words, in this process."""
    out = io.BytesIO()
    send(out, dict(_woven(asked)))
    return out.getvalue()


@cache
def _woven(asked: bytes) -> tuple[tuple[str, bytes], ...]:
    return tuple(woven_files(json.loads(asked)).items())


class Finished:
    """A gathering with a host, six who told a line each, and somebody who listened; then it is over.

    `ann` told the first line, `cleo` the one with the canary in it.
    """

    def __init__(self, *, crowd_min: int = 3, texts=TEXTS, notes=None, **how) -> None:
        self.on: Gathered = make_gathering(
            make_ground(limits=Limits(crowd_min=crowd_min)),
            about=About("The night of the stairs", missing="Whoever works nights.", lang="en"),
            n_open=1,
            **how,
        )
        self.ground, self.g, self.host = self.on.ground, self.on.g, self.on.host
        self.trouble: list[BaseException] = []
        self.closing = Closing(
            self.ground, self.on.rooms, weaver=loom, on_trouble=self.trouble.append, threaded=False
        )
        named = how.get("named", False)
        self.tellers = [self.on.comes(name=f"Name {i}" if named else "") for i in range(len(texts))]
        self.listener = self.on.comes(listening=True)
        feelings = ("wonder", "sorrow", "joy", None)
        for i, (who, text) in enumerate(zip(self.tellers, texts, strict=True)):
            lang = "ar" if text == ARABIC else "en"
            self.on.tells(
                who, text, lang=lang, feeling=feelings[i % 4], note=(notes or {}).get(i, "")
            )
        self.ann, self.bo, self.cleo, self.dev = self.tellers[:4]
        self.on.settle()
        gatherings.begin_phase(self.ground, self.host, self.g, "reflecting")
        self.turn()

    def turn(self) -> int:
        n = self.closing.turn()
        assert self.trouble == []
        return n
