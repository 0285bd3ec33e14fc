"""Training that starts from a given partition."""

from __future__ import annotations

import tomllib

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import tvgnn_cli
from tests.conftest import SAMPLES
from tests.test_match import ring
from tvgnn_cli.adapters.estimator import TVGNNClustering
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import InputError, InterruptionError, UsageError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.run.given import Start, read_given
from tvgnn_cli.shaping.partition import read_partition
from tvgnn_cli.train import Checkpointing
from tvgnn_cli.train.given_start import whole_start

TINY = {"epochs": 3, "threads": 1, "hidden": 16, "mlp_hidden": 16}
SIZES = (9, 7, 5)
CLIQUES = np.repeat([0, 1, 2], SIZES)


def ids(count=21):
    return [f"v{i}" for i in range(count)]


def given(labels=CLIQUES, names=("a", "b", "c")):
    return {v: names[k] for v, k in zip(ids(), labels, strict=True) if k >= 0}


@pytest.fixture(autouse=True)
def quick(quick_start):
    """Warm starts of half as many steps."""


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array])
def test_a_vertex_without_a_cluster_has_that_of_the_nearest_mean(form):
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 4)).astype(np.float32)
    labels = random.integers(-1, 3, 60)
    found = whole_start(form(x), labels, 3, 0)
    means = np.stack([x[labels == k].mean(axis=0) for k in range(3)])
    nearest = ((x[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert np.array_equal(found, np.where(labels < 0, nearest, labels))


def test_clusters_that_lack_are_halves_of_the_largest():
    x = np.array([[0], [0.1], [5], [5.1], [9.0]], dtype=np.float32)
    found = whole_start(x, np.array([0, 0, 0, 0, 1]), 3, 0)
    assert found[4] == 1
    assert found[0] == found[1] != found[2] == found[3]
    alike = whole_start(np.zeros((6, 2), dtype=np.float32), np.zeros(6, dtype=int), 4, 0)
    assert set(np.bincount(alike, minlength=4)) <= {1, 2}
    few = whole_start(np.zeros((2, 1), dtype=np.float32), np.zeros(2, dtype=int), 4, 0)
    assert len(set(few)) == 2


def test_it_starts_there_and_ends_no_worse():
    found = tvgnn_cli.cluster(ring(), init=given(), **TINY)
    assert found.config.num_clusters == 3
    assert found.metrics["start_reached"] == 1
    assert np.array_equal(found.labels, CLIQUES)
    assert "training starts from clusters: 3 clusters of 21 vertices" in found.notes
    # A start that says nothing of this graph is where it begins, too.
    wrong = np.arange(21) % 3
    none = tvgnn_cli.cluster(ring(), init=given(wrong), **{**TINY, "epochs": 0})
    reached = none.metrics["start_reached"]
    same = np.zeros((3, 3))
    np.add.at(same, (none.labels, wrong), 1)
    assert reached == pytest.approx(same.max(axis=1).sum() / 21)
    assert ("warning: the network begins" in " ".join(none.notes)) == (reached < 0.95)


def test_support_of_what_is_kept_is_no_less_than_that_of_the_start():
    planted = SAMPLES / "planted.graphml"
    graph = tvgnn_cli.read_graph(planted)
    truth = dict(zip(graph.ids, graph.y.tolist(), strict=True))
    random = np.random.default_rng(3)
    for share in (0.0, 0.3):
        off = {v: int(random.integers(4)) if random.random() < share else k
               for v, k in truth.items()}  # fmt: skip
        begun = tvgnn_cli.cluster(planted, init=off, threads=1, hidden=32, epochs=0)
        ended = tvgnn_cli.cluster(planted, init=off, threads=1, hidden=32, epochs=40)
        assert ended.metrics["support"] >= begun.metrics["support"]
        assert ended.metrics["start_reached"] == begun.metrics["start_reached"]
        if not share:
            assert ended.metrics["nmi"] > 0.95


def test_vertices_without_a_cluster_and_rows_of_others():
    some = given(np.where(np.arange(21) % 4 == 0, -1, CLIQUES)) | {"elsewhere": "d"}
    found = tvgnn_cli.cluster(ring(), init=some, **TINY)
    assert found.config.num_clusters == 3
    assert np.array_equal(found.labels, CLIQUES)
    assert any(n.startswith("vertices without a cluster there: 6;") for n in found.notes)


@pytest.mark.parametrize(
    ("k", "note"),
    [
        (2, "clusters beyond the 2 largest of the start: 1; "),
        (5, "clusters that the start lacks: 2; its largest are split"),
    ],
)
def test_a_number_that_is_asked_for_wins(k, note):
    found = tvgnn_cli.cluster(ring(), k, init=given(), **TINY)
    assert found.assignment.shape[1] == found.metrics["num_clusters"] == k
    assert any(each.startswith(note) for each in found.notes)


def test_the_start_is_part_of_the_settings():
    def fingerprint(start, **options):
        found = tvgnn_cli.cluster(ring(), init=start, **{**TINY, "epochs": 0, **options})
        return found.metrics["config_fingerprint"]

    plain = fingerprint(given())
    assert plain == fingerprint(dict(reversed(given().items())))
    assert plain != fingerprint(given(names=("a", "b", "d")))
    assert plain != fingerprint(given(np.where(np.arange(21) == 3, -1, CLIQUES)))
    assert plain != fingerprint("kmeans", num_clusters=3)
    assert plain == fingerprint({**given(), "elsewhere": "a"})


def test_labels_change_no_byte():
    labels = np.arange(21) % 2
    plain = tvgnn_cli.cluster(ring(), init=given(), **TINY)
    told = tvgnn_cli.cluster(ring(), init=given(), labels=labels, **TINY)
    assert np.array_equal(plain.assignment, told.assignment)
    assert "nmi" in told.metrics


def test_all_restarts_start_there():
    found = tvgnn_cli.cluster(ring(), init=given(), restarts=2, **TINY)
    note = "all restarts start from it: they differ in the network's first weights"
    assert note in found.notes
    assert note not in tvgnn_cli.cluster(ring(), init=given(), **TINY).notes
    assert np.array_equal(found.labels, CLIQUES)


@pytest.mark.parametrize(
    "options",
    [{"method": "dmon"}, {"preset": "paper"}, {"view": "both"}, {"structural": "identity"},
     {"batch": "parts", "batch_size": 10}, {"method": "diffpool"}],
)  # fmt: skip
def test_whatever_is_trained_starts_there(options):
    found = tvgnn_cli.cluster(ring(), init=given(), **{**TINY, "epochs": 0, **options})
    assert found.metrics["start_reached"] > 0.7
    assert found.config.init.startswith("given:")


class _After(Interruption):
    """Asks the run to end after so many questions."""

    def __init__(self, steps):
        super().__init__()
        self.left = steps

    @property
    def reason(self):
        self.left -= 1
        return "enough" if self.left < 0 else None


@pytest.mark.parametrize("steps", [1, 8, 40])
def test_an_interrupted_run_goes_on_to_the_same_bytes(tmp_path, steps):
    whole = tvgnn_cli.cluster(ring(), init=given(), **TINY)
    kept = Checkpointing(tmp_path / "states", every=0)
    options = {**TINY, "init": given(), "checkpointing": kept}
    try:
        tvgnn_cli.cluster(ring(), interruption=_After(steps), **options)
    except InterruptionError:
        assert steps < 40
    again = tvgnn_cli.cluster(ring(), **options)
    assert np.array_equal(again.assignment, whole.assignment)
    with pytest.raises(UsageError, match="is of another run: init is given:"):
        tvgnn_cli.cluster(ring(), **{**options, "init": given(names=("a", "b", "d"))})


def test_shards_of_other_starts_do_not_go_together(tmp_path):
    whole = tvgnn_cli.cluster(ring(), init=given(), restarts=2, **TINY)
    for i, names in enumerate([("a", "b", "c"), ("a", "b", "d")]):
        for part in (1, 2):
            shard = tvgnn_cli.Shard(part, 2)
            start = given(names=names) if part == 2 else given()
            found = tvgnn_cli.cluster(ring(), init=start, restarts=2, only=shard.part(2), **TINY)
            tvgnn_cli.write_shard(found, shard, tmp_path / f"parts{i}")
    merged = tvgnn_cli.merge(tmp_path / "parts0").result
    assert np.array_equal(merged.assignment, whole.assignment)
    with pytest.raises(InputError, match="config_fingerprint differ"):
        tvgnn_cli.merge(tmp_path / "parts1")


def test_a_saved_model_is_used_as_any_other(tmp_path):
    found = tvgnn_cli.cluster(ring(), init=given(), **TINY)
    found.save(tmp_path / "m.tvgnn")
    again = tvgnn_cli.predict(tmp_path / "m.tvgnn", ring(), threads=1)
    assert again.to_frame().equals(found.to_frame())
    with pytest.raises(UsageError, match="give the clusters that it stands for"):
        tvgnn_cli.cluster(ring(), config=found.config, threads=1)
    same = tvgnn_cli.cluster(ring(), config=found.config, init=given(), threads=1)
    assert np.array_equal(same.assignment, found.assignment)


def test_arrays_tables_and_soft_assignments():
    plain = tvgnn_cli.cluster(ring(), init=CLIQUES, **TINY)
    series = pd.Series(CLIQUES, index=ids())
    assert np.array_equal(tvgnn_cli.cluster(ring(), init=series, **TINY).labels, plain.labels)
    again = tvgnn_cli.cluster(ring(), init=plain, **TINY)
    assert np.array_equal(again.labels, plain.labels)
    soft = np.eye(5)[CLIQUES] * 0.5 + 0.1  # two columns that no vertex is in
    found = read_given(ring(), init=soft).start
    assert (found.k, found.labels.tolist()) == (3, CLIQUES.tolist())


def test_the_estimator_starts_there_too():
    graph = ring()
    matrix = graph.adjacency.toarray()
    model = TVGNNClustering(3, init=CLIQUES, epochs=2, hidden=8, threads=1)
    assert np.array_equal(model.fit(None, adjacency=matrix).labels_, CLIQUES)
    with pytest.raises(UsageError, match="takes no start"):
        TVGNNClustering(None, init=CLIQUES, method="louvain").fit(None, adjacency=matrix)


def test_larger_clusters_come_first_in_a_start():
    start = Start.of(read_partition({"a": "x", "b": "y", "c": "y", "d": None}), list("abcde"))
    assert start.labels.tolist() == [1, 0, 0, -1, -1]
    assert start.within(1).tolist() == [-1, 0, 0, -1, -1]


def test_the_command_starts_from_a_file(tvgnn, tmp_path):
    common = ("--epochs", 2, "--hidden", 8, "--threads", 1)
    assert tvgnn("cluster", "karate", "-k", 3, "-o", "may.csv", *common).code == 0
    done = tvgnn("cluster", "karate", "--init", "may.csv", "--match", "may.csv", *common)
    assert done.code == 0, done.err
    assert "training starts from may.csv: 3 clusters of 34 vertices" in done.err
    assert "3 of 3 asked for" in done.err
    shown = tvgnn("cluster", "karate", "--init", "may.csv", "--dump-config").out
    assert tomllib.loads(shown)["init"] == "may.csv"
    (tmp_path / "c.toml").write_text(shown)
    again = tvgnn("cluster", "karate", "--config", "c.toml", "--match", "may.csv", *common,
                  "-o", "again.csv")  # fmt: skip
    assert again.code == 0, again.err
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "karate.clusters.csv").read_bytes()
    checked = tvgnn("check", "karate", "--init", "may.csv")
    assert "evidence for 3 clusters" in checked.out


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--init", "kmean"), 2, "--init is 'kmean'. Did you mean 'kmeans'? There is no file of"),
        (
            ("--init", "none.csv"),
            2,
            "--init is 'none.csv'. Known: kmeans, random. There is no file",
        ),
        (("--init", "other.csv"), 3, "no cluster for any vertex of karate; no id is in both"),
        (("--init", "one.csv"), 2, "a clustering needs at least 2 clusters"),
        (
            ("--init", "old.csv", "--method", "louvain"),
            2,
            "--init: --method louvain takes no start",
        ),
        (("--init", "old.csv", "--method", "kmeans", "-k", 2), 2, "takes no start"),
        (("--init", "old.csv", "-o", "old.csv"), 2, "is an input of this command"),
        (("--init", f"given:{'0' * 64}"), 2, "--init is 'given:000"),
    ],
)
def test_what_cannot_be_a_start_is_refused_in_a_line(tvgnn, tmp_path, options, code, said):
    (tmp_path / "old.csv").write_text("vertex,cluster\nm1,0\nm2,1\n")
    (tmp_path / "one.csv").write_text("vertex,cluster\nm1,0\nm2,0\n")
    (tmp_path / "other.csv").write_text("vertex,cluster\nx,0\ny,1\n")
    done = tvgnn("cluster", "karate", *options)
    assert (done.code, done.err.count("\n")) == (code, 1), done.err
    assert said in done.err
    assert not (tmp_path / "karate.clusters.csv").exists()


