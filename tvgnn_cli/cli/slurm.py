"""`tvgnn slurm`: an sbatch script for any of the other commands."""

from __future__ import annotations

import itertools
import re
from typing import Annotated

import typer

from tvgnn_cli.cli.options import argument
from tvgnn_cli.cli.signals import EXPERIMENTS

SCHEDULER = "Scheduler"

LEARNING = ("train", "cv")
"""Commands of `tvgnn classify` that go on where they were stopped."""

IN_PARTS = ("table1", "table2")

OF_MERGE = ("-o", "--output", "--metrics", "--save", "--match", "--changes")
"""Options of `tvgnn cluster` that `tvgnn merge` has too."""

OF_A_WHOLE_RUN = (*OF_MERGE, "--numbers", "--report")
"""Options of `tvgnn cluster` that no part of a run takes."""


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
    from tvgnn_cli.errors import UsageError, did_you_mean
    from tvgnn_cli.jobs.slurm import SURVIVING, SlurmSettings, sbatch_script

    if command[0] not in SURVIVING:
        raise UsageError(
            f"'{command[0]}' is no command for a job.{did_you_mean(command[0], SURVIVING)}"
        )
    _refuse_lost_work(command, array)
    _refuse_what_no_job_has(command, array, requeue)
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


def _refuse_what_no_job_has(command: list[str], array: int, requeue: bool) -> None:
    """Refuse options with which each run of the job would fail, or begin anew.

    Raises:
        UsageError: naming the option.
    """
    from tvgnn_cli.errors import UsageError

    given = {word.partition("=")[0] for word in command[1:]}
    if "-" in given:
        raise UsageError("a job has no standard input or output (-); name a file")
    if requeue and _value_of("--resume", command) == "never":
        raise UsageError(
            "--resume never begins anew each time that the job is started again; leave it out, or "
            "add --no-requeue"
        )
    if "--shard" in given and array > 1:
        raise UsageError("--shard: each task of the array has its own; leave it out")
    if "--shards" in given and "--shard" not in given and array == 1:
        raise UsageError("--shards: the parts are the tasks of an array; give --array N")
    of_all = {"cluster": OF_A_WHOLE_RUN, "sweep": ("--stop-after",)}.get(command[0], ())
    refused = next((option for option in of_all if option in given), None)
    if array > 1 and refused is not None:
        after = " and give it to tvgnn merge" if refused in OF_MERGE else ""
        raise UsageError(f"{refused} is of a whole run, and a task has a part; leave it out{after}")


def _refuse_lost_work(command: list[str], array: int) -> None:
    """Refuse a command that would not go on where it was stopped, or has no parts for an array.

    Raises:
        UsageError: naming it.
    """
    from tvgnn_cli.errors import UsageError

    second = "".join(command[1:2])
    if command[0] == "reproduce" and second not in EXPERIMENTS:
        raise UsageError(f"tvgnn reproduce needs one of {', '.join(EXPERIMENTS)}")
    if command[0] == "classify" and second not in LEARNING:
        raise UsageError(f"tvgnn classify needs one of {', '.join(LEARNING)} for a job")
    if array > 1 and command[0] == "reproduce" and second not in IN_PARTS:
        raise UsageError(
            f"--array: of tvgnn reproduce, {' and '.join(IN_PARTS)} alone have parts; leave it out"
        )
    if command[0] == "classify":
        _refuse_idle_folds(command, array)
    else:
        _refuse_idle_restarts(command, array)


def _refuse_idle_folds(command: list[str], array: int) -> None:
    """Refuse an array with more tasks than `tvgnn classify cv` has trainings, or an unknown method.

    Raises:
        UsageError: naming it.
    """
    from tvgnn_cli.config.classification import CLASSIFIERS
    from tvgnn_cli.errors import UsageError, did_you_mean

    method = _value_of("--method", command) or "tvgnn"
    if method not in CLASSIFIERS:
        raise UsageError(f"--method is '{method}'.{did_you_mean(method, CLASSIFIERS)}")
    if array > 1 and command[1] == "train":
        raise UsageError("--array: one training has no parts; leave it out")
    folds, runs = _value_of("--folds", command) or "5", _value_of("--runs", command) or "3"
    is_told = folds.isdigit() and runs.isdigit()
    if is_told and array > int(folds) * int(runs):
        raise UsageError(
            f"--array {array}: the tasks share {int(folds) * int(runs)} trainings; ask for fewer"
        )


def _refuse_idle_restarts(command: list[str], array: int) -> None:
    """Refuse an array with more tasks than `tvgnn cluster` has restarts, or an unknown method.

    Raises:
        UsageError: naming it.
    """
    from tvgnn_cli.errors import UsageError, did_you_mean
    from tvgnn_cli.methods import DEFAULT, METHODS

    method = _value_of("--method", command) or DEFAULT
    if method not in METHODS:
        raise UsageError(f"--method is '{method}'.{did_you_mean(method, METHODS)}")
    if command[0] != "cluster" or array == 1:
        return
    if not METHODS[method].is_trained:
        raise UsageError(f"--array: --method {method} has no restarts to share; leave it out")
    if "--consensus" in command:
        raise UsageError(
            "--array: --consensus is of all restarts, and a task has some; leave it out, and when "
            "all have ended run the command by itself, with it and the --checkpoint of the tasks"
        )
    restarts = _value_of("--restarts", command) or "1"
    is_told = _value_of("--config", command) is None and restarts.isdigit()
    if is_told and int(restarts) < array:
        raise UsageError(
            f"--array {array}: the tasks share the restarts, and there are {restarts}; "
            f"add --restarts {array} to the command"
        )


def _value_of(option: str, command: list[str]) -> str | None:
    """Find what a command line gives an option."""
    for word, following in itertools.pairwise([*command, ""]):
        if word == option:
            return following
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None
