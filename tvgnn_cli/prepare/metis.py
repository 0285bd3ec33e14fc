"""METIS, in a process of its own.

It catches SIGTERM while it works, and goes on with what it has half done: the signal that should
end a run would be lost, and the parts would be others, or the process would crash. So it works
where no signal reaches it, and a run ends at once. What METIS fails at, as for want of memory, ends
that process and not the run's.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from contextlib import suppress

import numpy as np

from tvgnn_cli.errors import TrainingError
from tvgnn_cli.machine.held_signals import held_back
from tvgnn_cli.prepare.metis_process import NUMBERS, found_parts

CALL = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from tvgnn_cli.prepare.metis_process import work; work()"
)


def metis_parts(start: np.ndarray, neighbour: np.ndarray, num_parts: int, seed: int) -> np.ndarray:
    """Parts of about equal size with few edges between them, int32 `[n]`.

    Args:
        start: where the neighbours of each vertex begin, `[n + 1]`.
        neighbour: the neighbours of all vertices, `[2 e]`.
        num_parts: at least 1.
        seed: of METIS.

    Raises:
        TrainingError: METIS found none.
    """
    process = _started()
    if process is None:
        return found_parts(start, neighbour, num_parts, seed)
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        try:
            with suppress(OSError):  # it has died, which it is asked for below
                pickle.dump((start, neighbour, num_parts, seed), process.stdin, protocol=5)
                process.stdin.close()
            found = np.frombuffer(process.stdout.read(), dtype=NUMBERS)
        except BaseException:  # a signal, say: nobody waits for the parts any more
            process.kill()
            raise
    if process.returncode or len(found) != len(start) - 1:
        raise TrainingError(
            f"`batch` parts: METIS ended without the parts of {len(start) - 1:,} vertices and "
            f"{len(neighbour) // 2:,} edges; give it more memory: it takes some 250 bytes an edge"
        )
    return found.copy()


def _started() -> subprocess.Popen[bytes] | None:
    """The process, from which all signals are held back; None where none can be started."""
    if not sys.executable:
        return None
    call = [sys.executable, "-P", "-c", CALL, json.dumps(sys.path)]
    pipe = subprocess.PIPE
    try:
        with held_back():
            return subprocess.Popen(call, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
    except OSError:
        return None
