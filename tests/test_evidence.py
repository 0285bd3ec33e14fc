"""Evidence for clusters: which view of a graph it speaks for, and whether training is kept."""

from __future__ import annotations

import sys
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, mutual_info_score

import tvgnn_cli
from tests.conftest import make_graph
from tvgnn_cli.config import BOTH, EDGES, FEATURES, make_config
from tvgnn_cli.errors import TrainingError, UsageError
from tvgnn_cli.evaluation.metrics import normalized_mutual_information
from tvgnn_cli.graph import agreement
from tvgnn_cli.prepare.evidence import guesser, held_back, optima, support
from tvgnn_cli.prepare.evidence import views as evidence
from tvgnn_cli.prepare.evidence.confidence import confidence
from tvgnn_cli.prepare.evidence.guesser import Guesser
from tvgnn_cli.prepare.evidence.held_back import probe_of
from tvgnn_cli.prepare.evidence.support import Judge, Measure, of_edges, of_features
from tvgnn_cli.prepare.evidence.views import measure_views, why_unmeasured
from tvgnn_cli.prepare.prepared import prepare

SIZE, K = 50, 4
CLASSES = np.repeat(np.arange(K), SIZE)
QUICK = {"hidden": 16, "mlp_hidden": 16, "epochs": 20}


def planted(seed=1):
    return nx.planted_partition_graph(K, SIZE, 0.25, 0.02, seed=seed)


def unrelated(seed=1):
    return nx.gnm_random_graph(K * SIZE, 1200, seed=seed)


