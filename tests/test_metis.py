"""METIS in a process of its own: what signals, and its failures, do to the run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from tvgnn_cli.errors import TrainingError
from tvgnn_cli.prepare import metis
from tvgnn_cli.prepare.metis import metis_parts
from tvgnn_cli.prepare.metis_process import found_parts

SIGNALLED = """
import os, signal, subprocess, time
import numpy as np
from tests.test_metis import random_neighbours
from tvgnn_cli.prepare.partition import partition

heard = []
signal.signal(signal.SIGTERM, lambda *_: heard.append(time.perf_counter()))
graph = random_neighbours(8_000)
begun = time.perf_counter()
wanted = partition(graph, 64, 1)
took = time.perf_counter() - begun
for share in (0.3, 0.5, 0.7, 0.9):
    sent = subprocess.Popen(["sh", "-c", f"sleep {share * took}; kill -TERM {os.getpid()}"])
    assert np.array_equal(partition(graph, 64, 1), wanted), share
    sent.wait()
assert len(heard) == 4, heard
assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])
print("all came")
"""

RAISING = """
import os, signal, threading
from tests.test_metis import random_neighbours
from tvgnn_cli.prepare.metis import metis_parts

def end(*_):
    raise KeyError("ended")

signal.signal(signal.SIGTERM, end)
graph = random_neighbours(30_000)
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
try:
    metis_parts(graph.indptr, graph.indices, 2_000, 1)
except KeyError:
    print("ended at once")
"""


def random_neighbours(n, degree=10):
    ends = np.random.default_rng(0).integers(0, n, (2, n * degree // 2))
    found = sp.csr_array((np.ones(ends.shape[1]), tuple(ends)), shape=(n, n))
    found = sp.csr_array(found + found.T)
    found.setdiag(0)
    found.eliminate_zeros()
    return found


def said_by(script):
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.returncode == 0, (ended.returncode, ended.stderr)
    return ended.stdout.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_signal_while_metis_works_reaches_the_run_and_changes_no_part():
    assert said_by(SIGNALLED) == "all came"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_run_that_a_signal_ends_does_not_wait_for_metis():
    assert said_by(RAISING) == "ended at once"


LONG = """
from tests.test_metis import random_neighbours
from tvgnn_cli.prepare.metis import metis_parts

graph = random_neighbours(100_000)
print("begun", flush=True)
metis_parts(graph.indptr, graph.indices, 20_000, 1)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such wish")
def test_metis_ends_with_the_run_that_is_killed():
    run = subprocess.Popen([sys.executable, "-c", LONG], stdout=subprocess.PIPE)
    assert run.stdout.readline() == b"begun\n"
    listed = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    assert within(30, lambda: listed.read_text().split())
    (child,) = listed.read_text().split()
    assert within(30, lambda: processor_seconds(child) > 0.5)  # it has read its graph
    run.kill()
    run.communicate()
    assert within(3, lambda: not Path(f"/proc/{child}/exe").exists())


def within(seconds, has_come):
    """Wait until something has come; whether it has in time."""
    until = time.monotonic() + seconds
    while not has_come() and time.monotonic() < until:
        time.sleep(0.02)
    return has_come()


def processor_seconds(process):
    used = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11]
    return int(used) / os.sysconf("SC_CLK_TCK")


def test_parts_of_the_process_are_those_of_a_call():
    graph = random_neighbours(500)
    found = metis_parts(graph.indptr, graph.indices, 9, 3)
    assert np.array_equal(found, found_parts(graph.indptr, graph.indices, 9, 3))
    assert found.flags.writeable


def test_files_of_the_current_folder_are_not_taken_for_libraries(monkeypatch, tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit(1)\n")
    monkeypatch.chdir(tmp_path)
    graph = random_neighbours(50)
    assert len(metis_parts(graph.indptr, graph.indices, 3, 3)) == 50


@pytest.mark.parametrize("executable", [None, "/nowhere/python"])
def test_where_no_process_can_be_started_metis_is_called(monkeypatch, executable):
    graph = random_neighbours(500)
    wanted = metis_parts(graph.indptr, graph.indices, 9, 3)
    monkeypatch.setattr(metis.sys, "executable", executable)
    assert np.array_equal(metis_parts(graph.indptr, graph.indices, 9, 3), wanted)


@pytest.mark.parametrize("call", ["raise SystemExit(1)", "pass", "import os; os.abort()"])
def test_metis_that_fails_is_told(monkeypatch, call):
    monkeypatch.setattr(metis, "CALL", call)
    graph = random_neighbours(50_000)
    with pytest.raises(TrainingError, match=r"without the parts of 50,000 vertices .* more memory"):
        metis_parts(graph.indptr, graph.indices, 9, 3)


def test_what_metis_raises_for_itself_is_a_failure(monkeypatch):
    monkeypatch.setattr(
        metis, "CALL",
        "import sys, json; sys.path[:] = json.loads(sys.argv[1]); import signal; "
        "from tvgnn_cli.prepare import metis_process; found = metis_process.found_parts; "
        "metis_process.found_parts = lambda *given: "
        "(signal.raise_signal(signal.SIGTERM), found(*given))[1]; metis_process.work()",
    )  # fmt: skip
    graph = random_neighbours(500)
    with pytest.raises(TrainingError, match="METIS ended without"):
        metis_parts(graph.indptr, graph.indices, 9, 3)
