"""`tvgnn cluster`: train on a graph and write its clusters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.config import FIELDS


def _setting(name: str, text: str, panel: str, *flags: str, metavar: str | None = None) -> Any:
    """An option for a field of the configuration, whose default the preset decides."""
    flags = flags or (f"--{name.replace('_', '-')}",)
    default = DEFAULTS.get(name, str(FIELDS[name].default))
    return typer.Option(
        *flags, metavar=metavar, rich_help_panel=panel, help=text, show_default=default
    )


DEFAULTS = {
    "num_clusters": "number of true classes, where known",
    "balance_coeff": "the total variation of the start",
    "rho": "K - 1",
}


def cluster(
    graph: o.GraphArgument,
    num_clusters: Annotated[
        int | None,
        _setting(
            "num_clusters",
            "Number of clusters, K.",
            o.MODEL,
            "-k",
            "--num-clusters",
            metavar="K",
        ),
    ] = None,
    features: o.FeaturesOption = None,
    labels: o.LabelsOption = None,
    label_attr: o.LabelAttrOption = None,
    header: o.HeaderOption = None,
    structural: Annotated[
        Literal["spectral", "degree", "identity"] | None,
        _setting("structural", "What stands for features where there are none.", o.INPUT),
    ] = None,
    data_root: o.DataRootOption = None,
    offline: o.OfflineOption = False,
    output: o.OutputOption = None,
    metrics: o.MetricsOption = None,
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="MODEL", rich_help_panel=o.OUTPUT, help="Keep the model for tvgnn predict."
        ),
    ] = None,
    preset: Annotated[
        Literal["default", "paper"] | None,
        _setting("preset", "Where settings start from: robust, or the paper's.", o.MODEL),
    ] = None,
    hidden: Annotated[
        int | None, _setting("hidden", "Width of the GTVConv layers.", o.MODEL, metavar="N")
    ] = None,
    layers: Annotated[
        int | None, _setting("layers", "Number of GTVConv layers.", o.MODEL, metavar="N")
    ] = None,
    delta: Annotated[
        float | None,
        _setting("delta", "Step of GTVConv (Table 5's 2*delta).", o.MODEL, metavar="X"),
    ] = None,
    degree_weighted: Annotated[
        bool | None,
        _setting(
            "degree_weighted",
            "Propagate by degree (Appendix A.4).",
            o.MODEL,
            "--degree-weighted/--no-degree-weighted",
        ),
    ] = None,
    feature_scaling: Annotated[
        Literal["auto", "tfidf", "unit", "sum", "standard", "none"] | None,
        _setting("feature_scaling", "How features are scaled.", o.MODEL),
    ] = None,
    filter_steps: Annotated[
        int | None,
        _setting("filter_steps", "Steps of the feature filter; 0 for none.", o.MODEL, metavar="N"),
    ] = None,
    components: Annotated[
        int | None,
        _setting(
            "components",
            "Singular components of the features; 0 for all features.",
            o.MODEL,
            metavar="N",
        ),
    ] = None,
    seed: Annotated[
        int | None, _setting("seed", "Base of all randomness.", o.TRAINING, metavar="N")
    ] = None,
    restarts: Annotated[
        int | None,
        _setting(
            "restarts", "Trainings, of which the lowest loss is kept.", o.TRAINING, metavar="N"
        ),
    ] = None,
    init: Annotated[
        Literal["kmeans", "random"] | None,
        _setting("init", "Where training starts: from k-means labels or not.", o.TRAINING),
    ] = None,
    epochs: Annotated[
        int | None, _setting("epochs", "Most epochs of training.", o.TRAINING, metavar="N")
    ] = None,
    patience: Annotated[
        int | None,
        _setting("patience", "Epochs without improvement that end it.", o.TRAINING, metavar="N"),
    ] = None,
    tolerance: Annotated[
        float | None,
        _setting("tolerance", "Relative improvement that counts.", o.TRAINING, metavar="X"),
    ] = None,
    lr: Annotated[float | None, _setting("lr", "Learning rate.", o.TRAINING, metavar="X")] = None,
    totvar_coeff: Annotated[
        float | None,
        _setting("totvar_coeff", "Weight of the total variation loss.", o.TRAINING, metavar="X"),
    ] = None,
    balance_coeff: Annotated[
        float | None,
        _setting("balance_coeff", "Weight of the balance loss.", o.TRAINING, metavar="X"),
    ] = None,
    rho: Annotated[
        float | None,
        _setting("rho", "Asymmetry of the balance loss.", o.TRAINING, metavar="X"),
    ] = None,
    fail_on_collapse: Annotated[
        bool,
        typer.Option(
            "--fail-on-collapse",
            rich_help_panel=o.TRAINING,
            help="End with exit code 4, writing nothing, if a cluster stays empty.",
        ),
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml",
            rich_help_panel=o.RUN,
            help="Settings from a file; options on the command line win over it.",
        ),
    ] = None,
    dump_config: Annotated[
        bool,
        typer.Option(
            "--dump-config",
            rich_help_panel=o.RUN,
            help="Print the settings as TOML on standard output, and stop.",
        ),
    ] = False,
    threads: o.ThreadsOption = None,
    device: o.DeviceOption = "auto",
    progress: o.ProgressOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """Cluster the vertices of a graph and write one row per vertex.

    Edges are undirected; a direction given is ignored. Weights are similarities: larger is
    closer. Same seed, same machine, same threads: same clusters, to the byte.

    [bold]Example:[/bold] tvgnn cluster sample_data/planted.graphml -k 4 -o clusters.csv
    """
    given = locals()
    from tvgnn_cli.config import dump_config as to_toml
    from tvgnn_cli.config import make_config, read_config

    settings = make_config(
        {name: given[name] for name in FIELDS if name in given},
        read_config(config) if config is not None else None,
    )
    if dump_config:
        typer.echo(to_toml(settings), nl=False)
        return

    from tvgnn_cli.cli.inputs import load_graph
    from tvgnn_cli.cli.outputs import choose_targets, write_result
    from tvgnn_cli.cli.run import report, train

    targets = choose_targets(graph, output, metrics, save, (features, labels, config))
    loaded = load_graph(
        graph,
        features=features,
        labels=labels,
        label_attr=label_attr,
        header=header,
        data_root=data_root,
        offline=offline,
    )
    result = train(
        loaded,
        settings,
        threads=threads,
        device=device,
        progress="none" if quiet else progress,
        fail_on_collapse=fail_on_collapse,
    )
    write_result(result, targets)
    if not quiet:
        report(loaded, result, targets)
