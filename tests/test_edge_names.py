"""Tables of edges with both ends in one column, and first lines that may name columns."""

from __future__ import annotations

import pytest

from tests.test_foreign_edges import PAIRS, PLAIN, WEIGHED, lines, said
from tests.test_readers import edges_of, write
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.read import read_graph

SUID = "SUID,interaction,name,selected,shared interaction,shared name"

CYTOSCAPE: dict[str, tuple[str, dict]] = {
    "as exported": (lines("{i},pp,{a} (pp) {b},false,pp,{a} (pp) {b}", SUID), PLAIN),
    "with a weight": (
        lines('"{i}","p (x)","{a} (p (x)) {b}","{w}"', '"SUID","interaction","name","score"'),
        WEIGHED),
    "without the interaction": (lines("{a} (pp) {b},{w}", "shared name,weight"), WEIGHED),
    "parted by tabs": (lines("{a} (pp) {b}\t{w}", "shared name\tweight"), WEIGHED),
}  # fmt: skip


@pytest.mark.parametrize("case", CYTOSCAPE)
def test_the_ends_of_cytoscapes_edges(tmp_path, case):
    text, edges = CYTOSCAPE[case]
    graph = read_graph(write(tmp_path, "g.csv", text))
    assert edges_of(graph) == edges
    assert "ends: parted from the names of edges in column" in said(graph)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            lines("{a} (pp) {b},{w}", "", "shared name,weight") + "ann (pp) bob,x\n",
            "line 9: weight",
        ),
        (
            lines("{a} (pp) {b},{i}", "name,SUID", pairs=PAIRS * 30) + "ann,1\n",
            "line 182: .*not the name",
        ),
    ],
)
def test_faults_of_cytoscapes_edges(tmp_path, text, words):
    with pytest.raises(InputError, match=words):
        read_graph(write(tmp_path, "g.csv", text))


def test_a_name_in_two_parts_stays_one_end(tmp_path):
    text = "name,friend\nA (x) B,C (y) D\nC (y) D,E (z) F\n"
    graph = read_graph(write(tmp_path, "g.csv", text), header=True)
    assert graph.ids.tolist() == ["A (x) B", "C (y) D", "E (z) F"]


HEADERS = {
    "a manager": "Employee,manager\nAnn,Bob\nCy,Dan\nEve,Fay\n",
    "names over numbered ids": "Left one,right one\nE1,M1\nE2,M2\nE3,M3\n",
    "in German": "Von,Nach\nAnn,Bob\nCy,Dan\nEve,Fay\n",
    "in joined files": "Left one,right one\na,b\nb,c\nc,a\nLeft one,right one\nc,b\n",
}

EDGES = {
    "numbered names": "E9,M9\nE1,M1\nE2,M2\nE3,M3\n",
    "a name of ends that is a word": "parent,child\nchild,toy\ntoy,car\n",
    "an edge that is there twice": "ann,bob\ncy,dan\neve,fay\nann,bob\n",
    "some numbered": "TP53,BRCA\nAB,CD\nE1,M1\nE2,M2\n",
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_first_line_that_names_columns(tmp_path, case):
    graph = read_graph(write(tmp_path, "g.csv", HEADERS[case]))
    assert not set(HEADERS[case].split("\n")[0].split(",")) & set(graph.ids)
    assert "first line is read as a header" in said(graph)


@pytest.mark.parametrize("case", EDGES)
def test_a_first_line_that_is_an_edge(tmp_path, case):
    graph = read_graph(write(tmp_path, "g.csv", EDGES[case]))
    assert set(EDGES[case].split("\n")[0].split(",")) <= set(graph.ids)
