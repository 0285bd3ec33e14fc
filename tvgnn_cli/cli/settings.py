"""Every setting of a run as an option, once; commands take them all together."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection
from typing import Annotated, Any, Literal

from tvgnn_cli.cli.options import (
    INPUT,
    MODEL,
    TRAINING,
    ClustersOption,
    MethodOption,
    PresetOption,
    setting,
)

SETTINGS: dict[str, Any] = {
    "num_clusters": ClustersOption,
    "method": MethodOption,
    "preset": PresetOption,
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
            "Trainings, of which the lowest loss is kept; tvgnn sweep makes 3 if not told.",
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


def takes_settings(*, without: Collection[str] = ()) -> Callable[[Any], Any]:
    """Give a command every option of `SETTINGS` in the place of its parameter `settings`.

    The command is called with `settings`, a dictionary of those; None for what is not given.
    """

    def widen(command: Callable[..., None]) -> Callable[..., None]:
        names = [name for name in SETTINGS if name not in without]
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        options = [
            inspect.Parameter(name, kind, default=None, annotation=SETTINGS[name]) for name in names
        ]
        signature = inspect.signature(command, eval_str=True)
        parameters: list[inspect.Parameter] = []
        for parameter in signature.parameters.values():
            parameters += options if parameter.name == "settings" else [parameter]

        @functools.wraps(command)
        def widened(**given: Any) -> None:
            command(settings={name: given.pop(name) for name in names}, **given)

        widened.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        widened.__annotations__ = {p.name: p.annotation for p in parameters}
        return widened

    return widen
