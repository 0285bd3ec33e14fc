"""What clusters are: hand-worked cases of each table, the forms in which clusters come, files."""

from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.stats import poisson, ttest_ind

import tvgnn_cli
from tests.conftest import SAMPLES
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.explanation.explain import explain
from tvgnn_cli.explanation.marks import marks_of, sums_of
from tvgnn_cli.explanation.structure import structure_of
from tvgnn_cli.explanation.tables import TABLES
from tvgnn_cli.explanation.vertices import place
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.graph.stored_features import StoredFeatures

# Two triangles, a path of three and a vertex alone; weights on two edges.
EDGES = [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (2, 3), (5, 6), (6, 7), (7, 8)]
WEIGHT = np.array([1, 1, 1, 1, 1, 1, 2.0, 0.5, 1, 1])
LABELS = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 1])


def small(x=None, weight=WEIGHT):
    tail, head = np.array(EDGES).T
    return Graph.from_edges(index_ids(10), tail, head, weight, x=x)


def table(name, graph=None, clusters=LABELS, **options):
    return explain(graph or small(), clusters, **options).to_frame(name)


def test_sizes_cuts_and_pieces():
    found = table("clusters").set_index("cluster")
    assert found["size"].tolist() == [3, 4, 3]
    assert found["share"].tolist() == [0.3, 0.4, 0.3]
    assert found["edges"].tolist() == [3, 3, 2]
    assert found["cut"].tolist() == [2.0, 2.5, 0.5]
    # Volumes 8, 8.5 and 4.5 of 21.
    assert found["conductance"].tolist() == pytest.approx([2 / 8, 2.5 / 8.5, 0.5 / 4.5])
    assert found["density"].tolist() == pytest.approx([1, 3 / 6, 2 / 3])
    assert found["pieces"].tolist() == [1, 2, 1]
    assert found["largest_piece"].tolist() == [3, 3, 3]


def test_conductance_is_that_of_the_metrics():
    graph = tvgnn_cli.read_graph("karate")
    labels = np.arange(34) % 5
    expected = tvgnn_cli.evaluate(labels, graph=graph).metrics["mean_conductance"]
    assert table("clusters", graph, labels)["conductance"].mean() == pytest.approx(expected)


def test_conductance_goes_by_the_smaller_side():
    found = table("clusters", clusters=np.where(LABELS == 2, 1, 0))
    assert found["conductance"].tolist() == pytest.approx([0.5 / 4.5, 0.5 / 4.5])


def test_cuts_stand_beside_chance():
    found = table("cuts")
    pairs = list(zip(found["cluster"], found["other"], strict=True))
    assert pairs == [("0", "1"), ("1", "0"), ("1", "2"), ("2", "1")]
    assert found["weight"].tolist() == [2, 2, 0.5, 0.5]
    assert found["expected"].tolist() == pytest.approx([8 * 8.5 / 21] * 2 + [8.5 * 4.5 / 21] * 2)
    np.testing.assert_allclose(found["over_chance"], found["weight"] / found["expected"])
    clusters = table("clusters")
    assert clusters["nearest"].tolist() == ["1", "0", "1"]
    assert clusters["nearest_over_chance"][0] == pytest.approx(2 / (8 * 8.5 / 21))


def test_pieces_are_those_of_networkx():
    network = nx.gnp_random_graph(60, 0.03, seed=4)
    graph, labels = tvgnn_cli.read_graph(network), np.arange(60) % 4
    found = structure_of(graph, labels, 4)
    for cluster in range(4):
        inside = network.subgraph(np.flatnonzero(labels == cluster).tolist())
        sizes = sorted(map(len, nx.connected_components(inside)))
        assert (found.pieces[cluster], found.largest[cluster]) == (len(sizes), sizes[-1])
        assert found.density[cluster] == pytest.approx(nx.density(inside))


def test_margins_are_those_of_edges_or_of_the_soft_assignment():
    graph = small()
    found = place(graph, LABELS, 3)
    # Vertex 2 has weight 2 to its own triangle and 2 to vertex 3; 5 has 2 and .5; 9 has no edge.
    assert found.margin.tolist() == pytest.approx([1, 1, 0, 0, 1, 1.5 / 2.5, 0.5 / 1.5, 1, 1, 1])
    assert found.leans_to.tolist() == [-1, -1, 1, 0, -1, 2, 1, -1, -1, -1]
    assert found.inside.tolist() == [2, 2, 2, 2, 2, 2, 1, 2, 1, 0]
    soft = np.full((10, 3), 0.2, dtype=np.float32)
    soft[np.arange(10), LABELS] = 0.6
    soft[2] = [0.5, 0.1, 0.4]
    found = place(graph, LABELS, 3, soft)
    assert found.margin.tolist() == pytest.approx([0.4, 0.4, 0.1, *[0.4] * 7])
    assert found.leans_to[2] == 2


