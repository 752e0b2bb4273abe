"""Refusals: an expected no, with a sentence fit for the person who asked.

A refusal is shown and never logged. Anything else that goes wrong (a misused
function, a full disk) is another exception and another file's business.
"""

from __future__ import annotations


class Refusal(Exception):
    """An expected no.

    `code` is stable and dotted ("report.empty"); `sentence` says what was
    wrong, what was wanted and what to do, and never quotes anybody's words.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence
