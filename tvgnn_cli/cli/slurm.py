"""`tvgnn slurm`: an sbatch script for any of the other commands."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from tvgnn_cli.cli.options import argument

SCHEDULER = "Scheduler"


def slurm(
    command: Annotated[
        list[str],
        argument(
            "COMMAND...",
            "What to run, after --: cluster, sweep, batch or reproduce with its options.",
        ),
    ],
    name: Annotated[
        str,
        typer.Option("--name", metavar="TEXT", rich_help_panel=SCHEDULER, help="Name of the job."),
    ] = "tvgnn",
    time: Annotated[
        str | None,
        typer.Option(
            "--time",
            metavar="TIME",
            rich_help_panel=SCHEDULER,
            show_default="the partition's",
            help="Limit of one run of the job: 02:00:00, 1-00:00:00.",
        ),
    ] = None,
    cpus: Annotated[
        int,
        typer.Option(
            "--cpus", metavar="N", min=1, rich_help_panel=SCHEDULER, help="Cores of each task."
        ),
    ] = 1,
    memory: Annotated[
        str | None,
        typer.Option(
            "--mem",
            metavar="SIZE",
            rich_help_panel=SCHEDULER,
            show_default="the partition's",
            help="Memory of each task: 4G. tvgnn check estimates it; ask for a third more.",
        ),
    ] = None,
    array: Annotated[
        int,
        typer.Option(
            "--array", metavar="N", min=1, rich_help_panel=SCHEDULER, help="Tasks of a job array."
        ),
    ] = 1,
    at_once: Annotated[
        int | None,
        typer.Option(
            "--at-once",
            metavar="N",
            min=1,
            rich_help_panel=SCHEDULER,
            show_default="all",
            help="Most tasks of the array that run at the same time.",
        ),
    ] = None,
    gpus: Annotated[
        int,
        typer.Option(
            "--gpus", metavar="N", min=0, rich_help_panel=SCHEDULER, help="GPUs of each task."
        ),
    ] = 0,
    partition: Annotated[
        str | None,
        typer.Option(
            "--partition",
            metavar="NAME",
            rich_help_panel=SCHEDULER,
            show_default="the cluster's",
            help="Where the job is queued.",
        ),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(
            "--account",
            metavar="NAME",
            rich_help_panel=SCHEDULER,
            show_default="the user's",
            help="Who is charged.",
        ),
    ] = None,
    signal: Annotated[
        int,
        typer.Option(
            "--signal",
            metavar="SECONDS",
            min=1,
            rich_help_panel=SCHEDULER,
            help="How long before its limit a task is told to keep its state and end.",
        ),
    ] = 120,
    requeue: Annotated[
        bool,
        typer.Option(
            "--requeue/--no-requeue",
            rich_help_panel=SCHEDULER,
            help="Put an interrupted job back into the queue.",
        ),
    ] = True,
    setup: Annotated[
        str | None,
        typer.Option(
            "--setup",
            metavar="LINE",
            rich_help_panel=SCHEDULER,
            help="A shell line before the command: module load ..., source .venv/bin/activate.",
        ),
    ] = None,
) -> None:
    """Print an sbatch script that survives its time limit and preemption.

    Examples:
      tvgnn slurm --time 02:00:00 -- cluster karate -k 2 > job.sh
      tvgnn slurm --array 8 -- cluster karate -k 2 --restarts 8 > job.sh
    """
    from tvgnn_cli.cli.durations import clock_of, seconds_of
    from tvgnn_cli.cli.job_commands import refuse_lost_work, refuse_what_no_job_has
    from tvgnn_cli.errors import UsageError, did_you_mean
    from tvgnn_cli.jobs.slurm import SURVIVING, SlurmSettings, sbatch_script

    if command[0] not in SURVIVING:
        raise UsageError(
            f"'{command[0]}' is no command for a job.{did_you_mean(command[0], SURVIVING)}"
        )
    refuse_lost_work(command, array)
    refuse_what_no_job_has(command, array, requeue)
    if at_once is not None and array == 1:
        raise UsageError("--at-once is of the tasks of an array; give --array N")
    if time is not None:
        seconds = seconds_of("--time", time)
        if seconds <= signal:
            raise UsageError(f"--time {time} leaves nothing before --signal {signal}")
        time = clock_of(seconds)
    _refuse_words(name, memory, partition, account)
    settings = SlurmSettings(
        name, time, cpus, memory, array, at_once, gpus, partition, account, signal, requeue, setup
    )
    typer.echo(sbatch_script(command, settings), nl=False)


def _refuse_words(
    name: str, memory: str | None, partition: str | None, account: str | None
) -> None:
    """Refuse what would end a line of the script's head or name another log.

    Raises:
        UsageError: naming the option.
    """
    from tvgnn_cli.errors import UsageError, shown

    texts = {"--name": name, "--mem": memory, "--partition": partition, "--account": account}
    for option, text in texts.items():
        if text is not None and not re.fullmatch(r"[\w.,:@+-]+", text):
            raise UsageError(
                f"{option} is {shown(text)}; write it of letters, digits, and . , : @ + - _ alone"
            )
    if memory is not None and not re.fullmatch(r"\d+[KMGT]?B?", memory, re.IGNORECASE):
        raise UsageError(f"--mem is {shown(memory)}; write it as 4G or 500M")
