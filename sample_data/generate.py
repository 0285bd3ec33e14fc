"""Write the sample graphs anew, here and in the package: `python sample_data/generate.py`.

karate.csv, karate_clubs.csv: Zachary's karate club (1977) as networkx carries it; an edge list
with weights, and the club that each member joined.
planted.graphml: a generated planted partition with four communities of unequal size, six noisy
vertex attributes, and the community as `label`.
tvgnn_cli/io/graphs: the same two as `tvgnn cluster karate` and `tvgnn cluster planted` read them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import networkx as nx
import numpy as np

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "tvgnn_cli" / "io" / "graphs"


def write_rows(path: Path, rows: Iterable[Iterable[object]]) -> None:
    """Rows of cells as a `.csv` file."""
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def write_karate() -> None:
    """Zachary's karate club: 34 members, 78 ties, weighted by the contexts they met in."""
    club = nx.karate_club_graph()
    ties = [(f"m{u + 1}", f"m{v + 1}", w) for u, v, w in club.edges(data="weight")]
    members = [(f"m{v + 1}", name) for v, name in club.nodes(data="club")]
    for path in (HERE / "karate.csv", PACKAGE / "karate.edges.csv"):
        write_rows(path, [("source", "target", "weight"), *ties])
    for path in (HERE / "karate_clubs.csv", PACKAGE / "karate.vertices.csv"):
        write_rows(path, [("id", "label"), *members])


def write_planted(seed: int = 1) -> None:
    """Four communities of 40 to 100 vertices, ties within ten times as likely as between."""
    random = np.random.default_rng(seed)
    sizes = [100, 80, 60, 40]
    graph = nx.random_partition_graph(sizes, 0.12, 0.012, seed=seed)
    community = np.repeat(np.arange(4), sizes)
    centres = random.normal(size=(4, 6))
    features = centres[community] + 1.5 * random.normal(size=(sum(sizes), 6))
    plain = nx.Graph()
    for vertex in graph.nodes:
        values = {f"f{j}": round(float(v), 3) for j, v in enumerate(features[vertex])}
        plain.add_node(f"v{vertex}", label=f"community {community[vertex]}", **values)
    plain.add_edges_from((f"v{u}", f"v{v}") for u, v in graph.edges)
    nx.write_graphml(plain, HERE / "planted.graphml")
    names = ["label", *(f"f{j}" for j in range(6))]
    rows = [(v, *(data[name] for name in names)) for v, data in plain.nodes(data=True)]
    write_rows(PACKAGE / "planted.edges.csv", [("source", "target"), *plain.edges])
    write_rows(PACKAGE / "planted.vertices.csv", [("id", *names), *rows])


if __name__ == "__main__":
    write_karate()
    write_planted()
