"""Machine, time and identity of a run: what it is given, how long it takes, what makes it the same
run again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch

from tvgnn_cli import kernels
from tvgnn_cli.config import ClusterConfig, without_later
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.machine.device import choose_device, free_gpu_memory_mb, gpu_peak, product_precision
from tvgnn_cli.machine.threads import bound_threads, choose_threads
from tvgnn_cli.machine.versions import peak_memory_mb, versions
from tvgnn_cli.methods import METHODS
from tvgnn_cli.observer import EpochReport, Observer, Relay
from tvgnn_cli.prepare.on_device.place import preparing_on
from tvgnn_cli.run.gpu_memory import HOST, GpuNeeds, features_of_pass, needs_that_fit
from tvgnn_cli.run.memory import USABLE, runs_that_fit
from tvgnn_cli.run.work import is_worth_a_gpu, is_worth_processes, worthwhile_threads
from tvgnn_cli.train import Identity
from tvgnn_cli.train.distributed.team import ALONE, Team

READING, CHOOSING, PREPARING, TRAINING = "reading", "choosing", "preparing", "training"
"""Laps of a run."""


class Clock(Relay):
    """Times the run and its epochs."""

    def __init__(self, other: Observer) -> None:
        super().__init__(other)
        self.start = self._lap_from = time.perf_counter()
        self._laps = dict[str, float]()
        self._last, self._times = math.nan, list[float]()

    def lap(self, name: str) -> None:
        """Count the time since the last lap as that of some work."""
        now = time.perf_counter()
        self._laps[name] = self._laps.get(name, 0.0) + now - self._lap_from
        self._lap_from = now

    @contextmanager
    def phase_of(self, name: str) -> Iterator[None]:
        """Tell of a phase, and count its time."""
        self.phase(name)
        yield
        self.lap(name)

    def epoch(self, report: EpochReport) -> None:
        now = time.perf_counter()
        if report.epoch and not math.isnan(self._last):
            self._times.append(now - self._last if report.seconds is None else report.seconds)
        self._last = now
        super().epoch(report)

    @property
    def seconds_per_epoch(self) -> float | None:
        """The median over this process's epochs; None where it saw no two in a row."""
        return float(np.median(self._times)) if self._times else None

    def measured(self) -> dict[str, float]:
        """Report the time that it took, as metrics."""
        seconds = {"seconds": round(time.perf_counter() - self.start, 3)}
        seconds |= {f"seconds_{name}": round(lap, 3) for name, lap in self._laps.items()}
        if self.seconds_per_epoch is not None:
            seconds["seconds_per_epoch"] = self.seconds_per_epoch
        return seconds


