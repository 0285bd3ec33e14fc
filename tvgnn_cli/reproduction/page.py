"""docs/reproduction.md: written from the rows that are kept beside it, so that none is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InputError
from tvgnn_cli.io.datasets import DATASETS
from tvgnn_cli.io.places import is_folder, is_there
from tvgnn_cli.methods import LONG, METHODS
from tvgnn_cli.reproduction import table2, table2_page, table2_summary
from tvgnn_cli.reproduction.epochs import Timing, read_timings
from tvgnn_cli.reproduction.findings import findings
from tvgnn_cli.reproduction.graphs import GRID, NOISE, RING
from tvgnn_cli.reproduction.markdown import plus_minus, table
from tvgnn_cli.reproduction.plan import OURS, PUBLISHED, SEEDS
from tvgnn_cli.reproduction.rows import current, rows_in
from tvgnn_cli.reproduction.summary import Cell, summarise
from tvgnn_cli.reproduction.synthetic import HEAD, read_tasks, summary

HEADS = {
    PUBLISHED: "The configuration of the paper, and of each method's own",
    OURS: "The same features, start and stopping for every network: the defaults of this tool, "
    "TVGNN with `--view both`, so that what its training comes to is kept",
}

_LONG = " ".join(f"--{name} {value}" for name, value in LONG.items())

INTRODUCTION = f"""\
# Tables of the paper, run again

This page is written by `tvgnn reproduce page docs/reproduction -o docs/reproduction.md` from the
rows in [docs/reproduction](reproduction), each of which carries its command. `tvgnn reproduce
table1` makes the rows of the table anew, `--shard 1/8` a part of them, `tvgnn reproduce epochs` and
`tvgnn reproduce synthetic` the others. "Paper" is Table 1 of Hansen & Bianchi (2023), from
[published/table1.csv](../tvgnn_cli/reproduction/published/table1.csv).

Protocol: seeds 0 to {SEEDS - 1} (fewer where the column says so), K the number of classes, labels
for scoring only: neither epochs nor restarts nor anything else is chosen by them within a run.
Values are means and standard deviations over seeds, NMI with the arithmetic mean of entropies, ACC
in percent after the best matching of clusters and classes. [methods.md](methods.md) says what each
method is here and where it departs from its paper or from the library that B.3 names.

"Published" is Table 5's column for TVGNN and the ablations and the configuration of
MinCutPool's paper for MinCutPool, DMoN and DiffPool (B.3), all of whose 10,000 epochs are trained;
ABL1 has the layers of the first and the loss of the second, whose two terms it weighs equally.
TVGNN and the ablations end earlier once a thousand epochs have lowered the loss by less than a
thousandth (`{_LONG}`).
"""


@dataclass(frozen=True)
class Kept:
    """Rows and figures that a page is made of.

    Args:
        cells: of Table 1.
        timings: of epochs.
        tasks: rows of Appendix C.
        figures: file names of the figures beside the rows.
        classified: rows of Table 2.
        seconds: rows of Table 7.
    """

    cells: Sequence[Cell]
    timings: Sequence[Timing] = ()
    tasks: Sequence[Mapping[str, Any]] = ()
    figures: Sequence[str] = ()
    classified: Sequence[Mapping[str, Any]] = ()
    seconds: Sequence[Mapping[str, Any]] = ()


def read_kept(folder: Path) -> Kept:
    """All that is kept in a folder: `table1/`, `epochs.csv`, `synthetic.csv`, `table2/`,
    `table7.csv`, `figure-*.png`.

    Raises:
        InputError: no rows, or some that cannot be read.
    """
    if not is_folder(folder):
        raise InputError(f"{folder}: is not a folder; tvgnn reproduce keeps its rows in one")
    rows = current(rows_in(folder / "table1"))
    if not rows:
        raise InputError(f"{folder}/table1: holds no rows of tvgnn reproduce table1")
    epochs, tasks = folder / "epochs.csv", folder / "synthetic.csv"
    seconds = folder / "table7.csv"
    return Kept(
        summarise(rows.values()),
        read_timings(epochs) if is_there(epochs) else (),
        read_tasks(tasks) if is_there(tasks) else (),
        sorted((path.name for path in folder.glob("figure-*.png")), key=_number),
        table2.rows_in(folder / "table2"),
        table2_page.read_seconds(seconds) if is_there(seconds) else (),
    )


def _number(name: str) -> tuple[int, str]:
    digits = "".join(letter for letter in name if letter.isdigit())
    return int(digits or 0), name


def page(kept: Kept, where: str = "reproduction") -> str:
    """The page as Markdown; `where` is the folder of what is kept, from the page's own."""
    cells, parts = kept.cells, [INTRODUCTION]
    for dataset in DATASETS:
        for protocol in (PUBLISHED, OURS):
            mine = [c for c in cells if (c.dataset, c.protocol) == (dataset, protocol)]
            if mine:
                title = f"## {dataset}" if protocol == PUBLISHED else f"### {dataset}, our defaults"
                parts.append("\n".join([title, "", f"{HEADS[protocol]}.", "", *_scores(mine)]))
    parts.append("\n".join(["## What it shows", "", *findings(cells)]))
    parts.append("\n".join(["## The seed of the lowest loss", "", *_lowest(cells)]))
    parts.append("\n".join(["## Sharpness", "", *_sharpness(cells)]))
    if kept.timings:
        parts.append("\n".join(["## Milliseconds per epoch", "", *_epochs(kept.timings)]))
    parts.append("\n".join(["## Time and memory of the runs", "", *_costs(cells)]))
    if kept.tasks:
        parts.append("\n".join(["## Appendix C", "", *_tasks(kept.tasks)]))
    if kept.classified:
        parts.append(table2_page.part(table2_summary.summarise(kept.classified), kept.seconds))
    if kept.figures:
        parts.append("\n".join(["## Figures", "", *_figures(kept.figures, where)]))
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _scores(cells: Sequence[Cell]) -> list[str]:
    head = ("method", "NMI", "paper", "ACC", "paper", "clusters used", "seeds")
    return table(head, [_score_row(cell) for cell in cells])


