"""TVGNN as an estimator of scikit-learn."""

from __future__ import annotations

import inspect
import pickle
import warnings
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import ParameterGrid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch_geometric.data import Data

import tvgnn_cli
from tests.conftest import make_graph
from tvgnn_cli import TVGNNClustering
from tvgnn_cli.adapters.adjacencies import graph_of_adjacency, neighbour_graph
from tvgnn_cli.adapters.estimator import RENAMED
from tvgnn_cli.config import FIELDS
from tvgnn_cli.errors import InputError, UsageError

TINY = {"hidden": 4, "mlp_hidden": 0, "layers": 1, "epochs": 2, "init": "random", "threads": 1}

ONE_CLUSTER = "sets n_clusters to 1, and a clustering needs 2"
NOT_APPLICABLE = {
    "check_fit2d_1feature": ONE_CLUSTER,
    "check_fit2d_predict1d": ONE_CLUSTER,
    "check_dont_overwrite_parameters": ONE_CLUSTER,
    "check_methods_subset_invariance": "a vertex's cluster depends on its neighbours in the graph",
    "check_methods_sample_order_invariance": "asks for 1e-9; float32 sums differ by their order",
    "check_estimator_sparse_array": "takes what has predict_proba for a classifier",
    "check_estimator_sparse_matrix": "takes what has predict_proba for a classifier",
}
"""Checks of scikit-learn that do not apply, and why; what they are about is tested below."""


