"""Clusters that keep the numbers of earlier ones, and the account of what has changed."""

from __future__ import annotations

import csv
import gzip
import io
import json
import time
from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linear_sum_assignment

import tvgnn_cli
from tests.conftest import cliques, make_graph
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.evaluation.metric_table import VOLATILE
from tvgnn_cli.graph.matching import best_matching, overlap_of
from tvgnn_cli.models.model_file import save_model
from tvgnn_cli.shaping.numbering import match_clusters, numbers_after
from tvgnn_cli.shaping.partition import read_partition


def table(rows):
    """Text of a table as rows of dictionaries."""
    return list(csv.DictReader(io.StringIO(rows)))


def by_id(labels, start=0):
    return {f"v{i + start}": label for i, label in enumerate(labels)}


def test_matched_clusters_share_as_many_vertices_as_can_be():
    random = np.random.default_rng(0)
    for _ in range(50):
        k, other = random.integers(1, 8, 2)
        one, two = random.integers(-1, k, 60), random.integers(-1, other, 60)
        overlap = overlap_of(one, two, k, other)
        counts = np.zeros((k, other), dtype=int)
        for a, b in zip(one, two, strict=True):
            if a >= 0 and b >= 0:
                counts[a, b] += 1
        assert overlap.of_one.tolist() == counts.sum(axis=1).tolist()
        assert overlap.of_other.tolist() == counts.sum(axis=0).tolist()
        found = best_matching(overlap)
        there = np.flatnonzero(found >= 0)
        assert len({*found[there]}) == len(there)
        assert (counts[there, found[there]] > 0).all()
        best = counts[linear_sum_assignment(counts, maximize=True)].sum()
        assert counts[there, found[there]].sum() == best


def test_greed_would_share_less():
    # The largest overlap is 5; taking it leaves 0 beside it, and 4 + 4 is more.
    one = np.repeat([0, 0, 1], [5, 4, 4])
    two = np.repeat([0, 1, 0], [5, 4, 4])
    assert best_matching(overlap_of(one, two, 2, 2)).tolist() == [1, 0]


