"""The trainer: seeds, restarts, the stopping rule, the start, what the weights see."""

from __future__ import annotations

import sys
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import torch

import tvgnn_cli
from tests.conftest import make_graph
from tvgnn_cli import functional as F
from tvgnn_cli.config import make_config
from tvgnn_cli.errors import TrainingError, UsageError
from tvgnn_cli.machine.threads import choose_threads
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.prepared import prepare
from tvgnn_cli.train import Work, assign, fit
from tvgnn_cli.train.objective import make_objective, settle_weights
from tvgnn_cli.train.stopping import StoppingRule
from tvgnn_cli.train.tensors import to_tensors

SMALL = {"num_clusters": 2, "hidden": 8, "mlp_hidden": 8, "epochs": 30}


def run(graph, **settings):
    config = make_config({**SMALL, **settings})
    fitted = fit(Work(prepare(graph, config), config))
    return fitted.run, fitted.assignment.argmax(axis=1)


def test_two_cliques_are_told_apart_from_any_start(two_cliques):
    for settings in ({}, {"init": "random", "epochs": 200, "lr": 1e-2}):
        _, labels = run(two_cliques, **settings)
        assert len(set(labels[:6])) == len(set(labels[6:])) == 1
        assert labels[0] != labels[6]


def test_same_seed_same_weights_other_seed_others(quick_start, two_cliques):
    one, other, third = (run(two_cliques, seed=s)[0] for s in (3, 3, 4))
    assert all(torch.equal(one.state[name], other.state[name]) for name in one.state)
    assert not torch.equal(one.state["layers.0.weight"], third.state["layers.0.weight"])


def test_restarts_keep_the_lowest_loss(two_cliques):
    alone = [run(two_cliques, seed=s, init="random")[0] for s in range(5, 9)]
    best = run(two_cliques, seed=5, init="random", restarts=4)[0]
    winner = min(alone, key=lambda run: run.loss)
    assert (best.loss, best.seed) == (winner.loss, winner.seed)
    assert all(torch.equal(best.state[name], winner.state[name]) for name in best.state)


