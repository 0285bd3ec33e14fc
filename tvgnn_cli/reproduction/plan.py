"""The runs of Table 1: each a command line, so that a reader can make any row again."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from tvgnn_cli.config import BOTH, make_config
from tvgnn_cli.errors import UsageError, did_you_mean
from tvgnn_cli.io.datasets import DATASETS
from tvgnn_cli.methods import LONG, METHODS

SEEDS = 10

PUBLISHED, OURS = "published", "ours"
PROTOCOLS = (PUBLISHED, OURS)
"""The configuration of the paper and of each method's own; the same start, features and stopping
for all methods that are trained end to end, which are this tool's defaults."""


@dataclass(frozen=True)
class Planned:
    """One run: a method on a data set from one seed."""

    protocol: str
    method: str
    dataset: str
    seed: int

    @property
    def key(self) -> str:
        """A file name's stem."""
        return f"{self.protocol}-{self.method}-{self.dataset}-{self.seed:02d}"

    @property
    def arguments(self) -> tuple[str, ...]:
        """List the arguments of `tvgnn` that decide the result."""
        settings = {**settings_of_run(self.protocol, self.method), "seed": self.seed}
        words = ((f"--{name.replace('_', '-')}", str(value)) for name, value in settings.items())
        return ("cluster", self.dataset, *(word for pair in words for word in pair))

    @property
    def settings(self) -> str:
        """Settings that the command stands for: presets and methods may change what they are."""
        chosen = {**settings_of_run(self.protocol, self.method), "seed": self.seed}
        return make_config(chosen).fingerprint()[:12]

    @property
    def command(self) -> str:
        """As it is typed."""
        return shlex.join(("tvgnn", *self.arguments))


SCALINGS = dict.fromkeys(("gae", "vgae", "bane", "tene"), "unit")
"""Feature scaling of methods for which another than the default did better on Cora and CiteSeer by
their true classes: they get it, TVGNN does not."""


def settings_of_run(protocol: str, method: str) -> dict[str, Any]:
    """Settings that a run of a method is asked for, besides its seed."""
    if method in SCALINGS:
        return {"method": method, "feature_scaling": SCALINGS[method]}
    if protocol == OURS and method == "tvgnn":  # as its ablations, which have no other view
        return {"method": method, "view": BOTH}
    if protocol == OURS or not METHODS[method].is_trained:
        return {"method": method}
    long = LONG if method == "tvgnn" else {}  # the others' own configuration has it
    return {"method": method, "preset": "paper", **long}


def plan(
    methods: Collection[str] = (),
    datasets: Collection[str] = (),
    protocols: Collection[str] = (),
    seeds: int = SEEDS,
) -> list[Planned]:
    """Every run that is asked for, all of one seed before the next, so that an early end leaves
    whole columns; empty collections stand for all.

    Methods that are not trained end to end have one protocol.

    Raises:
        UsageError: an unknown name, or fewer than one seed.
    """
    if seeds < 1:
        raise UsageError(f"`seeds` is {seeds}; needs to be at least 1")
    chosen = (
        known_names("`method`", methods, tuple(METHODS)),
        known_names("`dataset`", datasets, tuple(DATASETS)),
        known_names("`protocol`", protocols, PROTOCOLS),
    )
    planned = [
        Planned(protocol, method, dataset, seed)
        for seed in range(seeds)
        for dataset in chosen[1]
        for protocol in chosen[2]
        for method in chosen[0]
        if METHODS[method].is_trained or protocol == PUBLISHED
    ]
    if not planned:
        raise UsageError(f"`method` {', '.join(chosen[0])}: has the protocol '{PUBLISHED}' only")
    return planned


def known_names(option: str, names: Collection[str], known: Sequence[str]) -> list[str]:
    """The names that are asked for, spelt as they are known, in the order in which they are."""
    folded = {name.lower(): name for name in known}
    for name in names:
        if name.lower() not in folded:
            raise UsageError(f"{option} is '{name}'.{did_you_mean(name, known)}")
    asked = {folded[name.lower()] for name in names}
    return [name for name in known if not names or name in asked]