def test_many_clusters_take_little():
    n = 200_000
    random = np.random.default_rng(1)
    labels = random.permutation(n) // 4
    started = time.perf_counter()
    other = labels.copy()
    other[random.choice(n, 1000, replace=False)] = 0
    found = best_matching(overlap_of(labels, other, n // 4, n // 4))
    assert (found == np.arange(n // 4)).mean() > 0.999
    assert time.perf_counter() - started < 20


def test_many_clusters_of_one_vertex_that_were_one_take_little():
    n = 300_000
    apart, whole = np.arange(n), np.zeros(n, dtype=int)
    started = time.perf_counter()
    for one, other in ((apart, whole), (whole, apart)):
        found = best_matching(overlap_of(one, other, one.max() + 1, other.max() + 1))
        assert (found[0], np.count_nonzero(found >= 0)) == (0, 1)
    assert time.perf_counter() - started < 20


def test_new_clusters_have_numbers_above_all_earlier_ones():
    assert numbers_after(np.array([2, -1, 0, -1]), np.array([0, 4, 9])).tolist() == [9, 10, 0, 11]
    order = np.array([3, 2, 1, 0])
    assert numbers_after(np.array([-1, -1, 0, -1]), np.array([7]), order).tolist() == [10, 9, 7, 8]
    assert numbers_after(np.array([-1]), np.empty(0, dtype=int)).tolist() == [0]


def test_a_hand_worked_change():
    # Before: 0 has ten, 1 six, 5 four, 8 three. Now 0 is split in two, 1 and 5 are merged, 8 is
    # gone with its vertices, and v30 to v32 are new.
    before = by_id([0] * 10 + [1] * 6 + [5] * 4 + [8] * 3)
    now = by_id(["a"] * 6 + ["b"] * 4 + ["c"] * 10)
    now |= dict.fromkeys(("v30", "v31", "v32"), "d")
    found = tvgnn_cli.match(now, before)
    assert dict(zip(found.ids, found.labels, strict=True)) == (
        by_id([0] * 6 + [9] * 4 + [1] * 10) | dict.fromkeys(("v30", "v31", "v32"), 10)
    )
    counts = dict(found.metrics)
    assert counts.pop("matched_with") == "clusters"
    assert counts == {
        "vertices_moved": 8, "vertices_new": 3, "vertices_gone": 3, "clusters_new": 2,
        "clusters_gone": 2, "clusters_split": 1, "clusters_merged": 1,
    }  # fmt: skip
    assert found.notes[1] == (
        "clusters since clusters: new 9, 10; gone 5, 8; split 0 into 0, 9; merged 1, 5 into 1"
    )
    rows = found.to_frame("changes").to_dict("records")
    assert [tuple(row.values()) for row in rows] == [
        ("0", "0", 6, 1.0, 0.6, "same"),
        ("9", "0", 4, 1.0, 0.4, "split"),
        ("1", "1", 6, 0.6, 1.0, "same"),
        ("1", "5", 4, 0.4, 1.0, "merged"),
        ("9", "", 0, 0.0, 0.0, "new"),
        ("10", "", 0, 0.0, 0.0, "new"),
        ("", "5", 0, 0.0, 0.0, "gone"),
        ("", "8", 0, 0.0, 0.0, "gone"),
    ]


def test_matching_with_itself_changes_nothing():
    labels = by_id([3, 3, 1, 0, 0, 7])
    found = tvgnn_cli.match(labels, labels)
    assert found.labels.tolist() == [3, 3, 1, 0, 0, 7]
    assert found.notes[1].endswith(": the same ones")
    assert not any(v for name, v in found.metrics.items() if name != "matched_with")


def test_names_that_are_no_numbers_are_kept():
    earlier = by_id(["beta", "beta", "alpha", "alpha"])
    found = tvgnn_cli.match(by_id([0, 0, 1, 1, 2]), earlier)
    assert found.labels.tolist() == [1, 1, 0, 0, 2]
    frame = found.to_frame()
    assert frame["cluster_label"].tolist() == ["beta", "beta", "alpha", "alpha", "new 2"]


def test_names_are_kept_from_one_month_to_the_next(tmp_path):
    tvgnn_cli.match(by_id([0, 0, 1, 1]), by_id(["x, y", "x, y", "z", "z"])).write(
        tmp_path / "1.csv"
    )
    again = tvgnn_cli.match(by_id([1, 1, 0, 0, 0]), tmp_path / "1.csv")
    assert again.to_frame()["cluster_label"].tolist() == ["x, y", "x, y", "z", "z", "z"]


@pytest.mark.parametrize("other", [["0", "01"], ["0", "1.5"], ["0", str(2**31)], ["0", "²"]])
def test_only_whole_numbers_are_numbers(other):
    found = read_partition(by_id(other))
    assert found.numbers.tolist() == [0, 1]
    assert sorted(found.titles) == sorted(other)


def test_large_numbers_take_no_memory():
    found = tvgnn_cli.match(by_id([0, 0, 1]), by_id([2**31 - 1, 2**31 - 1, 5]))
    assert found.labels.tolist() == [2**31 - 1, 2**31 - 1, 5]
    grown = tvgnn_cli.match(by_id([0, 0, 1]), by_id([2**31 - 1, 2**31 - 1]))
    assert grown.labels.tolist() == [2**31 - 1, 2**31 - 1, 0], "beyond, it would be read as a name"


def test_vertices_without_a_cluster_are_no_cluster():
    noise = by_id([-1, -1, 0, 0, 3])
    found = tvgnn_cli.match(noise, by_id([0, 0, 1, 1, 2]))
    assert found.labels.tolist() == [-1, -1, 1, 1, 2]
    assert (found.metrics["vertices_moved"], found.metrics["vertices_gone"]) == (0, 2)
    # Beside a negative number or a word it is a name like any other.
    assert read_partition(by_id([-1, -2, 0])).k == 3
    assert read_partition(by_id(["-1", "a"])).k == 2
    missing = read_partition({"a": None, "b": float("nan"), "c": 1})
    assert (missing.labels.tolist(), missing.names) == ([-1, -1, 0], ("1",))


def test_soft_assignments_follow_and_stand_for_clusters(tmp_path):
    path = tmp_path / "soft.csv"
    path.write_text("vertex,p_0,p_3\na,.9,.1\nb,.2,.8\nc,.6,.4\n")
    found = read_partition(path)
    assert (found.labels.tolist(), found.numbers.tolist()) == ([0, 1, 0], [0, 3])
    back = tvgnn_cli.match(path, {"a": 1, "b": 0, "c": 1}).to_frame()
    assert back["cluster"].tolist() == [1, 0, 1]
    assert back["p_0"].tolist() == pytest.approx([0.1, 0.8, 0.4])
    assert back["p_1"].tolist() == pytest.approx([0.9, 0.2, 0.6])
    array = read_partition(np.array([[0.3, 0.7, 0.0], [1, 0, 0]]), own=["a", "b"])
    assert (array.labels.tolist(), array.k) == ([1, 0], 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vertex,p_0,p_1\na,.9,.9\n", "vertex 'a': p_0, p_1, ... are no probabilities"),
        ("vertex,p_0,p_1\na,-.1,1.1\n", "are no probabilities"),
        ("vertex,p_0,p_1\na,,\n", "p_0"),
        ("vertex,p_0,p_00\na,.5,.5\n", "p_0"),
        ("vertex,cluster\na,\n", "no vertex has a cluster"),
        ("vertex,cluster\nx,1\ny,2\n", "no cluster for any vertex of"),
        ("vertex,cluster\na,1\na,2\n", "'a'"),
        ("", ""),
    ],
)
def test_a_file_that_says_nothing_is_refused_in_a_line(tvgnn, tmp_path, text, said):
    (tmp_path / "old.csv").write_text(text)
    (tmp_path / "new.csv").write_text("vertex,cluster\na,0\nb,1\n")
    done = tvgnn("match", "new.csv", "old.csv")
    assert done.code == 3
    assert done.err.count("\n") == 1
    assert said in done.err
    assert not (tmp_path / "new.matched.csv").exists()


def test_hostile_ids_and_names_come_back(tmp_path):
    ids = ['a,"b', "line\nbreak", "ünïcode", " ", "=1+1"]
    earlier = tmp_path / "old.csv"
    pd.DataFrame({"vertex": ids, "cluster": ["p,q", "p,q", "<b>", "<b>", '"']}).to_csv(
        earlier, index=False
    )
    known = read_partition(earlier)
    found = tvgnn_cli.match(dict(zip(known.ids, [4, 4, 2, 2, 2], strict=True)), earlier)
    found.write(tmp_path / "new.csv", tmp_path / "changes.parquet")
    assert found.to_frame()["cluster_label"].tolist() == ["p,q", "p,q", "<b>", "<b>", "<b>"]
    again = read_partition(tmp_path / "new.csv")
    assert again.ids.tolist() == known.ids.tolist()
    assert set(pd.read_parquet(tmp_path / "changes.parquet")["previous"]) == {"p,q", "<b>", '"'}


def test_one_vertex_and_values_in_order():
    assert tvgnn_cli.match({"a": 5}, {"a": 9}).labels.tolist() == [9]
    assert tvgnn_cli.match([0, 0, 1], np.array([7, 7, 3])).labels.tolist() == [7, 7, 3]
    with pytest.raises(InputError, match="2 values for 3 vertices"):
        tvgnn_cli.match([0, 0, 1], [7, 7])


def test_an_array_on_file_has_no_ids(tmp_path):
    np.save(tmp_path / "labels.npy", np.array([0, 1]))
    with pytest.raises(UsageError, match="has no vertex ids"):
        tvgnn_cli.match(tmp_path / "labels.npy", {"0": 1})


def ring(sizes=(9, 7, 5)):
    """Cliques in a ring, an edge between each two."""
    network, first = nx.Graph(), 0
    for size in sizes:
        network.add_edges_from((first + i, first + j) for i in range(size) for j in range(i))
        network.add_edge(first, (first + size) % sum(sizes))
        first += size
    ids = np.array([f"v{i}" for i in range(first)], dtype=object)
    return replace(make_graph(network), ids=ids)


TINY = {"epochs": 2, "threads": 1, "hidden": 8, "mlp_hidden": 8}


@pytest.fixture(scope="module")
def plain():
    return tvgnn_cli.cluster(ring(), 3, **TINY)


def test_matching_changes_numbers_and_nothing_else(plain):
    earlier = dict(zip(plain.ids, np.array([40, 6, 11])[plain.labels], strict=True))
    found = tvgnn_cli.cluster(ring(), 3, match=earlier, **TINY)
    assert np.array_equal(found.labels, np.array([40, 6, 11])[plain.labels])
    assert found.columns_of.tolist() == [6, 11, 40]
    assert np.array_equal(found.assignment, plain.assignment[:, [1, 2, 0]])
    assert np.array_equal(found.confidence, plain.confidence)
    frame = found.to_frame()
    assert [name for name in frame if name.startswith("p_")] == ["p_6", "p_11", "p_40"]
    same = set(plain.metrics) - {*VOLATILE, "model_fingerprint"}
    assert {n: found.metrics[n] for n in same} == {n: plain.metrics[n] for n in same}
    assert found.metrics["model_fingerprint"] != plain.metrics["model_fingerprint"]
    sizes = np.bincount(plain.labels)[[1, 2, 0]]
    assert f"3 clusters of {', '.join(map(str, sizes))}" in repr(found)


def test_a_saved_model_keeps_the_numbers(plain, tmp_path):
    earlier = dict(zip(plain.ids, np.array(["x", "z", "y"])[plain.labels], strict=True))
    found = tvgnn_cli.cluster(ring(), 3, match=earlier, **TINY)
    found.save(tmp_path / "m.tvgnn")
    again = tvgnn_cli.predict(tmp_path / "m.tvgnn", ring(), threads=1)
    assert again.to_frame().equals(found.to_frame())
    assert again.metrics["model_fingerprint"] == found.metrics["model_fingerprint"]
    assert again.titles == ("x", "y", "z")
    evaluated = tvgnn_cli.evaluate(again, graph=ring()).metrics
    assert evaluated["modularity"] == pytest.approx(found.metrics["modularity"])
    explained = tvgnn_cli.explain(ring(), again).to_frame()
    assert "sharpness" in explained


def test_clusters_that_are_gone_leave_their_numbers(plain):
    earlier = dict(zip(plain.ids, np.array([0, 1, 2])[plain.labels], strict=True))
    earlier |= {"gone 1": 3, "gone 2": 3}
    found = tvgnn_cli.cluster(ring(), 4, match=earlier, **TINY)
    assert 3 not in found.labels
    assert found.columns_of.max() == 4
    assert (found.metrics["vertices_gone"], found.metrics["clusters_gone"]) == (2, 1)


def test_methods_that_give_hard_clusters_match_too():
    earlier = dict.fromkeys((f"v{i}" for i in range(9)), 8) | {"v9": 3}
    found = tvgnn_cli.cluster(ring(), method="louvain", match=earlier, threads=1)
    assert found.labels[:9].tolist() == [8] * 9
    assert found.labels[9] == 3


def test_the_command_writes_what_has_changed(tvgnn, tmp_path):
    common = ("--threads", 1, "--epochs", 2, "--hidden", 8)
    assert tvgnn("cluster", "karate", "-k", 2, "-o", "a.csv", *common).code == 0
    done = tvgnn("cluster", "karate", "-k", 3, "-o", "b.csv", "--match", "a.csv",
                 "--changes", "c.tsv", "--save", "m.tvgnn", *common)  # fmt: skip
    assert done.code == 0, done.err
    assert "since a.csv: " in done.err
    assert "clusters since a.csv: new 2" in done.err
    (row,) = table((tmp_path / "b.metrics.csv").read_text())
    assert (row["matched_with"], row["vertices_new"], row["clusters_new"]) == ("a.csv", "0", "1")
    head, *rows = (tmp_path / "c.tsv").read_text().splitlines()
    assert head.split("\t") == [
        "cluster", "previous", "vertices", "share", "share_of_previous", "what",
    ]  # fmt: skip
    assert sum(int(line.split("\t")[2]) for line in rows) == 34
    assert tvgnn("predict", "m.tvgnn", "karate", "-o", "p.csv", "-q").code == 0
    assert (tmp_path / "p.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    # The same once more from two finished results.
    assert tvgnn("cluster", "karate", "-k", 3, "-o", "d.csv", *common).code == 0
    done = tvgnn("match", "d.csv", "a.csv", "-o", "e.csv", "--metrics", "e.json")
    assert done.code == 0, done.err
    assert [r["cluster"] for r in table((tmp_path / "e.csv").read_text())] == [
        r["cluster"] for r in table((tmp_path / "b.csv").read_text())
    ]
    counts = json.loads((tmp_path / "e.json").read_text())
    assert all(row[name] == str(value) for name, value in counts.items())
    assert tvgnn("match", "d.csv", "a.csv", "-q", "-o", "-").out.startswith("vertex,cluster,conf")


def test_how_sure_clusters_are_is_kept(tvgnn, tmp_path):
    head = "vertex,cluster,stability,confidence\n"
    (tmp_path / "june.csv").write_text(f"{head}a,1,0.5,0.25\nb,0,1.0,2\nc,0,1.0,1\n")
    (tmp_path / "may.csv").write_text("a,0\nb,1\n")
    done = tvgnn("match", "june.csv", "may.csv", "-o", "-", "-q")
    # A confidence of 2 is none, and is left out.
    assert done.out == "vertex,cluster,stability\na,0,0.5\nb,1,1.0\nc,1,1.0\n"


def test_default_names_are_those_of_the_input(tvgnn, tmp_path):
    clusters = b"a,1\nb,0\n"
    (tmp_path / "may.csv").write_bytes(clusters)
    (tmp_path / "june.csv.gz").write_bytes(gzip.compress(clusters))
    assert tvgnn("match", "june.csv.gz", "may.csv", "-q").code == 0
    done = tvgnn("match", "-", "may.csv", "-q", stdin=clusters)
    assert done.out == (tmp_path / "june.matched.csv").read_text() == "vertex,cluster\na,1\nb,0\n"
    done = tvgnn("match", "-", "may.csv", stdin=b"x,1\ny,0\n")
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert "no id is in both: standard input has 'x', may.csv has 'a'" in done.err
    assert len(list(tmp_path.iterdir())) == 3


def test_what_cannot_be_is_refused_before_any_work(tvgnn, tmp_path):
    (tmp_path / "a.csv").write_text("vertex,cluster\n1,0\n2,1\n")
    common = ("cluster", "karate", "-k", 2, "--epochs", 1)
    for options, code, said in [
        (("--changes", "c.csv"), 2, "--changes needs --match PREVIOUS"),
        (("--match", "none.csv"), 3, "none.csv"),
        (("--match", "a.csv", "-o", "a.csv"), 2, "is an input of this command"),
        (("--match", "a.csv", "--changes", "a.csv"), 2, "is an input of this command"),
        (("--match", "a.csv", "--changes", "c.png"), 2, "unknown suffix"),
        (("--match", "a.csv", "--changes", "x.csv", "-o", "x.csv"), 2, "the same file"),
        (("--match", "a.csv", "--changes", "-", "-o", "-"), 2, "standard output"),
        (("--match", "a.csv", "--shards", "s", "--shard", "1/1"), 2, "tvgnn merge"),
    ]:
        done = tvgnn(*common, *options)
        assert (done.code, done.err.count("\n")) == (code, 1), done.err
        assert said in done.err
        assert not (tmp_path / "karate.clusters.csv").exists()
    with pytest.raises(UsageError, match="give it to the merge"):
        tvgnn_cli.cluster("karate", 2, restarts=2, only=range(1), match={"0": 1})


def test_a_merge_of_shards_matches(tvgnn, tmp_path):
    common = ("cluster", "karate", "-k", 2, "--restarts", 2, "--epochs", 2, "--hidden", 8,
              "--threads", 1, "-q")  # fmt: skip
    assert tvgnn(*common, "-o", "whole.csv").code == 0
    whole = pd.read_csv(tmp_path / "whole.csv")
    old = pd.DataFrame({"vertex": whole["vertex"], "cluster": 5 - whole["cluster"]})
    old.to_csv(tmp_path / "old.csv", index=False)
    assert tvgnn(*common, "-o", "once.csv", "--match", "old.csv").code == 0
    for part in ("1/2", "2/2"):
        assert tvgnn(*common, "--shards", "parts", "--shard", part).code == 0
    done = tvgnn("merge", "parts", "-o", "merged.csv", "--match", "old.csv", "--changes", "c.csv",
                 "--save", "m.tvgnn")  # fmt: skip
    assert done.code == 0, done.err
    assert (tmp_path / "merged.csv").read_bytes() == (tmp_path / "once.csv").read_bytes()
    assert (tmp_path / "c.csv").exists()
    assert set(pd.read_csv(tmp_path / "merged.csv")["cluster"]) == {4, 5}
    assert tvgnn("predict", "m.tvgnn", "karate", "-o", "p.csv", "-q").code == 0
    assert (tmp_path / "p.csv").read_bytes() == (tmp_path / "once.csv").read_bytes()


def test_graph_files_have_the_numbers_too(tvgnn, tmp_path):
    (tmp_path / "old.csv").write_text("vertex,cluster\nm1,left\nm34,right\n")
    common = ("cluster", "karate", "-k", 2, "--epochs", 2, "--hidden", 8, "--threads", 1, "-q")
    done = tvgnn(*common, "--match", "old.csv", "-o", "out.graphml")
    assert done.code == 0, done.err
    network = nx.read_graphml(tmp_path / "out.graphml")
    assert {d["cluster_label"] for _, d in network.nodes(data=True)} == {"left", "right"}
    # Our own columns are no features, and give way to those of the next run.
    done = tvgnn("cluster", "out.graphml", "-k", 2, "--epochs", 2, "--hidden", 8, "--threads", 1,
                 "-o", "again.graphml")  # fmt: skip
    assert done.code == 0, done.err
    assert not any("cluster_label" in d for _, d in
                   nx.read_graphml(tmp_path / "again.graphml").nodes(data=True))  # fmt: skip


def test_a_million_vertices_are_matched_in_seconds():
    n = 10**6
    random = np.random.default_rng(0)
    labels, ids = random.integers(0, 50, n), np.arange(n).astype(str).astype(object)
    previous = read_partition(
        pd.Series(np.where(random.random(n) < 0.05, 0, (labels + 7) % 50), index=ids)
    )
    started = time.perf_counter()
    found = match_clusters(labels, 50, ids.tolist(), previous)
    assert time.perf_counter() - started < 20
    assert found.numbering.numbers.tolist() == [(k + 7) % 50 for k in range(50)]


def test_a_figure_is_drawn_of_numbers_with_gaps(tvgnn, tmp_path):
    (tmp_path / "c.csv").write_text("vertex,cluster,p_2,p_10\na,2,.9,.1\nb,10,.2,.8\n")
    assert tvgnn("plot", "blocks", "c.csv", "-o", "b.png").code == 0
    for head, row in [
        ("vertex,cluster,p_10,p_2", "a,2,.9,.1"),
        ("vertex,cluster,p_2,p_2x", "a,2,.9,.1"),
        ("vertex,p_2,p_10", "a,.9,.1"),
    ]:
        (tmp_path / "c.csv").write_text(f"{head}\n{row}\n")
        assert tvgnn("plot", "blocks", "c.csv", "-o", "b.png").code == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"numbers": (1, 2)}, "numbers are 2, of 3 clusters"),
        ({"numbers": (1, 2, 3), "titles": ("a",)}, "titles are 1, of 3 clusters"),
        ({"titles": ("a", "b", "c")}, "titles are there, and no numbers"),
        ({"numbers": (1, -2, 3)}, "numbers"),
    ],
)
def test_a_model_of_other_numbers_than_clusters_is_damaged(plain, tmp_path, change, said):
    save_model(replace(plain.model, **change), tmp_path / "m.tvgnn")
    with pytest.raises(InputError, match=said):
        tvgnn_cli.load_model(tmp_path / "m.tvgnn")


