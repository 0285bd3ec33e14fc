"""Every setting of a run as an option, once; commands take them all together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from tvgnn_cli.cli.completion import methods
from tvgnn_cli.cli.groups import Given
from tvgnn_cli.cli.options import INPUT, MODEL, TRAINING
from tvgnn_cli.config import FIELDS, read_config
from tvgnn_cli.methods import METHODS

DEFAULTS = {
    "num_clusters": "number of true classes, where known",
    "balance_coeff": "the total variation of the start",
    "rho": "K - 1",
    "degree_weighted": "above 32 neighbours a vertex",
    "spread_coeff": "1 where evidence is measured",
    "neighbours": "10 where evidence is measured",
}


def setting(
    name: str,
    text: str,
    panel: str,
    *flags: str,
    metavar: str | None = None,
    completes: Callable[[str], list[str]] | None = None,
) -> Any:
    """An option for a field of the configuration, whose default the preset decides."""
    flags = flags or (f"--{name.replace('_', '-')}",)
    default = DEFAULTS.get(name, str(FIELDS[name].default))
    return typer.Option(
        *flags,
        metavar=metavar,
        rich_help_panel=panel,
        help=text,
        show_default=default,
        autocompletion=completes,
    )


SETTINGS: dict[str, Any] = {
    "num_clusters": Annotated[
        int | None,
        setting(
            "num_clusters", "Number of clusters, K.", MODEL, "-k", "--num-clusters", metavar="K"
        ),
    ],
    "method": Annotated[
        str | None,
        setting(
            "method",
            f"How to cluster: {', '.join(METHODS)} (docs/methods.md).",
            MODEL,
            metavar="NAME",
            completes=methods,
        ),
    ],
    "preset": Annotated[
        Literal["default", "paper"] | None,
        setting("preset", "Where settings start from: robust, or the paper's.", MODEL),
    ],
    "view": Annotated[
        Literal["auto", "both", "features", "edges"] | None,
        setting(
            "view",
            "What clusters are sought in: features averaged over near vertices, features or edges "
            "alone; auto leaves one out where the other foretells clearly more.",
            INPUT,
        ),
    ],
    "encoder": Annotated[
        Literal["auto", "none", "factors", "mixed"] | None,
        setting(
            "encoder",
            "What is made of features: directions of most variance, factors in which neighbours "
            "are alike, or both mixed; auto takes what edges and features tell most of.",
            MODEL,
        ),
    ],
    "structural": Annotated[
        Literal["spectral", "degree", "identity"] | None,
        setting(
            "structural",
            "What stands for features where there are none: eigenvectors, degrees, or one number "
            "for each vertex.",
            INPUT,
        ),
    ],
    "hidden": Annotated[
        int | None, setting("hidden", "Width of the message-passing layers.", MODEL, metavar="N")
    ],
    "layers": Annotated[
        int | None, setting("layers", "Number of message-passing layers.", MODEL, metavar="N")
    ],
    "delta": Annotated[
        float | None, setting("delta", "Step of GTVConv (Table 5's 2*delta).", MODEL, metavar="X")
    ],
    "degree_weighted": Annotated[
        bool | None,
        setting(
            "degree_weighted",
            "Propagate by degree (Appendix A.4).",
            MODEL,
            "--degree-weighted/--no-degree-weighted",
        ),
    ],
    "feature_scaling": Annotated[
        Literal["auto", "tfidf", "unit", "sum", "standard", "none"] | None,
        setting(
            "feature_scaling",
            "How features are scaled: term weights, rows of length or sum 1, columns of mean 0 and "
            "deviation 1; auto looks at their values.",
            MODEL,
        ),
    ],
    "mlp_hidden": Annotated[
        int | None, setting("mlp_hidden", "Width of the head's hidden layer.", MODEL, metavar="N")
    ],
    "eps": Annotated[
        float | None,
        setting("eps", "Smallest distance that an edge is weighted by.", MODEL, metavar="X"),
    ],
    "filter_steps": Annotated[
        int | None,
        setting("filter_steps", "Steps of the feature filter; 0 for none.", MODEL, metavar="N"),
    ],
    "filter_keep": Annotated[
        float | None,
        setting("filter_keep", "Share of unfiltered features kept.", MODEL, metavar="X"),
    ],
    "components": Annotated[
        int | None,
        setting(
            "components",
            "Singular components of the features; 0 for all features.",
            MODEL,
            metavar="N",
        ),
    ],
    "seed": Annotated[
        int | None, setting("seed", "Base of all randomness.", TRAINING, metavar="N")
    ],
    "restarts": Annotated[
        int | None,
        setting(
            "restarts",
            "Trainings, of which the best supported is kept; tvgnn sweep makes 3 if not told.",
            TRAINING,
            metavar="N",
        ),
    ],
    "init": Annotated[
        Literal["kmeans", "random"] | None,
        setting("init", "Where training starts: from k-means labels or not.", TRAINING),
    ],
    "epochs": Annotated[
        int | None, setting("epochs", "Most epochs of training.", TRAINING, metavar="N")
    ],
    "patience": Annotated[
        int | None,
        setting(
            "patience",
            "Epochs without improvement that end it; steps, with --batch parts.",
            TRAINING,
            metavar="N",
        ),
    ],
    "tolerance": Annotated[
        float | None,
        setting("tolerance", "Relative improvement that counts.", TRAINING, metavar="X"),
    ],
    "lr": Annotated[float | None, setting("lr", "Learning rate.", TRAINING, metavar="X")],
    "totvar_coeff": Annotated[
        float | None,
        setting(
            "totvar_coeff",
            "Weight of the loss's first term: total variation, or the method's own.",
            TRAINING,
            metavar="X",
        ),
    ],
    "balance_coeff": Annotated[
        float | None,
        setting(
            "balance_coeff",
            "Weight of its second term: balance, or its own.",
            TRAINING,
            metavar="X",
        ),
    ],
    "rho": Annotated[
        float | None, setting("rho", "Asymmetry of the balance loss.", TRAINING, metavar="X")
    ],
    "spread_coeff": Annotated[
        float | None,
        setting(
            "spread_coeff",
            "Weight of the spread of features inside clusters.",
            TRAINING,
            metavar="X",
        ),
    ],
    "neighbours": Annotated[
        int | None,
        setting(
            "neighbours",
            "Nearest vertices by features whose pairs count as edges do; 0 for none.",
            TRAINING,
            metavar="N",
        ),
    ],
    "batch": Annotated[
        Literal["full", "parts"] | None,
        setting(
            "batch",
            "Train on the whole graph, or on unions of METIS parts, which processes may share "
            "(docs/hpc.md).",
            TRAINING,
        ),
    ],
    "batch_size": Annotated[
        int | None, setting("batch_size", "Vertices of a batch, about.", TRAINING, metavar="N")
    ],
    "parts_per_batch": Annotated[
        int | None,
        setting("parts_per_batch", "METIS parts that make a batch.", TRAINING, metavar="N"),
    ],
    "precision": Annotated[
        Literal["float32", "bf16"] | None,
        setting(
            "precision",
            "Of matrix products; bf16 rounds more, and is faster where hardware has it.",
            TRAINING,
        ),
    ],
}
"""By field of `ClusterConfig`, in the order of the help text."""


def with_file(settings: Given, file: Path | None) -> dict[str, Any]:
    """Join the settings that are given to those of a file, over which they win.

    Raises:
        UsageError: the file cannot be read or is not TOML.
    """
    given = {name: value for name, value in settings.items() if value is not None}
    return given if file is None else {**read_config(file), **given}
