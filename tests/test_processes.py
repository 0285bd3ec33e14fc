"""Several processes that train one network: as torchrun and srun start them, and as they end."""

from __future__ import annotations

import json
import signal
import socket
from datetime import timedelta

import pytest
import torch

from tests.conftest import SAMPLES
from tvgnn_cli.errors import UsageError
from tvgnn_cli.machine.device import take_own_gpu
from tvgnn_cli.train.distributed import team as team_module
from tvgnn_cli.train.distributed.rendezvous import Rendezvous, first_host

GRAPH = SAMPLES / "planted.graphml"
ARGUMENTS = ["cluster", str(GRAPH), "-k", "4", "--hidden", "8", "--mlp-hidden", "8", "--threads",
             "1", "--batch", "parts", "--batch-size", "70", "--parts-per-batch", "4",
             "--epochs", "12", "--device", "cpu"]  # fmt: skip
LONG = ["--epochs", "100000", "--patience", "100000000", "--init", "random"]
LOADED = ("torch._dynamo", "pymetis")
"""Loaded by what lets processes train together."""


def test_where_torchrun_lets_processes_meet():
    given = {"RANK": "3", "LOCAL_RANK": "1", "WORLD_SIZE": "4", "MASTER_ADDR": "node1"}
    found = Rendezvous.of_environment({**given, "MASTER_PORT": "29500"})
    assert found == Rendezvous(3, 4, 1, "node1:29500")
    assert Rendezvous.of_environment(given) is None
    alone = {**given, "MASTER_PORT": "1", "WORLD_SIZE": "1", "RANK": "0"}
    assert Rendezvous.of_environment(alone) is None
    with pytest.raises(UsageError, match="WORLD_SIZE is 'four'"):
        Rendezvous.of_environment({**given, "MASTER_PORT": "1", "WORLD_SIZE": "four"})
    with pytest.raises(UsageError, match="process 4 of 4"):
        Rendezvous.of_environment({**given, "MASTER_PORT": "1", "RANK": "4"})


def test_where_srun_lets_processes_meet():
    given = {"SLURM_PROCID": "2", "SLURM_LOCALID": "0", "SLURM_STEP_NUM_TASKS": "3",
             "SLURM_STEP_NODELIST": "gpu[007-009],x1", "SLURM_JOB_ID": "1000001",
             "SLURM_STEP_ID": "2"}  # fmt: skip
    found = Rendezvous.of_environment(given)
    assert found == Rendezvous(2, 3, 0, f"gpu007:{20_000 + 31_000_033 % 20_000}")
    later = Rendezvous.of_environment({**given, "SLURM_STEP_ID": "3"})
    assert later is not None
    assert later.address != found.address
    named = {**given, "MASTER_ADDR": "login", "MASTER_PORT": "4000"}
    assert Rendezvous.of_environment(named) == Rendezvous(2, 3, 0, "login:4000")
    # A script of sbatch has the job's variables, and is no task of srun.
    script = {key: value for key, value in given.items() if "STEP" not in key}
    assert Rendezvous.of_environment({**script, "SLURM_NTASKS": "3"}) is None


@pytest.mark.parametrize(
    ("nodes", "first"),
    [
        ("localhost", "localhost"),
        ("node[01-04,7],other", "node01"),
        ("node[3]", "node3"),
        ("a-b,c", "a-b"),
        ("rack[1-2]n[05-08]", "rack1n05"),
    ],
)
def test_first_host(nodes, first):
    assert first_host(nodes) == first


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture
def start(forks, tmp_path):
    """Start `tvgnn ARGUMENTS` in several processes, as srun starts them; all but the first with
    others, if given.
    """

    def started(size, *arguments, second=None):
        together = {"MASTER_PORT": str(free_port()), "SLURM_STEP_NUM_TASKS": str(size),
                    "SLURM_STEP_NODELIST": "localhost", "MASTER_ADDR": "127.0.0.1"}  # fmt: skip
        return [
            forks.start(
                *(arguments if second is None or rank == 0 else second), cwd=tmp_path,
                SLURM_PROCID=str(rank), SLURM_LOCALID=str(rank),
                loaded=LOADED, **together,
            )
            for rank in range(size)
        ]  # fmt: skip

    return started


def ended(started):
    """Exit code and standard error of each."""
    said = [process.ended() for process in started]
    return [process.returncode for process in started], said


