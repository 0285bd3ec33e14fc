"""Data sets by name: those of the paper, those of the library, and where they come from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.request

import pytest

from tests.conftest import ROOT, SAMPLES
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.built_in import BUILT_IN
from tvgnn_cli.io.read import read_graph


def test_data_sets_of_the_paper(data_root):
    for name, n, e, f, k in [
        ("Cora", 2708, 5278, 1433, 7),
        ("citeseer", 3327, 4552, 3703, 6),
        ("pyg:Planetoid/PubMed", 19717, 44324, 500, 3),
        ("DBLP", 17716, 52867, 1639, 4),
    ]:
        graph = read_graph(name, data_root=str(data_root), offline=True)
        sizes = graph.num_vertices, graph.num_edges, graph.num_features, graph.num_classes
        assert sizes == (n, e, f, k)


def test_a_data_set_that_comes_with_the_library():
    graph = read_graph("pyg:KarateClub", offline=True)
    assert (graph.num_vertices, graph.num_edges, graph.num_classes) == (34, 78, 4)


def test_a_collection_of_graphs_is_refused(monkeypatch):
    class Collection:
        def __init__(self):
            self.graphs = ["one", "two"]

        def __len__(self):
            return len(self.graphs)

        def __getitem__(self, index):
            return self.graphs[index]

    monkeypatch.setattr("torch_geometric.datasets.Collection", Collection, raising=False)
    with pytest.raises(InputError, match="holds 2 graphs"):
        read_graph("pyg:Collection")


def test_an_existing_file_wins_over_a_data_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Cora").write_text("a,b\n")
    assert read_graph("Cora").num_vertices == 2


def test_dblp_says_that_its_features_are_binarised(data_root):
    graph = read_graph("DBLP", data_root=data_root, offline=True)
    assert any("0 or 1" in note for note in graph.notes)
    assert set(graph.x.data.tolist()) == {1.0}


def test_a_data_root_that_cannot_be_written(data_root, tmp_path, monkeypatch):
    raw = data_root / "Planetoid" / "Cora" / "raw"
    shutil.copytree(raw, tmp_path / "Planetoid" / "Cora" / "raw")
    monkeypatch.setattr("tvgnn_cli.io.datasets._is_writable", lambda _: False)
    assert read_graph("Cora", data_root=tmp_path, offline=True).num_vertices == 2708
    assert [p.name for p in (tmp_path / "Planetoid" / "Cora").iterdir()] == ["raw"]


def test_offline_no_code_of_a_data_set_reaches_the_network(monkeypatch, tmp_path):
    class Fetching:
        def __init__(self):
            urllib.request.urlopen("http://localhost:9/graph.zip")

    monkeypatch.setattr("torch_geometric.datasets.Fetching", Fetching, raising=False)
    with pytest.raises(InputError, match="offline"):
        read_graph("pyg:Fetching", offline=True, data_root=tmp_path)


def edges_by_id(graph):
    ends = graph.ids[graph.edge_index].T.tolist()
    return {frozenset(pair): weight for pair, weight in zip(ends, graph.weights, strict=True)}


def test_karate_is_the_sample_graph():
    karate = read_graph("karate")
    sample = read_graph(SAMPLES / "karate.csv", labels=SAMPLES / "karate_clubs.csv")
    assert (karate.num_vertices, karate.num_edges, karate.num_classes) == (34, 78, 2)
    assert edges_by_id(karate) == edges_by_id(sample)
    assert karate.class_names == sample.class_names == ("Mr. Hi", "Officer")
    clubs = [dict(zip(each.ids, each.y, strict=True)) for each in (karate, sample)]
    assert clubs[0] == clubs[1]


def test_planted_is_the_sample_graph():
    planted, sample = read_graph("Planted"), read_graph(SAMPLES / "planted.graphml")
    assert planted.fingerprint() == sample.fingerprint()
    assert planted.y.tolist() == sample.y.tolist()
    assert planted.class_names == sample.class_names
    assert planted.feature_names == sample.feature_names


def test_built_in_graphs_need_no_other_library():
    code = (
        "import sys; from tvgnn_cli.io.read import read_graph\n"
        "assert [read_graph(name).num_vertices for name in ('karate', 'planted')] == [34, 280]\n"
        "heavy = {'torch', 'torch_geometric', 'networkx', 'pandas', 'pyarrow'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_a_built_in_graph_names_the_files(tvgnn, tmp_path):
    outcome = tvgnn("cluster", "Karate", "--epochs", 2, "--hidden", 8, "--threads", 1)
    assert outcome.code == 0, outcome.err
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == ["karate.clusters.csv", "karate.metrics.csv"]
    assert "comes with tvgnn" in outcome.err
    assert "NMI" in outcome.err


def test_a_file_wins_over_a_built_in_graph(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "karate").write_text("a,b\n")
    assert read_graph("karate").num_vertices == 2


def test_a_built_in_graph_is_suggested():
    with pytest.raises(InputError, match="Did you mean 'karate'"):
        read_graph("carate")
    text = (ROOT / "docs" / "input.md").read_text()
    assert all(f"`{name}`" in text for name in BUILT_IN)
