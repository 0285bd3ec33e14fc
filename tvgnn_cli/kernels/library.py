"""The compiled passes of `fused.c`, where they were built.

A pass is called by the names of its parameters, and what it is given is checked against the text of
its C prototype, which the library carries: a wrong type, layout or device is a `TypeError`, and not
memory that is written over.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

DTYPES = {torch.float32: ("f32", ctypes.c_float), torch.float64: ("f64", ctypes.c_double)}

NO_FUSED = "TVGNN_NO_FUSED"
"""Environment variable that turns the compiled passes off, for comparison."""

PLAIN = "torch"
"""Name of the kernels where none is compiled; the others are sets of instructions."""

PARAMETER = re.compile(
    r"(?:const )?(?P<kind>\w+) (?P<pointer>\*)?(?P<optional>OPTIONAL )?(?P<name>\w+)"
)
"""A parameter of a pass, as fused.c writes it."""


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
    if not hasattr(opened, "line_bytes"):
        return f"they were compiled for another version ({found.origin}); install tvgnn anew"
    return opened


def absence() -> str:
    """The reason why no compiled pass serves here, and the remedy; empty where they do."""
    if os.environ.get(NO_FUSED):
        return f"{NO_FUSED} is set; unset it"
    opened = _open()
    return opened if isinstance(opened, str) else ""


def in_use(device: torch.device) -> str:
    """The kernels that a network on this device takes: "torch", or the set of instructions that
    they are compiled for, "avx512", "avx2" or "base".
    """
    return PLAIN if device.type != "cpu" or absence() else best_set()


def usable(*tensors: Tensor | None) -> bool:
    """Tell whether compiled passes are here and take these: on the CPU, dense, of a
    type they know.
    """
    given = [tensor for tensor in tensors if tensor is not None]
    if any(not t.is_cpu or t.layout != torch.strided or t.dtype not in DTYPES for t in given):
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
    """
    suffix, _ = DTYPES[dtype]
    _pass(f"{name}_{suffix}_{best_set()}", dtype)(threads=torch.get_num_threads(), **given)


@cache
def constant(name: str) -> int:
    """A whole number that fused.c exports."""
    opened = library()
    if opened is None:
        raise RuntimeError("there are no compiled passes")
    return ctypes.c_int64.in_dll(opened, name).value


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


@dataclass(frozen=True)
class _Array:
    """A pointer: it takes the tensors that C may be given the address of.

    Not by `from_param`, which ctypes calls: of what is raised there, the end of the process on a
    signal too, ctypes makes an error of its own.

    Args:
        dtype: of the values.
        optional: whether None, a null pointer, will do.
    """

    dtype: torch.dtype
    optional: bool

    def __call__(self, value: Tensor | None) -> int | None:
        """Turn a tensor into its address."""
        if value is None and self.optional:
            return None
        if not isinstance(value, Tensor):
            raise TypeError(f"a tensor is needed, not {value!r}")
        if value.dtype != self.dtype or not value.is_cpu or not value.is_contiguous():
            raise TypeError(
                f"a contiguous tensor of {self.dtype} on the CPU is needed, not one of "
                f"{value.dtype} on {value.device} with strides {value.stride()}"
            )
        return int(value.data_ptr())


@cache
def _pass(symbol: str, dtype: torch.dtype) -> Callable[..., None]:
    """A pass by its name in the library, whose parameters are given by name."""
    found = getattr(library(), symbol)
    parameters = [
        match
        for text in _text(f"takes_{symbol}").split(", ")
        if (match := PARAMETER.fullmatch(text))
    ]
    names = [match["name"] for match in parameters]
    known = frozenset(names)
    arrays = {m["name"]: _array(m, dtype) for m in parameters if m["pointer"]}
    numbers = {"REAL": DTYPES[dtype][1], "int64_t": ctypes.c_int64}
    kinds = [ctypes.c_void_p if m["pointer"] else numbers[m["kind"]] for m in parameters]
    found.restype, found.argtypes = None, kinds

    def with_names(**given: Any) -> None:
        if given.keys() != known:
            raise TypeError(f"{symbol} takes {', '.join(names)}, not {', '.join(given)}")
        # Beside the tensors, which have to live until the pass is over.
        taken = given | {name: address_of(given[name]) for name, address_of in arrays.items()}
        try:
            found(*(taken[name] for name in names))
        except ctypes.ArgumentError as error:
            raise TypeError(f"{symbol}: {error}") from None

    return with_names


def _array(parameter: re.Match[str], dtype: torch.dtype) -> _Array:
    """The tensors that a pointer takes."""
    # A key has as many bytes as a value, and is scratch.
    tensors = {
        "REAL": dtype, "KEY": dtype, "double": torch.float64, "int32_t": torch.int32,
        "int64_t": torch.int64,
    }  # fmt: skip
    return _Array(tensors[parameter["kind"]], bool(parameter["optional"]))


def _text(name: str) -> str:
    """A text that the library exports."""
    start = ctypes.addressof(ctypes.c_char.in_dll(library(), name))  # type: ignore[arg-type]
    return ctypes.string_at(start).decode()
