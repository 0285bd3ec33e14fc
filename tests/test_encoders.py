"""Factors in which neighbours are alike, the choice of an encoder, and of k-means's optima."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import scipy.linalg
import scipy.sparse as sp

import tvgnn_cli
from tests.conftest import make_graph
from tvgnn_cli.config import make_config
from tvgnn_cli.errors import UsageError
from tvgnn_cli.evaluation.metrics import normalized_mutual_information
from tvgnn_cli.models.model_file import load_model
from tvgnn_cli.prepare.evidence import encoding
from tvgnn_cli.prepare.evidence.encoding import choose_encoder, encoders_for
from tvgnn_cli.prepare.evidence.held_back import probe_of
from tvgnn_cli.prepare.evidence.optima import Optima, choose
from tvgnn_cli.prepare.evidence.support import Judge, Measure, Support
from tvgnn_cli.prepare.factors import autocorrelation_factors, edge_covariances
from tvgnn_cli.prepare.features import apply_recipe, learn_recipe
from tvgnn_cli.prepare.kmeans import Clusters
from tvgnn_cli.prepare.nearest import nearest_pairs

SIZE, K = 60, 3
CLASSES = np.repeat(np.arange(K), SIZE)
QUICK = {"hidden": 16, "mlp_hidden": 16, "epochs": 20}


def network(seed=1):
    return nx.planted_partition_graph(K, SIZE, 0.2, 0.02, seed=seed)


def distracted(seed=2, strength=6.0):
    """Columns that tell classes, and louder ones that tell another grouping, of which edges know
    nothing.
    """
    random = np.random.default_rng(seed)
    n = K * SIZE
    told = np.eye(K)[CLASSES] @ random.standard_normal((K, 10))
    other = np.eye(K)[random.integers(0, K, n)] @ random.standard_normal((K, 10)) * strength
    return np.hstack([told + random.standard_normal((n, 10)), other]).astype("f4")


def config_of(**settings):
    return make_config({"num_clusters": K, "view": "both", "components": 8, **settings})


def found(graph, encoder, **settings):
    config = config_of(encoder=encoder, feature_scaling="none", **settings)
    return apply_recipe(graph, learn_recipe(graph, config), config)


@pytest.mark.parametrize("weighted", [False, True])
def test_factors_are_most_alike_at_the_ends_of_an_edge(weighted):
    told = np.eye(K)[CLASSES] @ np.random.default_rng(3).standard_normal((K, 8))
    graph = make_graph(network(), told + np.random.default_rng(4).standard_normal(told.shape))
    if weighted:
        weight = np.random.default_rng(0).random(graph.num_edges) + 0.1
        graph = replace(graph, edge_weight=weight)
    x = graph.x.astype(np.float64)
    factors = autocorrelation_factors(edge_covariances(graph, graph.x), 5, ridge=0.0)
    # By dense matrices, from the definition.
    centred = x - x.mean(axis=0)
    root = np.sqrt(graph.degrees)
    near = graph.adjacency.toarray() / np.outer(root, root)
    covariance = centred.T @ centred / len(x)
    between = centred.T @ near @ centred / near.sum()
    values = scipy.linalg.eigh(between, covariance, eigvals_only=True)[::-1][:5]
    assert factors.likeness == pytest.approx(np.clip(values, 0, 1), abs=1e-6)
    made = centred @ factors.directions
    assert made.T @ made / len(x) == pytest.approx(np.eye(5), abs=1e-4), "uncorrelated, of one size"
    tail, head = graph.edge_index
    weights = near[tail, head]
    alike = [np.average(column[tail] * column[head], weights=weights) for column in made.T]
    assert alike == pytest.approx(values, abs=1e-6)


@pytest.mark.parametrize(
    "x",
    [np.ones((30, 3)), np.zeros((30, 4)), np.eye(30), np.repeat(np.eye(3), 10, axis=0),
     np.full((30, 2), 1e15), np.arange(30)[:, None] * np.ones(5)],
)  # fmt: skip
@pytest.mark.parametrize("encoder", ["factors", "mixed"])
def test_odd_features_have_factors_too(x, encoder):
    graph = make_graph(nx.planted_partition_graph(3, 10, 0.6, 0.05, seed=1), x.astype("f4"))
    for scaling in ("auto", "none"):
        config = config_of(encoder=encoder, feature_scaling=scaling)
        made = apply_recipe(graph, learn_recipe(graph, config), config)
        assert made.shape[0] == 30
        assert np.isfinite(made).all()


def test_factors_find_what_edges_know_beside_louder_features():
    graph = make_graph(network(), distracted())
    scores = {}
    for encoder in ("none", "factors", "mixed"):
        points = found(graph, encoder, components=2)
        result = tvgnn_cli.cluster(
            graph, K, view="both", encoder=encoder, feature_scaling="none", components=2, **QUICK
        )
        scores[encoder] = normalized_mutual_information(result.labels, CLASSES)
        assert points.shape == (K * SIZE, 4 if encoder == "mixed" else 2)
    assert scores["factors"] > 0.9 > scores["none"]


def chosen(graph, **settings):
    config = config_of(feature_scaling="none", **settings)
    judge = Judge(graph.edge_index, graph.edge_weight, probe_of(graph, config), config.seed)
    return choose_encoder(graph, config, judge)


def test_the_encoder_is_chosen_by_what_edges_and_features_tell():
    loud = make_graph(network(), distracted())
    found = chosen(loud, components=2)
    assert found.encoder in ("factors", "mixed")
    assert normalized_mutual_information(found.labels, CLASSES) > 0.9
    labelled = chosen(replace(loud, y=CLASSES), components=2)
    assert np.array_equal(labelled.labels, found.labels)
    quiet = make_graph(network(), distracted(strength=0.0)[:, :10])
    assert chosen(quiet, components=32).encoder == "none", "nothing is gained, nothing changes"


def test_of_the_optima_of_an_encoder_the_best_supported_is_taken(monkeypatch):
    better = np.roll(CLASSES, 1)

    class Biased:
        def support(self, labels):
            return Support(Measure(0.8 if labels is better else 0.5, 0.0))

    optima = Optima(2, [Clusters(CLASSES, 1.0), Clusters(better, 1.001)])
    monkeypatch.setattr(encoding, "grouped", lambda *_: optima)
    graph = make_graph(network(), distracted())
    found = choose_encoder(graph, config_of(feature_scaling="none"), Biased())
    assert found.labels is better
    assert found.encoder == "none", "where all are supported alike, the first"


def test_an_encoder_that_has_nothing_to_work_on_is_said():
    def notes(graph, **settings):
        found = tvgnn_cli.cluster(graph, K, encoder="factors", **settings, **QUICK).notes
        return [note for note in found if "`encoder` factors changes nothing" in note]

    told = make_graph(network(), distracted())
    assert notes(make_graph(network()))
    assert notes(told, view="features")
    assert not notes(told, view="both")


@pytest.mark.parametrize("encoder", ["factors", "mixed"])
@pytest.mark.parametrize("kind", ["dense", "sparse", "few"])
def test_a_model_remembers_what_it_made_of_features(tmp_path, encoder, kind):
    random = np.random.default_rng(0)
    x = (random.random((K * SIZE, 60)) < 0.05 + 0.3 * np.eye(K)[CLASSES].repeat(20, axis=1)) * 1.0
    x = {"dense": x + 0.01 * random.random(x.shape), "sparse": sp.csr_array(x), "few": x[:, ::6]}[
        kind
    ]
    graph = make_graph(network(), x.astype("f4"))
    result = tvgnn_cli.cluster(graph, K, view="both", encoder=encoder, **QUICK)
    assert normalized_mutual_information(result.labels, CLASSES) > 0.8
    result.save(tmp_path / "m.tvgnn")
    model = load_model(tmp_path / "m.tvgnn")
    assert model.fingerprint() == result.model.fingerprint()
    again = tvgnn_cli.predict(model, graph)
    assert np.array_equal(again.assignment, result.assignment)


def test_the_size_of_factors_beside_other_features():
    graph = make_graph(network(), distracted() * 1000)
    x = found(graph, "mixed", components=4)
    assert np.square(x[:, :4]).sum() == pytest.approx(np.square(x[:, 4:]).sum(), rel=1e-3)


def of(inertia, *labels):
    return Clusters(np.array(labels), inertia)


def test_optima_that_inertia_cannot_tell_apart():
    optima = Optima(most=2)
    for inertia, labels in ((10.02, "0011"), (float("nan"), "0101"), (10.0, "1100"),
                            (10.01, "0101"), (10.03, "0110"), (20.0, "0111")):  # fmt: skip
        optima.add(of(inertia, *map(int, labels)))
    assert [one.inertia for one in optima.found] == [10.0, 10.01], "one of each, the lowest"
    optima.add(of(5.0, 0, 0, 0, 1))
    assert [one.inertia for one in optima.found] == [5.0], "far below all others"
    one = Optima(most=1)
    for clusters in (of(3.0, 0, 1), of(2.0, 1, 0), of(2.0, 0, 0), of(4.0, 0, 1)):
        one.add(clusters)
    assert one.found[0].labels.tolist() == [1, 0], "the first of the lowest"


def test_a_candidate_has_to_beat_those_before_it_clearly():
    assert choose([1.0, 1.001, 1.01, 1.011], lambda share: share) == 1.01
    assert choose([-1.0, 0.0, 0.5], lambda share: share) == 0.5
    assert choose(["only"], lambda _: 1 / 0) == "only"


def test_nearest_pairs_of_many_vertices_are_found_in_cells():
    random = np.random.default_rng(1)
    centres = random.standard_normal((40, 8))
    x = np.repeat(centres, 60, axis=0) + 0.3 * random.standard_normal((2400, 8))
    x[5] = x[6] = x[7]
    x = x.astype("f4")
    exact = set(map(tuple, nearest_pairs(x, 5).T.tolist()))
    found = nearest_pairs(x, 5, most_exact=1000, cells=8)
    assert np.array_equal(found, nearest_pairs(x, 5, most_exact=1000, cells=8))
    assert (found[0] < found[1]).all()
    assert len(exact & set(map(tuple, found.T.tolist()))) > 0.95 * len(exact)
    assert len(exact) / 1.1 < found.shape[1] < 1.1 * len(exact)


def test_nearest_pairs():
    x = np.random.default_rng(0).standard_normal((50, 3)).astype("f4")
    distance = np.square(x[:, None] - x).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    wanted = {
        tuple(sorted((i, int(j)))) for i, row in enumerate(distance.argsort()[:, :4]) for j in row
    }
    found = nearest_pairs(x, 4)
    assert list(map(tuple, found.T.tolist())) == sorted(wanted)
    assert nearest_pairs(x[:1], 4).shape == (2, 0)
    assert nearest_pairs(x[:3], 10).T.tolist() == [[0, 1], [0, 2], [1, 2]]


def test_many_features_that_are_not_reduced_are_not_doubled():
    wide = sp.csr_array(sp.random(K * SIZE, 300, 0.05, dtype=np.float32, random_state=0))
    graph = make_graph(network(), wide)
    assert encoders_for(graph, config_of(components=0)) == ("none", "factors")
    assert encoders_for(graph, config_of()) == ("none", "factors", "mixed")
    with pytest.raises(UsageError, match=r"mixed keeps 300 features.*`components`"):
        learn_recipe(graph, config_of(components=0, encoder="mixed"))


@pytest.mark.parametrize("given", [{"neighbours": 5}, {"spread_coeff": 1.0}])
def test_terms_of_features_need_dense_ones(given):
    with pytest.raises(UsageError, match=r"needs features that are dense.*`components`"):
        tvgnn_cli.cluster(make_graph(network()), K, structural="identity", **given, **QUICK)
