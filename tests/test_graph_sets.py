"""Sets of graphs in each of their forms."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile

import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp
import torch
from torch_geometric.data import Data

from tests.conftest import SHARED, make_graph
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.datasets import default_data_root
from tvgnn_cli.io.graph_sets import read as door
from tvgnn_cli.io.graph_sets.read import FORMS, read_graph_set
from tvgnn_cli.io.graph_sets.words import classes_of_graphs

GRAPHS = [
    {
        "n": 3,
        "edges": [(0, 1), (1, 2), (0, 2)],
        "weight": [1.0, 2.5, 0.5],
        "x": [[0.5, 1.0], [1.5, -2.0], [2.5, 3.0]],
        "kind": ["C", "O", "C"],
        "y": "-1",
        "split": "train",
    },
    {
        "n": 1,
        "edges": [],
        "weight": [],
        "x": [[9.5, 0.0]],
        "kind": ["N"],
        "y": "1",
        "split": "test",
    },
    {
        "n": 4,
        "edges": [(0, 3), (1, 3), (2, 3), (0, 1)],
        "weight": [1.0, 1.0, 3.0, 2.0],
        "x": [[0.0, 0.25], [1.0, 2.0], [2.0, 2.0], [3.0, 1.0]],
        "kind": ["O", "C", "N", "O"],
        "y": "-1",
        "split": "validation",
    },
]


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def lines(values):
    return "".join(f"{value}\n" for value in values)


def flat(key):
    return [value for graph in GRAPHS for value in graph[key]]


def edges_of_all():
    """Edges over the vertices of all graphs, and the first vertex of each graph."""
    first = np.cumsum([0] + [graph["n"] for graph in GRAPHS])
    return [
        (u + at, v + at) for g, at in zip(GRAPHS, first, strict=False) for u, v in g["edges"]
    ], first


def mixed():
    """Vertices of all graphs, not graph by graph, those of a graph in their order."""
    return [4, 0, 3, 1, 5, 6, 2, 7]


def as_tu(folder):
    edges, _ = edges_of_all()
    numbers = lines(f"{i}" for i, g in enumerate(GRAPHS, 1) for _ in range(g["n"]))
    table = "graph,label,split\n" + lines(
        f"{i},{g['y']},{g['split']}" for i, g in enumerate(GRAPHS, 1)
    )
    write(
        folder,
        {
            "DS_A.txt": lines(f"{u + 1}, {v + 1}" for u, v in edges),
            "DS_graph_indicator.txt": numbers,
            "DS_node_labels.txt": lines(flat("kind")),
            "DS_node_attributes.txt": lines(f"{a}, {b}" for a, b in flat("x")),
            "DS_edge_attributes.txt": lines(flat("weight")),
            "classes.csv": table,
        },
    )
    return read_graph_set(folder, weight="edge_attributes", labels=folder / "classes.csv")


def network_of(graph):
    network = nx.Graph(y=int(graph["y"]))
    for i, ((a, b), kind) in enumerate(zip(graph["x"], graph["kind"], strict=True)):
        network.add_node(i, a=a, b=b, label=kind)
    for (u, v), weight in zip(graph["edges"], graph["weight"], strict=True):
        network.add_edge(u, v, weight=weight)
    return network


def as_files(folder):
    folder.mkdir()
    for i, graph in enumerate(GRAPHS):
        nx.write_graphml(network_of(graph), folder / f"g{i}.graphml")
    table = lines(f"g{i}.graphml\t{g['split']}\t{g['y']}" for i, g in enumerate(GRAPHS))
    return read_graph_set(write(folder, {"labels.tsv": "graph\tSplit\tLabel\n" + table}))


META = """# DGL
dataset_name: 'toy'
separator: ','
edge_data:
- file_name: edges.csv
node_data:
- file_name: nodes.csv
graph_data:
  file_name: graphs.csv
