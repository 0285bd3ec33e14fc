"""`tvgnn classify` on the command line: what it writes, and how it refuses."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch

import tvgnn_cli
from tests.conftest import make_graph
from tvgnn_cli import classify, load_classifier, predict_graphs
from tvgnn_cli.classification.record import VOLATILE
from tvgnn_cli.config.classification import CLASSIFY_FIELDS
from tvgnn_cli.io.state_file import State, read_state, write_state
from tvgnn_cli.jobs.cross_validation import COLUMNS
from tvgnn_cli.models.classifier_file import FORMAT, WHAT

SMALL = {"hidden": 8, "layers": 1, "epochs": 3}
FAST = ("--hidden", 8, "--layers", 1, "--epochs", 3,
        "--threads", 1, "-q")  # fmt: skip


def record(i: int, **fields: object) -> dict[str, object]:
    """A ring or a star."""
    n = 4 + i % 4
    edges = [[j, (j + 1) % n] for j in range(n)] if i % 2 else [[0, j] for j in range(1, n)]
    tails, heads = zip(*edges, strict=True)
    made = {"edge_index": [tails, heads], "num_nodes": n, "y": "ring" if i % 2 else "star"}
    return {name: value for name, value in (made | fields).items() if value is not None}


def written(*records: dict[str, object]) -> str:
    return "".join(json.dumps(each) + "\n" for each in records)


GOOD = written(*map(record, range(12)))


@pytest.fixture
def data(tmp_path) -> str:
    (tmp_path / "g.jsonl").write_text(GOOD)
    return "g.jsonl"


def shapes_model(method: str) -> bytes:
    """A model of the built-in set, in the form of its file."""
    path = Path("made.tvgnn")
    classify("shapes", threads=1, method=method, **SMALL).save(path)
    data = path.read_bytes()
    path.unlink()
    return data


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> dict[str, bytes]:
    """Files of models, good and bad, by name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("models"))
        good = shapes_model("tvgnn")
        made = {"m.tvgnn": good, "gin.tvgnn": shapes_model("gin")}
        made["cut.tvgnn"] = good[: len(good) // 2]
        Path("m.tvgnn").write_bytes(good)
        state = read_state(Path("m.tvgnn"), FORMAT, WHAT)
        name = next(n for n in state.tensors if n.startswith("state."))
        wrong = {name: torch.full_like(state.tensors[name], float("nan"))}
        write_state(Path("nan.tvgnn"), FORMAT, State({**state.tensors, **wrong}, state.facts))
        less = {n: t for n, t in state.tensors.items() if n != name}
        write_state(Path("less.tvgnn"), FORMAT, State(less, state.facts))
        others = {**state.facts, "pool_sizes": [7, 5]}
        write_state(Path("other.tvgnn"), FORMAT, State(state.tensors, others))
        network = nx.disjoint_union(nx.complete_graph(4), nx.complete_graph(4))
        x = np.random.default_rng(0).normal(size=(8, 3)).astype("f4")
        settings = {"epochs": 1, "hidden": 4, "threads": 1, "init": "random"}
        tvgnn_cli.cluster(make_graph(network, x), 2, **settings).save("cluster.tvgnn")
        for path in ("nan", "less", "other", "cluster"):
            made[f"{path}.tvgnn"] = Path(f"{path}.tvgnn").read_bytes()
    return made


def listing(folder: Path) -> dict[str, bytes]:
    """All files of a folder, by their paths. The folder of --checkpoint is made before it is seen
    that there is nothing in it, for every command.
    """
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


# What is written.


def test_training_writes_a_model_and_its_metrics(tvgnn, tmp_path):
    done = tvgnn("classify", "train", "shapes", *FAST)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "shapes.metrics.csv", "shapes.model.tvgnn",
    ]  # fmt: skip
    result = classify("shapes", threads=1, **SMALL)
    assert load_classifier("shapes.model.tvgnn").fingerprint() == result.model.fingerprint()
    row = pd.read_csv("shapes.metrics.csv").iloc[0]
    for name, value in result.metrics.items():
        if name not in VOLATILE and isinstance(value, int | float):
            assert row[name] == pytest.approx(value), name