def telling(seed=2):
    """Twenty columns, each of which tells a little of the class."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((K, 20))
    return (centres[CLASSES] + random.standard_normal((K * SIZE, 20))).astype("f4")


def noise(seed=3):
    return np.random.default_rng(seed).standard_normal((K * SIZE, 20)).astype("f4")


CASES = {
    "both tell": (planted(), telling(), BOTH, True),
    "noise as features": (planted(), noise(), EDGES, True),
    "edges at random": (unrelated(), telling(), FEATURES, True),
    "features of other vertices": (
        planted(), np.random.default_rng(0).permutation(telling()), EDGES, True),
    "neither tells": (unrelated(), noise(), BOTH, False),
    "no features": (planted(), None, EDGES, True),
    "no features, edges at random": (unrelated(), None, EDGES, False),
}  # fmt: skip


def of(network, x, **fields):
    graph = make_graph(network, x)
    return replace(graph, **fields)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_view_that_evidence_speaks_for(case, seed):
    network, x, view, is_sure = CASES[case]
    found = measure_views(of(network, x), make_config({"num_clusters": K, "seed": seed}))
    assert (found.view, found.is_sure) == (view, is_sure)


def test_clusters_that_are_there_are_found_again():
    def found(network, x):
        return measure_views(of(network, x), make_config({"num_clusters": K}))

    assert found(planted(), None).stability > 0.9
    assert found(planted(), telling()).stability > 0.8
    assert found(unrelated(), None).stability < 0.3
    labels = [CLASSES, np.roll(CLASSES, 1)]
    agreements = evidence._agreements({"edges": labels, "both": labels[:1]})
    assert agreements == {"edges": pytest.approx(adjusted_rand_score(*labels))}


def test_chance_has_a_long_tail():
    """Information that is none is chi-squared: of 1 degree of freedom, 4 deviations are common."""
    mean, deviation = 1.0, np.sqrt(2)
    four, ten = (Measure(times * deviation, deviation, mean) for times in (4, 16))
    assert not four.is_sure
    assert ten.is_sure
    assert Measure(0.1, 0.0, 0.0).is_sure, "what chance never tells"
    assert not Measure(0.0, 0.0, 0.0).is_sure
    assert not Measure(-0.5, 0.01, 0.01).is_sure


def test_unrelated_edges_and_noise_are_hardly_ever_evidence():
    sure = 0
    for seed in range(20):
        graph = of(unrelated(seed), noise(100 + seed))
        sure += measure_views(graph, make_config({"num_clusters": K, "seed": seed})).is_sure
    assert sure == 0


def test_guesses_that_are_wrong_more_often_than_chance_tell_nothing():
    """In each part a cluster is rare that is common in the others."""
    labels, guesses = np.repeat([0, 1], 50), np.repeat([1, 0], 50)

    class Contrary(Guesser):
        def guesses(self, _):
            yield np.eye(2)[guesses]

    contrary = Contrary(np.zeros((100, 1)), np.random.default_rng(0))
    assert of_features(labels, contrary, np.random.default_rng(0)).share < -0.9


def test_weights_tell_where_all_vertices_are_joined():
    network = nx.complete_graph(K * 10)
    classes = np.repeat(np.arange(K), 10)
    alike = np.array([classes[a] == classes[b] for a, b in network.edges])
    random = np.random.default_rng(1)
    graph = of(network, noise()[: K * 10])
    config = make_config({"num_clusters": K})
    weight = np.where(alike, 2.0, 0.5) + random.random(len(alike))
    assert not measure_views(graph, config).is_sure
    found = measure_views(replace(graph, edge_weight=weight), config)
    assert (found.view, found.is_sure) == (EDGES, True)


def test_one_feature_counts_by_what_it_tells_of_edges():
    config = make_config({"num_clusters": K})
    one = (CLASSES + 0.1 * noise()[:, 0])[:, None].astype("f4")
    assert measure_views(of(planted(), one), config).view != EDGES
    assert measure_views(of(planted(), noise()[:, :1]), config).view == EDGES


@pytest.mark.parametrize(
    "x",
    [
        np.ones((30, 1)), np.zeros((30, 4)), np.eye(30), np.eye(30)[:, :2],
        np.repeat(np.arange(3), 10)[:, None] * np.ones((1, 5)), np.full((30, 3), 1e30),
    ],
)  # fmt: skip
@pytest.mark.parametrize("k", [2, 3, 15])
def test_odd_features_are_measured(x, k):
    network = nx.planted_partition_graph(3, 10, 0.6, 0.05, seed=1)
    found = measure_views(of(network, x.astype("f4")), make_config({"num_clusters": k}))
    assert all(np.isfinite(each.share) for each in found.support.values())


@pytest.mark.parametrize("case", [case for case in CASES if CASES[case][3]])
def test_clusters_are_those_of_the_view(case):
    network, x, view, _ = CASES[case]
    result = tvgnn_cli.cluster(of(network, x), K, **QUICK)
    assert result.metrics["view"] == view
    assert result.metrics["evidence_sure"] is True
    assert normalized_mutual_information(result.labels, CLASSES) > 0.85
    said = " ".join(result.notes)
    assert "of what was held back, edges tell " in said
    assert ("`view` both takes both" in said) == (x is not None and view != BOTH)
    assert "no evidence" not in said


def test_nothing_is_known_where_nothing_tells(quick_start, tvgnn, tmp_path):
    graph = of(unrelated(), noise())
    result = tvgnn_cli.cluster(graph, K, **QUICK)
    assert result.metrics["evidence_sure"] is False
    assert any(note.startswith("warning: no evidence for clusters") for note in result.notes)
    with pytest.raises(TrainingError, match="no evidence for clusters"):
        tvgnn_cli.cluster(graph, K, fail_on_collapse=True, **QUICK)
    nx.write_edgelist(unrelated(), tmp_path / "g.txt", data=False)
    failed = tvgnn("cluster", "g.txt", "-k", K, "--fail-on-collapse", "--epochs", "1")
    assert failed.code == 4
    assert "no evidence for clusters" in failed.err


def test_labels_change_nothing():
    config = make_config({"num_clusters": K})
    bare, labelled = of(planted(), telling()), of(planted(), telling(), y=CLASSES)
    assert measure_views(bare, config) == measure_views(labelled, config)


def test_a_start_that_training_makes_worse_is_kept():
    graph = of(planted(), telling())
    spoilt = {**QUICK, "lr": 0.5, "balance_coeff": 0.0}
    kept = tvgnn_cli.cluster(graph, K, **spoilt)
    start = tvgnn_cli.cluster(graph, K, **{**spoilt, "epochs": 0})
    left = tvgnn_cli.cluster(graph, K, view="both", **spoilt)
    assert kept.metrics["kept"] == "start"
    assert any(
        note.startswith("training is not kept: edges and features tell") for note in kept.notes
    )
    assert np.array_equal(kept.labels, start.labels)
    assert np.array_equal(kept.assignment, start.assignment)
    assert kept.metrics["loss"] == kept.history[0] == start.metrics["loss"]
    assert normalized_mutual_information(left.labels, CLASSES) < 0.8, "what training alone gives"
    again = tvgnn_cli.predict(kept.model, graph)
    assert np.array_equal(again.labels, kept.labels)


def test_a_start_that_the_network_does_not_reach_is_said(monkeypatch):
    graph = of(planted(), telling())
    assert not any("does not reach" in note for note in tvgnn_cli.cluster(graph, K, **QUICK).notes)
    monkeypatch.setattr(sys.modules["tvgnn_cli.train.warm_start"], "MOST_EPOCHS", 2)
    short = tvgnn_cli.cluster(graph, K, **{**QUICK, "epochs": 0})
    assert any("warning: the network does not reach" in note for note in short.notes)


def test_training_that_gains_is_kept(monkeypatch):
    monkeypatch.setattr(sys.modules["tvgnn_cli.train.outcome"], "GAIN", 0.0)
    result = tvgnn_cli.cluster(of(planted(), telling()), K, **QUICK)
    assert result.metrics["kept"] == "training"
    assert result.metrics["loss"] < result.history[0]


def test_a_view_that_is_asked_for_is_taken(tvgnn, tmp_path):
    nx.write_edgelist(planted(), tmp_path / "g.txt", data=False)
    np.save(tmp_path / "x.npy", telling())
    quick = ["-k", K, "--epochs", "2", "--hidden", "8", "-q"]
    tvgnn("cluster", "g.txt", "-o", "a.csv", "--view", "both", *quick)
    tvgnn("cluster", "g.txt", "-o", "b.csv", "--view", "edges", "--features", "x.npy", *quick)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    alone = tvgnn_cli.cluster(of(unrelated(), telling()), K, view="features", **QUICK)
    assert normalized_mutual_information(alone.labels, CLASSES) > 0.85
    assert "evidence_edges" not in alone.metrics


def test_the_order_of_edges_changes_nothing():
    graph = of(planted(), telling())
    config = make_config({"num_clusters": K})
    ordered = measure_views(graph, config)
    prepared = prepare(graph, config)
    assert prepared.evidence == ordered


def test_what_a_vertex_has_alone_comes_from_no_edge():
    one, other = (
        probe_of(of(network, telling()), make_config({"num_clusters": K, "view": view}))
        for network, view in ((planted(), EDGES), (unrelated(), BOTH))
    )
    assert np.array_equal(one, other)


def test_clusters_that_edges_lead_out_of_are_none():
    ends = np.stack([np.arange(0, 400, 2), np.arange(1, 400, 2)])
    across = support.of_edges(np.arange(400) % 2, ends, None, np.random.default_rng(0))
    assert across.share == pytest.approx(-1, abs=0.02), "all is told, the other way round"
    assert not across.is_sure


def test_edges_tell_no_more_than_all():
    few = nx.complete_graph(range(990, 1000))  # 10 of 1,000 vertices, with half of the edges
    ends = np.array([*few.edges, *zip(range(0, 90, 2), range(1, 90, 2), strict=True)]).T
    labels = (np.arange(1000) >= 990).astype(int)
    found = support.of_edges(labels, ends, None, np.random.default_rng(0))
    assert 0.9 < found.share <= 1


def test_parts_of_the_information():
    labels = np.arange(3000) % 3
    assert support._information(labels, labels) == pytest.approx(np.log(3))
    assert support._information(labels, np.zeros(3000, dtype=int)) == 0
    random = np.random.default_rng(0)
    ends = np.stack([np.arange(0, 3000, 2), np.arange(1, 3000, 2)])
    assert not support.of_edges(random.integers(0, 3, 3000), ends, None, random).is_sure
    joined = np.repeat(np.arange(3), 1000)
    assert support.of_edges(joined, ends, None, random).share == pytest.approx(1, abs=0.01)
    x = np.eye(3)[joined] + random.standard_normal((3000, 3)) * 0.1
    found = Judge(ends, None, x.astype("f4"), 0).support(joined)
    assert found.features.share == pytest.approx(1, abs=0.01)
    assert found.share == pytest.approx(2, abs=0.02)
    uneven = np.minimum(np.arange(3000) // 1500, 1) * (np.arange(3000) >= 2900)
    assert Judge(ends, None, None, 0).support(uneven).share == pytest.approx(1, abs=0.05)
    assert Judge(ends, None, None, 0).support(np.zeros(3000, dtype=int)).share == 0
    assert Measure.mean([Measure(1.0, 0.3), Measure(3.0, 0.4)]) == Measure(2.0, 0.25)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"view": "both"}, ""), ({"preset": "paper"}, ""), ({"init": "random"}, ""),
        ({"method": "dmon"}, ""), ({"num_clusters": 150}, "fewer than 2 vertices"), ({}, None),
    ],
)  # fmt: skip
def test_when_nothing_is_measured(settings, words):
    reason = why_unmeasured(of(planted(), None), make_config({"num_clusters": K, **settings}))
    assert (reason or reason == words) if words is None else words in reason


def test_what_is_not_measured_is_said():
    small = tvgnn_cli.cluster(nx.path_graph(8), 2, **QUICK)
    assert any("not measured (fewer than 20 edges)" in note for note in small.notes)
    assert "kept" not in small.metrics


@pytest.fixture
def sampling(monkeypatch):
    monkeypatch.setattr(support, "MOST_EDGES", 300)
    monkeypatch.setattr(guesser, "MOST_VERTICES", 150)
    monkeypatch.setattr(guesser, "AT_ONCE", 7)
    for module in (held_back, optima):
        monkeypatch.setattr(module, "SAMPLED", 150)


def test_of_large_graphs_samples_are_evidence(sampling):
    graph = of(planted(), telling())
    assert graph.num_edges > 2 * support.MOST_EDGES
    result = tvgnn_cli.cluster(graph, K, **QUICK)
    assert result.metrics["view"] == "both"
    assert result.metrics["kept"] in ("start", "training")
    assert normalized_mutual_information(result.labels, CLASSES) > 0.95
    assert result.confidence.min() > 0
    assert result.confidence.mean() == result.metrics["mean_confidence"]
    drowned = tvgnn_cli.cluster(of(planted(), noise()), K, **QUICK)
    assert drowned.metrics["view"] == "edges"
    nothing = tvgnn_cli.cluster(of(unrelated(), noise()), K, **QUICK)
    assert any(evidence.NO_EVIDENCE in note for note in nothing.notes)


def test_a_sample_says_what_all_of_them_say(monkeypatch):
    """Of the guesses of all vertices, those of others than the sampled too."""
    graph = of(planted(), telling())
    labels, x = CLASSES, np.asarray(graph.x, dtype=np.float32)
    judge = Judge(graph.edge_index, None, x, 0)
    whole, of_whole = judge.support(labels), confidence(labels, judge)
    monkeypatch.setattr(support, "MOST_EDGES", graph.num_edges // 2)
    monkeypatch.setattr(guesser, "MOST_VERTICES", graph.num_vertices // 2)
    judge = Judge(graph.edge_index, None, x, 0)
    part = judge.support(labels)
    assert len(judge.guesser.sample) == graph.num_vertices // 2
    assert part.edges.share == pytest.approx(whole.edges.share, abs=0.05)
    assert part.features.share == pytest.approx(whole.features.share, abs=0.1)
    assert part == judge.support(labels)
    assert np.corrcoef(of_whole, confidence(labels, judge))[0, 1] > 0.8


def test_check_reports_the_evidence(tvgnn, tmp_path):
    nx.write_edgelist(planted(), tmp_path / "g.txt", data=False)
    np.save(tmp_path / "x.npy", noise())
    asked = tvgnn("check", "g.txt", "--features", "x.npy", "-k", K)
    assert asked.code == 0, asked.err
    assert "evidence for 4 clusters:" in asked.out
    assert "edges alone:          " in asked.out
    assert "% of a vertex's cluster, features " in asked.out
    assert "sought in:            edges alone\n" in asked.out
    assert "found again:          ARI 0." in asked.out
    assert "-k says for how many" in tvgnn("check", "g.txt").out
    assert "evidence" not in tvgnn("check", "g.txt", "-k", K, "--view", "both").out
    nx.write_edgelist(unrelated(), tmp_path / "r.txt", data=False)
    assert "no evidence for clusters" in tvgnn("check", "r.txt", "-k", K).out
    nx.write_edgelist(nx.path_graph(8), tmp_path / "p.txt", data=False)
    assert "not measured (fewer than 20 edges)" in tvgnn("check", "p.txt", "-k", 2).out


def test_where_vertices_have_many_neighbours_propagation_goes_by_degree(quick_start):
    dense = nx.planted_partition_graph(K, SIZE, 0.6, 0.15, seed=1)
    short = {**QUICK, "epochs": 1}
    for network, weighted in ((dense, True), (planted(), False)):
        graph = of(network, None)
        assert tvgnn_cli.cluster(graph, K, **short).config.degree_weighted is weighted
        given = tvgnn_cli.cluster(graph, K, degree_weighted=not weighted, **short)
        assert given.config.degree_weighted is not weighted
        paper = tvgnn_cli.cluster(graph, K, preset="paper", **short)
        assert paper.config.degree_weighted is False


@pytest.mark.parametrize(
    ("settings", "fingerprint"),
    [
        ({"preset": "paper"}, "d708fc374eb6c7a7"),
        ({"preset": "paper", "num_clusters": 7, "seed": 3}, "aece1cf8cfb2acd5"),
        ({"view": "both", "num_clusters": 7}, "b1975f14640447fa"),
        ({"method": "dmon", "num_clusters": 4}, "16a9108577772a9e"),
        ({"method": "abl2", "preset": "paper", "num_clusters": 4}, "3f49e6b98ae30fc5"),
    ],
)
def test_settings_that_came_later_change_no_older_fingerprint(settings, fingerprint):
    assert make_config(settings).fingerprint().startswith(fingerprint)
    changed = make_config({**settings, "lr": 0.123}).fingerprint()
    assert not changed.startswith(fingerprint)


def test_settings_that_decide_anything_differ_in_their_fingerprint():
    bare = make_config({"encoder": "none", "neighbours": 0, "spread_coeff": 0.0})
    assert make_config({}).fingerprint() != bare.fingerprint()


def test_what_features_bring_into_the_loss_can_be_left_out(quick_start):
    graph = of(planted(), telling())
    full = tvgnn_cli.cluster(graph, K, **QUICK).metrics
    assert full["near_loss"] > 0
    assert full["near_coeff"] > 0
    assert full["spread_coeff"] == 1
    bare = tvgnn_cli.cluster(graph, K, neighbours=0, spread_coeff=0.0, **QUICK).metrics
    assert "near_loss" not in bare
    assert bare["totvar_coeff"] == 1
    asked = tvgnn_cli.cluster(graph, K, view="both", neighbours=5, **QUICK).metrics
    assert asked["near_loss"] > 0
    assert asked["spread_coeff"] == 0
    assert "near_loss" not in tvgnn_cli.cluster(graph, K, view="both", **QUICK).metrics
    with pytest.raises(UsageError, match="`neighbours` and `spread_coeff` are of the whole graph"):
        tvgnn_cli.cluster(graph, K, batch="parts", neighbours=5, **QUICK)


def test_heavy_edges_tell_no_more_than_all():
    """Clusters with few of the edges and much of their weight."""
    labels = np.repeat([0, 1], [990, 10])
    random = np.random.default_rng(0)
    inside = np.array([(990, 991), (991, 992), (990, 992)])
    ends = np.concatenate([inside, random.integers(0, 990, (300, 2))]).T
    weight = np.where(np.arange(303) < 3, 100.0, 1.0)
    found = of_edges(labels, ends, weight, np.random.default_rng(0)).share
    assert 0.3 < found <= 1


def test_information_of_many_clusters_is_that_of_few(monkeypatch):
    random = np.random.default_rng(0)
    one, other = random.integers(0, 9, (2, 500))
    weight = random.integers(0, 3, 500).astype(float)
    whole = support._information(one, other), support._information(one, other, weight)
    monkeypatch.setattr(agreement, "MOST_PAIRS", 3)
    parts = support._information(one, other), support._information(one, other, weight)
    assert parts == pytest.approx(whole)
    assert whole[0] == pytest.approx(mutual_info_score(one, other))


def test_features_too_large_to_be_squared_are_named():
    huge = (telling() * 1e25).astype("f4")
    with pytest.raises(TrainingError, match="values are too large"):
        tvgnn_cli.cluster(of(planted(), huge), K, feature_scaling="none", **QUICK)
