"""Files as other programs write them: Matrix Market, GML, GEXF, Pajek, METIS, KONECT, SIF."""

from __future__ import annotations

import warnings

import igraph
import networkx as nx
import numpy as np
import pytest
import scipy.io
import scipy.sparse as sp

from tests.test_readers import edges_of, write
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.io.gml import parse_gml
from tvgnn_cli.io.metis_header import is_metis
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.readers import read_named
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import Wanted

MATRIX = "%%MatrixMarket matrix coordinate real general\n"

GML = """Creator "Mark Newman on Sat Jul 22 05:32:16 2006"
graph
[
  directed 0
# by hand
  node
  [
    id 1
    label "Caf&#233;"
    graphics [ x 1.5 y 2 fill "#FF0000" ]
  ]
  node [ id 2 label "same" age 1.0E-4 ]
  node [ id 10 label "same" age NaN ]
  edge [ source 1 target 2 value 2 ]
  edge [ source 2 target 10 value 1E-1 ]
]
"""

GEXF = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" version="1.3" xmlns:viz="http://gexf.net/1.3/viz">
  <meta lastmodifieddate="2024-01-01"><creator>Gephi 0.10.1</creator></meta>
  <graph defaultedgetype="directed" mode="static">
    <attributes class="node" mode="static">
      <attribute id="modularity_class" title="Modularity Class" type="integer">
        <default>0</default></attribute>
      <attribute id="age" title="Age" type="double"/>
      <attribute id="tags" title="Tags" type="liststring"/>
    </attributes>
    <attributes class="edge"><attribute id="age" title="since" type="long"/></attributes>
    <nodes>
      <node id="n1" label="A &amp; B"><attvalues><attvalue for="age" value="3.5"/>
        <attvalue for="tags" value="[a, b]"/></attvalues>
        <viz:size value="10.0"/><viz:color r="1" g="2" b="3"/></node>
      <node id="n2"><attvalues><attvalue for="age" value="1"/></attvalues></node>
      <node id="n3" label="c"><attvalues><attvalue for="age" value="2"/></attvalues></node>
    </nodes>
    <edges count="3">
      <edge id="0" source="n1" target="n2" weight="2.5"><attvalues>
        <attvalue for="age" value="7"/></attvalues></edge>
      <edge id="1" source="n2" target="n1" type="undirected" label="x"/>
      <edge source="n2" target="n3" type="mutual"/>
    </edges>
  </graph>
</gexf>
"""

PAJEK = """% by hand
*Network test
*Vertices 5
 1 "Ann Lee" 0.1 0.2 0.5 ic Red
 2 Bob
 3 "C&#233;"
