"""The number of clusters that rows speak for, one for each number that was tried."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tvgnn_cli.config import EDGES, JOINT
from tvgnn_cli.prepare.evidence.tried import NEAR

Row = Mapping[str, Any]

MEASURES = {
    "support": "edges and features tell {:.3f} of a vertex's cluster",
    "bits_saved": "saves {:.3f} bits an edge",
    "modularity": "modularity {:.3f}",
}
"""Measures that numbers of clusters are compared by, and a word for each."""


@dataclass(frozen=True)
class Suggestion:
    """A number of clusters, and why.

    Args:
        num_clusters: the number.
        reason: in words.
        next_best: the two numbers that come next.
        is_sure: whether anything speaks for clusters at all.
    """

    num_clusters: int
    reason: str
    next_best: tuple[int, ...] = ()
    is_sure: bool = True


def suggest_clusters(rows: Iterable[Row]) -> Suggestion | None:
    """The number of clusters that the rows speak for.

    Losses do not compare between numbers of clusters. Where clusters were sought in edges alone, or
    in these beside features, it is the number that saves most bits in a description of the edges;
    where features are averaged over near vertices, the one whose clusters edges and features tell
    most of, or a larger one within a hundredth. One whose clusters stay empty is no candidate. None
    where no row says enough.
    """
    rows = list(rows)
    used = [row for row in rows if row.get("clusters_used") == row.get("num_clusters")]
    if not used or len({row.get("num_clusters") for row in rows}) < 2:
        return None
    measure = _measure(used)
    found = sorted(
        (row for row in used if _is_number(row.get(measure))),
        key=lambda row: (-row[measure], row["num_clusters"]),
    )
    if not found:
        return None
    best = top = found[0]
    if measure == "support" and top[measure] > 0:
        near = [row for row in found if row[measure] >= NEAR * top[measure]]
        best = max(near, key=lambda row: row["num_clusters"])
    others = [row for row in found if row["num_clusters"] != best["num_clusters"]]
    return Suggestion(
        best["num_clusters"],
        _reason(best, measure, others[:2]),
        tuple(row["num_clusters"] for row in others[:2]),
        best[measure] > 0 and best.get("evidence_sure") is not False,
    )


def is_past(rows: Sequence[Row], after: int) -> bool:
    """Tell whether the last `after` rows, in the order of their making, have changed nothing of the
    number that the rows speak for.
    """
    found = suggest_clusters(rows)
    if found is None:
        return False
    numbers = [row["num_clusters"] for row in rows]
    return len(rows) - 1 - numbers.index(found.num_clusters) >= after


def chosen_number(rows: Iterable[Row]) -> Suggestion | None:
    """The number of clusters that a run has chosen, of the rows of all that it tried (`-k auto`);
    None where they have none that was.
    """
    rows = list(rows)
    taken = [row for row in rows if str(row.get("chosen")).lower() in ("true", "1")]
    has_support = all(_is_number(row.get("support")) for row in rows)
    measure = "support" if has_support else "bits_saved"
    if len(taken) != 1 or not _is_number(taken[0].get(measure)):
        return None
    others = sorted(
        (row for row in rows if row is not taken[0] and _is_number(row.get(measure))),
        key=lambda row: (-row[measure], row["num_clusters"]),
    )[:2]
    return Suggestion(
        taken[0]["num_clusters"],
        _reason(taken[0], measure, others),
        tuple(row["num_clusters"] for row in others),
        taken[0][measure] > 0,
    )


def _measure(rows: list[Row]) -> str:
    """The measure that all of the rows have."""
    told = all(_is_number(row.get("support")) for row in rows)
    if told and any(row.get("view") not in (EDGES, JOINT) for row in rows):
        return "support"
    saved = all(_is_number(row.get("bits_saved")) for row in rows)
    return "bits_saved" if saved else "modularity"  # which rows of older versions have


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _reason(best: Row, measure: str, others: list[Row]) -> str:
    told = [MEASURES[measure].format(best[measure])]
    if others:
        beside = "; ".join(f"K = {row['num_clusters']}: {row[measure]:.3f}" for row in others)
        told[0] += f" (next: {beside})"
    if _is_number(best.get("agreement")):
        told.append(f"its restarts agree (ARI {best['agreement']:.3f})")
    if best[measure] <= 0:
        told.append("but no number of clusters is better than one cluster by that")
    elif best.get("evidence_sure") is False:
        told.append("but there is no evidence for clusters")
    return ", ".join(told)
