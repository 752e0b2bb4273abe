"""Taking back: somebody's words leave a folder, and what stays is woven again.

Works from the folder alone: the stored vectors, the full certificate and the
keys. Nothing of the person is kept, not even their tags; lines that stay keep
their place where they can. What was shared before is beyond us, and the
sentence that `cli` prints says so.
"""

from __future__ import annotations

import hmac
from collections.abc import Hashable, Mapping, Sequence
from hashlib import sha256

import numpy as np

from dreamweave.app.folder import Folder, Progress, folder_of
from dreamweave.app.keys_csv import Person, read_keys_csv
from dreamweave.dreamscape.charts import concepts
from dreamweave.loom.accounts import Choice
from dreamweave.loom.reading import default_reader
from dreamweave.loom.weaving import default_lines, weave
from dreamweave.loom.woven import Before, Readings
from dreamweave.model.certificates import Full, read_full
from dreamweave.model.keys import seal, unseal
from dreamweave.model.refusals import Refusal
from dreamweave.model.weaves import Fragment, Weave
from dreamweave.model.wire import from_json

NEEDED = ("weave.json", "certificate.json", "keys.csv")


def take_back(
    files: Mapping[str, bytes],
    *,
    key: str | None = None,
    tag: str | None = None,
    progress: Progress | None = None,
) -> Folder:
    """Weave a folder again without one person's words.

    Args:
        files: the folder's files by name; prints that are there are made again.
        key: the person's own key; or
        tag: their tag, or the tag of one of their threads.

    Raises:
        Refusal: a file is missing or does not fit, nobody answers to the key or
            tag, or nobody else's words would be left.
    """
    missing = [name for name in NEEDED if name not in files]
    if missing:
        raise Refusal(
            "takeback.files",
            f"This folder lacks {', '.join(missing)}. Taking back needs the host's whole folder, "
            "with keys.csv and certificate.json in it.",
        )
    before = from_json(files["weave.json"])
    full, _ = read_full(files["certificate.json"])
    people, tags = read_keys_csv(files["keys.csv"])
    _check_one_evening(before, full, people, tags)
    if before.reader != default_reader().id:
        raise Refusal(
            "takeback.reader",
            f"This folder was read by {before.reader}, which is not the reader here. Take the words "
            "back with the dreamweave that wove it.",
        )
    gone = _who(people, tags, key, tag)
    if len(people) == 1:
        raise Refusal(
            "takeback.last",
            "These are the only words in this weave. Delete the folder: nothing would be left.",
        )

    thread_of = {thread.tag: t for t, thread in enumerate(before.threads)}
    stays = [i for i in range(len(people)) if i != gone]
    order = [(i, thread_of[tag]) for i in stays for tag in tags[i]]
    reports = _Reports(before, order)
    number = {tag: i for i, tag in enumerate(row.tag for row in full.tellers)}
    said, denied = _said(full, before, stays, people, number)
    n_candidates = full.header.n_candidates
    by_rule = before.k == default_lines(before.n_tellers, n_candidates)
    woven = weave(
        reports.texts,
        [people[i].tag for i in reports.teller],
        lines=None if by_rule else before.k,
        seed=before.seed,
        title=before.title,
        langs=[before.threads[t].lang for t in reports.thread],
        kinds=[before.threads[t].kind for t in reports.thread],
        feelings=[held[0].feeling for held in reports.held],
        intensities=[held[0].intensity for held in reports.held],
        answers=reports.answers,
        drawings=[before.threads[t].drawing if i == 0 else None for t, i in reports.place],
        carried=said,
        not_carried=denied,
        answers_carry=False,
        tags=[before.threads[t].tag + (f".{i}" if i else "") for t, i in reports.place],
        names=_names(before, people, order) if before.named else None,
        n_listening=before.n_listening,
        n_open=before.n_open,
        invented=before.invented,
        charts=concepts(),
        cuts=[[(f.start, f.end, f.lang) for f in held] for held in reports.held],
        readings=_readings(before),
        before=Before(_choice(full), _candidates(full), tuple(r.tag for r in full.tellers)),
        progress=progress,
    )
    lost = {t for tag in tags[gone] for t in (thread_of[tag],)}
    taken = [
        people[gone].tag,
        *tags[gone],
        *(f.id for f in before.fragments if f.thread_i in lost),
    ]
    by_tag = {person.tag: person for person in people}
    secret = hmac.digest(
        bytes.fromhex(full.secret),
        b"taken back\x00" + full.root.encode() + gone.to_bytes(4, "big"),
        sha256,
    )
    return folder_of(
        woven,
        [by_tag[str(who)] for who in woven.tellers],
        secret,
        png="cloth.png" in files,
        poster="poster.pdf" in files,
        healed=True,
        taken_back=taken,
        progress=progress,
    )


class _Reports:
    """The reports that stay, put together again from their fragments."""

    def __init__(self, weave: Weave, order: Sequence[tuple[int, int]]) -> None:
        by_report: dict[tuple[int, int], list[Fragment]] = {}
        for fragment in weave.fragments:
            by_report.setdefault((fragment.thread_i, fragment.report_i), []).append(fragment)
        self.place: list[tuple[int, int]] = []  # (thread, report within it)
        self.held: list[list[Fragment]] = []
        self.teller: list[int] = []
        for teller, t in order:
            for key in sorted(key for key in by_report if key[0] == t):
                self.place.append(key)
                self.held.append(by_report[key])
                self.teller.append(teller)
        self.thread = [t for t, _ in self.place]
        self.texts = [_whole(held) for held in self.held]
        first = {
            t: i for i, (t, report_i) in reversed(list(enumerate(self.place))) if report_i == 0
        }
        self.answers = [
            first.get(to)
            if report_i == 0 and (to := weave.threads[t].answers_i) is not None
            else None
            for t, report_i in self.place
        ]


