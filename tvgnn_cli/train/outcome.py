"""Outcome of the restarts of a run: of each, of all, and the clusters that are made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tvgnn_cli.errors import RestartsFailedError
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.prepare.evidence.support import Support
from tvgnn_cli.train.checkpoint_folder import no_checkpoints
from tvgnn_cli.train.given_start import NOTHING, Partitions
from tvgnn_cli.train.restart import Restart
from tvgnn_cli.train.scene import Scene
from tvgnn_cli.train.stages import Trainer
from tvgnn_cli.train.warm_start import KMEANS


@dataclass(frozen=True, eq=False)
class Agreement:
    """Agreement of the restarts of a run, whose consensus its clusters are.

    Args:
        stability: share of the restarts in which a vertex is in the cluster that is matched with
            its own, float32 `[n]`, 0 to 1, in input order.
        between: mean adjusted Rand index between the clusters of any two; None of one restart.
        count: restarts.
        of_model: adjusted Rand index of the clusters of the restart that is kept.
        reached: mean largest probability of that restart's assignment.
        support: of the clusters that are given; None where it is not measured.
    """

    stability: np.ndarray
    between: float | None
    count: int
    of_model: float
    reached: float
    support: Support | None = None


@dataclass(frozen=True, eq=False)
class Fitted:
    """The best restart, its clusters numbered by size; or what restarts agree on, and the restart
    that is nearest to it, its clusters numbered as those.

    Args:
        run: the restart that is kept, as it started where training gained nothing.
        assignment: S, float32 `[n, k]`, in input order.
        failed: restarts whose loss was no number.
        against_start: support of the start's clusters and of those that training made of them; None
            where it is not measured.
        confidence: probability of each vertex's cluster, `[n]`, in input order; None where evidence
            is not measured.
        start_reached: share of the vertices with a given cluster that the network begins with
            there; None where no start is given.
        agreement: that of the restarts, whose consensus the assignment is; None of the best one's.
    """

    run: Restart
    assignment: np.ndarray
    failed: int
    against_start: tuple[Support, Support] | None = None
    confidence: np.ndarray | None = None
    start_reached: float | None = None
    agreement: Agreement | None = None

    @property
    def support(self) -> Support | None:
        """Support of the clusters that are given; None where it is not measured."""
        if self.agreement is not None:
            return self.agreement.support
        return None if self.against_start is None else self.against_start[not self.is_start]

    @property
    def reached(self) -> float:
        """Mean largest probability of the assignment of the restart that is kept."""
        if self.agreement is not None:
            return self.agreement.reached
        return float(self.assignment.max(axis=1).mean())

    @property
    def is_start(self) -> bool:
        """Tell whether the start is kept, since training gained nothing."""
        return self.against_start is not None and not _gains(*self.against_start)


GAIN = 1.01
"""Factor by which training must raise the support of its start."""


def _gains(start: Support, trained: Support) -> bool:
    return trained.share > GAIN * max(start.share, 0)


@dataclass(frozen=True, eq=False)
class Kept:
    """Part of a restart that is kept.

    Args:
        run: it, as it started where training gained nothing.
        against_start: as of `Fitted`.
        rank: what restarts are compared by, lowest first.
    """

    run: Restart
    against_start: tuple[Support, Support] | None
    rank: tuple[float, float]

    @classmethod
    def of(cls, run: Restart, against_start: tuple[Support, Support] | None) -> Kept:
        """The better one of a restart and its start."""
        if against_start is None:
            return cls(run, None, (0.0, run.loss))
        gains = _gains(*against_start)
        kept = run if gains else run.as_it_started
        return cls(kept, against_start, (-against_start[gains].share, kept.loss))


@dataclass(frozen=True, eq=False)
class Trained:
    """The restarts of a run that have been trained.

    Args:
        scene: what they have in common.
        kept: those that did not fail, in their order.
        failed: how many did.
        why: what the first of these failed of.
        trainer: what has trained them.
        given: clusters that were given to start from, or to keep.
    """

    scene: Scene
    kept: tuple[Kept, ...]
    failed: int
    why: str
    trainer: Trainer
    given: Partitions = NOTHING

    def start_reached(self, run: Restart) -> float | None:
        """Share of the vertices of a given cluster that the network of a restart begins with in the
        cluster that they start from; None where no start is given.
        """
        if self.given.start is None:
            return None
        scene, known = self.scene, self.given.start != UNKNOWN
        labels = scene.assignment(scene.network(run.start)).argmax(axis=1)
        start = self.trainer.start(0, no_checkpoints().of(0), KMEANS).cpu().numpy()
        return float((labels == scene.prepared.in_input_order(start))[known].mean())

    def require(self) -> None:
        """Refuse to go on without any.

        Raises:
            RestartsFailedError: every restart failed.
        """
        if not self.kept:
            raise RestartsFailedError(self.why, self.failed)
