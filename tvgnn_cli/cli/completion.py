"""Completion in the shell: its two options, and the values that options complete to.

The shell is named by the user. A guess from the processes above this one is wrong where a script
or `make` stands between.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from typer.completion import (  # type: ignore[attr-defined]
    completion_init,
    install_callback,
    show_callback,
)

from tvgnn_cli.methods import METHODS

completion_init()  # what Typer does itself only for an app with its own two options

Shell = Literal["bash", "zsh", "fish", "powershell", "pwsh"]

InstallOption = Annotated[
    Shell | None,
    typer.Option(
        "--install-completion",
        metavar="SHELL",
        callback=install_callback,
        is_eager=True,
        help="Complete commands, options and names: bash, zsh, fish, powershell or pwsh.",
    ),
]
ShowOption = Annotated[
    Shell | None,
    typer.Option(
        "--show-completion",
        metavar="SHELL",
        callback=show_callback,
        is_eager=True,
        help="Print what --install-completion would install.",
    ),
]


def methods(incomplete: str) -> list[str]:
    """Names of methods that begin so."""
    return [name for name in METHODS if name.startswith(incomplete)]


def graphs(incomplete: str) -> list[str]:
    """Names of data sets that begin so; none where a file does, as then the shell completes it."""
    from tvgnn_cli.io.datasets import NAMED

    seen = (path.name for path in Path().iterdir() if incomplete or path.name[0] != ".")
    if any(name.startswith(incomplete) for name in seen):
        return []
    return [name for name in NAMED if name.startswith(incomplete)]
