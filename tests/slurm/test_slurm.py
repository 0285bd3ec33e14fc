"""A real Slurm of one node: arrays, signals, preemption, requeue. Run by `make test-slurm`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, SAMPLES
from tvgnn_cli.evaluation.metric_table import VOLATILE

HERE = Path(__file__).parent
WANTED = bool(os.environ.get("TVGNN_TEST_SLURM"))
pytestmark = pytest.mark.skipif(not WANTED, reason="starts a Slurm: run make test-slurm")

LONG = ("--epochs", "4000", "--patience", "4000", "--hidden", "32")
"""Some seconds of training, so that there is something to interrupt."""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    """The environment in which sbatch, scancel and tvgnn work."""
    folder = tmp_path_factory.mktemp("slurm")
    for parent in (folder, folder.parent, folder.parent.parent):
        parent.chmod(0o755)
    started = subprocess.run(
        [HERE / "start.sh", folder], capture_output=True, text=True, check=False
    )
    assert started.returncode == 0, started.stdout + started.stderr
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    yield {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "PATH": path,
           "PYTHONPATH": str(ROOT)}  # fmt: skip
    subprocess.run([HERE / "stop.sh", folder], check=False)


@pytest.fixture
def cluster(slurm, tmp_path):
    """Run commands of a page in an empty folder with a graph in it."""
    (tmp_path / "graph.graphml").write_bytes((SAMPLES / "planted.graphml").read_bytes())
    return Cluster(slurm, tmp_path)


class Cluster:
    def __init__(self, environment, folder):
        self.environment, self.folder = environment, folder

    def run(self, *command):
        done = subprocess.run(
            [str(word) for word in command], cwd=self.folder, env=self.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}{self.logs()}"
        return done.stdout

    def submit(self, script, *options):
        (self.folder / "job.sh").write_text(script)
        return int(re.search(r"\d+$", self.run("sbatch", *options, "job.sh").strip())[0])

    def states(self, job):
        """State of each task of a job, by its number in the array (or the job's own)."""
        columns = "ArrayTaskID:30,JobID:30,State:30,RestartCnt:30"
        shown = self.run("squeue", "--noheader", "--array", "--states", "all", "--jobs", job,
                         "--Format", columns)  # fmt: skip
        found = {}
        for line in shown.splitlines():
            task, number, state, restarts = line.split()
            found[int(task if task.isdigit() else number)] = (state, int(restarts))
        return found

    def wait(self, reached, seconds=240):
        until = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < until, self.logs() + self.run("squeue", "--states", "all")
            time.sleep(0.3)

    def ended(self, job):
        return all(state == "COMPLETED" for state, _ in self.states(job).values())

    def logs(self):
        return "\n".join(f"{p.name}: {p.read_text()}" for p in self.folder.glob("*.log"))

    def bytes(self, *names):
        return [(self.folder / name).read_bytes() for name in names]


def test_a_job_that_is_told_to_end_goes_on_and_gives_the_same_bytes(cluster):
    length = ("--epochs", "20000", "--patience", "20000", "--hidden", "32")
    command = ("cluster", "graph.graphml", "-k", "4", *length, "--threads", "1")
    cluster.run("tvgnn", *command, "-o", "whole.csv", "--save", "whole.model")
    script = cluster.run("tvgnn", "slurm", "--time", "00:10:00", "--", *command,
                         "-o", "job.csv", "--save", "job.model")  # fmt: skip
    job = cluster.submit(script)
    state = cluster.folder / "states" / "restart-00000.tvgnn"
    for times, name in enumerate(("USR1", "TERM"), start=1):
        before = state.stat().st_mtime_ns if state.exists() else 0
        cluster.wait(lambda: "warm start" in cluster.logs() or "epoch" in cluster.logs())
        time.sleep(1)
        cluster.run("scancel", f"--signal={name}", job)
        cluster.wait(lambda b=before: state.exists() and state.stat().st_mtime_ns > b)
        cluster.wait(lambda t=times: cluster.states(job)[job][1] == t)
        cluster.wait(lambda: cluster.states(job)[job][0] == "RUNNING")
        time.sleep(6)
    cluster.wait(lambda: cluster.ended(job))
    assert "SIGUSR1 was received" in cluster.logs()
    assert "SIGTERM was received" in cluster.logs()
    assert cluster.bytes("job.csv", "job.model") == cluster.bytes("whole.csv", "whole.model")


def test_an_array_with_a_task_preempted_gives_what_one_process_gives(cluster):
    command = ("cluster", "graph.graphml", "-k", "4", *LONG, "--restarts", "8", "--init", "random",
               "--threads", "1")  # fmt: skip
    cluster.run("tvgnn", *command, "-o", "whole.csv", "--save", "whole.model",
                "--metrics", "whole.json")  # fmt: skip
    script = cluster.run("tvgnn", "slurm", "--array", 8, "--time", "00:10:00", "--", *command)
    job = cluster.submit(script)
    cluster.wait(lambda: cluster.logs().count("epoch") >= 1)
    urgent = cluster.submit("#!/bin/bash\nsleep 2\n", "--partition=high", "--ntasks=1",
                            "--output=urgent.out")  # fmt: skip
    cluster.wait(lambda: cluster.ended(urgent))
    cluster.wait(lambda: cluster.ended(job))
    preempted = [task for task, (_, restarts) in cluster.states(job).items() if restarts]
    assert preempted, "no task was preempted"
    assert "SIGTERM was received; the state is in states" in cluster.logs()
    cluster.run("tvgnn", "merge", "shards", "--require-complete", "-o", "merged.csv",
                "--save", "merged.model", "--metrics", "merged.json")  # fmt: skip
    names = ("csv", "model")
    assert cluster.bytes(*(f"merged.{n}" for n in names)) == cluster.bytes(
        *(f"whole.{n}" for n in names)
    )
    whole, merged = (json.loads(b) for b in cluster.bytes("whole.json", "merged.json"))
    for name in whole.keys() | merged.keys():
        assert name in VOLATILE or whole[name] == merged[name], name


def commands_of_the_page():
    """Each line of the shell blocks of docs/hpc.md, in order."""
    blocks = re.findall(r"```\n(.*?)```", (ROOT / "docs" / "hpc.md").read_text(), re.S)
    return [line for block in blocks for line in block.strip().splitlines()]


def test_the_page_can_be_followed_from_top_to_bottom(cluster, data_root):
    graph = (SAMPLES / "planted.graphml").resolve()
    cluster.run(sys.executable, "-c",
                "import networkx as nx, sys; nx.write_edgelist(nx.read_graphml(sys.argv[1]), "
                "'graph.csv', data=False, delimiter=',')", graph)  # fmt: skip
    (cluster.folder / "graphs.csv").write_text(
        "graph,k,output\ngraph.csv,4,a.csv\ngraph.csv,5,b.csv\n"
    )
    cluster.environment = {**cluster.environment, "TVGNN_DATA_ROOT": str(data_root)}
    lines = commands_of_the_page()
    assert len(lines) >= 10
    for line in lines:
        if "pip install" in line or "venv" in line:
            continue  # what this test runs in is installed
        said = cluster.run("bash", "-c", line)
        job = re.search(r"Submitted batch job (\d+)", said)
        if job:
            cluster.wait(lambda job=job: cluster.ended(int(job[1])))
    written = {path.name for path in cluster.folder.iterdir()}
    assert {"graph.clusters.csv", "graph.metrics.csv", "graph.sweep.csv", "sweep.png"} <= written
    assert {"a.csv", "b.csv", "graphs.summary.csv"} <= written
    assert len((cluster.folder / "rows.csv").read_text().splitlines()) == 3
    by_torchrun, by_srun = ((cluster.folder / f"{name}.csv") for name in ("together", "tasks"))
    assert by_torchrun.read_bytes() == by_srun.read_bytes()
