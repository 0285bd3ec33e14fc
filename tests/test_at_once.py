"""Pieces of work that several processes do at the same time: the same rows, whatever happens."""

from __future__ import annotations

import errno
import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import wait
from pathlib import Path

import pytest

from tests.some_graphs import SMALL, some_set
from tvgnn_cli import cross_validate, sweep
from tvgnn_cli.errors import InputError, InterruptionError, TrainingError, UsageError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.jobs import at_once, sweep_rows
from tvgnn_cli.jobs.at_once import done_at_once, threads_of_each
from tvgnn_cli.jobs.piece_process import PieceProcess
from tvgnn_cli.machine import free_memory
from tvgnn_cli.observer import Observer
from tvgnn_cli.train import Checkpointing

KARATE = Path(__file__).parent.parent / "sample_data" / "karate.csv"


@dataclass(frozen=True)
class Notes:
    """Pieces that each leave a file of their process, or do what the name of theirs says."""

    folder: Path
    what: tuple[str, ...]

    def do(self, position, interruption, observer):
        what = self.what[position]
        if what == "waits":
            (self.folder / "waits").touch()
            while interruption.reason is None:
                time.sleep(0.01)
            raise InterruptionError("asked")
        if what == "refuses":
            raise InputError("line 7 is no edge")
        if what == "breaks":
            raise ZeroDivisionError("a bug")
        if what == "is full":
            raise OSError(errno.ENOSPC, "No space left on device", "row.json")
        if what == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "warns":
            observer.warning(f"of {position}")
        room = free_memory.available_memory_mb()
        (self.folder / f"{position}-{os.getpid()}").write_text(f"{room}")


class Heard(Observer):
    def __init__(self):
        self.warnings, self.done = [], []

    def warning(self, text):
        self.warnings.append(text)

    def phase(self, _name, done=0, _total=None):
        self.done.append(done)


def do(folder, what, jobs=2, asked=None, heard=None):
    made = []

    def pieces(kept):
        made.append(kept.folder)
        return Notes(folder, tuple(what))

    with done_at_once(
        jobs, pieces, range(len(what)), Checkpointing(), asked or Interruption(), heard or Heard()
    ) as (found, _):
        assert found.folder is None if min(jobs, len(what)) == 1 else found.folder.is_dir()
    assert not any(each.exists() for each in made), "temporary"


@pytest.mark.usefixtures("forked_workers")
def test_each_piece_is_done_once_by_processes_that_share_memory(tmp_path):
    heard, free = Heard(), free_memory.available_memory_mb()
    do(tmp_path, ["", "warns", "", "", "warns"], heard=heard)
    done = sorted(path.name.split("-") for path in tmp_path.iterdir())
    assert [int(position) for position, _ in done] == [0, 1, 2, 3, 4]
    assert len({process for _, process in done} - {str(os.getpid())}) == 2
    assert sorted(heard.warnings) == ["of 1", "of 4"]
    assert heard.done[0] == 0
    assert heard.done[-1] == 5
    assert max(float(path.read_text()) for path in tmp_path.iterdir()) < 0.75 * free


@pytest.mark.usefixtures("forked_workers")
@pytest.mark.parametrize(("what", "error", "words"), [
    (["", "refuses", "waits"], InputError, "^line 7 is no edge$"),
    (["", "breaks", ""], ZeroDivisionError, "^a bug$"),
    (["is full", "waits"], OSError, r"No space left on device: 'row\.json'"),
    (["dies", "waits"], TrainingError, r"killed \(SIGKILL\), as for want of memory; try fewer"),
])  # fmt: skip
def test_what_fails_in_a_process_fails_here_and_ends_the_others(tmp_path, what, error, words):
    forkserver.ensure_running()
    before = children_of(server := forkserver._forkserver._forkserver_pid)
    with pytest.raises(error, match=words) as raised:
        do(tmp_path, what)
    assert all_end(children_of(server) - before)
    if error is ZeroDivisionError:
        assert "in do" in str(raised.value.__cause__), "the traceback of the process"


@pytest.mark.usefixtures("forked_workers")
def test_processes_are_told_to_end(tmp_path):
    asked = Interruption(seconds=0.5)
    with pytest.raises(InterruptionError, match="the time is over; nothing is kept"):
        do(tmp_path, ["waits", "waits", ""], asked=asked)
    assert not list(tmp_path.glob("*-*"))


