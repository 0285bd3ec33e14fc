"""Tools for AnnData, in the manner of scanpy's: `tvgnn_cli.tl.tvgnn(adata, n_clusters=7)`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tvgnn_cli.api import cluster
from tvgnn_cli.config import without_later
from tvgnn_cli.errors import UsageError
from tvgnn_cli.io.anndata_clusters import BESIDE, beside_of, has_clusters, put_clusters
from tvgnn_cli.io.anndata_form import choose_parts, graph_from_anndata
from tvgnn_cli.io.read import INPUT_OPTIONS
from tvgnn_cli.run.result import provenance_of


def tvgnn(
    adata: Any,
    n_clusters: int | None = None,
    *,
    obsp: str | None = None,
    neighbors_key: str | None = None,
    use_rep: str | None = None,
    random_state: int = 0,
    key_added: str = "tvgnn",
    copy: bool = False,
    **options: Any,
) -> Any:
    """Cluster the observations of an AnnData by their neighbourhood graph and their features.

        sc.pp.neighbors(adata)
        tvgnn_cli.tl.tvgnn(adata, n_clusters=12)
        adata.obs["tvgnn"], adata.obsm["tvgnn_proba"], adata.uns["tvgnn"]["metrics"]

    Args:
        adata: with an adjacency in `obsp`, of scanpy.pp.neighbors or squidpy.gr.spatial_neighbors
            say; weights are similarities.
        n_clusters: K; None with the methods "louvain" and "leiden", which find it.
        obsp: key of the adjacency; None for "connectivities", else "spatial_connectivities".
        neighbors_key: of `uns`, where those functions keep the adjacency's key; in place of `obsp`.
        use_rep: key of `obsm`, "X", or "none" for no features; None for "X_pca" where that is
            there, else "X".
        random_state: base of all randomness.
        key_added: where the clusters go: `obs[key_added]` (categorical of texts, "0" the largest),
            `obsm[key_added + "_proba"]` (soft assignment), `uns[key_added]` (`params`, `metrics`,
            `notes`), `obs[key_added + "_confidence"]` where it is measured, with `consensus`
            `"_stability"`, with `match` or `fixed` by other names than numbers `"_cluster_label"`,
            with `overlap` `"_clusters"` (texts, "0;3").
        copy: whether to leave `adata` as it is and give a copy with the clusters.
        **options: as for `cluster`: settings by fields of `ClusterConfig`, `threads`, `device`,
            `observer`, `checkpointing`, `consensus`, ...

    Returns:
        The copy, or None.

    Raises:
        InputError: no AnnData, or one without such parts.
        UsageError: a key that is no text; settings that cannot work for this graph; something in
            `obs`, `obsm` or `uns` in the place of the clusters, or of what comes beside them, that
            is no earlier run's.
        TrainingError: training failed.
    """
    refused = [name for name in (*INPUT_OPTIONS, "config", "seed") if name in options]
    if refused:
        raise UsageError(
            f"{refused[0]}: obsp, use_rep, n_clusters, random_state and single settings say it all"
        )
    _check_keys(key_added, obsp=obsp, neighbors_key=neighbors_key, use_rep=use_rep)
    choice = choose_parts(adata, "adata", obsp=obsp, neighbors_key=neighbors_key, use_rep=use_rep)
    _refuse_others(adata, key_added)
    graph = graph_from_anndata(adata, choice, "adata", name="adata")
    result = cluster(graph, n_clusters, seed=random_state, **options)
    adata = adata.copy() if copy else adata
    params = {**asdict(choice), **without_later(result.config, asdict(result.config))}
    metrics = provenance_of(result.metrics)
    put_clusters(
        adata, key_added, result.labels, result.assignment, metrics, params, result.notes,
        beside_of(result.columns(), result.confidence),
    )  # fmt: skip
    return adata if copy else None


def _check_keys(key_added: Any, **keys: Any) -> None:
    """Refuse keys that are no texts, which no file would take, and an empty one for the clusters.

    Raises:
        UsageError: naming the first of them.
    """
    for name, key in {"key_added": key_added or 0, **keys}.items():
        if key is not None and not isinstance(key, str):
            told = key_added if name == "key_added" else key
            raise UsageError(f"{name} is {told!r}; needs to be a key, as text")


def _refuse_others(adata: Any, key: str) -> None:
    """Refuse a key under which clusters would take the place of what no run has written.

    Raises:
        UsageError: `obs`, `obsm` or `uns` has something of the name of a part of theirs.
    """
    if has_clusters(adata, key):
        return
    columns = [key, *(f"{key}_{name}" for name in BESIDE)]
    for part, names in {"obs": columns, "obsm": [f"{key}_proba"], "uns": [key]}.items():
        there = getattr(adata, part, ())
        found = next((name for name in names if name in there), None)
        if found is not None:
            noun = "such a column" if found == key else f"a column '{found}'"
            noun = noun if part == "obs" else f"'{found}'"
            raise UsageError(
                f"key_added='{key}': {part} has {noun}, which no run has written; choose another "
                "key"
            )
