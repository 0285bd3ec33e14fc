"""`tvgnn check`: read a graph, report on it, train nothing."""

from __future__ import annotations

from typing import Any

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.settings import takes_settings


@takes_settings()
def check(
    graph: o.GraphArgument,
    features: o.FeaturesOption = None,
    feature_attrs: o.FeatureAttrsOption = None,
    weight: o.WeightOption = None,
    source: o.SourceOption = None,
    target: o.TargetOption = None,
    id_attr: o.IdAttrOption = None,
    labels: o.LabelsOption = None,
    label_attr: o.LabelAttrOption = None,
    header: o.HeaderOption = None,
    data_root: o.DataRootOption = None,
    offline: o.OfflineOption = False,
    settings: dict[str, Any] | None = None,
    config: o.ConfigOption = None,
) -> None:
    """Read a graph and report on it: sizes, components, duplicates, memory for training.

    Memory is estimated for the settings that are given, as for tvgnn cluster.

    Examples:
      tvgnn check planted
      tvgnn check karate --preset paper
    """
    given = locals()
    from tvgnn_cli.config import make_config, read_config
    from tvgnn_cli.inputs import read_graph
    from tvgnn_cli.inspection import inspect_graph, require_suitable

    chosen = make_config(settings or {}, read_config(config) if config is not None else None)
    read = read_graph(graph, **o.reading(given))
    for name, text in inspect_graph(read, chosen).items():
        typer.echo(f"{name + ':':<22}{text}")
    for note in read.all_notes:
        typer.echo(f"- {note}")
    require_suitable(read, chosen)
