"""Graphs written with their clusters, and read again by us, networkx and igraph."""

from __future__ import annotations

import gzip
import json
import math
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import igraph
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import tvgnn_cli
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.io.clustered_graph import ClusteredGraph
from tvgnn_cli.io.gexf_writer import gexf_parts
from tvgnn_cli.io.graph_files import GRAPH_WRITERS, is_graph_file, write_graph
from tvgnn_cli.io.graphml import parse_graphml
from tvgnn_cli.io.graphml_writer import graphml_parts
from tvgnn_cli.io.networkx_result import to_networkx
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.xml_text import XmlText

TINY = ("--hidden", 8, "--mlp-hidden", 8, "--epochs", 2, "--init", "random", "--threads", 1)
SMALL = {"hidden": 8, "mlp_hidden": 8, "epochs": 2, "init": "random", "threads": 1}
OWN = ["cluster", "confidence", "margin", "p_0", "p_1"]

IDS = ["a&b", "<c>", 'say "x"', "Zoë ∑", " two  words\t", "n\nl"]


def texts(*values: str) -> np.ndarray:
    return np.array(values, dtype=object)


def every_type() -> PropertyGraph:
    """Six vertices and seven edges, two of them parallel, with attributes of each type and gaps."""
    gaps = np.array([0, 1, 0, 0, 0, 1], dtype=bool)
    return PropertyGraph(
        ids=texts(*IDS),
        tail=np.array([0, 0, 1, 3, 4, 5, 2]),
        head=np.array([1, 1, 2, 0, 5, 3, 2]),
        directed=True,
        vertex_attributes={
            "age": Column(np.array([1, 0, -3, 4, 5, 0]), gaps, "int"),
            "big & <old>": Column(np.array([2**40, 1, 2, 3, 4, 5])),
            "ratio": Column(np.array([0.1, math.nan, -math.inf, 1e300, 3e-308, 2.0])),
            "thin": Column(np.array([0.5, 1, 2, 3, 4, 5.0]), None, "float"),
            "open": Column(np.array([1, 0, 1, 0, 1, 1], dtype=bool), gaps),
            "said": Column(texts("a<b>&c", "", '"q"', "  é\t", "two\nlines\r\n", ""), gaps),
            "code": Column(texts("NA", "", "x", "y", "z", "w"), np.array([1, 1, 0, 0, 0, 0]) > 0),
        },
        edge_attributes={
            "weight": Column(np.array([1.5, 2.5, 0.1, 4, 5, 6, 7])),
            "kind": Column(texts("r", "s", "t", "u", "v", "w", "x")),
        },
        graph_attributes={"made by": Column(texts("a & b"))},
        edge_ids=texts("e0", "e1", "", "e1", "e4", "e5", "e6"),
    )


def clustered(graph: PropertyGraph) -> ClusteredGraph:
    assignment = np.random.default_rng(0).dirichlet([1, 1], graph.num_vertices).astype("f4")
    return ClusteredGraph(graph, assignment.argmax(1), assignment)


def assert_same_columns(found, expected):
    assert list(found) == list(expected)
    for name, column in expected.items():
        gaps = column.absent
        assert found[name].absent.tolist() == gaps.tolist(), name
        rows = np.flatnonzero(~gaps)
        assert found[name].take(rows).objects() == column.take(rows).objects(), name
        assert found[name].values.dtype.kind == column.values.dtype.kind, name


def test_graphml_is_read_again_as_it_was(tmp_path):
    path = tmp_path / "g.graphml"
    whole = clustered(every_type()).together()
    path.write_text("".join(graphml_parts(whole, XmlText(), "g")), newline="")
    read = parse_graphml(Source(str(path)), with_edge_ids=True)
    assert read.ids.tolist() == IDS
    assert read.tail.tolist() == whole.tail.tolist()
    assert read.head.tolist() == whole.head.tolist()
    assert read.directed is True
    assert read.edge_ids.tolist() == whole.edge_ids.tolist()
    assert_same_columns(read.vertex_attributes, whole.vertex_attributes)
    assert_same_columns(read.edge_attributes, whole.edge_attributes)
    assert_same_columns(read.graph_attributes, whole.graph_attributes)


def attributes_of(column: Column) -> list:
    return [None if gap else v for v, gap in zip(column.objects(), column.absent, strict=True)]


