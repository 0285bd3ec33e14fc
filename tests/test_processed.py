"""Data sets that the library has processed: the same graph without its import."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch_geometric.data import Data, HeteroData, InMemoryDataset

from tests.conftest import ROOT
from tvgnn_cli.errors import InputError
from tvgnn_cli.io import datasets
from tvgnn_cli.io.processed import processed_file, read_processed
from tvgnn_cli.io.read import read_graph


def kept(folder, *graphs):
    """The folder of a data set as the library leaves it, with these graphs."""
    processed = folder / "processed"
    processed.mkdir(parents=True)
    InMemoryDataset.save(list(graphs), str(processed / "data.pt"))
    for name in ("pre_transform.pt", "pre_filter.pt"):
        torch.save("None", processed / name)
    return processed


@pytest.fixture
def path_graph():
    edges = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
    masks = {"train_mask": torch.tensor([True, False, True])}
    return Data(x=torch.eye(3), edge_index=edges, y=torch.tensor([0, 1, 1]), **masks)


def test_a_processed_graph_needs_no_library(tmp_path, path_graph):
    kept(tmp_path / "Planetoid" / "Cora", path_graph)
    code = (
        "import sys; from tvgnn_cli.io.read import read_graph\n"
        f"graph = read_graph('Cora', data_root={str(tmp_path)!r}, offline=True)\n"
        "assert graph.edge_index.tolist() == [[0, 1], [1, 2]], graph.edge_index\n"
        "assert graph.y.tolist() == [0, 1, 1] and graph.num_features == 3\n"
        "assert 'torch_geometric' not in sys.modules"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


@pytest.mark.parametrize("name", ["Cora", "DBLP"])
def test_the_graph_is_the_one_of_the_library(name, data_root, monkeypatch):
    def read():
        return read_graph(name, data_root=data_root, offline=True)

    read()  # the library has processed it now
    monkeypatch.setattr(datasets, "_from_library", lambda *_: pytest.fail("the library was asked"))
    found = read()
    monkeypatch.undo()
    monkeypatch.setattr(datasets, "read_processed", lambda _: None)
    expected = read()
    assert found.fingerprint() == expected.fingerprint()
    assert (found.name, found.notes, found.counts) == (
        expected.name, expected.notes, expected.counts
    )  # fmt: skip
    assert np.array_equal(found.y, expected.y)
    assert found.class_names == expected.class_names


class Planted:
    """What would make a file if it were unpickled."""

    def __reduce__(self):
        return Path.touch, (Path("planted"),)


def changed(processed, graph):
    """What the library, and not we, has to read or to refuse."""
    file, x, edges = processed / "data.pt", graph.x, graph.edge_index
    yield "damaged", lambda: (processed / "data.pt").write_bytes(b"PK no archive")
    yield "filtered", lambda: torch.save("Filter()", processed / "pre_filter.pt")
    yield "of two", lambda: InMemoryDataset.save([graph, graph], str(processed / "data.pt"))
    yield "old", lambda: torch.save((graph, None), processed / "data.pt")
    yield "list", lambda: torch.save([{"x": x, "edge_index": edges}, None, Data], file)
    yield "no class", lambda: torch.save(({"x": x, "edge_index": edges}, None, None), file)
    yield "other class", lambda: torch.save(({"x": x, "edge_index": edges}, None, HeteroData), file)
    yield "code", lambda: torch.save(({"x": x, "edge_index": Planted()}, None, Data), file)
    yield "other", lambda: torch.save(({"x": 1}, None, dict), processed / "data.pt")
    yield "without", lambda: (processed / "pre_transform.pt").unlink()


@pytest.mark.parametrize(
    "case",
    [
        "damaged",
        "filtered",
        "of two",
        "old",
        "list",
        "no class",
        "other class",
        "code",
        "other",
        "without",
    ],
)
def test_another_form_is_left_to_the_library(case, tmp_path, path_graph, monkeypatch):
    processed = kept(tmp_path / "Planetoid" / "Cora", path_graph)
    assert read_processed(processed / "data.pt") is not None
    dict(changed(processed, path_graph))[case]()
    monkeypatch.chdir(tmp_path)
    assert read_processed(processed / "data.pt") is None
    assert not Path("planted").exists()
    with pytest.raises(InputError, match=r"offline, and these files are missing: ind\.cora\.x"):
        read_graph("Cora", data_root=tmp_path, offline=True)


def test_a_damaged_file_that_the_library_fails_at_is_named(data_root, tmp_path, path_graph):
    processed = kept(tmp_path / "Planetoid" / "Cora", path_graph)
    shutil.copytree(data_root / "Planetoid" / "Cora" / "raw", processed.parent / "raw")
    (processed / "data.pt").write_bytes(b"junk")
    with pytest.raises(InputError, match=r"if it is damaged, remove Cora/processed$"):
        read_graph("Cora", data_root=tmp_path, offline=True)


def test_no_place_is_guessed(tmp_path):
    assert processed_file("KarateClub", "", tmp_path) is None
    assert processed_file("Amazon", "Photo", tmp_path) is None
    assert processed_file("Planetoid", "/elsewhere", tmp_path) is None
    assert processed_file("Planetoid", "..", tmp_path) is None


@pytest.mark.parametrize("own", [None, 5])
def test_a_graph_may_have_more_vertices_than_it_says(own, tmp_path, path_graph):
    path_graph.num_nodes = own
    path_graph.x = torch.eye(own or 3)
    processed = kept(tmp_path / "Cora", path_graph)
    assert read_processed(processed / "data.pt").num_nodes == (own or 3)
