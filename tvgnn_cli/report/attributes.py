"""Attributes of the vertices of a picture, and the features that tell clusters apart where there
are many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.graph.features import column_blocks, is_sparse, is_stored
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import Column

MOST = 24
"""Attributes and features together."""


@dataclass(frozen=True, eq=False)
class Attribute:
    """One thing that is known of vertices.

    Args:
        name: as the input has it.
        values: float64 `[n]`, NaN where missing, or texts as objects `[n]`, "" where missing.
    """

    name: str
    values: np.ndarray

    @property
    def is_number(self) -> bool:
        """Tell whether the values are numbers."""
        return self.values.dtype.kind == "f"


def attributes_of(
    graph: Graph, chosen: np.ndarray, labels: np.ndarray, k: int
) -> tuple[list[Attribute], tuple[str, ...]]:
    """Attributes of the chosen vertices, those of the graph's file first, and notes on those that
    are left out.

    Args:
        graph: with its origin where its file has attributes.
        chosen: vertices, `[c]`.
        labels: their clusters, `[c]`, which decide what features are shown where there are many.
        k: clusters.
    """
    held = {} if graph.origin is None else graph.origin.vertex_attributes
    names = list(held)[:MOST]
    found = [Attribute(name, _values(held[name].take(chosen))) for name in names]
    notes = []
    if len(held) > MOST:
        notes.append(f"attributes: the first {MOST} of {len(held):,} are in the panel")
    width = graph.num_features
    free = [i for i in range(width) if _name(graph, i) not in held]
    room = MOST - len(found)
    if len(free) > room:
        power = _power(graph.x, chosen, labels, k)[free]
        free = sorted(np.array(free)[np.argsort(-power, kind="stable")[:room]].tolist())
        if room:
            notes.append(
                f"features: the {room} of {width:,} that differ most between clusters are in the "
                "panel"
            )
    if free:
        columns = _columns(graph.x, chosen, free)
        found += [Attribute(_name(graph, i), columns[:, j]) for j, i in enumerate(free)]
    return found, tuple(notes)


def _name(graph: Graph, feature: int) -> str:
    return graph.feature_names[feature] if graph.feature_names else f"feature {feature}"


def _values(column: Column) -> np.ndarray:
    """Values of a column in one of the two forms."""
    if column.values.dtype.kind == "b" or not column.is_number:
        return np.array(column.texts(), dtype=object)
    values = column.floats()
    return np.where(np.isfinite(values), values, np.nan)


def _parts(x: Any, chosen: np.ndarray) -> Iterator[tuple[np.ndarray, Any]]:
    """Features of the chosen vertices, positions in `chosen` and rows, dense or CSR."""
    if not is_stored(x):
        yield np.arange(len(chosen)), x if len(chosen) == x.shape[0] else x[chosen]
        return
    place = np.full(x.shape[0], -1)
    place[chosen] = np.arange(len(chosen))
    for vertices, values in x.blocks():
        at = place[vertices]
        yield at[at >= 0], values[at >= 0]


def _columns(x: Any, chosen: np.ndarray, wanted: list[int]) -> np.ndarray:
    """Some features of the chosen vertices, float64 `[c, len(wanted)]`."""
    found = np.empty((len(chosen), len(wanted)))
    for at, rows in _parts(x, chosen):
        part = rows[:, wanted]
        found[at] = part.toarray() if is_sparse(part) else part
    return found


def _power(x: Any, chosen: np.ndarray, labels: np.ndarray, k: int) -> np.ndarray:
    """Share of each feature's variance that lies between clusters, `[f]`; 0 of a constant one."""
    width, n = x.shape[1], len(chosen)
    sums: Any = 0
    total, squares = np.zeros(width), np.zeros(width)
    for at, rows in _parts(x, chosen):
        of = sp.csr_array((np.ones(len(at)), (labels[at], np.arange(len(at)))), (k, len(at)))
        sums = sums + _sums(of, rows)
        total += np.asarray(rows.sum(axis=0, dtype=np.float64)).ravel()
        squares += _squares(rows)
    scale = 1 / np.sqrt(np.maximum(np.bincount(labels, minlength=k), 1))
    scaled = sums.multiply(scale[:, None]) if is_sparse(sums) else sums * scale[:, None]
    between = _squares(scaled) - total**2 / n
    whole = squares - total**2 / n
    varies = whole > 1e-9 * np.maximum(squares, 1e-300)
    return np.divide(between, whole, out=np.zeros(width), where=varies)


def _sums(of: sp.csr_array, rows: Any) -> Any:
    """Sums of rows by cluster, `[k, f]`; of a sparse matrix they are one, too."""
    if is_sparse(rows):
        return of @ rows
    return np.concatenate([of @ rows[:, each] for each in column_blocks(rows)], axis=1)


def _squares(rows: Any) -> np.ndarray:
    """Sum of squares of each column."""
    if is_sparse(rows):
        return np.asarray(rows.multiply(rows).sum(axis=0, dtype=np.float64)).ravel()
    return np.asarray(np.einsum("ij,ij->j", rows, rows, dtype=np.float64))