*Arcs :1 "likes"
1 2 3.5
2 1 1 c Blue
*Edges
3 4
4 5 2 [1-3]
"""

# (file, text, edges by ids with their weights, all ids in their order)
FILES = {
    "Matrix Market of reals": (
        "g.mtx", MATRIX + "% made by hand\n\n4 4 3\n1 2 1.5\n2 1 2.5\n3 2 1e0\n",
        {"1 2": 2.5, "2 3": 1}, "1 2 3 4",
    ),
    "Matrix Market of a pattern": (
        "g.mtx.gz", "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 1\n",
        {"1 2": 1, "1 3": 1}, "1 2 3",
    ),
    "Matrix Market, half of a symmetric one counts once": (
        "g.mtx", "%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n1 1 9\n2 1 .5\n3 2 2\n",
        {"1 2": 0.5, "2 3": 2}, "1 2 3",
    ),
    "Matrix Market of integers that are none": (
        "g.mtx", "%%matrixmarket MATRIX Coordinate Integer General\r\n2 2 1\r\n1 2 1.5\r\n",
        {"1 2": 1.5}, "1 2",
    ),
    "Matrix Market of one percent sign": (
        "g.edges", "%MatrixMarket matrix coordinate pattern symmetric\n3 3 1\n2 1\n",
        {"1 2": 1}, "1 2 3",
    ),
    "Matrix Market line by line": (
        "g.mtx", MATRIX + "3 3 2\n% here\n1 2 +1.5\n\n2 3 2", {"1 2": 1.5, "2 3": 2}, "1 2 3",
    ),
    "Matrix Market, dense": (
        "g.mtx", "%%MatrixMarket matrix array real general\n2 2\n0\n3\n2\n0\n", {"1 2": 3}, "1 2",
    ),
    "Matrix Market, dense and symmetric, line by line": (
        "g.mtx", "%%MatrixMarket matrix array real symmetric\n3 3\n0\n+3\n0\n7\n2\n0\n",
        {"1 2": 3, "2 3": 2}, "1 2 3",
    ),
    "Matrix Market in another suffix": ("g.txt", MATRIX + "2 2 1\n1 2 2\n", {"1 2": 2}, "1 2"),
    "GML": ("g.gml", GML, {"1 2": 2, "2 10": 0.1}, "1 2 10"),
    "GML in another suffix": ("g.dat", GML, {"1 2": 2, "2 10": 0.1}, "1 2 10"),
    "GML of one line": (
        "g.gml.gz", 'graph [ edge [ source "a" target "b" ] node [ id "c" ] ]', {"a b": 1}, "c a b",
    ),
    "GML of yEd's groups": (
        "g.gml", "graph [ node [ id 1 isGroup 1 ] node [ id 4 isGroup 1 ]"
        " node [ id 2 gid 1 ] node [ id 3 gid 1 ]"
        " edge [ source 2 target 3 ] ]", {"2 3": 1}, "2 3",
    ),
    "GML, listed twice without a direction": (
        "g.gml", "graph [ edge [ source 1 target 2 weight 2 ]"
        " edge [ source 2 target 1 weight 3 ] ]",
        {"1 2": 5}, "1 2",
    ),
    "GML, listed twice with one, told at the end": (
        "g.gml", "graph [ edge [ source 1 target 2 weight 2 ] edge [ source 2 target 1 weight 3 ]"
        " directed 1 ]", {"1 2": 3}, "1 2",
    ),
    "GEXF": ("g.gexf", GEXF, {"n1 n2": 3.5, "n2 n3": 1}, "n1 n2 n3"),
    "GEXF in another suffix": ("g.xml", GEXF, {"n1 n2": 3.5, "n2 n3": 1}, "n1 n2 n3"),
    "GEXF of groups": (
        "g.gexf", GEXF.replace('<node id="n2">', '<node id="g"><nodes><node id="m"/></nodes></node>'
        '<node id="n2" pid="g">'), {"n1 n2": 3.5, "n2 n3": 1}, "n1 m n2 n3",
    ),
    "GEXF of groups that are named by their members": (
        "g.gexf", GEXF.replace('<node id="n2">', '<node id="g"/><node id="n2" pid="g">'),
        {"n1 n2": 3.5, "n2 n3": 1}, "n1 n2 n3",
    ),
    "Pajek": ("g.net", PAJEK, {"1 2": 3.5, "3 4": 1, "4 5": 2}, "1 2 3 4 5"),
    "Pajek in another suffix": ("g.txt", PAJEK, {"1 2": 3.5, "3 4": 1, "4 5": 2}, "1 2 3 4 5"),
    "Pajek of lists": (
        "g.net", "*vertices 4\r\n*edgeslist\r\n1 2 3\r\n*arcslist\r\n3 1\r\n",
        {"1 2": 1, "1 3": 1}, "1 2 3 4",
    ),
    "Pajek of a matrix": (
        "g.net", "*Vertices 3\n*Matrix\n0 1 0\n1 0 2\n0 2 0\n", {"1 2": 1, "2 3": 2}, "1 2 3",
    ),
    "Pajek of two modes": (
        "g.net", "*Vertices 5 2\n*Matrix\n0 1 0\n1 0 2\n",
        {"1 4": 1, "2 3": 1, "2 5": 2}, "1 2 3 4 5",
    ),
    "Pajek of relations": (
        "g.net", "*Vertices 3\n*Edges\n1: 1 2 4\n2: 2 3 5\n", {"1 2": 4, "2 3": 5}, "1 2 3",
    ),
    "Pajek project": (
        "g.paj", PAJEK + "*Permutation p\n*Vertices 2\n2\n1\n",
        {"1 2": 3.5, "3 4": 1, "4 5": 2}, "1 2 3 4 5",
    ),
    "METIS": (
        "g.graph", "% by hand\n5 5\n2 3\n1 3\n1 2 4\n3 5\n4\n",
        {"1 2": 1, "1 3": 1, "2 3": 1, "3 4": 1, "4 5": 1}, "1 2 3 4 5",
    ),
    "METIS of lines as long as an edge": (
        "g.graph", "3 3\n2 3\n1 3\n1 2\n", {"1 2": 1, "1 3": 1, "2 3": 1}, "1 2 3",
    ),
    "METIS with weights": (
        "g.metis", "3 2 1\n2 5\n1 5 3 7\n2 7\n", {"1 2": 5, "2 3": 7}, "1 2 3",
    ),
    "METIS with weights of all kinds": (
        "g.graph.gz", "3 2 111 2\n1 9 9 2 5\n1 9 9 1 5 3 7\n1 9 9 2 7\n",
        {"1 2": 5, "2 3": 7}, "1 2 3",
    ),
    "METIS of isolated vertices": ("g.metis", "4 1\n2\n1\n\n\n", {"1 2": 1}, "1 2 3 4"),
    "an edge list named .graph": ("g.graph", "0 1\n1 2\n2 0\n", {"0 1": 1, "1 2": 1, "0 2": 1},
                                  "0 1 2"),
    "an edge list of text named .graph": ("g.graph", "a b 2\nb c 3\n", {"a b": 2, "b c": 3},
                                          "a b c"),
    "KONECT": (
        "out.moreno", "% asym posweighted\n% 3 3\n1 2 4\n2 3 1\n3 1 2\n",
        {"1 2": 4, "2 3": 1, "1 3": 2}, "1 2 3",
    ),
    "Cytoscape's SIF": ("g.sif", "a pp b\nb pd c\n", {"a b": 1, "b c": 1}, "a b c"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_files_of_other_programs(tmp_path, case):
    name, text, edges, ids = FILES[case]
    graph = read_graph(write(tmp_path, name, text))
    assert graph.ids.tolist() == ids.split()
    assert edges_of(graph) == {frozenset(pair.split()): w for pair, w in edges.items()}


@pytest.mark.parametrize("case", FILES)
def test_marks_and_line_ends_of_windows_change_nothing(tmp_path, case):
    name, text, edges, ids = FILES[case]
    graph = read_graph(write(tmp_path, name, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()))
    assert (graph.ids.tolist(), graph.num_edges) == (ids.split(), len(edges))


def notes_of(graph):
    return " | ".join((*graph.notes, *graph.counts.notes()))


def test_ids_of_numbers_are_those_of_the_file_and_said(tmp_path):
    for case in ("Matrix Market of reals", "Pajek", "METIS"):
        assert "the numbers of vertices from 1" in notes_of(
            read_graph(write(tmp_path, *FILES[case][:2]))
        )


def test_values_of_gml_have_their_types(tmp_path):
    text = GML.replace("id 1\n", 'id 1 age 2 n "1.5"\n').replace("1.0E-4", '1.0E-4 n "2"')
    text = text.replace("age NaN", 'age 5 n "7" tags [ a [ b 1 ] ] twice 1 twice 2')
    graph = read_graph(write(tmp_path, "g.gml", text))
    assert graph.feature_names == ("age", "n")
    assert graph.x.tolist() == pytest.approx(np.array([[2, 1.5], [1e-4, 2], [5, 7]]))
    assert "tags (of type record, not numbers)" in notes_of(graph)
    assert "twice (of type list, not numbers)" in notes_of(graph)
    columns = parse_gml(Source(str(tmp_path / "g.gml"))).vertex_attributes
    assert columns["tags"].texts()[2] == "[ a [ b 1 ] ]"
    assert columns["twice"].texts()[2] == "[1, 2]"
    assert "graphics) are not read" in notes_of(graph)


def test_codes_in_quotes_are_no_numbers(tmp_path):
    text = GML.replace("id 1\n", 'id 1 zip "0150"\n').replace("1.0E-4", '2 zip "1150"')
    graph = read_graph(write(tmp_path, "g.gml", text.replace("age NaN", 'zip "1150"')))
    assert graph.x is None
    assert "zip (not all numbers: '0150';" in notes_of(graph)


def test_labels_that_repeat_are_names_and_no_ids(tmp_path):
    graph = read_graph(write(tmp_path, "g.gml", GML))
    assert graph.names.tolist() == ["Café", "same", "same"]
    assert graph.x is None  # age is missing for some


def test_names_that_are_numbers_stay_text(tmp_path):
    nx.write_gml(nx.Graph([(34, 33), (33, 7)]), tmp_path / "g.gml")
    graph = read_graph(str(tmp_path / "g.gml"))
    assert (graph.ids.tolist(), graph.names.tolist()) == (["0", "1", "2"], ["34", "33", "7"])
    assert read_graph(str(tmp_path / "g.gml"), id_attr="label").ids.tolist() == ["34", "33", "7"]


def test_gexf_attributes_drawing_and_directions(tmp_path):
    graph = read_graph(write(tmp_path, "g.gexf", GEXF))
    assert (graph.feature_names, graph.x.ravel().tolist()) == (("Age",), [3.5, 1, 2])
    assert graph.names.tolist() == ["A & B", "", "c"]
    said = notes_of(graph)
    for words in (
        "Modularity Class (an earlier clustering)", "Tags (of type liststring", "viz:",
        "of weight 1 in GEXF: 2", "edge attributes not read: 'label', 'since'",
    ):  # fmt: skip
        assert words in said
    assert graph.counts.repeated == 1, "an edge without direction, and the same with one"


def test_gexf_times_are_no_features(tmp_path):
    text = GEXF.replace(
        '<attvalue for="age" value="2"/>',
        '<attvalue for="age" value="2" start="1"/><attvalue for="age" value="3" start="2"/>',
    )
    graph = read_graph(write(tmp_path, "g.gexf", text))
    assert graph.x is None
    assert "Age (of type dynamic, not numbers)" in notes_of(graph)
    assert "times are not read" in notes_of(graph)


def gexf(nodes='<node id="a"/><node id="b"/><node id="c"/>', tag="", edge="", declared=""):
    """A triangle's two sides, the first with attributes and values of its own."""
    first = f'<edge source="a" target="b"{tag}><attvalues>{edge}</attvalues></edge>'
    edges = f'<edges>{first}<edge source="b" target="c" weight="2"/></edges>'
    return f"<gexf><graph>{declared}<nodes>{nodes}</nodes>{edges}</graph></gexf>"


