"""Readers on well-formed input."""

from __future__ import annotations

import gzip
import io

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from tvgnn_cli.graph.missing import DOUBTFUL_IDS, MISSING_IDS
from tvgnn_cli.io.encoding import encode_texts
from tvgnn_cli.io.names import TOTALS, fold
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.readers import READERS
from tvgnn_cli.io.source import Source


def edges_of(graph):
    """The edges by id, with their weights."""
    pairs = graph.ids[graph.edge_index].T.tolist()
    return {frozenset(p): w for p, w in zip(pairs, graph.weights.tolist(), strict=True)}


def write(tmp_path, name, text):
    path = tmp_path / name
    data = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return str(path)


AB_BC = {frozenset("ab"): 1.0, frozenset("bc"): 1.0}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("g.csv", "a,b\nb,c\n"),
        ("g.csv", "a,b\r\nb,c\r\n"),
        ("g.csv", "a,b\rb,c"),
        ("g.csv", "\ufeffa,b\nb,c"),
        ("g.csv", "source,target\na,b\nb,c\n"),
        ("g.csv", '"a","b"\n"b","c"\n'),
        ("g.csv", " a , b \n b , c \n"),
        ("g.csv", "Type,Target,Source\nx,b,a\ny,c,b\n"),
        ("g.tsv", "a\tb\nb\tc\n"),
        ("g.tsv.gz", "a\tb\nb\tc\n"),
        ("g.txt", "# made by hand\n% twice\na b\n\n  b   c  \n"),
        ("g.txt", "a \t b\nb c\n".replace("\t", " ")),
        ("g.edges", "a b 1\nb c 1\n"),
        ("g.el.gz", "a b\nb c\n# end"),
        ("g.csv", "a;b\nb;c\n"),
        ("g.csv", "a,b\n \t \nb,c\n"),
        ("g.CSV", "a,b\nb,c\n"),
        ("g", "a b\nb c\n"),
        ("g.edgelist", "a b\nb c\n"),
        ("g.ncol", "a b\nb c\n"),
        ("g.dat", "a\tb\nb\tc\n"),
        ("g.anything", "a b\nb c\n"),
    ],
)
def test_edge_lists(tmp_path, name, text):
    graph = read_graph(write(tmp_path, name, text))
    assert graph.ids.tolist() == ["a", "b", "c"]
    assert edges_of(graph) == AB_BC
    assert graph.name == "g"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Smith, J;Doe, A\nDoe, A;Poe, E\n", ["Smith, J", "Doe, A", "Poe, E"]),
        ("a,b;c\nb;c;d,e\n", ["a", "b;c", "b;c;d", "e"]),
        ("0;,0\n", ["0;", "0"]),
        ("0;0,0\n", ["0;0", "0"]),
        ("a,b;c,d\ne;f,g\n", ["a,b", "c,d", "e", "f,g"]),
        ('"0;","0"\n', ["0;", "0"]),
        ("a;b;0.5\nb;c;2\n", ["a", "b", "c"]),
        ("a\tb,c;d\nb,c;d\te\n", ["a", "b,c;d", "e"]),
    ],
)
def test_the_mark_that_splits_both_lines_alike_is_the_delimiter(tmp_path, text, expected):
    assert read_graph(write(tmp_path, "g.csv", text)).ids.tolist() == expected


def test_lines_that_are_skipped_are_counted(tmp_path):
    graph = read_graph(write(tmp_path, "g.csv", "# by hand\n#a,#b\nx,y\ny,z\n"))
    assert "lines that begin with # or %, skipped: 2" in graph.notes


def test_ids_of_many_chunks_are_one_list():
    tail, head = pa.chunked_array([["b"], ["a", "c"]]), pa.chunked_array([["a", "c"], ["b"]])
    ends = encode_texts(tail, head)
    assert ends.ids.tolist() == ["b", "a", "c"]
    assert [ends.tail.tolist(), ends.head.tolist()] == [[0, 1, 2], [1, 2, 0]]


