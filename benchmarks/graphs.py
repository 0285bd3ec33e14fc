"""Graphs that benchmarks of quality are run on: built-in ones, data sets, files, made ones, some
of them spoilt.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np

from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.read import read_graph

GRAPHS = [
    "karate", "planted", "lfr_n1000_mu10", "lfr_n1000_mu30", "lfr_n1000_mu50", "lfr:1000:60",
    "lfr:5000:70", "Cora", "CiteSeer", "PubMed", "DBLP", "acm", "blogcatalog",
]  # fmt: skip

SPOILT = [
    "noise:lfr_n1000_mu30", "noise:Cora", "rewired:Cora", "rewired:acm", "shuffled:Cora",
    "shuffled:acm", "bare:Cora", "bare:acm", "random",
]  # fmt: skip
"""With 16 columns of noise as features, the ends of edges permuted, the features of other vertices,
no features; and noise on both sides.
"""


FAINT = ["faint:4", "faint:5", "faint:6", "faint:10"]
"""Planted clusters with features that tell little of them."""


def load(name: str, data_root: Path, npz: Path, seed: int = 0) -> Graph:  # noqa: PLR0911 a return for each answer
    """Read or make a graph, and spoil it where its name says so.

    Args:
        name: a built-in name, a data set, a file of `npz` without its suffix, `lfr:N:MU` (mixing in
            a hundredth), `faint:D` (deviation of the features' centres, in tenths), "random"; after
            "noise:", "rewired:", "shuffled:" or "bare:" one of these.
        data_root: of data sets.
        npz: folder of files.
        seed: of what is made and spoilt.
    """
    random = np.random.default_rng(100 + seed)
    if name == "random":
        network = nx.gnm_random_graph(2000, 10_000, seed=seed)
        return replace(
            read_graph(network), x=random.standard_normal((2000, 32)).astype("f4"), name=name,
            y=random.integers(0, 5, 2000), class_names=tuple("01234"),
        )  # fmt: skip
    kind, _, inner = name.partition(":")
    if kind == "lfr":
        return _lfr(name, *map(int, inner.split(":")))
    if kind == "faint":
        return _faint(name, int(inner) / 10, random, seed)
    if not inner:
        file = npz / f"{name}.npz"
        where = {"data_root": data_root, "offline": True}
        return read_graph(str(file)) if file.exists() else read_graph(name, **where)
    graph = load(inner, data_root, npz, seed)
    n = graph.num_vertices
    if kind == "bare":
        return replace(graph, x=None, feature_names=(), name=name)
    if kind == "noise":
        return replace(graph, x=random.standard_normal((n, 16)).astype("f4"), name=name)
    if kind == "shuffled":
        return replace(graph, x=graph.x[random.permutation(n)], name=name)
    tail, head = random.permutation(graph.edge_index.ravel()).reshape(2, -1)
    return Graph.from_edges(
        graph.ids, tail, head, x=graph.x, y=graph.y, class_names=graph.class_names, name=name,
        explicit_ids=graph.explicit_ids,
    )  # fmt: skip


def _lfr(name: str, n: int, mixing: int) -> Graph:
    """A graph of Lancichinetti, Fortunato & Radicchi (2008), by networkx."""
    network = nx.LFR_benchmark_graph(
        n, 3, 1.5, mixing / 100, average_degree=20, max_degree=50, min_community=20,
        max_community=100, seed=0,
    )  # fmt: skip
    network.remove_edges_from(nx.selfloop_edges(network))
    communities = sorted({frozenset(network.nodes[v]["community"]) for v in network}, key=min)
    y = np.zeros(n, dtype=np.int64)
    for number, members in enumerate(communities):
        y[list(members)] = number
    ends = np.array([sorted(edge) for edge in network.edges]).T
    ids = np.array([str(v) for v in range(n)], dtype=object)
    names = tuple(str(number) for number in range(len(communities)))
    return Graph.from_edges(ids, *ends, y=y, class_names=names, name=name)


def _faint(name: str, deviation: float, random: np.random.Generator, seed: int) -> Graph:
    """Five planted clusters of 80 vertices, and ten columns of noise of deviation 1 about centres
    of that deviation.
    """
    size, y = 80, np.repeat(np.arange(5), 80)
    network = nx.planted_partition_graph(5, size, 0.075, 0.0125, seed=seed)
    x = deviation * random.standard_normal((5, 10))[y] + random.standard_normal((len(y), 10))
    ends = np.array([sorted(edge) for edge in network.edges]).T
    ids = np.array([str(v) for v in range(len(y))], dtype=object)
    return Graph.from_edges(
        ids, *ends, x=x.astype("f4"), y=y, class_names=tuple("01234"), name=name
    )
