"""Evidence in a report: what edges and features say of the clusters, and what was made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tvgnn_cli.config import BOTH, EDGES, FACTORS, FEATURES, JOINT, MIXED
from tvgnn_cli.report.cells import cell, number, share
from tvgnn_cli.report.parts import Section, Table
from tvgnn_cli.report.run_facts import Run

UNTRUSTED = "nothing speaks for these clusters: what they foretell may be chance"
"""Warning of a run whose own warnings are not known."""

VIEWS = {
    BOTH: "Clusters were sought in features averaged over near vertices, so in both.",
    JOINT: "Clusters were sought in features averaged over near vertices, and beside them in the "
    "graph's eigenvectors.",
    EDGES: "Clusters were sought in the edges alone; features were left out.",
    FEATURES: "Clusters were sought in the features alone; edges were left out.",
}
"""By view, what clusters were sought in, where there are features."""

ENCODERS = {
    FACTORS: "Features were combined so that neighbours are alike in them, all of one weight "
    "(encoder factors).",
    MIXED: "Features were combined so that neighbours are alike in them, beside the directions of "
    "most variance (encoder mixed).",
}
"""Sentences on what was made of the features, by encoder."""

KEPT = {
    "training": "The clusters are those that training ended with.",
    "start": "Training gained nothing that counts: the clusters are those that it started from.",
}
"""Sentences on where clusters come from."""


def in_short(metrics: Mapping[str, Any]) -> list[str]:
    """Sentences on how much edges and features say of the clusters; none where it is unknown."""
    told = [] if metrics.get("evidence_edges") is None else [_foretold(metrics)]
    return [*told, *_agreed(metrics)]


def _foretold(metrics: Mapping[str, Any]) -> str:
    parts = [f"edges that were held back tell {share(max(metrics['evidence_edges'], 0.0))}"]
    if metrics.get("evidence_features") is not None:
        parts.append(f"features {share(max(metrics['evidence_features'], 0.0))}")
    told = f"Of a vertex's cluster, beyond chance, {' and '.join(parts)}."
    if metrics.get("evidence_sure") is False:
        return f"{told} That is no more than chance gives: nothing speaks for these clusters."
    return " ".join([told, *_sought(metrics)])


def _sought(metrics: Mapping[str, Any]) -> list[str]:
    """A sentence on what clusters were sought in, where there was a choice."""
    view = str(metrics.get("view"))
    return [VIEWS[view]] if view in VIEWS and metrics.get("num_features") else []


def _agreed(metrics: Mapping[str, Any]) -> Iterator[str]:
    """Sentences on how far clusterings agree that were found apart."""
    if metrics.get("stability") is not None:
        yield (
            f"Clusters that were found without a part of the input agree by an ARI of "
            f"{metrics['stability']:.3f}."
        )
    if metrics.get("stability_mean") is not None:
        between = metrics.get("agreement")
        agree = "" if between is None else f" Any two agree by an ARI of {between:.3f} on average."
        yield (
            f"The clusters are what restarts agree on: a vertex is in its cluster in "
            f"{share(metrics['stability_mean'])} of them on average.{agree}"
        )


def warning(metrics: Mapping[str, Any], warnings: list[str]) -> list[str]:
    """Warn that nothing speaks for the clusters, where the run does not say so itself."""
    said = any("no evidence for clusters" in each for each in warnings)
    return [UNTRUSTED] if metrics.get("evidence_sure") is False and not said else []


def section(run: Run) -> Section:
    """The evidence in full, or why there is none."""
    metrics = run.metrics
    if not metrics:
        told = (
            "The run that made the clusters is not known, nor is its evidence; tvgnn check "
            "measures what edges and features of the graph say of clusters."
        )
        return Section("Evidence", lines=[told])
    if metrics.get("evidence_edges") is None:
        method = cell("", metrics.get("method", "its method"))
        return Section("Evidence", lines=[f"This run ({method}) measured none.", *_agreed(metrics)])
    return Section("Evidence", [_table(metrics)], list(_lines(metrics)))


def _table(metrics: Mapping[str, Any]) -> Table:
    """The share that each source tells, and whether clusters were sought in it."""
    view, features = str(metrics.get("view")), metrics.get("evidence_features")
    told = "not in the input" if not metrics.get("num_features") else "not measured"
    rows = [
        ["edges", share(max(metrics["evidence_edges"], 0.0)), _use(view, EDGES)],
        ["features", told if features is None else share(max(features, 0.0)),
         "" if features is None else _use(view, FEATURES)],
    ]  # fmt: skip
    return Table(["source", "tells of a vertex's cluster", "use"], rows, [False, True, False])


def _use(view: str, source: str) -> str:
    return "used" if view in (BOTH, JOINT, source) else "left out"


def _lines(metrics: Mapping[str, Any]) -> Iterator[str]:
    """Sentences on the measure, what was made of it, and whether the clusters are to be trusted."""
    yield (
        "Clusters were sought without a part of the edges, and in half of the features; the table "
        "says how much of a vertex's cluster what was held back tells, less what chance gives."
    )
    if metrics.get("evidence_sure") is False:
        yield "Chance gives as much: nothing speaks for these clusters."
    elif metrics.get("evidence_sure"):
        yield "Chance hardly ever gives as much: there is evidence for clusters."
    yield from _sought(metrics)
    if metrics.get("encoder") in ENCODERS:
        yield ENCODERS[metrics["encoder"]]
    yield from _agreed(metrics)
    # Of a consensus it says where the restart comes from that lends its model.
    if metrics.get("stability_mean") is None and metrics.get("kept") in KEPT:
        yield KEPT[metrics["kept"]]
    found = metrics.get("support_shaped", metrics.get("support"))
    if found is not None:
        has_features = metrics.get("evidence_features") is not None
        what, most = ("edges and features", "2") if has_features else ("edges", "1")
        yield (
            f"All {what} together tell {number(float(found))} of "
            f"{most} of the clusters as they are; these have been seen, so that it compares "
            "restarts and is no evidence."
        )
