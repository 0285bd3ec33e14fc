"""Clusters in the shapes that people need: of one piece, large enough, sure, overlapping, fixed."""

from __future__ import annotations

import json
import struct
import time
from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch

import tvgnn_cli
from tests.conftest import SAMPLES, make_graph
from tests.test_match import ring
from tvgnn_cli.config import SETTINGS, ClusterConfig, make_config
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.evaluation.metrics import evaluate
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.models.model_file import load_model
from tvgnn_cli.run.starts import Fixed
from tvgnn_cli.shaping.clustering import Clustering
from tvgnn_cli.shaping.merging import absorbed
from tvgnn_cli.shaping.overlap import memberships
from tvgnn_cli.shaping.partition import read_partition
from tvgnn_cli.shaping.pieces import pieces_of, weights_between
from tvgnn_cli.shaping.shaped import shape_clusters
from tvgnn_cli.train.networks import to_tensors
from tvgnn_cli.train.objective import TotalVariationObjective, Weights
from tvgnn_cli.train.pinned import PinnedObjective, with_fixed

SHAPED = ("min_size", "connected", "min_confidence", "overlap", "fixed")
TINY = {"epochs": 3, "threads": 1, "hidden": 16, "mlp_hidden": 16}
CLIQUES = np.repeat([0, 1, 2], (9, 7, 5))


@pytest.fixture(autouse=True)
def quick(quick_start):
    """Warm starts of half as many steps."""


def weighted(edges, count):
    tail, head, weight = (np.array(each) for each in zip(*edges, strict=True))
    return Graph.from_edges(index_ids(count), tail, head, weight.astype(float))


def random_graph(seed, n=40, p=0.06):
    random = np.random.default_rng(seed)
    network = nx.gnp_random_graph(n, p, seed=seed)
    graph = make_graph(network)
    return replace(graph, edge_weight=random.integers(1, 9, graph.num_edges).astype(float))


def shaped(graph, labels, soft=None, **options):
    k = int(labels.max()) + 1
    return shape_clusters(graph, Clustering.of(labels, soft, k), **options)


def network_of(graph):
    network = nx.Graph()
    network.add_nodes_from(range(graph.num_vertices))
    ends = graph.edge_index.T.tolist()
    network.add_weighted_edges_from(
        (a, b, w) for (a, b), w in zip(ends, graph.weights.tolist(), strict=True)
    )
    return network


def components(network, vertices):
    return sorted(map(sorted, nx.connected_components(network.subgraph(vertices))))


@pytest.mark.parametrize("seed", range(8))
def test_pieces_are_those_of_networkx(seed):
    graph = random_graph(seed)
    labels = np.random.default_rng(seed).integers(-1, 4, graph.num_vertices)
    pieces, network = pieces_of(graph, labels), network_of(graph)
    for k in range(4):
        expected = components(network, np.flatnonzero(labels == k).tolist())
        mine = np.flatnonzero(pieces.cluster == k)
        found = sorted(np.flatnonzero(pieces.of == p).tolist() for p in mine)
        assert found == expected
        main = [p for p in mine if pieces.is_main[p]]
        assert len(main) == bool(expected)
        if expected:
            largest = max(expected, key=lambda each: (len(each), -each[0]))
            assert np.flatnonzero(pieces.of == main[0]).tolist() == largest
    assert (pieces.of[labels < 0] == -1).all()


@pytest.mark.parametrize("seed", range(12))
def test_clusters_are_of_one_piece_as_far_as_edges_lead(seed):
    graph = random_graph(seed)
    labels = np.random.default_rng(seed).integers(0, 4, graph.num_vertices)
    network = network_of(graph)
    found = shaped(graph, labels, connected="merge").clusters
    main = {k: max(components(network, np.flatnonzero(labels == k)), key=lambda e: (len(e), -e[0]))
            for k in range(4)}  # fmt: skip
    assert all((found.labels[main[k]] == k).all() for k in range(4))
    reach = {v for each in main.values() for v in each}
    reached = {v for part in nx.connected_components(network) if part & reach for v in part}
    for k in range(4):
        members = set(np.flatnonzero(found.labels == k).tolist())
        inside = components(network, members & reached)
        assert len(inside) == 1
    # What no path leads out of stays.
    apart = sorted(set(range(graph.num_vertices)) - reached)
    assert np.array_equal(found.labels[apart], labels[apart])
    split = shaped(graph, labels, connected="split").clusters
    every = [components(network, np.flatnonzero(split.labels == k)) for k in range(split.k)]
    assert all(len(each) == 1 for each in every)
    assert split.k == sum(len(components(network, np.flatnonzero(labels == k))) for k in range(4))


