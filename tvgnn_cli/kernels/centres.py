"""The steps of k-means on dense points by compiled passes: the nearest centres, and what is summed
for new ones. Where no pass serves, the caller has forms of its own with the same bytes.
"""

from __future__ import annotations

import numpy as np
import torch

from tvgnn_cli.kernels.library import call, usable


def nearest_centres(inner: np.ndarray, norms: np.ndarray) -> np.ndarray | None:
    """The nearest centre of each point, the first of several, int64 `[n]`: numpy's `argmin` of
    `norms - 2 * inner`, unless twice a product is too large for its type. None where no pass
    serves.

    Args:
        inner: products of points and centres, float32 or float64, `[n, k]`.
        norms: squared lengths of the centres, `[k]`.
    """
    products, lengths = torch.from_numpy(np.ascontiguousarray(inner)), torch.from_numpy(norms)
    if not usable(products, lengths):
        return None
    label = torch.empty(len(inner), dtype=torch.int64)
    sizes = {"n": inner.shape[0], "k": inner.shape[1]}
    call("nearest_centres", products.dtype, **sizes, inner=products, norms=lengths, label=label)
    return np.asarray(label.numpy())


def sums_of_clusters(
    x: np.ndarray, labels: np.ndarray, num_clusters: int
) -> tuple[np.ndarray, np.ndarray] | None:
    """The sum of each cluster's points, added in their order, and how many it has. None where no
    pass serves.

    Args:
        x: the points, float32 or float64, `[n, f]`.
        labels: from 0 to `num_clusters - 1`, int64 `[n]`.
        num_clusters: k.

    Returns:
        Sums `[k, f]` and sizes, int64 `[k]`.

    Raises:
        ValueError: a label of no cluster, or not one for each point.
    """
    if len(labels) != len(x):
        raise ValueError(f"`labels` has {len(labels)} values for {len(x)} points")
    if len(labels) and not 0 <= labels.min() <= labels.max() < num_clusters:
        raise ValueError(f"`labels` are not all from 0 to {num_clusters - 1}")
    points = torch.from_numpy(x)
    if not usable(points):
        return None
    sums = points.new_empty(num_clusters, x.shape[1])
    sizes = torch.empty(num_clusters, dtype=torch.int64)
    call(
        "sums_of_clusters", points.dtype, n=x.shape[0], width=x.shape[1], k=num_clusters,
        x=points, label=torch.from_numpy(labels), sizes=sizes, sums=sums,
    )  # fmt: skip
    return sums.numpy(), sizes.numpy()