DYNAMIC_WEIGHT = (
    '<attributes class="Edge" mode="dynamic"><attribute id="0" title="Weight" type="float"/>'
    "</attributes>"
)
TWO_WEIGHTS = '<attvalue for="0" value="5" start="1"/><attvalue for="0" value="6" start="2"/>'
THREE = '<node id="b"/><node id="c"/>'


@pytest.mark.parametrize(
    ("text", "words", "weights"),
    [
        (gexf(tag=' weight=""'), "of weight 1 in GEXF: 1", [1, 2]),
        (gexf(declared=DYNAMIC_WEIGHT, edge=TWO_WEIGHTS, tag=' weight="7"'), "times are", [7, 2]),
        (gexf(f'<node id="a"><v:size xmlns:v="v" value="3"/></node>{THREE}'), "(viz:)", [1, 2]),
        (gexf(f'<node id="g"/><node id="a"><parents><parent for="g"/></parents></node>{THREE}'),
         "groups of vertices, left out: 1", [1, 2]),
        (gexf(tag=' value="3"'), "not read: 'value' of <edge>; their place is in", [1, 2]),
    ],
)  # fmt: skip
def test_gexf_as_programs_bend_it(tmp_path, text, words, weights):
    graph = read_graph(write(tmp_path, "g.gexf", text))
    assert graph.ids.tolist() == ["a", "b", "c"]
    assert graph.weights.tolist() == weights
    assert words in notes_of(graph)


