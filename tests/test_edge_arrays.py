"""Arrays of edges in the shapes and under the names that people save them with."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from tests.test_foreign_edges import said
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.read import read_graph

PAIRS = np.array([[0, 1], [1, 2], [2, 3], [3, 4], [4, 0]])
WEIGHTS = np.array([1.0, 2.0, 0.5, 3.0, 1.0])
TRIPLES = np.column_stack([PAIRS, WEIGHTS])
MATRIX = sp.coo_array((WEIGHTS, PAIRS.T), shape=(5, 5)).toarray()
EDGES = [[0, 1], [0, 4], [1, 2], [2, 3], [3, 4]]
OF_EDGES = [1.0, 1.0, 2.0, 0.5, 3.0]

# Arrays, whether they have weights, and words of the notes.
ARRAYS = {
    "pairs": (PAIRS, False, ""),
    "pairs across": (PAIRS.T, False, ""),
    "pairs of floats": (PAIRS.astype(float), False, ""),
    "triples": (TRIPLES, True, "weights: the third column"),
    "triples across": (TRIPLES.T, True, "weights: the third row"),
    "whole triples": (np.column_stack([PAIRS, np.full(5, 2)]), None, "weights: the third column"),
    "times": (np.column_stack([PAIRS, np.full(5, 1.6e9)]), False, "third column looks like times"),
    "a matrix": (MATRIX, True, "an adjacency matrix of 5 vertices"),
}


@pytest.mark.parametrize("case", ARRAYS)
def test_edges_by_shape(tmp_path, case):
    array, weighted, words = ARRAYS[case]
    np.save(tmp_path / "g.npy", array)
    np.savez(tmp_path / "g.npz", array)
    for name in ("g.npy", "g.npz"):
        graph = read_graph(str(tmp_path / name))
        assert graph.edge_index.T.tolist() == EDGES
        assert words in said(graph)
        if weighted is not None:
            assert graph.weights.tolist() == (OF_EDGES if weighted else [1.0] * 5)


X, Y = np.arange(10.0).reshape(5, 2), np.array([0, 1, 0, 1, 0])
TAIL, HEAD = PAIRS.T
ARCHIVES = {
    "edges": ({"edges": PAIRS, "weights": WEIGHTS, "features": X, "labels": Y}, "array weights"),
    "edge_list": ({"edge_list": TRIPLES, "X": X, "Y": Y}, "weights: the third column"),
    "edge_index": (
        {"edge_index": PAIRS, "edge_attr": WEIGHTS[:, None], "x": X, "y": Y}, "array edge_attr"),
    "ends": ({"src": TAIL, "dst": HEAD, "weight": WEIGHTS, "feat": X, "label": Y}, ""),
    "coo": ({"row": TAIL, "col": HEAD, "data": WEIGHTS, "x": X, "y": Y}, "array data"),
    "ends named as classes": (
        {"source": TAIL, "target": HEAD, "w": WEIGHTS, "x": X, "labels": Y}, "array w"),
    "A": ({"A": MATRIX, "X": X, "y": Y[:, None], "train": Y}, "not read: train"),
}  # fmt: skip


@pytest.mark.parametrize("case", ARCHIVES)
def test_edges_by_name(tmp_path, case):
    arrays, words = ARCHIVES[case]
    np.savez(tmp_path / "g.npz", **arrays)
    graph = read_graph(str(tmp_path / "g.npz"))
    assert graph.edge_index.T.tolist() == EDGES
    assert graph.weights.tolist() == OF_EDGES
    assert graph.x.tolist() == X.tolist()
    assert graph.y.tolist() == Y.tolist()
    assert words in said(graph)


def test_an_array_of_ends_is_not_the_classes_too(tmp_path):
    np.savez(tmp_path / "g.npz", source=TAIL, target=HEAD)
    assert read_graph(str(tmp_path / "g.npz")).y is None
    np.savez(tmp_path / "h.npz", src=TAIL, dst=HEAD, target=Y)
    assert read_graph(str(tmp_path / "h.npz")).y.tolist() == Y.tolist()


def test_values_of_edges_that_are_several_are_told(tmp_path):
    np.savez(tmp_path / "g.npz", edge_index=PAIRS.T, edge_attr=np.ones((5, 3)))
    graph = read_graph(str(tmp_path / "g.npz"))
    assert graph.edge_weight is None
    assert "edge_attr has several values for an edge: not read" in said(graph)


BAD = {
    "four columns": (np.ones((9, 4)), r"has shape \(9, 4\); edges are .*\(edges, 3\)"),
    "fractions": (PAIRS + 0.5, r"an end 0.5 \(edge 1\); ends are whole numbers from 0"),
    "negative": (TRIPLES - [1, 0, 0], "names vertex -1; number vertices from 0"),
    "distances": (TRIPLES * [1, 1, -1], "the third column: edge 1 has weight -1"),
    "text": (PAIRS.astype(str), "ids of text are for an edge list"),
    "nothing": (np.ones((0, 3)), "holds no edges|no vertices"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_array_of_edges(tmp_path, case):
    array, words = BAD[case]
    np.save(tmp_path / "g.npy", array)
    np.savez(tmp_path / "g.npz", edges=array)
    for name in ("g.npy", "g.npz"):
        with pytest.raises(InputError, match=words):
            read_graph(str(tmp_path / name))


def test_an_archive_without_a_graph_says_what_is_accepted(tmp_path):
    np.savez(tmp_path / "g.npz", p=PAIRS, q=WEIGHTS)
    with pytest.raises(InputError, match=r"no graph in the arrays p, q; known are edges as edge_i"):
        read_graph(str(tmp_path / "g.npz"))
