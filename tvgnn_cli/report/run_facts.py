"""Facts of the run that made clusters: from a result, a model, or files beside the clusters."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InputError, TvgnnError, reason_of
from tvgnn_cli.evaluation.metric_table import METRICS, VOLATILE, check_metrics
from tvgnn_cli.io.json_text import parse_object
from tvgnn_cli.io.parquet_file import ParquetFile
from tvgnn_cli.io.places import is_file
from tvgnn_cli.io.source import Source

SUFFIXES = (".csv", ".json", ".parquet")
"""Forms of a file of metrics."""

KEY = b"tvgnn"
"""Key of the metrics in the description of a Parquet file of clusters."""

MOST = 2**20
"""Bytes of a file of metrics; one row has some thousand."""

EXACT = ("clusters_used", "smallest_cluster", "largest_cluster")
"""Counts by which clusters are told from others of the same graph."""

NEAR = ("cut_fraction", "modularity")
"""Measures for the same end, up to the last digits."""


@dataclass(frozen=True)
class Run:
    """Facts that are known of a run.

    Args:
        metrics: its metrics by name, without those that differ from one run to the next.
        settings: its settings by name.
        history: training loss at each epoch.
        source: the beginning of a sentence on where metrics come from; empty where none are known.
        notes: sentences of the run, and on what is not known of it.
        tried: a row for each number of clusters that it tried.
    """

    metrics: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[float, ...] = ()
    source: str = ""
    notes: tuple[str, ...] = ()
    tried: tuple[Mapping[str, Any], ...] = ()


def run_of(clusters: Any, fingerprint: str, scores: Mapping[str, Any], model: Any = None) -> Run:
    """The run that made clusters, as far as it is known and is one of this graph.

    Args:
        clusters: a file, a result, or anything else, of which nothing is known.
        fingerprint: of the graph.
        scores: of these clusters, by which those of another run are told.
        model: a `FittedModel` of that run; None for none.

    Raises:
        InputError: a model that was trained on another graph, or gives other clusters.
    """
    if model is not None:
        return _of_model(model, fingerprint, scores)
    if getattr(clusters, "metrics", None):
        return _of_result(clusters, fingerprint)
    if isinstance(clusters, str | os.PathLike):
        return _of_files(Path(clusters), fingerprint, scores)
    return Run()


def _of_result(result: Any, fingerprint: str) -> Run:
    fault = _fault(result.metrics, fingerprint, {})
    if fault:
        return Run(notes=(f"metrics of the result: left out, {fault}",))
    config = getattr(result, "config", None)
    return Run(
        lasting(result.metrics),
        asdict(config) if is_dataclass(config) and not isinstance(config, type) else {},
        tuple(getattr(result, "history", ())),
        "Those of the run",
        tuple(getattr(result, "notes", ())),
        tuple(getattr(result, "tried", ())),
    )


def _of_model(model: Any, fingerprint: str, scores: Mapping[str, Any]) -> Run:
    fault = _fault(model.provenance, fingerprint, scores)
    if fault:
        raise InputError(f"`model`: {fault}")
    metrics = {**model.provenance, "model_fingerprint": model.fingerprint()}
    return Run(
        lasting(metrics),
        asdict(model.config),
        tuple(model.history),
        "Those of the run, as its model has them",
    )


def _of_files(path: Path, fingerprint: str, scores: Mapping[str, Any]) -> Run:
    """The run that the description of a Parquet file has, or a file of metrics beside it."""
    notes = []
    for label, read in _places(path):
        try:
            metrics = read()
            check_metrics(metrics)
        except (TvgnnError, ValueError, OSError) as error:
            notes.append(f"{label}: cannot be read as metrics ({reason_of(error)})")
            continue
        if not metrics:
            continue
        fault = _fault(metrics, fingerprint, scores)
        if not fault:
            return Run(
                lasting(metrics), source=f"Those of the run, from {label}", notes=tuple(notes)
            )
        notes.append(f"{label}: left out, {fault}")
    if not notes:
        notes = [f"no metrics beside {path.name}; what made these clusters is not known"]
    return Run(notes=tuple(notes))


def _places(path: Path) -> Iterator[tuple[str, Any]]:
    """Places where metrics may be, and what reads them."""
    if path.suffix.lower() == ".parquet" and is_file(path):
        yield path.name, lambda: _described(path)
    bare = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    stem = bare.stem.removesuffix(".clusters")
    for suffix in SUFFIXES:
        beside = path.parent / f"{stem}.metrics{suffix}"
        if is_file(beside):
            yield beside.name, lambda beside=beside: read_metrics(beside)


def _described(path: Path) -> dict[str, Any]:
    with ParquetFile(Source(str(path))) as file:
        return parse_object((file.schema.metadata or {}).get(KEY, b"{}"))


def read_metrics(path: Path) -> dict[str, Any]:
    """The row of a file of metrics, as `write_metrics` writes it.

    Raises:
        InputError, ValueError: it cannot be read, or is no such row.
    """
    if path.suffix.lower() == ".parquet":
        return _described(path)
    data = Source(str(path)).read_text()
    if len(data) > MOST:
        raise ValueError(f"more than {MOST:,} bytes")
    if path.suffix.lower() == ".json":
        return parse_object(data)
    try:
        rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    except csv.Error as error:
        raise ValueError(str(error)) from None
    if len(rows) != 2 or len(rows[0]) != len(rows[1]):
        raise ValueError("no row of metrics under a header")
    return dict(_typed(name, text) for name, text in zip(*rows, strict=True) if text)


KINDS = {metric.name: metric.kind for metric in METRICS}


def _typed(name: str, text: str) -> tuple[str, Any]:
    """A metric as a value of its type."""
    kind = KINDS.get(name, str)
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(f"{name} is {text!r:.40}")
        return name, text.lower() == "true"
    if kind is float:
        return name, int(text) if text.lstrip("-").isdecimal() else float(text)
    return name, text


def lasting(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics that are known by name and are the same whenever the same command runs."""
    return {
        name: metrics[name]
        for name in KINDS
        if name not in VOLATILE and metrics.get(name) is not None
    }


def _fault(metrics: Mapping[str, Any], fingerprint: str, scores: Mapping[str, Any]) -> str:
    """Say why metrics are not those of these clusters; "" where they are."""
    if metrics.get("input_fingerprint") != fingerprint:
        return (
            "of another graph, or of other features (the fingerprints differ); give the input as "
            "the run had it"
        )
    differing = [
        name for name in (*EXACT, *NEAR)
        if name in scores and name in metrics and not _alike(name, scores[name], metrics[name])
    ]  # fmt: skip
    return f"of other clusters ({differing[0]} differs)" if differing else ""


def _alike(name: str, ours: Any, theirs: Any) -> bool:
    if not isinstance(theirs, int | float):
        return False
    near = 0.0 if name in EXACT else 1e-6
    return math.isclose(ours, theirs, rel_tol=near, abs_tol=near)
