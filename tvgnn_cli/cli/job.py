"""Options of a run that may be ended and go on: their meaning together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tvgnn_cli.cli.durations import seconds_of
from tvgnn_cli.cli.outputs import Written
from tvgnn_cli.cli.signals import until
from tvgnn_cli.errors import RestartsFailedError, UsageError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.jobs.shard import Shard
from tvgnn_cli.train import Checkpointing, Team

if TYPE_CHECKING:
    from tvgnn_cli.observer import Observer
    from tvgnn_cli.report.document import Report
    from tvgnn_cli.run.result import ClusterResult


@contextmanager
def surviving(
    checkpoint: Path | None,
    every: str | None = None,
    resume: str | None = None,
    max_time: str | None = None,
) -> Iterator[tuple[Checkpointing, Interruption]]:
    """Keep states in the folder `checkpoint`, with signals that end the run between two steps; the
    options are those of `STATES`.

    Raises:
        UsageError: a span of time that is none; options that need `--checkpoint` without it.
    """
    if checkpoint is None:
        given = {"--every": every, "--resume": resume, "--max-time": max_time}
        for option, value in given.items():
            if value is not None:
                raise UsageError(f"{option} needs --checkpoint DIR, where the state is kept")
        yield Checkpointing(), Interruption()
        return
    defaults = Checkpointing()
    span = defaults.every if every is None else seconds_of("--every", every)
    with until(max_time) as interruption:
        yield Checkpointing(checkpoint, span, resume or defaults.resume), interruption


@dataclass(frozen=True)
class Part:
    """The part of a run's restarts that this process does, and where its result goes."""

    shard: Shard
    folder: Path
    restarts: range

    @property
    def holds_graph(self) -> bool:
        """Tell whether the graph's own attributes are written."""
        return False

    def write(self, result: ClusterResult, _page: Report | None = None) -> Written:
        """Write the result for `tvgnn merge`; a part has no page.

        Raises:
            UsageError: it cannot be written.
        """
        from tvgnn_cli.jobs.shard_file import write_shard

        return Written([str(write_shard(result, self.shard, self.folder))])

    @contextmanager
    def claimed(self, settings: str, observer: Observer, team: Team) -> Iterator[None]:
        """While this process makes the part, and no other does. Where every restart fails, the
        failure is kept as what the part came to.

        Raises:
            UsageError: another process makes it, or a part of another run in the same folder.
        """
        from tvgnn_cli.jobs.shard_file import claimed_shard, write_failed_shard

        with claimed_shard(self.folder, self.shard, settings, observer, team):
            try:
                yield
            except RestartsFailedError as error:
                write_failed_shard(error, self.shard, self.folder)
                raise


def sharding(
    folder: Path | None, text: str | None, restarts: int, outputs: Mapping[str, object]
) -> Part | None:
    """The part that the options and the environment name; None for the whole run.

    Args:
        folder: where the parts' results go.
        text: which part, as `--shard` has it.
        restarts: of the whole run.
        outputs: options of `OUTPUTS`.

    Raises:
        UsageError: options that contradict each other; a part that cannot be.
    """
    from tvgnn_cli.io.writers import check_target, make_folder
    from tvgnn_cli.jobs.shard_file import shard_path

    if folder is None:
        if text is not None:
            raise UsageError("--shard needs --shards DIR, where the parts' results go")
        return None
    if any(each is not None for each in outputs.values()):
        raise UsageError(
            "-o, --metrics, --save, --numbers, --match and --changes are of a whole run, most of "
            "them options of tvgnn merge; leave them out here"
        )
    shard = Shard.of_array(os.environ) if text is None else Shard.parse(text)
    if shard is None:
        raise UsageError("--shards: give --shard I/N; there is no job array to take it from")
    make_folder("--shards", folder)
    check_target("--shards", str(shard_path(folder, shard)), (), ())
    return Part(shard, folder, shard.part(restarts))


def part_of(text: str | None, total: int, folder: Path | None) -> range | None:
    """The positions, of `total`, that the shard of a sweep or a batch does; None for all.

    Raises:
        UsageError: a part that cannot be, or one without the folder that the parts share.
    """
    if text is None:
        return None
    if folder is None:
        raise UsageError(
            "a part (--shard, or one process of several) needs --checkpoint DIR, where its rows go"
        )
    return Shard.parse(text).part(total)
