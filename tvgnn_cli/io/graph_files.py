"""Graphs with their clusters, written in the forms of the programs that they come from."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from tvgnn_cli.errors import UsageError, some_of
from tvgnn_cli.graph.property_graph import PropertyGraph
from tvgnn_cli.io.atomic import write_atomically
from tvgnn_cli.io.clustered_graph import ClusteredGraph
from tvgnn_cli.io.gexf_writer import gexf_parts
from tvgnn_cli.io.graphml_writer import graphml_parts
from tvgnn_cli.io.h5ad_writer import write_h5ad
from tvgnn_cli.io.json_writer import json_parts, notes_on_json
from tvgnn_cli.io.writers import check_target, suffix_of
from tvgnn_cli.io.xml_text import XmlText

Encoder = Callable[[PropertyGraph, XmlText, str], Iterator[str]]


def _write_xml(
    encode: Encoder, pack: bool, clustered: ClusteredGraph, target: str
) -> tuple[str, ...]:
    text = XmlText()
    parts = (part.encode() for part in encode(clustered.together(), text, target))
    write_atomically(Path(target), _gzipped(parts) if pack else parts)
    lost = list(clustered.graph.graph_attributes) if encode is gexf_parts else []
    return tuple(_notes(clustered.replaced, lost, text.unwritable, target))


def _notes(
    replaced: Sequence[str], lost: Sequence[str], unwritable: int, target: str
) -> Iterator[str]:
    if replaced:
        yield f"{target}: attributes of the input that were replaced: {some_of(replaced)}"
    if lost:
        yield f"{target}: attributes of the graph, for which GEXF has no place: {some_of(lost)}"
    if unwritable:
        yield f"{target}: control characters, written as \\x01 and the like: {unwritable:,}"


def _write_json(pack: bool, clustered: ClusteredGraph, target: str) -> tuple[str, ...]:
    graph = clustered.together()
    encoded = (part.encode() for part in json_parts(graph))
    write_atomically(Path(target), _gzipped(encoded) if pack else encoded)
    return (*_notes(clustered.replaced, [], 0, target), *notes_on_json(graph, target))


def _gzipped(parts: Iterable[bytes]) -> Iterator[bytes]:
    """In gzip's form, without a time in its head: the same bytes each time."""
    packer = zlib.compressobj(wbits=31)
    for part in parts:
        yield packer.compress(part)
    yield packer.flush()


GraphWriter = Callable[[ClusteredGraph, str], tuple[str, ...]]

GRAPH_WRITERS: dict[str, GraphWriter] = {
    ".graphml": partial(_write_xml, graphml_parts, False),
    ".graphml.gz": partial(_write_xml, graphml_parts, True),
    ".gexf": partial(_write_xml, gexf_parts, False),
    ".gexf.gz": partial(_write_xml, gexf_parts, True),
    ".json": partial(_write_json, False),
    ".json.gz": partial(_write_json, True),
    ".h5ad": write_h5ad,
}
"""Suffix to writer, for graphs with their clusters; a writer gives what is to be said."""


def is_graph_file(target: str) -> bool:
    """Tell whether a target is named as a graph file is."""
    return suffix_of(target) in GRAPH_WRITERS


def write_graph(clustered: ClusteredGraph, target: str) -> tuple[str, ...]:
    """Write a graph with its clusters; what is to be said of it.

    Raises:
        UsageError: an unknown suffix, a target that cannot be written, ids that its form cannot
            hold.
    """
    check_target("", target, GRAPH_WRITERS, ())
    if not is_graph_file(target):
        raise UsageError(f"{target}: a graph needs a name that ends in one of its suffixes")
    return GRAPH_WRITERS[suffix_of(target)](clustered, target)
