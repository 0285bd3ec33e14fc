"""Training without labels."""

from tvgnn_cli.train.apart import best_of_all, consensus_of_all
from tvgnn_cli.train.beside import side_by_side
from tvgnn_cli.train.checkpoint_folder import Checkpointing
from tvgnn_cli.train.consensus import fit_consensus
from tvgnn_cli.train.distributed.team import ALONE, Team, joined
from tvgnn_cli.train.identity import Identity
from tvgnn_cli.train.networks import assign, confidence_of, represent
from tvgnn_cli.train.outcome import Fitted
from tvgnn_cli.train.restart import Restart
from tvgnn_cli.train.restarts import fit
from tvgnn_cli.train.two_steps import find_clusters
from tvgnn_cli.train.work import Work

__all__ = [
    "ALONE",
    "Checkpointing",
    "Fitted",
    "Identity",
    "Restart",
    "Team",
    "Work",
    "assign",
    "best_of_all",
    "confidence_of",
    "consensus_of_all",
    "find_clusters",
    "fit",
    "fit_consensus",
    "joined",
    "represent",
    "side_by_side",
]