def test_what_training_says_of_each_graph(tvgnn, tmp_path):
    given = ("classify", "train", "shapes", *FAST, "--save", "m", "--metrics", "m.json")
    for name in ("c.csv", "c.tsv", "c.parquet"):
        assert tvgnn(*given, "-o", name).code == 0
    stream = tvgnn(*given, "-o", "-")
    assert stream.out.encode() == (tmp_path / "c.csv").read_bytes()
    frames = [
        pd.read_csv("c.csv"), pd.read_csv("c.tsv", sep="\t"), pd.read_parquet("c.parquet"),
    ]  # fmt: skip
    expected = classify("shapes", threads=1, **SMALL).to_frame()
    for frame in frames:
        assert list(frame) == list(expected)
        assert frame["class"].tolist() == expected["class"].tolist()
        np.testing.assert_allclose(frame["p_ring"], expected["p_ring"], rtol=1e-6)
    assert json.loads((tmp_path / "m.json").read_text())["graphs_test"] == 30


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_same_command_gives_the_same_bytes_of_what_is_said_of_graphs(tvgnn, tmp_path, suffix):
    found = []
    for name in ("a", "b"):
        said, told = f"{name}.{suffix}", f"{name}.predicted.{suffix}"
        assert tvgnn("classify", "train", "shapes", *FAST, "--save", "m", "-o", said).code == 0
        assert tvgnn("classify", "predict", "m", "shapes", "-q", "-o", told).code == 0
        found.append([(tmp_path / each).read_bytes() for each in (said, told)])
    assert found[0] == found[1]


def test_a_saved_model_predicts_what_training_said(tvgnn, tmp_path, data):
    assert tvgnn("classify", "train", data, *FAST, "-o", "said.csv", "--save", "m.tvgnn").code == 0
    assert tvgnn("classify", "predict", "m.tvgnn", data, "-q", "--threads", 1).code == 0
    said, found = pd.read_csv("said.csv"), pd.read_csv("g.predicted.csv")
    pd.testing.assert_frame_equal(found, said.drop(columns="split"))
    without = written(*(record(i, y=None) for i in range(12)))
    (tmp_path / "bare.jsonl").write_text(without)
    stream = tvgnn("classify", "predict", "m.tvgnn", "bare.jsonl", "-q", "-o", "-", "--threads", 1)
    assert stream.code == 0, stream.err
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(stream.out)), found)
    scored = tvgnn("classify", "predict", "m.tvgnn", data, "--metrics", "p.json", "--threads", 1)
    right = found["class"] == [record(i)["y"] for i in range(12)]
    assert json.loads((tmp_path / "p.json").read_text())["acc"] == pytest.approx(right.mean())
    assert re.search(rf"accuracy +{right.mean():.1%}", scored.err)


def test_clusters_of_vertices_are_written_beside_the_classes(tvgnn, tmp_path, models):
    (tmp_path / "m.tvgnn").write_bytes(models["m.tvgnn"])
    given = ("classify", "predict", "m.tvgnn", "shapes", "-q", "--threads", 1)
    for name in ("p.csv", "p.parquet"):
        assert tvgnn(*given, "--pools", name, "-o", "c.csv").code == 0
    frame = pd.read_csv("p.csv", dtype={"vertex": str})
    first = [f"p1_{k}" for k in range(15)]
    second = [f"p2_{k}" for k in range(7)]
    assert list(frame) == ["graph", "vertex", "cluster_1", *first, "cluster_2", *second]
    assert len(frame) == 1153
    for level, columns in ((1, first), (2, second)):
        values = frame[columns].to_numpy()
        np.testing.assert_allclose(values.sum(axis=1), 1, rtol=1e-5)
        assert frame[f"cluster_{level}"].tolist() == values.argmax(axis=1).tolist()
    assert (
        frame.groupby("graph", sort=False).size().tolist()
        == tvgnn_cli.read_graph_set("shapes").sizes.tolist()
    )
    parquet = pd.read_parquet("p.parquet")
    np.testing.assert_allclose(parquet[second], frame[second], rtol=1e-6)


def test_embeddings_are_written_in_each_form(tvgnn, tmp_path, models):
    (tmp_path / "m.tvgnn").write_bytes(models["m.tvgnn"])
    given = ("classify", "embed", "m.tvgnn", "shapes", "-q", "--threads", 1)
    expected = tvgnn_cli.embed_graphs(load_classifier("m.tvgnn"), "shapes", threads=1)
    assert tvgnn(*given).code == 0
    assert tvgnn(*given, "-o", "e.npy").code == 0
    stream = tvgnn(*given, "-o", "-")
    np.testing.assert_array_equal(np.load("e.npy"), expected)
    ids = tvgnn_cli.read_graph_set("shapes").ids.tolist()
    for frame in (
        pd.read_parquet("shapes.embedding.parquet"),
        pd.read_csv(io.StringIO(stream.out)),
    ):
        assert frame["graph"].tolist() == ids
        np.testing.assert_allclose(frame.drop(columns="graph"), expected, rtol=1e-5, atol=1e-7)


