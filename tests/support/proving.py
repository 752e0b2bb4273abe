"""How long the proofs run: a bounded part in every test run, the published goals on request.

`DREAMWEAVE_PROVE=1` (or `make prove`) runs the goals of docs/reference/proofs.md.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

PROVING = os.environ.get("DREAMWEAVE_PROVE", "") not in ("", "0")


def goal(bounded: int, whole: int) -> int:
    """`whole` when the published figure is wanted, `bounded` otherwise."""
    return whole if PROVING else bounded


def walked(machine: Any, n_steps: int, *, each: int, at_once: int) -> Counter[str]:
    """Walk `machine` at least `n_steps` steps, `each` a walk; what it saw (its `seen`) on the way.

    It walks the same ways each time unless the goals are proved. `at_once` bounds how many
    walks one run of the machine is asked for.
    """
    machine.seen.clear()
    batch = 0
    while machine.seen["steps"] < n_steps:
        # A walk that is cut short counts for what it was; more are begun until there are enough.
        how = settings(
            max_examples=max(1, min(at_once, (n_steps - machine.seen["steps"]) // each + 1)),
            stateful_step_count=each,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
            database=None,
        )
        run_state_machine_as_test(machine if PROVING else seed(batch)(machine), settings=how)
        batch += 1
    return machine.seen
