"""The tasks of Appendix C over several seeds: are the communities found, are all clusters used?"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.places import is_there
from tvgnn_cli.methods import METHODS
from tvgnn_cli.reproduction.graphs import grid, noisy_communities, ring
from tvgnn_cli.reproduction.trained import Runs

SEEDS = 10
NETWORKS = ("diffpool", "mincutpool", "dmon", "tvgnn", "abl1", "abl2")

COLUMNS = (
    "task", "protocol", "method", "seed", "nmi", "acc", "recovered", "clusters_used",
    "num_clusters", "sharpness", "off_diagonal_mass", "loss",
)  # fmt: skip

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """A graph for each seed and the number of clusters asked for."""

    about: str
    make: Callable[[int], Graph]
    num_clusters: int


TASKS: dict[str, Task] = {
    "denoising": Task("three communities of 200 vertices", noisy_communities, 3),
    "ring": Task("a ring of 100 vertices", lambda _: ring(), 5),
    "grid": Task("a grid of 15 x 15 vertices", lambda _: grid(), 10),
}
"""By name. The denoising graph is another one for each seed, ring and grid are always the same."""


def run_tasks(
    runs: Runs,
    tasks: Sequence[str] = tuple(TASKS),
    methods: Sequence[str] = NETWORKS,
    seeds: int = SEEDS,
) -> Iterator[Row]:
    """A row for each task, seed and method, as it is done; kept runs are not made again."""
    for name in tasks:
        task = TASKS[name]
        for seed in range(seeds):
            graph = task.make(seed)
            for method in methods:
                run = replace(runs.on_made_graphs(), seed=seed).of(method, graph, task.num_clusters)
                scores = dict(run.scores)
                yield {
                    "task": name,
                    "protocol": runs.protocol,
                    "method": method,
                    "seed": seed,
                    "num_clusters": task.num_clusters,
                    "recovered": None if "acc" not in scores else scores["acc"] == 1,
                    **{column: scores.get(column) for column in COLUMNS if column in scores},
                }


def read_tasks(path: Path) -> list[Row]:
    """The rows of a `.csv` that `tvgnn reproduce synthetic` wrote.

    Raises:
        InputError: it is none.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        summary(rows)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: is not a table of Appendix C ({error}); remove it") from None
    return list(rows)


def with_kept(rows: Sequence[Row], path: Path) -> list[Row]:
    """The rows, and those of a file for other runs, in a fixed order."""
    kept = read_tasks(path) if is_there(path) else []
    every = {_run_of(row): row for row in (*kept, *rows)}
    return [every[key] for key in sorted(every)]


def _run_of(row: Row) -> tuple[str, str, str, int]:
    return row["task"], row["protocol"], row["method"], int(row["seed"])


def summary(rows: Iterable[Row]) -> list[list[str]]:
    """A line for each task and method: exact recoveries, NMI, clusters used, sharpness."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["task"], row["protocol"], row["method"]), []).append(row)
    return [[task, protocol, METHODS[method].title, *_line(found)]
            for (task, protocol, method), found in groups.items()]  # fmt: skip


HEAD = (
    "task", "protocol", "method", "recovered exactly", "NMI", "all clusters used", "clusters used",
    "largest probability",
)  # fmt: skip


def _line(rows: Sequence[Row]) -> list[str]:
    scored = [row for row in rows if row["recovered"] is not None and row["recovered"] != ""]
    exact = sum(str(row["recovered"]) == "True" for row in scored)
    whole = sum(float(row["clusters_used"]) == float(row["num_clusters"]) for row in rows)
    return [
        f"{exact} of {len(scored)}" if scored else "",
        f"{mean(float(row['nmi']) for row in scored):.3f}" if scored else "",
        f"{whole} of {len(rows)}",
        f"{mean(float(row['clusters_used']) for row in rows):.1f}",
        f"{mean(float(row['sharpness']) for row in rows):.3f}",
    ]
