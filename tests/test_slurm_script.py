"""sbatch scripts, each compared with a recorded file."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

RECORDED = Path(__file__).parent / "slurm" / "recorded"

CASES = {
    "one_job": "--time 02:00:00 --cpus 4 --mem 8G -- cluster graph.csv -k 7",
    "array": "--array 8 --time 02:00:00 --cpus 4 -- cluster graph.csv -k 7 --restarts 8",
    "array_at_once": "--array 16 --at-once 4 --partition short --account lab -- "
    "cluster 'my graph.csv' -k 7 --restarts 16 --shards out --checkpoint=keep",
    "gpu": "--gpus 1 --cpus 2 --name big --setup 'module load cuda' -- cluster graph.npz -k 20",
    "sweep": "--array 4 --time 1-00:00:00 -- sweep graph.csv -k 2..20",
    "batch": "--array 2 --time 01:00:00 -- batch graphs.csv --jobs 2",
    "reproduce": "--array 8 --time 04:00:00 --cpus 2 -- reproduce table1 --results rows",
    "no_requeue": "--no-requeue --signal 300 -- cluster graph.csv -k 7 --every 1min",
}


@pytest.mark.parametrize("case", CASES)
def test_a_script_is_the_recorded_one(tvgnn, case):
    outcome = tvgnn("slurm", *shlex.split(CASES[case]))
    assert outcome.code == 0, outcome.err
    assert outcome.out == (RECORDED / f"{case}.sh").read_text()


def test_every_recorded_script_has_a_case_and_is_a_shell_script():
    assert {path.stem for path in RECORDED.glob("*.sh")} == set(CASES)
    for path in RECORDED.glob("*.sh"):
        subprocess.run(["bash", "-n", path], check=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--", "clutser", "g.csv"], "Did you mean 'cluster'"),
        (["--", "check", "g.csv"], "'check' is no command for a job"),
        (["--array", "2", "--", "reproduce", "synthetic"], "table1 and table2 alone have parts"),
        (["--array", "8", "--", "cluster", "g.csv", "-k", "7"], "add --restarts 8"),
        (["--array", "8", "--", "cluster", "g.csv", "--restarts=4"], "there are 4"),
        (
            ["--array", "2", "--", "cluster", "g.csv", "--restarts", "4", "--consensus"],
            "--consensus is of all restarts",
        ),
        (["--", "reproduce"], "needs one of table1, table2, epochs"),
        (["--", "reproduce", "page"], "needs one of table1, table2, epochs"),
        (["--", "classify", "predict", "m", "d"], "needs one of train, cv"),
        (["--array", "2", "--", "classify", "train", "d"], "one training has no parts"),
        (["--time", "60", "--", "cluster", "g.csv"], "--time is '60'"),
        (["--time", "00:01:00", "--", "cluster", "g.csv"], "leaves nothing before --signal 120"),
        (["--name", "my job", "--", "cluster", "g.csv"], "--name is 'my job'; write it of letters"),
        (["--name", "a\n#SBATCH -A x", "--", "cluster", "g.csv"], "--name is 'a\\n#SBATCH"),
        (["--name", "a/b", "--", "cluster", "g.csv"], "--name is 'a/b'"),
        (["--name", "", "--", "cluster", "g.csv"], "--name is ''"),
        (["--partition", "a b", "--", "cluster", "g.csv"], "--partition is 'a b'"),
        (["--mem", "lots", "--", "cluster", "g.csv"], "--mem is 'lots'; write it as 4G"),
        (["--at-once", "2", "--", "cluster", "g.csv"], "give --array N"),
        (["--", "cluster", "-", "-k", "2"], "no standard input or output (-)"),
        (["--", "cluster", "g.csv", "-o", "-"], "no standard input or output (-)"),
        (["--", "cluster", "g.csv", "--resume", "never"], "begins anew each time"),
        (["--", "sweep", "g.csv", "--resume=never"], "begins anew each time"),
        (["--", "cluster", "g.csv", "--shards", "s"], "give --array N"),
        (["--array", "2", "--", "sweep", "g.csv", "--shard", "1/2"], "each task of the array has"),
        (
            ["--array", "2", "--", "sweep", "g.csv", "--stop-after", "2"],
            "--stop-after is of a whole",
        ),
        (
            ["--array", "2", "--", "cluster", "g.csv", "--restarts", "2", "-o", "x.csv"],
            "-o is of a whole run, and a task has a part; leave it out and give it to tvgnn merge",
        ),
        (
            ["--array", "2", "--", "cluster", "g.csv", "--restarts", "2", "--report", "x.html"],
            "--report is of a whole run, and a task has a part; leave it out\n",
        ),
    ],
)
def test_jobs_that_cannot_work(tvgnn, arguments, words):
    outcome = tvgnn("slurm", *arguments)
    assert outcome.code == 2
    assert words in outcome.err


def test_an_array_shares_a_cross_validation(tvgnn):
    outcome = tvgnn("slurm", "--array", 4, "--", "classify", "cv", "shapes")
    line = 'tvgnn classify cv shapes --checkpoint states --shard "$SLURM_ARRAY_TASK_ID/4"'
    assert outcome.code == 0
    assert line in outcome.out


@pytest.mark.parametrize(
    ("time", "written"),
    [("2h", "02:00:00"), ("90min", "01:30:00"), ("1.5d", "1-12:00:00"), ("1-0:0:0", "1-00:00:00")],
)
def test_a_limit_is_written_as_slurm_reads_it(tvgnn, time, written):
    outcome = tvgnn("slurm", "--time", time, "--", "cluster", "g.csv", "-k", 2)
    assert f"#SBATCH --time={written}\n" in outcome.out


def test_a_run_that_begins_anew_is_a_job_that_is_not_started_again(tvgnn):
    never = ("--no-requeue", "--", "cluster", "g.csv", "-k", 2, "--resume", "never")
    assert tvgnn("slurm", *never).code == 0
