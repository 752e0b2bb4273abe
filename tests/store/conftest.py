"""What the store's tests share: the promises explain themselves when they fail."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("store_promises")
