"""Settings that cannot work together, refused before the graph is read."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.methods import METHODS
from tvgnn_cli.prepare.partition import require_metis

if TYPE_CHECKING:
    from tvgnn_cli.train.checkpoint_folder import Checkpointing
    from tvgnn_cli.train.distributed.team import Team


def check_consensus(config: ClusterConfig, are_parts: bool) -> None:
    """Refuse a consensus of what is not there.

    Args:
        config: the settings.
        are_parts: whether this process has a part of the restarts alone.

    Raises:
        UsageError: the method has no restarts, there is one, or others are elsewhere.
    """
    if not METHODS[config.method].is_trained:
        raise UsageError(
            f"`consensus`: `method` {config.method} has no restarts; give tvgnn consensus the "
            "clusters of several seeds"
        )
    if config.restarts < 2:
        raise UsageError("`consensus` is of several restarts; give `restarts`, 10 say")
    if are_parts:
        raise UsageError(
            "`consensus` is of all restarts, and no part (`shards`) has those; give the parts one "
            "`checkpoint` folder, and end with a run of all restarts there"
        )


def check_parts(config: ClusterConfig) -> None:
    """Refuse batches of a method that has none, of terms that they cannot have, or without METIS.

    Raises:
        UsageError: saying which.
    """
    if config.batch != "parts":
        return
    if not METHODS[config.method].by_batch:
        raise UsageError(
            f"`batch` parts: `method` {config.method} trains on the whole graph; leave it out"
        )
    if config.neighbours or config.spread_coeff:
        raise UsageError(
            "`batch` parts: `neighbours` and `spread_coeff` are of the whole graph; leave them out"
        )
    require_metis()


def check_batches(config: ClusterConfig, team: Team) -> None:
    """Refuse a method whose library is missing, what has no batches to share, and what cannot make
    any, before the graph is read.

    Raises:
        UsageError: saying which.
    """
    METHODS[config.method].require()
    check_parts(config)
    if config.batch == "parts":
        return
    if config.restarts < team.size or not (team.is_alone or METHODS[config.method].is_trained):
        raise UsageError(
            f"{team.size} processes train one network with `batch` parts only; on the whole graph "
            "give them a restart each at least (`restarts`)"
        )


def check_same_options(
    team: Team, config: ClusterConfig, checkpointing: Checkpointing, **others: bool
) -> None:
    """Refuse processes that were asked for different things.

    Args:
        team: the processes.
        config: of this one.
        checkpointing: whether it keeps states, and goes on from some.
        **others: further options of its run.

    Raises:
        UsageError: naming the first that differs.
    """
    states = {"checkpoint": checkpointing.folder is not None, "resume": checkpointing.resume}
    team.check_options({**asdict(config), **states, **others})


def check_same_graph(graph: Graph, config: ClusterConfig, team: Team) -> None:
    """Refuse processes that have read different graphs.

    Raises:
        TrainingError: they have.
    """
    if team.is_alone:
        return
    same = "give all the same files"
    team.check_same("the graph that they read", int(graph.fingerprint()[:15], 16), same)
    if config.num_clusters is None:
        team.check_same("the number of true classes", graph.num_classes, same)
