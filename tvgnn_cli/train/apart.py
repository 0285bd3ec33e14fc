"""Restarts that several processes train apart, each its own ones; and the best of all of them, or
what they agree on.
"""

from __future__ import annotations

from dataclasses import replace

from tvgnn_cli.errors import RestartsFailedError
from tvgnn_cli.prepare.prepared import Prepared
from tvgnn_cli.train.consensus import consensus_of
from tvgnn_cli.train.distributed.team import Team, checksum
from tvgnn_cli.train.outcome import Fitted
from tvgnn_cli.train.restarts import fit, train_restarts
from tvgnn_cli.train.work import Work

Rank = tuple[float, float, int]


def best_of_all(team: Team, work: Work) -> Fitted:
    """Train some of the restarts in each process and keep what one process with all would keep.

    Args:
        team: the processes; all come to the same result.
        work: this process's restarts, one at least, each of which it trains alone.

    Raises:
        TrainingError: the processes have made different things of the graph.
        RestartsFailedError: every restart of every process failed.
        InterruptionError: one of them was asked to end.
    """
    _check_same(team, work.prepared)
    found, failed, why = None, 0, ""
    try:
        found = fit(work)
        failed = found.failed
    except RestartsFailedError as error:
        failed, why = error.count, str(error)
    told = team.told((None if found is None else _rank(found), failed, why))
    ranks = {process: rank for process, (rank, _, _) in enumerate(told) if rank is not None}
    count = sum(number for _, number, _ in told)
    if not ranks:
        raise RestartsFailedError(next(text for _, _, text in told if text), count)
    best = team.sent(found, min(ranks, key=lambda process: ranks[process]))
    assert best is not None
    return replace(best, failed=count)


def consensus_of_all(team: Team, work: Work) -> Fitted:
    """Train some of the restarts in each process, and take what all of them agree on, as one
    process with all would; arguments and errors are those of `best_of_all`.
    """
    _check_same(team, work.prepared)
    own = train_restarts(work)
    # Weights, of which each process makes all assignments: these are many times as large.
    told = team.told((own.kept, own.failed, own.why))
    kept = tuple(each for theirs, _, _ in told for each in theirs)
    why = next((text for _, _, text in told if text), "")
    return consensus_of(replace(own, kept=kept, failed=sum(n for _, n, _ in told), why=why))


def _check_same(team: Team, prepared: Prepared) -> None:
    """Refuse to go on with processes that have made different things of the graph.

    Raises:
        TrainingError: naming what differs.
    """
    made = checksum(prepared.order, prepared.edge_index)
    team.check_same("the order of the graph's vertices", made)
    team.check_same("what evidence speaks for", checksum(prepared.choices.encode()))


def _rank(found: Fitted) -> Rank:
    """Rank of a process's best restart, lowest first, as `fit` compares them."""
    share = 0.0 if found.support is None else found.support.share
    return -share, found.run.loss, found.run.seed