def _whole(held: Sequence[Fragment]) -> str:
    """A report with its fragments in their places; what lay between them was never kept."""
    text = ""
    for fragment in held:
        text += " " * (fragment.start - len(text)) + fragment.text
    return text


def _check_one_evening(
    weave: Weave, full: Full, people: Sequence[Person], tags: Sequence[Sequence[str]]
) -> None:
    n_threads = len(weave.threads)
    told = {
        row.tag: {weave.threads[t].tag for t in row.threads if t < n_threads}
        for row in full.tellers
    }
    kept = {person.tag: set(own) for person, own in zip(people, tags, strict=True)}
    if (
        [f.id for f in full.fragments] != [f.id for f in weave.fragments]
        or kept != told
        or len(kept) != len(people)
        or sorted(tag for own in tags for tag in own) != sorted(t.tag for t in weave.threads)
    ):
        raise Refusal(
            "takeback.fits",
            "weave.json, certificate.json and keys.csv of this folder are not of one weaving. "
            "Put together what belongs together, then try again.",
        )


def _who(
    people: Sequence[Person], tags: Sequence[Sequence[str]], key: str | None, tag: str | None
) -> int:
    # A key is compared by trying it, so that "O" and "0" or a missing dash do not matter.
    box = seal(key, b"") if key is not None else ""
    for i, person in enumerate(people):
        if key is not None and unseal(person.key, box) is not None:
            return i
        if tag is not None and (tag == person.tag or tag in tags[i]):
            return i
    raise Refusal(
        "takeback.nobody",
        "Nobody in this weave answers to that "
        + ("key" if key is not None else "tag")
        + ". It stands in keys.csv, and its letters and digits must all be there.",
    )


def _names(
    weave: Weave, people: Sequence[Person], order: Sequence[tuple[int, int]]
) -> dict[Hashable, str]:
    return {people[i].tag: weave.threads[t].name or people[i].who for i, t in order}


def _readings(weave: Weave) -> Readings:
    rows = np.frombuffer(weave.vectors, dtype=np.int8).reshape(-1, weave.dims)
    words = np.frombuffer(weave.word_vectors, dtype=np.int8).reshape(-1, weave.dims)
    return Readings(
        {fragment.id: row for fragment, row in zip(weave.fragments, rows, strict=True)},
        dict(zip(zip(weave.words, weave.word_langs, strict=True), words, strict=True)),
    )


def _said(
    full: Full,
    weave: Weave,
    stays: Sequence[int],
    people: Sequence[Person],
    number: Mapping[str, int],
) -> tuple[list[tuple[Hashable, str]], list[tuple[Hashable, str]]]:
    """What those who stay said carries them, of fragments of those who stay."""
    still = {people[i].tag for i in stays}
    left = {t for row in full.tellers if row.tag in still for t in row.threads}
    ids: dict[int, list[str]] = {}
    for fragment in full.fragments:
        if fragment.thread_i in left:
            ids.setdefault(fragment.candidate, []).append(fragment.id)
    said: list[tuple[Hashable, str]] = []
    denied: list[tuple[Hashable, str]] = []
    for i in stays:
        row = full.tellers[number[people[i].tag]]
        said += [(row.tag, one) for c in row.said for one in ids.get(c, ())]
        denied += [(row.tag, one) for c in row.denied for one in ids.get(c, ())]
    return said, denied


def _candidates(full: Full) -> tuple[tuple[str, ...], ...]:
    held: list[list[str]] = [[] for _ in range(full.header.n_candidates)]
    for fragment in full.fragments:
        held[fragment.candidate].append(fragment.id)
    return tuple(map(tuple, held))


def _choice(full: Full) -> Choice:
    """The choice as it was, from everybody's accounts; lines beyond k come last."""
    order = sorted(range(len(full.lines)), key=lambda i: (full.lines[i].how == "own", i))
    place = {line: i for i, line in enumerate(order)}
    pays = sorted(
        (teller, place[row.line], row.units, row.level or 0, row.topped or 0)
        for teller, one in enumerate(full.tellers)
        for row in one.account
        if row.line is not None
    )
    sung = [
        (teller, full.fragments[full.chorus[row.chorus].fragment_i].candidate, row.units)
        for teller, one in enumerate(full.tellers)
        for row in one.account
        if row.chorus is not None
    ]
    column = [np.array([row[i] for row in pays], dtype=np.int64) for i in range(5)]
    chorus = [np.array([row[i] for row in sung], dtype=np.int64) for i in range(3)]
    lines = [full.lines[i] for i in order]
    return Choice(
        lines=np.array([full.fragments[x.fragment_i].candidate for x in lines], dtype=np.int64),
        how=tuple(x.how for x in lines),
        level=np.array([x.level for x in lines], dtype=np.uint8),
        paid=np.array([x.paid for x in lines], dtype=np.int64),
        pay_teller=column[0],
        pay_line=column[1],
        pay_units=column[2],
        pay_level=column[3].astype(np.uint8),
        pay_topped=column[4],
        chorus_teller=chorus[0],
        chorus_candidate=chorus[1],
        chorus_units=chorus[2],
        cost=full.header.price,
    )
