"""Result files, written whole or not at all."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import UsageError
from tvgnn_cli.io.atomic import refuse_no_name, temporary_prefix, write_atomically
from tvgnn_cli.io.columns import Columns, delimited
from tvgnn_cli.io.places import identity, is_folder, is_special, is_there, resolved
from tvgnn_cli.io.source import STDIN

STDOUT = STDIN
"""`-` as a target is standard output."""


def check_target(
    option: str,
    target: str,
    suffixes: Iterable[str],
    inputs: Iterable[str],
    to_stream: bool = True,
) -> None:
    """Refuse a target before any work is done for it.

    Args:
        option: what named it, empty where it is an argument.
        target: its name.
        suffixes: known ones; none for any.
        inputs: names of what is read.
        to_stream: whether it may be standard output.

    Raises:
        UsageError: an unknown suffix, a folder, a missing or unwritable folder, an input file.
    """
    path, named = Path(target), f"{option} {target}".strip()
    if target == STDOUT and to_stream:
        return
    _refuse_no_file(option, target)
    refuse_no_name(path, named)
    if is_special(path) and not is_folder(path):
        return  # as a shell's >(command), whose link leads to no name
    try:
        path = resolved(path) if path.is_symlink() else path
    except OSError as error:
        raise UsageError(f"{named}: cannot be written: {error.strerror}") from None
    if is_folder(path):
        raise UsageError(f"{named}: is a folder; name a file in it")
    if not is_folder(path.parent):
        raise UsageError(f"{named}: there is no folder {path.parent}")
    if is_special(path):
        return
    known, suffix = list(suffixes), Path(target).suffix
    if known and suffix_of(target) not in known:
        raise UsageError(f"{named}: unknown suffix '{suffix}'; known: {', '.join(known)}")
    there = identity(path) if is_there(path) else None
    for name in inputs:
        if name != STDIN and there is not None and there == identity(name):
            raise UsageError(f"{named}: is an input of this command; name another file")
    _check_writable(named, path)


def _refuse_no_file(option: str, target: str) -> None:
    """Refuse an empty name, and standard output.

    Raises:
        UsageError: it is one of them.
    """
    if not target:
        raise UsageError(f"{option or 'output'}: the name of the file is empty; give one")
    if target == STDOUT:
        raise UsageError(f"{option} {target}: does not go to standard output; name a file")


def suffix_of(target: str) -> str:
    """The suffix that says which writer it is for, in lower case; `.graphml.gz` is one."""
    path = Path(target.lower())
    if path.suffix != ".gz":
        return path.suffix
    return Path(path.stem).suffix + ".gz"


def make_folder(option: str, folder: Path) -> None:
    """Make a folder that files will be written into, unless it is there.

    Raises:
        UsageError: it cannot be made or written into.
    """
    try:
        refuse_no_name(folder, f"{option} {folder}")
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(f"{option} {folder}: cannot be made: {error.strerror}") from None
    _check_writable(f"{option} {folder}", folder / "file")


def _check_writable(named: str, path: Path) -> None:
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=temporary_prefix(path)):
            pass
    except OSError as error:
        raise UsageError(f"{named}: cannot be written: {error.strerror}") from None
    if is_there(path) and not os.access(path, os.W_OK):
        raise UsageError(f"{named}: cannot be written: the file is read-only")


def _parquet(columns: Columns, metadata: dict[str, Any]) -> bytes:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False)
    text = json.dumps(metadata, sort_keys=True)
    merged = {**(table.schema.metadata or {}), b"tvgnn": text.encode()}
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(merged), buffer)
    return buffer.getvalue()


def _to_stdout(data: bytes) -> None:
    """UTF-8, whatever the terminal's encoding.

    Raises:
        BrokenPipeError: the reader has left.
        UsageError: standard output cannot be written otherwise.
    """
    if sys.stdout is None:
        raise UsageError("standard output is closed; name a file with -o")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is left in the buffer must not fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise UsageError(f"standard output: cannot be written: {error.strerror}") from None


def write_text(text: str) -> None:
    """Write text to standard output.

    Raises:
        BrokenPipeError: the reader has left.
        UsageError: standard output cannot be written otherwise.
    """
    _to_stdout(text.encode())


Encoder = Callable[[Columns, dict[str, Any]], bytes]

TABLE_WRITERS: dict[str, Encoder] = {
    ".csv": lambda columns, _: delimited(columns, ","),
    ".tsv": lambda columns, _: delimited(columns, "\t"),
    ".parquet": _parquet,
}
"""Suffix to encoder, for tables of vertices."""


def write_table(columns: Columns, target: str, metadata: dict[str, Any]) -> None:
    """Write a table of vertices to a file, or as CSV to standard output for `-`.

    The Parquet form carries `metadata` as JSON under the key `tvgnn` of its schema.

    Raises:
        UsageError: an unknown suffix, or a target that cannot be written.
    """
    check_target("", target, TABLE_WRITERS, ())
    if target == STDOUT:
        _to_stdout(delimited(columns, ","))
        return
    encode = TABLE_WRITERS.get(Path(target).suffix.lower(), TABLE_WRITERS[".csv"])
    write_atomically(Path(target), encode(columns, metadata))


def write_rows(rows: Iterable[Mapping[str, Any]], target: str) -> None:
    """Write one line for each row of metrics, in the forms of `TABLE_WRITERS`.

    Raises:
        UsageError: an unknown suffix, or a target that cannot be written.
    """
    import pandas as pd

    listed = list(rows)
    # Which finds the type of a column some of whose rows have no value.
    frame = pd.DataFrame(listed)
    columns: dict[str, Any] = {str(name): frame[name].to_numpy() for name in frame}
    for name in frame:
        values = [row.get(name) for row in listed]
        if {type(value) for value in values} == {int, type(None)}:
            # Whole numbers, of which 3 would else be 3.0 beside an empty cell.
            columns[str(name)] = pd.Series(values, dtype=object).to_numpy()
    write_table(columns, target, {})


METRIC_WRITERS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    ".csv": lambda metrics: delimited(_one_row(metrics), ","),
    ".parquet": lambda metrics: _parquet(_one_row(metrics), metrics),
    ".json": lambda metrics: (json.dumps(metrics, indent=2) + "\n").encode(),
}
"""Suffix to encoder, for one row of metrics."""


def _one_row(metrics: dict[str, Any]) -> Columns:
    return {name: [value] for name, value in metrics.items()}


def write_metrics(metrics: dict[str, Any], target: str) -> None:
    """Write one row of metrics to a file, or as CSV to standard output for `-`.

    Raises:
        UsageError: an unknown suffix, or a target that cannot be written.
    """
    check_target("", target, METRIC_WRITERS, ())
    if target == STDOUT:
        _to_stdout(METRIC_WRITERS[".csv"](metrics))
        return
    encode = METRIC_WRITERS.get(Path(target).suffix.lower(), METRIC_WRITERS[".csv"])
    write_atomically(Path(target), encode(metrics))
