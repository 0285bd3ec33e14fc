"""Every method of the registry: that it is there, what it finds, and what it refuses."""

from __future__ import annotations

import importlib
from dataclasses import fields, replace

import networkx as nx
import numpy as np
import pytest
import torch

import tvgnn_cli
from tests.conftest import SAMPLES, make_graph
from tvgnn_cli.baselines import tene
from tvgnn_cli.baselines.walks import LENGTH, WALKS, random_walks
from tvgnn_cli.config import ClusterConfig, dump_config, make_config
from tvgnn_cli.errors import InputError, TrainingError, UsageError
from tvgnn_cli.methods import END_TO_END, METHODS
from tvgnn_cli.nn.other_losses import LOSSES
from tvgnn_cli.observer import Observer
from tvgnn_cli.run.machine import Machine

FINDS = {
    "tvgnn": 0.9, "diffpool": 0.9, "mincutpool": 0.9, "dmon": 0.9, "abl1": 0.9, "abl2": 0.9,
    "spectral": 0.9, "deepwalk": 0.85, "node2vec": 0.85, "netmf": 0.9, "tadw": 0.8, "bane": 0.8,
    "tene": 0.9, "gae": 0.8, "vgae": 0.8, "kmeans": 0.7, "ssgc": 0.9, "louvain": 0.9,
    "leiden": 0.9,
}  # fmt: skip
"""Least NMI of each method on three communities whose features tell them apart, more or less; three
vertices have no edges, and what looks at edges only cannot place them."""

QUICK = {"deepwalk": 3, "node2vec": 3}


def communities(seed=0) -> tvgnn_cli.Graph:
    """Three of 40 vertices, one isolated vertex in each, features with noise."""
    network = nx.planted_partition_graph(3, 40, 0.3, 0.01, seed=seed)
    network.remove_edges_from([edge for v in (0, 40, 80) for edge in network.edges(v)])
    y = np.repeat([0, 1, 2], 40)
    noise = np.random.default_rng(seed).normal(size=(120, 12)) * 0.5
    x = np.abs(np.eye(3)[y].repeat(4, axis=1) + noise).astype("f4")
    return make_graph(network, x, y=y, class_names=("a", "b", "c"))


def test_every_method_has_a_test_and_an_implementation():
    assert set(FINDS) == set(METHODS)
    known = {entry.name for entry in fields(ClusterConfig)}
    for name, method in METHODS.items():
        assert set(method.settings) | set(method.published) | set(method.uses) <= known
        if method.family == END_TO_END:
            assert method.loss in ("tvgnn", *LOSSES)
            assert method.layer in ("gtv", "gcn", "skip")
        else:
            module = importlib.import_module(f"tvgnn_cli.baselines.{name}")
            assert callable(module.embed if method.groups_points else module.find)


@pytest.mark.parametrize("name", METHODS)
def test_finds_what_is_there_and_the_same_each_time(name, monkeypatch):
    monkeypatch.setattr("tvgnn_cli.baselines.walks.WALKS", QUICK.get(name, WALKS))
    graph = communities()
    result = tvgnn_cli.cluster(graph, method=name)
    assert result.metrics["nmi"] >= FINDS[name]
    assert result.metrics["method"] == name
    assert len(result.labels) == 120
    again = tvgnn_cli.cluster(graph, method=name)
    assert (again.labels == result.labels).all()
    sizes = np.bincount(result.labels)
    assert (np.diff(sizes) <= 0).all()  # numbered by size


@pytest.mark.parametrize("name", [n for n, m in METHODS.items() if m.family == END_TO_END])
def test_published_settings_train(name):
    result = tvgnn_cli.cluster(communities(), method=name, preset="paper", epochs=30)
    assert result.metrics["epochs"] == 30
    assert result.assignment.shape == (120, 3)
    assert result.history[-1] < result.history[0]
    rival = METHODS[name].loss not in ("tvgnn",)
    assert ("totvar_loss" in result.metrics) is not rival
    terms = LOSSES[METHODS[name].loss].names if rival else ("totvar_loss", "balance_loss")
    total = (
        result.metrics["totvar_coeff"] * result.metrics[terms[0]]
        + result.metrics["balance_coeff"] * result.metrics[terms[1]]
    )
    assert result.metrics["loss"] == pytest.approx(total, rel=1e-5)


