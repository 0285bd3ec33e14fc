"""What clusterings agree on: the forms that they come in, files, and restarts of a run."""

from __future__ import annotations

import json
from itertools import permutations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import tvgnn_cli
from tests.conftest import SAMPLES
from tests.test_checkpoint import After
from tvgnn_cli.errors import InputError, InterruptionError, UsageError
from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.graph.consensus import agree
from tvgnn_cli.graph.matching import matching
from tvgnn_cli.train.consensus import combined

PLANTED = SAMPLES / "planted.graphml"
FAST = {"epochs": 4, "hidden": 8, "mlp_hidden": 8, "threads": 1, "restarts": 3}
FLAGS = ("-k", 4, "--epochs", 4, "--hidden", 8, "--mlp-hidden", 8, "--threads", 1,
         "--restarts", 3)  # fmt: skip


def renamed(labels, seed):
    """The same partition, its clusters numbered otherwise."""
    order = np.random.default_rng(seed).permutation(int(labels.max()) + 1)
    return order[labels]


# Files and objects


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("vertex,cluster\nu,0\nv,0\nw,1\nx,1\n")
    (tmp_path / "b.tsv").write_text("id\tcommunity\nx\tred\nw\tred\nv\tblue\nu\tblue\n")
    (tmp_path / "c.csv").write_text("vertex,cluster\nu,7\nv,7\nw,7\nx,8\n")
    return tmp_path


def rows(text):
    return {line.split(",")[0]: line.split(",")[1:] for line in text.splitlines()[1:]}


def test_noise_that_counts_as_a_cluster_is_said(tvgnn, tmp_path):
    (tmp_path / "a.csv").write_text("id,cluster\na,0\nb,0\nc,1\nd,-1\ne,-1\n")
    (tmp_path / "b.csv").write_text("id,cluster\na,0\nb,0\nc,1\nd,1\ne,1\n")
    done = tvgnn("consensus", "a.csv", "b.csv")
    assert "  - vertices without a cluster (-1 in a.csv): 2, counted as one\n" in done.err
    assert "without a cluster" not in tvgnn("consensus", "b.csv", "b.csv").err


def test_files_of_any_tools(tvgnn, folder):
    done = tvgnn("consensus", "a.csv", "b.tsv", "c.csv", "--metrics", "m.json")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "vertex,cluster,stability"
    assert list(rows(done.out)) == ["u", "v", "w", "x"]
    assert [float(row[1]) for row in rows(done.out).values()] == pytest.approx([1, 1, 2 / 3, 1])
    metrics = json.loads((folder / "m.json").read_text())
    assert metrics["clusterings"] == 3
    assert metrics["stability_mean"] == pytest.approx(11 / 12)
    for order in permutations(["a.csv", "b.tsv", "c.csv"]):
        other = tvgnn("consensus", *order, "-q").out
        assert rows(other) == rows(done.out)
        assert tvgnn("consensus", *order, "-o", "out.parquet", "-q").code == 0
        frame = pd.read_parquet(folder / "out.parquet")
        assert dict(zip(frame["vertex"], frame["cluster"].astype(str), strict=True)) == {
            vertex: row[0] for vertex, row in rows(other).items()
        }


def test_a_consensus_is_read_as_clusters(tvgnn, folder):
    (folder / "g.csv").write_text("u,v\nw,x\nv,w\n")
    assert tvgnn("consensus", "a.csv", "b.tsv", "c.csv", "-o", "out.csv", "-q").code == 0
    assert tvgnn("evaluate", "out.csv", "--graph", "g.csv", "-q").code == 0
    done = tvgnn("explain", "g.csv", "out.csv", "-o", "-", "-q")
    head, *lines = done.out.splitlines()
    stability = [float(line.split(",")[head.split(",").index("stability")]) for line in lines]
    assert stability == pytest.approx([1, 5 / 6])
    found = tvgnn_cli.consensus(["a.csv", "b.tsv", "c.csv"])
    frame = tvgnn_cli.explain("g.csv", found).to_frame()
    assert frame["stability"].tolist() == pytest.approx([1, 5 / 6])


