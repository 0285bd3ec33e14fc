"""A run's account of itself: its graphs, its settings, what may surprise its reader."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tvgnn_cli.config.classification import ClassifyConfig, make_classify_config
from tvgnn_cli.config.setting import as_arguments, differing
from tvgnn_cli.graph.graph_set import VALIDATION, GraphSet
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.machine.threads import notes_on_threads
from tvgnn_cli.machine.versions import versions
from tvgnn_cli.prepare.graph_splits import Split

VOLATILE = ("seconds", "seconds_per_epoch", "memory_estimate_mb", "peak_memory_mb")
"""Metrics that differ from one run of the same command to the next."""


def lasting(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics that are the same whenever the same command runs on the same machine."""
    return {name: value for name, value in metrics.items() if name not in VOLATILE}


def accuracy(graphs: GraphSet, probabilities: np.ndarray, chosen: np.ndarray) -> float | None:
    """Share of some graphs of known class whose class is the most probable one; None of none.

    Args:
        graphs: the set, with its classes.
        probabilities: `[g, c]`.
        chosen: mask of graphs, `[g]`.
    """
    if graphs.y is None:
        return None
    chosen = chosen & (graphs.y != UNKNOWN)
    if not bool(chosen.any()):
        return None
    return float((probabilities[chosen].argmax(axis=1) == graphs.y[chosen]).mean())


def about(graphs: GraphSet, config: ClassifyConfig) -> dict[str, Any]:
    """Input, settings and versions, as metrics."""
    return {
        "input": graphs.name,
        "num_graphs": graphs.num_graphs,
        "num_vertices": graphs.num_vertices,
        "num_edges": graphs.num_edges,
        "num_classes": graphs.num_classes,
        "method": config.method,
        "preset": config.preset,
        "seed": config.seed,
        **_options(graphs, config),
        **versions(),
        "input_fingerprint": graphs.fingerprint(),
        "config_fingerprint": config.fingerprint(),
    }


def _options(graphs: GraphSet, config: ClassifyConfig) -> dict[str, str]:
    """Report options of reading and settings that nobody gets without asking, as a metric."""
    start = make_classify_config({"preset": config.preset, "method": config.method})
    asked = dict(graphs.read_with) | differing(config, replace(start, seed=config.seed))
    return {"options": as_arguments(asked)} if asked else {}


FEW_TO_TELL = 10
"""Graphs for validation below which their loss tells little of when training should end."""


def notes_on(graphs: GraphSet, split: Split, sizes: tuple[int, ...]) -> tuple[str, ...]:
    """Note what was done with the graphs that their reader might not expect."""
    notes = []
    if graphs.attributes is None and not any(each.values for each in graphs.categories):
        notes.append("no vertex features are read: the number of neighbours is used")
    largest = int(graphs.sizes.max(initial=0))
    if sizes and largest // 2 > sizes[0]:
        notes.append(
            f"pooling leaves {sizes[0]} and {sizes[1]} vertices of each graph; half and a quarter "
            f"of the largest, as in the paper, is `pool_sizes` {largest // 2},{largest // 4}"
        )
    if len(split.validation) < FEW_TO_TELL:
        way = "" if _is_given(graphs, split) else " (`validation` takes a larger share)"
        notes.append(
            f"graphs that decide when training ends: {len(split.validation)}; so few tell little, "
            f"and the accuracy on them less{way}"
        )
    unknown = 0 if graphs.y is None else int((graphs.y == UNKNOWN).sum())
    if unknown:
        notes.append(f"graphs of unknown class, not learned from: {unknown:,}")
    empty = int((graphs.sizes == 0).sum())
    if empty:
        notes.append(f"graphs without a vertex: {empty:,}; all of them look the same")
    return (*notes, *notes_on_threads())


def _is_given(graphs: GraphSet, split: Split) -> bool:
    """Tell whether the graphs that end training are those that the input names for it."""
    return graphs.split is not None and bool((graphs.split[split.validation] == VALIDATION).all())


SEEN = "graphs, their ids, features, classes or parts"
"""Contents of `seen_fingerprint`, in words."""


def seen_fingerprint(graphs: GraphSet, split: Split) -> str:
    """SHA-256 over what training sees: graphs, the classes that it learns from, the split."""
    seen = np.concatenate([split.train, split.validation])
    digest = hashlib.sha256(graphs.fingerprint().encode())
    # Which classes there are, and their numbers, follow from these.
    digest.update("\0".join(graphs.class_texts[seen].tolist()).encode())
    for part in (split.train, split.validation):
        digest.update(np.ascontiguousarray(part).tobytes() + b"|")
    return digest.hexdigest()
