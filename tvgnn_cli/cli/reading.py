"""Options that say how a graph is read; commands take them all together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tvgnn_cli.cli.completion import graphs
from tvgnn_cli.cli.options import INPUT, argument
from tvgnn_cli.io.wanted import IMPUTED

GraphArgument = Annotated[
    str,
    typer.Argument(
        metavar="GRAPH",
        show_default=False,
        autocompletion=graphs,
        help="A file (an edge list, .graphml .gml .gexf .json .mtx .net .graph, also with .gz; "
        ".npz .npy .parquet .h5ad), - for an edge list on standard input, or a data set: karate "
        "and planted, which come with tvgnn, Cora, CiteSeer, PubMed, DBLP, pyg:CLASS/NAME.",
    ),
]
CLUSTERS_COLUMN = (
    "column 'cluster' counts, else one named as clusters are ('community', 'leiden'), else the "
    "second"
)
"""Words on the column of a table that holds the clusters."""

ClustersArgument = Annotated[
    Path,
    argument(
        "CLUSTERS",
        f"Vertex ids and clusters, of any tool: a table, whose {CLUSTERS_COLUMN}; a graph file "
        "with an attribute 'cluster'; .h5ad; .npy or .npz in vertex order.",
    ),
]
ClusterAttrOption = Annotated[
    str | None,
    typer.Option(
        "--cluster-attr",
        metavar="NAME",
        rich_help_panel=INPUT,
        show_default="as above",
        help="Column or attribute with the clusters.",
    ),
]
LabelsOption = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        metavar="FILE",
        rich_help_panel=INPUT,
        help="True classes: .csv, .tsv or .parquet by vertex id, .npy or .npz in vertex order; for "
        "scoring only.",
    ),
]
DataRootOption = Annotated[
    Path | None,
    typer.Option(
        "--data-root",
        metavar="DIR",
        rich_help_panel=INPUT,
        show_default="$TVGNN_DATA_ROOT, or in the user's cache folder",
        help="Where data sets live.",
    ),
]
OfflineOption = Annotated[
    bool,
    typer.Option(
        "--offline",
        rich_help_panel=INPUT,
        help="Never touch the network; name the files that a data set lacks instead.",
    ),
]


def _column(flag: str, default: str, text: str) -> Any:
    """An option that names an attribute or a column."""
    option = typer.Option(
        flag, metavar="NAME", rich_help_panel=INPUT, show_default=default, help=text
    )
    return Annotated[str | None, option]


READING: dict[str, Any] = {
    "features": Annotated[
        Path | None,
        typer.Option(
            "--features",
            metavar="FILE",
            rich_help_panel=INPUT,
            help="Vertex features: .csv, .tsv or .parquet with an id column; .npy or .npz in "
            "vertex order.",
        ),
    ],
    "feature_attrs": Annotated[
        str | None,
        typer.Option(
            "--feature-attrs",
            metavar="NAMES",
            rich_help_panel=INPUT,
            show_default="auto",
            autocompletion=lambda: ["auto", "none", "all"],
            help="Vertex attributes that are features: auto, none, all, or a,b,c.",
        ),
    ],
    "impute": Annotated[
        str | None,
        typer.Option(
            "--impute",
            metavar="HOW",
            rich_help_panel=INPUT,
            show_default="columns that lack some are left out",
            autocompletion=lambda: [*IMPUTED],
            help="Fill missing values of features: median or mean, of their column.",
        ),
    ],
    "weight": _column(
        "--weight",
        "by its name",
        "Edge attribute or column with the weight, larger is closer; 'none' for none.",
    ),
    "source": _column("--source", "by its name, or the first", "Column with one end of each edge."),
    "target": _column("--target", "by its name, or the second", "Column with the other end."),
    "id_attr": _column("--id-attr", "the file's own ids", "Vertex attribute with the ids."),
    "labels": LabelsOption,
    "label_attr": _column(
        "--label-attr",
        "'label', 'y' or 'class' where present",
        "Vertex attribute with the true class; 'none' for none.",
    ),
    "header": Annotated[
        bool | None,
        typer.Option(
            "--header/--no-header",
            rich_help_panel=INPUT,
            show_default="look at it",
            help="Whether an edge list's first line names its columns.",
        ),
    ],
    "data_root": DataRootOption,
    "offline": OfflineOption,
}
"""By field of `InputOptions`, in the order of the help text."""
