"""A tree of clusters: those with most edges between them, against chance, are merged first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tvgnn_cli.errors import InputError
from tvgnn_cli.explanation.structure import Structure

MOST_CLUSTERS = 5000
"""Clusters of a tree: each two of them are compared."""

MOST_LEVELS = 3
"""Levels that are cut from a tree where no number is asked for."""


@dataclass(frozen=True, eq=False)
class Tree:
    """A binary tree over k clusters, whose inner nodes are numbered from k on, lowest first.

    Args:
        children: the two nodes of each merge, int64 `[k - 1, 2]`.
        heights: of each merge, `[k - 1]`, not falling: chance over the edges between the two, so
            that 1 is as many as by chance, and infinity none.
        sizes: vertices under each merge, int64 `[k - 1]`.
    """

    children: np.ndarray
    heights: np.ndarray
    sizes: np.ndarray

    @property
    def k(self) -> int:
        return len(self.heights) + 1

    def groups(self, count: int) -> np.ndarray:
        """The group of each cluster, int64 `[k]`, where merges go on until so many are left."""
        return np.unique(self._nodes(count), return_inverse=True)[1]

    def top(self, count: int) -> Tree:
        """The part of the tree above so many groups, which are its leaves, numbered as `groups`
        numbers them.
        """
        leaves, done = np.unique(self._nodes(count)), self.k - count
        number = np.full(2 * self.k - 1, -1, dtype=np.int64)
        number[leaves] = np.arange(count)
        number[self.k + done :] = np.arange(count, 2 * count - 1)
        return Tree(number[self.children[done:]], self.heights[done:], self.sizes[done:])

    def _nodes(self, count: int) -> np.ndarray:
        """The node that stands for each cluster's group, `[k]`, where so many are left."""
        parent = np.arange(2 * self.k - 1)
        for node, pair in enumerate(self.children[: self.k - count], start=self.k):
            parent[pair] = node
        for node in range(len(parent) - 1, -1, -1):  # a parent comes after its children
            parent[node] = parent[parent[node]]
        return np.asarray(parent[: self.k])

    def numbers(self, most: int) -> list[int]:
        """The numbers of groups, at most so many and the largest first, at which the next merge is
        that of the largest step in height.
        """
        heights = np.log(np.minimum(self.heights, np.finfo(float).max))
        steps = np.diff(heights)  # the i-th is where k - 1 - i groups are left
        counts = self.k - 1 - np.arange(len(steps))
        order = np.lexsort((-counts, -steps))
        return sorted((int(counts[i]) for i in order[:most] if steps[i] > 0), reverse=True)


def check_number(k: int, label: str) -> None:
    """Refuse more clusters than a tree is made of.

    Args:
        k: clusters.
        label: what they come from.

    Raises:
        InputError: saying so.
    """
    if k > MOST_CLUSTERS:
        raise InputError(f"{label}: {k:,} clusters; a tree is made of at most {MOST_CLUSTERS:,}")


def tree_of(structure: Structure) -> Tree:
    """Merge clusters by the weight of the edges between them against chance, two at a time.

    The weight of two is `w / (vol_a vol_b / vol)`, and after a merge that of the sums: of all
    merges that can be next, the one of the largest weight is (by chains of nearest neighbours).

    Source: Bonald, Charpentier, Galland & Hollocou, "Hierarchical graph clustering using node pair
    sampling", 2018.
    """
    k = len(structure.sizes)
    # By a power of 2, which changes no digit, so that products of large weights are finite.
    scale = -int(np.frexp(structure.volume.sum())[1])
    volume = np.ldexp(np.maximum(structure.volume.astype(float), 0), scale)
    weight = np.ldexp(np.asarray(structure.between.todense(), dtype=float), scale)
    total = max(volume.sum(), 1e-300)
    weakest = np.full(k, np.inf)  # merge among those that made each cluster
    alive, merges = np.ones(k, dtype=bool), list[tuple[int, int, float]]()
    chain = list[int]()
    while len(merges) < k - 1:
        if not chain:
            chain = [int(np.flatnonzero(alive)[0])]
        last = chain[-1]
        chance = volume * volume[last]
        similar = np.divide(weight[last] * total, chance, out=np.zeros(k), where=chance > 0)
        similar[~alive], similar[last] = -1, -1
        near = int(similar.argmax())
        if len(chain) > 1 and similar[chain[-2]] >= similar[near]:
            near = chain[-2]
            one, other = sorted((last, near))
            # None is stronger than those before it, but for the rounding of sums.
            weakest[one] = min(float(similar[near]), weakest[one], weakest[other])
            merges.append((one, other, float(weakest[one])))
            weight[one] += weight[other]
            weight[:, one] += weight[:, other]
            volume[one] += volume[other]
            alive[other] = False
            chain = chain[:-2]
        else:
            chain.append(near)
    return _in_order(merges, structure.sizes)


def _in_order(merges: list[tuple[int, int, float]], sizes: np.ndarray) -> Tree:
    """The tree of merges, each of two clusters that stand for all that were merged into them, the
    strongest first, and of equals the first; none is stronger than those that it follows.
    """
    k = len(sizes)
    node, size = np.arange(k), sizes.astype(np.int64).copy()
    order = sorted(range(len(merges)), key=lambda i: (-merges[i][2], i))
    children, heights, under = [], [], []
    for number, at in enumerate(order, start=k):
        one, other, similar = merges[at]
        children.append(sorted((int(node[one]), int(node[other]))))
        heights.append(1 / similar if similar > 0 else np.inf)
        size[one] += size[other]
        under.append(int(size[one]))
        node[one] = number
    return Tree(
        np.array(children, dtype=np.int64).reshape(-1, 2),
        np.array(heights, dtype=float),
        np.array(under, dtype=np.int64),
    )


def newick(tree: Tree, names: tuple[str, ...]) -> str:
    """Write a tree in Newick's form: `('a':1.5,'b':1.5);`, lengths of branches the differences of
    heights. What no edge joins is joined at twice the height of the rest.

    Args:
        tree: the tree.
        names: of the clusters, in any characters; line ends and tabs become spaces.
    """
    finite = tree.heights[np.isfinite(tree.heights)]
    top = 2 * float(finite.max()) if len(finite) else 1.0
    height = np.concatenate(
        [np.zeros(tree.k), np.where(np.isfinite(tree.heights), tree.heights, top)]
    )
    written = ["'" + " ".join(name.replace("'", "''").split()) + "'" for name in names]
    for node, (one, other) in enumerate(tree.children, start=tree.k):
        parts = (f"{written[child]}:{height[node] - height[child]:.6g}" for child in (one, other))
        written.append(f"({','.join(parts)})")
    return f"{written[-1]};\n" if written else ";\n"
