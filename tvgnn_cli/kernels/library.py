"""The compiled passes of `fused.c`, where they were built."""

from __future__ import annotations

import ctypes
import importlib.util
import os
from functools import cache
from typing import Any

import torch
from torch import Tensor

from tvgnn_cli.kernels import arrays

DTYPES = {torch.float32: ("f32", ctypes.c_float), torch.float64: ("f64", ctypes.c_double)}
NONE, ELU, RELU = range(3)
"""Activations, as fused.c numbers them."""

NO_FUSED = "TVGNN_NO_FUSED"
"""Environment variable that turns the compiled passes off, for comparison."""


PLAIN = "plain torch"

SETS = {"avx512": "AVX-512", "avx2": "AVX2", "base": "baseline"}
"""Sets of instructions, as a summary names them."""


@cache
def library() -> ctypes.CDLL | None:
    """The library, or None: not built, or for another OpenMP runtime than is here."""
    opened = _open()
    return opened if isinstance(opened, ctypes.CDLL) else None


@cache
def _open() -> ctypes.CDLL | str:
    """The library, or why there is none and what to do."""
    found = importlib.util.find_spec("tvgnn_cli.kernels._fused")
    if found is None or found.origin is None:
        return (
            "this installation has none; install a wheel made for your platform, or from source "
            "where gcc is"
        )
    try:
        return ctypes.CDLL(found.origin)
    except OSError as error:
        return f"they cannot be loaded ({error}); install what is missing, or tvgnn anew"


def absence() -> str:
    """The reason why no compiled pass serves here, and the remedy; empty where they do."""
    if os.environ.get(NO_FUSED):
        return f"{NO_FUSED} is set; unset it"
    opened = _open()
    return opened if isinstance(opened, str) else ""


def in_use(device: torch.device) -> str:
    """The passes that a network on this device takes: "plain torch", or "compiled" and their set of
    instructions.
    """
    if device.type != "cpu" or absence():
        return PLAIN
    return f"compiled, {SETS[best_set()]}"


def usable(*tensors: Tensor | None) -> bool:
    """Tell whether compiled passes are here and take these: on the CPU, dense, of a
    type they know.
    """
    given = [tensor for tensor in tensors if tensor is not None]
    known = all(
        t.device.type == "cpu" and t.layout == torch.strided and t.dtype in DTYPES for t in given
    )
    same = len({tensor.dtype for tensor in given}) <= 1
    return known and same and not absence()


def call(name: str, dtype: torch.dtype, *arguments: Any) -> None:
    """Run a pass: tensors go as addresses, floats in `dtype`, None as a null pointer."""
    suffix, real = DTYPES[dtype]
    taken = [torch.get_num_threads(), *arguments]
    _pass(f"{name}_{suffix}_{best_set()}")(*(_argument(value, real) for value in taken))


@cache
def best_set() -> str:
    """The instructions that the passes use here: "avx512", "avx2" or "base"."""
    chosen = library().best_set  # type: ignore[union-attr]
    chosen.restype = ctypes.c_char_p
    return str(chosen().decode())


@cache
def is_intel() -> bool:
    """Tell whether the processor is one of Intel's."""
    asked = library().is_intel  # type: ignore[union-attr]
    asked.restype = ctypes.c_int64
    return bool(asked())


@cache
def _pass(name: str) -> Any:
    found = getattr(library(), name)
    found.restype = None
    return found


def _argument(value: Any, real: Any) -> Any:
    if isinstance(value, Tensor):
        if not value.is_contiguous():
            raise ValueError("compiled passes take contiguous tensors")
        return ctypes.c_void_p(value.data_ptr())
    if isinstance(value, float):
        return real(value)
    return ctypes.c_void_p(None) if value is None else ctypes.c_int64(value)


def activation_backward(out: Tensor, gradient: Tensor, activation: int) -> tuple[Tensor, Tensor]:
    """The gradient before an activation, `[n, f]`, and its sum over vertices, `[f]`, in one pass.

    Args:
        out: what the activation gave, `[n, f]`.
        gradient: the gradient for it, `[n, f]`.
        activation: NONE, ELU or RELU.
    """
    before = arrays.empty(*out.shape, like=out)
    sums = torch.zeros(torch.get_num_threads(), out.size(1), dtype=torch.float64)
    call(
        "act_backward", out.dtype, *out.shape, out, gradient.contiguous(), activation, before, sums
    )
    return before, sums.sum(dim=0).to(out.dtype)
