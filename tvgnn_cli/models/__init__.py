"""Networks: TVGNN for clustering, and the same with the layers of other methods."""

from tvgnn_cli.models.clustering import (
    LAYERS,
    TVGNN,
    ClusteringNetwork,
    averaging_network,
    build_model,
)

__all__ = ["LAYERS", "TVGNN", "ClusteringNetwork", "averaging_network", "build_model"]
