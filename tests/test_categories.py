"""Attributes whose values are names, though they may all be numbers: read, written, read again."""

from __future__ import annotations

import networkx as nx
import pytest

from tests.test_readers import write
from tvgnn_cli.io.read import read_graph

PAJEK = """*Vertices 6
1 "a"
2 "b"
3 "c"
4 "d"
5 "e"
6 "f"
*Edges
1 2
2 3
1 3
3 4
4 5
5 6
4 6
*Partition faction
*Vertices 6
1
1
1
2
2
3
"""


@pytest.mark.parametrize("form", ["graphml", "gexf", "graphml.gz"])
def test_a_partition_of_pajek_stays_one(tvgnn, tmp_path, form):
    network = write(tmp_path, "g.paj", PAJEK)
    assert tvgnn("cluster", network, "-k", "2", "-o", f"out.{form}", "-q").code == 0
    assert tvgnn("cluster", f"out.{form}", "-k", "2", "-o", f"again.{form}", "-q").code == 0
    for name in (network, f"out.{form}", f"again.{form}"):
        graph = read_graph(str(tmp_path / name), keep_attributes=True)
        assert graph.x is None, name
        assert any("faction" in note and "no features" in note for note in graph.notes), name
        column = graph.origin.vertex_attributes["faction"]
        assert column.texts() == ["1", "1", "1", "2", "2", "3"]
        named = read_graph(str(tmp_path / name), feature_attrs="faction")
        assert named.feature_names == ("faction=1", "faction=2", "faction=3")


@pytest.mark.parametrize(("form", "read"), [("graphml", nx.read_graphml), ("gexf", nx.read_gexf)])
def test_networkx_reads_what_says_so(tvgnn, tmp_path, form, read):
    network = write(tmp_path, "g.paj", PAJEK)
    assert tvgnn("cluster", network, "-k", "2", "-o", f"out.{form}", "-q").code == 0
    nodes = read(tmp_path / f"out.{form}").nodes
    assert [nodes[name]["faction"] for name in "123456"] == ["1", "1", "1", "2", "2", "3"]


def test_igraph_reads_what_says_so(tvgnn, tmp_path):
    igraph = pytest.importorskip("igraph")
    network = write(tmp_path, "g.paj", PAJEK)
    assert tvgnn("cluster", network, "-k", "2", "-o", "out.graphml", "-q").code == 0
    assert igraph.Graph.Read_GraphML(str(tmp_path / "out.graphml")).vs["faction"][:4] == [*"1112"]


def test_options_of_text_are_names_and_of_numbers_are_not(tmp_path):
    nodes = "".join(
        f'<node id="{v}" label="{v}"><attvalues><attvalue for="0" value="{v}"/>'
        f'<attvalue for="1" value="{v % 3}"/></attvalues></node>'
        for v in range(6)
    )
    edges = "".join(f'<edge id="{v}" source="{v}" target="{(v + 1) % 6}"/>' for v in range(6))
    text = (
        '<gexf version="1.2"><graph><attributes class="node">'
        '<attribute id="0" title="code" type="string"><options>0|1|2|3|4|5</options></attribute>'
        '<attribute id="1" title="level" type="integer"><options>0|1|2</options></attribute>'
        f"</attributes><nodes>{nodes}</nodes><edges>{edges}</edges></graph></gexf>"
    )
    graph = read_graph(write(tmp_path, "g.gexf", text))
    assert graph.feature_names == ("level",)


def test_a_description_of_something_else_changes_nothing(tmp_path):
    text = (
        '<graphml><key id="d0" for="node" attr.name="age" attr.type="string">'
        "<desc>category of age</desc><default>4</default></key>"
        '<graph edgedefault="undirected"><desc>category</desc><node id="a"/>'
        '<node id="b"><data key="d0">3</data></node><node id="c"/>'
        '<edge source="a" target="b"/></graph></graphml>'
    )
    graph = read_graph(write(tmp_path, "g.graphml", text))
    assert graph.x.tolist() == [[4.0], [3.0], [4.0]]
