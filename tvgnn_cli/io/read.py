"""Anything that a user may call a graph, with the features and labels that go with it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from numbers import Number
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, did_you_mean
from tvgnn_cli.graph.edges import check_weights
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.graph.property_graph import as_text, is_gap
from tvgnn_cli.io.asked_options import checked_options, told_options
from tvgnn_cli.io.gaps import without_gaps
from tvgnn_cli.io.places import is_file
from tvgnn_cli.io.readers import NO_COLUMNS, read_named, without_names
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.sparse_arrays import checked
from tvgnn_cli.io.vertex_arrays import as_features, as_labels
from tvgnn_cli.io.wanted import NONE, ModelFills, Wanted


@dataclass(frozen=True)
class InputOptions:
    """Options for reading a graph.

    Args:
        features: a file; or an array `[n, f]` in vertex order, dense or scipy sparse, or a pandas
            DataFrame whose index has the vertex ids and whose columns, where they are texts, the
            names of the features; in place of the graph's own features.
        labels: a file; or an array `[n]` in vertex order, a mapping or a pandas Series by vertex
            id; true classes, for scoring only.
        feature_attrs: attributes, or columns of a table of features, that are features: "auto",
            "none", "all", or names, split by commas or in a list; None for "auto".
        impute: what missing values of features become, "median" or "mean", of their column. None
            leaves columns out that have some, or refuses an array. Of a model, what its graph
            had in their place.
        weight: edge attribute or column with the weight; "none" for none; None for looking.
        source: column of first ends in a table of edges, by name or number from 1.
        target: column of second ends.
        id_attr: vertex attribute that holds the ids.
        label_attr: vertex attribute with the true class, or the column of `labels` that has it;
            "none" for none.
        header: whether an edge list's first line names its columns; None for looking at it.
        data_root: where data sets live; None for `$TVGNN_DATA_ROOT` or the user's cache folder.
        offline: never fetch a data set.
        keep_attributes: whether the graph carries what its input has, all attributes and every
            edge as it stands there, in `Graph.origin`: for graph files and `to_networkx`.
    """

    features: Any = None
    labels: Any = None
    feature_attrs: str | Sequence[str] | None = None
    impute: str | ModelFills | None = None
    weight: str | None = None
    source: str | None = None
    target: str | None = None
    id_attr: str | None = None
    label_attr: str | None = None
    header: bool | None = None
    data_root: Path | str | None = None
    offline: bool = False
    keep_attributes: bool = False

    @property
    def truth(self) -> str | None:
        """The name of the attribute or column that is the true class; None for none named."""
        named = self.label_attr is not None and self.label_attr.lower() != NONE
        return self.label_attr if named else None

    @property
    def wanted(self) -> Wanted:
        """The names that are for the reader of the graph. A file of features or labels takes those
        that are for its columns.
        """
        none = self.label_attr is not None and self.label_attr.lower() == NONE
        label_attr = self.label_attr if self.labels is None or none else None
        return Wanted(
            feature_attrs=self.feature_attrs if self.features is None else NONE,
            weight=self.weight,
            source=self.source,
            target=self.target,
            id_attr=self.id_attr,
            label_attr=label_attr,
            no_feature=None if self.labels is None else self.label_attr,
            labels_elsewhere=self.labels is not None,
            header=self.header,
            gaps=self.impute is not None,
            keep_attributes=self.keep_attributes,
            without_unnamed=True,
        )


INPUT_OPTIONS = tuple(entry.name for entry in fields(InputOptions))


def read_graph(graph: Any, **options: Any) -> Graph:
    """A path or data set name, a networkx graph, a scipy matrix, a DataFrame of edges or a PyG
    `Data`, as a `Graph`.

        read_graph("edges.csv", features="x.parquet", labels="truth.csv")

    Args:
        graph: what to read; a `Graph` stays what it is.
        **options: fields of `InputOptions`.

    Raises:
        UsageError: no such option, a value of another type, or one that such a graph has no use
            for.
        InputError: none of these, or one that cannot be read.
    """
    _refuse_unknown(options)
    options = checked_options(options)
    given = InputOptions(**options)
    read = as_graph(graph, given)
    if given.keep_attributes:
        read = _with_origin(read, graph)
    read = without_gaps(_with_features(read, given), given.impute)
    if not read.num_vertices:
        raise InputError(f"{read.name}: holds no vertices")
    read = _completed(_with_labels(read, given))
    return replace(read, read_with=tuple((dict(read.read_with) | told_options(options)).items()))


def _refuse_unknown(options: Mapping[str, Any]) -> None:
    """Refuse options that a graph is not read by, of which no other use was made."""
    unknown = next((name for name in options if name not in INPUT_OPTIONS), None)
    if unknown is not None:
        raise UsageError(f"unknown option '{unknown}'.{did_you_mean(unknown, INPUT_OPTIONS)}")


def _with_origin(read: Graph, given: Any) -> Graph:
    """With what its input has, or else with its own edges in that form."""
    origin = read.as_property_graph() if read.origin is None else read.origin
    if isinstance(given, str | os.PathLike) and is_file(Path(given)):
        origin = replace(origin, file=Path(given))
    return replace(read, origin=origin)


def _completed(read: Graph) -> Graph:
    """With the vertices that features added in its names and its origin too."""
    names, origin = read.names, read.origin
    if names is not None and len(names) < read.num_vertices:
        names = np.append(names, np.full(read.num_vertices - len(names), "", dtype=object))
    if origin is not None and origin.num_vertices < read.num_vertices:
        origin = origin.with_vertices(read.ids)
    return replace(read, names=names, origin=origin)


def as_graph(graph: Any, options: InputOptions) -> Graph:
    """A path, a name or an object as a `Graph`, which may be without vertices; nothing of other
    files is with it.

    Raises:
        InputError: none of these, or one that cannot be read.
        UsageError: an option that it has no use for.
    """
    if isinstance(graph, Graph):
        return without_names(graph, options.wanted, "a Graph that is read")
    if isinstance(graph, str | os.PathLike):
        return read_named(
            os.fspath(graph),
            options.wanted,
            data_root=None if options.data_root is None else Path(options.data_root),
            offline=options.offline,
        )
    module = type(graph).__module__
    if hasattr(graph, "edge_index"):
        from tvgnn_cli.io.data_object import graph_from_data

        label = f"graph ({type(graph).__name__})"
        return without_names(graph_from_data(graph, label), options.wanted, label)
    if is_networkx(graph):
        return _from_network(graph, options.wanted)
    if module.startswith("scipy.sparse"):
        return without_names(_from_matrix(graph), options.wanted, "graph (scipy matrix)")
    if hasattr(graph, "__arrow_c_stream__"):
        from tvgnn_cli.io.frames import read_frame

        return read_frame(graph, f"graph ({type(graph).__name__})", options.wanted)
    raise InputError(
        f"graph is of type {module}.{type(graph).__name__}; need a path or data set name, a "
        "networkx graph, a scipy sparse matrix, a DataFrame of edges or a torch_geometric Data"
        f"{_remedy(graph)}"
    )


def is_networkx(graph: Any) -> bool:
    """Tell whether an object is a graph of networkx, which is not loaded for that."""
    return any(each.__module__.startswith("networkx") for each in type(graph).__mro__)


def _remedy(graph: Any) -> str:
    """Say what makes a graph of something that is none here."""
    if hasattr(graph, "to_networkx"):
        return "; its own to_networkx() gives one"
    if type(graph).__module__.startswith("dgl"):
        return "; dgl.to_networkx gives one"
    if hasattr(graph, "obsp"):
        return "; tvgnn_cli.tl.tvgnn takes an AnnData"
    if hasattr(graph, "__array__"):
        return (
            "; scipy.sparse.csr_array makes one of an adjacency matrix, pandas.DataFrame of rows "
            "of two ends"
        )
    return "; pandas.DataFrame makes one of pairs" if isinstance(graph, list | tuple | set) else ""


def _from_network(network: Any, wanted: Wanted) -> Graph:
    from tvgnn_cli.io.networkx_form import from_networkx
    from tvgnn_cli.io.roles import to_graph

    label = "graph (networkx)"
    wanted.refuse(f"{label} has no columns; leave it out", *NO_COLUMNS)
    return to_graph(replace(from_networkx(network, label), network=network), wanted)


def _with_features(graph: Graph, options: InputOptions) -> Graph:
    features, gaps = options.features, options.impute is not None
    if features is None:
        return graph
    if isinstance(features, str | os.PathLike):
        from tvgnn_cli.io.feature_files import attach_features

        source = Source(os.fspath(features))
        return attach_features(graph, source, options.feature_attrs, gaps, options.truth)
    from tvgnn_cli.io.companions import num_rows, with_the_last
    from tvgnn_cli.io.given_rows import named_columns, placed

    features, names, said = named_columns(features, options.feature_attrs, options.truth, gaps)
    if hasattr(features, "tocsr"):
        features = checked(features, "features")
    if hasattr(features, "shape") and not hasattr(features, "index"):  # no ids go with its rows
        graph = with_the_last(graph, num_rows(features, 2), Source("features"))
    x, told = placed(graph, features, "features")
    x = as_features(x, graph.ids, "features", gaps)
    graph = graph.with_features(x, "features: given as an array", names)
    return replace(graph, notes=(*graph.notes, *said, *told))


def _with_labels(graph: Graph, options: InputOptions) -> Graph:
    labels = options.labels
    if labels is None:
        return graph
    if isinstance(labels, str | os.PathLike):
        from tvgnn_cli.io.label_files import attach_labels

        return attach_labels(graph, Source(os.fspath(labels)), options.label_attr)
    from tvgnn_cli.io.given_rows import placed

    if hasattr(labels, "tocsr"):
        raise InputError("labels: are a sparse matrix; need an array with a class for each vertex")
    y, told = placed(graph, labels, "labels", may_lack=True)
    y = _texts(y) if y.dtype == object else y
    found = as_labels(y, graph.num_vertices, "labels")
    said = found.said("given as an array" if found.codes is not None else "those that are given")
    return graph.with_labels(found.codes, found.names, said, *found.notes, *told)


def _texts(y: np.ndarray) -> np.ndarray:
    """True classes of several types as text, "" for none.

    Raises:
        InputError: rows of a table, or values that are neither numbers nor texts.
    """
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise InputError(
            f"labels: have shape {y.shape}; need one class for each vertex: of a DataFrame, give "
            "the column with the classes, its index the vertex ids"
        )
    other = next(
        (v for v in y if not (is_gap(v) or isinstance(v, str | Number | np.generic))), None
    )
    if other is not None:
        raise InputError(f"labels: one is of type {type(other).__name__}; need numbers or texts")
    return np.array(["" if is_gap(v) else as_text(v) for v in y])


def _from_matrix(matrix: Any) -> Graph:
    if len(matrix.shape) != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InputError(f"graph (scipy matrix): has shape {matrix.shape}, is not square")
    coo = checked(matrix, "graph (scipy matrix)").tocoo()
    weight = np.asarray(coo.data, dtype=np.float64)
    check_weights(weight, "graph (scipy matrix)")
    return Graph.from_edges(
        index_ids(matrix.shape[0]), np.asarray(coo.row), np.asarray(coo.col), weight
    )