def test_a_piece_goes_where_most_weight_leads():
    # 0-1 and 5 are of cluster 0; 5 has weight 2 + 2 to cluster 1 and 3 to cluster 2.
    graph = weighted([(0, 1, 1), (2, 3, 1), (2, 5, 2), (3, 5, 2), (4, 5, 3), (1, 2, 1)], 6)
    labels = np.array([0, 0, 1, 1, 2, 0])
    found = shaped(graph, labels, connected="merge")
    assert found.clusters.labels.tolist() == [0, 0, 1, 1, 2, 1]
    assert found.metrics == {"vertices_joined": 1}
    split = shaped(graph, labels, connected="split")
    assert split.clusters.labels.tolist() == [0, 0, 1, 1, 2, 3]
    assert split.metrics == {"clusters_split_off": 1}


def test_a_chain_of_pieces_joins_what_leads_on():
    # Cluster 1 is 5-6-7; pieces 3 (of 1) and 4 (of 0) lie between it and 0-1-2.
    edges = [(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 4, 5), (4, 5, 1), (5, 6, 1), (6, 7, 1)]
    labels = np.array([0, 0, 0, 1, 0, 1, 1, 1])
    found = shaped(weighted(edges, 8), labels, connected="merge").clusters.labels
    assert found.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def naive(between, sizes, fewest, stays):
    """Clusters of each cluster's vertices, by a loop over dictionaries."""
    members = {k: {k} for k in range(len(sizes))}
    size = dict(enumerate(sizes.tolist()))
    while True:
        small = sorted((size[k], k) for k in members if 0 < size[k] < fewest and not stays[k])
        for _, k in small:
            weight = {o: sum(between[a, b] for a in members[k] for b in members[o])
                      for o in members if o != k}  # fmt: skip
            best = max(weight.values(), default=0)
            if best > 0:
                to = min(o for o, w in weight.items() if w == best)
                members[to] |= members.pop(k)
                size[to] += size.pop(k)
                break
        else:
            return [next(k for k, each in members.items() if c in each) for c in range(len(sizes))]


@pytest.mark.parametrize("seed", range(12))
def test_small_clusters_merge_one_after_the_other(seed):
    random = np.random.default_rng(seed)
    graph = random_graph(seed, 60, 0.05)
    labels = random.integers(0, 20, 60)
    between = weights_between(graph, labels, 20)
    sizes, stays = np.bincount(labels, minlength=20), random.random(20) < 0.2
    for fewest in (2, 4, 8, 100):
        expected = naive(between.toarray(), sizes, fewest, stays)
        assert absorbed(between, sizes, fewest, stays).tolist() == expected


def test_columns_of_merged_clusters_are_summed():
    graph = weighted([(0, 1, 1), (1, 2, 1), (2, 3, 2), (3, 4, 1), (4, 5, 1)], 6)
    labels = np.array([0, 0, 1, 2, 2, 2])
    soft = np.full((6, 3), 0.1, dtype=np.float32)
    soft[np.arange(6), labels] = 0.8
    found = shaped(graph, labels, soft, min_size=2)
    assert found.clusters.labels.tolist() == [0, 0, 1, 1, 1, 1]
    assert found.clusters.numbers.tolist() == [0, 2]
    assert np.allclose(
        found.clusters.assignment, np.stack([soft[:, 0], soft[:, 1] + soft[:, 2]], 1)
    )
    assert found.clusters.found.tolist() == [0, 1, 1]
    assert found.metrics == {"clusters_absorbed": 1}
    assert found.notes == (
        "clusters of fewer than 2 vertices that merged into a neighbour: 1, of 1 vertex",
    )


@pytest.mark.parametrize("options", [{"connected": "merge"}, {"connected": "split"},
                                     {"connected": "split", "min_size": 5},
                                     {"connected": "merge", "min_size": 9}])  # fmt: skip
