"""The Python API, result files, saved models, scores."""

from __future__ import annotations

import json
from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch

import tvgnn_cli
from tests.conftest import SAMPLES, cliques
from tests.fewer_starts import starts_in_use
from tests.some_graphs import some_set
from tvgnn_cli.config import make_config
from tvgnn_cli.errors import InputError, TrainingError, UsageError
from tvgnn_cli.evaluation.metric_table import VOLATILE
from tvgnn_cli.io.atomic import write_atomically
from tvgnn_cli.io.writers import METRIC_WRITERS, TABLE_WRITERS
from tvgnn_cli.run.machine import Machine, identity_of

SMALL = {"hidden": 8, "mlp_hidden": 8, "epochs": 5, "threads": 1}


pytestmark = pytest.mark.usefixtures("quick_start")


@pytest.fixture(scope="module")
def result():
    with starts_in_use():
        return tvgnn_cli.cluster(cliques(), num_clusters=3, **SMALL)


def test_result_agrees_with_itself(result, two_cliques):
    frame = result.to_frame()
    probabilities = frame[["p_0", "p_1", "p_2"]].to_numpy()
    assert frame.columns.tolist() == ["vertex", "cluster", "confidence", "margin", "p_0", "p_1", "p_2"]  # noqa: E501  # fmt: skip
    assert frame.vertex.tolist() == two_cliques.ids.tolist()
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert (frame.cluster == probabilities.argmax(axis=1)).all()
    ordered = np.sort(probabilities, axis=1)
    assert np.array_equal(frame.confidence, result.confidence)
    assert (frame.confidence > 0.5).all()
    assert np.array_equal(frame.margin, ordered[:, -1] - ordered[:, -2])
    sizes = np.bincount(result.labels, minlength=3)
    assert (np.diff(sizes) <= 0).all(), "clusters are numbered by size"
    assert result.metrics["clusters_used"] == (sizes > 0).sum()


def test_the_record_of_a_run_has_what_was_asked_for(tmp_path):
    """With it, method, preset and seed the same clusters come again; classes decide nothing."""
    rows = "a,b,w\n" + "".join(f"{i},{(i + j) % 12},2\n" for i in range(12) for j in (1, 2))
    table = "id,size,kind\n" + "".join(f"{i},{i % 5 or ''},{i % 2}\n" for i in range(12))
    (tmp_path / "a b").mkdir()
    edges, features = tmp_path / "a b" / "edges.csv", tmp_path / "a b" / "x.csv"
    edges.write_text(rows)
    features.write_text(table)
    asked = {"features": features, "feature_attrs": ["size"], "impute": "median", "weight": "none"}
    run = {"epochs": 3, "patience": 2, "filter_steps": 1}
    classes = [i % 3 for i in range(12)]
    found = tvgnn_cli.cluster(edges, num_clusters=2, **asked, **run, labels=classes)
    said = found.metrics["options"]
    want = "features='x.csv', feature_attrs='size', impute='median', weight='none', "
    assert said == want + "filter_steps=1, epochs=3, patience=2"
    again = eval(f"dict({said})") | {"features": features}
    same = tvgnn_cli.cluster(edges, num_clusters=2, **again)
    assert np.array_equal(same.assignment, found.assignment)
    assert same.metrics["options"] == said
    in_memory = tvgnn_cli.cluster(edges, 2, features=np.eye(12), weight="none", source=1, **run)
    start = "features='<ndarray>', weight='none', source='1', filter_steps=1, epochs=3"
    assert in_memory.metrics["options"].startswith(start)
    assert "options" not in tvgnn_cli.cluster(edges, num_clusters=2).metrics


def test_tables_of_clusters_of_any_tool_say_how_the_graph_was_read(tmp_path):
    table, clusters = tmp_path / "edges.csv", [0, 0, 0, 1, 1, 1]
    table.write_text("a,b,w\n0,1,2\n1,2,1\n0,2,1\n3,4,1\n4,5,1\n3,5,1\n2,3,9\n")
    for told in (tvgnn_cli.explain, tvgnn_cli.levels):
        assert told(table, clusters, weight="none").made_of["options"] == "weight='none'"
        assert "options" not in told(table, clusters).made_of


def test_columns_that_a_model_asks_for_are_no_option(tmp_path):
    """Nobody asked for them but the model, which has their names."""
    network = nx.ring_of_cliques(3, 5)
    for i, data in enumerate(data for _, data in network.nodes(data=True)):
        data |= {"size": i % 5 + 0.5, "age": i % 7 + 0.5}
    found = tvgnn_cli.cluster(network, 3, feature_attrs="size,age", view="both", **SMALL)
    assert "feature_attrs='size,age'" in found.metrics["options"]
    assert "feature_attrs" not in tvgnn_cli.predict(found.model, network).metrics["options"]


def test_the_record_has_no_settings_that_the_graph_decides(result):
    """Whether propagation goes by degree is settled by the graph, and no option that was given."""
    given = {**SMALL, "degree_weighted": True}
    found = tvgnn_cli.cluster(cliques(), num_clusters=3, **given).metrics["options"]
    assert found.startswith("degree_weighted=True, ") or ", degree_weighted=True" in found
    assert "degree_weighted" not in result.metrics["options"]


