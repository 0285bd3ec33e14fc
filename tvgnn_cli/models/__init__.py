"""Networks: TVGNN for clustering, and the same with the layers of other methods."""

from tvgnn_cli.models.clustering import TVGNN, ClusteringNetwork, averaging_network

__all__ = ["TVGNN", "ClusteringNetwork", "averaging_network"]
