"""A run's restarts in parts, and merged: what one process with all of them gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import SAMPLES
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.evaluation.metric_table import VOLATILE
from tvgnn_cli.io.state_file import State, read_state, write_state
from tvgnn_cli.jobs.merge import _refuse_others
from tvgnn_cli.jobs.shard import Shard
from tvgnn_cli.jobs.shard_file import FORMAT, SAME, WHAT, ShardFacts

PLANTED = SAMPLES / "planted.graphml"
FAST = ("-k", 4, "--epochs", 4, "--hidden", 8, "--mlp-hidden", 8, "--init", "random",
        "--restarts", 5, "--threads", 1, "--seed", 3, "-q")  # fmt: skip


@pytest.mark.parametrize(("init", "count"), [("random", 2), ("random", 5), ("kmeans", 2)])
def test_any_split_gives_the_files_of_one_process(quick_start, tvgnn, tmp_path, count, init):
    chosen = (*FAST, "--init", init, "--restarts", 3 if init == "kmeans" else 5)
    assert tvgnn("cluster", PLANTED, *chosen, "-o", "one.csv", "--metrics", "one.json",
                 "--save", "one.model").code == 0  # fmt: skip
    for index in range(count, 0, -1):
        done = tvgnn("cluster", PLANTED, *chosen, "--shards", "s", "--shard", f"{index}/{count}")
        assert done.code == 0, done.err
    assert len(list(tmp_path.glob("s/*"))) == count
    done = tvgnn("merge", "s", "--require-complete", "-q", "-o", "all.csv", "--metrics", "all.json",
                 "--save", "all.model")  # fmt: skip
    assert done.code == 0, done.err
    for suffix in ("csv", "model"):
        one, merged = (tmp_path / f"{name}.{suffix}" for name in ("one", "all"))
        assert one.read_bytes() == merged.read_bytes(), suffix
    one, merged = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("one", "all"))
    for name in one.keys() | merged.keys():
        assert name in VOLATILE or one[name] == merged[name], name


def test_parts_cover_everything_once():
    for total in (1, 5, 8, 100):
        for count in range(1, total + 1):
            parts = [Shard(i + 1, count).part(total) for i in range(count)]
            assert [r for part in parts for r in part] == list(range(total))
            assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"ID": "0", "COUNT": "8", "MIN": "0", "MAX": "7", "STEP": "1"}, Shard(1, 8)),
        ({"ID": "8", "COUNT": "8", "MIN": "1", "MAX": "8", "STEP": "1"}, Shard(8, 8)),
        ({"ID": "20", "COUNT": "3", "MIN": "10", "MAX": "20", "STEP": "5"}, Shard(3, 3)),
        ({}, None),
        ({"ID": "3"}, None),
    ],
)
def test_the_task_of_a_job_array_names_its_shard(values, expected):
    named = {f"SLURM_ARRAY_TASK_{name}": value for name, value in values.items()}
    assert Shard.of_array(named) == expected


@pytest.mark.parametrize(
    "values",
    [
        {"ID": "7", "COUNT": "3", "MIN": "1", "MAX": "9", "STEP": "1"},
        {"ID": "x", "COUNT": "3"},
    ],
)
def test_an_array_with_gaps_names_none(values):
    named = {f"SLURM_ARRAY_TASK_{name}": value for name, value in values.items()}
    with pytest.raises(UsageError, match="give `shard`"):
        Shard.of_array(named)


def test_a_task_of_an_array_finds_its_shard(tvgnn, tmp_path, monkeypatch):
    array = {"ID": "2", "COUNT": "5", "MIN": "0", "MAX": "4", "STEP": "1"}
    for name, value in array.items():
        monkeypatch.setenv(f"SLURM_ARRAY_TASK_{name}", value)
    assert tvgnn("cluster", PLANTED, *FAST, "--shards", "s").code == 0
    assert [path.name for path in tmp_path.glob("s/*")] == ["shard-00003-of-00005.tvgnn"]


def test_missing_shards_are_named(tvgnn, tmp_path):
    for index in (1, 4):
        tvgnn("cluster", PLANTED, *FAST, "--shards", "s", "--shard", f"{index}/4")
    refused = tvgnn("merge", "s", "--require-complete")
    assert refused.code == 2
    assert "2 of 4 shards are missing: 2/4, 3/4" in refused.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s"]
    merged = tvgnn("merge", "s", "-q")
    assert merged.code == 0
    assert "missing shards, left out: 2/4, 3/4" in merged.err
    shard = next((tmp_path / "s").glob("shard-00001*"))
    refused = tvgnn("merge", "s", "--save", shard)
    assert (refused.code, "is an input of this command" in refused.err) == (2, True)
    assert (tmp_path / "planted.clusters.csv").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("--lr", "0.01"), "config_fingerprint"),
        (("--structural", "degree"), "config_fingerprint"),
    ],
)
def test_shards_of_another_run_are_refused(tvgnn, tmp_path, change, words):
    tvgnn("cluster", PLANTED, *FAST, "--shards", "s", "--shard", "1/2")
    tvgnn("cluster", PLANTED, *FAST, *change, "--shards", "s", "--shard", "2/2")
    refused = tvgnn("merge", "s")
    assert refused.code == 3
    assert words in refused.err


def test_shards_of_another_split_or_graph_are_refused(tvgnn, tmp_path):
    tvgnn("cluster", PLANTED, *FAST, "--shards", "s", "--shard", "1/2")
    tvgnn("cluster", PLANTED, *FAST, "--shards", "s", "--shard", "2/3")
    assert "number of shards (3, 2)" in tvgnn("merge", "s").err
    tvgnn("cluster", SAMPLES / "karate.csv", *FAST, "--shards", "t", "--shard", "1/2")
    tvgnn("cluster", PLANTED, *FAST, "--shards", "t", "--shard", "2/2")
    assert "input_fingerprint" in tvgnn("merge", "t").err


DIVERGING = ("-k", 2, "--init", "random", "--epochs", 5, "--layers", 10, "--hidden", 16,
             "--lr", 200, "--delta", 0.3, "--restarts", 6, "--threads", 1, "-q")  # fmt: skip


def test_shards_whose_restarts_all_failed_are_counted(tvgnn, tmp_path):
    karate = SAMPLES / "karate.csv"
    assert tvgnn("cluster", karate, *DIVERGING, "-o", "one.csv", "--metrics", "one.json").code == 0
    codes = [tvgnn("cluster", karate, *DIVERGING, "--shards", "s", "--shard", f"{i}/6").code
             for i in range(1, 7)]  # fmt: skip
    assert sorted(codes) == [0] + [4] * 5, "restarts that fail, and one that does not"
    done = tvgnn("merge", "s", "--require-complete", "-q", "-o", "all.csv", "--metrics", "all.json")
    assert done.code == 0, done.err
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "all.csv").read_bytes()
    one, merged = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("one", "all"))
    assert one["restarts_failed"] == merged["restarts_failed"] == 5
    (tmp_path / "s" / f"shard-{codes.index(0) + 1:05d}-of-00006.tvgnn").unlink()
    refused = tvgnn("merge", "s")
    assert refused.code == 4
    assert "all 5 restarts failed" in refused.err


@pytest.mark.parametrize("name", ["totvar_coeff", "balance_coeff", "near_coeff", "spread_coeff"])
def test_every_weight_of_a_loss_is_compared(name):
    same = {"balance_coeff": 0.5, "restarts_failed": 0, **dict.fromkeys(SAME[:2], "f"), SAME[2]: 1}
    shards = {
        Path(file): ShardFacts("1/2", {**same, name: weight})
        for file, weight in (("a", 0.5), ("b", 0.6))
    }
    with pytest.raises(InputError, match=r"b: is of another run than a: their weights of"):
        _refuse_others(shards)


def test_shards_whose_losses_do_not_compare_are_refused(tvgnn, tmp_path):
    for index in (1, 2):
        tvgnn("cluster", PLANTED, *FAST, "--shards", "s", "--shard", f"{index}/2")
    path = tmp_path / "s" / "shard-00002-of-00002.tvgnn"
    kept = read_state(path, FORMAT, WHAT)

    def changed(**metrics):
        facts = {**kept.facts, "metrics": {**kept.facts["metrics"], **metrics}}
        write_state(path, FORMAT, State(kept.tensors, facts))
        return tvgnn("merge", "s")

    metrics = kept.facts["metrics"]
    weight = metrics["balance_coeff"]
    for fault, words in (({"balance_coeff": weight / 10}, "weights of the balance loss"),
                         ({"totvar_coeff": 0.1}, "weights of the total variation"),
                         ({"processes": 2}, "processes")):  # fmt: skip
        refused = changed(**fault)
        assert refused.code == 3
        assert words in refused.err
    told = changed(balance_coeff=weight * (1 + 1e-6), version_torch="1.0", kernels="others")
    assert told.code == 0
    assert "warning: shards were made with kernels" in told.err
    assert "warning: shards were made with torch 1.0 and" in told.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["cluster", PLANTED, *FAST, "--shard", "1/2"], 2, "--shard needs --shards"),
        (["cluster", PLANTED, *FAST, "--shards", "s"], 2, "give --shard I/N"),
        (["cluster", PLANTED, *FAST, "--shards", "s", "--shard", "3"], 2, "write it as 3/8"),
        (["cluster", PLANTED, *FAST, "--shards", "s", "--shard", "9" * 5000 + "/2"], 2, "as 3/8"),
        (["cluster", PLANTED, *FAST, "--shards", "s", "--shard", "3/2"], 2, "--shard is 3/2"),
        (["cluster", PLANTED, *FAST, "--shards", "s", "--shard", "0/2"], 2, "--shard is 0/2"),
        (["cluster", PLANTED, *FAST, "--shards", "s", "--shard", "9/9"], 0, ""),
        (["cluster", PLANTED, *FAST, "--shards", "s", "--shard", "1/9"], 2, "nothing is left"),
        (["cluster", PLANTED, *FAST, "--shards", "s", "--shard", "1/2", "-o", "c.csv"], 2,
         "are of a whole run"),
        (["merge", "nowhere"], 3, "holds no shards"),
        (["merge", SAMPLES], 3, "holds no shards"),
    ],
)  # fmt: skip
def test_ends_with_one_line_and_the_right_code(
    tvgnn, tmp_path, monkeypatch, arguments, code, words
):
    monkeypatch.delenv("SLURM_ARRAY_TASK_ID", raising=False)
    outcome = tvgnn(*arguments)
    assert outcome.code == code, outcome.err
    assert words in outcome.err
    assert code == 0 or outcome.err.count("\n") == 1
