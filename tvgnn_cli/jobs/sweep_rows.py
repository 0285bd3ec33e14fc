"""Rows of metrics, one for each configuration of a sweep, kept and gone on with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.api import cluster
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import TvgnnError, UsageError
from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.claims import claim
from tvgnn_cli.io.places import found_in, is_there
from tvgnn_cli.io.writers import make_folder
from tvgnn_cli.jobs.axes import Axis
from tvgnn_cli.jobs.kept_labels import LABELS, ClusterFiles, labels_of, packed
from tvgnn_cli.jobs.kept_rows import KeptRow
from tvgnn_cli.methods import METHODS, PARTITION
from tvgnn_cli.observer import Observer, Relay, RestartReport
from tvgnn_cli.run.settling import clusters_of, refuse_more_than_vertices
from tvgnn_cli.train import Checkpointing


def sweep_rows(  # noqa: PLR0913 parameters of an interface
    graph: Graph,
    configs: Sequence[ClusterConfig],
    axes: Sequence[Axis],
    *,
    checkpointing: Checkpointing | None = None,
    interruption: Interruption | None = None,
    observer: Observer | None = None,
    only: range | None = None,
    keep: Path | None = None,
    labels: dict[int, np.ndarray] | None = None,
    **options: Any,
) -> Iterator[dict[str, Any]]:
    """A row of metrics for each configuration, as it is done.

    With `checkpointing.folder`, rows are kept there too, and those that are there are not made
    again; `only` trains the configurations of these positions and gives no others.

    Args:
        graph: what is clustered.
        configs: of `configurations`.
        axes: the settings that they differ in.
        checkpointing: where rows and states are kept.
        interruption: asked between two steps whether the sweep is to end.
        observer: told of each run.
        only: positions of the configurations to train here; None for all.
        keep: folder for a file of clusters and one of metrics for each configuration; None for
            none.
        labels: takes the clusters of each, by position.
        **options: as `cluster` takes them: threads, device, ignore_memory.

    Raises:
        UsageError: a number of clusters above that of vertices.
        InterruptionError: the sweep was asked to end; what is done is kept.
    """
    checkpointing, observer = checkpointing or Checkpointing(), observer or Observer()
    interruption = interruption or Interruption()
    options["interruption"] = interruption
    configs = [_settled(config, graph) for config in configs]
    refuse_more_than_vertices(max((config.num_clusters or 0) for config in configs), graph)
    if checkpointing.folder is not None:
        make_folder("`checkpoint`", checkpointing.folder)
        _tell_of_locks(checkpointing.folder, observer)
        checkpointing = _resuming(checkpointing, checkpointing.folder)
    if keep is not None:
        make_folder("`keep`", keep)
    may_end = False
    for position in range(len(configs)) if only is None else only:
        config = configs[position]
        checkpointing.end_between(interruption, may_end)
        may_end = may_end or not has_row(graph, config, checkpointing)
        values = values_of(config, axes)
        observer.phase(", ".join(f"{k}={v}" for k, v in values.items()), position, len(configs))
        files = None if keep is None else ClusterFiles(keep, values)
        row = _row(graph, config, checkpointing, observer, options, files)
        if labels is not None and row.get(LABELS) is not None:
            labels[position] = labels_of(row, graph.num_vertices)
        yield {**values, **{name: value for name, value in row.items() if name != LABELS}}


def values_of(config: ClusterConfig, axes: Sequence[Axis]) -> dict[str, Any]:
    """The values that a configuration has of the settings that are swept."""
    return {axis.name: getattr(config, axis.name) for axis in axes}


def kept_files(folder: Path, configs: Sequence[ClusterConfig], axes: Sequence[Axis]) -> list[str]:
    """Names of the files of clusters and metrics that a folder gets."""
    files = [ClusterFiles(folder, values_of(config, axes)) for config in configs]
    return [str(path) for each in files for path in (each.clusters, each.metrics)]


def has_row(graph: Graph, config: ClusterConfig, checkpointing: Checkpointing) -> bool:
    """Tell whether a configuration's row is in the folder, and is to be taken."""
    folder = checkpointing.folder
    if folder is None or checkpointing.resume == "never":
        return False
    return is_there(KeptRow(folder, graph, _settled(config, graph)).path)


