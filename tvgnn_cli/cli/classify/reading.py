"""Options that say how a set of graphs is read, and the settings of a classifier."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from tvgnn_cli.cli.options import INPUT, argument
from tvgnn_cli.cli.reading import DataRootOption, OfflineOption
from tvgnn_cli.cli.settings import options_of
from tvgnn_cli.config.classification import CLASSIFY_FIELDS, CLASSIFY_SETTINGS

DataArgument = Annotated[
    str,
    argument(
        "DATA",
        "A folder of graph files with labels.csv (graph,label), or that table; a TU data set "
        "by name (MUTAG) or its folder; a folder in DGL's CSV layout; a table with a row per graph "
        "(.parquet, .jsonl); .npz with a graph for each vertex (docs/graph-sets.md); or "
        "shapes, which comes with tvgnn.",
    ),
]
ModelArgument = Annotated[
    Path,
    argument("MODEL", "What tvgnn classify train has written."),
]

GRAPHS: dict[str, Any] = {
    "labels": Annotated[
        Path | None,
        typer.Option(
            "--labels",
            metavar="FILE",
            rich_help_panel=INPUT,
            show_default="labels.csv in DATA",
            help="Table of graphs and their classes: graph,label and, for parts, split.",
        ),
    ],
    "weight": Annotated[
        str | None,
        typer.Option(
            "--weight",
            metavar="NAME",
            rich_help_panel=INPUT,
            show_default="by its name",
            help="Edge attribute or column with the weight, larger is closer; 'none' for none.",
        ),
    ],
    "vertex_features": Annotated[
        Literal["auto", "attributes", "labels", "none"] | None,
        typer.Option(
            "--vertex-features",
            rich_help_panel=INPUT,
            show_default="auto",
            help="What vertices have: numbers, labels, both (auto), or none: their degrees.",
        ),
    ],
    "cleaned": Annotated[
        bool,
        typer.Option(
            "--cleaned",
            rich_help_panel=INPUT,
            help="Of a TU data set, the one without isomorphic graphs.",
        ),
    ],
    "data_root": DataRootOption,
    "offline": OfflineOption,
}
"""By argument of `read_graph_set`, in the order of the help text."""

SETTINGS = options_of(CLASSIFY_FIELDS, CLASSIFY_SETTINGS, {})
"""By field of `ClassifyConfig`, in the order of the help text."""


def given(reading: dict[str, Any]) -> dict[str, Any]:
    """Options of reading that were given."""
    return {name: value for name, value in reading.items() if value is not None}
