"""`tvgnn check`: read a graph, report on it, train nothing."""

from __future__ import annotations

import typer

from tvgnn_cli.cli import options as o


def check(
    graph: o.GraphArgument,
    num_clusters: o.ClustersOption = None,
    features: o.FeaturesOption = None,
    labels: o.LabelsOption = None,
    label_attr: o.LabelAttrOption = None,
    header: o.HeaderOption = None,
    data_root: o.DataRootOption = None,
    offline: o.OfflineOption = False,
    preset: o.PresetOption = None,
    config: o.ConfigOption = None,
) -> None:
    """Read a graph and report on it: sizes, components, duplicates, memory for training.

    Other settings that memory depends on (--hidden, --structural, ...) come from a file, which
    tvgnn cluster ... --dump-config prints.

    [bold]Example:[/bold] tvgnn check sample_data/planted.graphml
    """
    given = locals()
    from tvgnn_cli.config import make_config, read_config
    from tvgnn_cli.inputs import read_graph
    from tvgnn_cli.inspection import inspect_graph

    settings = make_config(
        {"num_clusters": num_clusters, "preset": preset},
        read_config(config) if config is not None else None,
    )
    read = read_graph(graph, **o.reading(given))
    for name, text in inspect_graph(read, settings).items():
        typer.echo(f"{name + ':':<22}{text}")
    for note in [*read.counts.notes(), *read.notes]:
        typer.echo(f"- {note}")
