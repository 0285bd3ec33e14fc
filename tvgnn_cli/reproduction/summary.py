"""Means over seeds of the rows of Table 1, beside what the paper reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import isclose, sqrt
from statistics import mean, stdev

from tvgnn_cli.config import make_config
from tvgnn_cli.io.datasets import DATASETS
from tvgnn_cli.methods import METHODS
from tvgnn_cli.reproduction.plan import OURS, PROTOCOLS, PUBLISHED, settings_of_run
from tvgnn_cli.reproduction.published import Score, table1, table6
from tvgnn_cli.reproduction.rows import Row
from tvgnn_cli.train.objective import seeks_start

ABLATIONS = ("abl1", "abl2")
COMPARED = ("tvgnn", "diffpool", "mincutpool", "dmon")
"""The networks that the paper compares, without its ablations."""


@dataclass(frozen=True)
class Cell:
    """Results of one method on one data set.

    Args:
        protocol, method, dataset: which.
        seeds: how many runs.
        score: mean and standard deviation of NMI and of ACC in percent.
        nmi_of: the NMI of each seed.
        means: of every other column that holds numbers.
        lowest: the row of the lowest training loss; None for methods without a loss, or whose runs
            weigh its terms by their own starts, so that losses do not compare.
        paper: what the paper reports; None where it does not.
        paper_ms: its milliseconds per epoch.
    """

    protocol: str
    method: str
    dataset: str
    seeds: int
    score: Score
    nmi_of: Mapping[int, float]
    means: Mapping[str, float]
    lowest: Row | None
    paper: Score | None
    paper_ms: float | None

    @property
    def title(self) -> str:
        return METHODS[self.method].title

    @property
    def reaches_paper(self) -> bool | None:
        """Tell whether both means are within one of the paper's standard deviations of its own, or
        above.
        """
        return self._reaches_paper(self.score.nmi, self.score.acc)

    @property
    def lowest_reaches_paper(self) -> bool | None:
        """The same of the run of the lowest loss."""
        if self.lowest is None:
            return None
        return self._reaches_paper(float(self.lowest["nmi"]), 100 * float(self.lowest["acc"]))

    def _reaches_paper(self, nmi: float, acc: float) -> bool | None:
        if self.paper is None:
            return None
        paper = self.paper
        pairs = (nmi, paper.nmi - paper.nmi_sd), (acc, paper.acc - paper.acc_sd)
        return all(value >= bar or isclose(value, bar) for value, bar in pairs)


def summarise(rows: Iterable[Row]) -> list[Cell]:
    """One cell for each protocol, data set and method with rows, in the order of the registries."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["protocol"], row["dataset"], row["method"]), []).append(row)
    order = [(p, d, m) for p in PROTOCOLS for d in DATASETS for m in METHODS]
    return [_cell(*key, groups[key]) for key in order if key in groups]


def _cell(protocol: str, dataset: str, method: str, rows: list[Row]) -> Cell:
    nmi_of = {int(row["seed"]): float(row["nmi"]) for row in rows}
    nmi = [float(row["nmi"]) for row in rows]
    acc = [100 * float(row["acc"]) for row in rows]
    numbers = {
        name: [float(row[name]) for row in rows]
        for name, value in rows[0].items()
        if isinstance(value, int | float) and all(row[name] is not None for row in rows)
    }
    comparable = "loss" in numbers and not seeks_start(
        make_config(settings_of_run(protocol, method))
    )
    return Cell(
        protocol,
        method,
        dataset,
        len(rows),
        Score(mean(nmi), _spread(nmi), mean(acc), _spread(acc)),
        nmi_of,
        {name: mean(values) for name, values in numbers.items()},
        min(rows, key=lambda row: float(row["loss"])) if comparable else None,
        table1().get((method, dataset)),
        table6().get((method, dataset)),
    )


def _spread(values: list[float]) -> float:
    return stdev(values) if len(values) > 1 else 0.0


