"""`tvgnn cluster`: train on a graph and write its clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tvgnn_cli.cli import options as o
from tvgnn_cli.cli.groups import Given, takes
from tvgnn_cli.cli.reading import READING, GraphArgument
from tvgnn_cli.cli.settings import SETTINGS, with_file

if TYPE_CHECKING:
    from tvgnn_cli.cli.outputs import Targets


@takes(reading=READING, outputs=o.OUTPUTS, settings=SETTINGS, states=o.STATES)
def cluster(
    graph: GraphArgument,
    *,
    reading: Given,
    outputs: Given,
    settings: Given,
    consensus: Annotated[
        bool,
        typer.Option(
            "--consensus",
            rich_help_panel=o.TRAINING,
            help="Clusters that restarts agree on, and how far.",
        ),
    ] = False,
    fail_on_collapse: Annotated[
        bool,
        typer.Option(
            "--fail-on-collapse",
            rich_help_panel=o.TRAINING,
            help="End with exit code 4, writing nothing, if a cluster stays empty or there is no "
            "evidence for clusters.",
        ),
    ] = False,
    states: Given,
    shards: o.ShardsOption = None,
    shard: o.ShardOption = None,
    config: o.ConfigOption = None,
    dump_config: Annotated[
        bool,
        typer.Option(
            "--dump-config",
            rich_help_panel=o.RUN,
            help="Print the settings as TOML on standard output, and stop.",
        ),
    ] = False,
    ignore_memory: o.IgnoreMemoryOption = False,
    threads: o.ThreadsOption = None,
    device: o.DeviceOption = "auto",
    progress: o.ProgressOption = "auto",
    quiet: o.QuietOption = False,
) -> None:
    """Cluster the vertices of a graph and write one row per vertex.

    Edges are undirected; a direction given is ignored. Weights are similarities: larger is
    closer. Same seed, same machine, same threads: same clusters, to the byte.

    Examples:
      tvgnn cluster karate -k 2                 # writes karate.clusters.csv
      tvgnn cluster planted -k auto             # K from what the graph tells
      cat edges.txt | tvgnn cluster - -k 3      # an edge list in, CSV out
    """
    from tvgnn_cli.config import dump_config as to_toml
    from tvgnn_cli.config import make_config, without_files

    plain, files = without_files(with_file(settings, config))
    chosen = make_config(plain)
    if dump_config:
        typer.echo(to_toml(chosen, **files), nl=False)
        return

    _refuse_states(chosen.method, outputs["save"], shards, states)
    from tvgnn_cli.cli.processes import load_torch, together

    load_torch()
    if consensus:
        from tvgnn_cli.run.refusals import check_consensus

        check_consensus(chosen, are_parts=shards is not None)
    from tvgnn_cli import api
    from tvgnn_cli.cli.job import sharding, surviving
    from tvgnn_cli.cli.page_of_run import PageOfRun
    from tvgnn_cli.cli.progress import progress as show
    from tvgnn_cli.cli.summary import report as tell

    page = PageOfRun(outputs["report"], graph, reading)
    page.check(shards)
    part = sharding(shards, shard, chosen.restarts, outputs)
    inputs = (reading["features"], reading["labels"], config, *files.values())
    targets = part or _targets(graph, outputs, inputs, chosen.choose_from)
    # Processes that are each given a part of the restarts train no network together.
    own_part = shard is not None and chosen.batch != "parts"
    with (
        together(device, graph, own_part) as team,
        surviving(**states) as (checkpointing, interruption),
        show("none" if quiet or not team.leads else progress) as observer,
        nullcontext() if part is None else part.claimed(chosen.fingerprint(), observer, team),
    ):
        result = api.cluster(
            config=chosen,
            threads=threads,
            device=device,
            observer=observer,
            checkpointing=checkpointing,
            interruption=interruption,
            team=team,
            only=None if part is None else part.restarts,
            consensus=consensus,
            fail_on_collapse=fail_on_collapse,
            ignore_memory=ignore_memory,
            match=outputs["match"],
            **files,
            **page.source(targets.holds_graph),
        )
        kept = part.write(result) if part is not None and team.leads else None
    if not team.leads:
        return
    written = kept or targets.write(result, page.made(result))
    if not quiet:
        tell(result, written)


def _targets(
    graph: str, wanted: Mapping[str, Any], inputs: Sequence[Path | None], several: str | None
) -> Targets:
    """Files that the run writes.

    Args:
        graph: as the command has it.
        wanted: options of `OUTPUTS`.
        inputs: what else the command reads.
        several: the numbers of clusters that it chooses from; None where it chooses none.

    Raises:
        UsageError: see `check_targets`, `changes_of` and `with_numbers`.
    """
    from tvgnn_cli.cli.outputs import changes_of, choose_targets, names_of, with_numbers

    inputs = (*inputs, wanted["match"])
    found = choose_targets(
        graph, wanted["output"], wanted["metrics"], wanted["save"], inputs,
        page=wanted["report"], changes=changes_of(wanted["match"], wanted["changes"]),
    )  # fmt: skip
    return with_numbers(found, wanted["numbers"], several, names_of(graph, *inputs))


def _refuse_states(
    method: str, save: Path | None, shards: Path | None, states: dict[str, Any]
) -> None:
    """Refuse what only a network that is trained has. `--checkpoint` is taken, as batch and job
    scripts give it to every run, and so is what holds without a state: such a run is one step,
    and starts again.

    Raises:
        UsageError: naming the option.
    """
    from tvgnn_cli.errors import UsageError
    from tvgnn_cli.methods import METHODS

    given = {
        "--save": save is not None,
        "--shards": shards is not None,
        "--every": states["every"] is not None,
        "--max-time": states["max_time"] is not None,
        "--resume must": states["resume"] == "must",
    }
    refused = next((option for option, is_given in given.items() if is_given), None)
    if refused is not None and not METHODS[method].is_trained:
        raise UsageError(f"{refused}: --method {method} trains no network; leave it out")
