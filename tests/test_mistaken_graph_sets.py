"""Sets of graphs that were read as something else: classes, kinds, folders and matrices."""

from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch

from tests.test_graph_sets import write
from tvgnn_cli import classify
from tvgnn_cli.classification.application import predict_graphs
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.graph_sets.read import read_graph_set
from tvgnn_cli.io.graph_sets.words import classes_of_graphs


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["CD4+8", "CD48", "other"], ("CD4+8", "CD48", "other")),
        (["1e+5", "1e5"], ("1e+5", "1e5")),
        (["+1", "-1"], ("-1", "1")),
        (["+1.0", "-1.0", ""], ("-1", "1")),
        (["1.0", "2.0", "?"], ("1", "2")),
        (["1.0", "2.0", "\\N", ""], ("1", "2")),
    ],
)
def test_signs_and_fractions_of_classes(texts, names):
    assert classes_of_graphs(texts).names == names


@pytest.mark.parametrize(
    "labels",
    [
        [torch.tensor([0]), torch.tensor([1]), torch.tensor([0])],
        [torch.tensor(0), torch.tensor([[1]]), torch.tensor(0)],
        np.array([[0], [1], [0]]),
        [np.array([0]), np.int64(1), [0]],
        [0, 1, 0],
    ],
)
def test_a_class_in_an_array_of_one_value(labels):
    graphs = read_graph_set([nx.path_graph(n) for n in (3, 4, 5)], labels=labels)
    assert graphs.class_names == ("0", "1")
    assert graphs.y.tolist() == [0, 1, 0]


def test_a_class_of_several_values_is_refused():
    graphs = [nx.path_graph(n) for n in (3, 4)]
    for labels in ([[0, 1], [1, 0]], np.eye(2), [torch.zeros(2), torch.zeros(2)]):
        with pytest.raises(InputError, match="labels: that of graph 0 has 2 values; need one"):
            read_graph_set(graphs, labels=labels)


def rows(*records) -> str:
    return "".join(json.dumps(each) + "\n" for each in records)


def test_vertices_of_no_kind_are_counted(tmp_path):
    text = rows({"edge_index": [[0], [1]], "node_labels": ["NA", "C"], "y": 0},
                {"edge_index": [[0], [1]], "node_labels": ["C", "None"], "y": 1})  # fmt: skip
    write(tmp_path, {"s.jsonl": text})
    graphs = read_graph_set(tmp_path / "s.jsonl")
    told = [note for note in graphs.notes if note.startswith("vertex labels that some vertices")]
    assert told == ["vertex labels that some vertices lack, which are of no kind: 'label' (2); so "
                    "count empty ones, NA, None and the like"]  # fmt: skip


def test_numbers_of_vertices_that_begin_with_1_are_told(tmp_path):
    one = {"edge_index": [[1, 2], [2, 3]], "y": 0}
    write(
        tmp_path,
        {"s.jsonl": rows(one, one), "t.jsonl": rows(one, {**one, "edge_index": [[0], [1]]})},
    )
    told = "vertex 0 has no edge in any graph: where numbers begin with 1, take 1 off"
    assert told in read_graph_set(tmp_path / "s.jsonl").notes
    assert told not in read_graph_set(tmp_path / "t.jsonl").notes


def test_a_key_that_comes_twice_is_refused(tmp_path):
    good = '{"edge_index": [[0], [1]], "y": 1}\n'
    write(tmp_path, {"s.jsonl": good + '{"edge_index": [[0], [1]], "y": 1, "y": 2}\n'})
    with pytest.raises(InputError, match="line 2: holds the key 'y' more than once"):
        read_graph_set(tmp_path / "s.jsonl")


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;,,"])
def test_a_line_for_excel_above_a_table_of_graphs(tmp_path, first):
    table = f"{first}\ngraph;label\na.csv;0\nb.csv;one, or two\n"
    write(tmp_path, {**PATHS, "labels.csv": table})
    graphs = read_graph_set(tmp_path)
    assert graphs.class_names == ("0", "one, or two")
    write(tmp_path, {"labels.csv": table + "c.csv;1\n"})
    with pytest.raises(InputError, match=r"line 5: no such file: 'c.csv'"):
        read_graph_set(tmp_path)


def test_a_folder_wins_over_a_built_in_set_and_is_named(tmp_path, monkeypatch):
    write(tmp_path, {"shapes/a.csv": "x,y\n", "shapes/labels.csv": "graph,label\na.csv,0\n"})
    monkeypatch.chdir(tmp_path)
    graphs = read_graph_set("shapes")
    assert "shapes: the one in this folder is read, not the data set" in graphs.notes


def test_quotes_of_r_around_the_classes_of_a_tu_set(tmp_path):
    write(tmp_path, {"S/S_A.txt": "1, 2\n3, 4\n", "S/S_graph_indicator.txt": "1\n1\n2\n2\n",
                     "S/S_graph_labels.txt": '"a"\n"b"\n'})  # fmt: skip
    assert read_graph_set(tmp_path / "S").class_names == ("a", "b")
    write(tmp_path, {"S/S_graph_labels.txt": '"a"\nb"\n'})
    assert read_graph_set(tmp_path / "S").class_names == ('"a"', 'b"')


def test_kinds_of_edges_are_no_weights(tmp_path):
    arrays = {"edge_index": np.array([[0, 1, 3], [1, 2, 4]]), "batch": np.array([0, 0, 0, 1, 1])}
    kinds = np.array([1, 2, 0])
    np.savez(tmp_path / "s.npz", **arrays, edge_attr=kinds, y=np.array([0, 1]))
    assert read_graph_set(tmp_path / "s.npz").edge_weight is None
    np.savez(tmp_path / "t.npz", **arrays, edge_weight=kinds + 1, y=np.array([0, 1]))
    assert read_graph_set(tmp_path / "t.npz").edge_weight.tolist() == [2, 3, 1]


