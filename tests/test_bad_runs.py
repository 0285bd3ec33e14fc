"""Runs that cannot be made, written or finished: one line, the exit code, nothing half-written."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest

from tests.test_bad_input import GOOD, listing, pickled_model


def test_a_run_that_cannot_fit_is_refused_with_the_figure(tvgnn, tmp_path, monkeypatch):
    monkeypatch.setattr("tvgnn_cli.run.memory.available_memory_mb", lambda: 1000.0)
    (tmp_path / "g.csv").write_text(GOOD)
    outcome = tvgnn("cluster", "g.csv", "-k", 2, "--hidden", 20000, "-q", "--epochs", 1)
    assert outcome.code == 2
    said = (
        r"would take about [\d,]+ MB, and [\d,]+ MB are free; lower --hidden or --layers, or give"
    )
    assert re.search(said, outcome.err)  # of four vertices batches save nothing
    assert [p.name for p in tmp_path.iterdir()] == ["g.csv"]
    small = ("-k", 2, "--hidden", 64, "-q", "--epochs", 1)
    assert tvgnn("cluster", "g.csv", *small).code == 0


def ring(n):
    return "".join(f"{i},{(i + 1) % n}\n" for i in range(n))


def test_advice_on_memory_names_what_saves_some_and_is_followed(
    tvgnn, tmp_path, monkeypatch, few_libraries
):
    (tmp_path / "g.csv").write_text(ring(3000))
    settings = ("-k", 2, "--view", "both", "--mlp-hidden", 2000, "--batch-size", 100)
    asked = ("cluster", "g.csv", "-q", "--epochs", 1, *settings)
    # Kernels and libraries of a machine take their part: what fits lies between the two.
    whole, parts = (
        float(re.search(r"about (\d+) MB", tvgnn("check", "g.csv", *settings, *way).out)[1])
        for way in ((), ("--batch", "parts"))
    )
    free = (whole + parts) / 2
    monkeypatch.setattr("tvgnn_cli.run.memory.available_memory_mb", lambda: free - 300)
    monkeypatch.setattr("tvgnn_cli.run.plan.held_memory_mb", lambda: 300.0)
    refused = tvgnn(*asked)
    said = r"train with --batch parts \(about \d+ MB\), lower --hidden( or|,) --"
    assert re.search(said, refused.err), refused.err
    assert "--components" not in refused.err  # there are no features
    followed = tvgnn(*asked, "--batch", "parts")
    assert followed.code == 0, followed.err


def test_check_says_where_a_run_does_not_fit(tvgnn, monkeypatch):
    monkeypatch.setattr("tvgnn_cli.run.inspection.available_memory_mb", lambda: 50.0)
    monkeypatch.setattr("tvgnn_cli.run.inspection.held_memory_mb", lambda: 100.0)
    told = tvgnn("check", "karate", "-k", 2)
    assert told.code == 0
    assert "; here 150 MB are free: no setting saves much: give it more memory\n" in told.out
    assert "; here 150 MB are free: lower --hidden or --layers\n" in (
        tvgnn("check", "karate", "-k", 2, "--hidden", 5000).out
    )
    assert "free" not in tvgnn("check", "karate", "-k", 2, "--method", "louvain").out


LATE = """
import atexit, os, signal, sys
from tvgnn_cli.cli.main import main
atexit.register(lambda: os.kill(os.getpid(), signal.SIGTERM))
sys.argv = ["tvgnn", "check", "no.csv"]
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_signal_after_the_end_changes_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LATE], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (3, "tvgnn: no.csv: no such file\n")


def test_k_equal_to_n_is_allowed(tvgnn, tmp_path):
    (tmp_path / "g.csv").write_text(GOOD)
    outcome = tvgnn("cluster", "g.csv", "-k", 4, "--threads", "1")
    assert outcome.code == 0, outcome.err
    assert "clusters used" in outcome.err


