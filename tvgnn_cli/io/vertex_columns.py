"""Columns that a result has for each vertex."""

from __future__ import annotations

import numpy as np

OWN = ("cluster", "confidence", "margin")

STABILITY = "stability"


def vertex_columns(
    labels: np.ndarray,
    assignment: np.ndarray | None,
    confidence: np.ndarray | None = None,
    stability: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """`cluster, confidence, stability, margin, p_0 ... p_{K-1}`, arrays `[n]`.

    `margin` is what the largest probability of a row has over the second. `stability` is there if
    it is given. Without a soft assignment, there are `cluster` and it only.

    Args:
        labels: hard clusters, `[n]`.
        assignment: S `[n, k]`; None of a method that has none.
        confidence: probability of the cluster, `[n]`; None for the largest of the row.
        stability: share of several clusterings in which the cluster is the same, `[n]`; None of
            one clustering.
    """
    columns, stable = {"cluster": labels}, {} if stability is None else {STABILITY: stability}
    if assignment is None:
        return columns | stable
    top = np.partition(assignment, -2, axis=1)[:, -2:]
    confidence = top[:, 1] if confidence is None else confidence
    columns |= {"confidence": confidence, **stable, "margin": top[:, 1] - top[:, 0]}
    return columns | {f"p_{k}": assignment[:, k] for k in range(assignment.shape[1])}


def columns_in_the_way(names: list[str], columns: dict[str, np.ndarray]) -> list[str]:
    """Names of attributes that give way to a result's: those of its columns, and what is left of
    an earlier run of more clusters.
    """
    earlier = set(OWN) <= set(names)
    return [name for name in names if name in columns or (earlier and _is_earlier(name))]


def _is_earlier(name: str) -> bool:
    return name == STABILITY or (name.startswith("p_") and name[2:].isdecimal())
