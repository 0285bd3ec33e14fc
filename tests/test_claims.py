"""Runs that share a folder: parts of one run may, others may not; none takes another's states."""

from __future__ import annotations

import errno
import os
import platform
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest

import tvgnn_cli
from tests.conftest import ROOT, SAMPLES
from tests.test_checkpoint import SMALL, Listener, keeping, same_bytes
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.io import claims
from tvgnn_cli.io.claims import Claim, Holder, claim, claim_apart
from tvgnn_cli.io.state_file import State, write_state
from tvgnn_cli.jobs.axes import configurations, parse_axes
from tvgnn_cli.jobs.kept_rows import KeptRow
from tvgnn_cli.jobs.ledger import Entry, read_row
from tvgnn_cli.jobs.manifest import RowOption, read_manifest
from tvgnn_cli.jobs.sweep_rows import sweep_rows
from tvgnn_cli.observer import Observer
from tvgnn_cli.train import Checkpointing, Identity
from tvgnn_cli.train.checkpoint import FORMAT
from tvgnn_cli.train.distributed.team import ALONE, Team
from tvgnn_cli.train.identity import claimed

QUICK = {**SMALL, "init": "random", "balance_coeff": 0.5}
THREE = {**QUICK, "restarts": 3}


class Meanwhile(Listener):
    """Does something once, in the middle of the first restart that it hears of."""

    EPOCH = 3

    def __init__(self, what):
        super().__init__()
        self._what, self.raised = what, None

    def epoch(self, report):
        what = self._what if report.epoch == self.EPOCH else None
        if what is not None:
            self._what = None
            try:
                what()
            except UsageError as error:
                self.raised = error
        super().epoch(report)


def run(graph, folder, observer=None, kept=None, **settings):
    return tvgnn_cli.cluster(graph, **(kept or keeping(folder)), observer=observer, **settings)


@pytest.fixture
def no_locks(monkeypatch):
    def flock(descriptor, operation):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(claims.fcntl, "flock", flock)


@pytest.mark.parametrize("change", [{"seed": 1}, {"lr": 1e-2}, {}])
def test_a_second_run_in_the_folder_of_a_living_one_is_refused(two_cliques, tmp_path, change):
    other = Meanwhile(lambda: run(two_cliques, tmp_path, **{**THREE, "seed": 5, **change}))
    result = run(two_cliques, tmp_path, other, **{**THREE, "seed": 5})
    said = str(other.raised)
    holder = f"process {os.getpid()} on {platform.node()}, since"
    assert said.startswith(f"`checkpoint` {tmp_path}: is in use by {holder}")
    assert "wait for it to end, or name another folder" in said
    assert "\n" not in said
    same_bytes(result, tvgnn_cli.cluster(two_cliques, **{**THREE, "seed": 5}))
    # It has let the folder go.
    assert {path.suffix for path in tmp_path.iterdir()} == {".tvgnn"}
    run(two_cliques, tmp_path, **{**THREE, "seed": 5, "restarts": 4})


def test_where_nothing_can_be_locked_no_state_of_another_run_is_taken(
    two_cliques, tmp_path, no_locks
):
    heard = Meanwhile(lambda: run(two_cliques, tmp_path, **{**THREE, "seed": 1}))
    words = r"restart-00001\.tvgnn: is of another run: seed is 5 here and 1 there"
    with pytest.raises(UsageError, match=words):
        run(two_cliques, tmp_path, heard, **{**THREE, "seed": 5})
    assert heard.raised is None, "the other run came to its end"
    assert heard.warnings == [
        f"{tmp_path}: cannot be locked (Function not implemented): see to it that no other run "
        "uses it"
    ]


def test_an_older_state_of_another_run_is_none_to_fall_back_on(
    two_cliques, tmp_path, monkeypatch, no_locks
):
    module = sys.modules["tvgnn_cli.train.checkpoint"]
    run(two_cliques, tmp_path / "other", **{**QUICK, "seed": 1})
    (tmp_path / "c").mkdir()

    def full(path, kind, state):
        (tmp_path / "other" / path.name).replace(path)
        raise UsageError(f"{path}: cannot be written: No space left on device")

    monkeypatch.setattr(module, "write_state", full)
    with pytest.raises(UsageError, match="No space left"):
        tvgnn_cli.cluster(two_cliques, **keeping(tmp_path / "c", 3), **QUICK)


