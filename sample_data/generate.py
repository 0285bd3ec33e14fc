"""Write the sample graphs of this folder anew: `python sample_data/generate.py`.

karate.csv, karate_clubs.csv: Zachary's karate club (1977) as networkx carries it; an edge list
with weights, and the club that each member joined.
planted.graphml: a generated planted partition with four communities of unequal size, six noisy
vertex attributes, and the community as `label`.
"""

from __future__ import annotations

import csv
from pathlib import Path

import networkx as nx
import numpy as np

HERE = Path(__file__).parent


def write_karate() -> None:
    """Zachary's karate club: 34 members, 78 ties, weighted by the contexts they met in."""
    club = nx.karate_club_graph()
    with (HERE / "karate.csv").open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["source", "target", "weight"])
        rows.writerows((f"m{u + 1}", f"m{v + 1}", w) for u, v, w in club.edges(data="weight"))
    with (HERE / "karate_clubs.csv").open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["id", "label"])
        rows.writerows((f"m{v + 1}", name) for v, name in club.nodes(data="club"))


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


if __name__ == "__main__":
    write_karate()
    write_planted()
