"""Vertex order, weights, and the feature recipe against naive formulas."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp
from scipy.sparse.linalg import eigsh
from sklearn.feature_extraction.text import TfidfTransformer

import tvgnn_cli
from tests.conftest import make_graph
from tvgnn_cli.config import make_config
from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.prepare import structural
from tvgnn_cli.prepare.column_scaling import guess_scaling
from tvgnn_cli.prepare.feature_scaling import unit_rows
from tvgnn_cli.prepare.features import apply_recipe, learn_recipe
from tvgnn_cli.prepare.prepared import prepare
from tvgnn_cli.prepare.reduction import BLOCK
from tvgnn_cli.prepare.sparse_products import SparseMatrix
from tvgnn_cli.prepare.structural import (
    large_pieces,
    leading_vectors,
    spectral_embedding,
    structural_features,
)
from tvgnn_cli.prepare.vertex_order import LARGE, log_distance, neighbours_near

BINARY = (np.random.default_rng(0).random((30, 300)) < 0.1).astype("f4")


def words(sparse: bool = True) -> Graph:
    """A random graph whose vertices have bags of 300 words."""
    x = sp.csr_array(BINARY) if sparse else BINARY
    return make_graph(nx.gnp_random_graph(30, 0.2, seed=1), x)


def dense_filter(graph: Graph, keep: float, steps: int) -> np.ndarray:
    a = graph.adjacency.toarray() + np.eye(graph.num_vertices)
    root = np.diag(a.sum(axis=1) ** -0.5)
    a = root @ a @ root
    powers = [np.linalg.matrix_power(a, t) for t in range(1, steps + 1)]
    return keep * np.eye(len(a)) + (1 - keep) * np.mean(powers, axis=0)


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("few", [0, 300])
def test_default_recipe_is_tfidf_filter_svd_unit_rows(sparse, few, monkeypatch):
    monkeypatch.setattr("tvgnn_cli.prepare.reduction.FEW", few)
    graph = words(sparse)
    assert BINARY.shape[1] > BLOCK, "row norms are taken over more than one block"
    config = make_config({"num_clusters": 3, "feature_scaling": "tfidf", "components": 5})
    scaled = TfidfTransformer().fit_transform(sp.csr_matrix(BINARY)).toarray()
    filtered = dense_filter(graph, 0.1, 8) @ scaled
    _, _, directions = np.linalg.svd(unit(filtered), full_matrices=False)
    expected = unit(filtered @ directions[:5].T)
    x = apply_recipe(graph, learn_recipe(graph, config), config)
    assert x.dtype == np.float32
    # Singular vectors have no sign of their own: compare what the rows have in common.
    assert np.allclose(x @ x.T, expected @ expected.T, atol=1e-3)


def test_paper_recipe_is_rows_of_sum_1():
    config = make_config({"num_clusters": 3, "preset": "paper"})
    prepared = prepare(words(), config)
    expected = BINARY / BINARY.sum(axis=1, keepdims=True)
    assert np.allclose(prepared.x.toarray(), expected[prepared.order])


def test_standard_scaling_leaves_constant_columns_at_zero():
    x = np.array([[1.0, 7, 0.1], [3, 7, 0.2], [5, 7, 0.6]], "f4")
    graph = make_graph(nx.path_graph(3), x)
    config = make_config({"feature_scaling": "standard", "filter_steps": 0, "num_clusters": 2})
    scaled = apply_recipe(graph, learn_recipe(graph, config), config)
    assert np.allclose(scaled.mean(axis=0), 0, atol=1e-6)
    assert np.allclose(scaled.std(axis=0), [1, 0, 1], atol=1e-6)


@pytest.mark.parametrize(
    ("x", "scaling"),
    [
        (BINARY, "tfidf"),
        (sp.csr_array(BINARY), "tfidf"),
        (sp.csr_array(BINARY * 0.3), "unit"),
        (-BINARY, "robust"),
        (np.ones((5, 20), "f4"), "robust"),
        (np.eye(5, 3, dtype="f4"), "robust"),
    ],
)
def test_scaling_is_guessed_from_values(x, scaling):
    assert guess_scaling(x) == scaling


def test_vertices_without_words_stay_at_zero():
    x = BINARY.copy()
    x[7] = 0
    network = nx.gnp_random_graph(30, 0.2, seed=1)
    network.remove_edges_from(list(network.edges(7)))
    graph = make_graph(network, sp.csr_array(x))
    config = make_config({"num_clusters": 3})
    prepared = prepare(graph, config)
    assert (prepared.x[prepared.order == 7] == 0).all()


def test_weights_are_divided_by_their_mean():
    graph = replace(make_graph(nx.path_graph(4)), edge_weight=np.array([10.0, 20, 30]))
    config = make_config({"num_clusters": 2, "structural": "identity"})
    prepared = prepare(graph, config)
    ends = np.sort(prepared.order[prepared.edge_index], axis=0)[0]
    assert prepared.edge_weight[np.argsort(ends)].tolist() == [0.5, 1.0, 1.5]


def test_neighbours_are_put_near_each_other():
    network = nx.path_graph(500)
    shuffled = nx.relabel_nodes(network, dict(enumerate(np.random.default_rng(0).permutation(500))))
    prepared = prepare(make_graph(shuffled), make_config({"num_clusters": 2}))
    tail, head = prepared.edge_index
    assert (np.abs(tail - head) == 1).all()
    assert sorted(prepared.order) == list(range(500))


@pytest.mark.parametrize("unit", [1e-300, 1e305])
def test_the_unit_of_weights_does_not_matter(unit):
    network = nx.gnp_random_graph(30, 0.2, seed=1)
    base = np.random.default_rng(0).uniform(0.1, 1, network.number_of_edges())
    for x, kind in ((BINARY, "spectral"), (None, "spectral"), (None, "degree")):
        config = make_config({"num_clusters": 3, "structural": kind})
        graph = make_graph(network, x)
        one, other = (prepare(replace(graph, edge_weight=w), config) for w in (base, base * unit))
        assert np.allclose(one.edge_weight, other.edge_weight)
        assert np.allclose(one.x @ one.x.T, other.x @ other.x.T, atol=1e-4)


@pytest.mark.parametrize(
    "x", [np.ones((30, 40)), np.zeros((30, 40)), np.outer(range(30), range(40))]
)
def test_features_without_enough_directions(x):
    graph = make_graph(nx.gnp_random_graph(30, 0.2, seed=1), x.astype("f4"))
    for scaling in ("auto", "unit", "standard", "none"):
        config = make_config({"num_clusters": 3, "feature_scaling": scaling})
        assert np.isfinite(prepare(graph, config).x).all()


def test_order_of_the_input_changes_nothing_that_training_sees():
    network = nx.gnp_random_graph(30, 0.2, seed=1)
    graph = replace(make_graph(network, BINARY), explicit_ids=True)
    order = np.random.default_rng(1).permutation(30)
    rank = np.argsort(order)
    moved = np.sort(rank[graph.edge_index], axis=0)
    shuffled = replace(graph, ids=graph.ids[order], edge_index=moved, x=BINARY[order])
    config = make_config({"num_clusters": 3})
    one, other = prepare(graph, config), prepare(shuffled, config)
    assert np.array_equal(one.x, other.x)
    assert np.array_equal(one.edge_index, other.edge_index)
    assert (graph.ids[one.order] == shuffled.ids[other.order]).all()


def test_a_recipe_refuses_other_features():
    config = make_config({"num_clusters": 3})
    recipe = prepare(words(), config).recipe
    narrow = make_graph(nx.path_graph(30), BINARY[:, :9])
    with pytest.raises(InputError, match=r"9 features per vertex, but .* 300"):
        prepare(narrow, config, recipe)


@pytest.mark.parametrize("given", [None, 4.5, 0])
def test_spectral_embedding_is_that_of_the_dense_matrix(given):
    graph = make_graph(nx.karate_club_graph())
    graph = replace(graph, edge_weight=np.linspace(0.5, 4, graph.num_edges, dtype=np.float32))
    tau, n = 2.25 if given is None else given, 34
    root = np.diag((graph.degrees + tau) ** -0.5)
    matrix = root @ (graph.adjacency.toarray() + tau / n) @ root
    expected = unit(np.linalg.eigh(matrix)[1][:, -3:])
    x = spectral_embedding(graph, 3, 0, given)
    assert np.allclose(x @ x.T, expected @ expected.T, atol=1e-4)


def test_eigenvectors_that_are_hard_to_tell_apart_take_no_longer_than_they_may(monkeypatch):
    graph = make_graph(nx.path_graph(2000))
    products, tolerances = [], []

    class Counted(SparseMatrix):
        def __matmul__(self, dense):
            products.append(1)
            return super().__matmul__(dense)

    def searched(*given, tol, **more):
        tolerances.append(tol)
        return eigsh(*given, tol=tol, **more)

    monkeypatch.setattr(structural, "SparseMatrix", Counted)
    monkeypatch.setattr(structural, "eigsh", searched)
    leading_vectors(graph, 4, 0)
    took = len(products)
    assert took > 2000, "or this shows nothing"
    assert tolerances == [1e-5]
    monkeypatch.setattr(structural, "MOST_WORK", 0)
    for fewest, tried in ((700, [1e-5, 1e-3]), (20, [1e-5, 1e-3, 1e-2])):
        del products[:], tolerances[:]
        monkeypatch.setattr(structural, "FEWEST_PRODUCTS", fewest)
        found = leading_vectors(graph, 4, 0)
        assert tolerances == tried
        assert len(products) < 2 * fewest + 200
        assert np.allclose(found.T @ found, np.eye(4), atol=1e-8)
        kept = np.linalg.norm(graph.adjacency @ found, axis=0)
        assert (kept > 1.5).all(), "of the largest eigenvalues, which are nearly 2 before D"


PIECES = {
    "one": ([nx.grid_2d_graph(9, 9)], 4, 1),
    "one, and small ones": ([nx.grid_2d_graph(9, 9), nx.path_graph(3), nx.path_graph(2)], 4, 1),
    "two": ([nx.path_graph(30), nx.path_graph(40)], 2, 2),
    "two, and a small one": ([nx.path_graph(30), nx.path_graph(3), nx.path_graph(40)], 2, 2),
    "two, and vertices without edges": ([nx.path_graph(30), nx.empty_graph(500)] * 2, 3, 2),
    "more than clusters": ([nx.path_graph(30)] * 5, 4, 1),
    "nothing but edges": ([nx.path_graph(2)] * 40, 40, 40),
    "a vertex without edges": ([nx.path_graph(8), nx.empty_graph(1)], 8, 1),
    "no edges": ([nx.empty_graph(9), nx.path_graph(2)], 3, 1),
}


@pytest.mark.parametrize("name", PIECES)
def test_pieces_that_are_large_enough_for_a_cluster(name):
    networks, k, expected = PIECES[name]
    piece = large_pieces(make_graph(nx.disjoint_union_all(networks)), k)
    if expected == 1:
        assert piece is None
        return
    assert sorted(set(piece)) == list(range(expected))
    own = np.repeat(np.arange(len(networks)), [len(network) for network in networks])
    sizes = np.array([network.number_of_edges() for network in networks])[own]
    small = piece[sizes < 10] if name != "nothing but edges" else piece[:0]
    assert len(set(small)) <= 1, "small ones go with the largest"
    for one in set(own[sizes >= 10]):
        assert len(set(piece[own == one])) == 1


def test_the_embedding_of_large_pieces_is_that_of_each_regularised_by_itself():
    networks = [nx.gnm_random_graph(50, 130, seed=1), nx.grid_2d_graph(5, 9), nx.path_graph(2)]
    graph = make_graph(nx.disjoint_union_all(networks))
    weight = np.random.default_rng(0).uniform(0.5, 4, graph.num_edges).astype(np.float32)
    graph = replace(graph, edge_weight=weight)
    piece = large_pieces(graph, 6)
    assert np.bincount(piece).tolist() == [52, 45]
    same = piece[:, None] == piece
    tau = float(graph.weights.mean())
    root = np.diag((graph.degrees + tau) ** -0.5)
    matrix = root @ (graph.adjacency.toarray() + tau * same / np.bincount(piece)[piece]) @ root
    values, vectors = np.linalg.eigh(matrix)
    assert np.allclose(values[-2:], 1)
    expected = unit(vectors[:, -6:])
    x = spectral_embedding(graph, 6, 0)
    assert np.allclose(x @ x.T, expected @ expected.T, atol=1e-4)
    assert not (x[piece == 0] @ x[piece == 1].T).any(), "no vertex is like one of another piece"


def test_no_piece_is_left_out_for_one_that_hardly_falls_into_two(monkeypatch):
    """Where edges are many or heavy, eigenvalues come as near to 1 as they are found to."""
    found = structural._leading

    def inexact(*given):
        values, vectors = found(*given)
        return values - [0.5, *np.zeros(len(values) - 1)], vectors

    graph = make_graph(nx.disjoint_union(nx.path_graph(400), nx.path_graph(300)))
    monkeypatch.setattr(structural, "_leading", inexact)
    x = spectral_embedding(graph, 3, 0)
    assert (x >= 0).all(axis=0).sum() == 2, "the first of each, which alone has one sign"


@pytest.mark.parametrize(
    "networks",
    [
        [nx.path_graph(60)] * 3,
        [nx.cycle_graph(50), nx.grid_2d_graph(8, 8)],
    ],
    ids=["paths", "a ring and a grid"],
)
def test_as_many_clusters_as_large_pieces_cut_nothing(networks):
    graph = make_graph(nx.disjoint_union_all(networks))
    k = len(networks)
    found = tvgnn_cli.cluster(graph, k, hidden=32, mlp_hidden=32, epochs=10)
    assert found.metrics["cut_fraction"] == 0
    assert found.metrics["clusters_used"] == k


@pytest.mark.parametrize("kind", ["spectral", "degree", "identity"])
def test_structural_features_of_a_graph_in_pieces(kind):
    network = nx.disjoint_union(nx.star_graph(4), nx.path_graph(2))
    network.add_node(7)
    x = structural_features(make_graph(network), kind, 3, 0)
    x = x.toarray() if sp.issparse(x) else x
    assert x.shape[0] == 8
    assert np.isfinite(x).all()


def test_communities_lie_together_and_grids_keep_their_bandwidth():
    """Of two orders that which brings the ends of edges nearer is taken, in large graphs."""
    random = np.random.default_rng(0)
    n, communities = LARGE, 8
    y = random.permutation(np.arange(n) % communities)
    members = np.argsort(y, kind="stable").reshape(communities, -1)
    tail = np.repeat(np.arange(n), 5)
    head = members[y[tail], random.integers(0, n // communities, len(tail))]
    head = np.where(random.random(len(tail)) < 0.9, head, random.integers(0, n, len(tail)))
    planted = Graph.from_edges(index_ids(n), tail, head)
    order = neighbours_near(planted.adjacency, planted.edge_index)
    assert np.array_equal(np.sort(order), np.arange(n))
    purity = [np.bincount(part).max() / len(part) for part in y[order].reshape(64, -1)]
    assert np.mean(purity) > 0.6, "a random order's is below 0.2"

    side = int(LARGE**0.5)
    place = random.permutation(n).reshape(side, side)
    tail = np.concatenate([place[1:].ravel(), place[:, 1:].ravel()])
    head = np.concatenate([place[:-1].ravel(), place[:, :-1].ravel()])
    grid = Graph.from_edges(index_ids(n), tail, head)
    order = neighbours_near(grid.adjacency, grid.edge_index)
    rank = np.argsort(order)
    assert np.abs(rank[tail] - rank[head]).max() < 2 * side
    assert log_distance(order, grid.edge_index) < np.log2(side)


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array])
@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 1e-6), (np.float64, 1e-15)])
def test_rows_of_unit_length_keep_their_precision(form, dtype, error):
    points = np.random.default_rng(0).standard_normal((6, 3)).astype(dtype)
    points[2] = 0
    for order in (1, 2):
        unit = unit_rows(form(points), order)
        assert unit.dtype == dtype
        length = np.linalg.norm(unit.toarray() if sp.issparse(unit) else unit, order, axis=1)
        np.testing.assert_allclose(length, [1, 1, 0, 1, 1, 1], rtol=0, atol=error)
