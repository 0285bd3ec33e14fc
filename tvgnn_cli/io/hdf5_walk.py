"""Walk over all that an HDF5 file says that it holds, before any of it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tvgnn_cli.errors import InputError, TvgnnError, reason_of, shown
from tvgnn_cli.io.bounds import TIMES, refuse_unpacked
from tvgnn_cli.io.hdf5_heaps import fault_of_heaps
from tvgnn_cli.io.places import state_of
from tvgnn_cli.io.source import Source

if TYPE_CHECKING:
    import h5py

STAYING = ("/X/", "/raw/X/")
"""Arrays that stay in the file until parts of them are read."""

DENSEST = 1100
"""Times that an array of packed zeros is larger than they are in the file, at most."""

REMEDY = "write it without compression"


@contextmanager
def damage_told(label: str) -> Iterator[None]:
    """Tell of a damaged file in one way, whatever h5py and anndata raise.

    Raises:
        InputError: something in the block failed, but for want of memory.
    """
    try:
        yield
    except (TvgnnError, MemoryError):
        raise
    except Exception as error:  # they raise many kinds for a file that is damaged
        raise InputError(
            f"{label}: is no AnnData file, or is damaged: {reason_of(error)}"
        ) from None


def refuse_damage(source: Source) -> None:
    """Refuse an HDF5 file that would end the process, or take far more memory than it has bytes.

    Raises:
        InputError: it is a pipe, missing, no HDF5 file or damaged, holds lists where texts are
            meant, parts of it are in other files, or it is far smaller than what it says that it
            holds.
    """
    import h5py

    if source.held is not None:
        raise InputError(
            f"{source.label}: .h5ad files are read part by part, and a pipe is not; name a file"
        )
    source.open().close()  # a file that is missing or unreadable is told as elsewhere
    with damage_told(source.label):
        fault = fault_of_heaps(source.path)
        if fault:
            raise ValueError(fault)
        with h5py.File(source.path, "r") as file:
            taken, staying = 0, 0
            for name, found in _members(file, source.label):
                size = _size(found)
                if f"{name}/".startswith(STAYING):
                    staying += size
                else:
                    taken += size
    state = state_of(source.path)
    size = 0 if state is None else state.st_size
    # What stays in the file may be dense zeros, and nobody may ask for it.
    for each in (taken, staying * TIMES // DENSEST):
        refuse_unpacked(size, each, source.label, "what it holds", REMEDY)


def _members(file: h5py.File, label: str) -> Iterator[tuple[str, Any]]:
    """Groups and arrays with their names, each once, whatever links lead to it.

    Raises:
        InputError: a value of a type that cannot be read, or in another file.
    """
    import h5py

    seen: set[Any] = set()
    queue: list[tuple[str, Any]] = [("", file)]
    while queue:
        name, found = queue.pop()
        place = h5py.h5o.get_info(found.id)
        if (place.fileno, place.addr) in seen:
            continue
        seen.add((place.fileno, place.addr))
        for i in range(h5py.h5a.get_num_attrs(found.id)):
            attribute = h5py.h5a.open(found.id, index=i)
            _refuse_lists(
                attribute.get_type(), label, f"{name} {attribute.name.decode(errors='replace')}"
            )
        yield name, found
        if isinstance(found, h5py.Dataset):
            _refuse_lists(found.id.get_type(), label, name)
            if found.external or found.is_virtual:
                raise InputError(
                    f"{label}: {shown(name)} is in another file; copy it into this one"
                )
        elif isinstance(found, h5py.Group):
            for key in found:
                link = found.get(key, getlink=True)
                if isinstance(link, h5py.ExternalLink):
                    raise InputError(f"{label}: {shown(f'{name}/{key}')} is a link to another file")
                if isinstance(link, h5py.HardLink):
                    queue.append((f"{name}/{key}", found[key]))


def _refuse_lists(kind: Any, label: str, name: str) -> None:
    """Refuse lists of any length as values: AnnData has none, and HDF5 takes a text whose type is
    damaged for such a list, and fails.
    """
    import h5py

    kinds = [kind]
    while kinds:
        kind = kinds.pop()
        if isinstance(kind, h5py.h5t.TypeVlenID):
            raise InputError(f"{label}: {shown(name)} holds lists, or the file is damaged")
        if isinstance(kind, h5py.h5t.TypeCompoundID):
            kinds += [kind.get_member_type(i) for i in range(kind.get_nmembers())]
        elif isinstance(kind, h5py.h5t.TypeArrayID):
            kinds.append(kind.get_super())


def _size(found: Any) -> int:
    """Bytes that an array takes in memory, or the rows of a sparse matrix."""
    import h5py

    if isinstance(found, h5py.Dataset):
        points = found.id.get_space().get_simple_extent_npoints()
        return int(points) * int(found.id.get_type().get_size())
    for name in ("shape", "h5sparse_shape"):
        if name in found.attrs:
            return 8 * max((int(size) for size in found.attrs[name].flat), default=0)
    return 0
