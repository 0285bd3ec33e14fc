"""The files that a set of graphs is read from, told without reading the graphs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.graph_sets.dgl_meta import META, SECTIONS, read_meta
from tvgnn_cli.io.graph_sets.files import files_of_folder, files_of_table
from tvgnn_cli.io.graph_sets.read import FORMS, reader_of
from tvgnn_cli.io.graph_sets.tu import CLEANED, RAW
from tvgnn_cli.io.places import found_in, is_there


def sources_of(data: str, labels: str | None = None) -> list[Path]:
    """List the files that would be read for a set, of those that can be told; none for a name.

    Args:
        data: as of `read_graph_set`.
        labels: the table of classes.
    """
    path = Path(data)
    if not is_there(path):
        return []
    listed: dict[str, Callable[[], list[Path]]] = {
        "TU": lambda: _of_tu(path),
        "DGL": lambda: _of_dgl(path),
        "folder": lambda: files_of_folder(path, labels),
        ".csv": lambda: files_of_table(path, path.parent),
    }
    try:
        reader = reader_of(path)
        form = next(name for name, known in FORMS.items() if known is reader)
        return listed.get(form, lambda: [path])()
    except InputError:  # which the reading will tell
        return []


def _of_tu(folder: Path) -> list[Path]:
    places = (folder, folder / RAW, folder / CLEANED)
    return [path for place in places for path in found_in(place, "*.txt")]


def _of_dgl(folder: Path) -> list[Path]:
    meta = read_meta(folder / META)
    names = [meta.file_name(section, META) for section in SECTIONS]
    return [folder / META, *(folder / name for name in names if name is not None)]
