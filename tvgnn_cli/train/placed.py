"""Features where they are kept: on the device that trains, or in the host's memory, from which they
go there as they are worked on.

    what is worked on    kept on the device    kept on the host
    a batch's rows       gathered there        gathered into page-locked memory, copied from there
    all rows             in blocks, of the same rows from either place

So both places give a network with layers the same bytes. What is copied to a GPU is gathered and
sent by another thread, ahead of its use (`ahead.py`). Page-locked is only what waits to be sent: to
lock all features would take the host's memory twice, or bar the system from moving any of it. Rows
of CSR are cut out and sent as they are: they are a tenth of dense ones, or less.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli import kernels
from tvgnn_cli.kernels import arrays
from tvgnn_cli.train.ahead import sent_ahead

BLOCK_BYTES = 2**24
"""Bytes of the features of a block, at most: a copy of so many takes long beside its start, and a
few of them little of a GPU's memory.
"""

BLOCK_ROWS = 2**17
"""Rows of a block, at most: what is made of them is wider than they are where these are sparse."""

UNDIVIDED = ("cpu",)
"""Types of devices whose memory is the host's: what is there is one block."""


class Features(ABC):
    """Features of all vertices, `[n, f]`, for networks on one device.

    Args:
        source: the features in the host's memory, float32, dense or CSR.
        device: where networks work on them.
    """

    def __init__(self, source: Any, device: torch.device) -> None:
        self.source, self.device = source, device
        self.count, self.width = map(int, source.shape)
        self.is_dense = kernels.is_dense_on(source, device)

    @abstractmethod
    def whole(self) -> Tensor:
        """All of them on the device, `[n, f]`, dense or CSR."""

    @abstractmethod
    def rows(self, vertices: np.ndarray) -> Tensor:
        """Those of some vertices `[b]` on the device, `[b, f]`, dense or CSR."""

    @abstractmethod
    def blocks(self) -> Iterator[Tensor]:
        """The rows of each of `slices` on the device, dense or CSR as those of `whole` are."""

    @property
    def slices(self) -> list[slice]:
        """Rows of each block. Their number is a power of two, so that blocks of whole features lie
        as those do that were sent by themselves, on which the choice of a product may depend.
        """
        if self.device.type in UNDIVIDED:
            return [slice(0, self.count)]
        of_row = self._bytes / max(self.count, 1)
        most = max(min(int(BLOCK_BYTES / max(of_row, 1)), BLOCK_ROWS), 1)
        step = 1 << (most.bit_length() - 1)
        return [slice(first, first + step) for first in range(0, max(self.count, 1), step)]

    @property
    def _bytes(self) -> int:
        if self.is_dense:
            return 4 * self.count * self.width
        return 8 * int(self.source.nnz)

    def through(self, of_rows: Callable[[Tensor], Tensor]) -> Tensor:
        """Results of a function of rows for all of them, `[n, h]`, each of which depends on its own
        row alone; without a gradient.
        """
        slices = self.slices
        if len(slices) == 1:
            (block,) = self.blocks()
            return of_rows(block)
        out: Tensor | None = None
        for rows, block in zip(slices, self.blocks(), strict=True):
            made = of_rows(block)
            if out is None:
                out = arrays.empty(self.count, made.size(1), like=made)
            out[rows] = made
        assert out is not None
        return out


class OnDevice(Features):
    """Features that are kept on the device."""

    def __init__(self, source: Any, device: torch.device) -> None:
        super().__init__(source, device)
        self._x = kernels.feature_tensor(source, device).to(device)

    def whole(self) -> Tensor:
        return self._x

    def rows(self, vertices: np.ndarray) -> Tensor:
        if not isinstance(self.source, np.ndarray):
            return _of_csr(self.source, vertices, self.device)
        return self._x.index_select(0, torch.from_numpy(vertices).to(self.device))

    def blocks(self) -> Iterator[Tensor]:
        for rows in self.slices:
            yield kernels.feature_rows(self._x, rows)


class OnHost(Features):
    """Features that are kept in the host's memory, of which only what is worked on, and what comes
    next, is on the device.
    """

    def __init__(self, source: Any, device: torch.device) -> None:
        super().__init__(source, device)
        is_array = isinstance(source, np.ndarray)
        self._x = kernels.feature_tensor(source, device) if is_array else None

    def whole(self) -> Tensor:
        return kernels.feature_tensor(self.source, self.device).to(self.device)

    def rows(self, vertices: np.ndarray) -> Tensor:
        if self._x is None:
            return _of_csr(self.source, vertices, self.device)
        wanted, waiting = torch.from_numpy(vertices), self._waiting(len(vertices))
        torch.index_select(self._x, 0, wanted, out=waiting)
        return self._sent(waiting)

    def blocks(self) -> Iterator[Tensor]:
        return sent_ahead(self._block, self.slices, self.device, kernels.tensors_of)

    def _block(self, rows: slice) -> Tensor:
        if self._x is None:
            part = kernels.feature_tensor(self.source[rows], self.device, dense=self.is_dense)
            return part.to(self.device)
        part = self._x[rows]
        return self._sent(self._waiting(len(part)).copy_(part))

    def _waiting(self, count: int) -> Tensor:
        """Memory of the host for rows to send, which a GPU reads without the processor."""
        locked = self.device.type == "cuda"
        return torch.empty(count, self.width, dtype=torch.float32, pin_memory=locked)

    def _sent(self, waiting: Tensor) -> Tensor:
        # torch keeps page-locked memory from others until it was read.
        return waiting.to(self.device, non_blocking=self.device.type == "cuda")


def _of_csr(source: Any, vertices: np.ndarray, device: torch.device) -> Tensor:
    """Rows of a CSR matrix on a device, dense or CSR as suits these."""
    return kernels.feature_tensor(source[vertices], device).to(device)


def placed(source: Any, device: torch.device, *, on_host: bool = False) -> Features:
    """Features `[n, f]`, dense or CSR, for networks on a device: kept there, or on the host."""
    return (OnHost if on_host else OnDevice)(source, device)