def test_presets_of_methods():
    published = make_config({"method": "mincutpool", "preset": "paper"})
    assert (published.hidden, published.layers, published.mlp_hidden) == (16, 1, 0)
    assert (published.lr, published.epochs, published.init) == (5e-4, 10_000, "random")
    ours = make_config({"method": "mincutpool"})
    assert (ours.hidden, ours.layers, ours.init) == (256, 2, "kmeans")
    assert make_config({"method": "abl1", "preset": "paper"}).hidden == 512
    assert make_config({"method": "gae"}).epochs == 200
    assert make_config({"method": "gae", "epochs": 7}).epochs == 7
    assert make_config({"method": "dmon", "preset": "paper"}).balance_coeff == 0.1
    assert make_config({"method": "abl1", "delta": 0.1}).delta == 0.1
    assert make_config({"method": "abl2", "rho": 2.0}).rho == 2.0


@pytest.mark.parametrize(
    ("method", "settings", "word"),
    [
        ("netmf", {"hidden": 64}, "`hidden`"),
        ("gae", {"restarts": 3}, "`restarts`"),
        ("louvain", {"batch": "parts"}, "`batch`"),
        ("dmon", {"delta": 0.1}, "`delta`"),
        ("abl2", {"eps": 0.1}, "`eps`"),
        ("abl1", {"rho": 2.0}, "`rho`"),
        ("louvain", {"num_clusters": 3}, "`num_clusters`"),
        ("leiden", {"config": ClusterConfig(method="leiden", num_clusters=3)}, "`num_clusters`"),
        ("tvgn", {}, "Did you mean 'tvgnn'"),
        ("minncutpool", {}, "mincutpool"),
    ],
)
def test_refuses_settings_that_a_method_does_not_have(method, settings, word):
    chosen = settings if "config" in settings else {"method": method, **settings}
    with pytest.raises(UsageError, match=word):
        tvgnn_cli.cluster(communities(), **chosen)


def test_batches_are_tvgnns():
    pytest.importorskip("pymetis")
    with pytest.raises(UsageError, match="mincutpool trains on the whole graph"):
        tvgnn_cli.cluster(communities(), method="mincutpool", batch="parts", batch_size=20)


@pytest.mark.parametrize("name", [n for n, m in METHODS.items() if m.features and not m.is_trained])
def test_methods_that_need_features_say_so(name):
    with pytest.raises(InputError, match="has no vertex features"):
        tvgnn_cli.cluster(replace(communities(), x=None), 3, method=name)


def test_vertices_without_edges_have_no_part_of_tene_s_edges():
    graph, config = communities(), make_config({"method": "tene", "num_clusters": 3})
    points = tene.embed(graph, config, Observer())
    isolated = graph.degrees == 0
    assert isolated.sum() == 3
    np.testing.assert_array_equal(points[isolated, :32], 0)
    np.testing.assert_allclose(np.linalg.norm(points[~isolated, :32], axis=1), 1)
    np.testing.assert_allclose(np.linalg.norm(points[:, 32:], axis=1), 1)


def test_tene_is_not_lost_where_edges_and_features_are_few():
    network = nx.planted_partition_graph(3, 200, 0.03, 0.002, seed=0)
    y, random = np.repeat([0, 1, 2], 200), np.random.default_rng(0)
    x = np.zeros((600, 210), dtype="f4")
    for vertex, own in enumerate(y):  # of eight features, about four are the community's
        anywhere = random.random(8) < 0.5
        chosen = np.where(
            anywhere, random.integers(0, 210, 8), own * 70 + random.integers(0, 70, 8)
        )
        x[vertex, chosen] = 1
    graph = make_graph(network, x, y=y, class_names=("a", "b", "c"))
    assert tvgnn_cli.cluster(graph, method="tene").metrics["nmi"] > 0.5


def test_tadw_is_not_lost_in_many_directions_of_noise():
    network = nx.planted_partition_graph(3, 60, 0.08, 0.02, seed=0)
    y, random = np.repeat([0, 1, 2], 60), np.random.default_rng(0)
    signal = np.eye(3)[y] + random.normal(size=(180, 3)) * 0.3
    x = np.concatenate([signal, random.normal(size=(180, 120)) * 0.1], axis=1).astype("f4")
    graph = make_graph(network, x, y=y, class_names=("a", "b", "c"))
    result = tvgnn_cli.cluster(graph, method="tadw", feature_scaling="none")
    assert result.metrics["nmi"] > 0.75


def test_tene_refuses_negative_features():
    graph = communities()
    with pytest.raises(InputError, match="negative features"):
        tvgnn_cli.cluster(replace(graph, x=graph.x - 1), method="tene", feature_scaling="none")


