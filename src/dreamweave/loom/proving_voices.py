"""C1: does everybody hold one voice, and did it go where it may?

Counts units and looks up levels; who is carried by what is `proving_carry`'s business.
"""

from __future__ import annotations

import numpy as np

from dreamweave.loom.carrying import DIMS_MAX, exact_levels, same_text
from dreamweave.loom.papers import (
    Finding,
    Papers,
    carrying_of,
    counted,
    owns,
    people,
    text_of,
    told_by,
)
from dreamweave.model.proofs import (
    ChorusRow,
    Full,
    Header,
    LineRow,
    Public,
    price_of,
    rounded,
)
from dreamweave.model.receipts import Receipt
from dreamweave.model.relations import Relation
from dreamweave.model.weaves import VOICE, Weave


def voices_hold(papers: Papers, say: Finding) -> None:
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
        f"All lines and the chorus together hold exactly {counted(h.n, 'voice')}.",
        f"Lines and chorus together do not hold the voices of {h.n} people.",
    )
    n_within_k = sum(x.how != "own" for x in lines)
    say.ask(
        all(paid_by_rule(x, h, price) for x in lines)
        and n_within_k <= h.k
        and len({x.fragment_i for x in lines}) == len(lines),
        "Some lines stayed from before words were taken back, with what was left of their pay."
        if h.healed
        else f"Lines bought by shares hold the price, others no more; {n_within_k} of at most"
        f" {h.k}, and {len(lines) - n_within_k} beyond.",
        "A line is not paid as its rule says, or there are more lines than k.",
    )


def paid_by_rule(x: LineRow, h: Header, price: int) -> bool:
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
    slack: int | None = None
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
    apart = max(
        abs(fair.voice_in_lines - sum(x.paid for x in weave.lines)),
        abs(fair.voice_in_chorus - sum(c.voice for c in weave.chorus)),
    )
    whole = fair.voice_in_lines + fair.voice_in_chorus == weave.n_tellers * VOICE
    if whole and apart and slack is None:
        say.cannot(
            "weave.json rounds what lines hold, and no certificate is here that says how far, so"
            " their sum was not compared."
        )
        return
    say.ask(
        whole and apart <= (slack or 0),
        f"In weave.json, lines and chorus hold the voices of its {people(weave.n_tellers)}.",
        "In weave.json, lines and chorus do not add up to one voice a person.",
    )


def _accounts(full: Full, relation: Relation, say: Finding) -> None:
    h, told = full.header, told_by(full)
    carrying = carrying_of(full, relation)
    n_lines, n_chorus = len(full.lines), len(full.chorus)
    line_text = [text_of(full, x.fragment_i) for x in full.lines]
    chorus_text = [text_of(full, x.fragment_i) for x in full.chorus]
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
                right = right and r.chorus < n_chorus and owns(told, chorus_text[r.chorus], t)
                if right:
                    sung[r.chorus] += r.units
            elif r.line is not None and r.level is not None and r.line < n_lines:
                right = r.level < h.n_paying and rest <= r.units
                right = right and (not rest or owns(told, line_text[r.line], t))
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
        f"{people(h.n)}, each with a tag of their own and words in the weave; every thread is"
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
    if not 1 <= weave.dims <= DIMS_MAX or any(
        f >= size for f in [*own, *at.values(), *sung.values()]
    ):
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
