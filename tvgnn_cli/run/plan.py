"""Plan of a run: its share of the machine, its restarts, and the processes that train them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import RestartsFailedError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.machine.versions import held_memory_mb
from tvgnn_cli.prepare.prepared import Prepared
from tvgnn_cli.run.given import Given
from tvgnn_cli.run.gpu_memory import HOST, told_of
from tvgnn_cli.run.machine import Clock, Machine, check_gpu_memory
from tvgnn_cli.run.memory import check_memory
from tvgnn_cli.run.record import about
from tvgnn_cli.train import (
    Fitted,
    Work,
    best_of_all,
    consensus_of_all,
    fit,
    fit_consensus,
    side_by_side,
)
from tvgnn_cli.train.checkpoint_folder import Checkpoints
from tvgnn_cli.train.distributed.team import ALONE, Team


@dataclass(frozen=True)
class Wanted:
    """Wishes as to the restarts, as the arguments of `cluster` say them."""

    only: range | None
    consensus: bool
    ignore_memory: bool


@dataclass(frozen=True)
class Plan:
    """Plan of a run, made once its graph is read.

    Args:
        run: its share of the machine.
        told: metrics of its graph and settings.
        memory: estimates, and where features are kept, as metrics.
        team: the processes of the run.
        restarts: those of this process.
        at_a_time: how many of them are trained side by side.
        apart: whether each process trains networks of its own.
        consensus: whether what they agree on is wanted.
    """

    run: Machine
    told: dict[str, Any]
    memory: dict[str, Any]
    team: Team
    restarts: range
    at_a_time: int
    apart: bool
    consensus: bool

    @classmethod
    def of(
        cls,
        graph: Graph,
        config: ClusterConfig,
        run: Machine,
        clock: Clock,
        team: Team,
        wanted: Wanted,
    ) -> Plan:
        """Plan a run.

        Raises:
            UsageError: there is not the memory for it.
        """
        run, refuse, held = (
            run.working_on(graph, config),
            not wanted.ignore_memory,
            held_memory_mb(),
        )
        estimate = check_memory(graph, config, held, team.size, refuse)
        of_gpu = check_gpu_memory(graph, config, run.device, refuse)
        memory = {"memory_estimate_mb": round(estimate, 1), **told_of(of_gpu)}
        restarts = range(config.restarts) if wanted.only is None else wanted.only
        # Processes that train no network together have restarts of their own, and states as if
        # alone.
        apart = not team.is_alone and config.batch != "parts"
        restarts = team.part(restarts) if apart else restarts
        at_a_time = 1
        if not clock.wants_epochs:
            at_a_time = run.restarts_at_a_time(graph, config, len(restarts), estimate, held)
        told = about(graph, config)
        return cls(run, told, memory, team, restarts, at_a_time, apart, wanted.consensus)

    @property
    def crew(self) -> Team:
        """The processes that train a network together."""
        return ALONE if self.apart else self.team

    def fit(
        self,
        prepared: Prepared,
        config: ClusterConfig,
        clock: Clock,
        checkpoints: Checkpoints,
        given: Given,
    ) -> Fitted:
        """Train the restarts, and take the best one or what they agree on.

        Raises:
            RestartsFailedError: every restart failed; with metrics of the run.
        """
        own, device = given.partitions(config), self.run.device
        work = Work(
            prepared, config, device, clock, checkpoints, self.restarts, own, self.crew,
            features_on_host=self.memory.get("features_on") == HOST,
        )  # fmt: skip
        try:
            with side_by_side(self.at_a_time, self.run.threads, work) as left:
                if self.apart:
                    return (consensus_of_all if self.consensus else best_of_all)(self.team, left)
                return (fit_consensus if self.consensus else fit)(left)
        except RestartsFailedError as error:
            size = self.team.size
            error.metrics = {**self.told, "processes": size, "restarts_failed": error.count}
            raise

    def measured(self, clock: Clock, config: ClusterConfig) -> dict[str, Any]:
        """Report what the run needed and took, as metrics."""
        found = {**self.memory, **self.run.measured(clock, config.method)}
        return {**found, "restarts_at_a_time": self.at_a_time}