@pytest.mark.parametrize("is_ready", [False, True])
def test_a_process_lives_through_signals_and_ends_its_piece_when_it_is_told(tmp_path, is_ready):
    process = PieceProcess(0, 1e6)
    try:
        process.give(pickle.dumps(Notes(tmp_path, ("waits",))))
        process.take(0)
        while is_ready and not (tmp_path / "waits").exists():
            time.sleep(0.01)
        for number in (signal.SIGINT, signal.SIGUSR1, signal.SIGHUP, signal.SIGTERM):
            os.kill(process._process.pid, number)
        assert wait(process.signs(), timeout=60)
        assert not process.ended(Heard())
        assert process._process.is_alive()
    finally:
        process.close()


@pytest.mark.usefixtures("forked_workers")
def test_rows_are_read_though_an_end_is_asked_for_once_all_are_done(tmp_path):
    asked = Interruption()

    class Asks(Observer):
        def phase(self, _name, done=0, total=None):
            if done == total:
                asked.request("too late")

    pieces = Notes(tmp_path, ("", ""))
    with done_at_once(2, lambda _: pieces, range(2), Checkpointing(), asked, Asks()) as found:
        assert asked.reason == "too late"
        assert found[1].reason is None


def test_one_process_is_this_one(tmp_path):
    do(tmp_path, ["dies", "dies"], jobs=1)
    do(tmp_path, ["dies"], jobs=4)
    assert (threads_of_each(None, 1), threads_of_each(8, 3), threads_of_each(2, 5)) == (None, 2, 1)


def test_numbers_of_processes_that_cannot_be():
    with pytest.raises(UsageError, match="`jobs` is 0; needs to be at least 1"):
        cross_validate(some_set(), jobs=0)
    with pytest.raises(UsageError, match="`jobs` is -1"):
        sweep(KARATE, [2], jobs=-1)
    with pytest.raises(UsageError, match="leave `jobs` out"):
        sweep(KARATE, [2, 3], stop_after=1, jobs=2)


@pytest.mark.usefixtures("forked_workers")
def test_cross_validations_have_the_same_rows(tmp_path):
    graphs, given = some_set(12), {"folds": 3, "runs": 1, **SMALL}
    alone = cross_validate(graphs, threads=1, **given)
    found = cross_validate(graphs, threads=2, jobs=2, **given)
    assert found.to_frame().equals(alone.to_frame())
    assert (found.confusion == alone.confusion).all()
    kept = Checkpointing(tmp_path, resume="never")
    cross_validate(graphs, threads=2, jobs=2, checkpointing=kept, only=[2, 0], **given)
    assert sorted(path.name[:5] for path in tmp_path.glob("cv-*.json")) == ["cv-00", "cv-02"]
    next(tmp_path.glob("cv-02*")).unlink()  # so that there are two for processes to do
    again = Checkpointing(tmp_path, resume="must")
    found = cross_validate(graphs, threads=2, jobs=2, checkpointing=again, **given)
    assert found.to_frame().equals(alone.to_frame())


class Trained(Heard):
    def phase(self, name, done=0, total=None):
        super().phase(name, done, total)
        assert not name.endswith(", epoch"), "nothing is trained here"


@pytest.mark.usefixtures("forked_workers")
def test_rows_that_are_there_start_no_process_and_are_not_made_again(tmp_path, monkeypatch):
    graphs, given = some_set(12), {"folds": 3, "runs": 1, "jobs": 2, **SMALL}
    for resume in ("never", "auto"):
        kept = Checkpointing(tmp_path / "cv", resume=resume)
        cross_validate(graphs, checkpointing=kept, observer=Trained(), **given)
        kept = Checkpointing(tmp_path / "sweep", resume=resume)
        sweep(KARATE, [2, 3], epochs=5, checkpointing=kept, observer=Trained(), jobs=2)
        monkeypatch.setattr(at_once, "PieceProcess", None)  # which cannot be started


def test_nothing_to_resume_from_is_said_before_any_process_starts(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="there is nothing to resume from"):
        cross_validate(some_set(12), jobs=2, checkpointing=Checkpointing(tmp_path, resume="must"))


def test_rows_that_failed_are_the_same_from_a_folder(monkeypatch, tmp_path):
    def fails(*_, **__):
        raise TrainingError("no number")

    monkeypatch.setattr(sweep_rows, "cluster", fails)
    alone = sweep(KARATE, [2, 3])
    kept = sweep(KARATE, [2, 3], checkpointing=Checkpointing(tmp_path))
    assert [row["error"] for row in alone.rows] == ["no number"] * 2
    assert alone.rows == kept.rows


