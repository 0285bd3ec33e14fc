"""One run for each value of a setting, and what tells the values apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.read import INPUT_OPTIONS, read_graph
from tvgnn_cli.jobs.at_once import check_jobs, done_at_once, threads_of_each
from tvgnn_cli.jobs.axes import Axis, axes_of, configurations, variations
from tvgnn_cli.jobs.sweep_result import SweepResult
from tvgnn_cli.jobs.sweep_rows import has_row, sweep_rows
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.evidence.suggestion import is_past, suggest_clusters
from tvgnn_cli.progress import showing
from tvgnn_cli.run.kinds import check_kinds
from tvgnn_cli.train import Checkpointing


def sweep(  # noqa: PLR0913 parameters of an interface
    graph: Any,
    num_clusters: str | Iterable[int] | None = None,
    *,
    over: Mapping[str, str | Iterable[Any]] | None = None,
    config: ClusterConfig | None = None,
    threads: int | None = None,
    device: str = "auto",
    observer: Observer | None = None,
    progress: bool | str = False,
    checkpointing: Checkpointing | None = None,
    interruption: Interruption | None = None,
    only: range | None = None,
    keep: str | Path | None = None,
    stop_after: int | None = None,
    jobs: int = 1,
    ignore_memory: bool = False,
    **options: Any,
) -> SweepResult:
    """Cluster a graph once for each value of a setting, and compare.

        found = tvgnn_cli.sweep("edges.csv", num_clusters=range(2, 21))
        found.suggestion, found.to_frame()

    Args:
        graph: as for `cluster`.
        num_clusters: values of K, or text as `tvgnn sweep -k` takes it: "2..20".
        over: values of other settings by name: `{"lr": [1e-4, 3e-4]}`; all combinations are made.
        config: every other setting at once; else `options` has some. Without it, three restarts
            of each value unless `restarts=` says otherwise.
        threads: as for `cluster`, and so are `device` and `ignore_memory`.
        device: "auto", "cpu", "cuda", ...
        observer: told of each value, phase and epoch; with several `jobs`, how many values are
            done.
        progress: as for `cluster`.
        checkpointing: where rows that are done and the state of the one in work are kept.
        interruption: asked between two steps whether the sweep is to end.
        only: positions of the combinations to train here; None for all. The others are for
            other processes that share the folder.
        keep: folder for the clusters and the metrics of each value: `k-7.clusters.csv` and
            `k-7.metrics.csv`; None for none.
        stop_after: end once so many numbers in a row, in the order given, are no better than the
            best before them, 1 at least; None to try all.
        jobs: values at the same time, each in a process of its own with its share of `threads`: the
            rows are those of one process of so many threads. A script that has more than one calls
            this below `if __name__ == "__main__":`.
        ignore_memory: try even where the estimate says that memory will not do.
        **options: as for `cluster`.

    Raises:
        UsageError: no values, a setting that does not exist, a value that it cannot take.
        InputError: a graph that cannot be read or learned from.
        InterruptionError: the sweep was asked to end; what is done is kept.
    """
    check_kinds(config, checkpointing, only, observer=observer, interruption=interruption)
    reading = {name: options.pop(name) for name in INPUT_OPTIONS if name in options}
    axes = axes_of(num_clusters, over or {})
    if config is None:
        configs = configurations(options, axes)
    elif options:
        raise UsageError(f"give config or single settings, not both: {', '.join(options)}")
    else:
        configs = variations(config, axes)
    with showing(progress, observer) as told:
        told.phase("reading")
        return compare(
            read_graph(graph, **reading),
            configs,
            axes,
            checkpointing=checkpointing,
            interruption=interruption,
            observer=told,
            only=only,
            keep=None if keep is None else Path(keep),
            stop_after=stop_after,
            jobs=jobs,
            threads=threads,
            device=device,
            ignore_memory=ignore_memory,
        )


def _with_neighbours(
    rows: tuple[dict[str, Any], ...], over: tuple[str, ...], labels: Mapping[int, np.ndarray]
) -> tuple[dict[str, Any], ...]:
    """The rows with `agreement_next`: ARI with the clusters of the next larger number, all else
    alike; None where there is none.
    """
    if "num_clusters" not in over:
        return rows
    others = [name for name in over if name != "num_clusters"]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place in sorted(labels, key=lambda place: rows[place]["num_clusters"]):
        groups.setdefault(tuple(rows[place][name] for name in others), []).append(place)
    found = {
        one: _agreement(labels[one], labels[other])
        for places in groups.values()
        for one, other in pairwise(places)
    }
    return tuple(
        row if "error" in row else {**row, "agreement_next": found.get(place)}
        for place, row in enumerate(rows)
    )


def _agreement(one: np.ndarray, other: np.ndarray) -> float | None:
    """ARI of the vertices that have a cluster in both; None for no such."""
    known = (one != UNKNOWN) & (other != UNKNOWN)
    return adjusted_rand_index(one[known], other[known]) if known.any() else None


def check_stop(
    stop_after: int | None, axes: Sequence[Axis], only: range | None, jobs: int = 1
) -> None:
    """Refuse to end early where no order of numbers says when.

    Raises:
        UsageError: other settings are swept, other processes have some of the numbers, several are
            tried at the same time, or it is no number of them.
    """
    if stop_after is None:
        return
    if stop_after < 1:
        raise UsageError(f"`stop_after` is {stop_after}; needs to be at least 1")
    if [axis.name for axis in axes] != ["num_clusters"]:
        raise UsageError("`stop_after` goes by numbers of clusters alone; leave `over` out")
    if only is not None:
        raise UsageError("`stop_after` goes by all numbers before; leave the part (`shard`) out")
    if jobs > 1:
        raise UsageError("`stop_after` goes by all numbers before; leave `jobs` out")


def compare(  # noqa: PLR0913 parameters of an interface
    graph: Graph,
    configs: Sequence[ClusterConfig],
    axes: Sequence[Axis],
    *,
    stop_after: int | None = None,
    jobs: int = 1,
    checkpointing: Checkpointing | None = None,
    interruption: Interruption | None = None,
    observer: Observer | None = None,
    only: range | None = None,
    threads: int | None = None,
    **options: Any,
) -> SweepResult:
    """The rows of `sweep_rows`, each with how far its clusters agree with those of the next number,
    and the number of clusters that they speak for. After `stop_after` numbers that are no better
    than the best before them no others are tried.

    Raises:
        UsageError: as `check_stop` does.
    """
    check_jobs(jobs)
    check_stop(stop_after, axes, only, jobs)
    kept, asked = checkpointing or Checkpointing(), interruption or Interruption()
    observer = observer or Observer()
    options["threads"] = threads_of_each(threads, jobs)
    labels: dict[int, np.ndarray] = {}
    made = list[dict[str, Any]]()

    def pieces(own: Checkpointing) -> _Values:
        return _Values(graph, configs, axes, own, options)

    positions = range(len(configs)) if only is None else only
    lacking = [place for place in positions if not has_row(graph, configs[place], kept)]
    with done_at_once(jobs, pieces, lacking, kept, asked, observer) as (place, goes_on):
        for row in sweep_rows(
            graph, configs, axes, labels=labels, checkpointing=place, interruption=goes_on,
            observer=observer, only=only, **options,
        ):  # fmt: skip
            made.append(row)
            if stop_after is not None and is_past(made, stop_after):
                break
    rows, names = tuple(made), tuple(axis.name for axis in axes)
    left = () if stop_after is None else tuple(axes[0].values[len(rows) :])
    if only is None:
        rows = _with_neighbours(rows, names, labels)
    return SweepResult(rows, names, suggest_clusters(rows), graph.name, left)


@dataclass(frozen=True, eq=False)
class _Values:
    """All rows, for processes that each make some; arguments as of `sweep_rows`."""

    graph: Graph
    configs: Sequence[ClusterConfig]
    axes: Sequence[Axis]
    checkpointing: Checkpointing
    options: Mapping[str, Any]

    def do(self, position: int, interruption: Interruption, observer: Observer) -> None:
        """Keep one row."""
        for _ in sweep_rows(
            self.graph, self.configs, self.axes, checkpointing=self.checkpointing,
            interruption=interruption, observer=observer, only=range(position, position + 1),
            **self.options,
        ):  # fmt: skip
            pass
