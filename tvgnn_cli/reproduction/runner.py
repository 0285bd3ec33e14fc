"""Runs what is planned, each in a process of its own, and keeps a row of each as it is done."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InterruptionError
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.claims import Holder
from tvgnn_cli.io.places import is_there
from tvgnn_cli.io.writers import make_folder
from tvgnn_cli.jobs.ledger import Entry
from tvgnn_cli.methods import METHODS
from tvgnn_cli.reproduction.plan import Planned
from tvgnn_cli.reproduction.rows import Row, is_done, row_of, rows_in

POLL, GRACE = 0.2, 30
"""Seconds between two looks at a run, and for it to keep its state when it is told to end."""

RESUMABLE = InterruptionError.exit_code


@dataclass(frozen=True)
class Ended:
    """End of a run: its row, or the last line that it wrote on standard error."""

    planned: Planned
    row: Row | None
    message: str = ""


def run_planned(
    planned: Sequence[Planned],
    folder: Path,
    *,
    added: Sequence[str] = (),
    interruption: Interruption | None = None,
    told: Callable[[Ended], None] | None = None,
) -> list[Ended]:
    """Run what the folder has no row of; a run that was interrupted goes on from its state.

    Args:
        planned: what there is to do.
        folder: where rows and states are kept.
        added: arguments that do not decide the result: where data sets are, threads.
        interruption: asked while a run goes on, which is then told to end.
        told: of each run that is done here.

    Raises:
        InterruptionError: it was asked to end, or others are at what is left; what is done is kept.
        UsageError: the folder cannot be written into.
    """
    make_folder("`results`", folder)
    make_folder("`results`", folder / "states")
    done, interruption, ended = rows_in(folder), interruption or Interruption(), []
    for method in {each.method for each in planned if not is_done(each, done)}:
        METHODS[method].require()
    interruption.defer()
    left = [each for each in planned if not is_done(each, done)]
    elsewhere: list[Planned] = []
    # Once more over those that other processes were at, which may have ended since.
    for again in (False, True):
        for each in elsewhere if again else left:
            outcome = _once(each, folder, added, interruption)
            if outcome is None:
                continue
            ended.append(outcome)
            if told is not None:
                with suppress(OSError):  # a log that nobody reads any more
                    told(outcome)
        known, tried = rows_in(folder), {each.planned.key for each in ended}
        elsewhere = [each for each in left if each.key not in tried and not is_done(each, known)]
    if elsewhere:
        raise InterruptionError(
            f"{len(elsewhere)} of {len(planned)} runs are in work in other processes; when these "
            "have ended, the same command goes on"
        )
    with suppress(OSError):
        (folder / "states").rmdir()
    return ended


def _once(
    planned: Planned, folder: Path, added: Sequence[str], interruption: Interruption
) -> Ended | None:
    """One run; None where another process is at it, or has done it meanwhile."""
    entry = Entry(folder / f"{planned.key}.json", planned.key, folder / "states" / planned.key)
    claim = entry.claim()
    if isinstance(claim, Holder):
        return None
    try:
        if is_there(entry.path) and is_done(planned, rows_in(folder)):
            return None
        return _run(planned, entry, added, interruption)
    finally:
        claim.release()


def _run(planned: Planned, entry: Entry, added: Sequence[str], interruption: Interruption) -> Ended:
    """One run to its end, and its row.

    Raises:
        InterruptionError: it was asked to end.
    """
    kept: tuple[str, ...] = ()
    if METHODS[planned.method].is_trained and entry.states is not None:
        entry.states.mkdir(parents=True, exist_ok=True)
        kept = ("--checkpoint", str(entry.states))
    found = execute((*planned.arguments, *added, *kept), interruption)
    if isinstance(found, str):
        return Ended(planned, None, found)
    row = row_of(planned, found)
    entry.keep(row)
    return Ended(planned, row)


def execute(arguments: Sequence[str], interruption: Interruption) -> Mapping[str, Any] | str:
    """The metrics of `tvgnn ARGUMENTS` in a process of its own, whose peak of memory is then its
    own; or the last line that it wrote on standard error, where it failed.

    Raises:
        InterruptionError: it was asked to end.
    """
    with tempfile.TemporaryDirectory() as scratch:
        metrics, errors = Path(scratch) / "metrics.json", Path(scratch) / "errors"
        files = ("-o", f"{scratch}/clusters.csv", "--metrics", str(metrics), "-q")
        with errors.open("wb") as heard:
            command = [sys.executable, "-m", "tvgnn_cli", *arguments, *files]
            code = _wait(subprocess.Popen(command, stderr=heard), interruption)
        if code == RESUMABLE:
            reason = interruption.reason or "a run was asked to end"
            raise InterruptionError(f"{reason}; the same command goes on from there")
        if code:
            lines = errors.read_text(errors="replace").splitlines()
            said = [line.strip(" │") for line in lines if any(map(str.isalpha, line))]
            said = [line.removeprefix("tvgnn: ") for line in said]
            return said[-1] if said else f"exit code {code}"
        found: dict[str, Any] = json.loads(metrics.read_text())
        return found


def _wait(process: subprocess.Popen[bytes], interruption: Interruption) -> int:
    """Its exit code, `RESUMABLE` where it was asked to end; it is told once."""
    told = False
    try:
        while process.poll() is None:
            if interruption.reason is not None and not told:
                process.terminate()
                told = True
            time.sleep(POLL)
    finally:
        if process.poll() is None:  # this process ends at once, and no other must stay behind
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
            process.kill()
            process.wait()
    asked = interruption.reason is not None and process.returncode != 0
    return RESUMABLE if asked else int(process.returncode)
