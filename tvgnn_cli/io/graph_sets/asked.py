"""Settings of the reading of a set of graphs, checked before anything is read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tvgnn_cli.errors import UsageError, did_you_mean
from tvgnn_cli.io.wanted import AUTO, NONE

ATTRIBUTES, LABELS = "attributes", "labels"
VERTEX_FEATURES = (AUTO, ATTRIBUTES, LABELS, NONE)
"""Values of `vertex_features`."""

EDGE_ATTRIBUTES = "edge_attributes"
"""The `weight` that takes the only value that each edge has."""


@dataclass(frozen=True)
class Asked:
    """Wishes of a user for a set of graphs.

    Args:
        labels: a table of classes by graph; None for none.
        weight: what the weight of an edge is called; "none" for none; None for looking.
        vertex_features: one of `VERTEX_FEATURES`.
        cleaned: whether a TU data set is meant without its isomorphic graphs.
        data_root: where data sets live; None for the usual place.
        offline: never fetch a data set.

    Raises:
        UsageError: a value that is none of those.
    """

    labels: str | None = None
    weight: str | None = None
    vertex_features: str = AUTO
    cleaned: bool = False
    data_root: Path | None = None
    offline: bool = False

    def __post_init__(self) -> None:
        if self.vertex_features not in VERTEX_FEATURES:
            raise UsageError(
                f"`vertex_features` is '{str(self.vertex_features)[:40]}'."
                f"{did_you_mean(str(self.vertex_features), VERTEX_FEATURES)}"
            )
        if self.weight is not None and not isinstance(self.weight, str):
            raise UsageError(f"`weight` is of type {type(self.weight).__name__}; give its name")
        if self.labels is not None and not isinstance(self.labels, str | os.PathLike):
            raise UsageError(
                f"`labels` is of type {type(self.labels).__name__}; name a file"
                " (a list of graphs takes a list of their classes)"
            )

    @property
    def attributes(self) -> bool:
        """Tell whether numbers of vertices are wanted."""
        return self.vertex_features in (AUTO, ATTRIBUTES)

    @property
    def categories(self) -> bool:
        """Tell whether kinds of vertices are wanted."""
        return self.vertex_features in (AUTO, LABELS)

    @property
    def no_weight(self) -> bool:
        """Tell whether edges are to count alike, whatever the input says of them."""
        return self.weight is not None and self.weight.lower() == NONE

    @property
    def told(self) -> tuple[tuple[str, Any], ...]:
        """Names and values of the wishes that decide what is learned from, where there are any."""
        usual = Asked()
        names = ("weight", "vertex_features", "cleaned")
        given = ((name, getattr(self, name)) for name in names)
        return tuple((name, value) for name, value in given if value != getattr(usual, name))

    def refuse_cleaned(self, label: str) -> None:
        """Refuse `cleaned` for what has no cleaned form.

        Raises:
            UsageError: it was asked for.
        """
        if self.cleaned:
            raise UsageError(f"`cleaned`: {label} is no TU data set; leave it out")
