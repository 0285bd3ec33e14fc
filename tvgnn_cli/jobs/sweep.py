"""One run for each value of a setting, and what tells the values apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import UsageError, shown
from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.read import INPUT_OPTIONS, read_graph
from tvgnn_cli.io.writers import check_target, write_rows
from tvgnn_cli.jobs.axes import Axis, axes_of, configurations, variations
from tvgnn_cli.jobs.sweep_rows import sweep_rows
from tvgnn_cli.observer import Observer
from tvgnn_cli.plots import SUFFIXES, require_matplotlib, save_figure
from tvgnn_cli.prepare.evidence.suggestion import Suggestion, is_past, suggest_clusters
from tvgnn_cli.progress import showing
from tvgnn_cli.report.sweeps import figure_of
from tvgnn_cli.train import Checkpointing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class SweepResult:
    """One clustering for each value of a setting, in numbers.

    Args:
        rows: metrics of each value, by column name, the swept settings first; of one that failed,
            `error`.
        over: names of the swept settings.
        suggestion: the number of clusters that the rows speak for; None where they do not say.
        name: stem of the input.
        left_out: numbers of clusters that were not tried, since those before were past the best.
    """

    rows: tuple[dict[str, Any], ...]
    over: tuple[str, ...]
    suggestion: Suggestion | None
    name: str = "graph"
    left_out: tuple[int, ...] = ()

    def __repr__(self) -> str:
        """Name the graph, what the sweep went over and what it suggests, in one line."""
        found = "" if self.suggestion is None else f"; suggests {self.suggestion.num_clusters}"
        over = ", ".join(self.over)
        return f"<SweepResult {shown(self.name)}: {len(self.rows):,} values of {over}{found}>"

    def _repr_html_(self) -> str:
        """Show in a notebook: the suggestion, what the runs have in common, the figure and the
        first rows, in 200 KB at most; without matplotlib no figure.
        """
        from tvgnn_cli.jobs.sweep_card import card_html

        return card_html(self)

    def figure(self, title: str = "") -> Figure:
        """A panel for each metric of the rows, with a line at the number that is suggested."""
        return figure_of(self, title)

    def to_frame(self) -> pd.DataFrame:
        """One line for each value, as `tvgnn sweep` writes it."""
        import pandas as pd

        return pd.DataFrame(list(self.rows))

    def write(self, path: str | Path, plot: str | Path | None = None) -> None:
        """Write the rows to a `.csv`, `.tsv` or `.parquet` file, and optionally a figure of them
        to a `.png`, `.svg` or `.pdf` file.

        Raises:
            UsageError: an unknown suffix, or a target that cannot be written; no matplotlib.
        """
        if plot is not None:
            require_matplotlib()
            check_target("`plot`", str(plot), SUFFIXES, ())
        write_rows(self.rows, str(path))
        if plot is not None:
            save_figure(self.figure(self.name), Path(plot))


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
        observer: told of each value, phase and epoch.
        progress: as for `cluster`.
        checkpointing: where rows that are done and the state of the one in work are kept.
        interruption: asked between two steps whether the sweep is to end.
        only: positions of the combinations to train here; None for all. The others are for
            other processes that share the folder.
        keep: folder for the clusters and the metrics of each value: `k-7.clusters.csv` and
            `k-7.metrics.csv`; None for none.
        stop_after: end once so many numbers in a row, in the order given, are no better than the
            best before them, 1 at least; None to try all.
        ignore_memory: try even where the estimate says that memory will not do.
        **options: as for `cluster`.

    Raises:
        UsageError: no values, a setting that does not exist, a value that it cannot take.
        InputError: a graph that cannot be read or learned from.
        InterruptionError: the sweep was asked to end; what is done is kept.
    """
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
        one: adjusted_rand_index(labels[one], labels[other])
        for places in groups.values()
        for one, other in pairwise(places)
    }
    return tuple(
        row if "error" in row else {**row, "agreement_next": found.get(place)}
        for place, row in enumerate(rows)
    )


def check_stop(stop_after: int | None, axes: Sequence[Axis], only: range | None) -> None:
    """Refuse to end early where no order of numbers says when.

    Raises:
        UsageError: other settings are swept, other processes have some of the numbers, or it is no
            number of them.
    """
    if stop_after is None:
        return
    if stop_after < 1:
        raise UsageError(f"`stop_after` is {stop_after}; needs to be at least 1")
    if [axis.name for axis in axes] != ["num_clusters"]:
        raise UsageError("`stop_after` goes by numbers of clusters alone; leave `over` out")
    if only is not None:
        raise UsageError("`stop_after` goes by all numbers before; leave the part (`shard`) out")


def compare(
    graph: Graph,
    configs: Sequence[ClusterConfig],
    axes: Sequence[Axis],
    *,
    stop_after: int | None = None,
    **options: Any,
) -> SweepResult:
    """The rows of `sweep_rows`, each with how far its clusters agree with those of the next number,
    and the number of clusters that they speak for. After `stop_after` numbers that are no better
    than the best before them no others are tried.

    Raises:
        UsageError: as `check_stop` does.
    """
    check_stop(stop_after, axes, options.get("only"))
    labels: dict[int, np.ndarray] = {}
    made = list[dict[str, Any]]()
    for row in sweep_rows(graph, configs, axes, labels=labels, **options):
        made.append(row)
        if stop_after is not None and is_past(made, stop_after):
            break
    rows, names = tuple(made), tuple(axis.name for axis in axes)
    left = () if stop_after is None else tuple(axes[0].values[len(rows) :])
    if options.get("only") is None:
        rows = _with_neighbours(rows, names, labels)
    return SweepResult(rows, names, suggest_clusters(rows), graph.name, left)
