"""k-means on dense points by compiled passes: steps of Lloyd's iteration, and their parts, the
nearest centres and what is summed for new ones. Where no pass serves, the caller has forms of its
own; those of the parts have the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from tvgnn_cli.kernels.library import call, constant, usable


@dataclass(frozen=True)
class Steps:
    """Outcome of some steps of Lloyd's iteration.

    Args:
        taken: how many there were.
        changed: whether the last one gave a point another centre.
        settled: whether that was the end, with labels of the last centres.
        empty: whether a centre is nearest to no point, and the last step has not moved them.
    """

    taken: int
    changed: bool
    settled: bool
    empty: bool


def lloyd(
    x: np.ndarray, labels: np.ndarray, centres: np.ndarray, tolerance: float, most: int
) -> Steps | None:
    """Take steps of Lloyd's iteration until a label of none changes, centres have moved by no more
    than a tolerance, or one is nearest to no point. None where no pass serves.

    Args:
        x: the points, float32 or float64, `[n, f]`.
        labels: of the step before, int64 `[n]`; those of the last step are written to them.
        centres: `[k, f]`, of the points' type; moved in place.
        tolerance: sum of the squared shifts of all centres at which they have settled.
        most: steps at most.

    Raises:
        ValueError: no centres, or other numbers of labels or columns.
    """
    (n, width), k = x.shape, len(centres)
    if len(labels) != n or not k or centres.shape[1] != width:
        raise ValueError(f"{len(labels)} labels, and centres {centres.shape}, for {x.shape} points")
    points, ends = torch.from_numpy(x), torch.from_numpy(centres)
    if not usable(points, ends):
        return None
    on_line = constant("line_bytes") // points.element_size()
    turned = points.new_empty(torch.get_num_threads(), width, on_line)
    state = torch.empty(3, dtype=torch.int64)
    call(
        "lloyd", points.dtype, n=n, k=k, width=width, most=most, tolerance=tolerance, x=points,
        turned=turned, norms=points.new_empty(k), sums=points.new_empty(k, width),
        sizes=torch.empty(k, dtype=torch.int64), centres=ends, label=torch.from_numpy(labels),
        state=state,
    )  # fmt: skip
    taken, changed, ended = state.tolist()
    return Steps(taken, bool(changed), ended == constant("settled"), ended == constant("empty"))


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