def test_vertices_that_a_file_lacks_are_told_and_counted_elsewhere(tvgnn, folder):
    (folder / "c.csv").write_text("vertex,cluster\nu,7\nv,7\nw,\ny,8\nx,8\n")
    done = tvgnn("consensus", "a.csv", "b.tsv", "c.csv")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "vertex,cluster,stability,found_in"
    assert {vertex: (row[1], row[2]) for vertex, row in rows(done.out).items()} == {
        "u": ("1.0", "3"), "v": ("1.0", "3"), "w": ("1.0", "2"), "x": ("1.0", "3"),
        "y": ("1.0", "1"),
    }  # fmt: skip
    assert "a.csv: has no cluster for 1 of 5 vertices" in done.err
    assert "c.csv: has no cluster for 1 of 5 vertices" in done.err
    assert rows(done.out)["y"][0] == rows(done.out)["x"][0]


def test_files_of_other_vertices_are_refused(tvgnn, folder):
    (folder / "d.csv").write_text("vertex,cluster\n1,0\n2,1\n")
    done = tvgnn("consensus", "a.csv", "d.csv", "-o", "out.csv")
    assert done.code == 3
    assert "d.csv: has no vertex in common with a.csv" in done.err
    assert not (folder / "out.csv").exists()
    # Unless a chain of others ties them.
    (folder / "e.csv").write_text("vertex,cluster\nx,1\n1,0\n2,1\n")
    for order in permutations(["a.csv", "d.csv", "e.csv"]):
        found = tvgnn_cli.consensus(order)
        assert found.found_in.tolist().count(2) == 3


def test_one_file_and_the_same_file_twice(tvgnn, folder):
    done = tvgnn("consensus", "a.csv")
    assert done.code == 2
    assert "two clusterings or more" in done.err
    done = tvgnn("consensus", "a.csv", "a.csv")
    assert done.code == 0
    assert "a.csv: given 2 times" in done.err
    assert {row[1] for row in rows(done.out).values()} == {"1.0"}


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("a.csv", "none.csv"), 3, "none.csv"),
        (("a.csv", "c.csv", "-k", "9"), 2, "-k is 9, and no clustering has more than 2"),
        (("a.csv", "c.csv", "-o", "a.csv"), 2, "a.csv"),
        (("a.csv", "c.csv", "-o", "x.docx"), 2, "x.docx"),
        (("a.csv", "c.csv", "-o", "x.csv", "--metrics", "x.csv"), 2, "-o name the same file"),
    ],
)
def test_what_cannot_be_is_one_line(tvgnn, folder, arguments, code, line):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = tvgnn("consensus", *arguments)
    assert done.code == code
    assert line in done.err
    assert len(done.err.splitlines()) == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_vertex_without_a_cluster_anywhere_is_refused(tvgnn, folder):
    for name in ("a.csv", "c.csv"):
        (folder / name).write_text("vertex,cluster\nu,0\nv,\nw,1\n")
    done = tvgnn("consensus", "a.csv", "c.csv")
    assert done.code == 3
    assert "no clustering has a cluster for vertex 'v'" in done.err


def test_hostile_ids_stay_what_they_are(tvgnn, folder):
    ids = ["a,b", 'say "x"', "two\nlines", "ü\u2028x", "=1+1", "-1", "0", "NaN-like"]
    first = pd.DataFrame({"vertex": ids, "cluster": [0, 0, 0, 0, 1, 1, 1, 1]})
    first.to_csv(folder / "a.csv", index=False)
    first.iloc[::-1].assign(cluster=[1, 1, 1, 0, 2, 2, 2, 2]).to_csv(folder / "b.csv", index=False)
    assert tvgnn("consensus", "a.csv", "b.csv", "-k", "2", "-o", "out.csv", "-q").code == 0
    found = pd.read_csv(folder / "out.csv", dtype={"vertex": str}, keep_default_na=False)
    assert found["vertex"].tolist() == ids
    # Both are as large: the first is that of the least id, as the files have other orders.
    assert found["cluster"].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]