@parametrize_with_checks(
    [TVGNNClustering(2, components=0, filter_steps=0, **TINY)],
    expected_failed_checks=lambda _: NOT_APPLICABLE,
)
def test_what_scikit_learn_asks_of_its_estimators(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def network():
    """Two cliques of eight joined by one edge."""
    network = nx.disjoint_union(nx.complete_graph(8), nx.complete_graph(8))
    network.add_edge(0, 8)
    return network


@pytest.fixture(scope="module")
def x():
    noise = np.random.default_rng(0).normal(size=(16, 5))
    return noise + np.repeat(np.eye(5)[:2] * 4, 8, axis=0)


def estimator(**parameters):
    return TVGNNClustering(2, **{**TINY, **parameters})


def test_every_setting_is_a_parameter():
    parameters = set(inspect.signature(TVGNNClustering.__init__).parameters) - {"self"}
    settings = {RENAMED.get(name, name) for name in FIELDS} - {"choose_from"}
    assert parameters == settings | {"n_neighbors", "consensus", "threads", "device"}


def test_every_setting_arrives_in_the_configuration():
    given = {
        "restarts": 2, "epochs": 3, "patience": 4, "tolerance": 0.1, "hidden": 5, "layers": 1,
        "mlp_hidden": 6, "delta": 0.2, "eps": 0.01, "degree_weighted": True, "totvar_coeff": 0.5,
        "balance_coeff": 0.6, "rho": 1.5, "lr": 0.01, "init": "random", "feature_scaling": "unit",
        "clip_weights": False,
        "filter_steps": 2, "filter_keep": 0.3, "components": 7, "structural": "degree",
        "view": "edges", "encoder": "mixed", "spread_coeff": 0.5, "neighbours": 4,
        "precision": "bf16", "batch": "parts", "batch_size": 64, "parts_per_batch": 3,
        "method": "tvgnn", "preset": "paper", "min_size": 3, "connected": "merge",
        "min_confidence": 0.4, "overlap": 0.2, "fixed": "none",
    }  # fmt: skip
    assert set(given) | {"num_clusters", "choose_from", "seed"} == set(FIELDS)
    made = TVGNNClustering(3, random_state=9, **given)._config()
    assert made == tvgnn_cli.make_config({**given, "num_clusters": 3, "seed": 9})
    chosen = TVGNNClustering("2..5")._config()
    assert (chosen.num_clusters, chosen.choose_from) == (None, "2..5")
    assert TVGNNClustering(3, preset="paper")._config() == tvgnn_cli.make_config(
        {"preset": "paper", "num_clusters": 3}
    )


def test_it_is_the_clustering_of_the_function(network, x):
    fitted = estimator(random_state=3, init="kmeans").fit(
        x, adjacency=nx.to_scipy_sparse_array(network)
    )
    graph = make_graph(network)
    wanted = tvgnn_cli.cluster(graph, 2, features=x, seed=3, **{**TINY, "init": "kmeans"})
    assert np.array_equal(fitted.labels_, wanted.labels)
    assert np.array_equal(fitted.assignment_, wanted.assignment)
    assert fitted.result_.metrics["input_fingerprint"] == wanted.metrics["input_fingerprint"]
    assert np.array_equal(fitted.transform(x), tvgnn_cli.embed(wanted.model, graph, features=x))
    assert (fitted.n_clusters_, fitted.n_features_in_) == (2, 5)
    assert sorted(map(tuple, (range(8), range(8, 16)))) == sorted(
        tuple(np.flatnonzero(fitted.labels_ == k)) for k in range(2)
    )


def test_what_restarts_agree_on(network, x):
    fitted = estimator(restarts=3, consensus=True).fit(x, adjacency=network)
    wanted = tvgnn_cli.cluster(
        make_graph(network), 2, features=x, restarts=3, consensus=True, **TINY
    )
    assert np.array_equal(fitted.labels_, wanted.labels)
    assert np.array_equal(fitted.stability_, wanted.stability)
    assert estimator().fit(x, adjacency=network).stability_ is None
    with pytest.raises(UsageError, match="consensus"):
        estimator(restarts=1, consensus=True).fit(x, adjacency=network)


def test_an_adjacency_is_the_same_graph_in_every_form(network, x):
    matrix = nx.to_scipy_sparse_array(network, dtype=float)
    pairs = np.array(network.edges).T
    both = np.concatenate([pairs, pairs[::-1]], axis=1)
    forms = [matrix, matrix.tocoo(), sp.csc_matrix(matrix), matrix.toarray(), network, pairs, both,
             matrix.toarray().tolist(), pairs.tolist(), pd.DataFrame(matrix.toarray())]  # fmt: skip
    wanted = make_graph(network)
    for form in forms:
        graph = graph_of_adjacency(form, 16)
        assert graph.num_vertices == 16
        assert np.array_equal(graph.edge_index, wanted.edge_index), type(form)
        assert graph.edge_weight is None


def test_weights_and_vertices_without_edges_are_kept():
    weighted = np.zeros((4, 4))
    weighted[0, 1] = weighted[1, 0] = 2.5
    for form in (weighted, sp.csr_array(weighted)):
        graph = graph_of_adjacency(form, 4)
        assert (graph.num_vertices, graph.weights.tolist()) == (4, [2.5])
    assert graph_of_adjacency(np.array([[0], [1]]), 4).num_vertices == 4
    network = nx.Graph([("b", "a", {"weight": 3.0})])
    network.add_node("c", colour="red")
    assert graph_of_adjacency(network, 3).weights.tolist() == [3.0]


def test_two_edges_are_no_matrix():
    edges = np.array([[0, 1], [1, 2]])
    assert graph_of_adjacency(edges, 3).edge_index.tolist() == [[0, 1], [1, 2]]
    for rows in (2, None):
        with pytest.raises(InputError, match="may be a matrix or an edge_index"):
            graph_of_adjacency(np.array([[0, 1], [1, 0]]), rows)


@pytest.mark.parametrize(
    ("adjacency", "words"),
    [
        (sp.eye_array(5), "has 5 vertices, but X has 16 rows"),
        (np.ones((3, 4)), r"has shape \(3, 4\)"),
        (np.ones((2, 4)), "need a scipy sparse matrix"),
        (np.array([[0, 16], [1, 2]]), "names vertex 16; vertices are 0 to 15"),
        (np.array([[0, -1], [1, 2]]), "names vertex -1"),
        (np.array(["a"]), "need a scipy sparse matrix"),
        (np.full((16, 16), np.nan), "weight nan"),
        (-np.ones((16, 16)), "weight -1"),
        (nx.path_graph(3), "has 3 vertices, but X has 16 rows"),
        (object(), r"builtins\.object"),
    ],
)
def test_adjacencies_that_are_none(x, adjacency, words):
    with pytest.raises(InputError, match=words):
        estimator().fit(x, adjacency=adjacency)


def test_rows_go_by_the_names_that_they_share_with_vertices(network):
    order = np.random.default_rng(0).permutation(16)
    matrix = nx.to_pandas_adjacency(network)
    moved = nx.Graph()
    moved.add_nodes_from(order.tolist())
    moved.add_edges_from(network.edges)
    plain = graph_of_adjacency(network, 16)
    for form in (matrix.iloc[order, order], matrix.iloc[:, order], moved):
        assert np.array_equal(graph_of_adjacency(form, 16, range(16)).edge_index, plain.edge_index)
    for form in (matrix.iloc[order, order], moved):
        with pytest.raises(InputError, match="in another order"):
            estimator().fit(np.eye(16), adjacency=form)
    fitted = estimator().fit(pd.DataFrame(np.eye(16)), adjacency=moved)
    assert np.array_equal(fitted.graph_.edge_index, plain.edge_index)
    with pytest.raises(InputError, match="is no array"):
        estimator().fit(np.eye(16), adjacency=[network[0], network[1]])


def test_without_an_adjacency_rows_are_joined_to_their_nearest(x):
    distances = np.linalg.norm(x[:, None] - x[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = {(i, int(j)) for i in range(16) for j in np.argsort(distances[i])[:3]}
    wanted = sorted({(min(pair), max(pair)) for pair in nearest})
    for rows in (x, sp.csr_array(x)):
        graph = neighbour_graph(rows, 3)
        assert list(zip(*graph.edge_index.tolist(), strict=True)) == wanted
    assert neighbour_graph(x, 99).num_edges == 16 * 15 / 2
    fitted = estimator(n_neighbors=3).fit(x)
    assert np.array_equal(fitted.graph_.edge_index, graph.edge_index)
    assert "graph: each row of X and its 3 nearest" in fitted.result_.notes
    for wrong in (0, 2.5, "3"):
        with pytest.raises(UsageError, match="n_neighbors is"):
            estimator(n_neighbors=wrong).fit(x)


def test_labels_never_reach_training(network, x):
    y = np.repeat([0, 1], 8)
    plain = estimator().fit(x, adjacency=network)
    named = nx.Graph(network)
    nx.set_node_attributes(named, dict(enumerate(y.tolist())), "label")
    for fitted in (estimator().fit(x, y, adjacency=network), estimator().fit(x, adjacency=named)):
        assert np.array_equal(fitted.assignment_, plain.assignment_)
        assert "nmi" not in fitted.result_.metrics
    alone = estimator().fit(None, adjacency=named)
    assert "nmi" not in alone.result_.metrics


def test_other_rows_are_labelled_by_their_own_graph(network, x):
    fitted = estimator().fit(x, adjacency=network)
    order = np.random.default_rng(1).permutation(16)
    matrix = nx.to_scipy_sparse_array(network)[order][:, order]
    assert np.array_equal(fitted.predict(x[order], adjacency=matrix), fitted.labels_[order])
    moved = fitted.predict_proba(x[order], adjacency=matrix)
    assert np.allclose(moved, fitted.assignment_[order], atol=1e-5)
    points = fitted.transform(x[order], adjacency=matrix)
    assert np.allclose(points, fitted.transform(x)[order], atol=1e-5)
    with pytest.raises(UsageError, match="give that of X"):
        fitted.predict(x[order])


def test_other_rows_are_joined_among_each_other_where_fit_did_so(x):
    fitted = estimator(n_neighbors=4).fit(x)
    order = np.random.default_rng(1).permutation(16)
    assert np.allclose(fitted.predict_proba(x[order]), fitted.assignment_[order], atol=1e-5)
    assert np.array_equal(fitted.predict(x), fitted.labels_)
    with pytest.raises(InputError, match="no edges"):
        fitted.predict(x[:1])
    with pytest.raises(ValueError, match="1D array"):
        fitted.predict(x[0])
    with pytest.raises(ValueError, match="expecting 5 features"):
        fitted.predict(x[:, :4])


def test_one_feature_and_sparse_features_do(network, x):
    assert estimator().fit(x[:, :1], adjacency=network).labels_.shape == (16,)
    dense = estimator().fit(x, adjacency=network)
    for kind in (sp.csr_array, sp.csr_matrix, sp.coo_array):
        fitted = estimator().fit(kind(x), adjacency=network)
        assert np.allclose(fitted.assignment_, dense.assignment_, atol=1e-4)
        assert np.array_equal(fitted.predict(kind(x)), fitted.labels_)


def test_a_graph_alone_is_clustered_by_its_structure(network):
    fitted = estimator().fit(None, adjacency=network)
    wanted = tvgnn_cli.cluster(network, 2, **TINY)
    assert np.array_equal(fitted.labels_, wanted.labels)
    assert np.array_equal(fitted.predict(None), fitted.labels_)
    assert not hasattr(fitted, "n_features_in_")
    with pytest.raises(UsageError, match="fit had none"):
        fitted.predict(np.ones((16, 2)))
    with pytest.raises(UsageError, match="give X, an adjacency or both"):
        estimator().fit(None)
    assert not hasattr(
        estimator().fit(np.eye(16, 4)).fit(None, adjacency=network), "n_features_in_"
    )


def test_a_graph_is_not_taken_for_features(network, x):
    graph = make_graph(network, x)
    told = {"a Graph": network, "a str": "karate", "a PosixPath": Path("g.csv")}
    for kind, given in [*told.items(), ("a Graph", graph)]:
        with pytest.raises(UsageError, match=f"^X is {kind}, not features; give None for X, and "):
            estimator().fit(given)
    data = Data(torch.tensor(x), torch.tensor(graph.edge_index))
    with pytest.raises(UsageError, match=r"give data\.x, and adjacency=data\.edge_index"):
        estimator().fit(data)
    fitted = estimator().fit(data.x, adjacency=data.edge_index)
    with pytest.raises(UsageError, match="X is a Graph, not features"):
        fitted.predict(network)


@pytest.mark.parametrize("kind", [np.asarray, sp.csr_array])
def test_a_matrix_of_a_graph_is_warned_of_where_features_are_meant(network, kind):
    matrix = kind(nx.to_numpy_array(network))
    with pytest.warns(UserWarning, match=r"symmetric matrix \[16, 16\].*give None for X, and adj"):
        estimator().fit(matrix)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimator().fit(matrix, adjacency=network)
        estimator().fit(matrix[:, :15])
        other = np.random.default_rng(0).normal(size=(16, 16))
        estimator().fit(kind(other))


def test_a_table_of_edges_is_an_adjacency_and_no_features(network, x):
    frame = nx.to_pandas_edgelist(network)
    fitted = estimator().fit(None, adjacency=frame)
    wanted = tvgnn_cli.cluster(frame, 2, **TINY)
    assert np.array_equal(fitted.labels_, wanted.labels)
    with pytest.warns(UserWarning, match="'source' and 'target', as a table of edges .*None for X"):
        estimator().fit(frame)
    with pytest.raises(InputError, match=r"beside X give networkx\.from_pandas_edgelist"):
        estimator().fit(x, adjacency=frame)
    with pytest.raises(InputError, match=r"type int64; need a scipy"):
        estimator().fit(None, adjacency=np.ones((5, 3), dtype=int))


def test_a_method_without_a_network_has_labels_only(network, x):
    fitted = TVGNNClustering(None, method="louvain").fit(x, adjacency=network)
    assert (fitted.n_clusters_, fitted.assignment_) == (2, None)
    assert np.array_equal(fitted.predict(x), fitted.labels_)
    assert hasattr(estimator(), "predict_proba")
    assert not hasattr(fitted, "predict_proba")
    with pytest.raises(UsageError, match="makes no representations"):
        fitted.transform(x)
    with pytest.raises(UsageError, match="has no model"):
        fitted.predict(x[::-1], adjacency=network)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"method": "louvain"}, "finds its own number; give None"),
        ({"n_clusters": None}, "needs a number"),
        ({"n_clusters": 17}, "only 16 vertices"),
        ({"n_clusters": 1}, "at least 2 clusters"),
        ({"method": "dmom"}, "Did you mean 'dmon'"),
        ({"lr": "fast"}, "not of type float"),
    ],
)
def test_parameters_that_cannot_be(network, x, parameters, words):
    with pytest.raises(UsageError, match=words):
        TVGNNClustering(**{"n_clusters": 2, **parameters}).fit(x, adjacency=network)


