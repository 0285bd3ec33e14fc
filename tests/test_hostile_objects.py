"""Graphs, features and classes from Python that are of another type, shape or range."""

from __future__ import annotations

from types import SimpleNamespace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch

from tvgnn_cli import Graph, evaluate, read_graph
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.graph.features import as_dense
from tvgnn_cli.graph.graph import index_ids
from tvgnn_cli.io.graph_sets.read import read_graph_set

SQUARE = torch.tensor([[0, 1, 2, 3], [1, 2, 3, 0]])


def data(**parts):
    given = {"edge_index": SQUARE, "num_nodes": 4, "edge_weight": None, "x": None, "y": None}
    return SimpleNamespace(**{**given, **parts})


WRONG = {
    "ends between vertices": ({"edge_index": SQUARE + 0.5}, "edge_index has dtype torch.float32"),
    "ends that are written as floats": ({"edge_index": SQUARE.float()}, "edge_index has dtype"),
    "ends that are complex": ({"edge_index": SQUARE.to(torch.complex64)}, "edge_index has dtype"),
    "ends that are true or not": ({"edge_index": SQUARE.bool()}, "edge_index has dtype"),
    "an end below 0": ({"edge_index": SQUARE - 1}, "names vertex -1"),
    "an end that is n": ({"num_nodes": 3}, "names vertex 3, but the vertices are 0 to 2"),
    "three rows of ends": ({"edge_index": torch.zeros(3, 4).long()}, r"shape \(3, 4\), not \(2"),
    "one row of ends": ({"edge_index": torch.zeros(4).long()}, r"edge_index has shape \(4,\)"),
    "ends as a list": ({"edge_index": [[0], [1]]}, "edge_index is of type list"),
    "half a vertex": ({"num_nodes": 4.5}, "num_nodes is 4.5"),
    "less than no vertex": ({"num_nodes": -1}, "num_nodes is -1"),
    "a number in words": ({"num_nodes": "4"}, "num_nodes is '4'"),
    "more vertices than memory": ({"num_nodes": 10**12}, "num_nodes is 1000000000000"),
    "rows without a byte": ({"num_nodes": 10**10, "x": torch.zeros(1, 0).expand(10**10, 0)}, "10"),
    "weights that are imaginary": ({"edge_weight": torch.ones(4) * 1j}, "edge_weight has dtype"),
    "a weight too few": ({"edge_weight": torch.ones(3)}, "edge_weight has 3 values, not 4"),
    "two weights an edge": ({"edge_weight": torch.ones(4, 2)}, r"edge_weight has shape \(4, 2\)"),
    "a weight below 0": ({"edge_weight": -torch.ones(4)}, "edge 1 has weight -1"),
    "a row too few": ({"x": torch.ones(3, 2)}, "x has 3 rows for 4 vertices"),
    "features that are imaginary": ({"x": torch.ones(4, 2) * 1j}, "x has dtype torch.complex64"),
    "features in one row": ({"x": torch.ones(4)}, r"x has shape \(4,\), not \(n, f\)"),
    "features that are nowhere": ({"x": torch.ones(4, 2, device="meta")}, "without plain values"),
    "features as words": ({"x": [["a"]] * 4}, "x is of type list"),
    "classes that are imaginary": ({"y": torch.ones(4) * 1j}, "y has dtype"),
}


@pytest.mark.parametrize("name", WRONG)
def test_tensors_that_are_no_graph(name):
    parts, said = WRONG[name]
    for read in (read_graph, lambda given: read_graph_set([given, given])):
        with pytest.raises(InputError, match=said):
            read(data(**parts))


def test_a_sparse_tensor_whose_columns_run_over():
    beyond = torch.tensor([[0, 1], [0, 9]])
    x = torch.sparse_coo_tensor(beyond, torch.ones(2), (4, 2), check_invariants=False)
    with pytest.raises(InputError, match="col holds 9"):
        read_graph(data(x=x))


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")
def test_tensors_of_other_kinds_are_read_as_what_they_hold():
    x = torch.tensor([[1.0, 0], [0, 2], [0, 0], [0, 0]])
    plain = read_graph(data(x=x, edge_weight=torch.ones(4, 1) * 2))
    csr = x.to_sparse_csr()
    negated = torch.conj(torch.complex(x, -x)).imag
    assert negated.is_neg()
    for other in (x.bfloat16(), x.double(), x.to_sparse(), csr, negated, x.numpy()):
        read = read_graph(data(x=other, edge_weight=torch.full((4,), 2.0, requires_grad=True)))
        assert as_dense(read.x).tolist() == as_dense(plain.x).tolist() == x.tolist()
        assert read.x.dtype == np.float32
        assert read.edge_weight.tolist() == plain.edge_weight.tolist() == [2, 2, 2, 2]


