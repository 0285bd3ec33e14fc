"""GraphML, read by networkx, with what it does not check: entities, missing values, weights."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from typing import Any
from xml.parsers import expat

import numpy as np

from tvgnn_cli.edges import SIMILARITIES, unusable_weights
from tvgnn_cli.errors import InputError, did_you_mean, first_and_rest
from tvgnn_cli.graph import Graph, check_features, class_texts, compact, encode_labels
from tvgnn_cli.io.source import Source, is_number

LABEL_ATTRIBUTES = ("label", "y")


def read_graphml(source: Source, label_attr: str | None = None) -> Graph:
    """Read a GraphML file: numeric vertex attributes are the features, `weight` is the weight.

    `label_attr` names the true class of each vertex; without it, `label` or `y` is taken where
    it looks like one (fewer values than vertices). "none" takes none.

    Raises:
        InputError: broken XML (with its line), entity declarations, attributes that some
            vertices or edges lack, weights or features that are not usable numbers.
    """
    network = _parse(source)
    return graph_from_networkx(network, source.label, source.stem, label_attr)


def _parse(source: Source) -> Any:
    import networkx as nx

    data = source.read_bytes()
    _screen(data, source.label)
    try:
        return nx.read_graphml(io.BytesIO(data))
    except (KeyError, ValueError) as error:
        raise InputError(
            f"{source.label}: is not readable as GraphML: a value does not fit the attr.type of "
            f"its <key>, or names none ({error})"
        ) from None
    except (nx.NetworkXError, TypeError, AttributeError) as error:
        raise InputError(f"{source.label}: is not readable as GraphML: {error}") from None
    except StopIteration:
        raise InputError(f"{source.label}: holds no graph element") from None


def _screen(data: bytes, label: str) -> None:
    """Walk the XML once: well-formed, without any entity declaration, of one graph, whose vertices
    are declared once each.
    """
    parser = expat.ParserCreate()
    declared: dict[str, int] = {}
    graphs = depth = 0

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, graphs
        depth += 1
        kind, line = tag.rpartition(":")[2], parser.CurrentLineNumber
        if kind == "graph" and depth == 2:
            graphs += 1
            if graphs > 1:
                raise InputError(f"{label}: line {line}: a second <graph>; a file is one: split it")
        elif kind == "node" and "id" in attributes:
            name = attributes["id"]
            if name in declared:
                raise InputError(
                    f"{label}: line {line}: vertex '{name}' has been declared in line "
                    f"{declared[name]}"
                )
            declared[name] = line

    def closed(_: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(name: str, *_: object) -> None:
        raise InputError(
            f"{label}: line {parser.CurrentLineNumber}: declares the XML entity '{name}'; "
            "entities are refused, write their text out"
        )

    parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise InputError(
            f"{label}: line {error.lineno}: the XML is broken or cut short ({reason})"
        ) from None
    except (LookupError, ValueError) as error:
        raise InputError(
            f"{label}: line 1: its encoding cannot be read ({error}); save the file as UTF-8"
        ) from None


def graph_from_networkx(
    network: Any, label: str, name: str = "graph", label_attr: str | None = None
) -> Graph:
    """A networkx graph of any kind in our form, its attributes as `read_graphml` takes them."""
    vertices = list(network.nodes)
    ids = np.array([str(vertex) for vertex in vertices], dtype=object)
    if len(set(ids.tolist())) < len(ids):
        raise InputError(f"{label}: two vertices have the same id when written as text")
    index = {vertex: i for i, vertex in enumerate(vertices)}
    rows = list(network.edges(data=True))
    tail = np.array([index[u] for u, _, _ in rows], dtype=np.int64)
    head = np.array([index[v] for _, v, _ in rows], dtype=np.int64)
    edge_defaults = network.graph.get("edge_default", {})
    rows = [(u, v, {**edge_defaults, **data}) for u, v, data in rows]
    weight = _edge_weights(rows, label)
    defaults = network.graph.get("node_default", {})
    attributes = {str(vertex): {**defaults, **data} for vertex, data in network.nodes(data=True)}
    chosen, notes = _label_attribute(attributes, label, label_attr)
    y, class_names = _labels(attributes, chosen)
    x, feature_names, feature_notes = _features(attributes, chosen, label)
    return Graph.from_edges(
        ids,
        tail,
        head,
        weight,
        undirected=not network.is_directed(),
        x=x,
        feature_names=feature_names,
        y=y,
        class_names=class_names,
        name=name,
        notes=notes + feature_notes,
        explicit_ids=True,
    )


def _edge_weights(rows: list[tuple[Any, Any, dict[str, Any]]], label: str) -> np.ndarray | None:
    lacking = [f"{u} - {v}" for u, v, data in rows if "weight" not in data]
    if len(lacking) == len(rows):
        return None
    if lacking:
        raise InputError(f"{label}: edge {first_and_rest(lacking)} has no weight, others have")
    try:
        weight = np.array([float(data["weight"]) for _, _, data in rows])
    except (TypeError, ValueError):
        raise InputError(f"{label}: the edge attribute 'weight' is not a number") from None
    bad = unusable_weights(weight)
    if len(bad):
        u, v, _ = rows[bad[0]]
        raise InputError(f"{label}: edge '{u}' - '{v}' has weight {weight[bad[0]]}; {SIMILARITIES}")
    return weight


Attributes = dict[str, dict[str, Any]]


def _names(attributes: Attributes) -> list[str]:
    """Attribute names in order of first appearance."""
    return list(dict.fromkeys(name for data in attributes.values() for name in data))


def _label_attribute(
    attributes: Attributes, label: str, asked: str | None
) -> tuple[str | None, tuple[str, ...]]:
    names = _names(attributes)
    if asked is not None and asked.lower() == "none":
        return None, ()
    if asked is not None:
        if asked not in names:
            raise InputError(f"{label}: no vertex attribute '{asked}'.{did_you_mean(asked, names)}")
        return asked, ()
    for name in LABEL_ATTRIBUTES:
        if name == "y" and "x" in names:
            continue  # a place in a drawing
        found = class_texts(data[name] for data in attributes.values() if name in data)
        if 1 < len(set(found)) < len(attributes) and not any(map(_is_fraction, found)):
            return name, (f"true labels: vertex attribute '{name}'",)
    return None, ()


def _is_fraction(value: str) -> bool:
    return is_number(value) and math.isfinite(float(value)) and float(value) % 1 != 0


def _labels(
    attributes: Attributes, chosen: str | None
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    if chosen is None:
        return None, ()
    return encode_labels(class_texts(data.get(chosen, "") for data in attributes.values()))


def _column(attributes: Attributes, name: str, label: str) -> list[Any]:
    lacking = [vertex for vertex, data in attributes.items() if name not in data]
    if lacking:
        raise InputError(
            f"{label}: vertex {first_and_rest(lacking)} has no attribute '{name}', others have; "
            "give a default in its <key> element"
        )
    return [data[name] for data in attributes.values()]


def _features(
    attributes: Attributes, chosen: str | None, label: str
) -> tuple[np.ndarray | None, tuple[str, ...], tuple[str, ...]]:
    """Columns of the numeric attributes `[n, f]`, their names, and which others were left out."""
    # A label that was not chosen is still a label: as a feature it would give the answer away.
    hidden = {chosen, *LABEL_ATTRIBUTES}
    names = [name for name in _names(attributes) if name not in hidden]
    numeric = [
        name for name in names if _is_numeric(d[name] for d in attributes.values() if name in d)
    ]
    ignored = [name for name in names if name not in numeric]
    notes: tuple[str, ...] = ()
    if ignored:
        notes = (f"attributes that are not numbers, ignored: {', '.join(ignored)}",)
    spare = [name for name in LABEL_ATTRIBUTES if name in _names(attributes) and name != chosen]
    if spare:
        either = "neither feature nor true class: it could be one (--label-attr)"
        notes += tuple(f"attribute '{name}' is {either}" for name in spare)
    if not numeric:
        return None, (), notes
    columns = [[_number(v) for v in _column(attributes, name, label)] for name in numeric]
    for name, column in zip(numeric, columns, strict=True):
        check_features(np.array([column]).T, list(attributes), f"{label}: attribute '{name}'")
    note = f"features: vertex attributes {', '.join(numeric[:6])}"
    note += f" and {len(numeric) - 6} more" if len(numeric) > 6 else ""
    return compact(np.array(columns).T), tuple(numeric), (note, *notes)


def _number(value: Any) -> float:
    """As a float; infinite beyond its range."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _is_numeric(values: Iterable[Any]) -> bool:
    return all(isinstance(v, int | float | np.number) for v in values)
