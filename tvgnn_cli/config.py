"""Every setting of a run: one frozen, validated object, its presets, its TOML form."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import UsageError, did_you_mean
from tvgnn_cli.methods import COMMON, DEFAULT, METHODS, PARTITION

INITS = ("kmeans", "random")
SCALINGS = ("auto", "tfidf", "unit", "sum", "standard", "none")
PRECISIONS = ("float32", "bf16")
BATCHES = ("full", "parts")
STRUCTURAL = ("spectral", "degree", "identity")

AUTO, BOTH, FEATURES, EDGES = "auto", "both", "features", "edges"
VIEWS = (AUTO, BOTH, FEATURES, EDGES)

NONE, FACTORS, MIXED = "none", "factors", "mixed"
ENCODERS = (AUTO, NONE, FACTORS, MIXED)


@dataclass(frozen=True)
class ClusterConfig:
    """Settings of a clustering. Defaults are the `default` preset; docs/defaults.md says why.

    `make_config` makes one from a preset; here `preset` is only the name of it.

    Args:
        method: which of `methods.METHODS` clusters the graph.
        preset: which preset the other values started from.
        num_clusters: K; None for the number of true classes, where these are known.
        seed: base of all randomness; restart r uses `seed + r`.
        restarts: independent trainings, of which that is kept whose clusters edges and features
            tell most of, or that of the lowest loss where evidence is not measured.
        epochs: most epochs of training.
        patience: epochs over which the loss must improve by `tolerance`, or training ends.
        tolerance: smallest improvement that counts, relative to the loss.
        hidden: width of the message-passing layers (GTVConv, unless the method has others).
        layers: number of them.
        mlp_hidden: width of the assignment head's hidden layer; 0 for none.
        delta: step size of GTVConv (Table 5's 2*delta).
        eps: smallest distance that an edge is weighted by.
        degree_weighted: use the degree-weighted propagation of Appendix A.4; None for where
            vertices have more than 32 neighbours on average.
        totvar_coeff: weight of the total variation loss (alpha_1), or of the term that has its
            place in another method's loss.
        balance_coeff: weight of the balance loss (alpha_2) or of what has its place; None for the
            total variation of the start (see `settle_weights`), or the method's own.
        rho: asymmetry of the balance loss; None for K - 1.
        spread_coeff: weight of the spread of features inside clusters, beside the losses of Eq. 17;
            None for 1 where evidence is measured, of dense features of a graph that is trained
            whole; else 0.
        neighbours: nearest vertices by features of each, whose pairs count in the total variation
            as edges do, both by how far the start's clusters cut fewer than chance; None for 10
            where `spread_coeff` is 1, for graphs of up to 200,000 vertices, else 0.
        lr: Adam's learning rate.
        init: "kmeans" fits the network to k-means labels first, "random" does not.
        feature_scaling: how features are scaled; "auto" looks at their values only.
        filter_steps: propagation steps of the feature filter; 0 for none.
        filter_keep: share of the unfiltered features that is kept at each step.
        components: singular components kept of the features; 0 for all features as they are.
        view: what clusters are sought in: "both" is features averaged over near vertices,
            "features" and "edges" are one without the other, "auto" decides by evidence
            (`evidence.py`) where TVGNN starts from k-means, and is "both" elsewhere.
        encoder: the directions of the features that clusters are sought in, where features are
            averaged over near vertices: "none" is those of most variance, "factors" those in which
            neighbours are alike (`factors.py`), "mixed" both; "auto" decides by evidence where the
            view is "auto", and is "none" elsewhere.
        structural: what stands for the features of a graph without any.
        batch: "full" trains on the whole graph at each step, "parts" on unions of METIS parts.
        batch_size: vertices of a batch, about.
        parts_per_batch: parts that each batch is made of.
        precision: of matrix products; "bf16" rounds their factors to bfloat16 where the machine
            has instructions for it. All else is float32.
    """

    method: str = DEFAULT
    preset: str = "default"
    num_clusters: int | None = None
    seed: int = 0
    restarts: int = 1
    epochs: int = 200
    patience: int = 20
    tolerance: float = 0.05
    hidden: int = 256
    layers: int = 2
    mlp_hidden: int = 256
    delta: float = 0.311
    eps: float = 1e-3
    degree_weighted: bool | None = None
    totvar_coeff: float = 1.0
    balance_coeff: float | None = None
    rho: float | None = None
    spread_coeff: float | None = None
    neighbours: int | None = None
    lr: float = 3e-4
    init: str = "kmeans"
    feature_scaling: str = "auto"
    filter_steps: int = 8
    filter_keep: float = 0.1
    components: int = 32
    view: str = AUTO
    encoder: str = AUTO
    structural: str = "spectral"
    precision: str = "float32"
    batch: str = "full"
    batch_size: int = 65_536
    parts_per_batch: int = 32

    def __post_init__(self) -> None:
        for name, (low, high, text) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise UsageError(f"`{name}` is {value}; {text}")
        for name, known in CHOICES.items():
            value = getattr(self, name)
            if value not in known:
                raise UsageError(f"`{name}` is '{value}'.{did_you_mean(value, known)}")

    @property
    def clusters(self) -> int:
        """The number of clusters, which has to be settled."""
        assert self.num_clusters is not None
        return self.num_clusters

    def fingerprint(self) -> str:
        """SHA-256 over every setting. Settings added later are left out at the value that older
        runs had in effect.
        """
        settings = {**dataclasses.asdict(self), "degree_weighted": bool(self.degree_weighted)}
        as_before = self.view == BOTH
        for name, as_ever in LATER.items() if as_before else ():
            if settings[name] in as_ever:
                del settings[name]
        text = json.dumps(settings, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    "paper": {
        "epochs": 500,
        "patience": 50,
        "tolerance": 0.0,
        "hidden": 512,
        "totvar_coeff": 0.785,
        "balance_coeff": 0.514,
        "lr": 1e-3,
        "init": "random",
        "feature_scaling": "sum",
        "filter_steps": 0,
        "components": 0,
        "view": BOTH,
        "degree_weighted": False,
    },
}
"""Settings that each preset changes. `paper`: Table 5's vertex clustering column and the authors'
code.
"""

_INFINITY = float("inf")
_TINY = 5e-324

RANGES: dict[str, tuple[float, float, str]] = {
    "num_clusters": (2, _INFINITY, "a clustering needs at least 2 clusters"),
    "seed": (0, 2**32 - 1, "needs to be from 0 to 4294967295"),
    "restarts": (1, 100_000, "needs to be at least 1"),
    "epochs": (0, 10**9, "needs to be at least 0"),
    "patience": (1, 10**9, "needs to be at least 1"),
    "tolerance": (0, 1, "needs to be from 0 to 1"),
    "hidden": (1, 65_536, "needs to be from 1 to 65536"),
    "layers": (0, 64, "needs to be from 0 to 64"),
    "mlp_hidden": (0, 65_536, "needs to be from 0 to 65536"),
    "delta": (_TINY, 1e6, "needs to be positive"),
    "eps": (_TINY, 1e6, "needs to be positive"),
    "totvar_coeff": (0, 1e6, "needs to be at least 0"),
    "balance_coeff": (0, 1e6, "needs to be at least 0"),
    "rho": (_TINY, 1e9, "needs to be positive"),
    "spread_coeff": (0, 1e6, "needs to be at least 0"),
    "neighbours": (0, 1000, "needs to be from 0 to 1000"),
    "lr": (_TINY, 1e3, "needs to be positive"),
    "filter_steps": (0, 1000, "needs to be from 0 to 1000"),
    "filter_keep": (0, 1, "needs to be from 0 to 1"),
    "components": (0, 65_536, "needs to be from 0 to 65536"),
    "batch_size": (2, 10**9, "needs to be at least 2"),
    "parts_per_batch": (2, 10**6, "needs at least 2: edges between parts would never be seen"),
}

CHOICES: dict[str, tuple[str, ...]] = {
    "method": tuple(METHODS),
    "preset": tuple(PRESETS),
    "init": INITS,
    "feature_scaling": SCALINGS,
    "view": VIEWS,
    "encoder": ENCODERS,
    "structural": STRUCTURAL,
    "precision": PRECISIONS,
    "batch": BATCHES,
}

LATER: dict[str, tuple[Any, ...]] = {
    "view": (BOTH,), "encoder": (AUTO, NONE), "spread_coeff": (None, 0.0), "neighbours": (None, 0),
}  # fmt: skip
"""Settings that came later, and their values that change nothing where the view is "both"."""

FIELDS = {entry.name: entry for entry in dataclasses.fields(ClusterConfig)}


def make_config(settings: dict[str, Any], file: dict[str, Any] | None = None) -> ClusterConfig:
    """Preset and method, then configuration file, then `settings`; None in `settings` means not
    given.

    Raises:
        UsageError: an unknown name, a value of the wrong type or out of range, a setting that the
            method does not have.
    """
    given = {**(file or {}), **{key: v for key, v in settings.items() if v is not None}}
    for name in given:
        if name not in FIELDS:
            raise UsageError(f"unknown setting '{name}'.{did_you_mean(name, FIELDS)}")
    preset = given.get("preset", "default")
    if not isinstance(preset, str) or preset not in PRESETS:
        raise UsageError(f"`preset` is '{preset}'.{did_you_mean(str(preset), PRESETS)}")
    values = {**PRESETS[preset], **_method_settings(given, preset), **given}
    return ClusterConfig(**{name: _typed(name, value) for name, value in values.items()})


def _method_settings(given: dict[str, Any], preset: str) -> dict[str, Any]:
    """Settings that the method starts from in the place of the preset's values."""
    name = given.get("method", DEFAULT)
    if not isinstance(name, str) or name not in METHODS:
        raise UsageError(f"`method` is '{name}'.{did_you_mean(str(name), METHODS)}")
    method = METHODS[name]
    for setting in given:
        if setting not in settings_of(name):
            raise UsageError(f"`{setting}`: `method` {name} has no such setting; leave it out")
    view = {} if method.is_judged else {"view": BOTH}  # which is all that the others were made for
    return {**view, **method.settings, **(method.published if preset == "paper" else {})}


def settings_of(name: str) -> tuple[str, ...]:
    """The settings that a method has."""
    method = METHODS[name]
    if method.is_trained:
        return tuple(setting for setting in FIELDS if setting not in method.lacks)
    free = ("num_clusters",) if method.family == PARTITION else ()
    return tuple(setting for setting in (*COMMON, *method.uses) if setting not in free)


def _typed(name: str, value: Any) -> Any:
    """An int where a float is due is fine; anything else must be what the field holds."""
    kind = str(FIELDS[name].type)
    if value is None and "None" in kind:
        return None
    wanted = next(t for t in (bool, int, float, str) if kind.startswith(t.__name__))
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise UsageError(f"setting '{name}' is {value!r}, not of type {wanted.__name__}")
    return value


def read_config(path: Path) -> dict[str, Any]:
    """The settings of a TOML file.

    Raises:
        UsageError: the file cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"`config` {path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"`config` {path}: not TOML: {error}") from None


def dump_config(config: ClusterConfig) -> str:
    """TOML that `read_config` reads back, of the settings that the method has; those that are None
    are left out.
    """
    values = {name: getattr(config, name) for name in FIELDS if name in settings_of(config.method)}
    # JSON's strings, numbers and booleans are TOML's.
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items() if value is not None]
    return "\n".join(lines) + "\n"