def test_classes_that_are_not_a_vertexs_are_not_passed_over_in_silence():
    assert read_graph(data(y=torch.tensor([[0], [1], [0], [1]]))).num_classes == 2
    for y in (torch.ones(3), torch.ones(4, 5), torch.ones(4) / 3):
        assert any("y is not read" in note for note in read_graph(data(y=y)).notes)
    assert not read_graph(data(y=torch.tensor([1]))).notes[1:]


MATRIX = sp.csr_array(np.roll(np.eye(4), 1, axis=1))


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "bsr", "dia", "lil", "dok"])
def test_matrices_of_every_form(form):
    assert read_graph(MATRIX.asformat(form)).edge_index.tolist() == [[0, 0, 1, 2], [1, 3, 2, 3]]
    with pytest.raises(InputError, match="dtype complex128, not numbers"):
        read_graph((MATRIX * 1j).asformat(form))
    with pytest.raises(InputError, match="not square"):
        read_graph(sp.csr_array(np.ones((2, 3))).asformat(form))


@pytest.mark.parametrize(
    ("form", "part"),
    [("csr", "indices"), ("csr", "indptr"), ("csc", "indices"), ("coo", "col"), ("bsr", "indices")],
)
def test_a_matrix_whose_indices_run_over(form, part):
    matrix = MATRIX.asformat(form).copy()
    getattr(matrix, part)[1] = 50_000_000
    with pytest.raises(InputError, match="50000000, beyond 0 to"):
        read_graph(matrix)
    if form != "bsr":
        with pytest.raises(InputError, match="features: not a valid"):
            read_graph(MATRIX, features=matrix)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"edge_index": np.array([[0.5], [1]])}, "edge_index has dtype float64"),
        ({"edge_index": np.array([[0], [2]])}, "names vertex 2, but the vertices are 0 to 1"),
        ({"edge_index": np.array([[-1], [1]])}, "names vertex -1"),
        ({"edge_index": np.array([0, 1])}, "edge_index has shape"),
        ({"edge_weight": np.ones(2)}, r"edge_weight has shape \(2,\), not \(1,\)"),
        ({"x": np.ones((3, 1), np.float32)}, "x has 3 rows for 2 vertices"),
        ({"y": np.zeros(1, np.int64)}, "y has 1 rows for 2 vertices"),
    ],
)
def test_arrays_that_are_no_graph(arrays, said):
    with pytest.raises(InputError, match=said):
        Graph(index_ids(2), **{"edge_index": np.array([[0], [1]]), **arrays})


def people():
    """A ring whose vertices have a number and a word."""
    graph = nx.cycle_graph(6)
    nx.set_node_attributes(graph, {v: {"age": v * 1.5, "city": "AB"[v % 2]} for v in graph})
    return graph


def test_names_in_a_list_are_taken_as_those_in_a_text():
    for names in (["city"], ("city", "age"), np.array(["age"])):
        listed = read_graph(people(), feature_attrs=names)
        written = read_graph(people(), feature_attrs=",".join(names))
        assert listed.feature_names == written.feature_names
        assert listed.x.tolist() == written.x.tolist()
    odd = nx.relabel_nodes(people(), str)
    nx.set_node_attributes(odd, {v: {'a, "b"': float(v) / 3, "none": float(v) / 7} for v in odd})
    assert read_graph(odd, feature_attrs=['a, "b"', "none"]).feature_names == ('a, "b"', "none")
    assert read_graph(people(), feature_attrs=[]).x is None
    with pytest.raises(InputError, match=r"has no vertex attribute 'aeg'.*Did you mean 'age'"):
        read_graph(people(), feature_attrs=["city", "aeg"])
    frame = pd.DataFrame({"f": range(6), "g": range(6)})
    with pytest.raises(InputError, match="features: has no column 'k'"):
        read_graph(people(), features=frame, feature_attrs=["f", "k"])


@pytest.mark.parametrize("option", ["feature_attrs", "label_attr", "id_attr", "weight", "source"])
def test_names_where_nothing_has_one_are_refused(option):
    for graph in (MATRIX, data(), read_graph(MATRIX)):
        with pytest.raises(UsageError, match=f"`{option}`: .* has no names to choose from"):
            read_graph(graph, **{option: "it"})


def test_columns_of_a_networkx_graph_are_refused():
    for option in ({"source": "a"}, {"target": "b"}, {"header": True}):
        with pytest.raises(UsageError, match="has no columns; leave it out"):
            read_graph(people(), **option)


