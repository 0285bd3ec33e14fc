"""A result of `classify` as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.plots.curves import loss_figure
from tvgnn_cli.report.card import LETTERS, Card, Drawn, html_of, table_of_rows
from tvgnn_cli.report.cells import cell, number
from tvgnn_cli.report.contents import sorted_notes
from tvgnn_cli.report.parts import Table

if TYPE_CHECKING:
    from tvgnn_cli.classification.result import ClassifyResult

ACCURACIES = {
    "acc_train": "accuracy, training", "acc_validation": "accuracy, validation",
    "acc_test": "accuracy, test", "acc": "accuracy",
}  # fmt: skip

LOSS = ("Loss", "At each epoch; the weights that are kept are those of the least validation loss.")


def card_html(result: ClassifyResult) -> str:
    """A result as a fragment of HTML, see `report/card.py`."""
    warnings, notes = sorted_notes(result.notes)
    history = result.model.history if result.split is not None else ()
    losses = {
        name: [row[i] for row in history] for i, name in enumerate(("training", "validation"))
    }
    kept = int(np.argmin(losses["validation"])) if history else 0
    drawn = [Drawn("loss", *LOSS, lambda: loss_figure(losses, kept))] if len(history) > 1 else []
    return html_of(
        Card(
            title=f"Classes of {cell('', result.name, most=LETTERS)}",
            facts=list(_facts(result)),
            warnings=warnings,
            pictures=drawn,
            tables=[_table(result)],
            notes=notes,
        )
    )


def _facts(result: ClassifyResult) -> Iterator[tuple[str, str]]:
    metrics: dict[str, Any] = result.metrics
    yield "graphs", f"{len(result.ids):,}"
    yield "classes", f"{len(result.class_names):,}"
    for name, label in ACCURACIES.items():
        if metrics.get(name) is not None:
            yield label, f"{metrics[name]:.1%}"
    for name in ("method", "epochs", "loss", "validation_loss", "seed", "device", "seconds"):
        if metrics.get(name) is not None:
            value = metrics[name]
            yield name.replace("_", " "), number(value) if isinstance(value, float) else str(value)


def _table(result: ClassifyResult) -> Table:
    """Graphs that are taken for each class, and how sure."""
    best = result.probabilities.argmax(axis=1)
    c = len(result.class_names)
    counts = np.bincount(best, minlength=c)
    sure = np.bincount(best, result.probabilities.max(axis=1), c) / np.maximum(counts, 1)
    rows = [
        [str(name), f"{count:,}", number(mean) if count else ""]
        for name, count, mean in zip(
            result.class_names, counts.tolist(), sure.tolist(), strict=True
        )
    ]
    head = ["class", "graphs taken for it", "mean confidence"]
    return table_of_rows(head, rows, [False, True, True], "classes")