"""


def as_dgl(folder):
    nodes = [
        f'{i},{v},{kind},"{a}, {b}"'
        for i, g in enumerate(GRAPHS)
        for v, ((a, b), kind) in enumerate(zip(g["x"], g["kind"], strict=True))
    ]
    nodes = [nodes[i] for i in mixed()]
    masks = {"train": "1,0,0", "validation": "0,1,0", "test": "0,0,1"}
    files = {
        "meta.yaml": META,
        "nodes.csv": "graph_id,node_id,label,feat\n" + lines(nodes),
        "edges.csv": "graph_id,src_id,dst_id,weight\n"
        + lines(
            f"{i},{u},{v},{w}"
            for i, g in enumerate(GRAPHS)
            for (u, v), w in zip(g["edges"], g["weight"], strict=True)
        ),
        "graphs.csv": "graph_id,label,train_mask,val_mask,test_mask\n"
        + lines(f"{i},{g['y']},{masks[g['split']]}" for i, g in enumerate(GRAPHS)),
    }
    return read_graph_set(write(folder, files))


def records():
    return [
        {
            "edge_index": [[u for u, _ in g["edges"]], [v for _, v in g["edges"]]],
            "num_nodes": g["n"],
            "x": g["x"],
            "node_labels": g["kind"],
            "edge_weight": g["weight"],
            "y": [int(g["y"])],
            "split": g["split"],
        }
        for g in GRAPHS
    ]


def as_json(folder):
    text = lines(map(json.dumps, records()))
    write(folder, {"t.jsonl.gz": gzip.compress(text.encode())})
    return read_graph_set(folder / "t.jsonl.gz")


def as_parquet(folder):
    folder.mkdir()
    pq.write_table(pa.Table.from_pylist(records()), folder / "t.parquet")
    return read_graph_set(folder / "t.parquet")


def as_arrays(folder):
    folder.mkdir()
    order = np.array(mixed())
    edges, first = edges_of_all()
    owner = np.repeat(np.arange(len(GRAPHS)), np.diff(first))
    np.savez(
        folder / "t.npz",
        edge_index=np.argsort(order)[np.array(edges).T],
        batch=owner[order],
        x=np.array(flat("x"))[order],
        node_labels=np.array(flat("kind"))[order],
        edge_weight=np.array(flat("weight")),
        y=np.array([int(g["y"]) for g in GRAPHS]),
        split=np.array([g["split"] for g in GRAPHS]),
    )
    return read_graph_set(folder / "t.npz")


def as_networks(_):
    return read_graph_set([network_of(graph) for graph in GRAPHS])


WRITERS = {
    "TU": as_tu,
    "files": as_files,
    "DGL": as_dgl,
    "JSON": as_json,
    "Parquet": as_parquet,
    "arrays": as_arrays,
    "networkx": as_networks,
}


@pytest.mark.parametrize("form", WRITERS)
def test_the_same_set_in_each_form(tmp_path, form):
    read = WRITERS[form](tmp_path / "set")
    edges, first = edges_of_all()
    expected = dict(zip([tuple(sorted(e)) for e in edges], flat("weight"), strict=True))
    assert read.ptr.tolist() == first.tolist()
    assert (
        dict(zip(map(tuple, read.edge_index.T.tolist()), read.edge_weight, strict=True)) == expected
    )
    assert read.attributes.dtype == np.float32
    assert read.attributes.tolist() == flat("x")
    (kinds,) = read.categories
    assert (kinds.name, kinds.values) == ("label", ("C", "N", "O"))
    assert [kinds.values[code] for code in kinds.codes] == flat("kind")
    assert read.class_names == ("-1", "1")
    assert read.y.tolist() == [0, 1, 0]
    if form == "networkx":
        assert read.split is None
    else:
        assert read.split.tolist() == ["train", "test", "validation"]
    assert len(set(read.ids)) == 3


@pytest.mark.parametrize("form", ["TU", "DGL", "JSON", "arrays"])
def test_what_is_asked_of_vertices(tmp_path, form):
    WRITERS[form](tmp_path / "set")
    data = {"JSON": "set/t.jsonl.gz", "arrays": "set/t.npz"}.get(form, "set")
    kept = {"auto": (True, 1), "attributes": (True, 0), "labels": (False, 1), "none": (False, 0)}
    for asked, (numbers, kinds) in kept.items():
        read = read_graph_set(tmp_path / data, vertex_features=asked)
        assert (read.attributes is not None, len(read.categories)) == (numbers, kinds)


def test_a_set_stays_what_it_is(tmp_path):
    read = as_json(tmp_path / "set")
    assert read_graph_set(read) is read


def test_the_table_of_forms_reads_what_it_names(tmp_path):
    suffixes = {form for form in FORMS if form.startswith(".")}
    assert suffixes == {".csv", ".tsv", ".parquet", ".jsonl", ".ndjson", ".npz"}


# Graphs without edges, of one vertex, of none


def test_graphs_without_vertices_are_kept(tmp_path):
    tu = write(tmp_path / "tu", {
        "DS_A.txt": "\n", "DS_graph_indicator.txt": "1\n3\n3\n", "DS_graph_labels.txt": "a\nb\na\n",
    })  # fmt: skip
    dgl = write(tmp_path / "dgl", {
        "meta.yaml": META,
        "nodes.csv": "graph_id,node_id\n1,0\n3,5\n3,0\n",
        "edges.csv": "graph_id,src_id,dst_id\n3,0,5\n",
        "graphs.csv": "graph_id,label\n1,a\n2,b\n3,a\n",
    })  # fmt: skip
    rows = [
        {"edge_index": [], "num_nodes": n, "label": y} for n, y in ((1, "a"), (0, "b"), (2, "a"))
    ]
    table = write(tmp_path, {"t.jsonl": lines(map(json.dumps, rows))})
    networks = [nx.empty_graph(n, nx.Graph()) for n in (1, 0, 2)]
    for network, y in zip(networks, "aba", strict=True):
        network.graph["label"] = y
    for data in (tu, dgl, table / "t.jsonl", networks):
        read = read_graph_set(data)
        assert read.ptr.tolist() == [0, 1, 1, 3]
        assert read.class_texts.tolist() == ["a", "b", "a"]
        assert "graphs without vertices: 1, kept" in read.all_notes


def test_a_graph_file_without_vertices_is_kept(tmp_path):
    text = '<graphml><graph edgedefault="undirected">{}</graph></graphml>'
    write(tmp_path, {"a.graphml": text.format(""), "b.graphml": text.format('<node id="v"/>')})
    read = read_graph_set(tmp_path)
    assert read.ptr.tolist() == [0, 0, 1]
    assert read.vertex_ids.tolist() == ["v"]


# TU


def tu(folder, **files):
    usual = {"A": "1, 2\n2, 1\n4, 3\n", "graph_indicator": "1\n1\n2\n2\n"}
    return write(folder, {f"DS_{what}.txt": text for what, text in {**usual, **files}.items()})


def test_tu_notes_name_what_is_not_read(tmp_path):
    read = read_graph_set(tu(tmp_path, edge_labels="1\n" * 3, edge_attributes="1\n" * 3))
    assert read.y is None
    assert read.class_names == ()
    told = " | ".join(read.all_notes)
    for words in ("edge labels: not read", "`weight` edge_attributes", "no DS_graph_labels.txt"):
        assert words in told


def test_tu_labels_of_vertices_of_several_columns(tmp_path):
    read = read_graph_set(tu(tmp_path, node_labels="1, a\n10, b\n2, \n2, a\n"))
    first, second = read.categories
    assert (first.name, first.values) == ("label 1", ("1", "2", "10"))
    assert first.codes.tolist() == [0, 2, 1, 1]
    assert (second.name, second.codes.tolist()) == ("label 2", [0, 1, -1, 0])


def test_tu_column_of_weights_by_number(tmp_path):
    folder = tu(tmp_path, edge_attributes="1, 5\n2, 7\n3, 9\n")
    assert read_graph_set(folder, weight="2").edge_weight.tolist() == [7, 9]
    assert read_graph_set(folder, weight="none").edge_weight is None
    assert read_graph_set(folder).edge_weight is None


def test_tu_vertices_in_any_order(tmp_path):
    folder = tu(
        tmp_path, A="1, 3\n2, 4\n", graph_indicator="2\n1\n2\n1\n", node_labels="a\nb\nc\nd\n",
        node_attributes="1\n2\n3\n4\n",
    )  # fmt: skip
    read = read_graph_set(folder)
    assert read.edge_index.T.tolist() == [[0, 1], [2, 3]]
    assert [read.categories[0].values[code] for code in read.categories[0].codes] == list("bdac")
    assert read.attributes[:, 0].tolist() == [2, 4, 1, 3]
    assert "vertices are put in the order of their graphs" in read.all_notes


def test_tu_in_raw_and_raw_cleaned(tmp_path):
    tu(tmp_path / "raw_cleaned")
    read = read_graph_set(tmp_path)
    assert any("raw_cleaned is read" in note for note in read.all_notes)
    assert read_graph_set(tmp_path, cleaned=True).num_graphs == 2
    tu(tmp_path / "raw", graph_indicator="1\n1\n1\n1\n")
    assert read_graph_set(tmp_path).num_graphs == 1
    assert read_graph_set(tmp_path, cleaned=True).num_graphs == 2


def test_a_folder_wins_over_a_data_set_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tu(tmp_path / "MUTAG")
    read = read_graph_set("MUTAG", offline=True, data_root=tmp_path)
    assert read.num_graphs == 2
    assert "tu:MUTAG" in read.notes[0]
    with pytest.raises(InputError, match=r"MUTAG_A\.txt"):
        read_graph_set("tu:MUTAG", offline=True, data_root=tmp_path)


def test_a_data_set_is_fetched_once_to_where_it_is_read(tmp_path, monkeypatch):
    from torch_geometric.datasets import TUDataset

    fetched = []

    def download(self):
        fetched.append((self.name, self.cleaned))
        for path in tu(tmp_path / "source").iterdir():
            shutil.copy(path, f"{self.raw_dir}/{path.name.replace('DS', self.name)}")

    monkeypatch.setattr(TUDataset, "download", download)
    for name in ("tu:TOY", "pyg:TUDataset/TOY"):
        read = read_graph_set(name, data_root=tmp_path / "root", cleaned=True)
        assert (read.name, read.num_graphs, read.num_edges) == ("TOY", 2, 2)
    assert fetched == [("TOY", True)]
    assert sorted(p.name for p in (tmp_path / "root/TUDataset/TOY/raw_cleaned").iterdir()) == [
        "TOY_A.txt", "TOY_graph_indicator.txt",
    ]  # fmt: skip
    assert [p.name for p in (tmp_path / "root/TUDataset").iterdir()] == ["TOY"]


def test_a_fetch_that_fails_leaves_nothing(tmp_path, monkeypatch):
    from torch_geometric.datasets import TUDataset

    def download(self):
        raise OSError("no route\nto host")

    monkeypatch.setattr(TUDataset, "download", download)
    with pytest.raises(InputError, match=r"TOY: cannot be fetched .* no route$"):
        read_graph_set("tu:TOY", data_root=tmp_path)
    assert list((tmp_path / "TUDataset").iterdir()) == []


@pytest.fixture(scope="session")
def tu_root(tmp_path_factory):
    """The paper's small TU data sets, where they are."""
    if not (SHARED / "tu").is_dir():
        if not (default_data_root() / "TUDataset" / "MUTAG").is_dir():
            pytest.skip("the paper's data sets are not here")
        return default_data_root()
    root = tmp_path_factory.mktemp("tu")
    for name in ("MUTAG", "PROTEINS"):
        raw = root / "TUDataset" / name / "raw_cleaned"
        raw.mkdir(parents=True)
        with zipfile.ZipFile(SHARED / "tu" / f"{name}.zip") as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    (raw / info.filename.rpartition("/")[2]).write_bytes(archive.read(info))
    return root


