"""C4: is every line a piece of lent words, and is what was taken back absent?

Compares hashes, spans and words; knows nothing of voices.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise

from dreamweave.loom.carrying import same_text
from dreamweave.loom.papers import (
    Finding,
    Papers,
    counted,
    same_fragments,
)
from dreamweave.model.canonical import sha256_hex
from dreamweave.model.leaves import (
    absent_mark,
)
from dreamweave.model.proofs import (
    ChorusRow,
    FragmentRow,
    Full,
    LineRow,
)
from dreamweave.model.receipts import Receipt
from dreamweave.model.weaves import Weave


def words_hold(papers: Papers, say: Finding) -> None:
    weave = papers.weave
    if weave:
        placed = sorted((f.thread_i, f.report_i, f.start, f.end) for f in weave.fragments)
        say.ask(
            all(len(f.text) == f.end - f.start for f in weave.fragments)
            and all(a[:2] != b[:2] or a[3] <= b[2] for a, b in pairwise(placed)),
            "Every fragment is as long as its span, and no two spans of a report overlap.",
            "A fragment is not as long as its span, or two spans overlap.",
        )
    if papers.full:
        _fragments(papers.full, weave, say)
    elif papers.public:
        h, hidden = papers.public.header, papers.public.hidden
        rows: tuple[LineRow | ChorusRow, ...] = (*papers.public.lines, *papers.public.chorus)
        say.ask(
            (hidden[0].n, hidden[1].n) == (h.n_fragments, h.n)
            and all(x.fragment_i < h.n_fragments for x in rows),
            f"Every line and line of the chorus is one of {h.n_fragments} fragments in the tree.",
            "A line is none of them, or people are missing from the tree.",
        )
        say.cannot("On what terms they were lent is in the full certificate and in receipts.")
    for name, receipt in papers.receipts:
        _receipt_words(weave, name, receipt, say)
    if weave is None:
        say.cannot("weave.json is not here, so no words were compared.")


def _fragments(full: Full, weave: Weave | None, say: Finding) -> None:
    rows, salts = full.fragments, bytes.fromhex(full.secret)
    sung = [x.fragment_i for x in full.chorus]
    say.ask(
        all(i < len(rows) for i in [*sung, *(x.fragment_i for x in full.lines)])
        and len(set(sung)) == len(sung)
        and len({f.id for f in rows}) == len(rows)
        and all(f.start < f.end for f in rows),
        f"Every line and line of the chorus is one of {counted(len(rows), 'lent fragment')}, each with its"
        " lending record.",
        "A line is no lent fragment, or a fragment is there twice.",
    )
    here = [f.id for f in rows] + [t.tag for t in full.tellers]
    here += [t.tag for t in weave.threads] if weave else []
    absent = set(full.absent)
    say.ask(
        not absent or not any(absent_mark(salts, x) in absent for x in here),
        "Nothing that was taken back is here." if absent else "Nothing was taken back.",
        "Something that was taken back is here.",
    )
    if weave is None:
        return
    hashes = b"".join(sha256(f.text.encode()).digest() for f in weave.fragments)
    say.ask(
        same_fragments(full, weave) and hashes == full.text_sha256,
        "All of them stand in weave.json word for word.",
        "The words in weave.json are not those that were lent.",
    )
    texts: dict[int, str] = {}
    same = all(
        texts.setdefault(row.candidate, same_text(f.text)) == same_text(f.text)
        for row, f in zip(rows, weave.fragments, strict=False)
    )
    say.ask(
        same and len(set(texts.values())) == len(texts),
        "Only the same words count as one text.",
        "Different words count as one text, or the same words as two.",
    )


def _receipt_words(weave: Weave | None, name: str, receipt: Receipt, say: Finding) -> None:
    right = bool(receipt.fragments)
    if weave:
        threads = set(receipt.teller.row.threads)
        mine = {i for i, f in enumerate(weave.fragments) if f.thread_i in threads}
        right = right and mine == {x.i for x in receipt.fragments}
        right = right and all(
            _is_where(weave, x.i, x.row, x.text_sha256) for x in receipt.fragments
        )
    terms = ", ".join(sorted({x.lending.how for x in receipt.fragments}))
    say.ask(
        right,
        f"In {name}: {counted(len(receipt.fragments), 'fragment')}, lent {terms}.",
        f"In {name}, the words or their places are not those of weave.json.",
    )


def _is_where(weave: Weave, i: int, row: FragmentRow, text_sha256: str) -> bool:
    f = weave.fragments[i]
    return (f.id, f.thread_i, f.report_i, f.start, f.end) == (
        row.id,
        row.thread_i,
        row.report_i,
        row.start,
        row.end,
    ) and sha256_hex(f.text.encode()) == text_sha256
