"""Readers and writers; one visible table says which form of file goes where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tvgnn_cli.errors import InputError, did_you_mean
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.places import is_there
from tvgnn_cli.io.source import STDIN, Source
from tvgnn_cli.io.wanted import Wanted

NO_ATTRIBUTES = ("feature_attrs", "id_attr", "label_attr")
NO_COLUMNS = ("source", "target", "header")


def _edge_list(source: Source, wanted: Wanted) -> Graph:
    from tvgnn_cli.io.edge_list import read_edge_list

    return read_edge_list(source, wanted)


def _sif(source: Source, wanted: Wanted) -> Graph:
    from tvgnn_cli.io.edge_list import read_sif

    return read_sif(source, wanted)


def _graphml(source: Source, wanted: Wanted) -> Graph:
    from tvgnn_cli.io.graphml import read_graphml

    return read_graphml(source, wanted)


def _npz(source: Source, _: Wanted) -> Graph:
    from tvgnn_cli.io.npz import read_npz

    return read_npz(source)


def _npy(source: Source, _: Wanted) -> Graph:
    from tvgnn_cli.io.npy import read_npy_edges

    return read_npy_edges(source)


def _parquet(source: Source, wanted: Wanted) -> Graph:
    from tvgnn_cli.io.parquet_edges import read_parquet_edges

    return read_parquet_edges(source, wanted)


def _feather(source: Source, wanted: Wanted) -> Graph:
    from tvgnn_cli.io.feather import as_parquet

    return _parquet(as_parquet(source), wanted)


def _matrix_market(source: Source, wanted: Wanted) -> Graph:
    from tvgnn_cli.io.matrix_market import read_matrix_market

    return read_matrix_market(source, wanted)


def _gml(source: Source, wanted: Wanted) -> Graph:
    from tvgnn_cli.io.gml import read_gml

    return read_gml(source, wanted)


def _gexf(source: Source, wanted: Wanted) -> Graph:
    from tvgnn_cli.io.gexf import read_gexf

    return read_gexf(source, wanted)


def _pajek(source: Source, wanted: Wanted) -> Graph:
    from tvgnn_cli.io.pajek import read_pajek

    return read_pajek(source, wanted)


def _metis(source: Source, wanted: Wanted) -> Graph:
    from tvgnn_cli.io.metis import read_metis

    return read_metis(source, wanted)


def _json(source: Source, wanted: Wanted) -> Graph:
    from tvgnn_cli.io.json_graph import read_json

    return read_json(source, wanted)


def _h5ad(source: Source, wanted: Wanted) -> Graph:
    from tvgnn_cli.io.h5ad import read_h5ad

    return read_h5ad(source, wanted)


def _refuse_gzip(source: Source, form: str) -> None:
    if form in (".npy", ".parquet", ".h5ad") and not source.is_plain_file:
        raise InputError(f"{source.label}: {form} files are read part by part; decompress it first")


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


Reader = Callable[[Source, Wanted], Graph]

READERS: dict[str, Reader] = {
    "": _edge_list,
    ".csv": _edge_list,
    ".tsv": _edge_list,
    ".txt": _edge_list,
    ".edges": _edge_list,
    ".el": _edge_list,
    ".edgelist": _edge_list,
    ".ncol": _edge_list,
    ".dat": _edge_list,
    ".sif": _sif,
    ".graphml": _graphml,
    ".npz": _npz,
    ".npy": _npy,
    ".parquet": _parquet,
    ".feather": _feather,
    ".arrow": _feather,
    ".mtx": _matrix_market,
    ".gml": _gml,
    ".gexf": _gexf,
    ".net": _pajek,
    ".paj": _pajek,
    ".graph": _metis,
    ".metis": _metis,
    ".h5ad": _h5ad,
    ".json": _json,
    ".cyjs": _json,
    ".jsonl": _json,
    ".ndjson": _json,
}
"""File suffix (before an optional `.gz`) to reader. What a file begins with goes before its suffix,
and what begins like no form that is known is an edge list; so is a `.graph` that is no METIS."""

TABLES = "has no vertex attributes; `features` and `labels` take files that have them"
_ARRAYS = "has no names to choose from; leave it out"
_ATTRIBUTES = "has no columns; leave it out"

UNUSED: dict[Reader, tuple[str, tuple[str, ...]]] = {
    _edge_list: (TABLES, NO_ATTRIBUTES),
    _sif: (TABLES, NO_ATTRIBUTES),
    _parquet: (TABLES, (*NO_ATTRIBUTES, "header")),
    _feather: (TABLES, (*NO_ATTRIBUTES, "header")),
    _npz: (_ARRAYS, (*NO_ATTRIBUTES, *NO_COLUMNS, "weight")),
    _npy: (_ARRAYS, (*NO_ATTRIBUTES, *NO_COLUMNS, "weight")),
    _graphml: (_ATTRIBUTES, NO_COLUMNS),
    _gml: (_ATTRIBUTES, NO_COLUMNS),
    _gexf: (_ATTRIBUTES, NO_COLUMNS),
    _pajek: (_ATTRIBUTES, NO_COLUMNS),
    _matrix_market: (TABLES, (*NO_ATTRIBUTES, *NO_COLUMNS)),
    _metis: (TABLES, (*NO_ATTRIBUTES, *NO_COLUMNS)),
    _json: ("", ()),  # its forms have others
    _h5ad: ("has no such columns; leave it out", (*NO_COLUMNS, "id_attr")),
}
"""Options that a reader has no use for, and why; it refuses them."""


def read_named(
    name: str,
    wanted: Wanted | None = None,
    *,
    data_root: Path | None = None,
    offline: bool = False,
) -> Graph:
    """Read what a GRAPH argument names: a file, `-` for standard input, or a data set.

    An existing file wins over a data set of the same name.

    Raises:
        InputError: nothing of that name, a form that is not read, or contents that cannot be.
        UsageError: an option that the file's form has no use for.
    """
    from tvgnn_cli.io.content import held
    from tvgnn_cli.io.datasets import NAMED, read_dataset
    from tvgnn_cli.io.location import Dataset, locate

    source, wanted = Source(name), wanted or Wanted()
    if not name.isprintable() and not _is_utf8(name):
        raise InputError(f"{name!r}: its name is not UTF-8, and could not be written; rename it")
    if source.is_stdin:
        return _from_stdin(source, wanted)
    located = locate(name)
    if isinstance(located, Dataset):
        wanted.refuse(f"{name} {_ARRAYS}", *NO_ATTRIBUTES, *NO_COLUMNS, "weight")
        return left_out(read_dataset(located.name, data_root, offline), wanted)
    if not is_there(name) and (source.suffix not in READERS or not source.suffix):
        raise InputError(f"{name}: no such file or data set.{did_you_mean(name, NAMED)}")
    source = held(source)
    read = _reader_of(source)
    why, unused = UNUSED[read]
    wanted.refuse(f"{name} {why}", *unused)
    graph = read(source, wanted)
    return left_out(graph, wanted) if "weight" in unused else graph


def without_names(graph: Graph, wanted: Wanted, label: str) -> Graph:
    """A graph whose parts have no names, without those that are not wanted.

    Raises:
        UsageError: an option that names one of them.
    """
    wanted.refuse(f"{label} {_ARRAYS}", *NO_ATTRIBUTES, *NO_COLUMNS, "weight")
    return left_out(graph, wanted)


def left_out(graph: Graph, wanted: Wanted) -> Graph:
    """The graph without the features, true classes or weights that are not wanted, "none"."""
    if not wanted.without_unnamed:
        return graph
    if wanted.leaves_out("feature_attrs"):
        graph = replace(graph, x=None, feature_names=())
    if wanted.leaves_out("label_attr"):
        graph = graph.without_labels()
    return replace(graph, edge_weight=None) if wanted.leaves_out("weight") else graph


def _reader_of(source: Source) -> Reader:
    """The reader by what a file begins with; else by its suffix; else that of edge lists.

    Raises:
        InputError: a form that is known and not read.
    """
    from tvgnn_cli.io.content import TOLD_SUFFIXES, first_bytes, form_of, refuse_told

    _refuse_gzip(source, source.suffix)
    data = first_bytes(source)
    form = form_of(data)
    if form in READERS:
        _refuse_gzip(source, form)
        return READERS[form]
    by_suffix = READERS.get(source.suffix, _edge_list)
    if by_suffix in (_graphml, _gexf):
        return by_suffix
    refuse_told(data, source.label)
    if by_suffix is _metis:
        return _metis if source.suffix == ".metis" or _is_metis(source) else _edge_list
    if by_suffix is not _edge_list:
        return by_suffix
    if source.suffix in TOLD_SUFFIXES:
        raise InputError(
            f"{source.label}: unknown suffix '{source.suffix}'; known:{' '.join(READERS)}, "
            "text and .graphml also with .gz; a data set of PyTorch Geometric is pyg:CLASS/NAME"
        )
    unsaid = source.suffix in ("", ".txt", ".dat") or source.suffix not in READERS
    return _metis if unsaid and _begins_as_metis(data) else _edge_list


def _is_metis(source: Source) -> bool:
    from tvgnn_cli.io.metis_header import is_metis

    return is_metis(source.read_text())


def _begins_as_metis(data: bytes) -> bool:
    from tvgnn_cli.io.content import LOOKED_AT
    from tvgnn_cli.io.metis_header import begins_as_metis

    return begins_as_metis(data[:LOOKED_AT], len(data) < LOOKED_AT)


def _from_stdin(source: Source, wanted: Wanted) -> Graph:
    """An edge list on standard input.

    Raises:
        InputError: it is something else.
    """
    from tvgnn_cli.io.content import form_of, refuse_told

    data = source.read_bytes()
    form = form_of(data) or (".metis" if _begins_as_metis(data) else None)
    if form is not None:
        raise InputError(
            f"{source.label}: holds {form[1:]} data; - takes an edge list: write the {form[1:]} to "
            "a file and name that"
        )
    refuse_told(data, source.label)
    wanted.refuse(f"{source.label} {TABLES}", *NO_ATTRIBUTES)
    return _edge_list(source.holding(data), wanted)


__all__ = ["READERS", "STDIN", "Source", "Wanted", "read_named"]
