"""Shard of a run, the part that one process does: `--shard 3/8`, or a task of a job array."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tvgnn_cli.errors import UsageError

ARRAY = "SLURM_ARRAY_TASK_"


@dataclass(frozen=True)
class Shard:
    """Part `index` of `count`, from 1."""

    index: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.index <= self.count:
            raise UsageError(
                f"`shard` is {self}; the part comes first, from 1 to the number of parts"
            )

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that `3/8` names.

        Raises:
            UsageError: it names none.
        """
        match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", str(text).strip())
        if not match:
            raise UsageError(f"`shard` is {str(text)[:40]!r}; write it as 3/8")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of_array(cls, environment: Mapping[str, str]) -> Shard | None:
        """The shard that this task of a Slurm job array is; None outside of one.

        Raises:
            UsageError: an array whose indices are not evenly spaced: its parts are not known.
        """
        names = ("ID", "COUNT", "MIN", "MAX", "STEP")
        texts = {name: environment.get(ARRAY + name, "") for name in names}
        if not texts["ID"] or not texts["COUNT"]:
            return None
        if not all(re.fullmatch("[0-9]{1,9}", text) for text in texts.values() if text):
            raise UsageError(f"{ARRAY}*: are not numbers; give `shard`")
        task, count = int(texts["ID"]), int(texts["COUNT"])
        low, step = int(texts["MIN"] or 0), int(texts["STEP"] or 1)
        high = int(texts["MAX"] or low + (count - 1) * step)
        index, rest = divmod(task - low, step)
        if rest or (high - low) // step + 1 != count:
            raise UsageError(
                f"the job array has {count} tasks, not evenly spaced from {low} to {high}; "
                "give `shard`"
            )
        return cls(index + 1, count)

    def part(self, total: int) -> range:
        """Its share of `total` things: neighbours, in equal numbers but for one.

        Raises:
            UsageError: nothing is left for it.
        """
        low, high = ((i * total) // self.count for i in (self.index - 1, self.index))
        if low == high:
            raise UsageError(
                f"`shard` {self}: nothing is left for this part of {total}; use at most {total} "
                "parts"
            )
        return range(low, high)