def test_tables_without_a_header_lose_no_vertex(folder):
    (folder / "a.csv").write_text("u,p\nv,p\nw,q\nx,q\n")
    (folder / "b.csv").write_text("vertex,cluster\nx,0\nw,0\nv,1\nu,1\n")
    for order in (["a.csv", "b.csv"], ["b.csv", "a.csv"]):
        found = tvgnn_cli.consensus(order)
        assert sorted(found.ids) == ["u", "v", "w", "x"]
        assert (found.stability == 1).all()


def test_soft_columns_alone_are_clusters(folder):
    (folder / "s.csv").write_text("vertex,p_0,p_1\nu,.9,.1\nv,.8,.2\nw,.1,.9\nx,.5,.6\n")
    found = tvgnn_cli.consensus(["a.csv", "s.csv"])
    assert (found.stability == 1).all()
    (folder / "s.csv").write_text("vertex,p_0,p_2\nu,.9,.1\nv,.8,.2\nw,.1,.9\nx,.5,.6\n")
    with pytest.raises(InputError, match=r"s.csv: no column is named 'cluster', and p_0, p_1"):
        tvgnn_cli.consensus(["a.csv", "s.csv"])


def test_objects_of_python(folder):
    a = {"u": 0, "v": 0, "w": 1, "x": 1}
    found = tvgnn_cli.consensus([a, pd.Series({"x": "r", "w": "r", "v": "b", "u": "b"}), "c.csv"])
    assert found.to_frame()["stability"].tolist() == pytest.approx([1, 1, 2 / 3, 1])
    arrays = [np.array([0, 0, 1, 1]), [1, 1, 0, 0], np.array([[0.9, 0.1]] * 3 + [[0, 1.0]])]
    found = tvgnn_cli.consensus(arrays)
    assert found.ids.tolist() == ["0", "1", "2", "3"]
    assert found.stability.tolist() == pytest.approx([1, 1, 2 / 3, 1])
    np.save(folder / "l.npy", arrays[0])
    assert tvgnn_cli.consensus(["l.npy", arrays[1]]).labels.tolist() == [0, 0, 1, 1]
    with pytest.raises(InputError, match="clustering 2: 3 values, and the first has 4"):
        tvgnn_cli.consensus([arrays[0], [1, 0, 1]])
    with pytest.raises(UsageError, match="clustering 1: is in the order of the vertices"):
        tvgnn_cli.consensus([arrays[0], "a.csv"])
    for few in ([], ["a.csv"], "a.csv"):
        with pytest.raises(UsageError, match="two clusterings or more"):
            tvgnn_cli.consensus(few)
    for k in (0, 1.5, "2"):
        with pytest.raises(UsageError, match=r"`num_clusters` is .*; needs to be a whole number"):
            tvgnn_cli.consensus(arrays, k)
    assert tvgnn_cli.consensus(arrays, np.int64(2)).metrics["num_clusters"] == 2


def test_votes_that_leave_fewer_clusters_than_asked_for_are_told(tvgnn, folder):
    (folder / "d.csv").write_text("vertex,cluster\nu,0\nv,1\nw,2\nx,3\n")
    done = tvgnn("consensus", "a.csv", "b.tsv", "d.csv", "-k", "4")
    assert "-k is 4, and votes leave 2" in done.err
    assert "clusterings have 2 to 4 clusters, and these are 2" in done.err


def test_graph_files_with_clusters(folder):
    network = nx.Graph([("u", "v"), ("w", "x")])
    nx.set_node_attributes(network, {"u": 3, "v": 3, "w": 5, "x": 5}, "cluster")
    nx.write_graphml(network, folder / "g.graphml")
    assert (tvgnn_cli.consensus(["g.graphml", "a.csv"]).stability == 1).all()


# Restarts


def kept_alone(restart, **options):
    """A restart by itself, as one that is not compared with others."""
    return tvgnn_cli.cluster(PLANTED, 4, **{**FAST, **options, "only": range(restart, restart + 1)})


