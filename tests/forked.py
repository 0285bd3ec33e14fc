"""Commands in processes that are forked from one that has torch loaded, instead of started anew.

Loading takes two seconds of every process; what `tvgnn` does is the same after it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parent.parent
LOADED = (
    "pandas", "safetensors.torch", "sklearn.model_selection", "tests.fewer_starts",
    "torch.distributed", "tvgnn_cli.api", "tvgnn_cli.classification.flow",
    "tvgnn_cli.cli.job", "tvgnn_cli.cli.main", "tvgnn_cli.jobs.cross_validation",
    "tvgnn_cli.jobs.sweep_rows",
)  # fmt: skip
PATIENCE = 120
"""Seconds that a test waits for the end of a process."""


class Forks:
    """A process that forks one for each command; nothing but loading is done in it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._made = folder, 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked"], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def start(
        self,
        *arguments: object,
        cwd: Path,
        module: str = "tvgnn_cli",
        ignored: tuple[str, ...] = (),
        loaded: tuple[str, ...] = (),
        as_group: bool = False,
        **variables: str,
    ) -> Child:
        """Start `python -m MODULE ARGUMENTS` with these signals ignored and these variables set;
        before, these modules are loaded for this command and all others. As a group, all its
        processes have signals that are sent to its number.
        """
        self._made += 1
        said = self._folder / f"{self._made}.txt"
        said.touch()  # it may be killed before it writes
        task = {
            "module": module, "arguments": [str(each) for each in arguments], "cwd": str(cwd),
            "said": str(said), "ignored": ignored, "loaded": loaded, "as_group": as_group,
            "environment": {**os.environ, "PYTHONPATH": str(ROOT), **variables},
        }  # fmt: skip
        return Child(self, self.ask(task), said)

    def ask(self, task: dict[str, Any]) -> Any:
        """Ask the process for something."""
        print(json.dumps(task), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())


class Child:
    """A command that runs, as `subprocess.Popen` has it; its standard error goes to a file."""

    def __init__(self, forks: Forks, pid: int, said: Path) -> None:
        self._forks, self.pid, self._said = forks, pid, said
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, or minus the signal that killed it; None while it runs."""
        if self.returncode is None:
            self.returncode = self._forks.ask({"poll": self.pid})
        return self.returncode

    @property
    def said(self) -> str:
        """What it has written on standard error."""
        return self._said.read_text()

    @property
    def seconds(self) -> float:
        """Time of the processor that it has taken, while it runs."""
        user, system = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def until(self, happened: Any, pause: float = 0.005) -> None:
        """Wait until `happened()`, which must come before the process ends."""
        until = time.monotonic() + PATIENCE
        while not happened():
            assert self.poll() is None, self.said
            assert time.monotonic() < until, self.said
            time.sleep(pause)

    def ended(self) -> str:
        """Wait for the end; what it has written on standard error."""
        until = time.monotonic() + PATIENCE
        while self.poll() is None:
            if time.monotonic() > until:
                self.send_signal(signal.SIGKILL)
                raise AssertionError(f"it never ends: {self.said}")
            time.sleep(0.005)
        return self.said

    def send_signal(self, number: int) -> None:
        """Send a signal; its process is not waited for, so that its number is nobody else's."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def serve() -> None:
    """Do what is asked on standard input, until it is closed."""
    _load(LOADED)
    for line in sys.stdin:
        task = json.loads(line)
        answer = _poll(task["poll"]) if "poll" in task else _fork(task)
        print(json.dumps(answer), flush=True)


def _poll(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _load(names: Iterable[str]) -> None:
    for name in names:
        importlib.import_module(name)
    gc.freeze()


def _fork(task: dict[str, Any]) -> int:
    _load(task["loaded"])
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        if task["as_group"]:
            os.setsid()
        os.chdir(task["cwd"])
        os.environ.clear()
        os.environ.update(task["environment"])
        for name in ("SIGHUP", *task["ignored"]):  # the tests may run under nohup
            ignored = name in task["ignored"]
            signal.signal(getattr(signal, name), signal.SIG_IGN if ignored else signal.SIG_DFL)
        files = os.open(os.devnull, os.O_RDWR), os.open(task["said"], os.O_WRONLY | os.O_CREAT)
        for number, file in enumerate((files[0], *files)):
            os.dup2(file, number)
        sys.argv = ["", *task["arguments"]]
        runpy.run_module(task["module"], run_name="__main__", alter_sys=True)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
