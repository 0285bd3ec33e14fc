"""Levels of clusters: coarser ones that are unions of those given, and the tree that they are cut
from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, shown
from tvgnn_cli.explanation.given import clusters_of
from tvgnn_cli.explanation.made_of import made_of
from tvgnn_cli.explanation.merging import MOST_LEVELS, Tree, check_number, newick, tree_of
from tvgnn_cli.explanation.structure import structure_of
from tvgnn_cli.graph.labels import number_by_size
from tvgnn_cli.io.atomic import write_atomically
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.writers import write_table

if TYPE_CHECKING:
    import pandas as pd

TREE = (".nwk", ".newick", ".tree")
"""Suffixes of a tree in Newick's form."""


@dataclass(frozen=True, eq=False)
class Levels:
    """Levels of clusters.

    Args:
        name: stem of the graph's name.
        columns: `vertex`, `name` where vertices have names, `cluster`, and `cluster_l1`,
            `cluster_l2`, ... from fine to coarse, each numbered by size.
        numbers: clusters of each of these levels.
        tree: what they are cut from.
        clusters: names of the clusters, in the order of the tree's leaves.
        sizes: vertices of each, `[k]`.
        made_of: graph, clusters and version.
        notes: sentences that the summary shows.
    """

    name: str
    columns: Mapping[str, np.ndarray]
    numbers: tuple[int, ...]
    tree: Tree
    clusters: tuple[str, ...]
    sizes: np.ndarray
    made_of: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Name the graph and count the clusters of each level, in one line."""
        coarser = ", ".join(f"{number:,}" for number in self.numbers) or "none"
        return (
            f"<Levels {shown(self.name)}: {len(self.clusters):,} clusters; coarser levels: "
            f"{coarser}>"
        )

    def to_frame(self) -> pd.DataFrame:
        """A row for each vertex."""
        import pandas as pd

        return pd.DataFrame(dict(self.columns))

    @property
    def newick(self) -> str:
        """The tree in Newick's form, as programs for trees read it."""
        return newick(self.tree, self.clusters)

    @property
    def merges(self) -> dict[str, np.ndarray]:
        """A row for each merge: `node`, the two that it joins (`first`, `second`: clusters by name,
        nodes as `#` and their number), `size`, `over_chance` (edges between the two over those of
        chance), `clusters_left`.
        """
        names = np.array(
            [*self.clusters, *(f"#{i}" for i in range(len(self.tree.heights)))], dtype=object
        )
        count = np.arange(len(self.tree.heights))
        return {
            "node": names[self.tree.k + count],
            "first": names[self.tree.children[:, 0]],
            "second": names[self.tree.children[:, 1]],
            "size": self.tree.sizes,
            "over_chance": 1 / self.tree.heights,
            "clusters_left": self.tree.k - 1 - count,
        }

    def write(self, path: str | Path) -> None:
        """Write a row for each vertex to a `.csv`, `.tsv` or `.parquet` file, or the tree to a file
        of one of `TREE`.

        Raises:
            UsageError: an unknown suffix, or a target that cannot be written.
        """
        if Path(path).suffix.lower() in TREE:
            write_atomically(Path(path), self.newick.encode())
            return
        write_table(self.columns, str(path), dict(self.made_of))

    def write_merges(self, path: str | Path) -> None:
        """Write a row for each merge to a `.csv`, `.tsv` or `.parquet` file.

        Raises:
            UsageError: an unknown suffix, or a target that cannot be written.
        """
        write_table(self.merges, str(path), dict(self.made_of))


def levels(
    graph: Any,
    clusters: Any,
    *,
    most: int = MOST_LEVELS,
    cluster_attr: str | None = None,
    **options: Any,
) -> Levels:
    """Merge the clusters of any tool into coarser ones, by the edges between them against chance.

        tvgnn_cli.levels("graph.graphml", "graph.clusters.csv").to_frame()

    Args:
        graph: as for `cluster`.
        clusters: as for `explain`.
        most: levels above the clusters themselves, at most: those at which the next merge would be
            of much weaker ties than the last.
        cluster_attr: as for `evaluate`.
        **options: how the graph is read, by fields of `InputOptions`.

    Raises:
        UsageError: `most` is no number from 1.
        InputError: a file that cannot be read; vertices of one that the other lacks; too many
            clusters.
    """
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise UsageError(f"most is {most!r}; needs to be a whole number from 1")
    read = read_graph(graph, **options)
    if not read.num_vertices:
        raise InputError(f"{read.name}: has no vertices")
    found = clusters_of(clusters, read, cluster_attr)
    check_number(found.k, found.label)
    structure = structure_of(read, found.labels, found.k)
    tree = tree_of(structure)
    numbers = tree.numbers(most)
    names = np.array([*found.names, ""], dtype=object)
    columns = {
        "vertex": read.ids,
        **({} if read.names is None else {"name": read.names}),
        "cluster": names[found.labels],
    }
    for level, count in enumerate(numbers, start=1):
        labels = tree.groups(count)[found.labels]
        columns[f"cluster_l{level}"] = number_by_size(labels, count)[labels]
    return Levels(
        read.name, columns, tuple(numbers), tree, found.names, structure.sizes,
        made_of(read, found), (*read.all_notes, *found.notes, *_notes(tree, numbers)),
    )  # fmt: skip


def _notes(tree: Tree, numbers: list[int]) -> tuple[str, ...]:
    """Note where there is no level, and what no edge joins."""
    notes = []
    if not numbers:
        these = "this 1 cluster" if tree.k == 1 else f"these {tree.k} clusters"
        notes.append(f"no level above {these}: a coarser one needs three or more")
    apart = int(np.isinf(tree.heights).sum())
    if apart:
        notes.append(f"{apart + 1} groups of clusters have no edge between them; merged last")
    return tuple(notes)
