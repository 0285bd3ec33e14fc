"""The options that `--help` shows, and those that only `--help-all` does, for all commands."""

from __future__ import annotations

EVERYDAY = frozenset((
    "--num-clusters", "--over",
    "--features", "--feature-attrs", "--weight", "--labels", "--label-attr", "--graph",
    "--output", "--metrics", "--save", "--plot", "--report", "--model", "--sweep", "--match",
    "--changes",
    "--method", "--seed", "--restarts", "--consensus",
    "--checkpoint", "--jobs", "--require-complete",
    "--threads", "--quiet", "--version",
    "--name", "--time", "--cpus", "--mem", "--array", "--at-once", "--gpus", "--partition",
    "--account", "--signal", "--requeue", "--setup",
    "--folds", "--runs", "--pools", "--confusion",
    "--marks", "--vertices", "--cuts", "--top", "--tree", "--levels",
    "--out", "--results", "--export", "--dataset", "--protocol", "--seeds", "--list",
))  # fmt: skip
"""Options that people use, by the long name."""

RARE = frozenset((
    "--numbers", "--keep", "--stop-after", "--plain",
    "--cluster-attr", "--source", "--target", "--id-attr", "--header", "--data-root", "--offline",
    "--impute", "--structural",
    "--view", "--encoder", "--spread-coeff", "--neighbours",
    "--preset", "--hidden", "--layers", "--delta", "--degree-weighted", "--feature-scaling",
    "--clip-weights",
    "--mlp-hidden", "--eps",
    "--filter-steps", "--filter-keep", "--components",
    "--init", "--epochs", "--patience", "--tolerance", "--lr", "--totvar-coeff", "--balance-coeff",
    "--rho",
    "--batch", "--batch-size", "--parts-per-batch", "--precision", "--fail-on-collapse",
    "--every", "--resume", "--max-time", "--shards", "--shard",
    "--config", "--dump-config", "--ignore-memory", "--device", "--progress",
    "--vertex-features", "--cleaned", "--pool-sizes", "--activation", "--mlp-layers",
    "--mlp-activation", "--scaling", "--validation", "--monitor", "--weight-decay",
    "--min-size", "--connected", "--min-confidence", "--overlap", "--fixed",
    "--install-completion", "--show-completion",
))  # fmt: skip
"""Options that `--help-all` adds."""

RARE_IN = {
    "check": frozenset(("--seed", "--restarts")),
    "cluster": frozenset(("--match", "--changes")),
    "sweep": frozenset(("--jobs",)),
}
"""By command, what is everyday elsewhere."""


def is_everyday(option: str, command: str) -> bool:
    """Tell whether `tvgnn COMMAND --help` shows an option, given by its long name."""
    return option in EVERYDAY and option not in RARE_IN.get(command, ())
