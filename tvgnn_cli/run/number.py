"""A number of clusters that is chosen before the run that makes them."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.config.numbers import numbers_of
from tvgnn_cli.errors import UsageError, counted
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.machine.threads import bound_threads
from tvgnn_cli.prepare.evidence.number import choose_number
from tvgnn_cli.prepare.evidence.tried import Choice
from tvgnn_cli.prepare.on_device.place import preparing_on
from tvgnn_cli.prepare.prepared import in_order
from tvgnn_cli.run.machine import CHOOSING, Clock, Machine
from tvgnn_cli.train.distributed.team import Team, checksum


def with_chosen_number(
    graph: Graph, config: ClusterConfig, clock: Clock, team: Team, run: Machine
) -> tuple[ClusterConfig, Choice | None]:
    """The configuration with the number of clusters that the graph speaks for, where several are to
    choose from; every process of a team chooses for itself, and they have to agree.

    Raises:
        UsageError: none of the numbers is below that of the vertices.
        InputError: a graph without edges.
    """
    if config.choose_from is None:
        return config, None
    asked = numbers_of(config.choose_from)
    numbers = None if asked is None else [k for k in asked if k <= graph.num_vertices]
    if numbers == [] or graph.num_vertices < 2:
        raise UsageError(
            f"`num_clusters` is {config.choose_from}, but {graph.name} has only "
            f"{counted(graph.num_vertices, 'vertex')}"
        )
    device = run.working_on(graph, config).of_preparation
    with bound_threads(run.threads), preparing_on(device):
        choice = choose_number(in_order(graph, config.clip_weights).graph, config, numbers, clock)
    clock.lap(CHOOSING)
    if not team.is_alone:
        team.check_same("the number of clusters", checksum(str(choice.num_clusters).encode()))
    return replace(config, num_clusters=choice.num_clusters, choose_from=None), choice


def rows_of(choice: Choice | None) -> tuple[dict[str, Any], ...]:
    """A row for each number that was tried: `num_clusters`, `bits_saved`, `support` where features
    count, `chosen`; none where nothing was chosen.
    """
    if choice is None:
        return ()
    rows = []
    for each in choice.tried:
        row = asdict(each)
        row["bits_saved"] = row.pop("bits")
        support = row.pop("support")
        row |= {} if support is None else {"support": support}
        rows.append({**row, "chosen": each.num_clusters == choice.num_clusters})
    return tuple(rows)
