"""Shards that no run of ours wrote, and parts of runs that come at once."""

from __future__ import annotations

import pytest
import torch

import tvgnn_cli
from tests.conftest import SAMPLES
from tests.damage import SMALL, changed, drop, is_refused
from tvgnn_cli.config import make_config
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.io.state_file import State, read_state, write_state
from tvgnn_cli.jobs.merge import merge
from tvgnn_cli.jobs.shard import Shard
from tvgnn_cli.jobs.shard_file import FORMAT as SHARD
from tvgnn_cli.jobs.shard_file import claimed_shard, read_shard, shard_path, write_shard
from tvgnn_cli.observer import Observer
from tvgnn_cli.train import ALONE


@pytest.fixture(scope="module")
def result(ten):
    return tvgnn_cli.cluster(ten, 2, **SMALL)


@pytest.fixture
def shards(tmp_path, result):
    for text in ("1/2", "2/2"):
        write_shard(result, text, tmp_path / "s")
    return tmp_path / "s"


METRICS = ("metrics",)
SHARDS = {
    "a part that is none": (("shard",), "0/2", "shard"),
    "parts without end": (("shard",), "1/9999999999", "shard is '1/9999999999'"),
    "digits that are none": (("shard",), "\u0661/2", "shard is"),
    "no loss": (METRICS, lambda found: drop(found, "loss"), "it has no loss"),
    "a loss of text": ((*METRICS, "loss"), "0", "loss is '0'"),
    "a loss of NaN": ((*METRICS, "loss"), float("nan"), "loss is nan"),
    "seconds of text": ((*METRICS, "seconds"), "1", "seconds is '1'"),
    "other settings": ((*METRICS, "config_fingerprint"), "x", "of other settings"),
    "a name elsewhere": (("name",), "../../x", "needs to be a file's name"),
    "notes that are none": (("notes",), [1], "notes[0] is 1"),
}


@pytest.mark.parametrize("name", SHARDS)
def test_facts_of_every_shard_are_compared_with_their_schema(shards, name):
    place, value, said = SHARDS[name]
    path = shard_path(shards, Shard(2, 2))
    state = read_state(path, SHARD, "a shard")
    write_state(path, SHARD, State(state.tensors, changed(state.facts, place, value)))
    is_refused(path, said, lambda _: merge(shards))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("assignment", torch.full((10, 2), 0.9), "rows that are no probabilities"),
        ("assignment", torch.full((10, 3), 1 / 3), "assignment is float32 [10, 3]"),
        ("ids", torch.tensor([255, 254], dtype=torch.uint8), "decode"),
        ("ids", torch.zeros(3), "it has no ids as bytes"),
        ("names", torch.zeros(3, dtype=torch.uint8), "10 ids and 4 names"),
        ("confidence", torch.zeros(9), "confidence is float32 [9]"),
    ],
)
def test_tensors_of_a_shard_are_of_its_vertices(shards, name, value, said):
    path = shard_path(shards, Shard(1, 2))
    state = read_state(path, SHARD, "a shard")
    write_state(path, SHARD, State(state.tensors | {name: value}, state.facts))
    is_refused(path, said, read_shard)


def test_one_part_in_two_files_is_not_merged(shards):
    other = shards / "shard-copy.tvgnn"
    other.write_bytes(shard_path(shards, Shard(2, 2)).read_bytes())
    with pytest.raises(InputError, match=r"of part 2/2, as shard-00002-of-00002\.tvgnn is; remove"):
        merge(shards)


def test_a_part_is_made_by_one_process_and_parts_by_one_run(tmp_path):
    def claimed(index, count=2, settings="s"):
        return claimed_shard(tmp_path, Shard(index, count), settings, Observer(), ALONE)

    with claimed(1):
        for other in ((1,), (2, 3), (2, 2, "t")):
            with pytest.raises(UsageError, match="is in use by process"), claimed(*other):
                raise AssertionError("it was lent twice")
        with claimed(2):
            pass
    with claimed(1, 3, "t"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_command_for_a_part_in_work_is_refused(tvgnn, tmp_path):
    command = ("cluster", SAMPLES / "karate.csv", "-k", 2, "--restarts", 2, "--epochs", 2,
               "--threads", 1, "-q", "--shards", "s", "--shard")  # fmt: skip
    (tmp_path / "s").mkdir()
    settings = make_config({"num_clusters": 2, "restarts": 2, "epochs": 2}).fingerprint()
    with claimed_shard(tmp_path / "s", Shard(1, 2), settings, Observer(), ALONE):
        refused = tvgnn(*command, "1/2")
        assert refused.code == 2
        assert refused.err.startswith("tvgnn: --shards s: is in use by process")
        assert refused.err.count("\n") == 1
        assert tvgnn(*command, "2/2").code == 0
    assert tvgnn(*command, "1/2").code == 0
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == [
        "shard-00001-of-00002.tvgnn", "shard-00002-of-00002.tvgnn",
    ]  # fmt: skip
