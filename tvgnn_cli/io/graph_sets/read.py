"""Anything that a user may call a set of graphs, as a `GraphSet`; and the table of its forms."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InputError, counted, did_you_mean, shown
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.graph.property_graph import as_text, is_gap
from tvgnn_cli.io.graph_sets.asked import ATTRIBUTES, LABELS, Asked
from tvgnn_cli.io.graph_sets.tu_names import SETS, find_set
from tvgnn_cli.io.places import is_file, is_folder, is_there
from tvgnn_cli.io.source import Source, is_stream


def _tu(path: Path, asked: Asked) -> GraphSet:
    from tvgnn_cli.io.graph_sets.tu import find_tu, read_tu

    files = find_tu(path, asked.cleaned)
    if files is None:
        raise InputError(f"{path}: holds no TU data set")
    return read_tu(files, asked)


def _dgl(path: Path, asked: Asked) -> GraphSet:
    from tvgnn_cli.io.graph_sets.dgl import read_dgl

    return read_dgl(path, asked)


def _folder(path: Path, asked: Asked) -> GraphSet:
    from tvgnn_cli.io.graph_sets.files import read_folder

    return read_folder(path, asked)


def _listed(path: Path, asked: Asked) -> GraphSet:
    from tvgnn_cli.io.graph_sets.files import read_listed

    return read_listed(path, asked)


def _rows(path: Path, asked: Asked) -> GraphSet:
    from tvgnn_cli.io.graph_sets.rows import read_rows

    return read_rows(Source(str(path)), asked)


def _arrays(path: Path, asked: Asked) -> GraphSet:
    from tvgnn_cli.io.graph_sets.arrays import read_arrays

    return read_arrays(Source(str(path)), asked)


Reader = Callable[[Path, Asked], GraphSet]

FORMS: dict[str, Reader] = {
    "TU": _tu,
    "DGL": _dgl,
    "folder": _folder,
    ".csv": _listed,
    ".tsv": _listed,
    ".parquet": _rows,
    ".jsonl": _rows,
    ".ndjson": _rows,
    ".npz": _arrays,
}
"""Folders by what they hold, the first that fits, and files by suffix (before an optional `.gz`),
to reader."""

BUILT_IN = ("shapes",)
"""Sets that come with the package (`sample_data/generate.py`)."""

LISTS_ITSELF = (_folder, _listed)
"""Readers to whom `labels` says which graphs there are; the others take it for their classes."""

ACCEPTED = (
    "a set of graphs is a folder, a .csv or .tsv table of graph files, a .parquet, .jsonl or .npz, "
    "or a data set"
)


def read_graph_set(
    data: Any,
    *,
    labels: Any = None,
    weight: str | None = None,
    vertex_features: str = "auto",
    cleaned: bool = False,
    data_root: Path | str | None = None,
    offline: bool = False,
) -> GraphSet:
    """A path, the name of a data set or a list of graphs, as a `GraphSet`.

        read_graph_set("MUTAG", cleaned=True)
        read_graph_set("graphs/", labels="classes.csv")

    Args:
        data: what to read; a `GraphSet` stays what it is, but for `labels`. A list has anything
            that `read_graph` takes but paths: networkx graphs, scipy matrices, PyG `Data`.
        labels: a table `graph,label[,split]` with the classes; of a list of graphs also a list or
            an array with the class of each, None where it is not known.
        weight: edge attribute or column with the weight; "none" for none; None for looking.
        vertex_features: what is read of vertices: "auto" for all, "attributes" for numbers,
            "labels" for kinds, "none".
        cleaned: whether a TU data set is meant without its isomorphic graphs.
        data_root: where data sets live; None for `$TVGNN_DATA_ROOT` or the user's cache folder.
        offline: never fetch a data set.

    Raises:
        InputError: none of these, or one that cannot be read.
        UsageError: an option that is none, or that the form has no use for.
    """
    is_read = isinstance(data, str | os.PathLike | bytes)
    classes = None if is_read or not _is_list(labels) else labels
    labels = labels if classes is None else None
    if isinstance(data, bytes):
        raise InputError("graphs: are bytes; give a path")
    root = None if data_root is None else Path(data_root)
    labels = os.fspath(labels) if isinstance(labels, os.PathLike) else labels
    asked = Asked(labels, weight, vertex_features, cleaned, root, offline)
    if isinstance(data, GraphSet):
        return _labelled(_classed(data, classes), asked)
    if isinstance(data, str | os.PathLike):
        graphs = _named(os.fspath(data), asked)
    else:
        graphs = _labelled(_classed(_objects(data, asked), classes), asked)
    return replace(_told_of_vertices(graphs, asked), read_with=asked.told)


def _is_list(labels: Any) -> bool:
    """Tell whether labels are one for each graph, and no table."""
    return isinstance(labels, list | tuple) or (
        hasattr(labels, "tolist") and hasattr(labels, "__len__")
    )


def _classed(graphs: GraphSet, classes: Any) -> GraphSet:
    """With the class of each graph, where they are given.

    Raises:
        InputError: of more or fewer graphs.
    """
    if classes is None:
        return graphs
    from tvgnn_cli.io.graph_sets.words import classes_of_graphs

    if len(classes) != graphs.num_graphs:
        raise InputError(
            f"labels: {counted(len(classes), 'class')} for {counted(graphs.num_graphs, 'graph')}; "
            "give one for each"
        )
    values = classes if isinstance(classes, list | tuple) else classes.tolist()
    values = [_one_value(each, place) for place, each in enumerate(values)]
    found = classes_of_graphs(["" if is_gap(each) else as_text(each) for each in values])
    notes = [note for note in graphs.notes if not note.startswith("classes: ")]
    told = (*notes, "classes: given as a list", *found.notes)
    return replace(graphs, y=found.y, class_names=found.names, notes=told)


def _one_value(given: Any, place: int) -> Any:
    """A class that an array, a tensor or a list of one value holds; others as they are.

    Raises:
        InputError: several values.
    """
    listed = given.tolist() if hasattr(given, "tolist") else given
    while isinstance(listed, list | tuple) and len(listed) == 1:
        (listed,) = listed
    if isinstance(listed, list | tuple):
        raise InputError(f"labels: that of graph {place} has {len(listed)} values; need one")
    return listed


def _objects(data: Any, asked: Asked) -> GraphSet:
    from tvgnn_cli.io.graph_sets.objects import read_objects, refuse_no_list

    asked.refuse_cleaned("a list of graphs")
    refuse_no_list(data)
    if not isinstance(data, Iterable) and not hasattr(data, "__getitem__"):
        raise InputError(
            f"graphs: are of type {type(data).__module__}.{type(data).__name__}; need a path, the "
            "name of a data set or a list of graphs"
        )
    return read_objects(list(data), asked)


def _named(name: str, asked: Asked) -> GraphSet:
    """The set that a path or a name means; what exists wins over a data set of that name."""
    if not isinstance(name, str) or not _is_writable(name):
        raise InputError(f"{name!r:.80}: its name is not UTF-8, or has control characters")
    if is_stream(name):
        raise InputError(f"{name}: is a stream; {ACCEPTED}")
    path, member = Path(name), find_set(name)
    if is_there(path) and not name.startswith("tu:"):
        read = reader_of(path)
        if read is not _tu:
            asked.refuse_cleaned(name)
        graphs = read(path, asked)
        if member is not None or name.lower() in BUILT_IN:
            other = "the data set" if member is None else f"the data set (tu:{member})"
            note = f"{name}: the one in this folder is read, not {other}"
            graphs = replace(graphs, notes=(note, *graphs.notes))
        return graphs if read in LISTS_ITSELF else _labelled(graphs, asked)
    if name.lower() in BUILT_IN:
        asked.refuse_cleaned(name)
        return _labelled(_built_in(name.lower(), asked), asked)
    if member is None:
        raise InputError(f"{shown(name, 120)}: no such file, folder or data set.{_hint(name)}")
    from tvgnn_cli.io.graph_sets.tu import read_tu
    from tvgnn_cli.io.graph_sets.tu_names import files_of_set

    return _labelled(read_tu(files_of_set(member, asked), asked), asked)


def _hint(name: str) -> str:
    if "/" in name or Path(name).suffix:
        return ""
    return f"{did_you_mean(name, (*BUILT_IN, *SETS))} Any other is tu:NAME."


def _built_in(name: str, asked: Asked) -> GraphSet:
    """A set of the package."""
    file = files("tvgnn_cli.io").joinpath("graphs", f"{name}.jsonl")
    with as_file(file) as path:
        graphs = _rows(path, asked)
    counts = replace(graphs.counts, undirected=True)
    return replace(
        graphs, name=name, counts=counts, notes=(f"{name}: comes with tvgnn", *graphs.notes)
    )


def _is_writable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return bool(name) and not any(ord(mark) < 32 for mark in name)


def reader_of(path: Path) -> Reader:
    """The reader for a folder by what it holds, or for a file by what it begins with, or is called.

    Raises:
        InputError: a file of no such form.
    """
    from tvgnn_cli.io.content import first_bytes, form_of
    from tvgnn_cli.io.graph_sets.dgl_meta import META
    from tvgnn_cli.io.graph_sets.tu import find_tu
    from tvgnn_cli.io.readers import READERS

    if is_folder(path):
        if is_there(path / META):
            return FORMS["DGL"]
        return FORMS["folder"] if find_tu(path, False) is None else FORMS["TU"]
    if not is_file(path):
        raise InputError(f"{path}: is neither a file nor a folder; {ACCEPTED}")
    source = Source(str(path))
    form = form_of(first_bytes(source)) or source.suffix
    if form == ".json" and source.suffix in FORMS:  # a single line
        form = source.suffix
    if form not in FORMS:
        what = f"a {form} file is one graph" if form in READERS and form else "is no set of graphs"
        what += "; lines of JSON, one for each graph, are .jsonl" * (form == ".json")
        raise InputError(f"{path}: {what}; {ACCEPTED}")
    return FORMS[form]


def _told_of_vertices(graphs: GraphSet, asked: Asked) -> GraphSet:
    """With notes where what `vertex_features` asks for is not there, or labels may be names."""
    from tvgnn_cli.io.graph_sets.words import notes_on_gaps, notes_on_names

    lacks = {
        ATTRIBUTES: graphs.attributes is None,
        LABELS: not graphs.categories,
    }
    told = (*notes_on_names(graphs), *notes_on_gaps(graphs))
    if lacks.get(asked.vertex_features, False):
        told += (f"`vertex_features`: there are no {asked.vertex_features} of vertices",)
    return replace(graphs, notes=(*graphs.notes, *told)) if told else graphs


def _labelled(graphs: GraphSet, asked: Asked) -> GraphSet:
    """With the classes of the table that was given for them."""
    if asked.labels is None:
        return graphs
    from tvgnn_cli.io.graph_sets.listing import read_listing, with_listing

    return with_listing(graphs, read_listing(Source(asked.labels)))
