"""States that no run of ours wrote, and runs that come at once to one folder of states."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

import tvgnn_cli
from tests.conftest import SAMPLES
from tests.damage import SMALL, changed, drop, is_refused
from tests.test_checkpoint import keeping
from tvgnn_cli.errors import InterruptionError, TrainingError, UsageError
from tvgnn_cli.io.state_file import State, read_state, write_state
from tvgnn_cli.train import Checkpointing
from tvgnn_cli.train.checkpoint import FORMAT, WHAT


def interrupted(ten, folder, **settings):
    """The file of a state that a run was ended at."""
    with pytest.raises(InterruptionError):
        tvgnn_cli.cluster(ten, 2, **keeping(folder, 3), **SMALL | settings)
    return folder / "restart-00000.tvgnn"


WEIGHT, MEAN = "model.layers.0.weight", "optimizer.0.exp_avg_sq"
COURSE, RULE, NO = ("work", "course"), ("work", "rule"), None
STATES = {
    "another stage": (("stage",), "x", "stage is 'x'"),
    "a stage without weights": (("known",), {}, "it has no known.weights"),
    "other weights": (("known",), {"weights": {"q": 1}}, "it has no totvar"),
    "no work": (("work",), {}, "it has no rule"),
    "an epoch ahead": ((*COURSE, "epoch"), 10**9, "course.epoch is"),
    "a loss that is none": ((*COURSE, "history"), ["x"] * 3, "course.history[0] is 'x'"),
    "terms of another loss": ((*COURSE, "start_terms"), {"seed": 1}, "its terms are not"),
    "patience of text": ((*RULE, "waited"), "x", "rule.waited is 'x'"),
    "NaN": (NO, {WEIGHT: torch.full((4, 4), float("nan"))}, f"{WEIGHT} has values"),
    "other sizes": (NO, {WEIGHT: torch.zeros(4, 5)}, f"{WEIGHT} is float32 [4, 5]"),
    "squares below 0": (NO, {MEAN: torch.full((4, 4), -1.0)}, "below 0"),
    "squares that are none": (NO, {MEAN: torch.full((4, 4), float("nan"))}, f"{MEAN} has values"),
    "another moment": (NO, {"optimizer.77.step": torch.zeros(())}, "'optimizer.77.step'"),
    "random that is none": (NO, {"random": torch.zeros(5056, dtype=torch.uint8)}, "random state"),
    "another tensor": (NO, {"q": torch.zeros(1)}, "it has 'q'"),
    "other best weights": (NO, {"best.q": torch.zeros(1)}, "it has 'best.q'"),
}


@pytest.fixture(scope="module")
def descent(ten, tmp_path_factory):
    return read_state(interrupted(ten, tmp_path_factory.mktemp("c")), FORMAT, WHAT)


@pytest.mark.parametrize("name", STATES)
def test_a_state_is_compared_with_its_schema(ten, descent, tmp_path, name):
    place, value, said = STATES[name]
    path = tmp_path / "restart-00000.tvgnn"
    facts = descent.facts if place is None else changed(descent.facts, place, value)
    tensors = descent.tensors | (value if place is None else {})
    write_state(path, FORMAT, State(tensors, facts))

    def resume(_):
        tvgnn_cli.cluster(ten, 2, checkpointing=Checkpointing(tmp_path), **SMALL)

    is_refused(path, said, resume)


def test_a_mean_square_beyond_what_a_float_holds_is_gone_on_from(ten, descent, tmp_path):
    """Gradients of more than 10^19 make one, and training does not end there."""
    path = tmp_path / "restart-00000.tvgnn"
    infinite = {MEAN: torch.full((4, 4), float("inf"))}
    write_state(path, FORMAT, State(descent.tensors | infinite, descent.facts))
    result = tvgnn_cli.cluster(ten, 2, checkpointing=Checkpointing(tmp_path), **SMALL)
    assert np.isfinite(result.assignment).all()


def test_what_a_state_brings_about_has_numbers(ten, tmp_path):
    """Weights near the largest number are numbers, and what is made of them is none."""
    tvgnn_cli.cluster(ten, 2, checkpointing=Checkpointing(tmp_path), **SMALL)
    path = tmp_path / "restart-00000.tvgnn"
    state = read_state(path, FORMAT, WHAT)
    assert state.facts["stage"] == "done"
    large = {name: torch.full_like(value, 3e38) for name, value in state.tensors.items()}
    write_state(path, FORMAT, State(large, state.facts))
    with pytest.raises(TrainingError, match="the network has no number for some vertices"):
        tvgnn_cli.cluster(ten, 2, checkpointing=Checkpointing(tmp_path), **SMALL)


def test_differences_are_told_in_one_line(ten, descent, tmp_path):
    path = tmp_path / "restart-00000.tvgnn"
    others = {f"a\nb{i}": "x" * 1000 for i in range(9)}
    facts = descent.facts | {"settings": descent.facts["settings"] | others}
    write_state(path, FORMAT, State(descent.tensors, facts))
    with pytest.raises(UsageError) as caught:
        tvgnn_cli.cluster(ten, 2, checkpointing=Checkpointing(tmp_path), **SMALL)
    said = str(caught.value).removeprefix(str(path))
    assert "is of another run: a?b0 is None here and xxx" in said
    assert " and 7 more" in said
    assert said.isprintable()
    assert len(said) < 250


@pytest.mark.parametrize(
    ("facts", "tensors", "said"),
    [
        ({"position": 625}, {}, "position is 625; needs to be from 0 to 624"),
        ({"start": 10**6}, {}, "more starts than are made"),
        ({"inertia": ["x"]}, {}, "inertia[0] is 'x'"),
        ({}, {"labels": torch.full((1, 10), 2)}, "labels are not from 0 to 1"),
        ({}, {"labels": torch.zeros(1, 9, dtype=torch.int64)}, "labels is int64 [1, 9]"),
        ({}, {"words": torch.full((624,), 2**32)}, "words are not of 32 bits"),
    ],
)
def test_a_search_goes_on_from_its_own_state_only(ten, tmp_path, facts, tensors, said):
    settings = {**SMALL, "init": "kmeans"}
    path = interrupted(ten, tmp_path, init="kmeans")
    state = read_state(path, FORMAT, WHAT)
    assert state.facts["stage"] == "weights", "which k-means is a part of"
    changed_facts = state.facts | {"work": state.facts["work"] | facts}
    write_state(path, FORMAT, State(state.tensors | tensors, changed_facts))

    def resume(_):
        tvgnn_cli.cluster(ten, 2, checkpointing=Checkpointing(tmp_path), **settings)

    is_refused(path, said, resume)


def test_runs_side_by_side_give_the_bytes_of_a_run_alone_or_one_is_refused(tmp_path):
    """Pairs of runs in one folder of states at once, of the same settings and of others."""
    given = {"num_clusters": 2, **drop(SMALL, "encoder", "components"), "view": "edges"}
    karate = SAMPLES / "karate.csv"
    alone = {seed: tvgnn_cli.cluster(karate, seed=seed, **given) for seed in (1, 5)}
    start, ended = threading.Barrier(2), []

    def run(seed, folder):
        start.wait()
        try:
            found = tvgnn_cli.cluster(
                karate, seed=seed, checkpointing=Checkpointing(folder, every=0), **given
            )
            ended.append(np.array_equal(found.assignment, alone[seed].assignment))
        except UsageError as error:
            ended.append(str(error))

    for number in range(10):
        pair = [threading.Thread(target=run, args=(seed, tmp_path / str(number)))
                for seed in (1, 1 if number % 2 else 5)]  # fmt: skip
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
    assert len(ended) == 20
    refused = [each for each in ended if isinstance(each, str)]
    assert all(each is True for each in ended if not isinstance(each, str))
    assert all("in use by process" in each or "is of another run" in each for each in refused)
    assert len(refused) <= 10