@pytest.mark.parametrize("seed", range(4))
def test_soft_assignments_follow(seed, options):
    graph = random_graph(seed)
    random = np.random.default_rng(seed)
    soft = random.dirichlet(np.full(5, 0.05), graph.num_vertices).astype(np.float32)
    found = shaped(graph, soft.argmax(axis=1), soft, **options).clusters
    assert np.allclose(found.assignment.sum(axis=1), 1, atol=1e-5)
    assert (found.assignment >= 0).all()
    sharp = soft.max(axis=1) > 0.5
    assert np.array_equal(found.assignment.argmax(axis=1)[sharp], found.labels[sharp])
    if "min_size" in options:
        sizes = np.bincount(found.labels, minlength=found.k)
        between = weights_between(graph, found.labels, found.k)
        assert ((sizes >= options["min_size"]) | (sizes == 0) | (between.sum(axis=1) == 0)).all()


def test_what_is_fixed_stays():
    graph = weighted([(0, 1, 1), (2, 3, 1), (1, 2, 1), (3, 4, 9)], 5)
    labels, fixed = np.array([0, 0, 1, 1, 0]), np.array([0, 0, 0, 0, 1], dtype=bool)
    for connected in ("merge", "split"):
        found = shaped(graph, labels, connected=connected, fixed=fixed)
        assert found.clusters.labels.tolist() == labels.tolist()
        assert any("with fixed vertices: 1" in note for note in found.notes)
    small = shaped(graph, np.array([0, 0, 0, 0, 1]), min_size=3, fixed=fixed)
    assert small.clusters.labels.tolist() == [0, 0, 0, 0, 1]
    assert "clusters of fewer than 3 vertices that stay: 1" in small.notes[0]


def test_graphs_without_edges_and_single_clusters():
    bare = make_graph(nx.empty_graph(5))
    labels = np.array([0, 0, 1, 1, 1])
    joined = shaped(bare, labels, connected="merge", min_size=4)
    assert np.array_equal(joined.clusters.labels, labels)
    assert "no edges lead out of to another: 3, of 3 vertices" in joined.notes[0]
    split = shaped(bare, labels, connected="split").clusters
    assert sorted(np.bincount(split.labels)) == [1] * 5
    one = shaped(ring(), CLIQUES, np.eye(3, dtype=np.float32)[CLIQUES], min_size=22)
    assert one.clusters.labels.tolist() == [0] * 21
    assert (one.clusters.assignment == 1).all()


def test_clusters_without_soft_assignments_are_matched(monkeypatch):
    monkeypatch.setattr("tvgnn_cli.shaping.shaped.MOST_SHARES", 20)
    graph = replace(ring(), edge_index=ring().edge_index[:, :-12])
    earlier = {f"v{i}": 50 for i in range(9)}
    found = tvgnn_cli.cluster(graph, 3, connected="split", match=earlier, **TINY)
    if found.assignment is None:
        assert found.labels.max() >= 50
    hard = tvgnn_cli.cluster(ring((9, 7, 2)), method="louvain", min_size=3, match=earlier)
    assert 50 in hard.labels


