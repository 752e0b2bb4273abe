"""The vault: keys, sealing, forgetting, and what a back-up is made of.

`open_vault` gives what `model.sealing.Vault` promises. Knows no store but the
one it is handed, and nothing of what the words are.
"""

from __future__ import annotations

from dreamweave.vault.node import NodeVault
from dreamweave.vault.opening import open_vault

__all__ = ["NodeVault", "open_vault"]