def test_hard_clusters_have_no_soft_columns(tvgnn, tmp_path):
    done = tvgnn("cluster", SAMPLES / "planted.graphml", "--method", "louvain", "-o", "c.csv")
    assert done.code == 0, done.err
    lines = (tmp_path / "c.csv").read_text().splitlines()
    assert lines[0] == "vertex,cluster"
    truth = ["id,label", *lines[1:]]
    (tmp_path / "truth.csv").write_text("\n".join(truth) + "\n")
    scored = tvgnn("evaluate", "c.csv", "--labels", "truth.csv", "--metrics", "m.json")
    assert scored.code == 0, scored.err
    assert '"nmi": 1.0' in (tmp_path / "m.json").read_text()


@pytest.mark.parametrize("option", [("--save", "m"), ("--shards", "d")])
def test_what_trains_no_network_keeps_none(tvgnn, tmp_path, option):
    done = tvgnn("cluster", SAMPLES / "karate.csv", "-k", 2, "--method", "netmf", *option)
    assert done.code == 2
    assert f"{option[0]}: --method netmf trains no network" in done.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["netmf", "gae", "tvgnn", "louvain", "abl1"])
def test_a_dumped_configuration_is_read_back(name, tmp_path):
    import tomllib

    config = make_config({"method": name})
    assert make_config({}, tomllib.loads(dump_config(config))) == config


def test_a_saved_network_of_another_method_labels_again(tmp_path):
    result = tvgnn_cli.cluster(communities(), method="mincutpool", epochs=20)
    result.save(tmp_path / "m.tvgnn")
    again = tvgnn_cli.predict(tvgnn_cli.load_model(tmp_path / "m.tvgnn"), communities())
    np.testing.assert_allclose(again.assignment, result.assignment, atol=1e-5)


def test_sweep_over_a_method_without_restarts(tvgnn, tmp_path):
    done = tvgnn("sweep", SAMPLES / "planted.graphml", "-k", "2..4", "--over", "seed=0,1",
                 "--method", "spectral", "-o", "rows.csv", "-q")  # fmt: skip
    assert done.code == 0, done.err
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 7


def test_walks_go_along_edges_by_weight_and_stay_where_there_are_none():
    network = nx.Graph([(0, 1), (0, 2)])
    network.add_node(3)
    graph = replace(make_graph(network), edge_weight=np.array([3.0, 1.0]))
    walks = np.concatenate(list(random_walks(graph, 0)))
    assert walks.shape == (4 * WALKS, LENGTH)
    assert (walks[walks[:, 0] == 3] == 3).all()
    steps = np.stack([walks[:, :-1].ravel(), walks[:, 1:].ravel()])
    assert {tuple(s) for s in steps.T.tolist()} == {(0, 1), (1, 0), (0, 2), (2, 0), (3, 3)}
    left = steps[1][steps[0] == 0]
    assert (left == 1).mean() == pytest.approx(0.75, abs=0.03)


def test_second_order_walks_have_node2vecs_chances():
    # From 0 to 1: back to 0 (1/p), to 2, which 0 knows (1), or to 3, which it does not (1/q).
    network = nx.Graph([(0, 1), (0, 2), (1, 2), (1, 3)])
    back, out = 2.0, 0.25
    walks = np.concatenate(
        [np.concatenate(list(random_walks(make_graph(network), s, back=back, out=out)))
         for s in range(12)]
    )  # fmt: skip
    triples = np.stack([walks[:, i : i + 3] for i in range(LENGTH - 2)]).reshape(-1, 3)
    there = triples[(triples[:, 0] == 0) & (triples[:, 1] == 1)][:, 2]
    chances = np.array([1 / back, 1.0, 1 / out])
    found = np.array([(there == v).mean() for v in (0, 2, 3)])
    np.testing.assert_allclose(found, chances / chances.sum(), atol=0.03)


@pytest.mark.parametrize("steps", [2, 5])
def test_netmf_is_the_matrix_of_its_paper(steps):
    from tvgnn_cli.baselines import netmf

    graph = make_graph(nx.karate_club_graph())
    dense = graph.adjacency.toarray().astype(float)
    degree = dense.sum(1)
    step = dense / degree[:, None]
    walks = sum(np.linalg.matrix_power(step, r) for r in range(1, steps + 1))
    wanted = np.log(np.maximum(degree.sum() / steps * walks / degree, 1))
    found = netmf.target(graph, steps, numbers_at_once=34 * 10)  # ten rows at once, then four
    np.testing.assert_allclose(found.toarray(), wanted, atol=1e-5)


