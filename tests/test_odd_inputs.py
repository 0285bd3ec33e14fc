"""Inputs that once ended in a traceback, or gave a value to what it was not of."""

from __future__ import annotations

import subprocess
import sys

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.property_graph import column_of
from tvgnn_cli.io.parquet import FeatureTable
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.source import Source

RING = "a,b\nb,c\nc,a\n"


def written(tmp_path, text: str, name: str = "g.txt"):
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("comment", ['called "Karate", by Zachary', '"open', '"a" "b'])
@pytest.mark.parametrize("mark", [",", " ", "\t"])
def test_comments_may_hold_any_quotes(tmp_path, comment, mark):
    graph = read_graph(written(tmp_path, f"# {comment}\n{RING.replace(',', mark)}"))
    assert graph.ids.tolist() == ["a", "b", "c"]


def test_a_quote_that_does_not_end_is_named_in_lists_of_networkx(tmp_path):
    with pytest.raises(InputError, match="line 2: a quote does not end"):
        read_graph(written(tmp_path, 'a b {}\n"a c {}\n'))


def test_a_quote_that_does_not_end_is_named_in_a_long_file(tmp_path):
    rows = "".join(f"a{i},b{i}\n" for i in range(20_000))
    with pytest.raises(InputError, match="line 20002: a quote does not end"):
        read_graph(written(tmp_path, f'source,target\n{rows}"open,b\n{rows}'))


LONG = "x" * 200_000


@pytest.mark.parametrize(
    "text",
    [f"#{LONG},y\n{RING}", f"a,b\n{RING * 3000}{LONG},c\n{RING * 3000}", f"{RING}{LONG},c\n"],
)
def test_a_cell_longer_than_pythons_csv_takes(tmp_path, text):
    graph = read_graph(written(tmp_path, text, "g.csv"))
    assert {"a", "b", "c"} <= set(graph.ids.tolist())


@pytest.mark.parametrize(
    ("marked", "plain", "vertices"),
    [
        ("#a #b", "d #b", ["#a", "#b", "d"]),
        ("#a #b", "#b c", ["#a", "#b", "c"]),
        ("#a #b\n#b #c", "d e", ["#a", "#b", "#c", "d", "e"]),
        ("#from to", "from to", ["from", "to"]),
        ("#from to\n#from to", "a b", ["a", "b"]),
        ("# a b", "a b", ["a", "b"]),
    ],
)
def test_rows_that_begin_with_a_mark_above_the_first_plain_one(tmp_path, marked, plain, vertices):
    graph = read_graph(written(tmp_path, f"{marked}\n{plain}\n"))
    assert sorted(graph.ids.tolist()) == vertices


def test_one_edge_with_a_time(tmp_path):
    assert read_graph(written(tmp_path, "1 2 1600000000\n")).num_edges == 1


@pytest.mark.parametrize("lines", [1, 800])
def test_comments_that_fill_what_is_looked_at(tmp_path, lines):
    text = "% a comment of some length, as KONECT has it\n" * lines
    assert read_graph(written(tmp_path, text + "1 2\n2 3\n")).num_edges == 2
    with pytest.raises(InputError, match="only comments or blank lines"):
        read_graph(written(tmp_path, text.strip()))


def test_gaps_of_pandas_are_gaps(tmp_path):
    edges = written(tmp_path, RING)
    labels = pd.Series(["x", pd.NA, "y"], index=list("abc"), dtype="string")
    assert read_graph(edges, labels=labels).y.tolist() == [0, -1, 1]
    column = column_of([1, pd.NA, 3])
    assert column.is_number
    assert column.missing.tolist() == [False, True, False]
    assert column_of([pd.NaT, "x"]).missing.tolist() == [True, False]


def test_gaps_of_pandas_in_attributes_of_networkx():
    network = nx.Graph([("a", "b", {"weight": 2}), ("b", "c", {"weight": 3})])
    network.add_nodes_from([("a", {"age": 1}), ("b", {"age": pd.NA}), ("c", {"age": 3})])
    graph = read_graph(network)
    assert graph.x is None
    assert any("age (missing for some vertices)" in note for note in graph.notes)


@pytest.mark.parametrize("change", [lambda f: f, pd.DataFrame.convert_dtypes])
def test_tables_of_several_types_of_numbers_are_features(tmp_path, change):
    frame = pd.DataFrame({"u": [True, False, True], "v": [0.5, 0.25, 4]}, index=list("abc"))
    graph = read_graph(written(tmp_path, RING), features=change(frame))
    assert graph.x.tolist() == [[1, 0.5], [0, 0.25], [1, 4]]
    for values, reason in (([0.5, None, 4], "missing for some"), (["1", "2", "3"], "not numbers")):
        graph = read_graph(written(tmp_path, RING), features=change(frame.assign(v=values)))
        assert graph.x.tolist() == [[1], [0], [1]]
        assert any(f"v ({reason}" in note for note in graph.notes)


def test_values_of_ports_are_not_those_of_their_vertex(tmp_path):
    text = """<graphml><key id="d" for="node" attr.name="age" attr.type="int"/>
    <key id="p" for="port" attr.name="side" attr.type="int"/><graph edgedefault="undirected">
    <node id="a"><data key="d">1</data>
    <port name="n"><data key="d">7</data><port name="m"/><data key="p">8</data></port></node>
    <node id="b"><data key="d">2</data></node><node id="c"><data key="d">5</data></node>
    <edge source="a" target="b"/></graph></graphml>"""
    graph = read_graph(written(tmp_path, text, "g.graphml"), feature_attrs="all")
    assert graph.x.tolist() == [[1], [2], [5]]
    assert "values of the ports of vertices are not read" in graph.notes


def test_ids_of_a_large_table_are_those_of_a_small_one(tmp_path):
    frame = pd.DataFrame({"node": [1, 2], "f": [0.5, 1.5], "id": ["a", "b"]})
    frame.to_parquet(path := tmp_path / "x.parquet")
    table, _ = FeatureTable.look(Source(str(path)), at_least=0)
    assert table.ids == ["a", "b"]
    assert table.columns == ["node", "f"]


@pytest.mark.parametrize("made", [sp.csr_array, sp.csr_matrix])
def test_what_scipy_writes_is_read_to_the_last_array(tmp_path, made):
    sp.save_npz(path := tmp_path / "g.npz", made(np.ones((3, 3))))
    assert not any("not read" in note for note in read_graph(path).notes)


def test_large_numbers_of_vertices_need_no_pandas(tmp_path):
    path = written(tmp_path, "".join(f"{i * 10**9} {(i + 1) * 10**9}\n" for i in range(1, 20)))
    code = (
        "import sys; from tvgnn_cli.io.read import read_graph\n"
        f"assert read_graph({str(path)!r}).num_vertices == 20\n"
        "assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("empty", [",,\n", ' ,"",\n', "\u00a0,,\n"])
def test_lines_of_delimiters_are_no_rows_beside_columns_with_gaps(tmp_path, empty):
    text = f"source,target,note\na,b,\nb,c,x\n{empty}c,a,\n"
    graph = read_graph(written(tmp_path, text, "g.csv"), keep_attributes=True)
    assert graph.ids.tolist() == ["a", "b", "c"]
    assert graph.origin.edge_attributes["note"].texts() == ["", "x", ""]
