"""Proving: is a finished weave what its certificates say, clause by clause?

Bytes of files in, findings in sentences out. This is the fast verifier, for
whoever has the software; it counts with numpy and with the loom's own check.
`verifier/verify_weave.py` comes to the same verdicts without any of it, and
tests hold the two to each other. Reading folders and printing are the command
line's business.

The carry relation is found again from the stored vectors, whole, in blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from hashlib import sha256
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.carrying import BAND, Carrying, exact_levels, same_text
from dreamweave.loom.checking import n_lines_carrying, n_without_line, overlooked
from dreamweave.model.canonical import canonical, parsed, sha256_hex
from dreamweave.model.certificates import (
    FULL_SCHEMA,
    PUBLIC_SCHEMA,
    ChorusRow,
    Closest,
    FragmentRow,
    Full,
    Header,
    LineRow,
    Public,
    absent_mark,
    closed,
    leaves_of,
    lending_mark,
    price_of,
    public_leaves,
    read_full,
    read_public,
    root_of,
    rounded,
)
from dreamweave.model.merkle import leaf_hash, root_from_path
from dreamweave.model.receipts import RECEIPT_SCHEMA, OpenFragment, Receipt, read_receipt
from dreamweave.model.refusals import Refusal
from dreamweave.model.relations import Relation
from dreamweave.model.weaves import SCHEMA, VOICE, Overlooked, Weave
from dreamweave.model.wire import from_json, plain

CLAUSES = {
    "ROOT": "one root over everything",
    "CARRY": "who is carried by what",
    "C1": "equal voice",
    "C2": "no overlooked group",
    "C3": "at every closeness",
    "C4": "lent words only",
}

# Candidates compared with everybody at once: 128 x 50,000 floats are 26 MB.
BLOCK = 128

Progress = Callable[[int, int], None]


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


def verify(
    files: Mapping[str, bytes],
    root: str | None = None,
    *,
    clauses: Iterable[str] = tuple(CLAUSES),
    progress: Progress | None = None,
) -> tuple[Finding, ...]:
    """Check files, given as {name: bytes}, against each other and against `root`.

    Args:
        files: any of weave.json, certificate.json, certificate.public.json and
            receipts; each is known by its schema, not by its name.
        root: what weaving printed. Without it a forger who recomputes every
            hash is caught only where the clauses contradict each other.
        clauses: which to check; all, unless a test switches one off.
        progress: called with (candidates done, of how many) while the relation
            is found again.

    Returns:
        One finding a clause, in the order of `CLAUSES`.

    Raises:
        Refusal: a file is not what it should be, or `root` is no root.

    Cost: bench/proof.py; 10,000 people with 6 million pairs take some seconds
        for the clauses and some more for finding the relation again.
    Check: tests/verifier/test_tampering.py and test_agreement.py hold this
        and the stand-alone verifier to each other.
    """
    wanted = None if root is None else _as_root(root)
    papers = papers_of(files)
    checks: dict[str, Callable[[Finding], None]] = {
        "ROOT": lambda say: _root(papers, wanted, say),
        "CARRY": lambda say: _carry(papers, say, progress),
        "C1": lambda say: _voices(papers, say),
        "C2": lambda say: _groups(papers, say),
        "C3": lambda say: _levels(papers, say),
        "C4": lambda say: _words(papers, say),
    }
    found = [Finding(name) for name in clauses]
    for finding in found:
        checks[finding.clause](finding)
    return tuple(found)


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


def _as_root(root: str) -> str:
    kept = root.strip().lower()
    if len(kept) != 64 or set(kept) - set("0123456789abcdef"):
        raise Refusal("verify.root", "A root is 64 letters and digits, 0 to 9 and a to f.")
    return kept


# ------------------------------------------------------------------ ROOT


def _root(papers: Papers, wanted: str | None, say: Finding) -> None:
    roots = set()
    for name, paper in papers.with_header():
        if isinstance(paper, Full):
            assert papers.relation is not None
            found = root_of(closed(leaves_of(paper, papers.relation)))
        elif isinstance(paper, Public):
            found = root_of((*closed(public_leaves(paper)), *paper.hidden))
        else:
            found = root_of(paper.sections)
            say.ask(
                _opens(paper),
                f"Every row of {name} has its path to the root.",
                f"A row of {name} does not lead to the root.",
            )
        roots.add(found)
        if found != paper.root:
            say.fails(f"{name} does not hash to the root it names.")
        if papers.weave:
            say.ask(
                paper.header.weave_sha256 == papers.weave_sha256,
                f"weave.json is, byte for byte, the one {name} speaks of.",
                f"weave.json is not the file that {name} speaks of.",
            )
    if not roots:
        say.cannot("weave.json alone has no root; put a certificate or a receipt beside it.")
        if wanted:
            say.fails("So the root you gave cannot be met.")
    elif len(roots) > 1:
        say.fails("The files here have different roots, so they are not of one weave.")
    elif wanted is None:
        say.ask(True, f"Everything here hashes to the root {roots.pop()}.", "")
        say.cannot(
            "No root was given to compare with. Whoever changes a file can also recompute its"
            " hashes, so compare this root with the one that weaving printed."
        )
    else:
        say.ask(
            roots == {wanted},
            "Everything here hashes to the root you gave.",
            "These are not the files that were made: they do not hash to the root you gave.",
        )


def _opens(receipt: Receipt) -> bool:
    """Every opened row leads by its path to the root of its section."""
    ends = {s.name: s for s in receipt.sections}

    def leads(name: str, i: int, leaf: bytes, path: Sequence[str]) -> bool:
        steps = [bytes.fromhex(h) for h in path]
        found = root_from_path(leaf_hash(leaf), i, ends[name].n, steps)
        return found == bytes.fromhex(ends[name].root)

    try:
        t = receipt.teller
        return (
            leads("header", 0, canonical(plain(receipt.header)), ())
            and leads("tellers", t.i, bytes.fromhex(t.salt) + canonical(plain(t.row)), t.path)
            and all(
                leads("lines", x.i, canonical({"i": x.i, **plain(x.row)}), x.path)
                for x in receipt.lines
            )
            and all(
                leads("chorus", x.i, canonical({"i": x.i, **plain(x.row)}), x.path)
                for x in receipt.chorus
            )
            and all(leads("fragments", x.i, _opened_leaf(x), x.path) for x in receipt.fragments)
        )
    except ValueError:
        return False


def _opened_leaf(x: OpenFragment) -> bytes:
    mark = lending_mark(bytes.fromhex(x.lending_salt), x.lending)
    said = {"i": x.i, **plain(x.row), "text_sha256": x.text_sha256, "lending": mark.hex()}
    return bytes.fromhex(x.salt) + canonical(said)


# ------------------------------------------------------------------ CARRY


@dataclass(frozen=True, slots=True)
class _Told:
    """Whose words are what: owners of threads and candidates, and what people said of them."""

    owner: NDArray[np.int64]  # (n_threads,) -1 for nobody's or two people's
    own: tuple[frozenset[int], ...]  # by candidate; -1 is in it for a thread of nobody
    said: frozenset[tuple[int, int]]  # (candidate, teller), without what was denied
    denied: frozenset[tuple[int, int]]


def _told(full: Full) -> _Told:
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
    return _Told(owner, tuple(map(frozenset, own)), frozenset(said - denied), frozenset(denied))


def _carrying(full: Full, relation: Relation) -> Carrying:
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


def _carry(papers: Papers, say: Finding, progress: Progress | None) -> None:
    full, relation = papers.full, papers.relation
    if full is None or relation is None:
        say.cannot("Who is carried by what is in the full certificate, which is not here.")
        return
    carrying, told = _carrying(full, relation), _told(full)
    m, n = full.header.n_candidates, full.header.n
    key = carrying.candidates().astype(np.int64) * n + carrying.teller
    held = np.sort(key)
    close = np.sort(key[carrying.level == 0])
    own = {(c, t) for c, who in enumerate(told.own) for t in who}
    must = own | told.said
    stands = all(full.fragments[f].candidate == c for c, f in enumerate(relation.first))
    sound = (
        bool((held[1:] != held[:-1]).all())
        and all(told.own)
        and all(c < m and t >= 0 for c, t in must)
        and bool(np.isin([c * n + t for c, t in must], close).all())
        and all(c < m for c, _ in told.denied)
        and not np.isin([c * n + t for c, t in told.denied - own], held).any()
        and stands
    )
    say.ask(
        sound,
        "Own words, and what people said carries them, carry them at the closest level; what"
        " they said does not carry them does not.",
        "The relation leaves out somebody's own words or what they said, counts somebody twice,"
        " or carries somebody who said it does not.",
    )
    _capped(full, carrying, told, say)
    weave = papers.weave
    if weave is None:
        say.cannot("weave.json is not here, so similarity was not computed again.")
    elif weave.dims == 0 or weave.dims * 255 * 255 >= 2**32:
        say.cannot("The vectors are too long, or empty, and were not compared.")
    elif not _same_fragments(full, weave) or not stands:
        say.fails("The fragments of weave.json are not those of the certificate.")
    else:
        wrong = _n_unlike_vectors(full, relation, carrying, told, weave, progress)
        say.ask(
            wrong == 0,
            f"All of it, {len(carrying.teller)} pairs, was found again from the stored vectors.",
            f"{wrong} texts do not carry whom the stored vectors say.",
        )


def _capped(full: Full, carrying: Carrying, told: _Told, say: Finding) -> None:
    h = full.header
    if h.cap is None:
        say.ask(
            not any(h.n_capped),
            "No list of carried people was cut short.",
            "Lists were cut short, and it does not say at what length.",
        )
        return
    n_levels = len(h.radii)
    by_level = np.bincount(
        carrying.candidates().astype(np.int64) * n_levels + carrying.level,
        minlength=h.n_candidates * n_levels,
    )
    lengths = np.cumsum(by_level.reshape(-1, n_levels), axis=1)
    long_enough = (lengths >= h.cap).sum(axis=0)
    within = True
    for c in np.flatnonzero(lengths[:, -1] > h.cap).tolist():
        kept = set(told.own[c])
        kept |= {int(t) for t in carrying.tellers(c, 0) if (c, int(t)) in told.said}
        within = within and int(lengths[c, -1]) <= max(h.cap, len(kept))
    say.ask(
        h.cap * h.k >= 4 * h.n and within and bool((np.array(h.n_capped) <= long_enough).all()),
        f"Lists were cut at {h.cap} people, which is at least four groups of n/k, and only where"
        " they were that long.",
        "Lists of carried people were cut shorter than is allowed or said.",
    )


def _n_unlike_vectors(
    full: Full,
    relation: Relation,
    carrying: Carrying,
    told: _Told,
    weave: Weave,
    progress: Progress | None,
) -> int:
    """How many candidates carry others than the vectors say, at the levels they say.

    Floats sort out the clear cases; what lies within their rounding error of a
    radius is decided in whole numbers, as in `carrying`.
    """
    n, m, n_levels = full.header.n, full.header.n_candidates, len(full.header.radii)
    rows = np.frombuffer(weave.vectors, dtype=np.int8).reshape(-1, weave.dims)
    rows = rows[np.array(relation.first, dtype=np.int64)]  # (m, d)
    pairs = sorted((t, c) for c, who in enumerate(told.own) for t in who if t >= 0)
    if not pairs:
        return m
    teller, column = np.array(pairs, dtype=np.int64).T
    present, first = np.unique(teller, return_index=True)
    last = np.append(first[1:], len(teller))
    length = np.sqrt((rows.astype(np.float64) ** 2).sum(axis=1))
    unit = (rows / np.where(length == 0, 1.0, length)[:, None]).astype(np.float32)
    columns = unit[column]  # (f, d)
    bounds = np.array(full.header.radii) / 1000
    own = np.array([(c, t) for c, who in enumerate(told.own) for t in who if t >= 0])
    said = np.array(sorted(told.said), dtype=np.int64).reshape(-1, 2)
    denied = np.array(sorted(told.denied), dtype=np.int64).reshape(-1, 2)

    wrong = 0
    for begin in range(0, m, BLOCK):
        end = min(m, begin + BLOCK)
        best = np.full((n, end - begin), -2.0, dtype=np.float32)
        cosines = columns @ unit[begin:end].T  # (f, b)
        best[present] = np.maximum.reduceat(cosines, first, axis=0)
        level = np.zeros(best.shape, dtype=np.uint8)
        unsure = np.zeros(best.shape, dtype=bool)
        for bound in bounds:
            level += best < bound
            unsure |= np.abs(best - bound) <= BAND
        for t, local in np.argwhere(unsure).tolist():
            place = int(np.searchsorted(present, t))
            theirs = rows[column[first[place] : last[place]]]
            asked = np.repeat(rows[begin + local][None], len(theirs), axis=0)
            level[t, local] = exact_levels(asked, theirs, full.header.radii).min()
        for who, what in ((denied, n_levels), (said, 0), (own, 0)):
            inside = who[(who[:, 0] >= begin) & (who[:, 0] < end) & (who[:, 1] < n)]
            level[inside[:, 1], inside[:, 0] - begin] = what
        stored = np.full(best.shape, n_levels, dtype=np.uint8)
        row = slice(int(carrying.start[begin]), int(carrying.start[end]))
        local_of = np.repeat(np.arange(end - begin), np.diff(carrying.start[begin : end + 1]))
        stored[carrying.teller[row], local_of] = carrying.level[row]
        wrong += _n_unlike(stored, level, n_levels, full.header.cap)
        if progress:
            progress(end, m)
    return wrong


def _n_unlike(
    stored: NDArray[np.uint8], found: NDArray[np.uint8], n_levels: int, cap: int | None
) -> int:
    """How many columns differ; where the cap cut, whether it kept the closest."""
    same = (stored == found).all(axis=0)
    if cap is not None:
        kept = stored < n_levels
        over = (found < n_levels).sum(axis=0) > cap
        widest = np.where(kept, stored, 0).max(axis=0)
        nearest_left = np.where(kept, n_levels, found).min(axis=0)
        fair = (kept.sum(axis=0) >= cap) & (nearest_left >= widest)
        fair &= np.where(kept, stored == found, True).all(axis=0)
        same = np.where(over, fair, same)
    return int((~same).sum())


# ------------------------------------------------------------------ C1


def _voices(papers: Papers, say: Finding) -> None:
    paper = papers.full or papers.public
    if paper:
        _prices(paper, say)
    if papers.weave:
        _weave_totals(papers, papers.weave, say)
    if papers.full and papers.relation:
        _accounts(papers.full, papers.relation, say)
    elif paper:
        say.cannot("Each person's own account is in the full certificate and in their receipt.")
    for name, receipt in papers.receipts:
        _receipt_account(papers.weave, name, receipt, say)
    if not paper and not papers.receipts:
        say.cannot("Accounts are in the certificates, which are not here.")


def _prices(paper: Full | Public, say: Finding) -> None:
    h, lines = paper.header, paper.lines
    price = price_of(h.n, h.k, h.reserve) if h.reserve <= VOICE else 0
    say.ask(
        h.voice == VOICE and h.price == price and h.reserve <= VOICE // 100,
        f"A line costs {h.price} units of {VOICE} a voice, a little under n/k = {h.n}/{h.k};"
        f" {h.reserve} of each voice stay with its owner's own words.",
        f"The price of a line is not what {h.n} people and {h.k} lines make it.",
    )
    total = sum(x.paid for x in lines) + sum(c.voice for c in paper.chorus)
    slack = h.grain // 2 * (len(lines) + len(paper.chorus))
    say.ask(
        abs(total - h.n * VOICE) <= slack,
        f"All lines and the chorus together hold exactly {h.n} voices.",
        f"Lines and chorus together do not hold the voices of {h.n} people.",
    )
    n_within_k = sum(x.how != "own" for x in lines)
    say.ask(
        all(_paid_by_rule(x, h, price) for x in lines)
        and n_within_k <= h.k
        and len({x.fragment_i for x in lines}) == len(lines),
        "Some lines stayed from before words were taken back, with what was left of their pay."
        if h.healed
        else f"Lines bought by shares hold the price, others no more; {n_within_k} of at most"
        f" {h.k}, and {len(lines) - n_within_k} beyond.",
        "A line is not paid as its rule says, or there are more lines than k.",
    )


def _paid_by_rule(x: LineRow, h: Header, price: int) -> bool:
    # Two rounded amounts differ from their exact difference by a grain at most.
    bought, slip = x.paid - x.topped, h.grain - 1
    if bought < -slip or x.level >= h.n_paying or x.n_carried > h.n:
        return False
    if x.how in ("shares", "repair") and x.level > 0:
        return False
    if h.healed:
        return True
    whole = x.how in ("shares", "widened")
    return (
        bought <= price + slip
        and x.n_payers <= x.n_carried
        and (not whole or (bought >= price - slip and x.n_payers > 0))
    )


def _weave_totals(papers: Papers, weave: Weave, say: Finding) -> None:
    slack = 0
    for _, paper in papers.with_header():
        h = paper.header
        slack = h.grain // 2 * (len(weave.lines) + len(weave.chorus))
        same = (
            (weave.n_tellers, weave.k, weave.radii, weave.n_paying, weave.fairness.n_capped)
            == (h.n, h.k, h.radii, h.n_paying, h.n_capped)
            and (weave.seed, weave.reader, weave.dims, weave.named, weave.invented)
            == (h.seed, h.reader, h.dims, h.named, h.invented)
            and (len(weave.threads), len(weave.fragments)) == (h.n_threads, h.n_fragments)
            and (len(weave.lines), len(weave.chorus)) == (h.n_lines, h.n_chorus)
        )
        if same and not isinstance(paper, Receipt):
            same = tuple(
                (x.fragment_i, x.how, x.level, x.paid, x.n_carried) for x in weave.lines
            ) == tuple((x.fragment_i, x.how, x.level, x.paid, x.n_carried) for x in paper.lines)
            same = same and paper.chorus == tuple(
                ChorusRow(c.fragment_i, c.voice) for c in weave.chorus
            )
        if not same:
            say.fails("weave.json and a certificate or receipt do not say the same.")
    fair = weave.fairness
    say.ask(
        fair.voice_in_lines + fair.voice_in_chorus == weave.n_tellers * VOICE
        and abs(fair.voice_in_lines - sum(x.paid for x in weave.lines)) <= slack
        and abs(fair.voice_in_chorus - sum(c.voice for c in weave.chorus)) <= slack,
        f"In weave.json, lines and chorus hold the voices of its {weave.n_tellers} people.",
        "In weave.json, lines and chorus do not add up to one voice a person.",
    )


def _accounts(full: Full, relation: Relation, say: Finding) -> None:
    h, told = full.header, _told(full)
    carrying = _carrying(full, relation)
    n_lines, n_chorus = len(full.lines), len(full.chorus)
    line_text = [_text_of(full, x.fragment_i) for x in full.lines]
    chorus_text = [_text_of(full, x.fragment_i) for x in full.chorus]
    broken = sum(text is None for text in line_text)
    unequal = 0
    paid, topped, payers = ([0] * n_lines for _ in range(3))
    sung = [0] * n_chorus
    payments: list[tuple[int, int, int]] = []  # (line, teller, level)
    for t, row in enumerate(full.tellers):
        unequal += sum(r.units for r in row.account) != VOICE
        places = [(r.line, r.chorus) for r in row.account]
        broken += len(set(places)) != len(places)
        for r in row.account:
            rest = r.topped or 0
            if r.chorus is not None:
                right = r.line is None and r.level is None and r.topped is None
                right = right and r.chorus < n_chorus and _owns(told, chorus_text[r.chorus], t)
                if right:
                    sung[r.chorus] += r.units
            elif r.line is not None and r.level is not None and r.line < n_lines:
                right = r.level < h.n_paying and rest <= r.units
                right = right and (not rest or _owns(told, line_text[r.line], t))
                paid[r.line] += r.units
                topped[r.line] += rest
                payers[r.line] += r.units > rest
                payments.append((r.line, t, r.level))
            else:
                right = False
            broken += not right or r.units == 0
    uncarried = wrong = 0
    by_line: list[list[tuple[int, int]]] = [[] for _ in full.lines]
    for w, t, level in payments:
        by_line[w].append((t, level))
    for w, (x, text) in enumerate(zip(full.lines, line_text, strict=True)):
        if text is None:
            continue
        row_of = slice(int(carrying.start[text]), int(carrying.start[text + 1]))
        at = np.full(h.n, 255, dtype=np.uint8)
        at[carrying.teller[row_of]] = carrying.level[row_of]
        if by_line[w]:
            who, level = np.array(by_line[w], dtype=np.int64).T
            uncarried += int((at[who] > level).sum())
        wrong += x.n_carried != int((carrying.level[row_of] <= x.level).sum())
        wrong += x.n_payers != payers[w]
        wrong += (x.paid, x.topped) != (rounded(paid[w], h.grain), rounded(topped[w], h.grain))
    wrong += sum(rounded(s, h.grain) != c.voice for s, c in zip(sung, full.chorus, strict=True))
    spoken = {t for who in told.own for t in who}
    say.ask(
        len({row.tag for row in full.tellers}) == h.n
        and bool((told.owner >= 0).all())
        and all(thread < h.n_threads for row in full.tellers for thread in row.threads)
        and spoken == set(range(h.n)),
        f"{h.n} people, each with a tag of their own and words in the weave; every thread is"
        " somebody's.",
        "Somebody is missing or there twice, or a thread is nobody's or two people's.",
    )
    say.ask(
        not unequal and not broken,
        "Each person's rows add up to exactly one voice.",
        f"{unequal + broken} accounts are not exactly one voice, or hold a row that cannot be.",
    )
    say.ask(
        not uncarried,
        "Voices went only to lines that carry their owner at the closeness written beside, or to"
        " the owner's own words.",
        f"{uncarried} payments went to lines that do not carry their payer.",
    )
    say.ask(
        not wrong,
        "Each line and each line of the chorus holds exactly what its people gave.",
        "A line does not hold what its people gave, or not as many people as it says.",
    )


def _text_of(full: Full, fragment_i: int) -> int | None:
    return full.fragments[fragment_i].candidate if fragment_i < len(full.fragments) else None


def _owns(told: _Told, text: int | None, teller: int) -> bool:
    return text is not None and teller in told.own[text]


def _receipt_account(weave: Weave | None, name: str, receipt: Receipt, say: Finding) -> None:
    h, row = receipt.header, receipt.teller.row
    lines = {x.i: x.row for x in receipt.lines}
    chorus = {x.i: x.row for x in receipt.chorus}
    threads = {x.row.thread_i for x in receipt.fragments}
    right = (
        sum(r.units for r in row.account) == VOICE
        and h.voice == VOICE
        and bool(threads)
        and threads <= set(row.threads)
    )
    for r in row.account:
        right = right and r.units > 0
        if r.chorus is not None:
            right = right and r.line is None and r.chorus in chorus
            right = right and r.units <= chorus[r.chorus].voice + h.grain
        else:
            right = right and r.line is not None and r.line in lines
            right = right and r.level is not None and r.level < h.n_paying
            right = right and r.units <= lines[r.line or 0].paid + h.grain
            right = right and (r.topped or 0) <= r.units
    say.ask(
        right,
        f"In {name}, the account adds up to exactly one voice, each row to a line that is there.",
        f"In {name}, the account is not exactly one voice.",
    )
    if weave is None:
        say.cannot(f"Whether the lines in {name} carry its holder needs weave.json.")
        return
    say.ask(
        right and _receipt_carried(weave, receipt),
        f"By the stored vectors, the lines in {name} carry its holder.",
        f"A line in {name} does not carry its holder, by the stored vectors.",
    )


def _receipt_carried(weave: Weave, receipt: Receipt) -> bool:
    """Each line paid is near words of its holder, or is theirs, or they said it carries them."""
    at = {x.i: x.row.fragment_i for x in receipt.lines}
    sung = {x.i: x.row.fragment_i for x in receipt.chorus}
    own = [x.i for x in receipt.fragments]
    size = len(weave.fragments)
    if not weave.dims or any(f >= size for f in [*own, *at.values(), *sung.values()]):
        return False
    same = [same_text(f.text) for f in weave.fragments]
    mine = {same[f] for f in own}
    rows = np.frombuffer(weave.vectors, dtype=np.int8).reshape(-1, weave.dims)
    # The same words in other capitals are one text, read once; either may stand for it.
    theirs = rows[[f for f in range(size) if same[f] in mine]]
    for r in receipt.teller.row.account:
        if r.chorus is not None:
            if same[sung[r.chorus]] not in mine:
                return False
            continue
        if r.line is None or r.level is None:
            return False
        line = at[r.line]
        if same[line] in mine:
            continue
        if r.topped:
            return False
        asked = rows[[f for f in range(size) if same[f] == same[line]]]
        nearest = min(
            int(
                exact_levels(
                    np.repeat(one[None], len(theirs), axis=0), theirs, receipt.header.radii
                ).min()
            )
            for one in asked
        )
        if nearest > r.level and not receipt.teller.row.said:
            return False
    return True


# ------------------------------------------------------------------ C2 and C3


def _taken(full: Full) -> list[int] | None:
    """The texts that are lines; None where one is no fragment, or two are the same text."""
    texts = [_text_of(full, x.fragment_i) for x in full.lines]
    known = [text for text in texts if text is not None]
    return known if len(set(known)) == len(texts) else None


def _groups(papers: Papers, say: Finding) -> None:
    paper = papers.full or papers.public
    if paper is None:
        say.cannot("The counts of overlooked groups are in the certificates, which are not here.")
        return
    h = paper.header
    if papers.full and papers.relation:
        taken = _taken(papers.full)
        if taken is None:
            say.fails("Two lines are the same text, or a line is no fragment.")
            return
        witness = overlooked(_carrying(papers.full, papers.relation), taken, h.k, 0)
        count, l = witness.count, witness.l  # noqa: E741
        good = (
            f"No group of {-(-h.n // h.k)} or more sharing an image was left out; the closest call"
            f" is {count} people with fewer than {l} lines."
        )
    else:
        count, l = paper.closest[0].count, paper.closest[0].l  # noqa: E741
        good = f"The closest call, as printed, is {count} people with fewer than {l} lines."
        say.cannot("The counts behind it are in the full certificate, which is not here.")
    say.ask(
        l >= 1 and h.k * count < h.n * l,
        good,
        f"A group was overlooked: {count} people hold fewer than {l} lines.",
    )


def _levels(papers: Papers, say: Finding) -> None:
    paper = papers.full or papers.public
    if paper is None:
        say.cannot("The closest calls are in the certificates, which are not here.")
        return
    h, closest = paper.header, paper.closest
    written = all(
        x.radius == radius and x.l >= 1 and x.rho == f"{h.k * x.count}/{h.n * x.l}"
        for x, radius in zip(closest, h.radii, strict=True)
    )
    if papers.weave:
        written = written and [(x.radius, x.fragment_i, x.count, x.l) for x in closest] == [
            (o.radius, o.fragment_i, o.count, o.l) for o in papers.weave.fairness.overlooked
        ]
    missed = [f"0.{x.radius:03d}" for x in closest if h.k * x.count >= h.n * x.l]
    say.ask(
        written and all(a > b for a, b in pairwise(h.radii)),
        f"rho is printed at {len(closest)} closenesses and is below 1 at"
        f" {'every one' if not missed else 'all but ' + ', '.join(missed)}.",
        "What is printed as the closest calls does not fit together.",
    )
    if papers.full is None or papers.relation is None:
        say.cannot("The counts behind it are in the full certificate, which is not here.")
        return
    taken = _taken(papers.full)
    if taken is None:
        say.fails("Two lines are the same text, or a line is no fragment.")
        return
    carrying = _carrying(papers.full, papers.relation)
    say.ask(
        _calls_right(papers.full, carrying, taken, closest),
        "Counted again, the closest call at every closeness is the one printed.",
        "Counted again, a closest call is not the one printed.",
    )
    if papers.weave:
        _figures(papers.full, carrying, taken, papers.weave, say)


def _calls_right(
    full: Full, carrying: Carrying, taken: Sequence[int], calls: Sequence[Closest | Overlooked]
) -> bool:
    """Each call is the largest there is, and its witness is a text that is no line and has it."""
    h = full.header
    for level, x in enumerate(calls):
        witness = overlooked(carrying, taken, h.k, level)
        if not 1 <= x.l <= h.k or x.count * witness.l != witness.count * x.l:
            return False
        if x.fragment_i is None:
            if x.count:
                return False
            continue
        text = _text_of(full, x.fragment_i)
        if text is None or text in taken:
            return False
        held = n_lines_carrying(carrying, taken, level)
        if int((held[carrying.tellers(text, level)] < x.l).sum()) != x.count:
            return False
    return True


def _figures(
    full: Full, carrying: Carrying, taken: Sequence[int], weave: Weave, say: Finding
) -> None:
    if len(full.fragments) != len(weave.fragments):
        say.fails("weave.json has other fragments than the certificate.")
        return
    fair, told, wide = weave.fairness, _told(full), full.header.n_paying - 1
    popular = sorted({full.fragments[f].candidate for f in weave.popular})
    heard = {t for c in popular for t in told.own[c]}
    vanished = [i for t, row in enumerate(full.tellers) if t not in heard for i in row.threads]
    in_lines = sum(r.units for row in full.tellers for r in row.account if r.line is not None)
    say.ask(
        fair.n_without_line == n_without_line(carrying, taken, wide)
        and fair.n_without_line_popular == n_without_line(carrying, popular, wide)
        and sorted(weave.vanished) == sorted(vanished)
        and fair.voice_in_lines == in_lines
        and _calls_right(full, carrying, popular, fair.overlooked_popular),
        f"Of {full.header.n} people, {fair.n_without_line} are carried by no line and would be"
        f" {fair.n_without_line_popular} with the most popular lines; with the chorus, nobody.",
        "A figure printed beside the closest calls is not what it should be.",
    )


# ------------------------------------------------------------------ C4


def _words(papers: Papers, say: Finding) -> None:
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


def _same_fragments(full: Full, weave: Weave) -> bool:
    return tuple((f.id, f.thread_i, f.report_i, f.start, f.end) for f in full.fragments) == tuple(
        (f.id, f.thread_i, f.report_i, f.start, f.end) for f in weave.fragments
    )


def _fragments(full: Full, weave: Weave | None, say: Finding) -> None:
    rows, salts = full.fragments, bytes.fromhex(full.secret)
    sung = [x.fragment_i for x in full.chorus]
    say.ask(
        all(i < len(rows) for i in [*sung, *(x.fragment_i for x in full.lines)])
        and len(set(sung)) == len(sung)
        and len({f.id for f in rows}) == len(rows)
        and all(f.start < f.end for f in rows),
        f"Every line and line of the chorus is one of {len(rows)} lent fragments, each with its"
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
        _same_fragments(full, weave) and hashes == full.text_sha256,
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
        f"In {name}, {len(receipt.fragments)} fragments were lent {terms}.",
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
