"""The steps of k-means: the nearest centres, and what is summed for new ones.

By numpy and scipy where no compiled pass serves, with the same bytes for all values whose doubles
are numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
import torch

from tvgnn_cli.kernels.library import call, usable


def nearest_centres(inner: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """The nearest centre of each point, the first of several, int64 `[n]`.

    Args:
        inner: products of points and centres, float32 or float64, `[n, k]`.
        norms: squared lengths of the centres, `[k]`.
    """
    products, lengths = torch.from_numpy(np.ascontiguousarray(inner)), torch.from_numpy(norms)
    if not usable(products, lengths):
        return np.asarray(np.argmin(norms - 2 * inner, axis=1))
    label = torch.empty(len(inner), dtype=torch.int64)
    sizes = {"n": inner.shape[0], "k": inner.shape[1]}
    call("nearest_centres", products.dtype, **sizes, inner=products, norms=lengths, label=label)
    return np.asarray(label.numpy())


def sums_of_clusters(x: Any, labels: np.ndarray, num_clusters: int) -> tuple[Any, np.ndarray]:
    """The sum of each cluster's points, added in their order, and how many it has.

    Args:
        x: the points, float32 or float64, dense or CSR, `[n, f]`.
        labels: from 0 to `num_clusters - 1`, int64 `[n]`.
        num_clusters: k.

    Returns:
        Sums, dense `[k, f]`, and sizes, int64 `[k]`.

    Raises:
        ValueError: a label of no cluster, or not one for each point.
    """
    if len(labels) != x.shape[0]:
        raise ValueError(f"`labels` has {len(labels)} values for {x.shape[0]} points")
    if len(labels) and not 0 <= labels.min() <= labels.max() < num_clusters:
        raise ValueError(f"`labels` are not all from 0 to {num_clusters - 1}")
    points = torch.from_numpy(x) if isinstance(x, np.ndarray) else None
    if points is None or not usable(points):
        return _sums_by_scipy(x, labels, num_clusters)
    sums = points.new_empty(num_clusters, x.shape[1])
    sizes = torch.empty(num_clusters, dtype=torch.int64)
    call(
        "sums_of_clusters", points.dtype, n=x.shape[0], width=x.shape[1], k=num_clusters,
        x=points, label=torch.from_numpy(labels), sizes=sizes, sums=sums,
    )  # fmt: skip
    return sums.numpy(), sizes.numpy()


def _sums_by_scipy(x: Any, labels: np.ndarray, num_clusters: int) -> tuple[Any, np.ndarray]:
    """By the product with a matrix that has a row of ones for each cluster."""
    sizes = np.bincount(labels, minlength=num_clusters)
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    members = np.argsort(labels, kind="stable")
    one = np.ones(len(labels), dtype=x.dtype)
    sums = sp.csr_array((one, members, bounds), shape=(num_clusters, len(labels))) @ x
    return (sums.toarray() if sp.issparse(sums) else sums), sizes