def until_descent(started, folder):
    """Wait until the state of an epoch is on disk."""
    from tvgnn_cli.io.state_file import read_state
    from tvgnn_cli.train.checkpoint import FORMAT, WHAT

    path = folder / "restart-00000.tvgnn"
    started[0].until(
        lambda: path.exists() and read_state(path, FORMAT, WHAT).facts["stage"] == "descent", 0.05
    )


def test_a_process_that_waits_in_vain_says_so(monkeypatch):
    monkeypatch.setattr(team_module, "MEETING", timedelta(seconds=1))
    address = f"127.0.0.1:{free_port()}"
    with (
        pytest.raises(UsageError, match=f"2 processes cannot meet at {address}: .*1/2"),
        team_module.joined(0, 2, address, "cpu"),
    ):
        raise AssertionError("nobody else is there")


def test_tasks_with_a_part_of_the_restarts_each_are_no_team(forks, tmp_path):
    arguments = ["cluster", str(GRAPH), "-k", "4", "--restarts", "2", "--epochs", "1"]
    given = {"SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "2", "SLURM_STEP_NODELIST": "nowhere"}
    process = forks.start(*arguments, "--shards", "s", "--shard", "1/2", cwd=tmp_path, **given)
    assert ended([process])[0] == [0], process.said


@pytest.mark.parametrize("size", [2, 3])
def test_processes_measure_and_step_as_one(forks, tmp_path, size):
    port = free_port()
    started = [
        forks.start(rank, size, port, cwd=tmp_path, module="tests.team_worker", loaded=LOADED)
        for rank in range(size)
    ]
    codes, said = ended(started)
    assert codes == [0] * size, said


def test_torchrun_writes_once_and_the_same_bytes_as_srun(start, forks, tmp_path):
    for name in ("a", "b"):
        output = ["-o", f"{name}.csv", "--metrics", f"{name}.json", "--save", f"{name}.tvgnn"]
        if name == "a":
            torchrun = forks.start(
                "--nproc-per-node", 2, "--master-port", free_port(), "-m", "tests.fewer_starts",
                *ARGUMENTS, *output, cwd=tmp_path, module="torch.distributed.run", loaded=LOADED,
            )  # fmt: skip
            codes, said = ended([torchrun])
            assert codes == [0], said
            assert said[0].count("written") == 1
        else:
            codes, said = ended(start(2, *ARGUMENTS, *output))
            assert codes == [0, 0], said
            assert said[1] == ""
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{n}.{kind}" for n in "ab" for kind in ("csv", "json", "tvgnn")}
    for kind in ("csv", "tvgnn"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()
    metrics = json.loads((tmp_path / "a.json").read_text())
    assert metrics["processes"] == 2
    assert metrics["nmi"] > 0.5


APART = [*ARGUMENTS[: ARGUMENTS.index("--batch")], "--epochs", "12", "--device", "cpu",
         "--restarts", "3"]  # fmt: skip


def test_restarts_apart_come_to_what_one_process_with_all_comes_to(start, forks, tmp_path):
    def outputs(name):
        return ["-o", f"{name}.csv", "--metrics", f"{name}.json", "--save", f"{name}.tvgnn"]

    kept = ["--checkpoint", str(tmp_path / "states"), "--every", "0s"]
    codes, said = ended(start(2, *APART, *outputs("apart"), *kept))
    assert codes == [0, 0], said
    assert said[1] == ""
    alone = forks.start(*APART, *outputs("alone"), cwd=tmp_path)
    assert ended([alone])[0] == [0], alone.said
    apart, one = (json.loads((tmp_path / f"{n}.json").read_text()) for n in ("apart", "alone"))
    assert (apart["processes"], one["processes"]) == (2, 1)
    assert apart["best_seed"] == one["best_seed"]
    for kind in ("csv", "tvgnn"):
        found, wanted = ((tmp_path / f"{n}.{kind}").read_bytes() for n in ("apart", "alone"))
        assert kind == "tvgnn" or found == wanted
    # Their states are those of one process, which goes on from them.
    again = forks.start(*APART, *outputs("again"), *kept, "--resume", "must", cwd=tmp_path)
    assert ended([again])[0] == [0], again.said
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "alone.csv").read_bytes()


@pytest.mark.parametrize("by_batch", [False, True])
def test_processes_come_to_the_consensus_of_all_restarts(start, forks, tmp_path, by_batch):
    # Those that train one network together are compared with such a run, which parts otherwise.
    sort = [*ARGUMENTS, "--init", "random"] if by_batch else APART
    arguments = [*sort, "--restarts", "3", "--consensus"]
    codes, said = ended(start(2, *arguments, "-o", "two.csv", "--metrics", "two.json",
                              "--save", "two.tvgnn"))  # fmt: skip
    assert codes == [0, 0], said
    assert "consensus of 3 restarts" in said[0]
    if by_batch:
        ended(start(2, *arguments, "-o", "one.csv", "--metrics", "one.json"))
    else:
        alone = forks.start(*arguments, "-o", "one.csv", "--metrics", "one.json", cwd=tmp_path)
        assert ended([alone])[0] == [0], alone.said
    assert (tmp_path / "two.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
    two, one = (json.loads((tmp_path / f"{n}.json").read_text()) for n in ("two", "one"))
    for name in ("agreement", "stability_mean", "best_seed", "support", "nmi", "loss"):
        assert two.get(name) == one.get(name), name


DIVERGING = ["cluster", str(SAMPLES / "karate.csv"), "-k", "2", "--init", "random", "--epochs", "5",
             "--layers", "10", "--hidden", "16", "--lr", "200", "--delta", "0.3", "--threads", "1",
             "--device", "cpu", "--progress", "none"]  # fmt: skip


def test_restarts_that_fail_are_counted_in_all_processes(start, forks, tmp_path):
    def metrics(name):
        return json.loads((tmp_path / f"{name}.json").read_text())

    six = [*DIVERGING, "--restarts", "6"]
    codes, said = ended(start(2, *six, "-o", "apart.csv", "--metrics", "apart.json"))
    assert codes == [0, 0], said
    alone = forks.start(*six, "-o", "one.csv", "--metrics", "one.json", cwd=tmp_path)
    assert ended([alone])[0] == [0], alone.said
    assert metrics("apart")["restarts_failed"] == metrics("one")["restarts_failed"] == 5
    assert (tmp_path / "apart.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
    seed = metrics("one")["best_seed"] + 1
    codes, said = ended(start(2, *DIVERGING, "--restarts", "2", "--seed", str(seed), "-o", "x.csv"))
    assert codes == [4, 4], said
    assert "lower --lr or --delta" in said[0]
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize("how", ["killed", "asked"])
def test_the_end_of_one_process_is_one_that_the_job_goes_on_from(start, forks, tmp_path, how):
    keep = ["--checkpoint", str(tmp_path / "state"), "--every", "0s", "--progress", "none"]
    output = ["-o", str(tmp_path / "after.csv"), "--metrics", str(tmp_path / "after.json")]
    started = start(2, *ARGUMENTS, *LONG, *keep, *output)
    until_descent(started, tmp_path / "state")
    started[1].send_signal(signal.SIGKILL if how == "killed" else signal.SIGTERM)
    codes, said = ended(started)
    assert codes == [75, -signal.SIGKILL if how == "killed" else 75], said
    how_it_ended = "has ended" if how == "killed" else "was asked to end"
    assert f"another process {how_it_ended}" in said[0]
    assert "Traceback" not in "".join(said)
    assert not (tmp_path / "after.csv").exists()
    alone = forks.start(*ARGUMENTS, *LONG, *keep, *output, cwd=tmp_path)
    assert ended([alone])[0] == [2], alone.said
    assert "the number of processes" in alone.said
    # And it does go on.
    again = start(2, *ARGUMENTS, *LONG, *keep, "--resume", "must", "--max-time", "1s", *output)
    codes, said = ended(again)
    assert codes == [75, 75], said
    assert "goes on from" in said[0]


def test_a_run_that_was_ended_gives_the_same_bytes(start, tmp_path):
    whole, parts = tmp_path / "whole.csv", tmp_path / "parts.csv"
    arguments = [*ARGUMENTS, "--progress", "none", *LONG, "--epochs", "60"]
    codes, said = ended(start(2, *arguments, "-o", str(whole)))
    assert codes == [0, 0], said
    keep = ["--checkpoint", str(tmp_path / "state"), "--every", "0s", "-o", str(parts)]
    started = start(2, *arguments, *keep)
    until_descent(started, tmp_path / "state")
    started[0].send_signal(signal.SIGUSR1)
    codes, said = ended(started)
    assert codes == [75, 75], said
    codes, said = ended(start(2, *arguments, *keep))
    assert codes == [0, 0], said
    assert parts.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["cluster", str(GRAPH), "-k", "4"], "2 processes train one network with --batch parts"),
        (["cluster", "-", "-k", "4", "--batch", "parts"], "cannot read one standard input"),
        (["cluster", "nothing.csv", "-k", "2", "--batch", "parts"], "nothing.csv"),
    ],
)
def test_what_several_processes_cannot_do(start, tmp_path, arguments, line):
    codes, said = ended(start(2, *arguments, "--progress", "none"))
    assert codes[0] in (2, 3), said
    assert line in said[0]
    assert "Traceback" not in "".join(said)
    assert list(tmp_path.iterdir()) == []