@pytest.mark.parametrize(
    ("name", "graphs", "classes", "labels", "attributes"),
    [("MUTAG", 135, ("-1", "1"), 6, 0), ("PROTEINS", 975, ("1", "2"), 3, 1)],
)
def test_data_sets_as_torch_geometric_reads_them(
    tu_root, name, graphs, classes, labels, attributes
):
    from torch_geometric.io import read_tu_data

    read = read_graph_set(name, cleaned=True, data_root=tu_root, offline=True)
    data, slices, _ = read_tu_data(str(tu_root / "TUDataset" / name / "raw_cleaned"), name)
    assert (read.num_graphs, read.class_names) == (graphs, classes)
    assert read.sizes.tolist() == np.diff(slices["x"]).tolist()
    shift = np.repeat(read.ptr[:-1], np.diff(slices["edge_index"]))
    both = data.edge_index.numpy() + shift
    pairs = set(map(tuple, both.T.tolist()))
    assert {(u, v) for u, v in pairs if u < v} == set(map(tuple, read.edge_index.T.tolist()))
    assert read.y.tolist() == data.y.tolist()
    (kinds,) = read.categories
    assert len(kinds.values) == labels
    one_hot = data.x.numpy()[:, attributes:]
    assert (np.flatnonzero(one_hot.any(axis=0))[kinds.codes] == one_hot.argmax(axis=1)).all()
    if attributes:
        assert (read.attributes == data.x.numpy()[:, :attributes]).all()
    else:
        assert read.attributes is None


