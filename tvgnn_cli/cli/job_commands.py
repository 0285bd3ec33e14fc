"""Checks of a command that is to be the job of a scheduler."""

from __future__ import annotations

import itertools

from tvgnn_cli.cli.signals import EXPERIMENTS
from tvgnn_cli.errors import UsageError, did_you_mean

LEARNING = ("train", "cv")
"""Commands of `tvgnn classify` that go on where they were stopped."""

IN_PARTS = ("table1", "table2")

OF_MERGE = ("-o", "--output", "--metrics", "--save", "--match", "--changes")
"""Options of `tvgnn cluster` that `tvgnn merge` has too."""

OF_A_WHOLE_RUN = (*OF_MERGE, "--numbers", "--report")
"""Options of `tvgnn cluster` that no part of a run takes."""


def refuse_what_no_job_has(command: list[str], array: int, requeue: bool) -> None:
    """Refuse options with which each run of the job would fail, or begin anew.

    Raises:
        UsageError: naming the option.
    """
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


def refuse_lost_work(command: list[str], array: int) -> None:
    """Refuse a command that would not go on where it was stopped, or has no parts for an array.

    Raises:
        UsageError: naming it.
    """
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