def test_clusters_are_what_restarts_agree_on(quick_start):
    found = tvgnn_cli.cluster(PLANTED, 4, consensus=True, **FAST)
    ones = [kept_alone(i) for i in range(3)]
    expected = agree([one.labels for one in ones])
    place = [np.append(each, -1) for each in expected.matched]
    aligned = [one.assignment[:, np.argsort(to[:4])] for one, to in zip(ones, place, strict=True)]
    weights = [adjusted_rand_index(expected.labels, one.labels) ** 2 for one in ones]
    mean = np.average(aligned, axis=0, weights=weights)
    np.testing.assert_allclose(np.sort(found.assignment, axis=1), np.sort(mean, axis=1), atol=1e-5)
    assert adjusted_rand_index(found.labels, mean.argmax(axis=1)) == 1
    assert (found.labels == found.assignment.argmax(axis=1)).all()
    np.testing.assert_allclose(found.assignment.sum(axis=1), 1, atol=1e-5)
    sizes = np.bincount(found.labels)
    assert sizes.tolist() == sorted(sizes, reverse=True)
    to = [one.labels for one in ones]
    shares = np.mean([matching(found.labels, each)[each] == found.labels for each in to], axis=0)
    np.testing.assert_allclose(found.stability, shares, atol=1e-6)
    assert found.metrics["agreement"] == pytest.approx(expected.agreement)
    assert found.metrics["stability_mean"] == pytest.approx(shares.mean())
    # The model is that of one restart, its clusters numbered as these.
    near = [adjusted_rand_index(one.labels, found.labels) for one in ones]
    assert found.metrics["best_seed"] == int(np.argmax(near))
    told = tvgnn_cli.predict(found.model, PLANTED, threads=1)
    assert matching(found.labels, told.labels).tolist() == [0, 1, 2, 3]
    assert adjusted_rand_index(told.labels, found.labels) == pytest.approx(max(near))


def test_one_of_two_solutions_is_taken_where_restarts_are_split():
    # How sure each is of a vertex does not mix them.
    random = np.random.default_rng(0)
    truth = np.repeat(np.arange(4), 50)
    other = np.where(truth > 1, 2 + np.arange(200) % 2, truth)
    labels = [truth, renamed(other, 1), renamed(truth, 2), other]
    shares = []
    for each in labels:
        sure = random.uniform(0.9, 1, (200, 1))
        shares.append(np.where(np.eye(4)[each] > 0, sure, (1 - sure) / 3).astype(np.float32))
    found = combined(lambda i: shares[i], 4, 4)
    chosen = found.assignment.argmax(axis=1)
    assert 1 in (adjusted_rand_index(chosen, truth), adjusted_rand_index(chosen, other))
    np.testing.assert_allclose(found.assignment.sum(axis=1), 1, atol=1e-6)
    assert (found.place[0][truth] == chosen).all() or (found.place[3][other] == chosen).all()


def test_stability_stands_beside_confidence_in_every_form(tvgnn, tmp_path):
    pytest.importorskip("anndata")
    flags = (*FLAGS, "--init", "random")
    for name in ("a.csv", "a.parquet", "a.graphml", "a.gexf"):
        assert tvgnn("cluster", PLANTED, *flags, "--consensus", "-o", name, "-q").code == 0
    frame = pd.read_csv(tmp_path / "a.csv")
    assert frame.columns[:5].tolist() == ["vertex", "cluster", "confidence", "stability", "margin"]
    wanted = frame["stability"].to_numpy(dtype=np.float32)
    assert set(np.unique(wanted * 3).round(3)) <= {0, 1, 2, 3}
    parquet = pd.read_parquet(tmp_path / "a.parquet")
    assert parquet["stability"].tolist() == wanted.tolist()
    for path in ("a.graphml", "a.gexf"):
        read = nx.read_graphml if path == "a.graphml" else nx.read_gexf
        network = read(tmp_path / path)
        found = [float(network.nodes[v]["stability"]) for v in frame["vertex"]]
        assert found == pytest.approx(wanted.tolist(), abs=1e-6)
    # Clustered again, it is no feature; and a run without a consensus leaves none behind.
    assert tvgnn("cluster", "a.graphml", *flags, "-o", "b.graphml", "-q").code == 0
    assert "stability" not in nx.read_graphml(tmp_path / "b.graphml").nodes["v0"]
    assert tvgnn("cluster", PLANTED, *flags, "-o", "c.csv", "-q").code == 0
    assert tvgnn("cluster", "a.graphml", *flags, "-o", "d.csv", "-q").code == 0
    assert (tmp_path / "c.csv").read_bytes() == (tmp_path / "d.csv").read_bytes()
    result = tvgnn_cli.cluster(PLANTED, 4, consensus=True, init="random", **FAST)
    assert result.to_frame()["stability"].tolist() == wanted.tolist()
    assert result.to_networkx().nodes["v0"]["stability"] == wanted[0]


