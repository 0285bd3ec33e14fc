"""Rows of a sweep in a folder: what is done stays done, and is done by one process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.evaluation.metric_table import check_metrics
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.claims import Claim, Holder
from tvgnn_cli.io.schema import conform
from tvgnn_cli.jobs.kept_labels import LABELS, labels_of
from tvgnn_cli.jobs.ledger import Entry
from tvgnn_cli.machine.versions import versions
from tvgnn_cli.observer import Observer

DECISIVE = ("input_fingerprint", "config_fingerprint")
"""Columns that make two runs different; versions change no more than the last digits."""

NEEDED = ("num_clusters", "clusters_used", "modularity")
"""Metrics of every row that did not fail, which the suggestion of a number of clusters is made of.
"""

ASKED = "asked_fingerprint"
"""Name of the fingerprint of the settings that a row was asked for with, where it has others."""

SETTLED = ("num_clusters", "method", "preset", "seed")
"""Settings that a row has among its metrics."""


@dataclass(frozen=True, eq=False)
class KeptRow:
    """Place of one configuration's row, and of the states of its training."""

    folder: Path
    graph: Graph
    config: ClusterConfig

    @cached_property
    def identity(self) -> dict[str, str]:
        """Columns of the row that tell the run that made it."""
        fingerprints = self.graph.fingerprint(), self.config.fingerprint()
        return {**dict(zip(DECISIVE, fingerprints, strict=True)), **versions()}

    @cached_property
    def key(self) -> str:
        return "-".join(self.identity[name][:12] for name in DECISIVE)

    @cached_property
    def entry(self) -> Entry:
        """Place of the row in the folder."""
        path = self.folder / f"row-{self.key}{_classes(self.graph)}.json"
        return Entry(path, self.key, self.states)

    @property
    def path(self) -> Path:
        return self.entry.path

    @property
    def states(self) -> Path:
        return self.folder / f"states-{self.key}"

    def read(self, observer: Observer) -> dict[str, Any] | None:
        """The row; None where there is none, or that of another run, whatever its name says.

        Raises:
            InputError: it is damaged.
        """
        row = self.entry.read()
        if row is None:
            return None
        asked = row.pop(ASKED, row.get("config_fingerprint"))
        said = {**row, "config_fingerprint": asked}
        differing = [name for name, value in self.identity.items() if said.get(name) != value]
        if not {*DECISIVE}.isdisjoint(differing):
            observer.warning(f"{self.path}: is of another run, and is made again")
            return None
        try:
            conform(str | None, row.get("error"), "error")
            check_metrics(row, () if row.get("error") else NEEDED)
            self._check_settings(row)
            self._check_labels(row)
        except ValueError as error:
            raise self.entry.refused(error) from None
        for name in differing:
            made_with = f"{name.removeprefix('version_')} {row.get(name)}"
            observer.warning(
                f"{self.path.name} was made with {made_with}, this is {self.identity[name]}: the "
                "last digits may differ"
            )
        return row

    def keep(self, row: Mapping[str, Any]) -> None:
        """Write the row, for which the states of its training are no longer needed.

        Raises:
            UsageError: it cannot be written.
        """
        asked = self.identity["config_fingerprint"]
        # Where a number of clusters was chosen, the row has the settings with that number.
        is_same = row.get("config_fingerprint") == asked
        self.entry.keep(row if is_same else {**row, ASKED: asked})

    def _check_labels(self, row: Mapping[str, Any]) -> None:
        """Refuse clusters that are not those of the graph's vertices.

        Raises:
            ValueError: they are none.
        """
        if row.get(LABELS) is not None:  # which rows of older versions lack
            labels_of(row, self.graph.num_vertices)

    def _check_settings(self, row: Mapping[str, Any]) -> None:
        """Refuse a row that says otherwise than the configuration that it is of.

        Raises:
            ValueError: it does.
        """
        for name in SETTLED:
            wanted = getattr(self.config, name)
            if wanted is not None and row.get(name, wanted) != wanted:
                raise ValueError(f"{name} is {row[name]!r:.40}, of a row of {wanted}")

    @contextmanager
    def claimed(self) -> Iterator[Claim]:
        """While the row is made, which no other process makes then.

        Raises:
            UsageError: another one does.
        """
        found = self.entry.claim()
        if isinstance(found, Holder):
            raise self.entry.refusal(found)
        try:
            yield found
        finally:
            found.release()


def _classes(graph: Graph) -> str:
    """Part of a row's name: its scores are of these true classes, its training is not."""
    if graph.y is None:
        return ""
    told = "\0".join(graph.class_names).encode() + graph.y.tobytes()
    return f"-{hashlib.sha256(told).hexdigest()[:8]}"
