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

from dreamweave.loom.papers import (
    CLAUSES,
    Finding,
    Papers,
    papers_of,
)
from dreamweave.loom.proving_carry import Progress, carry_holds
from dreamweave.loom.proving_groups import groups_hold, levels_hold
from dreamweave.loom.proving_voices import voices_hold
from dreamweave.loom.proving_words import words_hold
from dreamweave.model.canonical import canonical
from dreamweave.model.leaves import (
    closed,
    leaves_of,
    lending_mark,
    public_leaves,
    root_of,
)
from dreamweave.model.merkle import leaf_hash, root_from_path
from dreamweave.model.proofs import (
    Full,
    Public,
)
from dreamweave.model.receipts import OpenFragment, Receipt
from dreamweave.model.refusals import Refusal
from dreamweave.model.wire import plain

__all__ = ["CLAUSES", "Finding", "verify"]


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
        "CARRY": lambda say: carry_holds(papers, say, progress),
        "C1": lambda say: voices_hold(papers, say),
        "C2": lambda say: groups_hold(papers, say),
        "C3": lambda say: levels_hold(papers, say),
        "C4": lambda say: words_hold(papers, say),
    }
    found = [Finding(name) for name in clauses]
    for finding in found:
        checks[finding.clause](finding)
    return tuple(found)


def _as_root(root: str) -> str:
    kept = root.strip().lower()
    if len(kept) != 64 or set(kept) - set("0123456789abcdef"):
        raise Refusal("verify.root", "A root is 64 letters and digits, 0 to 9 and a to f.")
    return kept


def _root(papers: Papers, wanted: str | None, say: Finding) -> None:
    roots = set()
    for name, paper in papers.with_header():
        if isinstance(paper, Full) and papers.relation is not None:
            found = root_of(closed(leaves_of(paper, papers.relation)))
        elif isinstance(paper, Public):
            found = root_of((*closed(public_leaves(paper)), *paper.hidden))
        elif isinstance(paper, Receipt):
            found = root_of(paper.sections)
            say.ask(
                _opens(paper),
                f"Every row of {name} has its path to the root.",
                f"A row of {name} does not lead to the root.",
            )
        else:  # a full certificate always comes with its relation
            continue
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
