"""Restarts side by side: the bytes of one after the other, whatever becomes of their processes."""

from __future__ import annotations

import hashlib
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import tvgnn_cli
from tests.fewer_starts import starts_in_use
from tvgnn_cli.cli.progress import progress
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import InterruptionError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.observer import Observer, Relay
from tvgnn_cli.prepare.prepared import prepare
from tvgnn_cli.run import work
from tvgnn_cli.run.machine import Machine
from tvgnn_cli.train import Checkpointing, Identity, beside
from tvgnn_cli.train.given_start import NOTHING

KARATE = Path(__file__).parent.parent / "sample_data" / "karate.csv"
CPU = torch.device("cpu")


class Listener(Observer):
    """Remembers phases and warnings, and may ask for the end."""

    def __init__(self, asked: Interruption | None = None) -> None:
        self.phases, self.warnings, self.asked = list[str](), list[str](), asked

    def phase(self, name: str, done: int = 0, total: int | None = None) -> None:  # noqa: ARG002
        self.phases.append(name)
        if self.asked is not None and "at a time" in name:
            self.asked.request("enough")

    def warning(self, text: str) -> None:
        self.warnings.append(text)


def clustered(
    listener: Observer | None = None, **options: Any
) -> tuple[str, tvgnn_cli.ClusterResult]:
    """Cluster by three restarts, and sum up all that came of it."""
    given = {"restarts": 3, "threads": 2, "view": "both", "epochs": 30, **options}
    result = tvgnn_cli.cluster(KARATE, 3, observer=listener, **given)
    told = {k: v for k, v in result.metrics.items() if k in ("loss", "best_seed", "stability_mean")}
    text = np.ascontiguousarray(result.assignment).tobytes() + repr((told, result.history)).encode()
    return hashlib.sha256(text).hexdigest() + result.metrics["model_fingerprint"], result


@pytest.fixture(autouse=True, scope="module")
def as_in_use() -> Iterator[None]:
    """Take as many k-means starts as in use: other processes know of no fewer."""
    with starts_in_use():
        yield


@pytest.fixture
def worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any restarts are worth processes."""
    monkeypatch.setattr(work, "LEAST_BESIDE", 0.0)


def test_bytes_are_those_of_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, alone = clustered(consensus=True)
    monkeypatch.setattr(work, "LEAST_BESIDE", 0.0)
    # Nothing is trained a second time here, also where states of before are not gone on from.
    monkeypatch.setattr("tvgnn_cli.train.stages._Stages.run", None)
    anew = Checkpointing(tmp_path / "states", resume="never")
    listener = Listener()
    after, found = clustered(listener, consensus=True, checkpointing=anew)
    assert [alone.metrics["restarts_at_a_time"], found.metrics["restarts_at_a_time"]] == [1, 2]
    assert listener.phases.count("training 2 restarts at a time") >= 3
    assert before == after


def test_files_of_the_current_folder_are_not_taken_for_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "LEAST_BESIDE", 0.0)
    monkeypatch.setattr("tvgnn_cli.train.stages._Stages.run", None)  # nothing is trained here
    (tmp_path / "json.py").write_text("raise SystemExit(1)\n")
    monkeypatch.chdir(tmp_path)
    assert clustered()[1].metrics["restarts_at_a_time"] == 2


def test_a_run_that_was_ended_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long, asked = {"epochs": 60, "patience": 60}, Interruption()
    before, _ = clustered(**long)
    states = tmp_path / "states"
    with monkeypatch.context() as patched:
        patched.setattr(work, "LEAST_BESIDE", 0.0)
        anew = Checkpointing(states, resume="never")
        with pytest.raises(InterruptionError, match="enough; the state is in"):
            clustered(Listener(asked), checkpointing=anew, interruption=asked, **long)
    kept = [path.name for path in states.glob("restart-*")]
    assert {"restart-00000.tvgnn", "restart-00001.tvgnn"} <= {*kept}
    assert clustered(checkpointing=Checkpointing(states, resume="must"), **long)[0] == before


@pytest.mark.usefixtures("worth")
@pytest.mark.parametrize("call", ["raise SystemExit(1)", "print('{', flush=True)"])
def test_a_process_that_dies_is_made_up_for(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "CALL", call)
    listener = Listener()
    after, _ = clustered(listener, restarts=2)
    monkeypatch.setattr(work, "LEAST_BESIDE", 1e30)
    assert after == clustered(restarts=2)[0]


@pytest.mark.usefixtures("worth")
def test_states_that_have_ended_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = Checkpointing(tmp_path / "states")
    before, _ = clustered(Silent(), checkpointing=states)
    monkeypatch.setattr(beside.subprocess, "Popen", None)  # would be called for two that wait
    after, _ = clustered(checkpointing=states)
    assert before == after


class Silent(Observer):
    """Wants each epoch."""

    def __init__(self) -> None:
        self.epochs = 0

    def epoch(self, report: Any) -> None:  # noqa: ARG002
        self.epochs += 1


@pytest.mark.usefixtures("worth")
def test_who_wants_each_epoch_has_them() -> None:
    silent = Silent()
    _, found = clustered(silent)
    assert found.metrics["restarts_at_a_time"] == 1
    assert silent.epochs > 3
    assert Relay(silent).wants_epochs
    assert not Relay(Listener()).wants_epochs
    with progress("lines") as lines:
        assert not lines.wants_epochs


def test_there_are_no_more_than_threads_memory_and_work_allow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph, config = read_graph(KARATE), ClusterConfig(num_clusters=3)
    monkeypatch.setattr("tvgnn_cli.run.memory.available_memory_mb", lambda: 1000.0)

    def count(threads: int, restarts: int, needed: float = 10.0, **machine: Any) -> int:
        run = Machine(threads, CPU, **machine).working_on(graph, config)
        assert run.threads == 1
        return run.restarts_at_a_time(graph, config, restarts, needed, 0.0)

    assert count(8, 4) == 1  # a second of work
    monkeypatch.setattr(work, "LEAST_BESIDE", 0.0)
    assert [count(8, 4), count(8, 20), count(1, 20), count(8, 1)] == [4, 8, 1, 1]
    assert [count(8, 20, needed=300.0), count(8, 20, needed=3000.0)] == [3, 1]
    assert count(8, 20, processes=2) == 1


def test_a_process_ends_with_the_run_that_asked_for_it(tmp_path: Path) -> None:
    config = ClusterConfig(num_clusters=3, epochs=10**6, patience=10**6, view="both")
    states, nobody = Checkpointing(tmp_path), Identity("", {}, {})
    task = beside.Task(
        prepare(read_graph(KARATE), config), config, NOTHING, (0,), states, nobody, 1,
        beside.kernels.in_use(CPU), frozenset(),
    )  # fmt: skip
    call = [sys.executable, "-c", beside.CALL, json.dumps(sys.path)]
    with subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(pickle.dumps(task))
        process.stdin.flush()
        assert "epochs" in json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.wait(20) == 1
