"""Columns that a result has for each vertex."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

OWN = ("cluster", "confidence", "margin")

SEPARATOR = ";"
"""Mark between several clusters of a vertex, in text."""

STABILITY = "stability"

LATER = ("cluster_label", "clusters", STABILITY)
"""Columns that only some results have."""


def vertex_columns(
    labels: np.ndarray,
    assignment: np.ndarray | None,
    confidence: np.ndarray | None = None,
    stability: np.ndarray | None = None,
    numbers: np.ndarray | None = None,
    titles: Sequence[str] = (),
) -> dict[str, np.ndarray]:
    """`cluster, confidence, stability, margin, p_0 ... p_{K-1}`, arrays `[n]`.

    `margin` is what the largest probability of a row has over the second. `stability` is there if
    it is given, and `cluster_label` where clusters are called something. Without a soft assignment,
    there are `cluster` and these only.

    Args:
        labels: hard clusters by number, `[n]`; -1 for none.
        assignment: S `[n, k]`; None of a method that has none.
        confidence: probability of the cluster, `[n]`; None for the largest of the row.
        stability: share of several clusterings in which the cluster is the same, `[n]`; None of
            one clustering.
        numbers: of the clusters, rising, `[k]`; None for 0, 1, 2, ...
        titles: what they are called, `[k]`; empty for nothing beside the number.
    """
    columns, stable = {"cluster": labels}, {} if stability is None else {STABILITY: stability}
    if len(titles):
        known = np.arange(len(titles)) if numbers is None else numbers
        places = np.where(labels < 0, len(titles), np.searchsorted(known, labels))
        columns["cluster_label"] = np.array([*titles, ""], dtype=object)[places]
    if assignment is None:
        return columns | stable
    top = _two_largest(assignment)
    confidence = top[:, 1] if confidence is None else confidence
    columns |= {"confidence": confidence, **stable, "margin": top[:, 1] - top[:, 0]}
    own = np.arange(assignment.shape[1]) if numbers is None else numbers
    return columns | {f"p_{number}": assignment[:, k] for k, number in enumerate(own.tolist())}


def joined(several: np.ndarray) -> np.ndarray:
    """Tuples of numbers as texts, `0;3`, object array `[n]`."""
    found = np.empty(len(several), dtype=object)
    text = {kind: SEPARATOR.join(map(str, kind)) for kind in set(several.tolist())}
    found[:] = [text[kind] for kind in several.tolist()]
    return found


def _two_largest(assignment: np.ndarray) -> np.ndarray:
    """The second and the largest share of each row, `[n, 2]`; 0 beside that of a single cluster."""
    if assignment.shape[1] == 1:
        return np.hstack([np.zeros_like(assignment), assignment])
    return np.partition(assignment, -2, axis=1)[:, -2:]


def columns_in_the_way(names: list[str], columns: dict[str, np.ndarray]) -> list[str]:
    """Names of attributes that give way to a result's: those of its columns, and what is left of
    an earlier run of more clusters.
    """
    earlier = set(OWN) <= set(names)
    return [name for name in names if name in columns or (earlier and _is_earlier(name))]


def _is_earlier(name: str) -> bool:
    return name in LATER or (name.startswith("p_") and name[2:].isdecimal())
