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
            facts = json.loads(self.path.read_text())
            if not isinstance(facts, dict):
                raise ValueError(f"a {type(facts).__name__}")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise InputError(
                f"{self.path}: is not a row that tvgnn saved ({error}); remove it"
            ) from None
        return facts

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
        write_atomically(self.path, (json.dumps(facts, indent=2) + "\n").encode())
        if self.states is not None:
            shutil.rmtree(self.states, ignore_errors=True)