WHOLE = {
    "input_fingerprint": "i", "settings": {}, "made_with": {}, "restart": 0, "stage": "s",
    "known": {}, "work": {},
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_a_state_that_does_not_say_whose_it_is_is_none(tmp_path, name):
    less = {key: value for key, value in WHOLE.items() if key != name}
    for facts, said in ((less, f"it has no {name}"), (WHOLE | {name: True}, f"{name} is True")):
        write_state(tmp_path / "restart-00000.tvgnn", FORMAT, State({}, facts))
        opened = Checkpointing(tmp_path).open(Identity("i", {}, {}), Observer())
        with (
            pytest.raises(InputError, match=f"restart-00000.tvgnn: is damaged: {said}"),
            opened,
        ):
            raise AssertionError("it was taken")


def test_a_state_whose_tensors_were_changed_names_the_way_out(two_cliques, tmp_path):
    run(two_cliques, tmp_path, **THREE)
    state = min(tmp_path.glob("restart-*"))
    data = bytearray(state.read_bytes())
    data[-8] ^= 1
    state.write_bytes(data)
    with pytest.raises(InputError, match=r"make it anew: `resume` never does$"):
        run(two_cliques, tmp_path, **THREE)
    assert run(two_cliques, tmp_path, kept=keeping(tmp_path, resume="never"), **THREE)


def test_a_state_of_another_restart_is_not_taken(two_cliques, tmp_path):
    settings = {**THREE, "restarts": 2}
    run(two_cliques, tmp_path, **settings)
    first, second = sorted(tmp_path.glob("restart-*"))
    first.write_bytes(second.read_bytes())
    with pytest.raises(InputError, match=r"restart-00000\.tvgnn: is damaged: it is of restart 1"):
        run(two_cliques, tmp_path, **settings)


def test_parts_of_one_run_share_a_folder_at_the_same_time(two_cliques, tmp_path):
    def part(restart, observer=None, resume="auto", **settings):
        return run(
            two_cliques, tmp_path, observer, keeping(tmp_path, resume=resume, every=0),
            only=range(restart, restart + 1), **{**THREE, **settings},
        )  # fmt: skip

    def anew():
        part(2, resume="never")
        found.extend(sorted(path.name for path in tmp_path.glob("restart-*")))

    found = []
    part(0)
    beside = Meanwhile(anew)
    part(1, beside)
    assert beside.raised is None
    spared = "starting anew spares what a living part has kept, and nothing else"
    assert found == ["restart-00001.tvgnn", "restart-00002.tvgnn"], spared
    for refused in (lambda: part(0, seed=9), lambda: part(1), lambda: run(two_cliques, tmp_path,
                                                                        **THREE)):  # fmt: skip
        (tmp_path / "restart-00001.tvgnn").unlink()
        beside = Meanwhile(refused)
        part(1, beside)
        assert "is in use by process" in str(beside.raised)


def test_a_part_takes_what_another_has_kept_meanwhile(two_cliques, tmp_path):
    heard = Meanwhile(lambda: None)
    settings = {**THREE, "restarts": 2}
    run(two_cliques, tmp_path / "one", **settings)

    def copy():
        name = "restart-00001.tvgnn"
        (tmp_path / "two" / name).write_bytes((tmp_path / "one" / name).read_bytes())

    heard = Meanwhile(copy)
    result = run(two_cliques, tmp_path / "two", heard, **settings)
    assert {restart for restart, _ in heard.epochs} == {0}
    same_bytes(result, tvgnn_cli.cluster(two_cliques, **settings))


def test_a_killed_process_claims_nothing(tmp_path):
    code = (
        "import pathlib, sys, time; from tvgnn_cli.io.claims import claim;"
        "claim(pathlib.Path(sys.argv[1]), {'row': 3}); print(); sys.stdout.flush(); time.sleep(99)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    process.stdout.readline()
    mine = claim(tmp_path, {})
    (holder,) = mine.others()
    assert holder.process.startswith(f"process {process.pid} on {platform.node()}, since 2")
    assert holder.facts == {"row": 3}
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list(mine.others()) == []
    assert list(tmp_path.iterdir()) == [mine.path], "what it left is removed"
    mine.release()
    mine.release()
    assert list(tmp_path.iterdir()) == []


def test_a_claim_that_cannot_be_read_counts(tmp_path):
    other, mine = claim(tmp_path, {}), claim(tmp_path, {})
    other.path.write_text("half")
    assert list(mine.others()) == [Holder(other.path)]
    assert "is in use by another process; wait" in str(Holder(other.path))


def test_only_one_of_two_that_come_at_once_has_it(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "PAUSE", 0.02)
    start, found = threading.Barrier(4), []

    def come():
        start.wait()
        found.append(claim_apart(tmp_path, {}, lambda _: True, tries=20))

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(each).__name__ for each in found) == ["Claim", *["Holder"] * 3]


def test_one_that_is_about_to_end_is_waited_for(tmp_path, monkeypatch):
    other = claim(tmp_path, {})
    monkeypatch.setattr(claims.time, "sleep", lambda _: other.release())
    assert isinstance(claim_apart(tmp_path, {}, lambda _: True), Claim)


def test_file_systems_that_never_answer_or_have_no_room(tmp_path, monkeypatch):
    waiting = threading.Event()
    monkeypatch.setattr(claims, "PATIENCE", 0.05)
    with monkeypatch.context() as patch:
        patch.setattr(claims.fcntl, "flock", lambda *_: waiting.wait(10))
        assert claim(tmp_path, {}).lacking == os.strerror(errno.ETIMEDOUT)
    waiting.set()
    assert claim(tmp_path / "nowhere", {}).lacking == "No such file or directory"
    with monkeypatch.context() as patch:
        patch.setattr(claims, "fcntl", None)  # Windows
        found = claim(tmp_path, {})
    assert found.lacking == "Function not implemented"
    assert list(found.others()) == list(tmp_path.iterdir()) == []
    found.release()


def test_a_team_is_refused_as_one(tmp_path):
    class Others(Team):
        def any(self, flag):  # noqa: ARG002
            return True

    identity = Identity("input", {}, {})
    with (
        pytest.raises(UsageError, match="is in use by another process"),
        claimed(tmp_path, identity, range(1), Observer(), Others(rank=1, size=2)),
    ):
        raise AssertionError("it went on without its first process")
    with claimed(tmp_path, identity, range(1), Observer(), ALONE):
        pass


def test_a_row_of_a_sweep_is_made_by_one_process(two_cliques, tmp_path):
    axes = parse_axes("2..3", [])
    configs = configurations({k: v for k, v in QUICK.items() if k != "threads"}, axes)
    keep = Checkpointing(tmp_path)
    two = KeptRow(tmp_path, two_cliques, configs[0])
    with two.claimed():
        with pytest.raises(UsageError, match="is in use by process"):
            list(sweep_rows(two_cliques, configs, axes, checkpointing=keep, threads=1))
        (three,) = sweep_rows(
            two_cliques, configs, axes, checkpointing=keep, only=range(1, 2), threads=1
        )
    rows = list(sweep_rows(two_cliques, configs, axes, checkpointing=keep, threads=1))
    assert [row["num_clusters"] for row in rows] == [2, 3]
    assert rows[1] == three
    assert {path.suffix for path in tmp_path.iterdir()} == {".json"}


def test_a_row_of_another_run_is_made_again(two_cliques, tmp_path):
    axes = parse_axes("2..3", [])
    configs = configurations({k: v for k, v in QUICK.items() if k != "threads"}, axes)
    heard, keep = Listener(), Checkpointing(tmp_path)

    def rows():
        return list(
            sweep_rows(two_cliques, configs, axes, checkpointing=keep, observer=heard, threads=1)
        )

    before = rows()
    two, three = (KeptRow(tmp_path, two_cliques, config).path for config in configs)
    two.write_bytes(three.read_bytes())
    assert [row["num_clusters"] for row in rows()] == [2, 3]
    assert f"{two}: is of another run, and is made again" in heard.warnings
    heard.warnings.clear()
    version = before[1]["version_torch"]
    Entry(three, "").keep({**read_row(three), "version_torch": "1.0"})
    rows()
    assert heard.warnings == [
        f"{three.name} was made with torch 1.0, this is {version}: the last digits may differ"
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"modularity": None}, "it has no modularity"),
        ({"num_clusters": 3}, "num_clusters is 3, of a row of 2"),
        ({"method": "dmon"}, "method is 'dmon', of a row of tvgnn"),
        ({"loss": "low"}, "loss is 'low'; needs to be a number"),
        ({"error": 3}, "error is 3; needs to be a text"),
    ],
)
def test_a_row_of_a_sweep_says_what_its_configuration_does(two_cliques, tmp_path, change, said):
    (config, _) = configurations({"epochs": 1}, parse_axes("2..3", []))
    kept = KeptRow(tmp_path, two_cliques, config)
    row = {
        **kept.identity, "num_clusters": 2, "clusters_used": 2, "modularity": 0.5, "loss": 1.0,
        "method": "tvgnn", "seed": 0,
    }  # fmt: skip
    kept.entry.keep(row)
    assert kept.read(Observer()) == row
    kept.entry.keep(row | change)
    with pytest.raises(InputError, match=f"is not a row that tvgnn saved .{said}"):
        kept.read(Observer())