def test_a_loss_that_is_no_number_ends_with_4(tvgnn, tmp_path, monkeypatch):
    from tvgnn_cli import kernels

    true_loss = kernels.totvar_loss

    def no_number(*args, **options):
        return true_loss(*args, **options) * float("nan")

    monkeypatch.setattr(kernels, "totvar_loss", no_number)
    (tmp_path / "g.csv").write_text(GOOD)
    outcome = tvgnn("cluster", "g.csv", "-k", "2", "--balance-coeff", "1", "--threads", "1", "-q")
    assert outcome.code == 4
    assert "the loss is nan at epoch 0; lower --lr or --delta" in outcome.err
    assert [p.name for p in tmp_path.iterdir()] == ["g.csv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_read_only_target(tvgnn, tmp_path):
    (tmp_path / "g.csv").write_text(GOOD)
    (tmp_path / "ro").mkdir(mode=0o555)
    outcome = tvgnn("cluster", "g.csv", "-k", "2", "-o", "ro/c.csv")
    assert outcome.code == 2
    assert "cannot be written" in outcome.err


OTHER_COMMANDS: dict[str, tuple[list[str], dict[str, str | bytes], int, list[str]]] = {
    "model missing": (["predict", "no.tvgnn", "g.csv"], {}, 3, ["no.tvgnn", "no such file"]),
    "model pickled": (
        ["predict", "m.tvgnn", "g.csv"], {"m.tvgnn": pickled_model()}, 3, ["not a model"],
    ),
    "embedding by no model": (["embed", "no.tvgnn", "g.csv"], {}, 3, ["no.tvgnn", "no such file"]),
    "embedding of an unknown form": (
        ["embed", "no.tvgnn", "g.csv", "-o", "x.npz"], {}, 2, ["-o x.npz", ".npy"],
    ),
    "embedding over its input": (
        ["embed", "m.npy", "g.csv", "-o", "m.npy"], {"m.npy": "model"}, 2, ["is an input"],
    ),
    "nothing to score against": (["evaluate", "c.csv"], {"c.csv": "a,1\n"}, 2, ["--labels"]),
    "scores of other vertices": (
        ["evaluate", "c.csv", "--graph", "g.csv"],
        {"c.csv": "v,c\na,1\nb,1\n"}, 3, ["'c'", "1 more"],
    ),
    "scores of too many vertices": (
        ["evaluate", "c.csv", "--graph", "g.csv"],
        {"c.csv": "vertex,cluster\na,1\nb,1\nc,2\nd,1\nz,1\n"}, 3, ["'z'", "not in"],
    ),
    "a cluster missing": (
        ["evaluate", "c.csv", "--graph", "g.csv"],
        {"c.csv": "vertex,cluster\na,1\nb,\nc,2\nd,1\n"}, 3, ["no cluster", "'b'"],
    ),
    "check with a wrong preset": (["check", "g.csv", "--preset", "papr"], {}, 2, ["papr"]),
    "check of no edges": (["check", "loop.csv", "-k", "2"], {"loop.csv": "a,a\nb,b\n"}, 3,
                          ["loop: the graph has no edges"]),
    "check of batches of a method without any": (
        ["check", "karate", "--method", "dmon", "--batch", "parts"], {}, 2,
        ["--batch parts: --method dmon trains on the whole graph"],
    ),
    "check of batches with near pairs": (
        ["check", "karate", "--neighbours", "5", "--batch", "parts"], {}, 2,
        ["--neighbours and --spread-coeff are of the whole graph"],
    ),
    "check of nothing": (["check", "no.csv"], {}, 3, ["no.csv"]),
    "check of more clusters than vertices": (
        ["check", "karate", "-k", "35"], {}, 2, ["-k is 35, but karate has only 34 vertices"],
    ),
    "no command": (["clutser", "g.csv"], {}, 2, ["clutser"]),
    "no graph": (["cluster"], {}, 2, ["GRAPH"]),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHER_COMMANDS)
def test_other_commands(tvgnn, tmp_path, case):
    arguments, files, code, words = OTHER_COMMANDS[case]
    (tmp_path / "g.csv").write_text(GOOD)
    for name, contents in files.items():
        data = contents.encode() if isinstance(contents, str) else contents
        (tmp_path / name).write_bytes(data)
    before = listing(tmp_path)
    outcome = tvgnn(*arguments)
    assert outcome.code == code, outcome.err
    for word in words:
        assert word in outcome.err
    assert "Traceback" not in outcome.err
    assert listing(tmp_path) == before


def run(command: str, cwd: Path, **kwargs: object) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
    line = command.replace("$TVGNN", '"$PYTHON" -m tvgnn_cli')  # whose path may have a space
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], cwd=cwd, env=environment, capture_output=True,
        text=True, **kwargs,
    )  # fmt: skip


