"""Mini-batches: parts, subgraphs, an unbiased total variation, and training by them."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp
import torch

import tvgnn_cli
from tests.test_checkpoint import SMALL, in_pieces, same_bytes
from tvgnn_cli import functional as F
from tvgnn_cli import kernels
from tvgnn_cli.config import make_config
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.kernels import arrays, recycled_memory
from tvgnn_cli.kernels.neighbourhoods import Neighbourhoods
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.partition import partition
from tvgnn_cli.prepare.prepared import prepare
from tvgnn_cli.run.memory import BASE_MB, estimate_memory_mb
from tvgnn_cli.train.batches import Batches
from tvgnn_cli.train.distributed.team import ALONE

CPU = torch.device("cpu")
BASE = BASE_MB  # of a build of torch for the CPU
BY_PARTS = {"batch": "parts", "batch_size": 100, "parts_per_batch": 4}


def random_graph(n=120, weighted=False, seed=0):
    random = np.random.default_rng(seed)
    ends = random.integers(0, n - 3, (2, 5 * n))  # the last three vertices have no edges
    weight = random.uniform(0.5, 2, 5 * n) if weighted else None
    x = random.normal(size=(n, 5)).astype(np.float32)
    return Graph.from_edges(index_ids(n), ends[0], ends[1], weight, x=x)


def batches_of(graph, **settings):
    given = {"num_clusters": 3, "batch": "parts", "batch_size": 60, "parts_per_batch": 2}
    prepared = prepare(graph, make_config({**given, **settings}))
    return Batches(prepared, 0)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("parts", [[0, 1], [1, 3], [0, 3]])
def test_a_batch_is_the_subgraph_that_its_parts_induce(weighted, parts):
    batches = batches_of(random_graph(weighted=weighted))
    assert batches.num_parts == 4
    prepared, batch = batches.prepared, batches.batch(np.array(parts))
    whole = nx.Graph()
    values = np.ones(prepared.edge_index.shape[1])
    values = values if prepared.edge_weight is None else prepared.edge_weight
    whole.add_weighted_edges_from(zip(*prepared.edge_index.tolist(), values.tolist(), strict=True))
    inside = [range(*batches.bounds[p : p + 2]) for p in parts]
    wanted = whole.subgraph(set(itertools.chain(*inside)))
    ends = batch.vertices[batch.graph.edge_index.numpy()]
    found = {tuple(sorted(pair)) for pair in ends.T.tolist()}
    assert found == {tuple(sorted(edge)) for edge in wanted.edges}
    assert batch.graph.edge_index.size(1) == len(found)
    assert batch.vertices.tolist() == sorted(itertools.chain(*inside))
    np.testing.assert_array_equal(batch.x.numpy(), prepared.x[batch.vertices])
    if weighted:
        expected = [wanted.edges[edge]["weight"] for edge in ends.T.tolist()]
        np.testing.assert_allclose(batch.graph.edge_weight.numpy(), expected, rtol=1e-6)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_total_variation_of_batches_is_that_of_the_graph_on_the_mean(weighted):
    batches = batches_of(random_graph(weighted=weighted))
    prepared = batches.prepared
    assignment = torch.rand(len(prepared.order), 3, generator=torch.Generator().manual_seed(1))
    every = [batches.batch(np.array(c)) for c in itertools.combinations(range(4), 2)]
    estimates = [batches.totvar_loss(assignment[batch.vertices], batch) for batch in every]
    weight = None if prepared.edge_weight is None else torch.from_numpy(prepared.edge_weight)
    exact = F.totvar_loss(assignment, torch.from_numpy(prepared.edge_index), weight)
    torch.testing.assert_close(torch.stack(estimates).mean(), exact)


def test_a_batch_asks_for_no_neighbourhoods_on_another_device():
    prepared = batches_of(random_graph(weighted=True)).prepared
    elsewhere = replace(ALONE, device=torch.device("meta"))
    batch = next(Batches(prepared, 0, elsewhere).epoch(0))
    assert batch.counted.edge_weight.device.type == "meta"
    assert batch.x.device.type == "meta"


@pytest.mark.parametrize("weighted", [False, True])
def test_a_batch_s_neighbourhoods_are_made_once_where_a_gpu_makes_them(weighted):
    batches = batches_of(random_graph(weighted=weighted))
    wanted = next(batches.epoch(0))
    batches._lists_there = True
    batch = next(batches.epoch(0))
    near = batch.graph.neighbourhoods
    assert batch.counted.neighbourhoods is near
    for one, other in ((batch.graph, wanted.graph), (batch.counted, wanted.counted)):
        x = torch.rand(len(batch.vertices), 4, generator=torch.Generator().manual_seed(0))
        found = [kernels.total_variation(x, graph) for graph in (one, other)]
        torch.testing.assert_close(*found)
    # All that another stream could take for its own while it is worked on.
    kept = {tensor.data_ptr() for tensor in near.tensors()}
    assert {t.data_ptr() for t in (near.start, near.neighbour, near.edge)} <= kept
    assert near.pieces.start.data_ptr() in kept


def test_every_vertex_is_in_one_batch_of_an_epoch_and_epochs_differ():
    batches = batches_of(random_graph(), batch_size=30, parts_per_batch=3)
    assert len(batches) == 4
    for epoch in range(2):
        seen = np.concatenate([batch.vertices for batch in batches.epoch(epoch)])
        assert sorted(seen.tolist()) == list(range(120))
    assert batches.chosen(0).tolist() == batches.chosen(0).tolist() != batches.chosen(1).tolist()


@pytest.mark.parametrize("with_values", [False, True])
def test_neighbourhoods_of_sorted_edges_are_those_of_any_edges(with_values):
    graph = random_graph()
    edges = torch.from_numpy(graph.edge_index)
    plain = Neighbourhoods.of(edges, graph.num_vertices)
    made = Neighbourhoods.of_sorted(edges, graph.num_vertices, with_values=with_values)
    assert torch.equal(made.start, plain.start)
    for low, high in itertools.pairwise(plain.start.tolist()):
        order = plain.neighbour[low:high].argsort()
        assert torch.equal(made.neighbour[low:high], plain.neighbour[low:high][order])
        if with_values:
            assert torch.equal(made.edge[low:high], plain.edge[low:high][order])
    assert with_values or not len(made.edge)


@pytest.mark.parametrize("whole", [1000, 130])
def test_parts_are_of_about_equal_size_and_cut_less_than_chance(whole):
    ring = nx.connected_caveman_graph(40, 10)
    adjacency = sp.csr_array(nx.to_scipy_sparse_array(ring))
    parts = partition(adjacency, 8, seed=0, whole=whole)
    size = np.bincount(parts, minlength=8)
    assert size.min() >= 35
    assert size.max() <= 65
    tail, head = np.array(ring.edges).T
    assert (parts[tail] != parts[head]).mean() < 0.1  # of random parts: 7/8
    assert np.array_equal(parts, partition(adjacency, 8, seed=0, whole=whole))


def test_no_part_is_empty():
    cliques = nx.disjoint_union_all([nx.complete_graph(9)] * 4)
    adjacency = sp.csr_array(nx.to_scipy_sparse_array(cliques))
    assert np.bincount(partition(adjacency, 18, seed=0), minlength=18).min() > 0
    x = np.random.default_rng(0).normal(size=(36, 4))
    settings = {"batch": "parts", "batch_size": 4, "parts_per_batch": 2, "epochs": 3, "hidden": 8}
    assert tvgnn_cli.cluster(cliques, 4, features=x, **settings).metrics["num_vertices"] == 36


def test_without_metis_the_line_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymetis", None)
    with pytest.raises(UsageError, match="pip install pymetis"):
        tvgnn_cli.cluster(random_graph(), 3, **BY_PARTS)
    with pytest.raises(UsageError, match="pip install pymetis"):  # before anything is read
        tvgnn_cli.cluster("no such file", 3, **BY_PARTS)


def test_finding_parts_is_a_phase_of_its_own():
    class Listener(Observer):
        def phase(self, name, done=0, total=None):
            heard.append((name, done, total))

    heard = []
    tvgnn_cli.cluster(random_graph(), 3, **{**BY_PARTS, "epochs": 1}, observer=Listener())
    names = [name for name, done, _ in heard if not done]
    assert names[:5] == ["reading", "evidence", "features", "parts", "parts"]
    assert [each for each in heard if each[0] == "parts"][1:] == [("parts", 0, 1)]
    told = []
    partition(random_graph().adjacency, 6, 0, lambda *each: told.append(each), whole=50)
    assert told == [(0, 3), (1, 3), (2, 3)]


def test_memory_of_several_processes_counts_the_edges_of_each():
    graph = random_graph()
    config = make_config({"num_clusters": 3, **BY_PARTS, "hidden": 8})  # no oneDNN in any
    alone, two, four = (estimate_memory_mb(graph, config, p) for p in (1, 2, 4))
    assert alone < four < two


def of_edges(n, edges, features=0):
    """Edges at random."""
    ends = np.random.default_rng(0).integers(0, n, (2, edges))
    x = np.ones((n, features), dtype=np.float32) if features else None
    return Graph.from_edges(index_ids(n), *ends, x=x)


def estimated(graph, **settings):
    given = {"num_clusters": 3, "batch": "parts", "batch_size": 1000, "hidden": 8, "mlp_hidden": 8}
    return estimate_memory_mb(graph, make_config({**given, **settings}))


def test_memory_counts_what_metis_takes_of_a_piece(few_libraries):
    one, many = of_edges(10_000, 400_000), of_edges(300_000, 400_000)
    held = 50 * one.num_edges + 60e6 + 250 * one.num_edges  # which is the most that it holds
    assert estimated(one, view="edges") == pytest.approx(BASE + (held + 72 * 10_000) / 1e6)
    held = 50 * many.num_edges + 60e6 + 250 * many.num_edges / 3  # in three pieces
    assert estimated(many, view="edges") == pytest.approx(BASE + (held + 72 * 300_000) / 1e6)


def test_memory_counts_the_measurement_beside_the_batches(monkeypatch):
    monkeypatch.setattr("tvgnn_cli.run.memory._stages_before", lambda *_: [0])
    graph, settings = of_edges(20_000, 1000), {"mlp_hidden": 64, "view": "edges"}
    one, half, whole = (
        estimated(graph, batch_size=size, **settings) for size in (20, 10_000, 20_000)
    )
    of_row = 7 * 8 + 5 * 64
    assert half - one == pytest.approx(4 * (10_000 - 20) * of_row / 1e6)
    # A batch of all vertices is the measurement, too.
    assert whole - half == pytest.approx(4 * (10_000 * of_row - 2 * 20_000 * 8) / 1e6)


def test_memory_counts_the_numbers_that_evidence_guesses_from(few_libraries):
    graph = of_edges(30_000, 1000, features=128)
    held = 50 * graph.num_edges + graph.x.nbytes + 40 * 30_000 * 128
    judged = 16 * graph.num_edges + 12 * 30_000 * 128
    held += judged + 72 * 30_000
    assert estimated(graph) == pytest.approx(BASE + held / 1e6)


def communities():
    """Six communities of 60 with features of their own."""
    edges = nx.planted_partition_graph(6, 60, 0.3, 0.01, seed=1).edges
    random = np.random.default_rng(2)
    y = np.arange(360) // 60
    x = (random.normal(size=(6, 8))[y] + random.normal(size=(360, 8))).astype(np.float32)
    ends = np.array(edges).T
    return Graph.from_edges(index_ids(360), *ends, x=x, y=y, class_names=tuple("abcdef"))


def test_batches_find_the_communities_and_report_the_loss_of_the_whole_graph():
    graph = communities()
    result = tvgnn_cli.cluster(graph, 6, batch="parts", batch_size=90, parts_per_batch=8)
    assert result.metrics["nmi"] > 0.95
    assert result.metrics["clusters_used"] == 6
    assert (result.metrics["batches"], result.metrics["parts"]) == (4, 32)
    assert "batches" not in tvgnn_cli.cluster(graph, 6, epochs=1).metrics
    assignment = torch.from_numpy(result.assignment)
    totvar = F.totvar_loss(assignment, torch.from_numpy(graph.edge_index))
    assert result.metrics["totvar_loss"] == pytest.approx(float(totvar), abs=1e-5)
    assert result.metrics["balance_loss"] == pytest.approx(
        float(F.asym_norm_loss(assignment)), abs=1e-5
    )


def test_a_model_that_was_trained_by_batches_labels_a_graph_without_metis(monkeypatch):
    graph = communities()
    result = tvgnn_cli.cluster(graph, 6, batch="parts", batch_size=90, epochs=3)
    monkeypatch.setitem(sys.modules, "pymetis", None)
    again = tvgnn_cli.predict(result.model, graph)
    np.testing.assert_allclose(again.assignment, result.assignment, atol=1e-5)


def test_the_same_run_twice_and_one_in_pieces_give_the_same_bytes(quick_start, tmp_path):
    settings = {**SMALL, "batch": "parts", "batch_size": 90, "parts_per_batch": 8, "epochs": 4}
    graph = replace(communities(), y=None, class_names=())
    once = tvgnn_cli.cluster(graph, **settings)
    same_bytes(tvgnn_cli.cluster(graph, **settings), once)
    pieces, ended = in_pieces(graph, tmp_path / "c", 5, **settings)
    assert ended > 4
    same_bytes(pieces, once)


@pytest.mark.parametrize("settings", [{}, {"batch_size": 2}, {"batch_size": 5}])
def test_a_graph_of_a_few_vertices_has_few_parts(settings):
    graph = Graph.from_edges(index_ids(7), np.arange(6), np.arange(1, 7))
    result = tvgnn_cli.cluster(graph, 2, batch="parts", epochs=2, **settings)
    assert len(result.labels) == 7


def test_memory_of_batches_that_differ_a_little_is_shared():
    like = torch.zeros(1)
    with recycled_memory():
        first = arrays.empty(1000, 1020, like=like)
        place = first.data_ptr()
        del first
        second = arrays.empty(1000, 1010, like=like)
        assert second.data_ptr() == place
        assert arrays.empty(1000, 1020, like=like).data_ptr() != place
    for size in (2**20, 2**20 + 1, 3_333_333, 2**31 + 5):
        assert size <= arrays.size_class(size) <= size * 9 / 8
