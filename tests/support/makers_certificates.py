"""Genuine bundles made to order: a small weave, both certificates and the root that holds them.

Words are invented and vectors drawn, but everything else is the real thing:
the loom carries and chooses, the model certifies. So a bundle from here must
pass both verifiers, whatever its seed. Reading, motifs and passages are left
out or made up, because no clause asks about them.

    bundle(7)                     6 to 12 people, k, words, twins, "carries me" as the seed has it
    bundle(7, n=30, k=10, cap=12) as wished
    bundle(7).files()             {"weave.json": ..., "certificate.json": ..., ...}
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dreamweave.loom.carrying import Carrying, carry, merge_texts
from dreamweave.loom.choosing import choose, popular
from dreamweave.loom.figures import fairness
from dreamweave.loom.lots import Lot, ranks
from dreamweave.loom.shares import RESERVE
from dreamweave.model.canonical import canonical
from dreamweave.model.certificates import Certificates, TellerRecord, make_certificate, read_full
from dreamweave.model.keys import tag_of
from dreamweave.model.proofs import Lending, rounded
from dreamweave.model.receipts import receipt
from dreamweave.model.relations import relation_of
from dreamweave.model.weaves import (
    ChorusLine,
    Fragment,
    Line,
    Passage,
    Thread,
    Weave,
)
from dreamweave.model.wire import to_json

RADII = (900, 800, 650, 500, 300)
N_PAYING = 3
_WORDS = [
    "lamp",
    "river",
    "stair",
    "coat",
    "key",
    "bird",
    "glass",
    "moon",
    "door",
    "salt",
    "Straße",
    "夢",
    "قمر",
    "नदी",
    "🌒",
]


@dataclass(frozen=True)
class Bundle:
    weave: Weave
    certificates: Certificates
    weave_json: bytes
    carrying: Carrying
    secret: bytes

    @property
    def root(self) -> str:
        return self.certificates.root

    def files(self, *, receipts: int = 0) -> dict[str, bytes]:
        """The output folder as {name: bytes}, with some people's receipts."""
        held = {
            "weave.json": self.weave_json,
            "certificate.json": canonical(self.certificates.full),
            "certificate.public.json": canonical(self.certificates.public),
        }
        for i in range(receipts):
            held[f"receipt-{i}.json"] = canonical(self.receipt(i))
        return held

    def receipt(self, teller: int) -> dict[str, Any]:
        full, relation = read_full(canonical(self.certificates.full))
        return receipt(full, relation, full.tellers[teller].tag)


