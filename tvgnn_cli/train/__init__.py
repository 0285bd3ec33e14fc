"""Training without labels."""

from tvgnn_cli.train.checkpoint import Checkpointing, Identity
from tvgnn_cli.train.fit import Fitted, assign, fit
from tvgnn_cli.train.restart import Run
from tvgnn_cli.train.team import ALONE, Team, joined

__all__ = ["ALONE", "Checkpointing", "Fitted", "Identity", "Run", "Team", "assign", "fit", "joined"]
