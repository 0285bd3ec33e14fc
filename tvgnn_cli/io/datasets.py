"""Data sets by name, through PyTorch Geometric: `Cora`, or any with `pyg:CLASS/NAME`."""

from __future__ import annotations

import contextlib
import inspect
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, did_you_mean
from tvgnn_cli.graph import (
    Graph,
    check_features,
    check_weights,
    encode_labels,
    index_ids,
    merge_edges,
)

PREFIX = "pyg:"


@dataclass(frozen=True)
class DatasetName:
    """A data set class of `torch_geometric.datasets` and the name it takes."""

    family: str
    name: str

    @property
    def label(self) -> str:
        return f"{PREFIX}{self.family}/{self.name}" if self.name else f"{PREFIX}{self.family}"


DATASETS = {
    "Cora": DatasetName("Planetoid", "Cora"),
    "CiteSeer": DatasetName("Planetoid", "CiteSeer"),
    "PubMed": DatasetName("Planetoid", "PubMed"),
    "DBLP": DatasetName("CitationFull", "DBLP"),
}
"""Short names, those of the paper's Table 1."""


def find_dataset(name: str) -> DatasetName | None:
    """What a GRAPH argument names, or None where it does not name a data set."""
    if name.startswith(PREFIX):
        family, _, member = name.removeprefix(PREFIX).partition("/")
        return DatasetName(family, member)
    folded = {short.lower(): dataset for short, dataset in DATASETS.items()}
    return folded.get(name.lower())


def default_data_root() -> Path:
    """`$TVGNN_DATA_ROOT`, or `tvgnn/data` in the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("TVGNN_DATA_ROOT") or Path(cache) / "tvgnn" / "data")


def read_dataset(dataset: DatasetName, root: Path | None = None, offline: bool = False) -> Graph:
    """Load a data set, fetching it where it is missing and `offline` is not set.

    Raises:
        InputError: no such class or name, files missing while offline, a failed download, or a
            collection of several graphs.
    """
    root = (root or default_data_root()) / dataset.family
    kind = _dataset_class(dataset)
    arguments = _arguments(kind, dataset, root)
    kind = _offline(kind, dataset) if offline else kind
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            graphs = kind(**arguments)
            count, data = len(graphs), graphs[0]
    except InputError:
        raise
    except Exception as error:  # whatever a data set's own code raises is a fault of the input
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(f"{dataset.label}: cannot be loaded from {root}: {reason}") from None
    if count != 1:
        raise InputError(f"{dataset.label}: holds {count} graphs; clustering takes a single one")
    return graph_from_data(data, dataset.label, dataset.name or dataset.family)


def _dataset_class(dataset: DatasetName) -> Any:
    import torch_geometric.datasets

    kind = getattr(torch_geometric.datasets, dataset.family, None)
    if not isinstance(kind, type):
        known = torch_geometric.datasets.__all__
        hint = did_you_mean(dataset.family, known) if dataset.family else ""
        raise InputError(
            f"{dataset.label}: torch_geometric.datasets has no class '{dataset.family}'."
            f"{hint if len(hint) < 80 else ''}"
        )
    return kind


def _arguments(kind: Any, dataset: DatasetName, root: Path) -> dict[str, str]:
    """The arguments that a class takes: some have no name, some no root."""
    taken = inspect.signature(kind.__init__).parameters
    if dataset.name and "name" not in taken:
        raise InputError(
            f"{dataset.label}: {dataset.family} takes no name; write pyg:{kind.__name__}"
        )
    if not dataset.name and "name" in taken:
        raise InputError(f"{dataset.label}: needs a name, as in pyg:{dataset.family}/NAME")
    given = {"root": str(root), "name": dataset.name}
    return {key: value for key, value in given.items() if value and key in taken}


def _offline(kind: Any, dataset: DatasetName) -> Any:
    """The class with its download replaced by an error that names what is missing, and where."""

    def refuse(self: Any) -> None:
        missing = [Path(path) for path in self.raw_paths if not Path(path).exists()]
        if missing:
            names = ", ".join(path.name for path in missing)
            raise InputError(
                f"{dataset.label}: offline, and these files are missing: {names}; "
                f"put them into {missing[0].parent}"
            )

    return type(kind.__name__, (kind,), {"_download": refuse})


def graph_from_data(data: Any, label: str, name: str = "graph") -> Graph:
    """A PyTorch Geometric `Data` object in our form.

    Raises:
        InputError: it is not a single homogeneous graph.
    """
    edge_index = getattr(data, "edge_index", None)
    if edge_index is None or getattr(data, "num_nodes", None) is None:
        raise InputError(f"{label}: is not a single graph with an edge_index")
    n = int(data.num_nodes)
    tail, head = edge_index.detach().cpu().numpy()
    weight = getattr(data, "edge_weight", None)
    weight = None if weight is None else weight.detach().cpu().double().numpy()
    if weight is not None:
        check_weights(weight, label)
    edges = merge_edges(tail, head, weight)
    ids = index_ids(n)
    x = getattr(data, "x", None)
    if x is not None:
        x = _features(x)
        check_features(x, ids, label)
    y = getattr(data, "y", None)
    known = y is not None and y.dim() == 1 and len(y) == n
    codes, names = encode_labels(_texts(y)) if known else (None, ())
    return Graph(
        ids=ids,
        edge_index=edges.edge_index,
        edge_weight=edges.edge_weight,
        x=x,
        y=codes,
        class_names=names,
        name=name,
        counts=edges.counts,
    )


def _texts(y: Any) -> list[str]:
    return [str(value) for value in y.tolist()]


def _features(x: Any) -> Any:
    """float32 features, in CSR form where most of them are 0."""
    import scipy.sparse as sp

    array = x.to_dense().detach().cpu().float().numpy()
    if np.count_nonzero(array) < 0.25 * array.size:
        return sp.csr_array(array)
    return array