def test_vertices_that_stand_for_a_cluster_and_those_at_its_boundary():
    found = table("vertices", top=2)
    near = found[found.role == "boundary"]
    assert near["vertex"].tolist() == ["2", "3", "5", "6"]
    assert near["leans_to"].tolist() == ["1", "0", "2", "1"]
    best = found[found.role == "representative"]
    assert best[best.cluster == "2"]["vertex"].tolist() == ["7", "8"]
    assert best[best.cluster == "0"]["vertex"].tolist() == ["0", "1"]


def test_confidence_decides_who_stands_for_a_cluster_where_it_is_given(tmp_path):
    sure = [0.1, 0.9, 0.5] + [0.5] * 7
    frame = pd.DataFrame({"vertex": range(10), "cluster": LABELS, "confidence": sure})
    frame.to_csv(tmp_path / "c.csv", index=False)
    found = explain(small(), tmp_path / "c.csv", top=1)
    vertices = found.to_frame("vertices")
    assert vertices[vertices.role == "representative"]["vertex"].iloc[0] == "1"
    assert found.to_frame()["confidence"].tolist() == pytest.approx([0.5, 0.5, 0.5])


X = {
    "number": np.array([9, 8, 9.5, 0, 1, 0.5, 1, 0, 0.5, 1], dtype=np.float32),
    "count": np.array([3, 2, 4, 0, 0, 0, 0, 1, 0, 0], dtype=np.float32),
    "presence": np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 0], dtype=np.float32),
    "constant": np.full(10, 7.3, dtype=np.float32),
}


@pytest.mark.parametrize("form", ["dense", "sparse", "stored"])
def test_sums_and_kinds_of_features_in_every_form(form, tmp_path, monkeypatch):
    monkeypatch.setattr("tvgnn_cli.explanation.marks.LARGE", 8 * 4 * 3)
    x = np.stack([*X.values()], axis=1)
    graph = small(x if form == "dense" else sp.csr_array(x))
    if form == "stored":
        monkeypatch.setattr("tvgnn_cli.graph.stored_features.STORED_BYTES", 0)
        monkeypatch.setattr("tvgnn_cli.graph.stored_features.BLOCK_BYTES", 4 * 4 * 3)
        np.save(tmp_path / "x.npy", x)
        np.save(tmp_path / "g.npy", np.array([*EDGES, (9, 9)]).T)
        graph = tvgnn_cli.read_graph(tmp_path / "g.npy", features=tmp_path / "x.npy")
        assert isinstance(graph.x, StoredFeatures)
    sums = sums_of(graph.x, LABELS, 3)
    for cluster in range(3):
        mine = x[cluster == LABELS].astype(np.float64)
        np.testing.assert_allclose(sums.total[cluster], mine.sum(axis=0))
        np.testing.assert_allclose(sums.squares[cluster], (mine**2).sum(axis=0))
        assert sums.present[cluster].tolist() == (mine != 0).sum(axis=0).tolist()
    assert sums.kinds.tolist() == ["number", "count", "presence", "number"]


def test_marks_by_hand():
    x = np.stack([*X.values()], axis=1)
    marks = marks_of(sums_of(x, LABELS, 3), np.bincount(LABELS), 9)
    number = next(m for m in marks if (m.cluster, m.column) == (0, 0))
    inside, outside = X["number"][LABELS == 0], X["number"][LABELS != 0]
    assert number.effect == pytest.approx((inside.mean() - outside.mean()) / X["number"].std())
    assert number.score == pytest.approx(number.effect)
    # The t of a correlation with being inside is that of two means of equal variance.
    assert number.chance == pytest.approx(ttest_ind(inside, outside).pvalue, rel=1e-5)
    assert number.is_sure
    count = next(m for m in marks if (m.cluster, m.column) == (0, 1))
    words = (10 + 3) / 3
    assert count.score == pytest.approx((3 - 1 / 7) * np.log1p(words / 10), rel=1e-5)
    assert count.chance == pytest.approx(poisson.sf(8, 10 * 0.3))
    assert (count.share_inside, count.share_outside) == (1, pytest.approx(1 / 7))
    assert not any(mark.column == 3 for mark in marks), "a constant tells nothing"
    assert not any(m.cluster == 1 and m.column in (1, 2) for m in marks), "rarer than outside"
    assert [m.column for m in marks if m.cluster == 2 and m.column in (1, 2)] == [2]


