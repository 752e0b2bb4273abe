"""Weaves made to order: valid `Weave` values whose answers are known beforehand.

Invented words only, and no weaving: nothing here reads, carries, chooses or
orders. `weave_of` takes the knots one wants and builds the smallest honest
weave around them (own order kept, voices summing to one each); `sample_like`,
`trio`, `crowd` and `undyed` are the sizes that the drawings must stand.

    weave_of(24, 16, knots=[(0, 0, (1, 4, 7))], feelings={1: "joy"})
    scattered(60)        many small knots, no feelings
    sample_like()        24 threads, 16 passages, 33 knots, all eight feelings
    undyed()             the same without a single feeling
    trio()               3 threads, 16 passages, named
    crowd(200)           many threads; also crowd(5_000)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from dreamweave.model.reports import FEELINGS, Feeling, Kind
from dreamweave.model.weaves import (
    VOICE,
    ChorusLine,
    Fairness,
    Fragment,
    How,
    Knot,
    Line,
    Motif,
    Overlooked,
    Passage,
    Thread,
    Weave,
)

DIMS = 128
RADII = (600, 500, 420, 350, 280, 200)

MOTIFS: tuple[tuple[str, str], ...] = (
    ("house", "en"),
    ("train", "en"),
    ("door", "en"),
    ("stairs", "en"),
    ("sea", "en"),
    ("Großmutter", "de"),
    ("mirror", "en"),
    ("teeth", "en"),
    ("fire", "en"),
    ("niño", "es"),
    ("forest", "en"),
    ("bird", "en"),
    ("flying", "en"),
    ("moon", "en"),
    ("鍵", "ja"),
    ("قمر", "ar"),
    ("a lantern in the drowned library", "en"),
    ("नदी", "hi"),
)

NAMES = [
    "Amara",
    "Beto",
    "Chidi",
    "Dalia",
    "Esi",
    "Farid",
    "Grace",
    "Hana",
    "Ines",
    "Jomo",
    "Kaya",
    "Leila",
    "Mateo",
    "Noor",
    "Oskar",
    "Priya",
    "Quinn",
    "Rosa",
    "Sami",
    "Tomasz",
    "Uma",
    "Viet",
    "Wren",
    "Yusuf",
]

_SAYINGS = (
    "The {m} was where the kitchen should be.",
    "I held the {m} and it was warm.",
    "Somebody had folded the {m} into my pocket.",
    "We followed the {m} until it grew quiet.",
    "There was a {m} and it knew my name.",
    "Under the {m} everyone was already awake.",
    "The {m} asked me to count slowly.",
)
_LONE = (
    "I counted the lamps twice.",
    "Nobody minded the weather indoors.",
    "I woke before the song was over.",
    "A coat hung there, breathing.",
)

KnotWish = tuple[int, int, Sequence[int]]  # (passage, motif, threads)


def chance(seed: str, *what: object) -> int:
    """A number made of a seed and a name, the same on every machine."""
    words = "|".join([seed, *map(str, what)])
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big")


def weave_of(
    n: int,
    n_passages: int,
    knots: Sequence[KnotWish] = (),
    *,
    feelings: Mapping[int, Feeling]
    | Sequence[Feeling | None]
    | Callable[[int, int, int], Feeling | None]
    | None = None,
    intensity: Mapping[int, int] | None = None,
    firm: Sequence[int] = (),
    motifs: Sequence[tuple[str, str]] = MOTIFS,
    n_open: int = 0,
    n_listening: int = 0,
    named: bool = False,
    title: str = "The Night the Lamps Walked",
    seed: str = "5eed",
    lone_each: bool = False,
) -> Weave:
    """A weave of `n` threads with exactly these knots.

    A member of a knot says its motif at that passage, in one fragment. A thread
    in no knot, and every thread if `lone_each`, says one thing more that meets
    nobody. `feelings` maps a thread to the feeling of all it says, or is a cycle
    that fragments take in turn, or a function of (thread, passage, motif or -1);
    `firm` lists the knots (by place) that are firm.
    """
    wanted: list[tuple[int, int, int]] = []  # (thread, passage, motif or -1)
    for p, m, members in knots:
        wanted.extend((i, p, m) for i in members)
    busy = {i for i, _, _ in wanted}
    for i in range(n):
        if lone_each or i not in busy:
            wanted.append((i, chance(seed, "lone", i) % n_passages, -1))
    wanted = sorted(set(wanted))

    fragments: list[Fragment] = []
    at: dict[tuple[int, int, int], int] = {}
    offset = [0] * n
    for f, (i, p, m) in enumerate(wanted):
        if m >= 0:
            text = _SAYINGS[chance(seed, "say", f) % len(_SAYINGS)].format(m=motifs[m][0])
            lang = motifs[m][1]
        else:
            text, lang = _LONE[chance(seed, "say", f) % len(_LONE)], "en"
        feeling: Feeling | None = None
        if isinstance(feelings, Mapping):
            feeling = feelings.get(i)
        elif callable(feelings):
            feeling = feelings(i, p, m)
        elif feelings:
            feeling = feelings[f % len(feelings)]
        strength = None if intensity is None or feeling is None else intensity.get(i)
        fragments.append(
            Fragment(
                id=f"f{f}",
                thread_i=i,
                report_i=0,
                start=offset[i],
                end=offset[i] + len(text),
                text=text,
                lang=lang,
                passage_i=p,
                motif_i=m if m >= 0 else None,
                feeling=feeling,
                intensity=strength,
            )
        )
        offset[i] += len(text) + 1
        at[(i, p, m)] = f

    tied = tuple(
        Knot(
            passage_i=p,
            motif_i=m,
            threads=tuple(members),
            fragments=tuple(at[(i, p, m)] for i in members),
            reason=f"both say: {motifs[m][0]}",
            words=(motifs[m][0],),
            firm=g in set(firm),
        )
        for g, (p, m, members) in enumerate(knots)
    )
    of_motif: list[list[int]] = [[] for _ in motifs]
    of_passage: list[list[int]] = [[] for _ in range(n_passages)]
    of_thread: list[list[int]] = [[] for _ in range(n)]
    for f, fragment in enumerate(fragments):
        of_thread[fragment.thread_i].append(f)
        of_passage[fragment.passage_i].append(f)
        if fragment.motif_i is not None:
            of_motif[fragment.motif_i].append(f)

    # One line a thread up to 60, a third of them beyond, and one more for any
    # passage that would be silent; the rest of each voice goes to the chorus.
    own = set(range(n)) if n <= 60 else set(range(0, n, 3))
    chosen = {of_thread[i][chance(seed, "line", i) % len(of_thread[i])] for i in own}
    for said in of_passage:
        if said and not chosen.intersection(said):
            chosen.add(said[0])
    order = sorted(chosen, key=lambda f: (fragments[f].passage_i, f))
    per_thread = [0] * n
    for f in order:
        per_thread[fragments[f].thread_i] += 1
    hows: tuple[How, ...] = ("shares", "widened", "lottery", "own")
    lines = tuple(
        Line(
            fragment_i=f,
            passage_i=fragments[f].passage_i,
            how=hows[w % 4],
            level=w % 3,
            paid=VOICE * 4 // 5 // per_thread[fragments[f].thread_i],
            n_carried=1 + w % max(1, min(n, 9)),
        )
        for w, f in enumerate(order)
    )
    left = [VOICE] * n
    for line in lines:
        left[fragments[line.fragment_i].thread_i] -= line.paid
    chorus = tuple(ChorusLine(of_thread[i][-1], left[i]) for i in range(n) if left[i])

    for p in range(n_passages):
        size: dict[int, int] = {}
        for tie in tied:
            if tie.passage_i == p:
                size[tie.motif_i] = size.get(tie.motif_i, 0) + len(tie.threads)
        of_passage[p] = sorted(size, key=lambda m: (-size[m], m))
    passages = tuple(
        Passage(
            lines=tuple(w for w, line in enumerate(lines) if line.passage_i == p),
            motifs=tuple(of_passage[p]),
        )
        for p in range(n_passages)
    )
    kinds: tuple[Kind, ...] = ("dream", "dream", "story", "memory", "white", "none")
    popular = tuple(sorted(range(len(fragments)), key=lambda f: (chance(seed, "pop", f), f)))
    popular = popular[: len(lines)]
    heard = {fragments[f].thread_i for f in popular}
    witness = tuple(
        Overlooked(radius=r, fragment_i=None if not fragments else 0, count=1, l=1) for r in RADII
    )
    return Weave(
        title=title,
        seed=hashlib.sha256(seed.encode()).hexdigest()[:32],
        reader="made/1",
        dims=DIMS,
        radii=RADII,
        n_paying=4,
        n_tellers=n,
        k=max(1, len(lines)),
        named=named,
        invented=True,
        n_listening=n_listening,
        n_open=n_open,
        threads=tuple(
            Thread(
                tag=f"t{i:04d}",
                kind=kinds[i % len(kinds)] if n > 3 else "dream",
                lang=fragments[of_thread[i][0]].lang,
                name=(NAMES[i % len(NAMES)] + (f" {i // 24 + 1}" if i >= 24 else ""))
                if named
                else None,
            )
            for i in range(n)
        ),
        fragments=tuple(fragments),
        vectors=b"".join(
            hashlib.shake_128(f"{seed}|{f.motif_i}|{f.id}".encode()).digest(DIMS) for f in fragments
        ),
        lines=lines,
        chorus=chorus,
        passages=passages,
        motifs=tuple(
            Motif(
                name=name,
                lang=lang,
                fragment_i=of_motif[m][0] if of_motif[m] else 0,
                n_dreamers=len({fragments[f].thread_i for f in of_motif[m]}),
                fragments=tuple(of_motif[m]),
            )
            for m, (name, lang) in enumerate(motifs)
        ),
        knots=tied,
        popular=popular,
        vanished=tuple(i for i in range(n) if i not in heard),
        fairness=Fairness(
            overlooked=witness,
            overlooked_popular=witness,
            n_without_line=0,
            n_without_line_popular=sum(1 for i in range(n) if i not in heard),
            voice_in_lines=sum(line.paid for line in lines),
            voice_in_chorus=sum(c.voice for c in chorus),
            n_capped=(0,) * len(RADII),
        ),
    )


def drift(
    n: int, n_passages: int, per_passage: Sequence[int], sizes: Sequence[int], seed: str
) -> list[KnotWish]:
    """Knots among people with leanings: whoever leans alike meets more often.

    `per_passage` and `sizes` are cycled through; no thread is in two knots of one
    passage, and no passage has more knots than the first 14 motifs allow.
    """
    leaning = [chance(seed, "lean", i) % 10_000 for i in range(n)]
    knots: list[KnotWish] = []
    for p in range(n_passages):
        free = set(range(n))
        used: set[int] = set()
        for j in range(min(14, per_passage[p % len(per_passage)])):
            m = chance(seed, "motif", p, j) % 14
            while m in used:
                m = (m + 1) % 14
            used.add(m)
            middle = chance(seed, "middle", p, j) % 10_000
            size = sizes[chance(seed, "size", p, j) % len(sizes)]
            near = sorted(
                free,
                key=lambda i: (
                    abs(leaning[i] - middle) + chance(seed, "whim", p, j, i) % 3_000,
                    i,
                ),
            )[:size]
            if len(near) < 2:
                continue
            free.difference_update(near)
            knots.append((p, m, tuple(sorted(near))))
    return knots


def moods(seed: str) -> Callable[[int, int, int], Feeling | None]:
    """Feelings as people have them: most at a knot feel alike, some otherwise, some do not say."""

    def mood(i: int, p: int, m: int) -> Feeling | None:
        whim = chance(seed, "whim", i, p) % 20
        if whim >= 17:
            return None
        if m < 0:
            return FEELINGS[chance(seed, "own", i) % 8] if whim < 9 else None
        return FEELINGS[chance(seed, "mood", p if whim < 12 else i, m) % 8]

    return mood


@cache
def sample_like(*, dyed: bool = True, named: bool = True, seed: str = "sample") -> Weave:
    """24 threads, 16 passages and 33 knots, as the studies had, every third knot light."""
    knots = drift(
        24, 16, (2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3), (2, 3, 3, 4, 4, 5), seed
    )
    return weave_of(
        24,
        16,
        knots,
        feelings=moods(seed) if dyed else None,
        intensity={i: 1 + i % 3 for i in range(24)},
        firm=[g for g in range(len(knots)) if g % 3],
        n_open=4,
        n_listening=3,
        named=named,
        seed=seed,
        lone_each=True,
    )


@cache
def undyed() -> Weave:
    """As `sample_like`, and nobody said a feeling or their name."""
    return sample_like(dyed=False, named=False)


@cache
def trio() -> Weave:
    """Three people after supper."""
    rows = [
        (0, 0, (0, 1, 2)),
        (2, 4, (0, 2)),
        (5, 6, (0, 1)),
        (9, 9, (0, 1, 2)),
        (11, 11, (1, 2)),
        (13, 13, (0, 1, 2)),
        (15, 0, (0, 1, 2)),
    ]
    return weave_of(
        3,
        16,
        rows,
        feelings=["calm", "anger", "tenderness", "wonder", "sorrow", "joy", "longing"],
        firm=range(7),
        named=True,
        title="Three of us, after supper",
        seed="trio",
        lone_each=True,
    )


@cache
def scattered(n: int = 60, *, n_passages: int = 20, seed: str = "scattered") -> Weave:
    """Many small knots, as undyed reports of strangers make: about one for three threads a passage."""
    knots = drift(n, n_passages, (max(1, n // 6), max(1, n // 8)), (2, 2, 2, 3, 4), seed)
    return weave_of(n, n_passages, knots, seed=seed, lone_each=True, title="Strangers' Nights")


@cache
def crowd(n: int, *, dyed: bool = True, n_passages: int = 16, seed: str = "crowd") -> Weave:
    """Many threads: about four knots a passage, each of a tenth of the people."""
    size = max(2, n // 10)
    knots = drift(n, n_passages, (4, 5, 4), (size, max(2, size // 2), size + size // 2), seed)
    return weave_of(
        n,
        n_passages,
        knots,
        feelings=moods(seed) if dyed else None,
        firm=[g for g in range(len(knots)) if g % 2],
        n_open=n // 10,
        n_listening=n // 6,
        title=f"A Night of {n:,} Sleepers",
        seed=seed,
    )
