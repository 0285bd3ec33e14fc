"""What clusters are worth where weights of edges have a long tail, or fall off with a distance.

    python benchmarks/weights.py [--graphs 5] [--out FILE.csv]

Planted graphs of five clusters whose edges have weights at random, which tell nothing; graphs whose
weights alone tell the clusters, three or five times larger inside of them; and similarities of
points. Of each: the NMI of the default and of `--no-clip-weights`, the share of the edges that are
clipped, and the NMI where each weight is at most 10 times the median. Rows are written as they are
made, and those that are there are not made again. Ends with the means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import networkx as nx
import numpy as np
from rows import Rows, asked
from sklearn.neighbors import kneighbors_graph

import tvgnn_cli
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.prepare.edge_weights import with_scaled_weights

K = 5
Draw = Callable[[np.random.Generator, int], np.ndarray]

DRAWN: dict[str, Draw] = {
    "uniform": lambda r, m: r.random(m),
    "exponential": lambda r, m: r.exponential(1, m),
    "lognormal, sigma 1": lambda r, m: r.lognormal(0, 1, m),
    "lognormal, sigma 2": lambda r, m: r.lognormal(0, 2, m),
    "lognormal, sigma 3": lambda r, m: r.lognormal(0, 3, m),
    "Pareto, alpha 1": lambda r, m: r.pareto(1, m) + 1,
    "one is 1e9": lambda _, m: np.r_[1e9, np.ones(m - 1)],
    "1 % are 1000": lambda r, m: np.where(r.random(m) < 0.01, 1000.0, 1.0),
}


def planted(inside: float, across: float, larger: float, draw: Draw, seed: int) -> Graph:
    """A planted graph whose edges inside of clusters weigh more by a factor."""
    random = np.random.default_rng([seed, 1])
    network = nx.planted_partition_graph(K, 200, inside, across, seed=seed)
    y = np.repeat(np.arange(K), 200)
    tail, head = np.array([sorted(edge) for edge in network.edges]).T
    weight = draw(random, len(tail)) * np.where(y[tail] == y[head], larger, 1)
    return _graph(len(y), tail, head, weight, y)


def kernel(points: np.ndarray, y: np.ndarray, width: float) -> Graph:
    """All pairs of points, by a Gaussian kernel."""
    tail, head = np.triu_indices(len(points), 1)
    squares = np.square(points[tail] - points[head]).sum(axis=1)
    weight = np.exp(-squares / (2 * width**2))
    there = weight > 0
    return _graph(len(points), tail[there], head[there], weight[there], y)


def nearest(points: np.ndarray, y: np.ndarray, width: float) -> Graph:
    """Pairs of points that are near, by a Gaussian kernel."""
    pairs = kneighbors_graph(points, 10, mode="distance").tocoo()
    tail, head = np.sort([pairs.row, pairs.col], axis=0)
    _, first = np.unique(tail * len(points) + head, return_index=True)
    weight = np.exp(-np.square(pairs.data[first]) / (2 * width**2))
    return _graph(len(points), tail[first], head[first], weight, y)


def _graph(n: int, tail: np.ndarray, head: np.ndarray, weight: np.ndarray, y: np.ndarray) -> Graph:
    made = Graph.from_edges(index_ids(n), tail, head, weight)
    return replace(made, y=y, class_names=tuple(map(str, range(int(y.max()) + 1))))


def blobs(seed: int, apart: float) -> tuple[np.ndarray, np.ndarray]:
    """Points about five centres, 80 each."""
    random = np.random.default_rng([seed, 2])
    y = np.repeat(np.arange(K), 80)
    return apart * random.standard_normal((K, 6))[y] + random.standard_normal((len(y), 6)), y


def rings(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points on two circles, one in the other."""
    random = np.random.default_rng([seed, 3])
    y = np.repeat([0, 1], 200)
    angle, radius = 2 * np.pi * random.random(400), np.where(y == 0, 1, 3)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return points + 0.15 * random.standard_normal((400, 2)), y


CASES: dict[str, Callable[[int], Graph]] = {
    **{
        f"at random: {name}": partial(planted, 0.08, 0.008, 1, draw) for name, draw in DRAWN.items()
    },
    **{
        f"five times larger inside: {name}": partial(planted, 0.03, 0.015, 5, DRAWN[name])
        for name in ("uniform", "lognormal, sigma 1", "Pareto, alpha 1")
    },
    "blobs, kernel of .5": lambda seed: kernel(*blobs(seed, 1.5), 0.5),
    "blobs, kernel of 2": lambda seed: kernel(*blobs(seed, 1.5), 2),
    "blobs, nearest, kernel of .5": lambda seed: nearest(*blobs(seed, 1.5), 0.5),
    "rings, kernel of .15": lambda seed: kernel(*rings(seed), 0.15),
    "rings, kernel of .3": lambda seed: kernel(*rings(seed), 0.3),
}


def measured(graph: Graph) -> dict[str, float]:
    """Compute the NMI of each way, and the share of the edges that are clipped."""
    assert graph.edge_weight is not None
    weight = graph.edge_weight
    bounded = replace(graph, edge_weight=np.minimum(weight, 10 * np.median(weight)))
    clipped = with_scaled_weights(graph, clips=True)[1]
    found = {
        "default": tvgnn_cli.cluster(graph),
        "unclipped": tvgnn_cli.cluster(graph, clip_weights=False),
        "median": tvgnn_cli.cluster(bounded, clip_weights=False),
    }
    share = 0.0 if clipped is None else clipped.edges / graph.num_edges
    return {name: round(of.metrics["nmi"], 4) for name, of in found.items()} | {
        "clipped": round(share, 5),
        "confidence": found["default"].metrics["mean_confidence"],
        "unclipped_confidence": found["unclipped"].metrics["mean_confidence"],
    }


def main() -> None:
    options = asked(__doc__, 5, "weights.csv")
    rows = Rows(options.out, "weights", "seed")
    for name, make in CASES.items():
        for seed in range(options.graphs):
            if (name, seed) not in rows:
                rows.add({"weights": name, "seed": seed, **measured(make(seed))})
    print(
        rows.frame.groupby("weights", sort=False).mean().drop(columns="seed").round(3).to_string()
    )


if __name__ == "__main__":
    main()