def test_accidents_of_small_clusters_come_last_and_are_not_named():
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1], [6, 300])
    x = (random.uniform(size=(306, 40)) < 0.1).astype(np.float32)
    x[:6, 0] = 1
    graph = Graph.from_edges(
        index_ids(306), np.arange(305), np.arange(1, 306), x=x,
        feature_names=tuple(f"w{i}" for i in range(40)),
    )  # fmt: skip
    found = explain(graph, labels)
    assert found.to_frame()["features"][0] == "w0"
    marks = found.to_frame("features")
    mine = marks[marks.cluster == "0"]
    assert mine["feature"].iloc[0] == "w0"
    assert mine["is_sure"].tolist() == [True] + [False] * (len(mine) - 1)
    assert mine["chance"].iloc[1:].is_monotonic_increasing


def forms_of(clusters, folder):
    """The same clusters of karate's members in every form that they may come in."""
    ids = tvgnn_cli.read_graph("karate").ids.tolist()
    network = nx.Graph()
    network.add_nodes_from((v, {"cluster": int(c)}) for v, c in zip(ids, clusters, strict=True))
    nx.write_graphml(network, folder / "c.graphml")
    np.save(folder / "c.npy", clusters)
    frame = pd.DataFrame({"id": ids, "other": 1.5, "cluster": clusters}).sample(frac=1.0)
    frame.to_csv(folder / "c.csv", index=False)
    frame.to_parquet(folder / "c.parquet")
    mapping = dict(zip(ids, clusters.tolist(), strict=True))
    files = [folder / f"c.{suffix}" for suffix in ("graphml", "npy", "csv", "parquet")]
    return [*files, clusters, mapping, pd.Series(mapping)]


def test_clusters_come_in_every_form(tmp_path):
    clusters = np.arange(34) % 3
    expected = explain("karate", clusters)
    for given in forms_of(clusters, tmp_path):
        found = explain("karate", given)
        for name in TABLES:
            pd.testing.assert_frame_equal(found.to_frame(name), expected.to_frame(name))


def test_a_result_and_its_file_say_the_same(tmp_path):
    result = tvgnn_cli.cluster("planted", 4, epochs=3, view="both")
    result.write(tmp_path / "c.csv")
    result.write(tmp_path / "c.graphml")
    tables = [
        explain("planted", given).to_frame()
        for given in (result, tmp_path / "c.csv", tmp_path / "c.graphml")
    ]
    assert {"sharpness", "confidence"} <= set(tables[0])
    for found in tables[1:]:
        pd.testing.assert_frame_equal(found, tables[0], rtol=1e-5)


@pytest.mark.parametrize("wrong", [9.0, -0.1, None])
def test_confidences_that_are_none_are_left_out_and_said(tmp_path, wrong):
    sure = [0.5] * 9 + [wrong]
    frame = pd.DataFrame({"id": range(10), "cluster": LABELS, "confidence": sure})
    frame.to_csv(tmp_path / "c.csv", index=False)
    found = explain(small(), tmp_path / "c.csv")
    assert "confidence" not in found.to_frame()
    assert any("not a number from 0 to 1 for every vertex" in note for note in found.notes)


def test_columns_that_are_no_shares_are_no_soft_assignment(tmp_path):
    frame = pd.DataFrame({"id": range(10), "cluster": LABELS, "p0": 0.9, "p1": 0.9, "p2": 0.01})
    frame.to_csv(tmp_path / "c.csv", index=False)
    found = explain(small(), tmp_path / "c.csv")
    assert "sharpness" not in found.to_frame()
    assert "no soft assignment of every cluster; margins are those of edges" in found.notes


def edgeless():
    return Graph.from_edges(index_ids(4), np.array([], dtype=int), np.array([], dtype=int))


def pair():
    return Graph.from_edges(index_ids(2), np.array([0]), np.array([1]), x=np.eye(2, 3))


@pytest.mark.parametrize(
    ("graph", "labels", "note"),
    [
        (small(), np.zeros(10, int), "one cluster; nothing sets it apart"),
        (edgeless(), [0, 1, 1, 0], "edges: none"),
        (small(), np.arange(10), "features: none"),
        (small(np.eye(10, dtype=np.float32)), LABELS, "called by their column, from 0"),
        (pair(), [0, 1], "from 0"),
    ],
)
def test_graphs_of_which_little_can_be_said(graph, labels, note, tmp_path):
    found = explain(graph, np.asarray(labels))
    assert any(note in each for each in found.notes)
    found.write(tmp_path / "e.json")
    told = json.loads((tmp_path / "e.json").read_text())
    assert sum(row["size"] for row in told["clusters"]) == graph.num_vertices


