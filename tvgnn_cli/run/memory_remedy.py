"""Changes of settings that lower the memory of a run, as far as they are estimated to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.methods import METHODS

FEW = 32
"""Components that features are reduced to."""

WORTH = 0.02
"""Share of the memory that a change has to save at least to be named."""


def remedy(config: ClusterConfig, estimate: Callable[[ClusterConfig], float]) -> str:
    """Say what to change so that a run takes less memory.

    Args:
        config: of the run.
        estimate: memory of a run with other settings, in MB.
    """
    if not METHODS[config.method].is_trained:
        return "take another `method`: louvain, leiden, ssgc and tvgnn need the least"
    most = (1 - WORTH) * estimate(config)
    told = []
    if METHODS[config.method].by_batch and config.batch != "parts":
        by_parts = estimate(replace(config, batch="parts", neighbours=None, spread_coeff=None))
        if by_parts <= most:
            told.append(f"train with `batch` parts (about {by_parts:,.0f} MB)")
    smaller = [name for name, other in _smaller(config) if estimate(other) <= most]
    lowered = [f"`{name}`" for name in smaller if name != "components"]
    if lowered:
        told.append(f"lower {_either(lowered)}")
    if "components" in smaller:
        told.append("reduce features with `components`")
    return ", ".join(told) or "no setting saves much: give it more memory"


def _smaller(config: ClusterConfig) -> Iterator[tuple[str, ClusterConfig]]:
    """Settings that may take memory, and the configuration with half of each."""
    if config.batch == "parts":
        yield "batch_size", replace(config, batch_size=max(2, config.batch_size // 2))
    yield "hidden", replace(config, hidden=max(1, config.hidden // 2))
    yield "layers", replace(config, layers=config.layers // 2)
    yield "mlp_hidden", replace(config, mlp_hidden=max(1, config.mlp_hidden // 2))
    few = config.components // 2 if 0 < config.components <= FEW else FEW
    yield "components", replace(config, components=max(1, few))


def _either(names: list[str]) -> str:
    """`a`; `a or b`; `a, b or c`."""
    *before, last = names
    return f"{', '.join(before)} or {last}" if before else last
