"""Papers: the files of a finished weave, read, and what can be read off them at once.

Used by everything that proves (`loom.proving` and its clauses); proves nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.carrying import Carrying
from dreamweave.model.canonical import parsed, sha256_hex
from dreamweave.model.certificates import read_full, read_public
from dreamweave.model.proofs import (
    FULL_SCHEMA,
    PUBLIC_SCHEMA,
    Full,
    Public,
)
from dreamweave.model.receipts import RECEIPT_SCHEMA, Receipt, read_receipt
from dreamweave.model.refusals import Refusal
from dreamweave.model.relations import Relation
from dreamweave.model.weaves import SCHEMA, Weave
from dreamweave.model.wire import from_json

CLAUSES = {
    "ROOT": "one root over everything",
    "CARRY": "who is carried by what",
    "C1": "equal voice",
    "C2": "no overlooked group",
    "C3": "at every closeness",
    "C4": "lent words only",
}


@dataclass(frozen=True, slots=True)
class Papers:
    """The files that are here, read."""

    weave: Weave | None = None
    weave_sha256: str = ""
    full: Full | None = None
    relation: Relation | None = None
    public: Public | None = None
    receipts: tuple[tuple[str, Receipt], ...] = ()

    def with_header(self) -> Iterable[tuple[str, Full | Public | Receipt]]:
        if self.full:
            yield "certificate.json", self.full
        if self.public:
            yield "certificate.public.json", self.public
        yield from self.receipts


@dataclass(slots=True)
class Finding:
    """What was found about one clause: (what, sentence), what being holds, fails or unchecked."""

    clause: str
    said: list[tuple[str, str]] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """holds, partly (something could not be checked), fails, or unchecked."""
        kinds = {kind for kind, _ in self.said}
        if "fails" in kinds:
            return "fails"
        if "holds" not in kinds:
            return "unchecked"
        return "partly" if "unchecked" in kinds else "holds"

    def ask(self, holds: bool | np.bool_, good: str, bad: str) -> None:
        self.said.append(("holds", good) if holds else ("fails", bad))

    def fails(self, sentence: str) -> None:
        self.said.append(("fails", sentence))

    def cannot(self, sentence: str) -> None:
        self.said.append(("unchecked", sentence))


def papers_of(files: Mapping[str, bytes]) -> Papers:
    """Files read by their schema; refuses what follows none."""
    papers = Papers()
    for name in sorted(files):
        data = files[name]
        value = parsed(data, name)
        schema = value.get("schema") if isinstance(value, dict) else None
        if schema == SCHEMA:
            papers = _with(papers, weave=from_json(data), weave_sha256=sha256_hex(data))
        elif schema == FULL_SCHEMA:
            full, relation = read_full(data)
            papers = _with(papers, full=full, relation=relation)
        elif schema == PUBLIC_SCHEMA:
            papers = _with(papers, public=read_public(data))
        elif schema == RECEIPT_SCHEMA:
            receipts = (*papers.receipts, (name, read_receipt(data, name)))
            papers = _with(papers, receipts=receipts)
        else:
            raise Refusal("verify.schema", f"{name} follows no schema that is known here.")
    return papers


def _with(papers: Papers, **held: object) -> Papers:
    now = {f.name: getattr(papers, f.name) for f in fields(papers)} | held
    return Papers(**now)


@dataclass(frozen=True, slots=True)
class Told:
    """Whose words are what: owners of threads and candidates, and what people said of them."""

    owner: NDArray[np.int64]  # (n_threads,) -1 for nobody's or two people's
    own: tuple[frozenset[int], ...]  # by candidate; -1 is in it for a thread of nobody
    said: frozenset[tuple[int, int]]  # (candidate, teller), without what was denied
    denied: frozenset[tuple[int, int]]


def told_by(full: Full) -> Told:
    count = np.zeros(full.header.n_threads, dtype=np.int64)
    owner = np.full(full.header.n_threads, -1, dtype=np.int64)
    for t, row in enumerate(full.tellers):
        for thread in row.threads:
            if thread < len(owner):
                count[thread] += 1
                owner[thread] = t
    owner[count != 1] = -1
    own: list[set[int]] = [set() for _ in range(full.header.n_candidates)]
    for f in full.fragments:
        own[f.candidate].add(int(owner[f.thread_i]))
    said = {(c, t) for t, row in enumerate(full.tellers) for c in row.said}
    denied = {(c, t) for t, row in enumerate(full.tellers) for c in row.denied}
    return Told(owner, tuple(map(frozenset, own)), frozenset(said - denied), frozenset(denied))


def carrying_of(full: Full, relation: Relation) -> Carrying:
    counts = np.array(relation.counts, dtype=np.int64).reshape(-1, relation.n_levels)
    start = np.concatenate([[0], np.cumsum(counts.sum(axis=1))])
    levels = np.tile(np.arange(relation.n_levels, dtype=np.uint8), len(counts))
    return Carrying(
        n_tellers=full.header.n,
        radii=full.header.radii,
        start=start,
        teller=np.array(relation.tellers, dtype=np.int32),
        level=np.repeat(levels, counts.ravel()),
        n_capped=full.header.n_capped,
    )


def text_of(full: Full, fragment_i: int) -> int | None:
    return full.fragments[fragment_i].candidate if fragment_i < len(full.fragments) else None


def owns(told: Told, text: int | None, teller: int) -> bool:
    return text is not None and teller in told.own[text]


def lines_as_texts(full: Full) -> list[int] | None:
    """The texts that are lines; None where one is no fragment, or two are the same text."""
    texts = [text_of(full, x.fragment_i) for x in full.lines]
    known = [text for text in texts if text is not None]
    return known if len(set(known)) == len(texts) else None


def same_fragments(full: Full, weave: Weave) -> bool:
    return tuple((f.id, f.thread_i, f.report_i, f.start, f.end) for f in full.fragments) == tuple(
        (f.id, f.thread_i, f.report_i, f.start, f.end) for f in weave.fragments
    )


def counted(n: int, one: str, many: str | None = None) -> str:
    """`n` things, in words that fit their number."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def people(n: int) -> str:
    return counted(n, "person", "people")


def with_fewer(l: int) -> str:  # noqa: E741 (the paper's letter)
    """How a closest call is told: fewer than l lines."""
    return "with no line" if l == 1 else f"with fewer than {l} lines"
