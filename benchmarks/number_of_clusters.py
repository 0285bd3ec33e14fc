"""Numbers of clusters that `-k auto` chooses, beside those that graphs were made with.

    python benchmarks/number_of_clusters.py [--data-root DIR] [--npz DIR] [--out FILE.csv]

Graphs of several kinds, with and without features, and labelled ones where DIR has them; beside it
the number of communities of Leiden and of Infomap (both by igraph), and the number of highest
modularity among those that were tried. A row for each graph, written as it is finished; rows that
are there already are not made again. Ends with a Markdown table.
"""

from __future__ import annotations

import argparse
import random as standard_random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import igraph
import networkx as nx
import numpy as np
import pandas as pd
from graphs import load
from rows import Rows

from tvgnn_cli.config import make_config
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.prepare.evidence.number import choose_number
from tvgnn_cli.prepare.prepared import in_order

METHODS = ("auto", "leiden", "infomap", "modularity")

Made = tuple[str, str, Callable[[], tuple[Graph, int]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data-root", type=Path)
    parser.add_argument("--npz", type=Path)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/number_of_clusters.csv"))
    options = parser.parse_args()
    rows = Rows(options.out, "kind", "graph")
    for kind, name, make in graphs(options.data_root, options.npz):
        if (kind, name) in rows:
            continue
        graph, true = make()
        rows.add({"kind": kind, "graph": name, "true": true, **numbers(graph)})
        print(rows.made[-1], flush=True)
    print(table(rows.frame))


def numbers(graph: Graph) -> dict[str, Any]:
    """The number of clusters by each method, and the seconds of the choice."""
    ordered, *_ = in_order(replace(graph, y=None))
    started = time.perf_counter()
    choice = choose_number(ordered, make_config({}))
    seconds = time.perf_counter() - started
    standard_random.seed(0)  # which igraph draws from
    network = igraph.Graph(n=graph.num_vertices, edges=graph.edge_index.T.tolist())
    weights = graph.weights.tolist()
    leiden = network.community_leiden("modularity", weights=weights, n_iterations=-1)
    infomap = network.community_infomap(edge_weights=weights)
    by_modularity = choose_by_modularity(ordered, [each.num_clusters for each in choice.tried])
    return {
        "vertices": graph.num_vertices, "edges": graph.num_edges, "view": choice.view,
        "auto": choice.num_clusters, "is_sure": choice.is_sure, "leiden": len(leiden),
        "infomap": len(infomap), "modularity": by_modularity, "seconds": round(seconds, 2),
    }  # fmt: skip


def choose_by_modularity(graph: Graph, tried: list[int]) -> int:
    """The number whose clusters, found in the edges, have the highest modularity."""
    from tvgnn_cli.evaluation.metrics import modularity
    from tvgnn_cli.prepare.evidence.optima import grouped
    from tvgnn_cli.prepare.structural import spectral_embedding

    found = {}
    for k in tried:
        x = spectral_embedding(graph, k, 0)
        optima = grouped(x, make_config({"num_clusters": k}), 20, 6).found
        found[k] = max(modularity(graph, each.labels) for each in optima)
    return max(found, key=lambda k: found[k])


def graphs(data_root: Path | None, npz: Path | None) -> Iterator[Made]:
    """Kind, name and maker of each graph with the number of its clusters."""
    for n, mixing, seed in (
        (500, 0.2, 1), (500, 0.4, 1), (1000, 0.1, 1), (1000, 0.2, 2), (1000, 0.3, 3),
        (1000, 0.4, 4),
        (1000, 0.5, 5), (2000, 0.3, 1), (2000, 0.4, 2), (5000, 0.2, 1), (5000, 0.3, 2),
    ):  # fmt: skip
        yield "LFR", f"{n}, mixing {mixing}, seed {seed}", partial(lfr, n, mixing, seed)
    for k, size, inside, outside, seed in (
        (2, 200, 12, 4, 1), (3, 100, 10, 4, 2), (4, 500, 8, 3, 3), (5, 100, 10, 4, 4),
        (6, 80, 8, 5, 5), (8, 100, 12, 5, 6), (10, 100, 10, 4, 7), (12, 50, 10, 5, 8),
        (16, 60, 12, 6, 9), (25, 60, 14, 6, 10), (40, 50, 14, 6, 11),
    ):  # fmt: skip
        name = f"{k} of {size}, degrees {inside} and {outside}"
        sizes = [size] * k
        yield "planted", name, partial(planted, sizes, inside, outside, seed)
    for k, seed in ((4, 1), (6, 2), (8, 3), (10, 4)):
        sizes = np.random.default_rng(seed).integers(30, 150, k).tolist()
        yield "planted, uneven", f"{k}, seed {seed}", partial(planted, sizes, 11, 4, seed)
    for k, seed in ((8, 1), (10, 2), (12, 3), (12, 4), (14, 5)):
        sizes = np.random.default_rng(seed).integers(8, 14, k).tolist()
        yield "football-like", f"{k}, seed {seed}", partial(planted, sizes, 7.5, 3.5, seed)
    for k, size, inside, outside, apart, width, seed in (
        (3, 200, 8, 4, 1.0, 32, 1), (4, 300, 6, 5, 0.6, 32, 2), (5, 100, 8, 5, 1.0, 32, 3),
        (6, 150, 12, 10, 1.0, 16, 4), (8, 100, 8, 6, 1.0, 32, 5), (10, 80, 10, 5, 0.8, 64, 6),
        (12, 60, 10, 5, 1.0, 32, 7), (7, 200, 6, 6, 1.4, 32, 8),
    ):  # fmt: skip
        name = f"{k} of {size}, degrees {inside} and {outside}, apart {apart}"
        maker = partial(planted, [size] * k, inside, outside, seed, apart, width)
        yield "planted, with features", name, maker
    for n, degree, seed in ((500, 10, 1), (2000, 8, 2)):
        yield "none", f"{n} of degree {degree}", partial(without, n, degree, seed)
    for name in ("Cora", "CiteSeer", "PubMed", "DBLP") if data_root else ():
        yield "labelled", name, partial(labelled, name, data_root, npz)
    for name in ("acm", "blogcatalog") if npz else ():
        yield "labelled", name, partial(labelled, name, data_root, npz)


def labelled(name: str, data_root: Path | None, npz: Path | None) -> tuple[Graph, int]:
    graph = load(name, data_root or Path(), npz or Path())
    return graph, graph.num_classes


def lfr(n: int, mixing: float, seed: int) -> tuple[Graph, int]:
    """A graph of Lancichinetti, Fortunato & Radicchi (2008), by networkx."""
    for draw in range(100 * seed, 100 * seed + 100):
        try:
            network = nx.LFR_benchmark_graph(
                n, 3, 1.5, mixing, average_degree=20, max_degree=50, min_community=20,
                max_community=100, seed=draw, max_iters=2000,
            )  # fmt: skip
            break
        except nx.ExceededMaxIterations:
            continue
    communities = {frozenset(network.nodes[v]["community"]) for v in network}
    network.remove_edges_from(nx.selfloop_edges(network))
    return graph_of(network, None), len(communities)


def planted(
    sizes: list[int], inside: float, outside: float, seed: int, apart: float = 0.0, width: int = 0
) -> tuple[Graph, int]:
    """Clusters of these sizes and mean degrees, with Gaussian features so far apart."""
    n, k = sum(sizes), len(sizes)
    chances = np.full((k, k), outside / n)
    np.fill_diagonal(chances, [min(0.95, inside / size) for size in sizes])
    network = nx.stochastic_block_model(sizes, chances.tolist(), seed=seed)
    x = None
    if width:
        random = np.random.default_rng(seed)
        centres = random.normal(size=(k, width)) * apart / np.sqrt(2)
        x = centres[np.repeat(np.arange(k), sizes)] + random.normal(size=(n, width))
    return graph_of(network, x), k


def without(n: int, degree: int, seed: int) -> tuple[Graph, int]:
    return graph_of(nx.gnm_random_graph(n, n * degree // 2, seed=seed), None), 1


def graph_of(network: nx.Graph, x: np.ndarray | None) -> Graph:
    ends = np.array([sorted(edge) for edge in network.edges]).T
    ids = np.arange(network.number_of_nodes()).astype(str).astype(object)
    features = None if x is None else x.astype(np.float32)
    return Graph.from_edges(ids, *ends, x=features, name="made")


def table(frame: pd.DataFrame) -> str:
    """A line for each kind: how many graphs, and of each method how many are right, and within
    one.
    """
    lines = [f"| graphs | | {' | '.join(METHODS)} |", "| --- " * (2 + len(METHODS)) + "|"]
    for kind, rows in frame[frame.kind != "none"].groupby("kind", sort=False):
        cells = [
            f"{(rows[method] == rows.true).sum()} / {((rows[method] - rows.true).abs() <= 1).sum()}"
            for method in METHODS
        ]
        lines.append(f"| {kind} | {len(rows)} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