def test_gexf_weights_of_many_times_are_no_weights(tmp_path):
    text = gexf(declared=DYNAMIC_WEIGHT, edge=TWO_WEIGHTS)
    text = text.replace(' weight="2"/>', f"><attvalues>{TWO_WEIGHTS}</attvalues></edge>")
    with pytest.raises(InputError, match="'Weight' is of type dynamic, not a number"):
        read_graph(write(tmp_path, "g.gexf", text))


def test_gexf_weight_of_edges_comes_before_an_attribute_of_that_name(tmp_path):
    text = GEXF.replace('title="since"', 'title="weight"')
    assert sorted(read_graph(write(tmp_path, "g.gexf", text)).weights) == [1, 3.5]


@pytest.mark.parametrize(
    ("name", "text", "ids"),
    [
        ("g.gexf", GEXF, ["0", "1", ""]),
        ("g.gml", GML.replace("value 2", "id 7 value 2"), ["7", ""]),
    ],
)
def test_ids_of_edges_are_kept_for_a_graph_that_is_written_again(tmp_path, name, text, ids):
    read = read_named(write(tmp_path, name, text), Wanted(keep_attributes=True)).origin
    assert read.edge_ids.tolist() == ids


def test_pajek_names_partitions_and_vectors(tmp_path):
    text = PAJEK + (
        "*Partition kinds.clu\n*Vertices 5\n1\n1\n2\n2\n2\n"
        "*Vector age\n*Vertices 5\n1.5\n2\n3\n1\n1\n"
    )
    path = write(tmp_path, "g.paj", text)
    graph = read_graph(path)
    assert graph.names.tolist() == ["Ann Lee", "Bob", "Cé", "", ""]
    assert (graph.feature_names, graph.x.ravel().tolist()) == (("age",), [1.5, 2, 3, 1, 1])
    assert "kinds.clu (of type partition" in notes_of(graph)
    assert read_graph(path, label_attr="kinds.clu").y.tolist() == [0, 0, 1, 1, 1]
    assert "of weight 1 in Pajek: 1" in notes_of(graph)


