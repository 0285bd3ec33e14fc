"""Clusters in the observations of AnnData files, read by all that takes a file of clusters."""

from __future__ import annotations

import gzip
import json
import os
import threading

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import tvgnn_cli
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.io.anndata_clusters import put_clusters
from tvgnn_cli.io.assignment_file import read_assignment
from tvgnn_cli.shaping.partition import read_partition

anndata = pytest.importorskip("anndata")

LABELS = np.array([0, 0, 0, 1, 1, 1, 2, 2])
SOFT = (0.1 + 0.7 * np.eye(3, dtype="f4"))[LABELS]
SURE = np.linspace(0.3, 1, 8, dtype="f4")
CELLS = ["c,1", 'c"2', "c\n3", "c 4", "c5", "ç6", "7", "08"]
ENDS = [0, 0, 1, 3, 3, 4, 6, 2, 5], [1, 2, 2, 4, 5, 5, 7, 3, 6]


def made(**obs):
    """An AnnData of eight cells in three groups."""
    half = sp.csr_matrix((np.ones(9), ENDS), (8, 8))
    frame = pd.DataFrame({"age": range(8), **obs}, index=CELLS)
    adata = anndata.AnnData(sp.csr_matrix(np.eye(8, 2, dtype="f4")), obs=frame)
    adata.obsp["connectivities"] = half + half.T
    return adata


def with_run(adata, key="tvgnn", labels=LABELS, soft=SOFT):
    put_clusters(adata, key, labels, soft, {"seed": 1}, {"k": 3}, ("a note",), {"confidence": SURE})
    return adata


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A run's clusters in `out.h5ad`, and as `tvgnn cluster` has them in `out.parquet`."""
    monkeypatch.chdir(tmp_path)
    with_run(made()).write_h5ad("out.h5ad")
    shares = {f"p_{i}": SOFT[:, i] for i in range(3)}
    table = {"vertex": CELLS, "cluster": LABELS, "confidence": SURE, **shares}
    pd.DataFrame(table).to_parquet("out.parquet")
    return tmp_path


def told(outcome):
    return " ".join(outcome.err.split())