# Files


def test_a_table_names_graphs_relative_to_itself(tmp_path):
    write(tmp_path, {
        "a/one.csv": "a,b\nb,c\n", "a/two.txt": "0 1\n", "a/x/three.el": "p q\n", "a/notes.md": "",
        "tables/t.csv": "LABEL;Graph\nyes;../a/one.csv\n;../a/two.txt\nno;../a/x/three.el\n",
    })  # fmt: skip
    read = read_graph_set(tmp_path / "tables/t.csv")
    assert read.ids.tolist() == ["../a/one.csv", "../a/two.txt", "../a/x/three.el"]
    assert read.class_names == ("no", "yes")
    assert read.y.tolist() == [1, -1, 0]
    assert read.vertex_ids.tolist() == ["a", "b", "c", "0", "1", "p", "q"]
    assert "classes: unknown for 1 of 3 graphs" in read.all_notes
    again = read_graph_set(tmp_path / "a", labels=tmp_path / "tables/t.csv")
    assert again.fingerprint() == read.fingerprint()
    assert "files that t.csv does not name: 1 (notes.md)" in again.all_notes


def test_a_table_elsewhere_may_name_files_of_the_folder(tmp_path):
    write(tmp_path, {"a/one.csv": "a,b\n", "t.csv": "graph,label\none.csv,x\n"})
    read = read_graph_set(tmp_path / "a", labels=tmp_path / "t.csv")
    assert any("are looked for in" in note for note in read.all_notes)


