"""Clusters put into an AnnData; needs the object, not the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from tvgnn_cli.io.vertex_columns import joined

BESIDE = ("confidence", "stability", "cluster_label", "clusters")
"""Columns of a result that go into `obs` beside the clusters, under their key and their name."""

PARTS = {"params", "metrics", "notes"}
"""Parts of a run that `uns` has under its key."""


def soft_key(key: str) -> str:
    """Key of `obsm` under which the soft assignment is, beside clusters under a key of `obs`."""
    return f"{key}_proba"


def put_clusters(
    adata: Any,
    key: str,
    labels: np.ndarray,
    assignment: np.ndarray | None,
    metrics: Mapping[str, Any],
    params: Mapping[str, Any],
    notes: Sequence[str] = (),
    beside: Mapping[str, np.ndarray] = MappingProxyType({}),
) -> None:
    """Write clusters into an AnnData, in the place of those of an earlier run under this key.

    `obs[key]` is a categorical of texts, `obs[key + "_confidence"]` and the like what is known
    beside it (`BESIDE`), `obsm[key + "_proba"]` the soft assignment, `uns[key]` a dictionary of
    `params`, `metrics` and `notes`, without those that are None.

    Args:
        adata: an AnnData with an observation for each vertex, in their order.
        key: where they go.
        labels: hard clusters, `[n]`.
        assignment: S `[n, k]`; None of a method that has none.
        metrics: what came of the run.
        params: how it was run.
        notes: what its reader might not expect.
        beside: columns of the result, `[n]` each, by `BESIDE`; see `beside_of`.
    """
    import pandas as pd

    has_earlier = has_clusters(adata, key)

    # Objects, because anndata up to 0.12 cannot write the texts that pandas 3 makes of them.
    def categorical(values: np.ndarray) -> Any:
        known, codes = np.unique(values, return_inverse=True)
        return pd.Categorical.from_codes(codes, pd.Index(list(map(str, known)), dtype=object))

    adata.obs[key] = categorical(labels)
    soft = soft_key(key)
    if assignment is not None:
        adata.obsm[soft] = assignment
    elif soft in adata.obsm:
        del adata.obsm[soft]
    for name in BESIDE:
        column, values = f"{key}_{name}", beside.get(name)
        if values is not None:
            adata.obs[column] = categorical(values) if values.dtype == object else values
        elif has_earlier and column in adata.obs:
            del adata.obs[column]
    adata.uns[key] = {
        "params": {name: value for name, value in params.items() if value is not None},
        "metrics": {name: value for name, value in metrics.items() if value is not None},
        "notes": np.array(notes, dtype=str),
    }


def beside_of(
    columns: Mapping[str, np.ndarray], confidence: np.ndarray | None
) -> dict[str, np.ndarray]:
    """The columns of a result that `put_clusters` writes beside its clusters.

    Args:
        columns: as of its table.
        confidence: as it was measured; None where that of the columns is the largest of each row,
            which the soft assignment has.
    """
    found = {name: columns[name] for name in BESIDE if name in columns}
    if confidence is None:
        found.pop("confidence", None)
    several = found.get("clusters")
    if several is not None and len(several) and isinstance(several[0], tuple):
        found["clusters"] = joined(several)
    return found


def has_clusters(adata: Any, key: str) -> bool:
    """Tell whether what an AnnData has under this key is `put_clusters`' work."""
    kept = adata.uns.get(key)
    return isinstance(kept, Mapping) and set(kept) >= PARTS