def test_a_million_vertices_are_shaped_in_seconds():
    random = np.random.default_rng(0)
    n = 10**6
    tail = np.arange(n)
    pairs = np.stack([np.repeat(tail, 4), (np.repeat(tail, 4) + random.integers(1, 50, 4 * n)) % n])
    graph = Graph.from_edges(index_ids(n), *pairs)
    labels = np.where(random.random(n) < 0.02, random.integers(0, 20, n), tail * 20 // n)
    started = time.perf_counter()
    found = shaped(graph, labels, connected="merge", min_size=100)
    assert time.perf_counter() - started < 60
    assert (found.clusters.labels == tail * 20 // n).mean() > 0.999
    assert found.clusters.k == 20


def test_too_many_pieces_have_no_soft_assignment(monkeypatch):
    monkeypatch.setattr("tvgnn_cli.shaping.shaped.MOST_SHARES", 20)
    bare = make_graph(nx.empty_graph(6))
    soft = np.full((6, 2), 0.5, dtype=np.float32)
    found = shaped(bare, np.zeros(6, dtype=int), soft, connected="split")
    assert found.clusters.assignment is None
    assert found.notes[-1].startswith("soft assignments: left out, of 6 clusters they would take")


def test_clusters_of_any_tool(tmp_path):
    graph = ring()
    ids = graph.ids.tolist()
    named = dict(zip(ids, ["a"] * 9 + ["b"] * 6 + ["c"] * 5 + ["tiny"], strict=True))
    found = tvgnn_cli.reshape(graph, named, min_size=2)
    assert found.to_frame()["cluster_label"].tolist() == ["a"] * 9 + ["b"] * 6 + ["c"] * 6
    found.write(tmp_path / "c.csv")
    assert read_partition(tmp_path / "c.csv").names == ("0", "1", "2")
    some = dict.fromkeys([*ids[:3], ids[12]], 0)
    split = tvgnn_cli.reshape(graph, some, connected="split")
    assert split.labels.tolist() == [0] * 3 + [-1] * 9 + [1] + [-1] * 8
    for options, said in [({"min_size": 0}, "`min_size`"), ({"min_size": 2.5}, "`min_size`"),
                          ({"connected": "yes"}, "`connected`")]:  # fmt: skip
        with pytest.raises(UsageError, match=said):
            tvgnn_cli.reshape(graph, named, **options)
    with pytest.raises(InputError, match="no cluster for any vertex"):
        tvgnn_cli.reshape(graph, {"x": 1})


def test_memberships_are_those_above_the_bound_and_the_hard_one():
    soft = np.array([[0.5, 0.5, 0], [0.2, 0.1, 0.7], [0.34, 0.33, 0.33]], dtype=np.float32)
    clusters = Clustering(np.array([0, 2, -1]), soft, np.array([3, 5, 9]), np.arange(3))
    assert memberships(clusters, 0.4).column().tolist() == [(3, 5), (9,), ()]
    assert memberships(clusters, 0.15).column().tolist() == [(3, 5), (3, 9), (3, 5, 9)]
    assert memberships(clusters, 1.0).column().tolist() == [(3,), (9,), ()]
    wide = np.random.default_rng(0).dirichlet(np.ones(70), 300).astype(np.float32)
    many = Clustering.of(wide.argmax(axis=1), wide)
    expected = [tuple(np.flatnonzero((row > 0.02) | (np.arange(70) == row.argmax())))
                for row in wide]  # fmt: skip
    assert memberships(many, 0.02).column().tolist() == expected


@pytest.fixture(scope="module")
def plain():
    with pytest.MonkeyPatch.context() as patch:  # as the other runs of this file
        patch.setattr("tvgnn_cli.train.stages.WARM_RATE", 1e-2)
        return planted()


def planted(k=6, **options):
    return tvgnn_cli.cluster(
        SAMPLES / "planted.graphml", k, threads=1, hidden=32, epochs=20, **options
    )


def test_shapes_are_made_of_what_was_found(plain):
    graph = tvgnn_cli.read_graph(SAMPLES / "planted.graphml")
    found = planted(min_size=30, connected="merge")
    again = tvgnn_cli.reshape(graph, plain, min_size=30, connected="merge")
    sizes = np.bincount(found.labels)
    assert sizes.min() >= 30
    assert sizes.tolist() == sorted(sizes, reverse=True)
    assert len({*zip(found.labels, again.labels, strict=True)}) == len(sizes)
    scores = evaluate(graph, found.labels, found.assignment)
    assert {name: found.metrics[name] for name in scores} == scores
    assert found.metrics["clusters_found"] == plain.metrics["clusters_used"]
    assert found.metrics["clusters_used"] == len(sizes) < 6
    assert found.metrics["support"] == plain.metrics["support"]
    assert found.metrics["support_shaped"] > plain.metrics["support"]
    assert found.metrics["mean_confidence"] == pytest.approx(found.confidence.mean(), abs=1e-6)
    assert not np.array_equal(found.confidence, plain.confidence)
    assert not any("warning: only" in note for note in found.notes)


def test_a_saved_model_shapes_the_same(plain, tmp_path):
    for i, options in enumerate([
        {"min_size": 30, "connected": "merge"}, {"connected": "split", "min_size": 3},
        {"min_confidence": 0.7, "overlap": 0.01, "min_size": 20},
    ]):  # fmt: skip
        found = planted(**options)
        found.save(tmp_path / f"{i}.tvgnn")
        again = tvgnn_cli.predict(tmp_path / f"{i}.tvgnn", SAMPLES / "planted.graphml", threads=1)
        again.write(tmp_path / "again.csv")
        found.write(tmp_path / "found.csv")
        assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "found.csv").read_bytes()


def test_vertices_of_little_confidence_are_in_no_cluster(plain):
    found = planted(min_confidence=0.7)
    low = plain.confidence < 0.7
    assert 0 < low.sum() < 200
    assert np.array_equal(found.labels, np.where(low, -1, plain.labels))
    assert np.array_equal(found.assignment, plain.assignment)
    assert found.metrics["unassigned"] == low.sum()
    graph = tvgnn_cli.read_graph(SAMPLES / "planted.graphml")
    network = network_of(graph).subgraph(np.flatnonzero(~low).tolist())
    cut = sum(plain.labels[a] != plain.labels[b] for a, b in network.edges)
    assert found.metrics["cut_fraction"] == pytest.approx(cut / network.number_of_edges())
    assert found.metrics["num_labelled"] == ((graph.y >= 0) & ~low).sum()
    again = tvgnn_cli.evaluate(found, graph=graph).metrics
    assert {name: found.metrics[name] for name in again} == again
    assert found.metrics["largest_cluster"] == np.bincount(plain.labels[~low]).max()
    assert "all scores are of the other" in " ".join(found.notes)
    assert not any("unknown class" in note for note in found.notes)
    assert "280 vertices" in repr(found)


def test_all_may_be_in_no_cluster():
    found = tvgnn_cli.cluster(ring(), 3, min_confidence=1.0, **TINY)
    assert found.metrics["unassigned"] == 21
    assert found.metrics["clusters_used"] == 0
    assert set(found.to_frame()["cluster"]) == {-1}


def test_clusters_may_overlap(plain, tmp_path):
    found = planted(overlap=0.001)
    expected = [tuple(np.flatnonzero(row > 0.001).tolist()) for row in plain.assignment]
    assert found.to_frame()["clusters"].tolist() == expected
    count = sum(len(each) > 1 for each in expected)
    assert found.metrics["vertices_overlapping"] == count > 0
    found.write(tmp_path / "c.parquet")
    found.write(tmp_path / "c.csv")
    read = pd.read_parquet(tmp_path / "c.parquet")
    assert [tuple(each) for each in read["clusters"]] == expected
    text = pd.read_csv(tmp_path / "c.csv", dtype=str)["clusters"]
    assert text.tolist() == [";".join(map(str, each)) for each in expected]
    for name in ("c.csv", "c.parquet"):  # which other commands read
        assert tvgnn_cli.match(tmp_path / name, plain).metrics["vertices_moved"] == 0
    attributes = nx.get_node_attributes(found.to_networkx(), "clusters")
    assert list(attributes.values()) == text.tolist()


def test_methods_of_hard_clusters_have_the_shapes_of_edges():
    graph = ring((9, 7, 2))
    found = tvgnn_cli.cluster(graph, method="louvain", min_size=3, connected="merge", threads=1)
    assert np.bincount(found.labels).min() >= 3
    for name, value in [("overlap", 0.1), ("min_confidence", 0.5)]:
        with pytest.raises(UsageError, match=f"`{name}`: `method` louvain has no such setting"):
            tvgnn_cli.cluster(graph, method="louvain", **{name: value})


@pytest.mark.parametrize(
    "options",
    [{"min_size": 30, "connected": "merge"}, {"connected": "split", "overlap": 0.01},
     {"min_confidence": 0.7}],
)  # fmt: skip
def test_shards_merge_to_the_bytes_of_one_run(tmp_path, options):
    given = {"restarts": 2, **options}
    planted(**given).write(tmp_path / "whole.csv")
    for part in (1, 2):
        shard = tvgnn_cli.Shard(part, 2)
        tvgnn_cli.write_shard(planted(only=shard.part(2), **given), shard, tmp_path / "parts")
    merged = tvgnn_cli.merge(tmp_path / "parts").result
    merged.write(tmp_path / "merged.csv")
    assert (tmp_path / "merged.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_settings_that_are_not_given_change_no_byte(plain, tmp_path):
    neutral = {name: SETTINGS[name] and getattr(ClusterConfig(), name) for name in SHAPED}
    same = planted(**{name: value for name, value in neutral.items() if value is not None})
    for name in ("a", "b"):
        (plain if name == "a" else same).save(tmp_path / f"{name}.tvgnn")
        (plain if name == "a" else same).write(tmp_path / f"{name}.parquet")
    for suffix in ("tvgnn", "parquet"):
        one, other = (tmp_path / f"{name}.{suffix}" for name in ("a", "b"))
        assert one.read_bytes() == other.read_bytes()
    head = (tmp_path / "a.tvgnn").read_bytes()
    (size,) = struct.unpack("<Q", head[:8])
    facts = json.dumps(json.loads(head[8 : 8 + size]))
    assert not any(name in facts for name in (*SHAPED, "numbers", "titles"))
    assert load_model(tmp_path / "a.tvgnn").config == plain.config
    assert not set(plain.metrics) & {"clusters_found", "unassigned", "fixed", "support_shaped"}


@pytest.mark.parametrize("name", [name for name in SHAPED if name != "fixed"])
def test_settings_that_are_given_are_part_of_the_fingerprint(name):
    value = {"min_size": 2, "connected": "split", "min_confidence": 0.1, "overlap": 0.1}[name]
    assert make_config({name: value}).fingerprint() != make_config({}).fingerprint()


def test_true_classes_change_no_byte(plain):
    options = {"min_size": 30, "connected": "split", "overlap": 0.01, "min_confidence": 0.5}
    told, other = planted(**options), planted(label_attr="none", **options)
    assert "nmi" in told.metrics
    assert "nmi" not in other.metrics
    assert told.to_frame().equals(other.to_frame())


# Vertices whose cluster is given.


def test_the_loss_has_the_cross_entropy_of_the_fixed_vertices(two_cliques):
    from tvgnn_cli.prepare.prepared import prepare

    config = make_config({"num_clusters": 2, "view": "both"})
    data = to_tensors(prepare(two_cliques, config), torch.device("cpu"))
    inner = TotalVariationObjective(data, Weights(1.0, 0.5), None)
    fixed = np.array([0, -1, 1] + [-1] * 8 + [0])
    pinned = PinnedObjective.of(inner, fixed)
    soft = torch.rand(12, 2, dtype=torch.float32).softmax(dim=1).requires_grad_()
    loss, bare = pinned(soft), inner(soft)
    expected = -sum(np.log(soft[v, fixed[v]].item()) for v in (0, 2, 11)) / 3
    assert loss[-1].item() == pytest.approx(expected, rel=1e-5)
    assert loss.total.item() == pytest.approx(bare.total.item() + expected, rel=1e-5)
    assert (loss.balance.item(), [*loss[1:-1]]) == (bare.balance.item(), [*bare[1:]])
    assert pinned.names == ("totvar_loss", "balance_loss", "fixed_loss")
    (gradient,) = torch.autograd.grad(loss.total - bare.total, soft)
    wanted = torch.zeros_like(gradient)
    for v in (0, 2, 11):
        wanted[v, fixed[v]] = -1 / (3 * soft[v, fixed[v]].item())
    assert torch.allclose(gradient, wanted, rtol=1e-4, atol=1e-6)
    assert [*type(loss)(*loss)] == [*loss]  # as a recorded epoch makes it


def test_clusters_of_a_start_become_the_fixed_ones():
    labels = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2])
    fixed = np.array([-1, 1, 1, -1, -1, 0, -1, -1, -1])
    assert with_fixed(labels, fixed, 3).tolist() == [1, 1, 1, 2, 2, 0, 0, 0, 0]
    assert with_fixed(labels, fixed, 2).tolist() == [1, 1, 1, -1, -1, 0, 0, 0, 0]
    # Two clusters are given inside one of the start: the vertices of the others are free.
    both = np.array([0, 1, -1, -1, -1, -1, -1, -1, -1])
    found = with_fixed(labels, both, 2)
    assert sorted(found[:3]) in ([0, 0, 1], [0, 1, 1])
    assert (found[:2].tolist(), found[3:].tolist()) == ([0, 1], [-1] * 6)