def test_a_folder_without_a_table(tmp_path):
    write(tmp_path, {"b.csv": "a,b\n", "a.csv.gz": gzip.compress(b"a,b\n"), "README.txt": "a b\n"})
    read = read_graph_set(tmp_path)
    assert read.ids.tolist() == ["a.csv.gz", "b.csv"]
    assert read.y is None
    assert any("not read: 1 (README.txt)" in note for note in read.all_notes)


def test_a_table_without_classes_is_for_prediction(tmp_path):
    write(tmp_path, {"a.csv": "a,b\n", "labels.csv": "graph,more\na.csv,1\n"})
    read = read_graph_set(tmp_path)
    assert (read.y, read.class_names) == (None, ())
    told = " | ".join(read.all_notes)
    assert "no column 'label'" in told
    assert "that are not read: 'more'" in told


def test_weights_of_some_graphs(tmp_path):
    write(tmp_path, {"a.csv": "a,b,2\nb,c,3\n", "b.csv": "a,b\n", "c.csv": "a,b,4\n"})
    read = read_graph_set(tmp_path)
    assert read.edge_weight.tolist() == [2, 3, 1, 4]
    assert any(note.startswith("weights: 1 of 3 graphs") for note in read.all_notes)
    assert read_graph_set(tmp_path, weight="none").edge_weight is None


def test_notes_on_edges_are_those_of_all_graphs(tmp_path):
    write(tmp_path, {"a.csv": "a,b\nb,a\na,b\n", "b.csv": "a,a\na,b\nb,a\n"})
    read = read_graph_set(tmp_path)
    assert (read.counts.read, read.counts.reversed) == (6, 2)
    assert "edges that are self-loops, dropped: 1" in read.all_notes
    assert "edges listed again, merged: 1" in read.all_notes


