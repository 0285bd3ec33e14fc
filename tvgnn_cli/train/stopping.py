"""Rule that tells when training has settled."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class StoppingRule:
    """Stop when `patience` steps improved the best loss by less than `tolerance` of it.

    A step is one of the optimiser: an epoch on the whole graph, one of many in an epoch of batches.

    An assignment that is still uniform has a balance loss near 1 and a gradient near 0, and may
    stay so for dozens of epochs before it breaks up: that plateau never counts as settled.

    Args:
        patience: steps, at least 1.
        tolerance: smallest improvement that counts, relative to the loss.
        anchor: the loss that improvement counts from; None before the first.
        waited: steps since.
    """

    patience: int
    tolerance: float
    anchor: float | None = None
    waited: int = 0

    def settled(self, loss: float, undecided: bool = False, steps: int = 1) -> bool:
        """Take in the loss after so many steps, and say whether to stop; never on the plateau."""
        improved = self.anchor is None or loss < self.anchor - self.tolerance * abs(loss)
        if improved or undecided:
            self.anchor = loss if self.anchor is None else min(loss, self.anchor)
            self.waited = 0
            return False
        self.waited += steps
        return self.waited >= self.patience