def test_ids_stay_the_strings_that_they_are(tmp_path):
    graph = read_graph(write(tmp_path, "g.csv", '007,7\n1e+05,NA\nnull,"x, y"\n1.0,ä\n'))
    expected = ["007", "7", "1e+05", "NA", "null", "x, y", "1.0", "ä"]
    assert graph.ids.tolist() == expected


def test_vertices_come_in_order_of_appearance_and_loops_keep_theirs(tmp_path):
    graph = read_graph(write(tmp_path, "g.txt", "z y\nx x\ny w\n"))
    assert graph.ids.tolist() == ["z", "y", "x", "w"]
    assert graph.counts.self_loops == 1


def test_weights_and_their_header(tmp_path):
    graph = read_graph(write(tmp_path, "g.csv", "a,b,value\na,b,2\na,b,0.5\nb,a,1\nb,c,0\n"))
    assert edges_of(graph) == {frozenset("ab"): 2.5}
    counts = graph.counts
    assert (counts.repeated, counts.reversed, counts.zero_weight) == (1, 1, 1)


def test_a_first_line_of_names_where_numbers_follow_is_a_header(tmp_path):
    path = write(tmp_path, "g.csv", "u,v\n1,2\n2,3\n")
    assert read_graph(path).ids.tolist() == ["1", "2", "3"]
    assert "header" in read_graph(path).notes[0]
    assert "u" in read_graph(path, header=False).ids
    assert read_graph(write(tmp_path, "h.csv", "a,b\nb,c\n"), header=True).num_edges == 1


def test_comments_before_the_header_and_inside(tmp_path):
    text = "# one\n\nsource,target,weight\n# two\na,b,2\n\nb,c,3\n"
    assert sorted(edges_of(read_graph(write(tmp_path, "g.csv", text))).values()) == [2.0, 3.0]