def test_what_is_not_wanted_of_a_graph_without_names_is_left_out(tmp_path):
    weight, y = torch.tensor([1.0, 2, 3, 4]), torch.tensor([0, 1, 0, 1])
    given = data(edge_weight=weight, y=y, x=torch.eye(4))
    arrays = {"edge_index": SQUARE, "edge_weight": weight, "y": y, "x": np.eye(4)}
    np.savez(tmp_path / "g.npz", **arrays)
    for graph in (given, read_graph(given), tmp_path / "g.npz"):
        read = read_graph(graph, weight="none", label_attr="None", feature_attrs="none")
        assert (read.edge_weight, read.y, read.class_names, read.x) == (None, None, (), None)
        assert read_graph(graph, weight="none").y.tolist() == y.tolist()
    assert read_graph(MATRIX * 2.5, weight="none").edge_weight is None
    assert read_graph(given, features=np.ones((4, 2))).x.shape == (4, 2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"feature_attrs": 5}, "`feature_attrs` is 5; needs to be names"),
        ({"feature_attrs": [("a", 1)]}, "needs to be names, as text or in a list"),
        ({"weight": 5}, "`weight` is 5; needs to be a name"),
        ({"label_attr": 3}, "`label_attr` is 3"),
        ({"source": 1.5}, "`source` is 1.5; needs to be a name, or a number from 1"),
        ({"header": "yes"}, "`header` is 'yes'; needs to be True or False"),
        ({"offline": "no"}, "`offline` is 'no'"),
        ({"data_root": 5}, "`data_root` is 5; needs to be the path of a folder"),
    ],
)
def test_options_of_another_type(options, said):
    with pytest.raises(UsageError, match=said):
        read_graph(people(), **options)


def test_a_column_may_go_by_its_number(tmp_path):
    table = tmp_path / "g.csv"
    table.write_text("w,a,b\n1,x,y\n2,y,z\n")
    by_name = read_graph(table, source="a", target="b")
    assert read_graph(table, source=2, target=3, header=True).ids.tolist() == by_name.ids.tolist()


def test_a_class_is_no_graph():
    with pytest.raises(InputError, match=r"graph is of type builtins\.type"):
        read_graph(nx.Graph)


def test_tensors_and_masked_arrays_as_features_classes_and_clusters():
    x = np.arange(12.0).reshape(6, 2)
    y = np.array([0, 0, 0, 1, 1, 1])
    for given in (torch.tensor(x, requires_grad=True), torch.tensor(x).bfloat16()):
        assert read_graph(people(), features=given).x.tolist() == x.tolist()
    grad = torch.tensor(y * 1.0, requires_grad=True)
    assert read_graph(people(), labels=grad).y.tolist() == y.tolist()
    scores = evaluate(y, graph=people()).metrics
    assert evaluate(grad, graph=people()).metrics == scores
    with pytest.raises(InputError, match="features of vertex '5' are not finite"):
        read_graph(people(), features=np.ma.masked_array(x, mask=x > 10))
    masked = np.ma.masked_array(y, mask=[1, 0, 0, 0, 0, 0])
    assert read_graph(people(), labels=masked).y.tolist() == [-1, 0, 0, 1, 1, 1]
    gaps = pd.Series(masked.filled(0), dtype="Int64").mask(masked.mask)
    for lacking in (masked, gaps):
        with pytest.raises(InputError, match="no cluster for vertex '0'; -1 says"):
            evaluate(lacking, graph=people())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"features": [[1], [1, 2]] * 3}, "features: is no array; its rows have different"),
        ({"features": {v: [1] * (1 + v % 2) for v in range(6)}}, "rows have different lengths"),
        ({"features": torch.eye(6).to_sparse()}, "is a tensor without plain values"),
        ({"labels": torch.zeros(6, device="meta")}, "is a tensor without plain values"),
        ({"labels": pd.DataFrame({"v": range(6), "y": list("ababab")})}, "give the column with"),
        ({"labels": [{1}] * 6}, "labels: one is of type set; need numbers or texts"),
        ({"labels": sp.csr_array(np.eye(6))}, "labels: are a sparse matrix; need an array"),
    ],
)
def test_features_and_classes_that_are_none(options, said):
    with pytest.raises(InputError, match=said):
        read_graph(people(), **options)


def test_a_frame_of_one_column_has_the_classes():
    frame = pd.DataFrame({"y": list("ababab")})
    assert read_graph(people(), labels=frame).class_names == ("a", "b")
    told = read_graph(people(), labels={}).notes
    assert "true labels: none, no vertex has a class in those that are given" in told
