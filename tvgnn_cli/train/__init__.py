"""Training without labels."""

from tvgnn_cli.train.fit import EpochReport, Fitted, OnEpoch, fit

__all__ = ["EpochReport", "Fitted", "OnEpoch", "fit"]