def test_a_reader_that_leaves_early(tmp_path):
    network = nx.fast_gnp_random_graph(30_000, 0.0001, seed=1)
    nx.write_edgelist(network, tmp_path / "g.txt", data=False)
    options = "-k 2 --structural degree --init random --view both --epochs 1 --hidden 4"
    done = run(f"cat g.txt | $TVGNN cluster - {options} -o - -q | head -1", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "vertex,cluster,confidence,margin,p_0,p_1\n"


@pytest.mark.parametrize("command", ["check g.csv", "--help", "cluster g.csv --dump-config"])
def test_a_reader_that_has_left(tmp_path, command):
    (tmp_path / "g.csv").write_text(GOOD)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "tvgnn_cli", *command.split()],
        cwd=tmp_path,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("target", "word"), [("> /dev/full", "No space left"), (">&-", "closed")])
def test_standard_output_that_takes_nothing(tmp_path, target, word):
    (tmp_path / "g.csv").write_text(GOOD)
    done = run(f"$TVGNN cluster g.csv -k 2 -o - -q --epochs 2 {target}", tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert word in done.stderr


@pytest.mark.parametrize("command", ["--version", "check g.csv", "cluster g.csv --dump-config"])
def test_a_disk_that_is_full(tmp_path, command):
    (tmp_path / "g.csv").write_text(GOOD)
    done = run(f"$TVGNN {command} > /dev/full", tmp_path)
    assert (done.returncode, done.stderr) == (2, "tvgnn: No space left on device\n")


@pytest.mark.parametrize(
    ("command", "code"),
    [("cluster g.csv -k 2 --epochs 2 2>&-", 0), ("cluster - -k 2 <&- 2>&1", 3)],
)
def test_streams_that_are_closed(tmp_path, command, code):
    (tmp_path / "g.csv").write_text(GOOD)
    done = run(f"$TVGNN {command}", tmp_path)
    assert done.returncode == code, done.stderr
    assert done.stdout == ("" if code == 0 else "tvgnn: standard input: is closed\n")
    assert (tmp_path / "g.clusters.csv").exists() == (code == 0)


def test_a_current_folder_that_is_gone(tmp_path):
    done = run("mkdir gone; cd gone; rmdir ../gone; $TVGNN cluster karate -k 2", tmp_path)
    line = "tvgnn: the current folder cannot be used (No such file or directory); "
    assert (done.returncode, done.stderr) == (2, line + "change into another\n")


def test_names_that_cannot_be_used(tvgnn, tmp_path):
    long = tvgnn("check", "g" * 300)
    assert (long.code, "File name too long" in long.err) == (3, True)
    (tmp_path / "g\udce9.csv").write_text(GOOD)
    odd = tvgnn("check", "g\udce9.csv")
    assert (odd.code, "not UTF-8" in odd.err) == (3, True)


def test_a_link_stays_one(tvgnn, tmp_path):
    (tmp_path / "g.csv").write_text(GOOD)
    (tmp_path / "real").mkdir()
    (tmp_path / "link.csv").symlink_to("real/r.csv")
    done = tvgnn("cluster", "g.csv", "-k", 2, "--epochs", 2, "-o", "link.csv", "-q")
    assert done.code == 0, done.err
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real" / "r.csv").read_text().startswith("vertex,cluster")
    (tmp_path / "bad.csv").symlink_to("none/r.csv")
    refused = tvgnn("cluster", "g.csv", "-k", 2, "--epochs", 2, "-o", "bad.csv", "-q")
    assert (refused.code, "there is no folder" in refused.err) == (2, True)


def test_interrupted(forks, tmp_path):
    (tmp_path / "g.csv").write_text(GOOD)
    endless = ("--epochs", 100000000, "--tolerance", 0, "--patience", 100000000)
    process = forks.start("cluster", "g.csv", "-k", 2, *endless, cwd=tmp_path)
    process.until(lambda: process.seconds > 1)  # of work, which is training
    process.send_signal(signal.SIGINT)
    said = process.ended()
    assert process.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    assert [p.name for p in tmp_path.iterdir()] == ["g.csv"]
