"""k-means on a device: many starts at once, each as `prepare.kmeans` makes them, from other random
numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli.machine.device import product_precision
from tvgnn_cli.prepare.kmeans import MOST_STEPS, Clusters, draws_of_a_centre
from tvgnn_cli.prepare.points import TOLERANCE


def many_clusters(
    x: np.ndarray, num_clusters: int, starts: int, seed: int, device: torch.device
) -> list[Clusters]:
    """The clusters of several k-means++ starts on dense points `[n, f]`, in their order. The same
    seed gives the same ones, on one device.
    """
    points = torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32)).to(device)
    points = points - points.mean(dim=0)
    random = torch.Generator(device).manual_seed(seed)
    with product_precision("float32", device):
        search = _Search(points, num_clusters, random)
        return list(search.found(search.first_centres(starts)))


class _Search:
    """Starts of k-means on points `[n, f]`, whose mean is 0; s of them at a time.

    Args:
        points: on the device.
        num_clusters: k.
        random: of the first centres.
    """

    def __init__(self, points: Tensor, num_clusters: int, random: torch.Generator) -> None:
        self.x, self.k, self.random = points, num_clusters, random
        self._squares = points.square().sum(dim=1)
        self._settled = float(points.var(dim=0, correction=0).mean() * TOLERANCE)

    def first_centres(self, starts: int) -> Tensor:
        """Centres `[s, k, f]` among the points, as `kmeans.first_centres` draws them: a point's
        chance is in proportion to its distance, by the smallest of exponential variables.
        """
        x, (n, f), tries = self.x, self.x.shape, draws_of_a_centre(self.k)
        drawn = torch.rand(starts, generator=self.random, device=x.device)
        chosen = [(drawn * n).long().clamp(max=n - 1)]
        nearest = self._squared_distances(x[chosen[0]])
        for _ in range(1, self.k):
            race = torch.empty(starts, tries, n, device=x.device)
            race.exponential_(generator=self.random)
            candidates = (race / nearest.unsqueeze(1)).argmin(dim=2)
            distances = self._squared_distances(x[candidates.reshape(-1)])
            distances = torch.minimum(distances.view(starts, tries, n), nearest.unsqueeze(1))
            best = distances.sum(dim=2).argmin(dim=1, keepdim=True)
            nearest = distances.gather(1, best.unsqueeze(2).expand(-1, -1, n)).squeeze(1)
            chosen.append(candidates.gather(1, best).squeeze(1))
        return x[torch.stack(chosen, dim=1).reshape(-1)].view(starts, self.k, f)

    def found(self, centres: Tensor) -> Iterator[Clusters]:
        """The clusters that Lloyd's iteration comes to from centres `[s, k, f]`."""
        labels = torch.full((len(centres), len(self.x)), -1, device=self.x.device)
        going = torch.arange(len(centres), device=self.x.device)
        for _ in range(MOST_STEPS):
            old = centres[going]
            near = self._nearest(old)
            new = self._means(near, old)
            alike = (near == labels[going]).all(dim=1)
            moved = (new - old).square().sum(dim=(1, 2))
            labels[going], centres[going] = near, new
            still = ~alike & ~(moved <= self._settled)
            going = going[still]
            if not len(going):
                break
        for each, own in zip(centres, self._nearest(centres), strict=True):
            inertia = (self.x - each[own]).square().sum(dim=1).sum(dtype=torch.float64)
            yield Clusters(own.cpu().numpy(), float(inertia))

    def _squared_distances(self, others: Tensor) -> Tensor:
        """From `others` `[m, f]` to all points, `[m, n]`."""
        between = others @ self.x.t()
        between.mul_(-2).add_(others.square().sum(dim=1, keepdim=True)).add_(self._squares)
        return between.clamp_(min=0)

    def _nearest(self, centres: Tensor) -> Tensor:
        """The nearest of each start's centres to each point, `[s, n]`."""
        flat = centres.flatten(0, 1)
        between = (flat @ self.x.t()).mul_(-2).add_(flat.square().sum(dim=1, keepdim=True))
        return between.view(*centres.shape[:2], -1).argmin(dim=1)

    def _means(self, labels: Tensor, centres: Tensor) -> Tensor:
        """The mean of each cluster's points, `[s, k, f]`; a cluster that none is nearest to takes
        the point that is farthest from its own centre.
        """
        s, n = labels.shape
        one = torch.zeros(s, self.k, n, device=self.x.device)
        one.scatter_(1, labels.unsqueeze(1), 1.0)
        sums = (one.flatten(0, 1) @ self.x).view(s, self.k, -1)
        sizes = one.sum(dim=2)
        for start in torch.nonzero((sizes == 0).any(dim=1)).flatten().tolist():
            self._fill_empty(labels[start], centres[start], sums[start], sizes[start])
        return sums / sizes.clamp(min=1).unsqueeze(2)

    def _fill_empty(self, labels: Tensor, centres: Tensor, sums: Tensor, sizes: Tensor) -> None:
        """Move the farthest points of one start into its clusters that are empty, one each."""
        empty = torch.nonzero(sizes == 0).flatten()
        distances = (self.x - centres[labels]).square().sum(dim=1)
        if not float(distances.max()) > 0:
            return  # fewer distinct points than clusters
        for new, point in zip(empty, distances.topk(len(empty)).indices, strict=True):
            own = labels[point]
            sums[own] -= self.x[point]
            sizes[own] -= 1
            sums[new], sizes[new] = self.x[point], 1
