"""Two small graphs that come with the package, to try it on."""

from __future__ import annotations

import csv
from importlib.resources import files

import numpy as np

from tvgnn_cli.graph.graph import Graph, compact
from tvgnn_cli.graph.labels import encode_labels

BUILT_IN = ("karate", "planted")
"""Zachary's karate club, with the club that each member joined; a planted partition of four
communities with six noisy vertex features (`sample_data/generate.py`)."""


def read_built_in(name: str) -> Graph:
    """Read one of `BUILT_IN`: ids, edges, weights and features, and its true classes."""
    (_, *columns), *vertices = _rows(f"{name}.vertices.csv")
    _, *edges = _rows(f"{name}.edges.csv")
    index = {row[0]: i for i, row in enumerate(vertices)}
    ends = np.array([[index[end] for end in row[:2]] for row in edges], dtype=np.int64).T
    weight = np.array([float(row[2]) for row in edges]) if len(edges[0]) > 2 else None
    y, class_names = encode_labels([row[1] for row in vertices])
    x = np.array([row[2:] for row in vertices], dtype=np.float64)
    return Graph.from_edges(
        np.array(list(index), dtype=object),
        ends[0],
        ends[1],
        weight,
        undirected=True,
        x=compact(x) if x.size else None,
        feature_names=tuple(columns[1:]),
        y=y,
        class_names=class_names,
        name=name,
        notes=(f"{name}: comes with tvgnn, true classes included",),
        explicit_ids=True,
    )


def _rows(file: str) -> list[list[str]]:
    """Cells of a `.csv` file of the package, its header first."""
    text = files("tvgnn_cli.io").joinpath("graphs", file).read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines()))
