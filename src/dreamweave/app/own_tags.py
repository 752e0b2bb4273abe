"""Own tags: what somebody called their reports so far, to be offered while they write.

Counted afresh from the opened journal; nothing of it is kept, and nobody else's
tags are looked at.
"""

from __future__ import annotations

from collections import Counter

from dreamweave.app.actors import Actor
from dreamweave.app.ground import Ground

N_OFFERED = 60


def own_tags(ground: Ground, who: Actor) -> list[str]:
    """The actor's tags, those of most reports first, then as the alphabet has them."""
    counts: Counter[str] = Counter()
    for report in ground.opened.reports(ground, who):
        counts.update(set(report.tags))
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [tag for tag, _ in ranked[:N_OFFERED]]
