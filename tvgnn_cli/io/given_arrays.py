"""Arrays in whatever form Python has them: lists, numpy's, masked ones, tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError


def as_array(given: Any, what: str) -> np.ndarray:
    """The values as an array. What is masked is NaN in a matrix of numbers, and else None.

    Args:
        given: numbers or texts.
        what: they are, for messages.

    Raises:
        InputError: rows of different lengths, a tensor without plain values.
    """
    if hasattr(given, "detach"):
        return tensor_values(given, f"{what}: the array")
    if isinstance(given, np.ma.MaskedArray):
        return _unmasked(given)
    try:
        return np.asarray(given)
    except ValueError:
        raise InputError(f"{what}: is no array; its rows have different lengths") from None


def tensor_values(given: Any, what: str) -> np.ndarray:
    """The values of a tensor; bfloat16, which numpy lacks, as float32.

    Raises:
        InputError: it has no plain values, such as a sparse one.
    """
    if given.is_meta or given.is_quantized or str(given.layout) != "torch.strided":
        raise InputError(f"{what} is a tensor without plain values ({given.layout})")
    given = given.detach().cpu().resolve_conj().resolve_neg()
    found: np.ndarray = (given.float() if str(given.dtype) == "torch.bfloat16" else given).numpy()
    return found


def _unmasked(given: Any) -> np.ndarray:
    if not np.ma.is_masked(given):
        return np.asarray(given.data)
    if given.ndim == 2 and given.dtype.kind in "iufb":
        return np.asarray(given.astype(np.float64).filled(np.nan))
    found: np.ndarray = given.data.astype(object)
    found[np.ma.getmaskarray(given)] = None
    return found
