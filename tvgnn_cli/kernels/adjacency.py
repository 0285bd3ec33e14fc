"""The adjacency matrix of a list of edges, as a sparse factor of products."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from tvgnn_cli.kernels.csr_tensors import csr_tensor
from tvgnn_cli.shapes import EdgeIndex, EdgeValues

FORMS = ("plain", "normalized", "loops")


def adjacency(
    edge_index: EdgeIndex,
    edge_weight: EdgeValues | None,
    num_vertices: int,
    form: str,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Build the symmetric CSR matrix `[n, n]` of a graph.

    Args:
        edge_index: undirected edges, `[2, e]`; several between two vertices add up.
        edge_weight: `[e]`, or None for 1; without a gradient.
        num_vertices: n.
        form: "plain" for A; "normalized" for `D^-1/2 A D^-1/2`, rows of vertices without edges
            being 0; "loops" for the same of `A + I`.
        dtype: of its values.
    """
    matrix = _matrix(edge_index, edge_weight, num_vertices, form)
    return _tensor(matrix, edge_index.device, dtype)


def _matrix(
    edge_index: Tensor, edge_weight: Tensor | None, num_vertices: int, form: str
) -> sp.csr_array:
    tail, head = edge_index.cpu().numpy()
    weight = np.ones(len(tail)) if edge_weight is None else edge_weight.detach().cpu().numpy()
    ends = np.concatenate([tail, head]), np.concatenate([head, tail])
    values = np.tile(weight.astype(np.float64), 2)
    matrix = sp.csr_array((values, ends), shape=(num_vertices, num_vertices))
    if form == "loops":
        matrix = matrix + sp.eye_array(num_vertices, dtype=matrix.dtype, format="csr")
    if form == "plain":
        return sp.csr_array(matrix)
    degree = np.asarray(matrix.sum(axis=1)).ravel()
    root = np.divide(1, np.sqrt(degree), out=np.zeros_like(degree), where=degree > 0)
    matrix.data *= np.repeat(root, np.diff(matrix.indptr))
    matrix.data *= root[matrix.indices]
    return matrix


def _tensor(matrix: sp.csr_array, device: torch.device, dtype: torch.dtype) -> Tensor:
    # As narrow as both may be together: the compiled product wants 32 bits.
    kind = np.int32 if max(matrix.nnz, *matrix.shape) < 2**31 else np.int64
    start = torch.from_numpy(matrix.indptr.astype(kind)).to(device)
    other = torch.from_numpy(matrix.indices.astype(kind)).to(device)
    values = torch.from_numpy(matrix.data).to(device, dtype)
    return csr_tensor(start, other, values, matrix.shape)