ids = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=6
).filter(
    lambda s: (
        not s.startswith(("#", "%", "\ufeff"))
        and s.strip() == s
        and '"' not in s
        and s.count(";") < 2
        and s not in MISSING_IDS | DOUBTFUL_IDS
        and fold(s) not in TOTALS
    )
)
"""Two semicolons and a comma may be a line of two ids and a weight; marks of missing values and of
sums may be no ids."""


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ids, ids), min_size=1, max_size=12))
def test_any_ids_survive_a_csv_file(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("ids") / "g.csv"
    pd.DataFrame(rows).to_csv(path, header=False, index=False)
    graph = read_graph(str(path), header=False)
    assert set(graph.ids) == {v for row in rows for v in row}
    assert set(edges_of(graph)) == {frozenset(row) for row in rows if row[0] != row[1]}


def test_graphml_attributes(tmp_path):
    network = nx.Graph()
    network.add_node("a", age=3, income=1.5, label="x", city="Oslo")
    network.add_node("b", age=4, income=2.5, label="y", city="Rome")
    network.add_node("c", age=4, income=0.5, label="x", city="Bonn")
    network.add_node("d", age=5, income=0.5, label="y", city="Bonn")
    network.add_edge("a", "b", weight=2.0)
    network.add_edge("b", "c", weight=0.5)
    nx.write_graphml(network, tmp_path / "g.graphml")
    graph = read_graph(str(tmp_path / "g.graphml"))
    assert graph.x.tolist() == [[3, 1.5], [4, 2.5], [4, 0.5], [5, 0.5]]
    assert (graph.y.tolist(), graph.class_names) == ([0, 1, 0, 1], ("x", "y"))
    assert edges_of(graph) == {frozenset("ab"): 2.0, frozenset("bc"): 0.5}
    assert any("city" in note for note in graph.notes)
    assert any("'label'" in note for note in graph.notes)
    aged = read_graph(str(tmp_path / "g.graphml"), label_attr="age")
    assert aged.class_names == ("3", "4", "5")
    assert aged.num_features == 1
    assert read_graph(str(tmp_path / "g.graphml"), label_attr="none").y is None
    zipped = write(tmp_path, "h.graphml.gz", (tmp_path / "g.graphml").read_bytes())
    assert edges_of(read_graph(zipped)) == edges_of(graph)


@pytest.mark.parametrize("label_attr", [None, "none", "y", "label"])
def test_labels_of_graphml_are_never_features(tmp_path, label_attr):
    network = nx.path_graph(4)
    for vertex in network:
        network.nodes[vertex].update(label=vertex // 2, y=vertex % 2, f=vertex / 2)
    nx.write_graphml(network, tmp_path / "g.graphml")
    graph = read_graph(str(tmp_path / "g.graphml"), label_attr=label_attr)
    assert graph.x.tolist() == [[0], [0.5], [1], [1.5]]


def test_graphml_coordinates_are_no_classes(tmp_path):
    network = nx.path_graph(3)
    nx.set_node_attributes(network, {0: 0.5, 1: 0.5, 2: 1.0}, "y")
    nx.write_graphml(network, tmp_path / "g.graphml")
    assert read_graph(str(tmp_path / "g.graphml")).y is None


def keyed(*keys: tuple[str, str], vertices: str) -> str:
    """A GraphML file of vertices a, b and c, and attributes `(name, type)` that are also keys."""
    declared = "".join(
        f'<key id="{name}" for="node" attr.name="{name}" attr.type="{kind}"/>'
        for name, kind in keys
    )
    return (
        f'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{declared}'
        f'<graph edgedefault="undirected">{vertices}'
        '<edge source="a" target="b"/><edge source="b" target="c"/></graph></graphml>'
    )


def vertex(name: str, **values: object) -> str:
    data = "".join(f'<data key="{key}">{value}</data>' for key, value in values.items())
    return f'<node id="{name}">{data}</node>'


@pytest.mark.parametrize(
    ("kind", "values", "classes"),
    [
        ("double", (0.0, 1.0, 1.0, 0.0), ("0", "1")),
        ("double", (0.5, 1.0, 1.0, 0.5), ()),
        ("string", ("1.5", "2", "2", "1.5"), ()),
        ("string", ("u", " v", "v ", "u"), ("u", "v")),
        ("string", ("u", " v", "v ", "w"), ()),
        ("int", (-1, 4, 4, 4), ("-1", "4")),
    ],
)
def test_graphml_values_that_may_be_classes(tmp_path, kind, values, classes):
    vertices = "".join(vertex(name, y=value) for name, value in zip("abcd", values, strict=True))
    graph = read_graph(write(tmp_path, "g.graphml", keyed(("y", kind), vertices=vertices)))
    assert graph.class_names == classes
    assert graph.x is None
    assert any("no features: y" in note for note in graph.notes) == (not classes)


def test_graphml_places_of_a_drawing_are_no_classes(tmp_path):
    vertices = "".join(vertex(name, x=place, y=place // 2) for place, name in enumerate("abcd"))
    text = keyed(("x", "int"), ("y", "int"), vertices=vertices)
    graph = read_graph(write(tmp_path, "g.graphml", text))
    assert graph.y is None
    assert graph.x is None
    assert read_graph(write(tmp_path, "g.graphml", text), feature_attrs="x").feature_names == ("x",)
    assert read_graph(write(tmp_path, "g.graphml", text), label_attr="y").num_classes == 2


def test_graphml_vertices_without_a_class_are_of_unknown_class(tmp_path):
    classes = ("u", "", "v", "u", "v")
    vertices = "".join(vertex(name, label=c) for name, c in zip("abcde", classes, strict=True))
    text = keyed(("label", "string"), vertices=vertices)
    for asked in (None, "label"):
        graph = read_graph(write(tmp_path, "g.graphml", text), label_attr=asked)
        assert graph.y.tolist() == [0, -1, 1, 0, 1]


def test_graphml_defaults_fill_what_is_missing(tmp_path):
    text = (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        '<key id="f" for="node" attr.name="f" attr.type="double"><default>7</default></key>'
        '<key id="w" for="edge" attr.name="weight" attr.type="double"><default>3</default></key>'
        '<graph edgedefault="undirected"><node id="a"><data key="f">1</data></node>'
        '<node id="b"/><node id="c"/><edge source="a" target="b"><data key="w">2</data></edge>'
        '<edge source="b" target="c"/></graph></graphml>'
    )
    graph = read_graph(write(tmp_path, "g.graphml", text))
    assert graph.x.ravel().tolist() == [1, 7, 7]
    assert edges_of(graph) == {frozenset("ab"): 2.0, frozenset("bc"): 3.0}


def test_graphml_label_that_names_every_vertex_is_no_class(tmp_path):
    network = nx.path_graph(3)
    nx.set_node_attributes(network, {0: "n0", 1: "n1", 2: "n2"}, "label")
    nx.write_graphml(network, tmp_path / "g.graphml")
    assert read_graph(str(tmp_path / "g.graphml")).y is None


@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
def test_npz_of_scipy(tmp_path, form):
    matrix = sp.coo_matrix(([1, 1, 2], ([0, 1, 1], [1, 0, 2])), (4, 4)).asformat(form)
    sp.save_npz(tmp_path / "g.npz", matrix)
    graph = read_graph(str(tmp_path / "g.npz"))
    assert edges_of(graph) == {frozenset("01"): 1.0, frozenset("12"): 2.0}
    assert graph.num_vertices == 4


def test_npz_of_plain_arrays(tmp_path):
    np.savez(
        tmp_path / "g.npz",
        edge_index=np.array([[0, 1], [1, 2]], np.uint8),
        x=np.eye(4),
        y=np.array([0, 0, 1, 1]),
        edge_weight=np.array([0.5, 2]),
    )
    graph = read_graph(str(tmp_path / "g.npz"))
    assert graph.num_vertices == 4
    assert graph.x.tolist() == np.eye(4).tolist()
    assert graph.y.tolist() == [0, 0, 1, 1]
    assert sorted(graph.weights) == [0.5, 2.0]


def test_classes_add_no_vertices(tmp_path):
    edges, y = np.array([[0, 1], [1, 2]]), np.array([0, 0, 1, 1, 2])
    np.savez(tmp_path / "with.npz", edge_index=edges, y=y)
    np.savez(tmp_path / "without.npz", edge_index=edges)
    np.savez(tmp_path / "told.npz", edge_index=edges, y=y, num_nodes=5)
    with_classes, without, told = (
        read_graph(str(tmp_path / f"{name}.npz")) for name in ("with", "without", "told")
    )
    assert with_classes.fingerprint() == without.fingerprint()
    assert with_classes.y.tolist() == [0, 0, 1]
    assert with_classes.num_classes == 2
    assert any("after the last that has an edge: 2" in note for note in with_classes.notes)
    assert told.num_vertices == 5
    assert told.y.tolist() == y.tolist()


@pytest.mark.parametrize("in_a_file", [True, False])
def test_features_add_vertices_with_their_classes(tmp_path, in_a_file):
    y = np.array([0, 0, 1, 1, 2])
    np.savez(tmp_path / "g.npz", edge_index=np.array([[0, 1], [1, 2]]), y=y)
    np.save(tmp_path / "x.npy", np.eye(5))
    x = str(tmp_path / "x.npy") if in_a_file else np.eye(5)
    graph = read_graph(str(tmp_path / "g.npz"), features=x)
    assert graph.num_vertices == 5
    assert graph.y.tolist() == y.tolist()
    assert graph.class_names == ("0", "1", "2")
    assert not any("after the last that has an edge" in note for note in graph.notes)


def test_npz_of_the_gnn_benchmark(tmp_path):
    adjacency = sp.csr_matrix(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]]))
    features = sp.csr_matrix(np.array([[0, 3.0], [1, 0], [0, 0]]))
    parts = {"labels": np.array([1, 0, 1])}
    for prefix, m in (("adj", adjacency), ("attr", features)):
        parts |= {
            f"{prefix}_data": m.data,
            f"{prefix}_indices": m.indices.astype(np.int16),
            f"{prefix}_indptr": m.indptr,
            f"{prefix}_shape": np.array(m.shape),
        }
    np.savez(tmp_path / "g.npz", **parts)
    graph = read_graph(str(tmp_path / "g.npz"))
    assert edges_of(graph) == {frozenset("01"): 1.0}
    assert graph.x.toarray().tolist() == features.toarray().tolist()
    assert graph.y.tolist() == [1, 0, 1]


def test_objects_of_other_libraries(two_cliques):
    from torch import tensor
    from torch_geometric.data import Data

    tail, head = two_cliques.edge_index
    network = nx.Graph(zip(tail.tolist(), head.tolist(), strict=True))
    nx.set_node_attributes(network, {i: i / 2 for i in network}, "f")
    matrix = sp.coo_matrix((np.ones(len(tail)), (tail, head)), (12, 12))
    data = Data(edge_index=tensor(two_cliques.edge_index), x=tensor(two_cliques.x), num_nodes=12)
    for thing in (network, matrix, data):
        assert edges_of(read_graph(thing)) == edges_of(two_cliques)
    assert read_graph(data).x.tolist() == two_cliques.x.tolist()
    assert sorted(read_graph(network).x.ravel()) == [i / 2 for i in range(12)]


def test_every_reader_has_a_case_above():
    from tests.test_formats import FILES

    (cases,) = (mark.args[1] for mark in test_edge_lists.pytestmark)
    tried = {Source(name).suffix for name, _ in cases} | {".graphml", ".npz"}
    tried |= {".npy", ".parquet"}  # in test_stored.py
    tried |= {".json", ".jsonl", ".ndjson", ".cyjs"}  # in test_json.py
    tried |= {".feather", ".arrow"}  # in test_feather.py
    tried |= {Source(name).suffix for name, *_ in FILES.values()} | {".h5ad"}
    assert set(READERS) == tried - {".anything", ".xml", ".moreno"}


def test_a_million_edges_are_read_whole():
    pairs = np.random.default_rng(0).integers(0, 100_000, (1_000_000, 2))
    buffer = io.BytesIO()
    np.savetxt(buffer, pairs, "%d")
    source = Source("big.txt")
    object.__setattr__(source, "read_bytes", buffer.getvalue)
    from tvgnn_cli.io.edge_list import read_edge_list

    graph = read_edge_list(source)
    expected = len(np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0))
    assert graph.num_edges == expected


