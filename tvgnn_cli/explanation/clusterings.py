"""Clusterings of the same vertices, in whatever form each is given."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, first_and_rest
from tvgnn_cli.evaluation.grouping import Named, is_in_order, is_path, named
from tvgnn_cli.graph.graph import index_ids
from tvgnn_cli.graph.labels import encode_labels, has_noise
from tvgnn_cli.io.companions import array_of
from tvgnn_cli.io.content import held
from tvgnn_cli.io.source import Source


@dataclass(frozen=True, eq=False)
class Clusterings:
    """Clusterings by vertex.

    Args:
        ids: of all vertices.
        names: of the clusterings, for messages.
        codes: clusters of the vertices of each, -1 for one without, in its order.
        rows: positions of these vertices; None where they are all, in their order.
        notes: which columns of files were chosen.
    """

    ids: list[str]
    names: list[str]
    codes: list[np.ndarray]
    rows: list[np.ndarray | None]
    notes: list[str] = field(default_factory=list)

    @property
    def are_alike(self) -> bool:
        """Tell whether all have the same vertices in the same order."""
        return all(rows is None for rows in self.rows)

    def labels(self) -> list[np.ndarray]:
        """Clusters of all vertices, -1 for those that a clustering lacks, `[n]` each."""
        found = []
        for codes, rows in zip(self.codes, self.rows, strict=True):
            labels = codes
            if rows is not None:
                labels = np.full(len(self.ids), -1, dtype=codes.dtype)
                labels[rows] = codes
            found.append(labels)
        return found


def clusterings_of(clusterings: Sequence[Any], asked: str | None = None) -> Clusterings:
    """The clusterings by vertex.

    Args:
        clusterings: in whatever form each is given.
        asked: the column or attribute with the clusters of each that a user names.

    Raises:
        InputError: one cannot be read.
        UsageError: some are in the order of the vertices and some by id; a column of clusterings
            that have none.
    """
    sources = [held(Source(os.fspath(each))) if is_path(each) else each for each in clusterings]
    in_order = [is_in_order(each) for each in clusterings]
    if any(in_order):
        return _placed(_in_order(clusterings, sources, in_order, asked))
    given = _placed(named(each, "cluster", (), (), asked) for each in sources)
    if all(len(codes) == len(given.ids) for codes in given.codes):
        return given
    # Ids of the others tell a first line from a header, and which column has the ids.
    return _placed(named(each, "cluster", given.ids, (), asked) for each in sources)


def _placed(clusterings: Iterable[Named]) -> Clusterings:
    """The clusterings by vertex, of which only one's ids and names are held at a time."""
    given = Clusterings([], [], [], [])
    place: dict[str, int] = {}
    for number, each in enumerate(clusterings, 1):
        given.names.append(each.label if each.label != "clusters" else f"clustering {number}")
        codes, names = encode_labels(each.names)
        given.codes.append(codes.astype(np.int32))
        given.notes.extend(note for note in each.notes if note not in given.notes)
        if has_noise(names):
            none = int((codes == 0).sum())
            of = f"-1 in {given.names[-1]}"
            given.notes.append(f"vertices without a cluster ({of}): {none:,}, counted as one")
        if number == 1:
            given.ids.extend(each.ids)
        if each.ids == given.ids:
            given.rows.append(None)
            continue
        place = place or {vertex: i for i, vertex in enumerate(given.ids)}
        rows = (place.setdefault(vertex, len(place)) for vertex in each.ids)
        given.rows.append(np.fromiter(rows, np.int64, len(each.ids)))
        given.ids.extend(list(place)[len(given.ids) :])
    # Those that had all vertices when they were read may lack some that came later.
    rows_of = [
        np.arange(len(codes)) if rows is None and len(codes) < len(given.ids) else rows
        for codes, rows in zip(given.codes, given.rows, strict=True)
    ]
    return replace(given, rows=rows_of)


def _in_order(
    clusterings: Sequence[Any], sources: Sequence[Any], in_order: Sequence[bool], asked: str | None
) -> Iterator[Named]:
    """The clusterings that arrays have in the order of the vertices.

    Raises:
        InputError: one cannot be read, or is of another length.
        UsageError: others go by id.
    """
    if not all(in_order):
        array = in_order.index(True)
        label = clusterings[array] if is_path(clusterings[array]) else f"clustering {array + 1}"
        raise UsageError(
            f"{label}: is in the order of the vertices, and others go by id; give all in one way"
        )
    first = 0
    for number, each in enumerate(sources, 1):
        if isinstance(each, Source):
            count = len(array_of(each, "labels")[0])
            found = named(each, "cluster", (), index_ids(count).tolist(), asked)
        else:
            found = named(_hard(each), "cluster", (), (), asked)
        first = first or len(found.ids)
        if len(found.ids) != first:
            label = found.label if isinstance(each, Source) else f"clustering {number}"
            raise InputError(f"{label}: {len(found.ids):,} values, and the first has {first:,}")
        yield found


def _hard(given: Any) -> Any:
    """The clusters of the largest shares, of a matrix of shares; all else as it is."""
    shares = given if isinstance(given, np.ndarray) else None
    if shares is None or shares.ndim != 2 or shares.dtype.kind not in "fiu" or 0 in shares.shape:
        return given
    if not bool(np.isfinite(shares).all()):
        raise InputError(f"clusters: an array {shares.shape} of shares, not all finite numbers")
    return shares.argmax(axis=1)


def refuse_bare(ids: list[str], labels: Sequence[np.ndarray]) -> None:
    """Refuse vertices that no clustering has a cluster of.

    Raises:
        InputError: naming the first of them.
    """
    bare = [ids[i] for i in np.flatnonzero(np.all([each < 0 for each in labels], axis=0))]
    if bare:
        raise InputError(f"no clustering has a cluster for vertex {first_and_rest(bare)}")


def refuse_apart(given: Clusterings, labels: Sequence[np.ndarray]) -> None:
    """Refuse clusterings that no chain of common vertices ties to the others: their clusters would
    be matched with nothing.

    Raises:
        InputError: naming the first of them.
    """
    reached = labels[0] >= 0
    apart = list(range(1, len(labels)))
    while apart:
        tied = [i for i in apart if bool((reached & (labels[i] >= 0)).any())]
        if not tied:
            raise InputError(
                f"{given.names[apart[0]]}: has no vertex in common with {given.names[0]}; give "
                "clusterings of the same vertices"
            )
        for i in tied:
            reached |= labels[i] >= 0
        apart = [i for i in apart if i not in tied]
