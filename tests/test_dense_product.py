"""Dense products: equal by either library, and by which one they are made."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from unittest import mock

import pytest
import torch

from tests.test_kernels import assert_equal, values_and_gradients
from tvgnn_cli import kernels
from tvgnn_cli.kernels import dense_product, library
from tvgnn_cli.machine import processor
from tvgnn_cli.machine.device import product_precision


@pytest.fixture(params=["MKL", "oneDNN"])
def products(request, monkeypatch):
    """Either library multiplies matrices of any size, in parts of four rows, two and one."""
    if request.param == "oneDNN" and not dense_product.has_onednn():
        pytest.skip("torch is without oneDNN here")
    monkeypatch.setattr(dense_product, "prefers_onednn", lambda: request.param == "oneDNN")
    monkeypatch.setattr(dense_product, "ONEDNN_FEWEST", 1)
    monkeypatch.setattr(dense_product, "PART", 20)
    monkeypatch.setattr(dense_product, "NARROW", 5)
    return request.param


@pytest.mark.parametrize(("n", "f", "h"), [(9, 7, 5), (9, 5, 7), (1, 3, 4), (6, 1, 1), (0, 3, 2)])
def test_products_of_either_library(products, n, f, h):
    x, g, bias = torch.randn(n, f), torch.randn(n, h), torch.randn(2 * h)[::2]
    weight, turned = torch.randn(f, h), torch.randn(h, f).t()
    close = partial(torch.testing.assert_close, rtol=1e-5, atol=1e-5)
    for factor in (weight, turned):
        out = torch.empty(n, h)
        close(dense_product.matmul(x, factor), x @ factor)
        assert dense_product.matmul(x, factor, bias, out=out) is out
        close(out, x @ factor + bias)
        close(dense_product.matmul(x, factor, bias, relu=True), (x @ factor + bias).relu())
    x[:1] = torch.nan
    assert dense_product.matmul(x, weight, bias, relu=True)[:1].isnan().all()
    x[:1] = 1
    close(dense_product.sum_of_outer(x, g), x.t() @ g)


def test_layers_with_products_of_either_library(products):
    x, weight, bias = torch.randn(9, 7), torch.randn(5, 7), torch.randn(5)
    ours = values_and_gradients(lambda *given: kernels.mlp(given[0], [given[1:]]), x, weight, bias)
    assert_equal(values_and_gradients(lambda x, w, b: x @ w.t() + b, x, weight, bias), ours)


def spied_product(monkeypatch) -> list[tuple[int, ...]]:
    """oneDNN's product, by torch: the shapes of the left factors that it is given."""
    asked: list[tuple[int, ...]] = []

    def product(left, right, bias=None):
        asked.append(tuple(left.shape))
        return left @ right

    monkeypatch.setattr(dense_product, "_onednn", product)
    monkeypatch.setattr(dense_product, "prefers_onednn", lambda: True)
    return asked


def test_which_library_multiplies(monkeypatch):
    asked = spied_product(monkeypatch)
    x = torch.ones(400, 400)
    dense_product.matmul(x, x)
    given = len(asked)
    assert given
    dense_product.matmul(x.double(), x.double())
    dense_product.matmul(x[:100], x[:, :50])
    with product_precision("bf16", torch.device("cpu")):  # torch gives these to oneDNN itself
        dense_product.matmul(x, x)
    newer = mock.Mock(side_effect=RuntimeError("mix of the legacy and new APIs"))
    with mock.patch.object(torch, "get_float32_matmul_precision", newer):
        dense_product.matmul(x, x)
    monkeypatch.setattr(dense_product, "prefers_onednn", lambda: False)
    dense_product.matmul(x, x)
    assert len(asked) == given, "only large ones of float32, where oneDNN is the faster library"


@pytest.mark.parametrize("widths", [(100, 70), (70, 100)])
def test_sums_over_rows_copy_the_narrower_factor(widths, monkeypatch):
    asked = spied_product(monkeypatch)
    monkeypatch.setattr(dense_product, "PART", 70 * 512)
    left, right = (torch.randn(1000, width) for width in widths)
    total = dense_product.sum_of_outer(left, right)
    torch.testing.assert_close(total, left.t() @ right, rtol=1e-4, atol=1e-4)
    assert total.is_contiguous()
    assert asked == [(70, 512), (70, 256), (70, 128), (70, 64), (70, 32)], "few sizes for any n"


def test_whether_the_processor_is_intels():
    info = Path("/proc/cpuinfo")
    if library.library() is None or not info.exists() or "vendor_id" not in info.read_text():
        pytest.skip("unknown here")
    assert library.is_intel() == ("GenuineIntel" in info.read_text())


@pytest.mark.parametrize("intel", [False, True])
@pytest.mark.parametrize("instructions", ["avx512", "avx2", "base"])
def test_onednn_is_preferred_where_mkl_leaves_instructions_unused(intel, instructions, monkeypatch):
    monkeypatch.setattr(dense_product, "is_intel", lambda: intel)
    monkeypatch.setattr(dense_product, "best_set", lambda: instructions)
    held_back = instructions == "avx512" and not intel and library.library() is not None
    possible = torch.backends.mkl.is_available() and dense_product.has_onednn()
    assert dense_product.prefers_onednn.__wrapped__() == (held_back and possible)


def test_what_the_system_says_of_the_processor_agrees():
    # The estimate of memory asks it, before torch is there.
    known = library.library() is not None and processor.INFO.exists()
    if not (known and torch.backends.mkl.is_available() and dense_product.has_onednn()):
        pytest.skip("unknown here")
    assert processor.has_idle_avx512() == dense_product.prefers_onednn.__wrapped__()


@pytest.mark.parametrize(
    ("told", "idle"),
    [
        ("vendor_id : AuthenticAMD\nflags : avx2 avx512vl avx512f avx512bw avx512dq\n", True),
        ("vendor_id : GenuineIntel\nflags : avx2 avx512vl avx512f avx512bw avx512dq\n", False),
        ("vendor_id : AuthenticAMD\nflags : avx2 avx512f\n", False),
        ("CPU part : 0xd0c\n", False),
    ],
)
def test_processors_with_instructions_that_mkl_does_not_use(told, idle, tmp_path, monkeypatch):
    (tmp_path / "cpuinfo").write_text(f"processor : 0\n{told}\nprocessor : 1\n")
    monkeypatch.setattr(processor, "INFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(processor, "_told", processor._told.__wrapped__)
    assert processor.has_idle_avx512() == idle
    monkeypatch.setattr(processor, "INFO", tmp_path / "absent")
    assert not processor.has_idle_avx512()


def test_a_torch_without_the_product_of_onednn(monkeypatch):
    def absent(*_):
        raise AttributeError("no such operation")

    monkeypatch.setattr(dense_product, "_onednn", absent)
    assert not dense_product.has_onednn.__wrapped__()