def test_stability_in_anndata(quick_start, tvgnn, tmp_path):
    anndata = pytest.importorskip("anndata")
    network = nx.stochastic_block_model([20, 20, 20], np.full((3, 3), 0.02) + 0.4 * np.eye(3))
    adata = anndata.AnnData(np.random.default_rng(0).random((60, 4)).astype(np.float32))
    adata.obsp["connectivities"] = nx.to_scipy_sparse_array(network, dtype=np.float32).tocsr()
    adata.write_h5ad(tmp_path / "in.h5ad")
    flags = ("-k", 3, *FLAGS[2:])
    assert tvgnn("cluster", "in.h5ad", *flags, "--consensus", "-o", "out.h5ad", "-q").code == 0
    done = anndata.read_h5ad(tmp_path / "out.h5ad")
    stability = done.obs["tvgnn_stability"].to_numpy()
    assert ((stability >= 0) & (stability <= 1)).all()
    assert tvgnn("cluster", "out.h5ad", *flags, "-o", "again.h5ad", "-q").code == 0
    assert "tvgnn_stability" not in anndata.read_h5ad(tmp_path / "again.h5ad").obs
    tvgnn_cli.tl.tvgnn(adata, 3, consensus=True, **FAST)
    assert adata.obs["tvgnn_stability"].to_numpy().tolist() == stability.tolist()
    tvgnn_cli.tl.tvgnn(adata, 3, **FAST)
    assert "tvgnn_stability" not in adata.obs


def test_names_and_overlaps_in_anndata(tvgnn, tmp_path):
    anndata = pytest.importorskip("anndata")
    network = nx.stochastic_block_model([20, 20, 20], np.full((3, 3), 0.02) + 0.4 * np.eye(3))
    adata = anndata.AnnData(np.random.default_rng(0).random((60, 4)).astype(np.float32))
    adata.obsp["connectivities"] = nx.to_scipy_sparse_array(network, dtype=np.float32).tocsr()
    adata.write_h5ad(tmp_path / "in.h5ad")
    (tmp_path / "may.csv").write_text("".join(f"{i},{'xyz'[i // 20]}\n" for i in range(60)))
    flags = ("-k", 3, "--epochs", 2, "--hidden", 8, "--threads", 1, "-q")
    named = ("--match", "may.csv", "--overlap", 0.01)
    for target in ("out.h5ad", "out.csv"):
        assert tvgnn("cluster", "in.h5ad", *flags, *named, "-o", target).code == 0
    done, rows = anndata.read_h5ad(tmp_path / "out.h5ad"), pd.read_csv(tmp_path / "out.csv")
    assert done.obs["tvgnn_cluster_label"].tolist() == rows["cluster_label"].tolist()
    assert done.obs["tvgnn_clusters"].tolist() == rows["clusters"].astype(str).tolist()
    np.testing.assert_allclose(done.obs["tvgnn_confidence"], rows["confidence"])
    assert tvgnn("cluster", "out.h5ad", *flags, "-o", "again.h5ad").code == 0
    left = anndata.read_h5ad(tmp_path / "again.h5ad").obs.columns
    assert not {"tvgnn_cluster_label", "tvgnn_clusters"} & {*left}
    settings = {"epochs": 2, "hidden": 8, "threads": 1}
    tvgnn_cli.tl.tvgnn(adata, 3, match=tmp_path / "may.csv", overlap=0.01, **settings)
    for name in ("tvgnn_cluster_label", "tvgnn_clusters", "tvgnn_confidence"):
        assert adata.obs[name].tolist() == done.obs[name].tolist()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"restarts": 1}, "give `restarts`"),
        ({"method": "louvain"}, "`method` louvain has no restarts"),
        ({"restarts": 4, "only": range(2)}, "of all restarts"),
    ],
)
def test_a_consensus_of_what_is_not_there_is_refused(options, line):
    with pytest.raises(UsageError, match=line):
        tvgnn_cli.cluster(PLANTED, None if "method" in options else 4, consensus=True, **options)


