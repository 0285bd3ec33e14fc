"""Cross-validation of a classifier of graphs: rows, shards, interruptions, kills."""

from __future__ import annotations

import json
import signal
from dataclasses import replace

import numpy as np
import pytest

from tests.some_graphs import QUICK, SMALL, some_set, weights_of
from tvgnn_cli import classify, cross_validate
from tvgnn_cli.classification.flow import train_on
from tvgnn_cli.config import make_classify_config
from tvgnn_cli.errors import InputError, InterruptionError, UsageError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.jobs.cross_validation import COLUMNS
from tvgnn_cli.jobs.fold_runs import tasks_of
from tvgnn_cli.jobs.shard import Shard
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.graph_splits import hold_out, stratified_folds
from tvgnn_cli.train import Checkpointing


def test_a_kept_row_that_is_none_is_refused(tmp_path):
    graphs, kept = some_set(), Checkpointing(tmp_path)
    cross_validate(graphs, checkpointing=kept, **CV)
    row = next(tmp_path.glob("cv-*.json"))
    assert 0 < json.loads(row.read_text())["seconds_per_epoch"] < 60
    row.write_text("{}")
    with pytest.raises(InputError, match=r"is not a row that tvgnn saved \(.*\); remove it"):
        cross_validate(graphs, checkpointing=kept, **CV)


CV = {"folds": 3, "runs": 2, "threads": 1, **SMALL}

ONCE = {**CV, "runs": 1}


class EndsAfter(Observer):
    """Asks a run to end after so many epochs."""

    def __init__(self, epochs):
        self.left, self.interruption = epochs, Interruption()

    def phase(self, name, *_):
        if name.endswith(", epoch"):
            self.left -= 1
            if self.left == 0:
                self.interruption.request("enough")


def table(found, path) -> bytes:
    found.write(path)
    return path.read_bytes()


def test_cross_validation_has_a_row_for_each_fold_and_run(tmp_path):
    graphs = some_set(18)
    found = cross_validate(graphs, seed=5, **CV)
    frame = found.to_frame()
    assert tuple(frame) == COLUMNS
    assert [(row.fold, row.run) for row in frame.itertuples()] == [
        (fold, run) for run in range(2) for fold in range(3)
    ]
    assert frame["seed"].tolist() == [5, 6, 7, 8, 9, 10]
    assert frame["graphs_test"].tolist() == [6] * 6
    assert (frame["graphs_train"] + frame["graphs_validation"] == 12).all()
    assert found.confusion.sum() == 2 * 18, "each graph once in each run"
    assert found.confusion.sum(axis=1).tolist() == [18, 18], "rows are the true classes"
    right = np.trace(found.confusion) / found.confusion.sum()
    assert found.metrics["acc"] == pytest.approx(right)
    assert found.metrics["acc"] == pytest.approx(np.mean(found.accuracies))
    assert found.metrics["acc_sd"] == pytest.approx(np.std(found.accuracies, ddof=1))
    one = table(found, tmp_path / "1.csv")
    assert table(cross_validate(graphs, seed=5, **CV), tmp_path / "2.csv") == one
    assert table(cross_validate(graphs, seed=6, **CV), tmp_path / "3.csv") != one


def test_classes_of_a_fold_change_nothing_that_is_learned_for_it():
    graphs = some_set(18)
    (outside, inside), *_ = stratified_folds(np.arange(18), graphs.y, 3, 0)
    split, config = hold_out(outside, graphs.y, 0.2, 0), make_classify_config(SMALL)
    y = graphs.y.copy()
    y[inside] = 1 - y[inside]
    one, other = (
        train_on(each, split, config, threads=1) for each in (graphs, replace(graphs, y=y))
    )
    assert weights_of(one) == weights_of(other)
    assert one.probabilities.tobytes() == other.probabilities.tobytes()


@pytest.mark.parametrize(("options", "words"), [({"folds": 9}, "has 8"), ({"runs": 0}, "`runs`")])
def test_cross_validations_that_cannot_be(options, words):
    with pytest.raises(UsageError, match=words):
        cross_validate(some_set(16), **{**CV, **options})


def test_shards_in_one_folder_come_to_what_one_process_does(tmp_path):
    graphs = some_set(12)
    whole = table(cross_validate(graphs, **CV), tmp_path / "whole.csv")
    kept = Checkpointing(tmp_path / "c")
    for index in (2, 1):
        part = Shard(index, 2).part(6)
        found = cross_validate(graphs, only=part, checkpointing=kept, **CV)
        assert len(found.rows) == 3
    heard = []

    class Listener(Observer):
        def phase(self, name, *_):
            heard.append(name)

    merged = cross_validate(graphs, checkpointing=kept, observer=Listener(), **CV)
    assert not any(name.endswith(", epoch") for name in heard), "nothing is trained again"
    assert table(merged, tmp_path / "merged.csv") == whole
    assert merged.confusion.sum() == 24
    assert not list((tmp_path / "c").glob("states-*"))


@pytest.mark.parametrize("epochs", [1, 4])
def test_an_interrupted_cross_validation_goes_on_to_the_same_bytes(tmp_path, epochs):
    graphs = some_set(12)
    whole = table(cross_validate(graphs, **ONCE), tmp_path / "whole.csv")
    kept, ended = Checkpointing(tmp_path / "c", every=1e9), 0
    for _ in range(50):
        asks = EndsAfter(epochs)
        try:
            found = cross_validate(
                graphs, checkpointing=kept, observer=asks, interruption=asks.interruption, **ONCE
            )
            break
        except InterruptionError as error:
            assert "enough" in str(error)  # noqa: PT017
            ended += 1
    assert ended >= 2
    assert table(found, tmp_path / "pieces.csv") == whole


