"""What a picture of a graph shows: samples, places, attributes."""

from __future__ import annotations

import json
import re
import time

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp

from tests.conftest import make_graph
from tests.some_views import blocks, large, shown
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.graph.stored_features import StoredFeatures
from tvgnn_cli.report.attributes import MOST, attributes_of
from tvgnn_cli.report.forces import by_grid, pairwise
from tvgnn_cli.report.packing import pack, quantised
from tvgnn_cli.report.places import (
    Discs,
    cluster_weights,
    leanings,
    place_clusters,
    place_vertices,
    principal,
)
from tvgnn_cli.report.sampling import chosen_vertices, edges_among, shares_of
from tvgnn_cli.report.view import Limits, view_of

# ---- Samples


@pytest.mark.parametrize(
    ("sizes", "limit", "expected"),
    [
        ([5, 3], 8, [5, 3]),
        ([5, 3], 100, [5, 3]),
        ([1000, 100, 3], 100, [76, 21, 3]),  # 16 of each at least, where there are so many
        ([90, 10], 10, [8, 2]),
        ([4, 9, 1, 7], 3, [1, 1, 0, 1]),  # more clusters than room
        ([10, 0, 10], 4, [2, 0, 2]),
    ],
)
def test_shares_go_by_size_and_leave_no_cluster_out(sizes, limit, expected):
    found = shares_of(np.array(sizes), limit)
    assert found.sum() == min(limit, sum(sizes))
    assert found.tolist() == expected


def test_shares_are_whole_never_more_than_there_are_and_fill_the_limit():
    random = np.random.default_rng(1)
    for _ in range(300):
        sizes = random.integers(0, 10 ** random.integers(1, 6), random.integers(1, 60))
        sizes[0] += 1
        limit = int(random.integers(1, sizes.sum() + 5))
        found = shares_of(sizes, limit)
        assert found.sum() == min(limit, sizes.sum())
        assert (found <= sizes).all()
        if (sizes > 0).sum() <= limit:
            assert ((found > 0) == (sizes > 0)).all()


