"""The loom: from people's words to one fair weave. Arrays and plain values in and out, no I/O.

    from dreamweave.loom import weave

    woven = weave(["The sea came up the stairs.", "Water on the stairs."], ["ann", "bo"])
    woven.weave.lines

Everything else here can be used alone: `cutting`, `reading`, `carrying`,
`choosing`, `checking`, `grouping`, `motifs`, `ordering`, `passages`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dreamweave.loom.weaving import Woven, weave

__all__ = ["Woven", "weave"]


def __getattr__(name: str) -> Any:
    # The parts are small; the whole pulls in the reader. So it comes when asked for.
    if name in __all__:
        from dreamweave.loom import weaving

        return getattr(weaving, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
