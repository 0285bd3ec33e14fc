"""The number of clusters that a sweep's rows speak for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

STABLE = 0.05
"""Largest distance below the best agreement at which a value still counts as stable."""


@dataclass(frozen=True)
class Suggestion:
    """A number of clusters, and why."""

    num_clusters: int
    reason: str


def suggest_clusters(rows: Iterable[Mapping[str, Any]]) -> Suggestion | None:
    """The number of clusters of the highest modularity among those whose restarts agree.

    Losses do not compare between numbers of clusters. A value is stable if its agreement is
    within `STABLE` of the best; one whose clusters stay empty is no candidate. None where no
    row says enough.
    """
    used = [row for row in rows if row.get("clusters_used") == row.get("num_clusters")]
    known = [row for row in used if row.get("agreement") is not None]
    if not known:
        return None
    bar = max(row["agreement"] for row in known) - STABLE
    stable = [row for row in known if row["agreement"] >= bar]
    best = max(stable, key=lambda row: (row["modularity"], -row["num_clusters"]))
    others = sorted(row["modularity"] for row in stable if row is not best)
    second = f" (next: {others[-1]:.3f})" if others and math.isfinite(others[-1]) else ""
    return Suggestion(
        best["num_clusters"],
        f"modularity {best['modularity']:.3f}{second}, the highest of {len(stable)} of "
        f"{len(known)} values whose restarts agree (ARI {best['agreement']:.3f})",
    )