@pytest.mark.parametrize("suffix", [".graphml", ".graphml.gz", ".gexf", ".gexf.gz"])
def test_networkx_reads_every_vertex_edge_and_attribute(tmp_path, suffix):
    path = tmp_path / f"g{suffix}"
    write_graph(clustered(every_type()), str(path))
    whole = clustered(every_type()).together()
    network = (nx.read_graphml if "graphml" in suffix else nx.read_gexf)(path)
    assert type(network) is nx.MultiDiGraph
    assert list(network) == IDS
    for name, column in whole.vertex_attributes.items():
        assert [data.get(name) for _, data in network.nodes(data=True)] == attributes_of(column)
    edges = sorted((data["kind"], u, v, data["weight"]) for u, v, data in network.edges(data=True))
    ends = zip(whole.tail.tolist(), whole.head.tolist(), strict=True)
    told = zip("rstuvwx", ends, whole.edge_attributes["weight"].values.tolist(), strict=True)
    assert edges == [(kind, IDS[u], IDS[v], weight) for kind, (u, v), weight in told]
    if "graphml" in suffix:
        assert network.graph["made by"] == "a & b"


def test_json_is_read_again_as_it_was(tmp_path):
    """By us and by networkx; infinite numbers are left out, which is said."""
    given = every_type()
    given = replace(
        given, vertex_attributes={**given.vertex_attributes, "id": Column(np.arange(6))}
    )
    path = tmp_path / "g.json"
    told = write_graph(clustered(given), str(path))
    assert told == (
        f"{path}: attributes whose names JSON has a use for, as NAME (attribute): id",
        f"{path}: infinite numbers, which JSON cannot hold, left out: 1",
    )
    whole = clustered(given).together()
    expected = dict(whole.vertex_attributes)
    ratio = expected["ratio"].values
    expected["ratio"] = Column(np.where(np.isinf(ratio), np.nan, ratio))
    expected = {"id (attribute)" if n == "id" else n: c for n, c in expected.items()}
    read = read_graph(path, keep_attributes=True).origin
    assert read.ids.tolist() == IDS
    assert (read.tail.tolist(), read.head.tolist()) == (whole.tail.tolist(), whole.head.tolist())
    assert read.directed is True
    assert read.edge_ids.tolist() == whole.edge_ids.tolist()
    for name, column in expected.items():
        assert attributes_of(read.vertex_attributes[name]) == attributes_of(column), name
    assert_same_columns(read.edge_attributes, whole.edge_attributes)
    network = nx.node_link_graph(json.loads(path.read_text()), edges="links")
    assert type(network) is nx.MultiDiGraph
    assert list(network) == IDS
    assert network.graph == {"made by": "a & b"}
    for name, column in expected.items():
        assert [data.get(name) for _, data in network.nodes(data=True)] == attributes_of(column)
    assert sorted(data["kind"] for *_, data in network.edges(data=True)) == list("rstuvwx")


def test_json_of_many_parts_is_one_document(tmp_path, monkeypatch):
    monkeypatch.setattr("tvgnn_cli.io.xml_parts.ROWS", 2)
    write_graph(clustered(every_type()), str(tmp_path / "g.json"))
    document = json.loads((tmp_path / "g.json").read_text())
    assert (len(document["nodes"]), len(document["links"])) == (6, 7)


def test_json_says_the_direction_of_each_edge_where_they_differ(tmp_path):
    mixed = replace(every_type(), directed=np.array([True, False, True, True, False, True, True]))
    write_graph(clustered(mixed), str(tmp_path / "g.json"))
    read = read_graph(tmp_path / "g.json", keep_attributes=True).origin
    assert read.directed.tolist() == mixed.directed.tolist()


def test_attributes_that_gexf_has_no_place_for_are_said(tmp_path):
    graph = clustered(every_type())
    (note,) = write_graph(graph, str(tmp_path / "g.gexf"))
    assert note.endswith("g.gexf: attributes of the graph, for which GEXF has no place: made by")
    assert write_graph(graph, str(tmp_path / "g.graphml")) == ()