@pytest.mark.usefixtures("forked_workers")
def test_sweeps_have_the_same_rows_and_files(tmp_path):
    given = {"epochs": 5, "restarts": 2}
    alone = sweep(KARATE, [2, 3, 4], threads=1, keep=tmp_path / "a", **given)
    found = sweep(KARATE, [2, 3, 4], threads=2, jobs=2, keep=tmp_path / "b", **given)
    for one, other in zip(alone.rows, found.rows, strict=True):
        assert {n for n in one if one[n] != other[n]} <= {n for n in one if "seconds" in n} | {
            "peak_memory_mb", "memory_estimate_mb"
        }  # fmt: skip
    assert found.suggestion == alone.suggestion
    for path in (tmp_path / "a").glob("*.clusters.csv"):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def children_of(process) -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        if parent == process:
            found.add(int(path.parent.name))
    return found


def all_end(processes) -> bool:
    """Whether none of them runs any more, or not for long."""
    until = time.monotonic() + 10
    while any(map(is_running, processes)) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(map(is_running, processes))


def is_running(process) -> bool:
    try:
        told = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return told.rpartition(")")[2].split()[0] != "Z"  # ended, which its parent has not asked


def run_of(folder, *more):
    return [
        "classify", "cv", "shapes", "--folds", "3", "--runs", "1", "--epochs", "6", "--patience",
        "100", "--hidden", "8", "--layers", "1", "-o", str(folder / "cv.csv"), *more,
    ]  # fmt: skip


def test_a_signal_ends_all_processes_and_the_same_command_goes_on(tmp_path, forks):
    kept = ("--checkpoint", str(tmp_path / "c"), "--every", "0s", "--jobs", "2", "--threads", "2")
    process = forks.start(*run_of(tmp_path, *kept), cwd=tmp_path, as_group=True)
    process.until(lambda: list((tmp_path / "c").glob("states-*/*")))
    workers = children_of(process.pid)
    os.killpg(process.pid, signal.SIGTERM)  # to all of them, as a terminal and some schedulers do
    said = process.ended()
    assert process.returncode == 75, said
    assert "SIGTERM was received; the same command goes on from" in said
    assert len(workers) > 1
    assert all_end(workers)
    assert not (tmp_path / "cv.csv").exists()
    again = forks.start(*run_of(tmp_path, *kept, "-q"), cwd=tmp_path)
    (tmp_path / "one").mkdir()
    alone = forks.start(*run_of(tmp_path / "one", "--threads", "1", "-q"), cwd=tmp_path)
    assert not again.ended()
    assert not alone.ended()
    assert (tmp_path / "cv.csv").read_bytes() == (tmp_path / "one" / "cv.csv").read_bytes()


def test_processes_end_with_one_that_is_killed(tmp_path, forks):
    process = forks.start(
        *run_of(tmp_path, "--jobs", "2", "--epochs", "100000", "--patience", "100000", "-q"),
        cwd=tmp_path, TMPDIR=str(tmp_path),  # the folder of its rows is left there
    )  # fmt: skip
    deadline = time.monotonic() + 60
    workers = set()
    while len(workers) < 3 and time.monotonic() < deadline:  # and one that watches resources
        workers = children_of(process.pid)
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.ended()
    assert all_end(workers)


def test_a_signal_while_processes_start_ends_all(tmp_path, forks):
    kept = ("--checkpoint", str(tmp_path / "c"), "--jobs", "2", "--threads", "2")
    process = forks.start(*run_of(tmp_path, *kept), cwd=tmp_path, as_group=True)
    process.until(lambda: len(children_of(process.pid)) > 1)
    os.killpg(process.pid, signal.SIGINT)
    said = process.ended()
    assert process.returncode == 75, said
    assert "Traceback" not in said


def test_a_script_that_would_start_itself_is_told_so(tmp_path):
    edges = tmp_path / "edges.csv"  # more of them than a pipe holds
    edges.write_text("".join(f"{i},{(i * 7 + j) % 9999}\n" for i in range(9999) for j in (1, 2)))
    script = tmp_path / "script.py"
    script.write_text(f"import tvgnn_cli\ntvgnn_cli.sweep({str(edges)!r}, [2, 3], jobs=2)\n")
    ran = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 1
    assert (
        "UsageError: a process of `jobs` could not start; a script calls this below" in ran.stderr
    )
