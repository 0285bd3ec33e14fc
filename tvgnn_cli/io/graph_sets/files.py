"""Sets of graphs that have a file each: a folder, or a table that names them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from glob import escape
from pathlib import Path

from tvgnn_cli.errors import InputError, UsageError, shown, some_of
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.io.graph_sets.asked import Asked
from tvgnn_cli.io.graph_sets.beside import is_result, refuse_tables
from tvgnn_cli.io.graph_sets.listing import Listing, read_listing
from tvgnn_cli.io.graph_sets.member import Member
from tvgnn_cli.io.graph_sets.members import Listed, joined
from tvgnn_cli.io.matrix_table import MATRIX
from tvgnn_cli.io.places import found_in, is_file, is_folder, resolved
from tvgnn_cli.io.readers import READERS, read_named
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import NONE, Wanted

TOLD_BY_LISTS = (".json", ".jsonl", ".ndjson", ".cyjs")
"""Suffixes of graphs that a table of graphs may name, and that are something else mostly."""

TABLES = ("labels.csv", "labels.tsv")
"""Names of a folder's own table."""


def read_listed(path: Path, asked: Asked) -> GraphSet:
    """Read a table of graph files, whose paths are relative to it.

    Raises:
        UsageError: `labels` names another table.
        InputError: as `read_listing`; a file that is missing, or cannot be read.
    """
    if asked.labels is not None:
        raise UsageError(f"`labels`: {path} lists graphs and their classes itself; leave it out")
    listing = read_listing(Source(str(path)))
    return _of_listing(listing, path.parent, path.stem, asked, ())


def read_folder(folder: Path, asked: Asked) -> GraphSet:
    """Read the graph files of a folder: those that its `labels.csv` lists, or the table that is
    given; without one every file, sorted by name.

    Raises:
        InputError: as `read_listed`; a folder without graph files, or with two tables.
    """
    name = resolved(folder).name
    table = _table_of(folder, asked.labels)
    if table is None:
        return _of_all(folder, name, asked)
    listing = read_listing(Source(str(table)))
    base, told = _base(listing, table.parent, folder)
    return _of_listing(listing, base, name, asked, told, (folder, table))


def files_of_folder(folder: Path, labels: str | None) -> list[Path]:
    """The files that `read_folder` reads.

    Raises:
        InputError: a table that is none, or two of them.
    """
    table = _table_of(folder, labels)
    if table is None:
        return [path for path in found_in(folder, "*") if _is_graph_file(path)]
    return files_of_table(table, folder)


def files_of_table(table: Path, folder: Path) -> list[Path]:
    """A table of graphs and the files that it names.

    Raises:
        InputError: it is none.
    """
    listing = read_listing(Source(str(table)))
    base, _ = _base(listing, table.parent, folder)
    return [table, *(base / graph for graph in listing.graphs)]


def _table_of(folder: Path, labels: str | None) -> Path | None:
    return _own_table(folder) if labels is None else Path(labels)


def _own_table(folder: Path) -> Path | None:
    found = [folder / name for name in TABLES if is_file(folder / name)]
    if len(found) > 1:
        raise InputError(f"{folder}: has {' and '.join(TABLES)}; name one as `labels`")
    return found[0] if found else None


