"""Names that other tools give to what is set here."""

from __future__ import annotations

from collections.abc import Collection

from tvgnn_cli.errors import did_you_mean

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "num_clusters": (
        "k", "n", "clusters", "n_clusters", "nclust", "communities", "n_communities",
        "num_communities", "n_classes", "num_classes", "resolution",
    ),
    "clusters": ("k", "n", "n_clusters", "communities", "n_communities"),
    "method": ("algorithm", "algo", "model"),
    "hidden": ("hidden_channels", "hidden_dim", "hidden_size", "dim", "dimensions", "width"),
    "layers": ("num_layers", "n_layers", "depth"),
    "components": ("n_components", "num_components", "pca"),
    "seed": ("random_state", "random_seed", "rng"),
    "restarts": ("n_init", "n_restarts", "num_restarts", "trials", "n_runs"),
    "runs": ("n_init", "repeats", "trials", "n_runs"),
    "folds": ("cv", "n_folds", "n_splits"),
    "epochs": ("max_iter", "n_iter", "iter", "iterations", "num_iterations", "n_epochs",
               "num_epochs", "max_epochs", "steps"),
    "patience": ("early_stopping", "early_stop"),
    "tolerance": ("tol", "threshold", "min_delta"),
    "lr": ("learning_rate", "step_size"),
    "batch_size": ("bs", "minibatch"),
    "min_size": ("min_cluster_size", "min_community_size", "minsize"),
    "init": ("initial", "initialisation", "initialization", "start"),
    "weight": ("weights", "weight_attr", "weight_column", "edge_weight", "edge_weights"),
    "weight_decay": ("l2", "wd"),
    "features": ("attributes", "attrs", "node_features", "x", "feats", "nodes", "node_data"),
    "labels": ("ground_truth", "truth", "targets", "y", "classes"),
    "source": ("from", "src", "source_column"),
    "target": ("to", "dst", "target_column"),
    "id_attr": ("id", "ids", "id_column", "node_id", "index_col"),
    "output": ("out", "outfile", "output_file", "output_path"),
    "save": ("save_model", "model_out", "export"),
    "checkpoint": ("checkpoint_dir", "ckpt", "save_every"),
    "max_time": ("time_limit", "timelimit", "timeout", "walltime"),
    "threads": ("n_threads", "num_threads", "nthreads", "n_jobs", "cores", "cpus", "workers"),
    "jobs": ("n_jobs", "processes", "parallel", "workers", "num_workers"),
    "device": ("gpu", "cuda", "accelerator", "use_gpu"),
    "progress": ("verbose", "verbosity", "log"),
}  # fmt: skip
"""By the name that a setting has here: names that it has elsewhere. What has several meanings
stands with each; a command has one of them, or the first one counts."""


def meant_by(name: str, known: Collection[str]) -> str | None:
    """The known setting that goes by another name elsewhere; None where there is none."""
    folded = _folded(name)
    return next(
        (here for here, others in OTHER_NAMES.items()
         if here in known and folded in map(_folded, others)),
        None,
    )  # fmt: skip


def suggestion(name: str, known: Collection[str]) -> str:
    """` Did you mean 'lr'?`, by other tools' names and by spelling; else the known names."""
    meant = meant_by(name, known)
    return did_you_mean(name, known) if meant is None else f" Did you mean '{meant}'?"


def _folded(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
