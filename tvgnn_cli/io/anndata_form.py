"""AnnData as a graph with features; needs the object, not the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, UsageError, did_you_mean, first_and_rest, reason_of
from tvgnn_cli.graph.edges import check_weights
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.sparse_arrays import checked
from tvgnn_cli.io.vertex_arrays import as_features

ADJACENCIES = ("connectivities", "spatial_connectivities")
"""Keys of `obsp` that are taken unasked, in this order: scanpy's and squidpy's own."""

MAKERS = "scanpy.pp.neighbors or squidpy.gr.spatial_neighbors"
"""Functions that make these."""

REPRESENTATION = "X_pca"
"""Key of `obsm` that is taken unasked, before `X`."""

NO_FEATURES = "none"


@dataclass(frozen=True)
class Choice:
    """Parts of an AnnData that are the graph: a key of `obsp`; a key of `obsm`, "X" or "none"."""

    obsp: str
    use_rep: str


def choose_parts(
    adata: Any,
    where: str,
    *,
    obsp: str | None = None,
    neighbors_key: str | None = None,
    use_rep: str | None = None,
) -> Choice:
    """Choose the parts of an AnnData that are the graph and its features.

    Args:
        adata: an AnnData, in memory or backed by its file.
        where: what messages call it.
        obsp: key of the adjacency; None for the first of `ADJACENCIES` that is there.
        neighbors_key: of `uns`, where scanpy's and squidpy's tools keep the name of an adjacency;
            in place of `obsp`.
        use_rep: key of `obsm`, "X", or "none" for no features; None for "X_pca" where that is
            there, else "X" where that is, else none.

    Raises:
        InputError: no AnnData, or a part that it does not have.
        UsageError: both `obsp` and `neighbors_key`.
    """
    if not all(hasattr(adata, name) for name in ("obs_names", "obsm", "obsp", "uns")):
        raise InputError(f"{where}: is a {type(adata).__name__}, not an AnnData")
    if obsp is not None and neighbors_key is not None:
        raise UsageError("obsp and neighbors_key name the same thing; give one of them")
    if neighbors_key is not None:
        obsp = _key_of_neighbors(adata, neighbors_key, where)
    return Choice(_adjacency_key(adata, obsp, where), _feature_key(adata, use_rep, where))


def _key_of_neighbors(adata: Any, key: str, where: str) -> str:
    kept = adata.uns.get(key)
    if not isinstance(kept, Mapping) or "connectivities_key" not in kept:
        known = [name for name, value in adata.uns.items() if isinstance(value, Mapping)]
        raise InputError(f"{where}: uns['{key}'] names no adjacency.{_known(key, known)}")
    return str(kept["connectivities_key"])


def _adjacency_key(adata: Any, asked: str | None, where: str) -> str:
    known = list(adata.obsp)
    if asked is None:
        asked = next((key for key in ADJACENCIES if key in known), None)
    usable = [key for key in known if not _holds_distances(key)]
    if asked is None:
        raise InputError(
            f"{where}: obsp has neither {' nor '.join(ADJACENCIES)}; {_others(known, usable)}, or "
            f"make one with {MAKERS}"
        )
    if asked not in known:
        raise InputError(f"{where}: obsp has no '{asked}'.{_known(asked, known)}")
    if _holds_distances(asked):
        remedy = f"take '{usable[0]}' beside it" if usable else f"make connectivities with {MAKERS}"
        raise InputError(
            f"{where}: obsp['{asked}'] holds distances, and weights are similarities; {remedy}"
        )
    return asked


def _holds_distances(key: str) -> bool:
    return "distances" in key


def _others(known: Sequence[str], usable: Sequence[str]) -> str:
    """The end of a message on a missing adjacency: the other keys of `obsp`, of which `usable` hold
    similarities.
    """
    if usable:
        return f"there is {', '.join(usable)}: name one"
    if known:
        return f"there is only {', '.join(known)}, and weights are similarities"
    return "there is none"


def _feature_key(adata: Any, asked: str | None, where: str) -> str:
    known = list(adata.obsm)
    if asked is None:
        return REPRESENTATION if REPRESENTATION in known else "X" if _has_x(adata) else NO_FEATURES
    if asked == "X" and not _has_x(adata):
        raise InputError(f"{where}: X is empty; name a key of obsm, or none")
    if asked not in ("X", NO_FEATURES, *known):
        raise InputError(f"{where}: obsm has no '{asked}'.{_known(asked, known)}")
    return asked


def _known(asked: str, known: Sequence[str]) -> str:
    return did_you_mean(asked, known) if known else " It has none."


def _has_x(adata: Any) -> bool:
    try:
        return adata.n_vars > 0 and adata.X is not None
    except KeyError:  # a file that was written without one
        return False


def graph_from_anndata(adata: Any, choice: Choice, where: str, name: str = "graph") -> Graph:
    """The graph of the observations, ids being their names.

    Args:
        adata: an AnnData, in memory or backed by its file.
        choice: of `choose_parts`.
        where: what messages call it.
        name: stem for output files.

    Raises:
        InputError: two observations of one name, weights that are no similarities, features that
            are no finite numbers.
    """
    import scipy.sparse as sp

    ids = np.array([str(vertex) for vertex in adata.obs_names], dtype=object)
    refuse_repeated(ids.tolist(), where)
    label = f"{where}: obsp['{choice.obsp}']"
    matrix = sp.coo_array(_in_memory(adata.obsp[choice.obsp], label))
    if matrix.dtype.kind not in "iufb":
        raise InputError(f"{label} has dtype {matrix.dtype}, not numbers")
    weight = matrix.data.astype(np.float64)
    check_weights(weight, label)
    x, names = _features(adata, choice.use_rep, ids, where)
    tail, head = matrix.coords
    return Graph.from_edges(
        ids,
        tail,
        head,
        weight,
        x=x,
        feature_names=names,
        name=name,
        notes=tuple(_notes(adata, choice)),
        explicit_ids=True,
    )


def refuse_repeated(ids: list[str], where: str) -> None:
    """Refuse observations of one name.

    Raises:
        InputError: naming the first.
    """
    seen: set[str] = set()
    repeated = [name for name in ids if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    if repeated:
        raise InputError(
            f"{where}: more than one observation is named {first_and_rest(repeated)}; "
            "obs_names_make_unique() gives each a name of its own"
        )


def _features(adata: Any, key: str, ids: np.ndarray, where: str) -> tuple[Any, tuple[str, ...]]:
    """Features `[n, f]` or None, and the names of their columns, where these have any."""
    if key == NO_FEATURES:
        return None, ()
    part = adata.X if key == "X" else adata.obsm[key]
    names = adata.var_names if key == "X" else getattr(part, "columns", ())
    label = f"{where}: {'X' if key == 'X' else f'''obsm['{key}']'''}"
    return as_features(_in_memory(part, label), ids, label), tuple(map(str, names))


def _in_memory(part: Any, label: str) -> Any:
    """A matrix, dense or sparse, of whatever an AnnData keeps it in.

    Raises:
        InputError: its file is damaged, or a sparse matrix is none.
    """
    try:
        part = part.to_memory() if hasattr(part, "to_memory") else part
        part = part if hasattr(part, "tocoo") else np.asarray(part)
    except MemoryError:
        raise
    except Exception as error:  # h5py and anndata raise many kinds for a file that is damaged
        raise InputError(f"{label} is damaged ({reason_of(error)})") from None
    return checked(part, label) if hasattr(part, "tocoo") else part


def _notes(adata: Any, choice: Choice) -> list[str]:
    others = [key for key in ADJACENCIES if key in adata.obsp and key != choice.obsp]
    spare = f"; '{others[0]}' is there too" if others else ""
    told = {"X": "X", NO_FEATURES: ""}.get(choice.use_rep, f"obsm['{choice.use_rep}']")
    notes = [f"graph: obsp['{choice.obsp}']{spare}"]
    return [*notes, f"features: {told}"] if told else notes
