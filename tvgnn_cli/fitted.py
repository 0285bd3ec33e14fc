"""A trained network and all that it takes to use it on another graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.features import FeatureRecipe

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class FittedModel:
    """What labels another graph: weights by name, their configuration, the feature recipe."""

    state: dict[str, Tensor]
    config: ClusterConfig
    recipe: FeatureRecipe
    provenance: dict[str, Any] = field(default_factory=dict)
