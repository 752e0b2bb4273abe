"""A small gathering with canaries: names, ids and words that must not turn up elsewhere."""

from __future__ import annotations

import pytest

from dreamweave.model.reports import Report, Seat, Told

TOLD = (
    (
        "r-canary-1",
        "Ann Canaryname",
        "The sea came up the stairs and asked for tea. A lamp was lit.",
        "joy",
    ),
    (
        "r-canary-2",
        "Bo Canaryname",
        "I climbed the stairs and there was only water above the roof.",
        "fear",
    ),
    (
        "r-canary-3",
        "Cy Canaryname",
        "A bird sat on the tram. It paid with a feather for all of us.",
        None,
    ),
    (
        "r-canary-4",
        "Dee Canaryname",
        "My grandmother carried a lamp across the bridge at night.",
        "calm",
    ),
    ("r-canary-5", "Eve Canaryname", "The zyxwviolet engine hums in my zyxwviolet coat.", "wonder"),
    (
        "r-canary-6",
        "Ann Canaryname",
        "Later the tide went home and left the kitchen floor clean.",
        None,
    ),
)


@pytest.fixture(scope="session")
def told() -> Told:
    return Told(
        tuple(
            Report(id=id, teller=teller, text=text, lang="en", feeling=feeling)
            for id, teller, text, feeling in TOLD
        ),
        (Seat("Lis Canaryname", "listening"), Seat("Opa Canaryname", "open")),
    )
