"""Fifty runs killed at random moments, resumed, and compared with one that was left alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT, SAMPLES

DRIVER = """
import json, os, random, signal, sys, time
import tvgnn_cli.api, tvgnn_cli.cli.job, sklearn.cluster, networkx, pandas, safetensors.torch
from tvgnn_cli.cli.main import run

graph, init, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
chosen = ['--init', init, '-k', '2',
          '--restarts', '2', '--epochs', '25', '--patience', '1000', '--hidden', '16',
          '--threads', '1', '--seed', '7', '-q', '--every', '0.03s']

def start(name):
    child = os.fork()
    if child == 0:
        sys.argv = ['tvgnn', 'cluster', graph, *chosen, '--checkpoint', name + '.states', '-o',
                    name + '.csv', '--metrics', name + '.json', '--save', name + '.model']
        code = 1
        try:
            run()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        finally:
            os._exit(code)
    return child

begun = time.perf_counter()
assert os.waitpid(start('whole'), 0)[1] == 0
took = time.perf_counter() - begun
dice, seen = random.Random(0), []
for index in range(runs):
    name = f'killed{index}'
    child = start(name)
    time.sleep(dice.uniform(0, 1.1 * took))
    os.kill(child, signal.SIGKILL)
    killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    states = os.listdir(name + '.states') if os.path.isdir(name + '.states') else []
    seen.append({'killed': killed, 'states': len([s for s in states if s[0] != '.'])})
    assert os.waitpid(start(name), 0)[1] == 0
print(json.dumps(seen))
"""
"""Forks instead of starting anew: an interpreter that has torch loaded serves all runs."""


@pytest.mark.parametrize("init", ["kmeans", "random"])
def test_killed_runs_end_with_the_bytes_of_one_that_was_not(tmp_path, init):
    """Twenty-five of each."""
    runs = 25
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(SAMPLES / "karate.csv"), init, str(runs)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert len(seen) == runs
    assert sum(run["killed"] for run in seen) >= 0.7 * runs, "few were killed in time"
    assert len({run["states"] for run in seen}) == 3, "killed before, in and after restart 0"
    for suffix in ("csv", "model"):
        whole = (tmp_path / f"whole.{suffix}").read_bytes()
        for index in range(runs):
            assert (tmp_path / f"killed{index}.{suffix}").read_bytes() == whole, index
