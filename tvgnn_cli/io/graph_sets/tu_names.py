"""TU data sets by name, fetched where they are missing."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.datasets import default_data_root
from tvgnn_cli.io.graph_sets.asked import Asked
from tvgnn_cli.io.graph_sets.tu import CLEANED, RAW, Files
from tvgnn_cli.io.places import is_file

PREFIXES = ("tu:", "pyg:TUDataset/")
"""Beginnings of the name of any of them."""

SETS = ("MUTAG", "PROTEINS", "NCI1", "Mutagenicity", "DD", "COLLAB", "REDDIT-BINARY")
"""Those that need nothing before their name, the paper's."""

NEEDED = ("A", "graph_indicator")

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)


def find_set(name: str) -> str | None:
    """The TU data set that a name means; None where it means none.

    Raises:
        InputError: what follows `tu:` is no name.
    """
    for prefix in PREFIXES:
        if name.startswith(prefix):
            member = name.removeprefix(prefix)
            if not _NAME.fullmatch(member):
                raise InputError(
                    f"{name[:80]!r}: is no name of a TU data set; write {prefix}NAME, as in "
                    f"{prefix}MUTAG"
                )
            return member
    return {known.lower(): known for known in SETS}.get(name.lower())


def files_of_set(name: str, asked: Asked) -> Files:
    """The files of a data set, fetched where they are missing and `offline` is not set.

    Raises:
        InputError: files that are missing while offline, or that cannot be fetched.
    """
    root = (asked.data_root or default_data_root()) / "TUDataset"
    files = Files(root / name / (CLEANED if asked.cleaned else RAW), name)
    missing = [f"{name}_{what}.txt" for what in NEEDED if not files.has(what)]
    if not missing:
        return files
    if asked.offline:
        other = Files(root / name / (RAW if asked.cleaned else CLEANED), name)
        way = ""
        if all(map(other.has, NEEDED)):
            way = f"; without `cleaned` {RAW} is read" if asked.cleaned else "; `cleaned` is there"
        raise InputError(
            f"{name}: offline, and these files are missing: {', '.join(missing)}; put them into "
            f"{files.folder}{way}"
        )
    _fetch(files, root, asked.cleaned)
    return files


def _fetch(files: Files, root: Path, cleaned: bool) -> None:
    """Have PyTorch Geometric fetch the files; ours is the reading."""
    import torch_geometric.datasets

    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".fetching-") as scratch:
            fetched = object.__new__(torch_geometric.datasets.TUDataset)
            fetched.root, fetched.name, fetched.cleaned = scratch, files.name, cleaned
            Path(fetched.raw_dir).mkdir(parents=True)
            fetched.download()
            files.folder.mkdir(parents=True, exist_ok=True)
            for path in Path(fetched.raw_dir).iterdir():
                if is_file(path):
                    path.replace(files.folder / path.name)
    except Exception as error:  # whatever its code raises is a fault of the input
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:120]
        raise InputError(f"{files.name}: cannot be fetched to {files.folder}: {reason}") from None
    if not all(map(files.has, NEEDED)):
        raise InputError(f"{files.name}: what was fetched to {files.folder} is no TU data set")
