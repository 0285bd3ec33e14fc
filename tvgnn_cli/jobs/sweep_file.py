"""A sweep on file, as `tvgnn sweep` has written it, or the numbers of clusters that a run tried."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tvgnn_cli.config import FIELDS
from tvgnn_cli.errors import InputError
from tvgnn_cli.evaluation.metric_table import METRICS
from tvgnn_cli.graph.property_graph import Column
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.table_cells import table_of_parquet, table_of_text
from tvgnn_cli.io.written_numbers import with_numbers
from tvgnn_cli.jobs.sweep_result import SweepResult
from tvgnn_cli.prepare.evidence.suggestion import chosen_number, suggest_clusters

CLUSTERS = "num_clusters"

KINDS = {metric.name: metric.kind for metric in METRICS}

NEEDED = (CLUSTERS, "modularity")
"""Columns of every table of a sweep."""

TRIED = (CLUSTERS, "bits_saved", "chosen")
"""Columns of every table of the numbers of clusters that a run tried (`-k auto`)."""


def read_sweep(path: str | Path) -> SweepResult:
    """The rows of a sweep, the settings that it goes over, and what the rows speak for.

    Args:
        path: a `.csv`, `.tsv` or `.parquet` file that `tvgnn sweep` or `SweepResult.write` has
            written, or `-k auto` with `--numbers`.

    Raises:
        InputError: it cannot be read, or is no such table.
    """
    source = Source(str(path))
    is_parquet = source.suffix == ".parquet"
    table = table_of_parquet(source) if is_parquet else table_of_text(source, set())
    is_tried = all(name in table.names for name in TRIED)
    lacking = [name for name in NEEDED if name not in table.names and not is_tried]
    if not table.named or lacking:
        raise InputError(
            f"{source.label}: is no table of tvgnn sweep: it has no column '{(*lacking, '')[0]}'"
        )
    columns = {
        name: _values(name, with_numbers(table.column(i)), source)
        for i, name in enumerate(table.names)
    }
    rows = tuple(
        {name: values[i] for name, values in columns.items() if values[i] is not None}
        for i in range(table.num_rows)
    )
    over = _over(table.names)
    if not over or any(name not in row for row in rows for name in over):
        raise InputError(
            f"{source.label}: is no table of tvgnn sweep: its first column is no setting with a "
            "value in every row"
        )
    found = chosen_number(rows) if is_tried else suggest_clusters(_counted(rows))
    return SweepResult(rows, over, found, source.stem)


def _values(name: str, column: Column, source: Source) -> list[Any]:
    """Values of a column, None where there is none.

    Raises:
        InputError: a metric that is no number.
    """
    if KINDS.get(name) is float and not column.is_number:
        if len(column.present):
            raise InputError(f"{source.label}: column '{name}': is not all numbers")
        return [None] * len(column.values)
    if not column.is_number:
        return [text or None for text in column.texts()]
    return [_number(value) for value in column.floats().tolist()]


def _number(value: float) -> int | float | None:
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) else value


def _over(names: Sequence[str]) -> tuple[str, ...]:
    """The settings that come before the metrics. These begin with the number of clusters, or, where
    that is one of the settings and so the first column, with what is no setting.
    """
    found: list[str] = []
    for name in names:
        if name not in FIELDS or (name == CLUSTERS and found):
            break
        found.append(name)
    return tuple(found)


def _counted(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows that did not fail."""
    return [row for row in rows if row.get("modularity") is not None]