def test_parts_leave_states_for_a_consensus_of_all(quick_start, tvgnn, tmp_path):
    assert tvgnn("cluster", PLANTED, *FLAGS, "--consensus", "-o", "one.csv", "--save", "one.tvgnn",
                 "-q").code == 0  # fmt: skip
    refused = tvgnn("cluster", PLANTED, *FLAGS, "--consensus", "--shards", "s", "--shard", "1/2")
    assert refused.code == 2
    assert "--checkpoint" in refused.err
    assert not (tmp_path / "s").exists()
    for part in ("2/2", "1/2"):
        assert tvgnn("cluster", PLANTED, *FLAGS, "--shards", "s", "--shard", part,
                     "--checkpoint", "states", "-q").code == 0  # fmt: skip
    done = tvgnn("cluster", PLANTED, *FLAGS, "--consensus", "--checkpoint", "states", "--resume",
                 "must", "-o", "all.csv", "--save", "all.tvgnn", "-q")  # fmt: skip
    assert done.code == 0, done.err
    for kind in ("csv", "tvgnn"):
        found, wanted = ((tmp_path / f"{name}.{kind}").read_bytes() for name in ("all", "one"))
        assert found == wanted, kind


@pytest.mark.parametrize("steps", [70])
def test_a_run_that_was_ended_gives_the_same_consensus(quick_start, tmp_path, steps):
    wanted = tvgnn_cli.cluster(PLANTED, 4, consensus=True, **FAST)
    states = tvgnn_cli.Checkpointing(tmp_path / "states", every=0)
    ended = 0
    while True:
        given = {"checkpointing": states, "interruption": After(steps)}
        try:
            found = tvgnn_cli.cluster(PLANTED, 4, consensus=True, **FAST, **given)
        except InterruptionError:
            ended += 1
            continue
        break
    assert ended
    assert found.assignment.tobytes() == wanted.assignment.tobytes()
    assert found.stability.tobytes() == wanted.stability.tobytes()
    assert found.model.fingerprint() == wanted.model.fingerprint()


def test_one_restart_that_did_not_fail_is_told_of(tvgnn, tmp_path):
    from tests.test_processes import DIVERGING

    done = tvgnn(*DIVERGING, "--restarts", 6, "--consensus", "-o", "x.csv")
    assert done.code == 0, done.err
    assert "only one restart did not fail" in done.err
    assert set(pd.read_csv(tmp_path / "x.csv")["stability"]) == {1.0}


def test_true_labels_change_nothing(quick_start, tmp_path):
    graph = tvgnn_cli.read_graph(PLANTED)
    wrong = np.random.default_rng(0).integers(0, 4, graph.num_vertices)
    first = tvgnn_cli.cluster(graph, 4, consensus=True, **FAST)
    second = tvgnn_cli.cluster(graph, 4, labels=wrong, consensus=True, **FAST)
    assert first.assignment.tobytes() == second.assignment.tobytes()
    assert first.stability.tobytes() == second.stability.tobytes()


def test_an_empty_name_of_the_output_is_refused_as_by_all_commands(tvgnn, folder):
    for name in ("x.csv", "y.csv"):
        (folder / name).write_text("vertex,cluster\na,0\nb,1\n")
    done = tvgnn("consensus", "x.csv", "y.csv", "-o", "", "-q")
    assert (done.code, done.out) == (2, "")
    assert "-o is empty; give a name (a shell variable may not be set)" in done.err
