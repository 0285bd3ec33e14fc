"""NMI by what stands for features on graphs without any, beside Louvain.

    python benchmarks/structural.py [--lfr DIR] [--data-root DIR]

LFR graphs are read from DIR (lfr_*.npz with labels) where it is given; karate comes with networkx,
the planted partitions are generated. Where DIR holds the paper's data sets, spectral clustering of
those by other regularisations follows. Prints Markdown tables.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
from sklearn.cluster import KMeans

import tvgnn_cli
from tvgnn_cli.evaluation.metrics import normalized_mutual_information
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.labels import encode_labels
from tvgnn_cli.io.datasets import DATASETS
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.prepare.structural import spectral_embedding

KINDS = ("spectral", "degree", "identity")
SEEDS = 5


def labelled(network: nx.Graph, attribute: str) -> Graph:
    """A networkx graph without its attributes, but with the true classes."""
    graph = read_graph(nx.Graph(network.edges))
    y, names = encode_labels([str(network.nodes[int(v)][attribute]) for v in graph.ids])
    return replace(graph, y=y, class_names=names)


def graphs(lfr: Path | None) -> Iterator[tuple[str, Graph]]:
    for path in sorted(lfr.glob("lfr_*.npz")) if lfr else ():
        yield path.stem, tvgnn_cli.read_graph(str(path))
    yield "karate", labelled(nx.karate_club_graph(), "club")
    for sizes, p_in, p_out in (([100] * 4, 0.12, 0.012), ([50] * 20, 0.3, 0.01)):
        network = nx.random_partition_graph(sizes, p_in, p_out, seed=1)
        name = f"planted {len(sizes)} x {sizes[0]}, p {p_in} / {p_out}"
        yield name, labelled(network, "block")


def louvain(graph: Graph) -> float:
    assert graph.y is not None
    network = nx.Graph()
    network.add_nodes_from(range(graph.num_vertices))
    network.add_edges_from(graph.edge_index.T.tolist())
    labels = np.zeros(graph.num_vertices, dtype=np.int64)
    for number, members in enumerate(nx.community.louvain_communities(network, seed=0)):
        labels[list(members)] = number
    return normalized_mutual_information(labels, graph.y)


def regularised(root: Path) -> None:
    """NMI of `--method spectral` by the regularisation t, mean over seeds."""
    print("\n| data set | t = mean degree | 1 | 0.1 | 0 |\n| --- | --- | --- | --- | --- |")
    for name in DATASETS:
        graph = read_graph(name, data_root=str(root), offline=True)
        cells = [f"{spectral_nmi(graph, tau):.3f}" for tau in (graph.degrees.mean(), 1, 0.1, 0)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def spectral_nmi(graph: Graph, tau: float) -> float:
    assert graph.y is not None
    scores = []
    for seed in range(SEEDS):
        points = spectral_embedding(graph, graph.num_classes, seed, tau)
        found = KMeans(graph.num_classes, n_init=10, random_state=seed).fit_predict(points)
        scores.append(normalized_mutual_information(found, graph.y))
    return float(np.mean(scores))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lfr", type=Path)
    parser.add_argument("--data-root", type=Path)
    options = parser.parse_args()
    print(f"| graph | K | {' | '.join(KINDS)} | Louvain |")
    print("| --- " * (len(KINDS) + 3) + "|")
    for name, graph in graphs(options.lfr):
        scores = [tvgnn_cli.cluster(graph, structural=kind).metrics["nmi"] for kind in KINDS]
        cells = " | ".join(f"{score:.3f}" for score in scores)
        print(f"| {name} | {graph.num_classes} | {cells} | {louvain(graph):.3f} |", flush=True)
    if options.data_root:
        regularised(options.data_root)


if __name__ == "__main__":
    main()