def given(*vertices, names="abc"):
    return {f"v{v}": names[CLIQUES[v]] for v in vertices}


def test_fixed_vertices_keep_their_cluster_and_its_name():
    found = tvgnn_cli.cluster(ring(), fixed=given(1, 10, 17), **TINY)
    frame = found.to_frame().set_index("vertex")
    assert found.config.num_clusters == 3
    assert frame["cluster_label"].tolist() == [*np.array(["a", "b", "c"])[CLIQUES]]
    assert found.labels.tolist() == CLIQUES.tolist()
    assert (frame.loc[["v1", "v10", "v17"], ["confidence", "margin"]] == 1).all(axis=None)
    assert found.metrics["fixed"] == 3
    assert found.metrics["fixed_loss"] < 0.5
    assert any(note.startswith("semi-supervised: 3 vertices keep the clusters of") and "(a, b, c)"
               in note for note in found.notes)  # fmt: skip


def test_against_all_evidence_they_keep_it():
    wrong = {"v1": 4, "v2": 4, "v10": 7, "v3": 7}
    found = tvgnn_cli.cluster(ring(), 4, fixed=wrong, **TINY)
    frame = found.to_frame().set_index("vertex")
    assert frame.loc[list(wrong), "cluster"].tolist() == list(wrong.values())
    assert found.columns_of.tolist() == [4, 7, 8, 9]
    assert np.array_equal(found.assignment.sum(axis=1).round(5), np.ones(21))