COMMANDS = {
    "evaluate": ["evaluate", "CLUSTERS", "--graph", "out.h5ad", "--metrics", "TARGET.csv"],
    "explain": ["explain", "out.h5ad", "CLUSTERS", "-o", "TARGET.csv"],
    "levels": ["levels", "out.h5ad", "CLUSTERS", "-o", "TARGET.csv"],
    "match": ["match", "CLUSTERS", "out.parquet", "-o", "TARGET.csv"],
    "consensus": ["consensus", "CLUSTERS", "out.parquet", "-o", "TARGET.csv"],
    "sizes": ["plot", "sizes", "out.h5ad", "CLUSTERS", "-o", "TARGET.svg"],
    "graph": ["plot", "graph", "out.h5ad", "CLUSTERS", "-o", "TARGET.svg"],
    "cut": ["plot", "cut", "out.h5ad", "CLUSTERS", "-o", "TARGET.svg"],
    "confidence": ["plot", "confidence", "out.h5ad", "CLUSTERS", "-o", "TARGET.svg"],
    "levels figure": ["plot", "levels", "out.h5ad", "CLUSTERS", "-o", "TARGET.svg"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_they_are_read_as_those_of_the_table_of_the_same_run(tvgnn, folder, command):
    targets = []
    for name in ("out.h5ad", "out.parquet"):
        target = f"of-{name.partition('.')[2]}"
        given = [
            each.replace("CLUSTERS", name).replace("TARGET", target) for each in COMMANDS[command]
        ]
        done = tvgnn(*given)
        assert done.code == 0, done.err
        is_said = "clusters of out.h5ad: column 'tvgnn' of obs" in told(done)
        assert is_said == (name == "out.h5ad")
        targets.append((folder / given[-1]).read_text().replace("out.h5ad", "out.parquet"))
    assert targets[0] == targets[1] != ""


def test_a_report_says_which_column_it_is_of(tvgnn, folder):
    done = tvgnn("report", "out.h5ad", "out.h5ad", "--plain", "-o", "page.html")
    assert done.code == 0
    assert "column &#39;tvgnn&#39; of obs" in (folder / "page.html").read_text()


def test_what_tvgnn_cluster_writes_is_read(tvgnn, folder):
    made().write_h5ad("in.h5ad")
    for target in ("ours.h5ad", "ours.csv"):
        assert tvgnn("cluster", "in.h5ad", "-k", 2, "--epochs", 3, "-o", target, "-q").code == 0
    scores = [
        tvgnn("evaluate", name, "--graph", "in.h5ad", "-q").out
        for name in ("ours.h5ad", "ours.csv")
    ]
    assert scores[0] == scores[1] != ""


def test_a_run_takes_numbers_and_a_start_from_them(tvgnn, folder):
    given = ["--match", "out.h5ad", "--init", "out.h5ad"]
    done = tvgnn("cluster", "out.h5ad", "-k", 3, "--epochs", 3, *given, "-o", "new.csv")
    assert done.code == 0, done.err
    assert told(done).count("clusters of out.h5ad: column 'tvgnn' of obs") == 2
    fixed = tvgnn(
        "cluster", "out.h5ad", "-k", 3, "--epochs", 3, "--fixed", "out.h5ad", "-o", "f.csv"
    )
    assert "clusters of out.h5ad: column 'tvgnn' of obs" in told(fixed)
    assert pd.read_csv("f.csv").cluster.tolist() == LABELS.tolist()
    assert "column 'tvgnn' of obs" in tvgnn_cli.reshape("out.h5ad", "out.h5ad").notes[0]


def groups(*names):
    return {name: pd.Categorical([f"{name}{i}" for i in LABELS]) for name in names}


@pytest.mark.parametrize(
    ("columns", "chosen", "spare"),
    [
        (("leiden", "kind"), "leiden", ""),
        (("louvain_r0.5",), "louvain_r0.5", ""),
        (("seurat_clusters",), "seurat_clusters", ""),
        (("leiden", "Cluster"), "Cluster", "; it has leiden too"),
        (("tvgnn", "leiden", "leiden_2"), "tvgnn", "; it has leiden, leiden_2 too"),
        (("tvgnn", "cluster"), "cluster", "; it has tvgnn too"),
    ],
)
def test_the_column_is_chosen_by_its_name_and_said(folder, columns, chosen, spare):
    made(**groups(*columns)).write_h5ad("c.h5ad")
    found = read_partition("c.h5ad")
    assert found.names == tuple(f"{chosen}{i}" for i in range(3))
    assert found.ids.tolist() == CELLS
    assert found.notes == (f"clusters of c.h5ad: column '{chosen}' of obs{spare}",)


def test_clusters_of_our_function_under_another_key_are_found(folder):
    with_run(made(**groups("kind")), "domain").write_h5ad("d.h5ad")
    found = read_partition("d.h5ad")
    assert found.notes == ("clusters of d.h5ad: column 'domain' of obs",)
    assert found.names == ("0", "1", "2")
    np.testing.assert_array_equal(found.assignment, SOFT)
    np.testing.assert_array_equal(found.sure["confidence"], SURE)
    np.testing.assert_array_equal(read_assignment(folder / "d.h5ad"), SOFT)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (("leiden", "louvain", "kind"), "obs has leiden, louvain, any of which may be the clust"),
        (("kind",), "no column of obs is named 'cluster', 'tvgnn' or as other tools name clusters; "
         "it has age, kind; name that column 'cluster', or by --cluster-attr where"),
        (("leidenschaft",), "no column of obs is named"),
    ],
)  # fmt: skip
def test_one_line_asks_where_it_is_not_clear(tvgnn, folder, columns, words):
    made(**groups(*columns)).write_h5ad("c.h5ad")
    done = tvgnn("evaluate", "c.h5ad", "--graph", "out.h5ad")
    assert (done.code, done.err.count("\n"), done.out) == (3, 1, "")
    assert words in done.err
    named = tvgnn("evaluate", "c.h5ad", "--graph", "out.h5ad", "--cluster-attr", columns[0])
    assert named.code == 0
    assert f"column '{columns[0]}' of obs" in told(named)


def test_a_column_that_is_named_and_is_not_there(folder):
    made(**groups("leiden")).write_h5ad("c.h5ad")
    with pytest.raises(InputError, match=r"no column of obs 'leidn' .*Did you mean 'leiden'"):
        tvgnn_cli.evaluate("c.h5ad", graph="out.h5ad", cluster_attr="leidn")


def test_values_of_a_column_are_names_of_clusters(folder):
    gap = [1.0, 1.0, np.nan, 2.0, 2.0, 2.0, 10.0, 10.0]
    codes = pd.Categorical(["01", "1", "1.0", "1", "1", "1", None, "1"])
    made(cluster=gap, codes=codes, flags=LABELS > 0).write_h5ad("c.h5ad")
    assert read_partition("c.h5ad").names == ("1", "2", "10")
    assert read_partition("c.h5ad").labels.tolist() == [0, 0, -1, 1, 1, 1, 2, 2]
    assert read_partition("c.h5ad", asked="codes").names == ("01", "1", "1.0")
    assert read_partition("c.h5ad", asked="flags").names == ("False", "True")
    with pytest.raises(InputError, match=r"c\.h5ad: no cluster for vertex"):
        tvgnn_cli.evaluate("c.h5ad", graph="out.h5ad")