UNLIKE = {
    "seed": (["--seed", "1"], 2, "--seed is '0' in one process and '1' in another"),
    "epochs": (["--epochs", "13"], 2, "--epochs is '12' in one process and '13' in another"),
    "clusters": (["-k", "5"], 2, "is '4' in one process and '5' in another; give all the same"),
    "states": (["--checkpoint", "s"], 2, "is 'False' in one process and 'True' in another"),
    "no graph": (["no.csv"], 3, "no.csv: no such file"),
    "another graph": ([str(SAMPLES / "karate.csv")], 4, "differ in the graph that they read; give"),
}


@pytest.mark.parametrize("case", UNLIKE)
def test_processes_that_are_given_unlike_things_all_say_so(start, tmp_path, case):
    other, code, line = UNLIKE[case]
    second = [*ARGUMENTS, *other] if other[0].startswith("-") else [
        "cluster", *other, *ARGUMENTS[2:]
    ]  # fmt: skip
    codes, said = ended(start(2, *ARGUMENTS, "-q", second=[*second, "-q"]))
    assert codes == [code, code], said
    assert all(line in text and len(text.splitlines()) == 1 for text in said), said
    assert [path for path in tmp_path.iterdir() if path.name != "s"] == []


@pytest.fixture
def as_second_of_two(monkeypatch):
    """Be the second process of two that torchrun has started."""
    for name, value in {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "localhost",
                        "LOCAL_RANK": "1", "MASTER_PORT": "29517"}.items():  # fmt: skip
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("command", ["sweep", "batch"])
def test_a_process_of_several_does_its_part_of_a_table(
    tvgnn, tmp_path, monkeypatch, as_second_of_two, command
):
    (tmp_path / "g.csv").write_text("a,b\nb,c\nc,a\nc,d\nd,e\ne,f\nf,d\n")
    (tmp_path / "m.csv").write_text("graph,k,epochs,output\ng.csv,2,1,2.csv\ng.csv,3,1,3.csv\n")
    few = ["-k", "2..3", "--restarts", "1", "--epochs", "1"]
    arguments = {"sweep": ["sweep", "g.csv", *few], "batch": ["batch", "m.csv"]}[command]
    if command == "sweep":
        outcome = tvgnn(*arguments)
        assert outcome.code == 2
        assert "needs --checkpoint DIR, where its rows go" in outcome.err
        assert not (tmp_path / "g.sweep.csv").exists()
    arguments += ["--checkpoint", "states"]
    monkeypatch.setenv("RANK", "1")
    assert tvgnn(*arguments).code == 0
    made = {path.name for path in tmp_path.iterdir()}
    assert ("g.sweep.csv" in made, "2.csv" in made, "3.csv" in made) == (
        False, False, command == "batch",
    )  # fmt: skip
    # By itself, it does what is left, and has the table.
    assert tvgnn(*arguments).code == 0
    table = tmp_path / ("g.sweep.csv" if command == "sweep" else "m.summary.csv")
    assert len(table.read_text().splitlines()) == 3


def test_what_has_no_parts_is_the_work_of_one_process(tvgnn, as_second_of_two):
    outcome = tvgnn("classify", "train", "shapes")
    assert outcome.code == 2
    assert "tvgnn classify train is the work of one process" in outcome.err


def test_each_process_has_a_gpu_of_those_that_it_sees(monkeypatch):
    taken = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "set_device", taken.append)
    for count, number in ((4, 2), (1, 3), (4, 5)):
        monkeypatch.setattr(torch.cuda, "device_count", lambda count=count: count)
        take_own_gpu(number)
    assert taken == [torch.device("cuda", index) for index in (2, 0, 1)]
