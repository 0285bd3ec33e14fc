"""Evidence where one source is louder than the other, and whether features belong to the edges."""

import warnings
from dataclasses import replace
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest

import tvgnn_cli
from tests.conftest import make_graph
from tests.test_joint import CLASSES, SIZE, K, graph_of
from tvgnn_cli.config import BOTH, EDGES, FEATURES, JOINT, MIXED, NONE, make_config
from tvgnn_cli.evaluation.metrics import normalized_mutual_information
from tvgnn_cli.prepare.evidence import views
from tvgnn_cli.prepare.evidence.comparison import compared
from tvgnn_cli.prepare.evidence.guesser import Guesser
from tvgnn_cli.prepare.evidence.held_back import Way
from tvgnn_cli.prepare.evidence.likeness import are_alike
from tvgnn_cli.prepare.evidence.support import Measure, Support, of_features
from tvgnn_cli.prepare.evidence.views import measure_views


def told(edges, features=None, chance=0.001):
    """Support with these shares, and what chance tells of either."""
    measures = [
        Measure(share, chance / 10, chance) for share in (edges, features) if share is not None
    ]
    return Support(*measures)


def test_each_source_counts_by_the_most_that_it_tells():
    # Edges tell .2 at most, features .8: 1 + .5, .25 + 1 and .5 + .75.
    found = compared([told(0.2, 0.4), told(0.05, 0.8), told(0.1, 0.6)])
    assert found == pytest.approx([1.5, 1.25, 1.25])


def test_what_edges_tell_hardly_anything_of_is_about_something_else():
    assert compared([told(0.2, 0.1), told(0.019, 0.8)]) == [pytest.approx(1.125), 0.0]
    assert compared([told(0.2, 0.1), told(-0.2, 0.8)]) == [pytest.approx(1.125), 0.0]
    assert compared([told(0.0, 0.1), told(-0.1, 0.8)]) == pytest.approx([0.125, 1.0])


def test_a_source_that_is_not_there_or_tells_nothing_counts_for_nothing():
    assert compared([told(0.2), told(0.1)]) == pytest.approx([1.0, 0.5])
    by_chance = [told(0.2, 0.001, 0.1), told(0.1, 0.01, 0.1)]
    assert compared([told(0.2, 0.4), told(0.1, 0.2)]) == pytest.approx([2.0, 1.0])
    assert not by_chance[1].features.is_sure
    edges = [replace(each, edges=Measure(0.2 / (1 + i), 0)) for i, each in enumerate(by_chance)]
    assert compared(edges) == pytest.approx([1.0, 0.5])
    assert compared([told(-0.1, -0.2)]) == [0.0]
    assert compared([]) == []


FOUND = np.repeat(np.arange(4), 25)
OTHERS = np.tile(np.arange(4), 25)
"""Clusters, and others that have nothing to do with them."""


def tried(clusters, **shares):
    """What was tried of `both` and of another view, which gives these clusters where `both` gives
    `FOUND`. Edges tell .2 of either, and features so much of each.
    """
    found = {Way(view): told(0.2, share) for view, share in shares.items()}
    trials = {way: [FOUND if way.view == BOTH else clusters] * 2 for way in found}
    return views._Tried(SimpleNamespace(parts=[0, 1]), found, trials)


@pytest.mark.parametrize(
    ("view", "too_little", "enough"),
    [(EDGES, 1.08, 1.12), (FEATURES, 1.08, 1.12), (JOINT, 1.18, 1.22)],
)
def test_another_view_is_taken_where_it_foretells_clearly_more(view, too_little, enough):
    # Of the other, edges and features tell the most: 1 + 1; of both 1 + a / b, which is less.
    for factor, expected in ((too_little, BOTH), (enough, view)):
        of_both = 0.4 * (2 / factor - 1)
        assert tried(OTHERS, both=of_both, **{view: 0.4}).clearly_best == expected


@pytest.mark.parametrize(("view", "expected"), [(EDGES, BOTH), (JOINT, BOTH), (FEATURES, FEATURES)])
def test_a_view_that_gives_the_clusters_of_both_leaves_it_at_both(view, expected):
    nearly = np.concatenate([[1], FOUND[1:]])  # ARI .974; of two vertices more it is .92
    less = np.concatenate([[1, 2, 3], FOUND[3:]])
    assert tried(nearly, both=0.1, **{view: 0.4}).clearly_best == expected
    assert tried(less, both=0.1, **{view: 0.4}).clearly_best == view


def test_another_encoder_has_to_gain_by_two_in_a_hundred():
    for most, expected in ((0.405, NONE), (0.42, MIXED)):  # of 2: .012 and .048 more
        found = {Way(BOTH, NONE): told(0.2, 0.4), Way(BOTH, MIXED): told(0.2, most)}
        ways = views._Tried(SimpleNamespace(parts=[0]), found)._ways
        assert ways[BOTH].encoder == expected


