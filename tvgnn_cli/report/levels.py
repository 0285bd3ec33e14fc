"""Levels of clusters in a report: what merges with what, in words and in a short table."""

from __future__ import annotations

import numpy as np

from tvgnn_cli.explanation.merging import MOST_CLUSTERS, MOST_LEVELS, Tree
from tvgnn_cli.explanation.subject import Subject
from tvgnn_cli.plots.palette import short
from tvgnn_cli.report.cells import number
from tvgnn_cli.report.parts import Section, Table

GROUPS = 4
"""Merged groups that a level names, the largest."""

MEMBERS = 6
"""Clusters that a group names, the largest."""

LETTERS = 24
"""Letters of a cluster's name among others."""


def no_levels(subject: Subject) -> str:
    """Say why there is no tree to look at; "" where there is one."""
    if subject.k < 3:
        return "levels: none; coarser clusters need three or more"
    if not subject.structure.between.nnz:
        return "levels: none; no edge joins any two clusters"
    if subject.k > MOST_CLUSTERS:
        return f"levels: left out; a tree is made of at most {MOST_CLUSTERS:,} clusters"
    return ""


def levels_section(subject: Subject) -> Section | None:
    """The merges of clusters in words, and the levels that their tree is cut at; None where there
    is nothing to see.
    """
    if no_levels(subject):
        return None
    tree = subject.tree
    head = [
        "clusters", "last merge, over chance", "next merge, over chance", "merged, largest first",
    ]  # fmt: skip
    rows = [_row(subject, count) for count in tree.numbers(MOST_LEVELS)]
    table = Table(head, rows, [True, True, True, False])
    return Section("Levels", [table] if rows else [], _told(subject))


def _row(subject: Subject, count: int) -> list[str]:
    """A level: its number of clusters, how strong the merges below and above are, and its
    groups.
    """
    tree = subject.tree
    over, done = over_chance(tree), tree.k - count
    groups = tree.groups(count)
    sizes = np.bincount(groups, subject.structure.sizes, count)
    merged = [group for group in np.argsort(-sizes, kind="stable").tolist()
              if (groups == group).sum() > 1]  # fmt: skip
    named = [_members(subject, np.flatnonzero(groups == group)) for group in merged[:GROUPS]]
    left = len(merged) - GROUPS
    told = "; ".join(named) + (f"; and {left:,} more" if left > 0 else "")
    return [f"{count:,}", number(float(over[done - 1])), number(float(over[done])), told]


def _members(subject: Subject, clusters: np.ndarray) -> str:
    """The clusters of a group by name, those of most vertices first."""
    order = clusters[np.argsort(-subject.structure.sizes[clusters], kind="stable")]
    named = [short(subject.clusters.names[i], LETTERS) for i in order[:MEMBERS].tolist()]
    left = len(order) - MEMBERS
    return " + ".join(named) + (f" + {left:,} more" if left > 0 else "")


def over_chance(tree: Tree) -> np.ndarray:
    """The weight of the edges between the two of each merge over that of chance, `[k - 1]`."""
    return np.asarray(1 / tree.heights)


def _told(subject: Subject) -> list[str]:
    """Sentences on the merges."""
    tree, names = subject.tree, subject.clusters.names
    over = over_chance(tree)
    one, other = (short(names[i], LETTERS) for i in tree.children[0].tolist())
    told = [
        f"Clusters are merged two at a time, those with most edges between them against chance "
        f"first. These are {one} and {other}, with {number(float(over[0]))} times the weight that "
        "chance would put there."
    ]
    stronger = int((over > 1).sum())
    if not stronger:
        told.append("No two have more than chance: edges give no reason to merge any.")
    elif stronger < len(over):
        told.append(
            f"Down to {tree.k - stronger:,} clusters each merge joins two with more edges between "
            "them than by chance; those after that join two with fewer."
        )
    told.append(_last(subject, over))
    told.append("tvgnn levels writes the cluster of each vertex at each level, and all merges.")
    return told


def _last(subject: Subject, over: np.ndarray) -> str:
    """A sentence on what is merged last."""
    apart = int((over == 0).sum())
    if apart:
        return f"{apart + 1:,} groups of clusters have no edge between them."
    groups = subject.tree.groups(2)
    one, other = (_led(subject, np.flatnonzero(groups == group)) for group in (0, 1))
    return f"Merged last are {one} and {other}, with {number(float(over[-1]))} times."


def _led(subject: Subject, clusters: np.ndarray) -> str:
    """A group of clusters by its largest."""
    first = clusters[int(np.argmax(subject.structure.sizes[clusters]))]
    name, more = short(subject.clusters.names[first], LETTERS), len(clusters) - 1
    return f"{name} with {more:,} {'other' if more == 1 else 'others'}" if more else name
