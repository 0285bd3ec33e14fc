"""Tables with a row for each graph: `graph,label[,split]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tvgnn_cli.errors import InputError, first_and_rest, shown
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.io.graph_sets.found import refuse_twice
from tvgnn_cli.io.graph_sets.headed import Headed, read_headed
from tvgnn_cli.io.graph_sets.words import classes_of_graphs, part_of
from tvgnn_cli.io.names import CLASSES, fold
from tvgnn_cli.io.source import Source


@dataclass(frozen=True, eq=False)
class Listing:
    """Graphs by name, each with its class.

    Args:
        table: that they are listed in.
        graphs: names `[r]`, none of them twice.
        labels: class of each as text; None where the table has none.
        split: part of each; None where the table says none.
        notes: sentences that the summary shows.
    """

    table: Headed
    graphs: list[str]
    labels: list[str] | None
    split: list[str] | None
    notes: tuple[str, ...] = ()

    def where(self, row: int) -> str:
        """The place of a row in the file."""
        return self.table.where(row)


def read_listing(source: Source) -> Listing:
    """Read a table with the columns `graph`, `label` and, where there is one, `split`.

    Raises:
        InputError: no column `graph`; another column where `label` should be; an empty name, or one
            that is there twice; a part that is not known.
    """
    table = read_headed(source)
    graphs = table.need("graph").to_pylist()
    for row, name in enumerate(graphs):
        if not name:
            raise InputError(f"{table.where(row)}: names no graph; fill it in or leave it out")
    refuse_twice(graphs, table.where)
    labels = table.find("label")
    if labels is None:
        _refuse_misnamed(table)
    split = table.find("split")
    parts = None
    if split is not None:
        parts = [part_of(word, table.where(row)) for row, word in enumerate(split.to_pylist())]
    notes = () if labels is not None else (f"classes: {table.label} has no column 'label'",)
    return Listing(
        table, graphs, None if labels is None else labels.to_pylist(), parts,
        (*notes, *table.unread()),
    )  # fmt: skip


def _refuse_misnamed(table: Headed) -> None:
    """Refuse a column that may well be meant as the classes, under another name."""
    meant = {*CLASSES, "labels", "classes", "targets"}
    likely = [name for name in table.names if fold(name) in meant]
    if likely:
        raise InputError(
            f"{table.label}: line 1: the column of classes is named 'label', not {shown(likely[0])}"
        )


def with_listing(graphs: GraphSet, listing: Listing) -> GraphSet:
    """The set with the classes, and the parts, that a table gives its graphs by id.

    Raises:
        InputError: a row for a graph that the set lacks.
    """
    place = {name: i for i, name in enumerate(graphs.ids.tolist())}
    for row, name in enumerate(listing.graphs):
        if name not in place:
            raise InputError(
                f"{listing.where(row)}: there is no graph {shown(name)}; the ids of graphs are "
                f"{_some(list(place))}"
            )
    rows = [place[name] for name in listing.graphs]
    lacking = sorted(set(range(graphs.num_graphs)) - set(rows))
    notes = [
        *(n for n in graphs.notes if listing.labels is None or not n.startswith("classes: ")),
        *listing.notes,
    ]
    if lacking:
        shown_ids = first_and_rest([shown(graphs.ids[i])[1:-1] for i in lacking])
        notes.append(f"graphs without a row in {listing.table.label}: {shown_ids}")
    if listing.labels is not None:
        found = classes_of_graphs(_spread(listing.labels, rows, graphs.num_graphs))
        notes += [f"classes: {listing.table.label}", *found.notes]
        graphs = replace(graphs, y=found.y, class_names=found.names)
    if listing.split is not None:
        split = np.array(_spread(listing.split, rows, graphs.num_graphs), dtype=object)
        graphs = replace(graphs, split=split if (split != "").any() else None)
    return replace(graphs, notes=tuple(notes))


def _some(ids: list[str]) -> str:
    listed = ", ".join(shown(name, 20) for name in ids[:3])
    return listed + (", ..." if len(ids) > 3 else "")


def _spread(values: Sequence[str], places: Sequence[int], count: int) -> list[str]:
    spread = [""] * count
    for place, value in zip(places, values, strict=True):
        spread[place] = value
    return spread
