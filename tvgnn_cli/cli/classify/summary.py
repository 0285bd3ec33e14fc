"""Summaries of the commands on sets of graphs, on standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from tvgnn_cli.cli.spelling import line_of
from tvgnn_cli.cli.summary import console, show_summary
from tvgnn_cli.errors import counted, printable, some_of

if TYPE_CHECKING:
    from tvgnn_cli.classification.result import ClassifyResult
    from tvgnn_cli.jobs.cross_validation import CrossValidation
    from tvgnn_cli.reproduction.table2_runs import Done, Timing
    from tvgnn_cli.reproduction.table2_summary import Cell

SHOWN, LONGEST_NAME = 8, 24
"""Classes that are shown by name, and the characters of each that are."""

MOST_IN_MATRIX = 12
"""Classes of a confusion matrix that a terminal has room for."""


def show_training(result: ClassifyResult, written: Sequence[str]) -> None:
    """Print what was learned from, how well, and where it was written."""
    metrics = result.metrics
    rows = [("graphs", _size(metrics)), ("classes", _some(result.class_names))]
    for part in ("train", "validation", "test"):
        share, count = metrics[f"acc_{part}"], metrics[f"graphs_{part}"]
        if share is not None:
            rows.append(
                (f"accuracy, {part}", f"{share:.1%} of {count:,} graph{'s' * (count != 1)}")
            )
    if metrics["pool_sizes"]:
        rows.append(("pooled to", metrics["pool_sizes"].replace(",", " and ") + " vertices"))
    rows.append(("epochs", f"{metrics['epochs']}, the best is {metrics['best_epoch']}"))
    rows.append(("time", f"{metrics['seconds']:.1f} s"))
    rows += [("written", ", ".join(written))] if written else []
    show_summary(f"Classifier of {result.name}", rows, result.notes)


def show_prediction(result: ClassifyResult, written: Sequence[str]) -> None:
    """Print how many graphs are of each class, and the accuracy where classes are known."""
    found = result.classes.tolist()
    counts = Counter(found)
    told = [f"{_short(name)} {counts[name]:,}" for name in result.class_names]
    rows = [("graphs", _size(result.metrics)), ("classes", some_of(told, SHOWN))]
    if result.metrics["acc"] is not None:
        rows.append(("accuracy", f"{result.metrics['acc']:.1%}"))
    rows += [("written", ", ".join(written))] if written else []
    show_summary(f"Classes of {result.name}", rows, result.notes)


def show_cross_validation(found: CrossValidation, written: Sequence[str]) -> None:
    """Print the mean, the deviation and the confusion matrix."""
    metrics = found.metrics
    spread = "" if metrics["acc_sd"] is None else f" +- {100 * metrics['acc_sd']:.1f}"
    asked, took = metrics["folds"] * metrics["runs"], metrics["seconds_of_rows"]
    rows = [("trainings", f"{metrics['rows']} of {asked}, of {took:.1f} s together")]
    if metrics["acc"] is not None:
        rows.append(("accuracy", f"{100 * metrics['acc']:.1f}{spread} %"))
    rows += [("written", ", ".join(written))] if written else []
    show_summary(f"Cross-validation of {found.name}", rows, found.notes)
    if len(found.class_names) <= MOST_IN_MATRIX:
        _show_confusion(found)
    else:
        told = f"classes: {len(found.class_names)}, too many for a matrix here; --confusion FILE"
        console().print(line_of(told, "  - "), markup=False, soft_wrap=True)


def _show_confusion(found: CrossValidation) -> None:
    console().print("class, and taken for")
    table = Table(box=None, padding=(0, 1))
    table.add_column("")
    for name in found.class_names:
        table.add_column(Text(printable(name)), justify="right")
    for name, counts in zip(found.class_names, found.confusion.tolist(), strict=True):
        table.add_row(Text(printable(name)), *map(str, counts))
    console().print(table)


def show_cell(done: Done) -> None:
    """One line for a method and data set of Table 2 whose runs are done."""
    cell = done.planned
    text = f"{cell.dataset}, {cell.method}: failed: {done.message}"
    if done.found is not None and done.found.accuracies:
        rows = len(done.found.rows)
        text = f"{cell.dataset}, {cell.method}: {100 * done.found.metrics['acc']:.1f} % over {rows}"
    console().print(line_of(text), markup=False, soft_wrap=True)


def show_table2(cells: Sequence[Cell]) -> None:
    """Means of each method and data set beside the paper's."""
    table = Table(title="Table 2", title_justify="left", box=None, padding=(0, 1))
    for title in ("data set", "method", "accuracy", "paper", "runs", "s per epoch"):
        right = title not in ("data set", "method")
        table.add_column(title, justify="right" if right else "left", no_wrap=True)
    for cell in cells:
        paper, epoch = cell.paper, cell.seconds_per_epoch
        table.add_row(
            cell.dataset,
            cell.method,
            f"{cell.acc:.1f} ± {cell.acc_sd:.1f}",
            "" if paper is None else f"{paper.acc:.1f} ± {paper.acc_sd:.1f}",
            str(len(cell.accuracies)),
            "" if epoch is None else f"{epoch:.2f}",
        )
    console().print(table)


def show_seconds(timing: Timing) -> None:
    """One line for a method and data set of Table 7."""
    paper = "" if timing.paper is None else f" (paper: {timing.paper:.2f})"
    text = f"{timing.dataset}, {timing.method}: {timing.seconds:.2f} s per epoch{paper}"
    console().print(line_of(text), markup=False, soft_wrap=True)


def _some(names: Sequence[str]) -> str:
    """The first classes by name, and how many others."""
    return some_of([_short(name) for name in names], SHOWN)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}..."


def _size(metrics: Mapping[str, Any]) -> str:
    return (
        f"{metrics['num_graphs']:,}, with {counted(metrics['num_vertices'], 'vertex')} and "
        f"{counted(metrics['num_edges'], 'edge')}"
    )