PATHS = {"a.csv": "x,y\ny,z\n", "b.csv": "x,y\ny,z\nz,u\n"}
TRIANGLES = {"a.csv": "x,y\ny,z\nz,x\n", "b.csv": "x,y\ny,z\nz,x\n"}
TABLE = "graph,label\na.csv,0\nb.csv,1\n"


def under(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in files.items()}


def test_a_table_from_elsewhere_does_not_bring_other_graphs(tmp_path):
    """Paths are relative to it; where both folders have the files, neither is guessed."""
    old = {**under("old", TRIANGLES), "old/labels.csv": TABLE}
    write(tmp_path, {**under("new", PATHS), **old, "truth/labels.csv": TABLE, **under("rest", {
        "c.csv": "x,y\n"})})  # fmt: skip
    with pytest.raises(InputError, match=r"a.csv' is in .*new and beside the table; paths are rel"):
        read_graph_set(tmp_path / "new", labels=str(tmp_path / "old/labels.csv"))
    found = read_graph_set(tmp_path / "new", labels=str(tmp_path / "truth/labels.csv"))
    assert found.sizes.tolist() == [3, 4]
    assert any("are looked for in" in note for note in found.notes)
    found = read_graph_set(tmp_path / "rest", labels=str(tmp_path / "old/labels.csv"))
    assert any(note.endswith(f"and none of {tmp_path / 'rest'}") for note in found.notes)
    write(tmp_path, {"all.csv": TABLE.replace("a.csv", "new/a.csv").replace("b.csv", "new/b.csv")})
    found = read_graph_set(tmp_path / "new", labels=str(tmp_path / "all.csv"))
    assert found.sizes.tolist() == [3, 4]
    assert not any("beside it" in note for note in found.notes)


def test_a_file_that_is_not_there_is_looked_for_among_the_graphs(tmp_path):
    write(tmp_path, {**under("g", PATHS), "other/a.csv": "x,y\n",
                     "truth.csv": "graph,label\na,0\nb,1\n"})  # fmt: skip
    with pytest.raises(InputError, match=r"no such file: 'a' in .*g; is 'a.csv' meant\?"):
        read_graph_set(tmp_path / "g", labels=str(tmp_path / "truth.csv"))


MATRICES = [
    nx.path_graph(3),
    nx.star_graph(4),
    nx.path_graph(2),
    nx.empty_graph(3),
    nx.cycle_graph(5),
]


@pytest.mark.parametrize("options", [
    {"header": False, "index": False}, {"sep": "\t"}, {"index": False},
])  # fmt: skip
def test_small_matrices_beside_larger_ones(tmp_path, options):
    for i, graph in enumerate(MATRICES):
        names = [f"v{j}" for j in range(len(graph))]
        frame = pd.DataFrame(nx.to_numpy_array(graph, dtype=int), names, names)
        frame.to_csv(tmp_path / f"{i}.csv", **options)
    graphs = read_graph_set(tmp_path)
    assert graphs.sizes.tolist() == [len(graph) for graph in MATRICES]
    per_graph = np.bincount(graphs.graph_of_vertex[graphs.edge_index[0]], minlength=5)
    assert per_graph.tolist() == [graph.number_of_edges() for graph in MATRICES]


def test_what_asks_for_an_option_says_that_a_set_has_none(tmp_path):
    write(tmp_path, {"a.csv": "u,v,weight\nu,v,3\nv,w,2\n", "b.csv": "x,y,1\ny,z,2\n"})
    with pytest.raises(InputError, match=r"header.*; a set has no such options: change the file"):
        read_graph_set(tmp_path)


def molecules(charges, folder, **extra):
    folder.mkdir()
    for i, values in enumerate(charges):
        graph = nx.path_graph(len(values))
        for vertex, value in enumerate(values):
            graph.add_node(vertex, charge=value, **{k: v[vertex] for k, v in extra.items()})
        nx.write_graphml(graph, folder / f"{i}.graphml")
    table = "graph,label\n" + "".join(f"{i}.graphml,{i % 2}\n" for i in range(len(charges)))
    (folder / "labels.csv").write_text(table)
    return folder


def test_kinds_that_happen_to_be_numbers_are_kinds_to_a_model(tmp_path):
    trained = molecules([["0", "+1", "-1"], ["0", "-1", "0"]] * 3, tmp_path / "a")
    found = classify(str(trained), epochs=2, hidden=8)
    zeros = molecules([["0", "0", "-1"], ["0", "0", "0"]], tmp_path / "b")
    kinds = predict_graphs(found.model, str(zeros))
    assert len(kinds.classes) == 2
    half = molecules([["0", "0.5"], ["0", "0"]], tmp_path / "c")
    with pytest.raises(InputError, match="has no vertex labels 'charge'"):
        predict_graphs(found.model, str(half))


def test_an_attribute_that_was_left_out_is_named_with_the_reason(tmp_path):
    trained = molecules([[1.5, 2.5, 0.5], [0.5, 1.5, 1.0]] * 3, tmp_path / "a")
    found = classify(str(trained), epochs=2, hidden=8)
    lacking = molecules([[1.5, 2.5]], tmp_path / "b")
    text = (lacking / "0.graphml").read_text()
    (lacking / "0.graphml").write_text(text.replace('<data key="d0">2.5</data>', ""))
    with pytest.raises(InputError, match=r"have 0 attributes.* that are not read: .*charge"):
        predict_graphs(found.model, str(lacking))