@pytest.mark.parametrize(
    ("clusters", "error"),
    [
        ({"0": 1}, "no row for vertex '1'"),
        (np.arange(9), "9 values for 10 vertices"),
        ({str(i): "" for i in range(10)}, "no cluster for vertex '0' .*; -1 says that"),
        ({**{str(i): 1 for i in range(10)}, "x": 1}, "vertex 'x' is not in"),
    ],
)
def test_clusters_of_other_vertices_are_refused(clusters, error):
    with pytest.raises(InputError, match=error):
        explain(small(), clusters)


def test_top_and_tables_are_checked(tmp_path):
    for top in (0, -1, 2.5, True, "3"):
        with pytest.raises(UsageError, match="`top` is"):
            explain(small(), LABELS, top=top)
    with pytest.raises(UsageError, match="no table 'edges'; known: clusters, features"):
        explain(small(), LABELS).to_frame("edges")
    with pytest.raises(UsageError, match=r"unknown suffix '\.txt'"):
        explain(small(), LABELS).write(tmp_path / "e.txt")


@pytest.fixture
def planted(tvgnn):
    tvgnn("cluster", "planted", "--epochs", "3", "--view", "both", "-o", "c.csv", "-q")


def test_the_command_writes_what_is_asked_for(tvgnn, tmp_path, planted):
    before = {*tmp_path.iterdir()}
    done = tvgnn("explain", "planted", "c.csv")
    assert done.code == 0, done.err
    assert {path.name for path in {*tmp_path.iterdir()} - before} == {"planted.explained.json"}
    told = json.loads((tmp_path / "planted.explained.json").read_text())
    assert [name for name in told if isinstance(told[name], list)] == list(TABLES)
    assert told["clusters_of"] == "c.csv"
    assert "cluster 0: " in done.err
    assert "written: planted.explained.json" in done.err
    files = {"-o": "e.parquet", "--marks": "m.tsv", "--vertices": "v.csv", "--cuts": "k.csv"}
    arguments = [word for pair in files.items() for word in pair]
    done = tvgnn("explain", "planted", "c.csv", *arguments, "--top", "3", "-q")
    assert (done.code, done.err) == (0, "")
    assert len(pd.read_parquet(tmp_path / "e.parquet")) == 4
    assert len(pd.read_csv(tmp_path / "m.tsv", sep="\t")) <= 12
    assert pd.read_csv(tmp_path / "v.csv")["role"].value_counts()["representative"] == 12
    assert len(pd.read_csv(tmp_path / "k.csv")) == 12
    out = tvgnn("explain", "planted", "c.csv", "-o", "-", "-q").out
    assert out.splitlines()[0].startswith("cluster,size,share,edges")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["planted", "none.csv"], 3, "none.csv: no such file"),
        (["karate", "c.csv"], 3, "c.csv: "),
        (["planted", "c.csv", "-o", "c.csv"], 2, "is an input of this command"),
        (["planted", "c.csv", "--marks", "m.json"], 2, "unknown suffix '.json'"),
        (["planted", "c.csv", "-o", "a.csv", "--cuts", "a.csv"], 2, "-o name the same file"),
        (["planted", "c.csv", "-o", "-", "--cuts", "-"], 2, "only one result can go to standard"),
        (["planted", "c.csv", "-o", "e.xml"], 2, "unknown suffix '.xml'"),
        (["planted", "c.csv", "--top", "0"], 2, "--top"),
    ],
)
def test_bad_input_is_a_line_and_writes_nothing(tvgnn, tmp_path, planted, arguments, code, words):
    before = {*tmp_path.iterdir()}
    done = tvgnn("explain", *arguments)
    assert done.code == code, done.err
    assert words in done.err
    assert {*tmp_path.iterdir()} == before


def test_hostile_names_stay_in_their_cells(tvgnn, tmp_path):
    network = nx.karate_club_graph()
    nx.set_node_attributes(network, {v: {"\x1b[31mred": float(v < 9)} for v in network})
    for v in network:
        network.nodes[v]["cluster"] = f'a\u202e,"{v % 2}'
    ids = [str(v) for v in network]
    clusters = {v: f'a\x1b[2J,"{int(v) % 2}' for v in ids}
    found = explain(nx.relabel_nodes(nx.karate_club_graph(), str), clusters)
    found.write(tmp_path / "e.csv")
    read = pd.read_csv(tmp_path / "e.csv")
    assert read["cluster"].tolist() == ['a\x1b[2J,"0', 'a\x1b[2J,"1']
    pd.DataFrame({"id": ids, "cluster": clusters.values()}).to_csv(tmp_path / "c.csv", index=False)
    done = tvgnn("explain", SAMPLES / "karate.csv", "c.csv", "-o", "x.csv")
    assert "\x1b" not in done.err
