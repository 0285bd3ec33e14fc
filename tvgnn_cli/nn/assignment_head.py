"""From vertex features to soft cluster assignments."""

from __future__ import annotations

import itertools

from torch import nn
from torch.nn.functional import linear

from tvgnn_cli import functional as F
from tvgnn_cli import kernels
from tvgnn_cli.shapes import Assignment, HiddenValues


class AssignmentHead(nn.Module):
    """Scores of an MLP whose softmax is the soft assignment: `S = Softmax(MLP(X))`.

    Deviation from torch's own initialisation, as in the authors' code: weights start
    Xavier-uniform, biases at 0.

    Source: Eq. 18.

    Args:
        in_channels: features per vertex.
        num_clusters: K, the width of the output.
        hidden_channels: width of each hidden layer; empty for a single linear map.
        activation: between layers, "relu" or "elu".

    Shapes:
        x `[n, in_channels]`; `forward` gives the assignment `[n, num_clusters]`, rows in the
        simplex, and `logits` what goes into the softmax.
    """

    def __init__(
        self,
        in_channels: int,
        num_clusters: int,
        hidden_channels: tuple[int, ...] = (256,),
        activation: str = "relu",
    ) -> None:
        super().__init__()
        self.activation = activation
        self.num_clusters = num_clusters
        widths = (in_channels, *hidden_channels, num_clusters)
        self.mlp = nn.ModuleList(nn.Linear(*pair) for pair in itertools.pairwise(widths))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for layer in self._layers():
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def logits(self, x: HiddenValues) -> Assignment:
        layers = [(layer.weight, layer.bias) for layer in self._layers()]
        if self.activation == "relu":
            return kernels.mlp(x, layers)
        for weight, bias in layers[:-1]:
            x = F.ACTIVATIONS[self.activation](linear(x, weight, bias))
        return linear(x, *layers[-1])

    def _layers(self) -> list[nn.Linear]:
        return [layer for layer in self.mlp if isinstance(layer, nn.Linear)]

    def forward(self, x: HiddenValues) -> Assignment:
        return kernels.softmax(self.logits(x))
