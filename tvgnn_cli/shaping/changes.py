"""Changes from one partition to the next: vertices that moved, clusters that are new, gone, split
or merged.

A cluster comes from the earlier cluster that more than half of its vertices were in, and an earlier
cluster went into the one that has more than half of its vertices now, of those that have a cluster
in both. An earlier cluster is split if two or more come from it, and a cluster is merged if two or
more went into it.

Source: the overlap shares of Spiliopoulou et al., "MONIC: modeling and monitoring cluster
transitions", 2006, with 1/2 as threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tvgnn_cli.errors import counted, shown, some_of
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.graph.matching import Overlap

SAME, SPLIT, MERGED, MOVED, NEW, GONE = "same", "split", "merged", "moved", "new", "gone"
"""Kinds of rows in the table of changes."""


@dataclass(frozen=True, eq=False)
class Changes:
    """Changes from an earlier partition to a later one.

    Args:
        names: of the later clusters, as they are numbered now, text `[k]`.
        earlier: names of the earlier ones.
        overlap: the later clusters, and the earlier ones.
        matched: earlier cluster that each is matched with, `[k]`; -1 for none.
        sizes: vertices of each later cluster, `[k]`.
        moved: vertices that have a cluster in both, and not the same.
        added: vertices that have a cluster now and had none.
        removed: vertices that had a cluster and have none.
        label: what the earlier clusters come from.
    """

    names: tuple[str, ...]
    earlier: tuple[str, ...]
    overlap: Overlap
    matched: np.ndarray
    sizes: np.ndarray
    moved: int
    added: int
    removed: int
    label: str

    def __repr__(self) -> str:
        """Name the earlier clusters and count the vertices that moved, in one line."""
        return (
            f"<Changes from {shown(self.label)}: {counted(self.moved, 'vertex')} moved, "
            f"{self.added:,} new, {self.removed:,} gone>"
        )

    @property
    def comes_from(self) -> np.ndarray:
        """The earlier cluster that more than half of each later one's vertices were in, `[k]`; -1
        for none.
        """
        found, each = self.overlap, np.full(self.overlap.ones, UNKNOWN)
        most = 2 * found.shared > found.of_one[found.one]
        each[found.one[most]] = found.other[most]
        return each

    @property
    def goes_into(self) -> np.ndarray:
        """The later cluster that has more than half of each earlier one's vertices; -1 for none."""
        found, each = self.overlap, np.full(self.overlap.others, UNKNOWN)
        most = 2 * found.shared > found.of_other[found.other]
        each[found.other[most]] = found.one[most]
        return each

    @property
    def new(self) -> np.ndarray:
        """Later clusters with vertices that are matched with no earlier one."""
        return np.flatnonzero((self.matched == UNKNOWN) & (self.sizes > 0))

    @property
    def gone(self) -> np.ndarray:
        """Earlier clusters that are matched with no later one."""
        return np.setdiff1d(np.arange(self.overlap.others), self.matched)

    @property
    def split(self) -> np.ndarray:
        """Earlier clusters that two or more later ones come from."""
        return _repeated(self.comes_from, self.overlap.others)

    @property
    def merged(self) -> np.ndarray:
        """Later clusters that two or more earlier ones went into."""
        return _repeated(self.goes_into, self.overlap.ones)

    def metrics(self) -> dict[str, Any]:
        """Count them, as metrics."""
        return {
            "matched_with": self.label,
            "vertices_moved": self.moved,
            "vertices_new": self.added,
            "vertices_gone": self.removed,
            "clusters_new": len(self.new),
            "clusters_gone": len(self.gone),
            "clusters_split": len(self.split),
            "clusters_merged": len(self.merged),
        }

    def notes(self) -> tuple[str, ...]:
        """Say them in words."""
        both = int(self.overlap.shared.sum())
        share = f" ({self.moved / both:.1%})" if both else ""
        notes = [
            f"since {self.label}: {self.moved:,} of {counted(both, 'vertex')} moved{share}, "
            f"{self.added:,} are new, {self.removed:,} are gone"
        ]
        from_, into = self.comes_from, self.goes_into
        parts = {
            "new": _listed(self.names[i] for i in self.new),
            "gone": _listed(self.earlier[i] for i in self.gone),
            "split": _listed(
                f"{self.earlier[i]} into {_joined(self.names, from_ == i)}" for i in self.split
            ),
            "merged": _listed(
                f"{_joined(self.earlier, into == i)} into {self.names[i]}" for i in self.merged
            ),
        }
        told = [f"{what} {each}" for what, each in parts.items() if each]
        return (*notes, f"clusters since {self.label}: {'; '.join(told) or 'the same ones'}")

    def columns(self) -> dict[str, Any]:
        """A row for each two clusters that share vertices, for each new and for each gone one.

        `share` is of the cluster's vertices, `share_of_previous` of the earlier cluster's, of those
        that have a cluster in both; `what` is one of `SAME`, `SPLIT` (it comes from there, and is
        not the same), `MERGED` (the earlier one went into it), `MOVED` (some vertices did), `NEW`
        and `GONE`.
        """
        found = self.overlap
        order = np.lexsort((found.other, -found.shared, found.one))
        one, other, shared = found.one[order], found.other[order], found.shared[order]
        what = np.full(len(one), MOVED, dtype=object)
        what[self.goes_into[other] == one] = MERGED
        what[self.comes_from[one] == other] = SPLIT
        what[self.matched[one] == other] = SAME
        new, gone = self.new, self.gone
        nothing = np.zeros(len(new) + len(gone))
        later = np.array([*self.names, ""], dtype=object)
        before = np.array([*self.earlier, ""], dtype=object)
        return {
            "cluster": later[np.concatenate([one, new, np.full(len(gone), -1)])],
            "previous": before[np.concatenate([other, np.full(len(new), -1), gone])],
            "vertices": np.concatenate([shared, nothing.astype(np.int64)]),
            "share": np.concatenate([shared / found.of_one[one], nothing]),
            "share_of_previous": np.concatenate([shared / found.of_other[other], nothing]),
            "what": np.concatenate([what, [NEW] * len(new), [GONE] * len(gone)]).astype(object),
        }


def _repeated(values: np.ndarray, count: int) -> np.ndarray:
    """Numbers below `count` that are there twice or more."""
    return np.flatnonzero(np.bincount(values[values != UNKNOWN], minlength=count) > 1)


def _listed(names: Any) -> str:
    return some_of(list(names))


def _joined(names: tuple[str, ...], chosen: np.ndarray) -> str:
    return some_of([names[i] for i in np.flatnonzero(chosen)])
