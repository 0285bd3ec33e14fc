"""Arrays with a row for each vertex: features, true classes, ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import check_features, compact
from tvgnn_cli.graph.property_graph import as_text
from tvgnn_cli.io.classes import Classes, classes_of
from tvgnn_cli.io.names import (
    ARRAYS_OF_CLASSES,
    ARRAYS_OF_FEATURES,
    ARRAYS_OF_IDS,
    find_array,
)
from tvgnn_cli.io.sparse_arrays import read_sparse

LATER_CLASSES = "classes of vertices after the last that has an edge"
"""Beginning of the note on classes whose vertices nothing else names."""

PARTS = ("x_", "features_", "attr_")
"""Beginnings of the names of the CSR parts of sparse features."""


def find_features(arrays: Mapping[str, np.ndarray], label: str) -> Any:
    """Features `[n, f]` of an archive: an array, a CSR array where they are in parts, or None.

    Raises:
        InputError: parts that make no matrix.
    """
    name = find_array(arrays, ARRAYS_OF_FEATURES)
    if name is not None:
        return arrays[name]
    prefix = next((prefix for prefix in PARTS if f"{prefix}data" in arrays), None)
    return None if prefix is None else read_sparse(arrays, label, prefix, "csr")


def find_classes(arrays: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """The array of true classes of an archive; None where there is none."""
    name = find_array(arrays, ARRAYS_OF_CLASSES)
    return None if name is None else arrays[name]


def find_ids(arrays: Mapping[str, np.ndarray], count: int) -> list[str] | None:
    """The ids of so many rows; None where no array has one for each."""
    name = find_array(arrays, ARRAYS_OF_IDS)
    ids = None if name is None else arrays[name]
    if ids is None or ids.shape != (count,) or ids.dtype.kind not in "iuUSf":
        return None
    return [
        v.decode(errors="backslashreplace") if isinstance(v, bytes) else as_text(v)
        for v in ids.tolist()
    ]


def as_features(x: Any, ids: np.ndarray, label: str, gaps: bool | None = None) -> Any:
    """Features as float32 `[n, f]`, dense or CSR as they came; whether they may have gaps, see
    `check_features`.

    Raises:
        InputError: wrong shape or type, values that are not finite.
    """
    if x.dtype.kind not in "iufb":
        raise InputError(f"{label}: features have dtype {x.dtype}, not numbers")
    check_shape(x.shape, len(ids), label)
    check_features(x, ids, label, gaps)
    return sp.csr_array(x, dtype=np.float32) if sp.issparse(x) else compact(x)


def check_shape(shape: tuple[int, ...], n: int, label: str) -> None:
    """Refuse features that are not one row for each of n vertices.

    Raises:
        InputError: naming the shape.
    """
    if len(shape) != 2 or shape[0] != n or not shape[1]:
        raise InputError(f"{label}: features have shape {shape}, not ({n}, f): one row per vertex")


def as_labels(y: np.ndarray, n: int, label: str) -> Classes:
    """True classes of an array `[n]`, `[n, 1]` or, 0 and a single 1 in each row, `[n, classes]`.

    Raises:
        InputError: wrong shape or type.
    """
    texts, told = label_texts(y, label, n)
    if len(texts) != n:
        raise _no_labels(y, label, n)
    found = classes_of(texts)
    return replace(found, notes=(*told, *found.notes))


def label_texts(
    y: np.ndarray, label: str, n: int | None = None
) -> tuple[list[str], tuple[str, ...]]:
    """Labels as text, one for each row, "" for NaN; and what is said of their shape.

    Raises:
        InputError: wrong shape or type.
    """
    told: tuple[str, ...] = ()
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    elif y.ndim == 2 and y.shape[1] > 1 and _is_one_hot(y):
        told = (f"classes: an array {y.shape} of 0 and 1, the column of each row's 1",)
        y = y.argmax(axis=1)
    if y.ndim != 1 or not are_classes(y):
        raise _no_labels(y, label, n)
    return _class_names(y), told


def _is_one_hot(y: np.ndarray) -> bool:
    """Tell whether each row is 0 but for a single 1."""
    if y.dtype.kind not in "iufb":
        return False
    return bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())


def _no_labels(y: np.ndarray, label: str, n: int | None) -> InputError:
    return InputError(
        f"{label}: labels have dtype {y.dtype} and shape {y.shape}; "
        f"need integers or strings of shape ({'n' if n is None else n},)"
    )


def are_classes(y: np.ndarray) -> bool:
    """Tell whether values may name classes: integers, strings, whole numbers with NaN in them."""
    if y.dtype.kind == "f":
        return bool((np.isnan(y) | (np.isfinite(y) & (y == np.floor(y)))).all())
    return y.dtype.kind in "iubUS"


def _class_names(y: np.ndarray) -> list[str]:
    """Labels as text; "" for NaN."""
    if y.dtype.kind in "if":
        return ["" if v != v else str(int(v)) for v in y.tolist()]
    return [
        v.decode(errors="backslashreplace") if isinstance(v, bytes) else str(v) for v in y.tolist()
    ]