def _score_row(cell: Cell) -> list[str]:
    ours, paper = cell.score, cell.paper
    several = cell.seeds > 1  # one run has no spread
    return [
        cell.title,
        plus_minus(ours.nmi, ours.nmi_sd if several else None),
        "" if paper is None else plus_minus(paper.nmi, paper.nmi_sd),
        plus_minus(ours.acc, ours.acc_sd if several else None, 1),
        "" if paper is None else plus_minus(paper.acc, paper.acc_sd, 1),
        f"{cell.means['clusters_used']:.1f}",
        str(cell.seeds),
    ]


def _lowest(cells: Sequence[Cell]) -> list[str]:
    """Report what the training loss would choose among several seeds, of networks that
    have them.
    """
    several = [cell for cell in cells if cell.seeds > 1]
    rows = [
        [cell.dataset, cell.protocol, cell.title, str(cell.seeds), f"{float(row['loss']):.4g}",
         f"{float(row['nmi']):.3f}", f"{100 * float(row['acc']):.1f}", str(row["clusters_used"])]
        for cell in several if (row := cell.lowest) is not None
    ]  # fmt: skip
    text = (
        "Of the seeds, the one whose training ended with the lowest loss. With TVGNN's published "
        "settings a cluster that died in training shows in the loss, without any label. By our "
        "defaults the weight of the balance loss of TVGNN and ABL2 comes from each run's own "
        "start, so that losses of different seeds do not compare: they are left out (`--restarts` "
        "compares under one weight)."
    )
    head = ("data set", "protocol", "method", "seeds", "loss", "NMI", "ACC", "clusters used")
    return [text, "", *table(head, rows)]


def _sharpness(cells: Sequence[Cell]) -> list[str]:
    """Report on the methods that give soft assignments."""
    soft = [cell for cell in cells if "sharpness" in cell.means]
    rows = [
        [cell.dataset, cell.protocol, cell.title, f"{cell.means['sharpness']:.3f}",
         f"{cell.means['off_diagonal_mass']:.3f}"]
        for cell in soft
    ]  # fmt: skip
    text = (
        "Mean largest probability of a vertex, and the share of S S^T that lies between vertices "
        "of different clusters."
    )
    head = ("data set", "protocol", "method", "largest probability", "mass off the diagonal")
    return [text, "", *table(head, rows)]


def _costs(cells: Sequence[Cell]) -> list[str]:
    head = ("data set", "protocol", "method", "epochs", "seconds", "MB", "threads")
    return [
        "Means over runs, each in a process of its own: from its start to its files, and its peak. "
        "Most went on two at a time, which makes their seconds too long; milliseconds per epoch "
        "are measured one at a time.",
        "",
        *table(head, [_cost_row(cell) for cell in cells]),
    ]


def _cost_row(cell: Cell) -> list[str]:
    def number(name: str, form: str) -> str:
        value = cell.means.get(name)
        return "" if value is None else form.format(value)

    return [
        cell.dataset,
        cell.protocol,
        cell.title,
        number("epochs", "{:.0f}"),
        number("seconds", "{:.0f}"),
        number("peak_memory_mb", "{:.0f}"),
        number("threads", "{:.0f}"),
    ]


def _epochs(timings: Sequence[Timing]) -> list[str]:
    rows = [
        [t.dataset, t.protocol, METHODS[t.method].title, f"{t.ms_per_epoch:.1f}",
         "" if t.paper_ms is None else f"{t.paper_ms:.1f}", f"{t.peak_memory_mb:.0f}"]
        for t in timings
    ]  # fmt: skip
    machines = sorted({f"{timing.threads} threads of {timing.processor}" for timing in timings})
    said = (
        f"Medians over short runs with {' or '.join(machines)}, one at a time; the "
        "paper's are those of its Table 6, on another machine and with networks of similar widths, "
        'which those of "ours" have too.'
    )
    return [said, "", *table(("data set", "protocol", "method", "ms", "paper", "MB"), rows)]


def _tasks(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    said = (
        "Communities under noise, a ring and a grid, over several seeds; features are not "
        "scaled, and by our defaults they are filtered. What the paper does not give is assumed: "
        f"N(0, {NOISE}) as noise of that standard deviation, a ring of {RING} vertices, a grid of "
        f"{GRID[0]} x {GRID[1]}. The "
        "paper shows one run of each: TVGNN alone recovers the three communities, and TVGNN alone "
        "uses all ten clusters on the grid."
    )
    return [said, "", *table(HEAD, summary(rows))]


def _figures(names: Sequence[str], where: str) -> list[str]:
    from tvgnn_cli.reproduction.figures import FIGURES

    lines = [
        "Drawn by `tvgnn reproduce figure N`, seed 0, networks trained in the published settings "
        "unless our defaults are named (`--protocol ours`). Large graphs are sampled, which the "
        "figure says."
    ]
    for name in names:
        stem = name.removeprefix("figure-").removesuffix(".png")
        number, ours = stem.removesuffix(f"-{OURS}"), stem.endswith(f"-{OURS}")
        about = FIGURES[number].about if number in FIGURES else name
        said = f"Figure {number}: {about}{', our defaults' if ours else ''}."
        lines += ["", said, "", f"![Figure {stem}]({where}/{name})"]
    return lines