def features(deviation, seed=1):
    """Features about centres of such a deviation, that of the noise being 1."""
    random = np.random.default_rng(seed)
    return deviation * random.normal(size=(K, 10))[CLASSES] + random.normal(size=(K * SIZE, 10))


LOUD = {
    "one thing in many columns": lambda x, random: np.hstack([
        x, random.normal(size=(len(x), 1)) + 0.2 * random.normal(size=(len(x), 20))
    ]),
    "a column many times": lambda x, _: np.hstack([x, np.repeat(x[:, :1], 30, axis=1)]),
    "groups": lambda x, random: x + random.normal(0, 2, (3, 10))[random.integers(3, size=len(x))],
}  # fmt: skip


@pytest.mark.parametrize("how", LOUD)
def test_what_features_say_of_something_else_drowns_no_edges(how):
    x = LOUD[how](features(0.9), np.random.default_rng(5)).astype("f4")
    graph = replace(graph_of(1), x=x)
    scores = {}
    for view in ("auto", FEATURES, BOTH, EDGES):
        more = {} if view == "auto" else {"view": view, "encoder": "none"}
        found = tvgnn_cli.cluster(graph, K, epochs=0, **more)
        scores[view] = normalized_mutual_information(found.labels, CLASSES)
    assert scores["auto"] > max(scores[FEATURES], scores[BOTH], scores[EDGES]) + 0.1


def alike(graph, x, seed=0):
    return are_alike(graph, np.asarray(x, dtype="f4"), np.random.default_rng(seed))


def test_neighbours_are_alike_where_features_belong_to_the_edges():
    graph = graph_of(1)
    assert alike(graph, features(0.6))
    heavy = replace(graph, edge_weight=np.linspace(0.5, 2, graph.num_edges))
    assert alike(heavy, features(0.6))


def test_features_of_other_vertices_are_not_alike_at_the_ends_of_an_edge():
    # Triangles abound here: what is learned of two of their edges seems to hold of the third.
    ring = np.arange(K * SIZE)
    ends = np.concatenate([[ring, np.roll(ring, -step)] for step in (1, 2, 3)], axis=1)
    low, high = np.sort(ends, axis=0)
    graph = replace(graph_of(1), edge_index=np.stack([low, high]))
    x = np.hstack([features(2.0), np.eye(K * SIZE)[:, :100]])
    told_alike = [
        alike(graph, np.random.default_rng(seed).permutation(x), seed) for seed in range(30)
    ]
    assert not any(told_alike)


def test_too_few_edges_say_nothing_of_likeness():
    graph = graph_of(1)
    few = replace(graph, edge_index=graph.edge_index[:, :12])
    assert not alike(few, features(3.0))
    assert not alike(graph, np.ones((K * SIZE, 4)))


def test_features_that_only_neighbours_show_to_belong_are_kept(monkeypatch):
    # Loud groups hide the clusters from features alone, and the edges alone are too few to tell.
    random = np.random.default_rng(3)
    loud = random.normal(0, 2, (3, 20))[random.integers(3, size=K * SIZE)]
    hidden = np.hstack([features(0.6), features(0.6, 2)])
    network = nx.planted_partition_graph(K, SIZE, 0.045, 0.015, seed=5)
    graph = make_graph(network, (loud + hidden).astype("f4"))
    config = make_config({"num_clusters": K})
    assert measure_views(graph, config).view in (BOTH, JOINT)
    monkeypatch.setattr(views, "are_alike", lambda *_: False)
    assert measure_views(graph, config).view == FEATURES


def test_features_tell_of_clusters_of_any_size():
    # Nine in ten vertices are in one cluster, which is the likeliest of all by their features.
    sizes = [900, 60, 40]
    labels = np.repeat(np.arange(3), sizes)
    random = np.random.default_rng(0)
    x = random.normal(0, 0.6, (3, 12))[labels] + random.normal(size=(1000, 12))
    guesser = Guesser(x.astype("f4"), np.random.default_rng(1))
    likeliest = [scores.argmax(axis=1) for scores in guesser.guesses(labels)]
    assert all((guess == 0).mean() > 0.98 for guess in likeliest)
    assert of_features(labels, guesser, np.random.default_rng(2)).share > 0.15
    shuffled = random.permutation(labels)
    assert not of_features(shuffled, guesser, np.random.default_rng(2)).is_sure


def test_one_feature_is_measured_without_a_warning():
    one = replace(graph_of(1), x=(CLASSES + 0.1 * features(0.1)[:, 0])[:, None].astype("f4"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        evidence = measure_views(one, make_config({"num_clusters": K}))
    assert evidence.view != EDGES
    assert FEATURES in evidence.support
    assert evidence.agreements.keys() >= {BOTH, EDGES}
