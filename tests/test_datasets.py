"""Data sets by name: those of the paper, those of the library, and where they come from."""

from __future__ import annotations

import shutil
import urllib.request

import pytest

from tvgnn_cli.errors import InputError
from tvgnn_cli.inputs import read_graph


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
