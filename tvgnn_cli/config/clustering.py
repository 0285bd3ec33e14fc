"""Every setting of a clustering: one frozen, validated object, and its presets."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from tvgnn_cli.config.numbers import numbers_of
from tvgnn_cli.config.setting import (
    INPUT,
    MODEL,
    SHAPE,
    TINY,
    TRAINING,
    check,
    setting,
    settings_in,
    without_later,
)
from tvgnn_cli.errors import UsageError
from tvgnn_cli.methods import DEFAULT, METHODS

AUTO, BOTH, JOINT, FEATURES, EDGES = "auto", "both", "joint", "features", "edges"
NONE, FACTORS, MIXED = "none", "factors", "mixed"
KMEANS, RANDOM = "kmeans", "random"

NO, MERGE, SPLIT = "no", "merge", "split"

GIVEN_START = "given:[0-9a-f]{64}"
"""Form of the settings `init` and `fixed` in runs that are given a partition."""

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
        "init": RANDOM,
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


@dataclass(frozen=True)
class ClusterConfig:
    """Settings of a clustering. Defaults are the `default` preset; docs/defaults.md says why.

    `make_config` makes one from a preset; here `preset` is only the name of it.

    Args:
        method: which of `methods.METHODS` clusters the graph.
        preset: which preset the other values started from.
        num_clusters: K; None for the number of true classes, where these are known.
        choose_from: numbers to choose K from, in words: "auto", "2..20", "3,5,8"; None where it is
            given. `make_config` takes these for `num_clusters`.
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
        init: "kmeans" fits the network to k-means labels first, "random" does not; `given:` and a
            digest stand for a partition that was given.
        feature_scaling: how features are scaled; "auto" looks at their values only.
        clip_weights: whether weights of edges that outweigh all others of their vertices are
            clipped.
        filter_steps: propagation steps of the feature filter; 0 for none.
        filter_keep: share of the unfiltered features that is kept at each step.
        components: singular components kept of the features; 0 for all features as they are.
        view: what clusters are sought in: "both" is features averaged over near vertices,
            "joint" has the graph's eigenvectors beside these (`prepare/joint.py`), "features" and
            "edges" are one without the other, "auto" decides by evidence (`evidence/views.py`)
            where TVGNN starts from k-means, and is "both" elsewhere.
        encoder: the directions of the features that clusters are sought in, where features are
            averaged over near vertices: "none" is those of most variance, "factors" those in which
            neighbours are alike (`factors.py`), "mixed" both; "auto" decides by evidence where the
            view is "auto", and is "none" elsewhere.
        structural: what stands for the features of a graph without any.
        batch: "full" trains on the whole graph at each step, "parts" on unions of METIS parts.
        batch_size: vertices of a batch, about.
        parts_per_batch: parts that each batch is made of.
        min_size: fewest vertices of a cluster; smaller ones are merged into neighbours.
        connected: whether pieces of clusters are merged into neighbours or split off; "no" for
            neither.
        min_confidence: confidence below which a vertex is in no cluster.
        overlap: probability above which a vertex is in further clusters; None for none.
        fixed: "none"; `given:` and a digest stand for clusters of some vertices, which keep them.
        precision: of matrix products; "tf32" and "bf16" round their factors to 10 and 7 bits of
            fraction where the machine has instructions for it; "auto" is "float32" on a CPU and
            "tf32" on a GPU. All else is float32.
    """

    # fmt: off
    num_clusters: int | None = setting(
        None, "Number of clusters, K; or auto, 2..20, 3,5,8.",
        MODEL, "K", flags=("-k", "--num-clusters"),
        within=(2, 2**31 - 1), needs="a clustering needs at least 2 clusters, at most 2147483647",
        shown="number of true classes, where known",
    )
    choose_from: str | None = setting(
        None, "Numbers to choose K from: auto, 2..20, 3,5,8.", MODEL, shown="none: K is given",
    )
    method: str = setting(
        DEFAULT, f"How to cluster: {', '.join(METHODS)} (docs/methods.md).", MODEL, "NAME",
        choices=tuple(METHODS),
    )
    preset: str = setting(
        "default", "Where settings start from: robust, or the paper's.", MODEL,
        choices=tuple(PRESETS),
    )
    view: str = setting(
        AUTO,
        "What clusters are sought in: features averaged over near vertices, these and the edges "
        "side by side, features or edges alone; auto takes both, unless another foretells clearly "
        "more.",
        INPUT, choices=(AUTO, BOTH, JOINT, FEATURES, EDGES),
    )
    encoder: str = setting(
        AUTO,
        "What is made of features: directions of most variance, factors in which neighbours "
        "are alike, or both mixed; auto takes what edges and features tell most of.",
        MODEL, choices=(AUTO, NONE, FACTORS, MIXED),
    )
    structural: str = setting(
        "spectral",
        "What stands for features where there are none: eigenvectors, degrees, or one number "
        "for each vertex.",
        INPUT, choices=("spectral", "degree", "identity"),
    )
    hidden: int = setting(
        256, "Width of the message-passing layers.", MODEL, "N",
        within=(1, 65_536), needs="needs to be from 1 to 65536",
    )
    layers: int = setting(
        2, "Number of message-passing layers.", MODEL, "N",
        within=(0, 64), needs="needs to be from 0 to 64",
    )
    delta: float = setting(
        0.311, "Step of GTVConv (Table 5's 2*delta).", MODEL, "X",
        within=(TINY, 1e6), needs="needs to be positive",
    )
    degree_weighted: bool | None = setting(
        None, "Propagate by degree (Appendix A.4).", MODEL,
        flags=("--degree-weighted/--no-degree-weighted",), shown="above 32 neighbours a vertex",
    )
    feature_scaling: str = setting(
        "auto",
        "How features are scaled: term weights, rows of length or sum 1, columns of mean 0 and "
        "deviation 1, robust with values far outside brought nearer; auto looks at their values.",
        MODEL, choices=("auto", "tfidf", "unit", "sum", "robust", "standard", "none"),
    )
    clip_weights: bool = setting(
        True, "Clip weights of edges that outweigh all others of their vertices.", MODEL,
        flags=("--clip-weights/--no-clip-weights",), later=True,
    )
    mlp_hidden: int = setting(
        256, "Width of the head's hidden layer.", MODEL, "N",
        within=(0, 65_536), needs="needs to be from 0 to 65536",
    )
    eps: float = setting(
        1e-3, "Smallest distance that an edge is weighted by.", MODEL, "X",
        within=(TINY, 1e6), needs="needs to be positive",
    )
    filter_steps: int = setting(
        8, "Steps of the feature filter; 0 for none.", MODEL, "N",
        within=(0, 1000), needs="needs to be from 0 to 1000",
    )
    filter_keep: float = setting(
        0.1, "Share of unfiltered features kept.", MODEL, "X",
        within=(0, 1), needs="needs to be from 0 to 1",
    )
    components: int = setting(
        32, "Singular components of the features; 0 for all features.", MODEL, "N",
        within=(0, 65_536), needs="needs to be from 0 to 65536",
    )
    seed: int = setting(
        0, "Base of all randomness.", TRAINING, "N",
        within=(0, 2**32 - 1), needs="needs to be from 0 to 4294967295",
    )
    restarts: int = setting(
        1, "Trainings, of which the best supported is kept.",
        TRAINING, "N", within=(1, 100_000), needs="needs to be at least 1",
    )
    init: str = setting(
        KMEANS, "Where training starts: from k-means labels, at random, or from the clusters of a "
        "file, of any tool.", TRAINING,
        choices=(KMEANS, RANDOM), pattern=GIVEN_START, is_open=True,
    )
    epochs: int = setting(
        200, "Most epochs of training.", TRAINING, "N",
        within=(0, 10**9), needs="needs to be at least 0",
    )
    patience: int = setting(
        20, "Epochs without improvement that end it; steps, of training by parts.", TRAINING, "N",
        within=(1, 10**9), needs="needs to be at least 1",
    )
    tolerance: float = setting(
        0.05, "Relative improvement that counts.", TRAINING, "X",
        within=(0, 1), needs="needs to be from 0 to 1",
    )
    lr: float = setting(
        3e-4, "Learning rate.", TRAINING, "X", within=(TINY, 1e3), needs="needs to be positive",
    )
    totvar_coeff: float = setting(
        1.0, "Weight of the loss's first term: total variation, or the method's own.", TRAINING,
        "X", within=(0, 1e6), needs="needs to be at least 0",
    )
    balance_coeff: float | None = setting(
        None, "Weight of its second term: balance, or its own.", TRAINING, "X",
        within=(0, 1e6), needs="needs to be at least 0", shown="the total variation of the start",
    )
    rho: float | None = setting(
        None, "Asymmetry of the balance loss.", TRAINING, "X",
        within=(TINY, 1e9), needs="needs to be positive", shown="K - 1",
    )
    spread_coeff: float | None = setting(
        None, "Weight of the spread of features inside clusters.", TRAINING, "X",
        within=(0, 1e6), needs="needs to be at least 0", shown="1 where evidence is measured",
    )
    neighbours: int | None = setting(
        None, "Nearest vertices by features whose pairs count as edges do; 0 for none.", TRAINING,
        "N", within=(0, 1000), needs="needs to be from 0 to 1000",
        shown="10 where evidence is measured",
    )
    batch: str = setting(
        "full",
        "Train on the whole graph, or on unions of METIS parts, which processes may share "
        "(docs/hpc.md).",
        TRAINING, choices=("full", "parts"),
    )
    batch_size: int = setting(
        65_536, "Vertices of a batch, about.", TRAINING, "N",
        within=(2, 10**9), needs="needs to be at least 2",
    )
    parts_per_batch: int = setting(
        32, "METIS parts that make a batch.", TRAINING, "N", within=(2, 10**6),
        needs="needs at least 2: edges between parts would never be seen",
    )
    min_size: int = setting(
        1, "Fewest vertices of a cluster; smaller ones merge into the neighbour with the largest "
        "cut between them.", SHAPE, "N", within=(1, 2**31 - 1), needs="needs to be at least 1",
        later=True,
    )
    connected: str = setting(
        NO, "Clusters of one piece: other pieces merge into a neighbouring cluster, or are split "
        "off as clusters.", SHAPE, choices=(NO, MERGE, SPLIT), later=True,
    )
    min_confidence: float = setting(
        0.0, "Confidence below which a vertex is in no cluster, -1.", SHAPE, "X", within=(0, 1),
        needs="needs to be from 0 to 1", later=True,
    )
    overlap: float | None = setting(
        None, "Add a column `clusters`: all that a vertex has a probability above X of.", SHAPE,
        "X", within=(0, 1), needs="needs to be from 0 to 1", shown="no such column", later=True,
    )
    fixed: str = setting(
        NONE, "Clusters of some vertices, which keep them: a file, of any tool.", SHAPE, "FILE",
        choices=(NONE,), pattern=GIVEN_START, is_open=True, later=True,
    )
    precision: str = setting(
        AUTO, "Of matrix products; tf32 and bf16 round more, and are faster where hardware has "
        "them; auto is float32 on a CPU, tf32 on a GPU.",
        TRAINING, choices=(AUTO, "float32", "tf32", "bf16"),
    )

    # fmt: on

    def __post_init__(self) -> None:
        check(self)
        if self.choose_from is not None:
            numbers_of(self.choose_from)
            if self.num_clusters is not None:
                raise UsageError("`num_clusters` is given twice: one number, and several")

    @property
    def clusters(self) -> int:
        """The number of clusters, which has to be settled."""
        assert self.num_clusters is not None
        return self.num_clusters

    @property
    def starts_from_labels(self) -> bool:
        """Tell whether the network is fitted to labels first, of k-means or given."""
        return self.init != RANDOM

    @property
    def has_given(self) -> bool:
        """Tell whether partitions stand beside the graph, by what the settings say."""
        return self.start_is_given or self.fixed != NONE

    @property
    def start_is_given(self) -> bool:
        return self.init not in (KMEANS, RANDOM)

    def fingerprint(self) -> str:
        """SHA-256 over every setting. Settings added later are left out at the value that older
        runs had in effect.
        """
        settings = {**dataclasses.asdict(self), "degree_weighted": bool(self.degree_weighted)}
        if self.precision == AUTO:
            settings["precision"] = "float32"
        if self.choose_from is None:
            del settings["choose_from"]
        as_before = self.view == BOTH
        for name, as_ever in LATER.items() if as_before else ():
            if settings[name] in as_ever:
                del settings[name]
        text = json.dumps(without_later(self, settings), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


LATER: dict[str, tuple[Any, ...]] = {
    "view": (BOTH,), "encoder": (AUTO, NONE), "spread_coeff": (None, 0.0), "neighbours": (None, 0),
}  # fmt: skip
"""Settings that came later, and their values that change nothing where the view is "both"."""

FIELDS = {entry.name: entry for entry in dataclasses.fields(ClusterConfig)}

SETTINGS = settings_in(FIELDS)