def test_a_row_of_a_batch_is_made_by_one_process(tvgnn, tmp_path):
    (tmp_path / "m.csv").write_text(f"graph,k\n{SAMPLES / 'karate.csv'},2\n")
    (job,) = read_manifest(Path("m.csv"), [RowOption(("--k", "-k"))])
    (tmp_path / "batch").mkdir()
    name = f"karate-{job.key}.json"
    other = claim(tmp_path / "batch", {"row": name})
    done = tvgnn("batch", "m.csv")
    assert done.code == 4
    summary = pd.read_csv(tmp_path / "m.summary.csv")
    assert summary.exit_code.tolist() == [2]
    assert f"is in use by process {os.getpid()}" in summary.message[0]
    assert list((tmp_path / "batch").iterdir()) == [other.path]
    other.release()


def test_a_shard_that_another_run_replaces_is_not_merged(two_cliques, tmp_path, monkeypatch):
    from tvgnn_cli.jobs import merge
    from tvgnn_cli.jobs.shard_file import write_shard

    ours, theirs = (
        tvgnn_cli.cluster(two_cliques, **{**QUICK, "restarts": 1, "seed": seed}) for seed in (1, 2)
    )
    write_shard(ours, merge.Shard(1, 1), tmp_path)
    assert merge.merge(tmp_path).result.metrics["seed"] == 1
    read = merge.read_shard_facts

    def read_and_replace(*given):
        found = read(*given)
        write_shard(theirs, merge.Shard(1, 1), tmp_path)
        return found

    monkeypatch.setattr(merge, "read_shard_facts", read_and_replace)
    with pytest.raises(InputError, match="has changed meanwhile; merge again"):
        merge.merge(tmp_path)


