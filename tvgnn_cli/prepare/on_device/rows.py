"""The rows that clusters are guessed from, on a device."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


class DeviceRows:
    """`evidence.guesser.Rows` on a device, of features `[n, p]`."""

    def __init__(self, known: np.ndarray, device: torch.device) -> None:
        self._device = device
        x = self._moved(known)
        self._x = torch.cat([x, x.new_ones(len(x), 1)], dim=1)

    def gram(self, which: np.ndarray) -> np.ndarray:
        x = self._some(which)
        return (x.t() @ x).cpu().numpy()

    def transposed_times(self, which: np.ndarray, values: np.ndarray) -> np.ndarray:
        return (self._some(which).t() @ self._moved(values)).cpu().numpy()

    def times(self, which: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return (self._some(which) @ self._moved(weights)).cpu().numpy()

    def _some(self, which: np.ndarray) -> Tensor:
        return self._x[torch.from_numpy(np.flatnonzero(which)).to(self._device)]

    def _moved(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self._device)
