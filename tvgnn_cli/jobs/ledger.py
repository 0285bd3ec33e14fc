"""A ledger of work in a folder: each piece is done once, kept whole, and gone on with.

A piece is a file of what came of it, and meanwhile the folder of its states. A process claims a
piece while it works on it; where another does, there is nothing to do here. Sweeps, batches and the
paper's experiments keep theirs so.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.io.atomic import write_atomically
from tvgnn_cli.io.claims import Claim, Holder, claim_apart
from tvgnn_cli.io.json_text import CHECKSUM, read_object, signed, unsigned
from tvgnn_cli.io.schema import Cell, conform

FORMAT_KEY, FORMAT = "row_format", 2
"""Field of a row that says its form. Rows of the first form have no such field and no checksum, and
are taken as they are: they may have cost days.
"""


def read_row(path: Path) -> dict[str, Any]:
    """The row that a file holds.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read.
        ValueError: it is none, or another than was written.
    """
    facts = read_object(path)
    if FORMAT_KEY in facts or CHECKSUM in facts:
        facts = unsigned(facts)
        found = facts.pop(FORMAT_KEY, None)
        if found != FORMAT:
            raise ValueError(f"a row of version {found!r:.20}, not {FORMAT}")
    for name, value in facts.items():
        if name == NESTED:
            conform(tuple[tuple[int, ...], ...], value, name)
        else:
            conform(Cell, value, name)
    return facts


NESTED = "confusion"
"""Column of a cross-validation's rows that is a table itself."""


@dataclass(frozen=True)
class Entry:
    """One piece of work.

    Args:
        path: file of what came of it, in JSON.
        key: what tells it from other pieces of the folder.
        states: folder of what it goes on from; None where there is none to remove.
    """

    path: Path
    key: str
    states: Path | None = None

    def read(self) -> dict[str, Any] | None:
        """Row that came of it; None where it is not done.

        Raises:
            InputError: the file is damaged.
        """
        try:
            return read_row(self.path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise self.refused(error) from None

    def refused(self, error: object) -> InputError:
        """Error for a file that is no row of this piece."""
        return InputError(f"{self.path}: is not a row that tvgnn saved ({error}); remove it")

    def claim(self) -> Claim | Holder:
        """Claim it for this process, until the claim is released; or who else works on it."""
        wanted = {"row": self.key}
        return claim_apart(self.path.parent, wanted, self._is_of_this)

    def _is_of_this(self, holder: Holder) -> bool:
        # Who says nothing of a row has claimed the whole folder.
        return bool(holder.facts.get("row", self.key) == self.key)

    def refusal(self, holder: Holder) -> UsageError:
        """Say who works on it, where that ends the command."""
        return UsageError(f"`checkpoint` {self.path.parent}: {holder}")

    def keep(self, facts: Mapping[str, Any]) -> None:
        """Write what came of it, for which its states are no longer needed.

        Raises:
            UsageError: it cannot be written.
        """
        kept = signed({FORMAT_KEY: FORMAT, **facts})
        write_atomically(self.path, (json.dumps(kept, indent=2) + "\n").encode())
        if self.states is not None:
            shutil.rmtree(self.states, ignore_errors=True)
