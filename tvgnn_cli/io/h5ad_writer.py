"""AnnData files with clusters, all else as it was."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tvgnn_cli.errors import UsageError
from tvgnn_cli.io.anndata_clusters import beside_of, put_clusters, soft_key
from tvgnn_cli.io.atomic import replacing
from tvgnn_cli.io.clustered_graph import ClusteredGraph
from tvgnn_cli.machine.libraries import require

KEY = "tvgnn"
"""Name under which the clusters are kept: `obs[KEY]`, `obsm[KEY + "_proba"]`, `uns[KEY]`."""

SOFT = soft_key(KEY)


def require_h5ad(target: str, source: Path | None) -> Path:
    """The AnnData file that a run was given, into a copy of which its clusters go.

    Raises:
        UsageError: it was given something else; the library that writes such files is missing.
    """
    if source is None or source.suffix.lower() != ".h5ad":
        raise UsageError(
            f"{target}: an .h5ad file is written from one that is read; write .graphml or .csv"
        )
    require("anndata", ".h5ad files need the library anndata: pip install 'tvgnn[anndata]'")
    return source


def write_h5ad(clustered: ClusteredGraph, target: str) -> tuple[str, ...]:
    """Write a copy of the input, an AnnData file, with the clusters in `obs`, `obsm` and `uns`, as
    `put_clusters` puts them. Its matrices are copied as they are, and never read.

    Raises:
        UsageError: the input was no such file, or has other observations now; the target cannot be
            written.
    """
    source = require_h5ad(target, clustered.graph.file)
    with replacing(Path(target)) as temporary, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what anndata says of versions and names
        shutil.copyfile(source, temporary)
        _put(clustered, source, temporary)
    return ()


def _put(clustered: ClusteredGraph, source: Path, copy: Path) -> None:
    import h5py
    from anndata.io import read_elem, write_elem

    with h5py.File(copy, "r+") as file:
        adata = SimpleNamespace(obs=read_elem(file["obs"]), obsm={}, uns=_earlier(file))
        if list(map(str, adata.obs.index)) != clustered.graph.ids.tolist():
            raise UsageError(f"{source}: has other observations than when it was read")
        put_clusters(
            adata,
            KEY,
            clustered.labels,
            clustered.assignment,
            clustered.metrics,
            clustered.params,
            clustered.notes,
            beside_of(clustered.columns, clustered.confidence),
        )
        write_elem(file, "obs", adata.obs)
        for group, new in (("obsm", adata.obsm), ("uns", adata.uns)):
            _replace(file, group, new, write_elem)


def _earlier(file: Any) -> dict[str, Any]:
    """The names that an earlier run has left under our key, without their values."""
    kept: Any = file["uns"].get(KEY) if "uns" in file else None
    return {KEY: dict.fromkeys(kept)} if hasattr(kept, "keys") else {}


def _replace(file: Any, group: str, new: Mapping[str, Any], write_elem: Any) -> None:
    """Write parts of a group, in the place of those of an earlier run."""
    if group not in file:
        write_elem(file, group, {})
    for name in {KEY, SOFT} & set(file[group]):
        del file[group][name]
    for name, value in new.items():
        write_elem(file[group], name, value)
