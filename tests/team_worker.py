"""One process of several: tests.team_worker RANK SIZE PORT; asserts what all must agree on.

Run by tests/test_processes.py.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tvgnn_cli.config import make_config
from tvgnn_cli.errors import TrainingError
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.io.state_file import State
from tvgnn_cli.kernels import total_variation
from tvgnn_cli.models import build_model
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.prepared import prepare
from tvgnn_cli.train import Checkpointing, Identity, placed
from tvgnn_cli.train.batches import Batches
from tvgnn_cli.train.distributed.shares import Share
from tvgnn_cli.train.distributed.team import Team, joined
from tvgnn_cli.train.learner import ByBatch, adam
from tvgnn_cli.train.objective import TotalVariationObjective, Weights
from tvgnn_cli.train.tensors import to_tensors

VERTICES = 90


def graph(weighted: bool) -> Graph:
    random = np.random.default_rng(0)
    ends = random.integers(0, VERTICES - 2, (2, 4 * VERTICES))
    weight = random.uniform(0.5, 2, ends.shape[1]) if weighted else None
    x = random.normal(size=(VERTICES, 5)).astype(np.float32)
    return Graph.from_edges(index_ids(VERTICES), ends[0], ends[1], weight, x=x)


def check(team: Team, weighted: bool) -> weakref.ref:
    """All that one team must do; the network that was trained, if anything still holds it."""
    settings = {"num_clusters": 3, "batch": "parts", "batch_size": 15, "parts_per_batch": 3}
    config = make_config({**settings, "hidden": 8, "mlp_hidden": 8})
    prepared = prepare(graph(weighted), config, processes=team.size)
    data = to_tensors(prepared, torch.device("cpu"))
    torch.manual_seed(0)
    model = build_model(config, data.x.size(1))
    objective = TotalVariationObjective(data, Weights(1.0, 0.7), None)
    batches = Batches(prepared, 0, team)
    learner = ByBatch(model, objective, adam(model, 0.01), batches, Share(prepared, team))

    # What the processes measure together is what one of them measures.
    with torch.no_grad():
        whole = model(data.x, data.graph)
        wanted = objective(whole)
    found, assignment = learner.measure()
    torch.testing.assert_close(assignment(), whole)
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other)

    check_host(prepared, team, objective, model, whole)
    bare = build_model(replace(config, layers=0), data.width)  # each vertex by itself
    with torch.no_grad():
        check_host(prepared, team, objective, bare, bare(data.x, data.graph))

    # They take every batch of an epoch once, and each other's gradients.
    mine = np.concatenate([batch.vertices for batch in batches.epoch(3)])
    assert team.sum(*np.bincount(mine, minlength=VERTICES)) == [1] * VERTICES
    assert learner.steps * team.size == len(batches)
    chosen = batches.chosen(0)[: team.size]
    together = ByBatch(model, objective, adam(model, 0.01), batches)
    batch = batches.batch(chosen[team.rank])
    loss = batches.totvar_loss(together._logits(*_given(batch)).softmax(dim=1), batch)
    torch.autograd.backward(loss)
    got = [p.grad.clone() for p in model.parameters()]
    model.zero_grad()
    mean = sum(_loss(model, batches, parts) for parts in chosen) / team.size
    expected = torch.autograd.grad(mean, list(model.parameters()))
    for one, other in zip(got, expected, strict=True):
        torch.testing.assert_close(one, other)

    # After an epoch all have the same weights.
    learner.improve(found, 0)
    for parameter in model.parameters():
        copied = team.agree(parameter.detach().clone())
        assert torch.equal(copied, parameter)
    return weakref.ref(learner._logits)


def check_host(prepared, team: Team, objective, model, expected: torch.Tensor) -> None:
    """Features of a share may stay on the host, and go from there block by block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placed, "UNDIVIDED", ())
        patch.setattr(placed, "BLOCK_ROWS", 8)
        one, other = (Share(prepared, team, features_on_host=on_host) for on_host in (False, True))
        assert isinstance(other.features, placed.OnHost)
        found = other.measure(model, objective)[1]
        again = one.measure(model, objective)[1]
        # Without a layer, blocks of few rows were seen to differ in the last digit.
        assert torch.equal(found, again) or not model.gtv_layers()
        torch.testing.assert_close(found, again)
        torch.testing.assert_close(found, expected)


def check_states(team: Team) -> None:
    """Processes that find different states refuse to go on from them."""
    with tempfile.TemporaryDirectory() as folder:
        states, leading = Checkpointing(Path(folder)), replace(team, rank=0)
        identity = Identity("input", {}, {})
        with states.open(identity, Observer(), team=leading) as opened:
            opened.of(0).write("descent", State(facts={"epoch": 10}))
            opened.of(0)  # the same in all
            opened.of(1).write("descent", State(facts={"epoch": 10 + team.rank}))
            with pytest.raises(TrainingError, match="in the states that they found in `checkp"):
                opened.of(1)


def _given(batch):
    return batch.x, batch.graph


def _loss(model, batches, parts):
    batch = batches.batch(parts)
    value = total_variation(model(*_given(batch)), batch.counted)
    return value / (2 * batches.prepared.edge_index.shape[1])


if __name__ == "__main__":
    rank, size, port = map(int, sys.argv[1:])
    torch.set_num_threads(1)
    gc.disable()
    with joined(rank, size, f"127.0.0.1:{port}", "cpu") as team:
        networks = [check(team, weighted) for weighted in (False, True)]
        with pytest.raises(TrainingError, match="differ in their rank"):
            team.check_same("their rank", team.rank)
        check_states(team)
    # What holds the group at the end of the process may abort it.
    assert [network() for network in networks] == [None, None]
