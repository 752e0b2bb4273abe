"""Setup: the code with which the first person on a node becomes its keeper.

Printed by `dreamweave serve` on the machine itself while nobody keeps the
node, so that only whoever can read that screen can take it. Each start makes a
fresh one and the one before opens nothing any more. Joining with it is
`coming_in`'s.
"""

from __future__ import annotations

from dreamweave.app import passes
from dreamweave.app.ground import Ground
from dreamweave.app.passes import Pass
from dreamweave.app.road import Granting
from dreamweave.model.refusals import Refusal

# Not a person's: nobody is here yet.
OWNER = "node"


def setup_code(ground: Ground) -> str:
    """A fresh code for the first member. Refuses where the node has a keeper."""
    code = passes.new_code(ground, "invitation")

    def decide(granting: Granting) -> None:
        if ground.road.membership(granting).holders("keeper"):
            raise Refusal("setup.here", "This node has a keeper. They can invite others.")
        granting.drops += (("passes", old.id) for old in passes.passes_of(ground, OWNER, "setup"))
        id = passes.pass_id(ground, "invitation", code)
        granting.puts.append(Pass(id, OWNER, "setup", ground.now_ms(), 0, 1).to_row())

    ground.road.grant(decide)
    return code