def bundle(
    seed: int,
    *,
    n: int | None = None,
    k: int | None = None,
    cap: int | None = None,
    grain: int = 1,
    taken_back: Sequence[str] = (),
    named: bool = False,
    threads_each: tuple[int, int] = (1, 3),
    fragments_each: tuple[int, int] = (1, 3),
    dims: int = 16,
    n_themes: int = 4,
) -> Bundle:
    """A genuine bundle; what is not given, the seed decides."""
    rng = random.Random(seed)
    n = rng.randint(6, 12) if n is None else n
    k = rng.choice([max(1, n // 3), max(1, n // 2), n, n + 2]) if k is None else k
    secret = rng.randbytes(32)
    own_line_each = rng.random() < 0.5 and n <= 60

    # Who told what: threads in an order that says nothing of their tellers.
    owners = [t for t in range(n) for _ in range(rng.randint(*threads_each))]
    rng.shuffle(owners)
    texts, owner_of_text, thread_of_text, spans = [], [], [], []
    for thread_i, teller in enumerate(owners):
        at = 0
        for _ in range(rng.randint(*fragments_each)):
            if texts and rng.random() < 0.12:
                text = rng.choice(texts)  # a twin: the same words, perhaps louder
                text = text.upper().replace("STRASSE", "STRAßE") if rng.random() < 0.5 else text
            else:
                text = " ".join(rng.choice(_WORDS) for _ in range(rng.randint(2, 7)))
            texts.append(text)
            owner_of_text.append(teller)
            thread_of_text.append(thread_i)
            spans.append((at, at + len(text)))
            at += len(text) + rng.randint(0, 3)

    merged = merge_texts(texts, owner_of_text)
    m = len(merged.first)
    themes = [[rng.randint(-60, 60) for _ in range(dims)] for _ in range(n_themes)]
    drawn = np.array(
        [
            [max(-127, min(127, x + rng.randint(-45, 45))) for x in rng.choice(themes)]
            for _ in range(m)
        ],
        dtype=np.int8,
    )
    # A twin is read as it was written, so its vector may be another by a hair.
    vectors = drawn[merged.candidate].copy()
    for f, c in enumerate(merged.candidate):
        if merged.first[c] != f:
            vectors[f, 0] = max(-127, int(vectors[f, 0]) - 1)

    pairs = {(rng.randrange(m), rng.randrange(n)) for _ in range(rng.randint(0, 4))}
    said = sorted(p for p in pairs if rng.random() < 0.6)
    denied = sorted(pairs - set(said))
    denied = [(c, t) for c, t in denied if t not in merged.owners[c]]
    order = np.array(rng.sample(range(n), n), dtype=np.int64)
    carrying = carry(drawn, merged.owners, n, RADII, said=said, denied=denied, cap=cap, ranks=order)
    public_seed = f"{seed:032x}"
    ids = [tag_of(secret, f"fragment/{f}") for f in range(len(texts))]
    place = ranks(public_seed, [ids[f] for f in merged.first])
    own: list[list[int]] = [[] for _ in range(n)]
    for c, who in enumerate(merged.owners):
        for t in who:
            own[t].append(c)
    choice = choose(
        carrying,
        k,
        n_paying=N_PAYING,
        ranks=place,
        lot=Lot(public_seed, "lottery"),
        own=own,
        own_line_each=own_line_each,
    )
    favourites = popular(carrying, len(choice.lines), 0, place)
    first = [int(f) for f in merged.first]

    # Lines in the order in which they are read, which is not the one they were bought in.
    read_order = rng.sample(range(len(choice.lines)), len(choice.lines))
    line_i = {taken: i for i, taken in enumerate(read_order)}
    n_passages = max(1, len(read_order) // 3)
    lines = tuple(
        Line(
            fragment_i=first[int(choice.lines[taken])],
            passage_i=i * n_passages // len(read_order),
            how=choice.how[taken],
            level=int(choice.level[taken]),
            paid=rounded(int(choice.paid[taken]), grain),
            n_carried=len(carrying.tellers(int(choice.lines[taken]), int(choice.level[taken]))),
        )
        for i, taken in enumerate(read_order)
    )
    sung: list[int] = []
    for t, c in zip(choice.chorus_teller, choice.chorus_candidate, strict=True):
        sung.append(
            next(f for f in range(len(texts)) if merged.candidate[f] == c and owner_of_text[f] == t)
        )
    heard = {t for c in favourites for t in merged.owners[int(c)]}
    weave = Weave(
        title="Lamps, invented",
        seed=public_seed,
        reader="drawn/1",
        dims=dims,
        radii=RADII,
        n_paying=N_PAYING,
        n_tellers=n,
        k=k,
        named=named,
        invented=True,
        n_listening=0,
        n_open=0,
        threads=tuple(
            Thread(tag_of(secret, f"thread/{i}"), "dream", "en", f"Person {t}" if named else None)
            for i, t in enumerate(owners)
        ),
        fragments=tuple(
            Fragment(
                id=ids[f],
                thread_i=thread_of_text[f],
                report_i=0,
                start=spans[f][0],
                end=spans[f][1],
                text=texts[f],
                lang="en",
                passage_i=rng.randrange(n_passages),
            )
            for f in range(len(texts))
        ),
        vectors=vectors.tobytes(),
        lines=lines,
        chorus=tuple(
            ChorusLine(f, rounded(int(units), grain))
            for f, units in zip(sung, choice.chorus_units, strict=True)
        ),
        passages=tuple(
            Passage(tuple(i for i, x in enumerate(lines) if x.passage_i == p), ())
            for p in range(n_passages)
        ),
        motifs=(),
        knots=(),
        popular=tuple(first[int(c)] for c in favourites),
        vanished=tuple(i for i, t in enumerate(owners) if t not in heard),
        fairness=fairness(carrying, choice, favourites, k, N_PAYING, first),
    )
    weave_json = to_json(weave)
    certificates = make_certificate(
        weave,
        tellers=[
            TellerRecord(
                tag_of(secret, f"teller/{t}"),
                tuple(i for i, who in enumerate(owners) if who == t),
                tuple(c for c, who in said if who == t),
                tuple(c for c, who in denied if who == t),
            )
            for t in range(n)
        ],
        candidate=merged.candidate.tolist(),
        relation=relation_of(
            first,
            carrying.start.tolist(),
            carrying.teller.tobytes(),
            carrying.level.tobytes(),
            len(RADII),
        ),
        payments=[
            (int(t), line_i[int(w)], int(units), int(level), int(rest))
            for t, w, units, level, rest in zip(
                choice.pay_teller,
                choice.pay_line,
                choice.pay_units,
                choice.pay_level,
                choice.pay_topped,
                strict=True,
            )
        ],
        chorus=[
            (int(t), i, int(units))
            for i, (t, units) in enumerate(
                zip(choice.chorus_teller, choice.chorus_units, strict=True)
            )
        ],
        secret=secret,
        reserve=RESERVE,
        cap=cap,
        grain=grain,
        lendings=[Lending(how="named" if named else "unnamed")] * len(owners),
        taken_back=taken_back,
        weave_json=weave_json,
    )
    return Bundle(weave, certificates, weave_json, carrying, secret)
