"""Processes that train one network together; the engine is torch.distributed."""

from __future__ import annotations

import gc
import traceback
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from tvgnn_cli.errors import (
    InputError,
    InterruptionError,
    TrainingError,
    TvgnnError,
    UsageError,
    shown,
)
from tvgnn_cli.machine.device import choose_device, own_gpu

T = TypeVar("T")

MEETING = timedelta(minutes=5)
"""Time that the first to come wait for the last."""

PATIENCE = timedelta(days=1)
"""Time that one process waits for another, which may be at its k-means. One that dies is noticed at
once.
"""

FAILURES = {e.exit_code: e for e in (UsageError, InputError, TrainingError, InterruptionError)}
"""Errors that one process raises for another, by exit code."""

CPU = torch.device("cpu")

SAME_MACHINES = "run them on machines of one kind, with the same versions"

LOST = ("gloo", "connection", "nccl", "socket")
"""Words in the errors of torch.distributed when another process is gone."""


@dataclass(frozen=True)
class Team:
    """The processes of one run, each of which knows its own number.

    Every method is one that all processes call at the same point, but for the properties. Alone,
    nothing is sent.

    Args:
        rank: this process's number, from 0.
        size: processes.
        device: where tensors must be that are sent.
    """

    rank: int = 0
    size: int = 1
    device: torch.device = CPU

    @property
    def is_alone(self) -> bool:
        return self.size == 1

    @property
    def leads(self) -> bool:
        """Tell whether this is the process that writes."""
        return self.rank == 0

    def part(self, things: range) -> range:
        """Part of some things that is this process's: neighbours, in equal numbers but for one."""
        low, high = (i * len(things) // self.size for i in (self.rank, self.rank + 1))
        return things[low:high]

    def any(self, flag: bool) -> bool:
        """Tell whether one of the processes says so."""
        return flag if self.is_alone else bool(self.sum(float(flag))[0])

    def sum(self, *values: float) -> list[float]:
        """Each number, summed over the processes, in double precision."""
        if self.is_alone:
            return list(values)
        total = torch.tensor(values, dtype=torch.float64, device=self.device)
        torch.distributed.all_reduce(total)
        return [float(value) for value in total.tolist()]

    def agree(self, tensor: Tensor) -> Tensor:
        """The first process's tensor, of the same shape and type in all."""
        if not self.is_alone:
            tensor = tensor.contiguous()
            torch.distributed.broadcast(tensor, 0)
        return tensor

    def check_same(self, what: str, number: int, remedy: str = SAME_MACHINES) -> None:
        """Refuse to go on with processes that have made different things of the same input.

        Raises:
            TrainingError: naming what differs.
        """
        mine = torch.tensor([number], device=self.device)
        if self.any(bool(self.agree(mine.clone()) != mine)):
            raise TrainingError(f"the processes differ in {what}; {remedy}")

    def in_all(self, work: Callable[[], T]) -> T:
        """Do something in every process; where it fails in one, it fails in all.

        Raises:
            TvgnnError: its own, or that of the first process in which it failed: a process that
                ended by itself would be waited for, and the run taken for one to go on with.
        """
        if self.is_alone:
            return work()
        done, failure = list[T](), None
        try:
            done.append(work())
        except TvgnnError as error:
            failure = error
        told = self.told(None if failure is None else (failure.exit_code, str(failure)))
        if failure is not None:
            raise failure
        for process, said in enumerate(told):
            if said is not None:
                code, text = said
                raise FAILURES.get(code, TvgnnError)(f"in process {process}: {text}")
        return done[0]

    def check_options(self, options: Mapping[str, object]) -> None:
        """Refuse processes that were given different options.

        Args:
            options: by name; their values are compared as text.

        Raises:
            UsageError: naming the first that differs, with two of its values.
        """
        if self.is_alone:
            return
        told = self.told({name: str(value) for name, value in options.items()})
        for name in options:
            values = sorted({each.get(name, "") for each in told})
            if len(values) > 1:
                one, other = (shown(value) for value in values[:2])
                raise UsageError(
                    f"`{name}` is {one} in one process and {other} in another; give all the same"
                )

    def gather(self, rows: Tensor, counts: Sequence[int]) -> Tensor:
        """The rows `[counts[rank], f]` of all processes, one after another."""
        if self.is_alone:
            return rows
        most = max(counts)
        padded = rows.new_zeros(most, rows.size(1))
        padded[: len(rows)] = rows
        out = [torch.empty_like(padded) for _ in counts]
        torch.distributed.all_gather(out, padded)
        return torch.cat([part[:count] for part, count in zip(out, counts, strict=True)])

    def swap(self, tensor: Tensor, sent: Sequence[int], received: Sequence[int]) -> Tensor:
        """Send the first `sent[0]` rows to process 0, the next `sent[1]` to process 1, ...; what
        they send to this one, in their order.
        """
        out = tensor.new_empty(sum(received), *tensor.shape[1:])
        sizes = list(received), list(sent)
        torch.distributed.all_to_all_single(out, tensor.contiguous(), *sizes)
        return out

    def told(self, value: T) -> list[T]:
        """Values of all processes, by their numbers; small, and of types that Python pickles."""
        values: list[Any] = [None] * self.size
        torch.distributed.all_gather_object(values, value)
        return values

    def sent(self, value: T, source: int) -> T:
        """Value of one of the processes, in all of them."""
        held = [value]
        torch.distributed.broadcast_object_list(held, source)
        return held[0]

    def train_together(self, network: nn.Module) -> nn.Module:
        """The network, the gradients of whose output are averaged over the processes."""
        if self.is_alone:
            return network
        cuda = [self.device] if self.device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(network, device_ids=cuda)


ALONE = Team()


@contextmanager
def joined(
    rank: int, size: int, address: str, device_name: str = "auto", local_rank: int = 0
) -> Iterator[Team]:
    """The team that processes form who all come here; gloo on the CPU, nccl on GPUs.

    Args:
        rank: this process's number, from 0.
        size: processes.
        address: host and port of the first one.
        device_name: as `--device` has it; of "auto" and "cuda" each process of a machine takes its
            own GPU.
        local_rank: number of this process on its machine.

    Raises:
        UsageError: they cannot meet, or this torch has no such engine.
        InterruptionError: another process ended before the work was done.
    """
    device = choose_device(device_name)
    if device.type == "cuda" and device.index is None:
        device = own_gpu(local_rank)
        torch.cuda.set_device(device)
    backend = "nccl" if device.type == "cuda" else "gloo"
    if not torch.distributed.is_available():
        raise UsageError("this torch was built without torch.distributed; run one process")
    from torch.distributed.rendezvous import rendezvous

    try:
        store, _, _ = next(rendezvous(f"tcp://{address}", rank, size, timeout=MEETING))
        torch.distributed.init_process_group(
            backend, store=store, rank=rank, world_size=size, timeout=PATIENCE
        )
        torch.distributed.barrier()  # nobody ends while another still looks for it
    except (RuntimeError, ValueError) as error:
        line = str(error).strip().splitlines()[0]
        raise UsageError(f"the {size} processes cannot meet at {address}: {line}") from None
    try:
        yield Team(rank, size, device)
        torch.distributed.barrier()  # nobody takes down what another still listens to
    except BaseException as error:
        traceback.clear_frames(error.__traceback__)  # they hold what holds the group
        if not isinstance(error, RuntimeError) or not _is_loss(error):
            raise
        raise InterruptionError(
            "another process has ended; with `checkpoint`, the same command goes on from the last "
            "state"
        ) from None
    finally:
        # What still holds the group, in a circle of references, would take it down at the very end,
        # when its threads can no longer be waited for.
        gc.collect()
        torch.distributed.destroy_process_group()


def _is_loss(error: RuntimeError) -> bool:
    """Tell whether another process is gone."""
    return any(word in str(error).lower() for word in LOST)


def checksum(*arrays: Any) -> int:
    """A number that differs where the arrays do."""
    total = 0
    for array in arrays:
        total = zlib.crc32(np.ascontiguousarray(array).data, total)
    return total
