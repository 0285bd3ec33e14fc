"""Ownership of this process: the command line's own may be tuned for good, a caller's may not."""

from __future__ import annotations

_is_ours = False


def own_process() -> None:
    """Declare the process to be the command line's, which ends with what it does."""
    global _is_ours
    _is_ours = True


def is_ours() -> bool:
    """Tell whether settings may be made that cannot be taken back, as those of the C library."""
    return _is_ours