def test_metrics_are_complete(result):
    names = """num_clusters loss totvar_loss balance_loss epochs restarts clusters_used cut_fraction
    modularity mean_conductance smallest_cluster largest_cluster sharpness nmi acc ari seed
    version_tvgnn version_torch seconds peak_memory_mb input_fingerprint config_fingerprint"""
    assert set(names.split()) <= set(result.metrics)
    loss = result.metrics["totvar_coeff"] * result.metrics["totvar_loss"]
    for name in ("balance", "near", "spread"):
        loss += result.metrics[f"{name}_coeff"] * result.metrics[f"{name}_loss"]
    assert loss == pytest.approx(result.metrics["loss"], rel=1e-5)


@pytest.mark.parametrize(
    ("method", "settings"),
    [
        ("tvgnn", SMALL),
        ("gae", {"hidden": 8, "epochs": 2, "threads": 1}),
        ("kmeans", {"threads": 1}),
    ],
)
def test_a_result_says_which_kernels_its_network_had(monkeypatch, two_cliques, method, settings):
    monkeypatch.setenv("TVGNN_NO_FUSED", "1")
    result = tvgnn_cli.cluster(two_cliques, num_clusters=2, method=method, **settings)
    told = [note for note in result.notes if note.startswith("no compiled kernels")]
    if method == "kmeans":
        assert "kernels" not in result.metrics
        assert not told
        return
    assert result.metrics["kernels"] == "torch"
    assert "TVGNN_NO_FUSED is set" in told[0]
    machine = Machine(1, torch.device("cpu"))
    identity = identity_of(result.metrics, result.config, machine)
    assert identity.made_with["kernels"] == "torch", "a run that goes on compares it"
    if result.model is not None:
        assert result.model.provenance["kernels"] == "torch"
        predicted = tvgnn_cli.predict(result.model, two_cliques, threads=1)
        assert predicted.metrics["kernels"] == "torch"
        assert told[0] in predicted.notes


@pytest.mark.parametrize("suffix", TABLE_WRITERS)
def test_written_clusters_read_back_the_same(result, tmp_path, suffix):
    path = tmp_path / f"c{suffix}"
    result.write(path)
    types = {
        "vertex": str,
        "confidence": "f4",
        "margin": "f4",
        **{f"p_{k}": "f4" for k in range(3)},
    }
    if suffix == ".parquet":
        frame = pd.read_parquet(path)
        said = json.loads(pq.read_schema(path).metadata[b"tvgnn"])
        assert said == {k: v for k, v in result.metrics.items() if k not in VOLATILE}
    else:
        frame = pd.read_csv(path, sep={".csv": ",", ".tsv": "\t"}[suffix], dtype=types)
    pd.testing.assert_frame_equal(frame, result.to_frame(), check_dtype=False)


