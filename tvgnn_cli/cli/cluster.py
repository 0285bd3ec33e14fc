"""`tvgnn cluster`: train on a graph and write its clusters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.config import FIELDS


def cluster(
    graph: o.GraphArgument,
    num_clusters: o.ClustersOption = None,
    features: o.FeaturesOption = None,
    labels: o.LabelsOption = None,
    label_attr: o.LabelAttrOption = None,
    header: o.HeaderOption = None,
    structural: Annotated[
        Literal["spectral", "degree", "identity"] | None,
        o.setting("structural", "What stands for features where there are none.", o.INPUT),
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
    preset: o.PresetOption = None,
    hidden: Annotated[
        int | None, o.setting("hidden", "Width of the GTVConv layers.", o.MODEL, metavar="N")
    ] = None,
    layers: Annotated[
        int | None, o.setting("layers", "Number of GTVConv layers.", o.MODEL, metavar="N")
    ] = None,
    delta: Annotated[
        float | None,
        o.setting("delta", "Step of GTVConv (Table 5's 2*delta).", o.MODEL, metavar="X"),
    ] = None,
    degree_weighted: Annotated[
        bool | None,
        o.setting(
            "degree_weighted",
            "Propagate by degree (Appendix A.4).",
            o.MODEL,
            "--degree-weighted/--no-degree-weighted",
        ),
    ] = None,
    feature_scaling: Annotated[
        Literal["auto", "tfidf", "unit", "sum", "standard", "none"] | None,
        o.setting("feature_scaling", "How features are scaled.", o.MODEL),
    ] = None,
    mlp_hidden: Annotated[
        int | None,
        o.setting("mlp_hidden", "Width of the head's hidden layer.", o.MODEL, metavar="N"),
    ] = None,
    eps: Annotated[
        float | None,
        o.setting("eps", "Smallest distance that an edge is weighted by.", o.MODEL, metavar="X"),
    ] = None,
    filter_steps: Annotated[
        int | None,
        o.setting("filter_steps", "Steps of the feature filter; 0 for none.", o.MODEL, metavar="N"),
    ] = None,
    filter_keep: Annotated[
        float | None,
        o.setting("filter_keep", "Share of unfiltered features kept.", o.MODEL, metavar="X"),
    ] = None,
    components: Annotated[
        int | None,
        o.setting(
            "components",
            "Singular components of the features; 0 for all features.",
            o.MODEL,
            metavar="N",
        ),
    ] = None,
    seed: Annotated[
        int | None, o.setting("seed", "Base of all randomness.", o.TRAINING, metavar="N")
    ] = None,
    restarts: Annotated[
        int | None,
        o.setting(
            "restarts", "Trainings, of which the lowest loss is kept.", o.TRAINING, metavar="N"
        ),
    ] = None,
    init: Annotated[
        Literal["kmeans", "random"] | None,
        o.setting("init", "Where training starts: from k-means labels or not.", o.TRAINING),
    ] = None,
    epochs: Annotated[
        int | None, o.setting("epochs", "Most epochs of training.", o.TRAINING, metavar="N")
    ] = None,
    patience: Annotated[
        int | None,
        o.setting("patience", "Epochs without improvement that end it.", o.TRAINING, metavar="N"),
    ] = None,
    tolerance: Annotated[
        float | None,
        o.setting("tolerance", "Relative improvement that counts.", o.TRAINING, metavar="X"),
    ] = None,
    lr: Annotated[float | None, o.setting("lr", "Learning rate.", o.TRAINING, metavar="X")] = None,
    totvar_coeff: Annotated[
        float | None,
        o.setting("totvar_coeff", "Weight of the total variation loss.", o.TRAINING, metavar="X"),
    ] = None,
    balance_coeff: Annotated[
        float | None,
        o.setting("balance_coeff", "Weight of the balance loss.", o.TRAINING, metavar="X"),
    ] = None,
    rho: Annotated[
        float | None,
        o.setting("rho", "Asymmetry of the balance loss.", o.TRAINING, metavar="X"),
    ] = None,
    precision: Annotated[
        Literal["float32", "bf16"] | None,
        o.setting("precision", "Of matrix products; bf16 is faster and rounds more.", o.TRAINING),
    ] = None,
    fail_on_collapse: Annotated[
        bool,
        typer.Option(
            "--fail-on-collapse",
            rich_help_panel=o.TRAINING,
            help="End with exit code 4, writing nothing, if a cluster stays empty.",
        ),
    ] = False,
    config: o.ConfigOption = None,
    dump_config: Annotated[
        bool,
        typer.Option(
            "--dump-config",
            rich_help_panel=o.RUN,
            help="Print the settings as TOML on standard output, and stop.",
        ),
    ] = False,
    ignore_memory: Annotated[
        bool,
        typer.Option(
            "--ignore-memory",
            rich_help_panel=o.RUN,
            help="Train even if it is estimated to take more memory than there is.",
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

    from tvgnn_cli import api
    from tvgnn_cli.cli.outputs import choose_targets, write_result
    from tvgnn_cli.cli.progress import progress as show
    from tvgnn_cli.cli.summary import report

    targets = choose_targets(graph, output, metrics, save, (features, labels, config))
    with show("none" if quiet else progress) as observer:
        result = api.cluster(
            graph,
            config=settings,
            threads=threads,
            device=device,
            observer=observer,
            fail_on_collapse=fail_on_collapse,
            ignore_memory=ignore_memory,
            **o.reading(given),
        )
    write_result(result, targets)
    if not quiet:
        report(result, targets)
