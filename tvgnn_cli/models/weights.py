"""Weights of a file beside those that its network has: names, types, shapes, and finite values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

Form = tuple[torch.dtype, tuple[int, ...]]
"""Type and shape of a tensor."""


def forms_of(build: Callable[[], nn.Module]) -> dict[str, Form]:
    """Types and shapes of a network's weights by name, without a place in memory for any: a file
    may ask for a network of any size.

    Raises:
        ValueError: one of sizes that cannot even be counted.
    """
    try:
        with _Unfilled(), torch.device("meta"):
            return forms_in(build())
    except RuntimeError:
        raise ValueError("its settings are those of a network that nothing can hold") from None


def forms_in(network: nn.Module) -> dict[str, Form]:
    """Types and shapes of a network's weights by name."""
    weights = network.state_dict().items()
    return {name: (value.dtype, tuple(value.shape)) for name, value in weights}


class _Unfilled(TorchFunctionMode):
    """While weights have no place, none is drawn; drawing would load torch's compiler, too."""

    def __torch_function__(
        self,
        func: Any,
        types: Any,
        args: Any = (),
        kwargs: Any = None,
    ) -> Any:
        if func in (torch.Tensor.normal_, torch.Tensor.uniform_):
            return args[0]
        return func(*args, **(kwargs or {}))


def check_tensors(
    found: Mapping[str, Tensor],
    wanted: Mapping[str, Form],
    prefix: str = "",
    unbounded: Collection[str] = (),
) -> None:
    """Compare tensors with what they have to be; those of floating point have to be finite.

    Args:
        found: the tensors by name.
        wanted: types and shapes by name.
        prefix: of the names in the file.
        unbounded: names of those whose values may be infinite, above 0.

    Raises:
        ValueError: naming the tensor.
    """
    for name in (*wanted, *found):
        if name not in found:
            raise ValueError(f"it has no {prefix}{name}")
        if name not in wanted:
            raise ValueError(f"it has {prefix + name!r:.60}, which is unknown")
    for name, (dtype, shape) in wanted.items():
        value = found[name]
        if (value.dtype, tuple(value.shape)) != (dtype, shape):
            raise ValueError(
                f"{prefix}{name} is {_told(value.dtype, tuple(value.shape))}; needs to be "
                f"{_told(dtype, shape)}"
            )
        if name in unbounded:
            value = value[~value.isposinf()]
        check_finite(value, prefix + name)


def check_prefixes(found: Iterable[str], prefixes: tuple[str, ...]) -> None:
    """Refuse tensors of a name that starts otherwise.

    Raises:
        ValueError: naming one.
    """
    for name in found:
        if not name.startswith(prefixes):
            raise ValueError(f"it has {name!r:.60}, which is unknown")


def check_labels(labels: Tensor, shape: tuple[int, ...], clusters: int) -> None:
    """Refuse what are no clusters of vertices.

    Raises:
        ValueError: labels of another shape or type, or beyond the number of clusters.
    """
    check_tensors({"labels": labels}, {"labels": (torch.int64, shape)})
    if labels.numel() and not 0 <= int(labels.min()) <= int(labels.max()) < clusters:
        raise ValueError(f"labels are not from 0 to {clusters - 1}")


def check_finite(value: Tensor, name: str) -> None:
    """Refuse values that are no numbers.

    Raises:
        ValueError: naming the tensor.
    """
    if value.is_floating_point() and not bool(value.isfinite().all()):
        raise ValueError(f"{name} has values that are no numbers")


def _told(dtype: torch.dtype, shape: tuple[int, ...]) -> str:
    return f"{str(dtype).removeprefix('torch.')} {list(shape)}"[:60]