@pytest.mark.parametrize("suffix", METRIC_WRITERS)
def test_written_metrics_read_back_the_same(result, tmp_path, suffix):
    result.write(tmp_path / "c.csv", metrics=tmp_path / f"m{suffix}")
    path = tmp_path / f"m{suffix}"
    if suffix == ".json":
        row = json.loads(path.read_text())
    else:
        exact = {"float_precision": "round_trip"}  # pandas 2 reads the last digit otherwise
        frame = pd.read_csv(path, **exact) if suffix == ".csv" else pd.read_parquet(path)
        row = frame.iloc[0].to_dict()
    assert list(row) == list(result.metrics)
    assert row["loss"] == result.metrics["loss"]
    assert row["input_fingerprint"] == result.metrics["input_fingerprint"]


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "c.csv"
    path.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        write_atomically(path, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["c.csv"]
    assert path.read_text() == "old"


def test_a_saved_model_labels_its_own_graph_the_same(result, two_cliques, tmp_path):
    result.save(tmp_path / "m.tvgnn")
    model = tvgnn_cli.load_model(tmp_path / "m.tvgnn")
    again = tvgnn_cli.predict(model, two_cliques, threads=1)
    assert np.array_equal(again.labels, result.labels)
    assert np.array_equal(again.assignment, result.assignment)
    assert model.config == result.config
    assert model.provenance["best_seed"] == 0


def test_a_path_is_a_model_too(result, two_cliques, tmp_path):
    path = tmp_path / "m.tvgnn"
    result.save(path)
    for given in (path, str(path)):
        again = tvgnn_cli.predict(given, two_cliques, threads=1)
        assert np.array_equal(again.assignment, result.assignment)
    hidden = tvgnn_cli.embed(path, two_cliques, threads=1)
    assert np.array_equal(hidden, tvgnn_cli.embed(result.model, two_cliques, threads=1))
    graphs = some_set()
    made = tvgnn_cli.classify(graphs, hidden=8, epochs=1, threads=1)
    made.save(path)
    told = tvgnn_cli.predict_graphs(path, graphs, threads=1)
    assert np.array_equal(told.probabilities, made.probabilities)
    found = tvgnn_cli.embed_graphs(str(path), graphs, threads=1)
    assert np.array_equal(found, tvgnn_cli.embed_graphs(made.model, graphs, threads=1))


def test_what_is_no_model_is_refused_in_one_line(two_cliques, result, tmp_path):
    for use in (tvgnn_cli.predict, tvgnn_cli.embed):
        for given in (result, None, 3):
            words = f"needed, not a {type(given).__name__}: give the path .*, what load_model gives"
            with pytest.raises(UsageError, match=words):
                use(given, two_cliques)
        with pytest.raises(InputError, match=r"none\.tvgnn"):
            use(tmp_path / "none.tvgnn", two_cliques)
    for use in (tvgnn_cli.predict_graphs, tvgnn_cli.embed_graphs):
        with pytest.raises(UsageError, match="what load_classifier gives"):
            use(result.model, some_set())


def test_a_saved_model_labels_another_graph(result, two_cliques, tmp_path):
    result.save(tmp_path / "m.tvgnn")
    order = np.random.default_rng(0).permutation(12)
    rank = np.argsort(order)
    edges = np.sort(rank[two_cliques.edge_index], axis=0)
    other = replace(two_cliques, edge_index=edges, x=two_cliques.x[order], y=None)
    moved = tvgnn_cli.predict(tvgnn_cli.load_model(tmp_path / "m.tvgnn"), other, threads=1)
    assert np.array_equal(moved.labels, result.labels[order])


def test_a_model_of_spectral_features_stays_with_its_graph(tmp_path):
    result = tvgnn_cli.cluster(nx.karate_club_graph(), num_clusters=2, **SMALL)
    with pytest.raises(UsageError, match="spectral features"):
        tvgnn_cli.predict(result.model, nx.path_graph(5))


def test_a_path_is_a_graph_too():
    result = tvgnn_cli.cluster(SAMPLES / "karate.csv", num_clusters=2, seed=1, threads=1)
    assert len(result.labels) == 34
    assert result.metrics["seed"] == 1


def test_k_defaults_to_the_number_of_classes(two_cliques):
    assert tvgnn_cli.cluster(two_cliques, **SMALL).metrics["num_clusters"] == 2
    with pytest.raises(UsageError, match="`num_clusters` is needed"):
        tvgnn_cli.cluster(replace(two_cliques, y=None, class_names=()), **SMALL)


def test_things_that_are_no_graph():
    with pytest.raises(InputError, match=r"builtins\.list"):
        tvgnn_cli.cluster([1, 2], num_clusters=2)
    with pytest.raises(UsageError, match="Did you mean 'seed'"):
        make_config({"sead": 1})


def test_isolated_vertices_get_a_row_each():
    network = nx.path_graph(4)
    network.add_nodes_from(["lone", "lonely"])
    result = tvgnn_cli.cluster(network, num_clusters=2, **SMALL)
    assert result.ids.tolist() == ["0", "1", "2", "3", "lone", "lonely"]
    assert np.isfinite(result.assignment).all()


@pytest.mark.parametrize("kind", ["spectral", "degree", "identity"])
@pytest.mark.parametrize("init", ["kmeans", "random"])
def test_every_start_and_structure_runs(kind, init):
    graph = nx.planted_partition_graph(2, 10, 0.9, 0.05, seed=1)
    result = tvgnn_cli.cluster(graph, num_clusters=2, structural=kind, init=init, **SMALL)
    assert result.assignment.shape == (20, 2)


def test_vertices_of_unknown_class_are_left_out_of_the_scores(two_cliques):
    y = two_cliques.y.copy()
    y[[0, 7]] = -1
    partly = tvgnn_cli.cluster(replace(two_cliques, y=y), **SMALL)
    assert (partly.metrics["num_labelled"], partly.metrics["acc"]) == (10, 1.0)
    assert any("2 vertices of unknown class" in note for note in partly.notes)
    none = tvgnn_cli.cluster(replace(two_cliques, y=np.full(12, -1)), **SMALL)
    assert "nmi" not in none.metrics


def test_a_model_of_degrees_says_that_it_ignores_features(two_cliques):
    model = tvgnn_cli.cluster(replace(two_cliques, x=None), structural="degree", **SMALL).model
    labelled = tvgnn_cli.predict(model, two_cliques, threads=1)
    assert any("input's features are not used" in note for note in labelled.notes)
    assert labelled.metrics["model_fingerprint"] == model.fingerprint()


def test_collapse_counts_as_failure_where_asked(two_cliques):
    settings = {**SMALL, "balance_coeff": 0.0, "lr": 0.3, "epochs": 60, "init": "random"}
    assert tvgnn_cli.cluster(two_cliques, **settings).metrics["clusters_used"] == 1
    with pytest.raises(TrainingError, match="only 1 of 2 clusters"):
        tvgnn_cli.cluster(two_cliques, fail_on_collapse=True, **settings)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_k_equal_to_n_gives_each_vertex_its_own_cluster(n):
    result = tvgnn_cli.cluster(nx.path_graph(n), num_clusters=n, threads=1)
    assert sorted(result.labels) == list(range(n))
