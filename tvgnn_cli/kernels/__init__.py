"""Fused forms of the equations in `functional.py`, equal to them in value and gradient."""

from tvgnn_cli.kernels.propagate import gtv_propagate

__all__ = ["gtv_propagate"]
