"""Layers: `GTVConv` and the assignment head."""

from tvgnn_cli.nn.assignment_head import AssignmentHead
from tvgnn_cli.nn.gtv_conv import GTVConv

__all__ = ["AssignmentHead", "GTVConv"]
