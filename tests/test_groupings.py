"""Clusterings and classes on file in the forms that tools write, scored by `evaluate`."""

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tvgnn_cli import cluster, consensus, evaluate, match, read_graph
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.graph.property_graph import column_of
from tvgnn_cli.io.arrow_columns import column_of_cells

EDGES = "a,b\nb,c\na,c\nc,d\nd,e\ne,f\nd,f\n"
CLUSTERS = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "f": 2}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "g.csv").write_text(EDGES)
    (tmp_path / "c.csv").write_text("".join(f"{v},{c}\n" for v, c in CLUSTERS.items()))
    return tmp_path


def graph_file(path, **attributes):
    network = nx.Graph([line.split(",") for line in EDGES.split()])
    for name, values in attributes.items():
        nx.set_node_attributes(network, values, name)
    {".graphml": nx.write_graphml, ".gexf": nx.write_gexf, ".gml": nx.write_gml}[path.suffix](
        network, path
    )


@pytest.mark.parametrize("form", ["graphml", "gexf", "gml"])
def test_clusters_in_a_graph_file(folder, form):
    graph_file(folder / f"c.{form}", size=dict.fromkeys(CLUSTERS, 1.5), cluster=CLUSTERS)
    wanted = evaluate("c.csv", graph="g.csv").metrics
    if form == "gml":  # whose ids are numbers
        wanted = evaluate(f"c.{form}", graph=f"c.{form}").metrics
        assert wanted["modularity"] == pytest.approx(evaluate("c.csv", graph="g.csv").metrics[
            "modularity"])  # fmt: skip
        return
    assert evaluate(f"c.{form}", graph="g.csv").metrics == wanted


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_our_own_output_is_scored(tvgnn, folder, form):
    assert tvgnn("cluster", "g.csv", "-k", "2", "-o", f"out.{form}", "-q").code == 0
    assert tvgnn("cluster", "g.csv", "-k", "2", "-o", "out.csv", "-q").code == 0
    scores = [tvgnn("evaluate", name, "--labels", "c.csv", "-q").out
              for name in (f"out.{form}", "out.csv")]  # fmt: skip
    assert scores[0] == scores[1] != ""


def test_a_graph_file_without_clusters(folder):
    graph_file(folder / "c.graphml", age=dict.fromkeys(CLUSTERS, 3))
    with pytest.raises(InputError, match=r"c.graphml: no vertex attribute .*'cluster'; it has age"):
        evaluate("c.graphml", graph="g.csv")


@pytest.mark.parametrize("name", ["c.npy", "c.txt"])
def test_an_array_in_the_order_of_the_vertices(folder, name):
    with (folder / name).open("wb") as file:
        np.save(file, list(CLUSTERS.values()))
    assert evaluate(name, graph="g.csv").metrics == evaluate("c.csv", graph="g.csv").metrics
    with pytest.raises(UsageError, match=f"{name}: is in the order .*`graph`"):
        evaluate(name, labels="c.csv")
    np.save(folder / "short.npy", [1, 2])
    with pytest.raises(InputError, match=r"short.npy: 2 values for 6 vertices"):
        evaluate("short.npy", graph="g.csv")


def test_an_array_with_ids(folder):
    ids = list(CLUSTERS)[::-1]
    np.savez(folder / "c.npz", ids=np.array(ids), labels=[CLUSTERS[v] for v in ids])
    assert evaluate("c.npz", graph="g.csv").metrics == evaluate("c.csv", graph="g.csv").metrics


CODES = [2**64 - 1, 2**64 - 2, 2**63 + 1]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_ids_and_clusters_of_more_digits_than_a_float_has_are_told_apart(folder, form):
    ids, clusters = np.array(CODES, dtype=np.uint64), np.array(CODES[::-1], dtype=np.uint64)
    edges = pd.DataFrame({"source": ids, "target": np.roll(ids, 1)})
    table = pd.DataFrame({"vertex": ids, "cluster": clusters})
    for name, frame in {"long": edges, "codes": table}.items():
        frame.to_csv(f"{name}.csv", index=False)
        frame.to_parquet(f"{name}.parquet")
    found = match(f"codes.{form}", f"codes.{form}")
    assert found.ids.tolist() == list(map(str, CODES))
    assert found.changes.earlier == tuple(map(str, sorted(CODES)))
    assert evaluate(f"codes.{form}", graph=f"long.{form}").metrics["clusters_used"] == 3