def test_more_clusters_than_are_fixed_are_free():
    found = tvgnn_cli.cluster(ring(), 3, fixed=given(1), **TINY)
    assert found.titles == ("a", "new 1", "new 2")
    assert len({*zip(found.labels, CLIQUES, strict=True)}) == 3
    assert found.to_frame()["cluster_label"][1] == "a"


@pytest.mark.parametrize(
    "options",
    [{"method": "dmon"}, {"preset": "paper"}, {"init": CLIQUES}, {"restarts": 2},
     {"min_size": 6, "connected": "split", "min_confidence": 0.9}, {"view": "both"}],
)  # fmt: skip
def test_they_go_with_every_other_setting(options):
    fixed = given(0, 12, 19)
    found = tvgnn_cli.cluster(ring(), 3, fixed=fixed, **{**TINY, **options})
    frame = found.to_frame().set_index("vertex")
    assert frame.loc[list(fixed), "cluster_label"].tolist() == list("abc")
    if "init" in options:
        assert found.metrics["start_reached"] == 1


def test_a_model_of_fixed_clusters_has_their_names(tmp_path):
    found = tvgnn_cli.cluster(ring(), fixed=given(1, 10, 17), **TINY)
    found.save(tmp_path / "m.tvgnn")
    again = tvgnn_cli.predict(tmp_path / "m.tvgnn", ring(), threads=1)
    assert again.to_frame()["cluster_label"].equals(found.to_frame()["cluster_label"])
    assert "fixed" not in again.metrics
    note = "the model was trained with vertices whose cluster is given; here none is"
    assert note in again.notes


