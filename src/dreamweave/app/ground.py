"""The ground: what every feature of the house stands on.

A store, a vault, the road between them, and time, chance and ids handed in, so
that any evening can be played again. Knows no feature.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from dreamweave.app.hearing import Hearing
from dreamweave.app.opened import Opened
from dreamweave.app.road import Road
from dreamweave.model.ids import ID_BYTES, id_of
from dreamweave.model.keeping import Store
from dreamweave.model.sealing import Vault


@dataclass(frozen=True, slots=True)
class Limits:
    """What a node allows. `settings.py` says where each comes from; these are the defaults."""

    crowd_min: int = 5  # people who lend unnamed before any of it is shown
    voice_bytes_max: int = 20 << 20
    photo_bytes_max: int = 6 << 20
    reports_a_day_max: int = 500  # far above any person, below a flood
    n_circles_max: int = 200  # Circles one person may be in
    # Argon2id (RFC 9106, low memory): 64 MiB, three passes, four lanes.
    argon_memory_kib: int = 65_536
    argon_passes: int = 3
    argon_lanes: int = 4


@dataclass(frozen=True, slots=True)
class Ground:
    """What the house stands on. `rng` is for draws that need not be secret; `fresh` for secrets."""

    store: Store
    vault: Vault
    road: Road
    hearing: Hearing
    now_ms: Callable[[], int]
    rng: random.Random
    fresh: Callable[[int], bytes] = os.urandom
    limits: Limits = field(default_factory=Limits)
    opened: Opened = field(default_factory=Opened)

    def new_id(self) -> str:
        return id_of(self.fresh(ID_BYTES))


def ground(
    store: Store,
    vault: Vault,
    *,
    now_ms: Callable[[], int],
    rng: random.Random | None = None,
    fresh: Callable[[int], bytes] = os.urandom,
    limits: Limits | None = None,
) -> Ground:
    """A ground over an open store and vault."""
    road = Road(store, vault, now_ms)
    made = Ground(
        store,
        vault,
        road,
        Hearing(),
        now_ms,
        rng or random.SystemRandom(),
        fresh,
        limits or Limits(),
    )
    made.hearing.on_cut(made.opened.let_go)
    return made
