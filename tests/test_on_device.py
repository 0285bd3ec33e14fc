"""Preparation on a device beside the CPU's own forms of its steps; the CPU is a device too."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp
import torch

import tvgnn_cli
from tests.conftest import make_graph
from tvgnn_cli.config import BOTH, make_config
from tvgnn_cli.errors import TrainingError
from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.machine import device as devices
from tvgnn_cli.machine.library_threads import limited_to
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare import kmeans, reduction
from tvgnn_cli.prepare.evidence.guesser import Guesser
from tvgnn_cli.prepare.evidence.optima import Optima, grouped
from tvgnn_cli.prepare.factors import edge_covariances
from tvgnn_cli.prepare.features import learn_recipe
from tvgnn_cli.prepare.kmeans import clusterings
from tvgnn_cli.prepare.nearest import nearest_pairs
from tvgnn_cli.prepare.on_device import directions, place
from tvgnn_cli.prepare.on_device.place import device_for, preparing_on
from tvgnn_cli.prepare.prepared import prepare
from tvgnn_cli.prepare.smoothing import feature_filter
from tvgnn_cli.run.machine import Machine
from tvgnn_cli.train.warm_start import kmeans_labels

DEVICES = [torch.device("cpu"), pytest.param(torch.device("cuda"), marks=pytest.mark.gpu)]
on_each_device = pytest.mark.parametrize("device", DEVICES, ids=str)

K = 4


@pytest.fixture(autouse=True)
def _small_steps_too(monkeypatch):
    """Make steps of small graphs on a GPU."""
    monkeypatch.setattr(place, "LEAST", 0)


def some_graph(width: int = 200, sparse: bool = True, weighted: bool = True):
    """Communities with words of their own, and two vertices without edges."""
    network = nx.planted_partition_graph(K, 40, 0.2, 0.01, seed=3)
    network.add_nodes_from([160, 161])
    random = np.random.default_rng(0)
    own = np.arange(len(network))[:, None] // 40 == np.arange(width)[None, :] % (K + 1)
    x = (random.random((len(network), width)) < 0.03 + 0.1 * own).astype(np.float32)
    weight = 0.5 + random.random(network.number_of_edges()) if weighted else None
    noise = random.normal(size=x.shape).astype(np.float32)
    graph = make_graph(network, sp.csr_array(x) if sparse else x + noise)
    return replace(graph, edge_weight=weight)


def config_of(**settings):
    return make_config({"num_clusters": K, "components": 8, "view": BOTH, **settings})


@on_each_device
@pytest.mark.parametrize("weighted", [False, True])
def test_the_filter_is_that_of_the_cpu(device, weighted, monkeypatch):
    graph, random = some_graph(weighted=weighted), np.random.default_rng(1)
    smooth = feature_filter(graph, learn_recipe(graph, config_of()))
    for shape in ((graph.num_vertices,), (graph.num_vertices, 5)):
        x = random.normal(size=shape).astype(np.float32)
        expected = smooth(x)
        with preparing_on(device):
            found = smooth(x)
            with monkeypatch.context() as patch:
                patch.setattr("tvgnn_cli.prepare.on_device.smoothing.at_once", lambda _n: 2)
                rounding = 0 if device.type == "cpu" else 1e-6  # a tile of fewer columns
                np.testing.assert_allclose(smooth(x), found, rtol=rounding, atol=rounding)
        assert (found.shape, found.dtype) == (shape, np.float32)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@on_each_device
@pytest.mark.parametrize("rough", [False, True])
@pytest.mark.parametrize("sparse", [False, True])
def test_directions_are_those_of_the_cpu(device, sparse, rough):
    graph, config = some_graph(sparse=sparse), config_of()
    expected = learn_recipe(graph, config, rough).basis
    with preparing_on(device):
        found = learn_recipe(graph, config, rough).basis
        again = learn_recipe(graph, config, rough).basis
    assert found.dtype == expected.dtype == np.float32
    assert np.array_equal(found, again)
    # The last ones are mixtures of near equals.
    np.testing.assert_allclose(np.abs((found * expected).sum(axis=0))[:K], 1, atol=1e-3)
    assert np.linalg.svd(found.T @ expected)[1].min() > 0.99


@on_each_device
def test_features_of_few_directions_have_no_more(device):
    base = some_graph(sparse=False)
    random = np.random.default_rng(2)
    x = random.normal(size=(base.num_vertices, 5)) @ random.normal(size=(5, 200))
    graph = replace(base, x=x.astype(np.float32))
    config = config_of(filter_steps=0, feature_scaling="none")
    with preparing_on(device):
        found = learn_recipe(graph, config).basis
    lengths = np.linalg.norm(graph.x @ found, axis=0)
    assert (lengths[:5] > 1).all()
    assert (lengths[5:] < 1e-2).all()
    blank = replace(graph, x=np.zeros_like(graph.x))
    with preparing_on(device):
        assert not learn_recipe(blank, config).basis.size


def cloud(n=300, f=6, k=K):
    random = np.random.default_rng(5)
    return (random.normal(size=(n, f)) + 8 * np.eye(k, f)[np.arange(n) % k]).astype(np.float32)


def best_of(x, k, starts=20, seed=0):
    optima = Optima(1)
    for together in clusterings(x, k, np.random.RandomState(seed), starts):
        optima.add_all(together)
    return optima.found[0]


@on_each_device
def test_clusters_are_those_of_the_cpu(device):
    x = cloud()
    expected = best_of(x, K)
    with preparing_on(device):
        found, again = best_of(x, K), best_of(x, K)
    assert adjusted_rand_index(found.labels, expected.labels) == 1
    assert found.inertia == pytest.approx(expected.inertia, rel=1e-5)
    assert found.labels.tobytes() == again.labels.tobytes()
    assert found.inertia == again.inertia


@on_each_device
def test_points_of_double_precision_and_graphs_without_features_are_taken(device):
    x, bare = cloud(), replace(some_graph(), x=None)
    with preparing_on(device):
        found = best_of(x.astype(np.float64), K)
        assert prepare(bare, make_config({"num_clusters": K})).x.dtype == np.float32
    assert adjusted_rand_index(found.labels, best_of(x, K).labels) == 1


@on_each_device
@pytest.mark.parametrize("k", [2, 9, 60])
def test_starts_are_as_good_as_those_of_the_cpu(device, k):
    x, starts = cloud(), 30
    means = []
    for where in (None, device):
        with preparing_on(where):
            lists = clusterings(x, k, np.random.RandomState(0), starts)
            found = [each for together in lists for each in together]
        assert len(found) == starts
        for each in found:
            assert np.bincount(each.labels, minlength=k).min() > 0
            own = sum(((x[each.labels == c] - x[each.labels == c].mean(0)) ** 2).sum()
                      for c in range(k))  # fmt: skip
            assert each.inertia == pytest.approx(own, rel=1e-2)
        means.append(np.mean([each.inertia for each in found]))
    assert means[1] == pytest.approx(means[0], rel=0.05)


@on_each_device
def test_a_cluster_that_loses_its_points_takes_the_farthest(device):
    from tvgnn_cli.prepare.on_device.clusters import _Search

    x = torch.tensor([[0.0], [0.1], [0.2], [5.0], [9.0]], device=device)
    search = _Search(x - x.mean(), 3, torch.Generator(device))
    centres = torch.tensor([[[0.1], [-50.0], [-60.0]]], device=device) - x.mean()
    (found,) = search.found(centres)
    assert sorted(np.bincount(found.labels, minlength=3)) == [1, 1, 3]


@on_each_device
def test_fewer_distinct_points_than_clusters(device):
    x = np.repeat(cloud(3), 9, axis=0)
    with preparing_on(device):
        found = best_of(x, 5)
    assert found.inertia == pytest.approx(0, abs=1e-6)
    assert len(np.unique(found.labels)) >= 3


@on_each_device
def test_points_too_far_apart_are_refused(device):
    with preparing_on(device), pytest.raises(TrainingError, match="too large"):
        grouped(cloud() * np.float32(1e30), config_of(), 3, 1)


class Kept:
    """A checkpoint that keeps every state, or goes on from one."""

    def __init__(self, saved=None):
        self.saved, self.states = saved, []

    def resume(self, _stage):
        return self.saved

    def offer(self, _stage, state):
        self.states.append(state())


@on_each_device
def test_a_search_goes_on_from_each_of_its_states(device, monkeypatch):
    x = cloud(200, 3)
    monkeypatch.setattr(kmeans, "AT_ONCE", 4 * 200 * 9)  # four starts at a time
    given = 9, 0, Observer()
    with preparing_on(device):
        whole = Kept()
        expected = kmeans_labels(x, *given, whole, starts=10)
        assert [state.facts["start"] for state in whole.states] == [4, 8]
        for state in whole.states:
            found = kmeans_labels(x, *given, Kept(state), starts=10)
            assert found.tobytes() == expected.tobytes()
        other = kmeans_labels(x, 9, 1, Observer(), Kept(), starts=10)
    assert other.tobytes() != expected.tobytes()


def test_a_search_goes_on_where_it_began(monkeypatch):
    """The starts that are left may be too few for a GPU, on which others would be drawn."""
    x, asked = cloud(200, 3), []
    monkeypatch.setattr(kmeans, "device_for", lambda *needs: asked.append(needs))
    whole = Kept()
    kmeans_labels(x, 9, 0, Observer(), whole, starts=10)
    kmeans_labels(x, 9, 0, Observer(), Kept(whole.states[-1]), starts=10)
    assert asked[0] == asked[1]


@on_each_device
def test_near_vertices_are_those_of_the_cpu(device, monkeypatch):
    monkeypatch.setattr("tvgnn_cli.prepare.on_device.neighbours.at_once", lambda n: 1000 // n)
    x = cloud(257, 5)
    expected = nearest_pairs(x, 7)
    with preparing_on(device):
        assert np.array_equal(nearest_pairs(x, 7), expected)


@on_each_device
def test_covariances_are_those_of_the_cpu(device, monkeypatch):
    monkeypatch.setattr("tvgnn_cli.prepare.on_device.covariances.AT_ONCE", 1000)
    graph = some_graph(width=30, sparse=False)
    expected = edge_covariances(graph, graph.x)
    with preparing_on(device):
        found = edge_covariances(graph, graph.x)
    for name in ("mean", "own", "across"):
        one, other = getattr(found, name), getattr(expected, name)
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@on_each_device
def test_guesses_are_those_of_the_cpu(device):
    x, labels = cloud(311), np.arange(311) % K
    guessers = []
    for where in (None, device):
        with preparing_on(where):
            guessers.append(Guesser(x, np.random.default_rng(0), most_vertices=300))
    assert not isinstance(guessers[1]._rows, type(guessers[0]._rows))
    for expected, found in zip(*(each.guesses(labels) for each in guessers), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    for expected, found in zip(*(each.guesses_of_others(labels) for each in guessers), strict=True):
        assert np.array_equal(found[0], expected[0])
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-9, atol=1e-12)


@on_each_device
def test_a_preparation_comes_to_the_same(device):
    graph = some_graph()
    config = make_config({"num_clusters": K})
    expected = prepare(graph, config)
    with preparing_on(device):
        found, again = prepare(graph, config), prepare(graph, config)
    assert found.evidence.view == expected.evidence.view
    assert found.encoding.encoder == expected.encoding.encoder
    assert adjusted_rand_index(found.encoding.labels, expected.encoding.labels) > 0.95
    assert found.x.tobytes() == again.x.tobytes()
    assert found.near.tobytes() == again.near.tobytes()


def test_a_run_prepares_on_its_device(monkeypatch):
    """Each step asks for the device that the run has, and for none after it."""
    asked = []

    def told(numbers, work):
        asked.append(device_for(numbers, work))
        return asked[-1]

    for module in ("kmeans", "smoothing", "nearest"):
        monkeypatch.setattr(f"tvgnn_cli.prepare.{module}.device_for", told)
    cpu = torch.device("cpu")
    monkeypatch.setattr(Machine, "of_preparation", property(lambda _run: cpu))
    result = tvgnn_cli.cluster(some_graph(), "2..5", epochs=3)
    assert set(asked) == {cpu}
    asked.clear()
    tvgnn_cli.predict(result.model, some_graph())
    assert set(asked) == {cpu}
    assert device_for(1, 1e12) is None


def test_a_step_without_room_is_made_on_the_cpu(monkeypatch):
    monkeypatch.setattr(devices, "free_gpu_memory_mb", lambda _device: 8.0)
    with preparing_on(torch.device("cuda")):
        assert device_for(10**6, 1e12) == torch.device("cuda")
        assert device_for(10**6 + 1, 1e12) is None
    with preparing_on(torch.device("cpu")):
        assert device_for(10**12, 1e12) == torch.device("cpu")
        with preparing_on(None):
            assert device_for(1, 1e12) is None


def test_a_step_that_the_cpu_has_done_sooner_is_made_there(monkeypatch):
    monkeypatch.setattr(place, "LEAST", 1e8)
    monkeypatch.setattr(devices, "free_gpu_memory_mb", lambda _device: 8.0)
    with preparing_on(torch.device("cuda")):
        assert device_for(1, 1e8) == torch.device("cuda")
        assert device_for(1, 0.9e8) is None
    with preparing_on(torch.device("cpu")):
        assert device_for(1, 0) == torch.device("cpu")


def test_the_work_of_a_step_is_what_it_multiplies(monkeypatch):
    asked = []
    for module in ("kmeans", "smoothing", "nearest", "factors", "evidence.guesser"):
        monkeypatch.setattr(
            f"tvgnn_cli.prepare.{module}.device_for", lambda _numbers, work: asked.append(work)
        )
    graph, x = some_graph(), cloud(162, 3)
    recipe = replace(learn_recipe(graph, config_of()), filter_steps=2)
    n, entries = graph.num_vertices, 2 * graph.num_edges
    asked.clear()
    feature_filter(graph, recipe)(x)
    edge_covariances(graph, x)
    nearest_pairs(x, 2)
    next(clusterings(x, K, np.random.RandomState(0), 7))
    Guesser(x, np.random.default_rng(0), most_vertices=100)
    of_kmeans, of_guesses = 10 * 7 * n * 3 * K, 15 * 100 * 3 * 3
    assert asked == pytest.approx(
        [2 * (entries + n) * 3, (n * 3 + entries) * 3, n * n * 3, of_kmeans, of_guesses]
    )


def test_a_step_holds_some_columns_of_many_vertices_and_many_of_few():
    held = {n: n * place.at_once(n) for n in (1, 10**4, 10**5, 10**6, 10**7, 10**9)}
    assert held[1] == place.AT_ONCE
    assert 0.9 * place.AT_ONCE < held[10**4] <= place.AT_ONCE
    assert held[10**5] == 64 * 10**5
    assert held[10**6] == 64 * 10**6
    assert 0.8 * place.MOST < held[10**7] <= place.MOST
    assert (held[10**9], place.at_once(0)) == (10**9, place.AT_ONCE)


@pytest.mark.parametrize("sparse", [True, False])
def test_directions_by_blocks_of_vectors_are_those_of_one_at_a_time(sparse, monkeypatch):
    graph, asked = some_graph(sparse=sparse), []
    expected = learn_recipe(graph, config_of()).basis
    monkeypatch.setattr(directions, "directions_on", counted(directions.directions_on, asked))
    learn_recipe(graph, config_of())
    assert not asked  # too little work
    monkeypatch.setattr(reduction, "OFTEN", 100)
    found = learn_recipe(graph, config_of()).basis
    assert len(asked) == 1
    np.testing.assert_allclose(np.abs(expected.T @ found), np.eye(8), atol=2e-3)
    monkeypatch.setattr(directions, "at_once", lambda _n: 5)  # a column at a time
    np.testing.assert_allclose(learn_recipe(graph, config_of()).basis, found, atol=1e-4)


def with_copies(kind: str):
    """Features of which most, or half, say nothing new."""
    drawn = np.random.default_rng(0)
    x = drawn.normal(size=(900, 200)).astype(np.float32)
    if kind == "few vary":
        x[:, 50:] = 7
    elif kind == "few are used":
        x = np.where(drawn.random(x.shape) < 0.1, np.abs(x), 0)
        x[:, 60:] = 0
    else:
        which = drawn.integers(0, 50, 900)
        x = np.eye(200, dtype=np.float32)[which] + np.eye(200, k=100, dtype=np.float32)[which]
    network = nx.gnm_random_graph(900, 3000, seed=1)
    return make_graph(network, x if kind == "few vary" else sp.csr_array(x))


@pytest.mark.parametrize("kind", ["few vary", "few are used", "each twice"])
@pytest.mark.parametrize("threads", [1, 2])
def test_directions_by_blocks_are_found_once_each(kind, threads, monkeypatch):
    graph, config = with_copies(kind), config_of(components=32)
    expected = learn_recipe(graph, config).basis
    monkeypatch.setattr(reduction, "OFTEN", 0)
    with limited_to(threads):
        found = learn_recipe(graph, config).basis
    np.testing.assert_allclose(found.T @ found, np.eye(32), atol=1e-5)
    angles = np.linalg.svd(expected.T @ found)[1]
    assert angles.min() > 0.999
    with limited_to(3 - threads):
        assert found.tobytes() == learn_recipe(graph, config).basis.tobytes()


def test_a_large_first_direction_does_not_hide_the_last(monkeypatch):
    drawn = np.random.default_rng(0)
    x = np.abs(drawn.normal(size=(1500, 300))) * (drawn.random((1500, 300)) < 0.05)
    graph = make_graph(nx.gnm_random_graph(1500, 4000, seed=1), sp.csr_array(x.astype(np.float32)))
    expected = learn_recipe(graph, config_of(components=32)).basis
    monkeypatch.setattr(reduction, "OFTEN", 0)
    found = learn_recipe(graph, config_of(components=32)).basis
    assert np.linalg.svd(expected.T @ found)[1].min() > 0.99


def test_values_too_large_for_directions_by_blocks_are_refused(monkeypatch):
    graph = some_graph()
    graph = replace(graph, x=(graph.x * np.float32(1e25)).astype(np.float32))
    monkeypatch.setattr(reduction, "OFTEN", 0)
    with pytest.raises(TrainingError, match="too large to be squared; try `feature_scaling`"):
        learn_recipe(graph, config_of(feature_scaling="none"))


@pytest.mark.parametrize(("n", "expected"), [(1000, [40]), (10**6, [16, 16, 8])])
def test_columns_of_a_block_are_taken_as_many_as_a_cache_holds(n, expected):
    filtered = object.__new__(directions.Filtered)
    filtered.x = torch.empty(n, 0)
    filtered.smooth = SimpleNamespace(device=torch.device("cpu"))
    parts = filtered._apart(torch.zeros(2, 40))
    assert [each.size(1) for each in parts] == expected


def counted(function, asked):
    def call(*given):
        asked.append(given)
        return function(*given)

    return call
