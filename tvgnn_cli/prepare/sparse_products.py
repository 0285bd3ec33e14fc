"""Products with a large sparse matrix by compiled kernels and threads, where scipy has one thread.

Small products stay scipy's.
"""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    import torch

MANY = 2**24
"""Multiplications up to which one thread of scipy does as well."""


def scaled_on_both_sides(matrix: sp.csr_array, factor: np.ndarray) -> sp.csr_array:
    """`D A D` for a square CSR matrix A and the diagonal `factor` of D, `[n]`."""
    rows = np.repeat(factor, np.diff(matrix.indptr))
    data = rows * matrix.data * factor[matrix.indices]
    return sp.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


class SparseMatrix:
    """A sparse matrix that is multiplied often. The result has the same bytes for any number of
    threads.

    Args:
        matrix: CSR, float32 or float64, `[n, m]`.
    """

    def __init__(self, matrix: sp.csr_array) -> None:
        self._matrix = matrix

    def __matmul__(self, dense: np.ndarray) -> np.ndarray:
        """The product with `[m]` or `[m, c]`."""
        is_small = self._matrix.nnz * (dense.size // max(len(dense), 1)) <= MANY
        if is_small or (dense.ndim > 1 and dense.dtype != self._matrix.dtype):
            return np.asarray(self._matrix @ dense)
        return self._by_runs(dense) if dense.ndim == 1 else self._by_kernel(dense)

    def reusing_memory(self, columns: int) -> AbstractContextManager[None]:
        """Let products with so many columns have each other's memory, for a while: it goes back to
        the system then, where the C library would keep some of it.
        """
        if self._matrix.nnz * columns <= MANY:
            return nullcontext()
        from tvgnn_cli.kernels import recycled_memory

        return recycled_memory()

    def _by_runs(self, vector: np.ndarray) -> np.ndarray:
        """By scipy, a run of rows in each thread."""
        with ThreadPoolExecutor(len(self._runs)) as threads:
            return np.concatenate(list(threads.map(lambda rows: rows @ vector, self._runs)))

    @cached_property
    def _runs(self) -> list[sp.csr_array]:
        """Runs of rows with about as many entries each, whose entries are the matrix's own."""
        import torch

        matrix, start = self._matrix, self._matrix.indptr
        ends = np.linspace(0, matrix.nnz, torch.get_num_threads() + 1)[1:-1]
        bounds = np.unique([0, *np.searchsorted(start, ends), matrix.shape[0]])
        runs = []
        for first, last in pairwise(bounds):
            entries = slice(start[first], start[last])
            arrays = matrix.data[entries], matrix.indices[entries]
            starts = start[first : last + 1] - start[first]
            shape = (last - first, matrix.shape[1])
            runs.append(sp.csr_array((*arrays, starts), shape=shape))
        return runs

    def _by_kernel(self, dense: np.ndarray) -> np.ndarray:
        """By the kernel that products with sparse features have in training."""
        from tvgnn_cli.kernels.sparse_product import csr_product

        return csr_product(self._tensor, _tensor_of(dense)).numpy()

    @cached_property
    def _tensor(self) -> torch.Tensor:
        from tvgnn_cli.kernels.csr_tensors import csr_tensor

        matrix = self._matrix
        start, column, value = map(_tensor_of, (matrix.indptr, matrix.indices, matrix.data))
        return csr_tensor(start, column, value, matrix.shape)


def _tensor_of(values: np.ndarray) -> torch.Tensor:
    """The same values as a tensor that is only read; torch warns of arrays that must not be written
    to, as those of pandas or of a file that is mapped are.
    """
    import torch

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        return torch.from_numpy(np.ascontiguousarray(values))
