"""Precision of `tvgnn explain` in finding what sets clusters apart.

    python benchmarks/marks.py --data-root DIR

First on planted partitions of which each cluster has three features of its own among many that tell
nothing, of presences, of counts and of numbers: the share of those three among the first three that
are named, over five seeds. Then on Cora's words and the clusters that `tvgnn cluster` finds: the
rank correlation of our scores with chi-squared of a word's presence in a cluster, over the words
that are more frequent inside than outside.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

import tvgnn_cli
from tvgnn_cli.explanation.marks import marks_of, sums_of
from tvgnn_cli.graph.graph import Graph, index_ids

CLUSTERS, OWN, NOISE = 6, 3, 200
SEEDS = range(5)


def features_of(labels: np.ndarray, kind: str, random: np.random.Generator) -> np.ndarray:
    """Features: `NOISE` that are alike everywhere, then `OWN` of each cluster, higher in it."""
    n, width = len(labels), NOISE + OWN * CLUSTERS
    own = np.zeros((n, width), dtype=bool)
    for place in range(OWN):
        own[np.arange(n), NOISE + OWN * labels + place] = True
    if kind == "number":
        return random.normal(size=(n, width)) + own
    # Words that tell nothing may be as frequent as those that do, or more so.
    rate = np.concatenate([random.uniform(0.01, 0.4, NOISE), np.full(OWN * CLUSTERS, 0.03)])
    rate = np.where(own, 0.3, rate)
    return random.binomial(1, rate) if kind == "presence" else random.poisson(rate)


def precision(kind: str, seed: int) -> float:
    """Share of the first three features of each cluster that are its own."""
    random = np.random.default_rng(seed)
    tail, head, labels = planted_edges(random)
    x = features_of(labels, kind, random).astype(np.float32)
    graph = Graph.from_edges(index_ids(len(labels)), tail, head, x=x)
    table = tvgnn_cli.explain(graph, labels, top=OWN).to_frame("features")
    of = (table.feature.astype(int) - NOISE) // OWN
    right = (table.feature.astype(int) >= NOISE) & (of == table.cluster.astype(int))
    return float(right.sum()) / (OWN * CLUSTERS)


def planted_edges(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ends of the edges of a planted partition of uneven clusters, and their labels."""
    labels = np.repeat(np.arange(CLUSTERS), np.arange(1, CLUSTERS + 1) * 40)
    tail, head = random.integers(0, len(labels), (2, 40 * len(labels)))
    kept = (labels[tail] == labels[head]) | (random.uniform(size=len(tail)) < 0.05)
    return tail[kept], head[kept], labels


def agreement(graph: Graph, labels: np.ndarray) -> list[float]:
    """Spearman's correlation with chi-squared, of each cluster."""
    k = int(labels.max()) + 1
    sizes = np.bincount(labels, minlength=k)
    sums = sums_of(graph.x, labels, k)
    marks = marks_of(sums, sizes, graph.num_features)
    n, everywhere = sizes.sum(), sums.present.sum(axis=0)
    found = []
    for cluster in np.flatnonzero(sizes):
        mine = [mark for mark in marks if mark.cluster == cluster]
        columns = np.array([mark.column for mark in mine])
        inside, total, size = sums.present[cluster, columns], everywhere[columns], sizes[cluster]
        # Of the table of two by two: n (ad - bc)^2 over the product of its margins.
        cross = inside * (n - size - total + inside) - (size - inside) * (total - inside)
        chi = n * cross**2 / np.maximum(size * (n - size) * total * (n - total), 1)
        found.append(float(spearmanr([mark.score for mark in mine], chi).statistic))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-root", type=Path, required=True)
    given = parser.parse_args()
    print("| features | precision of the first three, by seed |\n| --- | --- |")
    for kind in ("presence", "count", "number"):
        shown = ", ".join(f"{precision(kind, seed):.3f}" for seed in SEEDS)
        print(f"| {kind} | {shown} |", flush=True)
    graph = tvgnn_cli.read_graph("Cora", data_root=given.data_root, offline=True)
    result = tvgnn_cli.cluster(graph, seed=0)
    found = agreement(graph, result.labels)
    print("\nSpearman's correlation with chi-squared on Cora, by cluster:")
    print(", ".join(f"{each:.2f}" for each in found), f"(mean {np.mean(found):.2f})")


if __name__ == "__main__":
    main()