def test_how_a_row_of_a_batch_ended_is_of_that_row(tmp_path):
    from tvgnn_cli.jobs.batch import Outcome, _keep, _kept

    (tmp_path / "m.csv").write_text("graph,k\ng.csv,2\ng.csv,3\n")
    two, three = read_manifest(tmp_path / "m.csv", [RowOption(("--k", "-k"))])
    _keep(tmp_path, two, Outcome(two.row, two.graph, 0, "", 1.0))
    assert _kept(tmp_path, two) == Outcome(two.row, two.graph, 0, "", 1.0)
    (kept,) = tmp_path.glob("g-*")
    kept.rename(tmp_path / f"g-{three.key}.json")
    assert _kept(tmp_path, three) is None
    entry = three.entry_in(tmp_path)
    entry.keep({"row": 3, "graph": "g.csv", "exit_code": 0, "message": 3, "seconds": 1.0,
                "key": three.key})  # fmt: skip
    assert _kept(tmp_path, three) is None, "a message that is no text"


def test_a_ledger_keeps_a_piece_of_work_whole_and_lends_it_to_one(tmp_path):
    entry = Entry(tmp_path / "row-1.json", "1", tmp_path / "states-1")
    (tmp_path / "states-1").mkdir()
    (tmp_path / "states-1" / "restart").write_text("half")
    assert entry.read() is None
    mine = entry.claim()
    assert isinstance(entry.claim(), Holder), "while it is claimed"
    other = Entry(tmp_path / "row-2.json", "2").claim()
    assert not isinstance(other, Holder), "which is another piece"
    mine.release()
    other.release()
    entry.keep({"nmi": 0.5})
    assert entry.read() == {"nmi": 0.5}
    assert not (tmp_path / "states-1").exists()
    for damaged in ("{", "[1]"):
        entry.path.write_text(damaged)
        with pytest.raises(InputError, match=r"row-1\.json: is not a row that tvgnn saved"):
            entry.read()
