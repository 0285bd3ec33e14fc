"""Metrics of a run as the names and values that stand on a card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tvgnn_cli.evaluation.metric_table import METRICS
from tvgnn_cli.report.cells import exact, spelled_name

SIZES = ("num_vertices", "num_edges", "num_features")
"""Counts of what the input has."""


def facts_of(metrics: Mapping[str, Any], names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The method and the sizes of the input, then the metrics of these names; those that are known.

    Args:
        metrics: by column name.
        names: of further ones, in their order.
    """
    if metrics.get("method") is not None:
        yield "method", exact(metrics["method"])
    for name in SIZES:
        if metrics.get(name) is not None:
            yield name.removeprefix("num_"), f"{metrics[name]:,}"
    known = {metric.name: metric for metric in METRICS}
    for name in names:
        if metrics.get(name) is not None:
            metric = known[name]
            yield (metric.label or spelled_name(name)).strip(), metric.form.format(metrics[name])
