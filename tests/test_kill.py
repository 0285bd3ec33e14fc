"""Runs killed at random moments, resumed, and compared with one that was left alone.

Three from each start; fifty in all by `make test-kills`.
"""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from tests.conftest import SAMPLES

CHOSEN = ("-k", 2, "--restarts", 2, "--epochs", 100, "--patience", 1000, "--hidden", 16,
          "--threads", 1, "--seed", 7, "-q", "--every", "0.01s")  # fmt: skip


@pytest.mark.parametrize("init", ["kmeans", "random"])
def test_killed_runs_end_with_the_bytes_of_one_that_was_not(forks, tmp_path, init):
    runs = int(os.environ.get("TVGNN_KILLS", "6")) // 2

    def start(name):
        return forks.start(
            "cluster", SAMPLES / "karate.csv", "--init", init, *CHOSEN,
            "--checkpoint", f"{name}.states", "-o", f"{name}.csv", "--metrics", f"{name}.json",
            "--save", f"{name}.model", cwd=tmp_path,
        )  # fmt: skip

    def kept(name):
        return len(list(tmp_path.glob(f"{name}.states/*")))

    begun = time.perf_counter()
    whole = start("whole")
    whole.until(lambda: kept("whole"), 0.001)
    first = time.perf_counter()
    said = whole.ended()
    assert whole.returncode == 0, said
    took, rest = time.perf_counter() - begun, time.perf_counter() - first
    dice, seen, index = random.Random(0), {}, 0
    while len(seen) < runs:
        name, index = f"killed{index}", index + 1
        killed, chance = start(name), dice.random()
        if index > 1 and index % 2:  # whenever
            time.sleep(chance * took)
        elif index % 2 == 0:  # after its first state
            while not kept(name) and killed.poll() is None:
                time.sleep(0.001)
            time.sleep(chance * rest)
        killed.send_signal(signal.SIGKILL)  # the very first at once, before there is a state
        killed.ended()
        if killed.returncode < 0:
            seen[name] = kept(name)
        again = start(name)
        said = again.ended()
        assert again.returncode == 0, said
    assert len(set(seen.values())) > 1, "killed before and after the first state"
    for suffix in ("csv", "model"):
        one = (tmp_path / f"whole.{suffix}").read_bytes()
        for name in seen:
            assert (tmp_path / f"{name}.{suffix}").read_bytes() == one, name