@pytest.mark.parametrize(
    ("text", "words", "names"),
    [
        ('*Vertices 2\n1 "a"\n2 "b"\n*Arcs:1 "likes"\n1 2 3\n', "numbers of vertices", "a b"),
        ('*Vertices: 2\n1 "say ""x"""\n2 "C:\\"\n*Edges\n1 2 3\n', "numbers", 'say "x" C:\\'),
        ('*Vertices 2\n1 "d\\"e" .1 .2 ic Red\n2 b\n*Edges\n1 2 3\n', "places and", 'd"e b'),
        ('*Vertices 2\n1 a 0 0 ellipse club "Mr. Hi"\n2 b\n*Edges\n1 2 3\n',
         "words in the lines of vertices, not read: 'club'", "a b"),
        ('*Vertices 2\n1 a Smith\n2 b [1-5]\n*Edges\n1 2 3\n',
         "words in the lines of vertices, not read: 'Smith'", "a b"),
        ('*Vertices 2\n1 a\n2 b\n*Edges\n1 2 3 l "is kin" c Blue sign plus\n',
         "words in the lines of edges, not read: 'l', 'sign'", "a b"),
        ("*Vertices 2\n1 a\n2 b\n*Edges\n1: 1 2 1\n2: 2 1 2\n", "relations, read as one: 2", "a b"),
    ],
)  # fmt: skip
def test_pajek_as_programs_write_it(tmp_path, text, words, names):
    graph = read_graph(write(tmp_path, "g.net", text))
    assert " ".join(graph.names) == names
    assert graph.weights.tolist() == [3]
    assert words in notes_of(graph)
    assert "lines of" in words or "lines of" not in notes_of(graph)


def test_konects_columns_are_never_row_numbers(tmp_path):
    text = "% sym\n1 2 9\n2 3 8\n3 1 7\n"
    assert read_graph(write(tmp_path, "out.x", text)).num_edges == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"3 2\n2\n1 3\n2\n", True),
        (b"4 4\n2 4\n1 3\n2 4\n1 3\n", True),
        (b"2 1 0\n2\n1\n", True),
        (b"2 1 10\n5 2\n5 1\n", True),
        (b"4 2\n2 4\n1 3\n2 4\n1 3\n", False),
        (b"1 2\n2 3\n3 1\n", False),
        (b"1 2 5\n2 3 5\n", False),
        (b"a b\nb c\n", False),
        (b"% only\n\n", False),
    ],
)
def test_metis_is_told_by_its_counts(text, expected):
    assert is_metis(text) is expected


