"""The step that moves the weights, beside torch's own and by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tvgnn_cli.nn import Adam


def twins():
    torch.manual_seed(0)
    ours = [nn.Parameter(torch.randn(shape)) for shape in ((17, 5), (5,), (3, 1))]
    return ours, [nn.Parameter(value.detach().clone()) for value in ours]


def descend(optimizer, weights, steps, first=0):
    """Steps along drawn gradients; the second weight has none at first."""
    for step in range(first, first + steps):
        drawn = torch.Generator().manual_seed(step)
        optimizer.zero_grad()
        for place, weight in enumerate(weights):
            gradient = torch.randn(weight.shape, generator=drawn)
            weight.grad = None if place == 1 and step < 3 else gradient
        optimizer.step()


def test_the_numbers_are_those_of_torch():
    weights, theirs = twins()
    descend(Adam(weights, lr=0.01, eps=1e-7), weights, 20)
    descend(torch.optim.Adam(theirs, lr=0.01, eps=1e-7, fused=True), theirs, 20)
    for ours, other in zip(weights, theirs, strict=True):
        assert torch.equal(ours, other)


def test_the_first_step_by_hand():
    # The means are corrected for their start, so that it is lr * g / (|g| + eps).
    weight = nn.Parameter(torch.tensor([1.0, -2.0]))
    weight.grad = torch.tensor([0.5, -4.0])
    Adam([weight], lr=0.1, eps=0.5).step()
    expected = [1 - 0.1 * 0.5 / 1.0, -2 + 0.1 * 4 / 4.5]
    assert weight.detach().tolist() == pytest.approx(expected, rel=1e-5)


def test_a_restored_state_goes_on_as_if_never_left():
    weights, copies = twins()
    first = Adam(weights, lr=0.01)
    descend(first, weights, 6)
    for copy, weight in zip(copies, weights, strict=True):
        copy.data.copy_(weight.data)
    second = Adam(copies, lr=0.01)
    second.restore(first.state())
    kept = {place: moments["step"].item() for place, moments in first.state().items()}
    assert kept == {0: 6, 1: 3, 2: 6}
    descend(second, copies, 4, first=6)
    assert first.state()[0]["step"].item() == 6  # not shared
    descend(first, weights, 4, first=6)
    for weight, copy in zip(weights, copies, strict=True):
        assert torch.equal(weight, copy)


def test_weights_without_gradients_stay():
    weight = nn.Parameter(torch.ones(3))
    optimizer = Adam([weight], lr=1.0)
    optimizer.step()
    assert torch.equal(weight, torch.ones(3))
    assert not optimizer.state()
