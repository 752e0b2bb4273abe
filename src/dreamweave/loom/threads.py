"""One thread for BLAS while we multiply.

Our products are many and small: parted over two threads they took five times as long
on a busy machine, and where a product is parted its last bits can change. This file
only holds the switch.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[Any]:
    """Within it, BLAS runs on the calling thread alone; afterwards as it did before."""
    limit: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limit


@cache
def _controller() -> Any:
    # Finding the libraries takes milliseconds, so it is done once; numpy's own is
    # loaded by then, because whoever multiplies has imported numpy.
    import numpy  # noqa: F401

    return ThreadpoolController()