RING = "".join(f"{(i - 1) % 4000 + 1} {(i + 1) % 4000 + 1}\n" for i in range(4000))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 4\n2 3\n1\n1 4\n3 5\n4\n", True),
        ("% by hand\n\n4 4\n2 4\n1 3\n2 4\n1 3\n\n", True),
        ("3 2 001\n2 5\n1 5 3 7.5\n2 7.5\n", True),
        (f"4000 4000\n{RING}", True),
        ("4 4\n1 2\n2 3\n3 4\n1 4\n", False),
        ("4000 4000\n" + "".join(f"{i} {i % 4000 + 1}\n" for i in range(1, 4001)), False),
        ("1 2\n2 3\n3 1\n", False),
        ("2 1\n1 2\n", False),
        ("1 0\n\n", False),
        ("2 3 1\n3 4 1\n", False),
        ("a b\nb c\n", False),
    ],
)
def test_metis_under_another_name_is_told_by_its_neighbours(tmp_path, text, expected):
    path = write(tmp_path, "g.txt", text)
    assert any("read as METIS" in note for note in read_graph(path).notes) == expected
    if expected and "4000" not in text:
        named = read_graph(write(tmp_path, "g.metis", text))
        assert edges_of(read_graph(path)) == edges_of(named)


def written_by_networkx(network, path):
    if path.suffix == ".gml":
        nx.write_gml(network, path)
    elif path.suffix == ".gexf":
        nx.write_gexf(network, path)
    else:
        nx.write_pajek(network, path)


@pytest.mark.parametrize("suffix", [".gml", ".gexf", ".net"])
@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph])
def test_what_networkx_writes(tmp_path, suffix, kind):
    network = kind()
    network.add_weighted_edges_from([("a b", "c", 2.5), ("c", "d", 0.5), ("d", "a b", 1e-7)])
    network.add_node("alone")
    written_by_networkx(network, tmp_path / f"g{suffix}")
    graph = read_graph(str(tmp_path / f"g{suffix}"))
    names = graph.ids if graph.names is None else graph.names
    pairs = names[graph.edge_index].T.tolist()
    assert {frozenset(p): w for p, w in zip(pairs, graph.weights.tolist(), strict=True)} == {
        frozenset((u, v)): w for u, v, w in network.edges(data="weight")
    }
    assert sorted(names) == sorted(network)


@pytest.mark.parametrize("suffix", ["gml", "pajek"])
def test_what_igraph_writes(tmp_path, suffix):
    network = igraph.Graph.Famous("Zachary")
    network.vs["name"] = [f"v{i}" for i in range(34)]
    network.vs["age"] = [float("nan") if i == 3 else i / 3 for i in range(34)]
    network.es["weight"] = [0.5 + i for i in range(78)]
    if suffix == "pajek":
        network.vs["id"] = network.vs["name"]  # what igraph before 1.0 writes there
    network.write(str(tmp_path / "g"), format=suffix)
    graph = read_graph(str(tmp_path / "g"))
    assert graph.names.tolist() == network.vs["name"]
    expected = {frozenset((f"v{e.source}", f"v{e.target}")): e["weight"] for e in network.es}
    pairs = graph.names[graph.edge_index].T.tolist()
    found = zip(map(frozenset, pairs), graph.weights.tolist(), strict=True)
    assert dict(found) == expected


@pytest.mark.parametrize("symmetry", ["general", "symmetric"])
@pytest.mark.parametrize("dense", [True, False])
def test_what_scipy_writes(tmp_path, symmetry, dense):
    half = sp.random_array((9, 9), density=0.3, rng=np.random.default_rng(0))
    matrix = (half + half.T).toarray()
    given = matrix if dense else sp.coo_array(matrix)
    scipy.io.mmwrite(tmp_path / "g.mtx", given, symmetry=symmetry, precision=17)
    graph = read_graph(str(tmp_path / "g.mtx"))
    np.fill_diagonal(matrix, 0)
    assert graph.adjacency.toarray() == pytest.approx(matrix.astype("f4"))
    assert read_graph(str(tmp_path / "g.mtx"), weight="none").edge_weight is None


@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("GML", {"source": "a"}),
        ("GEXF", {"header": True}),
        ("Pajek", {"target": "a"}),
        ("METIS", {"label_attr": "a"}),
        ("Matrix Market of reals", {"feature_attrs": "a"}),
        ("Cytoscape's SIF", {"id_attr": "a"}),
    ],
)
def test_options_without_a_use_are_refused(tmp_path, case, options):
    with pytest.raises(UsageError, match=f"`{next(iter(options))}`"):
        read_graph(write(tmp_path, *FILES[case][:2]), **options)


def test_no_warning_of_a_library_comes_through(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graphs = [read_graph(write(tmp_path, name, text)) for name, text, _, _ in FILES.values()]
    assert all(graph.num_edges for graph in graphs)
