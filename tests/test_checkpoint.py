"""Runs that are ended and go on: the same bytes as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

import tvgnn_cli
from tests.conftest import SAMPLES
from tvgnn_cli.cli import signals
from tvgnn_cli.cli.durations import seconds_of
from tvgnn_cli.errors import InputError, InterruptionError, TrainingError, UsageError
from tvgnn_cli.evaluation.metric_table import VOLATILE
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io import atomic
from tvgnn_cli.io.state_file import State, read_state, write_state
from tvgnn_cli.observer import Observer
from tvgnn_cli.train import Checkpointing
from tvgnn_cli.train.checkpoint import FORMAT, WHAT

SMALL = {"num_clusters": 2, "hidden": 8, "mlp_hidden": 8, "epochs": 12, "restarts": 2, "threads": 1}


pytestmark = pytest.mark.usefixtures("quick_start")


class After(Interruption):
    """Asks a run to end after so many steps."""

    def __init__(self, steps):
        super().__init__()
        self._steps = steps

    @property
    def reason(self):
        self._steps -= 1
        return "enough" if self._steps < 0 else None


class Listener(Observer):
    def __init__(self):
        self.epochs, self.phases, self.warnings = [], [], []

    def phase(self, name, done=0, total=None):  # noqa: ARG002
        self.phases.append((name, done))

    def epoch(self, report):
        self.epochs.append((report.restart, report.epoch))

    def warning(self, text):
        self.warnings.append(text)


def keeping(folder, steps=None, **settings):
    """Arguments of a run that keeps states, and ends after so many steps."""
    interruption = Interruption() if steps is None else After(steps)
    return {"checkpointing": Checkpointing(folder, **settings), "interruption": interruption}


def in_pieces(graph, folder, steps, **settings):
    """The result of a run that is ended every so many steps; and how often it was."""
    for ended in range(10_000):
        try:
            kept = keeping(folder, steps, every=1e9)
            return tvgnn_cli.cluster(graph, **kept, **settings), ended
        except InterruptionError as error:
            assert (error.exit_code, str(folder) in str(error)) == (75, True)  # noqa: PT017
    raise AssertionError("the run never ends")


def same_bytes(one, other):
    assert one.assignment.tobytes() == other.assignment.tobytes()
    assert one.history == other.history
    assert one.model.fingerprint() == other.model.fingerprint()
    volatile = VOLATILE
    for name in one.metrics.keys() | other.metrics.keys():
        assert name in volatile or one.metrics[name] == other.metrics[name], name


@pytest.mark.parametrize("steps", [13, 29, 47])
@pytest.mark.parametrize("init", ["kmeans", "random"])
def test_a_run_in_pieces_gives_the_bytes_of_one_in_one_go(two_cliques, tmp_path, init, steps):
    settings = {**SMALL, "init": init, "patience": 3}
    whole = tvgnn_cli.cluster(two_cliques, **settings)
    pieces, ended = in_pieces(two_cliques, tmp_path / "c", steps, **settings)
    same_bytes(pieces, whole)
    assert ended >= 1 or (init == "random" and steps > 10), "nothing was interrupted"


def test_the_best_weights_outlive_an_end_that_comes_after_them(two_cliques, tmp_path):
    settings = {**SMALL, "init": "random", "restarts": 1, "lr": 0.5, "patience": 12}
    whole = tvgnn_cli.cluster(two_cliques, **settings)
    assert int(np.argmin(whole.history)) < len(whole.history) - 4, "the last epochs are not best"
    pieces, ended = in_pieces(two_cliques, tmp_path / "c", 2, **settings)
    assert ended > 4
    same_bytes(pieces, whole)


def test_a_restart_apart_gives_the_weights_that_it_has_among_all(two_cliques, tmp_path):
    noise = np.random.default_rng(1).normal(size=(12, 3)).astype("f4")
    graph = replace(two_cliques, x=noise)
    settings = {**SMALL, "filter_steps": 0, "restarts": 3}
    alone = [tvgnn_cli.cluster(graph, only=range(r, r + 1), **settings) for r in range(3)]
    assert len({result.metrics["balance_coeff"] for result in alone}) == 1
    best = min(alone, key=lambda one: (-one.metrics["support"], one.metrics["loss"]))
    same_bytes(tvgnn_cli.cluster(graph, **settings), best)
    pieces, _ = in_pieces(graph, tmp_path / "c", 9, only=range(2, 3), **settings)
    same_bytes(pieces, alone[2])


def test_restarts_that_are_done_are_not_trained_again_and_more_can_be_added(two_cliques, tmp_path):
    def run(**settings):
        heard = Listener()
        tvgnn_cli.cluster(two_cliques, **keeping(tmp_path), observer=heard, **{**SMALL, **settings})
        return {restart for restart, _ in heard.epochs}

    assert run() == {0, 1}
    assert run() == set()
    assert run(restarts=3) == {2}


def test_a_failed_restart_stays_failed(two_cliques, tmp_path, monkeypatch):
    tried = []

    def diverge(learner, config, restart, *others):
        tried.append(restart)
        raise TrainingError(f"the loss is nan at epoch {restart}")

    monkeypatch.setattr(sys.modules["tvgnn_cli.train.stages"], "descend", diverge)
    for _ in range(2):
        with pytest.raises(TrainingError, match="the loss is nan at epoch 0"):
            tvgnn_cli.cluster(two_cliques, **keeping(tmp_path), **SMALL)
        assert tried == [0, 1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lr": 1e-2}, "lr is 0.01 here and 0.0003 there"),
        ({"seed": 5}, "seed is 5 here and 0 there"),
        ({"features": None}, "the input differs"),
    ],
)
def test_states_of_another_run_are_refused(two_cliques, tmp_path, change, words):
    tvgnn_cli.cluster(two_cliques, **keeping(tmp_path), **SMALL)
    graph = two_cliques
    if "features" in change:
        graph, change = replace(two_cliques, x=two_cliques.x + 1), {}
    with pytest.raises(UsageError, match=words):
        tvgnn_cli.cluster(graph, **keeping(tmp_path), **{**SMALL, **change})
    anew = keeping(tmp_path, resume="never")
    tvgnn_cli.cluster(graph, **anew, **{**SMALL, **change})


def test_resuming_can_be_demanded(two_cliques, tmp_path):
    with pytest.raises(UsageError, match="nothing to resume from"):
        tvgnn_cli.cluster(two_cliques, **keeping(tmp_path, resume="must"), **SMALL)
    tvgnn_cli.cluster(two_cliques, **keeping(tmp_path), **SMALL)
    tvgnn_cli.cluster(two_cliques, **keeping(tmp_path, resume="must"), **SMALL)


def test_other_threads_are_told_of(two_cliques, tmp_path, monkeypatch):
    monkeypatch.setattr("tvgnn_cli.run.machine.worthwhile_threads", lambda *_: 2)
    heard = Listener()
    for threads in (1, 2):
        settings = {**SMALL, "threads": threads}
        kept = keeping(tmp_path)
        tvgnn_cli.cluster(two_cliques, **kept, observer=heard, **settings)
    assert "made with threads 1, this is 2" in heard.warnings[0]


def test_a_damaged_state_is_named(two_cliques, tmp_path):
    tvgnn_cli.cluster(two_cliques, **keeping(tmp_path), **SMALL)
    (path,) = tmp_path.glob("*00001*")
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match=r"restart-00001\.tvgnn: is not a checkpoint"):
        tvgnn_cli.cluster(two_cliques, **keeping(tmp_path), **SMALL)


def test_a_full_disk_ends_no_run_and_costs_no_state(two_cliques, tmp_path, monkeypatch):
    module = sys.modules["tvgnn_cli.train.checkpoint"]
    with pytest.raises(InterruptionError):
        tvgnn_cli.cluster(two_cliques, **keeping(tmp_path, 20), **SMALL)
    (path,) = tmp_path.glob("restart-*")
    before = path.read_bytes()

    def full(path, kind, state):
        raise UsageError(f"{path}: cannot be written: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_state", full)
        heard, settings = Listener(), keeping(tmp_path, every=0)
        tvgnn_cli.cluster(two_cliques, **settings, observer=heard, **SMALL)
        kept = "No space left on device; training goes on, the older state is kept"
        assert kept in heard.warnings[0]
        assert len(heard.warnings) <= 2, "one for each restart"
        heard = Listener()
        with pytest.raises(InterruptionError, match="the same command goes on"):
            tvgnn_cli.cluster(two_cliques, **keeping(tmp_path, 3), observer=heard, **SMALL)
        assert "No space left on device; the older state is kept" in heard.warnings[0]
        with pytest.raises(UsageError, match="No space left"):
            tvgnn_cli.cluster(two_cliques, **keeping(tmp_path / "new", 3), **SMALL)
        heard, settings = Listener(), keeping(tmp_path / "none", every=0)
        tvgnn_cli.cluster(two_cliques, **settings, observer=heard, **SMALL)
        assert "No space left on device; training goes on, without a state" in heard.warnings[0]
    assert path.read_bytes() == before


def test_starting_anew_leaves_nothing_of_the_run_before(two_cliques, tmp_path):
    tvgnn_cli.cluster(two_cliques, **keeping(tmp_path), **{**SMALL, "restarts": 3})
    others = {**SMALL, "seed": 7}
    with pytest.raises(InterruptionError, match="the same command without `resume` never"):
        tvgnn_cli.cluster(two_cliques, **keeping(tmp_path, 5, resume="never"), **others)
    same_bytes(
        tvgnn_cli.cluster(two_cliques, **keeping(tmp_path), **others),
        tvgnn_cli.cluster(two_cliques, **others),
    )


def test_a_time_limit_that_is_over_before_the_first_step_still_allows_one(two_cliques, tmp_path):
    settings = {**SMALL, "init": "random", "restarts": 1}
    result, ended = None, 0
    while result is None:
        kept = {"checkpointing": Checkpointing(tmp_path), "interruption": Interruption(0)}
        try:
            result = tvgnn_cli.cluster(two_cliques, **kept, **settings)
        except InterruptionError:
            ended += 1
            assert ended < 100, "the run never ends"
    assert ended > 3
    same_bytes(result, tvgnn_cli.cluster(two_cliques, **settings))


def test_what_a_killed_process_left_half_written_is_removed(tmp_path):
    path = tmp_path / "state[1].tvgnn"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    names = [f".{path.name}.{atomic._process(number)}.x" for number in (dead.pid, os.getpid())]
    elsewhere = [f".{path.name}.othernode-1.{letter}" for letter in "ab"]
    for name in (*names, *elsewhere):
        (tmp_path / name).write_text("half")
    os.utime(tmp_path / elsewhere[0], (1, 1))
    atomic.remove_leftovers(path)
    assert {left.name for left in tmp_path.iterdir()} == {names[1], elsewhere[1]}


def test_epochs_are_timed_from_the_first_that_this_process_saw(two_cliques, tmp_path):
    settings = {**SMALL, "restarts": 1, "init": "random"}
    with pytest.raises(InterruptionError):
        tvgnn_cli.cluster(two_cliques, **keeping(tmp_path, 12), **settings)
    result = tvgnn_cli.cluster(two_cliques, **keeping(tmp_path), **settings)
    seconds = result.metrics.get("seconds_per_epoch", 0)
    assert seconds <= result.metrics["seconds"]


@pytest.mark.parametrize(
    ("arguments", "is_resumable"),
    [
        (["cluster", "g.csv"], False),
        (["cluster", "g.csv", "--checkpoint=c"], True),
        (["batch", "m.csv"], True),
        (["reproduce", "table1", "--results", "rows"], True),
        (["reproduce", "page"], False),
    ],
)
def test_what_a_signal_does_before_a_command_listens(monkeypatch, arguments, is_resumable):
    made = {}
    monkeypatch.setattr(signals.signal, "signal", made.__setitem__)
    signals.first_handlers(arguments)
    wanted = signals.start_again if is_resumable else signals.end_at_once
    assert set(made.values()) == {wanted}
    assert (signal.SIGUSR1 in made) is is_resumable


@pytest.mark.parametrize("name", ["SIGTERM", "SIGUSR1"])
def test_a_signal_that_comes_while_the_command_starts(tmp_path, name):
    code = (
        "import os, signal, sys; from tvgnn_cli.cli import main;"
        f"main.app = lambda **_: os.kill(os.getpid(), signal.{name}); main.run()"
    )
    for arguments, expected in ((["cluster", "g", "--checkpoint=c"], 75), (["batch", "m"], 75)):
        ended = subprocess.run([sys.executable, "-c", code, *arguments], check=False)
        assert ended.returncode == expected
    ended = subprocess.run([sys.executable, "-c", code, "cluster", "g"], check=False)
    assert ended.returncode == (130 if name == "SIGTERM" else -signal.SIGUSR1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90), ("5min", 300), ("1.5h", 5400), ("2 d", 172800), ("01:50:00", 6600),
        ("1-12:00:00", 129600), ("0", 0),
    ],
)  # fmt: skip
def test_spans_of_time(text, seconds):
    assert seconds_of("--every", text) == seconds


@pytest.mark.parametrize("text", ["5", "", "-5min", "5 weeks", "1:99:00", "50:00"])
def test_spans_of_time_that_are_none(text):
    with pytest.raises(UsageError, match="--every is"):
        seconds_of("--every", text)


@pytest.fixture
def start(forks, tmp_path):
    """Start a run that does not end by itself, which keeps its state in `c`."""

    def started(*arguments, ignored=()):
        return forks.start(
            "cluster", SAMPLES / "planted.graphml", "-k", 4, "--threads", 1, "--checkpoint", "c",
            "--epochs", 100000, "--patience", 100000, *arguments, cwd=tmp_path, ignored=ignored,
        )  # fmt: skip

    return started


def until_there_is_a_state(process, folder):
    process.until(lambda: list(folder.glob("c/restart-*")))


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGUSR1", "SIGUSR2", "SIGHUP"])
def test_a_signal_keeps_the_state_and_ends_with_75(start, tmp_path, name):
    process = start("--every", "0", "--quiet")
    until_there_is_a_state(process, tmp_path)
    process.send_signal(getattr(signal, name))
    said = process.ended()
    assert process.returncode == 75
    assert f"{name} was received; the state is in c" in said
    assert "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c"]
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["restart-00000.tvgnn"]


def test_a_run_that_is_to_outlive_its_terminal_does(start, tmp_path):
    process = start("--every", "0", "--quiet", ignored=["SIGHUP"])  # as nohup does
    until_there_is_a_state(process, tmp_path)
    process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    said = process.ended()
    assert process.returncode == 75
    assert "SIGTERM was received" in said


def test_max_time_keeps_the_state_and_ends_with_75(start, tmp_path):
    process = start("--max-time", "1s", "--quiet")
    said = process.ended()
    assert process.returncode == 75, said
    assert "the time is over; the state is in c" in said
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["restart-00000.tvgnn"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--every", "5min"], "--every needs --checkpoint"),
        (["--max-time", "1h"], "--max-time needs --checkpoint"),
        (["--resume", "must"], "--resume needs --checkpoint"),
        (["--checkpoint", "c", "--every", "5"], "--every is '5'; write 90s"),
        (["--checkpoint", "no/such/folder"], "cannot be made: No such file"),
        (["--checkpoint", "a-file"], "cannot be made: File exists"),
    ],
)
def test_options_that_cannot_work(tvgnn, tmp_path, arguments, words):
    (tmp_path / "a-file").write_text("")
    outcome = tvgnn("cluster", SAMPLES / "karate.csv", "-k", 2, *arguments)
    assert outcome.code == 2
    assert words in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["a-file"]


REPLACING = """
import itertools, os, sys
path, *made = sys.argv[1:]
for file in itertools.cycle(made):
    os.link(file, path + ".next")
    os.rename(path + ".next", path)
"""


def test_a_state_is_read_whole_while_others_take_its_place(tmp_path):
    path, made = tmp_path / "state", [tmp_path / "small", tmp_path / "large"]
    for size, file in zip((100, 2000), made, strict=True):
        write_state(file, FORMAT, State({"a": torch.zeros(size)}, {"size": size}))
    path.write_bytes(made[1].read_bytes())
    writer = subprocess.Popen([sys.executable, "-c", REPLACING, *map(str, [path, *made])])
    try:
        sizes = []
        while sizes.count(100) < 1000 and writer.poll() is None:
            state = read_state(path, FORMAT, WHAT)
            assert len(state.tensors["a"]) == state.facts["size"]
            sizes.append(state.facts["size"])
        assert set(sizes) == {100, 2000}
    finally:
        writer.kill()
        writer.wait()