def test_restarts_are_compared_by_what_edges_and_features_tell():
    random = np.random.default_rng(5)
    network = nx.planted_partition_graph(4, 25, 0.35, 0.06, seed=2)
    told = np.eye(4)[np.arange(100) // 25] @ random.standard_normal((4, 6))
    graph = make_graph(network, told + 2 * random.standard_normal(told.shape))
    config = make_config({**SMALL, "num_clusters": 5, "restarts": 4})
    prepared = prepare(graph, config)
    whole = fit(Work(prepared, config))
    parts = [fit(Work(prepared, config, only=[restart])) for restart in range(4)]
    shares = [part.support.share for part in parts]
    losses = [part.run.loss for part in parts]
    assert whole.support.share == max(shares)
    assert np.array_equal(whole.assignment, parts[int(np.argmax(shares))].assignment)
    assert np.argmin(losses) != np.argmax(shares), "or this shows nothing"


def test_restarts_from_k_means_share_one_objective(quick_start, two_cliques):
    noise = np.random.default_rng(1).normal(size=(12, 3)).astype("f4")
    noisy = replace(two_cliques, x=noise)
    best, first = (run(noisy, restarts=n, filter_steps=0)[0] for n in (4, 1))
    assert best.weights == first.weights
    assert best.loss <= first.loss


def test_fewer_clusters_than_communities_do_not_collapse():
    network = nx.random_partition_graph([40] * 10, 0.4, 0.005, seed=1)
    _, labels = run(make_graph(network), num_clusters=3, epochs=60)
    assert len(np.unique(labels)) == 3


def test_the_state_that_is_kept_has_the_lowest_loss_of_its_history():
    wild = {"num_clusters": 3, "lr": 0.3, "balance_coeff": 2.0, "init": "random", "seed": 1}
    config = make_config({**SMALL, **wild, "patience": 30})
    x = np.random.default_rng(0).normal(size=(30, 4)).astype("f4")
    prepared = prepare(make_graph(nx.gnp_random_graph(30, 0.2, seed=1), x), config)
    kept = fit(Work(prepared, config)).run
    assert kept.loss == min(kept.history)
    assert kept.history[-1] > kept.loss + 1e-3, "the loss must rise, or this shows nothing"
    s = torch.from_numpy(assign(kept.state, prepared, config))
    edges = torch.from_numpy(prepared.edge_index)
    loss = F.tvgnn_loss(s[prepared.order], edges, balance_coeff=kept.weights["balance"])
    assert loss.total.item() == pytest.approx(kept.loss, abs=1e-5)


def test_a_restart_that_diverges_does_not_end_the_others(quick_start, two_cliques, monkeypatch):
    module = sys.modules["tvgnn_cli.train.stages"]
    true_descent = module.descend

    def descend(learner, config, restart, *others):
        if restart == 0:
            raise TrainingError("the loss is nan at epoch 0")
        return true_descent(learner, config, restart, *others)

    monkeypatch.setattr(module, "descend", descend)
    config = make_config({**SMALL, "restarts": 3})
    fitted = fit(Work(prepare(two_cliques, config), config))
    assert fitted.failed == 1
    assert fitted.run.seed in (1, 2)
    with pytest.raises(TrainingError, match="epoch 0"):
        run(two_cliques)


def test_products_in_bfloat16(two_cliques):
    exact, rounded = (
        tvgnn_cli.cluster(two_cliques, precision=name, **{**SMALL, "hidden": 64})
        for name in ("float32", "bf16")
    )
    assert np.array_equal(exact.labels, rounded.labels)
    assert rounded.metrics["loss"] == pytest.approx(exact.metrics["loss"], rel=0.1)
    assert torch.get_float32_matmul_precision() == "highest"


def test_the_caller_keeps_its_threads_and_its_random_state(two_cliques):
    torch.manual_seed(7)
    expected = torch.random.get_rng_state()
    before = torch.get_num_threads()
    tvgnn_cli.cluster(two_cliques, threads=before + 1, **SMALL)
    assert torch.get_num_threads() == before
    assert torch.equal(torch.random.get_rng_state(), expected)


def test_reports_tell_each_epoch(two_cliques):
    class Listener(Observer):
        def __init__(self):
            self.phases, self.epochs = [], []

        def phase(self, name, done=0, total=None):
            self.phases.append((name, done, total))

        def epoch(self, report):
            self.epochs.append(report)

    heard = Listener()
    tvgnn_cli.cluster(two_cliques, **{**SMALL, "epochs": 3, "seed": 4}, restarts=2, observer=heard)
    expected = [(r, e) for r in (0, 1) for e in range(4)]
    assert [(r.restart, r.epoch) for r in heard.epochs] == expected
    assert all(1 <= r.clusters_used <= 2 for r in heard.epochs)
    names = [name for name, done, _ in heard.phases if not done]
    # The first restart starts from clusters that evidence was measured of.
    assert names == ["reading", "evidence", "features", "warm start", "k-means", "warm start"]
    first = heard.phases.index(("k-means", 0, 12))
    assert heard.phases[first + 1] == ("k-means", 1, 12)


def test_no_label_reaches_training(quick_start, two_cliques):
    blind = replace(two_cliques, y=None, class_names=())
    wrong = replace(two_cliques, y=two_cliques.y[::-1].copy())
    states = [run(graph)[0].state for graph in (two_cliques, blind, wrong)]
    for state in states[1:]:
        assert all(torch.equal(states[0][name], state[name]) for name in state)


def test_balance_follows_the_cut_of_the_start(two_cliques):
    config = make_config({**SMALL, "totvar_coeff": 2.0, "view": "both"})
    prepared = prepare(two_cliques, config)
    data = to_tensors(prepared, torch.device("cpu"))

    def balance(labels, config=config):
        return settle_weights(config, data, labels, 0.0).balance

    labels = torch.from_numpy(two_cliques.y[prepared.order])
    assert balance(labels) == pytest.approx(2 * 1 / 31)
    assert balance(None) == pytest.approx(2 * 0.514 / 0.785)
    perfect = torch.zeros(12, dtype=torch.long)
    assert balance(perfect) == pytest.approx(2 * 0.01 * (20 / 3) ** 2)
    # 10 and 2 vertices: L_AN is 2/3, so the weight is ((1 - 1/3) / (1 - 2/3))^2 times the cut.
    uneven = torch.from_numpy(prepared.order < 2).long()
    assert balance(uneven) == pytest.approx(2 * 9 / 31 * 4)
    assert balance(labels, replace(config, balance_coeff=0.3)) == 0.3


def test_edges_and_near_pairs_weigh_by_what_they_tell(two_cliques):
    config = make_config({**SMALL, "totvar_coeff": 2.0, "view": "both", "neighbours": 2})
    prepared = prepare(two_cliques, config)
    data = to_tensors(prepared, torch.device("cpu"))
    labels = torch.from_numpy(two_cliques.y[prepared.order])
    found = settle_weights(config, data, labels, 0.5)
    near = (
        (labels[data.near.edge_index[0]] != labels[data.near.edge_index[1]]).double().mean().item()
    )
    ends = torch.bincount(labels[data.near.edge_index.reshape(-1)]).double() / (
        2 * data.near.num_edges
    )
    told = 1 - near / (1 - ends.square().sum().item())
    assert found.totvar == pytest.approx(2 * (1 - (1 / 31) / 0.5))
    assert found.near == pytest.approx(2 * told)
    assert found.balance == pytest.approx(found.totvar / 31 + found.near * near)
    assert found.spread == 0.5
    objective = make_objective(config, data, found)
    assignment = torch.nn.functional.one_hot(labels, 2).float()
    loss = objective(assignment)
    assert loss.near.item() == pytest.approx(near)
    assert loss.spread.item() == pytest.approx(F.spread_loss(assignment, data.x).item())
    parts = zip(("totvar", "balance", "near", "spread"), loss[1:], strict=True)
    total = sum(getattr(found, name) * part.item() for name, part in parts)
    assert loss.total.item() == pytest.approx(total, rel=1e-5)
    random = settle_weights(config, data, None, 0.0)
    assert (random.totvar, random.near) == (2.0, 2.0), "where there is no start to tell"


def test_stopping_rule_waits_for_patience():
    rule = StoppingRule(patience=3, tolerance=0.1)
    losses = [1.0, 0.8, 0.75, 0.74, 0.73]  # 0.75 and what follows is within 10 % of 0.8
    assert [rule.settled(loss) for loss in losses] == [False, False, False, False, True]


def test_stopping_rule_counts_slow_progress_that_adds_up():
    rule = StoppingRule(patience=3, tolerance=0.1)
    losses = 0.95 ** np.arange(40)
    assert not any(rule.settled(float(loss)) for loss in losses)


def test_stopping_rule_is_not_fooled_by_the_uniform_plateau():
    rule = StoppingRule(patience=5, tolerance=0.01)
    assert not any(rule.settled(0.5, undecided=True) for _ in range(500))
    assert not rule.settled(0.4)
    assert [rule.settled(0.4) for _ in range(5)] == [False] * 4 + [True]


@pytest.mark.parametrize(
    ("asked", "slurm", "omp", "threads"),
    [(3, "4", "5", 3), (None, "4", "5", 4), (None, None, "5", 5), (None, "", "5", 5)],
)
def test_threads(monkeypatch, asked, slurm, omp, threads):
    for name, value in (("SLURM_CPUS_PER_TASK", slurm), ("OMP_NUM_THREADS", omp)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert choose_threads(asked) == threads


def test_threads_from_a_broken_environment(monkeypatch):
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "two")
    with pytest.raises(UsageError, match="SLURM_CPUS_PER_TASK is 'two'"):
        choose_threads(None)
