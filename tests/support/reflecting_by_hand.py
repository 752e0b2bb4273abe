"""A gathering whose telling is over, without a weaver: straight to the reflection."""

from __future__ import annotations

from dreamweave.app import gatherings
from dreamweave.deciding import gathering_decisions


def reflecting(here):
    """Close the telling of a gathering (`makers_gatherings.Gathered`), as if it had been woven."""
    gatherings.begin_phase(here.ground, here.host, here.g, "reflecting")

    def decide(granting):
        state = here.ground.road.gathering(here.topic, granting)
        granting.say(here.topic, gathering_decisions.reflect(state))

    here.ground.road.grant(decide)
    return here