@dataclass(frozen=True)
class Ordering:
    """Methods by their mean NMI over the data sets that all of them have, best first.

    Args:
        protocol: of the runs; "the paper" for its own order.
        datasets: over which.
        methods: with their means.
        seeds: fewest and most runs behind a mean; none of the paper's.
    """

    protocol: str
    datasets: tuple[str, ...]
    methods: tuple[tuple[str, float], ...]
    seeds: tuple[int, int] | None = None

    @property
    def compared(self) -> list[str]:
        """Those of the networks that the paper compares, best first."""
        return [name for name, _ in self.methods if name in COMPARED]

    @property
    def swapped(self) -> list[tuple[str, str]]:
        """Pairs of these that stand in the other order in the paper, over the same data sets."""
        paper = {
            name: mean(table1()[name, dataset].nmi for dataset in self.datasets)
            for name in self.compared
        }
        return [(a, b) for a, b in combinations(self.compared, 2) if paper[a] < paper[b]]


PAPER = "the paper"


def orderings(cells: Iterable[Cell]) -> list[Ordering]:
    """Orderings of the end-to-end methods and the ablations: the paper's, and ours in each
    protocol.
    """
    cells = list(cells)
    trained = [name for name, method in METHODS.items() if method.is_trained]
    published = {(PAPER, m, d): score.nmi for (m, d), score in table1().items() if m in trained}
    found = {(c.protocol, c.method, c.dataset): c.score.nmi for c in cells if c.method in trained}
    made = []
    for protocol, values in ((PAPER, published), (PUBLISHED, found), (OURS, found)):
        mine = {(m, d): nmi for (p, m, d), nmi in values.items() if p == protocol}
        methods = [m for m in trained if any(m == known for known, _ in mine)]
        shared = tuple(d for d in DATASETS if methods and all((m, d) in mine for m in methods))
        if shared:
            means = [(m, mean(mine[m, d] for d in shared)) for m in methods]
            runs = [c.seeds for c in cells if c.protocol == protocol
                    and c.method in methods and c.dataset in shared]  # fmt: skip
            seeds = (min(runs), max(runs)) if runs else None
            best_first = tuple(sorted(means, key=lambda m: -m[1]))
            made.append(Ordering(protocol, shared, best_first, seeds))
    return made


@dataclass(frozen=True)
class Difference:
    """Shortfall of one method's NMI behind another's, over the seeds that both have. By our
    defaults a seed draws the same start for both, so that their runs are pairs.

    Args:
        by: mean of the differences.
        error: its standard error; None where there is one pair.
        pairs: how many.
    """

    by: float
    error: float | None
    pairs: int

    @property
    def is_clear(self) -> bool:
        """Tell whether 0 is outside of its 95 % confidence interval, by Student's t."""
        from scipy.stats import t

        if self.error is None:
            return False
        return abs(self.by) > float(t.ppf(0.975, self.pairs - 1)) * self.error


def falls_below(part: Cell, whole: Cell) -> Difference | None:
    """Shortfall of a method behind another; None where no seed has both."""
    seeds = sorted(set(part.nmi_of) & set(whole.nmi_of))
    if not seeds:
        return None
    differences = [whole.nmi_of[seed] - part.nmi_of[seed] for seed in seeds]
    error = stdev(differences) / sqrt(len(seeds)) if len(seeds) > 1 else None
    return Difference(mean(differences), error, len(seeds))


@dataclass(frozen=True)
class Mean:
    """One method's mean NMI and ACC in percent over all data sets."""

    protocol: str
    title: str
    nmi: float
    acc: float


def means_over_datasets(cells: Iterable[Cell]) -> list[Mean]:
    """Means of every method that has rows of all data sets, the highest NMI first."""
    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        groups.setdefault((cell.protocol, cell.method), []).append(cell)
    whole = [mine for mine in groups.values() if len(mine) == len(DATASETS)]
    found = [
        Mean(
            mine[0].protocol,
            mine[0].title,
            mean(cell.score.nmi for cell in mine),
            mean(cell.score.acc for cell in mine),
        )
        for mine in whole
    ]
    return sorted(found, key=lambda each: -each.nmi)


def rivals(cell: Cell, cells: Iterable[Cell]) -> list[Cell]:
    """The other methods on the same data set: networks of the same protocol, and those methods that
    have but one configuration.
    """
    return [
        other
        for other in cells
        if other.dataset == cell.dataset
        and other.method != cell.method
        and (other.protocol == cell.protocol or not METHODS[other.method].is_trained)
    ]
