"""Numbers of clusters that were tried, and the choice of one of them, in words."""

from __future__ import annotations

from dataclasses import dataclass

NEAR = 0.99
"""Share of the best support from which a larger number is as good."""


@dataclass(frozen=True)
class Tried:
    """Clusters of one number.

    Args:
        num_clusters: K.
        bits: by which they shorten a description of the edges, of an edge.
        support: share of a vertex's cluster that edges and features tell; None where features do
            not count.
    """

    num_clusters: int
    bits: float
    support: float | None = None

    @property
    def score(self) -> float:
        """Number by which it is compared with others, the larger the better."""
        return self.bits if self.support is None else self.support


@dataclass(frozen=True)
class Choice:
    """Choice of a number of clusters.

    Args:
        num_clusters: the one that is taken.
        tried: all that were, the smallest first.
        view: what the clusters were sought in.
        is_sure: whether anything speaks for clusters at all.
        is_open: whether larger numbers were left out.
    """

    num_clusters: int
    tried: tuple[Tried, ...]
    view: str
    is_sure: bool
    is_open: bool = False

    @property
    def taken(self) -> Tried:
        """The one that is taken."""
        return next(each for each in self.tried if each.num_clusters == self.num_clusters)

    @property
    def next_best(self) -> tuple[Tried, ...]:
        """The two best of the others."""
        others = [each for each in self.tried if each is not self.taken]
        return tuple(sorted(others, key=lambda each: -each.score)[:2])

    @property
    def notes(self) -> tuple[str, ...]:
        """Say what was chosen, by what, and what came close."""
        by_edges = self.taken.support is None
        what = (
            "bits an edge that they save in a description of the edges"
            if by_edges
            else "share of a vertex's cluster that edges and features tell"
        )
        others = "; ".join(f"{each.num_clusters}: {each.score:.3f}" for each in self.next_best)
        span = f"{self.tried[0].num_clusters} to {self.tried[-1].num_clusters}"
        found = [
            f"number of clusters: {self.num_clusters} of {span}, by {what}: "
            f"{self.taken.score:.3f}" + (f" (next: {others})" if others else "")
        ]
        if self.is_open and self.num_clusters == self.tried[-1].num_clusters:
            found.append(
                "warning: that is the largest number that was tried; give `num_clusters` a wider "
                "range"
            )
        if not self.is_sure and by_edges:
            found.append(
                "warning: no number of clusters is better than one cluster by that: to name them "
                "costs more than it saves"
            )
        elif not self.is_sure:
            found.append(
                "warning: no number of clusters has evidence: what they foretell of edges and "
                "features may be chance"
            )
        return tuple(found)
