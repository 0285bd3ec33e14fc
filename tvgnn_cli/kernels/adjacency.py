"""The adjacency matrix of a list of edges, as a sparse factor of products."""

from __future__ import annotations

import warnings
import weakref

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from tvgnn_cli.shapes import EdgeIndex, EdgeValues

FORMS = ("plain", "normalized", "loops")

_KNOWN: WeakIdKeyDictionary = WeakIdKeyDictionary()


def adjacency(
    edge_index: EdgeIndex,
    edge_weight: EdgeValues | None,
    num_vertices: int,
    form: str,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """A symmetric CSR matrix `[n, n]`, made once for each `edge_index` that lives.

    Args:
        edge_index: undirected edges, `[2, e]`; several between two vertices add up.
        edge_weight: `[e]`, or None for 1; without a gradient.
        num_vertices: n.
        form: "plain" for A; "normalized" for `D^-1/2 A D^-1/2`, rows of vertices without edges
            being 0; "loops" for the same of `A + I`.
        dtype: of its values.
    """
    if edge_index not in _KNOWN or _KNOWN[edge_index][0] != edge_index._version:
        _KNOWN[edge_index] = edge_index._version, {}  # what older edges gave goes
    known = _KNOWN[edge_index][1]
    of = None if edge_weight is None else edge_weight._version
    key = num_vertices, form, dtype, of
    if key in known and _same(known[key][0], edge_weight):
        found: Tensor = known[key][1]
        return found
    made = _tensor(_matrix(edge_index, edge_weight, num_vertices, form), edge_index.device, dtype)
    known[key] = None if edge_weight is None else weakref.ref(edge_weight), made
    return made


def _same(kept: weakref.ref[Tensor] | None, edge_weight: Tensor | None) -> bool:
    return edge_weight is None if kept is None else kept() is edge_weight


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
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(
            start, other, values, size=matrix.shape, check_invariants=False
        )
