"""Training without labels."""

from tvgnn_cli.train.checkpoint import Checkpointing, Identity
from tvgnn_cli.train.fit import Fitted, assign, fit
from tvgnn_cli.train.restart import Run

__all__ = ["Checkpointing", "Fitted", "Identity", "Run", "assign", "fit"]
