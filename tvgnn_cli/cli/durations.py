"""Spans of time as people and schedulers write them."""

from __future__ import annotations

import re

from tvgnn_cli.errors import UsageError

UNITS = {"s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "d": 86400}
_WITH_UNIT = re.compile(rf"(\d+(?:\.\d+)?) ?({'|'.join(UNITS)})")
_CLOCK = re.compile(r"(?:(\d+)-)?(\d+):([0-5]?\d):([0-5]?\d)")


def seconds_of(option: str, text: str) -> float:
    """Seconds in `90s`, `5min`, `2h`, `1d`, `01:50:00` or `1-12:00:00`.

    Raises:
        UsageError: none of these; a bare number, which some take for seconds and Slurm for minutes.
    """
    named, clock = _WITH_UNIT.fullmatch(text.strip()), _CLOCK.fullmatch(text.strip())
    if named:
        return float(named[1]) * UNITS[named[2]]
    if clock:
        days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
    if text.strip() == "0":
        return 0.0
    raise UsageError(f"{option} is '{text}'; write 90s, 5min, 2h, 01:50:00 or 1-12:00:00")


def clock_of(seconds: float) -> str:
    """A span of time as Slurm writes it: `02:00:00`, `1-12:00:00`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}-" * bool(days) + f"{hours:02d}:{minutes:02d}:{rest:02d}"