def test_cross_validation_writes_its_tables(tvgnn, tmp_path, data):
    given = ("classify", "cv", data, "--folds", 2, "--runs", 1, *FAST)
    done = tvgnn(*given, "--confusion", "c.csv", "--metrics", "m.json")
    assert (done.code, done.err) == (0, "")
    found = tvgnn_cli.cross_validate(data, folds=2, runs=1, threads=1, **SMALL)
    frame = pd.read_csv("g.cv.csv")
    assert tuple(frame) == COLUMNS
    assert frame["acc"].tolist() == pytest.approx(found.accuracies)
    confusion = pd.read_csv("c.csv")
    assert list(confusion) == ["class", "as_ring", "as_star"]
    assert confusion["class"].tolist() == ["ring", "star"]
    assert confusion[["as_ring", "as_star"]].to_numpy().tolist() == found.confusion.tolist()
    assert json.loads((tmp_path / "m.json").read_text())["acc"] == pytest.approx(
        found.metrics["acc"]
    )
    assert tvgnn(*given, "-o", "-").out.encode() == (tmp_path / "g.cv.csv").read_bytes()
    assert tvgnn(*given, "-o", "t.parquet").code == 0
    pd.testing.assert_frame_equal(pd.read_parquet("t.parquet"), frame)


def test_parts_by_shard_come_to_the_table_of_one_process(tvgnn, tmp_path, data):
    given = ("classify", "cv", data, "--folds", 2, "--runs", 2, *FAST)
    assert tvgnn(*given, "-o", "whole.csv").code == 0
    for part in ("3/3", "1/3", "2/3"):
        done = tvgnn(*given, "--checkpoint", "c", "--shard", part, "-o", "part.csv")
        assert done.code == 0, done.err
    assert not (tmp_path / "part.csv").exists()
    assert len(list(tmp_path.glob("c/cv-*.json"))) == 4
    assert tvgnn(*given, "--checkpoint", "c", "--resume", "must", "-o", "all.csv").code == 0
    assert (tmp_path / "all.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_settings_come_from_a_file_and_options_win_over_it(tvgnn, tmp_path, data):
    lines = "".join(f"{name.replace('_', '-')} = {value}\n" for name, value in SMALL.items())
    (tmp_path / "s.toml").write_text(lines.replace("-", "_") + 'method = "dmon"\n')
    given = ("classify", "train", data, "--config", "s.toml", "-q", "--threads", 1)
    assert tvgnn(*given, "--save", "1").code == 0
    assert tvgnn(*given, "--save", "2", "--epochs", 1, "--method", "gin").code == 0
    one, two = (load_classifier(name).config for name in ("1", "2"))
    assert (one.method, one.epochs, one.hidden) == ("dmon", 3, 8)
    assert (two.method, two.epochs, two.hidden) == ("gin", 1, 8)


def test_presets_by_any_case_and_summaries(tvgnn, data):
    given = ("classify", "train", data, "--preset", "mutag", "--epochs", 1, "--threads", 1)
    done = tvgnn(*given)
    assert done.code == 0, done.err
    for words in ("Classifier of g", "ring, star", "accuracy, train", "g.model.tvgnn"):
        assert words in done.err
    config = load_classifier("g.model.tvgnn").config
    assert (config.preset, config.hidden, config.delta) == ("MUTAG", 32, 1.644)
    told = tvgnn("classify", "cv", data, "--folds", 2, "--runs", 1, *FAST[:-1])
    for words in ("Cross-validation of g", "2 of 2", "g.cv.csv", "class, and taken"):
        assert words in told.err


@pytest.mark.parametrize("command", ["train", "cv"])
def test_every_setting_is_an_option(tvgnn, command):
    text = tvgnn("classify", command, "--help-all").out
    for name in CLASSIFY_FIELDS:
        assert f"--{name.replace('_', '-')} " in text, name


# What is refused.

CUT = GOOD[: len(GOOD) // 2]
ONE_CLASS = written(*(record(i, y="ring") for i in range(6)))
NO_CLASS = written(*(record(i, y=None) for i in range(6)))
WIDE = written(*(record(i, x=[[1e30 * (j + i)] for j in range(4 + i % 4)]) for i in range(12)))
ATTRIBUTES = written(*(record(i, x=[[float(j)] for j in range(4 + i % 4)]) for i in range(4)))

TRAIN, CROSS, PREDICT = ("train", "g.jsonl"), ("cv", "g.jsonl"), ("predict", "m.tvgnn", "g.jsonl")

# name of the case: (arguments, files beside g.jsonl and the models, exit code, words of the line)
REFUSED: dict[str, tuple[tuple[object, ...], dict[str, str], int, str]] = {
    "no labels": (("train", "b.jsonl"), {"b.jsonl": NO_CLASS}, 3, "no classes of graphs"),
    "no labels to validate by": (("cv", "b.jsonl"), {"b.jsonl": NO_CLASS}, 3, "no classes"),
    "one class": (("train", "b.jsonl"), {"b.jsonl": ONE_CLASS}, 3, "graphs are of class 'ring'"),
    "a set that is cut off": (("train", "b.jsonl"), {"b.jsonl": CUT}, 3, "b.jsonl"),
    "no set": (("train", "nothing"), {}, 3, "'nothing': no such file, folder or data set"),
    "fewer graphs than folds": ((*CROSS, "--folds", 7), {}, 2, "the largest class has 6 graphs"),
    "one fold": ((*CROSS, "--folds", 1), {}, 2, "--folds is 1; needs to be at least 2"),
    "no run": ((*CROSS, "--runs", 0), {}, 2, "--runs is 0; needs to be at least 1"),
    "sizes that are words": ((*TRAIN, "--pool-sizes", "a,b"), {}, 2, "--pool-sizes is 'a,b'"),
    "sizes of one": ((*TRAIN, "--pool-sizes", "1,1"), {}, 2, "needs two whole numbers"),
    "one size": ((*TRAIN, "--pool-sizes", "5"), {}, 2, "needs two whole numbers"),
    "an unknown preset": ((*TRAIN, "--preset", "MUTG"), {}, 2, "Did you mean 'MUTAG'?"),
    "a negative rate": ((*TRAIN, "--lr", -1), {}, 2, "--lr is -1.0; needs to be positive"),
    "no width": ((*TRAIN, "--hidden", 0), {}, 2, "--hidden is 0"),
    "all for validation": ((*TRAIN, "--validation", 1), {}, 2, "--validation is 1"),
    "a loss that is no number": (
        ("train", "b.jsonl", "--scaling", "none", "--lr", 1000, "--delta", 1e6),
        {"b.jsonl": WIDE}, 4, "no longer a number at epoch",
    ),
    "a loss that is no number in a fold": (
        ("cv", "b.jsonl", "--folds", 2, "--scaling", "none", "--lr", 1000, "--delta", 1e6),
        {"b.jsonl": WIDE}, 4, "no longer a number at epoch",
    ),
    "no model": (("predict", "no.tvgnn", "g.jsonl"), {}, 3, "no.tvgnn: no such file"),
    "a model of clusters": (("predict", "cluster.tvgnn", "g.jsonl"), {}, 3, "cluster.tvgnn"),
    "a model that is cut off": (("predict", "cut.tvgnn", "g.jsonl"), {}, 3, "cut.tvgnn"),
    "a model with weights that are none": (
        ("predict", "nan.tvgnn", "g.jsonl"), {}, 3, "has values that are no numbers",
    ),
    "a model without a weight": (("predict", "less.tvgnn", "g.jsonl"), {}, 3, "is damaged"),
    "a model of other sizes": (("predict", "other.tvgnn", "g.jsonl"), {}, 3, "is damaged"),
    "a graph as a model": (("predict", "g.jsonl", "g.jsonl"), {}, 3, "g.jsonl"),
    "an embedding by no model": (("embed", "no.tvgnn", "g.jsonl"), {}, 3, "no such file"),
    "an embedding of an unknown form": (
        ("embed", "m.tvgnn", "g.jsonl", "-o", "e.xyz"), {}, 2, "-o e.xyz",
    ),
    "another number of attributes": (
        ("predict", "a.tvgnn", "g.jsonl"), {}, 3, "have 0 attributes; the model was trained on 1",
    ),
    "one file twice": ((*TRAIN, "-o", "x.csv", "--metrics", "x.csv"), {}, 2, "name the same file"),
    "one file under two names": (
        (*PREDICT, "-o", "x.csv", "--metrics", "./x.csv"), {}, 2, "name the same file",
    ),
    "one file for both tables": (
        (*CROSS, "-o", "x.csv", "--confusion", "x.csv"), {}, 2, "name the same file",
    ),
    "two results to stdout": ((*TRAIN, "-o", "-", "--metrics", "-"), {}, 2, "only one result"),
    "a model over its input": ((*TRAIN, "--save", "g.jsonl"), {}, 2, "is an input"),
    "no folder for the model": ((*TRAIN, "--save", "no/m"), {}, 2, "there is no folder no"),
    "no folder for the table": ((*CROSS, "-o", "no/c.csv"), {}, 2, "there is no folder no"),
    "a table of an unknown form": ((*TRAIN, "-o", "c.xyz"), {}, 2, "-o c.xyz"),
    "pools of a method without": (
        ("predict", "gin.tvgnn", "g.jsonl", "--pools", "p.csv"), {}, 2,
        "--pools: --method gin has no assignments",
    ),
    "nothing to resume from": (
        (*CROSS, "--checkpoint", "c", "--resume", "must"), {}, 2, "nothing to resume from",
    ),
    "nothing to resume a training from": (
        (*TRAIN, "--checkpoint", "c", "--resume", "must"), {}, 2, "nothing to resume from",
    ),
    "a part without a folder": ((*CROSS, "--shard", "1/2"), {}, 2, "needs --checkpoint DIR"),
    "a part that is none": (
        (*CROSS, "--checkpoint", "c", "--shard", "4/2"), {}, 2, "--shard is 4/2",
    ),
    "parts without work": (
        (*CROSS, "--checkpoint", "c", "--shard", "1/40"), {}, 2, "nothing is left",
    ),
    "no graphs for validation": ((*TRAIN, "--validation", 0), {}, 2, "needs to be above 0, and"),
    "how often without a folder": ((*TRAIN, "--every", "5s"), {}, 2, "--every needs --checkpoint"),
    "a time without a folder": ((*CROSS, "--max-time", "5s"), {}, 2, "--max-time needs"),
    "a file of settings that has others": (
        (*TRAIN, "--config", "s.toml"), {"s.toml": "epoch = 3\n"}, 2, "Did you mean 'epochs'",
    ),
    "settings that are no TOML": ((*TRAIN, "--config", "s.toml"), {"s.toml": "x"}, 2, "s.toml"),
    "labels that are not there": ((*TRAIN, "--labels", "no.csv"), {}, 3, "no.csv"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(tvgnn, tmp_path, models, case):
    arguments, files, code, words = REFUSED[case]
    (tmp_path / "g.jsonl").write_text(GOOD)
    for name, contents in files.items():
        (tmp_path / name).write_text(contents)
    for name, contents in models.items():
        if name in arguments:
            (tmp_path / name).write_bytes(contents)
    if "a.tvgnn" in arguments:
        (tmp_path / "a.jsonl").write_text(ATTRIBUTES)
        classify("a.jsonl", threads=1, **SMALL).save("a.tvgnn")
    before = listing(tmp_path)
    quick = FAST if arguments[0] in ("train", "cv") and "--hidden" not in arguments else FAST[-3:]
    outcome = tvgnn("classify", *arguments, *quick)
    assert outcome.code == code, outcome.err
    assert outcome.out == ""
    assert words in outcome.err
    assert outcome.err.startswith("tvgnn: ")
    assert outcome.err.count("\n") == 1
    assert "Traceback" not in outcome.err
    assert listing(tmp_path) == before


@pytest.mark.parametrize("method", ["tvgn", "kmeans"])
def test_an_unknown_method_is_refused_with_those_that_are_known(tvgnn, tmp_path, data, method):
    outcome = tvgnn("classify", "train", data, "--method", method)
    assert (outcome.code, outcome.out) == (2, "")
    for known in ("tvgnn", "diffpool", "sagpool", "gin"):
        assert known in outcome.err
    assert "Traceback" not in outcome.err
    assert list(listing(tmp_path)) == ["g.jsonl"]


def test_states_of_another_training_are_refused_and_not_overwritten(tvgnn, tmp_path, data):
    given = ("classify", "train", data, *FAST, "--checkpoint", "c", "--every", "0s")
    assert tvgnn(*given).code == 0
    before = listing(tmp_path)
    outcome = tvgnn(*given, "--lr", 0.5)
    assert outcome.code == 2
    assert "lr is 0.5 here and 0.001 there" in outcome.err
    assert listing(tmp_path) == before


def test_a_model_knows_nothing_of_graphs_that_it_was_not_given(tvgnn, tmp_path, models, data):
    """Of a class that it lacks, none is right."""
    (tmp_path / "m.tvgnn").write_bytes(models["m.tvgnn"])
    found = predict_graphs(load_classifier("m.tvgnn"), data, threads=1)
    assert set(found.classes) <= {"grid", "ring", "tree"}
    names = np.array([record(i)["y"] for i in range(12)])
    assert found.metrics["acc"] == pytest.approx((found.classes == names).mean())