def test_shares_belong_to_clusters_only_where_their_numbers_are_those_of_columns(folder):
    gaps = np.array([0, 0, 0, 1, 1, 1, 3, 3])
    for labels, is_told in [(LABELS, True), (gaps, False), (LABELS[::-1].copy(), False)]:
        with_run(made(), labels=labels).write_h5ad("c.h5ad")
        found = read_partition("c.h5ad")
        assert (found.assignment is not None) == is_told
        assert found.labels.tolist() == np.unique(labels, return_inverse=True)[1].tolist()
    bare = LABELS.copy()
    bare[7] = -1
    with_run(made(), labels=bare).write_h5ad("c.h5ad")
    np.testing.assert_array_equal(read_partition("c.h5ad").assignment, SOFT)
    moved = LABELS.copy()
    moved[2] = 1  # as small or split clusters make it
    with_run(made(), labels=moved).write_h5ad("c.h5ad")
    assert read_partition("c.h5ad").assignment is not None


def test_titles_are_those_of_the_column(folder):
    adata = with_run(made(**groups("leiden")))
    adata.obs["tvgnn_cluster_label"] = pd.Categorical([f"t{i}" for i in LABELS])
    adata.write_h5ad("c.h5ad")
    assert read_partition("c.h5ad").titles == ("t0", "t1", "t2")
    other = read_partition("c.h5ad", asked="leiden")
    assert (other.titles, other.sure, other.assignment) == (other.names, {}, None)


def test_true_classes_may_be_in_one(tvgnn, folder):
    made(label=[f"x{i}" for i in LABELS], kind=list("aabbccdd")).write_h5ad("truth.h5ad")
    pd.DataFrame({"id": CELLS, "label": list("aabbccdd")}).to_csv("kind.csv", index=False)
    assert tvgnn_cli.evaluate("out.h5ad", labels="truth.h5ad").metrics["ari"] == 1
    done = tvgnn("evaluate", "out.h5ad", "--labels", "truth.h5ad", "--label-attr", "kind", "-q")
    assert done.code == 0
    assert done.out == tvgnn("evaluate", "out.h5ad", "--labels", "kind.csv", "-q").out
    with pytest.raises(InputError, match=r"no column of obs is named 'label'; it has age, tvgnn"):
        tvgnn_cli.evaluate("out.parquet", labels="out.h5ad")


def test_a_pipe_and_a_compressed_file_are_refused(folder):
    data = (folder / "out.h5ad").read_bytes()
    (folder / "out.h5ad.gz").write_bytes(gzip.compress(data))
    with pytest.raises(InputError, match=r"out\.h5ad\.gz: .*decompress it first"):
        tvgnn_cli.match("out.h5ad.gz", "out.h5ad")
    os.mkfifo("pipe.h5ad")
    writer = threading.Thread(target=(folder / "pipe.h5ad").write_bytes, args=(data,))
    writer.start()
    with pytest.raises(InputError, match=r"pipe\.h5ad: .*a pipe is not; name a file"):
        tvgnn_cli.match("pipe.h5ad", "out.h5ad")
    writer.join()


def _without_obs(file):
    del file["obs"]


def _old_obs(file):
    del file["obs"]
    file["obs"] = np.zeros(8, dtype=[("index", "S2"), ("leiden", "S2")])


def _short_column(file):
    del file["obs/age"]
    file["obs/age"] = np.zeros(3)
    file["obs/age"].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


def _short_soft(file):
    del file["obsm/tvgnn_proba"]
    file["obsm/tvgnn_proba"] = np.zeros((3, 3))


def _words_as_soft(file):
    del file["obsm/tvgnn_proba"]
    file["obsm/tvgnn_proba"] = np.full((8, 3), b"x")


def _link_elsewhere(file):
    import h5py

    h5py.File("other.h5", "w").close()
    file["uns/other"] = h5py.ExternalLink("other.h5", "/")