@pytest.mark.parametrize("form", ["graphml", "gexf", "gml"])
def test_whole_numbers_of_a_graph_file_that_no_float_holds_are_told_apart(folder, form):
    path = folder / f"c.{form}"
    codes = dict(zip("abcdef", CODES * 2, strict=True))
    graph_file(path, cluster=codes)
    text = path.read_text()
    names = tuple(map(str, sorted(CODES)))
    if form == "gml":
        assert match(path, path).changes.earlier == names
        return
    with pytest.raises(InputError, match=r'beyond 64 bits; declare attr.type="string"'):
        match(path, path)
    attribute = "attr.type" if form == "graphml" else "type"
    for kind in ("string", "biginteger"):
        path.write_text(text.replace(f'{attribute}="long"', f'{attribute}="{kind}"'))
        assert match(path, path).changes.earlier == names, kind
        assert read_graph(path, label_attr="cluster").class_names == names
    path.write_text(text.replace(str(CODES[0]), "9007199254740993.0")
                    .replace(str(CODES[1]), "9007199254740992.0")
                    .replace(str(CODES[2]), "1.0"))  # fmt: skip
    assert match(path, path).changes.earlier == ("1", "9007199254740992", "9007199254740993")
    path.write_text(text.replace(f'{attribute}="long"', f'{attribute}="biginteger"')
                    .replace(str(CODES[1]), "0.5"))  # fmt: skip
    with pytest.raises(InputError, match=r"'0\.5' is not a whole number"):
        match(path, path)


def test_whole_numbers_in_memory_that_no_float_holds_are_text():
    assert column_of([*CODES, None]).texts() == [*map(str, CODES), ""]
    assert column_of([2**64, 1]).values.tolist() == [2.0**64, 1.0]
    assert column_of([10**400, 1]).values.tolist() == [float("inf"), 1.0]
    assert column_of([2**64 - 1, 0.5]).is_number


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1" + "0" * 20, "1"], "f"),  # which a float holds
        (["9" * 20, None], "O"),
        (["9" * 20, "0.5"], "f"),
        (["9" * 400, "1"], "f"),  # infinite, as it is told where it is no feature
        (["0" * 5000 + "9" * 20], "O"),
        ([], "i"),
    ],
)
def test_what_is_a_number_still(cells, kind):
    found = column_of_cells(pa.chunked_array([pa.array(cells, pa.string())]))
    assert found.values.dtype.kind == kind
    assert kind != "O" or found.texts()[0] == cells[0]


def test_vertices_of_cluster_minus_one_are_in_none(tvgnn, folder):
    (folder / "noise.csv").write_text("a,0\nb,0\nc,0\nd,-1\ne,1\nf,1\n")
    (folder / "rest.csv").write_text("a,0\nb,0\nc,0\ne,1\nf,1\n")
    (folder / "part.csv").write_text("a,b\nb,c\na,c\ne,f\n")
    (folder / "truth.csv").write_text("a,x\nb,x\nc,x\nd,y\ne,y\nf,y\n")
    given = {"labels": "truth.csv", "graph": "g.csv"}
    scored, rest = evaluate("noise.csv", **given), evaluate("rest.csv", graph="part.csv")
    assert scored.metrics["nmi"] == 1
    for name in ("cut_fraction", "modularity", "mean_conductance", "smallest_cluster"):
        assert scored.metrics[name] == rest.metrics[name], name
    assert (scored.metrics["unassigned"], scored.metrics["num_labelled"]) == (1, 5)
    assert evaluate("noise.csv", labels="truth.csv").metrics["ari"] == 1
    done = tvgnn("evaluate", "noise.csv", "--graph", "g.csv")
    assert (
        "vertices of cluster -1: 1; they are in no cluster, and all scores are of the other 5"
        in (" ".join(done.err.split()))
    )
    for command in (["explain"], ["levels"], ["report", "--plain"]):
        done = tvgnn(*command, "g.csv", "noise.csv")
        said = done.err + "".join(path.read_text() for path in folder.glob("*.html"))
        assert "vertices without a cluster (-1 in noise.csv): 1, shown as one" in said
    with pytest.raises(InputError, match="clusters: no vertex has a cluster"):
        evaluate(dict.fromkeys(CLUSTERS, -1), graph="g.csv")
    named = evaluate({**CLUSTERS, "a": -1, "b": "x"}, graph="g.csv")
    assert named.metrics["clusters_used"] == 4, "a name among others"


