"""The part of docs/reproduction.md on graph classification, from the rows of Table 2 and 7."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tvgnn_cli.reproduction.markdown import plus_minus, table
from tvgnn_cli.reproduction.published import Accuracy
from tvgnn_cli.reproduction.published import table2 as published
from tvgnn_cli.reproduction.published import table7 as published_seconds
from tvgnn_cli.reproduction.table2 import DATASETS, FOLDS, METHODS, OF_SET, RUNS
from tvgnn_cli.reproduction.table2_summary import (
    Cell,
    best_two,
    comparable,
    pooling_beats_none,
)

TITLES = {
    "tvgnn": "TVGNN", "gtv": "GTVConv, no pooling", "gin": "GIN, no pooling",
    "mincutpool": "MinCutPool", "dmon": "DMoN", "diffpool": "DiffPool", "topk": "Top-K",
    "sagpool": "SAGPool",
}  # fmt: skip

INTRODUCTION = f"""\
## Table 2: graph classification

Accuracy in percent on held-out graphs: {FOLDS} stratified folds, {RUNS} runs of each, a tenth of
the training graphs deciding when training ends (patience 20), the same splits for all methods. Ours
above, the paper's below it. A number in brackets is how many of the {FOLDS * RUNS} runs there are
where two cores have not made all; p-values and sentences are of methods with a run of each fold,
where there are some. TVGNN and GTVConv have Table 5's settings (`--preset DATASET`),
the other poolings those of MinCutPool's paper (B.3). The TU sets are without isomorphic graphs, as
in the paper; the Bench sets are made anew by the published generator with another seed, 1,800
graphs each, and are not the published graphs. `tvgnn reproduce table2 --list` prints the command of
each cell. Poolings leave half and a quarter of the largest graph's vertices, but for
{" and ".join(name for name, own in OF_SET.items() if "pool_sizes" in own)}: 256 and 128. The
attribute of PROTEINS is scaled to mean 0 and deviation 1, of which the paper says nothing:
validation sets are learned better so (76.9 % against 75.9 % over five folds). As it is
(`tvgnn classify cv PROTEINS --cleaned --preset PROTEINS --runs 1`) TVGNN has 72.4 ± 4.8.
On REDDIT-BINARY the validation loss rises after a few epochs, while more graphs are classified
right. Where their accuracy decides when training ends, as in the authors' PyTorch code
(`tvgnn classify cv REDDIT-BINARY --cleaned --preset REDDIT-BINARY --pool-sizes 256,128
--monitor accuracy --runs 1`), the first four folds have 83.6 on average, in place of 81.2.
"""


def part(cells: Sequence[Cell], seconds: Sequence[Mapping[str, Any]] = ()) -> str:
    """Lay the cells out as Markdown; `seconds` are the rows of `tvgnn reproduce table7`."""
    shown = [dataset for dataset in DATASETS if any(cell.dataset == dataset for cell in cells)]
    timed = {
        (str(row["dataset"]), str(row["method"])): float(row["seconds_per_epoch"])
        for row in seconds
    }
    clock = TIMED if timed else WALL_CLOCK
    lines = [INTRODUCTION + clock, *_table(cells, shown, timed), "", *_findings(cells, shown)]
    if timed:
        lines += ["", "### Table 7: seconds per epoch", "", SECONDS, "", *_seconds(timed)]
    return "\n".join(lines)


WALL_CLOCK = "Minutes are of all runs together, of wall clock.\n"

TIMED = (
    "Minutes are of all runs together: their epochs, times the seconds of Table 7 below; of wall\n"
    "clock where it has none.\n"
)

SECONDS = (
    "Ours above, the median of a few epochs on one thread (`tvgnn reproduce table7 --threads 1`); "
    "the paper's, on a GPU, below."
)


def _table(
    cells: Sequence[Cell], shown: Sequence[str], timed: Mapping[tuple[str, str], float]
) -> list[str]:
    found = {(cell.dataset, cell.method): cell for cell in cells}
    rows = []
    for dataset in shown:
        mine = [cell for cell in cells if cell.dataset == dataset]
        pair = best_two(mine)
        p_value = "" if pair is None else _p_value(pair.p_value)
        rows.append([dataset, *(_ours(found.get((dataset, m)), timed) for m in METHODS), p_value])
        paper = [published().get((dataset, m)) for m in METHODS]
        known = next((each.p_value for each in paper if each and each.p_value is not None), None)
        rows.append(["the paper", *map(_paper, paper), "" if known is None else _p_value(known)])
    return table(("", *(TITLES[m] for m in METHODS), "p-value"), rows)


def _p_value(value: float) -> str:
    return f"{value:.3f}" if value >= 0.0005 else "< 0.001"


def _ours(cell: Cell | None, timed: Mapping[tuple[str, str], float]) -> str:
    if cell is None:
        return ""
    epoch = timed.get((cell.dataset, cell.method))
    seconds = cell.seconds if epoch is None else cell.epochs * epoch
    runs = len(cell.accuracies)
    count = "" if cell.is_whole else f" ({runs})"
    found = f"{cell.acc:.1f}" if runs == 1 else plus_minus(cell.acc, cell.acc_sd, 1)
    return f"{found}{count}, {seconds / 60:.0f} min"


def _paper(accuracy: Accuracy | None) -> str:
    return "" if accuracy is None else plus_minus(accuracy.acc, accuracy.acc_sd, 1)


def _findings(cells: Sequence[Cell], shown: Sequence[str]) -> list[str]:
    """Sentences on what the table says of TVGNN."""
    mine = [cell for cell in cells if cell.method == "tvgnn"]
    reached = [_named(cell) for cell in mine if cell.reaches_paper]
    missed = [
        f"{_named(cell)} ({cell.acc:.1f}, {cell.paper.acc:.1f} in the paper)"
        for cell in mine
        if cell.paper is not None and not cell.reaches_paper
    ]
    lines = [
        f"TVGNN is within one of the paper's deviations of its mean, or above, on "
        f"{len(reached)} of {len(mine)}: {', '.join(reached) or 'none'}."
    ]
    if missed:
        lines.append(f"It is not on {', '.join(missed)}.")
    for dataset in shown:
        of_set = [cell for cell in cells if cell.dataset == dataset]
        pair = pooling_beats_none(of_set)
        if pair is not None:
            lines.append(_against_none(*pair))
        rivals = comparable([c for c in of_set if c.method not in ("tvgnn", "gtv", "gin")])
        pooled = next((c for c in of_set if c.method == "tvgnn"), None)
        if pooled is not None and rivals:
            best = max(rivals, key=lambda cell: cell.acc)
            lines.append(
                f"On {dataset} the best other pooling is {TITLES[best.method]}, "
                f"{abs(pooled.acc - best.acc):.1f} points "
                f"{'below' if best.acc < pooled.acc else 'above'} TVGNN."
            )
    return ["- " + line for line in lines]


def _named(cell: Cell) -> str:
    """The data set, with the number of runs where these are not all."""
    runs = len(cell.accuracies)
    told = "of one run" if runs == 1 else f"of {runs} runs"
    return cell.dataset if cell.is_whole else f"{cell.dataset} ({told})"


def _against_none(pooled: Cell, plain: Cell) -> str:
    """Say whether pooling beats no pooling."""
    if pooled.acc > plain.acc:
        verdict = f"pooling adds {pooled.acc - plain.acc:.1f} points to"
    else:
        verdict = f"pooling loses {plain.acc - pooled.acc:.1f} points against"
    return f"On {_named(pooled)} {verdict} the best network without ({TITLES[plain.method]})."


def _seconds(found: Mapping[tuple[str, str], float]) -> list[str]:
    shown = [d for d in DATASETS if any(d == dataset for dataset, _ in found)]
    lines = []
    for dataset in shown:
        ours = [found.get((dataset, method)) for method in METHODS]
        paper = [published_seconds().get((dataset, method)) for method in METHODS]
        lines.append([dataset, *("" if value is None else f"{value:.2f}" for value in ours)])
        lines.append(["the paper", *("" if value is None else f"{value:.2f}" for value in paper)])
    return table(("", *(TITLES[m] for m in METHODS)), lines)


def read_seconds(path: Path) -> list[dict[str, Any]]:
    """Rows that `tvgnn reproduce table7` wrote.

    Raises:
        InputError: the file holds none.
    """
    import pandas as pd

    from tvgnn_cli.errors import InputError

    try:
        rows = pd.read_csv(path).to_dict("records")
        return [{**row, "seconds_per_epoch": float(row["seconds_per_epoch"])} for row in rows]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: is not a table of seconds ({error}); make it anew") from None