DAMAGED = {
    "no obs": (_without_obs, "has no table obs as anndata writes it"),
    "obs of long ago": (_old_obs, r"write it anew with anndata 0\.8"),
    "columns of two lengths": (_short_column, "no AnnData file, or is damaged"),
    "fewer shares than cells": (_short_soft, r"obsm\['tvgnn_proba'\] is no matrix of numbers"),
    "words as shares": (_words_as_soft, r"obsm\['tvgnn_proba'\] is no matrix of numbers"),
    "a link to another file": (_link_elsewhere, "is a link to another file"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_is_damaged_is_refused(tvgnn, folder, case):
    change, words = DAMAGED[case]
    with pytest.importorskip("h5py").File("out.h5ad", "r+") as file:
        change(file)
    with pytest.raises(InputError, match=words):
        read_partition("out.h5ad")
    assert tvgnn("match", "out.h5ad", "out.parquet", "-o", "m.csv").code == 3
    assert not (folder / "m.csv").exists()


def test_cells_of_one_name_are_refused(folder):
    adata = with_run(made())
    adata.obs_names = [*"abcdefg", "a"]
    adata.write_h5ad("c.h5ad")
    with pytest.raises(InputError, match="more than one observation is named 'a'"):
        read_partition("c.h5ad")


def test_a_soft_assignment_for_blocks_is_one(tvgnn, folder):
    assert tvgnn("plot", "blocks", "out.h5ad", "-o", "b.png").code == 0
    np.testing.assert_array_equal(read_assignment(folder / "out.h5ad"), SOFT)
    made(**groups("leiden")).write_h5ad("none.h5ad")
    with pytest.raises(InputError, match="one soft assignment, as 'tvgnn_proba', and has none"):
        read_assignment(folder / "none.h5ad")
    with_run(with_run(made(), "a"), "b").write_h5ad("two.h5ad")
    with pytest.raises(InputError, match="has several, a_proba, b_proba"):
        read_assignment(folder / "two.h5ad")
    with_run(with_run(made(), "a", soft=SOFT[:, ::-1].copy())).write_h5ad("ours.h5ad")
    np.testing.assert_array_equal(read_assignment(folder / "ours.h5ad"), SOFT)
    with_run(made(), soft=2 * SOFT).write_h5ad("two.h5ad")
    with pytest.raises(InputError, match="are no probabilities"):
        read_assignment(folder / "two.h5ad")


def test_a_column_of_a_table_or_a_graph_file_is_named_too(tvgnn, folder):
    table = {"id": CELLS, "cluster": LABELS, "coarse": LABELS // 2, "confidence": SURE}
    pd.DataFrame(table).to_parquet("t.parquet")
    scored = tvgnn_cli.evaluate("t.parquet", graph="out.h5ad", cluster_attr="coarse").metrics
    assert scored["clusters_used"] == 2
    for asked, is_sure in [(None, True), ("cluster", True), ("coarse", False)]:
        found = read_partition("t.parquet", asked=asked)
        assert ("confidence" in found.sure) == is_sure
    done = tvgnn("explain", "out.h5ad", "t.parquet", "--cluster-attr", "coarse", "-o", "e.json")
    assert "confidence" not in json.loads((folder / "e.json").read_text())["clusters"][0]
    assert "of obs" not in told(done)
    with pytest.raises(InputError, match=r"has no column 'fine' \(`cluster_attr`\)"):
        tvgnn_cli.consensus(["t.parquet", "out.parquet"], cluster_attr="fine")
    both = tvgnn_cli.match(
        "t.parquet", dict(zip(CELLS, LABELS, strict=True)), cluster_attr="coarse"
    )
    assert both.changes.metrics()["clusters_gone"] == 1


def test_an_attribute_of_a_graph_file_is_named_too(folder):
    import networkx as nx

    network = nx.relabel_nodes(nx.path_graph(4), dict(enumerate("abcd")))
    nx.set_node_attributes(
        network, dict(zip("abcd", [0, 0, 1, 1], strict=True)), "Modularity Class"
    )
    nx.write_gexf(network, "g.gexf")
    scored = tvgnn_cli.evaluate("g.gexf", graph="g.gexf", cluster_attr="modularity_class")
    assert scored.metrics["clusters_used"] == 2
    with pytest.raises(InputError, match="no vertex attribute is named 'cluster'"):
        tvgnn_cli.evaluate("g.gexf", graph="g.gexf")


def test_what_has_no_columns_takes_no_name(folder):
    np.save("c.npy", LABELS)
    given = {"graph": "out.h5ad", "cluster_attr": "leiden"}
    with pytest.raises(UsageError, match=r"`cluster_attr`: c\.npy has no names to choose from"):
        tvgnn_cli.evaluate("c.npy", **given)
    with pytest.raises(UsageError, match="`cluster_attr`: clusters in memory have no columns"):
        tvgnn_cli.evaluate(LABELS, **given)