@pytest.mark.parametrize("text", ["C1 C2\n", "a,b\nx,y\nx,z\ny,z\n", "n,m\nE1,E2\nE3,E4\nE1,E5\n"])
def test_notes_name_no_option_that_a_set_lacks(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    told = " | ".join(read_graph_set(tmp_path).notes)
    assert "the first line" in told
    assert "`" not in told


def test_a_label_of_vertices_has_one_vocabulary(tmp_path):
    for name, kinds in {"a": "CCO", "b": "NNN", "c": "O"}.items():
        network = nx.path_graph(len(kinds))
        nx.set_node_attributes(network, dict(enumerate(kinds)), "label")
        nx.write_graphml(network, tmp_path / f"{name}.graphml")
    read = read_graph_set(tmp_path)
    (kinds,) = read.categories
    assert (kinds.name, kinds.values) == ("label", ("C", "N", "O"))
    assert kinds.codes.tolist() == [0, 0, 2, 1, 1, 1, 2]


def test_one_graph_has_the_columns_that_many_have(tmp_path):
    """A model finds its columns in a set of one graph, where they may all be the same."""
    for i, (mass, kind) in enumerate([("1.5", "C"), ("2.5", "O")]):
        network = nx.path_graph(3)
        nx.set_node_attributes(network, float(mass), "mass")
        nx.set_node_attributes(network, kind, "element")
        (tmp_path / f"{i}").mkdir()
        for folder in (tmp_path, tmp_path / f"{i}"):
            nx.write_graphml(network, folder / f"g{i}.graphml")
    many, one = read_graph_set(tmp_path), read_graph_set(tmp_path / "0")
    for read in (many, one):
        assert read.attribute_names == ("mass",)
        assert [each.name for each in read.categories] == ["element"]


def test_names_that_networkx_writes_are_no_labels(tmp_path):
    for i in range(3):
        nx.write_gexf(nx.path_graph(4), tmp_path / f"{i}.gexf")
    read = read_graph_set(tmp_path)
    assert read.categories == ()
    assert read.attributes is None


def test_attributes_that_differ_are_left_out_where_they_are_not_wanted(tmp_path):
    for i, name in enumerate(["mass", "charge"]):
        network = nx.path_graph(3)
        nx.set_node_attributes(network, 1.5, name)
        nx.write_graphml(network, tmp_path / f"{i}.graphml")
    with pytest.raises(InputError, match=r"vertex features mass, but .* has charge"):
        read_graph_set(tmp_path)
    assert read_graph_set(tmp_path, vertex_features="labels").attributes is None


def test_what_is_asked_for_and_not_there_is_told(tmp_path):
    write(tmp_path, {"a.csv": "a,b\n"})
    for asked in ("attributes", "labels"):
        told = read_graph_set(tmp_path, vertex_features=asked).notes[-1]
        assert told == f"`vertex_features`: there are no {asked} of vertices"
    assert not any("vertex_features" in note for note in read_graph_set(tmp_path).notes)


def test_arrays_among_the_files(tmp_path):
    for i in range(2):
        np.savez(
            tmp_path / f"{i}.npz", edge_index=np.array([[0, 1, 2], [1, 2, 0]]), x=np.eye(3) + i,
            y=[0, 0, 1 + i],
        )  # fmt: skip
    read = read_graph_set(tmp_path)
    assert read.attributes.tolist() == [*np.eye(3).tolist(), *(np.eye(3) + 1).tolist()]
    assert read.categories[0].values == ("0", "1", "2")


# Tables with a row for each graph


def table(tmp_path, *rows):
    return write(tmp_path, {"t.jsonl": lines(map(json.dumps, rows))}) / "t.jsonl"


@pytest.mark.parametrize(
    "edges",
    [
        [[0, 1, 2], [1, 2, 3]],
        [[0, 1], [1, 2], [2, 3]],
        [0, 1, 2, 1, 2, 3],
        [[0.0, 1.0, 2.0], [1, 2, 3]],
    ],
)
def test_shapes_of_edges(tmp_path, edges):
    read = read_graph_set(table(tmp_path, {"edge_index": edges}))
    assert read.edge_index.T.tolist() == [[0, 1], [1, 2], [2, 3]]
    assert any(note.startswith("num_nodes: not given for 1 of 1") for note in read.all_notes)


def test_two_edges_are_read_as_those_of_other_graphs(tmp_path):
    two = {"edge_index": [[0, 1], [2, 3]]}
    pairs = read_graph_set(table(tmp_path, two, {"edge_index": [[0, 1], [1, 2], [2, 3]]}))
    assert pairs.edge_index.T.tolist()[:2] == [[0, 1], [2, 3]]
    ends = read_graph_set(table(tmp_path, two, {"edge_index": [[0, 1, 2], [1, 2, 3]]}))
    assert ends.edge_index.T.tolist()[:2] == [[0, 2], [1, 3]]
    alone = read_graph_set(table(tmp_path, two))
    assert alone.edge_index.T.tolist() == [[0, 2], [1, 3]]
    assert any("[2][2] in every graph" in note for note in alone.all_notes)
    assert not any("[2][2]" in note for note in (*pairs.all_notes, *ends.all_notes))


def test_rows_as_hugging_face_writes_them(tmp_path):
    row = {
        "edge_index": [[0, 1, 1, 2], [1, 0, 2, 1]], "edge_attr": [[1], [1], [2], [2]], "y": [1],
        "num_nodes": 3, "node_feat": [[6, 0], [8, 1], [6, 0]],
    }  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row, row]), tmp_path / "t.parquet")
    read = read_graph_set(tmp_path / "t.parquet")
    assert read.attributes is None
    assert [(c.name, c.values) for c in read.categories] == [
        ("label 1", ("6", "8")), ("label 2", ("0", "1")),
    ]  # fmt: skip
    told = " | ".join(read.all_notes)
    assert "node_feat, whole numbers, a kind of vertex" in told
    assert "edge_attr: not read" in told
    assert read_graph_set(tmp_path / "t.parquet", weight="edge_attr").edge_weight.tolist() == [
        1, 2, 1, 2,
    ]  # fmt: skip


