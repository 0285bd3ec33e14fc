"""Epochs of a GPU, recorded once as a CUDA graph and played several at a time.

A kernel of a small graph takes less time than Python needs to ask for it. A recorded epoch is asked
for at once, and nothing in it waits for the CPU: each epoch writes its numbers and the weights that
it started from into a row of its own, and the CPU reads the rows of several epochs together. An
epoch that turns out to be one too many costs its time and changes nothing: the weights and moments
at any epoch are found again by playing from the last snapshot, to the same bytes.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Protocol

import torch
from torch import Tensor, nn

from tvgnn_cli.nn import Adam

MOST = 32
"""Epochs that are played before their numbers are read, at most."""

KEPT = 2**25
"""Bytes for the weights of such epochs, at most; one epoch is always kept."""

SECONDS = 0.1
"""Seconds that they take, about: an interruption waits so long."""


@contextmanager
def _no_collection() -> Iterator[None]:
    """Collect garbage now and not for a while: the memory of an earlier recording that went back to
    the GPU meanwhile would end this one.
    """
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@cache
def _stream(device: torch.device) -> torch.cuda.Stream:
    """The one stream that epochs are recorded on: libraries keep memory for each that they saw."""
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]


class Played(Protocol):
    """A recording."""

    def replay(self) -> None:
        """Do again what was recorded."""


class Replay:
    """Epochs of one network on one GPU.

    Args:
        model: the network, on the GPU.
        optimizer: what moves its weights.
        step: an epoch: it gives its numbers, `[m]`, and moves the weights.
    """

    def __init__(self, model: nn.Module, optimizer: Adam, step: Callable[[], Tensor]) -> None:
        self._model, self._optimizer, self._step = model, optimizer, step
        self._names = [name for name, _ in model.named_parameters()]
        self._parameters = list(model.parameters())
        size = sum(p.numel() * p.element_size() for p in self._parameters)
        self._most = max(min(MOST, KEPT // max(size, 1)), 1)
        self._graph: Played | None = None
        self._numbers: list[list[float]] = []
        self._at = 0
        self.seconds: float | None = None

    def numbers(self) -> list[float]:
        """The numbers of the epoch that it stands at."""
        if self._at == len(self._numbers):
            self._play_on()
        return self._numbers[self._at]

    def weights(self) -> dict[str, Tensor]:
        """The weights that the epoch starts from, by name; on the GPU, until the next one is
        played.
        """
        self.numbers()
        parts = torch.split(self._weights[self._at], [p.numel() for p in self._parameters])
        pairs = zip(self._names, self._parameters, parts, strict=True)
        return {name: part.view_as(p) for name, p, part in pairs}

    def advance(self) -> None:
        """Go to the next epoch."""
        self._at += 1

    def settle(self) -> None:
        """Bring the network and the optimiser to the epoch that it stands at."""
        if self._graph is None or self._at == len(self._numbers):
            return
        self._restore()
        self._play(self._at)
        self._numbers, self._at = [], 0

    def _play_on(self) -> None:
        """Play some epochs from where the network is, and read their numbers."""
        if self._graph is None:
            self._graph = self._record()
        self._snapshot()
        count = 1 if self.seconds is None else int(SECONDS / max(self.seconds, 1e-6))
        count = max(min(count, self._most), 1)
        start = time.perf_counter()
        self._play(count)
        self._numbers = self._rows[:count].tolist()  # which waits for the GPU
        self.seconds = (time.perf_counter() - start) / count
        self._at = 0

    def _play(self, epochs: int) -> None:
        assert self._graph is not None
        self._cursor.zero_()
        for _ in range(epochs):
            self._graph.replay()

    def _record(self) -> Played:
        device = self._parameters[0].device
        self._cursor = torch.zeros(1, dtype=torch.int64, device=device)
        width = sum(p.numel() for p in self._parameters)
        self._weights = self._parameters[0].new_empty(self._most, width, requires_grad=False)
        self._optimizer.rest()
        self._kept = [tensor.detach().clone() for tensor in self._moving()]
        numbers = self._once()
        self._rows = torch.zeros(self._most, numbers, dtype=torch.float64, device=device)
        self._restore()
        self._optimizer.zero_grad()
        return self._captured()

    def _once(self) -> int:
        """Make an epoch outside the graph, for kernels to be compiled and libraries to take their
        memory; how many numbers it gives.
        """
        device = self._parameters[0].device
        stream = _stream(device)
        stream.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(stream):
            numbers = len(self._step())
        torch.cuda.current_stream(device).wait_stream(stream)
        return numbers

    def _captured(self) -> Played:
        graph, stream = torch.cuda.CUDAGraph(), _stream(self._parameters[0].device)
        with _no_collection():
            torch.cuda.empty_cache()
            with torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
                self._epoch()
        return graph

    @torch.no_grad()
    def _keep_weights(self) -> None:
        flat = torch.cat([p.view(-1) for p in self._parameters])
        self._weights.index_copy_(0, self._cursor, flat.unsqueeze(0))

    def _epoch(self) -> None:
        self._keep_weights()
        numbers = self._step()
        self._rows.index_copy_(0, self._cursor, numbers.detach().double().unsqueeze(0))
        self._cursor += 1

    def _moving(self) -> list[Tensor]:
        """All that an epoch changes and the next one reads."""
        moments = self._optimizer.state().values()
        return [*self._parameters, *(tensor for each in moments for tensor in each.values())]

    @torch.no_grad()
    def _snapshot(self) -> None:
        torch._foreach_copy_(self._kept, self._moving())

    @torch.no_grad()
    def _restore(self) -> None:
        torch._foreach_copy_(self._moving(), self._kept)
