"""Seconds, memory and size of the page that `tvgnn report` writes.

    python benchmarks/pages.py

Planted partitions with sixteen features: four edges in five are inside a cluster. Each has a
process of its own; its memory is the most that it held, beside what it held with the graph read.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

import numpy as np

import tvgnn_cli
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.machine.versions import held_memory_mb, peak_memory_mb

SIZES = ((50_000, 150_000, 12), (1_000_000, 10_000_000, 10))
"""Vertices, edges and clusters."""

FEATURES, INSIDE = 16, 0.8


def planted(n: int, m: int, k: int) -> tuple[Graph, np.ndarray]:
    """A graph of so many vertices, about as many edges, and its clusters."""
    random = np.random.default_rng(0)
    labels = random.integers(k, size=n)
    members, sizes = np.argsort(labels, kind="stable"), np.bincount(labels, minlength=k)
    first = np.cumsum(sizes) - sizes
    tail = random.integers(n, size=m)
    group = np.where(random.random(m) < INSIDE, labels[tail], random.integers(k, size=m))
    head = members[first[group] + (random.random(m) * sizes[group]).astype(np.int64)]
    x = random.standard_normal((n, FEATURES), dtype=np.float32)
    x += np.eye(k, FEATURES, dtype=np.float32)[labels]
    return Graph.from_edges(index_ids(n), tail, head, x=x), labels


def measure(n: int, m: int, k: int) -> None:
    """Print the row of one graph."""
    graph, labels = planted(n, m, k)
    tvgnn_cli.make_report("karate", np.arange(34) % 2)  # what is loaded once
    before, began = held_memory_mb(), time.perf_counter()
    report = tvgnn_cli.make_report(graph, labels)
    seconds = time.perf_counter() - began
    size = len(report.html.encode()) / 1e3
    told = f"{n:,} vertices, {graph.num_edges:,} edges, {k} clusters: {seconds:.1f} s"
    held = f"{before:,.0f} MB with the graph, {peak_memory_mb():,.0f} MB at most"
    print(f"{told}, {held}, page of {size:,.0f} KB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, nargs=3, metavar=("N", "M", "K"), help="of one graph")
    size = parser.parse_args().size
    if size is not None:
        measure(*size)
        return
    for each in SIZES:
        subprocess.run([sys.executable, __file__, "--size", *map(str, each)], check=True)


if __name__ == "__main__":
    main()
