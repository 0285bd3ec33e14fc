"""Graphs in JSON, as the programs that draw and hold graphs write them, and files that are none."""

from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from tests.test_readers import edges_of, write
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.io.read import read_graph

PATH = nx.Graph()
PATH.add_node("a", age=3.5)
PATH.add_node("b", age=4.5)
PATH.add_node("c", age=3.0)
PATH.add_edge("a", "b", weight=2.0)
PATH.add_edge("b", "c", weight=1.0)
WEIGHTED, PLAIN = {"a b": 2, "b c": 1}, {"a b": 1, "b c": 1}
TABLE = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "weight": [2.0, 1.0]})


def lines(*values) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def frame(orient: str, **options) -> str:
    return TABLE.to_json(orient=orient, **options)


# (what is written, edges by ids with their weights, words of the notes)
FORMS: dict[str, tuple[str, dict, str]] = {
    "networkx": (json.dumps(nx.node_link_data(PATH, edges="edges")), WEIGHTED, "features: "),
    "networkx, links": (json.dumps(nx.node_link_data(PATH, edges="links"), indent=1), WEIGHTED, ""),
    "networkx, of several edges": (
        json.dumps(nx.node_link_data(nx.MultiGraph(PATH), edges="links")), WEIGHTED, ""),
    "networkx, of directions": (
        json.dumps(nx.node_link_data(PATH.to_directed(), edges="links")), WEIGHTED,
        "edges listed in both directions, merged"),
    "networkx, by neighbours": (json.dumps(nx.adjacency_data(PATH)), WEIGHTED, "both directions"),
    "networkx, for Cytoscape.js": (json.dumps(nx.cytoscape_data(PATH)), WEIGHTED, "features: "),
    "networkx, lists in a dictionary": (
        json.dumps(nx.to_dict_of_lists(PATH)), PLAIN, "neighbours by vertex: an edge to each"),
    "networkx, dictionaries in a dictionary": (
        json.dumps(nx.to_dict_of_dicts(PATH)), WEIGHTED, "neighbours by vertex"),
    "weights by neighbour": ('{"a": {"b": 2}, "b": {"c": 1}, "c": {}}', WEIGHTED, ""),
    "d3": (
        json.dumps({"nodes": [{"id": v, "group": i % 2} for i, v in enumerate("abc")],
                    "links": [{"source": "a", "target": "b", "value": 2},
                              {"source": "b", "target": "c", "value": 1}]}),
        WEIGHTED, "weights: edge attribute 'value'"),
    "d3, by places": (
        json.dumps({"nodes": [{"name": v} for v in "abc"],
                    "links": [{"source": 0, "target": 1}, {"source": 2, "target": 1}]}),
        PLAIN, "ends of edges are places in the list of vertices, from 0"),
    "d3, once it has drawn": (
        json.dumps({"nodes": [{"id": v, "index": i, "x": .5 * i, "vx": 0} for i, v in
                              enumerate("abc")],
                    "links": [{"source": {"id": "a", "index": 0}, "target": {"id": "b"}},
                              {"source": {"id": "b"}, "target": {"id": "c"}, "index": 1}]}),
        PLAIN, "written by the program, for drawing"),
    "vis.js": (
        '{"nodes": ["a", "b", "c"], "edges": [{"from": "a", "to": "b"}, {"from": "b", "to": "c"}]}',
        PLAIN, ""),
    "pairs beside vertices": (
        '{"nodes": ["a", "b", "c"], "links": [["a", "b", 2], ["b", "c", 1]]}', WEIGHTED, ""),
    "Cytoscape": (
        json.dumps({"format_version": "1.0", "data": {"name": "g"}, "elements": {
            "nodes": [{"data": {"id": v, "age": i + .5}, "position": {"x": 1.0, "y": 2.0},
                       "selected": False} for i, v in enumerate("abc")],
            "edges": [{"data": {"id": "9", "source": "a", "target": "b", "weight": 2}},
                      {"data": {"id": "8", "source": "b", "target": "c", "weight": 1}}]}}),
        WEIGHTED, "features: vertex attributes age"),
    "Cytoscape.js, all in one list": (
        json.dumps([*({"group": "nodes", "data": {"id": v}} for v in "abc"),
                    {"group": "edges", "data": {"id": "e", "source": "a", "target": "b"}},
                    {"group": "edges", "data": {"id": "f", "source": "c", "target": "b"}}]),
        PLAIN, ""),
    "graphology": (
        json.dumps({"options": {"type": "undirected"},
                    "nodes": [{"key": v, "attributes": {"age": i + .5}} for i, v in
                              enumerate("abc")],
                    "edges": [{"key": "e", "source": "a", "target": "b",
                               "attributes": {"weight": 2}},
                              {"key": "f", "source": "b", "target": "c", "undirected": True,
                               "attributes": {"weight": 1}}]}),
        WEIGHTED, "features: vertex attributes age"),
    "JSON Graph Format": (
        json.dumps({"graph": {"directed": False, "nodes": {v: {"label": v} for v in "abc"},
                              "edges": [{"source": "a", "target": "b", "metadata": {"weight": 2}},
                                        {"source": "b", "target": "c", "metadata": {"weight": 1}}],
                              "hyperedges": [{"nodes": ["a", "b", "c"]}]}}),
        WEIGHTED, "hyperedges, left out: 1"),
    "JSON Graph Format, a list of one": (
        json.dumps({"graphs": [{"nodes": [{"id": v} for v in "abc"],
                                "edges": [{"source": "a", "target": "b"},
                                          {"source": "b", "target": "c"}]}]}), PLAIN, ""),
    "Neo4j's lines": (
        lines(*({"type": "node", "id": str(i), "labels": ["P"], "properties": {"age": i + .5}}
                for i in range(3)),
              {"id": "0", "type": "relationship", "label": "KNOWS", "properties": {"weight": 2},
               "start": {"id": "0"}, "end": {"id": "1"}},
              {"id": "1", "type": "relationship", "label": "KNOWS", "properties": {"weight": 1},
               "start": {"id": "1"}, "end": {"id": "2"}}),
        {"0 1": 2, "1 2": 1}, "features: vertex attributes age"),
    "a property that is called as the id is": (
        lines(*({"type": "node", "id": str(i), "properties": {"id": 7}} for i in range(3)),
              *({"type": "relationship", "start": {"id": str(i)}, "end": {"id": str(i + 1)}}
                for i in range(2))), {"0 1": 1, "1 2": 1}, ""),
    "links to other documents": (
        json.dumps({"links": {"self": "x"}, "nodes": ["a", "b", "c"],
                    "edges": [["a", "b"], ["b", "c"]]}), PLAIN, ""),
    "whole numbers with a point": (
        json.dumps({"nodes": [{"id": 0.0}, {"id": 1}, {"id": 2}],
                    "links": [{"source": 0, "target": 1.0}, {"source": 1, "target": 2}]}),
        {"0 1": 1, "1 2": 1}, ""),
    "edges beside an empty list": (
        '{"nodes": [], "vertices": ["a", "b", "c"], "links": [], '
        '"edges": [["a", "b"], ["b", "c"]]}', PLAIN, ""),
    "links of another kind": (
        '{"links": [{"rel": "self", "href": "x"}], "edges": [["a", "b"], ["b", "c"]]}', PLAIN, ""),
    "names above pairs": ('[["source", "target"], ["a", "b"], ["b", "c"]]', PLAIN, ""),
    "names above rows": (
        '[["from", "to", "weight", "x"], ["a", "b", 2, 0], ["b", "c", 1, 0]]', WEIGHTED, "weights"),
    "networkx, a list of edges": (
        json.dumps(list(PATH.edges(data=True))), WEIGHTED, "weights: column 'weight'"),
    "MongoDB": (
        lines({"_id": {"$oid": "65"}, "source": {"$oid": "a"}, "target": {"$oid": "b"}},
              {"_id": {"$oid": "66"}, "source": {"$oid": "b"}, "target": {"$oid": "c"}}),
        PLAIN, "edge columns not read: '_id'"),
    "d3's records, once it has drawn": (
        json.dumps([{"source": {"id": "a", "x": 1.5}, "target": {"id": "b"}},
                    {"source": {"id": "b"}, "target": {"id": "c"}}]), PLAIN, ""),
    "d3, by places of names that are numbers": (
        json.dumps({"nodes": [{"name": v} for v in "201"],
                    "links": [{"source": 0, "target": 1}, {"source": 1, "target": 2}]}),
        {"2 0": 1, "0 1": 1}, "ends of edges are places"),
    "vertices by id": (
        json.dumps({"nodes": {"a": "Ann", "b": "Bob", "c": "Cid"}, "edges": [["a", "b"],
                    ["b", "c"]]}), PLAIN, "names: vertex attribute 'label'"),
    "edges alone": ('{"edges": [{"source": "a", "target": "b"}, {"source": "b", "target": "c"}]}',
                    PLAIN, ""),
    "records": (frame("records"), WEIGHTED, "weights: column 'weight'"),
    "records in lines": (frame("records", lines=True), WEIGHTED, "weights: column 'weight'"),
    "pandas, columns": (frame("columns"), WEIGHTED, "weights: column 'weight'"),
    "pandas, index": (frame("index"), WEIGHTED, "weights: column 'weight'"),
    "pandas, split": (frame("split"), WEIGHTED, "weights: column 'weight'"),
    "pandas, table": (frame("table"), WEIGHTED, "row numbers"),
    "pandas, values": (frame("values"), WEIGHTED, "weights: column 'weight'"),
    "lists by name": (json.dumps(TABLE.to_dict("list")), WEIGHTED, "weights: column 'weight'"),
    "pairs": ('[["a", "b"], ["b", "c"]]', PLAIN, ""),
    "one record": ('{"source": "a", "target": "b"}\n', {"a b": 1}, ""),
    "one record with its values apart": (
        '{"source": "a", "target": "b", "data": {"weight": 2}}', {"a b": 2}, "weights: column"),
    "a matrix": (
        "[[0, 1, 0, 0], [1, 0, 2.5, 0],\n [0, 2.5, 0, 3], [0, 0, 3, null]]",
        {"0 1": 1, "1 2": 2.5, "2 3": 3}, "an adjacency matrix: it is square and symmetric"),
    "a matrix of truths": (
        "[[0, true, false, false], [true, 0, true, false], [false, true, 0, true],"
        " [false, false, true, 0]]", {"0 1": 1, "1 2": 1, "2 3": 1}, "an adjacency matrix"),
    "pairs of numbers": ("[[0, 1],\n [1, 2]]", {"0 1": 1, "1 2": 1}, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", FORMS)
def test_graphs_of_many_programs(tmp_path, case):
    text, edges, words = FORMS[case]
    expected = {frozenset(pair.split()): weight for pair, weight in edges.items()}
    for name in ("g.json", "g.txt", "g.jsonl", "g.ndjson", "g.cyjs"):
        graph = read_graph(write(tmp_path, name, text))
        assert sorted(graph.ids.tolist()) == sorted(set("".join(edges).replace(" ", "")))
        assert edges_of(graph) == expected
        assert words in " | ".join(graph.all_notes)
        assert graph.name == "g"


@pytest.mark.parametrize("orient", ["records", "columns", "index", "split", "table", "values"])
def test_a_table_of_any_orient_is_the_same_graph(tmp_path, orient):
    """Also one of many rows, whose numbers are no names of columns."""
    random = np.random.default_rng(0)
    ends = random.integers(0, 30, (90, 2))
    table = pd.DataFrame({"from": ends[:, 0], "to": ends[:, 1], "weight": random.random(90) + 1})
    expected = read_graph(table)
    found = read_graph(write(tmp_path, "g.json", table.to_json(orient=orient, double_precision=15)))
    assert edges_of(found).keys() == edges_of(expected).keys()
    values = sorted(edges_of(expected).items(), key=str)
    assert [w for _, w in sorted(edges_of(found).items(), key=str)] == pytest.approx(
        [w for _, w in values]
    )


@pytest.mark.parametrize("name", [2**63, 2**70, -(2**64)])
def test_ids_of_more_digits_than_a_number_of_64_bits(tmp_path, name):
    for document in ([[name, 1], [1, 2]], {"nodes": [name, 1, 2], "links": [[name, 1], [1, 2]]}):
        graph = read_graph(write(tmp_path, "g.json", json.dumps(document)))
        assert graph.ids.tolist() == [str(name), "1", "2"]


def test_attributes_are_those_of_other_graph_files(tmp_path):
    """By name, also those that are written as text; what they are for is said."""
    nodes = [{"id": i, "age": str(i * 1.5), "kind": "xy"[i % 2], "tags": ["q"]} for i in range(4)]
    links = [{"source": i, "target": i + 1, "score": i + 1} for i in range(3)]
    path = write(tmp_path, "g.json", json.dumps({"nodes": nodes, "links": links}))
    graph = read_graph(path, label_attr="kind", keep_attributes=True)
    assert graph.x.ravel().tolist() == [0, 1.5, 3, 4.5]
    assert graph.class_texts.tolist() == ["x", "y", "x", "y"]
    assert graph.edge_weight.tolist() == [1, 2, 3]
    assert list(graph.origin.vertex_attributes) == ["age", "kind", "tags"]
    assert read_graph(path, weight="none", feature_attrs="none").x is None
    with pytest.raises(UsageError, match="has no columns"):
        read_graph(path, source="source")
    table = write(tmp_path, "t.json", json.dumps(links))
    assert read_graph(table, weight="none", source="target", target="source").edge_weight is None
    with pytest.raises(UsageError, match="has no vertex attributes"):
        read_graph(table, label_attr="kind")


def test_whether_edges_have_a_direction_decides_what_a_second_listing_is(tmp_path):
    both = [
        {"source": "a", "target": "b", "weight": 2},
        {"source": "b", "target": "a", "weight": 3},
    ]
    for directed, weight in ((True, 3), (False, 5), (None, 5)):
        said = {} if directed is None else {"directed": directed}
        path = write(tmp_path, "g.json", json.dumps({**said, "nodes": ["a", "b"], "links": both}))
        assert read_graph(path).edge_weight.tolist() == [weight]
    network = nx.DiGraph()
    network.add_weighted_edges_from([("a", "b", 2), ("b", "a", 3)])
    written = {"nx.json": nx.cytoscape_data(network), "mixed.json": {
        "options": {"type": "mixed"}, "nodes": [{"key": "a"}, {"key": "b"}],
        "edges": [{**both[0], "undirected": True}, {**both[1], "undirected": False}]}}  # fmt: skip
    for name, document in written.items():
        origin = read_graph(
            write(tmp_path, name, json.dumps(document)), keep_attributes=True
        ).origin
        assert np.atleast_1d(origin.directed).tolist() == (
            [True] if name == "nx.json" else [False, True]
        )
    whole = {"options": {"type": "directed"}, "nodes": ["a", "b"], "edges": both}
    assert read_graph(write(tmp_path, "d.json", json.dumps(whole))).edge_weight.tolist() == [3]


def nodes(*given, **links) -> str:
    return json.dumps({"nodes": list(given), "links": list(links.values())})


EDGE = {"source": "a", "target": "b"}
REFUSED: dict[str, tuple[str, str]] = {
    "an id twice": (nodes({"id": "a"}, {"id": "a"}, e=EDGE), "node 2: vertex 'a' .* in node 1"),
    "an id that is missing": (nodes({"id": "a"}, {"name": "b"}, e=EDGE), "node 2 has no 'id'"),
    "an id that is null": (nodes({"id": "a"}, {"id": None}, e=EDGE), "node 2 has no 'id'"),
    "an id that is true": (nodes({"id": True}, {"id": "b"}, e=EDGE), "node 1 has no 'id'"),
    "an end that is missing": (
        nodes({"id": "a"}, e=EDGE, f={"source": "a"}), "edge 2 has no 'target'"),
    "an end that is a list": (
        nodes({"id": "a"}, e={"source": ["a"], "target": "a"}), "edge 1 has no 'source'"),
    "an end without a letter": (
        nodes({"id": "a"}, {"id": ""}, e={**EDGE, "target": ""}), "edge 1 has no 'target'"),
    "a place that is none": (
        nodes({"id": "a"}, {"id": "b"}, e={"source": 0, "target": 2}), "no edge ends at a vertex"),
    "columns that are no ends": (
        json.dumps({n: {str(i): i for i in range(12)} for n in ("height", "width")}), "no edges"),
    "two lists of edges": (
        '{"nodes": ["a", "b", "c"], "links": [["a", "c"]], "edges": [["a", "b"]]}',
        "has both 'links' and 'edges'"),
    "a table without names or neighbours": (
        json.dumps({"0": {"0": 0, "1": 1, "2": 2}, "1": {"0": 1, "1": 2, "2": 0}}),
        "may be a table without names of columns"),
    "pairs and triples": ('[["a", "b"], ["b", "c", 2]]', "no edges are found"),
    "no ends": (nodes({"id": "a"}, e={"who": "a"}), "edge 1 has no ends: its keys are who"),
    "an edge that is none": ('{"nodes": [], "links": [3]}', "edge 1 is '3', and no object"),
    "a vertex that is none": ('{"nodes": [[1]], "links": []}', r"node 1 is '\[1\]', and no object"),
    "ends that may be ids or places": (
        nodes({"id": 1}, {"id": 2}, e={"source": 0, "target": 1}), "no vertex has as '0'"),
    "ends that are neither": (
        nodes({"id": "p"}, {"id": "q"}, e=EDGE), "no edge ends at a vertex of the list: ends are "
        "as 'a', vertices have 'id' 'p'"),
    "no vertices": ('{"nodes": [], "links": []}', "holds no vertices"),
    "groups and their members": ('{"x": ["a", "b"], "y": ["c"]}', "no edges are found"),
    "an object of something else": ('{"name": "x", "size": 3}', "no edges are found"),
    "a matrix that is not symmetric": (
        "[[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]]", "4 columns .0, 1, 2, 3."),
    "one record of no edge": ('{"source": ["a"], "target": "b"}', "no edges are found"),
    "a list of lists": ('[["a", "b"], ["c"]]', "no edges are found"),
    "records without ends": ('[{"id": 1, "age": 3}, {"id": 2, "age": 5}]', "looks like a table of"),
    "several graphs": ('{"graphs": [{}, {}]}', "holds 2 graphs; a file is one"),
    "neighbours of other vertices": (
        '{"adjacency": [[]], "nodes": [{"id": 1}, {"id": 2}]}', "1 lists of neighbours, of 2"),
    "a file that is cut short": ('{"nodes": [{"id": "a"},\n {"id"', "line 2: is no JSON from col"),
    "a line that is cut short": (
        '{"source": "a", "target": "b"}\n{"source": "b", "target": "c"}\n{"source": "c"',
        "line 3: is no JSON from column"),
    "a key twice": ('{"links": [], "links": []}', "holds the key 'links' more than once"),
    "too deep": ('{"links": ' + "[" * 100_000, "nested too deeply"),
    "half a character": (nodes({"id": "a"}, e=EDGE).replace('"b"', r'"\ud800"'), "not Unicode"),
    "a number of thousands of digits": (
        '{"links": [{"source": 1' + "0" * 5000 + ', "target": 1}]}', "a number of 5,001 digits"),
    "a weight that is none": (
        nodes("a", "b", e={**EDGE, "weight": -1}), "weight"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_graph_is_refused_in_a_line(tmp_path, tvgnn, case):
    text, words = REFUSED[case]
    path = write(tmp_path, "g.json", text)
    with pytest.raises(InputError, match=words) as told:
        read_graph(path)
    assert "\n" not in str(told.value)
    assert str(told.value).startswith((path, "g: holds no vertices"))


def test_json_that_memory_has_no_room_for_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tvgnn_cli.io.json_document.available_memory_mb", lambda: 0.001)
    with pytest.raises(InputError, match="20 times as much memory; write the edges to a"):
        read_graph(write(tmp_path, "g.json", FORMS["networkx"][0]))


def test_columns_that_are_named_as_ends_are_columns_whatever_the_ids(tmp_path):
    """A word that is linked may be `source` itself."""
    table = {"source": ["data", "source", "open"], "target": ["source", "code", "code"],
             "weight": [3, 4, 5]}  # fmt: skip
    graph = read_graph(write(tmp_path, "g.json", json.dumps(table)))
    assert sorted(graph.ids) == ["code", "data", "open", "source"]
    assert sorted(graph.edge_weight) == [3, 4, 5]


def test_what_stands_twice_or_looks_as_a_place_is_kept(tmp_path):
    """A property called as the id is, and the position of a gene, which is a number."""
    given = [{"id": v, "position": i * 7 % 5 + 0.5, "data": {"id": f"x{i}", "age": 1.5}}
             for i, v in enumerate("abc")]  # fmt: skip
    path = write(tmp_path, "g.json", json.dumps({"nodes": given, "links": [["a", "b"]]}))
    columns = read_graph(path, keep_attributes=True).origin.vertex_attributes
    assert list(columns) == ["position", "data.id", "age"]
    assert columns["data.id"].texts() == ["x0", "x1", "x2"]
    assert columns["position"].values.tolist() == [0.5, 2.5, 4.5]


def test_vertices_that_only_edges_name_are_added_and_counted(tmp_path):
    path = write(
        tmp_path, "g.json", nodes({"id": "a"}, {"id": "b"}, e=EDGE, f={**EDGE, "target": 7})
    )
    graph = read_graph(path)
    assert graph.ids.tolist() == ["a", "b", "7"]
    assert "vertices that only edges name, added: 1" in graph.notes


def test_edges_may_end_at_names_beside_ids(tmp_path):
    """Which is said; d3 is told by a function what its links go by."""
    given = [{"id": 10 + i, "name": name} for i, name in enumerate("abc")]
    links = [{"source": "a", "target": "b"}, {"source": "b", "target": "c"}]
    path = write(tmp_path, "g.json", json.dumps({"nodes": given, "links": links}))
    graph = read_graph(path)
    assert (graph.ids.tolist(), graph.num_edges) == (["a", "b", "c"], 2)
    assert "ids of vertices are their 'name', which edges end at" in graph.notes
    given[2]["name"] = "b"
    with pytest.raises(InputError, match="no edge ends at a vertex of the list"):
        read_graph(write(tmp_path, "g.json", json.dumps({"nodes": given, "links": links[:1]})))


def test_clusters_of_a_graph_in_json_are_those_of_any_tool(tvgnn, tmp_path):
    """`cluster` as an attribute of its vertices; and the graph goes through the commands."""
    network = nx.karate_club_graph()
    for vertex, data in network.nodes(data=True):
        data["cluster"] = int(data["club"] == "Officer")
        data["age"] = vertex % 7 + 0.5
    path = write(tmp_path, "g.json", json.dumps(nx.node_link_data(network, edges="links")))
    told = tvgnn("evaluate", path, "--graph", path, "--label-attr", "club")
    assert (told.code, "modularity" in told.out) == (0, True), told.err
    found = tvgnn("cluster", path, "-k", "2", "--epochs", "3", "-o", str(tmp_path / "c.graphml"))
    assert found.code == 0, found.err
    back = nx.read_graphml(tmp_path / "c.graphml")
    assert {data["club"] for _, data in back.nodes(data=True)} == {"Officer", "Mr. Hi"}


def test_a_folder_of_graphs_does_not_take_settings_for_one(tmp_path):
    for name in ("one", "two"):
        write(tmp_path, f"{name}.csv", "a,b\nb,c\n")
    write(tmp_path, "settings.json", '{"k": 3}')
    from tvgnn_cli import read_graph_set

    found = read_graph_set(tmp_path)
    assert found.num_graphs == 2
    assert any("no graphs, not read: 1 (settings.json)" in note for note in found.notes)
