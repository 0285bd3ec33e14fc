"""Tables that were taken for lists of edges, or parted by the wrong mark, without a word."""

from __future__ import annotations

import pytest

from tests.test_foreign_edges import WEIGHED, lines
from tests.test_readers import edges_of, write
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.read import read_graph

NAMES = {frozenset(f"{n} x" for n in pair): w for pair, w in WEIGHED.items()}
"""Edges between names of two words."""


@pytest.mark.parametrize("row", ["{a} x,{b} x,{w}", "{a} x, {b} x, {w}"])
@pytest.mark.parametrize("before", [(), ("first one,second one,weight",)])
def test_names_of_two_words_between_commas(tmp_path, row, before):
    graph = read_graph(write(tmp_path, "g.csv", lines(row, *before)))
    assert edges_of(graph) == NAMES


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_below_an_empty_line_is_said(tmp_path, end):
    text = end.join(["a,b", "b,c", "", "", "c,d", "d,e", "", ""])
    graph = read_graph(write(tmp_path, "g.csv", text))
    said = "line 3 is empty, and lines follow it: they are read as edges too"
    assert said in graph.notes
    assert graph.num_edges == 4
    text = end.join(["", "# two", "a,b", "b,c", "c,d", "", "# the end", *[""] * 5000])
    notes = read_graph(write(tmp_path, "h.csv", text)).notes
    assert not any("is empty" in note for note in notes)


def test_names_that_end_in_a_number_between_commas(tmp_path):
    text = "".join(f"n {a},n {a + 1},{a + 3}\n" for a in range(9))
    graph = read_graph(write(tmp_path, "g.csv", text))
    assert edges_of(graph) == {frozenset((f"n {a}", f"n {a + 1}")): a + 3.0 for a in range(9)}


def test_lists_of_unequal_length_are_refused_by_line(tmp_path):
    text = "p0 p1\n" + "".join(f"p{i} p{i + 1} p{i + 2}\n" for i in range(9))
    with pytest.raises(InputError, match="line 1: 2 columns where other lines have 3"):
        read_graph(write(tmp_path, "g.txt", text))


MATRICES = {
    "members of groups": "{},m1,m2,m3\nu1,1,0,1\nu2,0,1,0\nu3,1,1,0\nu4,0,0,1\n",
    "members of four groups": "{},m1,m2,m3,m4\nu1,1,0,1,0\nu2,0,1,0,1\nu3,1,1,0,0\n",
    "members of named groups": "{},apple,pear,plum\nu1,1,0,1\nu2,0,1,0\nu3,1,1,0\nu4,0,0,1\n",
    "members of groups that R names": '"{}","V1","V2","V3"\n"u1",1,0,1\n"u2",0,1,0\n"u3",1,1,0\n',
}


@pytest.mark.parametrize("corner", ["", "user"])
@pytest.mark.parametrize("case", MATRICES)
def test_a_matrix_of_members_is_no_list_of_edges(tmp_path, case, corner):
    with pytest.raises(InputError, match="`source`"):
        read_graph(write(tmp_path, "g.csv", MATRICES[case].format(corner)))


def test_a_matrix_of_members_of_two_groups(tmp_path):
    text = ",a,b\nu1,1,0\nu2,0,1\nu3,1,1\nu4,0,0\n"
    with pytest.raises(InputError, match=r"line 1: column 1 names the rows \('u1'\).*`source` 2"):
        read_graph(write(tmp_path, "g.csv", text))
    assert read_graph(write(tmp_path, "h.csv", text), source="2", target="3").num_vertices == 2


@pytest.mark.parametrize("name", ["x{}", "f{}", "score {}", "col_{:02d}"])
def test_columns_that_are_numbered_are_no_ends(tmp_path, name):
    head = ",".join(["id", *(name.format(i) for i in range(1, 5))])
    text = head + "\n" + "".join(f"{i},{i % 3},{i % 5},{i % 2},{i % 7}\n" for i in range(20))
    with pytest.raises(InputError, match="5 columns"):
        read_graph(write(tmp_path, "g.csv", text))


@pytest.mark.parametrize("head", ["id_1,id_2,score", "V1,V2,V3", "column_1,column_2,column_3"])
def test_two_columns_that_are_numbered_are_ends(tmp_path, head):
    graph = read_graph(write(tmp_path, "g.csv", lines("{a},{b},{w}", head)))
    assert set(edges_of(graph)) == set(WEIGHED)