def test_igraph_reads_every_vertex_edge_and_attribute(tmp_path):
    path = tmp_path / "g.graphml"
    write_graph(clustered(every_type()), str(path))
    whole = clustered(every_type()).together()
    graph = igraph.Graph.Read_GraphML(str(path))
    assert graph.is_directed()
    # igraph leaves this entity as it stands, in files of networkx and of its own too.
    assert [name.replace("&#38;", "&") for name in graph.vs["id"]] == IDS
    assert graph.get_edgelist() == list(zip(whole.tail, whole.head, strict=True))
    assert graph.es["weight"] == whole.edge_attributes["weight"].values.tolist()
    assert graph.es["kind"] == list("rstuvwx")
    for name in ("big & <old>", "thin", *OWN):
        found = graph.vs[name.replace("&", "&#38;")]
        assert found == pytest.approx(attributes_of(whole.vertex_attributes[name]))
    assert graph.vs["said"] == ["a<b>&c", "", '"q"', "  é\t", "two\nlines\r\n", ""]


def test_types_are_those_that_gephi_and_cytoscape_know():
    whole = clustered(every_type()).together()
    xml = ElementTree.fromstring("".join(graphml_parts(whole, XmlText(), "g")))
    space = "{http://graphml.graphdrawing.org/xmlns}"
    kinds = {key.get("attr.name"): key.get("attr.type") for key in xml.iter(f"{space}key")}
    assert kinds == {
        "made by": "string", "age": "int", "big & <old>": "long", "ratio": "double",
        "thin": "float", "open": "boolean", "said": "string", "code": "string", "cluster": "int",
        "confidence": "double", "margin": "double", "p_0": "double", "p_1": "double",
        "weight": "double", "kind": "string",
    }  # fmt: skip
    xml = ElementTree.fromstring("".join(gexf_parts(whole, XmlText(), "g")))
    space = "{http://www.gexf.net/1.2draft}"
    kinds = {each.get("title"): each.get("type") for each in xml.iter(f"{space}attribute")}
    assert kinds["cluster"] == kinds["age"] == "integer"
    assert kinds["big & <old>"] == "long"
    assert "weight" not in kinds, "GEXF has a place of its own for it"
    ids = [edge.get("id") for edge in xml.iter(f"{space}edge")]
    assert len(set(ids)) == 7
    assert ids[0] == "e0"


def test_directions_stay_as_they_are(tmp_path):
    mixed = replace(every_type(), directed=np.array([1, 0, 0, 1, 1, 0, 1], dtype=bool))
    write_graph(clustered(mixed), str(tmp_path / "g.graphml"))
    read = parse_graphml(Source(str(tmp_path / "g.graphml")))
    assert read.directed.tolist() == mixed.directed.tolist()
    space = "{http://www.gexf.net/1.2draft}"
    xml = ElementTree.fromstring("".join(gexf_parts(mixed, XmlText(), "g")))
    ways = [edge.get("type") == "directed" for edge in xml.iter(f"{space}edge")]
    assert ways == mixed.directed.tolist()
    network = to_networkx(clustered(mixed))
    assert sorted(network.edges()) == sorted(
        [(IDS[u], IDS[v]) for u, v in [(0, 1), (0, 1), (1, 0), (1, 2), (2, 1), (3, 0), (4, 5),
                                       (5, 3), (3, 5), (2, 2)]]
    )  # fmt: skip
    for directed, kind in ((True, nx.MultiDiGraph), (False, nx.MultiGraph)):
        assert type(to_networkx(clustered(replace(every_type(), directed=directed)))) is kind
    simple = replace(every_type(), tail=np.arange(5), head=np.arange(1, 6), edge_attributes={},
                     edge_ids=None)  # fmt: skip
    for directed, kind in ((True, nx.DiGraph), (False, nx.Graph)):
        assert type(to_networkx(clustered(replace(simple, directed=directed)))) is kind


def test_parallel_edges_of_one_id_stay_two_for_networkx(tmp_path):
    graph = replace(every_type(), edge_ids=texts(*["e"] * 7))
    write_graph(clustered(graph), str(tmp_path / "g.graphml"))
    assert nx.read_graphml(tmp_path / "g.graphml").number_of_edges() == 7


