"""Clusters and classes that an AnnData file has of its observations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.errors import InputError, some_of
from tvgnn_cli.graph.property_graph import Column
from tvgnn_cli.io.anndata_clusters import BESIDE, PARTS, soft_key
from tvgnn_cli.io.anndata_form import refuse_repeated
from tvgnn_cli.io.h5ad import NEEDS_ANNDATA, ObsColumns, silent
from tvgnn_cli.io.h5ad_writer import KEY
from tvgnn_cli.io.hdf5_walk import damage_told, refuse_damage
from tvgnn_cli.io.names import CLUSTER, fold
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import find_named
from tvgnn_cli.machine.libraries import require

if TYPE_CHECKING:
    import h5py

TOOLS = re.compile(
    r"(?:leiden|louvain)(?:\W|_|$).*|clusters|seurat_clusters|phenograph|mclust", re.IGNORECASE
)
"""Columns of `obs` that clustering tools write: scanpy's with a resolution behind them too."""

NONE = ("", "-1")
"""Names of the cluster of an observation that has none."""

_NAME_IT = "name that column 'cluster', or by `cluster_attr` where a command takes it"


@dataclass(frozen=True)
class Observations:
    """Columns of `obs` by their names, or clusters under the names of our own tables.

    Args:
        ids: names of the observations.
        columns: values by name; of clusters `cluster`, and where they are there those of `BESIDE`
            and `p_0`, `p_1`, ...
        notes: which column they are, of clusters.
    """

    ids: list[str]
    columns: Mapping[str, Column]
    notes: tuple[str, ...] = ()


def read_observations(source: Source) -> Observations:
    """The columns of `obs`.

    Raises:
        UsageError: anndata is not installed.
        InputError: the file is damaged or no AnnData.
    """
    with _opened(source) as file:
        obs = _obs(file, source.label)
        return Observations(_ids(obs, source.label), ObsColumns(obs))


def read_observed_clusters(source: Source, asked: str | None = None) -> Observations:
    """Clusters of the observations, with what `put_clusters` has written beside them.

    They are the column of `obs` that is asked for; else the one named "cluster"; else the one that
    `tvgnn cluster` writes; else the only one that is `tl.tvgnn`'s or named as other tools name
    theirs.

    Raises:
        UsageError: anndata is not installed.
        InputError: the file is damaged or no AnnData; it is not clear which column they are.
    """
    with _opened(source) as file:
        obs = _obs(file, source.label)
        key, others = _key(file, list(map(str, obs.columns)), asked, source.label)
        known = ObsColumns(obs)
        columns = {CLUSTER: known[key]}
        for name in BESIDE:
            if f"{key}_{name}" in obs:
                columns[name] = known[f"{key}_{name}"]
        soft = _soft(file, key, len(obs), source.label)
    if soft is not None and _are_numbered(soft, columns[CLUSTER].texts()):
        columns |= {f"p_{i}": Column(shares) for i, shares in enumerate(soft.T)}
    spare = f"; it has {some_of(others)} too" if others else ""
    note = f"clusters of {source.label}: column '{key}' of obs{spare}"
    return Observations(_ids(obs, source.label), columns, (note,))


def read_observed_assignment(source: Source) -> np.ndarray:
    """The soft assignment `[n, k]` that `put_clusters` has written: that of `tvgnn cluster`, else
    the only one.

    Raises:
        UsageError: anndata is not installed.
        InputError: the file is damaged or no AnnData; there is none, or there are several.
    """
    with _opened(source) as file:
        obs = _obs(file, source.label)
        there = file.get("obsm", ())
        keys = [key for key in map(str, obs.columns) if soft_key(key) in there]
        keys = [KEY] if KEY in keys else keys
        if len(keys) != 1:
            told = f"several, {some_of(list(map(soft_key, keys)))}" if keys else "none"
            raise InputError(
                f"{source.label}: obsm needs one soft assignment, as '{soft_key(KEY)}', and has "
                f"{told}"
            )
        found = _soft(file, keys[0], len(obs), source.label)
        assert found is not None
        return found


