"""Epochs that are recorded and played several at a time come to what single epochs come to."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

import tvgnn_cli
from tests.conftest import SAMPLES
from tvgnn_cli.errors import InterruptionError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.observer import EpochReport, Observer
from tvgnn_cli.train import Checkpointing, learner, replay, stages

SETTINGS = {
    "num_clusters": 4, "hidden": 8, "mlp_hidden": 8, "epochs": 60, "seed": 3, "view": "both",
    "threads": 1,
}  # fmt: skip


class ByHand(replay.Replay):
    """What plays epochs one after another, on any device."""

    def _once(self) -> int:
        return len(self._step())

    def _captured(self) -> SimpleNamespace:
        return SimpleNamespace(replay=self._epoch)


@pytest.fixture
def recorded(monkeypatch):
    """Make the trainer record its epochs on the CPU; seven of them are played at a time."""
    monkeypatch.setattr(stages.Trainer, "_is_recorded", lambda _: True)
    monkeypatch.setattr(learner, "Replay", ByHand)
    monkeypatch.setattr(replay, "SECONDS", 1e9)
    monkeypatch.setattr(replay, "MOST", 7)


class Heard(Observer):
    def __init__(self) -> None:
        self.epochs: list[tuple[int, float, int]] = []
        self.seconds: list[float | None] = []

    def epoch(self, report: EpochReport) -> None:
        self.epochs.append((report.epoch, report.loss, report.clusters_used))
        self.seconds.append(report.seconds)


def cluster(**given):
    heard = Heard()
    result = tvgnn_cli.cluster(SAMPLES / "planted.graphml", observer=heard, **SETTINGS, **given)
    return result, heard


@pytest.mark.parametrize("settings", [{}, {"patience": 3, "tolerance": 0.5}, {"init": "random"}])
def test_the_same_bytes_and_reports(request, settings):
    single, heard = cluster(**settings)
    request.getfixturevalue("recorded")
    result, told = cluster(**settings)
    assert result.assignment.tobytes() == single.assignment.tobytes()
    assert result.history == single.history
    for name, weight in single.model.state.items():
        assert torch.equal(result.model.state[name], weight), name
    assert told.epochs == heard.epochs
    assert {*map(type, told.seconds)} == {float}
    assert {*heard.seconds} == {None}


class Ending(Heard):
    """Asks for the end after so many epochs."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.left, self.interruption = epochs, Interruption()

    def epoch(self, report: EpochReport) -> None:
        super().epoch(report)
        self.left -= 1
        if not self.left:
            self.interruption.request("the test")


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def test_an_ended_run_goes_on_to_the_same_bytes(request, tmp_path, device):
    single, _ = cluster(device=device)
    if device == "cpu":
        request.getfixturevalue("recorded")
    folder = tmp_path / "state"
    for epochs in (5, 9):
        ending = Ending(epochs)
        with pytest.raises(InterruptionError):
            tvgnn_cli.cluster(
                SAMPLES / "planted.graphml", observer=ending, interruption=ending.interruption,
                checkpointing=Checkpointing(folder), device=device, **SETTINGS,
            )  # fmt: skip
    result, _ = cluster(checkpointing=Checkpointing(folder), device=device)
    assert result.assignment.tobytes() == single.assignment.tobytes()
    assert result.history == single.history


@pytest.mark.gpu
def test_on_a_gpu():
    results = [cluster(device="cuda")[0] for _ in range(2)]
    assert results[0].assignment.tobytes() == results[1].assignment.tobytes()
    assert results[0].metrics["kernels"] == "triton"
    on_cpu = cluster(device="cpu")[0]
    assert np.mean(results[0].labels == on_cpu.labels) > 0.95


@pytest.mark.gpu
def test_losses_on_a_gpu_are_within_the_spread_over_seeds(monkeypatch):
    losses = {}
    for device in ("cuda", "cpu"):
        losses[device] = []
        for seed in range(6):
            monkeypatch.setitem(SETTINGS, "seed", seed)
            losses[device].append(cluster(device=device)[0].metrics["loss"])
    there, here = losses["cuda"], losses["cpu"]
    assert abs(np.mean(there) - np.mean(here)) < 2 * max(np.std(there), np.std(here))
