"""Readers and writers; one visible table says which file suffix goes where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InputError, UsageError, did_you_mean
from tvgnn_cli.graph import Graph
from tvgnn_cli.io.source import STDIN, Source


def _edge_list(source: Source, **options: Any) -> Graph:
    from tvgnn_cli.io.edge_list import read_edge_list

    return read_edge_list(source, options.get("header"))


def _graphml(source: Source, **options: Any) -> Graph:
    from tvgnn_cli.io.graphml import read_graphml

    return read_graphml(source, options.get("label_attr"))


def _npz(source: Source, **_: Any) -> Graph:
    from tvgnn_cli.io.npz import read_npz

    return read_npz(source)


def _npy(source: Source, **_: Any) -> Graph:
    _refuse_gzip(source)
    from tvgnn_cli.io.npy import read_npy_edges

    return read_npy_edges(source)


def _parquet(source: Source, **_: Any) -> Graph:
    _refuse_gzip(source)
    from tvgnn_cli.io.parquet import read_parquet_edges

    return read_parquet_edges(source)


def _refuse_gzip(source: Source) -> None:
    if not source.is_plain_file:
        raise InputError(
            f"{source.label}: {source.suffix} files are read part by part; decompress it first"
        )


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


READERS: dict[str, Callable[..., Graph]] = {
    "": _edge_list,
    ".csv": _edge_list,
    ".tsv": _edge_list,
    ".txt": _edge_list,
    ".edges": _edge_list,
    ".el": _edge_list,
    ".graphml": _graphml,
    ".npz": _npz,
    ".npy": _npy,
    ".parquet": _parquet,
}
"""File suffix (before an optional `.gz`) to reader; a name without one is an edge list."""


def read_named(
    name: str,
    *,
    header: bool | None = None,
    label_attr: str | None = None,
    data_root: Path | None = None,
    offline: bool = False,
) -> Graph:
    """Read what a GRAPH argument names: a file, `-` for standard input, or a data set.

    An existing file wins over a data set of the same name.

    Raises:
        InputError: nothing of that name, an unknown suffix, or contents that cannot be read.
    """
    from tvgnn_cli.io.datasets import NAMED, find_dataset, read_dataset

    source = Source(name)
    if not name.isprintable() and not _is_utf8(name):
        raise InputError(f"{name!r}: its name is not UTF-8, and could not be written; rename it")
    if source.is_stdin:
        return _edge_list(source, header=header)
    if not Path(name).exists() or Path(name).is_dir():
        dataset = find_dataset(name)
        if dataset is not None:
            return read_dataset(dataset, data_root, offline)
    if not Path(name).exists() and (source.suffix not in READERS or not source.suffix):
        raise InputError(f"{name}: no such file or data set.{did_you_mean(name, NAMED)}")
    if not Path(name).is_dir() and source.suffix not in READERS:
        raise InputError(
            f"{name}: unknown suffix '{source.suffix}'; known:{' '.join(READERS)}, "
            "text and .graphml also with .gz; a data set of PyTorch Geometric is pyg:CLASS/NAME"
        )
    read: Callable[..., Graph] = READERS.get(source.suffix, _edge_list)
    if label_attr is not None and read is not _graphml:
        raise UsageError(
            f"--label-attr: {name} has no vertex attributes, as .graphml has; use --labels"
        )
    return read(source, header=header, label_attr=label_attr)


__all__ = ["READERS", "STDIN", "Source", "read_named"]