@dataclass(frozen=True)
class Machine:
    """Share of the machine that a run is given.

    Args:
        threads: of the processor.
        device: where it trains.
        processes: that train together.
        is_open: whether the device was left to the run.
        shares: how many runs of so many threads have threads at the same time.
    """

    threads: int
    device: torch.device
    processes: int = 1
    is_open: bool = False
    shares: int = 1

    @classmethod
    def choose(cls, threads: int | None, device: str, team: Team = ALONE) -> Machine:
        chosen = choose_device(device) if team.is_alone else team.device
        is_open = team.is_alone and device == "auto"
        return cls(choose_threads(threads), chosen, team.size, is_open)

    def working_on(self, graph: Graph, config: ClusterConfig, epochs: int | None = None) -> Machine:
        """The same without a GPU that was left to the run, where the work is not worth one; and
        with no more threads than it is worth. Beside a GPU they are for what stays on the CPU, for
        which the same number of them is enough.

        Args:
            graph: what is worked on.
            config: how.
            epochs: passes over the graph; None for those of a training.
        """
        if self.is_open and not is_worth_a_gpu(graph, config, epochs):
            return replace(self, device=torch.device("cpu"), is_open=False).working_on(
                graph, config
            )
        threads = min(self.threads, worthwhile_threads(graph, config))
        return replace(self, threads=threads, shares=self.threads // threads)

    def restarts_at_a_time(
        self, graph: Graph, config: ClusterConfig, restarts: int, needed_mb: float, held_mb: float
    ) -> int:
        """Count the restarts to train side by side, each by the threads that it is worth: as many
        as have threads and memory, where this makes up for the start of their processes.

        Args:
            graph: what is worked on.
            config: how.
            restarts: those that are to be trained.
            needed_mb: memory of each.
            held_mb: what this process holds already.
        """
        is_alone = self.processes == 1 and self.device.type == "cpu"
        if not is_alone or min(self.shares, restarts) < 2:
            return 1
        if not is_worth_processes(graph, config, restarts):
            return 1
        return min(self.shares, restarts, runs_that_fit(needed_mb, held_mb))

    @contextmanager
    def at_work(self, precision: str) -> Iterator[None]:
        """Keep to its threads, with products of a precision (`product_precision`) and the long
        steps of a preparation on its device, for a while.
        """
        with (
            bound_threads(self.threads),
            product_precision(precision, self.device),
            preparing_on(self.of_preparation),
        ):
            yield

    @property
    def of_preparation(self) -> torch.device | None:
        """The device of a preparation's long steps; None for the CPU's own forms of them."""
        return None if self.device.type == "cpu" else self.device

    def kernels(self, method: str) -> dict[str, str]:
        """The forms of the passes over neighbours, as a metric of methods that have a network."""
        return {"kernels": kernels.in_use(self.device)} if METHODS[method].has_network else {}

    def measured(self, clock: Clock, method: str) -> dict[str, Any]:
        """Report what the run worked with and took, as metrics."""
        return {
            "processes": self.processes,
            "threads": self.threads,
            "device": str(self.device),
            **self.kernels(method),
            **clock.measured(),
            "peak_memory_mb": peak_memory_mb(),
            **gpu_peak(self.device),
        }


def check_gpu_memory(
    graph: Graph, config: ClusterConfig, device: torch.device, refuse: bool = True
) -> GpuNeeds | None:
    """The needs of a run on a GPU, if it fits; None for other devices.

    Args:
        graph: what is clustered.
        config: how.
        device: where.
        refuse: whether it has to fit.

    Raises:
        UsageError: it does not; with both figures and what to change.
    """
    if device.type != "cuda":
        return None
    free = free_gpu_memory_mb(device)
    needs = needs_that_fit(graph, config, USABLE * free)
    if refuse and needs.memory_mb > USABLE * free:
        by_batch = METHODS[config.method].by_batch and config.batch != "parts"
        batches = "train with `batch` parts, " if by_batch else ""
        streamed = ", with the features in the host's," if needs.on_host else ","
        raise UsageError(
            f"{graph.name}: training would take about {needs.memory_mb:,.0f} MB of the GPU's "
            f"memory{streamed} and {free:,.0f} MB are free; {batches}lower `hidden`, `layers` or "
            "`mlp_hidden`, train with `device` cpu, or give `ignore_memory` to try"
        )
    return needs


def keeps_features_on_host(graph: Graph, config: ClusterConfig, device: torch.device) -> bool:
    """Tell whether a pass over a graph leaves its features in the host's memory, for want of a
    GPU's.
    """
    if device.type != "cuda":
        return False
    usable = USABLE * free_gpu_memory_mb(device)
    return features_of_pass(graph, config, usable) == HOST


def identity_of(told: Mapping[str, Any], config: ClusterConfig, run: Machine) -> Identity:
    """Identity that a run must share with this one to go on from its state."""
    made_with = {
        "threads": run.threads,
        "device": str(run.device),
        **run.kernels(config.method),
        **versions(),
    }
    settings = without_later(config, asdict(config))
    if run.processes > 1:
        settings["the number of processes"] = run.processes
    return Identity(told["input_fingerprint"], settings, made_with)
