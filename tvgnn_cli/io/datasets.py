"""Data sets by name: `karate`, which comes with the package; through PyTorch Geometric `Cora`, or
any with `pyg:CLASS/NAME`.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InputError, did_you_mean
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.built_in import BUILT_IN, read_built_in
from tvgnn_cli.io.data_object import graph_from_data
from tvgnn_cli.io.places import is_folder, is_there
from tvgnn_cli.io.processed import processed_file, read_processed

PREFIX = "pyg:"


@dataclass(frozen=True)
class DatasetName:
    """A data set class of `torch_geometric.datasets` and the name it takes; no class for a graph
    that comes with this package.
    """

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

NAMED = {**{name: DatasetName("", name) for name in BUILT_IN}, **DATASETS}
"""All short names."""

BINARISED = ("CitationFull", "Amazon", "Coauthor")
"""Classes whose reader, `torch_geometric.io.read_npz`, replaces feature values by presence."""


def find_dataset(name: str) -> DatasetName | None:
    """Find the data set that a GRAPH argument names; None where it names none."""
    if name.startswith(PREFIX):
        family, _, member = name.removeprefix(PREFIX).partition("/")
        return DatasetName(family, member)
    folded = {short.lower(): dataset for short, dataset in NAMED.items()}
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
    if not dataset.family and dataset.name in BUILT_IN:
        return read_built_in(dataset.name)
    root = (root or default_data_root()) / dataset.family
    place = processed_file(dataset.family, dataset.name, root)
    place = place if place is not None and is_there(place) else None
    data = None if place is None else read_processed(place)
    if data is None:
        data = _from_library(dataset, root, offline, place)
    graph = graph_from_data(data, dataset.label, dataset.name or dataset.family)
    if dataset.family in BINARISED:
        return graph.with_note("features: PyTorch Geometric makes them 0 or 1 as it reads them")
    return graph


def _from_library(dataset: DatasetName, root: Path, offline: bool, place: Path | None) -> Any:
    """The graph of a data set, by the code that the library has for it; `place` is the file that it
    keeps the graph in, where that is known.
    """
    kind = _dataset_class(dataset)
    arguments = _arguments(kind, dataset, root)
    kind = _offline(kind, dataset) if offline else kind
    try:
        with (
            contextlib.redirect_stderr(io.StringIO()),
            _no_network(dataset) if offline else contextlib.nullcontext(),
            tempfile.TemporaryDirectory() as scratch,
        ):
            graphs = _processed_in(kind, Path(scratch))(**arguments)
            count, data = len(graphs), graphs[0]
    except InputError:
        raise
    except Exception as error:  # whatever a data set's own code raises is a fault of the input
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        kept = (
            "" if place is None else f"; if it is damaged, remove {place.parent.relative_to(root)}"
        )
        told = f"{dataset.label}: cannot be loaded from {root}: {reason}{kept}"
        raise InputError(told) from None
    if count != 1:
        raise InputError(f"{dataset.label}: holds {count} graphs; clustering takes a single one")
    return data


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
        missing = [Path(path) for path in self.raw_paths if not is_there(path)]
        if missing:
            names = ", ".join(path.name for path in missing)
            raise InputError(
                f"{dataset.label}: offline, and these files are missing: {names}; "
                f"put them into {missing[0].parent}"
            )

    return type(kind.__name__, (kind,), {"_download": refuse})


@contextlib.contextmanager
def _no_network(dataset: DatasetName) -> Iterator[None]:
    """No name of another machine can be looked up, whatever a data set's own code tries."""

    def refuse(*_: object, **__: object) -> None:
        raise InputError(f"{dataset.label}: offline, and not all of its files are in place")

    kept = socket.getaddrinfo
    socket.getaddrinfo = refuse  # type: ignore[assignment]
    try:
        yield
    finally:
        socket.getaddrinfo = kept


def _processed_in(kind: Any, scratch: Path) -> Any:
    """The class, with its processed form in `scratch` where its own folder cannot be written."""
    own = getattr(kind, "processed_dir", None)
    if not isinstance(own, property):
        return kind

    def processed_dir(self: Any) -> str:
        folder = Path(own.fget(self))  # type: ignore[misc]
        usable = is_there(folder / "pre_filter.pt") or _is_writable(folder)
        return str(folder if usable else scratch)

    return type(kind.__name__, (kind,), {"processed_dir": property(processed_dir)})


def _is_writable(folder: Path) -> bool:
    """Tell whether files can be made in a folder, or in the nearest one above it that exists."""
    existing = next(path for path in (folder, *folder.parents) if is_folder(path))
    try:
        with tempfile.TemporaryFile(dir=existing):
            return True
    except OSError:
        return False
