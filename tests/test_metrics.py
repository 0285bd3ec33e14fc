"""Metrics against hand-worked values, networkx and sklearn."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from tests.conftest import make_graph
from tvgnn_cli.evaluation import metrics as M
from tvgnn_cli.graph.edges import merge_edges
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.graph.labels import number_by_size

labelings = st.integers(2, 12).flatmap(
    lambda n: st.tuples(
        *(st.lists(st.integers(0, 4), min_size=n, max_size=n).map(np.array) for _ in range(2))
    )
)


def brute_force_accuracy(labels, classes):
    """Best share over all one-to-one matchings, tried one by one."""
    k = max(labels.max(), classes.max()) + 1
    return max(
        np.mean(np.array(matching)[labels] == classes)
        for matching in itertools.permutations(range(k))
    )


@given(labelings)
def test_accuracy_is_the_best_matching(pair):
    labels, classes = pair
    assert M.clustering_accuracy(labels, classes) == pytest.approx(
        brute_force_accuracy(labels, classes)
    )


@pytest.mark.parametrize(
    ("labels", "classes", "value"),
    [
        ([0, 1, 2, 3], [0, 0, 1, 1], 0.5),  # more clusters than classes
        ([0, 0, 0, 0], [0, 1, 2, 3], 0.25),  # fewer
        ([1, 1, 0, 0], [0, 0, 1, 1], 1.0),  # renamed
    ],
)
def test_accuracy_by_hand(labels, classes, value):
    assert M.clustering_accuracy(np.array(labels), np.array(classes)) == value


@given(labelings)
def test_label_metrics_do_not_change_their_input_nor_care_for_names(pair):
    labels, classes = pair
    kept = labels.copy()
    first = M.label_metrics(labels, classes)
    assert (labels == kept).all()
    assert first == pytest.approx(M.label_metrics(4 - labels, (classes + 2) % 5))
    assert first["nmi"] == pytest.approx(normalized_mutual_info_score(classes, labels))
    assert first["ari"] == pytest.approx(adjusted_rand_score(classes, labels))


def weighted_karate() -> tuple[Graph, nx.Graph, np.ndarray]:
    network = nx.karate_club_graph()
    rows = list(network.edges(data="weight"))
    tail, head, weight = (np.array(part) for part in zip(*rows, strict=True))
    edges = merge_edges(tail, head, weight)
    graph = Graph(index_ids(34), edges.edge_index, edges.edge_weight)
    return graph, network, np.arange(34) % 4


def test_graph_metrics_agree_with_networkx():
    graph, network, labels = weighted_karate()
    groups = [set(np.flatnonzero(labels == k).tolist()) for k in range(4)]
    cut = sum(w for u, v, w in network.edges(data="weight") if labels[u] != labels[v])
    assert M.cut_fraction(graph, labels) == pytest.approx(cut / network.size(weight="weight"))
    assert M.modularity(graph, labels) == pytest.approx(
        nx.community.modularity(network, groups, weight="weight")
    )
    conductance = [nx.conductance(network, g, weight="weight") for g in groups]
    assert M.mean_conductance(graph, labels) == pytest.approx(np.mean(conductance))


def test_one_cluster_and_clusters_that_cut_nothing():
    graph = make_graph(nx.disjoint_union(nx.complete_graph(3), nx.complete_graph(3)))
    assert M.mean_conductance(graph, np.zeros(6, int)) == 0
    assert M.modularity(graph, np.zeros(6, int)) == 0
    metrics = M.graph_metrics(graph, np.repeat([0, 2], 3))
    assert metrics["clusters_used"] == 2
    assert metrics["cut_fraction"] == metrics["mean_conductance"] == 0
    assert metrics["modularity"] == pytest.approx(0.5)
    assert (metrics["smallest_cluster"], metrics["largest_cluster"]) == (3, 3)


def test_sharpness():
    assert M.sharpness(np.array([[1.0, 0.0], [0.5, 0.5]])) == 0.75


def test_clusters_are_numbered_by_size_then_by_first_vertex():
    labels = np.array([3, 1, 1, 3, 0])
    number = number_by_size(labels, 5)
    assert number[labels].tolist() == [0, 1, 1, 0, 2]
    assert sorted(number.tolist()) == [0, 1, 2, 3, 4]


def test_a_cluster_matches_the_class_that_it_shares_most_with():
    classes = np.array([0, 0, 0, 1, 1, 1, 2, 2])
    clusters = np.array([1, 1, 0, 0, 0, 0, 3, 4])
    assert M.matching_classes(clusters, classes, 5).tolist() == [1, 0, 3, 2, 4]
    assert sorted(M.matching_classes(np.zeros(8, dtype=int), classes, 3)) == [0, 1, 2]
