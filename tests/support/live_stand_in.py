"""The live worker with a reader for tests, and with words on which it fails: for tests of whoever asks it.

    python tests/support/live_stand_in.py

Everything is the real thing but the reader, which is `reader_of_words`', and
what a report with one of these words in it does to it.
"""

from __future__ import annotations

import os
import sys
import time

from reader_of_words import WordReader

from dreamweave.app.live_weaving import LiveWeaving
from dreamweave.app.live_worker import serve

DIES, HANGS, SHOUTS, FAILS = "deathcap", "stuckfast", "loudmouth", "wrongfoot"


class Fragile(LiveWeaving):
    def __init__(self, asked):
        super().__init__(asked, WordReader())

    def tell(self, r, teller, text, lang, **how):
        if DIES in text:
            os._exit(9)
        if HANGS in text:
            time.sleep(600)
        if SHOUTS in text:
            while True:
                sys.stdout.buffer.write(b"x" * (1 << 20))
        if FAILS in text:
            raise RuntimeError(text)
        return super().tell(r, teller, text, lang, **how)


if __name__ == "__main__":
    os._exit(serve(Fragile))
