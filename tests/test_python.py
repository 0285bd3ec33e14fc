"""What the commands do, from Python: evaluate, sweep, merge; names of the package."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import tvgnn_cli
from tests.conftest import ROOT, SAMPLES
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.evaluation.metric_table import VOLATILE
from tvgnn_cli.io.places import path_of
from tvgnn_cli.io.writers import check_target
from tvgnn_cli.machine import ownership
from tvgnn_cli.train import allocator

KARATE, CLUBS = SAMPLES / "karate.csv", SAMPLES / "karate_clubs.csv"
SMALL = {"hidden": 8, "mlp_hidden": 8, "epochs": 3, "init": "random", "threads": 1}


def steady(row):
    return {name: value for name, value in row.items() if name not in VOLATILE and value == value}


def test_the_package_is_imported_without_its_libraries():
    code = (
        "import sys, tvgnn_cli\n"
        "heavy = {'torch', 'sklearn', 'pandas', 'numpy', 'scipy', 'anndata'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_every_public_name_is_there_and_no_module_can_take_its_place():
    # Importing a module of a package sets it as the package's attribute of that name.
    modules = {module.name for module in pkgutil.iter_modules(tvgnn_cli.__path__)}
    for name in tvgnn_cli.__all__:
        assert name not in modules, name
        assert getattr(tvgnn_cli, name) is not None


def test_public_names_are_completed_and_a_misspelt_one_is_answered(tvgnn):
    named = [name for name in dir(tvgnn_cli) if not name.startswith("_")]
    assert named == sorted(tvgnn_cli.__all__)
    code = "import tvgnn_cli; tvgnn_cli.reed_graph"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ended.stderr.endswith("'reed_graph'. Did you mean: 'read_graph'?\n")
    assert f"tvgnn {tvgnn_cli.__version__}\n" == tvgnn("--version").out


@pytest.fixture(scope="module")
def karate():
    return tvgnn_cli.cluster(KARATE, 2, labels=CLUBS, **SMALL)


def test_an_evaluation_is_the_same_whatever_the_clusters_come_as(karate, tmp_path):
    karate.write(tmp_path / "c.csv")
    by_id = dict(zip(karate.ids, karate.labels.tolist(), strict=True))
    backwards = pd.Series(dict(reversed(by_id.items())))
    forms = [tmp_path / "c.csv", str(tmp_path / "c.csv"), karate, by_id, backwards,
             karate.labels, karate.labels.tolist()]  # fmt: skip
    for clusters in forms:
        found = tvgnn_cli.evaluate(clusters, graph=KARATE, labels=CLUBS).metrics
        assert found["num_vertices"] == 34
        for name in ("nmi", "acc", "ari", "modularity", "cut_fraction", "num_labelled"):
            assert found[name] == pytest.approx(karate.metrics[name]), (name, clusters)


def test_labels_come_by_id_or_in_vertex_order(karate):
    clubs = pd.read_csv(CLUBS, dtype=str).set_index("id").iloc[:, 0]
    in_order = clubs.loc[karate.ids].tolist()
    wanted = karate.metrics["nmi"]
    for labels in (clubs, clubs.to_dict(), np.array(in_order)):
        found = tvgnn_cli.evaluate(karate, graph=KARATE, labels=labels).metrics
        assert found["nmi"] == pytest.approx(wanted)
    alone = tvgnn_cli.evaluate(karate.labels, labels=in_order).metrics
    assert alone["nmi"] == pytest.approx(wanted)
    assert "modularity" not in alone


@pytest.mark.parametrize(
    ("clusters", "options", "error", "words"),
    [
        ([0, 1], {}, UsageError, "to score against"),
        ([0, 1], {"graph": KARATE}, InputError, "clusters: 2 values for 34 vertices"),
        ([{"a", "b"}, {"c"}], {"labels": [0, 1]}, InputError, "one number or name for each"),
        ([[0, 1]], {"labels": [0]}, InputError, "one number or name for each"),
        (pd.DataFrame({"a": [1]}), {"labels": [0]}, UsageError, "`labels`: is in the order"),
        ({"a": 0}, {"labels": [0]}, UsageError, "`labels`: is in the order"),
        ([0], {"labels": {"a": 0}}, UsageError, "clusters: is in the order"),
        ({"a": 0, "b": None}, {"labels": {"a": 0, "b": 1}}, InputError, "no cluster for"),
        ({"a": 0}, {"labels": {"a": 0, "b": 1}}, InputError, "clusters: no row for vertex 'b'"),
        (pd.Series([0, 1], ["a", "a"]), {"labels": {"a": 0}}, InputError, "more than one row"),
        ([0, 1], {"labels": [0, 1, 1]}, InputError, "labels: 3 values for 2 clusters"),
    ],
)  # fmt: skip
def test_clusters_that_cannot_be_scored(clusters, options, error, words):
    with pytest.raises(error, match=words):
        tvgnn_cli.evaluate(clusters, **options)


def test_labels_of_vertices_that_the_graph_lacks_are_left_out(karate):
    clubs = pd.read_csv(CLUBS, dtype=str).set_index("id").iloc[:, 0].to_dict()
    found = tvgnn_cli.evaluate(karate, graph=KARATE, labels={**clubs, "x": "1", "y": "2"})
    wanted = tvgnn_cli.evaluate(karate, graph=KARATE, labels=clubs)
    assert found.metrics == wanted.metrics
    assert found.notes[-1] == "rows of labels for vertices that the graph lacks, left out: 2"
    assert "weights: column 3, 'weight'" in found.notes  # as cluster says them


@pytest.mark.parametrize("graph", [None, KARATE])
def test_vertices_that_the_labels_lack_are_of_unknown_class(karate, graph, tmp_path):
    clubs = pd.read_csv(CLUBS, dtype=str).set_index("id").iloc[:, 0].to_dict()
    some = dict(list(clubs.items())[:20])
    unknown = {**clubs, **dict.fromkeys(list(clubs)[20:], "")}
    found = tvgnn_cli.evaluate(karate, graph=graph, labels=some)
    assert found.metrics == tvgnn_cli.evaluate(karate, graph=graph, labels=unknown).metrics
    assert found.metrics["num_labelled"] == 20
    said = found.notes[-1]
    assert len(found.notes) == 1 or graph is not None
    assert said.startswith("vertices without a row in labels: 14 of 34 ('m")
    if graph is not None:  # as cluster has it
        pd.Series(some, name="label").to_csv(tmp_path / "y.csv", index_label="id")
        labels = tmp_path / "y.csv"
        trained = tvgnn_cli.cluster(graph, 2, labels=labels, seed=1, epochs=2, hidden=8)
        scores = tvgnn_cli.evaluate(trained, graph=graph, labels={**some, "x": "1"})
        assert scores.metrics["nmi"] == trained.metrics["nmi"]
        assert len(scores.notes) == 2 + len(found.notes) - 1
    with pytest.raises(InputError, match="no row for vertex 'y'"):
        tvgnn_cli.evaluate(karate, graph=graph, labels={"y": "1"})


def test_options_and_tables_that_are_unknown_are_named(karate):
    with pytest.raises(UsageError, match=r"unknown option 'label'\. Did you mean 'labels'"):
        tvgnn_cli.explain(KARATE, karate, label=CLUBS)
    with pytest.raises(UsageError, match=r"unknown option 'epochs'\. "):
        tvgnn_cli.read_graph(KARATE, epochs=3)
    with pytest.raises(UsageError, match="no table 'cuts'; known: vertices, changes"):
        tvgnn_cli.match(karate, karate).to_frame("cuts")


SHARD = tvgnn_cli.Shard.parse

OTHER_KINDS = [
    (lambda: tvgnn_cli.cluster(KARATE, config={"lr": 1}), "`config` is .*what make_config gives"),
    (
        lambda: tvgnn_cli.cluster(KARATE, 2, observer=5),
        "`observer` is '5'; needs to be an Observer",
    ),
    (lambda: tvgnn_cli.cluster(KARATE, 2, observer=tvgnn_cli.Observer), "`observer` is .*instance"),
    (lambda: tvgnn_cli.cluster(KARATE, 2, interruption=5), "`interruption` is '5'"),
    (lambda: tvgnn_cli.cluster(KARATE, 2, checkpointing="x"), "`checkpointing` is 'x'"),
    (lambda: tvgnn_cli.cluster(KARATE, 2, only=1), "`only` is '1'; needs to be a range"),
    (lambda: tvgnn_cli.Checkpointing(5), "`folder` is '5'; needs to be a path"),
    (lambda: tvgnn_cli.Checkpointing("x", every="a"), "`every` is a"),
    (lambda: tvgnn_cli.sweep(KARATE, [2], over="lr"), "`over` is 'lr'; needs to be values by name"),
    (lambda: tvgnn_cli.sweep(KARATE, [2], jobs="a"), "`jobs` is a; needs to be at least 1"),
    (lambda: tvgnn_cli.consensus(5), "of two clusterings or more"),
    (lambda: tvgnn_cli.merge(5), "`folder` is '5'; needs to be a path"),
    (lambda: path_of(None), "`path` is 'None'; needs to be a path"),  # of load_model, save
    (lambda: SHARD(5), "`shard` is '5'; write it as 3/8"),
    (lambda: tvgnn_cli.make_config(5), "settings are 5; give values by name"),
]


@pytest.mark.parametrize(("call", "words"), OTHER_KINDS)
def test_arguments_of_another_kind_are_named(call, words):
    with pytest.raises(UsageError, match=words):
        call()


def test_one_result_is_no_consensus_and_a_number_no_clusters(karate):
    with pytest.raises(UsageError, match="of two clusterings or more"):
        tvgnn_cli.consensus(karate)
    for given in (5, None, np.array(3)):
        with pytest.raises(InputError, match="one number or name for each vertex"):
            tvgnn_cli.match(given, karate)
    with pytest.raises(
        InputError, match="the earlier clusters: no cluster for any vertex of clusters"
    ):
        tvgnn_cli.match(karate.labels, karate)


def test_a_folder_of_states_may_be_text(tmp_path):
    assert tvgnn_cli.Checkpointing(str(tmp_path)).folder == tmp_path


@pytest.mark.parametrize("name", ["edge_attr", "edge_weight"])
def test_values_of_edges_that_are_not_read_are_said(name):
    edges = np.array([[0, 1, 2], [1, 2, 0]])
    graph = SimpleNamespace(edge_index=edges, num_nodes=3, **{name: np.array([1.0, 2.0, 3.0])})
    read = tvgnn_cli.read_graph(graph)
    said = "edge_attr is not read; as edge_weight its values are weights"
    assert (said in read.notes) == (name == "edge_attr") == (read.edge_weight is None)


def test_an_evaluation_is_written(karate, tmp_path):
    found = tvgnn_cli.evaluate(karate, labels=CLUBS)
    found.write(tmp_path / "s.json")
    assert json.loads((tmp_path / "s.json").read_text()) == found.metrics


def test_a_sweep_has_the_rows_of_its_command(tvgnn, tmp_path):
    found = tvgnn_cli.sweep(KARATE, range(2, 4), restarts=2, labels=CLUBS, **SMALL)
    done = tvgnn("sweep", KARATE, "-k", "2,3", "--restarts", 2, "--labels", CLUBS, "--hidden", 8,
                 "--mlp-hidden", 8, "--epochs", 3, "--init", "random", "--threads", 1,
                 "-o", "a.csv", "-q")  # fmt: skip
    assert done.code == 0, done.err
    found.write(tmp_path / "b.csv", plot=tmp_path / "b.svg")
    tables = [pd.read_csv(tmp_path / name).to_dict("records") for name in ("a.csv", "b.csv")]
    assert [steady(row) for row in tables[0]] == [steady(row) for row in tables[1]]
    assert found.over == ("num_clusters",)
    assert found.suggestion.num_clusters in (2, 3)
    assert found.to_frame().num_clusters.tolist() == [2, 3]
    assert (tmp_path / "b.svg").read_text().startswith("<?xml")


def test_values_of_a_sweep_from_python():
    over = {"lr": np.array([1e-3, 1e-2]), "delta": ".1,.2"}
    found = tvgnn_cli.sweep(KARATE, [2], over=over, restarts=1, **SMALL)
    assert [(row["num_clusters"], row["lr"], row["delta"]) for row in found.rows] == [
        (2, 1e-3, 0.1), (2, 1e-3, 0.2), (2, 1e-2, 0.1), (2, 1e-2, 0.2)
    ]  # fmt: skip


def test_a_sweep_over_a_configuration_changes_only_what_it_sweeps():
    settings = {key: value for key, value in SMALL.items() if key != "threads"}
    config = tvgnn_cli.make_config({**settings, "seed": 5, "restarts": 1})
    found = tvgnn_cli.sweep(KARATE, "2..3", config=config, threads=1)
    one = tvgnn_cli.cluster(KARATE, 3, config=config, threads=1)
    assert found.rows[1]["config_fingerprint"] == one.metrics["config_fingerprint"]
    assert found.rows[1]["loss"] == one.metrics["loss"]


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        (None, {}, "nothing to sweep over"),
        ([], {}, "`num_clusters` is"),
        ([2, 2], {}, "different values"),
        (3, {}, "give several values"),
        ([1, 2], {}, "`num_clusters` is 1"),
        ([2], {"over": {"delat": [1.0]}}, "Did you mean 'delta'"),
        ([2], {"over": {"restarts": [1, 2]}}, "no such setting"),
        ([2], {"over": {"k": [2, 3]}}, "swept twice"),
        ([2], {"sead": 1}, "Did you mean 'seed'"),
        ([2], {"config": tvgnn_cli.make_config({}), "seed": 1}, "not both: seed"),
        ([2], {"config": tvgnn_cli.make_config({}), "over": {"method": ["dmon"]}}, "no config"),
        ([99], {}, "only 34 vertices"),
    ],
)  # fmt: skip
def test_sweeps_that_cannot_be(values, options, words):
    with pytest.raises(UsageError, match=words):
        tvgnn_cli.sweep(KARATE, values, **options)


def test_parts_of_a_run_are_merged_to_the_whole(tmp_path):
    settings = {**SMALL, "restarts": 3, "seed": 4}
    for text in ("1/2", "2/2"):
        shard = tvgnn_cli.Shard.parse(text)
        part = tvgnn_cli.cluster(KARATE, 2, only=shard.part(3), **settings)
        tvgnn_cli.write_shard(part, shard if text == "1/2" else text, tmp_path / "shards")
        if text == "1/2":
            with pytest.raises(UsageError, match="1 of 2 shards are missing: 2/2"):
                tvgnn_cli.merge(tmp_path / "shards", require_complete=True)
            assert tvgnn_cli.merge(tmp_path / "shards").missing == (tvgnn_cli.Shard(2, 2),)
    merged = tvgnn_cli.merge(str(tmp_path / "shards"), require_complete=True)
    whole = tvgnn_cli.cluster(KARATE, 2, **settings)
    assert merged.missing == ()
    assert np.array_equal(merged.result.assignment, whole.assignment)
    assert steady(merged.result.metrics) == steady(whole.metrics)


def test_what_a_notebook_shows_is_one_line(karate):
    graph = tvgnn_cli.read_graph(KARATE, keep_attributes=True)
    shown = [repr(it) for it in (karate, karate.model, graph, graph.origin)]
    assert all("\n" not in line and len(line) < 1_000 for line in shown)
    first, second = np.bincount(karate.labels)
    assert f"34 vertices, 2 clusters of {first}, {second}, modularity" in shown[0]
    assert "34 vertices, 78 edges" in shown[2]


def test_a_graph_that_can_become_one_of_networkx_is_told_so():
    igraph = pytest.importorskip("igraph")
    with pytest.raises(InputError, match=r"to_networkx\(\)"):
        tvgnn_cli.cluster(igraph.Graph.Ring(5), 2)


def test_the_c_library_is_told_to_keep_memory_by_the_command_line_only(monkeypatch):
    told = []
    glibc = SimpleNamespace(
        mallopt=lambda *given: told.append(given), malloc_trim=lambda _: told.append("trim")
    )
    monkeypatch.setattr(allocator, "_glibc", lambda: glibc)
    monkeypatch.setattr(ownership, "_is_ours", False)
    with allocator.retained_memory():
        pass
    assert not told, "a caller's process"
    ownership.own_process()
    with allocator.retained_memory():
        assert (allocator.MMAP_THRESHOLD, allocator.KEPT) in told
    assert (allocator.MMAP_THRESHOLD, allocator.DEFAULT) in told


def test_an_empty_name_of_a_file_is_told_as_such():
    for options in ({"features": ""}, {"labels": ""}):
        with pytest.raises(InputError, match="the name of a file is empty; give one"):
            tvgnn_cli.read_graph("karate", **options)
    with pytest.raises(UsageError, match="-o: the name of the file is empty; give one"):
        check_target("-o", "", (), ())