def test_characters_that_xml_cannot_hold_are_written_out_and_said(tmp_path):
    graph = replace(
        every_type(),
        ids=texts("a\x01", "b\ud800", *"cdef"),
        vertex_attributes={"said": Column(texts("bell\a", "\ufffe", *"cdef"))},
        graph_attributes={},
    )
    for form in (".graphml", ".gexf"):
        (told,) = write_graph(clustered(graph), str(tmp_path / f"g{form}"))
        assert told == f"{tmp_path}/g{form}: control characters, written as \\x01 and the like: 4"
    network = nx.read_graphml(tmp_path / "g.graphml")
    assert list(network)[:2] == ["a\\x01", "b\\ud800"]
    assert network.nodes["a\\x01"]["said"] == "bell\\x07"
    with pytest.raises(UsageError, match="two are the same"):
        write_graph(
            clustered(replace(graph, ids=texts("a\x01", "a\\x01", *"cdef"))),
            str(tmp_path / "h.graphml"),
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["g.gexf", "g.graphml"]


def test_an_earlier_result_gives_way(tmp_path):
    first = clustered(every_type()).together()
    share = Column(np.zeros(6))
    first = replace(first, vertex_attributes={**first.vertex_attributes, "p_2": share})
    again = clustered(first)
    assert again.replaced == [*OWN, "p_2"]
    assert list(again.together().vertex_attributes) == [*every_type().vertex_attributes, *OWN]
    (told,) = write_graph(again, str(tmp_path / "g.graphml"))
    assert told.endswith("were replaced: cluster, confidence, margin, p_0, p_1, p_2")
    other = replace(every_type(), vertex_attributes={"p_2": share, "cluster": share})
    assert clustered(other).replaced == ["cluster"]


def test_digits_are_those_of_float32():
    graph = clustered(every_type())
    listed = [data["p_0"] for _, data in to_networkx(graph).nodes(data=True)]
    assert (np.array(listed, dtype="f4") == graph.assignment[:, 0]).all()
    assert max(len(repr(value)) for value in listed) < 14


def files_of(tmp_path) -> str:
    """A GraphML file of two directed cliques with a name, a true class, a feature and a place."""
    network = nx.disjoint_union(nx.complete_graph(6), nx.complete_graph(6)).to_directed()
    network.add_edge(0, 6)
    rng = np.random.default_rng(0)
    for i, data in network.nodes(data=True):
        data |= {
            "name": f"v&{i}",
            "label": "ab"[i // 6],
            "size": 0.5 * i,
            "f": rng.normal() + i // 6,
        }
    for u, v, data in network.edges(data=True):
        data |= {"weight": 0.1 * (u + v + 1), "when": f"day {u}"}
    nx.write_graphml(network, tmp_path / "in.graphml")
    return "in.graphml"


def network_in(path) -> nx.Graph:
    if path.suffix == ".graphml":
        return nx.read_graphml(path)
    network = nx.node_link_graph(json.loads(path.read_text()), edges="links")
    network.graph |= {"node_default": {}, "edge_default": {}}
    return network


@pytest.mark.parametrize("form", [".graphml", ".json"])
def test_a_round_trip_keeps_all_and_clusters_the_same(tvgnn, tmp_path, form):
    given = files_of(tmp_path)
    assert tvgnn("cluster", given, *TINY, "-q", "-o", "first.csv").code == 0
    done = tvgnn("cluster", given, *TINY, "-o", f"out{form}")
    assert done.code == 0, done.err
    assert (tmp_path / "out.metrics.csv").exists()
    done = tvgnn("cluster", f"out{form}", *TINY, "-o", "second.csv")
    assert "cluster, confidence, margin, p_0, p_1 (an earlier clustering)" in done.err
    assert (tmp_path / "first.csv").read_bytes() == (tmp_path / "second.csv").read_bytes()
    before, after = network_in(tmp_path / given), network_in(tmp_path / f"out{form}")
    frame = pd.read_csv(tmp_path / "first.csv", dtype={"vertex": str}, index_col="vertex")
    assert list(after) == frame.index.tolist()
    for name in OWN:
        assert frame[name].to_dict() == nx.get_node_attributes(after, name)
        for _, data in after.nodes(data=True):
            del data[name]
    assert nx.utils.graphs_equal(before, after)
    done = tvgnn("cluster", f"out{form}", *TINY, "-o", f"again{form}")
    assert "attributes of the input that were replaced: cluster, confidence" in done.err
    assert (tmp_path / f"again{form}").read_bytes() == (tmp_path / f"out{form}").read_bytes()


def test_predict_writes_graph_files_too(tvgnn, tmp_path):
    given = files_of(tmp_path)
    assert tvgnn("cluster", given, *TINY, "-q", "--save", "m.tvgnn").code == 0
    done = tvgnn("predict", "m.tvgnn", given, "-o", "p.gexf")
    assert done.code == 0, done.err
    frame = pd.read_csv(tmp_path / "in.clusters.csv", dtype={"vertex": str}).set_index("vertex")
    found = nx.read_gexf(tmp_path / "p.gexf")
    assert nx.get_node_attributes(found, "cluster") == frame.cluster.to_dict()
    assert nx.get_node_attributes(found, "label") == nx.get_node_attributes(
        nx.read_graphml(tmp_path / given), "label"
    )


def test_names_are_a_column_beside_the_ids(tvgnn, tmp_path):
    given = files_of(tmp_path)
    for form, read in ((".csv", pd.read_csv), (".parquet", pd.read_parquet)):
        assert tvgnn("cluster", given, *TINY, "-q", "-o", f"c{form}").code == 0
        frame = read(tmp_path / f"c{form}")
        assert frame.columns.tolist() == ["vertex", "name", *OWN]
        assert frame.name.tolist() == [f"v&{i}" for i in range(12)]
        truth = tmp_path / "t.csv"
        truth.write_text("vertex,label\n" + "".join(f"{i},{'ab'[i // 6]}\n" for i in range(12)))
        alone = tmp_path / f"alone{form}"
        frame = frame[["vertex", "cluster"]]
        frame.to_csv(alone, index=False) if form == ".csv" else frame.to_parquet(alone)
        scores = [tvgnn("evaluate", name, "--labels", "t.csv", "--metrics", "-").out
                  for name in (f"c{form}", alone)]  # fmt: skip
        assert scores[0] == scores[1]
        assert "nmi" in scores[0]
        assert tvgnn("plot", "blocks", f"c{form}", "-o", "b.png").code == 0
    ids = tvgnn("cluster", given, *TINY, "-q", "--id-attr", "name", "-o", "-").out
    assert ids.startswith("vertex,cluster,")


def test_names_come_through_shards_and_graphs_do_not(tvgnn, tmp_path):
    given = files_of(tmp_path)
    assert tvgnn("cluster", given, *TINY, "-q", "-o", "c.csv").code == 0
    assert tvgnn("cluster", given, *TINY, "-q", "--shards", "s", "--shard", "1/1").code == 0
    done = tvgnn("merge", "s", "-o", "m.graphml")
    assert done.code == 2
    assert "-o m.graphml: shards do not hold the graph" in done.err
    assert tvgnn("merge", "s", "-q", "-o", "m.csv").code == 0
    assert (tmp_path / "m.csv").read_bytes() == (tmp_path / "c.csv").read_bytes()


def test_columns_of_an_edge_list_become_attributes_of_its_edges(tvgnn, tmp_path):
    lines = ["a,b,2,x", "b,c,3,", "c,a,1,z", "a,b,1,NA"]
    (tmp_path / "e.csv").write_text("source,target,score,type\n" + "\n".join(lines) + "\n")
    done = tvgnn("cluster", "e.csv", "-k", 2, *TINY, "-q", "-o", "e.graphml")
    assert done.code == 0, done.err
    network = nx.read_graphml(tmp_path / "e.graphml")
    assert not network.is_directed(), "no edge is listed in both directions"
    assert sorted((d["weight"], d.get("type", "")) for *_, d in network.edges(data=True)) == [
        (1, ""), (1, "z"), (2, "x"), (3, "")
    ]  # fmt: skip
    pd.read_csv(tmp_path / "e.csv").to_parquet(tmp_path / "e.parquet")
    origin = read_graph(tmp_path / "e.parquet", keep_attributes=True).origin
    assert origin.edge_attributes["weight"].values.tolist() == [2, 3, 1, 1]
    assert origin.edge_attributes["type"].texts() == ["x", "", "z", ""]
    (tmp_path / "e.csv").write_text("\n".join(["a b 2", "b a 1", "b c 1", "c d 5"]) + "\n")
    graph = read_graph(tmp_path / "e.csv", keep_attributes=True)
    assert graph.origin.is_directed
    write_graph(clustered(graph.origin), str(tmp_path / "both.graphml"))
    again = read_graph(tmp_path / "both.graphml")
    assert again.fingerprint() == graph.fingerprint()


def test_other_inputs_have_their_own_edges_and_weights(tmp_path):
    matrix = sp.csr_array(np.array([[0, 2.5, 0], [2.5, 0, 1], [0, 1, 0]]))
    network = tvgnn_cli.cluster(matrix, 2, **SMALL).to_networkx()
    assert dict(network.edges) == {("0", "1"): {"weight": 2.5}, ("1", "2"): {"weight": 1.0}}
    built_in = read_graph("planted", keep_attributes=True)
    write_graph(clustered(built_in.origin), str(tmp_path / "p.graphml"))
    again = read_graph(tmp_path / "p.graphml")
    assert again.fingerprint() == built_in.fingerprint()
    assert again.y.tolist() == built_in.y.tolist()


def test_vertices_that_features_add_are_in_the_graph(tmp_path):
    path = tmp_path / files_of(tmp_path)
    rows = [f"n{i}" if i == 12 else str(i) for i in range(13)]
    (tmp_path / "x.csv").write_text(
        "id,a\n" + "".join(f"{v},{i % 5}.5\n" for i, v in enumerate(rows))
    )
    result = tvgnn_cli.cluster(path, 2, features=tmp_path / "x.csv", labels=np.arange(13) % 2,
                               label_attr="none", **SMALL)  # fmt: skip
    network = result.to_networkx()
    assert network.nodes["n12"].keys() == set(OWN)
    assert network.nodes["0"]["name"] == "v&0"
    assert result.to_frame().name.tolist()[-1] == ""


def test_a_networkx_graph_comes_back_with_its_own_vertices_and_values():
    given = nx.MultiDiGraph(source="made up")
    given.add_edges_from([(0, 1), (0, 1), (1, 2), (2, 0), ((3, "x"), 0)], tags=["a", "b"])
    nx.set_node_attributes(given, {0: {"cluster": "old", "at": (1, 2)}})
    result = tvgnn_cli.cluster(given, 2, **SMALL)
    found = result.to_networkx()
    assert type(found) is nx.MultiDiGraph
    assert found.graph == given.graph
    assert list(found.edges(keys=True, data=True)) == list(given.edges(keys=True, data=True))
    assert [found.nodes[v]["cluster"] for v in given] == result.labels.tolist()
    assert found.nodes[0]["at"] == (1, 2)
    assert given.nodes[0]["cluster"] == "old", "what was given stays as it was"
    given.remove_node(1)
    with pytest.raises(UsageError, match="has other vertices now"):
        result.to_networkx()


def test_lists_of_a_networkx_graph_become_text(tmp_path):
    given = nx.path_graph(4)
    nx.set_node_attributes(given, {0: {"at": [1, 2]}, 1: {"at": None}})
    tvgnn_cli.cluster(given, 2, **SMALL).write(tmp_path / "g.graphml")
    found = nx.read_graphml(tmp_path / "g.graphml")
    assert nx.get_node_attributes(found, "at") == {"0": "[1, 2]"}


def test_hard_clusters_are_one_attribute(tmp_path):
    result = tvgnn_cli.cluster(nx.karate_club_graph(), method="louvain")
    assert result.to_networkx().nodes[0].keys() == {"club", "cluster"}
    result.write(tmp_path / "g.graphml")
    assert "'club' " not in str(read_graph(tmp_path / "g.graphml").notes)
    assert read_graph(tmp_path / "g.graphml").x is None


def test_a_graph_that_was_not_kept_is_asked_for(tmp_path):
    result = tvgnn_cli.cluster(nx.path_graph(4), 2, keep_attributes=False, **SMALL)
    for attempt in (result.to_networkx, lambda: result.write(tmp_path / "g.gexf")):
        with pytest.raises(UsageError, match="keep_attributes=True"):
            attempt()
    assert read_graph(nx.path_graph(4)).origin is None
    assert not list(tmp_path.iterdir())


def test_the_command_line_keeps_attributes_for_graph_files_only(tvgnn, tmp_path, monkeypatch):
    from tvgnn_cli import api

    asked = []

    def cluster(graph, **options):
        asked.append(options["keep_attributes"])
        raise UsageError("enough")

    monkeypatch.setattr(api, "cluster", cluster)
    for target in ("c.csv", "c.GraphML", "c.gexf.gz", "-"):
        tvgnn("cluster", "karate", "-k", 2, "-o", target)
    assert asked == [False, True, True, False]


def an_h5ad(path) -> None:
    """Three cells with an adjacency, a matrix, and something in each other part."""
    anndata = pytest.importorskip("anndata")
    names = ["c2", "c0", "c1"]
    adata = anndata.AnnData(
        sp.csr_matrix(np.arange(6.0).reshape(3, 2)),
        obs=pd.DataFrame({"kind": pd.Categorical(["a", "b", "a"]), "cluster": [1, 2, 3]}, names),
        uns={"colours": np.array(["red", "blue"], dtype=object), "deep": {"er": 1}},
        obsm={"X_pca": np.eye(3)},
        layers={"raw": np.ones((3, 2))},
    )
    adata.obsp["connectivities"] = sp.csr_matrix(np.array([[0, 1, 0], [1, 0, 2.0], [0, 2, 0]]))
    adata.write_h5ad(path)


def test_h5ad_has_the_clusters_and_all_else_as_it_was(tmp_path):
    anndata = pytest.importorskip("anndata")
    path = tmp_path / "in.h5ad"
    an_h5ad(path)
    before = anndata.read_h5ad(path)
    graph = PropertyGraph(
        np.array(before.obs_names, dtype=object), *np.zeros((2, 0), int), file=path
    )
    soft = np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0, 0.4, 0.6]], dtype="f4")
    result = ClusteredGraph(graph, soft.argmax(1), soft, {"nmi": 0.5}, {"seed": 3}, ("a note",))
    assert write_graph(result, str(tmp_path / "out.h5ad")) == ()
    after = anndata.read_h5ad(tmp_path / "out.h5ad")
    assert after.obs["tvgnn"].cat.categories.tolist() == ["0", "1", "2"]
    assert after.obs["tvgnn"].tolist() == ["0", "1", "2"]
    assert (after.obsm["tvgnn_proba"] == soft).all()
    kept = after.uns["tvgnn"]
    assert (kept["metrics"]["nmi"], kept["params"]["seed"], *kept["notes"]) == (0.5, 3, "a note")
    hard = ClusteredGraph(replace(graph, file=tmp_path / "out.h5ad"), np.array([0, 0, 1]), None)
    write_graph(hard, str(tmp_path / "again.h5ad"))
    again = anndata.read_h5ad(tmp_path / "again.h5ad")
    assert again.obs["tvgnn"].tolist() == ["0", "0", "1"]
    assert "tvgnn_proba" not in again.obsm
    for found in (after, again):
        del found.obs["tvgnn"], found.uns["tvgnn"]
        pd.testing.assert_frame_equal(found.obs, before.obs)
        assert found.uns["deep"] == before.uns["deep"]
        assert found.uns["colours"].tolist() == ["red", "blue"]
        for there, here in ((found.X, before.X), (found.obsp["connectivities"],
                            before.obsp["connectivities"])):  # fmt: skip
            assert (there != here).nnz == 0
        assert (found.layers["raw"] == 1).all()
        assert (found.obsm["X_pca"] == np.eye(3)).all()


