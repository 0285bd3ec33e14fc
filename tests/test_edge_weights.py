"""Weights of edges, of which single ones outweigh all others, or do not."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import tvgnn_cli
from tests.conftest import make_graph
from tvgnn_cli.evaluation.metrics import normalized_mutual_information
from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.prepare.edge_weights import heaviest, with_scaled_weights
from tvgnn_cli.prepare.prepared import prepare

K, SIZE = 4, 60
CLASSES = np.repeat(np.arange(K), SIZE)
QUICK = {"hidden": 32, "mlp_hidden": 32, "epochs": 10}


def planted(seed=1):
    return make_graph(nx.planted_partition_graph(K, SIZE, 0.3, 0.03, seed=seed))


def weighted(weights, graph=None, seed=0):
    graph = graph or planted()
    found = weights(np.random.default_rng(seed), graph.num_edges)
    return replace(graph, edge_weight=np.asarray(found, dtype=np.float32))


def limit_of(graph):
    largest = graph.edge_weight.max()
    found = heaviest(graph.edge_index, graph.edge_weight / largest, graph.num_vertices)
    return None if found is None else found * largest


def counted_as(graph, weight):
    """The number of equal edges that those of each vertex count as."""
    ends, both = graph.edge_index.ravel(), np.tile(weight.astype(np.float64), 2)
    n = graph.num_vertices
    return np.bincount(ends, both, n) ** 2 / np.bincount(ends, both**2, n)


LONG = {
    "lognormal": lambda r, m: r.lognormal(0, 3, m),
    "pareto": lambda r, m: r.pareto(1, m) + 1,
    "one": lambda _, m: np.r_[1e9, np.ones(m - 1)],
    "one in a hundred": lambda r, m: np.where(r.random(m) < 0.02, 1000, 1),
}
SHORT = {
    "equal": lambda _, m: np.full(m, 7.0),
    "uniform": lambda r, m: r.random(m),
    "exponential": lambda r, m: r.exponential(1, m),
    "counts": lambda r, m: r.geometric(0.4, m),
    "half are nothing": lambda r, m: np.where(r.random(m) < 0.5, 1e-9, 1),
}


@pytest.mark.parametrize("name", SHORT)
def test_weights_of_which_none_outweighs_the_others_stay_as_they_are(name):
    graph = weighted(SHORT[name])
    assert limit_of(graph) is None
    scaled, clipped = with_scaled_weights(graph, clips=True)
    assert clipped is None
    assert (
        scaled.edge_weight.tobytes()
        == with_scaled_weights(graph, clips=False)[0].edge_weight.tobytes()
    )


@pytest.mark.parametrize("name", [name for name in LONG if name != "one"])
def test_edges_of_a_vertex_count_as_several(name):
    graph = weighted(LONG[name])
    limit = limit_of(graph)
    degree = graph.degrees / graph.weights.mean() * 0 + np.bincount(graph.edge_index.ravel())
    needed = np.minimum(np.maximum(4, np.sqrt(degree)), degree / 3)
    for factor, enough in ((1, True), (1.5, False)):
        found = counted_as(graph, np.minimum(graph.edge_weight, factor * limit))
        assert (np.mean(found >= needed) >= 0.95) == enough, "and no lower than it has to be"
    scaled, clipped = with_scaled_weights(graph, clips=True)
    assert clipped.heaviest == pytest.approx(limit)
    assert clipped.edges == (graph.edge_weight > limit).sum() > 0
    assert scaled.edge_weight.mean() == pytest.approx(1, rel=1e-4)
    kept = graph.edge_weight < limit
    ratio = scaled.edge_weight[kept] / graph.edge_weight[kept]
    assert ratio.max() == pytest.approx(ratio.min(), rel=1e-4)


def test_one_edge_does_not_outweigh_all_others():
    graph = weighted(LONG["one"])
    scaled, clipped = with_scaled_weights(graph, clips=True)
    assert clipped.edges == 1
    weight = scaled.edge_weight.astype(np.float64)
    assert weight.sum() ** 2 / (weight**2).sum() == pytest.approx(100, rel=0.1)


@pytest.mark.parametrize("name", LONG)
def test_clusters_are_not_pairs_that_a_heavy_edge_joins(name):
    graph = weighted(LONG[name])
    found = tvgnn_cli.cluster(graph, K, **QUICK)
    assert normalized_mutual_information(CLASSES, found.labels) > 0.75
    assert found.metrics["evidence_sure"]
    (said,) = [note for note in found.notes if "clipped" in note]
    assert "(`clip_weights=False` leaves them)" in said
    if name != "one":
        plain = tvgnn_cli.cluster(graph, K, clip_weights=False, **QUICK)
        assert normalized_mutual_information(CLASSES, plain.labels) < 0.5
        assert not any("clipped" in note for note in plain.notes)


def test_scores_are_of_the_weights_that_are_given():
    graph = weighted(LONG["pareto"])
    found = tvgnn_cli.cluster(graph, K, **QUICK)
    tail, head = found.labels[graph.edge_index]
    cut = graph.weights[tail != head].sum() / graph.weights.sum()
    assert found.metrics["cut_fraction"] == pytest.approx(cut, rel=1e-5)


def test_the_unit_of_weights_and_the_order_of_edges_change_nothing():
    graph = weighted(LONG["lognormal"])
    random = np.random.default_rng(1)
    order, other = random.permutation(graph.num_edges), random.permutation(graph.num_vertices)
    tail, head = other[graph.edge_index[:, order]]
    ids = np.empty(graph.num_vertices, dtype=object)
    ids[other] = graph.ids
    turned = Graph.from_edges(ids, tail, head, 1024 * graph.edge_weight[order])
    turned = replace(turned, explicit_ids=True)
    first, second = (
        tvgnn_cli.cluster(replace(each, explicit_ids=True), K, **QUICK) for each in (graph, turned)
    )
    place = {name: i for i, name in enumerate(second.ids)}
    again = second.labels[[place[name] for name in first.ids]]
    assert adjusted_rand_index(first.labels, again) == 1


def test_similarities_that_fall_off_with_a_distance_still_tell_near_from_far():
    """Nearly all are nothing, so that no multiple of the median is a bound for them."""
    random = np.random.default_rng(0)
    n, angle = 120, 2 * np.pi * np.linspace(0, 1, 120, endpoint=False)
    ring = np.repeat([0, 1], n)
    radius = np.where(ring == 0, 1, 3)
    place = np.stack([radius * np.cos(np.tile(angle, 2)), radius * np.sin(np.tile(angle, 2))], 1)
    place += random.normal(0, 0.1, place.shape)
    tail, head = np.triu_indices(2 * n, 1)
    near = np.exp(-np.square(place[tail] - place[head]).sum(axis=1) / (2 * 0.3**2))
    assert near.max() / np.median(near) > 1e9
    graph = Graph.from_edges(index_ids(2 * n), tail, head, near.astype(np.float32))
    found = tvgnn_cli.cluster(graph, 2, **QUICK)
    assert normalized_mutual_information(ring, found.labels) == 1


@pytest.mark.parametrize("method", ["louvain", "spectral"])
def test_other_methods_have_the_same_weights(method):
    graph = weighted(LONG["one in a hundred"])
    found = tvgnn_cli.cluster(graph, None if method == "louvain" else K, method=method)
    assert any("clipped" in note for note in found.notes)


def test_a_model_has_them_clipped_too_or_not(tmp_path):
    graph = weighted(LONG["one in a hundred"])
    x = np.eye(K)[CLASSES] + np.random.default_rng(0).normal(0, 1, (len(CLASSES), K))
    graph = replace(graph, x=x.astype("f4"))
    for clips in (True, False):
        found = tvgnn_cli.cluster(graph, K, view="both", clip_weights=clips, **QUICK)
        found.save(tmp_path / "m.tvgnn")
        assert (tvgnn_cli.predict(tmp_path / "m.tvgnn", graph).labels == found.labels).all()
        assert (prepare(graph, found.config).clipped is not None) == clips


def test_the_command_names_the_option(tvgnn, tmp_path):
    graph = weighted(LONG["one in a hundred"])
    tail, head = graph.edge_index
    frame = {"source": tail, "target": head, "weight": graph.edge_weight}
    pd.DataFrame(frame).to_csv(tmp_path / "g.csv", index=False)
    given = ["cluster", "g.csv", "-k", K, "--epochs", 2, "--hidden", 8, "--mlp-hidden", 8]
    said = tvgnn(*given).err
    assert "are clipped" in said
    assert "--no-clip-weights leaves them" in said
    assert "clipped" not in tvgnn(*given, "--no-clip-weights").err
    checked = tvgnn("check", "g.csv")
    assert "1 to 1000; above " in checked.out
    assert f"clipped, of {(graph.edge_weight > 1).sum()} edges" in checked.out
