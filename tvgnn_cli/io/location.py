"""Interpretation of a GRAPH argument: a file, a stream or a data set."""

from __future__ import annotations

from dataclasses import dataclass

from tvgnn_cli.io.datasets import NAMED, DatasetName, find_dataset
from tvgnn_cli.io.places import is_folder, is_there
from tvgnn_cli.io.source import Source, is_stream


@dataclass(frozen=True)
class File:
    """A file, there or not."""

    name: str

    @property
    def stem(self) -> str:
        """Beginning of default names: `graph` for `data/graph.txt.gz`."""
        return Source(self.name).stem


@dataclass(frozen=True)
class Stream:
    """Standard input, or a shell's `<(command)`: only one process can read it, once."""

    name: str
    stem: str = "stdin"


@dataclass(frozen=True)
class Dataset:
    """A data set by its name, or a graph that comes with this package."""

    name: DatasetName

    @property
    def stem(self) -> str:
        """Beginning of default names: `Photo` for `pyg:Amazon/Photo`, `Cora` for `cora`."""
        known = {named: short for short, named in NAMED.items()}
        return known.get(self.name, self.name.name or self.name.family)


def locate(name: str) -> File | Stream | Dataset:
    """Say what a GRAPH argument names; an existing file wins over a data set of that name."""
    if is_stream(name):
        return Stream(name)
    dataset = None if is_there(name) and not is_folder(name) else find_dataset(name)
    return File(name) if dataset is None else Dataset(dataset)
