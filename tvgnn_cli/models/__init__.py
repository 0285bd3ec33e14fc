"""Networks."""

from tvgnn_cli.models.clustering import TVGNN

__all__ = ["TVGNN"]