def test_a_sweep_takes_no_file(tvgnn, tmp_path):
    (tmp_path / "old.csv").write_text("vertex,cluster\nm1,0\nm2,1\n")
    done = tvgnn("sweep", "karate", "-k", "2,3", "--init", "old.csv")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err == "tvgnn: --init: a sweep takes no clusters beside its graph\n"


def test_a_batch_reads_the_start_of_each_row(tvgnn, tmp_path, forked_workers):
    (tmp_path / "old.csv").write_text("vertex,cluster\nm1,0\nm34,1\n")
    (tmp_path / "rows.csv").write_text(
        "graph,init,match,changes,epochs,hidden,output\nkarate,old.csv,old.csv,ch.csv,1,8,out.csv\n"
    )
    done = tvgnn("batch", "rows.csv")
    assert done.code == 0, done.err
    assert (tmp_path / "ch.csv").read_text().startswith("cluster,previous")
    (tmp_path / "rows.csv").write_text(
        "graph,k,match,changes,output\nkarate,2,old.csv,old.csv,o.csv\n"
    )
    refused = tvgnn("batch", "rows.csv")
    assert refused.code in (2, 3)


def test_only_the_form_of_a_digest_is_a_setting():
    assert ClusterConfig(init=f"given:{'a1' * 32}").start_is_given
    for text in ("given:", "given:xyz", f"given:{'A' * 64}", "kmeans ", ""):
        with pytest.raises(UsageError, match=r"^`init` is "):
            ClusterConfig(init=text)


def test_a_consensus_starts_there_too():
    found = tvgnn_cli.cluster(ring(), init=given(), restarts=2, consensus=True, **TINY)
    assert np.array_equal(found.labels, CLIQUES)
    assert found.metrics["start_reached"] == 1
    assert (found.stability == 1).all()
    with pytest.raises(UsageError, match="`fixed`: a consensus takes no fixed clusters"):
        tvgnn_cli.cluster(ring(), fixed=given(), restarts=2, consensus=True, **TINY)


def test_a_start_of_one_cluster_is_named(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("".join(f"m{i},0\n" for i in range(1, 35)))
    with pytest.raises(UsageError, match=r"one\.csv \(`init`\) has 1 cluster .*`num_clusters`"):
        tvgnn_cli.cluster("karate", init=path)
    found = read_given(tvgnn_cli.read_graph("karate"), init=path).start
    assert found.notes(2, 1, None)[0].endswith("one.csv: 1 cluster of 34 vertices")