def test_ids_and_missing_classes_of_rows(tmp_path):
    rows = [{"edge_index": [[0], [1]], "id": 7 + i, "label": y} for i, y in enumerate(["a", None])]
    read = read_graph_set(table(tmp_path, *rows))
    assert read.ids.tolist() == ["7", "8"]
    assert read.y.tolist() == [0, -1]
    assert read.edge_weight is None


# DGL, arrays


def test_dgl_without_a_table_of_graphs(tmp_path):
    write(tmp_path, {
        "meta.yaml": META.partition("graph_data")[0],
        "nodes.csv": "graph_id,node_id,extra\nb,x,1\na,y,1\nb,y,1\n",
        "edges.csv": "graph_id,src_id,dst_id,feat\nb,y,x,1\n",
    })  # fmt: skip
    read = read_graph_set(tmp_path)
    assert (read.name, read.ids.tolist(), read.y) == ("toy", ["b", "a"], None)
    assert read.vertex_ids.tolist() == ["x", "y", "y"]
    told = " | ".join(read.all_notes)
    for words in ("'extra'", "'feat'", "names no graph_data"):
        assert words in told


def test_dgl_column_of_weights(tmp_path):
    as_dgl(tmp_path)
    assert read_graph_set(tmp_path, weight="none").edge_weight is None
    text = (tmp_path / "edges.csv").read_text().replace("weight", "feat")
    (tmp_path / "edges.csv").write_text(text)
    assert read_graph_set(tmp_path).edge_weight is None
    assert read_graph_set(tmp_path, weight="feat").edge_weight.max() == 3


def test_arrays_in_any_order(tmp_path):
    """Graphs are in the order of their sorted ids, and so are classes."""
    matrix = np.zeros((4, 4))
    matrix[0, 2] = matrix[2, 0] = 5
    np.savez(
        tmp_path / "t.npz", adj=matrix, graph=np.array([10, 9, 10, 9]), y=["nine", "ten"],
        x=np.arange(4.0)[:, None], other=np.eye(2),
    )  # fmt: skip
    read = read_graph_set(tmp_path / "t.npz")
    assert read.ids.tolist() == ["9", "10"]
    assert read.class_texts.tolist() == ["nine", "ten"]
    assert read.attributes[:, 0].tolist() == [1, 3, 0, 2]
    assert read.edge_index.T.tolist() == [[2, 3]]
    assert read.edge_weight.tolist() == [5]
    assert any("not read: 'other'" in note for note in read.all_notes)


