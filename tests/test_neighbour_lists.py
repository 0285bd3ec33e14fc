"""Lists of neighbours: LGL, and the adjacency lists of networkx."""

from __future__ import annotations

import networkx as nx
import pytest

from tests.test_readers import edges_of, write
from tvgnn_cli.errors import TvgnnError
from tvgnn_cli.io.read import read_graph

LGL = "# a\nb\nc\n# b\nc\n# z\n"


@pytest.mark.parametrize("form", [nx.write_adjlist, nx.write_multiline_adjlist])
@pytest.mark.parametrize("name", ["g.adjlist", "g.txt"])
def test_adjacency_lists_of_networkx(tmp_path, form, name):
    graph = nx.Graph([(1, 2), (2, 3), (3, 1), (3, 4)])
    graph.add_node("alone")
    form(graph, tmp_path / name)
    read = read_graph(str(tmp_path / name))
    assert set(edges_of(read)) == {frozenset(map(str, edge)) for edge in graph.edges}
    assert set(read.ids) == {"1", "2", "3", "4", "alone"}
    assert "adjacency lists of networkx" in read.notes[0]


def test_data_in_an_adjacency_list(tmp_path):
    graph = nx.Graph()
    graph.add_weighted_edges_from([("a", "b", 2.0), ("b", "c", 0.5)])
    nx.write_multiline_adjlist(graph, tmp_path / "g.txt")
    read = read_graph(str(tmp_path / "g.txt"))
    assert edges_of(read) == {frozenset("ab"): 2.0, frozenset("bc"): 0.5}


def test_lgl(tmp_path):
    read = read_graph(write(tmp_path, "g.lgl", LGL))
    assert set(edges_of(read)) == {frozenset(pair) for pair in ("ab", "ac", "bc")}
    assert read.ids.tolist() == ["a", "b", "c", "z"]
    one = read_graph(write(tmp_path, "g.lgl", "# 1\n2 3\n3 1\n"))
    assert edges_of(one) == {frozenset("12"): 3.0, frozenset("13"): 1.0}
    weighed = write(tmp_path, "h.txt", "# a\nb 1.5\nc 2.5\n# b\nc 1.0\n")
    read = read_graph(weighed)
    assert edges_of(read) == {frozenset("ab"): 1.5, frozenset("ac"): 2.5, frozenset("bc"): 1.0}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("# girls\n1 2\n2 3\n# boys\n4 5\n", "1 2 3 4 5"),
        ("# 1\n1 2\n2 3\n", "1 2 3"),
        ("# 1\n1 2\n2 3\n# 2\n1 3\n", "1 2 3"),
        ("# edges of 3\n3 4\n# 4\n4 5\n", "3 4 5"),
    ],
)
def test_edges_among_comments_stay_edges(tmp_path, text, ids):
    assert set(read_graph(write(tmp_path, "g.txt", text)).ids) == set(ids.split())


HEADER = "#x\n# GMT Tue Jan  1 00:00:00 2024\n# \n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEADER + "a 2\nb {}\n", "'a' lacks 1 neighbours"),
        (HEADER + "a 1\nb {}\nc\n", "line 6: a vertex and its number"),
        (LGL * 5_000 + "# c\nd e f\n", "line 30002: LGL has a neighbour"),
        ("a b c d\nb c\nc\nd a c e f\n", "networkx.read_adjlist reads lists of neighbours"),
    ],
)
def test_lists_that_are_none(tmp_path, text, words):
    with pytest.raises(TvgnnError, match=words):
        read_graph(write(tmp_path, "g.txt", text))


def test_lists_of_neighbours_have_no_columns(tmp_path):
    with pytest.raises(TvgnnError, match=r"`source`: .* is no table"):
        read_graph(write(tmp_path, "g.lgl", LGL), source="1")


@pytest.mark.parametrize(
    ("text", "edges", "ids"),
    [
        ("a pp b\nb pp c\nd\n", 2, "a b c d"),
        ("a\tpp\tb\tc\td\r\nb\tpp\td\r\n", 4, "a b c d"),
        ("# made by hand\na pp b c\nb pp c\n\nd\n", 3, "a b c d"),
        ("a pp b 0.5\nb pp c 1.5\n", 2, "a b c"),
    ],
)
def test_sif_of_vertices_alone_and_several_neighbours(tmp_path, text, edges, ids):
    graph = read_graph(write(tmp_path, "g.sif", text))
    assert graph.num_edges == edges
    assert graph.ids.tolist() == ids.split()


@pytest.mark.parametrize("mark", [" ", "\t", ",", ";", "|"])
@pytest.mark.parametrize("name", ["n{}", "n {}", "n.{}"])
@pytest.mark.parametrize("form", [nx.write_adjlist, nx.write_multiline_adjlist])
def test_adjacency_lists_of_any_mark(tmp_path, form, name, mark):
    """What networkx writes with `delimiter`; where blanks part cells and names too, it is said."""
    graph = nx.Graph([(name.format(i), name.format((i * 3) % 10)) for i in range(1, 10)])
    graph.add_node(name.format("alone"))
    form(graph, tmp_path / "g.adjlist", delimiter=mark)
    if mark in name and form is nx.write_adjlist:
        with pytest.raises(TvgnnError, match=r"line 4: .* has no line of its own.*write_edgelist"):
            read_graph(str(tmp_path / "g.adjlist"))
        return
    read = read_graph(str(tmp_path / "g.adjlist"))
    assert set(edges_of(read)) == {frozenset(edge) for edge in graph.edges if len(set(edge)) > 1}
    assert set(read.ids) == set(graph)