def _settled(config: ClusterConfig, graph: Graph) -> ClusterConfig:
    """With the number of true classes where no number of clusters is asked for."""
    if config.num_clusters is not None or config.choose_from is not None:
        return config
    if METHODS[config.method].family == PARTITION:
        return config
    return replace(config, num_clusters=clusters_of(graph, config))


def _resuming(checkpointing: Checkpointing, folder: Path) -> Checkpointing:
    """For the rows of a sweep, of which some may be new where the sweep is not.

    Raises:
        UsageError: the folder holds nothing, where something must be.
    """
    if checkpointing.resume != "must":
        return checkpointing
    if not found_in(folder, "row-*.json") and not found_in(folder, "states-*/restart-*"):
        raise UsageError(f"`checkpoint` {folder}: there is nothing to resume from")
    return replace(checkpointing, resume="auto")


def _tell_of_locks(folder: Path, observer: Observer) -> None:
    tried = claim(folder, {})
    tried.release()
    if tried.note:
        observer.warning(tried.note)


def _row(
    graph: Graph,
    config: ClusterConfig,
    checkpointing: Checkpointing,
    observer: Observer,
    options: Mapping[str, Any],
    files: ClusterFiles | None,
) -> dict[str, Any]:
    """One configuration's row, from the folder or trained; of one that did not fail, with its
    labels.
    """
    if checkpointing.folder is None:
        alone = _train(graph, config, checkpointing, observer, options, files)
        return {**alone, **KeptRow(Path(), graph, config).identity} if "error" in alone else alone
    kept = KeptRow(checkpointing.folder, graph, config)

    def read() -> dict[str, Any] | None:
        row = None if checkpointing.resume == "never" else kept.read(observer)
        if row is None or files is None or "error" in row:
            return row
        return row if files.are_of(row) else None

    row = read()
    if row is not None:
        return row
    with kept.claimed() as made:
        row = read() if made.path else None  # another process may have been faster
        if row is None:
            states = replace(checkpointing, folder=kept.states, is_claimed=made.path is not None)
            row = _train(graph, config, states, observer, options, files)
            row = {**row, **kept.identity} if "error" in row else row
            kept.keep(row)
    return row


def _train(
    graph: Graph,
    config: ClusterConfig,
    checkpointing: Checkpointing,
    observer: Observer,
    options: Mapping[str, Any],
    files: ClusterFiles | None,
) -> dict[str, Any]:
    listening = _Agreement(observer)
    try:
        result = cluster(
            graph, config=config, checkpointing=checkpointing, observer=listening, **options
        )
    except TvgnnError as error:
        if error.exit_code != 4:
            raise
        return {"error": str(error), "config_fingerprint": config.fingerprint()}
    if files is not None:
        files.write(result)
    return {**result.metrics, **listening.figures(), LABELS: packed(result.labels)}


class _Agreement(Relay):
    """Compares what the restarts came to."""

    def __init__(self, other: Observer) -> None:
        super().__init__(other)
        self._labels: list[np.ndarray] = []
        self._losses: list[float] = []

    def restart(self, report: RestartReport) -> None:
        super().restart(report)
        self._labels.append(report.labels())
        self._losses.append(report.loss)

    def figures(self) -> dict[str, float | None]:
        """Mean ARI between any two restarts, and the spread of their losses."""
        pairs = [adjusted_rand_index(a, b) for a, b in combinations(self._labels, 2)]
        return {
            "agreement": float(np.mean(pairs)) if pairs else None,
            "loss_spread": float(np.std(self._losses)) if self._losses else None,
        }
