"""A trained network and all that it takes to use it on another graph."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import shown
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe

if TYPE_CHECKING:
    from torch import Tensor

GIVEN = "given"
"""Source of features that are the input's own."""


@dataclass(frozen=True, eq=False)
class FittedModel:
    """Model that labels another graph: weights by name, their configuration, the feature recipe;
    and the training loss at each epoch, to look at.

    Columns of its assignment may have `numbers` other than 0, 1, 2, ... and be called something,
    `titles`, each `[k]`; those of one number are one cluster.
    """

    state: dict[str, Tensor] = field(repr=False)
    config: ClusterConfig
    recipe: FeatureRecipe = field(repr=False)
    provenance: dict[str, Any] = field(default_factory=dict, repr=False)
    history: tuple[float, ...] = field(default=(), repr=False)
    numbers: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Name the method, its clusters and features, and the graph that it was trained on, in one
        line.
        """
        graph = shown(self.provenance.get("input", "graph"))
        return (
            f"<FittedModel of {self.config.method}: {self.config.num_clusters} clusters, "
            f"{self.width:,} {self.recipe.source} features, trained on {graph}>"
        )

    @property
    def width(self) -> int:
        """Features that the network sees. Those of a graph's structure are as many as its weights
        say; 0 where it has none.
        """
        if self.recipe.source == GIVEN:
            directions = [a.shape[1] for a in (self.recipe.factors, self.recipe.basis) if a.size]
            return sum(directions) if directions else self.recipe.num_features
        name, axis = ("layers.0.weight", 0) if self.config.layers else ("head.mlp.0.weight", 1)
        first = self.state.get(name)
        return int(first.shape[axis]) if first is not None and first.dim() == 2 else 0

    @property
    def is_bound(self) -> bool:
        """Tell whether its features belong to the graph that it was trained on."""
        return self.recipe.source in ("spectral", "identity")

    def fingerprint(self) -> str:
        """SHA-256 over what decides its answers: weights, configuration, feature recipe."""
        digest = hashlib.sha256(self.config.fingerprint().encode())
        for name in sorted(self.state):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(self.state[name].numpy()).tobytes())
        for entry in fields(self.recipe):
            value = getattr(self.recipe, entry.name)
            digest.update(
                value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode()
            )
        if self.numbers or self.titles:
            digest.update(repr((self.numbers, self.titles)).encode(errors="replace"))
        return digest.hexdigest()