def test_rows_that_are_named_may_be_edges_with_named_ends(tmp_path):
    graph = read_graph(write(tmp_path, "g.csv", lines("e{i},{a},{b},{w}", ",from,to,weight")))
    assert edges_of(graph) == WEIGHED


def _edges(path, **options):
    return read_graph(path, **options).num_edges


VERTICES = {
    "Gephi": ("Id,Label,age\n", "{i},Name{i},{y}9\n"),
    "numbers that are ids too": ("Id,Label,age\n", "{i},Name{i},{y}\n"),
    "two columns": ("id,name\n", "{i},Name{i}\n"),
    "text": ("node,label,size\n", "n{i},topic {y},{y}.5\n"),
    "classes": ("vertex,class\n", "v{i},c{y}\n"),
    "pandas": (",id,label\n", "{i},v{i},c{y}\n"),
    "clusters": ("vertex,cluster\n", "{i},{y}0\n"),
    "clusters and how sure": ("vertex,cluster,confidence\n", "v{i},{y},.{y}\n"),
    "clusters of igraph": ("id,membership\n", "v{i},{y}\n"),
    "a feature": ("id,age\n", "v{i},{y}\n"),
    "two features": ("node,age,income\n", "v{i},{y},1{y}\n"),
}


@pytest.mark.parametrize("case", VERTICES)
def test_a_table_of_vertices_is_no_list_of_edges(tmp_path, case):
    head, row = VERTICES[case]
    text = head + "".join(row.format(i=i, y=i % 4) for i in range(1, 20))
    with pytest.raises(InputError, match=r"line 1: .* a table of vertices.*`source`"):
        read_graph(write(tmp_path, "g.csv", text))
    assert _edges(write(tmp_path, "h.csv", text), source="1", target="2", weight="none") == 19


@pytest.mark.parametrize("head", ["id,boss", "node,parent", "key,value"])
def test_vertices_and_what_each_is_under_are_edges(tmp_path, head):
    """So are keys and values: an id occurs once, and nothing says that it is one of a vertex."""
    own = head != "key,value"
    text = f"{head}\n" + "".join(f"v{i},{'v' if own else 'u'}{i // 2}\n" for i in range(1, 20))
    assert _edges(write(tmp_path, "g.csv", text)) == 19


PLACES = ["cell,umap_1,umap_2", "id,pc1,pc2", "first,second", "", "lat x,lat y"]


@pytest.mark.parametrize("head", PLACES)
def test_two_columns_of_fractions_are_no_ends(tmp_path, head):
    values = [f"{i / 7:.3f},{i * 3 % 11 / 5 + 0.01:.2f}" for i in range(1, 20)]
    rows = [f"c{i},{value}" if head.count(",") == 2 else value for i, value in enumerate(values)]
    text = "\n".join([*([head] if head else []), *rows]) + "\n"
    with pytest.raises(InputError, match=r"line 1: columns \d and \d hold numbers with fractions"):
        read_graph(write(tmp_path, "g.csv", text))
    first = 2 if head.count(",") == 2 else 1
    named = {"source": str(first), "target": str(first + 1)}
    assert _edges(write(tmp_path, "h.csv", text), **named) == 19


def test_fractions_that_are_named_as_ends_are_ends(tmp_path):
    text = "source,target\n" + "".join(f"{i}.5,{i + 1}.5\n" for i in range(9))
    assert _edges(write(tmp_path, "g.csv", text)) == 9


@pytest.mark.parametrize("head", ["id,name,boss", "id,label,parent"])
def test_a_table_of_vertices_and_what_they_are_under(tmp_path, head):
    text = f"{head}\n" + "".join(f"v{i},Name{i},v{i // 2}\n" for i in range(1, 20))
    graph = read_graph(write(tmp_path, "g.csv", text))
    assert graph.num_vertices == 20


def test_members_that_are_listed_more_than_once_are_edges(tmp_path):
    text = "id,label\n" + "".join(f"v{i % 7},topic{i % 3}\n" for i in range(20))
    assert read_graph(write(tmp_path, "g.csv", text)).num_edges == 20
