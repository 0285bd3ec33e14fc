"""The parameters of a pass of `fused.c`, by the text of its C prototype, and their check.

The text says of each pointer the shape of its array, `OF(n, k)`, and of a whole number what has to
hold for it, `WHERE(place < n)`. What is given is checked against it before C has an address: a
wrong type, layout or device is a `TypeError`, and a number or an array that would have C reach
beyond memory is a `ValueError`.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

FORM = 3
"""The way of writing prototypes that is read here, as fused.c counts them."""

REALS = {torch.float32: ctypes.c_float, torch.float64: ctypes.c_double}
"""The types of values that passes are compiled for, as C has them."""

_NESTED = r"(?:[^()]|\((?:[^()]|\([^()]*\))*\))*"
"""A text whose brackets are closed, two deep at most."""

PARAMETER = re.compile(
    r"(?P<const>const )?(?P<kind>\w+) (?P<pointer>\*)?(?P<optional>OPTIONAL )?"
    rf"(?:(?:OF|WHERE)\((?P<rule>{_NESTED})\) )?(?P<name>\w+)(?:, |$)"
)
"""A parameter of a pass, as fused.c writes it."""

SIZE = re.compile(r"\s*((?:[^(),]|\((?:[^()]|\([^()]*\))*\))+)")
"""One of the sizes of a shape."""


@dataclass(frozen=True)
class Array:
    """A pointer: it takes the tensors that C may be given the address of.

    Not by `from_param`, which ctypes calls: of what is raised there, the end of the process on a
    signal too, ctypes makes an error of its own.

    Args:
        name: of the parameter.
        dtype: of the values.
        optional: whether None, a null pointer, will do.
        is_read: whether C only reads it.
        shape: what C reads or writes of it.
        position: among the parameters.
    """

    name: str
    dtype: torch.dtype
    optional: bool
    is_read: bool
    shape: str
    position: int

    def address_of(self, value: Any, length: int) -> int | None:
        """Turn a tensor of at least so many values into its address."""
        if value is None and self.optional:
            return None
        if not isinstance(value, Tensor):
            told = "None" if value is None else type(value).__name__
            raise TypeError(f"`{self.name}`: a tensor is needed, not {told}")
        if (
            value.dtype != self.dtype
            or not value.is_cpu
            or not is_contiguous(value)
            or (self.is_read and value.is_neg())
        ):
            raise TypeError(
                f"`{self.name}`: a contiguous tensor of {self.dtype} on the CPU is needed, not one "
                f"of {value.dtype} on {value.device}{_layout(value)}"
            )
        if value.numel() < length:
            raise ValueError(
                f"`{self.name}` has {value.numel()} values, and [{self.shape}] are {length}"
            )
        address: int = value.data_ptr()
        if address % self.dtype.itemsize or (not address and length):
            raise TypeError(f"`{self.name}`: a tensor has no memory, or begins inside a value")
        return address


class Prototype:
    """The parameters of a pass.

    Args:
        symbol: name of the pass in the library.
        text: its parameters, as fused.c writes them.
        dtype: what REAL is.
        constants: the numbers that the text names.
    """

    def __init__(
        self, symbol: str, text: str, dtype: torch.dtype, constants: Mapping[str, int]
    ) -> None:
        parameters = list(PARAMETER.finditer(text))
        if "".join(match[0] for match in parameters) != text:
            raise ValueError(f"no prototype of {symbol}: {text}")
        self.symbol, self._constants = symbol, {**constants, "MIN": min}
        self.names = [match["name"] for match in parameters]
        self._known = frozenset(self.names)
        numbers = {"REAL": REALS[dtype], "int64_t": ctypes.c_int64}
        self.kinds = [ctypes.c_void_p if m["pointer"] else numbers[m["kind"]] for m in parameters]
        self.arrays = [
            _array(m, dtype, position) for position, m in enumerate(parameters) if m["pointer"]
        ]
        self._rules = {
            m["name"]: m["rule"] or "1"
            for m in parameters
            if m["kind"] == "int64_t" and not m["pointer"]
        }
        # `| 0` is a TypeError of what is no whole number.
        rules = [f"0 <= {name} | 0 and {_python(rule)}" for name, rule in self._rules.items()]
        lengths = [
            " * ".join(f"({size})" for size in SIZE.findall(_python(array.shape)))
            for array in self.arrays
        ]
        # One function for all: a pass over a small graph takes as long as a few of these.
        self.lengths = self._compiled(f"{' and '.join(rules)} and ({', '.join(lengths)},)")

    def arguments(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters in the order of C, with an address for each tensor.

        Raises:
            TypeError: a parameter is missing, unknown or not what the pass takes.
            ValueError: a number is out of its range, or an array too short.
        """
        if given.keys() != self._known:
            raise TypeError(f"{self.symbol} takes {', '.join(self.names)}, not {', '.join(given)}")
        values = [given[name] for name in self.names]
        try:
            lengths = self.lengths(*values) or self._refuse(given)
        except TypeError:
            lengths = self._refuse(given)
        for array, length in zip(self.arrays, lengths, strict=True):
            values[array.position] = array.address_of(values[array.position], length)
        return values

    def _compiled(self, expression: str) -> Callable[..., Any]:
        """A function of the parameters."""
        made: Callable[..., Any] = eval(
            f"lambda {', '.join(self.names)}: {expression}", dict(self._constants)
        )
        return made

    def _refuse(self, given: Mapping[str, Any]) -> list[int]:
        """Say which whole number is none, or out of its range."""
        for name in self._rules:
            if not isinstance(given[name], int):
                told = type(given[name]).__name__
                raise TypeError(f"`{name}`: {self.symbol} needs a whole number, not {told}")
        for name, rule in self._rules.items():
            needed = f"0 <= {name}" if given[name] < 0 else rule
            if not self._compiled(_python(needed))(**given):
                raise ValueError(f"`{name}` is {given[name]}, and {self.symbol} needs {needed}")
        raise TypeError(f"{self.symbol} takes no such parameters")


def is_contiguous(value: Tensor) -> bool:
    """Tell whether a tensor's values lie one after another; those of a sparse one do not."""
    try:
        return value.is_contiguous()
    except RuntimeError:  # quicker, where all is well, than to ask first
        return False


def _layout(value: Tensor) -> str:
    """Words for how a tensor lies in memory."""
    if value.layout != torch.strided:
        return f" as {value.layout}"
    negated = " and signs that are yet to be turned" if value.is_neg() else ""
    return f" with strides {value.stride()}{negated}"


def _array(parameter: re.Match[str], dtype: torch.dtype, position: int) -> Array:
    """The tensors that a pointer takes."""
    # A key has as many bytes as a value, and is scratch.
    tensors = {
        "REAL": dtype, "KEY": dtype, "double": torch.float64, "int32_t": torch.int32,
        "int64_t": torch.int64,
    }  # fmt: skip
    return Array(
        parameter["name"],
        tensors[parameter["kind"]],
        optional=bool(parameter["optional"]),
        is_read=bool(parameter["const"]),
        shape=parameter["rule"],
        position=position,
    )


def _python(expression: str) -> str:
    """An expression of C on whole numbers that are not negative, as Python writes it."""
    return expression.replace("&&", "and").replace("/", "//")
