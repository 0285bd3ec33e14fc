"""An sbatch script for a command, a pure function of its settings."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

CHECKPOINTS, SHARDS = "states", "shards"

SURVIVING = {
    "cluster": ("--checkpoint", CHECKPOINTS),
    "sweep": ("--checkpoint", CHECKPOINTS),
    "classify": ("--checkpoint", CHECKPOINTS),
    "batch": (),
    "reproduce": (),
}
"""Commands that go on where they were stopped, and what makes them: the last two always do."""


@dataclass(frozen=True)
class SlurmSettings:
    """Demands of a job on the scheduler.

    Args:
        name: of the job.
        time: limit of one run of the job, as Slurm writes it; None for the partition's.
        cpus: cores of each task.
        memory: of each task, as Slurm writes it; None for the partition's.
        array: tasks of a job array; 1 for a plain job.
        at_once: most tasks of the array that run at the same time; None for all.
        gpus: accelerators of each task.
        partition, account: where to, and on whose budget; None for Slurm's defaults.
        signal: seconds before the limit at which the job is told to keep its state.
        requeue: whether an interrupted job goes back into the queue by itself.
        setup: a shell line before the command, such as `module load` or `source .venv/...`.
    """

    name: str = "tvgnn"
    time: str | None = None
    cpus: int = 1
    memory: str | None = None
    array: int = 1
    at_once: int | None = None
    gpus: int = 0
    partition: str | None = None
    account: str | None = None
    signal: int = 120
    requeue: bool = True
    setup: str | None = None


def sbatch_script(command: Sequence[str], settings: SlurmSettings) -> str:
    """The script that runs `tvgnn COMMAND...` under Slurm, for `sbatch` to read.

    The state is kept on SIGUSR1 before the time limit and on SIGTERM from a preemption; exit code
    75 then puts the job back into the queue, where the same command goes on.
    """
    lines = ["#!/bin/bash", *_directives(settings), "", "set -u"]
    lines += [settings.setup] if settings.setup else []
    # The shell outlives the signals, which are for the step; children do not inherit the trap.
    lines += ["trap : TERM USR1", ""]
    lines += [f"srun --cpus-per-task={settings.cpus} {_command(command, settings)}", "code=$?"]
    if settings.requeue:
        job = (
            '"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"'
            if settings.array > 1
            else "$SLURM_JOB_ID"
        )
        lines.append(f'if [ "$code" -eq 75 ]; then scontrol requeue {job}; fi')
    return "\n".join([*lines, 'exit "$code"']) + "\n"


def _directives(settings: SlurmSettings) -> list[str]:
    is_array = settings.array > 1
    at_once = "" if settings.at_once is None else f"%{settings.at_once}"
    values = {
        "job-name": settings.name,
        "output": f"{settings.name}-{'%A_%a' if is_array else '%j'}.log",
        "open-mode": "append",
        "partition": settings.partition,
        "account": settings.account,
        "time": settings.time,
        "ntasks": 1,
        "cpus-per-task": settings.cpus,
        "mem": settings.memory,
        "gpus": settings.gpus or None,
        "array": f"1-{settings.array}{at_once}" if is_array else None,
        "signal": f"USR1@{settings.signal}",
    }
    lines = [f"#SBATCH --{name}={value}" for name, value in values.items() if value is not None]
    return [*lines, "#SBATCH --requeue" if settings.requeue else "#SBATCH --no-requeue"]


def _command(command: Sequence[str], settings: SlurmSettings) -> str:
    """The command with what it needs to survive, unless that is given."""
    given = {word.partition("=")[0] for word in command}
    added = [] if "--checkpoint" in given else list(SURVIVING[command[0]])
    if settings.array == 1:
        return shlex.join(["tvgnn", *command, *added])
    if command[0] == "cluster" and "--shards" not in given:
        added += ["--shards", SHARDS]
    # From the array itself, so that a task that is started again by hand is the same part.
    part = f'--shard "$SLURM_ARRAY_TASK_ID/{settings.array}"'
    return f"{shlex.join(['tvgnn', *command, *added])} {part}"