def test_blanks_around_an_id_in_memory_count_unless_only_the_bare_one_is_known():
    labels = {" a": 0, "a": 1, "b ": 1}
    found = consensus([labels, dict(labels)])
    assert (found.ids.tolist(), len({*found.labels[:2]})) == ([" a", "a", "b "], 2)
    assert match(labels, labels).ids.tolist() == [" a", "a", "b "]
    network = nx.Graph([(" a", "a"), ("a", "b")])
    assert evaluate(labels, graph=network).metrics["clusters_used"] == 2
    read = read_graph(network, labels={" a": "x", "a": "y", "b ": "y"}, features={
        " a": [1.0], "a": [2.0], " b": [3.0]})  # fmt: skip
    assert (read.ids.tolist(), read.y.tolist()) == ([" a", "a", "b"], [0, 1, 1])
    assert read.x.ravel().tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (["01", "1", "1.0"], ("01", "1", "1.0")),
        (["01", "02", "10"], ("01", "02", "10")),  # levels of a factor
        (["+1", "1", ""], ("+1", "1")),
        (["1000", "1e3", "2"], ("2", "1000", "1e3")),
        (["9007199254740993.0", "9007199254740992.0", "1.0"],
         ("1.0", "9007199254740992.0", "9007199254740993.0")),
        (["1.0", "", "2.0"], ("1", "2")),  # as pandas writes whole numbers with a gap
        (["-1", "01", "1"], ("01", "1")),  # -1 is none, however others are written
    ],
)  # fmt: skip
@pytest.mark.parametrize("separator", [",", "\t"])
def test_names_that_are_one_number_stay_apart(folder, written, names, separator):
    rows = [f"{v}{separator}{name}\n" for v, name in zip("abcdef", written * 2, strict=True)]
    (folder / "apart.csv").write_text(f"vertex{separator}cluster\n{''.join(rows)}")
    assert match("apart.csv", "apart.csv").changes.earlier == names
    if "" not in written:
        assert evaluate("apart.csv", graph="g.csv").metrics["clusters_used"] == len(names)


def test_classes_that_are_one_number_stay_apart(folder):
    for name, header in (("classes.csv", "id,class\n"), ("bare.csv", "")):
        (folder / name).write_text(header + "a,01\na,01\nb,01\nc,1\nd,1\ne,1.0\nf,1.0\n")
        graph = read_graph("g.csv", labels=name)
        assert graph.class_names == ("01", "1", "1.0")
        assert graph.y.tolist() == [0, 0, 1, 1, 2, 2]
    (folder / "gaps.csv").write_text("id,class\na,1.0\nb,1.0\nc,\nd,2.0\ne,2.0\nf,\n")
    assert read_graph("g.csv", labels="gaps.csv").class_names == ("1", "2")


def test_the_column_that_is_taken_for_the_clusters_is_said(tvgnn, folder):
    rows = [f"{v},{v.upper()},{c}" for v, c in CLUSTERS.items()]
    (folder / "t.csv").write_text("\n".join(["id,name,community", *rows]))
    said = "clusters: column 'community' of t.csv; none is named 'cluster'"
    assert evaluate("t.csv", graph="g.csv").notes[-1] == said
    two = [f"{row},1" for row in rows]  # with names of clusters, of which neither is surer
    (folder / "two.csv").write_text("\n".join(["id,name,community,module", *two]))
    (folder / "t.csv").write_text("\n".join(["id,name,place", *rows]))
    said = "clusters: column 'name' of two.csv; none is named 'cluster'"
    assert evaluate("two.csv", graph="g.csv").notes[-1] == said
    said = said.replace("two", "t")
    assert evaluate("t.csv", graph="g.csv").notes[-1] == said
    assert said in match("t.csv", "c.csv").notes
    assert said in consensus(["t.csv", "c.csv"]).notes
    for command in (("evaluate", "t.csv", "--graph", "g.csv"), ("explain", "g.csv", "t.csv")):
        assert said in tvgnn(*command).err
    assert not any(
        "clusters" in note for note in evaluate("t.csv", graph="g.csv", cluster_attr="place").notes
    )
    (folder / "t.csv").write_text("\n".join(rows))
    said = "clusters: column 2 of t.csv; none is named 'cluster'"
    assert evaluate("t.csv", graph="g.csv").notes[-1] == said
    assert not any("clusters" in note for note in evaluate("c.csv", graph="g.csv").notes)


