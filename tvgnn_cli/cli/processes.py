"""A command that several processes run together, as `torchrun` or `srun` starts them."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from tvgnn_cli.cli.signals import say
from tvgnn_cli.errors import TvgnnError, UsageError
from tvgnn_cli.train.distributed.rendezvous import SRUN, TORCHRUN, Rendezvous

if TYPE_CHECKING:
    from tvgnn_cli.train import Team


def load_torch() -> None:
    """Import torch, and what is built on it, in less time than a plain import takes.

    The garbage collector would look through the many objects of its modules again and again, and
    once more at the end. Traces that torch prints of lost connections are kept from standard error,
    where one line says it.
    """
    if "torch" in sys.modules:
        return
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "FATAL")
    gc.disable()
    try:
        import tvgnn_cli.api  # noqa: F401
    finally:
        gc.enable()
    gc.freeze()


def go_alone(command: str) -> None:
    """Refuse to be one of several processes, who would all do the same work.

    Raises:
        UsageError: there are others.
    """
    if Rendezvous.of_environment(os.environ) is not None:
        raise UsageError(f"tvgnn {command} is the work of one process; start it once")


def part_of_process(shard: str | None) -> str | None:
    """The part of the work that this process does: the one that it was given, or that of its number
    where several were started; None for all of it. It goes about it alone, on a GPU of its own
    where there are several.

    Args:
        shard: as `--shard` has it.
    """
    found = Rendezvous.of_environment(os.environ)
    if found is None:
        return shard
    for name in (TORCHRUN[0], SRUN[0]):
        os.environ.pop(name, None)
    from tvgnn_cli.machine.device import take_own_gpu

    take_own_gpu(found.local_rank)
    return f"{found.rank + 1}/{found.size}" if shard is None else shard


@contextmanager
def together(device: str, graph: str, is_alone: bool = False) -> Iterator[Team]:
    """The team that this process is one of, by its environment; alone in none.

    Args:
        device: as `--device` has it.
        graph: what is read.
        is_alone: whether it has work of its own, whatever the environment says.

    Raises:
        UsageError: the processes cannot meet, or are to share one stream.
        InterruptionError: one of the others ended before the work was done.
    """
    from tvgnn_cli.io.location import Stream, locate
    from tvgnn_cli.train.distributed.team import ALONE, joined

    found = None if is_alone else Rendezvous.of_environment(os.environ)
    if found is None:
        yield ALONE
        return
    try:
        if isinstance(locate(graph), Stream):
            raise UsageError("several processes cannot read one standard input; give a file")
        with joined(found.rank, found.size, found.address, device, found.local_rank) as team:
            yield team
    except TvgnnError as error:
        if found.rank:  # the first process says it without a number
            say(f"tvgnn: process {found.rank}: {error}")
            raise typer.Exit(error.exit_code) from None
        raise
