"""The flow, written once: read -> prepare -> fit -> evaluate -> result.

True labels enter at `evaluate` and nowhere before.
"""

from __future__ import annotations

import inspect
from dataclasses import replace
from functools import partial
from typing import Any

from tvgnn_cli.config import ClusterConfig, make_config, without_files
from tvgnn_cli.config.numbers import split_number
from tvgnn_cli.errors import TrainingError, UsageError
from tvgnn_cli.evaluation.metrics import evaluate
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.read import INPUT_OPTIONS, read_graph
from tvgnn_cli.methods import METHODS
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.evidence.tried import Choice
from tvgnn_cli.prepare.evidence.views import NO_EVIDENCE
from tvgnn_cli.progress import showing
from tvgnn_cli.run.application import embed, known_features, predict
from tvgnn_cli.run.given import Given, check_given, read_given
from tvgnn_cli.run.kinds import check_kinds
from tvgnn_cli.run.machine import READING, Clock, Machine
from tvgnn_cli.run.notes import collapse
from tvgnn_cli.run.number import rows_of, with_chosen_number
from tvgnn_cli.run.plan import Wanted
from tvgnn_cli.run.record import is_collapsed
from tvgnn_cli.run.refusals import (
    check_batches,
    check_consensus,
    check_same_graph,
    check_same_options,
)
from tvgnn_cli.run.result import ClusterResult
from tvgnn_cli.run.settling import settle
from tvgnn_cli.run.training import find, train
from tvgnn_cli.run.updating import update
from tvgnn_cli.train import Checkpointing
from tvgnn_cli.train.distributed.team import ALONE, Team

__all__ = ["cluster", "embed", "evaluate", "known_features", "predict", "update"]


def cluster(  # noqa: PLR0913 parameters of an interface
    graph: Any,
    num_clusters: int | str | None = None,
    *,
    config: ClusterConfig | None = None,
    threads: int | None = None,
    device: str = "auto",
    observer: Observer | None = None,
    progress: bool | str = False,
    checkpointing: Checkpointing | None = None,
    interruption: Interruption | None = None,
    team: Team = ALONE,
    only: range | None = None,
    consensus: bool = False,
    fail_on_collapse: bool = False,
    ignore_memory: bool = False,
    match: Any = None,
    **options: Any,
) -> ClusterResult:
    """Cluster the vertices of a graph.

        result = tvgnn_cli.cluster("edges.csv", num_clusters=7, features="x.parquet", seed=1)
        result.write("clusters.csv")

    Args:
        graph: a path or data set name, a networkx graph, a scipy sparse matrix, a DataFrame of
            edges, a PyG `Data` or a `Graph`.
        num_clusters: K, from 2 to the number of vertices; "auto", "2..20" or "3,5,8" to have it
            chosen; None for the number of true classes.
        config: every setting at once; else `options` has some.
        threads: most CPU threads; None for what the scheduler or the machine gives. Small graphs
            take fewer.
        device: "auto", "cpu", "cuda", ...
        observer: told of each phase and epoch.
        progress: True for a bar in a notebook or on a terminal, and nothing elsewhere; "lines" for
            a plain line every few seconds, anywhere. What comes out is the same.
        checkpointing: where and how often the state is kept, to go on from after an interruption.
        interruption: asked after each step whether the run is to end, where its state is kept.
        team: the processes that train this one's networks with it, by batches.
        only: which of the restarts to train; None for all. The others are for other processes.
        consensus: whether to give the clusters that all restarts agree on, with the `stability` of
            each vertex, and not those of the best one; which restarts are trained, and how, stays
            the same.
        fail_on_collapse: whether a cluster that stays empty is a failure.
        ignore_memory: try even where the estimate says that memory will not do.
        match: an earlier clustering of any tool, as the clusters of `evaluate`, by whose best
            matching clusters are numbered (`tvgnn_cli.match`); new ones get numbers above.
        **options: how the graph is read, by fields of `InputOptions` (`features=`, `labels=`),
            and settings, by fields of `ClusterConfig` (`seed=1`, `preset="paper"`); `init=` takes
            clusters to start from too, in the forms of those of `evaluate`. Attributes are
            kept for `to_networkx` and graph files; `keep_attributes=False` lets them go.

    Raises:
        UsageError: settings that cannot work for this graph.
        InputError: a graph that cannot be read or learned from.
        TrainingError: training failed, or collapsed where that is a failure.
        InterruptionError: the run was asked to end before it was done; its state is kept.
    """
    check_kinds(config, checkpointing, only, observer=observer, interruption=interruption)
    checkpointing = checkpointing or Checkpointing()
    reading = {"keep_attributes": True} | {
        name: options.pop(name) for name in INPUT_OPTIONS if name in options
    }
    options, files = without_files(options)
    if config is not None and options:
        raise UsageError(f"give config or single settings, not both: {', '.join(options)}")
    config = make_config(options, beside=NAMED) if config is None else config
    if num_clusters is not None:
        one, several = split_number(num_clusters)
        config = replace(config, num_clusters=one, choose_from=several)
    run = Machine.choose(threads, device, team)
    check_same_options(team, config, checkpointing, consensus=consensus)
    check_batches(config, team)
    check_given(config, match, **files, is_part=only is not None, consensus=consensus)
    if consensus:
        check_consensus(config, are_parts=only is not None)

    choices: list[Choice] = []

    def read(clock: Clock) -> tuple[Graph, ClusterConfig, Given]:
        with clock.phase_of(READING):
            known, given = team.in_all(lambda: _read(graph, reading, match, files))
        check_same_graph(known, config, team)
        chosen, choice = with_chosen_number(known, config, clock, team, run)
        choices.extend([] if choice is None else [choice])
        return known, settle(known, given.settled(chosen, known.num_classes)), given

    with showing(team.leads and progress, observer) as told:
        clock = Clock(told)
        if METHODS[config.method].is_trained:
            wanted = Wanted(only, consensus, ignore_memory)
            result = train(
                partial(read, clock), run, clock, checkpointing, interruption or Interruption(),
                team, wanted,
            )  # fmt: skip
        else:
            result = find(partial(read, clock), run, clock, ignore_memory)
    if choices:
        result = _with_choice(result, choices[0])
    if fail_on_collapse:
        _refuse_collapse(result)
    return result


NAMED = (*INPUT_OPTIONS, *inspect.signature(cluster).parameters)
"""Arguments that `cluster` takes by name, beside settings."""


def _read(
    graph: Any, reading: dict[str, Any], match: Any, files: dict[str, Any]
) -> tuple[Graph, Given]:
    """The graph, and what is given beside it; arguments and errors are those of `cluster`."""
    known = read_graph(graph, **reading)
    return known, read_given(known, match, **files)


def _refuse_collapse(result: ClusterResult) -> None:
    """Refuse clusters that stayed empty, or that nothing speaks for.

    Raises:
        TrainingError: saying which.
    """
    if is_collapsed(result.metrics, result.config):
        raise TrainingError(collapse(result.metrics, result.config, " (`fail_on_collapse`)"))
    if not result.metrics.get("evidence_sure", True):
        raise TrainingError(f"{NO_EVIDENCE} (`fail_on_collapse`)")


def _with_choice(result: ClusterResult, choice: Choice) -> ClusterResult:
    """The result with what its number of clusters was chosen by."""
    return replace(result, tried=rows_of(choice), notes=(*choice.notes, *result.notes))