@pytest.mark.parametrize("how", ["match", "fixed"])
def test_new_clusters_beside_the_largest_number_have_one_that_is_read_back(how):
    graph = cliques()
    ids = graph.ids.tolist()
    rows = ids if how == "match" else ids[:4]
    given = {vertex: 2**31 - 1 if i % 2 else 0 for i, vertex in enumerate(rows)}
    settings = {"method": "kmeans"} if how == "match" else {"epochs": 2, "restarts": 1}
    found = tvgnn_cli.cluster(graph, 3, **{how: given}, **settings)
    assert 2**31 - 1 in found.columns_of.tolist()
    assert found.columns_of.max() == 2**31 - 1
    again = read_partition(found, ids, ids)
    assert not again.titles
    assert again.numbers.tolist() == found.columns_of.tolist()


def test_new_numbers_go_on_above_where_there_is_room():
    last = 2**31 - 1
    new = np.array([-1, 0, -1])
    assert numbers_after(new, np.array([last - 2])).tolist() == [last - 1, last - 2, last]
    assert numbers_after(new, np.array([last - 1])).tolist() == [0, last - 1, 1]
    assert numbers_after(new, np.array([0, 2, last])).tolist() == [1, 0, 3]


@pytest.mark.parametrize(
    ("shift", "form", "said"),
    [
        (0, "{:02d}", ": 9; ids are compared as text: '01' is there"),
        (1, "{}", ": 1; ids of b.csv are 2 to 13 where {} has 1 to 12: number both alike"),
        (4, "{}", None),
    ],
)
def test_ids_that_may_mean_others_are_said(tvgnn, tmp_path, shift, form, said):
    ring = [(i, i % 12 + 1) for i in range(1, 13)]
    (tmp_path / "g.csv").write_text("".join(f"{a},{b}\n" for a, b in ring))
    (tmp_path / "a.csv").write_text("".join(f"{i},{i // 7}\n" for i in range(1, 13)))
    rows = (f"{form.format(i + shift)},{i // 7}\n" for i in range(1, 13))
    (tmp_path / "b.csv").write_text("".join(rows))
    short = ("-k", 2, "--epochs", 2, "--hidden", 4, "--threads", 1, "-o", "o.csv")
    for what, command in [
        ("a.csv", ("match", "a.csv", "b.csv")),
        *(("g", ("cluster", "g.csv", option, "b.csv", *short))
          for option in ("--match", "--init", "--fixed")),
    ]:  # fmt: skip
        done = tvgnn(*command)
        assert done.code == 0, done.err
        lead = f"vertices of {what} without a row in b.csv"
        assert (f"{lead}{(said or '').format(what)}" in done.err) == (said is not None), done.err