@contextmanager
def _opened(source: Source) -> Iterator[h5py.File]:
    """The file, looked at as a whole before."""
    require("anndata", NEEDS_ANNDATA)
    if not source.is_plain_file:
        raise InputError(f"{source.label}: .h5ad files are read part by part; decompress it first")
    refuse_damage(source)
    import h5py

    with silent(), damage_told(source.label), h5py.File(source.path, "r") as file:
        yield file


def _obs(file: h5py.File, label: str) -> Any:
    """The table of the observations.

    Raises:
        InputError: there is none.
    """
    from anndata.io import read_elem

    if "obs" not in file or not hasattr(file["obs"], "keys"):
        raise InputError(
            f"{label}: has no table obs as anndata writes it; write it anew with anndata 0.8 or "
            "later"
        )
    return read_elem(file["obs"])


def _ids(obs: Any, label: str) -> list[str]:
    """Names of the observations.

    Raises:
        InputError: two have one name.
    """
    ids = list(map(str, obs.index))
    refuse_repeated(ids, label)
    return ids


def _key(
    file: h5py.File, names: Sequence[str], asked: str | None, label: str
) -> tuple[str, list[str]]:
    """The column with the clusters, and others that may be it.

    Raises:
        InputError: there is none, or there are several.
    """
    names = list(names)
    likely = [name for name in names if TOOLS.fullmatch(name) or _is_ours(file, name)]
    if asked is not None:
        return names[find_named(asked, names, "`cluster_attr`", label, "column of obs")], []
    sure = [*(name for name in names if fold(name) == CLUSTER), *(n for n in names if n == KEY)]
    if sure or len(likely) == 1:
        key = [*sure, *likely][0]
        return key, [name for name in dict.fromkeys((*sure, *likely)) if name != key]
    if likely:
        raise InputError(
            f"{label}: obs has {some_of(likely)}, any of which may be the clusters; {_NAME_IT}"
        )
    there = f"; it has {some_of(names)}" if names else ""
    raise InputError(
        f"{label}: no column of obs is named 'cluster', '{KEY}' or as other tools name clusters"
        f"{there}; {_NAME_IT}"
    )


def _is_ours(file: h5py.File, name: str) -> bool:
    """Tell whether `put_clusters` has written a column."""
    kept: Any = file["uns"].get(name) if "uns" in file else None
    return hasattr(kept, "keys") and set(kept) >= PARTS


def _soft(file: h5py.File, key: str, count: int, label: str) -> np.ndarray | None:
    """The soft assignment beside a column, `[n, k]`; None where there is none.

    Raises:
        InputError: it is no matrix of numbers with a row for each observation.
    """
    import h5py

    name = soft_key(key)
    found = file["obsm"].get(name) if "obsm" in file else None
    if found is None:
        return None
    is_matrix = isinstance(found, h5py.Dataset) and found.ndim == 2 and found.dtype.kind in "fiu"
    if not is_matrix or len(found) != count:
        raise InputError(
            f"{label}: obsm['{name}'] is no matrix of numbers with a row for each observation"
        )
    return np.asarray(found[()])


def _are_numbered(soft: np.ndarray, clusters: Sequence[str]) -> bool:
    """Tell whether the columns of a soft assignment are those of the clusters 0, 1, 2, ..., which
    an AnnData does not say: vertices of each have the largest share of it, on average.
    """
    n, k = soft.shape
    place = {**{str(i): i for i in range(k)}, **dict.fromkeys(NONE, k)}
    labels = np.array([place.get(name, -1) for name in clusters], dtype=np.int64)
    if (labels < 0).any() or not np.isfinite(soft).all():
        return False
    of_cluster = sp.csr_array((np.ones(n), (labels, np.arange(n))), shape=(k + 1, n))
    used = np.flatnonzero(np.bincount(labels, minlength=k)[:k])
    return bool(((of_cluster @ soft)[used].argmax(axis=1) == used).all())
