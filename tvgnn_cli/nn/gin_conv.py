"""The layer of graph isomorphism networks: neighbours are added up."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tvgnn_cli import functional as F
from tvgnn_cli import kernels
from tvgnn_cli.kernels import GraphTensors


class GINConv(nn.Module):
    """`sigma(sigma(((1 + eps) X + A X) Theta_1 + b_1) Theta_2 + b_2)`, eps learned from 0.

    Source: Xu, Hu, Leskovec & Jegelka, "How powerful are graph neural networks?", ICLR 2019,
    Eq. 4.1, without its batch normalisation.

    Args:
        in_channels: features per vertex at the input.
        out_channels: features per vertex at the output.
        activation: "elu" or "relu".

    Shapes:
        x `[n, in_channels]`, dense or CSR; the output is `[n, out_channels]`.
    """

    def __init__(self, in_channels: int, out_channels: int, *, activation: str = "relu") -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_channels, out_channels))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.eps = nn.Parameter(torch.zeros(()))
        self.second = nn.Linear(out_channels, out_channels)
        self.activation = activation
        nn.init.kaiming_uniform_(self.weight, mode="fan_out", nonlinearity="relu")

    def transform(self, x: Tensor) -> Tensor:
        """`X Theta_1`, what is added up."""
        return kernels.feature_product(x, self.weight)

    def propagate(self, hidden: Tensor, graph: GraphTensors) -> Tensor:
        """The layer's output `[n, out_channels]`, given what `transform` gives."""
        activate = F.ACTIVATIONS[self.activation]
        total = (1 + self.eps) * hidden + kernels.neighbour_sum(hidden, graph)
        out: Tensor = activate(self.second(activate(total + self.bias)))
        return out
