"""Features and edges side by side, where features alone would drown what the edges say."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp

import tvgnn_cli
from tests.conftest import make_graph
from tvgnn_cli.config import BOTH, EDGES, JOINT, make_config
from tvgnn_cli.errors import UsageError
from tvgnn_cli.evaluation.metrics import normalized_mutual_information
from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.io.schema import MisfitError
from tvgnn_cli.models.model_file import RecipeFacts
from tvgnn_cli.prepare import joint
from tvgnn_cli.prepare.evidence.number import choose_number
from tvgnn_cli.prepare.evidence.views import measure_views
from tvgnn_cli.prepare.joint import (
    MOST_SPARSE,
    SHARE,
    beside_eigenvectors,
    can_join,
    eigenvectors_kept,
)
from tvgnn_cli.prepare.prepared import in_order, prepare
from tvgnn_cli.prepare.structural import spectral_embedding
from tvgnn_cli.run.memory import columns_at_most

K, SIZE = 5, 80
CLASSES = np.repeat(np.arange(K), SIZE)


def network(seed):
    return nx.planted_partition_graph(K, SIZE, 0.075, 0.0125, seed=seed)


def faint(seed, columns=10, centre=0.5):
    """Features that tell a little of the class, by themselves hardly anything."""
    random = np.random.default_rng(seed)
    centres = centre * random.standard_normal((K, columns))
    return (centres[CLASSES] + random.standard_normal((K * SIZE, columns))).astype("f4")


def graph_of(seed, x=None):
    return make_graph(network(seed), faint(seed) if x is None else x)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_faint_features_stand_beside_the_edges_and_both_gain(seed):
    graph = graph_of(seed)
    found = {
        view: tvgnn_cli.cluster(graph, K, view=view, epochs=0) for view in ("auto", BOTH, EDGES)
    }
    nmi = {
        view: normalized_mutual_information(each.labels, CLASSES) for view, each in found.items()
    }
    taken = found["auto"]
    assert taken.metrics["view"] == JOINT
    assert nmi["auto"] > max(nmi[BOTH], nmi[EDGES]) + 0.02
    assert any("edges stand beside the features" in note for note in taken.notes)


def test_it_is_tried_where_features_can_be_laid_out():
    config = make_config({"num_clusters": K})
    assert JOINT in measure_views(graph_of(1), config).support
    assert JOINT not in measure_views(graph_of(1), config, joins=False).support
    wide = replace(graph_of(1), x=sp.csr_array((K * SIZE, MOST_SPARSE + 1), dtype="f4"))
    assert JOINT not in measure_views(wide, replace(config, components=0)).support


@pytest.mark.parametrize("of", ["noise", "strong"])
def test_what_gains_nothing_from_it_stays(of):
    x = faint(1, centre=0.0 if of == "noise" else 2.0)
    found = measure_views(graph_of(1, x), make_config({"num_clusters": K}))
    assert found.view == (EDGES if of == "noise" else BOTH)


def test_a_quarter_of_the_spread_is_of_the_eigenvectors():
    graph = graph_of(1)
    x = faint(4) * np.float32(1e4) + 3
    both = beside_eigenvectors(x, graph, K, 0)
    assert both.dtype == np.float32
    assert both.shape == (K * SIZE, x.shape[1] + K)
    spread = both.var(axis=0, dtype=np.float64)
    assert spread[: x.shape[1]].sum() == pytest.approx(1 - SHARE, rel=1e-4)
    assert spread[x.shape[1] :].sum() == pytest.approx(SHARE, rel=1e-4)
    # Each part is as it was, but for its unit.
    for part, whole in (
        (x, both[:, : x.shape[1]]),
        (spectral_embedding(graph, K, 0), both[:, -K:]),
    ):
        ratio = whole / part
        np.testing.assert_allclose(ratio, np.median(ratio), rtol=1e-3)


def test_features_that_do_not_vary_leave_the_eigenvectors():
    both = beside_eigenvectors(np.ones((K * SIZE, 3), dtype="f4"), graph_of(1), K, 0)
    assert not both[:, :3].any()
    assert both[:, 3:].any()


def test_few_sparse_features_are_laid_out_and_many_refused():
    graph = graph_of(1)
    x = sp.csr_array(np.abs(faint(1)).round(1))
    np.testing.assert_array_equal(
        beside_eigenvectors(x, graph, K, 0), beside_eigenvectors(x.toarray(), graph, K, 0)
    )
    wide = sp.csr_array((np.ones(400), (np.arange(400), np.arange(400) % 300)), shape=(400, 300))
    graph = replace(graph, x=wide.astype("f4"))
    assert wide.shape[1] > MOST_SPARSE
    config = make_config({"num_clusters": K, "components": 0})
    assert not can_join(graph, config)
    assert can_join(graph, replace(config, components=32))
    with pytest.raises(UsageError, match="`view` joint needs features that are dense"):
        tvgnn_cli.cluster(graph, K, view=JOINT, components=0, epochs=0)


def test_a_model_of_both_belongs_to_its_graph(tmp_path):
    graph = graph_of(1)
    result = tvgnn_cli.cluster(graph, K, hidden=16, epochs=2)
    assert result.model.recipe.eigenvectors == K
    result.save(tmp_path / "m.tvgnn")
    loaded = tvgnn_cli.load_model(tmp_path / "m.tvgnn")
    assert loaded.fingerprint() == result.model.fingerprint()
    again = tvgnn_cli.predict(loaded, graph)
    np.testing.assert_array_equal(again.labels, result.labels)
    with pytest.raises(UsageError, match="spectral features, which belong to the graph"):
        tvgnn_cli.predict(loaded, graph_of(2))


def test_vertices_in_another_order_get_the_same_clusters():
    graph = graph_of(1)
    turned = np.random.default_rng(0).permutation(K * SIZE)
    ids = np.array([f"v{i:03d}" for i in range(K * SIZE)], dtype=object)
    graph = replace(graph, ids=ids, explicit_ids=True)
    rank = np.argsort(turned)
    ends = np.sort(rank[graph.edge_index], axis=0)
    other = replace(graph, ids=ids[turned], x=graph.x[turned], edge_index=ends)
    found, of_other = (tvgnn_cli.cluster(each, K, epochs=0) for each in (graph, other))
    assert found.metrics["view"] == of_other.metrics["view"] == JOINT
    # Clusters of one size are numbered by their first vertex.
    assert adjusted_rand_index(found.labels[turned], of_other.labels) == 1


def test_eigenvectors_of_one_graph_are_found_once(monkeypatch):
    graph, config = graph_of(1), make_config({"num_clusters": K})
    found = []

    def counted(*given):
        found.append(given)
        return spectral_embedding(*given)

    monkeypatch.setattr(joint, "spectral_embedding", counted)
    once = prepare(graph, config)
    assert once.evidence.view == JOINT
    # Without a fifth of the edges five times; of all of them, for edges alone, halves of the
    # features and three encoders; then with vertices in the order of training.
    assert len(found) == 5 + 1 + 1
    monkeypatch.setattr(joint._Kept, "is_of", lambda *_: False)
    again = prepare(graph, config)
    assert len(found) > 2 * 7
    np.testing.assert_array_equal(once.x, again.x)
    np.testing.assert_array_equal(once.encoding.labels, again.encoding.labels)


def test_what_is_kept_is_of_one_number_and_one_seed():
    graph, x = graph_of(1), faint(1)
    asked = [(K, 0), (K + 1, 0), (K + 1, 3), (K, 0)]
    alone = [beside_eigenvectors(x, graph, *each) for each in asked]
    with eigenvectors_kept():
        kept = [beside_eigenvectors(x, graph, *each) for each in asked]
    for one, other in zip(alone, kept, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_number_of_clusters_is_chosen_without_it(monkeypatch):
    monkeypatch.setattr("tvgnn_cli.prepare.evidence.held_back.beside_eigenvectors", None)
    choice = choose_number(in_order(graph_of(1))[0], make_config({}), [3, K])
    assert choice.view in (BOTH, EDGES)


def test_memory_counts_eigenvectors_that_may_come():
    graph, settings = graph_of(1), {"num_clusters": K, "encoder": "none"}
    columns = {
        view: columns_at_most(graph, make_config({**settings, "view": view}), K)
        for view in (BOTH, JOINT, "auto")
    }
    assert columns == {BOTH: 10, JOINT: 10 + K, "auto": 10 + K}


def test_eigenvectors_stand_beside_no_other_kind_of_features():
    given = {"num_features": 0, "scaling": "none", "filter_steps": 0, "filter_keep": 0.0,
             "feature_names": ()}  # fmt: skip
    with pytest.raises(MisfitError, match="beside other eigenvectors"):
        RecipeFacts(source="spectral", **given, eigenvectors=K)
