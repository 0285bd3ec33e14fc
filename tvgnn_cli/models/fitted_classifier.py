"""A trained classifier of graphs, and all that it takes to use it on others."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.config.classification import ClassifyConfig
from tvgnn_cli.prepare.graph_features import GraphFeatureRecipe

if TYPE_CHECKING:
    from torch import Tensor

    from tvgnn_cli.models.classifier import GraphClassifier


@dataclass(frozen=True, eq=False)
class FittedClassifier:
    """A classifier of graphs.

    Args:
        state: weights by name.
        config: the settings.
        recipe: how vertices become features.
        class_names: of the classes, in the order of the network's output.
        pool_sizes: vertices that each pooling leaves.
        provenance: metrics of its training.
        history: of each epoch the training loss, the validation loss and its accuracy.
        weight_unit: what edge weights are divided by; None of a model that takes none.
    """

    state: dict[str, Tensor] = field(repr=False)
    config: ClassifyConfig
    recipe: GraphFeatureRecipe = field(repr=False)
    class_names: tuple[str, ...]
    pool_sizes: tuple[int, ...]
    provenance: dict[str, Any] = field(default_factory=dict, repr=False)
    history: tuple[tuple[float, float, float], ...] = field(default=(), repr=False)
    weight_unit: float | None = None

    def network(self) -> GraphClassifier:
        """Build the network with these weights.

        Raises:
            RuntimeError: the weights are not those of such a network.
        """
        network = self.new_network()
        network.load_state_dict(self.state)
        return network.eval()

    def new_network(self) -> GraphClassifier:
        """Build such a network, with other weights."""
        from tvgnn_cli.models.classifier import make_classifier

        given = self.recipe.num_features, len(self.class_names), self.pool_sizes
        return make_classifier(self.config, *given)

    def fingerprint(self) -> str:
        """SHA-256 over what decides its answers: weights, settings, recipe, classes, unit."""
        digest = hashlib.sha256(self.config.fingerprint().encode())
        for name in sorted(self.state):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(self.state[name].numpy()).tobytes())
        for entry in fields(self.recipe):
            value = getattr(self.recipe, entry.name)
            is_array = isinstance(value, np.ndarray)
            digest.update(value.tobytes() if is_array else repr(value).encode())
        digest.update(repr((self.class_names, self.pool_sizes, self.weight_unit)).encode())
        return digest.hexdigest()
