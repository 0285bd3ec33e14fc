"""Result of a sweep, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tvgnn_cli.errors import shown
from tvgnn_cli.io.writers import check_target, write_rows
from tvgnn_cli.plots import SUFFIXES, require_matplotlib, save_figure
from tvgnn_cli.prepare.evidence.suggestion import Suggestion
from tvgnn_cli.report.sweeps import figure_of

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
            check_target("`plot`", str(plot), SUFFIXES, (), to_stream=False)
        write_rows(self.rows, str(path))
        if plot is not None:
            save_figure(self.figure(self.name), Path(plot))
