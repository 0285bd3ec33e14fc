"""Write the sample graphs anew, here and in the package: `python sample_data/generate.py`.

karate.csv, karate_clubs.csv: Zachary's karate club (1977) as networkx carries it; an edge list
with weights, and the club that each member joined.
planted.graphml: a generated planted partition with four communities of unequal size, six noisy
vertex attributes, and the community as `label`.
shapes/: sixty small graphs in three classes, ring, tree and grid, a tenth of whose edges are moved;
an edge list each, and `labels.csv` with the class and the part that each is for.
tvgnn_cli/io/graphs: the first two as `tvgnn cluster karate` and `tvgnn cluster planted` read them,
and the third as `tvgnn classify train shapes` does.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path

import networkx as nx
import numpy as np

HERE = Path(__file__).parent
SHAPES = ("ring", "tree", "grid")
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


def draw_shape(kind: str, random: np.random.Generator) -> nx.Graph:
    """A graph of up to 30 vertices, a tenth of whose edges are moved."""
    if kind == "grid":
        rows, columns = random.integers(3, 5), random.integers(4, 7)
        graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(rows, columns))
    else:
        size = int(random.integers(12, 31))
        ring = size - int(random.integers(0, size // 4)) if kind == "ring" else 0
        graph = nx.cycle_graph(ring) if ring else nx.empty_graph(1)
        for vertex in range(len(graph), size):
            graph.add_edge(vertex, int(random.integers(0, vertex)))
    edges = sorted(graph.edges)
    for place in random.permutation(len(edges))[: len(edges) // 10]:
        graph.remove_edge(*edges[place])
        tail, head = sorted(random.choice(len(graph), 2, replace=False).tolist())
        graph.add_edge(tail, head)
    graph.remove_nodes_from(list(nx.isolates(graph)))
    order = random.permutation(len(graph)).tolist()
    return nx.relabel_nodes(graph, dict(zip(graph, order, strict=True)))


def write_shapes(seed: int = 3, each: int = 20) -> None:
    """Graphs of each class, half of them to learn from and half to test on."""
    random = np.random.default_rng(seed)
    drawn = [(kind, draw_shape(kind, random)) for _ in range(each) for kind in SHAPES]
    folder = HERE / "shapes"
    folder.mkdir(exist_ok=True)
    table: list[tuple[str, str, str]] = [("graph", "label", "split")]
    lines = []
    for number, (kind, graph) in enumerate(drawn, 1):
        name, part = f"g{number:02d}.txt", "train" if number <= len(drawn) // 2 else "test"
        edges = sorted(tuple(sorted(edge)) for edge in graph.edges)
        text = "".join(f"{tail} {head}\n" for tail, head in edges)
        (folder / name).write_text(text)
        table.append((name, kind, part))
        row = {"id": name.removesuffix(".txt"), "edge_index": list(zip(*edges, strict=True)),
               "num_nodes": len(graph), "y": kind, "split": part}  # fmt: skip
        lines.append(json.dumps(row, separators=(",", ":")))
    write_rows(folder / "labels.csv", table)
    (PACKAGE / "shapes.jsonl").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    write_karate()
    write_planted()
    write_shapes()