def test_randomness_comes_as_scikit_learn_has_it(network, x):
    fits = [
        estimator(random_state=state).fit(x, adjacency=network)
        for state in (7, np.int64(7), np.random.RandomState(0), np.random.RandomState(0), None)
    ]
    seeds = [fitted.result_.config.seed for fitted in fits]
    assert seeds[0] == seeds[1] == 7
    assert seeds[2] == seeds[3] not in (0, 7)
    assert np.array_equal(fits[2].assignment_, fits[3].assignment_)
    assert seeds[4] not in seeds[:4]


def test_names_of_columns_are_kept(network, x):
    frame = pd.DataFrame(x, columns=list("abcde"))
    fitted = estimator().fit(frame, adjacency=network)
    assert fitted.feature_names_in_.tolist() == list("abcde")
    assert fitted.result_.model.recipe.feature_names == tuple("abcde")
    assert np.array_equal(fitted.predict(frame), fitted.labels_)
    with pytest.raises(ValueError, match="feature names"):
        fitted.predict(frame[list("edcba")])
    assert fitted.get_feature_names_out().tolist() == [f"tvgnnclustering{i}" for i in range(4)]
    flat = estimator(layers=0).fit(frame, adjacency=network)
    assert len(flat.get_feature_names_out()) == flat.transform(frame).shape[1] == 5


def test_it_works_with_scikit_learns_other_tools(network, x):
    labels = set()
    for parameters in ParameterGrid({"epochs": np.array([1, 2]), "n_clusters": [2, 3]}):
        copy = clone(estimator()).set_params(**parameters)
        labels.add(copy.fit(x, adjacency=network).result_.config.epochs)
    assert labels == {1, 2}
    pipeline = make_pipeline(StandardScaler(), estimator())
    assert pipeline.fit_predict(x).shape == (16,)
    assert estimator().fit_transform(x, adjacency=network).shape == (16, 4)
    assert estimator().fit_predict(x, adjacency=network).shape == (16,)
    fitted = estimator().fit(x, adjacency=network)
    again = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(again.transform(x), fitted.transform(x))
    with pytest.raises(NotFittedError):
        estimator().predict(x)
