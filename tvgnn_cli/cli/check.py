"""`tvgnn check`: read a graph, report on it, train nothing."""

from __future__ import annotations

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.config import ClusterConfig


def check(
    graph: o.GraphArgument,
    features: o.FeaturesOption = None,
    labels: o.LabelsOption = None,
    label_attr: o.LabelAttrOption = None,
    header: o.HeaderOption = None,
    data_root: o.DataRootOption = None,
    offline: o.OfflineOption = False,
) -> None:
    """Read a graph and report on it: sizes, components, duplicates, memory for training.

    [bold]Example:[/bold] tvgnn check sample_data/planted.graphml
    """
    from tvgnn_cli.cli.inputs import load_graph
    from tvgnn_cli.cli.summary import edge_notes
    from tvgnn_cli.inspection import inspect_graph

    loaded = load_graph(
        graph,
        features=features,
        labels=labels,
        label_attr=label_attr,
        header=header,
        data_root=data_root,
        offline=offline,
    )
    for name, text in inspect_graph(loaded, ClusterConfig()).items():
        typer.echo(f"{name + ':':<22}{text}")
    for note in [*edge_notes(loaded), *loaded.notes]:
        typer.echo(f"- {note}")
