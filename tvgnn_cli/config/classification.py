"""Every setting of a classifier of graphs, and the paper's own, by data set."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from tvgnn_cli.config.other_names import suggestion
from tvgnn_cli.config.setting import (
    MODEL,
    TINY,
    TRAINING,
    check,
    setting,
    settings_in,
    typed,
    without_later,
)
from tvgnn_cli.errors import UsageError, did_you_mean

DEFAULT_PRESET = "default"

LOSS, ACCURACY = "loss", "accuracy"
"""Measures on the graphs that decide when training ends."""

CLASSIFIERS = {
    "tvgnn": "TVGNN pooling between GTVConv layers",
    "diffpool": "DiffPool between layers that average",
    "mincutpool": "MinCutPool between layers that average",
    "dmon": "DMoN pooling between layers that average",
    "topk": "Top-K pooling between layers that average",
    "sagpool": "SAGPool between layers that average",
    "gtv": "GTVConv layers and a readout, without pooling",
    "gin": "GIN layers and a readout, without pooling",
}
"""Methods by name, with what each is."""

WITHOUT_POOLING, BY_SCORES = ("gtv", "gin"), ("topk", "sagpool")

_OF_HEADS = ("pool_sizes", "mlp_layers", "mlp_hidden", "mlp_activation", "totvar_coeff",
             "balance_coeff")  # fmt: skip
_OF_GTV = ("delta", "eps")

LACKS: dict[str, tuple[str, ...]] = {
    "tvgnn": (), "gtv": _OF_HEADS,
    **dict.fromkeys(("diffpool", "mincutpool", "dmon"), _OF_GTV),
    **dict.fromkeys((*BY_SCORES, "gin"), (*_OF_HEADS, *_OF_GTV)),
}  # fmt: skip
"""Settings that a method does not have."""


@dataclass(frozen=True)
class ClassifyConfig:
    """Settings of a classifier of graphs.

    `make_classify_config` makes one from a preset; here `preset` is only the name of it.

    Args:
        method: which of `CLASSIFIERS`.
        preset: "default", or the data set whose column of Table 5 the other values are.
        pool_sizes: vertices that each pooling leaves, as in "32,16"; None for a half and a quarter
            of those of the largest graph, up to `MOST_POOLED`.
        hidden: width of the message-passing layers.
        layers: number of them in each of the three blocks.
        activation: after each of them, "elu" or "relu".
        delta: step size of GTVConv (Table 5's 2*delta).
        eps: smallest distance that an edge is weighted by.
        mlp_layers: hidden layers of each assignment head.
        mlp_hidden: width of these.
        mlp_activation: after each of these.
        totvar_coeff: weight of the total variation loss of each pooling (alpha_1), or of the term
            that has its place in another method's loss.
        balance_coeff: weight of the balance loss (alpha_2), or of what has its place.
        weight_decay: weight of the sum of squares of the layers' weights.
        scaling: how vertex attributes are scaled: "standard" to mean 0 and deviation 1, "robust"
            once values far outside are brought nearer.
        seed: base of all randomness.
        validation: share of the graphs whose loss decides when training ends, where the input has
            no such part of its own.
        epochs: most epochs of training.
        monitor: what is looked at on the graphs that decide when training ends: the "loss", which
            is to fall, or the "accuracy", which is to rise.
        patience: epochs without a better one that end it.
        lr: Adam's learning rate.
        batch_size: graphs of a step.
    """

    # fmt: off
    method: str = setting(
        "tvgnn", f"How to classify: {', '.join(CLASSIFIERS)}.", MODEL, "NAME",
        choices=tuple(CLASSIFIERS),
    )
    preset: str = setting(
        DEFAULT_PRESET, "Where settings start from: default, or a data set of the paper's Table 5.",
        MODEL, "NAME",
    )
    pool_sizes: str | None = setting(
        None, "Vertices that each pooling leaves, as in 32,16.", MODEL, "N,N",
        shown="a half and a quarter of the largest graph's, up to 256 and 128",
    )
    hidden: int = setting(
        64, "Width of the message-passing layers.", MODEL, "N",
        within=(1, 65_536), needs="needs to be from 1 to 65536",
    )
    layers: int = setting(
        2, "Message-passing layers of each block.", MODEL, "N",
        within=(1, 64), needs="needs to be from 1 to 64",
    )
    activation: str = setting(
        "relu", "After each message-passing layer.", MODEL, choices=("relu", "elu"),
    )
    delta: float = setting(
        1.0, "Step of GTVConv (Table 5's 2*delta).", MODEL, "X",
        within=(TINY, 1e6), needs="needs to be positive",
    )
    eps: float = setting(
        1e-3, "Smallest distance that an edge is weighted by.", MODEL, "X",
        within=(TINY, 1e6), needs="needs to be positive",
    )
    mlp_layers: int = setting(
        2, "Hidden layers of each assignment head.", MODEL, "N",
        within=(0, 64), needs="needs to be from 0 to 64",
    )
    mlp_hidden: int = setting(
        32, "Width of these.", MODEL, "N",
        within=(1, 65_536), needs="needs to be from 1 to 65536",
    )
    mlp_activation: str = setting(
        "relu", "After each of these.", MODEL, choices=("relu", "elu"),
    )
    scaling: str = setting(
        "robust",
        "How vertex attributes are scaled: to mean 0 and deviation 1, robust with values far "
        "outside brought nearer, or not.",
        MODEL, choices=("robust", "standard", "none"),
    )
    seed: int = setting(
        0, "Base of all randomness.", TRAINING, "N",
        within=(0, 2**32 - 1), needs="needs to be from 0 to 4294967295",
    )
    validation: float = setting(
        0.1, "Share of the training graphs that decides when training ends.", TRAINING, "X",
        within=(TINY, 0.9), needs="needs to be above 0, and at most 0.9",
    )
    epochs: int = setting(
        500, "Most epochs of training.", TRAINING, "N",
        within=(0, 10**9), needs="needs to be at least 0",
    )
    monitor: str = setting(
        LOSS, "What those graphs decide by: their loss or their accuracy.", TRAINING,
        choices=(LOSS, ACCURACY), later=True,
    )
    patience: int = setting(
        20, "Epochs without a better one that end it.", TRAINING, "N",
        within=(1, 10**9), needs="needs to be at least 1",
    )
    lr: float = setting(
        1e-3, "Learning rate.", TRAINING, "X", within=(TINY, 1e3), needs="needs to be positive",
    )
    batch_size: int = setting(
        8, "Graphs of a step.", TRAINING, "N",
        within=(1, 10**9), needs="needs to be at least 1",
    )
    totvar_coeff: float = setting(
        0.5, "Weight of each pooling's first loss: total variation, or the method's own.",
        TRAINING, "X", within=(0, 1e6), needs="needs to be at least 0",
    )
    balance_coeff: float = setting(
        0.5, "Weight of its second loss: balance, or its own.", TRAINING, "X",
        within=(0, 1e6), needs="needs to be at least 0",
    )
    weight_decay: float = setting(
        0.0, "Weight of the sum of squares of the layers' weights.", TRAINING, "X",
        within=(0, 1e6), needs="needs to be at least 0",
    )

    # fmt: on

    def __post_init__(self) -> None:
        check(self)
        if self.preset not in presets():
            raise UsageError(f"`preset` is '{self.preset}'.{did_you_mean(self.preset, presets())}")
        self.given_sizes  # noqa: B018 checked here

    @property
    def given_sizes(self) -> tuple[int, int] | None:
        """Vertices that each pooling is told to leave; None where it is not.

        Raises:
            UsageError: the text is not two whole numbers of at least 2.
        """
        if self.pool_sizes is None:
            return None
        words = self.pool_sizes.split(",")
        if len(words) != 2 or not all(w.strip().isdecimal() and int(w) > 1 for w in words):
            raise UsageError(
                f"`pool_sizes` is '{self.pool_sizes}'; needs two whole numbers of at least 2, as "
                "in 32,16"
            )
        return int(words[0]), int(words[1])

    @property
    def pools(self) -> bool:
        """Tell whether the network pools."""
        return self.method not in WITHOUT_POOLING

    @property
    def assigns(self) -> bool:
        """Tell whether it pools by assignments, to a number of clusters."""
        return self.pools and self.method not in BY_SCORES

    def fingerprint(self) -> str:
        """SHA-256 over every setting; those that came later are left out at their defaults."""
        text = json.dumps(without_later(self, dataclasses.asdict(self)), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


CLASSIFY_FIELDS = {entry.name: entry for entry in dataclasses.fields(ClassifyConfig)}
CLASSIFY_SETTINGS = settings_in(CLASSIFY_FIELDS)


@cache
def presets() -> dict[str, dict[str, Any]]:
    """Settings that each preset changes: none, or a data set's column of Table 5."""
    text = files("tvgnn_cli.config").joinpath("table5.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    found: dict[str, dict[str, Any]] = {DEFAULT_PRESET: {}}
    for row in rows:
        kinds = {name: str(CLASSIFY_FIELDS[name].type) for name in row if name in CLASSIFY_FIELDS}
        found[row["dataset"]] = {
            name: {"int": int, "float": float, "str": str}[kind](row[name])
            for name, kind in kinds.items()
        } | {"scaling": "none"}
    return found


def make_classify_config(settings: dict[str, Any]) -> ClassifyConfig:
    """Preset, then `settings`; None in `settings` means not given.

    Raises:
        UsageError: an unknown name, a value of the wrong type or out of range.
    """
    given = {name: value for name, value in settings.items() if value is not None}
    for name in given:
        if name not in CLASSIFY_FIELDS:
            raise UsageError(f"unknown setting '{name}'.{suggestion(name, CLASSIFY_FIELDS)}")
    method = given.get("method", "tvgnn")
    for name in LACKS.get(method, ()) if isinstance(method, str) else ():
        if name in given:
            raise UsageError(f"`{name}`: `method` {method} has no such setting; leave it out")
    asked = str(given.get("preset", DEFAULT_PRESET))
    preset = {name.lower(): name for name in presets()}.get(asked.lower())
    if preset is None:
        raise UsageError(f"`preset` is '{asked}'.{did_you_mean(asked, presets())}")
    values = {**presets()[preset], **given, "preset": preset}
    return ClassifyConfig(
        **{name: typed(CLASSIFY_FIELDS[name], value) for name, value in values.items()}
    )
