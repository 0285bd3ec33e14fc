"""Runs killed at random moments, resumed, and compared with one that was left alone.

Three from each start; fifty in all by `make test-kills`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT, SAMPLES

DRIVER = """
import glob, json, os, random, signal, sys, time
import tvgnn_cli.api, tvgnn_cli.cli.job, pandas, safetensors.torch
from tvgnn_cli.cli.main import run

graph, init, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
chosen = ['--init', init, '-k', '2',
          '--restarts', '2', '--epochs', '300', '--patience', '1000', '--hidden', '16',
          '--threads', '1', '--seed', '7', '-q', '--every', '0.01s']

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

def runs_still(child):
    return os.waitid(os.P_PID, child, os.WNOWAIT | os.WEXITED | os.WNOHANG) is None

def kept(name):
    return len(glob.glob(name + '.states/*'))

begun = time.perf_counter()
whole, first = start('whole'), None
while runs_still(whole):
    if first is None and kept('whole'):
        first = time.perf_counter()
    time.sleep(.001)
assert os.waitpid(whole, 0)[1] == 0
took, rest = time.perf_counter() - begun, time.perf_counter() - first
dice, seen, index = random.Random(0), [], 0
while len(seen) < runs:
    name, index = f'killed{index}', index + 1
    child, chance = start(name), dice.random()
    if index > 1 and index % 2:  # whenever
        time.sleep(chance * took)
    elif index % 2 == 0:  # after its first state
        while not kept(name) and runs_still(child):
            time.sleep(.001)
        time.sleep(chance * rest)
    os.kill(child, signal.SIGKILL)  # the very first at once, before there is a state
    if os.WIFSIGNALED(os.waitpid(child, 0)[1]):
        seen.append({'name': name, 'states': kept(name)})
    assert os.waitpid(start(name), 0)[1] == 0
print(json.dumps(seen))
"""
"""Forks instead of starting anew: an interpreter that has torch loaded serves all runs."""


@pytest.mark.parametrize("init", ["kmeans", "random"])
def test_killed_runs_end_with_the_bytes_of_one_that_was_not(tmp_path, init):
    runs = int(os.environ.get("TVGNN_KILLS", "6")) // 2
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(SAMPLES / "karate.csv"), init, str(runs)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert len(seen) == runs
    assert len({run["states"] for run in seen}) > 1, "killed before and after the first state"
    for suffix in ("csv", "model"):
        whole = (tmp_path / f"whole.{suffix}").read_bytes()
        for name in (run["name"] for run in seen):
            assert (tmp_path / f"{name}.{suffix}").read_bytes() == whole, name