@pytest.mark.parametrize("more", ["", ",0.5"])
def test_what_is_measured_is_no_cluster(folder, more):
    rows = [f"{v},{i * 0.37 + 0.1}{more}" for i, v in enumerate(CLUSTERS)]
    (folder / "x.csv").write_text("\n".join(["id,height" + ",b" * bool(more), *rows]))
    for read in (
        lambda: evaluate("x.csv", graph="g.csv"),
        lambda: match("c.csv", "x.csv"),
        lambda: consensus(["c.csv", "x.csv"]),
    ):
        with pytest.raises(InputError, match=r"x.csv: column 'height' has numbers such as 0.1, "):
            read()
    levels = "".join(f"{v},{c}.{c}\n" for v, c in CLUSTERS.items())  # names of a tree
    (folder / "x.csv").write_text(f"id,module\n{levels}")
    assert evaluate("x.csv", graph="g.csv").metrics["clusters_used"] == 2


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{0:02d}", "'3' (and 6 more), which g has; ids are compared as text: '03' is there"),
        ("{0}.0", "'3' (and 9 more), which g has; ids are compared as text: '3.0' is there"),
        ("{1}", "'1', which g has; ids of d.csv are 2 to 11 where g has 1 to 10: number both"),
    ],
)
def test_ids_that_are_written_in_another_way_are_said(tvgnn, folder, written, said):
    pairs = ((i, i % 10 + 1) for i in (3, 4, 5, 6, 7, 8, 9, 10, 1, 2))
    (folder / "g.csv").write_text("".join(f"{a},{b}\n" for a, b in pairs))
    text = "".join(f"{written.format(i, i + 1)},{i % 2}\n" for i in range(1, 11))
    (folder / "d.csv").write_text(text)
    for command in (
        ("evaluate", "d.csv", "--graph", "g.csv"), ("explain", "g.csv", "d.csv"),
        ("levels", "g.csv", "d.csv"), ("report", "g.csv", "d.csv", "-o", "r.html"),
    ):  # fmt: skip
        done = tvgnn(*command)
        text = done.err.replace("(and 8 more)", "(and 6 more)")
        assert (done.code, said in text) == (3, True), done.err
    assert not list(folder.glob("*.html"))


@pytest.mark.parametrize("first", [0, 1])
def test_an_array_of_clusters_goes_by_the_numbers_of_the_vertices(tvgnn, folder, first):
    edges = [(5, 3), (3, 4), (4, 5), (5, 2), (2, 0), (0, 1), (1, 2)]
    (folder / "g.csv").write_text("".join(f"{a + first},{b + first}\n" for a, b in edges))
    (folder / "c.csv").write_text("".join(f"{i + first},{i // 3}\n" for i in range(6)))
    np.save(folder / "c.npy", np.arange(6) // 3)
    wanted, found = (evaluate(name, graph="g.csv") for name in ("c.csv", "c.npy"))
    assert found.metrics == wanted.metrics
    there = f"{first}, {first + 1}, {first + 2}"
    said = f"rows of c.npy are taken in the order of the vertices {there}, ..."
    assert found.notes[-1] == said
    assert evaluate("c.csv", graph="g.csv", labels="c.npy").metrics["acc"] == 1
    assert match("c.csv", "c.npy").metrics["vertices_moved"] == 0
    few = ("--epochs", 2, "--hidden", 4, "--threads", 1, "-o", "o.csv")
    for command in (
        ("explain", "g.csv", "c.npy", "-o", "e.csv"), ("levels", "g.csv", "c.npy"),
        *(("cluster", "g.csv", option, "c.npy", *few) for option in ("--init", "--fixed")),
        ("cluster", "g.csv", "-k", 2, "--match", "c.npy", *few),
    ):  # fmt: skip
        done = tvgnn(*command)
        assert (done.code, said in done.err) == (0, True), done.err
    np.savez(folder / "g.npz", edge_index=np.array(edges).T)
    assert not any(
        "in the order" in note for note in evaluate("c.npy", graph="g.npz").notes
    )  # whose vertices are in that order
    held = np.arange(6) // 3  # in the order in which the file names its vertices
    there = ", ".join(str(i + first) for i in (5, 3, 4))
    said = f"rows of clusters are taken in the order of the vertices {there}, ..."
    assert evaluate(held, graph="g.csv").notes[-1] == said
    assert said in cluster("g.csv", init=held, epochs=2, hidden=4, threads=1).notes
    assert not any("in the order" in note for note in evaluate(held, graph="g.npz").notes)
