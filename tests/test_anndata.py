"""AnnData: its parts as a graph, and clusters put into it."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import tvgnn_cli
from tests.conftest import SAMPLES
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.evaluation.metric_table import VOLATILE
from tvgnn_cli.io.anndata_clusters import put_clusters
from tvgnn_cli.io.anndata_form import (
    ADJACENCIES,
    Choice,
    choose_parts,
    graph_from_anndata,
)

anndata = pytest.importorskip("anndata")

TINY = {"hidden": 4, "mlp_hidden": 0, "layers": 1, "epochs": 2, "init": "random", "threads": 1}


@pytest.fixture
def adata():
    """Two cliques of eight cells joined by one edge, twelve genes, three principal components."""
    network = nx.disjoint_union(nx.complete_graph(8), nx.complete_graph(8))
    network.add_edge(0, 8)
    random = np.random.default_rng(0)
    counts = random.poisson(2.0, (16, 12)).astype("f4")
    names = [f"cell{i}" for i in random.permutation(16)]
    made = anndata.AnnData(
        sp.csr_matrix(counts),
        obs=pd.DataFrame({"kind": np.repeat(["a", "b"], 8)}, index=names),
        var=pd.DataFrame(index=[f"gene{i}" for i in range(12)]),
    )
    made.obsm["X_pca"] = random.normal(size=(16, 3)) + np.repeat(np.eye(3)[:2] * 4, 8, axis=0)
    matrix = nx.to_scipy_sparse_array(network, dtype=float)
    made.obsp["connectivities"] = sp.csr_matrix(0.5 * matrix)
    made.obsp["distances"] = sp.csr_matrix(matrix)
    made.uns["neighbors"] = {"connectivities_key": "connectivities"}
    return made


def unchanged(adata):
    pass


def parts(adata, **chosen):
    return graph_from_anndata(adata, choose_parts(adata, "adata", **chosen), "adata")


def test_the_clusters_are_those_of_the_function(adata):
    assert tvgnn_cli.tl.tvgnn(adata, 2, random_state=3, **TINY) is None
    table = pd.DataFrame(adata.obsm["X_pca"], index=adata.obs_names)
    matrix = adata.obsp["connectivities"].tocoo()
    names = adata.obs_names.tolist()
    network = nx.Graph()
    network.add_nodes_from(names)
    network.add_weighted_edges_from(
        (names[i], names[j], w) for i, j, w in zip(*matrix.coords, matrix.data, strict=True)
    )
    wanted = tvgnn_cli.cluster(network, 2, features=table.to_numpy(), seed=3, **TINY)
    assert adata.obs["tvgnn"].tolist() == [str(k) for k in wanted.labels]
    assert np.array_equal(adata.obsm["tvgnn_proba"], wanted.assignment)
    kept = adata.uns["tvgnn"]
    assert kept["metrics"]["input_fingerprint"] == wanted.metrics["input_fingerprint"]
    assert kept["metrics"]["loss"] == wanted.metrics["loss"]
    assert kept["params"]["obsp"] == "connectivities"
    assert kept["params"]["use_rep"] == "X_pca"
    assert (kept["params"]["seed"], kept["params"]["num_clusters"]) == (3, 2)
    assert "graph: obsp['connectivities']" in kept["notes"]
    assert not set(kept["metrics"]) & set(VOLATILE), "files of the same run have the same bytes"


def test_a_column_that_no_run_has_written_is_not_replaced(adata):
    adata.obs["annotation"] = "?"
    adata.uns["annotation"] = {"params": {"resolution": 1.0}}  # as scanpy's leiden leaves
    with pytest.raises(UsageError, match="key_added='annotation': obs has such a column"):
        tvgnn_cli.tl.tvgnn(adata, 2, key_added="annotation", **TINY)
    assert set(adata.obs["annotation"]) == {"?"}
    for seed in (1, 2):  # a run replaces an earlier one
        tvgnn_cli.tl.tvgnn(adata, 2, random_state=seed, **TINY)
    assert adata.uns["tvgnn"]["params"]["seed"] == 2


def test_what_is_written_survives_a_file(adata, tmp_path):
    tvgnn_cli.tl.tvgnn(adata, 2, key_added="domain", **TINY)
    adata.write_h5ad(tmp_path / "a.h5ad")
    again = anndata.read_h5ad(tmp_path / "a.h5ad")
    assert isinstance(again.obs["domain"].dtype, pd.CategoricalDtype)
    assert again.obs["domain"].astype(str).tolist() == adata.obs["domain"].astype(str).tolist()
    assert np.array_equal(again.obsm["domain_proba"], adata.obsm["domain_proba"])
    assert again.uns["domain"]["params"] == adata.uns["domain"]["params"]
    assert again.uns["domain"]["metrics"] == pytest.approx(adata.uns["domain"]["metrics"])
    assert again.uns["domain"]["notes"].tolist() == adata.uns["domain"]["notes"].tolist()


def test_parts_of_a_file_are_read_from_it(adata, tmp_path):
    adata.layers["dense"] = adata.X.toarray()
    adata.write_h5ad(tmp_path / "a.h5ad")
    adata.X = adata.layers["dense"]
    adata.write_h5ad(tmp_path / "b.h5ad")
    for name in ("a.h5ad", "b.h5ad"):
        backed = anndata.read_h5ad(tmp_path / name, backed="r")
        graph = parts(backed, use_rep="X")
        x = graph.x.toarray() if sp.issparse(graph.x) else graph.x
        assert np.array_equal(x, adata.layers["dense"]), name
        assert np.array_equal(graph.edge_index, parts(adata).edge_index)
        backed.file.close()


def test_a_copy_leaves_the_original_as_it_is(adata):
    before = adata.copy()
    made = tvgnn_cli.tl.tvgnn(adata, 2, copy=True, **TINY)
    assert "tvgnn" in made.obs
    assert "tvgnn" in made.uns
    assert adata.obs.equals(before.obs)
    assert (set(adata.obsm), set(adata.uns)) == (set(before.obsm), set(before.uns))


def test_a_run_takes_the_place_of_an_earlier_one(adata):
    tvgnn_cli.tl.tvgnn(adata, 12, **TINY)
    assert adata.obsm["tvgnn_proba"].shape == (16, 12)
    tvgnn_cli.tl.tvgnn(adata, method="louvain", threads=1)
    assert adata.obs["tvgnn"].cat.categories.tolist() == ["0", "1"]
    assert "tvgnn_proba" not in adata.obsm
    assert adata.uns["tvgnn"]["params"]["method"] == "louvain"


def test_categories_are_in_the_order_of_numbers_and_all_in_use(adata):
    labels = np.array([10, 2, 0, 2] * 4)
    put_clusters(adata, "c", labels, None, {"loss": 0.5, "nmi": None}, {"rho": None, "lr": 0.1})
    assert adata.obs["c"].cat.categories.tolist() == ["0", "2", "10"]
    assert adata.obs["c"].tolist() == ["10", "2", "0", "2"] * 4
    assert adata.uns["c"]["metrics"] == {"loss": 0.5}
    assert adata.uns["c"]["params"] == {"lr": 0.1}


@pytest.mark.parametrize(
    ("change", "asked", "choice"),
    [
        (unchanged, {}, Choice("connectivities", "X_pca")),
        (lambda a: a.obsm.clear(), {}, Choice("connectivities", "X")),
        (unchanged, {"use_rep": "X"}, Choice("connectivities", "X")),
        (unchanged, {"use_rep": "none"}, Choice("connectivities", "none")),
        (lambda a: rename(a, ADJACENCIES[1]), {}, Choice("spatial_connectivities", "X_pca")),
        (lambda a: rename(a, "mine"), {"obsp": "mine"}, Choice("mine", "X_pca")),
        (unchanged, {"neighbors_key": "neighbors"}, Choice("connectivities", "X_pca")),
    ],
)  # fmt: skip
def test_which_parts_are_taken(adata, change, asked, choice):
    change(adata)
    assert choose_parts(adata, "adata", **asked) == choice


def rename(adata, key):
    adata.obsp[key] = adata.obsp.pop("connectivities")


def test_the_other_adjacency_is_named(adata):
    adata.obsp["spatial_connectivities"] = adata.obsp["connectivities"]
    assert parts(adata).notes[0] == (
        "graph: obsp['connectivities']; 'spatial_connectivities' is there too"
    )


def test_features_come_in_every_form_and_keep_their_names(adata):
    graph = parts(adata, use_rep="X")
    assert sp.issparse(graph.x)
    assert graph.feature_names == tuple(f"gene{i}" for i in range(12))
    assert parts(adata).feature_names == ()
    adata.obsm["table"] = pd.DataFrame(np.eye(16, 2), index=adata.obs_names, columns=["u", "v"])
    table = parts(adata, use_rep="table")
    assert (table.feature_names, table.x.tolist()) == (("u", "v"), np.eye(16, 2).tolist())
    empty = anndata.AnnData(obs=adata.obs, obsp={"connectivities": adata.obsp["connectivities"]})
    assert parts(empty).x is None
    tvgnn_cli.tl.tvgnn(empty, 2, **TINY)
    assert any("spectral features are used" in note for note in empty.uns["tvgnn"]["notes"])
    adata.obsp["dense"] = adata.obsp["connectivities"].toarray()
    assert np.array_equal(parts(adata, obsp="dense").edge_index, graph.edge_index)
    assert graph.weights.tolist() == [0.5] * graph.num_edges


def test_annotations_never_reach_training(adata):
    graph = parts(adata, use_rep="X")
    assert graph.y is None
    tvgnn_cli.tl.tvgnn(adata, 2, **TINY)
    assert "nmi" not in adata.uns["tvgnn"]["metrics"]


def twice(adata):
    adata.obs_names = ["a", "a", *map(str, range(14))]


@pytest.mark.parametrize(
    ("change", "options", "error", "words"),
    [
        (lambda a: a.obsp.clear(), {}, InputError, "there is none, or make one with scanpy"),
        (lambda a: rename(a, "mine"), {}, InputError, "there is mine: name one"),
        (unchanged, {"obsp": "conectivities"}, InputError, "Did you mean 'connectivities'"),
        (unchanged, {"obsp": "distances"}, InputError, "take 'connectivities' beside it"),
        (lambda a: a.obsp.pop("connectivities"), {}, InputError,
         "there is only distances, and weights are similarities, or make one with scanpy"),
        (lambda a: a.obsp.pop("connectivities"), {"obsp": "distances"}, InputError,
         "holds distances, and weights are similarities; make connectivities with scanpy"),
        (unchanged, {"use_rep": "X_pcs"}, InputError, "Did you mean 'X_pca'"),
        (lambda a: a.obsm.clear(), {"use_rep": "X_pca"}, InputError, "no 'X_pca'. It has none"),
        (unchanged, {"neighbors_key": "spatial"}, InputError, r"uns\['spatial'\] names no"),
        (unchanged, {"neighbors_key": "neighbors", "obsp": "x"}, UsageError, "give one"),
        (twice, {}, InputError, "obs_names_make_unique"),
        (lambda a: a.obsp["connectivities"].data.fill(-1), {}, InputError, "has weight -1"),
        (lambda a: a.obsm["X_pca"].fill(np.nan), {}, InputError, "not finite numbers"),
        (unchanged, {"features": "x.csv"}, UsageError, "features: obsp, use_rep"),
        (unchanged, {"seed": 1}, UsageError, "seed: obsp, use_rep"),
        (unchanged, {"sead": 1}, UsageError, "unknown setting 'sead'"),
        (unchanged, {"n_clusters": 17}, UsageError, "only 16 vertices"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Observation names")
def test_what_cannot_be_clustered_is_left_as_it_is(adata, change, options, error, words):
    change(adata)
    with pytest.raises(error, match=words):
        tvgnn_cli.tl.tvgnn(adata, **{"n_clusters": 2, **TINY, **options})
    assert "tvgnn" not in adata.obs


def test_what_is_no_anndata():
    with pytest.raises(InputError, match="adata: is a str, not an AnnData"):
        tvgnn_cli.tl.tvgnn(str(SAMPLES / "karate.csv"), 2)


@pytest.mark.parametrize(
    ("part", "name"),
    [("obs", "k_stability"), ("obs", "k_clusters"), ("obs", "k_confidence"),
     ("obs", "k_cluster_label"), ("obsm", "k_proba"), ("uns", "k")],
)  # fmt: skip
def test_what_comes_beside_the_clusters_replaces_nothing_of_others(adata, part, name):
    getattr(adata, part)[name] = np.zeros((16, 2)) if part == "obsm" else "theirs"
    with pytest.raises(UsageError, match=f"key_added='k': {part} has .*'{name}', which no run"):
        tvgnn_cli.tl.tvgnn(adata, 2, key_added="k", **TINY)
    assert "k" not in adata.obs


@pytest.mark.parametrize("name", ["key_added", "obsp", "neighbors_key", "use_rep"])
def test_keys_are_texts(adata, name):
    for key in (5, *([""] if name == "key_added" else [])):
        with pytest.raises(UsageError, match=f"{name} is {key!r}; needs to be a key"):
            tvgnn_cli.tl.tvgnn(adata, 3, **{name: key})
    assert "tvgnn" not in adata.obs
