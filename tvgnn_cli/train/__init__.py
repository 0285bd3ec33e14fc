"""Training without labels."""

from tvgnn_cli.train.fit import Fitted, Run, assign, fit

__all__ = ["Fitted", "Run", "assign", "fit"]
