"""The probability of a vertex's cluster, by what its own features and its neighbours tell."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import tvgnn_cli
from tests.conftest import make_graph
from tvgnn_cli.prepare.evidence.confidence import COUNTS, Blockmodel, confidence, of_neighbours
from tvgnn_cli.prepare.evidence.guesser import Guesser
from tvgnn_cli.prepare.evidence.support import Judge

SIZE, K = 60, 3
CLASSES = np.repeat(np.arange(K), SIZE)
QUICK = {"hidden": 16, "mlp_hidden": 16, "epochs": 10}


def network(inside=0.2, across=0.02, seed=1):
    return nx.planted_partition_graph(K, SIZE, inside, across, seed=seed)


def telling(noise=1.0, seed=2):
    random = np.random.default_rng(seed)
    told = np.eye(K)[CLASSES] @ random.standard_normal((K, 12)) * 1.5
    return (told + noise * random.standard_normal(told.shape)).astype("f4")


def judged(graph, labels, x):
    return confidence(labels, Judge(graph.edge_index, graph.edge_weight, x, 0))


def test_neighbours_vote_as_in_a_blockmodel():
    # Two triangles of two clusters and an edge between them; vertex 6 has no edge.
    edges = [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (2, 3)]
    ends = np.array(edges).T
    adjacency = sp.csr_array((np.ones(len(edges)), tuple(ends)), shape=(7, 7))
    adjacency = adjacency + adjacency.T
    labels = np.array([0, 0, 0, 1, 1, 1, 1])
    found = Blockmodel(labels, adjacency).shares(slice(None))
    own = of_neighbours(labels, adjacency)
    assert own == pytest.approx(found[np.arange(7), labels])
    joined = np.array([[6, 1], [1, 6]]) + 0.01 * 14 / 4
    likelihood = np.log(joined / joined.sum(axis=1)[:, None] / 0.5)
    for vertex, neighbours in ((0, [2, 0]), (2, [2, 1]), (6, [0, 0])):
        score = np.log([3 / 6, 3 / 6]) + COUNTS * (likelihood @ neighbours)
        wanted = np.exp(score) / np.exp(score).sum()
        assert found[vertex] == pytest.approx(wanted, rel=1e-6)
    assert found.sum(axis=1) == pytest.approx(np.ones(7))


def test_a_vertex_in_another_cluster_than_its_features_and_neighbours_say_is_doubted():
    graph, x = make_graph(network()), telling()
    labels = CLASSES.copy()
    wrong = np.arange(0, K * SIZE, 20)
    labels[wrong] = (labels[wrong] + 1) % K
    sure = judged(graph, labels, x)
    assert ((sure >= 0) & (sure <= 1)).all()
    assert sure.dtype == np.float32
    assert sure[wrong].max() < 0.5 < np.delete(sure, wrong).mean()
    by_edges = judged(graph, labels, None)
    assert by_edges[wrong].mean() < np.delete(by_edges, wrong).mean()


def test_a_source_that_tells_nothing_hardly_counts():
    noise = np.random.default_rng(5).standard_normal((K * SIZE, 12)).astype("f4")
    graph = make_graph(network())
    alone, beside = judged(graph, CLASSES, None), judged(graph, CLASSES, noise)
    assert beside == pytest.approx(alone, abs=0.06)


def test_confidence_follows_how_often_clusters_are_right():
    found = []
    for noise in (1.0, 3.0, 6.0):
        graph = make_graph(network(0.1, 0.04), telling(noise))
        result = tvgnn_cli.cluster(graph, K, view="auto", **QUICK)
        counts = np.zeros((K, K), dtype=int)
        np.add.at(counts, (result.labels, CLASSES), 1)
        right = counts.max(axis=1).sum() / len(CLASSES)
        found.append((right, result.metrics["mean_confidence"]))
    (_, easy), (_, harder), (_, hard) = found
    assert easy > harder > hard
    assert max(sure - right for right, sure in found) < 0.1, f"it may err low, not high: {found}"
    assert easy > 0.75


def test_guesses_are_those_of_ridge_regression_on_other_parts():
    x, labels = telling(), CLASSES
    guesser = Guesser(x, np.random.default_rng(0))
    (part, _), *_ = guesser.draws
    scores = next(iter(guesser.guesses(labels)))
    for left_out in range(5):
        known = part != left_out
        mean = x[known].mean(axis=0, dtype=np.float64)
        centred = x[known] - mean
        wanted = np.eye(K)[labels[known]]
        gram = centred.T @ centred
        ridge = 1e-2 * np.trace(gram) / len(gram)
        weights = np.linalg.solve(
            gram + ridge * np.eye(len(gram)), centred.T @ (wanted - wanted.mean(axis=0))
        )
        expected = (x[~known] - mean) @ weights + wanted.mean(axis=0)
        assert scores[~known] == pytest.approx(expected, abs=1e-6)


def test_an_empty_cluster_is_never_guessed():
    guesser = Guesser(telling(), np.random.default_rng(0))
    labels = np.where(CLASSES == 1, 3, CLASSES)
    for scores in guesser.guesses(labels):
        assert scores.shape == (K * SIZE, 4)
        assert (scores[:, 1] == -np.inf).all()
        assert np.isfinite(scores[:, [0, 2, 3]]).all()


def test_files_have_it_and_predict_gives_the_same(tvgnn, tmp_path):
    nx.write_edgelist(network(), tmp_path / "g.txt", data=False)
    np.save(tmp_path / "x.npy", telling())
    quick = ["--hidden", 16, "--epochs", 5, "-q", "--threads", 1]
    made = tvgnn(
        "cluster", "g.txt", "-k", K, "--features", "x.npy", "-o", "a.csv", "--save", "m.tvgnn",
        *quick
    )  # fmt: skip
    assert made.code == 0, made.err
    again = tvgnn("predict", "m.tvgnn", "g.txt", "--features", "x.npy", "-o", "b.csv", "-q")
    assert again.code == 0, again.err
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    frame = pd.read_csv(tmp_path / "a.csv")
    assert not np.allclose(frame.confidence, frame[["p_0", "p_1", "p_2"]].max(axis=1))
    row = pd.read_csv(tmp_path / "a.metrics.csv").iloc[0]
    assert row.mean_confidence == pytest.approx(frame.confidence.mean(), abs=1e-5)
    plain = tvgnn_cli.cluster(make_graph(network(), telling()), K, view="both", **QUICK)
    assert plain.confidence is None
    largest = plain.assignment.max(axis=1)
    assert np.array_equal(plain.to_frame().confidence, largest)


def test_training_by_batches_changes_nothing_in_how_it_is_judged():
    """Which puts vertices in another order."""
    graph = make_graph(network(), telling())
    made = tvgnn_cli.cluster(graph, K, batch="parts", batch_size=60, **QUICK)
    again = tvgnn_cli.predict(made.model, graph)
    assert np.array_equal(again.labels, made.labels)
    assert np.array_equal(again.confidence, made.confidence)


def test_shards_keep_it(tmp_path):
    graph = make_graph(network(), telling())
    whole = tvgnn_cli.cluster(graph, K, restarts=2, **QUICK)
    for shard in ("1/2", "2/2"):
        part = tvgnn_cli.Shard.parse(shard)
        made = tvgnn_cli.cluster(graph, K, restarts=2, only=part.part(2), **QUICK)
        tvgnn_cli.write_shard(made, part, tmp_path)
    merged = tvgnn_cli.merge(tmp_path).result
    assert np.array_equal(merged.confidence, whole.confidence)
    assert merged.to_frame().equals(whole.to_frame())


def test_vertices_beyond_the_sample_are_guessed_from_it():
    guesser = Guesser(telling(), np.random.default_rng(0), most_vertices=SIZE, rows_at_once=7)
    guessed = list(guesser.guesses_of_others(CLASSES))
    rows = np.concatenate([rows for rows, _ in guessed])
    scores = np.concatenate([scores for _, scores in guessed])
    assert sorted([*rows, *guesser.sample]) == list(range(K * SIZE))
    assert (scores.argmax(axis=1) == CLASSES[rows]).mean() > 0.8


def test_vertices_without_edges_make_their_cluster_no_likelier():
    network = nx.planted_partition_graph(4, 40, 0.4, 0.02, seed=1)
    network.add_nodes_from(range(1000, 1100))
    found = tvgnn_cli.cluster(make_graph(network), 4, hidden=16, mlp_hidden=16, epochs=5)
    isolated, others = found.confidence[160:], found.confidence[:160]
    assert isolated.max() < 0.35, "though these hundred are the most of their cluster"
    assert others.mean() > 0.8
    (said,) = [note for note in found.notes if "without edges" in note]
    assert said.startswith("nothing tells the cluster of 100 vertices without edges (`min_conf")
    held_back = tvgnn_cli.cluster(
        make_graph(network), 4, hidden=16, mlp_hidden=16, epochs=5, min_confidence=0.5
    )
    assert (held_back.labels[160:] == -1).all()


def test_features_tell_of_vertices_without_edges():
    network = nx.planted_partition_graph(4, 40, 0.4, 0.02, seed=1)
    network.add_nodes_from(range(1000, 1010))
    y = np.r_[np.repeat(np.arange(4), 40), np.zeros(10, dtype=np.int64)]
    x = 3 * np.eye(4)[y] + np.random.default_rng(0).normal(0, 0.5, (170, 4))
    graph = make_graph(network, x.astype("f4"))
    found = tvgnn_cli.cluster(graph, 4, view="both", hidden=16, mlp_hidden=16, epochs=5)
    assert not any("without edges" in note for note in found.notes)


def test_an_empty_cluster_is_no_vertex_s_own():
    """Not even that of a hub, whose neighbours are spread over the others."""
    random = np.random.default_rng(0)
    labels = np.concatenate([np.repeat([0, 1, 3], 300), [0]])
    hub = np.stack([np.full(800, 900), random.choice(900, 800, replace=False)])
    inside = np.concatenate([random.integers(0, 300, (2, 1500)) + 300 * i for i in range(3)], 1)
    tail, head = np.concatenate([hub, inside], axis=1)
    adjacency = sp.csr_array((np.ones(len(tail)), (tail, head)), shape=(901, 901))
    shares = Blockmodel(labels, adjacency + adjacency.T).shares(slice(None))
    assert (shares[:, 2] == 0).all()
    assert shares.sum(axis=1) == pytest.approx(np.ones(901))
