"""Targets of the commands on sets of graphs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tvgnn_cli.io.places import is_folder, is_there, resolved
from tvgnn_cli.io.source import Source


def stem_of(data: str) -> str:
    """Beginning of default names: `MUTAG` for `data/MUTAG/`, `set.v1` for `set.v1.jsonl.gz`."""
    named = Path(data.removeprefix("tu:"))
    if is_folder(named):
        return (named.name if named.name.strip(".") else resolved(named).name) or "graphs"
    return (Source(named.name).stem if named.suffix else named.name) or "graphs"


def check_outputs(
    data: str,
    labels: Path | None,
    others: Iterable[Path | None] = (),
    forms: Mapping[str, Iterable[str]] | None = None,
    **targets: str | Path | None,
) -> list[str]:
    """Refuse targets that could not be written in the end, or are files of the set itself.

    Args:
        data: the set of graphs.
        labels: the table of their classes.
        others: what else the command reads.
        forms: as of `check_files`.
        **targets: by option, `output` for -o; None for not wanted.

    Returns:
        Names of the files among them.

    Raises:
        UsageError: see `check_files`.
    """
    from tvgnn_cli.cli.outputs import check_files

    inputs = (data, labels, *others)
    written = check_files(inputs, forms, **targets)
    if any(map(is_there, written)):
        from tvgnn_cli.io.graph_sets.sources import sources_of

        within = sources_of(data, None if labels is None else str(labels))
        check_files((*inputs, *within), forms, **targets)
    return written
