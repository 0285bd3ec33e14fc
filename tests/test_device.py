"""What networks and losses compute on each device is what they compute on the CPU."""

from __future__ import annotations

import networkx as nx
import pytest
import torch

import tvgnn_cli
from tests.conftest import SAMPLES
from tvgnn_cli import functional as F
from tvgnn_cli import kernels
from tvgnn_cli.kernels import GraphTensors
from tvgnn_cli.machine import device as devices
from tvgnn_cli.models import TVGNN, averaging_network
from tvgnn_cli.nn.other_losses import LOSSES

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)]


def example() -> tuple[torch.Tensor, GraphTensors]:
    network = nx.gnp_random_graph(60, 0.2, seed=1)
    random = torch.Generator().manual_seed(2)
    edges = torch.tensor([*network.edges]).T.contiguous()
    weight = torch.rand(edges.size(1), generator=random)
    return torch.randn(60, 9, generator=random), GraphTensors(edges, 60, weight)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("layer", ["gtv", "degree-weighted", "averaging"])
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta")
def test_networks(monkeypatch, device, layer, sparse):
    x, graph = example()
    x = torch.relu(x)
    torch.manual_seed(3)
    sizes = {"hidden_channels": 8, "num_layers": 2, "mlp_channels": 8}
    if layer == "averaging":
        model = averaging_network(9, 3, skip=True, **sizes)
    else:
        model = TVGNN(9, 3, degree_weighted=layer == "degree-weighted", **sizes)
    found = []
    for where in ("plain", device):
        monkeypatch.setenv("TVGNN_NO_FUSED", "1" if where == "plain" else "")
        there = torch.device("cpu" if where == "plain" else device)
        model = model.to(there)
        model.zero_grad()
        given = (x.to_sparse_csr() if sparse else x).to(there)
        assignment = model(given, graph.to(there))
        loss = kernels.totvar_loss(assignment, graph.to(there))
        (loss + kernels.asym_norm_loss(assignment)).backward()
        gradients = [parameter.grad.cpu().clone() for parameter in model.parameters()]
        found.append([assignment.detach().cpu(), *gradients])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", [*LOSSES, "tvgnn"])
def test_losses(device, name):
    x, graph = example()
    assignment, there = x[:, :3].softmax(dim=1), torch.device(device)
    moved = assignment.to(there), graph.to(there)
    if name == "tvgnn":
        wanted = F.tvgnn_loss(assignment, graph.edge_index, graph.edge_weight)
        assert kernels.totvar_loss(*moved).item() == pytest.approx(wanted.totvar.item(), rel=1e-5)
        found = kernels.asym_norm_loss(moved[0]).item()
        assert found == pytest.approx(wanted.balance.item(), rel=1e-4)
        return
    for term in (LOSSES[name].cut, LOSSES[name].balance):
        wanted = term(assignment.double(), example_in_double()).item()
        assert term(*moved).item() == pytest.approx(wanted, rel=1e-4, abs=1e-5)


def example_in_double() -> GraphTensors:
    graph = example()[1]
    return GraphTensors(graph.edge_index, graph.num_vertices, graph.edge_weight.double())


@pytest.mark.parametrize("device", DEVICES)
def test_a_run(device):
    settings = {"num_clusters": 4, "seed": 0, "epochs": 20, "threads": 1}
    graph = SAMPLES / "planted.graphml"
    result = tvgnn_cli.cluster(graph, device=device, **settings)
    assert result.metrics["device"].startswith(device)
    assert result.metrics["nmi"] > 0.9
    parts = {"batch": "parts", "batch_size": 100, "parts_per_batch": 4}
    by_parts = tvgnn_cli.cluster(graph, device=device, **settings, **parts)
    assert by_parts.metrics["nmi"] > 0.8
    again = tvgnn_cli.cluster(graph, device=device, **settings)
    assert (again.assignment == result.assignment).all()


def test_small_graphs_stay_on_the_cpu_unless_a_gpu_is_asked_for(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert devices.choose_device("auto").type == "cuda"
    assert devices.choose_for_small_graphs("auto").type == "cpu"
    monkeypatch.setattr(devices, "choose_device", torch.device)
    assert devices.choose_for_small_graphs("cuda:1") == torch.device("cuda:1")
