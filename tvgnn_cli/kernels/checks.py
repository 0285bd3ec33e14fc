"""Checks of the inputs of every form of an equation: of shapes that C would reach beyond.

Each refusal names the argument. Values are not looked at here, but where they are places: those of
edges once per graph (`graph_tensors.py`, `neighbourhoods.py`), those of a CSR matrix once per
tensor.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tvgnn_cli.functional import ACTIVATIONS


def check_matrix(
    name: str, value: Tensor, rows: int | None = None, *, columns: int | None = None
) -> None:
    """Refuse what is no dense matrix of so many rows and columns; None for any number.

    Raises:
        TypeError: no tensor, or a sparse one.
        ValueError: another shape.
    """
    _check_dense(name, value)
    shape = value.shape
    if len(shape) != 2:
        raise ValueError(f"`{name}` has the shape {tuple(shape)}, not that of a matrix")
    if rows is not None and shape[0] != rows:
        raise ValueError(f"`{name}` has {shape[0]} rows, not {rows}")
    if columns is not None and shape[1] != columns:
        raise ValueError(f"`{name}` has {shape[1]} columns, not {columns}")


def check_vector(name: str, value: Tensor, length: int) -> None:
    """Refuse what is no dense vector of that length.

    Raises:
        TypeError: no tensor, or a sparse one.
        ValueError: another shape.
    """
    _check_dense(name, value)
    if value.shape != (length,):
        raise ValueError(f"`{name}` has the shape {tuple(value.shape)}, not ({length},)")


def _check_dense(name: str, value: Tensor) -> None:
    if not isinstance(value, Tensor):
        raise TypeError(f"`{name}` is a {type(value).__name__}, not a tensor")
    if value.layout != torch.strided:
        raise TypeError(f"`{name}` is a tensor of {value.layout}, not a dense one")


def check_activation(name: str) -> None:
    """Refuse a name that no activation has.

    Raises:
        ValueError: it has none.
    """
    if name not in ACTIVATIONS:
        raise ValueError(f"`activation` is {name!r}, not one of {', '.join(ACTIVATIONS)}")


def check_rho(rho: float) -> None:
    """Refuse an asymmetry that makes no quantile.

    Raises:
        ValueError: it is not positive.
    """
    if not rho > 0:
        raise ValueError(f"`rho` must be positive, not {rho}")


def check_runs(name: str, start: Tensor, end: int) -> None:
    """Refuse what does not cut the places up to `end` into runs: rising, from 0 to that.

    Raises:
        TypeError: no tensor of whole numbers.
        ValueError: other values, or another shape.
    """
    if not isinstance(start, Tensor) or start.dtype not in (torch.int32, torch.int64):
        raise TypeError(f"`{name}` is no tensor of whole numbers")
    if start.dim() != 1 or not len(start):
        raise ValueError(f"`{name}` has the shape {tuple(start.shape)}")
    first, last = int(start[0]), int(start[-1])
    if first != 0 or last != end or bool((start[1:] < start[:-1]).any()):
        raise ValueError(f"`{name}` does not rise from 0 to {end}: {first} ... {last}")


def check_places(name: str, places: Tensor, count: int) -> None:
    """Refuse whole numbers that are not places among so many.

    Raises:
        ValueError: one is negative or too large.
    """
    if not places.numel() or places.is_meta:
        return
    low, high = (int(value) for value in torch.aminmax(places))
    if low < 0 or high >= count:
        found = low if low < 0 else high
        raise ValueError(f"`{name}` has {found}, which is no place among {count}")


def check_edges(edge_index: Tensor, num_vertices: int) -> None:
    """Refuse what is no list of edges between so many vertices.

    Raises:
        TypeError: no tensor of int64.
        ValueError: another shape, or a vertex that is not there.
    """
    if not isinstance(edge_index, Tensor) or edge_index.dtype != torch.int64:
        raise TypeError("`edge_index` is no tensor of int64")
    if edge_index.dim() != 2 or edge_index.size(0) != 2:
        raise ValueError(f"`edge_index` has the shape {tuple(edge_index.shape)}, not (2, edges)")
    check_places("edge_index", edge_index, num_vertices)


SOUND = "tvgnn_is_sound"
"""Attribute of a CSR tensor whose places are known to be there: the versions of its two lists that
were read."""


def check_csr(name: str, matrix: Tensor) -> None:
    """Refuse a CSR matrix whose places lead out of it. Each is read once, and again where torch
    knows of a change.

    Raises:
        ValueError: several matrices at once, or places that are not there.
    """
    start, column = matrix.crow_indices(), matrix.col_indices()
    version = None if matrix.is_inference() else (start._version, column._version)
    if version is not None and getattr(matrix, SOUND, None) == version:
        return
    if matrix.dim() != 2 or matrix.values().dim() != 1:
        raise ValueError(f"`{name}` has the shape {tuple(matrix.shape)}, not that of a matrix")
    if len(start) != matrix.size(0) + 1 or len(column) != len(matrix.values()):
        raise ValueError(f"`{name}` has lists of other lengths than its rows and values")
    check_runs(f"{name}.crow_indices()", start, len(column))
    check_places(f"{name}.col_indices()", column, matrix.size(1))
    if version is not None:
        setattr(matrix, SOUND, version)
