"""Data sets that PyTorch Geometric has processed before, from its own files and without its import,
which takes longer than to cluster a small graph.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tvgnn_cli.io.places import is_there

KIND = "torch_geometric.data.data.Data"
"""The class that files say their graph is of."""

UNCHANGED = {"pre_transform.pt": "None", "pre_filter.pt": "None"}
"""Files that say what was done to a graph before it was kept, and that nothing was."""


def processed_file(family: str, name: str, root: Path) -> Path | None:
    """The file that the library keeps a graph in, by its class; None for a class not known here."""
    places = {
        "Planetoid": (name, "data.pt"), "CitationFull": (name.lower(), "data_undirected.pt")
    }  # fmt: skip
    if name in ("", "..") or name != Path(name).name or family not in places:
        return None
    folder, file = places[family]
    return root / folder / "processed" / file


def read_processed(path: Path) -> Any:
    """The graph in a file of the library, as an object with its arrays; None where there is none,
    or one in another form: then the library itself has to say.

    Nothing in the file is run: it may hold tensors, and name the class of a graph.
    """
    if not all(is_there(path.parent / file) for file in (path.name, *UNCHANGED)):
        return None
    import torch

    try:
        with torch.serialization.safe_globals([(SimpleNamespace, KIND)]):
            found = {file: _loaded(path.parent / file) for file in (path.name, *UNCHANGED)}
            graph = found.pop(path.name)
        arrays, parts, kind = graph
        if found != UNCHANGED or type(graph) is not tuple:
            return None
        # It is the library's own where that is loaded and lets its files name it.
        is_known = kind is SimpleNamespace or f"{kind.__module__}.{kind.__name__}" == KIND
        if parts is not None or not is_known:
            return None
        if arrays.get("num_nodes") is None:
            arrays["num_nodes"] = len(arrays["x"])
        return SimpleNamespace(**arrays)
    except Exception:  # of another version, or damaged
        return None


def _loaded(path: Path) -> Any:
    import torch

    return torch.load(path, weights_only=True)
