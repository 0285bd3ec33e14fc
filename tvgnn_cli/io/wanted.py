"""Columns and attributes of an input that a user names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tvgnn_cli.errors import InputError, UsageError, did_you_mean
from tvgnn_cli.io.names import fold
from tvgnn_cli.io.source import is_natural

NONE, AUTO, ALL = "none", "auto", "all"
MEDIAN, MEAN = "median", "mean"
IMPUTED = (MEDIAN, MEAN)
"""Ways to fill missing values of features."""


class KnownColumns(tuple[str, ...]):
    """The columns that a model was trained on, of which those that are there are taken."""

    __slots__ = ()


@dataclass(frozen=True)
class ModelFills:
    """Values that a model has for missing ones, by column.

    Args:
        names: of the columns; empty where they have none.
        values: one for each column.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Wanted:
    """Names that a user gives; None where the reader is to look by itself.

    Args:
        feature_attrs: "auto", "none", "all", names split by commas, or the `KnownColumns` of a
            model.
        weight: name of the edges' weight; "none" for none.
        source: name, or number from 1, of the column of first ends.
        target: the same of second ends.
        id_attr: vertex attribute that holds the ids.
        label_attr: vertex attribute, or column of a table, with the true class; "none" for none.
        header: whether an edge list's first line names its columns.
        gaps: whether features may lack values, which are filled later.
        no_feature: an attribute that is no feature, since without a file of labels it would be the
            true class: labels change nothing else.
        labels_elsewhere: whether the true classes come from another file.
        keep_attributes: whether the graph is to carry what its file has, in `Graph.origin`.
        without_unnamed: whether "none" leaves out what has no name to choose by, too: features,
            classes and weights that are arrays.
        matrices: whether a table of numbers as high as wide is an adjacency matrix however small,
            since others beside it are.
    """

    feature_attrs: str | Sequence[str] | None = None
    weight: str | None = None
    source: str | None = None
    target: str | None = None
    id_attr: str | None = None
    label_attr: str | None = None
    header: bool | None = None
    gaps: bool = False
    no_feature: str | None = None
    labels_elsewhere: bool = False
    keep_attributes: bool = False
    without_unnamed: bool = False
    matrices: bool = False

    def leaves_out(self, name: str) -> bool:
        """Tell whether an option says "none"."""
        given = getattr(self, name)
        return isinstance(given, str) and given.strip().lower() == NONE

    def refuse(self, reader: str, *unused: str) -> None:
        """Refuse options that a reader has no use for.

        Raises:
            UsageError: one of them was given.
        """
        for name in unused:
            given = getattr(self, name)
            if isinstance(given, str | bool) and not self.leaves_out(name):
                raise UsageError(f"`{name}`: {reader}")


def find_named(asked: str, names: list[str], option: str, label: str, what: str) -> int:
    """The position of the column that a user names: by its name, its name in another case, or its
    number from 1.

    Raises:
        InputError: there is none.
    """
    if asked in names:
        return names.index(asked)
    alike = [i for i, name in enumerate(names) if fold(name) == fold(asked)]
    if len(alike) == 1 and fold(asked):
        return alike[0]
    if is_natural(asked) and 1 <= int(asked) <= len(names):
        return int(asked) - 1
    known = did_you_mean(asked, names) if names else " It has none."
    raise InputError(f"{label}: has no {what} '{asked}' ({option}).{known}")
