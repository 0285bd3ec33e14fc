"""The compiled passes of `fused.c`, where they were built.

A pass is called by the names of its parameters, and what it is given is checked against the text of
its C prototype, which the library carries (`prototype.py`).
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor

from tvgnn_cli.kernels.prototype import FORM, Prototype

DTYPES = {torch.float32: "f32", torch.float64: "f64"}
"""Names in fused.c of the types of values that passes are compiled for."""

NO_FUSED = "TVGNN_NO_FUSED"
"""Environment variable that turns all kernels off, for comparison."""


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
        opened = ctypes.CDLL(found.origin)
    except OSError as error:
        return f"they cannot be loaded ({error}); install what is missing, or tvgnn anew"
    if not hasattr(opened, "prototype_form") or _exported(opened, "prototype_form") != FORM:
        return f"they were compiled for another version ({found.origin}); install tvgnn anew"
    return opened


def absence() -> str:
    """The reason why no compiled pass serves here, and the remedy; empty where they do."""
    if os.environ.get(NO_FUSED):
        return f"{NO_FUSED} is set; unset it"
    opened = _open()
    return opened if isinstance(opened, str) else ""


def usable(*tensors: Tensor | None) -> bool:
    """Tell whether compiled passes are here and take these: on the CPU, dense, of a
    type they know, and with no signs that torch has yet to turn.
    """
    given = [tensor for tensor in tensors if tensor is not None]
    if any(
        not t.is_cpu or t.layout != torch.strided or t.dtype not in DTYPES or t.is_neg()
        for t in given
    ):
        return False
    return len({tensor.dtype for tensor in given}) <= 1 and not absence()


def call(name: str, dtype: torch.dtype, **given: Any) -> None:
    """Run a pass on all of torch's threads, with its other parameters by name.

    Args:
        name: of the pass.
        dtype: what REAL is.
        **given: its parameters: tensors, whole numbers, floats; None for a null pointer.

    Raises:
        TypeError: a parameter is missing, unknown or not what the pass takes.
        ValueError: a number is out of its range, or an array too short.
    """
    _pass(f"{name}_{DTYPES[dtype]}_{best_set()}", dtype)(threads=torch.get_num_threads(), **given)


@cache
def constant(name: str) -> int:
    """A whole number that fused.c exports."""
    opened = library()
    if opened is None:
        raise RuntimeError("there are no compiled passes")
    return _exported(opened, name)


@cache
def activation_number(name: str) -> int:
    """Number of an activation, "none", "elu" or "relu", as fused.c counts them."""
    return _text("activations").split().index(name)


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
def prototype(symbol: str, dtype: torch.dtype) -> Prototype:
    """The parameters of a pass, by its name in the library."""
    return Prototype(symbol, _text(f"takes_{symbol}"), dtype, _constants(dtype))


@cache
def _pass(symbol: str, dtype: torch.dtype) -> Callable[..., None]:
    """A pass by its name in the library, whose parameters are given by name."""
    found, takes = getattr(library(), symbol), prototype(symbol, dtype)
    found.restype, found.argtypes = None, takes.kinds

    def with_names(**given: Any) -> None:
        # The tensors are in `given`, and have to live until the pass is over.
        arguments = takes.arguments(given)
        try:
            found(*arguments)
        except ctypes.ArgumentError as error:
            raise TypeError(f"{symbol}: {error}") from None

    return with_names


def _constants(dtype: torch.dtype) -> dict[str, int]:
    """The numbers that prototypes name."""
    on_line = constant("line_bytes") // dtype.itemsize
    return {
        "ON_LINE": on_line, "MOST_COLUMNS": constant("most_lines") * on_line,
        "BUCKETS": constant("buckets"),
        "RELU": activation_number("relu"), "INT32_MAX": 2**31 - 1,
    }  # fmt: skip


def _exported(opened: ctypes.CDLL, name: str) -> int:
    """A whole number that a library exports."""
    return ctypes.c_int64.in_dll(opened, name).value


def _text(name: str) -> str:
    """A text that the library exports."""
    start = ctypes.addressof(ctypes.c_char.in_dll(library(), name))  # type: ignore[arg-type]
    return ctypes.string_at(start).decode()
