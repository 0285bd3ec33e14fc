"""Files that the rows of a manifest read and write: none of them may meet another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.location import File, locate
from tvgnn_cli.io.places import fault_of_name, identity, is_special
from tvgnn_cli.jobs.manifest import Job


def refuse_collisions(
    path: Path, jobs: Sequence[Job], others: Iterable[str] = (), folder: Path | None = None
) -> None:
    """Refuse a manifest of which a row would write a file that another row, or the batch itself,
    reads or writes. Links and `..` are followed.

    Args:
        path: of the manifest.
        jobs: its rows, with the files that they write.
        others: files that the batch writes.
        folder: where it keeps what is its own.

    Raises:
        InputError: naming the lines and the file.
    """
    kept = {identity(str(path)): "it is this manifest"}
    kept |= {identity(name): "the batch writes its outcomes there" for name in others}
    readers = {identity(name): job.row for job in reversed(jobs) for name in _read_by(job)}
    _refuse_read(path, readers, others)
    writers: dict[object, int] = {}
    own = None if folder is None else identity(str(folder))
    for job in jobs:
        for target in job.targets:
            if is_special(target):
                continue
            where, line = identity(target), f"{path}: line {job.row}: writes {target}"
            fault = fault_of_name(target)
            first = writers.setdefault(where, job.row)
            reason = kept.get(where, "")
            if fault:
                reason = f"and no file can have this name ({fault})"
            elif first != job.row:
                reason = f"as line {first} does"
            elif where in readers:
                reason = f"which line {readers[where]} reads"
            elif own is not None and identity(str(Path(target).parent)) == own:
                reason = f"into the folder {folder}, where the batch keeps its own"
            if reason:
                column = job.column_of(target)
                raise InputError(f"{line}, {reason}; name another in a column '{column}'")


def _refuse_read(path: Path, readers: Mapping[object, int], others: Iterable[str]) -> None:
    """Refuse files that the batch writes in the place of those that its rows read.

    Raises:
        InputError: naming the line and the file.
    """
    for name in others:
        if not is_special(name) and identity(name) in readers:
            raise InputError(
                f"{path}: line {readers[identity(name)]}: reads {name}, where the batch writes its "
                "outcomes; name another file for these (`output`)"
            )


def _read_by(job: Job) -> list[str]:
    """Files among what a row reads."""
    named = [job.graph] if isinstance(locate(job.graph), File) else []
    return [*named, *(name for name in job.files if name != job.graph)]