def test_a_sample_has_each_clusters_share_sorted_and_by_the_seed():
    labels = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [600, 300, 30]))
    draws = [chosen_vertices(labels, 3, 100, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.bincount(labels[draws[0]]).tolist() == shares_of(np.bincount(labels), 100).tolist()
    assert (np.diff(draws[0]) > 0).all()
    assert draws[0].tolist() == draws[1].tolist() != draws[2].tolist()


def test_every_vertex_of_a_cluster_is_drawn_as_often():
    labels, counts = np.repeat([0, 1], [20, 30]), np.zeros(50)
    for seed in range(2000):
        counts[chosen_vertices(labels, 2, 25, np.random.default_rng(seed))] += 1
    share = shares_of(np.array([20, 30]), 25) / [20, 30]
    np.testing.assert_allclose(counts / 2000, share[labels], atol=0.05)


def test_edges_are_those_among_the_chosen(monkeypatch):
    monkeypatch.setattr("tvgnn_cli.report.sampling.BLOCK", 7)
    graph, _ = blocks([20, 20])
    chosen = np.arange(0, 40, 3)
    found, total = edges_among(graph.edge_index, chosen, 40, 10**6, np.random.default_rng(0))
    inside = [(a, b) for a, b in graph.edge_index.T.tolist() if a % 3 == 0 and b % 3 == 0]
    assert chosen[found].T.tolist() == [list(pair) for pair in inside]
    assert total == len(inside) > 3
    few, again = edges_among(graph.edge_index, chosen, 40, 3, np.random.default_rng(0))
    other, _ = edges_among(graph.edge_index, chosen, 40, 3, np.random.default_rng(1))
    assert other.tolist() != few.tolist()
    assert again == total
    assert few.shape == (2, 3)
    assert {tuple(e) for e in few.T.tolist()} <= {tuple(e) for e in found.T.tolist()}


def test_what_is_drawn_is_said():
    graph, labels = blocks([200, 100, 4], inside=0.3)
    view = shown(graph, labels, limits=Limits(vertices=60, edges=50))
    assert len(view.ids) == 60
    assert view.edges.shape == (2, 50)
    assert view.total == (304, graph.num_edges)
    assert view.cluster_sizes.tolist() == [200, 100, 4]
    first, second = view.notes
    assert first.startswith("picture: 60 of 304 vertices, drawn at random from each cluster")
    among = int(re.search(r"the (\d+) of", first)[1])
    assert second == f"edges in the picture: 50 of these {among}, drawn at random"
    assert shown(graph, labels).notes == ()


def test_more_clusters_than_room_is_said():
    graph, _ = blocks([10])
    view = shown(graph, np.arange(10), limits=Limits(vertices=4))
    assert view.notes[-1] == "clusters in the picture: the 4 largest of 10, a vertex of each"


def test_arrays_belong_to_the_vertices_that_were_drawn():
    graph, labels = blocks([60, 40], names=np.array([f"n{i}" for i in range(100)], dtype=object))
    sure, classes = np.arange(100) / 100, np.where(np.arange(100) % 2, "odd", "even")
    view = shown(
        graph, labels, confidence=sure, stability=1 - sure, classes=classes,
        limits=Limits(vertices=30),
    )  # fmt: skip
    at = view.ids.astype(int)
    assert len(at) == 30
    assert view.labels.tolist() == labels[at].tolist()
    assert view.confidence.tolist() == sure[at].tolist()
    assert view.stability.tolist() == (1 - sure)[at].tolist()
    assert [view.class_names[code] for code in view.classes] == classes[at].tolist()
    assert view.names.tolist() == [f"n{i}" for i in at]
    degrees = [sum(int(i) in edge for edge in graph.edge_index.T) for i in at]
    assert view.degrees.tolist() == degrees  # of the whole graph


def test_the_same_seed_gives_the_same_bytes():
    graph, labels = blocks([300, 200], x=np.random.default_rng(0).normal(size=(500, 3)))
    texts = [pack(shown(graph, labels, limits=Limits(200, 300, seed)))[0] for seed in (3, 3, 4)]
    assert texts[0] == texts[1] != texts[2]


def test_classes_change_no_place():
    graph, labels = blocks([30, 20])
    with_classes = shown(graph, labels, classes=np.arange(50).astype(str))
    np.testing.assert_array_equal(with_classes.positions, shown(graph, labels).positions)


@pytest.mark.parametrize("labels", [[0, 1], [0, 1, 5], [-1, 0, 1]])
def test_labels_of_other_vertices_are_refused(labels):
    with pytest.raises(UsageError, match="labels of 3 vertices"):
        view_of(make_graph(nx.path_graph(3)), np.array(labels), ("a", "b"))


def test_limits_leave_room_for_something():
    with pytest.raises(UsageError, match="room for one vertex"):
        shown(make_graph(nx.path_graph(3)), np.zeros(3, dtype=int), limits=Limits(vertices=0))


# ---- Places


def separation(positions: np.ndarray, labels: np.ndarray) -> float:
    """Share of vertices that are nearest to the middle of their own cluster."""
    middles = np.stack([positions[labels == c].mean(axis=0) for c in range(labels.max() + 1)])
    distance = ((positions[:, None] - middles) ** 2).sum(axis=2)
    return float((distance.argmin(axis=1) == labels).mean())


@pytest.mark.parametrize("sizes", [[20, 15, 10], [200, 150, 80, 20], [900, 900, 30]])
def test_clusters_lie_apart_and_neighbours_near(sizes):
    graph, labels = blocks(sizes, inside=8 / min(sizes[0], 200), between=0.2 / sum(sizes))
    view = shown(graph, labels)
    assert separation(view.positions, labels) > 0.97
    tail, head = view.positions[view.edges]
    strangers = view.positions[np.random.default_rng(0).permutation(head.shape[0]) % len(labels)]
    edges = np.hypot(*(tail - head).T).mean()
    assert edges < 0.6 * np.hypot(*(tail - strangers).T).mean()


def test_neighbours_are_near_inside_a_cluster_too():
    ring = make_graph(nx.cycle_graph(600))
    positions = shown(ring, np.zeros(600, dtype=int)).positions
    tail, head = positions[ring.edge_index]
    any_two = positions[np.random.default_rng(0).permutation(600)] - positions
    assert np.hypot(*(tail - head).T).mean() < 0.6 * np.hypot(*any_two.T).mean()


def test_clusters_with_much_between_them_are_neighbours():
    # A ring of six blocks: each has edges to the next one alone.
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(6), 60)
    tail = random.integers(0, 360, 3000)
    to = np.where(random.random(3000) < 0.3, (labels[tail] + 1) % 6, labels[tail])
    graph = Graph.from_edges(index_ids(360), tail, to * 60 + random.integers(0, 60, 3000))
    view = shown(graph, labels)
    middles = np.stack([view.positions[labels == c].mean(axis=0) for c in range(6)])
    distance = np.sqrt(((middles[:, None] - middles) ** 2).sum(axis=2))
    step = (np.arange(6)[:, None] - np.arange(6)) % 6
    assert distance[(step == 1) | (step == 5)].mean() < 0.8 * distance[step == 3].mean()


def test_no_two_vertices_lie_on_each_other_where_nothing_tells_them_apart():
    view = shown(make_graph(nx.empty_graph(50)), np.zeros(50, dtype=int))
    assert len(np.unique(view.positions.round(3), axis=0)) == 50


@pytest.mark.parametrize("n", [40, 500])
def test_a_vertex_without_edges_stays_with_its_cluster(n):
    network = nx.disjoint_union(nx.complete_graph(n), nx.complete_graph(n))
    network.add_nodes_from([2 * n, 2 * n + 1])
    labels = np.array([0] * n + [1] * n + [0, 1])
    assert separation(shown(make_graph(network), labels).positions, labels) == 1


def test_vertices_without_edges_fill_the_place_of_those_that_have_some():
    # Two clusters of a thousand, of which every other vertex has lost its edges to a sample.
    random = np.random.default_rng(0)
    pairs = random.integers(0, 500, (2, 3000)) * 2
    graph = Graph.from_edges(index_ids(2000), *np.concatenate([pairs, pairs + 1000], axis=1))
    labels, lone = np.repeat([0, 1], 1000), np.arange(2000) % 2 == 1
    positions = shown(graph, labels).positions
    for cluster in (0, 1):
        alone, linked = (positions[(labels == cluster) & (lone == each)] for each in (True, False))
        distance = np.hypot(*(alone - alone.mean(axis=0)).T)
        assert np.hypot(*(alone.mean(axis=0) - linked.mean(axis=0))) < 0.1 * distance.max()
        assert distance.max() < 1.1 * np.hypot(*(linked - linked.mean(axis=0)).T).max()
        # Evenly over a disc, whose inner half has half of its radius by the root of two.
        assert np.median(distance) == pytest.approx(distance.max() / np.sqrt(2), rel=0.1)


def test_a_vertex_leans_to_the_clusters_of_its_neighbours():
    discs = Discs(np.array([[0.0, 0.0], [100.0, 0.0]]), np.array([10.0, 10.0]))
    labels, nothing = np.repeat([0, 1], 50), np.empty((2, 0), dtype=int)
    home = discs.centre[labels]
    places = [
        place_vertices(labels, discs, leaning, nothing, np.random.default_rng(0))
        for leaning in (home, np.where(np.arange(100)[:, None] == 7, [100.0, 0.0], home))
    ]
    moved = (places[1] - places[0]).mean(axis=0) * 100
    assert 1 < moved[0] < 8
    assert abs(moved[1]) < 0.5
    assert separation(places[1], labels) == 1


def test_discs_of_clusters_do_not_overlap():
    random = np.random.default_rng(0)
    sizes = random.integers(1, 1000, 60)
    weights = sp.csr_array(np.triu(random.random((60, 60)) * (sizes * sizes[:, None]), 1))
    discs = place_clusters(sp.csr_array(weights + weights.T), sizes)
    distance = np.sqrt(((discs.centre[:, None] - discs.centre) ** 2).sum(axis=2))
    overlap = distance / (discs.radius[:, None] + discs.radius) + 9 * np.eye(60)
    assert overlap.min() > 1
    np.testing.assert_allclose(discs.radius**2 / sizes, (discs.radius**2 / sizes)[0])


def test_forces_by_the_grid_are_those_of_pairs():
    random = np.random.default_rng(0)
    points, mass = random.normal(size=(3000, 2)) * 50, random.random(3000)
    near, exact = by_grid(points, mass), pairwise(points, mass)
    error = np.hypot(*(near - exact).T) / np.hypot(*exact.T).mean()
    assert np.median(error) < 0.05


def test_weights_between_clusters_and_leanings_are_counted_by_hand(monkeypatch):
    monkeypatch.setattr("tvgnn_cli.report.sampling.BLOCK", 2)
    index = np.array([[0, 0, 1, 2], [1, 2, 3, 3]])
    weights, labels = np.array([1.0, 2.0, 4.0, 8.0]), np.array([0, 0, 1, 1, 0])
    found = cluster_weights(index, weights, labels, 2).toarray()
    assert found.tolist() == [[0, 6], [6, 0]]
    centre = np.array([[0.0, 0.0], [3.0, 6.0]])
    expected = [[2, 4], [2.4, 4.8], [2.4, 4.8], [2, 4], [0, 0]]
    np.testing.assert_allclose(leanings(index, weights, labels, centre), expected)


def test_places_of_an_embedding_are_its_leading_directions():
    random = np.random.default_rng(0)
    values = random.normal(size=(400, 6)) * [1, 9, 1, 4, 1, 1] + 5
    found = principal(values)
    centred = values - values.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    for axis in (0, 1):
        same = abs(np.corrcoef(found[:, axis], u[:, axis])[0, 1])
        assert same > 0.999999
    assert np.std(found[:, 0]) / np.std(found[:, 1]) == pytest.approx(s[0] / s[1], rel=1e-5)
    np.testing.assert_allclose(principal(values * 1e200), found, rtol=1e-5)
    graph, labels = blocks([300, 100])
    view = shown(graph, labels, embedding=values, limits=Limits(vertices=100))
    np.testing.assert_allclose(view.positions, principal(values[view.ids.astype(int)]))
    np.testing.assert_allclose(principal(values[:, :1])[:, 1], 0)


def test_leading_directions_point_where_their_largest_part_grows():
    for seed in range(8):
        values = np.random.default_rng(seed).normal(size=(300, 4)) * [1, 9, 1, 4]
        found = principal(values)
        for axis, column in ((0, 1), (1, 3)):
            assert np.corrcoef(found[:, axis], values[:, column])[0, 1] > 0.9


@pytest.mark.parametrize(
    "embedding", [np.ones((50, 3)), np.full((50, 2), np.nan), np.ones((50, 0))]
)
def test_an_embedding_that_tells_nothing_apart_leaves_places_to_the_layout(embedding):
    graph, labels = blocks([30, 20])
    view = shown(graph, labels, embedding=embedding)
    np.testing.assert_array_equal(view.positions, shown(graph, labels).positions)


@pytest.mark.parametrize(
    "network",
    [nx.empty_graph(1), nx.empty_graph(2), nx.path_graph(2), nx.star_graph(500)],
    ids=["one", "two", "pair", "star"],
)
def test_the_smallest_graphs_have_places(network):
    view = shown(make_graph(network), np.zeros(len(network), dtype=int))
    assert np.isfinite(view.positions).all()
    assert json.loads(pack(view)[0])["vertices"] == len(network)


def test_hundreds_of_clusters_lie_apart():
    graph, labels = large(20_000, 80_000, 700)
    assert separation(shown(graph, labels).positions, labels) > 0.9
    graph, labels = large(5000, 20_000, 200)
    assert separation(shown(graph, labels).positions, labels) > 0.98


def test_as_many_clusters_as_vertices_have_places():
    graph, _ = large(3000, 6000, 10)
    view = shown(graph, np.arange(3000))
    assert np.isfinite(view.positions).all()
    assert len(np.unique(quantised(view.positions), axis=0)) > 2900


def test_a_large_graph_takes_seconds():
    graph, labels = large(200_000, 2_000_000, 20)
    start = time.perf_counter()
    view = shown(graph, labels, limits=Limits(vertices=20_000, edges=40_000))
    assert time.perf_counter() - start < 20
    assert separation(view.positions, view.labels) > 0.9


# ---- Attributes


def with_origin(columns, x=None, names=()) -> Graph:
    n = len(next(iter(columns.values())).values)
    ids, ends = index_ids(n), np.arange(n - 1)
    origin = PropertyGraph(ids, ends, ends + 1, directed=False, vertex_attributes=columns)
    return Graph.from_edges(ids, ends, ends + 1, origin=origin, x=x, feature_names=names)


def test_attributes_of_the_file_come_first_then_other_features():
    columns = {
        "age": Column(np.array([3, 5, 7]), np.array([False, True, False])),
        "city": Column(np.array(["Rome", "", "Oslo"], dtype=object), np.array([0, 1, 0], bool)),
        "member": Column(np.array([True, False, True])),
        "score": Column(np.array([0.5, np.inf, 2.5])),
    }
    graph = with_origin(columns, x=np.arange(6.0).reshape(3, 2), names=("age", "height"))
    found, notes = attributes_of(graph, np.array([0, 1, 2]), np.array([0, 0, 1]), 2)
    assert [each.name for each in found] == ["age", "city", "member", "score", "height"]
    age, city, member, score, height = (each.values for each in found)
    np.testing.assert_array_equal(age, [3, np.nan, 7])
    assert city.tolist() == ["Rome", "", "Oslo"]
    assert member.tolist() == ["True", "False", "True"]
    np.testing.assert_array_equal(score, [0.5, np.nan, 2.5])
    assert height.tolist() == [1, 3, 5]
    assert notes == ()


class Stored(StoredFeatures):
    def rows(self, count):
        yield from np.array_split(FEATURES, max(len(FEATURES) // min(count, 40), 1))


random = np.random.default_rng(5)
OF = np.arange(90) % 3
FEATURES = (random.normal(size=(90, 60)) + 6 * np.eye(60)[[7, 20, 51]][OF]).astype(np.float32)


@pytest.mark.parametrize("form", ["dense", "csr", "stored"])
def test_of_many_features_those_that_tell_clusters_apart_are_shown(form):
    x = {
        "dense": FEATURES,
        "csr": sp.csr_array(FEATURES),
        "stored": Stored("f", (90, 60), np.arange(90)),
    }[form]
    graph = Graph.from_edges(index_ids(90), np.arange(89), np.arange(1, 90), x=x)
    chosen = np.arange(0, 90, 2)
    found, (note,) = attributes_of(graph, chosen, OF[chosen], 3)
    names = [each.name for each in found]
    assert len(names) == MOST
    assert {"feature 7", "feature 20", "feature 51"} <= set(names)
    assert note == f"features: the {MOST} of 60 that differ most between clusters are in the panel"
    of = {each.name: each.values for each in found}
    np.testing.assert_allclose(of["feature 20"], FEATURES[chosen, 20])


def test_power_of_features_is_their_share_of_variance():
    from tvgnn_cli.report.attributes import _power

    x = np.random.default_rng(0).normal(3, 1, size=(60, 4))
    x[:, 3] = 7
    labels = np.arange(60) % 4
    means = np.stack([x[labels == c].mean(axis=0) for c in range(4)])
    between = ((means - x.mean(axis=0)) ** 2).mean(axis=0)
    expected = np.append((between / x.var(axis=0).clip(1e-9))[:3], 0)
    for form in (x, sp.csr_array(x)):
        np.testing.assert_allclose(_power(form, np.arange(60), labels, 4), expected, atol=1e-9)


def test_more_attributes_than_a_panel_has_are_named():
    columns = {f"a{i}": Column(np.arange(3)) for i in range(MOST + 5)}
    found, (note,) = attributes_of(with_origin(columns), np.arange(3), np.zeros(3, int), 1)
    assert [each.name for each in found] == [f"a{i}" for i in range(MOST)]
    assert note == f"attributes: the first {MOST} of {MOST + 5} are in the panel"