def test_fixed_vertices_are_part_of_the_settings(tmp_path):
    def run(fixed, **options):
        return tvgnn_cli.cluster(ring(), 3, fixed=fixed, **TINY, **options)

    one, other = run(given(1)), run(given(2))
    assert one.metrics["config_fingerprint"] != other.metrics["config_fingerprint"]
    with pytest.raises(UsageError, match="give the clusters that it stands for"):
        tvgnn_cli.cluster(ring(), config=one.config, threads=1)
    for part in (1, 2):
        shard = tvgnn_cli.Shard(part, 2)
        tvgnn_cli.write_shard(
            run(given(1), restarts=2, only=shard.part(2)), shard, tmp_path / "parts"
        )
    merged = tvgnn_cli.merge(tmp_path / "parts").result
    assert merged.to_frame().equals(run(given(1), restarts=2).to_frame())


def test_few_given_vertices_help_where_they_are_right():
    graph = tvgnn_cli.read_graph(SAMPLES / "planted.graphml")
    random = np.random.default_rng(0)
    chosen = random.choice(280, 28, replace=False)
    names = np.array(graph.class_names)[graph.y]
    fixed = {str(graph.ids[v]): names[v] for v in chosen if graph.y[v] >= 0}
    found = planted(None, fixed=fixed)
    frame = found.to_frame()
    known = (graph.y >= 0) & ~frame["vertex"].isin(fixed)
    assert (frame["cluster_label"] == names)[known].mean() > 0.95