# Python


def test_a_list_of_data(tmp_path):
    graphs = [
        Data(x=torch.eye(2), edge_index=torch.tensor([[0, 1], [1, 0]]), y=torch.tensor([y]))
        for y in (1, 0, 1)
    ]
    graphs.append(Data(x=torch.ones(1, 2), edge_index=torch.zeros(2, 0, dtype=torch.long), y=1))
    read = read_graph_set(graphs)
    assert read.y.tolist() == [1, 0, 1, 1]
    assert read.categories == ()
    assert read.attributes.shape == (7, 2)
    kinds = [Data(edge_index=torch.tensor([[0], [1]]), y=torch.tensor([0, 1]))] * 2
    assert read_graph_set(kinds).y is None
    assert read_graph_set(kinds).categories[0].codes.tolist() == [0, 1, 0, 1]


def test_edge_attributes_of_data_are_told_or_taken_for_weights():
    ends, attr = torch.tensor([[0, 1], [1, 2]]), torch.tensor([[2.0], [3.0]])
    given = [Data(edge_index=ends, num_nodes=3, edge_attr=attr, pos=torch.zeros(3, 2))]
    graphs = read_graph_set(given)
    assert graphs.edge_weight is None
    assert any("not read: 'edge_attr', 'pos'; `weight` edge_attr" in n for n in graphs.notes)
    weighted = read_graph_set(given, weight="edge_attr")
    assert weighted.edge_weight.tolist() == [2.0, 3.0]
    assert any("not read: 'pos'" in note for note in weighted.notes)


def test_a_list_of_matrices_and_of_our_graphs(tmp_path):
    read = read_graph_set([sp.eye_array(3, k=1), 2 * sp.eye_array(2, k=1)])
    assert read.edge_weight.tolist() == [1, 1, 2]
    ours = make_graph(
        nx.path_graph(3), np.ones((3, 1)), y=np.array([0, 1, 0]), class_names=("a", "b")
    )
    read = read_graph_set(each for each in [ours, ours])
    assert read.ids.tolist() == ["0", "1"]
    assert read.categories[0].codes.tolist() == [0, 1, 0] * 2
    table = write(tmp_path, {"t.csv": "graph,label,split\n1,x,val\n0,y,dev\n"}) / "t.csv"
    labelled = read_graph_set([ours, ours], labels=table)
    assert labelled.class_texts.tolist() == ["y", "x"]
    assert labelled.split.tolist() == ["validation"] * 2


# Classes and labels


def test_labels_for_some_graphs(tmp_path):
    folder = tu(tmp_path, graph_labels="1\n2\n")
    write(tmp_path, {"l.csv": "graph,label\n2,b\n"})
    read = read_graph_set(folder, labels=tmp_path / "l.csv")
    assert read.class_texts.tolist() == ["", "b"]
    told = " | ".join(read.all_notes)
    assert "graphs without a row" in told
    assert "unknown for 1 of 2" in told


@pytest.mark.parametrize(
    ("texts", "names", "codes"),
    [
        (["1", "-1", "+1"], ("-1", "1"), [1, 0, 1]),
        (["1.0", "2.0", ""], ("1", "2"), [0, 1, -1]),
        (["10", "9", "NaN", "?"], ("9", "10"), [1, 0, -1, -1]),
        (["b", "a", " b "], ("a", "b"), [1, 0, 1]),
        (["1.5", "1.0", "2"], ("1.0", "1.5", "2"), [1, 0, 2]),
    ],
)
def test_classes(texts, names, codes):
    found = classes_of_graphs(texts)
    assert found.names == names
    assert found.y.tolist() == codes


def test_no_class_at_all():
    found = classes_of_graphs(["", "nan"])
    assert (found.y, found.names) == (None, ())
    assert found.notes == ("classes: none, no graph has one",)


def test_the_door_is_light(tmp_path):
    """Naming the forms loads nothing that reading them needs."""
    assert not hasattr(door, "np")
