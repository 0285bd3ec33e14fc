"""Objects of the package that a caller gives, refused where they are something else."""

from __future__ import annotations

from typing import Any

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import UsageError, shown
from tvgnn_cli.train import Checkpointing

_METHODS = {
    "observer": ("epoch", "an Observer, such as an instance of a class of your own"),
    "interruption": ("request", "an Interruption"),
}


def check_kinds(
    config: Any = None, checkpointing: Any = None, only: Any = None, **others: Any
) -> None:
    """Refuse what is given in the place of an object of another kind; None is not given.

    Args:
        config: settings.
        checkpointing: where states are kept.
        only: a range of restarts, or positions of a sweep.
        others: `observer` and `interruption`, which may be of any class that has their methods.

    Raises:
        UsageError: naming the argument, and what it needs.
    """
    if not isinstance(config, ClusterConfig | None):
        raise _wrong("config", config, "what make_config gives")
    if not isinstance(checkpointing, Checkpointing | None):
        raise _wrong("checkpointing", checkpointing, "a Checkpointing, of a folder")
    if only is not None and not hasattr(only, "__len__"):
        raise _wrong("only", only, "a range, such as Shard.part gives")
    for name, (method, needed) in _METHODS.items():
        given = others.get(name)
        if given is not None and (isinstance(given, type) or not hasattr(given, method)):
            raise _wrong(name, given, needed)


def _wrong(name: str, given: Any, needed: str) -> UsageError:
    return UsageError(f"`{name}` is {shown(given)}; needs to be {needed}")