def test_a_fixed_cluster_without_vertices_of_the_graph_is_none():
    found = Fixed.of(read_partition({"v0": "a", "v1": "c", "x": "b"}), ring().ids.tolist())
    assert found.given.names == ("a", "c")
    assert found.labels[:3].tolist() == [0, 1, -1]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--fixed", "none.csv"), 3, "none.csv"),
        (("--fixed", "three.csv", "-k", 2), 2, "-k is 2, but three.csv (--fixed) has 3 clusters"),
        (("--fixed", "other.csv", "-k", 2), 3, "no cluster for any vertex of karate"),
        (("--fixed", "three.csv", "--match", "three.csv"), 2, "--match: clusters have the numbers"),
        (("--fixed", "three.csv", "--batch", "parts"), 2, "--fixed: --batch parts"),
        (("--fixed", "three.csv", "--method", "louvain"), 2, "--fixed: --method louvain takes no"),
        (("--fixed", "three.csv", "-o", "three.csv"), 2, "is an input of this command"),
        (("--min-size", 0, "-k", 2), 2, "--min-size is 0; needs to be at least 1"),
        (("--overlap", 2, "-k", 2), 2, "--overlap is 2.0; needs to be from 0 to 1"),
        (("--min-confidence", "nan", "-k", 2), 2, "--min-confidence is nan"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(tvgnn, tmp_path, options, code, said):
    (tmp_path / "three.csv").write_text("vertex,cluster\nm1,0\nm2,1\nm3,2\n")
    (tmp_path / "other.csv").write_text("vertex,cluster\nx,0\n")
    done = tvgnn("cluster", "karate", *options)
    assert (done.code, done.err.count("\n")) == (code, 1), done.err
    assert said in done.err
    assert not (tmp_path / "karate.clusters.csv").exists()


def test_the_command_says_what_it_did(tvgnn, tmp_path):
    (tmp_path / "given.csv").write_text("vertex,cluster\nm1,mr hi\nm34,officer\n")
    done = tvgnn("cluster", "karate", "--fixed", "given.csv", "--connected", "merge", "--min-size",
                 3, "--overlap", 0.05, "--epochs", 3, "--hidden", 8, "--threads", 1)  # fmt: skip
    assert done.code == 0, done.err
    assert "semi-supervised: 2 vertices keep the clusters of given.csv (mr hi, officer)" in done.err
    head, first, *_ = (tmp_path / "karate.clusters.csv").read_text().splitlines()
    assert head == "vertex,cluster,cluster_label,confidence,margin,p_0,p_1,clusters"
    assert first == "m1,0,mr hi,1.0,1.0,1.0,0.0,0"
    checked = tvgnn("check", "karate", "--fixed", "given.csv")
    assert checked.code == 0
    assert "evidence for 2 clusters" in checked.out


def test_vertices_left_out_are_no_collapse():
    found = tvgnn_cli.cluster(ring(), 3, min_confidence=1.0, fail_on_collapse=True, **TINY)
    assert (found.metrics["clusters_found"], found.metrics["clusters_used"]) == (3, 0)
    assert not any("in use" in note for note in found.notes)


def test_a_model_is_told_of_its_own_clusters_alone():
    network = nx.disjoint_union_all([nx.complete_graph(n) for n in (9, 9, 3)])
    network.add_edges_from([(0, 9), (1, 18)])
    x = np.repeat(np.eye(3), (9, 9, 3), axis=0)
    found = tvgnn_cli.cluster(network, 3, features=x, min_size=5, view="both", **TINY)
    assert (found.metrics["clusters_found"], found.metrics["clusters_absorbed"]) == (3, 1)
    again = tvgnn_cli.predict(found.model, network, features=x)
    assert (again.labels == found.labels).all()
    assert not any("warning" in note for note in again.notes)  # all of the two that are left
    part = tvgnn_cli.predict(found.model, nx.complete_graph(9), features=x[:9])
    assert "warning: only 1 of the model's 2 clusters are used" in part.notes
    assert not any("balance_coeff" in note for note in part.notes)


def test_one_fixed_cluster_says_nothing_of_the_number(tvgnn, tmp_path):
    (tmp_path / "f.csv").write_text("vertex,cluster\nm1,3\nm2,3\n")
    done = tvgnn("cluster", SAMPLES / "karate.csv", "--fixed", "f.csv")
    assert (done.code, done.out) == (2, "")
    assert "f.csv (--fixed) has 1 cluster for the vertices of the graph" in done.err
    assert "give -k" in done.err
