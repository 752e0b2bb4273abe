"""Trees are those of RFC 6962, and a path proves its own leaf only."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.model.merkle import audit_path, leaf_hash, node_hash, root_from_path, tree_root

# The inputs and roots of the reference implementation's Merkle tree tests.
INPUTS = [
    bytes.fromhex(x)
    for x in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# (leaf counted from 1, size, path), of the same tests.
PATHS = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (3, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        2,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
LEAVES = [leaf_hash(data) for data in INPUTS]
leaves = st.lists(st.binary(max_size=3).map(leaf_hash), max_size=40)


def by_the_book(leaves: list[bytes]) -> bytes:
    """Section 2.1 as it is written, with its recursion."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(by_the_book(leaves[:k]), by_the_book(leaves[k:]))


def test_published_roots():
    assert [tree_root(LEAVES[:n]).hex() for n in range(9)] == ROOTS


@pytest.mark.parametrize(("leaf", "size", "path"), PATHS)
def test_published_paths(leaf, size, path):
    assert [h.hex() for h in audit_path(LEAVES[:size], leaf - 1)] == path


@given(leaves)
def test_agrees_with_the_book(leaves):
    assert tree_root(leaves) == by_the_book(leaves)


@given(leaves.filter(bool), st.data())
def test_a_path_leads_to_the_root(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = audit_path(leaves, index)

    assert root_from_path(leaves[index], index, len(leaves), path) == tree_root(leaves)


@given(leaves.filter(bool), st.data())
def test_a_path_proves_no_other_leaf_and_no_other_length(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, root, n = audit_path(leaves, index), tree_root(leaves), len(leaves)

    assert root_from_path(leaf_hash(b"other"), index, n, path) != root
    assert root_from_path(leaves[index], index, n, [*path, bytes(32)]) is None
    assert root_from_path(leaves[index], n, n, path) is None
    if path:
        assert root_from_path(leaves[index], index, n, path[:-1]) is None


def test_there_is_no_path_to_a_leaf_that_is_not_there():
    with pytest.raises(ValueError, match="index"):
        audit_path(LEAVES, 8)
