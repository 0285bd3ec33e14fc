"""Many graphs in one command: outcomes, failures, resuming, parts."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import SAMPLES
from tvgnn_cli.cli.batch import cluster_options
from tvgnn_cli.io.claims import Claim
from tvgnn_cli.jobs.batch import _keep, _kept
from tvgnn_cli.jobs.manifest import Job, read_manifest
from tvgnn_cli.jobs.worker import Outcome, Worker

KARATE, PLANTED = SAMPLES / "karate.csv", SAMPLES / "planted.graphml"
COMMON = {"epochs": 2, "hidden": 8, "mlp-hidden": 8}


def manifest(folder, *rows, name="graphs.csv"):
    pd.DataFrame([{**COMMON, **row} for row in rows]).to_csv(folder / name, index=False)
    return name


def test_whole_numbers_may_be_written_as_pandas_does(tmp_path):
    path = tmp_path / "graphs.csv"
    path.write_text("graph,k,seed,lr,output\nkarate,2.0,3.00,1.0,1.0\nkarate,2.5,,,\n")
    first, second = read_manifest(path, cluster_options())
    assert first.arguments("-q") == (
        "-k", "2", "--seed", "3", "--lr", "1.0", "--output", "1.0", "-q", "--", "karate"
    )  # fmt: skip
    assert second.options == ("-k", "2.5"), "which is no number of clusters"


def test_one_failure_does_not_stop_the_rest(tvgnn, tmp_path):
    (tmp_path / "bad.csv").write_text("a,b\nonly-one\n")
    rows = [
        {"graph": KARATE, "k": 2, "output": "karate.csv", "seed": 3, "degree-weighted": "true"},
        {"graph": "missing.csv", "k": 2},
        {"graph": "bad.csv", "k": 2},
        {"graph": PLANTED, "k": 99999, "output": "none.csv"},
        {"graph": PLANTED, "k": 4, "output": "planted.parquet"},
    ]
    done = tvgnn("batch", manifest(tmp_path, *rows), "--jobs", 2)
    assert done.code == 4, done.err
    assert done.err.endswith("written: graphs.summary.csv\n")
    summary = pd.read_csv(tmp_path / "graphs.summary.csv")
    assert summary.exit_code.tolist() == [0, 3, 3, 2, 0], summary.message.tolist()
    assert summary.row.tolist() == [2, 3, 4, 5, 6]
    assert "missing.csv" in summary.message[1]
    assert "line 2" in summary.message[2]
    assert "-k is 99999" in summary.message[3]
    tvgnn("cluster", KARATE, "-k", 2, "--epochs", 2, "--hidden", 8, "--mlp-hidden", 8,
          "--seed", 3, "--degree-weighted", "--threads", 1, "-o", "alone.csv", "-q")  # fmt: skip
    assert (tmp_path / "alone.csv").read_bytes() == (tmp_path / "karate.csv").read_bytes()
    assert len(pd.read_parquet(tmp_path / "planted.parquet")) > 0


def test_rows_that_are_done_stay_done_and_failures_are_tried_again(forked_workers, tvgnn, tmp_path):
    rows = [{"graph": KARATE, "k": 2, "output": "a.csv"}, {"graph": "g.csv", "k": 2}]
    assert tvgnn("batch", manifest(tmp_path, *rows), "-q").code == 4
    (tmp_path / "g.csv").write_text("1,2\n2,3\n3,1\n3,4\n")
    done = tvgnn("batch", "graphs.csv")
    assert done.code == 0, done.err
    assert "line 3" in done.err
    assert "line 2" not in done.err
    assert (tmp_path / "g.clusters.csv").exists()


def test_rows_stay_done_where_others_come_before_them(forked_workers, tvgnn, tmp_path):
    one, two = ({"graph": KARATE, "k": k, "output": f"{k}.csv"} for k in (2, 3))
    assert tvgnn("batch", manifest(tmp_path, two)).code == 0
    done = tvgnn("batch", manifest(tmp_path, one, two))
    assert done.code == 0, done.err
    assert "line 2" in done.err
    assert "line 3" not in done.err
    summary = pd.read_csv(tmp_path / "graphs.summary.csv")
    assert summary.row.tolist() == [2, 3]
    assert summary.exit_code.tolist() == [0, 0]


def test_rows_that_say_the_same_are_each_done(tmp_path):
    path = tmp_path / "graphs.csv"
    path.write_text("graph,k,output\n" + "karate,2,/dev/null\n" * 2 + "karate,3,/dev/null\n")
    jobs = read_manifest(path, cluster_options())
    assert len({job.entry_in(tmp_path).path for job in jobs}) == 3
    assert jobs[0].entry_in(tmp_path).path.name == f"karate-{jobs[0].key}.json"


@pytest.mark.parametrize("graph", ["a b/ä ö?*.csv", "x" * 300 + ".csv", ".", "é"])
def test_a_row_s_own_files_have_names_that_every_system_takes(tmp_path, graph):
    name = Job(2, graph).entry_in(tmp_path).path.name
    assert name.isascii()
    assert len(name) < 80
    assert not set(name) & set(' /?*"<>|:\\')


def test_rows_whose_files_are_gone_or_whose_labels_changed_are_made_again(
    forked_workers, tvgnn, tmp_path
):
    members = [f"m{i}" for i in range(1, 35)]
    (tmp_path / "y.csv").write_text("id,label\n" + "".join(f"{m},{m[-1]}\n" for m in members))
    rows = [{"graph": KARATE, "k": 2, "labels": "y.csv"}, {"graph": PLANTED, "k": 4, "labels": ""}]
    assert tvgnn("batch", manifest(tmp_path, *rows), "-q").code == 0
    (tmp_path / "planted.clusters.csv").unlink()
    assert "line 2" not in (done := tvgnn("batch", "graphs.csv")).err
    assert "line 3" in done.err
    assert (tmp_path / "planted.clusters.csv").exists()
    (tmp_path / "y.csv").write_text("id,label\n" + "".join(f"{m},{m[1]}\n" for m in members))
    os.utime(tmp_path / "y.csv", (1, 1))
    assert "line 2" in (done := tvgnn("batch", "graphs.csv")).err
    assert "line 3" not in done.err


def test_rows_that_would_replace_each_others_files(forked_workers, tvgnn, tmp_path):
    rows = [{"graph": KARATE, "k": 2}, {"graph": PLANTED, "k": 4}, {"graph": KARATE, "k": 3}]
    refused = tvgnn("batch", manifest(tmp_path, *rows), "-q")
    assert refused.code == 3
    assert "line 4: writes karate.clusters.csv, as line 2 does" in refused.err
    assert not (tmp_path / "karate.clusters.csv").exists()
    named = [{**row, "output": f"{row['k']}.csv"} for row in rows]
    assert tvgnn("batch", manifest(tmp_path, *named), "-q").code == 0
    assert {path.name for path in tmp_path.glob("*.metrics.csv")} == {
        "2.metrics.csv", "3.metrics.csv", "4.metrics.csv",
    }  # fmt: skip


def test_a_row_whose_files_another_run_has_replaced_is_made_again(tmp_path):
    target = tmp_path / "g.clusters.csv"
    row, done = (
        Job(2, "g.csv", ("-k", "2"), (str(target), "/dev/null")),
        Outcome(2, "g.csv", 0, "", 1),
    )
    target.write_text("vertex,cluster,p_0,p_1\n")
    _keep(tmp_path, row, done)
    assert _kept(tmp_path, row) == done
    target.write_text("vertex,cluster,p_0,p_1,p_2\n")
    assert _kept(tmp_path, row) is None
    _keep(tmp_path, row, done)
    assert _kept(tmp_path, row) == done
    entry = row.entry_in(tmp_path)
    entry.keep({name: value for name, value in entry.read().items() if name != "written"})
    assert _kept(tmp_path, row) == done, "rows of older versions do not say"


@pytest.mark.parametrize("column", ["numbers", "save", "report", "metrics"])
def test_files_of_every_kind_that_two_rows_write_are_told_with_their_column(
    tvgnn, tmp_path, column
):
    same = {"graph": KARATE, "k": "2..3", column: "same.csv"}
    rows = [{**same, "output": "a.csv"}, {**same, "output": "b.csv"}]
    refused = tvgnn("batch", manifest(tmp_path, *rows))
    assert refused.code == 3
    assert f"line 3: writes same.csv, as line 2 does; name another in a column '{column}'" in (
        refused.err
    )


def test_a_row_that_replaces_what_it_reads_is_told_the_column_of_what_it_writes(tvgnn, tmp_path):
    row = {"graph": KARATE, "k": 2, "init": "b.csv", "output": "b.csv"}
    refused = tvgnn("batch", manifest(tmp_path, row)).err
    assert "writes b.csv, which line 2 reads; name another in a column 'output'" in refused


def test_the_summary_replaces_nothing_that_a_row_reads(tvgnn, tmp_path):
    text = KARATE.read_text()
    (tmp_path / "g.csv").write_text(text)
    (tmp_path / "link.csv").symlink_to("g.csv")
    name = manifest(tmp_path, {"graph": "g.csv", "k": 2})
    for output in ("g.csv", "./g.csv", "link.csv"):
        refused = tvgnn("batch", name, "-o", output)
        assert refused.code == 3
        assert f"line 2: reads {output}, where the batch writes its outcomes" in refused.err
        assert "name another file for these (-o)" in refused.err
    assert (tmp_path / "g.csv").read_text() == text


def test_a_flag_is_turned_off_by_false(forked_workers, tvgnn, tmp_path):
    (tmp_path / "g.csv").write_text("u,v\n1,2\n2,3\n3,1\n")
    rows = [{"graph": "g.csv", "k": 2, "header": header, "output": f"{header}.csv"}
            for header in ("true", "false")]  # fmt: skip
    assert tvgnn("batch", manifest(tmp_path, *rows), "-q").code == 0
    assert len(pd.read_csv(tmp_path / "true.csv")) == 3
    assert len(pd.read_csv(tmp_path / "false.csv")) == 5


def test_parts_of_a_batch_share_a_folder(forked_workers, tvgnn, tmp_path):
    rows = [{"graph": KARATE, "k": k, "output": f"{k}.csv"} for k in (2, 3, 4)]
    name = manifest(tmp_path, *rows)
    for index, made in ((2, {"3.csv", "4.csv"}), (1, {"2.csv", "3.csv", "4.csv"})):
        assert tvgnn("batch", name, "-q", "--shard", f"{index}/2").code == 0
        assert {path.name for path in tmp_path.glob("?.csv")} == made
    assert not (tmp_path / "graphs.summary.csv").exists()
    assert tvgnn("batch", name).code == 0
    assert pd.read_csv(tmp_path / "graphs.summary.csv").exit_code.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: needs a column named 'graph'"),
        ("file,k\na.csv,2\n", "line 1: needs a column named 'graph'"),
        ("graph,k\n", "names no graph"),
        ("graph,clusters\na.csv,2\n", "has no option --clusters"),
        ("graph,checkpoint\na.csv,2\n", "has no option --checkpoint"),
        ("graph,k\na.csv,2,3\n", "line 2: 3 cells, but 2 columns"),
        ("graph,k\n\n,2\n", "line 3: names no graph"),
        ("graph,offline\na.csv,yes\n", "line 2: --offline is 'yes'"),
        (
            "graph;k\na.csv;2\n",
            "has 'graph;k'; cells are parted by commas, those of a .tsv by tabs",
        ),
        ('graph,k\n"a.csv,2\n', "line 2: a quote is open at its end"),
        ("graph,output\na.csv,-\n", "line 2: rows have no standard input or output (-)"),
        ("graph,metrics\na.csv,-\n", "line 2: rows have no standard input or output (-)"),
    ],
)
def test_manifests_that_cannot_be_read(tvgnn, tmp_path, text, words):
    (tmp_path / "m.csv").write_text(text)
    outcome = tvgnn("batch", "m.csv")
    assert outcome.code == 3
    assert words in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["m.csv"]


@pytest.fixture
def start(forks, tmp_path):
    """Start a batch, whose own processes start as they do in use."""
    return lambda: forks.start("batch", "graphs.csv", "--threads", 1, cwd=tmp_path)


def test_a_batch_that_is_told_to_end_keeps_what_is_done_and_goes_on(
    start, forked_workers, tvgnn, tmp_path
):
    long = {"epochs": 1500, "patience": 1500}
    rows = [{"graph": KARATE, "k": 2, "output": "a.csv"},
            {"graph": PLANTED, "k": 4, "output": "b.csv", **long}]  # fmt: skip
    manifest(tmp_path, *rows)
    process = start()
    process.until(lambda: (tmp_path / "a.csv").exists())
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    said = process.ended()
    assert process.returncode == 75, said
    assert "what is done is kept in batch" in said
    assert not (tmp_path / "b.csv").exists()
    assert list(tmp_path.glob("batch/*.states/restart-*"))
    done = tvgnn("batch", "graphs.csv", "--threads", 1)
    assert done.code == 0
    assert "line 2" not in done.err
    assert (tmp_path / "b.csv").exists()


def test_a_row_that_is_told_to_end_before_it_listens_goes_on(
    start, forked_workers, tvgnn, tmp_path
):
    manifest(tmp_path, {"graph": KARATE, "k": 2})
    process = start()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    process.until(lambda: children.read_text().strip(), 0.01)
    process.send_signal(signal.SIGTERM)
    said = process.ended()
    assert process.returncode == 75, said
    assert not (tmp_path / "graphs.summary.csv").exists()
    assert tvgnn("batch", "graphs.csv", "-q").code == 0


def test_a_row_whose_process_is_killed_is_a_row_that_failed(start, tmp_path):
    rows = [{"graph": PLANTED, "k": 4, "epochs": 100000, "patience": 100000},
            {"graph": KARATE, "k": 2, "output": "a.csv"}]  # fmt: skip
    manifest(tmp_path, *rows)
    process = start()
    process.until(lambda: [*tmp_path.glob("batch/*.log")], 0.1)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    for child in children.split():
        if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text():
            os.kill(int(child), signal.SIGKILL)
    said = process.ended()
    assert process.returncode == 4, said
    summary = pd.read_csv(tmp_path / "graphs.summary.csv")
    assert summary.exit_code.tolist() == [137, 0]


def test_a_row_ends_with_the_batch_that_is_killed(start, tmp_path):
    manifest(tmp_path, {"graph": KARATE, "k": 2, "epochs": 10**8, "patience": 10**8})
    process = start()
    process.until(lambda: [*tmp_path.glob("batch/*.log")], 0.1)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    served = [Path(f"/proc/{child}") for child in children]
    process.send_signal(signal.SIGKILL)
    process.ended()
    for _ in range(100):
        if not any((each / "exe").exists() for each in served):
            break
        time.sleep(0.1)
    assert not any((each / "exe").exists() for each in served)


def test_a_process_that_is_killed_before_it_reads_its_job(tmp_path):
    worker = Worker(print, tmp_path, ())
    worker.take(Job(2, "g"), Claim(tmp_path))
    worker._process.kill()
    worker._process.join()
    assert worker.outcome().exit_code == 137
    worker.close()


def test_rows_that_fail_are_told_in_a_line_where_all_else_is_quiet(tvgnn, tmp_path):
    (tmp_path / "graphs.csv").write_text("graph,k\nnone.csv,2\nnone2.csv,2\n")
    done = tvgnn("batch", "graphs.csv", "-q")
    assert (done.code, done.out) == (4, "")
    assert done.err.splitlines() == ["tvgnn: 2 of 2 rows failed; line 2: none.csv: no such file"]
