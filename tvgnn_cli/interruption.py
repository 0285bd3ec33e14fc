"""Requests that a run end before it is done, by a signal or by the clock."""

from __future__ import annotations

import time

TIME_IS_OVER = "the time is over"


class Interruption:
    """A request to end at the next step that can be resumed from.

    Args:
        seconds: after which the request comes by itself; None for never.
    """

    def __init__(self, seconds: float | None = None) -> None:
        self._reason: str | None = None
        self.is_deferred = False
        self._deadline = None if seconds is None else time.monotonic() + seconds

    def defer(self) -> None:
        """From here on a request waits for a step that can be resumed from."""
        self.is_deferred = True

    def request(self, reason: str) -> None:
        """Ask the run to end; the first reason is kept."""
        self._reason = self._reason or reason

    @property
    def is_over_time(self) -> bool:
        """Tell whether it is the clock that asks, and no signal."""
        return self._reason == TIME_IS_OVER

    @property
    def reason(self) -> str | None:
        """Say why the run is to end; None while it may go on."""
        if self._reason is None and self._deadline is not None:
            self._reason = TIME_IS_OVER if time.monotonic() >= self._deadline else None
        return self._reason
