"""Meeting of one run's processes, as `torchrun` or `srun` tells each of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tvgnn_cli.errors import UsageError

TORCHRUN = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
SRUN = ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_STEP_NODELIST")
"""Set in the tasks of `srun`, and not all of them in a script of `sbatch`."""

LOWEST_PORT, PORTS = 20_000, 20_000
"""Ports of runs under `srun`, which names none: one of these, by the number of job and step."""


@dataclass(frozen=True)
class Rendezvous:
    """Place of one process among several.

    Args:
        rank: its number, from 0.
        size: processes in all.
        local_rank: its number on its machine, from 0.
        address: host and port where they meet, "node1:29500".
    """

    rank: int
    size: int
    local_rank: int
    address: str

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> Rendezvous | None:
        """Read the place of this process; None for one that is alone.

        Raises:
            UsageError: variables that contradict each other or are no numbers.
        """
        found = _of_torchrun(environment) or _of_srun(environment)
        if found is None or found.size < 2:
            return None
        if not 0 <= found.rank < found.size:
            raise UsageError(f"process {found.rank} of {found.size}: they are counted from 0")
        return found


def _of_torchrun(environment: Mapping[str, str]) -> Rendezvous | None:
    if any(not environment.get(name) for name in TORCHRUN):
        return None
    rank, size = (_number(environment, name) for name in ("RANK", "WORLD_SIZE"))
    address = f"{environment['MASTER_ADDR']}:{_number(environment, 'MASTER_PORT')}"
    return Rendezvous(rank, size, _number(environment, "LOCAL_RANK"), address)


def _of_srun(environment: Mapping[str, str]) -> Rendezvous | None:
    if any(not environment.get(name) for name in SRUN):
        return None
    rank, size = (_number(environment, name) for name in SRUN[:2])
    host = environment.get("MASTER_ADDR") or first_host(environment["SLURM_STEP_NODELIST"])
    job, step = (_number(environment, name) for name in ("SLURM_JOB_ID", "SLURM_STEP_ID"))
    port = LOWEST_PORT + (31 * job + step) % PORTS
    if environment.get("MASTER_PORT"):
        port = _number(environment, "MASTER_PORT")
    return Rendezvous(rank, size, _number(environment, "SLURM_LOCALID"), f"{host}:{port}")


def first_host(nodes: str) -> str:
    """`node01` for `node[01-04,7],other`: the first of a list as Slurm writes it."""
    name = re.match(r"(?:[^,\[]|\[[^]]*\])+", nodes)
    return re.sub(r"\[([^],-]+)[^]]*\]", r"\1", name[0] if name else nodes)


def _number(environment: Mapping[str, str], name: str) -> int:
    text = environment.get(name, "0")
    if not text.isdigit():
        raise UsageError(f"{name} is '{text}' in the environment; needs to be a whole number")
    return int(text)
