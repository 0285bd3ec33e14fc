"""AnnData files, as scanpy and squidpy write them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, did_you_mean, shown
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import Column, column_of
from tvgnn_cli.io.anndata_form import ADJACENCIES, NO_FEATURES, choose_parts, graph_from_anndata
from tvgnn_cli.io.attribute_choice import Asked
from tvgnn_cli.io.classes import classes_of
from tvgnn_cli.io.hdf5_walk import damage_told, refuse_damage
from tvgnn_cli.io.roles import class_attribute
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import ALL, AUTO, NONE, Wanted
from tvgnn_cli.machine.libraries import require

NEEDS_ANNDATA = ".h5ad files need the library anndata: pip install 'tvgnn[anndata]'"


def read_h5ad(source: Source, wanted: Wanted | None = None) -> Graph:
    """Read the observations of an AnnData, joined by an adjacency in `obsp`.

    `--weight` names a key of `obsp`, else the adjacency is "connectivities" or
    "spatial_connectivities", else the only one without "distances" in its name. `--feature-attrs`
    names a key of `obsm`, or `X`; else features are "X_pca", or `X`. The true class is a column of
    `obs`, by `--label-attr` or as in GraphML.

    Raises:
        UsageError: anndata is not installed.
        InputError: the file is damaged or no AnnData, has no such parts, or parts that cannot be
            used.
    """
    wanted = wanted or Wanted()
    anndata = require("anndata", NEEDS_ANNDATA)
    with silent(), _opened(anndata, source) as adata:
        choice = choose_parts(
            adata,
            source.label,
            obsp=_obsp(adata, wanted.weight, source.label),
            use_rep=_use_rep(adata, wanted.feature_attrs, source.label),
        )
        graph = graph_from_anndata(adata, choice, source.label, source.stem)
        if wanted.weight is not None and wanted.weight.lower() == NONE:
            graph = replace(graph, edge_weight=None)
        return _with_class(graph, ObsColumns(adata.obs), wanted.label_attr, source.label)


@contextmanager
def silent() -> Iterator[None]:
    """Without what anndata says of its own, such as that names are not unique."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _opened(anndata: Any, source: Source) -> Iterator[Any]:
    """The AnnData, its X left in the file."""
    refuse_damage(source)
    with damage_told(source.label):
        adata = anndata.read_h5ad(source.path, backed="r")
    try:
        _check_names(adata, source.label)
        yield adata
    finally:
        adata.file.close()


def _check_names(adata: Any, label: str) -> None:
    """Refuse parts whose names are no text: such names come as bytes.

    Raises:
        InputError: naming the first.
    """
    for part in ("obsp", "obsm", "uns"):
        for name in getattr(adata, part):
            if not isinstance(name, str):
                raise InputError(f"{label}: {part} has a name that is no text, {shown(name)}")


def _obsp(adata: Any, asked: str | None, label: str) -> str | None:
    """The key of the adjacency; None where its usual names tell.

    Raises:
        InputError: no key of that name, or several and none of a usual name.
    """
    known = list(adata.obsp)
    if asked is not None and asked.lower() != NONE:
        if asked not in known:
            hint = did_you_mean(asked, known) if known else " It has none."
            raise InputError(f"{label}: obsp has no '{asked}' (`weight`).{hint}")
        return asked
    free = [key for key in known if "distances" not in key]
    if any(key in known for key in ADJACENCIES) or not free:
        return None
    if len(free) > 1:
        raise InputError(
            f"{label}: obsp has {', '.join(free)}; `weight` NAME says which is the graph"
        )
    return str(free[0])


def _use_rep(adata: Any, asked: Asked, label: str) -> str | None:
    """The key of the features; None for the usual one.

    Raises:
        InputError: no key of that name.
        UsageError: several names.
    """
    known = ["X", *adata.obsm]
    if asked is not None and not isinstance(asked, str):  # the columns that a model knows
        return "X" if set(asked) & set(adata.var_names) else None
    if asked is None or asked in known:
        return asked
    if asked.strip().lower() == AUTO:
        return None
    if asked.strip().lower() == NONE:
        return NO_FEATURES
    if "," in asked or asked.strip().lower() == ALL:
        raise UsageError(
            f"`feature_attrs`: {label} takes one of {', '.join(known)}, or none, not {asked!r}"
        )
    hint = did_you_mean(asked, known)
    raise InputError(f"{label}: has no features '{asked}' (`feature_attrs`).{hint}")


class ObsColumns(Mapping[str, Column]):
    """The columns of `obs`, each made one of ours when it is asked for; categories are text."""

    def __init__(self, obs: Any) -> None:
        self.obs = obs

    def __getitem__(self, name: str) -> Column:
        values = self.obs[name]
        if values.dtype == "category":
            used = values.cat.remove_unused_categories().cat
            codes = used.codes.to_numpy()
            filled = column_of([*used.categories.tolist(), None])  # of which -1 is the last
            return filled.take(codes)
        kind = values.dtype.kind
        if kind in "if" and isinstance(values.dtype, np.dtype) and values.notna().any():
            numbers = values.to_numpy().astype(np.int64 if kind == "i" else np.float64)
            gaps = np.isnan(numbers)
            return Column(np.where(gaps, 0, numbers), gaps if gaps.any() else None)
        return column_of(values.astype(object).where(values.notna(), None).tolist())

    def __iter__(self) -> Iterator[str]:
        return iter(self.obs.columns)

    def __len__(self) -> int:
        return len(self.obs.columns)


def _with_class(
    graph: Graph, columns: Mapping[str, Column], asked: str | None, label: str
) -> Graph:
    """With the true class, where a column of `obs` is one."""
    name, notes = class_attribute(columns, asked, label)
    if name is None:
        return graph
    found = classes_of(columns[name].texts())
    return graph.with_labels(
        found.codes, found.names, found.said(notes[0].partition(": ")[2]), *found.notes
    )