def test_a_cross_validation_with_less_time_than_it_takes_to_start_gets_further(tmp_path):
    with pytest.raises(InterruptionError, match="the time is over"):
        cross_validate(
            some_set(12), checkpointing=Checkpointing(tmp_path), interruption=Interruption(0.0),
            **ONCE,
        )  # fmt: skip
    assert [*tmp_path.glob("states-*/restart-*")], "one step is done, and kept"


def test_a_training_that_is_interrupted_goes_on_to_the_same_weights(tmp_path):
    graphs, settings = some_set(12), {**QUICK, "epochs": 9, "patience": 3, "lr": 0.1}
    whole = classify(graphs, **settings)
    kept, ended = Checkpointing(tmp_path / "c", every=1e9), 0
    for _ in range(20):
        asks = EndsAfter(2)
        try:
            found = classify(
                graphs, checkpointing=kept, observer=asks, interruption=asks.interruption,
                **settings,
            )  # fmt: skip
            break
        except InterruptionError:
            ended += 1
    assert ended >= 2
    assert weights_of(found) == weights_of(whole)
    assert found.model.history == whole.model.history
    with pytest.raises(UsageError, match=r"lr is 0\.2 here and 0\.1 there"):
        classify(graphs, checkpointing=kept, **{**settings, "lr": 0.2})
    with pytest.raises(UsageError, match="the input differs"):
        classify(graphs.take(np.arange(11)), checkpointing=kept, **settings)


def test_rows_and_states_of_another_run_are_not_taken(tmp_path):
    # A quarter of each class is held out, so that parts are the same whatever classes are called.
    graphs, settings = some_set(12), {**ONCE, "validation": 0.25}
    kept = Checkpointing(tmp_path / "c", every=1e9)
    asks = EndsAfter(5)
    with pytest.raises(InterruptionError):
        cross_validate(
            graphs, checkpointing=kept, observer=asks, interruption=asks.interruption, **settings
        )
    assert list((tmp_path / "c").glob("cv-*.json"))
    assert list((tmp_path / "c").glob("states-*"))
    swapped = replace(graphs, y=1 - graphs.y)
    moved = replace(graphs, attributes=graphs.attributes + np.float32(1))
    for number, (data, options) in enumerate([(graphs, {"lr": 0.1}), (swapped, {}), (moved, {})]):
        given = {**settings, **options}
        alone = table(cross_validate(data, **given), tmp_path / f"{number}.csv")
        kept_too = cross_validate(data, checkpointing=kept, **given)
        assert table(kept_too, tmp_path / f"{number}.kept.csv") == alone


def test_a_damaged_row_is_named(tmp_path):
    graphs, kept = some_set(12), Checkpointing(tmp_path / "c")
    only = {**ONCE, "only": [0]}
    cross_validate(graphs, checkpointing=kept, **only)
    (path,) = (tmp_path / "c").glob("cv-*.json")
    path.write_text(path.read_text()[:40])
    with pytest.raises(InputError, match="is not a row that tvgnn saved"):
        cross_validate(graphs, checkpointing=kept, **only)
    again = Checkpointing(tmp_path / "c", resume="never")
    assert len(cross_validate(graphs, checkpointing=again, **only).rows) == 1


def test_a_cross_validation_that_is_killed_twice_goes_on_to_the_same_bytes(forks, tmp_path):
    def start(name, folder):
        return forks.start(
            "classify", "cv", "shapes", "--folds", 3, "--runs", 1, "--batch-size", 40,
            "--epochs", 8, "--patience", 100, "--hidden", 8, "--layers", 1, "--threads", 1, "-q",
            "--every", "0s", "--checkpoint", folder, "-o", name, cwd=tmp_path,
        )  # fmt: skip

    def ended(child):
        said.append(child.ended())
        return child.returncode

    said = []
    codes = [ended(start("whole.csv", "a"))]
    for wanted in ("b/states-*/restart-*", "b/cv-*.json"):
        child = start("pieces.csv", "b")
        child.until(lambda wanted=wanted: list(tmp_path.glob(wanted)), 0.002)
        child.send_signal(signal.SIGTERM)
        codes.append(ended(child))
    assert not (tmp_path / "pieces.csv").exists()
    codes.append(ended(start("pieces.csv", "b")))
    assert codes == [0, 75, 75, 0], said
    assert "SIGTERM was received" in said[1]
    assert "Traceback" not in "".join(said)
    assert (tmp_path / "pieces.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_classes_that_a_fold_lacks_do_not_shift_the_others():
    graphs = some_set()
    # A class of one graph, the first by name: where it is tested, training has never seen it.
    y = graphs.y + 1
    y[3] = 0
    graphs = replace(graphs, y=y, class_names=("alone", *graphs.class_names))
    settings = {**SMALL, "epochs": 12, "lr": 0.03}
    found = cross_validate(graphs, folds=2, runs=1, threads=1, **settings)
    expected = np.zeros((3, 3), dtype=np.int64)
    for task in tasks_of(graphs, make_classify_config(settings), 2, 1):
        told = train_on(graphs, task.split, task.config, threads=1).classes[task.test]
        for true, said in zip(graphs.class_texts[task.test], told, strict=True):
            names = graphs.class_names
            expected[names.index(true), names.index(said)] += 1
    assert found.confusion.tolist() == expected.tolist()
    assert np.trace(expected[1:, 1:]) > 8, "or this shows nothing"
    assert sum(found.accuracies) / 2 == pytest.approx(np.trace(expected) / 16)
