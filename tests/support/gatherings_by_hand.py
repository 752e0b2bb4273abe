"""Gatherings folded by hand for tests of decisions: people are called by short names."""

from __future__ import annotations

import pytest

from dreamweave.deciding import gathering_decisions as decisions
from dreamweave.deciding.gatherings import TELLING, Gathering, fold
from dreamweave.model.gathering_facts import GatheringMade
from dreamweave.model.refusals import Refusal

HOST = "host"


def made(**how) -> GatheringMade:
    held = {
        "gathering": "g",
        "circle": "c",
        "host": HOST,
        "method": "matrix",
        "named": False,
        "floor": "free",
        "entry": "invited",
        "n_places": 0,
        "n_expected": 12,
        "n_warps": 12,
        "n_open": 2,
        "begins_ms": 10,
        "ends_ms": 0,
        "afterwards": "kept",
        "seed": "s",
    }
    return GatheringMade(**{**held, **how})


def there(*people, opened=True, **how) -> Gathering:
    """A gathering with its host and `people` in it, who may tell."""
    state = fold(Gathering(), decisions.make(Gathering(), made(**how)))
    for who in people:
        state = fold(state, decisions.enter(state, who, invited=True, listening=False))
    return fold(state, decisions.begin(state, HOST, TELLING)) if opened else state


def told(state, who, tag, **how) -> Gathering:
    return fold(state, (decisions.tell(state, who, tag, **{"now_ms": 1_000, **how}),))


def no(wish, *args, **how) -> str:
    with pytest.raises(Refusal) as refusal:
        wish(*args, **how)
    return refusal.value.code
