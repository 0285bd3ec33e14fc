"""Layers: `GTVConv`, the averaging `GraphConv`, and the assignment head; and the step that moves
their weights.
"""

from tvgnn_cli.nn.adam import Adam
from tvgnn_cli.nn.assignment_head import AssignmentHead
from tvgnn_cli.nn.graph_conv import GraphConv
from tvgnn_cli.nn.gtv_conv import GTVConv

__all__ = ["Adam", "AssignmentHead", "GTVConv", "GraphConv"]
