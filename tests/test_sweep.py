"""Sweeps: their values, rows, agreement, suggestion, and how they go on."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.conftest import SAMPLES
from tvgnn_cli.api import cluster
from tvgnn_cli.errors import InterruptionError, TrainingError, UsageError
from tvgnn_cli.evaluation.metric_table import VOLATILE
from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.jobs.axes import Axis, configurations, parse_axes
from tvgnn_cli.jobs.kept_labels import labels_of, packed, unpacked
from tvgnn_cli.jobs.sweep_rows import sweep_rows
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.evidence.suggestion import is_past, suggest_clusters
from tvgnn_cli.train import Checkpointing

PLANTED = SAMPLES / "planted.graphml"
FAST = (
    "--epochs", 3, "--hidden", 8, "--mlp-hidden", 8, "--threads", 1, "--view", "both",
    "--init", "random", "-q",
)  # fmt: skip
SETTINGS = {"epochs": 3, "hidden": 8, "mlp_hidden": 8, "restarts": 2, "view": "both",
            "init": "random"}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "axis"),
    [
        ("k", "2..5", Axis("num_clusters", (2, 3, 4, 5))),
        ("k", "2..8..3", Axis("num_clusters", (2, 5, 8))),
        ("k", "7", Axis("num_clusters", (7,))),
        ("k", "2.0, 3", Axis("num_clusters", (2, 3))),
        ("k", "2 .. 4", Axis("num_clusters", (2, 3, 4))),
        ("lr", "1e-4, 3e-4", Axis("lr", (1e-4, 3e-4))),
        ("feature-scaling", "unit,sum", Axis("feature_scaling", ("unit", "sum"))),
        ("degree_weighted", "true,false", Axis("degree_weighted", (True, False))),
    ],
)
def test_values_of_an_axis(name, text, axis):
    assert Axis.parse(name, text) == axis


@pytest.mark.parametrize(
    ("clusters", "over", "words"),
    [
        ("5..2", [], "`num_clusters` is '5..2'"),
        ("2..x", [], "`num_clusters` is '2..x'"),
        ("2,2", [], "`num_clusters` is '2,2'"),
        ("", [], "`num_clusters` is ''"),
        (None, [], "nothing to sweep over"),
        (None, ["lr"], "write NAME=VALUES"),
        (None, ["delat=1,2"], "Did you mean 'delta'"),
        (None, ["restarts=1,2"], "no such setting"),
        (None, ["restarts=1,2"], "give all values as many"),
        (None, ["choose_from=auto"], "`over` choose_from: no such setting"),
        (None, ["lr=1e-4,.0001"], "`over` lr is '1e-4,.0001', with 0.0001 twice"),
        (None, ["lr=1,,2"], "write values between commas"),
        ("2,3,2", [], "with 2 twice; give different values"),
        ("20..2..-3", [], "`num_clusters` is '20..2..-3'; write 2..20"),
        ("2..20..0", [], "write 2..20"),
        ("auto", [], "`num_clusters` is 'auto'; write 2..20"),
        ("2.5,3", [], "`num_clusters` is '2.5,3'; write 2..20"),
        ("2..9999999999", [], "names 9,999,999,998 values; at most 1,000 are tried"),
    ],
)
def test_axes_that_are_none(clusters, over, words):
    with pytest.raises(UsageError, match=words):
        parse_axes(clusters, over)


def test_more_combinations_than_anybody_waits_for_are_refused():
    axes = parse_axes("2..40", ["seed=0..999"])
    with pytest.raises(UsageError, match="39,000 combinations of values; at most 10,000 are tried"):
        configurations({}, axes)


def test_all_combinations_in_order():
    assert parse_axes(None, ["delta=.5,1.,1e-3"])[0].values == (0.5, 1.0, 1e-3)
    axes = parse_axes("2,3", ["lr=0.1,0.2"])
    configs = configurations({"seed": 4}, axes)
    assert [(c.num_clusters, c.lr, c.seed) for c in configs] == [
        (2, 0.1, 4), (2, 0.2, 4), (3, 0.1, 4), (3, 0.2, 4)
    ]  # fmt: skip
    with pytest.raises(UsageError, match="`num_clusters` is 1"):
        configurations({}, parse_axes("1..3", []))
    with pytest.raises(UsageError, match="swept twice"):
        configurations({}, parse_axes("2..3", ["num_clusters=4,5"]))


def test_rows_are_those_of_single_runs_and_agreement_is_the_mean_ari(tvgnn, tmp_path):
    done = tvgnn("sweep", PLANTED, "-k", "3,4", *FAST, "--restarts", 3, "--init", "random",
                 "--plot", "s.svg")  # fmt: skip
    assert done.code == 0, done.err
    table = pd.read_csv(tmp_path / "planted.sweep.csv")
    assert table.num_clusters.tolist() == [3, 4]
    assert (tmp_path / "s.svg").read_text().startswith("<?xml")
    labels = []
    for seed in range(3):
        tvgnn("cluster", PLANTED, "-k", 4, *FAST, "--init", "random", "--seed", seed,
              "-o", "c.csv", "--metrics", "m.csv")  # fmt: skip
        labels.append(pd.read_csv(tmp_path / "c.csv").cluster.to_numpy())
    pairs = [adjusted_rand_index(labels[i], labels[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert table.agreement[1] == pytest.approx(np.mean(pairs))
    tvgnn("cluster", PLANTED, "-k", 4, *FAST, "--restarts", 3, "--init", "random",
          "-o", "c.csv", "--metrics", "m.csv")  # fmt: skip
    alone = pd.read_csv(tmp_path / "m.csv")
    for name in ("loss", "cut_fraction", "modularity", "sharpness", "config_fingerprint"):
        assert table[name][1] == alone[name][0], name


def test_the_number_of_communities_is_suggested(quick_start, tvgnn):
    small = ("--hidden", 16, "--mlp-hidden", 16, "--epochs", 50, "--restarts", 2)
    done = tvgnn("sweep", PLANTED, "-k", "2..6", *small, "--threads", 1, "--progress", "none")
    assert done.code == 0
    assert "suggested: K = 4: saves 0." in done.err


def row_of(k, used=None, **others):
    return {"num_clusters": k, "clusters_used": used or k, "modularity": k / 100, **others}


def test_a_suggestion_goes_by_bits_where_clusters_are_of_edges_alone():
    saved = {2: 0.1, 3: 0.4, 4: 0.3, 5: 0.9}
    rows = [
        row_of(k, 4 if k == 5 else None, bits_saved=bits, view="edges", support=1.0, agreement=0.8)
        for k, bits in saved.items()
    ]
    found = suggest_clusters(rows)
    assert (found.num_clusters, found.next_best, found.is_sure) == (3, (4, 2), True)
    assert found.reason == (
        "saves 0.400 bits an edge (next: K = 4: 0.300; K = 2: 0.100), its restarts agree "
        "(ARI 0.800)"
    )
    none = suggest_clusters([{**row, "bits_saved": -row["bits_saved"]} for row in rows])
    assert not none.is_sure
    assert "no number of clusters is better than one cluster" in none.reason


def test_a_suggestion_goes_by_support_where_features_count():
    shares = {2: 1.2, 3: 1.195, 4: 1.1}
    rows = [row_of(k, bits_saved=k, view="both", support=s) for k, s in shares.items()]
    assert suggest_clusters(rows).num_clusters == 3, "more clusters, hardly less support"
    unsure = suggest_clusters([{**row, "evidence_sure": False} for row in rows])
    assert not unsure.is_sure
    assert "no evidence for clusters" in unsure.reason


def test_rows_that_say_too_little_suggest_nothing_or_by_modularity():
    assert suggest_clusters([row_of(2), row_of(3)]).num_clusters == 3
    for bits in (None, float("nan"), "much"):
        rows = [row_of(2, bits_saved=0.5), row_of(3, bits_saved=bits)]
        assert suggest_clusters(rows).num_clusters == 3
    assert suggest_clusters([row_of(2, bits_saved=1.0)]) is None
    assert suggest_clusters([]) is None


def test_numbers_past_the_best_are_known_in_order():
    rows = [row_of(k, bits_saved=bits) for k, bits in ((2, 0.1), (3, 0.4), (4, 0.3), (5, 0.2))]
    assert [is_past(rows[:n], 2) for n in (1, 2, 3, 4)] == [False, False, False, True]
    assert is_past(rows[:3], 1)
    failed = {"num_clusters": 6, "error": "none"}
    assert is_past([*rows[:3], failed], 2), "a number that failed is no better"
    later = [row_of(k, bits_saved=k, view="both", support=s) for k, s in ((2, 1.2), (3, 1.195))]
    assert not is_past(later, 1), "more clusters, hardly less support"


def test_a_sweep_ends_past_the_best(quick_start, tvgnn, tmp_path):
    small = ("--hidden", 16, "--mlp-hidden", 16, "--epochs", 20, "--restarts", 1)
    sweep = ("sweep", PLANTED, "-k", "3..9", *small, "--threads", 1, "--progress", "none")
    done = tvgnn(*sweep, "--stop-after", 2)
    assert done.code == 0, done.err
    assert "suggested: K = 4: saves 0." in done.err
    assert "not tried: K = 7, 8, 9; those before are past the best" in " ".join(done.err.split())
    assert pd.read_csv(tmp_path / "planted.sweep.csv").num_clusters.tolist() == [3, 4, 5, 6]


def test_labels_beside_a_row_come_back_or_are_refused():
    labels = np.random.default_rng(0).integers(0, 300, 1000)
    text = packed(labels)
    assert (unpacked(text, 1000, 300) == labels).all()
    assert unpacked(packed(labels[:0]), 0, 2).tolist() == []
    for given, n, clusters in (
        (text, 999, 300), (text, 1001, 300), (text, 1000, 299), ("!", 1000, 300), (7, 1000, 300),
        (text[:-8], 1000, 300), ("", 1000, 300), (packed(-1 - labels), 1000, 300),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"its labels|base64|padding"):
            unpacked(given, n, clusters)


def test_clusters_that_were_split_or_left_vertices_out_have_rows_too(tvgnn, tmp_path):
    cliques = [f"{c}{i},{c}{j}\n" for c in "abcd" for i in range(4) for j in range(i)]
    (tmp_path / "g.csv").write_text("".join(cliques))
    shaped = ("--connected", "split", "--min-confidence", 0.4, "--restarts", 1, "--no-header")
    sweep = ("sweep", "g.csv", "-k", "2,3", *FAST, *shaped, "--checkpoint", "c", "--keep", "kept")
    for _ in range(2):
        done = tvgnn(*sweep)
        assert (done.code, done.err) == (0, "")
    table = pd.read_csv(tmp_path / "g.sweep.csv")
    assert table.clusters_split_off.sum() + table.unassigned.sum() > 0, table.T
    none = tvgnn(*sweep, "--min-confidence", 1)
    assert (none.code, none.err) == (0, "")
    assert pd.read_csv(tmp_path / "g.sweep.csv").agreement_next.isna().all()


def test_labels_of_a_row_may_be_of_split_clusters_and_of_none():
    row = {"num_clusters": 2, "clusters_split_off": 1, "labels": packed(np.array([2, -1, 0]))}
    assert labels_of({**row, "unassigned": 1}, 3).tolist() == [2, -1, 0]
    for other in ({"unassigned": 0}, {"unassigned": 1, "clusters_split_off": 0}):
        with pytest.raises(ValueError, match="its labels are not from"):
            labels_of({**row, **other}, 3)


def test_a_row_whose_number_of_clusters_was_chosen_is_not_made_again(two_cliques, tmp_path):
    axes = parse_axes(None, ["seed=0,1"])
    configs = configurations({**SETTINGS, "restarts": 1, "num_clusters": "2..3"}, axes)
    found, heard = [], Counting()
    for _ in range(2):
        kept = Checkpointing(tmp_path / "c")
        rows = sweep_rows(two_cliques, configs, axes, checkpointing=kept, observer=heard, threads=1)
        found.append(list(rows))
    assert heard.trained == 2, "each of two seeds once"
    assert found[0] == found[1]


def test_a_sweep_with_less_time_than_it_takes_to_start_gets_further(two_cliques, tmp_path):
    axes = parse_axes("2,3", [])
    configs = configurations({**SETTINGS, "restarts": 1, "epochs": 1}, axes)
    keeping = {"checkpointing": Checkpointing(tmp_path / "c"), "threads": 1}
    runs = 0
    for _ in range(20):
        runs += 1
        try:
            list(sweep_rows(two_cliques, configs, axes, interruption=Interruption(0.0), **keeping))
            break
        except InterruptionError:
            assert [*(tmp_path / "c").glob("*")], "a state at least"
    assert 1 < runs < 20
    told = Interruption()
    told.request("SIGTERM was received")
    keeping["checkpointing"] = Checkpointing(tmp_path / "other")
    with pytest.raises(InterruptionError, match="SIGTERM"):
        list(sweep_rows(two_cliques, configs, axes, interruption=told, **keeping))
    assert not [*(tmp_path / "other").glob("*")], "a signal ends it before a value is begun"


def test_clusters_of_each_value_are_kept_and_agree_with_those_of_the_next(tvgnn, tmp_path):
    sweep = ("sweep", PLANTED, "-k", "2..4", *FAST, "--restarts", 1, "--keep", "kept")
    done = tvgnn(*sweep, "-o", "s.csv", "--checkpoint", "c")
    assert done.code == 0, done.err
    kept = tmp_path / "kept"
    assert sorted(path.name for path in kept.iterdir()) == [
        f"k-{k}.{kind}.csv" for k in (2, 3, 4) for kind in ("clusters", "metrics")
    ]
    table = pd.read_csv(tmp_path / "s.csv")
    labels = [pd.read_csv(kept / f"k-{k}.clusters.csv").cluster.to_numpy() for k in (2, 3, 4)]
    alone = tvgnn("cluster", PLANTED, "-k", 3, *FAST, "-o", "3.csv")
    assert alone.code == 0, alone.err
    assert (kept / "k-3.clusters.csv").read_bytes() == (tmp_path / "3.csv").read_bytes()
    nexts = [adjusted_rand_index(*pair) for pair in ((labels[0], labels[1]), labels[1:])]
    assert table.agreement_next[:2].tolist() == pytest.approx(nexts)
    assert np.isnan(table.agreement_next[2])
    stamp = (kept / "k-2.clusters.csv").stat().st_mtime_ns
    (kept / "k-3.clusters.csv").unlink()
    (kept / "k-4.metrics.csv").write_text("config_fingerprint\nof another run\n")
    done = tvgnn(*sweep, "-o", "s.csv", "--checkpoint", "c")
    assert done.code == 0, done.err
    assert (kept / "k-3.clusters.csv").exists(), "a value whose clusters are gone is made again"
    assert "of another run" not in (kept / "k-4.metrics.csv").read_text()
    assert (kept / "k-2.clusters.csv").stat().st_mtime_ns == stamp
    same = [name for name in table.columns if name not in VOLATILE]
    again = pd.read_csv(tmp_path / "s.csv")
    pd.testing.assert_frame_equal(again[same], table[same])


class Counting(Observer):
    def __init__(self):
        self.trained = 0

    def epoch(self, report):
        self.trained += report.epoch == 0


def test_a_sweep_goes_on_where_it_was_ended(tmp_path):
    graph, axes = read_graph(PLANTED), parse_axes("2..5", [])
    configs = configurations(SETTINGS, axes)
    whole = list(sweep_rows(graph, configs, axes, threads=1))
    interruption, heard, rows = Interruption(), Counting(), []
    keeping = {"checkpointing": Checkpointing(tmp_path / "c"), "interruption": interruption}
    with pytest.raises(InterruptionError):  # noqa: PT012
        for row in sweep_rows(graph, configs, axes, **keeping, threads=1):
            rows.append(row)
            if len(rows) == 2:
                interruption.request("enough")
    keeping = Checkpointing(tmp_path / "c")
    rest = list(sweep_rows(graph, configs, axes, checkpointing=keeping, observer=heard, threads=1))
    assert heard.trained == 2 * 2, "two restarts of the two values that were left"
    volatile = set(VOLATILE)
    for one, other in zip(whole, rest, strict=True):
        assert {k: v for k, v in one.items() if k not in volatile} == {
            k: v for k, v in other.items() if k not in volatile
        }
    assert not list((tmp_path / "c").glob("states-*")), "states of rows that are done are gone"


def test_rows_of_other_classes_are_other_rows(tmp_path):
    graph, axes = read_graph(PLANTED), parse_axes(None, ["lr=1e-3"])
    configs = configurations({**SETTINGS, "restarts": 1}, axes)

    def row(classes, y=None):
        y = np.arange(graph.num_vertices) % classes if y is None else y
        known = replace(graph, y=y, class_names=tuple(map(str, range(classes))))
        (found,) = sweep_rows(
            known, configs, axes, checkpointing=Checkpointing(tmp_path / "c"), threads=1
        )
        return found

    two, three = row(2), row(3)
    assert (two["num_clusters"], three["num_clusters"]) == (2, 3)
    assert two["nmi"] != three["nmi"]
    other = row(2, graph.y // 2)
    assert (other["loss"], other["num_clusters"]) == (two["loss"], 2)
    assert other["nmi"] != two["nmi"]
    assert row(2) == two, "from the folder"


def test_a_sweep_is_resumed_where_some_rows_are_new(tmp_path):
    graph, axes = read_graph(PLANTED), parse_axes("2..3", [])
    configs = configurations({**SETTINGS, "restarts": 1}, axes)
    must = Checkpointing(tmp_path / "c", resume="must")
    with pytest.raises(UsageError, match="nothing to resume from"):
        list(sweep_rows(graph, configs, axes, checkpointing=must, threads=1))
    (first,) = sweep_rows(
        graph, configs, axes, checkpointing=Checkpointing(tmp_path / "c"), only=range(1), threads=1
    )
    rows = list(sweep_rows(graph, configs, axes, checkpointing=must, threads=1))
    assert rows[0] == first
    assert rows[1]["num_clusters"] == 3


def test_a_sweep_that_is_told_to_end_while_it_reads_is_one_to_go_on_with(forks, tmp_path):
    os.mkfifo(tmp_path / "g.csv")
    process = forks.start("sweep", "g.csv", "-k", "2,3", "--checkpoint", "c", cwd=tmp_path)
    with (tmp_path / "g.csv").open("w") as pipe:  # opens once the command reads
        time.sleep(0.5)
        process.send_signal(signal.SIGUSR1)
        said = process.ended()
        pipe.write("")
    assert process.returncode == 75, said


def test_values_that_fail_are_told_with_their_value(tvgnn, tmp_path, monkeypatch):
    def diverging(graph, config, **options):
        if config.lr > 1:
            raise TrainingError("the loss is nan at epoch 3; lower `lr` or `delta`")
        return cluster(graph, config=config, **options)

    monkeypatch.setattr("tvgnn_cli.jobs.sweep_rows.cluster", diverging)
    sweep = ("sweep", PLANTED, "-k", 2, *FAST, "--restarts", 1, "--over")
    some = tvgnn(*sweep, "lr=1e-3,200")
    assert some.code == 0
    assert some.err.startswith("tvgnn: 1 of 2 values failed; K=2, lr=200.0: the loss is nan")
    assert some.err.endswith("lower --lr or --delta\n")
    table = tmp_path / "planted.sweep.csv"
    assert pd.read_csv(table, dtype=str).num_vertices.tolist() == ["280", np.nan]
    table.unlink()
    none = tvgnn(*sweep, "lr=200,300")
    assert none.code == 4, "nothing is left to compare"
    assert "2 of 2 values failed" in none.err
    assert len(pd.read_csv(tmp_path / "planted.sweep.csv")) == 2


def test_shards_of_a_sweep_share_a_folder_and_the_whole_gathers_them(tvgnn, tmp_path):
    chosen = ("sweep", PLANTED, "-k", "2..4", *FAST, "--checkpoint", "c")
    for index in (1, 2):
        assert tvgnn(*chosen, "--shard", f"{index}/2").code == 0
    told = tvgnn(*chosen[:-3], *chosen[-2:], "--shard", "1/2").err
    assert (
        "kept in c; the same command by itself, without --shard, writes planted.sweep.csv" in told
    )
    assert len(list(tmp_path.glob("c/row-*.json"))) == 3
    assert not (tmp_path / "planted.sweep.csv").exists()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("c/*")}
    assert tvgnn(*chosen, "-o", "gathered.csv").code == 0
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.glob("c/*")}
    assert tvgnn("sweep", PLANTED, "-k", "2..4", *FAST, "-o", "one.csv").code == 0
    one, gathered = (pd.read_csv(tmp_path / f"{n}.csv") for n in ("one", "gathered"))
    volatile = [name for name in VOLATILE if name in one]
    pd.testing.assert_frame_equal(one.drop(columns=volatile), gathered.drop(columns=volatile))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["-k", "2..5", "--shard", "1/2"], 2, "needs --checkpoint DIR"),
        (["-k", "399..402"], 2, "-k is 402"),
        (["-k", "2..3", "--plot", "p.bmp"], 2, "unknown suffix '.bmp'"),
        (["-k", "2..3", "--plot", "-"], 2, "--plot -: does not go to standard output"),
        (["--over", "lr=-1,2"], 2, "--lr is -1.0"),
        (["-k", "2..5", "--over", "seed=0,1", "--stop-after", "2"], 2, "leave --over out"),
        (["-k", "2..5", "--shard", "1/2", "--checkpoint", "c", "--stop-after", "2"], 2, "--shard"),
        (["--over", "lr=[1]"], 2, "setting 'lr' is '[1]', not of type float"),
    ],
)
def test_sweeps_that_cannot_work(tvgnn, tmp_path, arguments, code, words):
    outcome = tvgnn("sweep", PLANTED, *arguments)
    assert outcome.code == code
    assert words in outcome.err
    assert not list(tmp_path.iterdir())


def test_a_sweep_keeps_no_clusters_in_the_place_of_its_input_or_table(tvgnn, tmp_path):
    graph = tmp_path / "k-2.clusters.csv"
    graph.write_text("a,b\nb,c\nc,a\n")
    refused = tvgnn("sweep", graph, "-k", "2,3", "--keep", ".")
    assert (refused.code, "k-2.clusters.csv is an input of this command" in refused.err) == (
        2,
        True,
    )
    assert graph.read_text() == "a,b\nb,c\nc,a\n"
    refused = tvgnn("sweep", PLANTED, "-k", "2,3", "--keep", ".", "-o", "./k-3.metrics.csv")
    assert (refused.code, "-o and --keep name the same file" in refused.err) == (2, True)


@pytest.mark.parametrize("option", ["-o", "--plot"])
def test_a_sweep_does_not_replace_its_input(tvgnn, tmp_path, option):
    (tmp_path / "y.csv").write_text("id,label\n")
    (tmp_path / "y.png").symlink_to("y.csv")
    target = {"-o": "y.csv", "--plot": "y.png"}[option]
    outcome = tvgnn("sweep", PLANTED, "-k", "2,3", "--labels", "y.csv", option, target)
    assert (outcome.code, "is an input of this command" in outcome.err) == (2, True)
    assert (tmp_path / "y.csv").read_text() == "id,label\n"
