"""A trained network and all that it takes to use it on another graph."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class FittedModel:
    """Model that labels another graph: weights by name, their configuration, the feature recipe;
    and the training loss at each epoch, to look at.
    """

    state: dict[str, Tensor] = field(repr=False)
    config: ClusterConfig
    recipe: FeatureRecipe = field(repr=False)
    provenance: dict[str, Any] = field(default_factory=dict, repr=False)
    history: tuple[float, ...] = field(default=(), repr=False)

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
        return digest.hexdigest()
