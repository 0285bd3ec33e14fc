"""Sparse tensors as torch makes them, without what it says of them to whoever looks on."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor

SAID = (
    "Sparse CSR tensor support is in beta", "Sparse invariant checks are implicitly disabled",
)  # fmt: skip
"""Beginnings of warnings at the first sparse tensor of a process."""


def csr_tensor(start: Tensor, column: Tensor, value: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Make a CSR tensor of sound parts, which are not checked.

    Args:
        start: where each row's entries begin, and the end of the last, `[rows + 1]`.
        column: of each entry, of the same whole numbers.
        value: of each entry.
        shape: rows and columns.
    """
    with warnings.catch_warnings():
        for said in SAID:
            warnings.filterwarnings("ignore", said)
        return torch.sparse_csr_tensor(start, column, value, size=shape, check_invariants=False)
