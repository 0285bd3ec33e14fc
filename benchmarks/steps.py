"""Seconds and memory of what comes after clusters, on a large graph.

    python benchmarks/steps.py [--edges 1e7] [--out benchmarks/steps.csv] [STEP ...]

A planted partition of `planted.py`, a tenth as many vertices as edges, in memory, with 16 features;
clusters are its communities with a twentieth of the vertices moved. Each step has a process of its
own; `graph_mb` is what that held before the step, `peak_mb` the most that it held.
`training_seconds` are those of the small network of one epoch that `update` begins with.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from planted import COMMUNITIES, planted
from rows import Rows

import tvgnn_cli
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.machine.versions import held_memory_mb, peak_memory_mb

HERE = Path(__file__).parent
MOVED = 0.05
CLUSTERINGS = 10
SMALL: dict[str, Any] = {"hidden": 64, "mlp_hidden": 64, "restarts": 1}

Step = Callable[[Any, np.ndarray], Any]


def moved(labels: np.ndarray, seed: int) -> np.ndarray:
    """The clusters with some vertices in others."""
    random = np.random.default_rng(seed)
    there = random.random(len(labels)) < MOVED
    return np.where(there, random.integers(COMMUNITIES, size=len(labels)), labels)


def updated(graph: Graph, _: np.ndarray) -> Any:
    """Time of the update alone: the model is made before."""
    before = time.perf_counter()
    model = tvgnn_cli.cluster(graph, COMMUNITIES, epochs=1, **SMALL).model
    trained = time.perf_counter() - before
    before = time.perf_counter()
    assert model is not None
    tvgnn_cli.update(model, graph)
    return {
        "seconds": round(time.perf_counter() - before, 2),
        "training_seconds": round(trained, 1),
    }


def consensus(_: Graph, labels: np.ndarray) -> Any:
    return tvgnn_cli.consensus([moved(labels, seed) for seed in range(CLUSTERINGS)])


STEPS: dict[str, Step] = {
    "explain": tvgnn_cli.explain,
    "report": tvgnn_cli.make_report,
    "levels": tvgnn_cli.levels,
    "match": lambda _, labels: tvgnn_cli.match(labels, moved(labels, 1)),
    "connected": lambda graph, labels: tvgnn_cli.reshape(graph, labels, connected="split"),
    "min_size": lambda graph, labels: tvgnn_cli.reshape(graph, labels, min_size=len(labels) // 9),
    "consensus": consensus,
    "update": updated,
}


def measure(step: str, edges: int, rows: Rows) -> None:
    """Add the row of a step."""
    edge_index, x, y = planted(edges)
    graph = Graph.from_edges(index_ids(len(y)), *edge_index, x=x[:, :16].copy())
    del edge_index, x
    labels = moved(y, 0)
    if step in ("explain", "report"):
        STEPS[step]("karate", np.arange(34) % 2)  # what is loaded once
    held, before = held_memory_mb(), time.perf_counter()
    found = STEPS[step](graph, labels)
    seconds = time.perf_counter() - before
    row = {"step": step, "vertices": graph.num_vertices, "edges": graph.num_edges}
    told = found if isinstance(found, dict) else {"seconds": round(seconds, 2)}
    rows.add({**row, **told, "graph_mb": round(held), "peak_mb": round(peak_memory_mb())})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    parser.add_argument("--edges", type=float, default=1e7)
    parser.add_argument("--out", type=Path, default=HERE / "steps.csv")
    parser.add_argument("--here", action="store_true", help="in this process")
    options = parser.parse_args()
    for step in options.steps or STEPS:
        rows = Rows(options.out, "step")
        if (step,) in rows:
            continue
        if options.here:
            measure(step, int(options.edges), rows)
            continue
        told = ["--edges", str(options.edges), "--out", str(options.out), "--here"]
        subprocess.run([sys.executable, __file__, step, *told], check=True)
    if options.here:
        return
    print(Rows(options.out, "step").frame.to_string(index=False))


if __name__ == "__main__":
    main()