def test_columns_that_were_guessed_are_said(tmp_path):
    graph = read_graph(write(tmp_path, "g.csv", "u,v,rating\n1,2,5\n2,3,7\n"))
    assert "weights: column 3, 'rating'" in graph.notes
    assert "weights: column 3" in read_graph(write(tmp_path, "h.csv", "a,b,5\n")).notes


def test_text_is_no_distance(tmp_path):
    text = "source,target,length\na,b,short\nb,c,long\n"
    assert read_graph(write(tmp_path, "g.csv", text)).num_edges == 2


def test_only_forms_with_directions_lose_them(tmp_path):
    ignored = "directions of edges, if any were meant, are ignored"
    assert read_graph(write(tmp_path, "g.csv", "a,b,5\n")).all_notes[1:] == (ignored,)
    assert read_graph(nx.path_graph(3)).all_notes == ()
    assert read_graph(nx.path_graph(3, create_using=nx.DiGraph)).all_notes == (ignored,)


def test_arrays_that_are_not_needed_are_not_read(tmp_path):
    notes = np.array([{"by": "hand"}], dtype=object)
    np.savez(tmp_path / "g.npz", edge_index=np.array([[0], [1]]), notes=notes)
    assert read_graph(str(tmp_path / "g.npz")).num_edges == 1


@pytest.mark.parametrize(("lines", "threads"), [(3, False), (300_000, True)])
def test_threads_of_the_parser_do_not_outlive_a_small_file(tmp_path, monkeypatch, lines, threads):
    # One that still holds the text while Python ends aborts the process: exit code 134.
    from tvgnn_cli.io import delimited

    asked = []
    parse = delimited.pcsv.read_csv
    monkeypatch.setattr(
        delimited.pcsv,
        "read_csv",
        lambda *given, **options: (
            asked.append(options["read_options"].use_threads) or parse(*given, **options)
        ),
    )
    (tmp_path / "g.csv").write_text("".join(f"a{i},b2\n" for i in range(lines)))
    read_graph(str(tmp_path / "g.csv"))
    assert set(asked) == {threads}
