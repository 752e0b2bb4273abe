"""What must hold of every weave, whatever was told; and its certificates, for the verifiers.

`check_weave` asks the promises of the weave itself, in plain loops, of the
texts as they were told. `files_of` makes the files that an outsider gets.
"""

from __future__ import annotations

import itertools
from collections import defaultdict

from dreamweave.app.folder import certificates_of
from dreamweave.app.keys_csv import Person
from dreamweave.loom import proving
from dreamweave.loom.carrying import same_text
from dreamweave.model.canonical import canonical
from dreamweave.model.keys import key_of, tag_of
from dreamweave.model.weaves import VOICE
from dreamweave.model.wire import from_json, to_json
from dreamweave.verifier import verify_weave

SECRET = b"a secret of sixteen bytes or more"


def files_of(woven, **more):
    """weave.json, both certificates, and the root."""
    people = []
    for i, who in enumerate(woven.tellers):
        tag = tag_of(SECRET, f"teller/{i}")
        people.append(Person(str(who), tag, key_of(SECRET, tag)))
    made = certificates_of(woven, people, SECRET, **more)
    return {
        "weave.json": to_json(woven.weave),
        "certificate.json": canonical(made.full),
        "certificate.public.json": canonical(made.public),
    }, made.root


def check_proof(files, root):
    """Both verifiers find nothing wrong, in the whole folder and in what is shared of it."""
    shared = {name: data for name, data in files.items() if name != "certificate.json"}
    for handed in (files, shared):
        ours = {f.clause: f.verdict for f in proving.verify(handed, root)}
        apart = {c.name: c.verdict() for c in verify_weave.verify(handed, root)}
        assert ours == apart
        assert "fails" not in ours.values(), [
            said for f in proving.verify(handed, root) for said in f.said if said[0] == "fails"
        ]


def accounts(woven):
    """Units of each teller: on lines, in the chorus."""
    choice = woven.choice
    held = [0] * len(woven.tellers)
    for who, units in itertools.chain(
        zip(choice.pay_teller.tolist(), choice.pay_units.tolist(), strict=True),
        zip(choice.chorus_teller.tolist(), choice.chorus_units.tolist(), strict=True),
    ):
        held[who] += units
    return held


def check_weave(woven, texts, tellers):
    """Every promise that a weave makes by itself."""
    weave = woven.weave
    n = len(woven.tellers)
    number = {who: i for i, who in enumerate(woven.tellers)}
    assert set(number) == set(tellers)
    assert weave.n_tellers == n

    # One voice each, to the unit, and paid only where it may be.
    assert accounts(woven) == [VOICE] * n
    for who, line, level in zip(
        woven.choice.pay_teller.tolist(),
        woven.choice.pay_line.tolist(),
        woven.choice.pay_level.tolist(),
        strict=True,
    ):
        assert level < weave.n_paying
        assert who in woven.carrying.tellers(int(woven.choice.lines[line]), level).tolist()

    # Own words: something of everybody's is printed, as a line or in the chorus.
    printed = {same_text(weave.fragments[x.fragment_i].text) for x in (*weave.lines, *weave.chorus)}
    theirs = defaultdict(set)
    for fragment in weave.fragments:
        theirs[woven.teller_of_thread[fragment.thread_i]].add(same_text(fragment.text))
    assert [i for i in range(n) if not theirs[i] & printed] == []
    # The chorus is sung by its own people, and says nothing of who told first.
    for row, place in enumerate(woven.chorus_of):
        sung = weave.fragments[weave.chorus[place].fragment_i]
        assert woven.teller_of_thread[sung.thread_i] == woven.choice.chorus_teller[row]
    assert list(weave.chorus) == sorted(weave.chorus, key=lambda c: c.fragment_i)

    # Spans: exact, in order, apart, and no word of anybody between them.
    spans = defaultdict(list)
    for f in weave.fragments:
        report = woven.reports_of_thread[f.thread_i][f.report_i]
        assert f.text == texts[report][f.start : f.end]
        assert f.text.strip()
        spans[report].append((f.start, f.end))
    assert sorted(spans) == list(range(len(texts)))
    for report, held in spans.items():
        assert held == sorted(held)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(held))
        between = set(range(len(texts[report]))).difference(*(range(a, b) for a, b in held))
        assert not [c for i in between if not (c := texts[report][i]).isspace()]

    # Threads go forward through the passages; each line stands where its fragment does.
    for _, held in itertools.groupby(weave.fragments, key=lambda f: f.thread_i):
        steps = [f.passage_i for f in held]
        assert steps == sorted(steps)
        assert all(0 <= at < len(weave.passages) for at in steps)
    assert [i for p in weave.passages for i in p.lines] == list(range(len(weave.lines)))
    assert all(p.lines for p in weave.passages)
    assert all(x.passage_i == weave.fragments[x.fragment_i].passage_i for x in weave.lines)
    # The road keeps each person's own order, over all they told.
    road = defaultdict(list)
    for line in weave.lines:
        f = weave.fragments[line.fragment_i]
        report = woven.reports_of_thread[f.thread_i][f.report_i]
        road[woven.teller_of_thread[f.thread_i]].append((report, f.start))
    assert all(held == sorted(held) for held in road.values())

    # No group is overlooked at the primary radius.
    first = weave.fairness.overlooked[0]
    assert weave.k * first.count < n * first.l

    # Knots: two dreamers or more, a reason, and the threads that they say they hold.
    for knot in weave.knots:
        assert len({woven.teller_of_thread[t] for t in knot.threads}) >= 2
        assert knot.reason.strip()
        assert {weave.fragments[i].thread_i for i in knot.fragments} == set(knot.threads)
        assert {weave.fragments[i].passage_i for i in knot.fragments} == {knot.passage_i}
    for motif in weave.motifs:
        assert (
            len({woven.teller_of_thread[weave.fragments[i].thread_i] for i in motif.fragments}) >= 2
        )
        assert motif.name.strip()

    assert from_json(to_json(weave)) == weave