def test_h5ad_of_anything_else_is_refused_before_the_work(tvgnn, tmp_path):
    pytest.importorskip("anndata")
    done = tvgnn("cluster", "karate", "-k", 2, "-o", "k.h5ad")
    assert done.code == 2
    assert "k.h5ad: an .h5ad file is written from one that is read" in done.err
    an_h5ad(tmp_path / "in.h5ad")
    graph = replace(every_type(), file=tmp_path / "in.h5ad")
    with pytest.raises(UsageError, match=r"in\.h5ad: has other observations"):
        write_graph(clustered(graph), str(tmp_path / "out.h5ad"))
    assert [path.name for path in tmp_path.iterdir()] == ["in.h5ad"]


@pytest.mark.parametrize("suffix", GRAPH_WRITERS)
def test_every_graph_writer_is_a_target_and_in_the_page(suffix):
    from tests.conftest import ROOT

    assert is_graph_file(f"a.b{suffix.upper()}")
    assert not is_graph_file("-")
    assert suffix.removesuffix(".gz") in (ROOT / "docs" / "output.md").read_text()


def test_a_packed_file_has_the_same_bytes_each_time(tmp_path):
    for name in "ab":
        write_graph(clustered(every_type()), str(tmp_path / f"{name}.gexf.gz"))
    packed = (tmp_path / "a.gexf.gz").read_bytes()
    assert packed == (tmp_path / "b.gexf.gz").read_bytes()
    assert gzip.decompress(packed).startswith(b"<?xml")
