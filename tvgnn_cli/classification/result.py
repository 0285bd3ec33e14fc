"""Answer of a classifier: frozen, and carrying how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.classification.record import lasting
from tvgnn_cli.errors import shown
from tvgnn_cli.io.columns import Columns
from tvgnn_cli.io.writers import write_metrics, write_table
from tvgnn_cli.models.classifier_file import save_classifier
from tvgnn_cli.models.fitted_classifier import FittedClassifier

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class ClassifyResult:
    """Classes of graphs, in input order.

    Args:
        ids: of the graphs, object array `[g]`.
        probabilities: of each class, float32 `[g, c]`, rows in the simplex.
        class_names: of the columns.
        metrics: one row of numbers and provenance, by column name.
        model: what `predict_graphs` takes.
        split: part that each graph was of in training, object array `[g]`; None of a prediction.
        notes: what was done with the input that its reader might not expect.
        name: stem of the input, for default file names.
    """

    ids: np.ndarray
    probabilities: np.ndarray
    class_names: tuple[str, ...]
    metrics: dict[str, Any]
    model: FittedClassifier
    split: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    name: str = "graphs"

    def __repr__(self) -> str:
        """Name the graphs, count them and their classes, in one line."""
        acc = self.metrics.get("acc_test")
        said = "" if acc is None else f", accuracy on the test part {acc:.3f}"
        return (
            f"<ClassifyResult {shown(self.name)}: {len(self.ids):,} graphs, "
            f"{len(self.class_names):,} classes{said}>"
        )

    def _repr_html_(self) -> str:
        """Show in a notebook: a card of the run, losses and the graphs of each class, in 200 KB
        at most; without matplotlib no figure.
        """
        from tvgnn_cli.classification.card import card_html

        return card_html(self)

    @property
    def classes(self) -> np.ndarray:
        """The name of each graph's most probable class, object array `[g]`."""
        named: np.ndarray = np.array(self.class_names, dtype=object)
        found: np.ndarray = named[self.probabilities.argmax(axis=1)]
        return found

    @property
    def columns(self) -> Columns:
        """`graph, class, confidence, p_<class> ...`, and `split` of a training."""
        columns: dict[str, Any] = {
            "graph": self.ids,
            "class": self.classes,
            "confidence": self.probabilities.max(axis=1),
        }
        named = zip(self.class_names, self.probabilities.T, strict=True)
        columns |= {f"p_{name}": values for name, values in named}
        return columns if self.split is None else {**columns, "split": self.split}

    def to_frame(self) -> pd.DataFrame:
        """One line for each graph, as it is written."""
        import pandas as pd

        return pd.DataFrame(self.columns)

    def write(self, path: str | Path, metrics: str | Path | None = None) -> None:
        """Write one line for each graph, and optionally the metrics. A Parquet file carries those
        that do not differ from run to run as metadata.

        Raises:
            UsageError: an unknown suffix, or a target that cannot be written.
        """
        if metrics is not None:
            write_metrics(self.metrics, str(metrics))
        write_table(self.columns, str(path), lasting(self.metrics))

    def save(self, path: str | Path) -> None:
        """Keep the model.

        Raises:
            UsageError: the target cannot be written.
        """
        save_classifier(self.model, Path(path))