def test_netmfs_window_is_shorter_on_larger_graphs():
    from tvgnn_cli.baselines.netmf import window

    path = make_graph(nx.path_graph(300))
    assert window(path) == 10
    ends = np.zeros((2, 250_000), dtype=np.int64)
    large = replace(path, ids=np.empty(45_000, dtype=object), edge_index=ends[:, :225_000])
    assert window(large) == 4
    assert window(replace(large, edge_index=np.tile(ends, 40))) == 2


def test_methods_do_not_depend_on_the_order_of_vertices_lines():
    graph = replace(communities(), explicit_ids=True)
    order = np.random.default_rng(1).permutation(120)
    rank = np.empty(120, dtype=int)
    rank[order] = np.arange(120)
    tail, head = rank[graph.edge_index]
    moved = tvgnn_cli.Graph.from_edges(
        graph.ids[order], tail, head, x=graph.x[order], explicit_ids=True
    )
    for name in ("netmf", "gae", "louvain", "mincutpool"):
        one = tvgnn_cli.cluster(graph, None if name == "louvain" else 3, method=name)
        other = tvgnn_cli.cluster(moved, None if name == "louvain" else 3, method=name)
        from tvgnn_cli.graph.agreement import adjusted_rand_index

        assert adjusted_rand_index(one.labels[order], other.labels) == pytest.approx(1)


def test_batch_and_slurm_take_methods_without_a_state(tvgnn, tmp_path):
    karate = SAMPLES / "karate.csv"
    (tmp_path / "m.csv").write_text(f"graph,method,k,output\n{karate},louvain,,a.csv\n"
                                    f"{karate},spectral,2,b.csv\n")  # fmt: skip
    done = tvgnn("batch", "m.csv")
    assert done.code == 0, done.err
    assert (tmp_path / "a.csv").exists()
    assert (tmp_path / "b.csv").exists()
    command = ("--", "cluster", "g.csv", "-k", 2, "--method", "netmf")
    assert tvgnn("slurm", *command).code == 0
    refused = tvgnn("slurm", "--array", 4, *command)
    assert refused.code == 2
    assert "--array: --method netmf has no restarts to share" in refused.err
    values = ("--array", 4, "--", "sweep", "g.csv", "-k", "2..9", "--method", "spectral")
    assert tvgnn("slurm", *values).code == 0
    unknown = tvgnn("slurm", "--", "cluster", "g.csv", "--method", "netmff")
    assert "--method is 'netmff'. Did you mean 'netmf'?" in unknown.err


def test_a_sweep_over_methods_gives_each_its_own_restarts(tvgnn, tmp_path):
    done = tvgnn("sweep", SAMPLES / "planted.graphml", "-k", "4", "--over", "method=spectral,tvgnn",
                 "-o", "rows.csv", "-q", "--epochs", 3)  # fmt: skip
    assert done.code == 2  # spectral has no epochs
    done = tvgnn("sweep", SAMPLES / "planted.graphml", "-k", "4", "--over", "method=spectral,tvgnn",
                 "-o", "rows.csv", "-q")  # fmt: skip
    assert done.code == 0, done.err
    import pandas as pd

    rows = pd.read_csv(tmp_path / "rows.csv").set_index("method")
    assert rows.restarts.tvgnn == 3
    assert np.isnan(rows.restarts.spectral)


def test_a_sweep_of_short_steps_ends_when_asked(tvgnn, tmp_path):
    command = ("sweep", SAMPLES / "planted.graphml", "-k", "2..5", "--method", "spectral", "-q",
               "--checkpoint", "d", "--max-time")  # fmt: skip
    assert tvgnn(*command, "0.001s").code == 75
    assert tvgnn(*command, "1h").code == 0


def test_values_too_large_to_square_are_said():
    graph = communities()
    with pytest.raises(TrainingError, match="too large"):
        tvgnn_cli.cluster(
            replace(graph, x=graph.x * np.float32(1e25)), method="kmeans", feature_scaling="none"
        )


def test_netmf_takes_weights_far_apart():
    graph = communities()
    weight = np.ones(graph.num_edges)
    weight[graph.edge_index[0] == 1] = weight[graph.edge_index[1] == 1] = 1e-60
    found = tvgnn_cli.cluster(replace(graph, edge_weight=weight), method="netmf")
    assert found.metrics["nmi"] > 0.8


@pytest.mark.parametrize("method", ["gae", "vgae"])
def test_autoencoders_give_the_same_with_several_threads(method):
    network = nx.planted_partition_graph(4, 250, 0.1, 0.002, seed=0)
    y = np.repeat(range(4), 250)
    x = np.random.default_rng(0).random((1000, 8)).astype("f4") + np.eye(4, 8)[y]
    graph = make_graph(network, x.astype("f4"))
    runs = [tvgnn_cli.cluster(graph, 4, method=method, epochs=20, threads=2) for _ in range(2)]
    assert (runs[0].labels == runs[1].labels).all()


