"""When training has settled."""

from __future__ import annotations

from dataclasses import dataclass, field

UNDECIDED = 0.9
"""Balance loss above which an assignment says next to nothing (uniform, or one cluster: 1)."""


@dataclass
class StoppingRule:
    """Stop when `patience` epochs improved the best loss by less than `tolerance` of it.

    An assignment that is still uniform has a balance loss near 1 and a gradient near 0, and may
    stay so for dozens of epochs before it breaks up: that plateau never counts as settled.

    Args:
        patience: epochs, at least 1.
        tolerance: smallest improvement that counts, relative to the best loss.
    """

    patience: int
    tolerance: float
    _anchor: float = field(default=float("inf"), init=False)
    _waited: int = field(default=0, init=False)

    def settled(self, loss: float, balance_loss: float) -> bool:
        """Take in one epoch's losses, and say whether to stop."""
        if balance_loss > UNDECIDED or loss < self._anchor - self.tolerance * abs(loss):
            self._anchor, self._waited = min(loss, self._anchor), 0
            return False
        self._waited += 1
        return self._waited >= self.patience
