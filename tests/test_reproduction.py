"""Table 1: what is planned, run, kept, gone on with and written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from tvgnn_cli.errors import InputError, InterruptionError, UsageError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.jobs.ledger import Entry
from tvgnn_cli.methods import METHODS
from tvgnn_cli.reproduction import published, runner
from tvgnn_cli.reproduction import rows as kept_rows
from tvgnn_cli.reproduction.plan import OURS, PUBLISHED, Planned, plan
from tvgnn_cli.reproduction.runner import run_planned


def row(method="tvgnn", nmi=0.5, acc=0.6, seed=0, protocol=PUBLISHED, dataset="Cora", **others):
    made = dict.fromkeys(kept_rows.COLUMNS)
    planned = Planned(protocol, method, dataset, seed)
    made.update(
        protocol=protocol, method=method, dataset=dataset, seed=seed, nmi=nmi, acc=acc,
        clusters_used=7, seconds=3.0, peak_memory_mb=500.0, command=planned.command,
        settings=planned.settings, **others,
    )  # fmt: skip
    return made


def test_published_figures_are_those_of_the_paper():
    known = published.table1()
    assert len(known) == 15 * 4
    assert {method for method, _ in known} == set(METHODS) - {"kmeans", "ssgc", "louvain", "leiden"}
    assert known["tvgnn", "Cora"] == published.Score(0.488, 0.016, 63.2, 1.8)
    assert known["abl2", "DBLP"].acc == 50.4
    # The paper's own average over the data sets, where it adds up.
    mean = sum(known["tvgnn", d].nmi for d in ("Cora", "CiteSeer", "PubMed", "DBLP")) / 4
    assert mean == pytest.approx(0.352, abs=5e-4)
    assert published.table6()["mincutpool", "PubMed"] == 272.5


def test_the_plan_is_every_method_on_every_data_set():
    runs = plan()
    trained = sum(method.is_trained for method in METHODS.values())
    assert len(runs) == 10 * 4 * (len(METHODS) + trained)
    assert len({run.key for run in runs}) == len(runs)
    assert {run.seed for run in runs[: len(runs) // 10]} == {0}
    few = plan(["TVGNN", "ssgc"], ["cora"], [PUBLISHED], 2)
    assert [run.key for run in few] == [
        "published-tvgnn-Cora-00", "published-ssgc-Cora-00",
        "published-tvgnn-Cora-01", "published-ssgc-Cora-01",
    ]  # fmt: skip
    assert few[0].command == (
        "tvgnn cluster Cora --method tvgnn --preset paper --epochs 10000 --patience 1000 "
        "--tolerance 0.001 --seed 0"
    )
    assert Planned(OURS, "dmon", "DBLP", 3).command == "tvgnn cluster DBLP --method dmon --seed 3"


@pytest.mark.parametrize(
    ("asked", "word"),
    [({"methods": ["tvgn"]}, "'tvgnn'"), ({"datasets": ["Corra"]}, "'Cora'"),
     ({"protocols": ["our"]}, "'ours'"), ({"seeds": 0}, "`seeds` is 0")],
)  # fmt: skip
def test_refuses_what_is_unknown(asked, word):
    with pytest.raises(UsageError, match=word):
        plan(**asked)


def test_runs_are_kept_and_not_made_again(forked_runs, tvgnn, data_root, tmp_path):
    command = ["reproduce", "table1", "--dataset", "Cora", "--method", "louvain", "--seeds", 2,
               "--data-root", data_root, "--offline"]  # fmt: skip
    assert tvgnn(*command, "--list").out.splitlines() == [
        "tvgnn cluster Cora --method louvain --seed 0",
        "tvgnn cluster Cora --method louvain --seed 1",
    ]
    for index in (1, 2):
        done = tvgnn(*command, "--shard", f"{index}/2")
        assert done.code == 0, done.err
        assert f"published-louvain-Cora-{index - 1:02d}: NMI" in done.err
    first = tmp_path / "table1" / "published-louvain-Cora-00.json"
    kept = json.loads(first.read_text())
    assert 0 < kept["nmi"] < 1
    assert kept["command"] == "tvgnn cluster Cora --method louvain --seed 0"
    before = first.stat().st_mtime_ns
    again = tvgnn(*command)
    assert again.code == 0
    assert "published-louvain-Cora-00: NMI" not in again.err
    assert first.stat().st_mtime_ns == before
    assert tvgnn("reproduce", "table1", "--export", "all.csv", "-q").code == 0
    gathered = tmp_path / "gathered"
    gathered.mkdir()
    (tmp_path / "all.csv").rename(gathered / "all.csv")
    assert set(kept_rows.rows_in(gathered)) == {f"published-louvain-Cora-{s:02d}" for s in (0, 1)}
    assert tvgnn(*command, "--results", "gathered").code == 0
    assert [path.name for path in gathered.iterdir()] == ["all.csv"]


def test_a_run_that_fails_is_told_and_not_kept(tvgnn, tmp_path):
    done = tvgnn("reproduce", "table1", "--dataset", "Cora", "--method", "kmeans", "--seeds", 1,
                 "--data-root", tmp_path, "--offline")  # fmt: skip
    assert done.code == 4
    assert "published-kmeans-Cora-00: failed: pyg:Planetoid/Cora: offline" in done.err
    assert "1 of 1 runs failed" in done.err
    assert not list((tmp_path / "table1").glob("*.json"))


def test_an_interrupted_run_goes_on(forked_runs, data_root, tmp_path, monkeypatch):
    shorter = {"method": "mincutpool", "preset": "paper", "epochs": 600, "patience": 600}
    monkeypatch.setattr("tvgnn_cli.reproduction.plan.settings_of_run", lambda *_: shorter)
    planned = [Planned(PUBLISHED, "mincutpool", "Cora", 0)]
    where = ("--data-root", str(data_root), "--offline", "--every", "1s")
    asked, states = Interruption(), tmp_path / "rows" / "states"

    def ask_once_it_trains():
        until = time.monotonic() + 60
        while not any(states.rglob("restart-*")) and time.monotonic() < until:
            time.sleep(0.05)
        asked.request("a test")

    threading.Thread(target=ask_once_it_trains).start()
    with pytest.raises(InterruptionError, match="a test; the same command goes on"):
        runner.run_planned(planned, tmp_path / "rows", added=where, interruption=asked)
    assert any(states.rglob("restart-*"))
    assert not list((tmp_path / "rows").glob("*.json"))
    (ended,) = runner.run_planned(planned, tmp_path / "rows", added=where)
    assert ended.row is not None, ended.message
    assert ended.row["epochs"] == 600
    assert [path.name for path in (tmp_path / "rows").iterdir()] == [f"{planned[0].key}.json"]


def test_a_signal_ends_the_command_with_the_code_that_says_so(data_root, tmp_path):
    command = [sys.executable, "-m", "tvgnn_cli", "reproduce", "table1", "--dataset", "Cora",
               "--method", "mincutpool", "--seeds", "1", "--data-root", str(data_root),
               "--offline"]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, cwd=tmp_path)
    deadline = time.monotonic() + 60
    while not (tmp_path / "table1" / "states").is_dir() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)  # before a training that takes a second is over
    process.stderr.close()  # whoever read the log has left
    assert process.wait(timeout=60) == 75
    assert not list((tmp_path / "table1").glob("*.json"))


def test_an_interruption_ends_the_run_that_goes_on(tmp_path, monkeypatch):
    asked = Interruption()
    asked.defer()
    asked.request("a test")
    with pytest.raises(InterruptionError, match="a test"):
        runner.run_planned([Planned(PUBLISHED, "kmeans", "Cora", 0)], tmp_path / "rows",
                           interruption=asked)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.json", "", "Expecting value"),
        ("x.json", "[1]", ""),
        ("x.json", '{"protocol": "published"}', "no 'method'"),
        ("x.json", json.dumps({**row(), "nmi": None}), "a row lacks its nmi"),
        ("x.json", json.dumps({**row(), "nmi": "abc"}), "'abc'"),
        ("x.json", json.dumps({**row(), "seed": None}), "a row lacks its seed"),
        ("x.csv", "a,b\n1,2\n", "no 'protocol'"),
        ("x.csv", ",".join(row()) + "\n" + "," * (len(row()) - 1), "line 2: protocol is None"),
    ],
)
def test_a_damaged_row_is_named(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=rf"{name}: is not a row of a run.*\(.*{said}"):
        kept_rows.rows_in(tmp_path)


def test_tables_of_before_lack_a_column_and_are_read(tmp_path):
    known = {name: value for name, value in row().items() if name != "settings"}
    text = ",".join(known) + "\n" + ",".join("" if v is None else str(v) for v in known.values())
    (tmp_path / "x.csv").write_text(text + "\n")
    (found,) = kept_rows.rows_in(tmp_path).values()
    assert found["nmi"] == 0.5
    assert found["settings"] is None
    assert kept_rows.current({"published-tvgnn-Cora-00": found}) == {}


def test_rows_of_other_settings_are_left_out_and_counted(tvgnn, tmp_path):
    (tmp_path / "table1").mkdir()
    for seed, settings in ((0, {}), (1, {"settings": "of another version"})):
        made = {**row("louvain", seed=seed), **settings}
        (tmp_path / "table1" / f"{seed}.json").write_text(json.dumps(made))
    rows = kept_rows.rows_in(tmp_path / "table1")
    assert list(kept_rows.current(rows)) == ["published-louvain-Cora-00"]
    done = tvgnn("reproduce", "table1", "--method", "louvain", "--dataset", "Cora", "--seeds", 1)
    assert done.code == 0, done.err
    assert "1 rows are of other commands or settings, and left out" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("table1", "--method", "netmf", "--protocol", "ours"), 2, "protocol 'published' only"),
        (("table1", "--export", "x.csv", "--results", "nowhere"), 3, "holds no rows"),
        (("table1", "--threads", 0, "--method", "ssgc", "--dataset", "Cora"), 2, "--threads is 0"),
        (("figure", "1"), 2, "is none of these: 2, 4"),
        (("figure", "20", "--seed", -1), 2, "--seed"),
        (("synthetic", "--seeds", 0), 2, "--seeds"),
        (("synthetic", "--out", "file"), 2, "--out file"),
        (("epochs", "--out", "e.txt"), 2, "unknown suffix"),
    ],
)
def test_what_cannot_be_run(tvgnn, tmp_path, arguments, code, words):
    (tmp_path / "file").write_text("")
    done = tvgnn("reproduce", *arguments)
    assert done.code == code
    assert words in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_libraries_are_asked_for_before_any_run(tvgnn, tmp_path, monkeypatch):
    import tvgnn_cli.methods as methods
    from tvgnn_cli.errors import UsageError as Missing

    def lacking(module, remedy):
        raise Missing(remedy)

    monkeypatch.setattr(methods, "require", lacking)
    done = tvgnn("reproduce", "table1", "--method", "deepwalk", "--seeds", 1)
    assert done.code == 2
    assert "DeepWalk needs gensim: pip install 'tvgnn[reproduce]'" in done.err
    done = tvgnn("cluster", "no-such-file.csv", "--method", "leiden")
    assert "Leiden needs leidenalg: pip install 'tvgnn[reproduce]'" in done.err


def test_a_row_of_another_command_is_made_again():
    planned = Planned(PUBLISHED, "tvgnn", "Cora", 0)
    assert kept_rows.is_done(planned, {planned.key: row()})
    for other in ({"command": "tvgnn cluster Cora"}, {"settings": "of another version"}):
        assert not kept_rows.is_done(planned, {planned.key: {**row(), **other}})


@pytest.mark.skipif(os.getuid() == 0, reason="root writes anywhere")
def test_a_folder_that_cannot_be_written_into(tvgnn, tmp_path):
    (tmp_path / "rows").mkdir(mode=0o500)
    assert tvgnn("reproduce", "table1", "--results", "rows").code == 2


def test_a_run_that_another_process_is_at_is_left_to_it(tmp_path):
    planned = Planned(OURS, "kmeans", "Cora", 0)
    claim = Entry(tmp_path / f"{planned.key}.json", planned.key).claim()
    try:
        with pytest.raises(InterruptionError, match="1 of 1 runs are in work in other processes"):
            run_planned([planned], tmp_path, added=("--data-root", str(tmp_path)))
    finally:
        claim.release()