def test_a_network_without_layers_takes_sparse_features():
    import scipy.sparse as sp

    graph = communities()
    sparse = replace(graph, x=sp.csr_array(np.where(graph.x > 1, graph.x, 0)))
    settings = {"layers": 0, "components": 0, "filter_steps": 0, "feature_scaling": "none"}
    assert len(tvgnn_cli.cluster(sparse, epochs=2, **settings).labels) == 120


@pytest.mark.parametrize("text", ['method = ["netmf"]', 'preset = ["paper"]', "method = 3"])
def test_names_in_a_file_that_are_none(tvgnn, tmp_path, text):
    (tmp_path / "c.toml").write_text(text + "\n")
    done = tvgnn("cluster", SAMPLES / "karate.csv", "-k", 2, "--config", "c.toml")
    assert done.code == 2
    assert "Known:" in done.err or "Did you mean" in done.err


def test_memory_of_every_method_is_estimated_and_refused(monkeypatch, tvgnn):
    from tvgnn_cli.run import memory

    graph = communities()
    for name in METHODS:
        config = make_config({"method": name})
        small = memory.estimate_memory_mb(graph, config)
        larger = replace(graph, edge_index=np.tile(graph.edge_index, 2000))
        assert 300 < small < memory.estimate_memory_mb(larger, config)
    monkeypatch.setattr(memory, "available_memory_mb", lambda: 1.0)
    for user in ("plan", "training"):
        monkeypatch.setattr(f"tvgnn_cli.run.{user}.held_memory_mb", lambda: 1.0)
    with pytest.raises(UsageError, match="take another `method`"):
        tvgnn_cli.cluster(graph, method="gae")
    assert tvgnn_cli.cluster(graph, method="louvain", ignore_memory=True).metrics["nmi"] > 0.9
    told = tvgnn("check", SAMPLES / "planted.graphml", "--method", "spectral").out
    assert "(method spectral)" in told
    refused = tvgnn("check", SAMPLES / "karate.csv", "--method", "gae")
    assert refused.code == 3
    assert "--method gae needs them; give --features" in refused.err
    assert tvgnn("check", SAMPLES / "karate.csv", "--method", "dmon").code == 0


@pytest.mark.parametrize("variational", [False, True])
def test_the_seed_decides_an_autoencoders_embedding(variational):
    from tvgnn_cli.baselines.autoencoder import embed_by_autoencoder

    def points(seed):
        config = make_config({"method": "gae", "epochs": 2, "seed": seed})
        return embed_by_autoencoder(communities(), config, Observer(), variational=variational)

    np.testing.assert_array_equal(points(0), points(0))
    assert not np.allclose(points(0), points(1))


def test_tadws_right_factor_is_where_the_gradient_is_0():
    from tvgnn_cli.baselines.tadw import REGULARISATION, right_factor

    random = np.random.default_rng(0)
    w, reduced, m = (random.normal(size=size) for size in ((20, 3), (20, 5), (20, 20)))
    gram, against = reduced.T @ reduced, w.T @ m @ reduced
    h = right_factor(w.T @ w, against, *np.linalg.eigh(gram))
    np.testing.assert_allclose(w.T @ w @ h @ gram + REGULARISATION * h, against, atol=1e-10)


@pytest.mark.parametrize(
    "option", [("--max-time", "1min"), ("--resume", "must"), ("--every", "1min")]
)
def test_a_method_without_a_state_refuses_what_only_a_state_has(tvgnn, tmp_path, option):
    done = tvgnn("cluster", SAMPLES / "planted.graphml", "-k", 4, "--method", "netmf",
                 "--checkpoint", "c", *option)  # fmt: skip
    assert done.code == 2
    assert option[0] in done.err
    assert "--method netmf trains no network" in done.err
    assert list(tmp_path.iterdir()) == []
    done = tvgnn("cluster", SAMPLES / "planted.graphml", "-k", 4, "--method", "kmeans",
                 "--checkpoint", "c", "--resume", "auto", "-q")  # fmt: skip
    assert done.code == 0, done.err


def test_a_method_without_a_network_takes_the_threads_of_the_cpu(monkeypatch):
    beside_a_gpu = Machine(8, torch.device("cuda"))
    monkeypatch.setattr(Machine, "choose", lambda *_: beside_a_gpu)
    metrics = tvgnn_cli.cluster("karate", method="louvain").metrics
    assert (metrics["device"], metrics["threads"]) == ("cpu", 1)