def _base(listing: Listing, own: Path, folder: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder that the paths of a table begin in: its own, or the one of the graphs, where the
    first of them that is in either is there; that of the graphs where none is.

    Raises:
        InputError: the first is in both.
    """
    told = (f"graphs of {listing.table.label} are looked for in {folder}",)
    label, inside = listing.table.label, resolved(folder)
    for graph in listing.graphs:
        beside, there = is_file(own / graph), is_file(folder / graph)
        if not beside and not there:
            continue
        if not beside:
            return folder, told
        if inside in resolved(own / graph).parents:
            return own, ()
        if there:
            raise InputError(
                f"{label}: {shown(graph, 60)} is in {folder} and beside the table; paths are "
                f"relative to it: move the table, or name the folder in its rows"
            )
        return own, (f"graphs of {label} are those beside it, and none of {folder}",)
    return folder, told


def _of_listing(
    listing: Listing,
    base: Path,
    name: str,
    asked: Asked,
    told: tuple[str, ...],
    beside: tuple[Path, Path] | None = None,
) -> GraphSet:
    """The graphs that a table lists.

    Args:
        listing: the table.
        base: folder that paths begin in.
        name: of the set.
        asked: how to read.
        told: notes.
        beside: a folder whose other files are counted, and the table.
    """
    places = _places_of(listing, base)
    members = _members(base, listing.graphs, asked)
    if beside is not None:
        told += _not_listed(*beside, places)
    listed = Listed(listing.labels, listing.split, (*told, *listing.notes))
    return joined(members, listed, listing.table.label, name, asked).graph_set()


def _places_of(listing: Listing, base: Path) -> set[str]:
    """The files that a table names, without links.

    Raises:
        InputError: one that is not there, is there under two names, or is the table itself.
    """
    rows: dict[str, int] = {}
    table = os.path.realpath(listing.table.label)
    for row, graph in enumerate(listing.graphs):
        if not is_file(base / graph):
            raise InputError(
                f"{listing.where(row)}: no such file: {shown(graph, 120)} in {base}"
                f"{_meant(base, graph)}"
            )
        place = os.path.realpath(base / graph)
        if place == table:
            raise InputError(f"{listing.where(row)}: {shown(graph, 120)} is this table, no graph")
        earlier = rows.setdefault(place, row)
        if earlier != row:
            raise InputError(
                f"{listing.where(row)}: {shown(graph, 120)} is listed twice, first as "
                f"{shown(listing.graphs[earlier], 60)}"
            )
    return set(rows)


def _meant(base: Path, graph: str) -> str:
    """A file whose name is much like one that is not there, as a question: with slashes for
    backslashes, in this folder or one below, with a suffix more.
    """
    path = base / graph.replace("\\", "/")
    folders = [path.parent, base, *(each for each in found_in(base, "*") if is_folder(each))]
    exact = (folder / path.name for folder in folders)
    longer = (each for folder in folders for each in found_in(folder, f"{escape(path.name)}.*"))
    there = next((os.path.relpath(each, base) for each in (*exact, *longer) if is_file(each)), None)
    return "" if there is None else f"; is {shown(there, 60)} meant?"


def _not_listed(folder: Path, table: Path, places: set[str]) -> tuple[str, ...]:
    """The note on files of the folder that the table does not name."""
    named = places | {os.path.realpath(table)}
    others = [
        path.name
        for path in found_in(folder, "*")
        if is_file(path) and not _is_hidden(path) and os.path.realpath(path) not in named
    ]
    listed = some_of([shown(name, 30)[1:-1] for name in others], 3)
    return (f"files that {table.name} does not name: {len(others):,} ({listed})",) if others else ()


def _of_all(folder: Path, name: str, asked: Asked) -> GraphSet:
    """Every graph file of a folder, sorted by name, without classes."""
    try:
        names = sorted(path.name for path in folder.iterdir() if not _is_hidden(path))
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror}") from None
    graphs = [each for each in names if _is_graph_file(folder / each)]
    if not graphs:
        raise InputError(
            f"{folder}: holds no graph files (*.graphml, *.csv, ...), no labels.csv, no DS_A.txt "
            "and no meta.yaml"
        )
    refuse_tables(folder, graphs)
    told = [f"classes: there is no {TABLES[0]} in {folder}; every graph file is read, by name"]
    others = [each for each in names if each not in set(graphs)]
    if others:
        listed = some_of([shown(each, 30)[1:-1] for each in others], 3)
        told.append(f"files that are no graphs, not read: {len(others):,} ({listed})")
    members = _members(folder, graphs, asked)
    return joined(members, Listed(notes=tuple(told)), str(folder), name, asked).graph_set()


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _is_graph_file(path: Path) -> bool:
    suffix = Source(path.name).suffix
    is_other = _is_hidden(path) or _is_readme(path) or not is_file(path)
    is_named = bool(suffix) and suffix in READERS and suffix not in TOLD_BY_LISTS
    return is_named and not is_other and not is_result(path)


def _is_readme(path: Path) -> bool:
    return path.name.lower().startswith(("readme", "license", "licence"))


def _members(folder: Path, graphs: Sequence[str], asked: Asked) -> list[Member]:
    """The graphs of files. Where some are adjacency matrices, so are others of their suffix that
    alone would be taken for edges: of two vertices, of three, or without an edge.
    """
    members = [_member(folder, graph, asked) for graph in graphs]
    suffixes = {
        Source(graph).suffix for graph, m in zip(graphs, members, strict=True) if _is_matrix(m)
    }
    return [
        _member(folder, graph, asked, matrices=True)
        if Source(graph).suffix in suffixes and not _is_matrix(member) else member
        for graph, member in zip(graphs, members, strict=True)
    ]  # fmt: skip


def _is_matrix(member: Member) -> bool:
    return any(note.startswith(MATRIX) for note in member.graph.notes)


_OPTIONS = re.compile(r"`(?:source|target|header|features|labels|feature_attrs|id_attr)\b")
"""Options of a single graph in a message."""


def _member(folder: Path, graph: str, asked: Asked, matrices: bool = False) -> Member:
    path = os.path.join(folder, graph)  # noqa: PTH118 which keeps ./- from being standard input
    wanted = Wanted(
        feature_attrs=NONE, label_attr=NONE, weight=asked.weight, keep_attributes=True,
        matrices=matrices,
    )  # fmt: skip
    try:
        return Member.of(graph, path, read_named(path, wanted))
    except InputError as error:
        if not _OPTIONS.search(str(error)):
            raise
        raise InputError(f"{error}; a set has no such options: change the file") from None
